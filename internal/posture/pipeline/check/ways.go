package check

import (
	"fmt"
	"slices"
	"strconv"
	"strings"

	"github.com/trailhound/trailhound/internal/posture/pipeline/model"
	"github.com/trailhound/trailhound/internal/posture/pipeline/read"
	"github.com/trailhound/trailhound/internal/posture/pipeline/rx"
	"github.com/trailhound/trailhound/internal/posture/pipeline/trust"
)

// repoName is owner/name, as everywhere in the audit.
func repoName(location string) string { return read.RepoName(location) }

// way is a filter group, or the webhook that has none.
func (s *Scene) way(o *owner, w trust.Way, filters []model.Filter, label string) *Subject {
	pulls := slices.ContainsFunc(w.Events, isPull)
	list := w.Actors != nil && w.Actors.Finite && len(w.Actors.Listed) > 0
	v := view{
		"group": w.Group, "verdict": w.Verdict.String(), "pull_requests": pulls, "pushes": slices.Contains(w.Events, model.Push), "policy": w.Policy,
		"gates": notNil(w.Gates), "head_ref": slices.Contains(w.Gates, model.HeadRef), "list": list, "actors": w.Actors != nil, "finite": false, "beyond": false,
		"deny_only": denyOnly(filters), "weak_roles": []string{}, "everybody": false, "events_stated": stated(filters, model.Event), "stale": s.stale(o, w),
		"template": o.Project.Form.Template(),
	}
	// ungated: pull requests build, and neither a list nor a comment stands before them.
	open := any(w.Verdict.Open())
	ungated := any(pulls && !list && (w.Policy == trust.PolicyOff || w.Policy == "" || w.Policy == trust.PolicyWeak && w.Verdict == trust.Anyone))
	if w.Verdict == trust.Unknown {
		open = s.unknown("who gets in by %s is not known: %s", label, w.Why)
		ungated = open
		if len(filters) == 0 && w.Group >= 0 {
			v["pull_requests"], v["events_stated"] = open, open
		}
	}
	v["open"], v["ungated"] = open, ungated
	words := map[string]string{"group": label, "witness": w.Witness, "gates": strings.Join(w.Gates, " and ")}
	if a := w.Actors; a != nil {
		v["finite"], v["beyond"] = a.Finite, a.Witness != "" || a.Finite && len(a.Listed) == 0 && a.Count != "0" || s.undeclared(o, a) != ""
		if a.Cannot != "" {
			u := s.unknown("the actor filter cannot be analysed: %s", a.Cannot)
			v["finite"], v["beyond"], v["list"] = u, u, u
		}
		words["witness"], words["count"] = a.Witness, a.Count
		if u := s.undeclared(o, a); u != "" && a.Witness == "" {
			words["witness"] = u
		}
		words["ids"] = strings.Join(a.Listed, "|")
		if len(a.Spelled) > 0 && words["ids"] == "" {
			words["ids"] = strings.Join(a.Spelled, "|")
		}
	}
	listing(words)
	if p := o.Project.Webhook.V.Policy; p.Known() {
		if p.V.Roles.Unknown() {
			v["weak_roles"] = s.r.unknown(p.V.Roles.Why)
		} else if p.V.Requires.V != "DISABLED" {
			weak := trust.WeakRoles(p.V.Roles.V)
			v["weak_roles"], v["everybody"] = notNil(weak), slices.ContainsFunc(weak, func(r string) bool { return !strings.HasSuffix(r, "_TRIAGE") })
			words["roles"] = strings.Join(weak, ", ")
		}
	}
	addList(words, "stale", v["stale"])
	sub := s.subject("way", label, w.At, o, v, words)
	if a := w.Actors; a != nil && len(a.Spelled) > 0 && len(a.Spelled) <= 50 && sole(filters) {
		for _, f := range filters {
			if f.Kind().V == model.Actor { // what the pattern spells is what its author meant
				sub.edits = append(sub.edits, subjectEdit{"PG-WH-03", Edit{f.Pattern.At.File, f.Pattern.At.Line, AsWord, f.Pattern.V, words["listed_pattern"]}})
			}
		}
	}
	return sub
}

// stated says whether the group has a filter of that kind; one whose type is not known
// may be it.
func stated(filters []model.Filter, kind string) bool {
	return slices.ContainsFunc(filters, func(f model.Filter) bool { return f.Type.Unknown() || f.Kind().V == kind })
}

// denyOnly says whether the group filters actors, and only by excluding some.
func denyOnly(filters []model.Filter) bool {
	deny := false
	for _, f := range filters {
		if f.Kind().V == model.Actor {
			if !f.Exclude.Or(false) {
				return false
			}
			deny = true
		}
	}
	return deny
}

// undeclared is a listed id that the trust model does not name, when it names
// account ids at all.
func (s *Scene) undeclared(o *owner, a *trust.Actors) string {
	ids := map[string]bool{}
	for _, w := range o.declared.Writers {
		if _, err := strconv.Atoi(w); err == nil {
			ids[w] = true
		}
	}
	if len(ids) == 0 {
		return ""
	}
	for _, id := range a.Listed {
		if !ids[id] {
			return id
		}
	}
	return ""
}

// stale are listed ids that GitHub says are nobody who should be listed.
func (s *Scene) stale(o *owner, w trust.Way) any {
	if w.Actors == nil || len(w.Actors.Listed) == 0 {
		return []string{}
	}
	if len(s.Inventory.Contributors) == 0 {
		return s.unknown("nothing from GitHub was given about the listed accounts")
	}
	out := []string{}
	for _, c := range s.Inventory.Contributors {
		if !slices.Contains(w.Actors.Listed, c.ID.V) {
			continue
		}
		switch {
		case c.Gone.Or(false):
			out = append(out, c.ID.V+" is gone")
		case c.Type.V == "Bot" || c.Type.V == "Organization":
			out = append(out, c.ID.V+" is a "+c.Type.V)
		case c.Writer.Known() && !c.Writer.V:
			out = append(out, c.ID.V+" cannot write")
		}
	}
	return out
}

// refKinds are filters whose pattern is about a name that a writer chooses.
var refKinds = []string{model.HeadRef, model.BaseRef, model.TagName, model.ReleaseName, model.WorkflowName, model.Repository, model.Organization}

// filter is one filter of a group. Whether its pattern is anchored, empty or can be
// analysed at all is worked out only where the pattern is known.
func (s *Scene) filter(o *owner, w trust.Way, group []model.Filter, f model.Filter, label string) *Subject {
	kind := f.Kind()
	v := view{"type": put(s.r, f.Type), "kind": put(s.r, kind), "pattern": put(s.r, f.Pattern), "exclude": or(s.r, f.Exclude, false), "ref": slices.Contains(refKinds, kind.V),
		"anchored": true, "analysable": true, "empty": false,
		"supported": supported(o.Project.Source.Provider(), f), "dead": false, "template": o.Project.Form.Template()}
	words := map[string]string{"filter": label, "type": f.Type.V, "pattern": f.Pattern.V, "group": fmt.Sprintf("filter group %d", w.Group+1)}
	listing(words)
	switch {
	case kind.V == model.Event:
	case !f.Pattern.Known():
		u := s.unknown("the pattern is not known: %s", f.Pattern.Why)
		if f.Pattern.Absent() {
			u = s.unknown("the filter has no pattern")
		}
		v["anchored"], v["analysable"], v["empty"] = u, u, u
	default:
		s.patternFacts(o, w, group, f, v, words)
	}
	events := w.Events
	onlyPush := len(events) > 0 && !slices.ContainsFunc(events, func(e string) bool { return strings.HasPrefix(e, "PULL_REQUEST_") })
	v["dead"] = kind.V == model.BaseRef && onlyPush && !f.Exclude.Or(false)
	sub := s.subject("filter", label, f.At, o, v, words)
	if at := f.Pattern.At; words["anchored"] != "" {
		sub.edits = append(sub.edits, subjectEdit{"PG-WH-09", Edit{at.File, at.Line, AsWord, f.Pattern.V, words["anchored"]}})
	}
	return sub
}

// patternFacts analyses a pattern as a language: which texts it accepts, not what it looks
// like. Actor filters list ids, others match names that a writer chooses.
func (s *Scene) patternFacts(o *owner, w trust.Way, group []model.Filter, f model.Filter, v view, words map[string]string) {
	var err error
	kind := f.Kind().V
	if kind == model.Actor && w.Actors != nil && w.Actors.Cannot == "" && sole(group) {
		// The group's analysis is this filter's.
		v["empty"] = w.Actors.Finite && w.Actors.Count == "0"
		words["count"] = w.Actors.Count
	} else if kind == model.Actor {
		var a rx.Accepted
		if a, err = s.accept(o.Project.Source.Provider(), f.Pattern.V); err == nil {
			v["empty"] = a.Finite && a.Count.Sign() == 0
			words["count"] = a.Count.String()
		}
	} else {
		var shape rx.Shape
		if shape, err = s.memo.Look(f.Pattern.V, slices.Contains(refKinds, kind)); err == nil {
			v["anchored"], v["empty"], words["witness"] = shape.Anchored, shape.Empty, shape.Witness
			inner := strings.TrimSuffix(strings.TrimPrefix(f.Pattern.V, "^"), "$")
			if words["anchored"] = "^" + inner + "$"; strings.Contains(inner, "|") {
				words["anchored"] = "^(" + inner + ")$"
			}
		}
	}
	if err != nil {
		u := s.unknown("the pattern cannot be analysed: %s", rx.Reason(err))
		v["anchored"], v["empty"], v["analysable"] = u, u, false
		words["reason"] = rx.Reason(err)
	}
}

// sole says whether a group has one actor filter, and that one lists rather than
// excludes.
func sole(group []model.Filter) bool {
	n := 0
	for _, f := range group {
		if f.Kind().V == model.Actor {
			n++
			if f.Exclude.Or(false) {
				return false
			}
		}
	}
	return n == 1
}

// accept is rx.Accept of one pattern.
func (s *Scene) accept(provider, pattern string) (rx.Accepted, error) {
	return s.memo.Accept(provider, []rx.Term{{Pattern: pattern}})
}

// supported says whether the provider has the filter and its events at all.
func supported(provider string, f model.Filter) bool {
	github := provider == "GITHUB" || provider == "GITHUB_ENTERPRISE" || provider == ""
	switch f.Kind().V {
	case model.WorkflowName, model.Repository:
		return github || strings.HasPrefix(provider, "GITLAB") && f.Kind().V == model.Repository
	case model.Organization:
		return github
	case model.TagName, model.ReleaseName:
		return provider == "GITHUB" || provider == ""
	case model.Event:
		for _, e := range trust.Names(f.Pattern.V) {
			switch e {
			case model.PRReopened, model.WorkflowQueue:
				if !github {
					return false
				}
			case model.Released, model.Prereleased:
				if provider != "GITHUB" && provider != "" {
					return false
				}
			}
		}
	}
	return true
}

// scoped says whether every group of a webhook above repositories names them with
// a filter that means what it says.
func (s *Scene) scoped(w model.Webhook) any {
	want := []string{model.Repository, model.WorkflowName}
	if w.Scope.V.Scope.V == "GITHUB_GLOBAL" {
		want = []string{model.Organization, model.Repository}
	}
	if !w.Groups.Known() {
		return s.r.unknown(w.Groups.Why)
	}
	for _, g := range w.Groups.V {
		ok := false
		for _, f := range g.Filters.Or(nil) {
			if !slices.Contains(want, f.Kind().V) || f.Exclude.Or(false) {
				continue
			}
			shape, err := s.memo.Look(f.Pattern.V, true)
			ok = ok || err == nil && shape.Anchored && f.Pattern.V != ".*"
		}
		if !ok {
			return false
		}
	}
	return len(w.Groups.V) > 0
}

// listing fills in what a real allow-list of the ids would be, in the form of the
// API. Without a list of at least one id the reader puts the ids in.
func listing(words map[string]string) {
	ids := words["ids"]
	if ids == "" || len(ids) > 2000 {
		ids = "ID|ID"
	}
	words["listed_pattern"] = "^(" + ids + ")$"
	words["listed_groups"] = `[[{"type":"EVENT","pattern":"PULL_REQUEST_CREATED,PULL_REQUEST_UPDATED,PULL_REQUEST_REOPENED"},{"type":"ACTOR_ACCOUNT_ID","pattern":"^(` + ids + `)$"}]]`
}
