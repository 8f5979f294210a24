package audit

import (
	"cmp"
	"crypto/sha256"
	"encoding/hex"
	"io"
	"strings"

	"github.com/trailhound/trailhound/internal/posture/pipeline"
	"github.com/trailhound/trailhound/internal/report/ocsf/event"
)

// compliance is a Compliance Finding, class 2003
// (https://schema.ocsf.io/1.6.0/classes/compliance_finding).
type compliance struct {
	event.Base
	event.Graded
	Cloud       *event.Cloud     `json:"cloud,omitempty"`
	Compliance  standing         `json:"compliance"`
	FindingInfo event.Finding    `json:"finding_info"`
	Metadata    event.Metadata   `json:"metadata"`
	Remediation *remediation     `json:"remediation,omitempty"`
	Resources   []event.Resource `json:"resources,omitempty"`
}

// standing is the schema's "compliance" object: which control, by which standards, and whether it is
// kept. The status is "Fail" or, where a check could not be decided, "Unknown", and never "Pass":
// the audit lists what is wrong, and silence is no certificate.
type standing struct {
	Control   string   `json:"control"`
	Standards []string `json:"standards"`
	StatusID  int      `json:"status_id"`
	Status    string   `json:"status"`
}

// remediation is how to mend it.
type remediation struct {
	Desc string `json:"desc"`
}

// writeOCSF writes one event a finding, and one of status Unknown a check that
// could not be decided.
func writeOCSF(w io.Writer, r *pipeline.Report, _ Options) error {
	out := []compliance{}
	add := func(p *pipeline.Project, check, title, subject, says, severity string, failed bool, refs, fix []string) {
		e := compliance{Base: event.New(2003, "Compliance Finding", r.Made), Graded: event.Grade(text(says), severity),
			Compliance: standing{Control: check, Standards: append([]string{}, refs...), StatusID: 3, Status: "Fail"},
			Metadata:   event.Metadata{Version: event.Version, Product: event.Trailhound(strings.TrimPrefix(r.Engine, "trailhound "))}}
		if len(e.Compliance.Standards) == 0 {
			e.Compliance.Standards = append(e.Compliance.Standards, "Trailhound pipeline audit")
		}
		if !failed {
			e.Compliance.StatusID, e.Compliance.Status = 0, "Unknown"
		}
		name := ""
		if p != nil {
			name = cmp.Or(p.ARN, p.Name)
			e.Cloud = event.In(text(p.Account), text(p.Region))
			e.Metadata.Profiles = []string{"cloud"}
			e.Resources = []event.Resource{{UID: text(p.ARN), Name: text(p.Name), Type: "AWS::CodeBuild::Project", Region: text(p.Region),
				Data: map[string]string{"verdict": p.Verdict.String(), "witness": text(p.Witness)}}}
		}
		// The id follows from what is found, so a finding that stands in the next audit, too, has
		// the id it had. What the report says is part of it: worded otherwise it is another.
		sum := sha256.Sum256([]byte(check + "\x00" + name + "\x00" + subject + "\x00" + says))
		e.FindingInfo = event.Finding{UID: hex.EncodeToString(sum[:16]), Title: title, Desc: text(says)}
		if len(fix) > 0 {
			e.Remediation = &remediation{text(strings.Join(fix, "; "))}
		}
		out = append(out, e)
	}
	each := func(p *pipeline.Project, found []pipeline.Finding, doubts []pipeline.Doubt) {
		for _, f := range found {
			add(p, f.Check, r.Checks[f.Check].Title, f.Subject, f.Says, f.Severity, true, r.Checks[f.Check].References, f.Fix.CLI)
		}
		for _, d := range doubts {
			add(p, d.Check, d.Check+" could not be decided", d.Subject, d.Why, "", false, nil, nil)
		}
	}
	for i := range r.Projects {
		each(&r.Projects[i], r.Projects[i].Findings, r.Projects[i].Doubts)
	}
	each(nil, r.Findings, r.Doubts)
	return encode(w, out)
}
