package ledger

import (
	"encoding/json"
	"fmt"
	"maps"
	"regexp"
	"strings"
	"testing"
	"time"

	"go.yaml.in/yaml/v4"

	"github.com/trailhound/trailhound/internal/evidence"
	"github.com/trailhound/trailhound/internal/source/cloudtrail"
)

// The language of these tests, one call a line, request and answer in YAML:
//
//	[09:00[:00]] [actor[*]] [service:]Call [{request}] [-> {answer}] [+ {record}] [! ErrorCode "message"]
//
// A star marks the intruder. What stands after "+" is laid over the whole
// record. Account 111122223333, region us-east-1 unless the record says else.

var lineForm = regexp.MustCompile(`^(?:(\d\d:\d\d(?::\d\d)?)\s+)?(?:([a-z0-9-]+)(\*)?\s+)?(?:([a-z0-9-]+):)?([A-Z][A-Za-z0-9]+)\b(.*)$`)

var errorForm = regexp.MustCompile(`\s+!\s*([A-Za-z.]+)(?:\s+"(.*)")?\s*$`)

const account = "111122223333"

// said is one line, read.
type said struct {
	name    string // how the line is called elsewhere in a script
	event   evidence.Event
	record  evidence.Record
	hostile bool
}

// documents stand for policies in a line: $outside lets another account in.
var documents = strings.NewReplacer(
	"$outside", allow(`"Principal":{"AWS":"arn:aws:iam::999988887777:root"}`),
	"$partner", allow(`"Condition":{"StringEquals":{"sts:ExternalId":"x"}},"Principal":{"AWS":"999988887777"}`),
	"$public", allow(`"Principal":"*"`),
	"$orgonly", allow(`"Principal":"*","Condition":{"StringEquals":{"aws:PrincipalOrgID":"o-abc"}}`),
	"$service", allow(`"Principal":{"Service":"ec2.amazonaws.com"}`),
	"$idp", allow(`"Principal":{"Federated":"arn:aws:iam::`+account+`:oidc-provider/idp.example"}`),
	"$root", allow(`"Principal":{"AWS":"arn:aws:iam::`+account+`:root"}`),
	"$named", allow(`"Principal":{"AWS":"arn:aws:iam::`+account+`:user/bob"}`),
	"$admin", `'{"Statement":[{"Effect":"Allow","Action":"*","Resource":"*"}]}'`,
	"$narrow", `'{"Statement":{"Effect":"Allow","Action":"s3:GetObject","Resource":"arn:aws:s3:::one/*"}}'`,
	"$exec1", executing("444455556666", "s1"),
	"$exec2", executing("777788889999", "s2"),
	"$exec3", executing("444455556666", "s3"),
	"$deny", `'{"Statement":[{"Effect":"Deny","Action":"*","Resource":"*"}]}'`,
)

func allow(principal string) string {
	return `'{"Version":"2012-10-17","Statement":[{"Effect":"Allow",` + principal + `,"Action":"sts:AssumeRole"}]}'`
}

// executing is the caller that a set of stacks has in an account, laid over a record.
func executing(in, session string) string {
	role := "AWSCloudFormationStackSetExecutionRole"
	return `{recipientAccountId: "` + in + `", sourceIPAddress: cloudformation.amazonaws.com, userIdentity: {type: AssumedRole, principalId: "AROASETS` + in[:4] + `:` + session +
		`", arn: "arn:aws:sts::` + in + `:assumed-role/` + role + `/` + session + `", accountId: "` + in + `", invokedBy: cloudformation.amazonaws.com,
		sessionContext: {sessionIssuer: {type: Role, userName: ` + role + `, principalId: AROASETS` + in[:4] + `, arn: "arn:aws:iam::` + in + `:role/` + role + `", accountId: "` + in + `"}}}}`
}

// say makes the event of a line. n numbers the lines of a script.
func say(t testing.TB, line, source string, n int) said {
	t.Helper()
	m := lineForm.FindStringSubmatch(line)
	if m == nil {
		t.Fatalf("no call: %q", line)
	}
	clock, actor, star, service, call, rest := m[1], m[2], m[3], m[4], m[5], m[6]
	if clock == "" {
		clock = "12:00"
	}
	if len(clock) == 5 {
		clock += ":00"
	}
	if actor == "" {
		actor = "mallory"
	}
	if service != "" {
		source = service + ".amazonaws.com"
	}
	r := map[string]any{
		"eventVersion": "1.08", "eventTime": "2026-03-01T" + clock + "Z", "eventSource": source, "eventName": call,
		"eventID": fmt.Sprintf("%08d-0000-4000-8000-000000000000", n), "awsRegion": "us-east-1", "recipientAccountId": account,
		"sourceIPAddress": "203.0.113.9", "eventType": "AwsApiCall", "requestParameters": nil, "responseElements": nil,
		"userIdentity": map[string]any{
			"type": "IAMUser", "principalId": "AIDA" + strings.ToUpper(actor), "userName": actor, "accountId": account,
			"arn": "arn:aws:iam::" + account + ":user/" + actor, "accessKeyId": "AKIA" + strings.ToUpper(actor),
		},
	}
	if e := errorForm.FindStringSubmatch(rest); e != nil {
		r["errorCode"] = e[1]
		if e[2] != "" {
			r["errorMessage"] = e[2]
		}
		rest = strings.TrimSuffix(rest, e[0])
	}
	rest, over, _ := strings.Cut(rest, " + ")
	request, answer, _ := strings.Cut(rest, " -> ")
	for field, text := range map[string]string{"requestParameters": request, "responseElements": answer} {
		if strings.TrimSpace(text) != "" {
			r[field] = flow(t, text)
		}
	}
	if over != "" {
		maps.Copy(r, flow(t, over).(map[string]any))
	}
	raw, err := json.Marshal(r)
	if err != nil {
		t.Fatal(err)
	}
	e, err := cloudtrail.Decode(raw)
	if err != nil {
		t.Fatalf("%q: %v", line, err)
	}
	e.Ref.Index = int64(n)
	rec, err := e.Parse()
	if err != nil {
		t.Fatal(err)
	}
	return said{m[2] + "'s " + call, e, rec, star == "*"}
}

func flow(t testing.TB, text string) (v any) {
	t.Helper()
	if err := yaml.Unmarshal([]byte(documents.Replace(text)), &v); err != nil {
		t.Fatalf("%q: %v", text, err)
	}
	return v
}

// told writes effects the way the samples expect them.
func told(effects []Effect) (out []string) {
	for _, e := range effects {
		if e.Effect != "" {
			out = append(out, fmt.Sprintf("  %s %s %s", e.Effect, e.Type, e.ID))
		}
		if !e.due.IsZero() {
			how := "reckoned"
			if e.told {
				how = "told"
			}
			out = append(out, "  gone at "+e.due.Format(time.RFC3339)+", "+how)
		}
		if e.Ends != "" && e.Effect != Deleted {
			out = append(out, "  ends "+e.Ends)
		}
		if p := e.Plants; p != nil {
			means := ""
			if p.Means != meaning(p.Kind) {
				means = " as " + p.Means
			}
			out = append(out, fmt.Sprintf("  plants %s %s %s %s%s", p.Kind, p.Technique, p.Undo, p.ID, means))
		}
	}
	if out == nil {
		out = []string{"  nothing"}
	}
	return out
}

func at(t testing.TB, clock string) time.Time {
	t.Helper()
	v, err := time.Parse("2006-01-02 15:04", "2026-03-01 "+clock)
	if err != nil {
		t.Fatal(err)
	}
	return v
}
