package audit

import (
	"fmt"
	"slices"
	"strings"

	"github.com/trailhound/trailhound/internal/evidence"
	"github.com/trailhound/trailhound/internal/posture/pipeline"
	"github.com/trailhound/trailhound/internal/posture/pipeline/check"
	"github.com/trailhound/trailhound/internal/posture/pipeline/model"
	"github.com/trailhound/trailhound/internal/report/inert"
)

// details lists findings project by project, the gravest finding first; of projects that are
// equally bad, in the order of the report, which is that of their names.
func (t table) details(r *pipeline.Report) {
	list := slices.DeleteFunc(slices.Clone(r.Projects), func(p pipeline.Project) bool { return len(p.Findings) == 0 })
	slices.SortStableFunc(list, func(a, b pipeline.Project) int { return worst(b) - worst(a) })
	for i, p := range list {
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

// worst ranks a project by its first finding, which is its worst; -1 where it has none.
func worst(p pipeline.Project) int {
	if len(p.Findings) == 0 {
		return -1
	}
	return evidence.SeverityRank(p.Findings[0].Severity)
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

// loose lists findings that belong to no one project, such as a token that several share.
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
