// Package html renders the report as one file that can be mailed, archived and opened in
// twenty years: no outside request, no framework, readable without JavaScript and on paper.
// See docs/adr/0007-one-html-file.md.
//
// Evidence reaches the page in three layers of care: every string is inert before it gets here
// (package outline), html/template escapes it for its place, and a Content-Security-Policy
// names the one style sheet and the one script by hash, so that nothing else would run even if
// both failed. No URL is ever made from evidence: all links point into the page.
package html

import (
	"bufio"
	"crypto/sha256"
	"embed"
	"encoding/base64"
	"fmt"
	"html/template"
	"io"
	"reflect"
	"strings"

	"github.com/trailhound/trailhound/internal/attribution"
	"github.com/trailhound/trailhound/internal/report"
	"github.com/trailhound/trailhound/internal/report/outline"
)

// Caps keep the file usable in a browser and in a mailbox; the page says where one was reached.
const (
	MaxRecords     = 2000    // original records embedded
	MaxRecordBytes = 8 << 20 // their size on the page
	maxRows        = 10000   // rows of the timeline, and of the attribution
	maxNodes       = 100     // credentials drawn in the graph
)

//go:embed page.gohtml sections.gohtml
var templates embed.FS

//go:embed style.css
var style string

//go:embed app.js
var script string

// Parsed at start: the templates are part of the program, and one that does not
// parse is a fault of the build.
var page = template.Must(template.New("page.gohtml").Funcs(template.FuncMap{
	"words":   outline.Words,
	"because": attribution.Words, "recoverable": outline.Recoverable,
	"now":     outline.Now,
	"title":   outline.Title,
	"time":    outline.Time,
	"clock":   outline.Clock,
	"stamp":   outline.Stamp,
	"between": outline.Between,
	"short":   outline.Short,
	"number":  func(n int) string { return outline.Number(int64(n)) },
	"count":   outline.Count,
	"lines":   func(s string) []string { return strings.Split(s, "\n") },
	"first":   first,
	"tok":     token,
	"prose":   prose,
	"origin":  outline.Origin,
	"whose":   outline.Whose, "credit": outline.Credit,
	"reasons": func(s string) string { return strings.ReplaceAll(s, "|", " · ") },
}).ParseFS(templates, "*.gohtml"))

// prose sets what a sentence quotes between backquotes as code. It is the one place that hands
// html/template finished markup, so it escapes every part itself, the quoted ones too.
func prose(s string) template.HTML {
	var b strings.Builder
	for i, part := range outline.Quoted(s) {
		text := template.HTMLEscapeString(part)
		if i%2 == 1 {
			text = "<code>" + text + "</code>"
		}
		b.WriteString(text)
	}
	return template.HTML(b.String())
}

// Write renders r to w. Records are the original records by event id, as JSON; those the report
// cites are embedded, the most telling first, up to MaxRecords and MaxRecordBytes.
// The page goes out as it is made: after an error w has the beginning of one.
func Write(w io.Writer, r *report.Report, records map[string][]byte) error {
	v := newView(r, records)
	buf := bufio.NewWriter(w)
	if err := page.Execute(buf, v); err != nil {
		return fmt.Errorf("write report: %w", err)
	}
	if err := buf.Flush(); err != nil {
		return fmt.Errorf("write report: %w", err)
	}
	return nil
}

// policy is the page's Content-Security-Policy. Hashes rather than nonces: the same report
// gives the same bytes.
func policy() string {
	return fmt.Sprintf("default-src 'none'; style-src '%s'; script-src '%s'; base-uri 'none'; form-action 'none'", hash(style), hash(script))
}

// hash is a source expression of a Content-Security-Policy (CSP Level 3, section 2.3.1).
func hash(s string) string {
	sum := sha256.Sum256([]byte(s))
	return "sha256-" + base64.StdEncoding.EncodeToString(sum[:])
}

// first returns at most n items of a slice of any type, as templates have no generics.
func first(n int, list any) any {
	v := reflect.ValueOf(list)
	return v.Slice(0, min(n, v.Len())).Interface()
}

// token makes a value of the vocabulary part of a class name. A report from elsewhere may hold
// anything there, and a space would let it choose classes of ours, such as those that hide.
func token(s string) string {
	return strings.Map(func(r rune) rune {
		if r >= 'a' && r <= 'z' || r == '_' || r == '-' {
			return r
		}
		return -1
	}, s[:min(len(s), 40)])
}
