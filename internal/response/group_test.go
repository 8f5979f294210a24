package response

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/trailhound/trailhound/internal/ledger"
	"github.com/trailhound/trailhound/internal/lineage"
)

// miners is a plan against n machines in each region, and the key that made them.
func miners(t *testing.T, n int, regions ...string) []Step {
	t.Helper()
	in := Input{Account: "111122223333", Region: "eu-west-1", RegionOf: func(e string) string { return strings.TrimLeft(e, "0123456789 ") }}
	in.Credentials = []lineage.Credential{{ID: root, Kind: "access_key", Principal: iam + "user/ci", HeldBy: "intruder"}}
	for k, region := range regions {
		for i := range n {
			in.Persistence = append(in.Persistence, ledger.Persistence{Kind: "instance", ID: fmt.Sprintf("i-%d%016x", k, i), Status: "live", Undo: "EC2_TERM", Events: []string{fmt.Sprint(i, " ", region)}})
		}
	}
	return Plan(load(t), in)
}

// TestAlikeStepsAreOne: forty machines are two steps, one that saves and one that
// ends them, with commands for every one of them; and the key is off before.
func TestAlikeStepsAreOne(t *testing.T) {
	steps := miners(t, 40, "eu-west-1")
	off, save, end := place(steps, "KEY_OFF", ""), place(steps, "SAVE_EC2", ""), place(steps, "EC2_TERM", "")
	if off < 0 || off > save || save > end || len(steps) > 12 {
		t.Fatalf("%d steps; off %d, saved %d, ended %d", len(steps), off+1, save+1, end+1)
	}
	for _, i := range []int{save, end} {
		s := steps[i]
		if s.Target != "i-00000000000000000 and 39 more" {
			t.Errorf("%s: %s", s.Action, s.Target)
		}
		for k := range 40 {
			if id := fmt.Sprintf("i-0%016x", k); !strings.Contains(s.Command, id) {
				t.Errorf("%s does not name %s", s.Action, id)
			}
		}
	}
	if n := strings.Count(steps[end].Command, "terminate-instances"); n != 1 {
		t.Errorf("terminate-instances stands there %d times", n)
	}
	if n := strings.Count(steps[save].Command, "create-snapshots"); n != 40 {
		t.Errorf("create-snapshots stands there %d times", n)
	}
}

// TestWhatDiffersStaysApart: another region is another step, and few targets are
// told one by one.
func TestWhatDiffersStaysApart(t *testing.T) {
	count := func(steps []Step) (n int) {
		for _, s := range steps {
			if s.Action == "EC2_TERM" {
				n++
			}
		}
		return n
	}
	if n := count(miners(t, 5, "eu-west-1", "us-west-2")); n != 2 {
		t.Errorf("two regions: %d steps", n)
	}
	if n := count(miners(t, 3, "eu-west-1")); n != 3 {
		t.Errorf("three machines: %d steps", n)
	}
	if n := count(miners(t, maxGroup+10, "eu-west-1")); n != 2 {
		t.Errorf("more than one step holds: %d steps", n)
	}
}

// TestAHostileNameStaysOutOfTheGroup: what cannot be written down safely has a
// step of its own, without a command.
func TestAHostileNameStaysOutOfTheGroup(t *testing.T) {
	in := Input{Account: "111122223333", Region: "eu-west-1"}
	for i := range 6 {
		in.Persistence = append(in.Persistence, ledger.Persistence{Kind: "instance", ID: fmt.Sprintf("i-%017x", i), Status: "live", Undo: "EC2_TERM"})
	}
	in.Persistence = append(in.Persistence, ledger.Persistence{Kind: "instance", ID: "i-z\n rm", Status: "live", Undo: "EC2_TERM"})
	steps := Plan(load(t), in)
	for _, s := range steps {
		for _, l := range strings.Split(s.Command, "\n") {
			if !strings.HasPrefix(l, "# ") && !strings.HasPrefix(l, "aws ") {
				t.Errorf("%s: %q", s.Action, l)
			}
		}
	}
	if i := place(steps, "EC2_TERM", "and 5 more"); i < 0 {
		t.Error("the rest is no group")
	}
}

// TestManyUsers: past a bound one step lists the targets that are no group, inert.
func TestManyUsers(t *testing.T) {
	in := Input{Account: "111122223333", Region: "eu-west-1"}
	for i := range 40 {
		in.Persistence = append(in.Persistence, ledger.Persistence{Kind: "iam_user", ID: fmt.Sprintf("%suser/u%02d", iam, i), Status: "live", Undo: "USER_RM"})
	}
	steps := Plan(load(t), in)
	last := steps[place(steps, "USER_RM", "further targets")]
	if lines := strings.Split(last.Command, "\n"); len(lines) != 1+40-maxTargets || slices.ContainsFunc(lines, func(l string) bool { return !strings.HasPrefix(l, "# ") }) {
		t.Errorf("%s", last.Command)
	}
}

// TestAPersonOfIdentityCenter: the step names whose session it was, and not the
// role that everybody of the permission set has.
func TestAPersonOfIdentityCenter(t *testing.T) {
	session := "arn:aws:sts::111122223333:assumed-role/AWSReservedSSO_Admin_0123456789abcdef/"
	in := Input{Account: "111122223333", Region: "eu-west-1"}
	for _, who := range []string{"ann@acme.example", "bob@acme.example"} {
		in.Credentials = append(in.Credentials, lineage.Credential{ID: "ASIAEXAMPLE" + strings.ToUpper(who[:3]) + "0123456", Kind: "session", Principal: session + who, HeldBy: "intruder"})
	}
	steps := Plan(load(t), in)
	for _, who := range []string{"ann@acme.example", "bob@acme.example"} {
		i := place(steps, "SSO_REVOKE", session+who)
		if i < 0 || !strings.Contains(steps[i].Command, `"AttributeValue":"`+who+`"`) {
			t.Errorf("%s: step %d of %+v", who, i, steps)
		}
	}
	if i := place(steps, "ROLE_REVOKE", ""); i >= 0 {
		t.Errorf("the role of everybody is cut: %s", steps[i].Target)
	}
}

// TestATemplateOfTheOwnersIsKept: of one that the intruder only added a version
// to, the version goes.
func TestATemplateOfTheOwnersIsKept(t *testing.T) {
	for _, c := range []struct{ effect, version, has, not string }{
		{ledger.Modified, "", "delete-launch-template-versions", "delete-launch-template "},
		{ledger.Modified, "#3", "--versions 3 ", "delete-launch-template "},
		{ledger.Created, "", "delete-launch-template ", "delete-launch-template-versions"},
	} {
		in := Input{Account: "111122223333", Region: "eu-west-1",
			Persistence: []ledger.Persistence{{Kind: "launch_template", ID: "lt-0123456789abcdef0" + c.version, Status: "live", Undo: "LF_FIX", Events: []string{"e1"}}},
			Resources:   []ledger.Resource{{ID: "lt-0123456789abcdef0", Type: "AWS::EC2::LaunchTemplate", Effect: []string{c.effect}}}}
		steps := Plan(load(t), in)
		i := place(steps, "LF_FIX", "")
		if i < 0 || !strings.Contains(steps[i].Command, c.has) || strings.Contains(steps[i].Command, c.not) {
			t.Errorf("%s: %+v", c.effect, steps)
		}
	}
}
