package audit

import (
	"cmp"
	"io"
	"net/url"
	"path/filepath"
	"strings"

	"github.com/trailhound/trailhound/internal/posture/pipeline"
	"github.com/trailhound/trailhound/internal/posture/pipeline/model"
)

// levels are SARIF's words (section 3.27.10) for our severities.
var levels = map[string]string{"critical": "error", "high": "error", "medium": "warning", "low": "note", "informational": "note"}

// grades are what code-scanning views sort by, on CVSS's scale.
var grades = map[string]string{"critical": "9.5", "high": "8.0", "medium": "5.5", "low": "3.0", "informational": "0.0"}

// writeSARIF writes findings as failures and undecided checks as open results, so
// that a gate can tell "clean" from "could not tell".
func writeSARIF(w io.Writer, r *pipeline.Report, o Options) error {
	run := sarifRun{Tool: sarifTool{sarifDriver{Name: "trailhound", Version: strings.TrimPrefix(r.Engine, "trailhound "), URI: "https://github.com/trailhound/trailhound", Rules: []sarifRule{}}},
		Results: []sarifResult{}, ColumnKind: "unicodeCodePoints"}
	index := map[string]int{}
	for i, c := range o.Pack.Checks {
		index[c.ID] = i
		// A check's severity goes by conditions; a rule has one, the first of them.
		severity := c.Severity[0].Is
		run.Tool.Driver.Rules = append(run.Tool.Driver.Rules, sarifRule{ID: c.ID, Name: pascal(c.Title), Short: sarifText{c.Title}, Full: sarifText{c.Why},
			Help: sarifText{"Not worth acting on: " + c.Benign + "\n\n" + strings.Join(c.References, "\n")}, Default: map[string]string{"level": levels[severity]},
			Props: map[string]any{"security-severity": grades[severity], "tags": []string{"security", c.Family()}}})
	}
	add := func(p *pipeline.Project, found []pipeline.Finding, doubts []pipeline.Doubt) {
		name := ""
		if p != nil {
			name = cmp.Or(p.ARN, p.Name)
		}
		for _, f := range found {
			run.Results = append(run.Results, sarifResult{RuleID: f.Check, RuleIndex: index[f.Check], Kind: "fail", Level: levels[f.Severity], Message: sarifText{inertLine(f.Says)},
				Locations: located(p, f.At), Prints: map[string]string{"trailhound/v1": f.Check + "|" + name + "|" + f.Subject},
				Props: map[string]any{"severity": f.Severity, "security-severity": grades[f.Severity], "fix": f.Fix}})
		}
		for _, d := range doubts {
			run.Results = append(run.Results, sarifResult{RuleID: d.Check, RuleIndex: index[d.Check], Kind: "open", Level: "none", Message: sarifText{inertLine(d.Subject + ": " + d.Why)},
				Locations: located(p, d.At), Prints: map[string]string{"trailhound/v1": d.Check + "|" + name + "|" + d.Subject}})
		}
	}
	for i := range r.Projects {
		add(&r.Projects[i], r.Projects[i].Findings, r.Projects[i].Doubts)
	}
	add(nil, r.Findings, r.Doubts)
	// What could not be read is told as notifications of a run that did not succeed, so that an
	// empty list of results cannot pass for "clean".
	inv := sarifInvocation{Successful: r.Complete, Ended: r.Made.Format("2006-01-02T15:04:05Z")}
	for _, g := range r.Gaps {
		n := sarifNotification{Level: "error", Message: sarifText{inertLine(strings.Join(strings.Fields(g.Account+" "+g.Region+" "+g.What), " ") + ": " + g.Why)}}
		if g.At != "" {
			n.Locations = located(nil, model.Location{File: g.At})
		}
		inv.Notifications = append(inv.Notifications, n)
	}
	run.Invocations = []sarifInvocation{inv}
	return encode(w, sarifLog{"https://docs.oasis-open.org/sarif/sarif/v2.1.0/errata01/os/schemas/sarif-schema-2.1.0.json", "2.1.0", []sarifRun{run}})
}

// inertLine keeps a message a plain line: SARIF reads [x](1) and {0} as links and
// placeholders.
func inertLine(s string) string {
	s = text(s)
	return strings.NewReplacer("[", "\\[", "]", "\\]", "{", "{{", "}", "}}").Replace(s)
}

// located is where a result stands: in a file, if it was read from one, and in a project. Without
// either there is no location, which the format allows and an empty one it does not.
func located(p *pipeline.Project, at model.Location) []sarifLocation {
	var l sarifLocation
	if at.File != "" {
		l.Physical = &sarifPhysical{Artifact: map[string]string{"uri": uri(at.File)}}
		if at.Line > 0 {
			l.Physical.Region = map[string]int{"startLine": at.Line}
		}
	}
	if p != nil {
		l.Logical = append(l.Logical, sarifLogical{Name: text(p.Name), Full: text(cmp.Or(p.ARN, p.Address, p.Name)), Kind: "resource"})
	}
	if l.Physical == nil && l.Logical == nil {
		return nil
	}
	return []sarifLocation{l}
}

// uri is the file as a relative reference, or as file: when its path is absolute.
func uri(file string) string {
	file = filepath.ToSlash(file)
	u := url.URL{Path: strings.TrimPrefix(file, "./")}
	if strings.HasPrefix(file, "/") {
		u.Scheme = "file"
		return "file://" + u.EscapedPath()
	}
	if out := u.EscapedPath(); !strings.Contains(strings.SplitN(out, "/", 2)[0], ":") {
		return out
	}
	return "./" + u.EscapedPath()
}

// pascal makes a rule's name of its title, as SARIF wants it.
func pascal(title string) string {
	var b strings.Builder
	for _, w := range strings.FieldsFunc(title, func(r rune) bool { return !('a' <= r && r <= 'z' || 'A' <= r && r <= 'Z' || '0' <= r && r <= '9') }) {
		b.WriteString(strings.ToUpper(w[:1]) + w[1:])
	}
	return b.String()
}
