// Package outline arranges a report the way every rendering for people shows it: what comes
// first, what belongs together, what still stands open. It holds no wording of any one format.
//
// An Outline is made of an inert copy of the report, so that a rendering built on it cannot
// forget to make a string harmless; escaping for its own syntax remains its duty.
//
// outline.go indexes the report and answers what is asked of all of it; tree.go and
// timeline.go arrange lineage and timeline; account.go, undecided.go, why.go and status.go
// give the words that a verdict leaves to be looked up; words.go has names, numbers and times.
package outline

import (
	"cmp"
	"slices"
	"strings"

	"github.com/trailhound/trailhound/internal/attribution"
	"github.com/trailhound/trailhound/internal/claim"
	"github.com/trailhound/trailhound/internal/evidence"
	"github.com/trailhound/trailhound/internal/investigation"
	"github.com/trailhound/trailhound/internal/ledger"
	"github.com/trailhound/trailhound/internal/lineage"
	"github.com/trailhound/trailhound/internal/report"
	"github.com/trailhound/trailhound/internal/report/inert"
)

// multiline names the fields that people write over several lines: their line feeds survive.
var multiline = []string{"Step.Command", "Step.Undo", "Step.Verify", "Case.Text"}

// Outline is a report, inert and indexed.
type Outline struct {
	*report.Report

	claims map[string]*claim.Claim    // by id; the first row with an id
	judged map[string]attribution.Row // by event id
}

// New returns the outline of r and leaves r alone.
// A report from elsewhere may repeat ids, cite what it lacks and hold cycles: nothing here
// fails of it, and the first row with an id is the one that counts.
func New(r *report.Report) *Outline {
	o := &Outline{Report: inert.Copy(r, multiline...), claims: map[string]*claim.Claim{}}
	o.Normalize()
	o.judged = report.Judged(o.Attribution)
	for i := range o.Claims {
		if c := &o.Claims[i]; o.claims[c.ID] == nil {
			o.claims[c.ID] = c
		}
	}
	return o
}

// Claim returns the claim with an id, or nil: a report from elsewhere may cite what it lacks.
func (o *Outline) Claim(id string) *claim.Claim { return o.claims[id] }

// Row returns the attribution of an event, the zero row if there is none.
func (o *Outline) Row(event string) attribution.Row { return o.judged[event] }

// Hostile says whether an actor of the timeline is the intruder, certainly or likely.
func Hostile(actor string) bool { return attribution.Actor(actor).Hostile() }

// Held says whether the intruder held a credential, alone or with its owner.
func Held(c lineage.Credential) bool { return c.HeldBy == "intruder" || c.HeldBy == "shared" }

// Activity is when the intruder acted.
type Activity struct {
	First, Last string // RFC 3339; both empty if the timeline shows no hostile event
	Events      int    // calls attributed to the intruder
	Failed      int    // entries of the timeline that failed
}

// Activity sums up the hostile entries of the timeline. Their number is that of the
// attribution, which has the calls too that the timeline leaves out as saying nothing.
func (o *Outline) Activity() Activity {
	var a Activity
	for _, e := range o.Timeline {
		if !Hostile(e.Actor) {
			continue
		}
		a.Events++
		if e.Outcome == "failure" {
			a.Failed++
		}
		if a.First == "" || e.At < a.First {
			a.First = e.At
		}
		a.Last = max(a.Last, e.At)
	}
	calls := 0
	for _, row := range o.judged {
		if row.Actor.Hostile() {
			calls++
		}
	}
	a.Events = max(a.Events, calls)
	return a
}

// Seeds returns the credentials the case starts from: those the intruder held whose parent, if
// any, the intruder did not hold. They are where the intruder came in.
func (o *Outline) Seeds() []lineage.Credential {
	held := map[string]bool{}
	for _, c := range o.Credentials {
		held[c.ID] = held[c.ID] || Held(c)
	}
	var out []lineage.Credential
	for _, c := range o.Credentials {
		if Held(c) && (c.IssuedBy == nil || !held[c.IssuedBy.Credential] || c.IssuedBy.Credential == c.ID) {
			out = append(out, c)
		}
	}
	slices.SortStableFunc(out, byFirstSeen)
	return out
}

// byFirstSeen orders credentials by first use; the id decides between equals.
func byFirstSeen(a, b lineage.Credential) int {
	return cmp.Or(cmp.Compare(a.FirstSeen, b.FirstSeen), cmp.Compare(a.ID, b.ID))
}

// Networks returns where the intruder's calls came from, sorted, less the networks of the owner's
// own. Of a report that does not tell them apart, the networks of a shared credential are left out.
func (o *Outline) Networks() []string {
	var out []string
	for _, c := range o.Credentials {
		switch {
		case len(c.Hostile) > 0:
			out = append(out, c.Hostile...)
		case c.HeldBy == "intruder":
			out = append(out, c.Networks...)
		}
	}
	slices.Sort(out)
	return slices.Compact(out)
}

// Inventory returns the persistence list, what is live first.
func (o *Outline) Inventory() []ledger.Persistence {
	return sorted(o.Persistence, []string{"live", "unknown", "removed", "attempted"}, func(p ledger.Persistence) string { return p.Status })
}

// ByImpact returns the impact list, what is certain first and what is not covered last.
func (o *Outline) ByImpact() []investigation.Impact {
	return sorted(o.Impact, []string{"confirmed", "probable", "possible", "excluded", "not_covered"}, func(i investigation.Impact) string { return i.Level })
}

// ByRecovery returns what was taken away, what cannot wait first and what is back last.
func (o *Outline) ByRecovery() []investigation.Recovery {
	return sorted(o.Recovery, []string{"pending", "unknown", "gone", "partly", "kept", "copy", "restored"}, func(x investigation.Recovery) string { return x.Outcome })
}

// Recoverable says in words whether a thing can be had back.
func Recoverable(x investigation.Recovery) string {
	switch x.Outcome {
	case "kept":
		return "kept in place"
	case "copy":
		return "a copy was made"
	case "partly":
		return "kept in part"
	case "pending":
		return "can be called off until " + Time(x.Until) + " UTC"
	case "restored":
		return "put back"
	case "gone":
		return "gone"
	}
	return "not known"
}

// BySeverity returns the findings, worst first; within one severity the order of the report.
func (o *Outline) BySeverity() []investigation.Finding {
	return sorted(o.Findings, Severities, func(f investigation.Finding) string { return f.Severity })
}

// Severities is the order of severities, worst first.
var Severities = func() []string {
	list := slices.Clone(evidence.Severities)
	slices.Reverse(list)
	return list
}()

// sorted returns list ordered by the place of key in order, values it does not know last.
func sorted[T any](list []T, order []string, key func(T) string) []T {
	place := func(v T) int {
		if i := slices.Index(order, key(v)); i >= 0 {
			return i
		}
		return len(order)
	}
	out := slices.Clone(list)
	slices.SortStableFunc(out, func(a, b T) int { return place(a) - place(b) })
	return out
}

// EventID returns the event id of a typed reference and whether it is one.
func EventID(ref string) (string, bool) { return strings.CutPrefix(ref, "event:") }
