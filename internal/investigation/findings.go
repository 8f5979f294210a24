package investigation

import (
	"cmp"
	"fmt"
	"slices"

	"github.com/trailhound/trailhound/internal/attribution"
	"github.com/trailhound/trailhound/internal/claim"
	"github.com/trailhound/trailhound/internal/detection"
	"github.com/trailhound/trailhound/internal/evidence"
)

// maxEventClaims bounds the sentences about single events of one finding; the
// counting sentence and the evidence list speak for the rest.
const maxEventClaims = 25

// findings makes one conclusion per technique the intruder used or tried.
// An event has one match, of the rule that says most of it, and tags for the rest: so that one
// act is not ten findings.
func (in *inquiry) findings() {
	groups, tagged, seen := map[string][]detection.Match{}, map[string][]detection.Match{}, map[string]bool{}
	for _, s := range in.subjects {
		m, ok := in.matches[s.Event.ID]
		if !ok || !s.Actor.Hostile() || seen[s.Event.ID] { // two contents of one id happened once
			continue
		}
		seen[s.Event.ID] = true
		groups[m.Rule.ID] = append(groups[m.Rule.ID], m)
		for _, id := range m.Tags {
			if rule := in.o.Content.Rules.Rule(id); rule != nil && standsBeside(rule) && len(tagged[id]) < maxTagged {
				tagged[id] = append(tagged[id], m.As(rule, s.Actor))
			}
		}
	}
	// A rule that never was the most specific still says something: about the
	// credential itself, such as a key used from a network new to it, about the
	// order of several calls, or about what another log shows.
	for id, list := range tagged {
		if groups[id] == nil {
			groups[id] = list
		}
	}
	// … and one that was, on later calls, began where it first fitted: the first use
	// of a key on a new network is mostly some more telling call, too.
	for id, list := range tagged {
		if g := groups[id]; len(g) > 0 && len(list) > 0 && evidence.Compare(in.byID[list[0].Event].Event, in.byID[g[0].Event].Event) < 0 {
			groups[id] = append([]detection.Match{list[0]}, g...)
		}
	}
	var out []Finding
	for _, id := range keys(groups) {
		out = append(out, in.finding(groups[id]))
	}
	slices.SortFunc(out, func(a, b Finding) int {
		return cmp.Or(evidence.SeverityRank(b.Severity)-evidence.SeverityRank(a.Severity), cmp.Compare(a.First, b.First), cmp.Compare(a.Technique, b.Technique))
	})
	for i := range out {
		out[i].ID = fmt.Sprintf("F%d", i+1)
	}
	in.res.Findings = out
}

// maxTagged bounds the evidence of a finding that rests on tags: rules on any
// call fit all that a credential did, and the first calls say as much.
const maxTagged = 25

// anyCall says whether a rule is about whatever a credential did rather than
// about one sort of call.
func anyCall(rule *detection.Rule) bool {
	return slices.ContainsFunc(rule.Events, func(e detection.EventName) bool { return e.Source == "*" })
}

// standsBeside says whether a rule tells of something else than the call that it fits, and is
// told beside whatever is told of that: of whatever a credential did, of an order of calls, or of
// the traffic of the machine that the call was about.
func standsBeside(rule *detection.Rule) bool {
	return rule.Sequence() || rule.Class == "vpc-flow" || anyCall(rule)
}

// finding makes one of the matches of one rule, which come in order of time. The gravest match
// gives the severity, one certain call high confidence; attempts keep a success from being all
// that is told.
func (in *inquiry) finding(list []detection.Match) Finding {
	rule := list[0].Rule
	f := Finding{Technique: rule.ID, Confidence: "medium", Attack: []Attack{}}
	for _, a := range rule.Attack {
		f.Attack = append(f.Attack, Attack{a.Technique, a.Tactic})
	}
	resources := map[string]bool{}
	done, tried := 0, 0
	ids := make([]string, 0, len(list))
	for _, m := range list {
		// Always there: matches are of loaded events.
		s := in.byID[m.Event]
		ids = append(ids, m.Event)
		if m.Attempt || m.Outcome == evidence.Failure {
			tried++
		} else {
			done++
		}
		if evidence.SeverityRank(m.Severity) > evidence.SeverityRank(f.Severity) {
			f.Severity = m.Severity
		}
		if s.Actor == attribution.Intruder {
			f.Confidence = "high"
		}
		for _, e := range in.o.Content.Ledger.Effects(s.Event, s.Record, in.res.Accounts...) {
			if e.ID != "" {
				resources[e.ID] = true
			}
		}
	}
	calls := map[string]bool{}
	for _, id := range ids {
		calls[in.byID[id].Event.Name] = true
	}
	f.Title = rule.TitleOf(keys(calls)...)
	first, last := in.byID[ids[0]].Event, in.byID[ids[len(ids)-1]].Event
	f.First, f.Last = stamp(first.Time), stamp(last.Time)
	also := map[string]bool{}
	for _, m := range list {
		for _, id := range m.Tags {
			if id != rule.ID {
				also[id] = true
			}
		}
	}
	f.Evidence, f.Resources, f.Also = cite(ids...), keys(resources), keys(also)
	switch {
	case tried == 0:
		f.Outcome = "succeeded"
	case done == 0:
		f.Outcome = "attempted"
	default:
		f.Outcome = "mixed"
	}
	f.Claims = in.findingClaims(ids)
	if rule.Class == "vpc-flow" {
		f.Claims = append(f.Claims, in.outboundClaims(ids)...)
	}
	return f
}

// findingClaims are a sentence for each of the first calls, and their number where it can be
// counted again.
func (in *inquiry) findingClaims(ids []string) []string {
	var out []string
	for i, id := range ids {
		if i >= maxEventClaims {
			break
		}
		s := in.byID[id]
		out = append(out, in.eventClaim(s, in.target(s)))
	}
	if len(ids) > 3 {
		if c := in.countClaim(ids); c != "" {
			out = append(out, c)
		}
	}
	return out
}

// countClaim says how often the intruder made one call, when all events are of
// that one call.
func (in *inquiry) countClaim(ids []string) string {
	first := in.byID[ids[0]].Event
	creds := map[string]bool{}
	for _, id := range ids {
		e := in.byID[id].Event
		if e.Action() != first.Action() || e.Identity.AccessKey == "" {
			return ""
		}
		creds[e.Identity.AccessKey] = true
	}
	last := in.byID[ids[len(ids)-1]].Event
	filter := claim.Filter{"action": first.Action(), "actor": hostileActors, "credential": list(keys(creds))}
	n := in.countHostile(func(e *evidence.Event) bool { return e.Action() == first.Action() && creds[e.Identity.AccessKey] })
	if n != len(ids) {
		return "" // the technique is narrower than the call: the evidence list counts it
	}
	text := fmt.Sprintf("The intruder called %s %d times %s.", first.Action(), n, span(first.Time, last.Time))
	return in.claims.add(text, claim.Predicate{Op: "count", Filter: filter, Value: n}, cite(ids[0], ids[len(ids)-1]), "A")
}

// countHostile counts events as a claim does: an id once, and only rows.
func (in *inquiry) countHostile(match func(*evidence.Event) bool) int {
	n := 0
	for i, r := range in.at.Rows {
		if r.Actor.Hostile() && !in.again(i) && match(&in.at.Events[i]) {
			n++
		}
	}
	return n
}

// list is strings as JSON has them, which filters of claims are made of.
func list(in []string) []any {
	out := make([]any, len(in))
	for i, s := range in {
		out[i] = s
	}
	return out
}

// target is what a call was about, in the shortest form that names it: the
// ledger's id for it, else the refusal's resource, else nothing.
func (in *inquiry) target(s *detection.Subject) string {
	for _, e := range in.o.Content.Ledger.Effects(s.Event, s.Record, in.res.Accounts...) {
		if e.ID != "" {
			return e.ID
		}
	}
	// A refused call mostly has no parameters (null in the record), and its message names what it
	// was about.
	if d, ok := evidence.ParseDenial(s.Event.ErrorMessage); ok && d.Resource != "*" {
		return d.Resource
	}
	for _, path := range []string{"requestParameters.roleArn", "requestParameters.secretId", "requestParameters.userName", "requestParameters.bucketName", "requestParameters.functionName", "requestParameters.name", "requestParameters.instanceId"} {
		if v := s.Record.Str(path); v != "" {
			return v
		}
	}
	return ""
}

// timeline tells what happened, in order: every hostile call that changed
// something, obtained a credential or shows a technique; the first and last use
// of each credential; and, as context, what others did that bears on it.
// Reads of an intruder that are no technique are left out one by one: impact counts them.
func (in *inquiry) timeline() {
	finding := in.findingOf()
	edge, told := in.edges(), map[string]bool{}
	for i := range in.subjects {
		s := &in.subjects[i]
		e := s.Event
		m, matched := in.matches[e.ID]
		// Every call of a key on a new network matches that rule.
		if matched && anyCall(m.Rule) { // says something of the credential: once is enough
			k := m.Rule.ID + " " + s.Credential
			matched, told[k] = !told[k], true
		}
		entry := Entry{At: stamp(e.Time), Event: e.ID, Actor: string(s.Actor), Outcome: string(e.Outcome()), Finding: finding[e.ID], Grade: in.grade(e.ID), Target: in.target(s)}
		switch {
		case s.Actor.Hostile() && (matched || !e.ReadOnly || edge[e.ID] || len(in.g.IssuedBy(e.ID)) > 0):
			entry.Phase = "use"
			if matched && len(m.Rule.Attack) > 0 {
				entry.Phase = m.Rule.Attack[0].Tactic
			}
			in.eventClaim(s, entry.Target)
		case s.Actor == attribution.Responder && !e.ReadOnly:
			entry.Phase = "response"
		case s.Actor == attribution.Service && attribution.Quarantine(e):
			entry.Phase = "response"
		case s.Actor == attribution.Undetermined && !e.ReadOnly && in.during(e.Time):
			entry.Phase = "context"
		default:
			continue
		}
		entry.Text = sentence(s, m, matched)
		in.res.Timeline = append(in.res.Timeline, entry)
	}
}

// findingOf is the finding that a line of the timeline refers to, by event: that of the rule whose
// title the line bears; of an event that only tags speak of, the gravest. An event stands in
// several, where rules about the credential or about an order of calls fit it as well.
func (in *inquiry) findingOf() map[string]string {
	out := map[string]string{}
	for _, f := range in.res.Findings {
		for _, id := range bare(f.Evidence) {
			if m, ok := in.matches[id]; out[id] == "" || ok && m.Rule.ID == f.Technique {
				out[id] = f.ID
			}
		}
	}
	return out
}

// edges are the first and last hostile use of each credential.
// They are told even if they are reads: a reader wants to know from when to when each key was
// in the wrong hands.
func (in *inquiry) edges() map[string]bool {
	last, out := map[string]string{}, map[string]bool{}
	for _, r := range in.at.Rows {
		if !r.Actor.Hostile() {
			continue
		}
		if last[r.Credential] == "" {
			out[r.Event] = true
		}
		last[r.Credential] = r.Event
	}
	for _, id := range last {
		out[id] = true
	}
	return out
}

// sentence is the timeline's wording: the action and, where a rule says what it
// means, its title. An attempt is called one.
func sentence(s *detection.Subject, m detection.Match, matched bool) string {
	text := s.Event.Action()
	if matched && s.Actor.Hostile() { // of anybody else's call the title would be an accusation
		text += ": " + m.Rule.TitleOf(s.Event.Name)
	}
	if s.Event.Outcome() == evidence.Failure {
		text += " (attempted, failed"
		if claim.Quotable(s.Event.ErrorCode) {
			text += " with " + s.Event.ErrorCode
		}
		text += ")"
	}
	return text
}
