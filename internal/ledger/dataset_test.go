package ledger

import (
	"context"
	"encoding/json"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/trailhound/trailhound/internal/evidence"
	"github.com/trailhound/trailhound/internal/evidence/datasettest"
	"github.com/trailhound/trailhound/internal/evidence/memory"
	"github.com/trailhound/trailhound/internal/source/cloudtrail"
)

// records decodes every event of the files that match.
func records(t *testing.T, pattern ...string) []evidence.Event {
	t.Helper()
	files, err := filepath.Glob(filepath.Join(append([]string{datasettest.Dir(t)}, pattern...)...))
	if err != nil || len(files) == 0 {
		t.Fatalf("%v: %v, %d files", pattern, err, len(files))
	}
	var all []evidence.Event
	for _, name := range files {
		raw, err := os.ReadFile(name)
		if err != nil {
			t.Fatal(err)
		}
		var doc struct{ Records []json.RawMessage }
		if err := json.Unmarshal(raw, &doc); err != nil {
			t.Fatalf("%s: %v", name, err)
		}
		for _, r := range doc.Records {
			e, err := cloudtrail.Decode(r)
			if err != nil {
				t.Fatalf("%s: %v", name, err)
			}
			all = append(all, e)
		}
	}
	return all
}

// TestInvictus builds the ledger of the whole operator of the invictus set:
// set-up, detonations and teardown. The operator tore everything down, so the
// whole list is removed, and each item by the call that the labels' own reading
// of the log shows. It is compared in full: an item too many is a phantom.
func TestInvictus(t *testing.T) {
	store := memory.New(records(t, "invictus-aws_dataset", "CloudTrail", "*.json"))
	var hostile []evidence.Event
	names := map[string]string{}
	for e, err := range store.Events(context.Background(), evidence.Query{Body: true}) {
		if err != nil {
			t.Fatal(err)
		}
		names["event:"+e.ID] = e.Name
		if e.Identity.UserName == "bert-jan" || strings.HasPrefix(e.Identity.SessionName(), "aws-go-sdk-") {
			hostile = append(hostile, e)
		}
	}
	const own = "123837392027"
	l, err := load(t).Build(context.Background(), store, hostile, Input{Accounts: []string{own}})
	if err != nil {
		t.Fatal(err)
	}
	var got []string
	for _, p := range l.Persistence {
		var by []string
		for _, id := range p.StateEvidence {
			by = append(by, names[id])
		}
		id := strings.NewReplacer("arn:aws:iam::"+own+":", "", "arn:aws:lambda:us-east-1:"+own+":function:", "", "stratus-red-team-", "").Replace(p.ID)
		got = append(got, strings.Join([]string{p.Status, p.Kind, id, p.Technique, strings.Join(by, "+")}, " "))
	}
	want := []string{
		"removed access_key AKIATFQR7NSC3ZO6PKAZ PR-002 DeleteAccessKey",
		"removed access_key AKIATFQR7NSCQLA2F4OD PR-002 DeleteAccessKey",
		"removed bucket_policy arn:aws:s3:::bdbp-lhfzvgcamn PR-024 DeleteBucketPolicy",
		"removed function backdoor-f-func PE-009 DeleteFunction",
		"removed function backdoor-f-func#backdoor PR-015 RemovePermission",
		"removed function olc-func-xhfgzaowxc PE-009 DeleteFunction",
		"removed iam_user user/backdoor-u-user PR-001 DeleteUser",
		"removed iam_user user/login-profile-user PR-001 DeleteUser",
		"removed iam_user user/malicious-iam-user PR-001 DeleteUser",
		"removed iam_user user/nmfalu-gfjyeaypjt PR-001 DeleteUser",
		"removed image ami-0aa1d83d0b0985c86 PR-027 DeregisterImage",
		"removed instance i-05c30218156bcc246 PE-007 TerminateInstances",
		"removed instance i-0dbc91f429e48eeed PE-007 TerminateInstances",
		"removed login_profile user/login-profile-user PR-004 DeleteLoginProfile",
		"removed login_profile user/nmfalu-gfjyeaypjt PR-004 DeleteLoginProfile",
		"removed other arn:aws:s3:::ctlr-bucket-zqfsvooxqj IM-017 DeleteBucketLifecycle",
		"removed other sg-04cfb7a4712d75b00#tcp/22/0.0.0.0/0 PR-033 RevokeSecurityGroupIngress",
		"removed other sg-04cfb7a4712d75b00#tcp/443/0.0.0.0/0 PR-033 DeleteSecurityGroup",
		"removed policy role/backdoor-r-role#arn:aws:iam::aws:policy/AdministratorAccess PE-001 DetachRolePolicy",
		"removed policy user/malicious-iam-user#arn:aws:iam::aws:policy/AdministratorAccess PE-001 DetachUserPolicy",
		"removed role role/backdoor-f-lambda PR-037 DeleteRole",
		"removed role role/backdoor-r-role PR-037 DeleteRole",
		"removed role role/ec2-get-password-data-role PR-037 DeleteRole",
		"removed role role/ec2lui-role-pcccexdthk PR-037 DeleteRole",
		"removed role role/ec2lui-role-wuzemnoeqa PR-037 DeleteRole",
		"removed role role/get-usr-data-role PR-037 DeleteRole",
		"removed role role/leave-org-role PR-037 DeleteRole",
		"removed role role/olc-lambda-xhfgzaowxc PR-037 DeleteRole",
		"removed role role/remove-flow-logs-role PR-037 DeleteRole",
		"removed role role/trust-anchor-role PR-037 DeleteRole",
		"removed roles_anywhere arn:aws:rolesanywhere:us-east-1:" + own + ":profile/ac4e09d1-a150-4924-bb76-23b00fa7c34a PR-011 DeleteProfile",
		"removed roles_anywhere arn:aws:rolesanywhere:us-east-1:" + own + ":trust-anchor/49e25ec3-bdfe-4150-8683-b4ea4ee85cfd PR-011 DeleteTrustAnchor",
		"removed share ami-0aa1d83d0b0985c86 XF-002 ModifyImageAttribute",
		"removed share arn:aws:rds:us-east-1:" + own + ":snapshot:exfiltration XF-003 ModifyDBSnapshotAttribute",
		"removed share snap-083d3b857c13988bc XF-001 ModifySnapshotAttribute",
		"removed trust_policy role/backdoor-r-role PR-007 UpdateAssumeRolePolicy",
	}
	slices.Sort(got)
	slices.Sort(want)
	for _, w := range want {
		if !slices.Contains(got, w) {
			t.Errorf("missing: %s", w)
		}
	}
	for _, g := range got {
		if !slices.Contains(want, g) {
			t.Errorf("phantom: %s", g)
		}
	}
	// The attempts on logging and the organisation are rows, and nothing more.
	for _, id := range []string{
		"arn:aws:cloudtrail:us-east-1:" + own + ":trail/stratus-red-team-ct-stop-trail-qzbgnfqisx",
		"arn:aws:cloudtrail:us-east-1:" + own + ":trail/stratus-red-team-cloudtraild-trail-aueolsaccp",
		"account/" + own,
	} {
		i := slices.IndexFunc(l.Resources, func(r Resource) bool { return r.ID == id })
		if i < 0 || !slices.Equal(l.Resources[i].Effect, []string{Attempted}) || l.Resources[i].StateNow != Unknown {
			t.Errorf("%s: not a row of attempts only", id)
		}
	}
	if len(l.Unresolved) > 0 {
		t.Errorf("unresolved: %v", l.Unresolved)
	}
}

// TestLabelledResources holds the rows against the resources that the labels
// name for each detonation: each stands in some row by its name.
func TestLabelledResources(t *testing.T) {
	store := memory.New(records(t, "invictus-aws_dataset", "CloudTrail", "*.json"))
	raw, err := os.ReadFile(filepath.Join(datasettest.Dir(t), "ground_truth", "invictus_stratus_2023.json"))
	if err != nil {
		t.Fatal(err)
	}
	var truth struct {
		Events    []string `json:"attack_event_ids"`
		Resources []string `json:"affected_resources"`
	}
	if err := json.Unmarshal(raw, &truth); err != nil {
		t.Fatal(err)
	}
	var hostile []evidence.Event
	for e := range store.Events(context.Background(), evidence.Query{IDs: truth.Events, Body: true}) {
		hostile = append(hostile, e)
	}
	l, err := load(t).Build(context.Background(), store, hostile, Input{Accounts: []string{"123837392027"}})
	if err != nil {
		t.Fatal(err)
	}
	rows := ""
	for _, r := range l.Resources {
		rows += r.ID + "\n"
	}
	for _, p := range l.Persistence {
		rows += p.ID + "\n"
	}
	if len(truth.Resources) < 20 {
		t.Fatalf("%d labelled resources: the labels have changed", len(truth.Resources))
	}
	for _, label := range truth.Resources {
		_, params, _ := strings.Cut(label, ": ")
		var named map[string]any
		if err := json.Unmarshal([]byte(params), &named); err != nil {
			t.Fatalf("%s: %v", label, err)
		}
		for _, key := range sortedKeys(named) {
			v, _ := named[key].(string)
			switch {
			case key == "attributeName", strings.HasPrefix(v, "AWS-"), v == "": // no resource of the account's
			case strings.HasPrefix(v, "malicious-rolesanywhere"): // a name that AWS replaces by an id
			case !strings.Contains(rows, v):
				t.Errorf("%s: %q is in no row", label, v)
			}
		}
	}
}
