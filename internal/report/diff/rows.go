package diff

import (
	"cmp"
	"fmt"
	"slices"
	"strings"

	"github.com/trailhound/trailhound/internal/attribution"
	"github.com/trailhound/trailhound/internal/investigation"
	"github.com/trailhound/trailhound/internal/ledger"
	"github.com/trailhound/trailhound/internal/lineage"
	"github.com/trailhound/trailhound/internal/report"
	"github.com/trailhound/trailhound/internal/report/outline"
	"github.com/trailhound/trailhound/internal/response"
)

// Words from strong to weak: for upgraded and downgraded, and for what is told first.
var (
	statuses    = []string{"incident", "suspicious", "inconclusive", "no_incident"}
	confidences = []string{"high", "medium", "low"}
	levels      = []string{"confirmed", "probable", "possible", "excluded", "not_covered"}
	outcomes    = []string{"succeeded", "mixed", "attempted"}
	present     = []string{"live", "unknown", "removed", "attempted"}
	holders     = []string{"intruder", "shared", "unknown", "owner"}
)

// direction says whether a word grew stronger; words of no order make a plain change.
func direction(before, after string, order []string) string {
	i, j := slices.Index(order, before), slices.Index(order, after)
	switch {
	case i < 0 || j < 0 || i == j:
		return "changed"
	case j < i:
		return "upgraded"
	}
	return "downgraded"
}

func (d *Diff) verdict(before, after *report.Report) {
	a, b := before.Verdict, after.Verdict
	f := fields("status", a.Status, b.Status, "severity", a.Severity, b.Severity, "confidence", a.Confidence, b.Confidence)
	if len(f) == 0 {
		return
	}
	kind := "changed"
	for _, w := range []struct {
		old, new string
		order    []string
	}{{a.Confidence, b.Confidence, confidences}, {a.Severity, b.Severity, outline.Severities}, {a.Status, b.Status, statuses}} {
		if w.old != w.new { // the status decides, then the severity
			kind = direction(w.old, w.new, w.order)
		}
	}
	d.add(Change{Section: "verdict", Kind: kind, Fields: f, Text: "The verdict is now " + words(b.Status) + ", severity " + b.Severity +
		", confidence " + b.Confidence + "; it was " + words(a.Status) + ", " + a.Severity + ", " + a.Confidence + "."})
}

func words(s string) string { return strings.ReplaceAll(s, "_", " ") }

// told writes "status live → removed, …".
func told(list []Field) string {
	var out []string
	for _, f := range list {
		out = append(out, fmt.Sprintf("%s %s → %s", words(f.Name), named(f.Old), named(f.New)))
	}
	return strings.Join(out, ", ")
}

func named(s string) string {
	if s == "" {
		return "nothing"
	}
	return words(s)
}

func (d *Diff) persistence(before, after []ledger.Persistence) {
	key := func(p ledger.Persistence) string { return p.Kind + "\x00" + p.ID }
	pairs, gone, come := match(before, after, rules[ledger.Persistence]{exact: key})
	for _, j := range come {
		p := after[j]
		d.add(Change{Section: "persistence", weight: place(present, p.Status), Kind: "added", ID: p.ID, Evidence: p.Evidence, Text: fmt.Sprintf("%s %s, %s.", words(p.Kind), p.ID, words(p.Status))})
	}
	for _, p := range pairs {
		a, b := before[p[0]], after[p[1]]
		if f := fields("status", a.Status, b.Status); len(f) > 0 {
			d.add(Change{Section: "persistence", weight: place(present, b.Status), Kind: "changed", ID: b.ID, Fields: f, Evidence: b.Evidence, Text: fmt.Sprintf("%s %s: %s.", words(b.Kind), b.ID, told(f))})
		}
	}
	for _, i := range gone {
		p := before[i]
		d.add(Change{Section: "persistence", weight: place(present, p.Status), Kind: "withdrawn", ID: p.ID, Evidence: p.Evidence, Text: fmt.Sprintf("%s %s (was %s) is no longer listed.", words(p.Kind), p.ID, words(p.Status))})
	}
}

func (d *Diff) credentials(before, after []lineage.Credential) {
	parent := func(c lineage.Credential) string {
		if c.IssuedBy == nil {
			return ""
		}
		return cmp.Or(c.IssuedBy.Credential, c.IssuedBy.Rule)
	}
	pairs, gone, come := match(before, after, rules[lineage.Credential]{exact: func(c lineage.Credential) string { return c.ID }})
	for _, j := range come {
		c := after[j]
		text := fmt.Sprintf("%s %s of %s, held by %s, %s", words(c.Kind), c.ID, outline.Short(c.Principal), words(c.HeldBy), words(c.State))
		if p := parent(c); p != "" {
			text += ", issued by " + p
		}
		d.add(Change{Section: "credential", weight: place(holders, c.HeldBy), Kind: "added", ID: c.ID, Evidence: c.StateEvidence, Text: text + "."})
	}
	for _, p := range pairs {
		a, b := before[p[0]], after[p[1]]
		if f := fields("held_by", a.HeldBy, b.HeldBy, "state", a.State, b.State, "issued_by", parent(a), parent(b)); len(f) > 0 {
			d.add(Change{Section: "credential", weight: place(holders, b.HeldBy), Kind: "changed", ID: b.ID, Fields: f, Evidence: b.StateEvidence, Text: fmt.Sprintf("%s %s: %s.", words(b.Kind), b.ID, told(f))})
		}
	}
	for _, i := range gone {
		c := before[i]
		d.add(Change{Section: "credential", weight: place(holders, c.HeldBy), Kind: "withdrawn", ID: c.ID, Evidence: c.StateEvidence, Text: fmt.Sprintf("%s %s (held by %s) is no longer listed.", words(c.Kind), c.ID, words(c.HeldBy))})
	}
}

func quantity(i investigation.Impact) string {
	if i.Quantity == nil {
		return ""
	}
	return outline.Number(i.Quantity.Value) + " " + i.Quantity.Unit
}

func (d *Diff) impact(before, after []investigation.Impact) {
	pairs, gone, come := match(before, after, rules[investigation.Impact]{
		exact: func(i investigation.Impact) string { return i.Class + "\x00" + i.Text },
		loose: func(i investigation.Impact) string { return i.Class + "\x00" + unit(i) },
		refs:  func(i investigation.Impact) []string { return i.Evidence },
	})
	for _, j := range come {
		i := after[j]
		d.add(Change{Section: "impact", weight: place(levels, i.Level), Kind: "added", ID: i.Class, Evidence: i.Evidence, Text: words(i.Level) + ": " + i.Text})
	}
	for _, p := range pairs {
		a, b := before[p[0]], after[p[1]]
		f := fields("level", a.Level, b.Level, "quantity", quantity(a), quantity(b))
		if len(f) == 0 {
			continue
		}
		d.add(Change{Section: "impact", weight: place(levels, b.Level), Kind: direction(a.Level, b.Level, levels), ID: b.Class, Fields: f, Evidence: b.Evidence, Text: told(f) + ": " + b.Text})
	}
	for _, k := range gone {
		i := before[k]
		d.add(Change{Section: "impact", weight: place(levels, i.Level), Kind: "withdrawn", ID: i.Class, Evidence: i.Evidence, Text: "was " + words(i.Level) + ": " + i.Text})
	}
}

func unit(i investigation.Impact) string {
	if i.Quantity == nil {
		return ""
	}
	return i.Quantity.Unit
}

func (d *Diff) findings(before, after []investigation.Finding) {
	pairs, gone, come := match(before, after, rules[investigation.Finding]{
		exact: func(f investigation.Finding) string {
			refs := slices.Sorted(slices.Values(f.Evidence))
			return f.Technique + "\x00" + strings.Join(refs, "\x00")
		},
		loose: func(f investigation.Finding) string { return f.Technique },
		refs:  func(f investigation.Finding) []string { return f.Evidence },
	})
	for _, j := range come {
		f := after[j]
		d.add(Change{Section: "finding", weight: place(outline.Severities, f.Severity), Kind: "added", ID: f.Technique, New: f.ID, Evidence: f.Evidence,
			Text: fmt.Sprintf("%s (%s, %s, %s).", f.Title, f.Technique, f.Severity, words(f.Outcome))})
	}
	for _, p := range pairs {
		a, b := before[p[0]], after[p[1]]
		f := fields("outcome", a.Outcome, b.Outcome, "severity", a.Severity, b.Severity, "confidence", a.Confidence, b.Confidence,
			"events", outline.Number(int64(len(a.Evidence))), outline.Number(int64(len(b.Evidence))))
		if len(f) == 0 {
			continue
		}
		kind := "changed"
		if x, ok := has(f, "severity"); ok {
			kind = direction(x.Old, x.New, outline.Severities)
		}
		if x, ok := has(f, "outcome"); ok {
			kind = direction(x.Old, x.New, outcomes)
		}
		d.add(Change{Section: "finding", weight: place(outline.Severities, b.Severity), Kind: kind, ID: b.Technique, Old: a.ID, New: b.ID, Fields: f, Evidence: b.Evidence,
			Text: fmt.Sprintf("%s (%s): %s.", b.Title, b.Technique, told(f))})
	}
	for _, i := range gone {
		f := before[i]
		d.add(Change{Section: "finding", weight: place(outline.Severities, f.Severity), Kind: "withdrawn", ID: f.Technique, Old: f.ID, Evidence: f.Evidence,
			Text: fmt.Sprintf("%s (%s, was %s) is no longer found.", f.Title, f.Technique, f.Severity)})
	}
}

// attribution counts the events that moved from one actor to another: a thousand rows make a
// handful of changes. An event that one report lacks moved from or to "".
func (d *Diff) attribution(before, after []attribution.Row) {
	type move struct{ from, to string }
	was, is := map[string]string{}, map[string]string{}
	for _, r := range before {
		was[r.Event] = string(r.Actor)
	}
	for _, r := range after {
		is[r.Event] = string(r.Actor)
	}
	moved := map[move][]string{}
	for event, to := range is {
		if from := was[event]; from != to {
			moved[move{from, to}] = append(moved[move{from, to}], event)
		}
	}
	for event, from := range was {
		if _, ok := is[event]; !ok && from != "" {
			moved[move{from, ""}] = append(moved[move{from, ""}], event)
		}
	}
	var order []move
	for m := range moved {
		order = append(order, m)
	}
	hostile := func(m move) int { // moves to the intruder first, then away from them
		switch {
		case attribution.Actor(m.to).Hostile():
			return 0
		case attribution.Actor(m.from).Hostile():
			return 1
		}
		return 2
	}
	slices.SortFunc(order, func(a, b move) int {
		return cmp.Or(cmp.Compare(hostile(a), hostile(b)), -cmp.Compare(len(moved[a]), len(moved[b])), cmp.Compare(a.from, b.from), cmp.Compare(a.to, b.to))
	})
	for i, m := range order {
		events := moved[m]
		slices.Sort(events)
		c := Change{Section: "attribution", weight: i, Kind: "changed", ID: m.from + " → " + m.to, Count: len(events), Fields: []Field{{"actor", m.from, m.to}}}
		n := outline.Count(len(events), "event")
		switch {
		case m.from == "":
			c.Kind, c.Text = "added", fmt.Sprintf("%s not seen before, now %s.", n, words(m.to))
		case m.to == "":
			c.Kind, c.Text = "withdrawn", fmt.Sprintf("%s of %s no longer in the report.", n, words(m.from))
		default:
			c.Text = fmt.Sprintf("%s moved from %s to %s.", n, words(m.from), words(m.to))
		}
		for _, e := range events[:min(len(events), maxEvidence)] {
			c.Evidence = append(c.Evidence, "event:"+e)
		}
		d.add(c)
	}
}

func (d *Diff) containment(before, after []response.Step) {
	_, gone, come := match(before, after, rules[response.Step]{
		exact: func(s response.Step) string { return s.Phase + "\x00" + s.Action + "\x00" + s.Target },
	})
	for _, j := range come {
		s := after[j]
		d.add(Change{Section: "containment", Kind: "added", ID: s.Target, New: fmt.Sprint(s.Step), Text: fmt.Sprintf("step %d, %s: %s %s.", s.Step, s.Phase, s.Action, s.Target)})
	}
	for _, i := range gone {
		s := before[i]
		d.add(Change{Section: "containment", Kind: "withdrawn", ID: s.Target, Old: fmt.Sprint(s.Step), Text: fmt.Sprintf("no longer advised: %s %s.", s.Action, s.Target)})
	}
}

func (d *Diff) limits(before, after []investigation.Limit) {
	pairs, gone, come := match(before, after, rules[investigation.Limit]{
		exact: func(l investigation.Limit) string { return l.Kind + "\x00" + l.Text },
		loose: func(l investigation.Limit) string { return l.Kind + "\x00" + shape(l.Text) },
	})
	for _, i := range gone {
		l := before[i]
		d.add(Change{Section: "limit", Kind: "withdrawn", ID: l.Kind, Old: l.ID, Text: "lifted: " + l.Text})
	}
	for _, j := range come {
		l := after[j]
		d.add(Change{Section: "limit", Kind: "added", ID: l.Kind, New: l.ID, Text: strings.TrimSpace(l.Text + " " + l.Effect)})
	}
	for _, p := range pairs {
		a, b := before[p[0]], after[p[1]]
		if f := fields("text", a.Text, b.Text); len(f) > 0 {
			d.add(Change{Section: "limit", Kind: "changed", ID: b.Kind, Old: a.ID, New: b.ID, Fields: f, Text: "now: " + b.Text})
		}
	}
}
