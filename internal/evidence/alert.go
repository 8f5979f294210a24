package evidence

import (
	"errors"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"time"
	"unicode"
	"unicode/utf8"
)

// Alert is what a detector claims: an observation of kind "alert", read. It is
// the detector's opinion about calls or traffic, and no finding of ours.
type Alert struct {
	ID       string // the detector's own id
	Product  string // "GuardDuty", "Inspector", …
	Type     string // "UnauthorizedAccess:IAMUser/TorIPCaller"; of a compliance check its first type
	Title    string
	Severity string // critical | high | medium | low | informational
	// First and Last bound what the alert is about. An alert gathers many calls:
	// these are no moments of calls.
	First, Last time.Time
	Count       int // calls or connections gathered; 0 if not said
	Account     string
	Region      string // where the detector ran: for global services not where the call was recorded

	Credentials []string // access key ids
	Principals  []string // unique ids, ARNs and names
	Addresses   []string // remote addresses: who acted, not what was acted on
	Calls       []string // "service:Operation", lower-case service; or "Operation" alone
	Instances   []string
	Resources   []string // ARNs and native ids of what it is about
	Sequence    bool     // a GuardDuty attack sequence, which joins other alerts
	Closed      bool     // archived, suppressed or resolved by somebody
}

// Behavior says whether the alert is about something that was done, and not about
// how something is configured or which package is old: only then can calls or
// flows be expected to match it.
func (a *Alert) Behavior() bool { return len(a.Credentials)+len(a.Addresses)+len(a.Calls) > 0 }

var (
	errNoAlert = errors.New("it is no alert of a form that is known")
	keyID      = regexp.MustCompile(`\b(?:AKIA|ASIA)[A-Z0-9]{12,124}\b`)
)

// ReadAlert reads the finding of a detector: GuardDuty in PascalCase (AWS CLI)
// or camelCase (EventBridge, export to S3), the AWS Security Finding Format, or
// a finding in OCSF, or a row of Access Analyzer's lists. The fields are those of
// the AWS API references of GuardDuty, Security Hub and Access Analyzer and of the
// OCSF schema 1.1.
func ReadAlert(finding Record) (Alert, error) {
	f, _ := camel(map[string]any(finding), 0).(map[string]any)
	r := Record(f)
	var a Alert
	switch {
	case r.Str("productArn") != "":
		a = readASFF(r)
	case r.Get("finding_info") != nil:
		a = readOCSF(r)
	case r.Str("service.serviceName") == "guardduty" || strings.Contains(r.Str("arn"), ":guardduty:"):
		a = readGuardDuty(r)
	case r.Str("resourceOwnerAccount") != "" && r.Str("analyzedAt") != "":
		a = readAccessAnalyzer(r)
	default:
		return a, errNoAlert
	}
	if a.ID == "" {
		return a, errNoAlert
	}
	for _, list := range []*[]string{&a.Credentials, &a.Principals, &a.Addresses, &a.Calls, &a.Instances, &a.Resources} {
		slices.Sort(*list)
		*list = slices.DeleteFunc(slices.Compact(*list), func(s string) bool { return s == "" || s == "-" })
	}
	if a.Last.Before(a.First) {
		a.Last = a.First
	}
	return a, nil
}

// Alert reads an observation of kind "alert".
func (o *Observation) Alert() (Alert, error) {
	r, err := o.Parse()
	if err != nil {
		return Alert{}, err
	}
	return ReadAlert(r)
}

// camel writes the first letter of every name small, which is all that tells
// the spellings of one finding apart. Beyond 64 levels nothing of use is found.
func camel(v any, depth int) any {
	switch v := v.(type) {
	case map[string]any:
		if depth > 64 {
			return nil
		}
		out := make(map[string]any, len(v))
		for k, w := range v {
			first, n := utf8.DecodeRuneInString(k)
			name := string(unicode.ToLower(first)) + k[n:]
			if _, twice := out[name]; twice && name != k {
				continue // of two spellings in one object the small one counts, whatever the order
			}
			out[name] = camel(w, depth+1)
		}
		return out
	case []any:
		out := make([]any, len(v))
		for i := range v {
			out[i] = camel(v[i], depth+1)
		}
		return out
	}
	return v
}

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
	for name, v := range fields {
		s, _ := v.(string)
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

// readAccessAnalyzer reads a row of list-findings or list-findings-v2. It is about
// how something is set up; Access Analyzer gives no severity.
func readAccessAnalyzer(r Record) Alert {
	a := Alert{
		ID: r.Str("id"), Product: "IAM Access Analyzer", Type: r.Str("findingType"), Severity: "informational",
		First: firstTime(r, "createdAt"), Last: firstTime(r, "updatedAt", "analyzedAt"),
		Account: r.Str("resourceOwnerAccount"), Resources: r.Strs("resource"), Principals: strs(r, "principal", "AWS", "Federated"),
		Closed: r.Str("status") == "ARCHIVED" || r.Str("status") == "RESOLVED",
	}
	if a.Type == "" { // the older list knows only these
		a.Type = "ExternalAccess"
	}
	a.Title = r.Str("resource") + " can be reached from outside"
	if a.Type != "ExternalAccess" {
		a.Title = r.Str("resource") + ": " + a.Type
	}
	return a
}

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

func (a *Alert) call(service, operation string) {
	if operation == "" {
		return
	}
	service, _, _ = strings.Cut(strings.ToLower(service), ".")
	if service != "" {
		operation = service + ":" + operation
	}
	a.Calls = append(a.Calls, operation)
}

func (a *Alert) widen(t time.Time) {
	if t.IsZero() {
		return
	}
	if a.First.IsZero() || t.Before(a.First) {
		a.First = t
	}
	if t.After(a.Last) {
		a.Last = t
	}
}

// score puts GuardDuty's number into a word, by its own ranges.
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

func strs(r Record, path string, names ...string) []string {
	var out []string
	for _, n := range names {
		out = append(out, r.Strs(path+"."+n)...)
	}
	return out
}

func str(m map[string]any, name string) string {
	s, _ := m[name].(string)
	return s
}

// firstTime reads the first of the fields that holds a moment: text, or the
// milliseconds of OCSF.
func firstTime(r Record, paths ...string) time.Time {
	for _, p := range paths {
		s := r.Str(p)
		if ms, err := strconv.ParseInt(s, 10, 64); err == nil && ms > 0 {
			return time.UnixMilli(ms).UTC()
		}
		if t := ParseTime(s); !t.IsZero() {
			return t
		}
	}
	return time.Time{}
}
