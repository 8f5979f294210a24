package audit

import (
	"crypto/sha256"
	"encoding/hex"
	"io"
	"strings"
	"time"

	"github.com/trailhound/trailhound/internal/posture/pipeline"
	"github.com/trailhound/trailhound/internal/posture/pipeline/drift"
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

type standing struct {
	Control   string   `json:"control"`
	Standards []string `json:"standards"`
	StatusID  int      `json:"status_id"`
	Status    string   `json:"status"`
}

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
			name = or(p.ARN, p.Name)
			e.Cloud = event.In(text(p.Account), text(p.Region))
			e.Metadata.Profiles = []string{"cloud"}
			e.Resources = []event.Resource{{UID: text(p.ARN), Name: text(p.Name), Type: "AWS::CodeBuild::Project", Region: text(p.Region),
				Data: map[string]string{"verdict": p.Verdict.String(), "witness": text(p.Witness)}}}
		}
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

// Detection is an alert of drift as a Detection Finding, class 2004: the form in
// which alerts of every detector are read back as evidence, so that a weakened
// webhook can open an investigation
// (https://schema.ocsf.io/1.6.0/classes/detection_finding).
type Detection struct {
	event.Base
	event.Graded
	Cloud       *event.Cloud     `json:"cloud"`
	FindingInfo event.Finding    `json:"finding_info"`
	Metadata    event.Metadata   `json:"metadata"`
	Resources   []event.Resource `json:"resources"`
	Evidences   []sighting       `json:"evidences,omitempty"`
	Unmapped    drift.Difference `json:"unmapped"`
}

// sighting is who did it, by which call and from where.
type sighting struct {
	Actor  actorOf   `json:"actor"`
	API    callOf    `json:"api"`
	Source *endpoint `json:"src_endpoint,omitempty"`
}

type (
	actorOf struct {
		User userOf `json:"user"`
	}
	userOf struct {
		UID  string `json:"uid"`
		Name string `json:"name"`
	}
	callOf struct {
		Operation string  `json:"operation"`
		Service   named   `json:"service"`
		Request   *withID `json:"request,omitempty"`
	}
	named struct {
		Name string `json:"name"`
	}
	withID struct {
		UID string `json:"uid"`
	}
	endpoint struct {
		IP string `json:"ip"`
	}
)

// Detections are the alerts of drift, in their order. made is when the comparison
// was made, for changes that only a snapshot shows.
func Detections(alerts []drift.Alert, made time.Time) []Detection {
	out := []Detection{}
	for i := range alerts {
		c := &alerts[i].Change
		at := c.At
		if at.IsZero() {
			at = made
		}
		sum := sha256.Sum256([]byte(alerts[i].Key))
		d := Detection{Base: event.New(2004, "Detection Finding", at), Graded: event.Grade(alerts[i].Title, alerts[i].Severity), Cloud: event.In(c.Account, c.Region),
			FindingInfo: event.Finding{UID: "trailhound-pipeline-drift-" + hex.EncodeToString(sum[:8]), Title: alerts[i].Title, Types: []string{"pipeline-drift/" + c.Path},
				FirstSeen: at.UnixMilli(), LastSeen: at.UnixMilli()},
			Metadata:  event.Metadata{Version: event.Version, Product: event.Trailhound(""), Profiles: []string{"cloud"}},
			Resources: []event.Resource{{UID: c.ARN(), Name: c.Project, Type: "AWS::CodeBuild::Project"}}, Unmapped: c.Difference}
		if c.By != "" {
			s := sighting{Actor: actorOf{userOf{c.By, c.By}}, API: callOf{Operation: c.Call, Service: named{"codebuild.amazonaws.com"}}}
			if c.Event != "" {
				s.API.Request = &withID{c.Event}
			}
			if c.From != "" {
				s.Source = &endpoint{c.From}
			}
			d.Evidences = []sighting{s}
		}
		out = append(out, d)
	}
	return out
}
