package markdown

import (
	"fmt"
	"strings"

	"github.com/trailhound/trailhound/internal/investigation"
	"github.com/trailhound/trailhound/internal/lineage"
	"github.com/trailhound/trailhound/internal/report/outline"
)

// findings has the table first, then the evidence of each: a cell with a thousand ids could
// not be read.
func (d *document) findings() {
	if len(d.Findings) == 0 {
		return
	}
	d.heading("Findings")
	d.table([]string{"Id", "Severity", "Finding", "Outcome", "Confidence", "Rule", "ATT&CK", "First (UTC)", "Last (UTC)", "Claims"},
		rows(d.BySeverity(), func(f investigation.Finding) []string {
			var attack []string
			for _, a := range f.Attack {
				attack = append(attack, esc(a.Technique+" "+outline.Words(a.Tactic)))
			}
			return []string{code(f.ID), esc(f.Severity), esc(f.Title), esc(f.Outcome), esc(f.Confidence), code(f.Technique),
				strings.Join(attack, ", "), utc(f.First), utc(f.Last), codes(f.Claims)}
		}))
	for _, f := range d.BySeverity() {
		d.p("\nEvidence of %s: %s", code(f.ID), codes(f.Evidence))
		if len(f.Resources) > 0 {
			d.p("; resources: %s", codes(f.Resources))
		}
		d.p("\n")
	}
}

// timeline is every entry in order of time. It is never cut here.
func (d *document) timeline() {
	if len(d.Timeline) == 0 {
		return
	}
	d.heading("Timeline (UTC)")
	d.table([]string{"Time", "Actor", "Phase", "What", "Target", "Outcome", "Finding", "Grade", "Event"},
		rows(d.Timeline, func(e investigation.Entry) []string {
			return []string{utc(e.At), esc(outline.Words(e.Actor)), esc(outline.Words(e.Phase)), esc(e.Text), code(e.Target),
				esc(e.Outcome), code(e.Finding), esc(e.Grade), code(e.Event)}
		}))
}

// maxIndent bounds the nesting of the lineage list; a deeper chain goes on at that depth.
const maxIndent = 12

// lineage shows which credential led to which as a list, since Markdown has no picture, and
// what is known of each in a table after it.
func (d *document) lineage() {
	if len(d.Credentials) == 0 {
		return
	}
	d.heading("Credentials and their lineage")
	// A child stands under its parent, so only a root has to name one: it is not in the report.
	var walk func(n *outline.Node, depth int)
	walk = func(n *outline.Node, depth int) {
		c := n.Credential
		issued := ""
		if i := c.IssuedBy; i != nil {
			by := ""
			if i.Credential == "" {
				by = " by a service"
			} else if depth == 0 {
				by = " by " + code(i.Credential)
			}
			issued = fmt.Sprintf("%s (tier %d, %s)%s, %s → ", esc(i.Rule), i.Tier, esc(i.Confidence), by, code(i.Event))
		}
		d.p("%s- %s%s %s, %s; %s of %s\n", strings.Repeat("  ", min(depth, maxIndent)), issued, code(c.ID),
			strong(c.HeldBy), esc(c.State), esc(outline.Words(c.Kind)), code(c.Principal))
		for _, k := range n.Children {
			walk(k, depth+1)
		}
	}
	for _, n := range d.Tree() {
		walk(n, 0)
	}
	d.p("\n")
	d.table([]string{"Credential", "Kind", "Principal id", "First seen (UTC)", "Last seen (UTC)", "Expires (UTC)", "Networks", "Held by", "State", "State evidence"},
		rows(d.Credentials, func(c lineage.Credential) []string {
			return []string{code(c.ID), esc(outline.Words(c.Kind)), code(c.PrincipalID), utc(c.FirstSeen), utc(c.LastSeen), utc(c.ExpiresAt),
				codes(c.Networks), esc(c.HeldBy), esc(c.State), codes(c.StateEvidence)}
		}))
}
