package markdown

import "github.com/trailhound/trailhound/internal/report/outline"

// containment is the plan in its order, which is part of it: evidence is saved before what
// holds it is changed.
func (d *document) containment() {
	d.heading("Containment")
	if len(d.Containment) == 0 {
		d.p("No step is proposed.\n")
		return
	}
	d.p("Nothing was executed. Read each step, then run it in this order.\n")
	for _, st := range d.Containment {
		d.p("\n### %d. %s: %s %s\n\n", st.Step, esc(outline.Title(st.Phase)), code(st.Action), code(st.Target))
		if st.Command != "" {
			d.p("%s\n", block("sh", st.Command))
		}
		for _, id := range st.Why {
			if c := d.Claim(id); c != nil {
				d.p("- Why: %s (%s)\n", sentence(c.Text), code(id))
				// A report from elsewhere may cite a claim that it lacks.
			} else {
				d.p("- Why: %s\n", code(id))
			}
		}
		d.p("- Disruption: %s. %s\n", strong(st.Disruption), esc(st.SideEffects))
		if st.Irreversible {
			d.p("- **Cannot be undone.**\n")
		}
		if st.Undo != "" {
			d.p("\nUndo:\n\n%s", block("sh", st.Undo))
		}
		if st.Verify != "" {
			d.p("\nVerify:\n\n%s", block("sh", st.Verify))
		}
	}
}
