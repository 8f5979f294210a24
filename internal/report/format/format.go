// Package format lists the formats a report can be written in: the one place that the command
// line, and a test, look them up.
package format

import (
	"fmt"
	"io"
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
	Name      string
	Extension string // with its dot
	About     string // half a sentence for help texts
	write     func(io.Writer, *report.Report, Options) error
}

// Formats lists the formats, the default first. A new format is one line here and a folder.
var Formats = []Format{
	{"text", ".txt", "for a terminal", func(w io.Writer, r *report.Report, o Options) error {
		return text.Write(w, r, text.Options{Width: o.Width, Color: o.Color})
	}},
	{"json", ".json", "the document itself, trailhound.report/v1", func(w io.Writer, r *report.Report, _ Options) error { return json.Write(w, r) }},
	{"markdown", ".md", "for tickets and wikis", func(w io.Writer, r *report.Report, _ Options) error { return markdown.Write(w, r) }},
	{"html", ".html", "one self-contained page", func(w io.Writer, r *report.Report, o Options) error { return html.Write(w, r, o.Records) }},
	{"navigator", ".navigator.json", "a layer of the ATT&CK Navigator", func(w io.Writer, r *report.Report, _ Options) error { return navigator.Write(w, r) }},
	{"stix", ".stix.json", "a STIX 2.1 bundle", func(w io.Writer, r *report.Report, _ Options) error { return stix.Write(w, r) }},
	{"ocsf", ".ocsf.json", "an OCSF Incident Finding", func(w io.Writer, r *report.Report, _ Options) error { return ocsf.Write(w, r) }},
	{"timesketch", ".jsonl", "the timeline for Timesketch", func(w io.Writer, r *report.Report, _ Options) error { return timesketch.Write(w, r) }},
}

// Names returns the names of Formats, the default first.
func Names() []string {
	var out []string
	for _, f := range Formats {
		out = append(out, f.Name)
	}
	return out
}

// Get returns a format by name.
func Get(name string) (Format, bool) {
	for _, f := range Formats {
		if f.Name == name {
			return f, true
		}
	}
	return Format{}, false
}

// ByExtension returns the format a file name asks for, so that --output report.html needs no
// --format. The longest extension wins: report.stix.json is no plain JSON.
func ByExtension(file string) (best Format, ok bool) {
	for _, f := range Formats {
		if strings.HasSuffix(strings.ToLower(file), f.Extension) && len(f.Extension) > len(best.Extension) {
			best, ok = f, true
		}
	}
	return best, ok
}

// Write renders r to w in the named format.
func Write(w io.Writer, name string, r *report.Report, o Options) error {
	f, ok := Get(name)
	if !ok {
		return fmt.Errorf("unknown format %.40q: one of %s", name, strings.Join(Names(), ", "))
	}
	return f.write(w, r, o)
}
