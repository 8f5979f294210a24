package ocsf

import (
	"bytes"
	"encoding/json"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/trailhound/trailhound/internal/ledger"
	"github.com/trailhound/trailhound/internal/lineage"
	"github.com/trailhound/trailhound/internal/report"
	"github.com/trailhound/trailhound/internal/report/reporttest"
)

func written(t *testing.T, r *report.Report) incident {
	t.Helper()
	var buf bytes.Buffer
	if err := Write(&buf, r); err != nil {
		t.Fatal(err)
	}
	var e incident
	if err := json.Unmarshal(buf.Bytes(), &e); err != nil {
		t.Fatal(err)
	}
	return e
}

// TestVerdicts: each of our answers has its number of the schema, and an answer we do not
// know is Unknown, never Benign.
func TestVerdicts(t *testing.T) {
	for status, want := range map[string]struct {
		id        int
		suspected bool
	}{"incident": {2, true}, "suspicious": {4, true}, "no_incident": {5, false}, "inconclusive": {7, false}, "": {0, false}, "fine": {0, false}} {
		r := new(report.Report)
		r.Verdict.Status = status
		if e := written(t, r); e.VerdictID != want.id || e.Suspected != want.suspected || (want.id == 0) != (e.Verdict == "Unknown") {
			t.Errorf("%q: %d %s, suspected %t", status, e.VerdictID, e.Verdict, e.Suspected)
		}
	}
}

// TestObservables are what to search for elsewhere: nothing of the owner's, nothing that
// was only tried, and each once.
func TestObservables(t *testing.T) {
	e := written(t, &report.Report{
		Credentials: []lineage.Credential{
			{ID: "K1", PrincipalID: "AIDA1", HeldBy: "intruder", Networks: []string{"203.0.113.7", "198.51.100.0/24"}},
			{ID: "K2", PrincipalID: "AIDA1", HeldBy: "shared", Networks: []string{"192.0.2.0/24"}},
			{ID: "K3", HeldBy: "owner", Networks: []string{"192.0.2.0/24"}},
		},
		Persistence: []ledger.Persistence{{ID: "role", Status: "live"}, {ID: "user", Status: "attempted"}},
	})
	var got []string
	for _, o := range e.Observables {
		got = append(got, o.Type+" "+o.Value)
	}
	want := []string{"Subnet 198.51.100.0/24", "IP Address 203.0.113.7", "User Credential ID K1", "User Object: uid AIDA1", "User Credential ID K2", "Resource UID role"}
	if d := cmp.Diff(want, got); d != "" {
		t.Error(d)
	}
	for _, c := range e.Unmapped.Credentials {
		if c.ID == "K3" {
			t.Error("the owner's credential is told")
		}
	}
}

// TestOnlyVerifiedClaimsDescribeAFinding: what did not hold is told to nobody.
func TestOnlyVerifiedClaimsDescribeAFinding(t *testing.T) {
	r := reporttest.Sample(t, "leaked-ci-key")
	var id, text string
	for i := range r.Claims {
		if r.Claims[i].ID == r.Findings[0].Claims[0] {
			r.Claims[i].Verified, r.Claims[i].Text = false, "this does not hold"
			id, text = r.Claims[i].ID, r.Claims[i].Text
		}
	}
	for _, f := range written(t, r).FindingInfo {
		if strings.Contains(f.Desc, text) || id == "" {
			t.Errorf("%s is told by finding %s", id, f.UID)
		}
	}
}
