package evidence

import (
	"errors"
	"maps"
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
		slices.Sort(*list) // as sets: detectors repeat themselves
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
// Of two spellings in one object the small one counts, then the first by name: whoever
// writes an alert must not make two runs read two alerts.
func camel(v any, depth int) any {
	switch v := v.(type) {
	case map[string]any:
		if depth > 64 {
			return nil
		}
		out := make(map[string]any, len(v))
		for _, k := range slices.Sorted(maps.Keys(v)) {
			first, n := utf8.DecodeRuneInString(k)
			name := string(unicode.ToLower(first)) + k[n:]
			if _, twice := out[name]; twice && name != k {
				continue
			}
			out[name] = camel(v[k], depth+1)
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

// call adds a call that the alert is about. Detectors write the service as an endpoint
// ("iam.amazonaws.com"), as a name or not at all.
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

// widen stretches First and Last to hold a moment.
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

// strs gathers the texts of several members of what stands at path.
func strs(r Record, path string, names ...string) []string {
	var out []string
	for _, n := range names {
		out = append(out, r.Strs(path+"."+n)...)
	}
	return out
}

// str is a member of a map whose names hold dots or slashes, which a path cannot name.
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
			return writable(time.UnixMilli(ms))
		}
		if t := ParseTime(s); !t.IsZero() {
			return t
		}
	}
	return time.Time{}
}
