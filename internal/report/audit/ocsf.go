package audit

import (
	"crypto/sha256"
	"encoding/hex"
	"io"
	"strings"

	"github.com/trailhound/trailhound/internal/posture/pipeline"
)

// compliance is a Compliance Finding, class 2003 of OCSF 1.6.0
// (https://schema.ocsf.io/1.6.0/classes/compliance_finding).
type compliance struct {
	ActivityID   int            `json:"activity_id"`
	ActivityName string         `json:"activity_name"`
	CategoryUID  int            `json:"category_uid"`
	CategoryName string         `json:"category_name"`
	ClassUID     int            `json:"class_uid"`
	ClassName    string         `json:"class_name"`
	TypeUID      int            `json:"type_uid"`
	TypeName     string         `json:"type_name"`
	Time         int64          `json:"time"`
	Message      string         `json:"message"`
	SeverityID   int            `json:"severity_id"`
	Severity     string         `json:"severity"`
	StatusID     int            `json:"status_id"`
	Status       string         `json:"status"`
	Cloud        *ocsfCloud     `json:"cloud,omitempty"`
	Compliance   ocsfCompliance `json:"compliance"`
	FindingInfo  ocsfFinding    `json:"finding_info"`
	Metadata     map[string]any `json:"metadata"`
	Remediation  map[string]any `json:"remediation,omitempty"`
	Resources    []ocsfResource `json:"resources,omitempty"`
}

type ocsfCloud struct {
	Provider string            `json:"provider"`
	Region   string            `json:"region,omitempty"`
	Account  map[string]string `json:"account,omitempty"`
}

type ocsfCompliance struct {
	Control   string   `json:"control"`
	Standards []string `json:"standards"`
	StatusID  int      `json:"status_id"`
	Status    string   `json:"status"`
}

type ocsfFinding struct {
	UID   string `json:"uid"`
	Title string `json:"title"`
	Desc  string `json:"desc"`
}

type ocsfResource struct {
	UID    string            `json:"uid,omitempty"`
	Name   string            `json:"name"`
	Type   string            `json:"type"`
	Region string            `json:"region,omitempty"`
	Data   map[string]string `json:"data,omitempty"`
}

var severityIDs = map[string]int{"informational": 1, "low": 2, "medium": 3, "high": 4, "critical": 5}

// writeOCSF writes one event a finding, and one of status Unknown a check that
// could not be decided.
func writeOCSF(w io.Writer, r *pipeline.Report, _ Options) error {
	out := []compliance{}
	event := func(p *pipeline.Project, check, title, subject, says, severity string, failed bool, refs, fix []string) {
		e := compliance{ActivityID: 1, ActivityName: "Create", CategoryUID: 2, CategoryName: "Findings", ClassUID: 2003, ClassName: "Compliance Finding", TypeUID: 200301,
			TypeName: "Compliance Finding: Create", Time: r.Made.UnixMilli(), Message: text(says), StatusID: 1, Status: "New", SeverityID: severityIDs[severity], Severity: caption(severity),
			Compliance: ocsfCompliance{Control: check, Standards: append([]string{}, refs...), StatusID: 3, Status: "Fail"},
			Metadata:   map[string]any{"version": "1.6.0", "product": map[string]string{"name": "Trailhound", "vendor_name": "Trailhound", "version": strings.TrimPrefix(r.Engine, "trailhound ")}}}
		if !failed {
			e.Compliance.StatusID, e.Compliance.Status, e.SeverityID, e.Severity = 0, "Unknown", 0, "Unknown"
		}
		name := ""
		if p != nil {
			name = or(p.ARN, p.Name)
			e.Cloud = &ocsfCloud{Provider: "AWS", Region: text(p.Region)}
			if p.Account != "" {
				e.Cloud.Account = map[string]string{"uid": text(p.Account)}
			}
			e.Resources = []ocsfResource{{UID: text(p.ARN), Name: text(p.Name), Type: "AWS::CodeBuild::Project", Region: text(p.Region),
				Data: map[string]string{"verdict": p.Verdict.String(), "witness": text(p.Witness)}}}
		}
		sum := sha256.Sum256([]byte(check + "\x00" + name + "\x00" + subject + "\x00" + says))
		e.FindingInfo = ocsfFinding{UID: hex.EncodeToString(sum[:16]), Title: title, Desc: text(says)}
		if len(fix) > 0 {
			e.Remediation = map[string]any{"desc": text(strings.Join(fix, "; "))}
		}
		out = append(out, e)
	}
	each := func(p *pipeline.Project, found []pipeline.Finding, doubts []pipeline.Doubt) {
		for _, f := range found {
			event(p, f.Check, r.Checks[f.Check].Title, f.Subject, f.Says, f.Severity, true, r.Checks[f.Check].References, f.Fix.CLI)
		}
		for _, d := range doubts {
			event(p, d.Check, d.Check+" could not be decided", d.Subject, d.Why, "", false, nil, nil)
		}
	}
	for i := range r.Projects {
		each(&r.Projects[i], r.Projects[i].Findings, r.Projects[i].Doubts)
	}
	each(nil, r.Findings, r.Doubts)
	return encode(w, out)
}

func caption(severity string) string {
	if severity == "" {
		return "Unknown"
	}
	return strings.ToUpper(severity[:1]) + severity[1:]
}
