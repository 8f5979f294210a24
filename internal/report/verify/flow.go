package verify

import (
	"slices"
	"strings"

	"github.com/trailhound/trailhound/internal/playbook"
)

// flow checks what the playbook and the hypotheses cite: events that exist, and
// limits of the report. Their answers are conclusions, open to dispute by whoever
// reads the same references.
func (c *check) flow() {
	p := c.r.Playbook
	for i, x := range p.Evidence {
		c.cited(at("playbook", "evidence", i, "evidence"), x.Refs)
	}
	for i, x := range p.Decisions {
		c.cited(at("playbook", "decisions", i, "evidence"), x.Refs)
	}
	for i, x := range p.Criteria {
		c.cited(at("playbook", "criteria", i, "evidence"), x.Refs)
		if !slices.Contains([]string{playbook.Met, playbook.NotMet, playbook.CannotTell}, x.Status) {
			c.problem(at("playbook", "criteria", i, "status"), x.ID, "%q is no status of a criterion", x.Status)
		}
	}
	for i, h := range c.r.Hypotheses {
		for k, x := range h.For {
			c.cited(at("hypotheses", i, "for", k, "evidence"), x.Refs)
		}
		for k, x := range h.Against {
			c.cited(at("hypotheses", i, "against", k, "evidence"), x.Refs)
		}
		c.follow(at("hypotheses", i, "set_aside"), h.SetAside)
		if !slices.Contains([]string{playbook.Supported, playbook.Possible, playbook.Refuted, playbook.NoEvidence}, h.Verdict) {
			c.problem(at("hypotheses", i, "verdict"), h.ID, "%q is no verdict on a hypothesis", h.Verdict)
		}
	}
}

// cited follows references of any kind, and to limits of this report: a playbook may
// answer "cannot tell" because of a limit, and that is its evidence.
func (c *check) cited(where string, refs []string) {
	for i, ref := range refs {
		if id, ok := strings.CutPrefix(ref, "limit:"); !ok {
			c.one(where+at(i), ref)
		} else if !c.limits[id] {
			c.problem(where+at(i), ref, "there is no limit %q in the report", id)
		}
	}
}
