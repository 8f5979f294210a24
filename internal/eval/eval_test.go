package eval

import (
	"math"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/trailhound/trailhound/internal/attribution"
	"github.com/trailhound/trailhound/internal/claim"
	"github.com/trailhound/trailhound/internal/evidence"
	"github.com/trailhound/trailhound/internal/evidence/datasettest"
	"github.com/trailhound/trailhound/internal/investigation"
	"github.com/trailhound/trailhound/internal/ledger"
	"github.com/trailhound/trailhound/internal/lineage"
	"github.com/trailhound/trailhound/internal/report"
	"github.com/trailhound/trailhound/internal/response"
)

func rows(actor attribution.Actor, ids ...string) (out []attribution.Row) {
	for _, id := range ids {
		out = append(out, attribution.Row{Event: id, Actor: actor})
	}
	return out
}

func TestPrecisionAndRecall(t *testing.T) {
	for _, c := range []struct {
		what    string
		truth   Truth
		blamed  []string
		p, r, f float64
	}{
		{"all of it", Truth{Attack: []string{"a", "b"}}, []string{"a", "b"}, 1, 1, 1},
		{"half of it", Truth{Attack: []string{"a", "b"}}, []string{"a"}, 1, .5, 2. / 3},
		{"one too many", Truth{Attack: []string{"a"}}, []string{"a", "x"}, .5, 1, 2. / 3},
		{"nothing of it", Truth{Attack: []string{"a"}}, []string{"x"}, 0, 0, 0},
		{"nobody", Truth{Attack: []string{"a"}}, nil, 0, 0, 0},
		{"neutral counts neither way", Truth{Attack: []string{"a"}, Neutral: []string{"n"}}, []string{"a", "n"}, 1, 1, 1},
		{"only the innocent are wrong where they are named", Truth{Attack: []string{"a"}, Innocent: []string{"i"}}, []string{"a", "x"}, 1, 1, 1},
		{"the innocent", Truth{Attack: []string{"a"}, Innocent: []string{"i"}}, []string{"a", "i"}, .5, 1, 2. / 3},
		{"nothing to find, nobody blamed", Truth{}, nil, 1, 1, 1},
		{"nothing to find, somebody blamed", Truth{}, []string{"x"}, 0, 1, 0},
	} {
		s := Of(c.truth, &report.Report{Attribution: append(rows(attribution.Intruder, c.blamed...), rows(attribution.Owner, "o")...)}, nil)
		if math.Abs(s.Precision-c.p) > 1e-9 || math.Abs(s.Recall-c.r) > 1e-9 || math.Abs(s.F1-c.f) > 1e-9 {
			t.Errorf("%s: precision %.2f, recall %.2f, F1 %.2f; want %.2f, %.2f, %.2f", c.what, s.Precision, s.Recall, s.F1, c.p, c.r, c.f)
		}
	}
}

func TestLikelyIsBlamedAndUndeterminedIsNot(t *testing.T) {
	truth := Truth{Attack: []string{"a", "b"}, Decoys: []Decoy{{"d", []string{"x", "y"}}}}
	r := &report.Report{Attribution: slices.Concat(rows(attribution.LikelyIntruder, "a", "x"), rows(attribution.Undetermined, "b", "y"))}
	if s := Of(truth, r, nil); s.Recall != .5 || s.Decoys != 1 || s.DecoysOf != 2 {
		t.Errorf("%+v", s)
	}
}

func TestEverythingElseIsScored(t *testing.T) {
	truth := Truth{
		Name: "case", Status: []string{"incident"}, Attack: []string{"a"}, Techniques: []string{"PR-001", "PR-002"}, Attacks: []string{"T1098", "T1530"},
		Lineage: []Edge{{"AKIA1", "ASIA1"}, {"AKIA1", "ASIA2"}, {"AKIA1", "ASIA3"}},
		Persistence: []Item{{Kind: "iam_user", ID: "eve", Status: "live"}, {Kind: "iam_user", ID: "mal", Status: "removed"}, {Kind: "role", ID: "r", Status: "live", Optional: true},
			{Kind: "iam_user", ID: "missing"}},
	}
	r := &report.Report{
		Verdict:     investigation.Verdict{Status: "suspicious"},
		Attribution: rows(attribution.Intruder, "a"),
		Credentials: []lineage.Credential{{ID: "ASIA1", IssuedBy: &lineage.Issue{Credential: "AKIA1"}}, {ID: "ASIA9"}},
		Claims:      []claim.Claim{{Predicate: claim.Predicate{Op: "lineage", Child: "ASIA2", Parent: "AKIA1"}}, {Predicate: claim.Predicate{Op: "event"}}},
		Findings:    []investigation.Finding{{Technique: "PR-001", Attack: []investigation.Attack{{Technique: "T1098.001"}}}},
		Persistence: []ledger.Persistence{
			{Kind: "iam_user", ID: "arn:aws:iam::1:user/eve", Status: "live"}, {Kind: "iam_user", ID: "arn:aws:iam::1:user/mal", Status: "live"},
			{Kind: "role", ID: "arn:aws:iam::1:role/r", Status: "removed"}, {Kind: "iam_user", ID: "arn:aws:iam::1:user/nobody", Status: "live"},
			{Kind: "iam_user", ID: "arn:aws:iam::1:user/ghost", Status: "attempted"},
		},
		Containment: []response.Step{{}, {}},
	}
	s := Of(truth, r, nil)
	if s.StatusOK || s.Status != "suspicious" || s.Claims != 2 || s.Containing != 2 {
		t.Errorf("%+v", s)
	}
	if math.Abs(s.Lineage-2./3) > 1e-9 || math.Abs(s.Persisted-1./3) > 1e-9 || math.Abs(s.Technique-.5) > 1e-9 {
		t.Errorf("lineage %.2f, persistence %.2f, techniques %.2f", s.Lineage, s.Persisted, s.Technique)
	}
	// mal is told live and was removed: missed, and the live row is one that nobody made.
	if want := []string{"iam_user arn:aws:iam::1:user/mal", "iam_user arn:aws:iam::1:user/nobody"}; !slices.Equal(s.Phantoms, want) {
		t.Errorf("phantoms %v, want %v", s.Phantoms, want)
	}
	for _, want := range []string{"edge AKIA1 > ASIA3", "persistence iam_user mal removed", "persistence iam_user missing ", "technique PR-002", "technique T1530"} {
		if !slices.Contains(s.Missed, want) {
			t.Errorf("%q is not among what was missed: %v", want, s.Missed)
		}
	}
	if s := Of(Truth{}, &report.Report{}, nil); s.Lineage != 1 || s.Persisted != 1 || s.Technique != 1 || !s.StatusOK {
		t.Errorf("with nothing to find, nothing is missed: %+v", s)
	}
}

func TestTheDumbBaselines(t *testing.T) {
	event := func(id, key, user, ip string) evidence.Event {
		return evidence.Event{ID: id, SourceIP: ip, Identity: evidence.Identity{AccessKey: key, UserName: user}}
	}
	events := []evidence.Event{event("a", "AKIA1", "bob", "1.1.1.1"), event("b", "AKIA2", "bob", "1.1.1.1"), event("c", "AKIA3", "eve", "2.2.2.2"), event("d", "AKIA1", "bob", "2.2.2.2")}
	for _, c := range []struct {
		truth      Truth
		seed, plus []string
	}{
		{Truth{SeedKey: "AKIA2"}, []string{"b"}, []string{"a", "b"}},
		{Truth{SeedKey: "AKIA1"}, []string{"a", "d"}, []string{"a", "b", "c", "d"}},
		{Truth{SeedUser: "bob"}, []string{"a", "b", "d"}, []string{"a", "b", "c", "d"}},
		{Truth{SeedIP: "1.1.1.1"}, []string{"a", "b"}, []string{"a", "b"}},
		{Truth{}, nil, nil},
	} {
		for with, want := range map[bool][]string{false: c.seed, true: c.plus} {
			var got []string
			for id := range seedEvents(c.truth, events, with) {
				got = append(got, id)
			}
			if slices.Sort(got); !slices.Equal(got, want) {
				t.Errorf("%+v with addresses %v: %v, want %v", c.truth, with, got, want)
			}
		}
	}
}

func TestTableIsSortedAndMarksWrongVerdicts(t *testing.T) {
	text := Table([]Score{{Name: "zeta", Status: "incident", StatusOK: true}, {Name: "alpha " + strings.Repeat("x", 60), Status: "no_incident"}})
	lines := strings.Split(strings.TrimSpace(text), "\n")
	if len(lines) != 3 || !strings.HasPrefix(lines[1], "alpha") || !strings.Contains(lines[1], "no_incident!") || strings.Contains(lines[2], "!") {
		t.Errorf("table:\n%s", text)
	}
}

// TestRealLabels: what the labels say is what their authors counted.
func TestRealLabels(t *testing.T) {
	dir := datasettest.Dir(t)
	cases, err := Real(dir)
	if err != nil {
		t.Fatal(err)
	}
	stratus := 0
	for _, c := range cases {
		if strings.HasPrefix(c.Truth.Name, "stratus ") {
			stratus++
		}
		if c.Truth.Sentence == "" || c.Truth.Name != "boogy" && (len(c.Truth.Attack) == 0 || c.Truth.SeedKey+c.Truth.SeedUser+c.Truth.SeedIP == "") {
			t.Errorf("%s has no sentence, attack or seed: %+v", c.Truth.Name, c.Truth)
		}
		for _, path := range c.Evidence {
			if _, err := os.Stat(path); err != nil {
				t.Errorf("%s: %v", c.Truth.Name, err)
			}
		}
		if c.Truth.Name == "invictus" && (len(c.Truth.Attack) != 158 || len(c.Truth.Innocent) != 82+105+21) {
			t.Errorf("invictus: %d attack and %d innocent events", len(c.Truth.Attack), len(c.Truth.Innocent))
		}
	}
	if stratus != 23 {
		t.Errorf("%d Stratus techniques, want 23", stratus)
	}
}

func TestBadLabels(t *testing.T) {
	dir := t.TempDir()
	if _, err := Real(dir); err == nil || !strings.Contains(err.Error(), "read labels") {
		t.Errorf("without labels: %v", err)
	}
	if err := os.MkdirAll(filepath.Join(dir, "ground_truth"), 0o755); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(filepath.Join(dir, "ground_truth", "invictus_stratus_2023.json"), []byte("{"), 0o600); err != nil {
		t.Fatal(err)
	}
	if _, err := Real(dir); err == nil || !strings.Contains(err.Error(), "invictus_stratus_2023.json") {
		t.Errorf("with broken labels: %v", err)
	}
}

func TestAStepAtSomebodyTheIntruderNeverTouchedIsCounted(t *testing.T) {
	event := func(id, key, arn string) evidence.Event {
		return evidence.Event{ID: id, Identity: evidence.Identity{AccessKey: key, ARN: arn}}
	}
	events := []evidence.Event{
		event("a", "ASIA1", "arn:aws:sts::1:assumed-role/deploy/x"), event("b", "AKIA2", "arn:aws:iam::1:user/ann"),
		event("c", "ASIA3", "arn:aws:sts::1:assumed-role/deploy/y"), event("n", "AKIA4", "arn:aws:iam::1:user/ben"),
	}
	r := &report.Report{Containment: []response.Step{
		{Action: "KEY_OFF", Target: "AKIA2"}, {Action: "USER_DENY", Target: "arn:aws:iam::1:user/ann"}, {Action: "ROLE_REVOKE", Target: "arn:aws:iam::1:role/deploy"},
		{Action: "KEY_OFF", Target: "AKIA4"}, {Action: "SAVE_IAM", Target: "arn:aws:iam::1:user/ann", Phase: "preserve"},
	}}
	s := Of(Truth{Attack: []string{"a"}, Neutral: []string{"n"}}, r, events)
	if want := []string{"KEY_OFF AKIA2", "USER_DENY arn:aws:iam::1:user/ann"}; !slices.Equal(s.Innocents, want) {
		t.Errorf("steps at innocents %v, want %v: a key the intruder used, and a role they wore, are no innocents'", s.Innocents, want)
	}
}

func TestALimitNamesAGapOnlyByWhatIsMissing(t *testing.T) {
	r := &report.Report{Limits: []investigation.Limit{{Kind: "region_missing", Text: "The evidence holds events of eu-west-1 only."}, {Kind: "silence", Text: "nothing on 2026-01-02"}}}
	s := Of(Truth{Gaps: []Gap{{"region", "eu-west-1"}, {"region", "sa-east-1"}, {"day", "2026-01-02"}, {"day", "2026-01-03"}, {"data_events", ""}, {"assume_role", ""}, {"baseline", ""}, {"trail_stopped", ""}}}, r, nil)
	if want := []string{"region eu-west-1", "day 2026-01-03", "data_events", "assume_role", "baseline", "trail_stopped"}; s.GapsOf != 8 || !slices.Equal(s.Unnamed, want) {
		t.Errorf("of %d gaps unnamed: %v, want %v", s.GapsOf, s.Unnamed, want)
	}
}
