package scenetest

import (
	"encoding/json"
	"fmt"
	"strings"
	"time"

	"github.com/trailhound/trailhound/internal/source/cloudtrail"
)

// agents are what tools really send.
var agents = map[string]string{
	"aws-cli":    "aws-cli/2.15.30 Python/3.11.8 Linux/6.5.0-25-generic exe/x86_64.ubuntu.22 prompt/off",
	"aws-cli-1":  "aws-cli/1.32.1 Python/3.10.12 Linux/5.15.0 botocore/1.34.1",
	"boto3":      "Boto3/1.34.51 md/Botocore#1.34.51 ua/2.0 os/linux#5.10.210 md/arch#x86_64 lang/python#3.9.16",
	"boto3-win":  "Boto3/1.34.51 md/Botocore#1.34.51 ua/2.0 os/windows#10 md/arch#amd64 lang/python#3.12.0",
	"terraform":  "APN/1.0 HashiCorp/1.0 Terraform/1.7.4 (+https://www.terraform.io) terraform-provider-aws/5.39.0",
	"browser":    "Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15_7) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/122.0.0.0 Safari/537.36",
	"console":    "AWS Internal",
	"go-sdk":     "aws-sdk-go-v2/1.25.2 os/linux lang/go#1.22.0 md/GOOS#linux md/GOARCH#amd64",
	"java-sdk":   "aws-sdk-java/2.24.13 Linux/5.10.210 OpenJDK_64-Bit_Server_VM/17.0.10",
	"ssm-agent":  "aws-sdk-go/1.44.260 (go1.20.10; linux; amd64) amazon-ssm-agent/3.2.2303.0",
	"cloudshell": "aws-cli/2.15.30 Python/3.11.8 Linux/6.1.79 exec-env/CloudShell exe/x86_64.amzn.2023 prompt/off",
	"github":     "configure-aws-credentials-for-github-actions aws-sdk-js/3.525.0 os/linux",
	"curl":       "curl/8.5.0",
	"kali":       "aws-cli/2.12.0 Python/3.11.8 Linux/6.5.0-kali3-amd64 source/x86_64.kali.2023 prompt/off",
}

// load makes the events of one line.
func (s *Scene) load(text string, n int) error {
	l, err := s.read(text)
	if err != nil {
		return err
	}
	id, err := s.caller(l.caller)
	if err != nil {
		return err
	}
	rep := 0
	for _, day := range l.days {
		for i := range l.times {
			rep++
			at := day.Add(l.clock + time.Duration(i)*l.gap)
			if err := s.event(l, id, at, n, rep, i+1); err != nil {
				return err
			}
		}
	}
	return nil
}

func (s *Scene) event(l *line, id identity, at time.Time, n, rep, i int) error {
	account := id.account
	if l.how.account != "" {
		account = l.how.account
	}
	if account == "" {
		account = home
	}
	r := map[string]any{
		// Ids come from the line and the repetition, so that a scene gives the same
		// events in every run and editing one line leaves the ids of the lines
		// before it.
		"eventVersion": "1.09", "eventID": fmt.Sprintf("%08x-%04x-4000-8000-000000000000", n+1, rep), "requestID": fmt.Sprintf("%08x-%04x-4000-9000-000000000000", n+1, rep),
		"eventTime": at.Format(time.RFC3339), "eventName": l.call, "eventSource": sourceOf(l) + ".amazonaws.com", "eventType": "AwsApiCall",
		"eventCategory": "Management", "managementEvent": true, "readOnly": readOnly(l.call), "recipientAccountId": account, "awsRegion": or(l.how.in, "us-east-1"),
		"sourceIPAddress": strings.ReplaceAll(or(l.how.from, "192.0.2.10"), "#", fmt.Sprint(i)), "userIdentity": id.record(),
		"requestParameters": nil, "responseElements": nil,
	}
	if dataCalls[l.call] {
		r["eventCategory"], r["managementEvent"] = "Data", false
	}
	if id.kind == "service" {
		r["sourceIPAddress"], r["userAgent"] = id.name+".amazonaws.com", id.name+".amazonaws.com"
	} else {
		tool := or(l.how.with, "aws-cli")
		r["userAgent"] = or(agents[tool], strings.ReplaceAll(tool, "_", " "))
		if tool == "console" && l.how.from == "" {
			r["sourceIPAddress"] = "AWS Internal"
		}
	}
	if via := l.how.via; via != "" {
		if via = via + ".amazonaws.com"; l.how.via == "internal" {
			via = "AWS Internal"
		}
		r["userIdentity"].(map[string]any)["invokedBy"] = via
		r["sourceIPAddress"], r["userAgent"] = via, via
	}
	if strings.HasPrefix(l.how.from, "vpce-") {
		r["vpcEndpointId"], r["sourceIPAddress"] = l.how.from, "10.0.0.10"
	}
	if id.console {
		r["sessionCredentialFromConsole"] = "true"
	}
	request, answer, err := s.fill(l, id, at, r)
	if err != nil {
		return err
	}
	if l.errCode != "" {
		request, answer = s.fail(l, id, r, request)
	}
	if request = laid(request, l.request); len(request) > 0 {
		r["requestParameters"] = request
	}
	if answer = laid(answer, l.answer); len(answer) > 0 {
		r["responseElements"] = answer
	}
	// Through JSON and the real decoder: a scene can hold nothing that a log could
	// not.
	raw, err := json.Marshal(laid(r, l.over))
	if err != nil {
		return err
	}
	e, err := cloudtrail.Decode(raw)
	if err != nil {
		return err
	}
	e.Ref.Index = int64(len(s.Events))
	s.Events = append(s.Events, e)
	s.label(e.ID, l.call, at)
	return nil
}

// label names an event by its call and moment.
func (s *Scene) label(id, call string, at time.Time) {
	name := call + "@"
	if day := int(at.Sub(first).Hours())/24 + 1; day != 1 {
		name += fmt.Sprintf("d%d ", day)
	}
	name += strings.TrimSuffix(at.Format("15:04:05"), ":00")
	for n, plain := 2, name; s.ids[name] != ""; n++ {
		name = fmt.Sprintf("%s#%d", plain, n)
	}
	if s.labels[id] == "" {
		s.labels[id], s.ids[name] = name, id
	}
}

// fail makes the record of a refused call: most have neither request nor
// answer, and tell in the message who wanted what.
func (s *Scene) fail(l *line, id identity, r, request map[string]any) (map[string]any, map[string]any) {
	r["errorCode"], r["errorMessage"] = l.errCode, l.errText
	if l.call == "ConsoleLogin" {
		// A failed sign-in has no errorCode. Source: CloudTrail User Guide, "AWS
		// Management Console sign-in events".
		delete(r, "errorCode")
		r["errorMessage"] = "Failed authentication"
		return nil, map[string]any{"ConsoleLogin": "Failure"}
	}
	if strings.Contains(l.errCode, "Denied") || strings.Contains(l.errCode, "Unauthorized") {
		if l.errText == "" {
			action := sourceOf(l) + ":" + l.call
			r["errorMessage"] = "User: " + id.arn() + " is not authorized to perform: " + action + " because no identity-based policy allows the " + action + " action"
		}
		request = nil
	}
	return request, nil
}

func or(s, otherwise string) string {
	if s == "" {
		return otherwise
	}
	return s
}
