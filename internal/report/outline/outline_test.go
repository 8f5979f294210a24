package outline_test

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"github.com/trailhound/trailhound/internal/claim"
	"github.com/trailhound/trailhound/internal/investigation"
	"github.com/trailhound/trailhound/internal/ledger"
	"github.com/trailhound/trailhound/internal/lineage"
	"github.com/trailhound/trailhound/internal/report"
	"github.com/trailhound/trailhound/internal/report/outline"
	"github.com/trailhound/trailhound/internal/report/reporttest"
	"github.com/trailhound/trailhound/internal/response"
)

func TestEveryCredentialStandsInTheTreeOnce(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		o := outline.New(reporttest.Draw(t))
		seen := 0
		var walk func(n *outline.Node)
		walk = func(n *outline.Node) {
			seen++
			size := 1
			for _, c := range n.Children {
				walk(c)
				size += c.Size
			}
			if size != n.Size {
				t.Fatalf("size %d, want %d", n.Size, size)
			}
		}
		for _, n := range o.Tree() {
			walk(n)
		}
		if seen != len(o.Credentials) {
			t.Fatalf("%d rows in the tree, %d in the report", seen, len(o.Credentials))
		}
	})
}

func TestEveryEntryStandsInOneRun(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		o := outline.New(reporttest.Draw(t))
		n := 0
		for _, ph := range o.Phases() {
			for _, r := range ph.Runs {
				n += len(r.Entries)
				for _, e := range r.Entries {
					if e.Phase != ph.Name {
						t.Fatalf("%q in phase %q", e.Phase, ph.Name)
					}
				}
			}
		}
		if n != len(o.Timeline) {
			t.Fatalf("%d entries in runs, %d in the timeline", n, len(o.Timeline))
		}
	})
}

func TestRuns(t *testing.T) {
	entry := func(at, text, target, outcome string) investigation.Entry {
		return investigation.Entry{At: at, Text: text, Target: target, Outcome: outcome, Actor: "intruder"}
	}
	runs := outline.Runs([]investigation.Entry{
		entry("1", "Read secret a (GetSecretValue)", "arn:aws:secretsmanager:eu-west-1:111111111111:secret:a", "success"),
		entry("2", "Listed keys of x", "x", "success"),
		entry("3", "Read secret b (GetSecretValue)", "", "failure"),
		entry("4", "Listed keys of y", "y", "success"),
		entry("5", "Read secret c (GetSecretValue)", "", "success"),
	})
	type row struct {
		At        string
		N, Failed int
	}
	var got []row
	for _, r := range runs {
		got = append(got, row{r.First().At, len(r.Entries), r.Failed})
	}
	// Two alike are told one by one; three are a run, even when other calls stand between.
	if d := cmp.Diff([]row{{"1", 3, 1}, {"2", 1, 0}, {"4", 1, 0}}, got); d != "" {
		t.Error(d)
	}
}

func TestSeedsAreWhereTheIntruderCameIn(t *testing.T) {
	by := func(parent string) *lineage.Issue { return &lineage.Issue{Credential: parent} }
	o := outline.New(&report.Report{Credentials: []lineage.Credential{
		{ID: "child", HeldBy: "intruder", IssuedBy: by("stolen")},
		{ID: "stolen", HeldBy: "shared", IssuedBy: by("owner")},
		{ID: "owner", HeldBy: "owner"},
		{ID: "self", HeldBy: "intruder", IssuedBy: by("self")},
		{ID: "instance", HeldBy: "intruder", IssuedBy: by("")},
	}})
	var got []string
	for _, c := range o.Seeds() {
		got = append(got, c.ID)
	}
	if d := cmp.Diff([]string{"instance", "self", "stolen"}, got); d != "" {
		t.Error(d)
	}
}

func TestWords(t *testing.T) {
	for _, tc := range []struct{ got, want string }{
		{outline.Title("privilege-escalation"), "Privilege escalation"},
		{outline.Title("élan_x"), "Élan x"},
		{outline.Title(""), ""},
		{outline.Time("2026-11-02T00:58:44Z"), "2026-11-02 00:58:44"},
		{outline.Time("2026-11-02T02:58:44+02:00"), "2026-11-02 00:58:44"},
		{outline.Time("soon"), "soon"},
		{outline.Clock("2026-11-02T00:58:44Z"), "00:58:44"},
		{outline.Between("2026-11-02T00:58:44Z", "2026-11-02T08:41:57Z"), "7 h 43 min"},
		{outline.Between("2026-11-02T00:58:44Z", "2026-11-05T02:00:00Z"), "3 d 1 h"},
		{outline.Between("2026-11-02T00:58:44Z", "2026-11-02T00:58:44Z"), ""},
		{outline.Short("arn:aws:iam::111111111111:user/deploy-bot"), "user/deploy-bot"},
		{outline.Short("arn:aws:lambda:eu-west-1:111111111111:function:sync"), "sync"},
		{outline.Short("arn:aws:sts::111111111111:assumed-role/ci/run-1"), "ci/run-1"},
		{outline.Short("arn:aws:s3:::bucket/a:b"), "bucket/a:b"},
		{outline.Short("not an arn"), "not an arn"},
		{outline.Count(1, "way back", "ways back"), "1 way back"},
		{outline.Count(1234567, "event"), "1,234,567 events"},
		{outline.Number(-1000), "-1,000"},
		{outline.Number(0), "0"},
	} {
		if tc.got != tc.want {
			t.Errorf("got %q, want %q", tc.got, tc.want)
		}
	}
}

func TestWhereFromAndWhatIsOff(t *testing.T) {
	o := outline.New(&report.Report{
		Credentials: []lineage.Credential{
			{ID: "a", HeldBy: "shared", Networks: []string{"192.0.2.0/24", "203.0.113.0/24"}, Hostile: []string{"203.0.113.0/24"}},
			{ID: "b", HeldBy: "intruder", Networks: []string{"198.51.100.0/24"}}, // of a report that does not tell them apart
			{ID: "c", HeldBy: "shared", Networks: []string{"192.0.2.0/24"}},
		},
		Containment: []response.Step{{Action: "GD_ON", Target: "d1"}, {Action: "GD_ON", Target: "d1"}, {Action: "KEY_OFF", Target: "a"}, {Action: "LOGS_ON", Target: "111122223333", Why: []string{"C1", "C2"}}},
		Claims: []claim.Claim{
			{ID: "C1", Predicate: claim.Predicate{Op: "event", Equals: map[string]any{"action": "ec2:DeleteFlowLogs"}}},
			{ID: "C2", Predicate: claim.Predicate{Op: "count"}},
		},
	})
	if got := strings.Join(o.Networks(), " "); got != "198.51.100.0/24 203.0.113.0/24" {
		t.Errorf("from %s", got)
	}
	if got := strings.Join(o.Blind(), ", "); got != "d1, logs in account 111122223333 (ec2:DeleteFlowLogs)" {
		t.Errorf("off: %s", got)
	}
}

func TestLeft(t *testing.T) {
	live := []ledger.Persistence{{Kind: "iam_user"}, {Kind: "share"}, {Kind: "other", Means: ledger.LeftBehind}, {Kind: "other", Means: ledger.LeftBehind}}
	if got := strings.Join(outline.Left(live), ", "); got != "1 way back live, 1 thing open to others, 2 things left behind" {
		t.Error(got)
	}
	if got := strings.Join(outline.Left(nil), ", "); got != "0 ways back live" {
		t.Error(got)
	}
}

// TestStillOpen: what is of unknown state, or nobody's, is no reason to say that nothing is open.
func TestStillOpen(t *testing.T) {
	live, unknown := ledger.Persistence{Kind: "iam_user", Status: ledger.Live}, ledger.Persistence{Kind: "role", Status: ledger.Unknown}
	gone := ledger.Persistence{Kind: "role", Status: ledger.Removed}
	nobodys := []investigation.Doubtful{{Kind: "iam_user", Status: ledger.Live}}
	for _, c := range []struct {
		status string
		left   []ledger.Persistence
		nobody []investigation.Doubtful
		want   string
	}{
		{"incident", []ledger.Persistence{gone}, nil, ""},
		{"incident", []ledger.Persistence{live, gone}, nil, "1 way back live, 0 credentials active"},
		{"incident", []ledger.Persistence{unknown, unknown}, nil, "0 ways back live, 2 of which the state is not known, 0 credentials active"},
		{"incident", nil, nobodys, "0 ways back live, 0 credentials active, 1 thing that could be put down to nobody"},
		{"suspicious", nil, nobodys, "1 thing that could be put down to nobody"},
	} {
		o := outline.New(&report.Report{Verdict: investigation.Verdict{Status: c.status}, Persistence: c.left, Doubtful: c.nobody})
		if got := strings.Join(o.StillOpen(), ", "); got != c.want {
			t.Errorf("%s: %q, want %q", c.status, got, c.want)
		}
	}
}
