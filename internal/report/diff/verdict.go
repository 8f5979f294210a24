package diff

import (
	"github.com/trailhound/trailhound/internal/report"
	"github.com/trailhound/trailhound/internal/report/outline"
)

// verdict compares the answer by its words. The headline alone makes no change: it holds counts and
// times that move with any evidence.
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
