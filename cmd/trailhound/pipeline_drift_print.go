package main

import (
	"bytes"
	"cmp"
	"encoding/json"
	"fmt"
	"io"
	"text/tabwriter"
	"time"

	"github.com/trailhound/trailhound/internal/posture/pipeline/drift"
	reportjson "github.com/trailhound/trailhound/internal/report/json"
)

// writeDrift writes the document in the format asked for, whole or not at all.
func (a *app) writeDrift(f *driftFlags, doc *driftDoc) error {
	var out bytes.Buffer
	switch f.as {
	case "table":
		printDrift(&out, doc)
	default:
		var v any = doc
		// OCSF is a list of findings and nothing else: what reads it knows no history of ours.
		if f.as == "ocsf" {
			v = doc.Alerts
		} else if doc.Changes == nil {
			doc.Changes = []drift.Change{}
		}
		data, err := json.MarshalIndent(v, "", "  ")
		if err != nil {
			return err
		}
		fmt.Fprintf(&out, "%s\n", reportjson.Inert(data))
	}
	return a.deliver(f.output, out.Bytes())
}

// printDrift is the document for people: changes, then the projects that are open
// to strangers now, then what could not be read.
func printDrift(w io.Writer, doc *driftDoc) {
	fmt.Fprintf(w, "since %s, approved by %s\n", doc.Approved.Format(time.RFC3339), safe(cmp.Or(doc.By, "nobody named")))
	if len(doc.Changes) == 0 {
		fmt.Fprintln(w, "nothing changed")
	}
	table := tabwriter.NewWriter(w, 2, 8, 2, ' ', 0)
	for i := range doc.Changes {
		c := &doc.Changes[i]
		if i == 0 {
			fmt.Fprintln(table, "AT\tPROJECT\tWHAT\tEFFECT\tWHY\tBY\tFROM\tHOW\tEVENT")
		}
		// A change that no call explains has no time: it was seen, and not when it was made.
		at, what, how := "-", c.Path, c.Means
		if !c.At.IsZero() {
			at = c.At.UTC().Format(time.RFC3339)
		}
		if c.VerdictBefore != "" {
			what += " " + c.VerdictBefore + " -> " + c.VerdictAfter
		}
		if c.Tool != "" {
			how += " (" + c.Tool + ")"
		}
		effect := string(c.Effect)
		if c.Undone {
			effect += ", undone since"
		}
		fmt.Fprintf(table, "%s\t%s\t%s\t%s\t%s\t%s\t%s\t%s\t%s\n", at, safe(c.Project), safe(what), effect, safe(c.Why), safe(cmp.Or(c.By, "no call in the evidence")), safe(cmp.Or(c.From, "-")), safe(how), safe(cmp.Or(c.Event, "-")))
	}
	table.Flush()
	for i := range doc.History {
		s := &doc.History[i]
		// Only what is open to strangers, and still is.
		if s.Verdict != "ANYONE" && s.Verdict != "READERS" || !s.Until.IsZero() {
			continue
		}
		since, by := "since nobody knows when", "no call in the evidence"
		if !s.Since.IsZero() {
			since = "since " + s.Since.UTC().Format(time.RFC3339)
		}
		// Whoever opened it is named where a call tells; that it was approved so is told instead where
		// it stands in the baseline.
		if s.By != "" {
			by = "by " + s.By + " from " + cmp.Or(s.From, "an address that is not told")
		} else if s.Since.Equal(doc.Approved) {
			by = "as it was approved"
		}
		fmt.Fprintf(w, "%s: open to %s %s, %s\n", safe(s.Project), s.Verdict, since, safe(by))
	}
	for i := range doc.Notices {
		doc.Notices[i].print(w)
	}
	for _, g := range doc.Gaps {
		fmt.Fprintf(w, "UNKNOWN: %s could not be read: %s\n", safe(g.Region+g.At+" "+g.What), safe(g.Why))
	}
}
