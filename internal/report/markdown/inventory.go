package markdown

import (
	"strings"

	"github.com/trailhound/trailhound/internal/attribution"
	"github.com/trailhound/trailhound/internal/investigation"
	"github.com/trailhound/trailhound/internal/ledger"
	"github.com/trailhound/trailhound/internal/report/outline"
)

// persistence is what would let them back in, what is live first.
func (d *document) persistence() {
	if len(d.Persistence)+len(d.Doubtful) == 0 {
		return
	}
	d.heading("Left behind")
	if len(d.Doubtful) > 0 {
		defer d.doubtful()
	}
	if len(d.Persistence) == 0 {
		return
	}
	d.table([]string{"Status", "Means", "Kind", "Id", "Rule", "Events", "Evidence", "Status shown by", "Later", "Undo"},
		rows(d.Inventory(), func(p ledger.Persistence) []string {
			return []string{strong(d.Status(p)), esc(outline.Words(p.Meaning())), esc(outline.Words(p.Kind)), named(p), code(p.Technique), codes(p.Events),
				codes(p.Evidence), codes(p.StateEvidence), sentence(d.Later(p)), code(p.Undo)}
		}))
}

// named is an id, and the name that its maker gave it.
func named(p ledger.Persistence) string {
	if p.Name == "" {
		return code(p.ID)
	}
	return code(p.ID) + ", called " + code(p.Name)
}

// doubtful is what calls left that could be put down to nobody.
func (d *document) doubtful() {
	d.p("\n%s\n\n", outline.DoubtfulMeans)
	d.table([]string{"Status", "Means", "Kind", "Id", "Rule", "Events", "Claims", "Open because", "What decides it", "Undo"},
		rows(d.Doubtful, func(x investigation.Doubtful) []string {
			return []string{strong(x.Status), esc(outline.Words(x.Means)), esc(outline.Words(x.Kind)), code(x.ID), code(x.Technique), codes(x.Events),
				codes(x.Claims), esc(attribution.Words(x.Because)), sentence(x.Decides), code(x.Undo)}
		}))
}

// impact is what was hit, down to what the evidence does not cover.
func (d *document) impact() {
	if len(d.Impact) == 0 {
		return
	}
	d.heading("Impact")
	d.table([]string{"Level", "Class", "What", "Quantity", "Evidence", "Limits"},
		rows(d.ByImpact(), func(i investigation.Impact) []string {
			quantity := ""
			if i.Quantity != nil {
				quantity = esc(outline.Number(i.Quantity.Value) + " " + i.Quantity.Unit)
			}
			return []string{strong(outline.Words(i.Level)), esc(i.Class), sentence(i.Text), quantity, codes(i.Evidence), codes(i.Coverage)}
		}))
}

// recovery says of what was taken away whether it can be had back, and by which claims.
func (d *document) recovery() {
	if len(d.Recovery) == 0 {
		return
	}
	d.heading("Can it be had back")
	d.table([]string{"Outcome", "What", "Resource", "Type", "By events", "Claims", "What tells or confirms it"},
		rows(d.ByRecovery(), func(x investigation.Recovery) []string {
			return []string{strong(outline.Recoverable(x)), esc(x.What), code(x.ID), esc(x.Type), codes(x.Events), codes(x.Claims), sentence(x.Decides)}
		}))
}

// indicators are what to look for elsewhere. One that others of the case have, too,
// is marked: to block it would block them.
func (d *document) indicators() {
	if len(d.Indicators) == 0 {
		return
	}
	d.heading("Indicators")
	d.table([]string{"Kind", "Value", "Calls", "First", "Last", "Also others'", "Claims"},
		rows(d.Indicators, func(x investigation.Indicator) []string {
			shared := ""
			if x.Shared {
				shared = "yes"
			}
			return []string{esc(outline.Words(x.Kind)), code(x.Value), outline.Number(int64(x.Calls)), utc(x.First), utc(x.Last), shared, codes(x.Claims)}
		}))
}

// resources are the things that the intruder's calls touched, how, and how they stand now.
func (d *document) resources() {
	if len(d.AffectedResources) == 0 {
		return
	}
	d.heading("Resources touched")
	d.table([]string{"Resource", "Type", "Effect", "Now", "By events", "State evidence"},
		rows(d.AffectedResources, func(r ledger.Resource) []string {
			return []string{code(r.ID), esc(r.Type), esc(strings.Join(r.Effect, ", ")), esc(outline.Now(r)), codes(r.ByEvent), codes(r.StateEvidence)}
		}))
}
