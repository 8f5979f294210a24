package diff

import (
	"bytes"
	"encoding/json"
	"flag"
	"fmt"
	"os"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"github.com/trailhound/trailhound/internal/attribution"
	"github.com/trailhound/trailhound/internal/claim"
	"github.com/trailhound/trailhound/internal/investigation"
	"github.com/trailhound/trailhound/internal/ledger"
	"github.com/trailhound/trailhound/internal/lineage"
	"github.com/trailhound/trailhound/internal/playbook"
	"github.com/trailhound/trailhound/internal/report"
	"github.com/trailhound/trailhound/internal/report/inert"
	"github.com/trailhound/trailhound/internal/report/reporttest"
)

var update = flag.Bool("update", false, "rewrite golden files")

// brief is what the table compares: section, kind, and the fields that moved.
func brief(d *Diff) []string {
	var out []string
	for _, c := range d.Changes {
		s := c.Section + " " + c.Kind + " " + c.ID
		for _, f := range c.Fields {
			s += fmt.Sprintf(" %s:%s>%s", f.Name, f.Old, f.New)
		}
		if c.Count > 0 {
			s += fmt.Sprint(" n=", c.Count)
		}
		out = append(out, s)
	}
	return out
}

func TestReports(t *testing.T) {
	finding := func(id, technique, severity, outcome string, refs ...string) investigation.Finding {
		return investigation.Finding{ID: id, Technique: technique, Severity: severity, Outcome: outcome, Evidence: refs}
	}
	count := func(id string, n int, events ...any) claim.Claim {
		return claim.Claim{ID: id, Text: fmt.Sprintf("%d calls listed IAM.", n), Grade: "A", Verified: true, Evidence: []string{"event:e1"},
			Predicate: claim.Predicate{Op: "count", Filter: claim.Filter{"event": events}, Value: n}}
	}
	event := func(id, e, grade string, verified bool) claim.Claim {
		return claim.Claim{ID: id, Text: "A user was made.", Grade: grade, Verified: verified, Predicate: claim.Predicate{Op: "event", Event: e}}
	}
	for _, tc := range []struct {
		name     string
		old, new report.Report
		want     []string
	}{
		{"nothing", report.Report{}, report.Report{}, nil},
		{"verdict by its status", report.Report{Verdict: investigation.Verdict{Status: "suspicious", Severity: "high"}},
			report.Report{Verdict: investigation.Verdict{Status: "incident", Severity: "medium"}},
			[]string{"verdict upgraded  status:suspicious>incident severity:high>medium"}},
		{"running numbers are no change", report.Report{Findings: []investigation.Finding{finding("F1", "PR-001", "high", "succeeded", "event:e1")}},
			report.Report{Findings: []investigation.Finding{finding("F9", "PR-001", "high", "succeeded", "event:e1")}}, nil},
		{"findings by what they share",
			report.Report{Findings: []investigation.Finding{
				finding("F1", "PR-001", "high", "attempted", "event:e1", "event:e2"), finding("F2", "PR-001", "high", "succeeded", "event:e7"), finding("F3", "EX-1", "low", "attempted", "event:e9")}},
			report.Report{Findings: []investigation.Finding{
				finding("F1", "PR-001", "high", "succeeded", "event:e7"), finding("F2", "PR-001", "high", "succeeded", "event:e2", "event:e1", "event:e3"), finding("F3", "EX-2", "low", "attempted", "event:e9")}},
			[]string{"finding upgraded PR-001 outcome:attempted>succeeded events:2>3", "finding added EX-2", "finding withdrawn EX-1"}},
		{"persistence", report.Report{Persistence: []ledger.Persistence{{Kind: "role", ID: "r", Status: "live"}, {Kind: "iam_user", ID: "gone"}}},
			report.Report{Persistence: []ledger.Persistence{{Kind: "role", ID: "r", Status: "removed"}, {Kind: "access_key", ID: "k", Status: "live"}}},
			[]string{"persistence added k", "persistence changed r status:live>removed", "persistence withdrawn gone"}},
		{"credentials", report.Report{Credentials: []lineage.Credential{{ID: "K1", HeldBy: "shared", State: "active"}}},
			report.Report{Credentials: []lineage.Credential{{ID: "K1", HeldBy: "intruder", State: "disabled", IssuedBy: &lineage.Issue{Credential: "K0"}}, {ID: "K2"}}},
			[]string{"credential changed K1 held_by:shared>intruder state:active>disabled issued_by:>K0", "credential added K2"}},
		{"impact", report.Report{Impact: []investigation.Impact{{Class: "data", Level: "possible", Text: "5 objects", Quantity: &investigation.Quantity{Value: 5, Unit: "objects"}}, {Class: "money", Level: "probable", Text: "m"}}},
			report.Report{Impact: []investigation.Impact{{Class: "data", Level: "confirmed", Text: "9 objects read", Quantity: &investigation.Quantity{Value: 9, Unit: "objects"}}, {Class: "money", Level: "excluded", Text: "m"}}},
			[]string{"impact upgraded data level:possible>confirmed quantity:5 objects>9 objects", "impact downgraded money level:probable>excluded"}},
		{"attribution is counted", report.Report{Attribution: []attribution.Row{{Event: "a", Actor: "undetermined"}, {Event: "b", Actor: "undetermined"}, {Event: "c", Actor: "owner"}, {Event: "d", Actor: "owner"}}},
			report.Report{Attribution: []attribution.Row{{Event: "b", Actor: "intruder"}, {Event: "a", Actor: "intruder"}, {Event: "c", Actor: "owner"}, {Event: "e", Actor: "owner"}}},
			[]string{"attribution changed undetermined → intruder actor:undetermined>intruder n=2", "attribution added  → owner actor:>owner n=1", "attribution withdrawn owner →  actor:owner> n=1"}},
		{"hypotheses and criteria", report.Report{Hypotheses: []playbook.Hypothesis{{ID: "pentest", Verdict: "possible"}, {ID: "iac"}}, Playbook: playbook.Outcome{Criteria: []playbook.Criterion{{ID: "a", Status: "not_met"}, {ID: "b", Status: "met"}}}},
			report.Report{Hypotheses: []playbook.Hypothesis{{ID: "pentest", Verdict: "refuted"}}, Playbook: playbook.Outcome{Criteria: []playbook.Criterion{{ID: "b", Status: "met"}, {ID: "a", Status: "met"}}}},
			[]string{"hypothesis changed pentest verdict:possible>refuted", "criterion changed a status:not_met>met"}},
		{"limits", report.Report{Limits: []investigation.Limit{{ID: "L1", Kind: "region_missing", Text: "events for 3 regions"}, {ID: "L2", Kind: "no_snapshot", Text: "x"}}},
			report.Report{Limits: []investigation.Limit{{ID: "L1", Kind: "trail_gap", Text: "y"}, {ID: "L2", Kind: "region_missing", Text: "events for 7 regions"}}},
			[]string{"limit added trail_gap", "limit changed region_missing text:events for 3 regions>events for 7 regions", "limit withdrawn no_snapshot"}},
		{"benign rows by what they say", report.Report{Benign: []investigation.Benign{
			{Text: "Calls of a that were the owner's (events: 3, credentials: 1).", Because: "habit"}, {Text: "Calls of b that were the owner's (events: 3, credentials: 1).", Because: "x"}, {Text: "Calls of c that were the owner's (events: 1, credentials: 1)."}}},
			report.Report{Benign: []investigation.Benign{
				{Text: "Calls of c that were the owner's (events: 1, credentials: 1)."}, {Text: "Calls of a that were the owner's (events: 9, credentials: 2).", Because: "habit"}, {Text: "Calls of d that were the owner's (events: 3, credentials: 1)."}}},
			[]string{"benign added ",
				"benign changed  text:Calls of a that were the owner's (events: 3, credentials: 1).>Calls of a that were the owner's (events: 9, credentials: 2).", "benign withdrawn "}},
		{"coverage by place", report.Report{Coverage: []investigation.Coverage{
			{Account: "1", Region: "r", Day: "2026-01-01", Classes: []string{"a"}, Events: 1, Gaps: []string{"g"}}, {Account: "1", Region: "s", Day: "2026-01-01", Classes: []string{"a", "b"}, Events: 2}, {Account: "2", Region: "r", Day: "2026-01-01"}}},
			report.Report{Coverage: []investigation.Coverage{
				{Account: "1", Region: "r", Day: "2026-01-01", Classes: []string{"a"}, Events: 1}, {Account: "1", Region: "r", Day: "2026-01-02", Classes: []string{"a", "b"}, Events: 4},
				{Account: "1", Region: "s", Day: "2026-01-01", Classes: []string{"a"}, Events: 2}, {Account: "3", Region: "r", Day: "2026-01-01"}}},
			[]string{"coverage added 3/r", "coverage upgraded 1/r days:2026-01-01>2 days of 2026-01-01 to 2026-01-02 classes:a>a, b gaps:g> events:1>5",
				"coverage downgraded 1/s classes:a, b>a", "coverage withdrawn 2/r"}},
		{"claims", report.Report{Claims: []claim.Claim{count("C1", 1, "e1"), event("C2", "e1", "C", true), event("C3", "e2", "A", false), event("C4", "e3", "A", true)}},
			report.Report{Claims: []claim.Claim{event("C1", "e2", "B", true), event("C2", "e1", "A", true), count("C3", 3, "e1", "e2", "e3"), event("C4", "e5", "A", true)}},
			[]string{"claim added event", "claim upgraded event grade:C>A", "claim upgraded event grade:A>B verified:false>true",
				"claim changed count text:1 calls listed IAM.>3 calls listed IAM.", "claim withdrawn event"}},
	} {
		t.Run(tc.name, func(t *testing.T) {
			if d := cmp.Diff(tc.want, brief(Reports(&tc.old, &tc.new))); d != "" {
				t.Error(d)
			}
		})
	}
}

// TestSameReport: nothing differs from itself, whatever it holds, and renumbering or reordering
// the rows changes nothing.
func TestSameReport(t *testing.T) {
	for _, name := range reporttest.Names {
		r := reporttest.Sample(t, name)
		other := reporttest.Sample(t, name)
		slices.Reverse(other.Claims)
		slices.Reverse(other.Findings)
		slices.Reverse(other.Limits)
		for i := range other.Claims {
			other.Claims[i].ID = fmt.Sprint("X", i)
		}
		for i := range other.Findings {
			other.Findings[i].ID = fmt.Sprint("Y", i)
		}
		for i := range other.Limits {
			other.Limits[i].ID = fmt.Sprint("Z", i)
		}
		if d := Reports(r, other); len(d.Changes) > 0 {
			t.Errorf("%s: %v", name, brief(d))
		}
	}
}

func TestRandomReports(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		a, b := reporttest.Draw(t), reporttest.Draw(t)
		d := Reports(a, b)
		var text, one, two bytes.Buffer
		if err := Text(&text, d); err != nil {
			t.Fatal(err)
		}
		for _, r := range text.String() {
			if r != '\n' && inert.Unsafe(r) {
				t.Fatalf("%U is shown", r)
			}
		}
		if err := JSON(&one, d); err != nil {
			t.Fatal(err)
		}
		if err := JSON(&two, Reports(a, b)); err != nil || !bytes.Equal(one.Bytes(), two.Bytes()) {
			t.Fatalf("two comparisons differ: %v", err)
		}
		if !json.Valid(one.Bytes()) || bytes.Contains(one.Bytes(), []byte(": null")) {
			t.Fatalf("not JSON, or null in it")
		}
		for _, c := range d.Changes {
			if !slices.Contains(Sections, c.Section) || !slices.Contains(kinds, c.Kind) {
				t.Fatalf("unknown words: %+v", c)
			}
		}
		// What one direction adds, the other withdraws.
		count := func(d *Diff, kind string) (n int) {
			for _, c := range d.Changes {
				if c.Kind == kind && c.Section == "persistence" {
					n++
				}
			}
			return n
		}
		if back := Reports(b, a); count(d, "added") != count(back, "withdrawn") {
			t.Fatalf("%d rows of persistence added, %d withdrawn on the way back", count(d, "added"), count(back, "withdrawn"))
		}
	})
}

// TestGoldenText compares the samples as a person sees them: half the incident and all of it.
func TestGoldenText(t *testing.T) {
	half, whole := reporttest.Sample(t, "leaked-ci-key"), reporttest.Sample(t, "leaked-ci-key")
	half.Verdict.Status, half.Verdict.Confidence, half.Verdict.Headline = "suspicious", "medium", "Something is wrong."
	half.Persistence = half.Persistence[:2]
	half.Credentials = half.Credentials[:4]
	half.Credentials[0].State = "active"
	half.Findings = half.Findings[:6]
	half.Claims = half.Claims[:3]
	half.Claims[0].Grade = "C"
	half.Impact = half.Impact[:3]
	half.Impact[0].Level = "possible"
	half.Limits = append(half.Limits, investigation.Limit{Kind: "account_missing", Text: "Account 444455556666 has no events."})
	half.Benign, half.Coverage = half.Benign[:1], half.Coverage[1:]
	half.Attribution = half.Attribution[:60]
	for i := range half.Attribution[:20] {
		half.Attribution[i].Actor = "undetermined"
	}
	var buf bytes.Buffer
	if err := Text(&buf, Reports(half, whole)); err != nil {
		t.Fatal(err)
	}
	const file = "testdata/half.golden.txt"
	if *update {
		if err := os.WriteFile(file, buf.Bytes(), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	if d := cmp.Diff(string(want), buf.String()); d != "" {
		t.Errorf("differs from %s; run with -update and read the diff\n%s", file, d)
	}
	if lines := strings.Count(buf.String(), "\n"); lines > 90 {
		t.Errorf("%d lines are not short", lines)
	}
}
