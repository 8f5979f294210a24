// Package navigator renders the techniques of a report as a layer of the ATT&CK Navigator,
// format 4.5, specified at https://github.com/mitre-attack/attack-navigator (layers/spec/v4.5).
package navigator

import (
	"cmp"
	"fmt"
	"io"
	"slices"
	"strings"

	"github.com/trailhound/trailhound/internal/investigation"
	"github.com/trailhound/trailhound/internal/report"
	"github.com/trailhound/trailhound/internal/report/exchange"
	"github.com/trailhound/trailhound/internal/report/outline"
)

// attempted is the colour of what was only tried: blue, so that no shade of it reads as a
// milder success.
const attempted = "#6baed6"

// shades colour what succeeded, by severity; unknown severities get the mildest.
var shades = map[string]string{
	"critical": "#a50f15", "high": "#de2d26", "medium": "#fb6a4a", "low": "#fcae91", "informational": "#fee5d9",
}

type layer struct {
	Name        string      `json:"name"`
	Versions    versions    `json:"versions"`
	Domain      string      `json:"domain"`
	Description string      `json:"description"`
	Sorting     int         `json:"sorting"` // 3: by score, highest first
	Layout      layout      `json:"layout"`
	Techniques  []technique `json:"techniques"`
	Gradient    gradient    `json:"gradient"`
	Legend      []legend    `json:"legendItems"`
	Metadata    []pair      `json:"metadata"`

	// Selecting one technique in the tool must not touch its neighbours: each square has its
	// own evidence.
	AcrossTactics bool `json:"selectTechniquesAcrossTactics"`
	WithParent    bool `json:"selectSubtechniquesWithParent"`
}

type versions struct {
	Attack    string `json:"attack"`
	Navigator string `json:"navigator"`
	Layer     string `json:"layer"`
}

type layout struct {
	Layout   string `json:"layout"`
	ShowID   bool   `json:"showID"`
	ShowName bool   `json:"showName"`
	Expanded string `json:"expandedSubtechniques"`
}

type technique struct {
	ID       string `json:"techniqueID"`
	Tactic   string `json:"tactic,omitempty"` // without one, the tool marks every tactic
	Score    int    `json:"score"`
	Color    string `json:"color"`
	Comment  string `json:"comment"`
	Enabled  bool   `json:"enabled"`
	Metadata []pair `json:"metadata"`
	ShowSubs bool   `json:"showSubtechniques"`
}

type gradient struct {
	Colors []string `json:"colors"`
	Min    int      `json:"minValue"`
	Max    int      `json:"maxValue"`
}

type legend struct {
	Label string `json:"label"`
	Color string `json:"color"`
}

type pair struct {
	Name  string `json:"name"`
	Value string `json:"value"`
}

// Write renders r to w as one layer. Attack ids that have not the form of one are left out, and
// the description says how many.
func Write(w io.Writer, r *report.Report) error {
	c, err := exchange.New(r)
	if err != nil {
		return err
	}
	l := layer{
		Name: c.Name(), Domain: "enterprise-attack", Sorting: 3,
		Versions: versions{Attack: c.Attack.Version, Navigator: "5.1.0", Layer: "4.5"},
		Layout:   layout{Layout: "side", ShowName: true, Expanded: "annotated"},
		Gradient: gradient{Colors: []string{"#ffffff", shades["critical"]}, Max: 100},
		Legend:   []legend{},
		Metadata: []pair{},
	}
	for _, p := range []pair{
		{"verdict", c.Verdict.Status}, {"severity", c.Verdict.Severity}, {"confidence", c.Verdict.Confidence},
		{"case", c.Case.ID}, {"made by", c.Method.Engine},
	} {
		if p.Value != "" {
			l.Metadata = append(l.Metadata, p)
		}
	}
	for _, s := range outline.Severities {
		l.Legend = append(l.Legend, legend{"succeeded, " + s, shades[s]})
	}
	l.Legend = append(l.Legend, legend{"attempted only", attempted})
	var left int
	l.Techniques, left = squares(c)
	l.Description = c.Headline()
	if left > 0 {
		l.Description += fmt.Sprintf(" (%s without an ATT&CK id left out)", outline.Count(left, "mark"))
	}
	return exchange.WriteJSON(w, l)
}

// squares gathers the findings of each technique in each tactic.
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

func place(severity string) int {
	if i := slices.Index(outline.Severities, severity); i >= 0 {
		return i
	}
	return len(outline.Severities) - 1
}

func shade(severity string) string { return shades[outline.Severities[place(severity)]] }

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
