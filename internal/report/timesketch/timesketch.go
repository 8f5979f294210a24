// Package timesketch renders the timeline of a report as JSON lines for Timesketch, after
// https://timesketch.org/guides/user/import-from-json-csv/.
//
// Unlike the other exports it is no document but one line of JSON for each entry.
package timesketch

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"slices"
	"time"

	"github.com/trailhound/trailhound/internal/investigation"
	"github.com/trailhound/trailhound/internal/report"
	"github.com/trailhound/trailhound/internal/report/exchange"
	reportjson "github.com/trailhound/trailhound/internal/report/json"
)

// row is one line. The first three members are the ones Timesketch demands; the others become
// columns, so they are flat.
type row struct {
	Message       string   `json:"message"`
	Datetime      string   `json:"datetime"`
	TimestampDesc string   `json:"timestamp_desc"`
	Timestamp     int64    `json:"timestamp"` // microseconds
	DataType      string   `json:"data_type"`
	Tag           []string `json:"tag"`
	Case          string   `json:"case_id"`
	Event         string   `json:"event_id,omitempty"`
	Actor         string   `json:"actor,omitempty"`
	Credential    string   `json:"credential,omitempty"`
	Because       string   `json:"attributed_because,omitempty"`
	Phase         string   `json:"phase,omitempty"`
	Outcome       string   `json:"outcome,omitempty"`
	Target        string   `json:"target,omitempty"`
	Grade         string   `json:"grade,omitempty"`
	Finding       string   `json:"finding,omitempty"`
	Title         string   `json:"finding_title,omitempty"`
	Severity      string   `json:"severity,omitempty"`
	Technique     string   `json:"technique,omitempty"`
}

// Write renders r to w: one line for each entry of the timeline in the order of the report, and
// one for the verdict, so that an empty timeline is told from an import that failed.
func Write(w io.Writer, r *report.Report) error {
	c, err := exchange.New(r)
	if err != nil {
		return err
	}
	findings := map[string]investigation.Finding{}
	for _, f := range c.Findings {
		// Ids of a report from elsewhere may repeat; the first holds, as in the other renderings.
		if _, ok := findings[f.ID]; !ok {
			findings[f.ID] = f
		}
	}
	var buf bytes.Buffer
	for _, e := range c.Timeline {
		if err := line(&buf, entry(c, e, findings)); err != nil {
			return err
		}
	}
	if err := line(&buf, verdict(c)); err != nil {
		return err
	}
	return exchange.Out(w, buf.Bytes())
}

// entry is one line of the timeline, with what was judged of its event and the finding that
// it belongs to, if any.
func entry(c *exchange.Case, e investigation.Entry, findings map[string]investigation.Finding) row {
	by := c.Row(e.Event)
	out := row{
		Message: e.Text, TimestampDesc: "Event time", DataType: "trailhound:timeline:entry", Case: c.Case.ID,
		Event: e.Event, Actor: e.Actor, Credential: by.Credential, Because: by.Because, Phase: e.Phase,
		Outcome: e.Outcome, Target: e.Target, Grade: e.Grade, Finding: e.Finding, Tag: []string{},
	}
	at, ok := exchange.Time(e.At)
	if !ok { // the tool refuses a line without a time
		at = time.Unix(0, 0).UTC()
		out.TimestampDesc = "Time unknown"
	}
	out.stamp(at)
	if out.Message == "" {
		out.Message = "event " + e.Event
	}
	if f, ok := findings[e.Finding]; ok && e.Finding != "" {
		out.Title, out.Severity, out.Technique = f.Title, f.Severity, f.Technique
		for _, a := range f.Attack {
			out.Tag = append(out.Tag, a.Technique)
		}
	}
	// Sorted and each told once: an entry with several techniques of one finding repeats them.
	out.Tag = append(out.Tag, e.Actor, e.Phase)
	out.Tag = slices.DeleteFunc(out.Tag, func(s string) bool { return s == "" })
	slices.Sort(out.Tag)
	out.Tag = slices.Compact(out.Tag)
	return out
}

// verdict stands at the end of the window, so that it sorts behind what it is about.
func verdict(c *exchange.Case) row {
	out := row{
		Message: "Verdict: " + c.Headline(), TimestampDesc: "End of the evidence", DataType: "trailhound:verdict", Case: c.Case.ID,
		Severity: c.Verdict.Severity, Tag: []string{"verdict"},
	}
	out.stamp(c.Made())
	return out
}

// stamp writes the offset as numbers: the documentation of the format does, and older importers
// know no Z.
func (r *row) stamp(t time.Time) {
	r.Datetime = t.Format("2006-01-02T15:04:05.000000-07:00")
	r.Timestamp = t.UnixMicro()
}

func line(buf *bytes.Buffer, r row) error {
	data, err := json.Marshal(r)
	if err != nil {
		return fmt.Errorf("encode report: %w", err)
	}
	buf.Write(reportjson.Inert(data))
	buf.WriteByte('\n')
	return nil
}
