package playbook

import (
	"fmt"
	"maps"
	"net/netip"
	"slices"
	"strings"
	"time"

	"github.com/trailhound/trailhound/internal/attribution"
	"github.com/trailhound/trailhound/internal/evidence"
	"github.com/trailhound/trailhound/internal/intake"
)

// signal says whether something holds of the events that an explanation would
// have to explain. It speaks only when it does: silence is not the opposite.
type signal struct {
	args bool
	run  func(v *view, args []string) (observation, bool)
}

// observation is what a signal saw, as a sentence with what it cites.
type observation struct {
	because string
	refs    []string
}

// signals is the vocabulary that hypotheses choose from; docs/formats/playbooks.md
// explains each. The shares and counts in them are judgement: half means "mostly",
// four fifths "nearly all", and fewer than eight or ten calls show no pattern.
var signals = map[string]signal{
	"stated":               {args: true, run: stated},
	"stated_elsewhere":     {args: true, run: statedElsewhere},
	"denied":               {args: true, run: denied},
	"said_stolen":          {run: saidStolen},
	"tool_family":          {args: true, run: toolFamily},
	"agent_contains":       {args: true, run: agentContains},
	"acted":                {args: true, run: acted},
	"acted_mostly":         {args: true, run: actedMostly},
	"because_contains":     {args: true, run: becauseContains},
	"with_mfa":             {run: withMFA},
	"usual_hours":          {run: func(v *view, _ []string) (observation, bool) { return v.hours(true) }},
	"unusual_hours":        {run: func(v *view, _ []string) (observation, bool) { return v.hours(false) }},
	"usual_actions":        {run: func(v *view, _ []string) (observation, bool) { return v.actions(true) }},
	"unusual_actions":      {run: func(v *view, _ []string) (observation, bool) { return v.actions(false) }},
	"owner_active_as_well": {run: ownerActive},
	"owner_stopped":        {run: ownerStopped},
	"made_and_removed":     {run: madeAndRemoved},
	"left_behind":          {run: leftBehind},
	"many_denied":          {run: manyDenied},
	"regular":              {run: regular},
	"rolled_out":           {run: rolledOut},
	"only_reads":           {run: onlyReads},
	"changes":              {run: changes},
	"from_aws":             {run: fromAWS},
	"from_outside":         {run: fromOutside},
	"several_people":       {run: severalPeople},
	"after_containment":    {run: afterContainment},
}

// SignalNames lists the vocabulary, for tests and documentation.
func SignalNames() []string { return slices.Sorted(maps.Keys(signals)) }

// relations reads arguments of the content; a relation that nobody ever states
// only never speaks.
func relations(args []string) (out []intake.Relation) {
	for _, a := range args {
		out = append(out, intake.Relation(a))
	}
	return out
}

// covers says whether a statement names addresses, people or times, and whether
// an act fits all that it names: what one administrator did is no word on the
// calls of another's key.
func covers(s intake.Statement, a act) (names, fits bool) {
	fits = true
	in := false
	for _, seed := range s.Seeds {
		if seed.Kind == "ip" {
			names = true
			in = in || inside(seed.Value, a.SourceIP)
		}
	}
	who, them := false, false
	for _, seed := range s.Seeds {
		if people[seed.Kind] {
			who = true
			them = them || by(a, seed.Value)
		}
	}
	fits = (!names || in) && (!who || them)
	names = names || who
	if len(s.When) > 0 {
		names = true
		fits = fits && !a.Time.Before(s.When[0].From) && a.Time.Before(s.When[0].To)
	}
	return names, fits
}

// people are the kinds of seed that name who acts.
var people = map[string]bool{"principal": true, "access_key": true, "session": true}

// by says whether an act was made by a principal, session or key of that name.
func by(a act, name string) bool {
	id := &a.Identity
	return id.AccessKey == name || id.ARN == name || id.IssuerARN == name || id.UserName == name || id.PrincipalID == name || id.UniqueID() == name ||
		strings.HasSuffix(id.PrincipalID, ":"+name) || strings.HasSuffix(id.ARN, "/"+name)
}

// inside says whether an address is the one named, or in the block named. A source that is
// no address (a service's name) is in none.
func inside(prefix, address string) bool {
	ip, err := netip.ParseAddr(address)
	if err != nil {
		return false
	}
	if p, err := netip.ParsePrefix(prefix); err == nil {
		return p.Contains(ip)
	}
	other, err := netip.ParseAddr(prefix)
	return err == nil && other == ip
}

// stated: somebody said so, and what was said does not exclude these calls.
func stated(v *view, args []string) (observation, bool) {
	for _, s := range v.stated(relations(args)...) {
		if s.Negated {
			continue
		}
		fit := where(v.subject, func(a act) bool { _, ok := covers(s, a); return ok })
		if len(fit) > 0 {
			return observation{fmt.Sprintf("Stated (%s): %q; %d of %s fit it.", s.From, s.Text, len(fit), number(len(v.subject), "call")), cite(fit)}, true
		}
	}
	return observation{}, false
}

// statedElsewhere: somebody said so, and named addresses or a time that none of
// these calls fits.
func statedElsewhere(v *view, args []string) (observation, bool) {
	found := false
	var o observation
	for _, s := range v.stated(relations(args)...) {
		if s.Negated {
			continue
		}
		named := false
		for _, a := range v.subject {
			n, fits := covers(s, a)
			if named = named || n; fits {
				return observation{}, false
			}
		}
		if named {
			found = true
			o = observation{fmt.Sprintf("Stated (%s): %q; none of %s fits it.", s.From, s.Text, number(len(v.subject), "call")), cite(v.subject)}
		}
	}
	return o, found
}

// denied: somebody was asked and said no ("nobody tests here").
func denied(v *view, args []string) (observation, bool) {
	for _, s := range v.stated(relations(args)...) {
		if s.Negated {
			return observation{fmt.Sprintf("Stated (%s): %q.", s.From, s.Text), nil}, true
		}
	}
	return observation{}, false
}

// saidStolen: somebody says that the credential left its owner's hands, which no
// harmless explanation survives well.
func saidStolen(v *view, _ []string) (observation, bool) {
	for _, s := range v.stated(intake.Stolen, intake.Exposed, intake.NotOurs) {
		if !s.Negated {
			return observation{fmt.Sprintf("Stated (%s): %q.", s.From, s.Text), nil}, true
		}
	}
	return observation{}, false
}

// mostly speaks when at least half of the subject has a property.
func (v *view) mostly(what string, ok func(act) bool) (observation, bool) {
	found := where(v.subject, ok)
	if len(found) == 0 || 2*len(found) < len(v.subject) {
		return observation{}, false
	}
	return observation{fmt.Sprintf("%d of %s %s.", len(found), number(len(v.subject), "call"), what), cite(found)}, true
}

// some speaks when anything of the subject has the property.
func (v *view) some(what string, ok func(act) bool) (observation, bool) {
	found := where(v.subject, ok)
	if len(found) == 0 {
		return observation{}, false
	}
	return observation{fmt.Sprintf("%d of %s %s.", len(found), number(len(v.subject), "call"), what), cite(found)}, true
}

// toolFamily and agentContains read the user agent, which the caller writes: what they
// find is told with that.
func toolFamily(v *view, args []string) (observation, bool) {
	return v.mostly("name such a tool; the caller writes that field", func(a act) bool {
		f := evidence.AgentFamily(a.UserAgent)
		return slices.ContainsFunc(args, func(p string) bool { return f == p || strings.HasPrefix(f, p+" ") })
	})
}

// agentContains wants the words of the content in lower case.
func agentContains(v *view, args []string) (observation, bool) {
	return v.some("name such a tool; the caller writes that field", func(a act) bool {
		ua := strings.ToLower(a.UserAgent)
		return slices.ContainsFunc(args, func(p string) bool { return strings.Contains(ua, p) })
	})
}

// acted wants a success, actedMostly looks at attempts too: a scanner is known by what
// it asks for, not by what it gets.
func acted(v *view, args []string) (observation, bool) {
	is := does(args)
	return v.some("did so", func(a act) bool { return done(a) && is(a) })
}

func actedMostly(v *view, args []string) (observation, bool) {
	return v.mostly("are of that sort", does(args))
}

// becauseContains reads the reasons that the attribution gave.
func becauseContains(v *view, args []string) (observation, bool) {
	return v.some("were judged with that reason", func(a act) bool {
		return slices.ContainsFunc(args, func(p string) bool { return strings.Contains(a.row.Because, p) })
	})
}

func withMFA(v *view, _ []string) (observation, bool) {
	return v.mostly("were made in a session with MFA", func(a act) bool { return strings.EqualFold(a.Identity.MFA, "true") })
}

// owners are the acts that are the owner's or the workload's own, of the same
// principals as the subject.
func (v *view) owners() []act {
	people := map[string]bool{}
	for _, a := range v.subject {
		people[a.Identity.Person()] = true
	}
	return where(v.acts, func(a act) bool {
		return (a.row.Actor == attribution.Owner || a.row.Actor == attribution.Service) && !a.FromAWS() && people[a.Identity.Person()]
	})
}

// minHabit is how many calls of the owner make a habit, minPattern how many of
// the subject can be held against it.
const (
	minHabit   = 20
	minPattern = 8
)

// hours compares hours of the day with the owner's; nothing is said of an owner
// who works around the clock.
func (v *view) hours(usual bool) (observation, bool) {
	own := where(v.owners(), func(a act) bool { return a.row.Actor == attribution.Owner }) // a workload has no hours
	if len(own) < minHabit || len(v.subject) < minPattern {
		return observation{}, false
	}
	seen := map[int]bool{}
	for _, a := range own {
		seen[a.Time.Hour()] = true
	}
	if len(seen) > 16 {
		return observation{}, false
	}
	in := where(v.subject, func(a act) bool { return seen[a.Time.Hour()] })
	out := where(v.subject, func(a act) bool { return !seen[a.Time.Hour()] })
	if usual && 5*len(in) >= 4*len(v.subject) {
		return observation{fmt.Sprintf("%d of %s lie in hours of the day (UTC) in which the owner is active.", len(in), number(len(v.subject), "call")), cite(in)}, true
	}
	if !usual && 2*len(out) >= len(v.subject) {
		return observation{fmt.Sprintf("%d of %s lie in hours of the day (UTC) in which the owner was never seen.", len(out), number(len(v.subject), "call")), cite(out)}, true
	}
	return observation{}, false
}

// actions compares what was called with what the owner calls, by the same shares as hours.
func (v *view) actions(usual bool) (observation, bool) {
	own := v.owners()
	if len(own) < minHabit || len(v.subject) < minPattern {
		return observation{}, false
	}
	seen := map[string]bool{}
	for _, a := range own {
		seen[a.Action()] = true
	}
	in := where(v.subject, func(a act) bool { return seen[a.Action()] })
	out := where(v.subject, func(a act) bool { return !seen[a.Action()] })
	if usual && 5*len(in) >= 4*len(v.subject) {
		return observation{fmt.Sprintf("%d of %s are calls that the owner makes as well.", len(in), number(len(v.subject), "call")), cite(in)}, true
	}
	if !usual && 2*len(out) >= len(v.subject) {
		return observation{fmt.Sprintf("%d of %s are calls that the owner was never seen to make.", len(out), number(len(v.subject), "call")), cite(out)}, true
	}
	return observation{}, false
}

// near is how close two places must act on one credential to be two at once.
const near = 15 * time.Minute

// ownerActive: the owner's own place acts on the same credential at the same
// time. One laptop, or one runner, is not in two places.
func ownerActive(v *view, _ []string) (observation, bool) {
	own := v.owners()
	for _, a := range v.subject {
		// Acts are in order of time, as the attribution's rows are.
		i, _ := slices.BinarySearchFunc(own, a.Time.Add(-near), func(o act, t time.Time) int { return o.Time.Compare(t) })
		for ; i < len(own) && !own[i].Time.After(a.Time.Add(near)); i++ {
			if o := own[i]; o.row.Credential == a.row.Credential && o.Network() != a.Network() && !a.FromAWS() {
				return observation{fmt.Sprintf("%s and %s used the credential within 15 minutes.", o.Network(), a.Network()), []string{o.CitedAs(), a.CitedAs()}}, true
			}
		}
	}
	return observation{}, false
}

// ownerStopped: the owner's place fell silent when the other began, having been
// busy for days.
func ownerStopped(v *view, _ []string) (observation, bool) {
	own := v.owners()
	// A day must have passed: silence over a night is no end.
	if len(own) < minHabit || v.end.Before(v.subject[0].Time.Add(24*time.Hour)) {
		return observation{}, false
	}
	first, last := v.subject[0], own[len(own)-1]
	if last.Time.After(first.Time.Add(near)) || last.Time.Before(first.Time.Add(-72*time.Hour)) || last.Time.Sub(own[0].Time) < 72*time.Hour {
		return observation{}, false
	}
	return observation{fmt.Sprintf("The known place was last seen at %s UTC, and not again.", last.Time.Format("2006-01-02 15:04:05")), []string{last.CitedAs(), first.CitedAs()}}, true
}
