package drift

import (
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"time"
)

// Alert is a change that somebody should look at, as a Detection Finding of OCSF
// 1.1: the form in which alerts of every detector are read back as evidence, so
// that a weakened webhook can open an investigation.
// Source of members and numbers: https://schema.ocsf.io/1.1.0/classes/detection_finding
type Alert struct {
	Class     int        `json:"class_uid"`
	Category  int        `json:"category_uid"`
	Type      int        `json:"type_uid"`
	Activity  int        `json:"activity_id"`
	Severity  int        `json:"severity_id"`
	Status    int        `json:"status_id"`
	Time      int64      `json:"time"`
	Message   string     `json:"message"`
	Metadata  Object     `json:"metadata"`
	Cloud     Object     `json:"cloud"`
	Finding   Object     `json:"finding_info"`
	Resources []Object   `json:"resources"`
	Evidences []Object   `json:"evidences,omitempty"`
	Unmapped  Difference `json:"unmapped"`
}

// Object is a structure of OCSF.
type Object map[string]any

// The severities of OCSF that are used.
const (
	low      = 2
	medium   = 3
	high     = 4
	critical = 5
)

// Alerts are the changes that weaken, and those of which it cannot be told, one
// for each state that was reached: a webhook that flaps is told of once. seen is
// when the comparison was made, for changes that only a snapshot shows.
func Alerts(changes []Change, seen time.Time) []Alert {
	out := []Alert{}
	told := map[string]bool{}
	for i := range changes {
		c := &changes[i]
		key := c.key() + "/" + c.Path + "/" + c.After
		if c.Effect != Weakens && c.Effect != CannotTell || told[key] {
			continue
		}
		told[key] = true
		out = append(out, c.alert(key, seen))
	}
	return out
}

func (c *Change) alert(key string, seen time.Time) Alert {
	at := c.At
	if at.IsZero() {
		at = seen
	}
	sum := sha256.Sum256([]byte(key))
	uid := "trailhound-pipeline-drift-" + hex.EncodeToString(sum[:8])
	ms := at.UnixMilli()
	arn := fmt.Sprintf("arn:aws:codebuild:%s:%s:project/%s", c.Region, c.Account, c.Project)
	title := "Pipeline weakened: " + c.Why
	if c.Effect == CannotTell {
		title = "Pipeline changed: " + c.Why
	}
	a := Alert{Class: 2004, Category: 2, Type: 200401, Activity: 1, Severity: c.severity(), Status: 1, Time: ms, Message: title, Unmapped: c.Difference,
		Metadata:  Object{"version": "1.1.0", "product": Object{"name": "Trailhound", "vendor_name": "Trailhound", "feature": Object{"name": "pipeline drift"}}},
		Cloud:     Object{"provider": "AWS", "region": c.Region, "account": Object{"uid": c.Account}},
		Finding:   Object{"uid": uid, "title": title, "types": []string{"pipeline-drift/" + c.Path}, "first_seen_time": ms, "last_seen_time": ms},
		Resources: []Object{{"uid": arn, "type": "AWS::CodeBuild::Project", "name": c.Project}}}
	if c.By != "" {
		a.Evidences = []Object{{"actor": Object{"user": Object{"uid": c.By, "name": c.By}}, "api": Object{"operation": c.Call, "service": Object{"name": "codebuild.amazonaws.com"}, "request": Object{"uid": c.Event}},
			"src_endpoint": Object{"ip": c.From}}}
	}
	return a
}

func (c *Change) severity() int {
	switch {
	case c.Effect == CannotTell:
		return low
	case c.VerdictAfter == "ANYONE" && c.VerdictBefore != "ANYONE":
		return critical
	case c.VerdictAfter == "READERS" || c.VerdictAfter == "UNKNOWN":
		return high
	}
	return medium
}
