package investigation

import (
	"fmt"
	"slices"
	"strings"

	"github.com/trailhound/trailhound/internal/attribution"
	"github.com/trailhound/trailhound/internal/claim"
	"github.com/trailhound/trailhound/internal/detection"
	"github.com/trailhound/trailhound/internal/evidence"
	"github.com/trailhound/trailhound/internal/intake"
)

// ruling is a verdict without its claims. That of an incident is worded by incident.
type ruling struct{ status, severity, confidence, headline string }

// cannotTell is a ruling that decides nothing, for the reason that the headline gives.
func cannotTell(headline string) *ruling {
	return &ruling{"inconclusive", "informational", "low", headline}
}

// verdict decides the status from what was established, and says it in one
// sentence that is itself a claim. The questions are asked in order of weight, and the first
// that can be answered decides: what is hostile, what cannot be told apart, what keeps
// nothing hostile from meaning that all is well, and only then whether it is. So an
// all-clear is given by no default, only where every reason against it was asked for.
func (in *inquiry) verdict() {
	v := &in.res.Verdict
	v.Claims = []string{}
	n := in.tally()
	if n.certain > 0 || n.likely > 0 && in.acted() {
		v.Status = "incident"
		in.incident(n.certain > 0)
		return
	}
	r := in.unsettledRuling(n)
	for _, ask := range []func() *ruling{in.reservation, in.calm} {
		if r == nil {
			r = ask()
		}
	}
	if r == nil {
		r = in.undecidedRuling(n)
	}
	v.Status, v.Severity, v.Confidence, v.Headline = r.status, r.severity, r.confidence, r.headline
	if id := in.presenceClaim(); id != "" {
		v.Claims = append(v.Claims, id)
	}
	v.Claims = append(v.Claims, in.unsettled()...)
	v.Claims = append(v.Claims, in.broughtClaims()...)
	fit, sum := in.announcedClaims()
	v.Claims, v.Headline = append(v.Claims, fit...), v.Headline+sum
}

// tally is how many rows a verdict rests on.
type tally struct{ certain, likely, undetermined int }

// tally counts rows, not events: whether there are any is what matters.
func (in *inquiry) tally() (n tally) {
	for _, r := range in.at.Rows {
		switch r.Actor {
		case attribution.Intruder:
			n.certain++
		case attribution.LikelyIntruder:
			n.likely++
		case attribution.Undetermined:
			if !in.lastDays(r.Event) { // told among what was done before the end
				n.undetermined++
			}
		}
	}
	return n
}

// acted says whether what is only likely the intruder's did something of weight: reads that
// are no technique, by somebody who may be the owner, are no incident yet.
func (in *inquiry) acted() bool {
	return slices.ContainsFunc(in.res.Findings, func(f Finding) bool { return evidence.SeverityRank(f.Severity) >= 2 }) || in.changedSomething()
}

// unsettledRuling is that of calls which are neither the owner's nor an intruder's for sure; nil if
// there are none that the case is about. Where no habits are known, or nothing but their
// want speaks against the owner, it is no suspicion: the evidence cannot tell.
func (in *inquiry) unsettledRuling(n tally) *ruling {
	if n.likely == 0 && (n.undetermined == 0 || !in.anchored() && !in.toldOf()) {
		return nil
	}
	if n.likely == 0 && (!in.pastHabits() || in.onlyUnknown()) {
		return cannotTell("What the case names was found, but the evidence cannot tell its owner from an intruder.")
	}
	return &ruling{"suspicious", "low", "low", "Activity was found that cannot be tied to an intruder, nor cleared."}
}

// reservation is why nothing is cleared although what the case names was found and nothing of it
// is held against an intruder; nil if nothing stands in the way. Each is a way in which the
// thing that alarmed somebody may lie outside of what was looked at.
func (in *inquiry) reservation() *ruling {
	switch found := in.found(); {
	case found && in.unseen:
		return cannotTell("What the case names was found, but the evidence does not cover when it is said to have happened.")
	case in.departed > 0:
		return &ruling{"suspicious", "medium", "low", "What was done before the end of employment fits the job by place and tool, but some of it is serious in anybody's hands and must be confirmed."}
	case in.meant > 0:
		return &ruling{"suspicious", "medium", "low", "What the case tells of was done by a principal of the account, from where it usually works: whoever works as it must say whether that was meant."}
	case !found:
		return nil
	case in.unexplained() != nil && in.unexplained().effect.Kind == "cost" && in.boughtBy() != "":
		return cannotTell("Nothing hostile was found. " + whoBought)
	case in.unexplained() != nil:
		return cannotTell(in.unexplained().headline())
	case !in.reading.Understood:
		return cannotTell("What the case names was found and fits its owner's habits; the rest of the text was not understood, so that nothing is cleared. Say it in English.")
	case slices.ContainsFunc(in.res.Supplied, leftOut):
		return cannotTell("What the case names was found and fits its owner's habits, but a grave alert that came with the evidence is about others, who were not examined.")
	case !in.anchored() && len(in.input.Examine)+len(in.input.Mentioned) == 0:
		return cannotTell("What the case vouches for is in the evidence and fits what was said of it; nothing else stands out enough to decide.")
	}
	return nil
}

// calm is the ruling that there was no incident; nil where the habits that all is held against are
// not known. It says on what it rests: habits, somebody's word, or that the very act is
// somebody's daily work, who must still say whether it was meant.
func (in *inquiry) calm() *ruling {
	if !in.found() || !in.pastHabits() {
		return nil
	}
	r := &ruling{"no_incident", "informational", in.calmConfidence(), "What the case names was found, and everything it did within the covered period fits its owner's habits."}
	s := in.ownDoing()
	bought := s != nil && s.effect.Kind == "cost" && in.boughtBy() != "" // whoever bought is asked by broughtAbout
	if s != nil && !bought && !in.foretold(s.own.ID) {                   // of what was announced nobody is asked
		in.whoMeant(s)
	}
	switch named := len(in.suspects()) > 0; { // a key or a person that is named says more
	case bought && !named:
		r.confidence, r.headline = "low", "Nothing hostile was found. "+whoBought
	case s != nil && !named:
		r.confidence = "low"
		r.headline = fmt.Sprintf("Nothing hostile was found. What the case tells of (%s) fits the habits of whoever made the calls that can have brought it about; whether it was meant they must say.", effectName(s.effect))
	}
	if in.onWord() {
		r.headline = "What the case names was found, and everything it did within the covered period fits what was said of it, or its owner's habits: the verdict rests on that word."
	}
	return r
}

// whoBought is what a headline says where those are known who started what costs.
const whoBought = "What can have cost so much was started from within the account, by whom it is told; whether that was meant they must say."

// undecidedRuling is that of a case in which nothing can be told; the headline says why, so that
// whoever reads it knows what to bring: other evidence, more history, or a name.
func (in *inquiry) undecidedRuling(n tally) *ruling {
	switch {
	case !in.namesSomething():
		return cannotTell("The case names nothing to look up, and no activity stands out enough to decide.")
	case n.undetermined > 0:
		return cannotTell("Calls were found that could be put down to nobody; the evidence cannot tell whether they are what the case is about.")
	case in.found():
		return cannotTell("What the case names was found and nothing of it stands out, but there is too little history before it to tell its owner from an intruder.")
	case in.namedOccurs():
		return cannotTell("None of those whom the case names stands out, and no other activity does enough to decide.")
	case in.allMissing():
		return cannotTell("Nothing that the case names occurs in the evidence.")
	case len(in.leads) > 0:
		return cannotTell("The account that the case names was let into this one; nothing that it did there stands out enough to decide.")
	}
	return cannotTell("Nobody whom the case names occurs in the evidence, and no activity stands out enough to decide.")
}

// onlyUnknown says whether all that is left open is so for want of habits to hold it against: nothing in it speaks
// against its owner.
func (in *inquiry) onlyUnknown() bool {
	open := false
	for _, c := range in.at.Clusters {
		if c.Actor == attribution.Undetermined {
			open = true
			if strings.HasPrefix(c.Why, attribution.UnknownUser) {
				continue // it would pass for its owner's, if anybody owned it
			}
			if slices.ContainsFunc(c.Lines, func(l attribution.Line) bool { return l.Signal == "away" }) {
				continue // the journey explains what is new; only the traveller can say that it was them
			}
			if c.Score > 0 || !strings.HasPrefix(c.Why, "score:") {
				return false
			}
		}
	}
	return open && !in.toldOf()
}

// toldOf says whether a call that the case tells of was examined and could be put down to
// nobody: then the evidence does hold what it is about.
func (in *inquiry) toldOf() bool {
	return slices.ContainsFunc(in.signs, func(s symptom) bool { return s.unheard != nil })
}

// changedSomething says whether a hostile call was no read, be it refused: to try to change an
// account is of weight.
func (in *inquiry) changedSomething() bool {
	return slices.ContainsFunc(in.hostile(), func(s detection.Subject) bool { return !s.Event.ReadOnly })
}

// pastHabits says whether the habits of everything the case names are known.
func (in *inquiry) pastHabits() bool {
	list := in.suspects()
	if len(list) == 0 { // an address, an event, or nothing named: what came up was all somebody's own
		return !slices.ContainsFunc(in.at.Rows, func(r attribution.Row) bool { return r.Actor == attribution.Undetermined || r.Actor.Hostile() })
	}
	return !slices.ContainsFunc(list, func(u string) bool {
		b := in.at.Baselines[u]
		return (b == nil || !b.Known) && !in.vouched(u) && !in.welcomed(u)
	})
}

// welcomed says whether somebody without habits was made within the evidence by an owner at their work, and nothing
// that they did is open: a role of last week has no other past than that of whoever made it.
func (in *inquiry) welcomed(person string) bool {
	if !slices.Contains(in.at.Welcomed, person) {
		return false
	}
	for i, r := range in.at.Rows {
		if in.at.Events[i].Identity.Person() == person && (r.Actor.Hostile() || r.Actor == attribution.Undetermined) {
			return false
		}
	}
	return true
}

// vouched says whether everything that somebody without habits did follows from
// a call of somebody who has them, or from a statement: a session of a role
// never used before, opened by its user as the user always works.
func (in *inquiry) vouched(person string) bool {
	seen := false
	for i, r := range in.at.Rows {
		if in.at.Events[i].Identity.Person() != person || r.Actor == attribution.Service {
			continue // what AWS did in their name, as when it fences a leaked key, is none of theirs
		}
		seen = true
		because := strings.TrimPrefix(r.Because, "session:")
		if r.Actor.Hostile() || r.Actor == attribution.Undetermined || !strings.HasPrefix(because, "lineage:") && !strings.HasPrefix(because, "statement:") {
			return false
		}
	}
	return seen
}

// found says whether anything that the case names, or that the sweep brought
// up, is in the evidence.
func (in *inquiry) found() bool { return len(in.at.Rows) > 0 }

// allMissing says whether all that the case names was looked for by its id and is not here.
// Of a service, an account, a region or a bucket that would take reading everything.
func (in *inquiry) allMissing() bool {
	sought := map[string]bool{"access_key": true, "session": true, "principal": true, "ip": true, "event": true}
	return !slices.ContainsFunc(in.seeds, func(s intake.Seed) bool {
		return !sought[s.Kind] && !(s.Kind == "resource" && instanceID.MatchString(s.Value))
	})
}

// namedOccurs says whether somebody whom the case names, be it to vouch for them, has calls in the
// evidence, or anybody in the network of an address that it names.
func (in *inquiry) namedOccurs() bool {
	here := func(s intake.Seed) bool {
		switch s.Kind {
		case "principal", "session", "access_key":
			return len(in.unique(s.Value))+len(in.g.Resolve(s.Value)) > 0 || s.Kind == "session" && len(in.g.OfSession(s.Value)) > 0
		case "ip":
			return len(in.pass.survey.On(evidence.Network(strings.SplitN(s.Value, "/", 2)[0]))) > 0
		}
		return false
	}
	return slices.ContainsFunc(in.seeds, here) || slices.ContainsFunc(in.readings(), func(r intake.Reading) bool {
		return slices.ContainsFunc(r.Statements, func(st intake.Statement) bool { return slices.ContainsFunc(st.Seeds, here) })
	})
}

// namesSomething says whether the case names anything that can be looked up.
func (in *inquiry) namesSomething() bool { return len(in.seeds) > 0 || in.vouchedFor }

// calmConfidence is never high: that nothing was found is no proof, and without reads or
// writes in the evidence it is little more than a guess.
func (in *inquiry) calmConfidence() string {
	if in.pass.has("management_read") && in.pass.has("management_write") {
		return "medium"
	}
	return "low"
}

// presenceClaim backs a calm verdict with what was looked at.
func (in *inquiry) presenceClaim() string {
	// The call of a named event stands here alone, without the rest of its credential's.
	whole := slices.IndexFunc(in.at.Rows, func(r attribution.Row) bool { return !slices.Contains(in.input.Events, r.Event) })
	if whole < 0 {
		return ""
	}
	cred := in.at.Rows[whole].Credential
	if len(in.input.Credentials) > 0 {
		cred = in.input.Credentials[0]
	}
	if !strings.HasPrefix(cred, "A") || strings.Contains(cred, "/") {
		return ""
	}
	// Counted over the rows that the filter of the claim selects: a credential has rows for all
	// of its calls, or for none.
	n, firstEvent, lastEvent := 0, -1, -1
	for i, r := range in.at.Rows {
		if r.Credential == cred && !in.again(i) {
			if firstEvent < 0 {
				firstEvent = i
			}
			lastEvent = i
			n++
		}
	}
	if n == 0 {
		return ""
	}
	a, b := &in.at.Events[firstEvent], &in.at.Events[lastEvent]
	text := fmt.Sprintf("Credential `%s` made %d %s %s.", cred, n, plural("calls", int64(n)), span(a.Time, b.Time))
	return in.claims.add(text, claim.Predicate{Op: "count", Filter: claim.Filter{"credential": cred}, Value: n}, cite(a.ID, b.ID), "A")
}
