package investigation

import (
	"fmt"
	"slices"

	"github.com/trailhound/trailhound/internal/attribution"
	"github.com/trailhound/trailhound/internal/evidence"
)

// SuppliedAlert is an alert that came with the evidence, and what became of it: whoever
// hands over a dozen wants to know of each whether it is part of this.
type SuppliedAlert struct {
	Ref      string   `json:"ref"` // "alert:…"
	Product  string   `json:"product"`
	Type     string   `json:"type"`
	Severity string   `json:"severity"`
	First    string   `json:"first"` // empty where the detector does not say
	Last     string   `json:"last"`
	Closed   bool     `json:"closed"` // by somebody, in the detector
	Answer   string   `json:"answer"` // one of the values below
	Text     string   `json:"text"`   // the answer in a sentence
	Findings []string `json:"findings"`
	Events   []string `json:"events"` // of the calls that it is about, the hostile first, at most maxAlertCalls
}

// What can become of an alert. An alert is never "false": that nobody is held to account
// for its calls is all that can be said.
const (
	AlertHostile    = "intruder"     // some of its calls are the intruder's
	AlertOpen       = "undetermined" // some could be put down to nobody, and none is the intruder's
	AlertHeldOwn    = "not_hostile"  // all are somebody's own
	AlertUnexamined = "unexamined"   // its calls are here, and of principals that the case did not touch
	AlertNoCalls    = "not_found"    // none of its calls is in the evidence
	AlertNotCalls   = "not_calls"    // it is about traffic, configuration or software
)

// maxAlertCalls bounds the calls named with one alert; its sentence counts them all.
const maxAlertCalls = 20

// supplied answers each alert that came with the evidence, the gravest first.
func (in *inquiry) supplied() {
	for i := range in.observed.alerts {
		a := &in.observed.alerts[i]
		s := SuppliedAlert{Ref: a.ref, Product: a.Product, Type: a.Type, Severity: a.Severity, First: stamp(a.First), Last: stamp(a.Last), Closed: a.Closed}
		// The gravest answer that any of its calls bears decides: an alert that is half the
		// intruder's is no harmless one.
		by := map[string][]string{} // answer → events
		for _, id := range a.events {
			held := in.heldBy(id)
			by[held] = append(by[held], id)
		}
		n := len(a.events)
		switch {
		case !a.Behavior():
			s.Answer, s.Text = AlertNotCalls, "It is about traffic, configuration or software, which no call shows."
		case n == 0:
			s.Answer, s.Text = AlertNoCalls, "None of the calls that it is about is in the evidence."
		case len(by[AlertHostile]) > 0:
			s.Answer, s.Text = AlertHostile, fmt.Sprintf("%d of its %d %s %s the intruder's.", len(by[AlertHostile]), n, plural("calls", int64(n)), isAre(len(by[AlertHostile])))
		case len(by[AlertOpen]) > 0:
			s.Answer, s.Text = AlertOpen, fmt.Sprintf("%d of its %d %s could be put down to nobody.", len(by[AlertOpen]), n, plural("calls", int64(n)))
		case len(by[AlertUnexamined]) > 0:
			s.Answer, s.Text = AlertUnexamined, fmt.Sprintf("%d of its %d %s %s not examined: of principals that this case did not lead to.", len(by[AlertUnexamined]), n, plural("calls", int64(n)), map[bool]string{true: "was", false: "were"}[len(by[AlertUnexamined]) == 1])
		default:
			s.Answer, s.Text = AlertHeldOwn, fmt.Sprintf("Nothing is held against anybody for its calls (%d).", n)
		}
		for _, answer := range []string{AlertHostile, AlertOpen, AlertUnexamined, AlertHeldOwn} {
			s.Events = append(s.Events, by[answer]...)
		}
		s.Events = s.Events[:min(len(s.Events), maxAlertCalls)]
		for _, f := range in.res.Findings {
			if slices.Contains(f.Evidence, a.ref) {
				s.Findings = append(s.Findings, f.ID)
			}
		}
		in.res.Supplied = append(in.res.Supplied, s)
	}
}

// leftOut says whether nobody looked at the calls of a grave alert: then no all-clear is given.
func leftOut(s SuppliedAlert) bool {
	return s.Answer == AlertUnexamined && !s.Closed && evidence.SeverityRank(s.Severity) >= 2
}

// heldBy sorts an alert's call by whose it is held to be.
func (in *inquiry) heldBy(event string) string {
	row, ok := in.rows()[event]
	switch {
	case !ok:
		return AlertUnexamined
	case row.Actor.Hostile():
		return AlertHostile
	case row.Actor == attribution.Undetermined:
		return AlertOpen
	}
	return AlertHeldOwn
}

// askAlert leaves to a person what a detector claims gravely and this report holds
// against nobody.
func (in *inquiry) askAlert(a *alert) {
	if len(a.events) == 0 || !a.grave() {
		return
	}
	in.res.Open = append(in.res.Open, fmt.Sprintf("Alert %s of %s (%s, %s) is about calls that this report holds against nobody (%d, first event %s). Is it known?",
		a.ID, a.Product, a.Type, a.Severity, len(a.events), a.events[0]))
}
