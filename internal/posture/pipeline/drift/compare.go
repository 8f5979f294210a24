package drift

import (
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/trailhound/trailhound/internal/posture/pipeline/ladder"
	"github.com/trailhound/trailhound/internal/posture/pipeline/trust"
)

// Effect is what a change does to the safety of a pipeline.
type Effect string

// The effects.
const (
	Weakens     Effect = "weakens"
	Strengthens Effect = "strengthens"
	Neutral     Effect = "neutral"
	CannotTell  Effect = "cannot_tell" // an input does not say what it was or became, or the two cannot be ranked
)

// Difference is one thing that is not what it was.
type Difference struct {
	Path   string `json:"path"` // webhook, or the path of a fact
	Before string `json:"before"`
	After  string `json:"after"`
	Effect Effect `json:"effect"`
	Why    string `json:"why"`
	// Of webhooks: who can make the project run code.
	VerdictBefore string `json:"verdict_before,omitempty"`
	VerdictAfter  string `json:"verdict_after,omitempty"`
}

// RepoOf says what is known of a repository by its location.
type RepoOf func(location string) trust.Repo

// compare lists what differs of one project. Nil stands for a project that is not
// there.
func compare(a, b *Snapshot, repo RepoOf) (out []Difference) {
	switch {
	case a == nil:
		// A new project is no weakening by itself: teams make them all the time. It
		// is one when people without write access can start it.
		r := trust.Evaluate(b.project(), repo(b.Facts["source.location"]))
		d := Difference{Path: "project", After: "present", Effect: Neutral, Why: "a project that nobody approved", VerdictBefore: trust.None.String(), VerdictAfter: r.Verdict.String()}
		if r.Verdict.Open() {
			d.Effect, d.Why = Weakens, "a project that nobody approved, and "+r.Why
		}
		return []Difference{d}
	case b == nil:
		return []Difference{{Path: "project", Before: "present", Effect: Neutral, Why: "the project is gone"}}
	}
	if d, differs := webhooks(a, b, repo); differs {
		out = append(out, d)
	}
	paths := map[string]bool{}
	for p := range a.Facts {
		paths[p] = true
	}
	for p := range b.Facts {
		paths[p] = true
	}
	for _, p := range slices.Sorted(maps.Keys(paths)) {
		before, after := a.Facts[p], b.Facts[p]
		if p == "webhook" || before == after || normal(p, before) == normal(p, after) {
			continue
		}
		d := Difference{Path: p, Before: before, After: after}
		// What an input does not tell overrides every rank: "?" is no value, and a
		// rank that compares it with one would be invented.
		d.Effect, d.Why = rank(p, before, after)
		if before == unknown || after == unknown {
			d.Effect, d.Why = CannotTell, "an input does not tell"
		}
		out = append(out, d)
	}
	return out
}

// normal makes equal what the service holds for equal: a default, written or not.
// Without it a project that Terraform wrote in full would differ from the same
// project as the API tells it. Source of the defaults: CodeBuild API reference.
func normal(path, v string) string {
	defaults := map[string]string{"source.insecureSsl": "false", "environment.privilegedMode": "false", "projectVisibility": "PRIVATE", "logs.cloudWatch": "ENABLED",
		"logs.s3": "DISABLED", "cache": "NO_CACHE"}
	if strings.HasSuffix(path, ".encryptionDisabled") {
		defaults[path] = "false"
	}
	if v == "" {
		return defaults[path]
	}
	return v
}

// webhooks judges a webhook by who gets in, before and after.
func webhooks(a, b *Snapshot, repo RepoOf) (Difference, bool) {
	d := Difference{Path: "webhook", Before: text(a), After: text(b)}
	// Two unknowns are not equal: whatever cannot be told before and after may have
	// changed in between.
	if d.Before == d.After && d.Before != unknown {
		return d, false
	}
	was, is := trust.Evaluate(a.project(), repo(a.Facts["source.location"])), trust.Evaluate(b.project(), repo(b.Facts["source.location"]))
	d.VerdictBefore, d.VerdictAfter = was.Verdict.String(), is.Verdict.String()
	switch {
	case was.Verdict == trust.Unknown || is.Verdict == trust.Unknown:
		d.Effect, d.Why = CannotTell, "who can make it run code cannot be told: "+is.Why
		// That anyone gets in now is certain, whatever it was before.
		if is.Verdict == trust.Anyone {
			d.Effect, d.Why = Weakens, is.Why
		}
	case was.Verdict != is.Verdict && trust.Weaker(was.Verdict, is.Verdict) == is.Verdict:
		d.Effect, d.Why = Weakens, is.Why
	case was.Verdict != is.Verdict:
		d.Effect, d.Why = Strengthens, is.Why
	default:
		d.Effect, d.Why = within(&was, &is, a.Webhook, b.Webhook)
	}
	return d, true
}

func text(s *Snapshot) string {
	switch {
	case s.Facts["webhook"] == unknown:
		return unknown
	case s.Webhook == nil:
		return ""
	}
	return string(ladder.Encode(s.Webhook.Canonical()))
}

// within ranks two webhooks of the same verdict: by the accounts that are listed,
// by what groups there are, and by the filters of equal groups.
func within(was, is *trust.Result, a, b *ladder.State) (Effect, string) {
	if a == nil || b == nil {
		return Neutral, "who can make it run code is the same"
	}
	// Each webhook is held against the other in both directions. Only when both have
	// something of their own do the listed accounts decide: with one direction alone
	// the groups already say which is the wider.
	x, y := a.Canonical(), b.Canonical()
	wider, narrower := !coveredBy(y.FilterGroups, x.FilterGroups), !coveredBy(x.FilterGroups, y.FilterGroups)
	switch {
	case wider && !narrower:
		return Weakens, "the same people can start it, by more events than before"
	case narrower && !wider:
		return Strengthens, "the same people can start it, by fewer events than before"
	case !wider && !narrower:
		return Neutral, "who can make it run code is the same"
	}
	before, after := listed(was), listed(is)
	if more, less := minus(after, before), minus(before, after); len(more) > 0 {
		return Weakens, "it also lets account " + strings.Join(more, ", ") + " in"
	} else if len(less) > 0 {
		return Strengthens, "it no longer lets account " + strings.Join(less, ", ") + " in"
	}
	return Neutral, "the same people can start it, by other events than before"
}

func listed(r *trust.Result) (out []string) {
	for _, w := range r.Ways {
		if w.Actors != nil {
			out = append(out, w.Actors.Listed...)
		}
	}
	slices.Sort(out)
	return slices.Compact(out)
}

func minus(a, b []string) []string {
	return slices.DeleteFunc(slices.Clone(a), func(s string) bool { return slices.Contains(b, s) })
}

// coveredBy says whether every group of a is at least as narrow as some group of
// b: it has all of that group's filters, and no event beyond its events.
// It compares filters as text, never by what their patterns accept: sound, for equal
// text accepts the same, and good enough for edits, which mostly add or take
// filters. The languages of patterns are in the verdict already.
func coveredBy(a, b [][]ladder.Filter) bool {
	if len(b) == 0 {
		return true // no group: everything
	}
	if len(a) == 0 {
		return false
	}
	for _, g := range a {
		if !slices.ContainsFunc(b, func(h []ladder.Filter) bool { return narrower(g, h) }) {
			return false
		}
	}
	return true
}

func narrower(g, h []ladder.Filter) bool {
	for _, f := range h {
		if slices.Contains(g, f) {
			continue
		}
		// Only the events of a filter are a list that can be narrowed by leaving
		// some out. Of every other pattern another text may accept more.
		if f.Type != "EVENT" || f.Exclude {
			return false
		}
		fits := slices.ContainsFunc(g, func(e ladder.Filter) bool {
			return e.Type == "EVENT" && !e.Exclude && len(minus(events(e.Pattern), events(f.Pattern))) == 0
		})
		if !fits {
			return false
		}
	}
	return true
}

func events(pattern string) (out []string) {
	for _, e := range strings.Split(pattern, ",") {
		out = append(out, strings.TrimSpace(e))
	}
	return out
}

// rank judges everything but webhooks.
func rank(path, before, after string) (Effect, string) {
	turned := func(bad, why string) (Effect, string) {
		switch {
		case normal(path, after) == bad:
			return Weakens, why
		case normal(path, before) == bad:
			return Strengthens, "no longer: " + why
		}
		return Neutral, "changed"
	}
	switch {
	case path == "environment.privilegedMode":
		return turned("true", "builds run privileged")
	case path == "source.insecureSsl":
		return turned("true", "the source is fetched without checking its certificate")
	// The path has the number of the artifact in it.
	case strings.HasSuffix(path, ".encryptionDisabled"):
		return turned("true", "artifacts are not encrypted")
	case path == "projectVisibility":
		return turned("PUBLIC_READ", "logs and artifacts can be read by everybody")
	case path == "logs.cloudWatch":
		return turned("DISABLED", "builds are no longer logged")
	case path == "logs.s3":
		return Neutral, "where logs go changed"
	// A VPC is taken for a fence. It may be none: what its network lets out is
	// judged by the audit, which sees security groups and endpoints; a snapshot has
	// only ids.
	case path == "vpc" && after == "":
		return Weakens, "builds run outside the VPC"
	case path == "vpc" && before == "":
		return Strengthens, "builds run inside a VPC"
	case path == "source.auth" && after == "":
		return Weakens, "the source is fetched with the account's default credential"
	case path == "source.auth" && before == "":
		return Strengthens, "the source is fetched with a credential of its own"
	// Another repository of the same owner stays neutral: its writers are mostly the
	// same people, and moves of repositories are common.
	case path == "source.location" && before != "" && after != "" && owner(before) != owner(after):
		return Weakens, "the code of another owner is built"
	case path == "environment.image":
		switch was, is := strings.Contains(before, "@sha256:"), strings.Contains(after, "@sha256:"); {
		case was && !is:
			return Weakens, "the image is no longer held to a digest"
		case is && !was:
			return Strengthens, "the image is held to a digest"
		}
		return Neutral, "another image"
	case path == "source.buildspec":
		switch was, is := strings.HasPrefix(before, "inline "), strings.HasPrefix(after, "inline "); {
		case was && !is:
			return Weakens, "what builds run is now decided in the repository"
		case is:
			// Out of the authors' hands, and into those of whoever wrote it.
			return CannotTell, "what builds run is written in the project: read it"
		}
		return Neutral, "another file of the repository"
	case strings.HasPrefix(path, "variable."):
		switch {
		case after == "PLAINTEXT" && before != "":
			return Weakens, "a variable that was a secret is plain text"
		case before == "PLAINTEXT" && after != "":
			return Strengthens, "a variable is no longer plain text"
		}
		return Neutral, "variables changed"
	// Which of two roles may do more is a question about policies, and a snapshot
	// has none.
	case path == "serviceRole":
		return CannotTell, "builds have another role: compare what the two may do"
	case path == "webhook.scope":
		return CannotTell, "the webhook's reach over repositories changed"
	}
	return Neutral, "changed"
}

// owner is host and owner of a repository.
// A location may carry a user before an @ and differ in case; neither makes another
// owner.
func owner(location string) string {
	_, rest, ok := strings.Cut(location, "://")
	if !ok {
		rest = location
	}
	if i := strings.LastIndexByte(strings.SplitN(rest, "/", 2)[0], '@'); i >= 0 {
		rest = rest[i+1:]
	}
	f := strings.SplitN(rest, "/", 3)
	return strings.ToLower(fmt.Sprint(f[:min(len(f), 2)]))
}
