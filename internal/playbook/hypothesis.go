package playbook

import (
	"strings"

	"github.com/trailhound/trailhound/internal/investigation"
)

// maxSetAside bounds the events listed as already held to be the harmless thing.
const maxSetAside = 50

// Hypotheses weighs every harmless explanation of an incident, a suspicion or a
// doubt. Where all is somebody's own there is nothing to explain.
// They come in the order of the content, whatever their verdicts.
func (p *Pack) Hypotheses(res *investigation.Result) []Hypothesis {
	v := look(res)
	if res.Verdict.Status == "no_incident" || len(v.subject) == 0 {
		return nil
	}
	var out []Hypothesis
	for _, t := range p.Theories {
		out = append(out, v.weigh(t))
	}
	return out
}

// outweighed is by how many reasons "against" makes what speaks for a theory
// too little to call it possible.
const outweighed = 2

// weigh runs the signals. One decisive reason against refutes; one decisive
// reason for supports if nothing at all speaks against; anything for it without
// that leaves it possible, unless it is outweighed.
func (v *view) weigh(t Theory) Hypothesis {
	h := Hypothesis{ID: t.ID, Title: t.Title, Decide: t.Decide}
	var supports, refutes bool
	for _, r := range t.For {
		if s, ok := signals[r.Signal].run(v, r.Args); ok {
			h.For = append(h.For, Point{r.Signal, r.Text, s.because, limit(s.refs)})
			supports = supports || r.Decisive
		}
	}
	for _, r := range t.Against {
		if s, ok := signals[r.Signal].run(v, r.Args); ok {
			h.Against = append(h.Against, Point{r.Signal, r.Text, s.because, limit(s.refs)})
			refutes = refutes || r.Decisive
		}
	}
	switch {
	case refutes:
		h.Verdict = Refuted
	case supports && len(h.Against) == 0:
		h.Verdict = Supported
	case len(h.For) > 0 && (supports || len(h.Against) < len(h.For)+outweighed):
		h.Verdict = Possible
	default:
		h.Verdict = NoEvidence
	}
	// What was set aside is told by the reasons that the attribution gave, in its order.
	for _, a := range v.acts {
		if a.row.Actor.Hostile() || len(h.SetAside) == maxSetAside {
			continue
		}
		for _, prefix := range t.SetAside {
			if strings.HasPrefix(string(a.row.Actor)+" "+a.row.Because, prefix) {
				h.SetAside = append(h.SetAside, a.ID)
				break
			}
		}
	}
	return h
}
