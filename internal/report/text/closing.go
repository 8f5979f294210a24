package text

import (
	"strings"

	"github.com/trailhound/trailhound/internal/playbook"
	"github.com/trailhound/trailhound/internal/report/outline"
)

// closing is the checklist to work through before anybody says that it is over.
func (d *document) closing() {
	if len(d.Playbook.Criteria) == 0 {
		return
	}
	d.section("WHAT CLOSES THIS CASE")
	d.para("  ", "  ", s(d.Playbook.Title+": ", faint), s(outline.CriteriaMet(d.Playbook), bold))
	mark := map[string]string{playbook.Met: "[x]", playbook.NotMet: "[ ]", playbook.CannotTell: "[?]"}
	st := map[string]style{playbook.Met: green, playbook.NotMet: alarm, playbook.CannotTell: yellow}
	for _, c := range d.Playbook.Criteria {
		spans := []span{s(pad(mark[c.Status], 4), st[c.Status]), s(c.Text + " ")}
		// What is met needs no advice.
		if c.Status != playbook.Met {
			spans = append(spans, s(c.Then+" ", bold))
		}
		d.para("  ", "      ", append(spans, s(c.Because, faint), d.flowRefs(c.Refs))...)
	}
	for _, x := range d.Playbook.Decisions {
		d.para("  ", "      ", s(pad(outline.Words(x.Answer), 4), bold), s(x.Text+" "), s(x.Then+" "), s(x.Because, faint), d.flowRefs(x.Refs))
	}
}

// hypotheses are the harmless explanations; those that nothing speaks for take
// one line together.
func (d *document) hypotheses() {
	if len(d.Hypotheses) == 0 {
		return
	}
	d.section("WHAT ELSE IT COULD BE")
	st := map[string]style{playbook.Supported: green, playbook.Possible: yellow}
	var none []string
	for _, h := range d.Hypotheses {
		if h.Verdict == playbook.NoEvidence {
			if len(h.For)+len(h.Against) == 0 {
				none = append(none, h.Title)
				continue
			}
			// Nothing that is its own speaks for it: what there is either way, in a line.
			d.para("  ", "    ", s(pad("no evidence", 13), faint), s(h.Title, bold), s(points(" · for: ", h.For)), s(points(" · against: ", h.Against)))
			continue
		}
		d.para("  ", "    ", s(pad(outline.Words(h.Verdict), 13), st[h.Verdict]), s(h.Title, bold))
		for _, p := range h.For {
			d.para("      for: ", "        ", s(p.Text+". "), s(p.Because, faint), d.flowRefs(p.Refs))
		}
		for _, p := range h.Against {
			d.para("      against: ", "        ", s(p.Text+". "), s(p.Because, faint), d.flowRefs(p.Refs))
		}
		if n := len(h.SetAside); n > 0 {
			d.para("      ", "        ", s("Already held to be this, and set aside: "+outline.Count(n, "event")+"."))
		}
		// What is refuted is decided.
		if h.Verdict != playbook.Refuted {
			d.para("      would decide it: ", "        ", s(h.Decide))
		}
	}
	if len(none) > 0 {
		d.para("  ", "    ", s(pad("no evidence", 13), faint), s(strings.Join(none, "; "), faint))
	}
}

// points are what speaks one way, without its reasons, which are in the JSON.
func points(way string, list []playbook.Point) string {
	var out []string
	for _, p := range list {
		out = append(out, p.Text)
	}
	if len(out) == 0 {
		return ""
	}
	return way + strings.Join(out, "; ")
}

// flowRefs names the first references of a row; the others are in the JSON.
func (d *document) flowRefs(refs []string) span {
	if len(refs) == 0 {
		return s("")
	}
	return s(" ["+list(refs, 2)+"]", faint)
}
