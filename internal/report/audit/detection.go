package audit

import (
	"crypto/sha256"
	"encoding/hex"
	"time"

	"github.com/trailhound/trailhound/internal/posture/pipeline/drift"
	"github.com/trailhound/trailhound/internal/report/ocsf/event"
)

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

// The objects of the schema that a sighting is made of, with the members we fill.
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
// Strings are as the evidence has them; whoever writes them makes them inert (JSON by
// exchange.WriteJSON or reportjson.Inert). The id follows from the alert's key, so that the
// same change is the same alert in every comparison that shows it.
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
