package playbook

import (
	"os"
	"testing"
	"time"

	"github.com/trailhound/trailhound/internal/attribution"
	"github.com/trailhound/trailhound/internal/evidence"
	"github.com/trailhound/trailhound/internal/intake"
	"github.com/trailhound/trailhound/internal/investigation"
)

// habit gives the owner n calls an hour apart in office hours, over days before
// and, if asked, after the intruder begins.
func habit(m *made, days, shift int, actions ...string) *made {
	for d := -days; d < shift; d++ {
		for h := range 5 {
			at := time.Duration(d)*24*time.Hour + time.Duration(h)*time.Hour
			m.act(attribution.Owner, at, actions[h%len(actions)], from("192.0.2.5"))
		}
	}
	return m
}

func many(m *made, n int, apart time.Duration, action string, with ...func(*evidence.Event)) *made {
	for i := range n {
		m.act(attribution.Intruder, time.Duration(i)*apart, action, with...)
	}
	return m
}

// rolled says of the first n calls that a role was made for them.
func rolled(m *made, n int) *made {
	x := investigation.Rollout{Role: "arn:aws:iam::111122223333:role/loader", Subject: "system:serviceaccount:jobs:loader", By: "user `ann`", Made: "c1", Sessions: 1}
	for _, e := range m.Events[:n] {
		x.Events = append(x.Events, e.ID)
	}
	m.RolledOut = append(m.RolledOut, x)
	return m
}

// TestSignals has each signal speak, and stay silent.
func TestSignals(t *testing.T) {
	back := func(m *made) *made {
		m.Timeline = []investigation.Entry{{At: day.Format(time.RFC3339), Event: "r1", Phase: "response", Outcome: "success"}}
		return m
	}
	office := func() *made { return habit(result(), 6, 0, "s3:ListBuckets", "s3:PutObject") }
	test := []string{"authorized_test"}
	for _, c := range []struct {
		signal string
		args   []string
		m      *made
		want   bool
	}{
		{"stated", test, result().hostile("iam:ListUsers").says(intake.AuthorizedTest, false, day, "203.0.113.0/24"), true},
		{"stated", test, result().hostile("iam:ListUsers").says(intake.AuthorizedTest, false, day, "198.51.100.0/24"), false},
		{"stated", test, result().hostile("iam:ListUsers").says(intake.AuthorizedTest, false, day.AddDate(0, 0, 2), "203.0.113.7"), false},
		{"stated", test, result().hostile("iam:ListUsers").says(intake.AuthorizedTest, true, day, ""), false},
		{"stated_elsewhere", test, result().hostile("iam:ListUsers").says(intake.AuthorizedTest, false, time.Time{}, "198.51.100.0/24"), true},
		{"stated_elsewhere", test, result().hostile("iam:ListUsers").says(intake.AuthorizedTest, false, time.Time{}, "203.0.113.7"), false},
		{"stated_elsewhere", test, result().hostile("iam:ListUsers").says(intake.AuthorizedTest, false, time.Time{}, ""), false},
		{"denied", test, result().hostile("iam:ListUsers").says(intake.AuthorizedTest, true, time.Time{}, ""), true},
		{"denied", test, result().hostile("iam:ListUsers").says(intake.Vendor, true, time.Time{}, ""), false},
		{"said_stolen", nil, result().hostile("iam:ListUsers").says(intake.Exposed, false, time.Time{}, ""), true},
		{"said_stolen", nil, result().hostile("iam:ListUsers").says(intake.Stolen, true, time.Time{}, ""), false},
		{"tool_family", []string{"terraform"}, result().hostile("ec2:RunInstances", agent("APN/1.0 HashiCorp/1.0 Terraform/1.9 linux")), true},
		{"tool_family", []string{"terraform"}, result().hostile("ec2:RunInstances"), false},
		{"agent_contains", []string{"kali"}, result().hostile("iam:ListUsers", agent("Boto3/1.34 md/Botocore ua/2.0 os/linux#6.1-Kali")), true},
		{"agent_contains", []string{"kali"}, result().hostile("iam:ListUsers"), false},
		{"acted", []string{"iam:CreateUser"}, result().hostile("iam:CreateUser"), true},
		{"acted", []string{"iam:CreateUser"}, result().hostile("!iam:CreateUser"), false},
		{"acted_mostly", []string{"s3:Get*"}, many(result(), 3, time.Minute, "s3:GetObject").hostile("iam:ListUsers"), true},
		{"acted_mostly", []string{"s3:Get*"}, many(result(), 3, time.Minute, "iam:ListUsers").hostile("s3:GetObject"), false},
		{"because_contains", []string{"score:105"}, result().hostile("iam:ListUsers"), true},
		{"because_contains", []string{"lineage"}, result().hostile("iam:ListUsers"), false},
		{"with_mfa", nil, result().hostile("iam:ListUsers", mfa), true},
		{"with_mfa", nil, result().hostile("iam:ListUsers"), false},
		{"usual_hours", nil, many(office(), 10, time.Minute, "s3:PutObject"), true},
		{"usual_hours", nil, many(result(), 10, time.Minute, "s3:PutObject"), false},
		{"unusual_hours", nil, many(office(), 10, time.Minute, "s3:PutObject"), false},
		{"unusual_hours", nil, func() *made {
			m := office()
			for i := range 10 {
				m.act(attribution.Intruder, 12*time.Hour+time.Duration(i)*time.Minute, "s3:PutObject")
			}
			return m
		}(), true},
		{"usual_actions", nil, many(office(), 10, time.Minute, "s3:PutObject"), true},
		{"usual_actions", nil, many(office(), 10, time.Minute, "iam:CreateUser"), false},
		{"unusual_actions", nil, many(office(), 10, time.Minute, "iam:CreateUser"), true},
		{"unusual_actions", nil, many(result(), 10, time.Minute, "iam:CreateUser"), false},
		{"owner_active_as_well", nil, result().act(attribution.Owner, 0, "s3:PutObject", from("192.0.2.5")).act(attribution.Intruder, 10*time.Minute, "s3:PutObject"), true},
		{"owner_active_as_well", nil, result().act(attribution.Owner, 0, "s3:PutObject", from("192.0.2.5")).act(attribution.Intruder, 30*time.Minute, "s3:PutObject"), false},
		{"owner_stopped", nil, many(office(), 3, time.Minute, "s3:PutObject"), true},
		{"owner_stopped", nil, many(habit(result(), 6, 2, "s3:PutObject"), 3, time.Minute, "s3:PutObject"), false},
		{"made_and_removed", nil, result().hostile("ec2:RunInstances").hostile("ec2:TerminateInstances").creates("i-1", "removed", "e0", "event:e1"), true},
		{"made_and_removed", nil, result().hostile("ec2:RunInstances").act(attribution.Owner, time.Hour, "ec2:TerminateInstances").creates("i-1", "removed", "e0", "event:e1"), false},
		{"made_and_removed", nil, result().hostile("ec2:RunInstances").creates("i-1", "present", "e0"), false},
		{"left_behind", nil, result().hostile("iam:CreateUser").leaves("u", "live"), true},
		{"left_behind", nil, result().hostile("iam:CreateUser").leaves("u", "removed"), false},
		{"many_denied", nil, many(many(result(), 6, time.Minute, "iam:ListUsers"), 6, time.Minute, "!iam:ListUsers"), true},
		{"many_denied", nil, many(result(), 5, time.Minute, "!iam:ListUsers"), false},
		{"regular", nil, many(result(), 12, time.Hour, "s3:GetObject"), true},
		{"regular", nil, many(result(), 12, time.Second, "s3:GetObject"), false},
		{"rolled_out", nil, rolled(result().hostile("s3:GetObject").hostile("s3:GetObject"), 2), true},
		{"rolled_out", nil, rolled(result().hostile("s3:GetObject").hostile("s3:GetObject"), 1), false},
		{"rolled_out", nil, result().hostile("s3:GetObject"), false},
		{"only_reads", nil, result().hostile("iam:ListUsers").hostile("!iam:CreateUser"), true},
		{"only_reads", nil, result().hostile("iam:CreateUser"), false},
		{"changes", nil, result().hostile("iam:CreateUser"), true},
		{"changes", nil, result().hostile("iam:ListUsers"), false},
		{"from_aws", nil, result().hostile("iam:ListUsers", from("cloudformation.amazonaws.com")), true},
		{"from_aws", nil, result().hostile("iam:ListUsers"), false},
		{"from_outside", nil, result().hostile("iam:ListUsers"), true},
		{"from_outside", nil, result().hostile("iam:ListUsers", from("AWS Internal")), false},
		{"several_people", nil, result().hostile("iam:ListUsers").hostile("iam:ListUsers", person("AIDAEXAMPLEEXAMPLE22")), true},
		{"several_people", nil, result().hostile("iam:ListUsers").hostile("iam:ListUsers", person("AIDAEXAMPLEEXAMPLE22"), from("198.51.100.9")), false},
		{"after_containment", nil, back(result().act(attribution.Intruder, time.Hour, "iam:ListUsers")), true},
		{"after_containment", nil, back(result().act(attribution.Intruder, -time.Hour, "iam:ListUsers")), false},
	} {
		o, ok := signals[c.signal].run(look(sorted(c.m)), c.args)
		if ok != c.want || ok && o.because == "" {
			t.Errorf("%s %v speaks: %v (%q), want %v", c.signal, c.args, ok, o.because, c.want)
		}
		spoke[c.signal] = spoke[c.signal] | map[bool]int{true: 1, false: 2}[ok]
	}
	for _, name := range SignalNames() {
		if spoke[name] != 3 {
			t.Errorf("no test makes %s both speak and be silent", name)
		}
	}
}

var spoke = map[string]int{}

// sorted puts the events in time order, as an investigation gives them.
func sorted(m *made) *investigation.Result {
	r := &m.Result
	for i := 1; i < len(r.Events); i++ {
		for k := i; k > 0 && r.Events[k].Time.Before(r.Events[k-1].Time); k-- {
			r.Events[k], r.Events[k-1] = r.Events[k-1], r.Events[k]
			r.Attribution[k], r.Attribution[k-1] = r.Attribution[k-1], r.Attribution[k]
		}
	}
	return r
}

// TestVerdicts holds each built-in hypothesis against cases it should, could and
// cannot explain.
func TestVerdicts(t *testing.T) {
	p, err := Load(os.DirFS("../../content"))
	if err != nil {
		t.Fatal(err)
	}
	office := func() *made { return habit(result(), 6, 0, "s3:ListBuckets", "s3:PutObject") }
	tf := agent("HashiCorp Terraform/1.9 linux")
	for _, c := range []struct {
		id, want string
		m        *made
	}{
		{"penetration_test", Supported, result().hostile("iam:ListUsers").says(intake.AuthorizedTest, false, day, "203.0.113.7")},
		{"penetration_test", Possible, result().hostile("iam:ListUsers", agent("pacu")).leaves("u", "live")},
		{"penetration_test", Refuted, result().hostile("iam:ListUsers", agent("pacu")).says(intake.AuthorizedTest, true, time.Time{}, "")},
		{"penetration_test", Refuted, result().hostile("iam:ListUsers").says(intake.AuthorizedTest, false, time.Time{}, "198.51.100.1")},
		{"penetration_test", NoEvidence, result().hostile("iam:ListUsers")},
		{"iac_run", Supported, result().hostile("ec2:RunInstances", tf).says(intake.PlannedChange, false, day, "")},
		{"iac_run", Possible, result().hostile("ec2:RunInstances", tf)},
		{"iac_run", NoEvidence, many(office(), 12, time.Minute, "!iam:CreateLoginProfile")},
		{"ci_runner_moved", Possible, many(office(), 10, time.Minute, "s3:PutObject")},
		{"new_workload", Supported, rolled(result().hostile("s3:GetObject").hostile("s3:GetObject"), 2)},
		{"new_workload", Possible, rolled(result().hostile("s3:GetObject").hostile("s3:GetObject"), 2).says(intake.Stolen, false, time.Time{}, "")},
		{"ci_runner_moved", NoEvidence, many(office(), 10, time.Minute, "iam:CreateUser").says(intake.Exposed, false, time.Time{}, "").act(attribution.Owner, time.Minute, "s3:PutObject", from("192.0.2.5"))},
		{"new_laptop", Possible, many(office(), 10, time.Minute, "s3:PutObject", mfa)},
		{"new_laptop", Refuted, many(office(), 10, time.Minute, "s3:PutObject", mfa).says(intake.Owner, true, time.Time{}, "")},
		{"new_laptop", NoEvidence, result().hostile("iam:ListUsers")},
		{"responder_at_work", Supported, result().hostile("iam:UpdateAccessKey").says(intake.Responder, false, day, "203.0.113.7")},
		{"responder_at_work", Possible, result().hostile("iam:UpdateAccessKey")},
		{"responder_at_work", NoEvidence, result().hostile("ec2:RunInstances")},
		{"aws_itself", Refuted, result().hostile("iam:ListUsers")},
		{"aws_itself", Possible, result().hostile("iam:AttachUserPolicy", from("AWS Internal"))},
		{"vendor_scanner", Supported, result().hostile("iam:ListUsers").says(intake.Vendor, false, time.Time{}, "203.0.113.0/24")},
		{"vendor_scanner", Possible, many(result(), 12, time.Hour, "iam:ListUsers")},
		{"vendor_scanner", NoEvidence, result().hostile("iam:CreateUser")},
		{"backup_job", Possible, many(result(), 12, time.Hour, "ec2:CreateSnapshot")},
		{"backup_job", Refuted, many(result(), 12, time.Hour, "ec2:CreateSnapshot").hostile("iam:CreateUser")},
		{"backup_job", NoEvidence, result().hostile("ec2:StopInstances")},
	} {
		for _, h := range p.Hypotheses(sorted(c.m)) {
			if h.ID == c.id && h.Verdict != c.want {
				t.Errorf("%s of %s is %s, want %s: for %v, against %v", c.id, c.m.Events[len(c.m.Events)-1].Name, h.Verdict, c.want, h.For, h.Against)
			}
		}
	}
}

// TestCalm: where nobody is blamed there is nothing to explain away, and the
// criteria are those of a calm case.
func TestCalm(t *testing.T) {
	p, err := Load(os.DirFS("../../content"))
	if err != nil {
		t.Fatal(err)
	}
	m := result().act(attribution.Owner, 0, "s3:PutObject")
	m.Verdict.Status, m.Case.Kind = "no_incident", "leaked_access_key"
	doubt := result().act(attribution.Undetermined, 0, "s3:PutObject")
	doubt.Verdict.Status = "inconclusive"
	if h := p.Hypotheses(&doubt.Result); len(h) != len(p.Theories) {
		t.Errorf("%d hypotheses of a doubt, want %d", len(h), len(p.Theories))
	}
	if h := p.Hypotheses(&m.Result); h != nil {
		t.Errorf("%d hypotheses of a case without an incident", len(h))
	}
	out := p.Evaluate(&m.Result)
	got := map[string]string{}
	for _, c := range out.Criteria {
		got[c.ID] = c.Status
	}
	if got["anchors"] != Met || got["doubt"] != Met || got["owner_confirms"] != NotMet || got["quiet"] != "" {
		t.Errorf("criteria of a calm case: %v", got)
	}
}

// TestSetAside: what is already held to be AWS's own is named, and moves no verdict.
func TestSetAside(t *testing.T) {
	p, err := Load(os.DirFS("../../content"))
	if err != nil {
		t.Fatal(err)
	}
	m := result().hostile("iam:ListUsers").act(attribution.Service, time.Hour, "iam:AttachUserPolicy")
	m.Attribution[1].Because = "noise:NM-01"
	for _, h := range p.Hypotheses(&m.Result) {
		if h.ID == "aws_itself" && (h.Verdict != Refuted || len(h.SetAside) != 1 || h.SetAside[0] != "e1") {
			t.Errorf("%s, set aside %v", h.Verdict, h.SetAside)
		}
	}
}
