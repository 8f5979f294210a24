package investigation_test

import (
	"context"
	"slices"
	"strings"
	"testing"

	"github.com/trailhound/trailhound/internal/eval"
	"github.com/trailhound/trailhound/internal/evidence"
	"github.com/trailhound/trailhound/internal/evidence/datasettest"
	"github.com/trailhound/trailhound/internal/evidence/memory"
	"github.com/trailhound/trailhound/internal/investigation"
	"github.com/trailhound/trailhound/internal/source/all"
	"github.com/trailhound/trailhound/internal/source/cloudtrail"
)

// realCase is a labelled case of the real data, investigated from the first of
// its seed indicators.
type realCase struct {
	eval.Case
	q   *memory.Store
	res *investigation.Result
}

func investigate(t *testing.T, c eval.Case) realCase {
	t.Helper()
	var events []evidence.Event
	var artifacts []evidence.Artifact
	err := all.Read(context.Background(), c.Evidence, all.Options{}, func(b all.Batch) error {
		for _, e := range b.Events {
			e.Fingerprint = cloudtrail.Fingerprint(e.Body)
			events = append(events, e)
		}
		if b.Done {
			artifacts = append(artifacts, b.Artifact)
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	r := realCase{c, memory.New(events, artifacts...), nil}
	o := investigation.Options{Text: c.Truth.Sentence, Content: content(t)}
	r.res = run(t, r.q, o)
	holds(t, r.q, r.res, o)
	return r
}

func (r *realCase) blamed() map[string]bool {
	out := map[string]bool{}
	for _, row := range r.res.Attribution {
		if row.Actor.Hostile() {
			out[row.Event] = true
		}
	}
	return out
}

// TestRealCases: every labelled attack event is attributed, but in the biggest
// set, where nineteen in twenty are enough; and nobody innocent is blamed.
func TestRealCases(t *testing.T) {
	cases, err := eval.Real(datasettest.Dir(t))
	if err != nil {
		t.Fatal(err)
	}
	if len(cases) < 20 {
		t.Fatalf("%d cases, want at least 20", len(cases))
	}
	for _, c := range cases {
		t.Run(strings.ReplaceAll(c.Truth.Name, " ", "/"), func(t *testing.T) {
			r := investigate(t, c)
			blamed := r.blamed()
			found := 0
			for _, id := range c.Truth.Attack {
				if blamed[id] {
					found++
				} else if c.Truth.Name != "invictus" {
					t.Errorf("attack event %s is not attributed", id)
				}
			}
			if found*100 < 95*len(c.Truth.Attack) {
				t.Errorf("%d of %d attack events are attributed", found, len(c.Truth.Attack))
			}
			for _, id := range c.Truth.Innocent {
				if blamed[id] {
					t.Errorf("%s is blamed, and is nobody's attack", id)
				}
			}
			if len(c.Truth.Attack) == 0 && len(blamed) > 0 {
				t.Errorf("%d events are blamed where there is no attack", len(blamed))
			}
			if s := r.res.Verdict.Status; len(c.Truth.Status) > 0 && !slices.Contains(c.Truth.Status, s) {
				t.Errorf("verdict %s, want one of %v", s, c.Truth.Status)
			}
		})
	}
}

// TestInvictusAttempts: what the operator tried and did not get done is an
// attempt, and the logs never stopped.
func TestInvictusAttempts(t *testing.T) {
	cases, err := eval.Real(datasettest.Dir(t))
	if err != nil {
		t.Fatal(err)
	}
	i := slices.IndexFunc(cases, func(c eval.Case) bool { return c.Truth.Name == "invictus" })
	r := investigate(t, cases[i])
	failed := map[string][]string{}
	for e, err := range r.q.Events(context.Background(), evidence.Query{Names: []string{"StopLogging", "DeleteTrail", "LeaveOrganization"}}) {
		if err != nil {
			t.Fatal(err)
		}
		if e.Outcome() == evidence.Failure {
			failed[e.Name] = append(failed[e.Name], e.CitedAs())
		}
	}
	for _, name := range []string{"StopLogging", "DeleteTrail", "LeaveOrganization"} {
		if len(failed[name]) == 0 {
			t.Fatalf("no %s failed in this set: has it changed?", name)
		}
		for _, ref := range failed[name] {
			hit := slices.IndexFunc(r.res.Findings, func(f investigation.Finding) bool { return slices.Contains(f.Evidence, ref) })
			if hit < 0 {
				t.Errorf("%s %s is in no finding", name, ref)
				continue
			}
			if f := r.res.Findings[hit]; f.Outcome == "succeeded" {
				t.Errorf("%s %s is told as done, in %s %s", name, ref, f.ID, f.Title)
			}
			row := slices.IndexFunc(r.res.Timeline, func(e investigation.Entry) bool { return e.Event == strings.TrimPrefix(ref, "event:") })
			if row < 0 || r.res.Timeline[row].Outcome != "failure" || !strings.Contains(r.res.Timeline[row].Text, "attempted") {
				t.Errorf("%s %s is not an attempt in the timeline", name, ref)
			}
		}
	}
	if len(r.res.Findings) == 0 || len(r.res.Persistence) == 0 {
		t.Error("no findings or no persistence")
	}
}
