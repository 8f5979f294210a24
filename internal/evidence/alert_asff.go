package evidence

import (
	"maps"
	"slices"
	"strconv"
	"strings"
)

// readASFF reads a finding in the AWS Security Finding Format, in which Security Hub
// gives what any detector claims. What the format has no member for, the detector puts
// under productFields, whose names are paths with slashes.
// Source: Security Hub User Guide, "AWS Security Finding Format (ASFF)".
func readASFF(r Record) Alert {
	a := Alert{
		ID: r.Str("id"), Product: r.Str("productName"), Type: r.Str("types"), Title: r.Str("title"), Severity: strings.ToLower(r.Str("severity.label")),
		First: firstTime(r, "firstObservedAt", "createdAt"), Last: firstTime(r, "lastObservedAt", "updatedAt"),
		Account: r.Str("awsAccountId"), Region: r.Str("region"),
		Closed: r.Str("recordState") == "ARCHIVED" || slices.Contains([]string{"RESOLVED", "SUPPRESSED"}, r.Str("workflow.status")),
	}
	if a.Product == "" {
		a.Product = r.Str("productArn")[strings.LastIndex(r.Str("productArn"), "/")+1:]
	}
	for _, kind := range []string{"awsApiCallAction", "networkConnectionAction", "portProbeAction.portProbeDetails"} {
		a.Addresses = append(a.Addresses, strs(r, "action."+kind+".remoteIpDetails", "ipAddressV4")...)
	}
	a.call(r.Str("action.awsApiCallAction.serviceName"), r.Str("action.awsApiCallAction.api"))
	fields, _ := r.Get("productFields").(map[string]any)
	for _, name := range slices.Sorted(maps.Keys(fields)) { // in order, for two may say how many
		s, _ := fields[name].(string)
		switch {
		case strings.HasSuffix(name, "/remoteIpDetails/ipAddressV4"):
			a.Addresses = append(a.Addresses, s)
		case strings.HasSuffix(name, "/service/eventFirstSeen"), strings.HasSuffix(name, "/service/eventLastSeen"):
			a.widen(ParseTime(s))
		case strings.HasSuffix(name, "/service/count"):
			a.Count, _ = strconv.Atoi(s)
		}
	}
	a.call(str(fields, "aws/guardduty/service/action/awsApiCallAction/serviceName"), str(fields, "aws/guardduty/service/action/awsApiCallAction/api"))
	for _, v := range r.All("resources") {
		m, _ := v.(map[string]any)
		res := Record(m)
		id := res.Str("id")
		switch res.Str("type") {
		case "AwsIamAccessKey":
			a.Credentials = append(a.Credentials, keyID.FindAllString(id, -1)...)
			a.Principals = append(a.Principals, strs(res, "details.awsIamAccessKey", "principalId", "principalName", "userName")...)
		case "AwsEc2Instance":
			a.Instances = append(a.Instances, id[strings.LastIndex(id, "/")+1:])
			a.Resources = append(a.Resources, id)
		default:
			a.Resources = append(a.Resources, id)
		}
	}
	return a
}
