package response

import (
	"flag"
	"fmt"
	"os"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/trailhound/trailhound/internal/claim"
	"github.com/trailhound/trailhound/internal/investigation"
	"github.com/trailhound/trailhound/internal/ledger"
	"github.com/trailhound/trailhound/internal/lineage"
	"pgregory.net/rapid"
)

var update = flag.Bool("update", false, "rewrite the golden files")

const (
	root  = "AKIAEXAMPLEEXAMPLE01" // leaked
	token = "ASIAEXAMPLEEXAMPLE02" // GetSessionToken
	chain = "ASIAEXAMPLEEXAMPLE03" // AssumeRole
	mint  = "AKIAEXAMPLEEXAMPLE04" // of the user the intruder made
	iam   = "arn:aws:iam::111122223333:"
)

// story is a leaked CI key, followed to its end.
func story() Input {
	return Input{
		Status: "incident", VerdictClaims: []string{"C1"}, Account: "111122223333", Region: "eu-west-1", EvidenceBuckets: []string{"acme-trail"},
		Credentials: []lineage.Credential{
			{ID: root, Kind: "access_key", Principal: iam + "user/ci/deploy-bot", HeldBy: "shared", State: "active"},
			{ID: token, Kind: "session", Principal: iam + "user/ci/deploy-bot", HeldBy: "intruder", State: "active", IssuedBy: &lineage.Issue{Credential: root, Event: "e2", Rule: "get_session_token"}},
			{ID: chain, Kind: "session", Principal: "arn:aws:sts::111122223333:assumed-role/prod/x", PrincipalID: "AROAX:x", HeldBy: "intruder", State: "active", IssuedBy: &lineage.Issue{Credential: token, Event: "e3", Rule: "assume_role"}},
			{ID: mint, Kind: "access_key", Principal: iam + "user/svc", HeldBy: "intruder", State: "active", IssuedBy: &lineage.Issue{Credential: chain, Event: "e5", Rule: "create_access_key"}},
			{ID: "ASIAEXAMPLEEXAMPLE09", Kind: "session", Principal: "arn:aws:sts::111122223333:assumed-role/host/i-0123456789abcdef0", PrincipalID: "AROAY:i-0123456789abcdef0", HeldBy: "shared", State: "active", IssuedBy: &lineage.Issue{Rule: "instance_profile"}},
			{ID: "AKIAEXAMPLEEXAMPLE13", Kind: "access_key", HeldBy: "intruder", State: "active", IssuedBy: &lineage.Issue{Credential: chain, Event: "e10", Rule: "create_access_key"}},
			{ID: "ASIAEXAMPLEEXAMPLE10", Kind: "session", Principal: "arn:aws:sts::111122223333:assumed-role/old/x", HeldBy: "intruder", State: "expired"},
			{ID: "AKIAEXAMPLEEXAMPLE11", Kind: "access_key", Principal: iam + "user/amira", HeldBy: "owner", State: "active"},
			{ID: "AKIAEXAMPLEEXAMPLE14", Kind: "access_key", Principal: iam + "user/amira", HeldBy: "intruder", State: "active", IssuedBy: &lineage.Issue{Credential: chain, Rule: "create_access_key"}},
			{ID: "ASIAEXAMPLEEXAMPLE21", Kind: "session", Principal: iam + "role/deleted", HeldBy: "intruder", State: "active"},
			{ID: "AKIAEXAMPLEEXAMPLE20", Kind: "access_key", Principal: iam + "root", HeldBy: "intruder", State: "active", IssuedBy: &lineage.Issue{Rule: "create_access_key"}},
			{ID: "ASIAEXAMPLEEXAMPLE12", Kind: "session", Principal: iam + "user/responder", HeldBy: "shared", State: "active", IssuedBy: &lineage.Issue{Rule: "get_session_token"}},
		},
		Principals: []investigation.Principal{
			{ARN: iam + "user/ci/deploy-bot", RoleInCase: "entry"}, {ARN: iam + "user/svc", RoleInCase: "created"}, {ARN: iam + "role/prod", RoleInCase: "pivot"},
			{ARN: iam + "user/amira", RoleInCase: "owner"}, {ARN: iam + "user/responder", RoleInCase: "responder"},
		},
		Findings: []investigation.Finding{
			{ID: "F1", Outcome: "succeeded", Technique: "DE-001", Attack: []investigation.Attack{{Tactic: "defense-evasion"}}, Resources: []string{"arn:aws:cloudtrail:eu-west-1:111122223333:trail/main"}, Claims: []string{"C7"}},
			{ID: "F2", Outcome: "attempted", Technique: "IM-017", Resources: []string{"arn:aws:s3:::acme-untouched"}, Claims: []string{"C8"}},
			{ID: "F3", Outcome: "mixed", Technique: "IM-017", Attack: []investigation.Attack{{Tactic: "impact"}}, Resources: []string{"arn:aws:s3:::acme-orders", "arn:aws:s3:::acme-orders/a.csv"}, Claims: []string{"C9"}},
			{ID: "F4", Outcome: "succeeded", Technique: "DS-006", Attack: []investigation.Attack{{Tactic: "discovery"}}, Claims: []string{"C10"}},
			{ID: "F6", Outcome: "succeeded", Technique: "CO-001", Attack: []investigation.Attack{{Tactic: "collection"}}, Resources: []string{"arn:aws:s3:::acme-read/1", "arn:aws:s3:::acme-read/2"}, Claims: []string{"C12"}},
			{ID: "F7", Outcome: "succeeded", Technique: "IM-029", Attack: []investigation.Attack{{Tactic: "impact"}}, Resources: []string{"arn:aws:secretsmanager:eu-west-1:111122223333:secret:own", "arn:aws:secretsmanager:eu-west-1:111122223333:secret:theirs"}, Claims: []string{"C13"}},
			{ID: "F5", Outcome: "succeeded", Technique: "IM-001", Attack: []investigation.Attack{{Tactic: "impact"}}, Resources: []string{"i-0aaaaaaaaaaaaaaaa", "i-0bbbbbbbbbbbbbbbb"}, Claims: []string{"C11"}},
		},
		Persistence: []ledger.Persistence{
			{Kind: "iam_user", ID: iam + "user/svc", Status: "live", Events: []string{"e4"}, Technique: "PR-001", Undo: "USER_RM"},
			{Kind: "access_key", ID: mint, Status: "live", Events: []string{"e5"}, Technique: "PR-002", Undo: "KEY_DEL"},
			{Kind: "policy", ID: iam + "user/svc#arn:aws:iam::aws:policy/AdministratorAccess", Status: "live", Events: []string{"e6"}, Technique: "PE-001", Undo: "POL_DETACH"},
			{Kind: "policy", ID: iam + "role/prod#policy/extra", Status: "live", Events: []string{"e6"}, Technique: "PE-002", Undo: "POL_DETACH"},
			{Kind: "function_url", ID: "arn:aws:lambda:us-east-1:111122223333:function:sync", Status: "unknown", Events: []string{"e7"}, Technique: "PR-015", Undo: "FN_POLICY"},
			{Kind: "trust_policy", ID: "arn:aws:iam::444455556666:role/reports", Status: "live", Events: []string{"e8"}, Technique: "PR-007", Undo: "TRUST_FIX"},
			{Kind: "role", ID: iam + "role/tried", Status: "attempted", Events: []string{"e9"}, Technique: "PR-006", Undo: "ROLE_RM"},
			{Kind: "auto_scaling_group", ID: "kp 'x' $(reboot)", Status: "live", Events: []string{"e9"}, Undo: "ASG_ZERO"},
			{Kind: "other", ID: "sg-0123456789abcdef0", Status: "live", Events: []string{"e9"}, Undo: "SG_FIX"},
			{Kind: "other", ID: "sg-0123456789abcdef0#tcp/443/0.0.0.0/0", Status: "live", Events: []string{"e9"}, Undo: "SG_FIX"},
			{Kind: "image", ID: "arn:aws:ecr:eu-west-1:111122223333:repository/app#latest", Status: "live", Events: []string{"e9"}, Undo: "IMG_FIX"},
			{Kind: "share", ID: "arn:aws:ecr:eu-west-1:111122223333:repository/app", Status: "live", Events: []string{"e9"}, Undo: "IMG_FIX"},
			{Kind: "access_key", ID: "AKIAEXAMPLEEXAMPLE20", Status: "live", Events: []string{"e9"}, Undo: "KEY_DEL"},
			{Kind: "event_rule", ID: "arn:aws:events:us-east-1:111122223333:rule/on-delete", Status: "live", Events: []string{"e9"}, Technique: "PR-018", Undo: "EVT_OFF"},
			{Kind: "key_pair", ID: "gone", Status: "removed", Events: []string{"e9"}, Undo: "KP_RM"},
			{Kind: "key_pair", ID: "kp 'x' $(reboot)", Status: "live", Events: []string{"e9"}, Undo: "KP_RM"},
		},
		Resources: []ledger.Resource{
			{ID: "arn:aws:s3:::acme-orders", Type: "AWS::S3::Bucket", Effect: []string{"modified"}, StateNow: "unknown"},
			{ID: "arn:aws:cloudtrail:eu-west-1:111122223333:trail/main", Type: "AWS::CloudTrail::Trail", Effect: []string{"modified"}, StateNow: "present"},
			{ID: iam + "role/deleted", Type: "AWS::IAM::Role", Effect: []string{"used"}, StateNow: "removed"},
			{ID: "arn:aws:secretsmanager:eu-west-1:111122223333:secret:own", Type: "AWS::SecretsManager::Secret", Effect: []string{"deleted"}, StateNow: "removed"},
			{ID: "arn:aws:secretsmanager:eu-west-1:111122223333:secret:theirs", Type: "AWS::SecretsManager::Secret", Effect: []string{"created", "deleted"}, StateNow: "removed"},
			{ID: "arn:aws:s3:::acme-read", Type: "AWS::S3::Bucket", Effect: []string{"read"}, StateNow: "unknown"},
			{ID: iam + "user/jo", Type: "AWS::IAM::User", Effect: []string{"modified"}, ByEvent: []string{"e10"}},
			{ID: "kp 'x' $(reboot)", Type: "AWS::AutoScaling::AutoScalingGroup", Effect: []string{"created"}},
			{ID: "kp 'x' $(reboot)", Type: "AWS::EC2::KeyPair", Effect: []string{"created"}},
			{ID: "i-0aaaaaaaaaaaaaaaa", Type: "AWS::EC2::Instance", Effect: []string{"created"}, ByEvent: []string{"e11"}, StateNow: "present"},
			{ID: "i-0bbbbbbbbbbbbbbbb", Type: "AWS::EC2::Instance", Effect: []string{"created"}, StateNow: "removed"},
		},
		Claims: []claim.Claim{
			{ID: "C2", Evidence: []string{"event:e2"}, Predicate: claim.Predicate{Op: "lineage", Child: token, Parent: root}},
			{ID: "C3", Evidence: []string{"event:e3"}, Predicate: claim.Predicate{Op: "event", Equals: map[string]any{"credential": token}}},
			{ID: "C4", Evidence: []string{"event:e4"}, Predicate: claim.Predicate{Op: "event", Equals: map[string]any{"credential": chain}}},
			{ID: "C5", Evidence: []string{"event:e5"}, Predicate: claim.Predicate{Op: "event", Equals: map[string]any{"credential": chain}}},
			{ID: "C6", Evidence: []string{"event:e6", "event:e7", "event:e8"}, Predicate: claim.Predicate{Op: "count", Filter: claim.Filter{"credential": []any{mint}}}},
		},
		Rules: map[string]RuleActions{
			"DE-001": {Preserve: []string{"SAVE_LOGS"}, Contain: []string{"TRAIL_ON"}, Eradicate: []string{"TRAIL_ON"}},
			"IM-017": {Preserve: []string{"SAVE_BUCKET"}, Contain: []string{"S3_LIFE"}, Eradicate: []string{"S3_RECOVER"}},
			"CO-001": {Preserve: []string{"SAVE_BUCKET"}, Contain: []string{"USER_DENY"}, Eradicate: []string{"S3_POL"}},
			"IM-029": {Contain: []string{"SECRET_RESTORE"}},
			"DS-006": {Contain: []string{"SES_OFF"}},
			"IM-001": {Preserve: []string{"SAVE_EC2"}, Contain: []string{"USER_DENY", "EC2_ISOLATE"}, Eradicate: []string{"EC2_TERM", "QUOTA_FIX"}},
			"PR-001": {Contain: []string{"USER_DENY"}, Eradicate: []string{"USER_RM"}},
			"PR-002": {Contain: []string{"KEY_OFF", "USER_DENY"}, Eradicate: []string{"KEY_DEL"}},
			"PR-007": {Contain: []string{"TRUST_FIX", "ROLE_REVOKE"}, Eradicate: []string{"TRUST_FIX"}},
			"PR-015": {Preserve: []string{"SAVE_FN"}, Contain: []string{"FN_STOP", "FN_POLICY"}},
		},
		RegionOf: func(event string) string { return map[string]string{"e11": "ap-south-1"}[event] },
		OwnerUse: func(arn string) string {
			if strings.HasSuffix(arn, "deploy-bot") {
				return "The owner made 41 calls with it from 192.0.2.0/24; those will stop."
			}
			return ""
		},
	}
}

func TestGoldenPlan(t *testing.T) {
	var b strings.Builder
	for _, s := range Plan(load(t), story()) {
		fmt.Fprintf(&b, "%d %s %s %s\n  why %s, disruption %s, irreversible %v\n", s.Step, s.Phase, s.Action, s.Target, strings.Join(s.Why, " "), s.Disruption, s.Irreversible)
		fmt.Fprintf(&b, "  effects: %s\n", s.SideEffects)
		for _, part := range []struct{ name, text string }{{"do", s.Command}, {"undo", s.Undo}, {"verify", s.Verify}} {
			if part.text != "" {
				fmt.Fprintf(&b, "  %s:\n    %s\n", part.name, strings.ReplaceAll(part.text, "\n", "\n    "))
			}
		}
	}
	const golden = "testdata/plan.golden"
	if *update {
		if err := os.WriteFile(golden, []byte(b.String()), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(golden)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(string(want), b.String()); diff != "" {
		t.Errorf("plan (-want +got):\n%s", diff)
	}
}

// stageOf is the part of the plan that a step stands in.
func stageOf(actions map[string]Action, s Step) int {
	p := planner{actions: actions}
	return p.stage(&Need{Action: s.Action})
}

// place finds a step, -1 if there is none.
func place(steps []Step, action, target string) int {
	return slices.IndexFunc(steps, func(s Step) bool {
		return s.Action == action && (target == "" || strings.HasSuffix(s.Target, target))
	})
}

// TestOrder holds the plan of the story to the principles of containment.
func TestOrder(t *testing.T) {
	steps := Plan(load(t), story())
	for _, c := range []struct{ first, firstTarget, then, thenTarget, because string }{
		{"SAVE_LOGS", "", "SAVE_IAM", "", "logs are saved first"},
		{"SAVE_IAM", "", "TRAIL_ON", "", "IAM is saved before anything changes"},
		{"S3_LIFE", "acme-orders", "USER_DENY", "deploy-bot", "objects expire meanwhile"},
		{"TRAIL_ON", "main", "USER_DENY", "svc", "what is not recorded is lost"},
		{"USER_DENY", "svc", "USER_DENY", "deploy-bot", "the child before the parent"},
		{"ROLE_REVOKE", "prod", "USER_DENY", "deploy-bot", "the child before the parent"},
		{"TRUST_FIX", "reports", "ROLE_REVOKE", "prod", "issuers before sessions"},
		{"USER_DENY", "deploy-bot", "KEY_OFF", mint, "all denials before any key"},
		{"KEY_OFF", "AKIAEXAMPLEEXAMPLE14", "KEY_OFF", root, "what was minted for an owner is cut all the same"},
		{"KEY_OFF", mint, "KEY_OFF", root, "the child's key before the parent's"},
		{"EVT_OFF", "on-delete", "USER_DENY", "svc", "a trigger may answer the end of a key with a new one"},
		{"KEY_OFF", root, "FN_STOP", "sync", "identities before resources"},
		{"FN_STOP", "", "MONITOR", "", "watch at the end of containment"},
		{"MONITOR", "", "POL_DETACH", "extra", "contain before eradicate"},
		{"POL_DETACH", "", "USER_RM", "svc", "deletion last"},
		{"SAVE_FN", "sync", "FN_POLICY", "sync", "preserve before change"},
		{"SAVE_EC2", "a", "EC2_TERM", "a", "preserve before deletion"},
		{"KEY_OFF", root, "SAVE_EC2", "", "a key works while disks are copied"},
		{"SAVE_EC2", "", "FN_STOP", "sync", "nothing is stopped before it is saved"},
		{"USER_RM", "", "QUOTA_FIX", "", "recover last"},
		{"USER_RM", "", "SECRET_RESTORE", "own", "what was the owner's is brought back"},
	} {
		i, k := place(steps, c.first, c.firstTarget), place(steps, c.then, c.thenTarget)
		if i < 0 || k < 0 || i > k {
			t.Errorf("%s: %s is step %d, %s %s is step %d", c.because, c.first, i+1, c.then, c.thenTarget, k+1)
		}
	}
	for _, c := range []struct{ action, target, because string }{
		{"USER_DENY", "amira", "an owner is not denied"},
		{"USER_DENY", "responder", "a responder is not denied"},
		{"USER_DENY_SESS", "deploy-bot", "the denial of everything covers it"},
		{"ROLE_REVOKE", "old", "its sessions have expired"},
		{"ROLE_REVOKE", "reports", "nothing shows that the intruder held it"},
		{"ROLE_RM", "tried", "an attempt left nothing"},
		{"KP_RM", "gone", "it is gone already"},
		{"KEY_DEL", mint, "the deletion of its user covers it"},
		{"POL_DETACH", "AdministratorAccess", "the deletion of its user covers it"},
		{"S3_LIFE", "acme-untouched", "the attempt failed"},
		{"SES_OFF", "", "looking stops nothing"},
		{"EC2_TERM", "bbbb", "it is terminated already"},
		{"KEY_OFF", "AKIAEXAMPLEEXAMPLE20", "only root can switch off its key"},
		{"SG_FIX", "/0", "the group has a step"},
		{"IMG_FIX", "/app", "the image has a step"},
		{"ROLE_REVOKE", "deleted", "the role is gone"},
		{"SECRET_RESTORE", "theirs", "the intruder made it"},
		{"S3_POL", "", "no bucket's policy was changed"},
		{"SAVE_BUCKET", "csv", "an object's bucket is saved once"},
		{"SAVE_EC2", "bbbb", "there is nothing left to save"},
		{"EC2_TERM", "i-0123456789abcdef0", "it is the owner's"},
	} {
		if i := place(steps, c.action, c.target); i >= 0 {
			t.Errorf("%s, yet step %d is %s %s", c.because, i+1, c.action, steps[i].Target)
		}
	}
}

func TestStatusDecides(t *testing.T) {
	actions := load(t)
	in := story()
	in.Status = "no_incident"
	if steps := Plan(actions, in); steps == nil || len(steps) > 0 {
		t.Errorf("without an incident: %v", steps)
	}
	in.Status = "inconclusive"
	steps := Plan(actions, in)
	if len(steps) == 0 || slices.ContainsFunc(steps, func(s Step) bool { return s.Phase != "preserve" }) {
		t.Errorf("where the evidence cannot decide: %v", steps)
	}
}

// TestLifetimes: what ends a credential depends on what it outlives.
func TestLifetimes(t *testing.T) {
	user, role := iam+"user/u", "arn:aws:sts::111122223333:assumed-role/r/s"
	for _, c := range []struct {
		name string
		cred lineage.Credential
		want []string
	}{
		{"stolen key", lineage.Credential{ID: root, Kind: "access_key", Principal: user}, []string{"USER_DENY", "KEY_OFF", "KEY_DEL"}},
		{"disabled key", lineage.Credential{ID: root, Kind: "access_key", Principal: user, State: "disabled"}, []string{"KEY_DEL"}},
		{"deleted key", lineage.Credential{ID: root, Kind: "access_key", Principal: user, State: "deleted"}, nil},
		{"key minted for another's user", lineage.Credential{ID: mint, Kind: "access_key", Principal: user, IssuedBy: &lineage.Issue{Credential: "x", Rule: "create_access_key"}}, []string{"KEY_OFF", "KEY_DEL"}},
		{"session token", lineage.Credential{ID: token, Kind: "session", Principal: user, IssuedBy: &lineage.Issue{Credential: root, Rule: "get_session_token"}}, []string{"USER_DENY"}},
		{"federation session that nobody is known to have asked for", lineage.Credential{ID: token, Kind: "session", Principal: "arn:aws:sts::111122223333:federated-user/u", IssuedBy: &lineage.Issue{Credential: root, Rule: "get_federation_token"}}, nil},
		{"console of a user", lineage.Credential{ID: token, Kind: "console_session", Principal: user}, []string{"USER_DENY_SESS", "LOGIN_OFF"}},
		{"password", lineage.Credential{ID: user, Kind: "login_profile", Principal: user}, []string{"USER_DENY_SESS", "LOGIN_OFF"}},
		{"role", lineage.Credential{ID: chain, Kind: "session", Principal: role}, []string{"ROLE_REVOKE"}},
		{"role of Identity Center", lineage.Credential{ID: chain, Kind: "session", Principal: "arn:aws:sts::111122223333:assumed-role/AWSReservedSSO_Admin_0123456789abcdef/jo"}, []string{"SSO_REVOKE"}},
		{"service-linked role", lineage.Credential{ID: chain, Kind: "session", Principal: "arn:aws:iam::111122223333:role/aws-service-role/x.amazonaws.com/AWSServiceRoleForX"}, nil},
		{"role that is named like one", lineage.Credential{ID: chain, Kind: "session", Principal: "arn:aws:iam::111122223333:role/AWSServiceRoleForX"}, []string{"ROLE_REVOKE"}},
		{"instance", lineage.Credential{ID: chain, Kind: "session", Principal: role, PrincipalID: "AROAX:i-0123456789abcdef0"}, []string{"ROLE_REVOKE", "EC2_ISOLATE", "IMDSV2"}},
		{"expired session of an instance", lineage.Credential{ID: chain, Kind: "session", Principal: role, PrincipalID: "AROAX:i-0123456789abcdef0", State: "expired", IssuedBy: &lineage.Issue{Rule: "instance_profile"}}, []string{"ROLE_REVOKE", "EC2_ISOLATE", "IMDSV2"}},
		{"expired session from another credential", lineage.Credential{ID: chain, Kind: "session", Principal: role, State: "expired", IssuedBy: &lineage.Issue{Credential: root, Rule: "assume_role"}}, nil},
		{"expired session from an account outside", lineage.Credential{ID: chain, Kind: "session", Principal: role, State: "expired", IssuedBy: &lineage.Issue{Rule: "assume_role_cross_account"}}, []string{"ROLE_REVOKE", "TRUST_FIX"}},
		{"expired session from an account of ours", lineage.Credential{ID: chain, Kind: "session", Principal: role, State: "expired", IssuedBy: &lineage.Issue{Credential: root, Rule: "assume_role_cross_account"}}, nil},
		{"expired session of a directory's user", lineage.Credential{ID: chain, Kind: "session", Principal: role, State: "expired", IssuedBy: &lineage.Issue{Rule: "saml_federation"}}, []string{"SSO_REVOKE"}},
		{"expired console of a user", lineage.Credential{ID: token, Kind: "console_session", Principal: user, State: "expired", IssuedBy: &lineage.Issue{Credential: user, Rule: "console_login"}}, []string{"LOGIN_OFF"}},
		{"expired console of root", lineage.Credential{ID: token, Kind: "console_session", Principal: iam + "root", State: "expired", IssuedBy: &lineage.Issue{Rule: "console_login"}}, []string{"ROOT_FIX"}},
		{"root", lineage.Credential{ID: root, Kind: "access_key", Principal: iam + "root"}, []string{"ROOT_FIX"}},
		{"bearer token", lineage.Credential{ID: "ACCAEXAMPLEEXAMPLE012345", Kind: "service_specific", Principal: user}, []string{"SSC_OFF", "BR_OFF"}},
		{"SSH key", lineage.Credential{ID: "APKAEXAMPLEEXAMPLE012345", Kind: "service_specific", Principal: user}, []string{"SSC_OFF"}},
		{"way in by Git", lineage.Credential{ID: user + "#git-ssh", Kind: "service_specific", Principal: user}, []string{"SSC_OFF"}},
		{"the owner's", lineage.Credential{ID: root, Kind: "access_key", Principal: user, HeldBy: "owner"}, nil},
	} {
		if c.cred.HeldBy == "" {
			c.cred.HeldBy = "intruder"
		}
		var got []string
		for _, s := range Plan(load(t), Input{Credentials: []lineage.Credential{c.cred}, Account: "111122223333", Region: "eu-west-1"}) {
			if s.Phase != "preserve" && s.Action != "MONITOR" {
				got = append(got, s.Action)
			}
		}
		slices.Sort(got)
		slices.Sort(c.want)
		if diff := cmp.Diff(c.want, got); diff != "" {
			t.Errorf("%s (-want +got):\n%s", c.name, diff)
		}
	}
}

// TestPlanProperties: one step for each action and target, stages in order,
// reasons that exist, and the same plan whatever the order of the input.
func TestPlanProperties(t *testing.T) {
	actions := load(t)
	want := Plan(actions, story())
	rapid.Check(t, func(t *rapid.T) {
		in := story()
		in.Credentials = rapid.Permutation(in.Credentials).Draw(t, "credentials")
		in.Findings = rapid.Permutation(in.Findings).Draw(t, "findings")
		in.Persistence = rapid.Permutation(in.Persistence).Draw(t, "persistence")
		in.Claims = rapid.Permutation(in.Claims).Draw(t, "claims")
		got := Plan(actions, in)
		if diff := cmp.Diff(want, got); diff != "" {
			t.Fatalf("another order, another plan:\n%s", diff)
		}
		seen := map[[2]string]bool{}
		for i, s := range got {
			key := [2]string{s.Action, s.Target}
			if seen[key] || s.Step != i+1 || len(s.Why) == 0 || s.Command == "" || i > 0 && stageOf(actions, got[i-1]) > stageOf(actions, s) {
				t.Fatalf("step %d: %+v", i+1, s)
			}
			seen[key] = true
		}
	})
}

// TestAnyInput: odd names, cycles and unknown words make no panic and nothing
// that a shell would act on.
func TestAnyInput(t *testing.T) {
	actions := load(t)
	odd := []string{"", "x", "arn:", "arn:aws:iam::1:user/", "arn:aws:iam::1:user/a/b", "#", "arn:aws:s3:::b#", root, token, "$(x)", "a\nb", "i-1", "USER/x@1/y", "login_profile", "access_key", "live", "USER_RM", "intruder", iam + "user/u#arn:aws:iam::aws:policy/P"}
	word := rapid.SampledFrom(odd)
	rapid.Check(t, func(t *rapid.T) {
		in := Input{Rules: map[string]RuleActions{"T": {Contain: sortedIDs(actions), Eradicate: sortedIDs(actions), Preserve: sortedIDs(actions)}}}
		for range rapid.IntRange(0, 5).Draw(t, "n") {
			c := lineage.Credential{ID: word.Draw(t, "id"), Kind: word.Draw(t, "kind"), Principal: word.Draw(t, "principal"), HeldBy: "intruder"}
			if rapid.Bool().Draw(t, "issued") {
				c.IssuedBy = &lineage.Issue{Credential: word.Draw(t, "parent")}
			}
			in.Credentials = append(in.Credentials, c)
			in.Findings = append(in.Findings, investigation.Finding{Outcome: "succeeded", Technique: "T", Resources: []string{word.Draw(t, "resource")}})
			in.Persistence = append(in.Persistence, ledger.Persistence{ID: word.Draw(t, "plant"), Status: "live", Undo: rapid.SampledFrom(sortedIDs(actions)).Draw(t, "undo"), Technique: "T"})
		}
		for _, s := range Plan(actions, in) {
			for _, l := range strings.Split(s.Command+"\n"+s.Undo+"\n"+s.Verify, "\n") {
				if l != "" && !strings.HasPrefix(l, "# ") && !strings.HasPrefix(l, "aws ") {
					t.Fatalf("%q is neither a note nor a command", l)
				}
				if strings.Contains(strings.ReplaceAll(l, "'$(x)'", ""), "$(x)") && !strings.HasPrefix(l, "# ") && !strings.Contains(l, "'") {
					t.Fatalf("unquoted: %s", l)
				}
			}
		}
	})
}

// small is a plan of one thing, as "ACTION target" lines.
func small(t *testing.T, in Input) string {
	t.Helper()
	in.Status = "incident"
	if in.Account == "" {
		in.Account = "111122223333"
	}
	var out []string
	for _, s := range Plan(load(t), in) {
		out = append(out, s.Action+" "+s.Target)
	}
	return strings.Join(out, "\n")
}

func TestPlanDoesNotFinishWhatTheIntruderBegan(t *testing.T) {
	read := Input{
		Rules:     map[string]RuleActions{"X": {Contain: []string{"FN_STOP"}}},
		Findings:  []investigation.Finding{{ID: "F1", Outcome: "succeeded", Technique: "X", Resources: []string{"arn:aws:lambda:eu-west-1:111122223333:function:f"}}},
		Resources: []ledger.Resource{{ID: "arn:aws:lambda:eu-west-1:111122223333:function:f", Type: "AWS::Lambda::Function", Effect: []string{ledger.Read}}},
	}
	changed := read
	changed.Resources = []ledger.Resource{{ID: read.Resources[0].ID, Type: "AWS::Lambda::Function", Effect: []string{ledger.Modified}}}
	device := ledger.Persistence{Kind: "mfa_device", ID: "arn:aws:iam::111122223333:mfa/root-account-mfa-device", Status: ledger.Live, Undo: "MFA_FIX", Events: []string{"e1"}}
	hijacked := lineage.Credential{ID: "ASIAEXAMPLEEXAMPLE30", Kind: "console_session", Principal: iam + "user/m", HeldBy: "shared", State: "expired", IssuedBy: &lineage.Issue{Rule: "console_login"}}
	federated := lineage.Credential{ID: "ASIAEXAMPLEEXAMPLE31", Kind: "session", Principal: "arn:aws:sts::111122223333:assumed-role/ci/x", HeldBy: "intruder", State: "expired", IssuedBy: &lineage.Issue{Rule: "oidc_federation"}}
	for _, c := range []struct {
		name     string
		in       Input
		has, not string
	}{
		{"a function that was only read", read, "", "FN_STOP"},
		{"a function that was changed", changed, "FN_STOP", ""},
		{"root's device", Input{Persistence: []ledger.Persistence{device}}, "ROOT_FIX " + iam + "root", "MFA_FIX"},
		{"a hijacked session", Input{Credentials: []lineage.Credential{hijacked}}, "USER_DENY_SESS", "LOGIN_OFF"},
		{"a role that lets strangers in", Input{Credentials: []lineage.Credential{federated}}, "TRUST_FIX", ""},
		{"the accounts of the acts", Input{Accounts: []string{"222233334444", "333344445555"}}, "SAVE_IAM 333344445555", "SAVE_IAM 111122223333"},
	} {
		got := small(t, c.in)
		if !strings.Contains(got, c.has) || c.not != "" && strings.Contains(got, c.not) {
			t.Errorf("%s: want %q and not %q:\n%s", c.name, c.has, c.not, got)
		}
	}
}

// TestSharedSecret: a new value is of no use while whoever was let in can read it.
func TestSharedSecret(t *testing.T) {
	const secret = "arn:aws:secretsmanager:eu-west-1:111122223333:secret:shop/db"
	steps := Plan(load(t), Input{Status: "incident", Account: "111122223333", Region: "eu-west-1",
		Persistence: []ledger.Persistence{{Kind: "share", ID: secret, Status: ledger.Live, Undo: "S3_POL"}},
		Resources:   []ledger.Resource{{ID: secret, Type: "AWS::SecretsManager::Secret", Effect: []string{ledger.Shared}}},
	})
	closed, rotated := place(steps, "S3_POL", secret), place(steps, "SECRET_ROT", secret)
	if closed < 0 || rotated < closed || steps[closed].Phase != "contain" || !strings.Contains(steps[closed].Command, "delete-resource-policy") {
		t.Errorf("the policy goes at step %d, the value at %d: %v", closed+1, rotated+1, steps)
	}
}

// TestTheIntrudersOwnRole: what works as it goes on until it is denied, so that comes
// before it is deleted, and what hangs on it goes with it.
func TestTheIntrudersOwnRole(t *testing.T) {
	const role = iam + "role/nightly"
	steps := Plan(load(t), Input{Status: "incident", Account: "111122223333", Region: "eu-west-1", Persistence: []ledger.Persistence{
		{Kind: "role", ID: role, Status: ledger.Live, Undo: "ROLE_RM"},
		{Kind: "policy", ID: role + "#arn:aws:iam::aws:policy/AdministratorAccess", Status: ledger.Live, Undo: "POL_DETACH"},
		{Kind: "other", ID: "dr-1", Status: ledger.Live, Undo: "ROLE_RM"}, // a request to be given one: no role yet
	}})
	denied, removed := place(steps, "ROLE_DENY", role), place(steps, "ROLE_RM", role)
	if denied < 0 || removed < denied || steps[denied].Phase != "contain" || place(steps, "ROLE_DENY", "dr-1") >= 0 {
		t.Errorf("denied at step %d, removed at %d: %v", denied+1, removed+1, steps)
	}
	if at := place(steps, "POL_DETACH", role+"#arn:aws:iam::aws:policy/AdministratorAccess"); at >= 0 {
		t.Errorf("step %d detaches what is deleted with the role", at+1)
	}
}

// TestWhatIsAtWorkComesFirst: a session that ended, of a login that was closed, waits for
// the key that was at work last; where the login is open it does not, and of two that are
// at work the later one is cut first.
func TestWhatIsAtWorkComesFirst(t *testing.T) {
	const closed, older, newer, login = "ASIAEXAMPLEEXAMPLE31", "AKIAEXAMPLEEXAMPLE32", "AKIAEXAMPLEEXAMPLE33", iam + "user/gone"
	order := func(state string) (steps []Step) {
		by := func(from string) *lineage.Issue {
			return &lineage.Issue{Credential: from, Event: "e1", Rule: "create_access_key"}
		}
		return Plan(load(t), Input{Status: "incident", Account: "111122223333", Region: "eu-west-1", Credentials: []lineage.Credential{
			{ID: login, Kind: "login_profile", Principal: login, HeldBy: "owner", State: state},
			{ID: closed, Kind: "console_session", Principal: login, HeldBy: "shared", State: "expired", LastSeen: "2026-03-01T09:00:00Z", IssuedBy: &lineage.Issue{Credential: login, Rule: "console_login"}},
			{ID: older, Kind: "access_key", Principal: iam + "user/loader", HeldBy: "intruder", State: "active", LastSeen: "2026-03-02T09:00:00Z", IssuedBy: by(closed)},
			{ID: newer, Kind: "access_key", Principal: iam + "user/mailer", HeldBy: "intruder", State: "active", LastSeen: "2026-03-03T09:00:00Z", IssuedBy: by(closed)},
		}})
	}
	steps := order("deleted")
	first, second, last := place(steps, "KEY_OFF", newer), place(steps, "KEY_OFF", older), place(steps, "USER_DENY_SESS", login)
	if first < 0 || second != first+1 || last != second+1 {
		t.Errorf("the later key at %d, the earlier at %d, the closed login at %d", first, second, last)
	}
	steps = order("active")
	if at := place(steps, "USER_DENY_SESS", login); at < 0 || at > place(steps, "KEY_OFF", newer) {
		t.Errorf("a login that is open is denied at %d, after a key is switched off", at)
	}
}

// TestWhatMailWasSentWith: the owner's identity that sent is paused, which its owner feels,
// and the intruder's own is deleted.
func TestWhatMailWasSentWith(t *testing.T) {
	const ses = "arn:aws:ses:eu-west-1:111122223333:identity/"
	steps := Plan(load(t), Input{Status: "incident", Account: "111122223333", Region: "eu-west-1",
		Findings: []investigation.Finding{{ID: "F1", Technique: "IM-007", Outcome: "succeeded", Resources: []string{ses + "shop@example.com", ses + "news.example.net", ses + "looked@example.com"}}},
		Resources: []ledger.Resource{
			{ID: ses + "shop@example.com", Type: "AWS::SES::EmailIdentity", Effect: []string{ledger.Used}, StateNow: ledger.Unknown},
			{ID: ses + "news.example.net", Type: "AWS::SES::EmailIdentity", Effect: []string{ledger.Created, ledger.Used}, StateNow: ledger.Present},
			{ID: ses + "looked@example.com", Type: "AWS::SES::EmailIdentity", Effect: []string{ledger.Attempted}, StateNow: ledger.Unknown},
		},
		Rules: map[string]RuleActions{"IM-007": {Contain: []string{"SES_OFF"}}},
	})
	own, made := place(steps, "SES_OFF", ses+"shop@example.com"), place(steps, "SES_OFF", ses+"news.example.net")
	if own < 0 || made < 0 || place(steps, "SES_OFF", ses+"looked@example.com") >= 0 {
		t.Fatalf("the owner's at %d, the intruder's at %d: %v", own, made, steps)
	}
	if s := steps[own]; s.Disruption != "high" || !strings.Contains(s.Command, "--no-sending-enabled") || !strings.Contains(s.SideEffects, "yours neither") {
		t.Errorf("the owner's: %+v", s)
	}
	if s := steps[made]; s.Disruption != "low" || !strings.Contains(s.Command, "delete-email-identity --email-identity news.example.net") || strings.Contains(s.SideEffects, "yours neither") {
		t.Errorf("the intruder's: %+v", s)
	}
}

// TestWhatIsScheduledComesFirst: what AWS deletes on a day that is set stands before the
// cutting off of credentials, the next day first, whether or not a finding is about it.
func TestWhatIsScheduledComesFirst(t *testing.T) {
	const key, secret, made = "arn:aws:kms:eu-west-1:111122223333:key/k1", "arn:aws:secretsmanager:eu-west-1:111122223333:secret:shop/db", "arn:aws:kms:eu-west-1:111122223333:key/k2"
	steps := Plan(load(t), Input{Status: "incident", Account: "111122223333", Region: "eu-west-1",
		Credentials: []lineage.Credential{{ID: "AKIAEXAMPLEEXAMPLE01", Kind: "access_key", Principal: iam + "user/eve", HeldBy: "intruder", State: "active"}},
		Resources: []ledger.Resource{
			{ID: key, Type: "AWS::KMS::Key", Effect: []string{ledger.Deleted}, ByEvent: []string{"e1"}, StateNow: ledger.Present, DeletesAt: "2026-03-11T09:00:00Z", Undo: "KMS_FIX", StateEvidence: []string{"event:e1"}},
			{ID: made, Type: "AWS::KMS::Key", Effect: []string{ledger.Created, ledger.Deleted}, ByEvent: []string{"e2"}, StateNow: ledger.Present, DeletesAt: "2026-03-09T09:00:00Z", Undo: "KMS_FIX", StateEvidence: []string{"event:e2"}},
			{ID: secret, Type: "AWS::SecretsManager::Secret", Effect: []string{ledger.Deleted}, ByEvent: []string{"e3"}, StateNow: ledger.Present, DeletesAt: "2026-03-08T09:00:00Z", Undo: "SECRET_RESTORE", StateEvidence: []string{"event:e3"}},
			{ID: "arn:aws:rds:eu-west-1:111122223333:snapshot:awsbackup:job-1", Type: "AWS::Backup::RecoveryPoint", Effect: []string{ledger.Modified}, ByEvent: []string{"e4"}, StateNow: ledger.Present, DeletesAt: "2026-03-12T09:00:00Z", Undo: "BACKUP_FIX", StateEvidence: []string{"event:e4"}},
		},
	})
	s, k, off := place(steps, "SECRET_RESTORE", secret), place(steps, "KMS_FIX", key), place(steps, "KEY_OFF", "AKIAEXAMPLEEXAMPLE01")
	if s < 0 || k != s+1 || off < k || place(steps, "KMS_FIX", made) >= 0 || place(steps, "BACKUP_FIX", "arn:aws:rds:eu-west-1:111122223333:snapshot:awsbackup:job-1") != k+1 {
		t.Fatalf("the secret at %d, the key at %d, the credential at %d: %v", s, k, off, steps)
	}
	if steps[k].Before != "2026-03-11T09:00:00Z" || !strings.HasPrefix(steps[k].Command, "# Before 2026-03-11T09:00:00Z, ") || !strings.Contains(steps[k].Command, "cancel-key-deletion") {
		t.Errorf("%+v", steps[k])
	}
}

// TestAStateMachineOfTheOwnersIsKept: one that the intruder made goes, one that they changed is
// set back.
func TestAStateMachineOfTheOwnersIsKept(t *testing.T) {
	const machine = "arn:aws:states:eu-west-1:111122223333:stateMachine:nightly"
	for effect, want := range map[string]string{ledger.Created: "delete-state-machine", ledger.Modified: "update-state-machine"} {
		steps := Plan(load(t), Input{Status: "incident", Account: "111122223333", Region: "eu-west-1",
			Persistence: []ledger.Persistence{{Kind: "other", ID: machine, Status: ledger.Live, Undo: "AGENT_FIX"}},
			Resources:   []ledger.Resource{{ID: machine, Type: "AWS::StepFunctions::StateMachine", Effect: []string{effect}}},
		})
		if at := place(steps, "AGENT_FIX", machine); at < 0 || !strings.Contains(steps[at].Command, want) {
			t.Errorf("%s: no step does %s: %v", effect, want, steps)
		}
	}
}
