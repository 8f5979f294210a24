// Package text renders a report for a terminal and for someone who was woken for it: the
// verdict first, then how they got in, what they did, what they left behind, and what to type.
//
// It is the only rendering that leaves things out: long lists are cut, and each cut says how
// many more there are. Commands are never cut or wrapped.
package text

import (
	"fmt"
	"io"
	"strings"

	"github.com/trailhound/trailhound/internal/report"
	"github.com/trailhound/trailhound/internal/report/outline"
)

// Options say what the terminal can do. The caller knows; this package asks nobody.
type Options struct {
	Width int  // columns; 0 means 100, anything below 60 means 60
	Color bool // write SGR colours
}

// How much of each list is shown: what somebody scrolls through once, on the phone. The plan has
// no bound, and every cut says how much it cut.
const (
	maxFindings = 20 // worst first
	maxRuns     = 10 // of each phase
	maxTree     = 40 // credentials drawn
	maxLeft     = 30 // ways back in, the live first
	maxLimits   = 15
	maxSmall    = 8 // lists of little urgency

	maxIndicators = 20
)

// Write renders r to w.
func Write(w io.Writer, r *report.Report, opt Options) error {
	if opt.Width == 0 {
		opt.Width = 100
	}
	d := &document{Outline: outline.New(r), page: page{width: max(60, opt.Width), color: opt.Color}}
	d.verdict()
	d.account()
	d.chain()
	d.done()
	d.left()
	d.impact()
	d.recovery()
	d.indicators()
	d.limits()
	d.containment()
	d.closing()
	d.questions()
	d.origins()
	d.supplied()
	d.alerts()
	d.benign()
	d.hypotheses()
	d.method()
	// No-break spaces are how labels survive wrapping; evidence has none left.
	if _, err := io.WriteString(w, strings.ReplaceAll(d.String(), "\u00a0", " ")); err != nil {
		return fmt.Errorf("write report: %w", err)
	}
	return nil
}

// document is the report beside the page it is written on. Each section is a method that reads the
// one and writes the other, and writes nothing at all where the report has nothing.
type document struct {
	*outline.Outline
	page
}

// more says how much of a list was left out.
// The number is of items, or of events where a list gathers them into runs: whoever calls
// counts what a reader would miss.
func (d *document) more(indent string, n int) {
	if n > 0 {
		d.para(indent, indent, s(fmt.Sprintf("… and %s more (see json/html)", outline.Number(int64(n))), faint))
	}
}

// bullets writes one paragraph per item.
// Lists come in the order of their importance, so the first limit of them are shown.
func bullets[T any](d *document, list []T, limit int, item func(T) []span) {
	for i, v := range list {
		if i == limit {
			d.more("  ", len(list)-limit)
			return
		}
		d.para("  • ", "    ", item(v)...)
	}
}

// severityStyle and its kin give a word its colour; the word always stands there too, for those
// who see no colours.
func severityStyle(v string) style {
	switch v {
	case "critical", "high":
		return alarm
	case "medium":
		return yellow
	}
	return plain
}

func actorStyle(actor string) style {
	switch actor {
	case "intruder", "likely_intruder":
		return red
	case "owner", "service":
		return green
	case "responder":
		return cyan
	}
	return yellow
}
