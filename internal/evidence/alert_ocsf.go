package evidence

import (
	"slices"
	"strings"
)

// readOCSF reads a finding of the Open Cybersecurity Schema Framework, which Security
// Hub's newer form and other detectors write: numbers for what others have words for.
func readOCSF(r Record) Alert {
	a := Alert{
		ID: r.Str("finding_info.uid"), Product: r.Str("metadata.product.name"), Type: r.Str("finding_info.types"), Title: r.Str("finding_info.title"),
		First: firstTime(r, "finding_info.first_seen_time_dt", "finding_info.first_seen_time", "finding_info.created_time", "time"),
		Last:  firstTime(r, "finding_info.last_seen_time_dt", "finding_info.last_seen_time", "finding_info.modified_time", "time"),
		Count: 0, Account: r.Str("cloud.account.uid"), Region: r.Str("cloud.region"),
		Severity: map[string]string{"2": "low", "3": "medium", "4": "high", "5": "critical", "6": "critical"}[r.Str("severity_id")],
		Closed:   slices.Contains([]string{"3", "4"}, r.Str("status_id")), // Suppressed, Resolved
	}
	if a.Severity == "" {
		a.Severity = "informational"
	}
	if a.Type == "" {
		a.Type = r.Str("type_name")
	}
	a.Addresses = append(strs(r, "evidences.src_endpoint", "ip"), strs(r, "evidences.actor.session", "ip")...)
	a.Credentials = strs(r, "evidences.actor.user", "credential_uid")
	a.Principals = strs(r, "evidences.actor.user", "uid", "name")
	for _, v := range r.All("evidences.api") {
		if m, ok := v.(map[string]any); ok {
			a.call(Record(m).Str("service.name"), Record(m).Str("operation"))
		}
	}
	for _, id := range strs(r, "resources", "uid") {
		a.Resources = append(a.Resources, id)
		a.Credentials = append(a.Credentials, keyID.FindAllString(id, -1)...)
		if i := strings.LastIndex(id, "instance/i-"); i >= 0 {
			a.Instances = append(a.Instances, id[i+len("instance/"):])
		}
	}
	return a
}
