package text

import (
	"fmt"
	"strings"

	"github.com/trailhound/trailhound/internal/response"
)

// containment is never cut: a plan with a step missing is worse than a long one.
func (d *document) containment() {
	d.section("CONTAINMENT")
	if len(d.Containment) == 0 {
		d.para("  ", "  ", s("No step is proposed."))
		return
	}
	d.para("  ", "  ", s("Nothing was executed. Read each step, then run it in this order.", faint))
	phase := ""
	for i, st := range d.Containment {
		if i > 0 {
			d.WriteByte('\n')
		}
		if st.Phase != phase {
			phase = st.Phase
			d.para("  ", "  ", s(strings.ToUpper(phase), bold))
		}
		d.step(st)
	}
}

// step is one action: what and against whom, then the command, then what to know before it is run.
func (d *document) step(st response.Step) {
	head := []span{s(pad(fmt.Sprint(st.Step), 3), bold), s(st.Action+" ", bold), s(st.Target)}
	if st.Disruption != "" {
		head = append(head, s(" · disruption "), s(st.Disruption, disruptionStyle(st.Disruption)))
	}
	if st.Irreversible {
		head = append(head, s(" · cannot be undone", alarm))
	}
	d.para("  ", "     ", head...)
	d.command("", st.Command)
	// One reason in full: whoever wants the others has their numbers.
	var why string
	var also []string
	for _, id := range st.Why {
		switch c := d.Claim(id); {
		// A report from elsewhere may cite a claim that it lacks: that is no reason to show.
		case c == nil:
		case why == "":
			why = c.Text + " (" + id + ")"
		default:
			also = append(also, id)
		}
	}
	if len(also) > 0 {
		why += ", also " + strings.Join(also, ", ")
	}
	if why != "" {
		d.para("     why: ", "          ", s(why, faint))
	}
	if st.SideEffects != "" {
		d.para("     side effects: ", "          ", s(st.SideEffects))
	}
	d.command("undo:", st.Undo)
	d.command("verify:", st.Verify)
}

// command writes a command on lines of its own, whole, after nothing but spaces: three clicks
// must select it and nothing else.
func (d *document) command(name, command string) {
	if command == "" {
		return
	}
	if name != "" {
		d.line(s("     "+name, faint))
	}
	for _, l := range strings.Split(command, "\n") {
		d.line(s("       "), s(l, cyan))
	}
}

func disruptionStyle(v string) style {
	switch v {
	case "high":
		return alarm
	case "medium":
		return yellow
	}
	return plain
}
