package evidence

import (
	"slices"
	"strconv"
	"strings"
)

// readGuardDuty reads a finding of GuardDuty. Every kind of action has its remote
// address elsewhere, and an attack sequence has neither action nor resource but lists
// of actors, endpoints and signals.
// Source: GuardDuty API Reference, Finding; User Guide, "Attack sequence finding details".
func readGuardDuty(r Record) Alert {
	a := Alert{
		ID: r.Str("id"), Product: "GuardDuty", Type: r.Str("type"), Title: r.Str("title"), Severity: score(r.Str("severity")),
		First: firstTime(r, "service.eventFirstSeen", "createdAt"), Last: firstTime(r, "service.eventLastSeen", "updatedAt"),
		Account: r.Str("accountId"), Region: r.Str("region"), Closed: r.Str("service.archived") == "true",
	}
	a.Count, _ = strconv.Atoi(r.Str("service.count"))
	for _, kind := range []string{"awsApiCallAction", "networkConnectionAction", "portProbeAction.portProbeDetails", "kubernetesApiCallAction", "rdsLoginAttemptAction"} {
		a.Addresses = append(a.Addresses, strs(r, "service.action."+kind+".remoteIpDetails", "ipAddressV4", "ipAddressV6")...)
	}
	a.call(r.Str("service.action.awsApiCallAction.serviceName"), r.Str("service.action.awsApiCallAction.api"))
	a.Credentials = strs(r, "resource.accessKeyDetails", "accessKeyId")
	a.Principals = strs(r, "resource.accessKeyDetails", "principalId", "userName")
	a.Instances = strs(r, "resource.instanceDetails", "instanceId")
	a.Resources = append(strs(r, "resource.s3BucketDetails", "arn", "name"), strs(r, "resource.instanceDetails.iamInstanceProfile", "arn")...)
	const sequence = "service.detection.sequence"
	if a.Sequence = r.Get(sequence) != nil; a.Sequence {
		a.Credentials = append(a.Credentials, strs(r, sequence+".actors.user", "credentialUid")...)
		a.Principals = append(a.Principals, strs(r, sequence+".actors.user", "uid", "name")...)
		a.Addresses = append(a.Addresses, strs(r, sequence+".endpoints", "ip")...)
		a.Resources = append(a.Resources, strs(r, sequence+".resources", "uid")...)
		for _, t := range slices.Concat(strs(r, sequence+".signals", "firstSeenAt", "lastSeenAt")) {
			a.widen(ParseTime(t))
		}
		for _, ind := range r.All(sequence + ".signals.signalIndicators") {
			if m, ok := ind.(map[string]any); ok && Record(m).Str("key") == "HIGH_RISK_API" {
				for _, c := range Record(m).Strs("values") {
					service, api, _ := strings.Cut(c, ":")
					a.call(service, api)
				}
			}
		}
		// Resources of a sequence name access keys too.
		a.Credentials = append(a.Credentials, keyID.FindAllString(strings.Join(a.Resources, " "), -1)...)
	}
	return a
}

// score puts GuardDuty's number into a word, by its own ranges. Source: GuardDuty User
// Guide, "Severity levels of GuardDuty findings".
func score(s string) string {
	v, err := strconv.ParseFloat(s, 64)
	switch {
	case err != nil:
		return "informational"
	case v >= 9:
		return "critical"
	case v >= 7:
		return "high"
	case v >= 4:
		return "medium"
	}
	return "low"
}
