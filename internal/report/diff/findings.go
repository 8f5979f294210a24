package diff

import (
	"fmt"
	"slices"
	"strings"

	"github.com/trailhound/trailhound/internal/investigation"
	"github.com/trailhound/trailhound/internal/report/outline"
)

// findings compares what was concluded. The rule and the evidence say which finding is which; the
// outcome weighs more than the severity where both changed.
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
		// The later rule wins: an outcome over a severity.
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
