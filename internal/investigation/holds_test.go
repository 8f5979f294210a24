package investigation_test

import (
	"context"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/trailhound/trailhound/internal/evidence"
	"github.com/trailhound/trailhound/internal/investigation"
	"github.com/trailhound/trailhound/internal/ledger"
)

var code = regexp.MustCompile(`^[a-z_]+[:|]`)

// holds checks what every report must keep to, whatever the case.
func holds(t testing.TB, q evidence.Querier, r *investigation.Result, o investigation.Options) {
	t.Helper()
	events, failed := map[string]bool{}, map[string]bool{}
	for e, err := range q.Events(context.Background(), evidence.Query{}) {
		if err != nil {
			t.Fatal(err)
		}
		events[e.ID] = true
		failed[e.ID] = failed[e.ID] || e.Outcome() == evidence.Failure
	}
	states := map[string]bool{}
	if ob, ok := q.(evidence.Observer); ok {
		for o, err := range ob.Observations(context.Background(), evidence.ObservationQuery{}) {
			if err != nil {
				t.Fatal(err)
			}
			states[o.CitedAs()] = true
		}
	}
	cited := func(where string, refs []string) {
		for _, ref := range refs {
			if id, ok := strings.CutPrefix(ref, "event:"); !states[ref] && (!ok || !events[id]) {
				t.Errorf("%s cites %s, which is not in the evidence", where, ref)
			}
		}
	}
	hostile := map[string]bool{}
	for _, row := range r.Attribution {
		hostile[row.Event] = hostile[row.Event] || row.Actor.Hostile()
		if !events[row.Event] {
			t.Errorf("attribution has a row for %s, which is not in the evidence", row.Event)
		}
	}
	claims := map[string]bool{}
	for _, c := range r.Claims {
		claims[c.ID] = true
		if !c.Verified || c.Grade == "" {
			t.Errorf("claim %s %q: verified %v, grade %q", c.ID, c.Text, c.Verified, c.Grade)
		}
		if len(c.Evidence) == 0 {
			t.Errorf("claim %s %q cites nothing", c.ID, c.Text)
		}
		cited("claim "+c.ID, c.Evidence)
	}
	mentioned := func(where string, ids []string) {
		for _, id := range ids {
			if !claims[id] {
				t.Errorf("%s mentions claim %s, which there is none of", where, id)
			}
		}
	}
	for _, s := range r.Struck {
		t.Errorf("struck: %s | %s", s.Text, s.Reason)
	}
	mentioned("verdict", r.Verdict.Claims)
	for _, f := range r.Findings {
		mentioned(f.ID, f.Claims)
		cited(f.ID, f.Evidence)
		if len(f.Evidence) == 0 {
			t.Errorf("%s names no evidence", f.ID)
		}
		for _, ref := range f.Evidence {
			if !hostile[strings.TrimPrefix(ref, "event:")] {
				t.Errorf("%s rests on %s, which nobody holds against an intruder", f.ID, ref)
			}
		}
	}
	attempted(t, r, failed)
	said := map[string]bool{}
	for _, c := range r.Claims {
		said[c.Text] = true
	}
	for _, i := range r.Impact {
		cited("impact "+i.Text, i.Evidence)
		// What was merely open to a principal is what policies say, and claimed of no event.
		open := i.Level == "possible" && i.Class == "identity"
		if i.Level != "not_covered" && !open && !sentences(i.Text, said) {
			t.Errorf("impact %q says what no claim does", i.Text)
		}
	}
	for _, b := range r.Benign {
		if code.MatchString(b.Because) || !strings.HasSuffix(b.Because, ".") {
			t.Errorf("benign %q gives a code as its reason: %q", b.Text, b.Because)
		}
	}
	limits := map[string]bool{}
	for _, l := range r.Limits {
		limits[l.ID] = true
		if l.Text == "" || l.Effect == "" {
			t.Errorf("limit %s does not say what therefore cannot be said", l.ID)
		}
	}
	for _, i := range r.Impact {
		for _, id := range i.Coverage {
			if !limits[id] {
				t.Errorf("impact %q refers to limit %s, which there is none of", i.Text, id)
			}
		}
	}
	asked := 0
	for _, q := range r.Questions {
		cited("question "+q.ID, q.ContradictedBy)
		if q.Status == "defaulted" {
			asked++
			if q.Why == "" || q.Text == "" {
				t.Errorf("question %s has no reason", q.ID)
			}
		}
		if a, ok := o.Answers[q.ID]; ok && q.Answer != a.Text {
			t.Errorf("question %s shows answer %q", q.ID, q.Answer)
		}
	}
	if asked > 3 {
		t.Errorf("%d questions at once", asked)
	}
	if r.Verdict.Status == "no_incident" && len(hostile) > 0 {
		for id, is := range hostile {
			if is {
				t.Errorf("no incident, and %s is hostile", id)
			}
		}
	}
}

// attempted: what failed is never impact, live persistence or an effect.
func attempted(t testing.TB, r *investigation.Result, failed map[string]bool) {
	t.Helper()
	for _, i := range r.Impact {
		if len(i.Evidence) == 0 && i.Level != "not_covered" {
			t.Errorf("impact %q names no evidence", i.Text)
		}
		for _, ref := range i.Evidence {
			if i.Level != "excluded" && failed[strings.TrimPrefix(ref, "event:")] { // what was excluded cites where the window begins and ends
				t.Errorf("impact %q counts %s, which failed", i.Text, ref)
			}
		}
	}
	for _, p := range r.Persistence {
		// What nobody saw made has no call, and then a snapshot shows it.
		// What was open before shows by the calls that came in by it.
		done := len(p.Events) == 0 && slices.ContainsFunc(p.Evidence, func(ref string) bool {
			return strings.HasPrefix(ref, "snapshot:") || p.Means == ledger.OpenBefore && !failed[strings.TrimPrefix(ref, "event:")]
		})
		for _, id := range p.Events {
			done = done || !failed[id]
		}
		if !done && p.Status != "attempted" {
			t.Errorf("persistence %s %s is %s, and every call failed", p.Kind, p.ID, p.Status)
		}
		if len(p.Evidence) == 0 {
			t.Errorf("persistence %s %s names no evidence", p.Kind, p.ID)
		}
	}
	for _, x := range r.Resources {
		if len(x.ByEvent) == 0 {
			t.Errorf("resource %s names no event", x.ID)
		}
		done := false
		for _, id := range x.ByEvent {
			done = done || !failed[id]
		}
		if !done && (len(x.Effect) != 1 || x.Effect[0] != "attempted") {
			t.Errorf("resource %s is said to be %v, and every call failed", x.ID, x.Effect)
		}
	}
	for _, f := range r.Findings {
		n := 0
		for _, ref := range f.Evidence {
			if failed[strings.TrimPrefix(ref, "event:")] {
				n++
			}
		}
		if want := map[bool]string{true: "attempted", false: "succeeded"}[n == len(f.Evidence)]; n == 0 && f.Outcome == "attempted" || n == len(f.Evidence) && f.Outcome != want {
			t.Errorf("%s is said to have %s; %d of %d calls failed", f.ID, f.Outcome, n, len(f.Evidence))
		}
	}
}

// sentences says whether a text is made of claims' own sentences, one after the other.
func sentences(text string, said map[string]bool) bool {
	if said[text] {
		return true
	}
	for s := range said {
		if rest, ok := strings.CutPrefix(text, s+" "); ok && s != "" && sentences(rest, said) {
			return true
		}
	}
	return false
}
