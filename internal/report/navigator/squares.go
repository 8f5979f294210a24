package navigator

import (
	"cmp"
	"fmt"
	"slices"
	"strings"

	"github.com/trailhound/trailhound/internal/investigation"
	"github.com/trailhound/trailhound/internal/report/exchange"
	"github.com/trailhound/trailhound/internal/report/outline"
)

// squares gathers the findings of each technique in each tactic.
// A tactic that the pinned version lacks is dropped, not the square: the technique then
// shows under all of its tactics. left counts the marks whose id has not ATT&CK's form.
func squares(c *exchange.Case) (out []technique, left int) {
	type square struct{ technique, tactic string }
	found := map[square][]investigation.Finding{}
	var order []square
	for _, f := range c.BySeverity() {
		for _, a := range f.Attack {
			if !exchange.IsTechnique(a.Technique) {
				left++
				continue
			}
			k := square{technique: a.Technique}
			if _, ok := c.Attack.Tactics[a.Tactic]; ok {
				k.tactic = a.Tactic
			}
			if found[k] == nil {
				order = append(order, k)
			}
			found[k] = append(found[k], f)
		}
	}
	slices.SortFunc(order, func(a, b square) int {
		return cmp.Or(cmp.Compare(a.technique, b.technique), cmp.Compare(a.tactic, b.tactic))
	})
	out = []technique{}
	for _, k := range order {
		out = append(out, mark(k.technique, k.tactic, found[k]))
	}
	return out, left
}

// mark is one square: the worst that succeeded decides its shade, and an attempt only where
// nothing did.
func mark(id, tactic string, findings []investigation.Finding) technique {
	t := technique{ID: id, Tactic: tactic, Enabled: true, Color: attempted}
	var lines []string
	outcome := "attempted"
	for _, f := range findings { // worst first
		// 100 for what is critical down to 20 for informational; a tenth of it for an attempt, so
		// that none sorts above a success.
		score := 20 * (len(outline.Severities) - place(f.Severity))
		if f.Outcome == "attempted" {
			score /= 10
		} else if outcome == "attempted" {
			outcome, t.Color = f.Outcome, shade(f.Severity)
		}
		if f.Outcome == "succeeded" {
			outcome = f.Outcome // beside a mixed one
		}
		t.Score = max(t.Score, score)
		line := fmt.Sprintf("%s %s, %s: %s (%s)", f.ID, f.Outcome, f.Severity, f.Title, f.Technique)
		if n := len(exchange.Events(f.Evidence)); n > 0 {
			line += fmt.Sprintf("; %s, %s to %s UTC", outline.Count(n, "event"), outline.Time(f.First), outline.Time(f.Last))
		}
		lines = append(lines, line)
	}
	t.Comment = strings.Join(lines, "\n")
	t.Metadata = []pair{{"outcome", outcome}, {"findings", ids(findings)}}
	return t
}

// place counts from the worst; an unknown severity is the mildest.
func place(severity string) int {
	if i := slices.Index(outline.Severities, severity); i >= 0 {
		return i
	}
	return len(outline.Severities) - 1
}

func shade(severity string) string { return shades[outline.Severities[place(severity)]] }

// ids names the findings behind a square, each once: one may stand twice in a row where it
// names a technique twice.
func ids(findings []investigation.Finding) string {
	var out []string
	for _, f := range findings {
		if f.ID != "" {
			out = append(out, f.ID)
		}
	}
	if len(out) == 0 {
		return "none named"
	}
	return strings.Join(slices.Compact(out), ", ")
}
