// Package format lists the formats a report can be written in: the one place that the command
// line, and a test, look them up.
package format

import (
	"fmt"
	"io"
	"slices"
	"strings"

	"github.com/trailhound/trailhound/internal/report"
	"github.com/trailhound/trailhound/internal/report/html"
	"github.com/trailhound/trailhound/internal/report/json"
	"github.com/trailhound/trailhound/internal/report/markdown"
	"github.com/trailhound/trailhound/internal/report/navigator"
	"github.com/trailhound/trailhound/internal/report/ocsf"
	"github.com/trailhound/trailhound/internal/report/stix"
	"github.com/trailhound/trailhound/internal/report/text"
	"github.com/trailhound/trailhound/internal/report/timesketch"
)

// Options are what some formats need to know; the others ignore them.
type Options struct {
	Width   int               // text: columns of the terminal, 0 for the default
	Color   bool              // text: colours
	Records map[string][]byte // html: original records as JSON, by event id
}

// Format is one way to write a report.
type Format struct {
	Name  string
	write func(io.Writer, *report.Report, Options) error
}

// Formats lists the formats, the default first. A new format is one line here and a folder.
var Formats = []Format{
	// For a terminal.
	{"text", func(w io.Writer, r *report.Report, o Options) error {
		return text.Write(w, r, text.Options{Width: o.Width, Color: o.Color})
	}},
	// The document itself, trailhound.report/v1.
	{"json", func(w io.Writer, r *report.Report, _ Options) error { return json.Write(w, r) }},
	// For tickets and wikis.
	{"markdown", func(w io.Writer, r *report.Report, _ Options) error { return markdown.Write(w, r) }},
	// One self-contained page.
	{"html", func(w io.Writer, r *report.Report, o Options) error { return html.Write(w, r, o.Records) }},
	// A layer of the ATT&CK Navigator.
	{"navigator", func(w io.Writer, r *report.Report, _ Options) error { return navigator.Write(w, r) }},
	// A STIX 2.1 bundle.
	{"stix", func(w io.Writer, r *report.Report, _ Options) error { return stix.Write(w, r) }},
	// An OCSF Incident Finding.
	{"ocsf", func(w io.Writer, r *report.Report, _ Options) error { return ocsf.Write(w, r) }},
	// The timeline for Timesketch.
	{"timesketch", func(w io.Writer, r *report.Report, _ Options) error { return timesketch.Write(w, r) }},
}

// Names returns the names of Formats, the default first.
func Names() []string {
	var out []string
	for _, f := range Formats {
		out = append(out, f.Name)
	}
	return out
}

// Write renders r to w in the named format.
func Write(w io.Writer, name string, r *report.Report, o Options) error {
	i := slices.IndexFunc(Formats, func(f Format) bool { return f.Name == name })
	if i < 0 {
		return fmt.Errorf("unknown format %.40q: one of %s", name, strings.Join(Names(), ", "))
	}
	return Formats[i].write(w, r, o)
}
