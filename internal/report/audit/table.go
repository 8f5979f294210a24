package audit

import (
	"bufio"
	"fmt"
	"io"
	"slices"
	"strings"
	"text/tabwriter"

	"github.com/trailhound/trailhound/internal/posture/pipeline"
	"github.com/trailhound/trailhound/internal/posture/pipeline/check"
	"github.com/trailhound/trailhound/internal/posture/pipeline/model"
	"github.com/trailhound/trailhound/internal/report/inert"
)

// maxDetailed bounds the projects whose findings the terminal lists; the other
// forms have all of them.
const maxDetailed = 50

// colours of severities and verdicts, by SGR number.
var colours = map[string]string{"critical": "31;1", "high": "31", "medium": "33", "ANYONE": "31;1", "READERS": "31", "UNKNOWN": "33"}

type table struct {
	*bufio.Writer
	color bool
}

func (t table) paint(word, text string) string {
	if c := colours[word]; t.color && c != "" {
		return "\x1b[" + c + "m" + text + "\x1b[0m"
	}
	return text
}

func writeTable(w io.Writer, r *pipeline.Report, o Options) error {
	t := table{bufio.NewWriter(w), o.Color}
	fmt.Fprintf(t, "%s: %s\n", count(r.Summary.Projects, "project"), counts(r.Summary.Verdicts, []string{"ANYONE", "READERS", "UNKNOWN", "WRITERS", "APPROVED", "IDS", "NONE"}))
	fmt.Fprintf(t, "findings: %s; %s undecided\n", counts(r.Summary.Severities, backwards(check.Severities)), count(r.Summary.Undecided, "question"))
	for _, p := range r.Unknown {
		fmt.Fprintf(t, "%s  region %s of account %s: %s\n", t.paint("UNKNOWN", "UNKNOWN"), text(p.Region), or(text(p.Account), "?"), text(p.Why))
	}
	if len(r.Projects) > 0 {
		fmt.Fprintln(t)
		t.rows(r)
	}
	if len(r.Paths) > 0 {
		fmt.Fprintf(t, "\nATTACK PATHS\n")
	}
	for i, p := range r.Paths {
		if i == maxDetailed {
			fmt.Fprintf(t, "  and %d more; --format json has all\n", len(r.Paths)-i)
			break
		}
		fmt.Fprintf(t, "  %s  %s\n", t.paint(p.Severity, p.Severity), text(strings.Join(p.Steps, " → ")))
	}
	t.details(r)
	t.loose(r)
	for i, g := range r.Gaps {
		if i == 0 {
			fmt.Fprintf(t, "\nNOT READ: what stands there is unknown\n")
		}
		if i == maxDetailed {
			fmt.Fprintf(t, "  and %d more\n", len(r.Gaps)-i)
			break
		}
		fmt.Fprintf(t, "  %s: %s\n", text(or(g.At, strings.TrimSpace(g.Account+" "+g.Region+" "+g.What))), text(g.Why))
	}
	return t.Flush()
}

func (t table) rows(r *pipeline.Report) {
	tw := tabwriter.NewWriter(t, 2, 8, 2, ' ', 0)
	fmt.Fprintln(tw, "VERDICT\tPROJECT\tREGION\tWITNESS\tWORST\tRUNG")
	for i, p := range r.Projects {
		if i == 1000 {
			fmt.Fprintf(tw, "and %d more\t\t\t\t\t\n", len(r.Projects)-i)
			break
		}
		worst := "-"
		if len(p.Findings) > 0 {
			worst = p.Findings[0].Severity
		}
		fmt.Fprintf(tw, "%s\t%s\t%s\t%s\t%s\t%s\n", p.Verdict, text(p.Name), or(text(p.Region), "-"), or(text(p.Witness), "-"), worst, text(p.Rung))
	}
	tw.Flush()
}

// details lists findings project by project, the weakest verdicts first.
func (t table) details(r *pipeline.Report) {
	list := slices.Clone(r.Projects)
	slices.SortStableFunc(list, func(a, b pipeline.Project) int { return worst(b) - worst(a) })
	for i, p := range list {
		if len(p.Findings) == 0 {
			continue
		}
		if i == maxDetailed {
			fmt.Fprintf(t, "\nthe findings of %d more projects are in the other formats\n", len(list)-i)
			return
		}
		fmt.Fprintf(t, "\n%s  %s  %s\n", text(p.Name), t.paint(p.Verdict.String(), p.Verdict.String()), text(p.Why))
		if p.Construct != "" {
			fmt.Fprintf(t, "  synthesised by the construct %s\n", text(p.Construct))
		}
		if p.Managed != "" {
			fmt.Fprintf(t, "  owned by %s: change it there\n", text(p.Managed))
		}
		for _, f := range p.Findings {
			t.finding(f, p.Form, p.Construct != "")
		}
	}
}

func worst(p pipeline.Project) int {
	if len(p.Findings) == 0 {
		return -1
	}
	return slices.Index(check.Severities, p.Findings[0].Severity)
}

// finding says one finding and its fix in the form that the project is written in.
func (t table) finding(f pipeline.Finding, form model.Form, cdk bool) {
	fmt.Fprintf(t, "  %s %s  %s\n", f.Check, t.paint(f.Severity, f.Severity), text(f.Says))
	if at := f.At.String(); at != "" {
		fmt.Fprintf(t, "      at   %s\n", text(at))
	}
	switch {
	case cdk && f.Fix.CDK != "":
		t.snippet("fix in CDK", f.Fix.CDK)
	case form == model.CloudFormation && f.Fix.CloudFormation != "":
		t.snippet("fix in the template", f.Fix.CloudFormation)
	case form.Template() && form != model.CloudFormation && f.Fix.Terraform != "":
		t.snippet("fix in Terraform", f.Fix.Terraform)
	default:
		for _, c := range f.Fix.CLI {
			fmt.Fprintf(t, "      fix  %s\n", inert.Lines(c))
		}
	}
	for _, e := range f.Fix.Edits {
		switch e.As {
		case check.AsWord:
			fmt.Fprintf(t, "      --fix-dir  line %d: %s becomes %s\n", e.Line, text(e.From), text(e.To))
		case check.AsAuth:
			fmt.Fprintf(t, "      --fix-dir  line %d: %s becomes source.auth\n", e.Line, text(e.From))
		default:
			fmt.Fprintf(t, "      --fix-dir  beside %s: %s\n", text(e.From), text(e.To))
		}
	}
}

// snippet is a fix of several lines under its heading.
func (t table) snippet(head, body string) {
	fmt.Fprintf(t, "      %s:\n", head)
	for _, line := range strings.Split(inert.Lines("\n"+strings.TrimRight(body, "\n")), "\n")[1:] {
		fmt.Fprintf(t, "        %s\n", line)
	}
}

func (t table) loose(r *pipeline.Report) {
	for i, f := range r.Findings {
		if i == 0 {
			fmt.Fprintf(t, "\nOF NO ONE PROJECT\n")
		}
		if i == maxDetailed {
			fmt.Fprintf(t, "  and %d more\n", len(r.Findings)-i)
			return
		}
		t.finding(f, model.API, false)
	}
}

func text(s string) string { return inert.Text(s) }

func or(s, otherwise string) string {
	if s == "" {
		return otherwise
	}
	return s
}

func count(n int, what string) string {
	if n == 1 {
		return "1 " + what
	}
	return fmt.Sprintf("%d %ss", n, what)
}

func counts(m map[string]int, order []string) string {
	var out []string
	for _, k := range order {
		if m[k] > 0 {
			out = append(out, fmt.Sprintf("%d %s", m[k], k))
		}
	}
	if len(out) == 0 {
		return "none"
	}
	return strings.Join(out, ", ")
}

func backwards(s []string) []string {
	out := slices.Clone(s)
	slices.Reverse(out)
	return out
}
