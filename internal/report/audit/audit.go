// Package audit writes a pipeline audit for people and for other tools: terminal,
// JSON, SARIF, OCSF and one HTML page. Names in it were chosen by whoever made the
// projects, so every form makes them inert.
//
// An audit is not a report of an investigation: it has no claims and no timeline, and so
// its own renderings. table.go and findings.go write for a terminal, html.go and graph.go
// the page; sarif.go (with sarif_schema.go) is for code scanning, compliance.go for
// security lakes. detection.go is no rendering of an audit but of drift, in the form in
// which alerts are read back as evidence.
package audit

import (
	"encoding/json"
	"fmt"
	"io"
	"slices"
	"strings"

	"github.com/trailhound/trailhound/internal/posture/pipeline"
	"github.com/trailhound/trailhound/internal/posture/pipeline/check"
	reportjson "github.com/trailhound/trailhound/internal/report/json"
)

// Options are what a rendering needs beside the report.
type Options struct {
	Color bool
	Pack  *check.Pack // the catalogue, which SARIF lists
}

// formats are the renderings, one line each.
var formats = []struct {
	name  string
	write func(io.Writer, *pipeline.Report, Options) error
}{
	{"table", writeTable},
	{"json", writeJSON},
	{"sarif", writeSARIF},
	{"ocsf", writeOCSF},
	{"html", writeHTML},
}

// Formats are the names of the renderings.
func Formats() []string {
	var out []string
	for _, f := range formats {
		out = append(out, f.name)
	}
	return out
}

// Write renders the report.
// The report is not changed. A format that is none of Formats is the only error beside
// those of writing.
func Write(w io.Writer, format string, r *pipeline.Report, o Options) error {
	i := slices.Index(Formats(), format)
	if i < 0 {
		return fmt.Errorf("there is no format %q: %s", format, strings.Join(Formats(), ", "))
	}
	return formats[i].write(w, r, o)
}

// indented bounds the projects of a report that is indented for people; a larger
// one is for programs, and half of it would be blanks.
const indented = 1000

func writeJSON(w io.Writer, r *pipeline.Report, _ Options) error {
	if len(r.Projects) <= indented {
		return encode(w, r)
	}
	data, err := json.Marshal(r)
	return inertJSON(w, data, err)
}

// encode writes indented JSON whose strings would act nowhere.
func encode(w io.Writer, v any) error {
	data, err := json.MarshalIndent(v, "", " ")
	return inertJSON(w, data, err)
}

func inertJSON(w io.Writer, data []byte, err error) error {
	if err != nil {
		return fmt.Errorf("encode audit: %w", err)
	}
	data = append(reportjson.Inert(data), '\n')
	if _, err := w.Write(data); err != nil {
		return fmt.Errorf("write audit: %w", err)
	}
	return nil
}
