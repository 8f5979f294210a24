package text

import (
	"fmt"
	"slices"
	"strings"

	"github.com/trailhound/trailhound/internal/investigation"
	"github.com/trailhound/trailhound/internal/report/outline"
)

// done is what was done: the findings, then the timeline by phase.
func (d *document) done() {
	if len(d.Findings)+len(d.Timeline) == 0 {
		return
	}
	d.section("WHAT WAS DONE")
	for i, f := range d.BySeverity() {
		if i == maxFindings {
			d.more("  ", len(d.Findings)-i)
			break
		}
		d.finding(f)
	}
	for _, ph := range d.Phases() {
		d.phase(ph)
	}
}

// finding is one line: an outcome is named only where it is not success, which is what a reader
// takes for granted.
func (d *document) finding(f investigation.Finding) {
	spans := []span{s(pad(f.Severity, 10), severityStyle(f.Severity)), s(f.ID+" ", faint), s(f.Title)}
	if f.Outcome != "succeeded" && f.Outcome != "" {
		spans = append(spans, s(" ("+f.Outcome+")", yellow))
	}
	var ids []string
	for _, a := range f.Attack {
		if !slices.Contains(ids, a.Technique) { // one technique may serve several tactics
			ids = append(ids, a.Technique)
		}
	}
	spans = append(spans, s(" · "+outline.Time(f.First)+" · "+strings.Join(append([]string{f.Technique}, ids...), " "), faint))
	d.para("  ", "    ", spans...)
}

// pad fills a word with no-break spaces to n columns, so that wrapping keeps the column.
func pad(word string, n int) string {
	return word + strings.Repeat("\u00a0", max(1, n-columns(word)))
}

// phase lists the runs of one phase; what is cut is counted in events, not in runs.
func (d *document) phase(ph outline.Phase) {
	n := 0
	for _, r := range ph.Runs {
		n += len(r.Entries)
	}
	title := strings.ToUpper(outline.Words(ph.Name))
	if title == "" {
		title = "OTHER"
	}
	d.WriteByte('\n')
	day, _, _ := strings.Cut(outline.Time(ph.Runs[0].First().At), " ")
	d.para("  ", "  ", s(title, bold), s("  "+day+", "+outline.Count(n, "event"), faint))
	rest := n
	for i, r := range ph.Runs {
		if i == maxRuns {
			d.more("    ", rest)
			return
		}
		rest -= len(r.Entries)
		day = d.run(r, day)
	}
}

// run writes one line of the timeline and returns its day, which is named when it changes.
func (d *document) run(r outline.Run, day string) string {
	e := r.First()
	at, clock := outline.Time(e.At), outline.Clock(e.At)
	// What is no time comes back as it is, mostly without a blank, and starts no day.
	if date, _, ok := strings.Cut(at, " "); ok && date != day {
		day = date
		d.line(s("    "+date, faint))
	}
	spans := []span{s(pad(clock, 10), faint)}
	// Almost every line is the intruder's: only the others are named.
	if e.Actor != "intruder" {
		spans = append(spans, s("["+outline.Words(e.Actor)+"] ", actorStyle(e.Actor)))
	}
	spans = append(spans, s(e.Text))
	switch n := len(r.Entries); {
	case n > 1:
		until := outline.Time(r.Last().At)
		if strings.HasPrefix(until, day) {
			until = outline.Clock(r.Last().At)
		}
		spans = append(spans, s(fmt.Sprintf("  × %d until %s", n, until), bold))
		if r.Failed > 0 {
			spans = append(spans, s(fmt.Sprintf(", %d failed", r.Failed), yellow))
		}
	case r.Failed > 0:
		spans = append(spans, s("  FAILED", yellow))
	}
	spans = append(spans, s("  ["+e.Event+"]", faint))
	d.para("    ", "              ", spans...)
	return day
}
