package detection

import (
	"fmt"
	"slices"
	"testing"
	"time"

	"pgregory.net/rapid"

	"github.com/trailhound/trailhound/internal/attribution"
	"github.com/trailhound/trailhound/internal/evidence"
)

var start = time.Date(2025, 11, 3, 9, 0, 0, 0, time.UTC)

// call is a bare event: what windows look at and no more.
func call(n, second int, name, credential string) Subject {
	e := &evidence.Event{
		ID: fmt.Sprintf("e%03d", n), Time: start.Add(time.Duration(second) * time.Second), Source: "iam.amazonaws.com", Name: name,
		Region: "us-east-1", SourceIP: "203.0.113.7", Identity: evidence.Identity{AccessKey: credential},
	}
	return Subject{Event: e, Record: evidence.Record{"eventID": e.ID}, Credential: credential, Actor: attribution.Undetermined}
}

func matched(t testing.TB, p *Pack, subjects []Subject) []string {
	t.Helper()
	m, report, err := p.Run(t.Context(), subjects, Env{})
	if err != nil || len(report.NotEvaluable) > 0 {
		t.Fatal(err, report.NotEvaluable)
	}
	ids := []string{}
	for _, m := range m {
		ids = append(ids, m.Event)
	}
	return ids
}

// TestSlidingWindow holds the linear walk against the definition: an event is
// inside if some span of the given length that holds it has enough different
// calls of its credential.
func TestSlidingWindow(t *testing.T) {
	const n, within = 3, 60
	p := pack(t, &Rule{ID: "XX-001", When: fmt.Sprintf(`distinct_ops(%d, "%ds")`, n, within)})
	rapid.Check(t, func(rt *rapid.T) {
		var subjects []Subject
		for i := range rapid.IntRange(0, 25).Draw(rt, "events") {
			subjects = append(subjects, call(i, rapid.IntRange(0, 300).Draw(rt, "second"),
				rapid.SampledFrom([]string{"A", "B", "C", "D"}).Draw(rt, "name"), rapid.SampledFrom([]string{"k1", "k2"}).Draw(rt, "key")))
		}
		var want []string
		for _, s := range subjects {
			inside := slices.ContainsFunc(subjects, func(first Subject) bool {
				seen, holds := map[string]bool{}, false
				for _, o := range subjects {
					after := o.Event.Time.Sub(first.Event.Time)
					if o.Credential == first.Credential && after >= 0 && after <= within*time.Second {
						seen[o.Event.Name] = true
						holds = holds || o.Event.ID == s.Event.ID
					}
				}
				return holds && len(seen) >= n
			})
			if inside {
				want = append(want, s.Event.ID)
			}
		}
		got := matched(t, p, rapid.Permutation(subjects).Draw(rt, "order"))
		slices.Sort(want)
		slices.Sort(got)
		if !slices.Equal(got, want) {
			rt.Fatalf("got %v, want %v", got, want)
		}
	})
}

func TestWindowCountsWhatTheRuleAccepts(t *testing.T) {
	p := pack(t, &Rule{ID: "XX-001", When: `name != "A" && distinct_ops(2, "60s")`})
	if got := matched(t, p, []Subject{call(1, 0, "A", "k"), call(2, 1, "B", "k"), call(3, 2, "B", "k")}); len(got) != 0 {
		t.Errorf("matched %v: calls that the rest of the condition refuses were counted", got)
	}
}

func TestWindowRunsPerCredentialOrConsoleSession(t *testing.T) {
	p := pack(t, &Rule{ID: "XX-001", When: `distinct_ops(3, "60s")`})
	apart := []Subject{call(1, 0, "A", "k1"), call(2, 1, "B", "k2"), call(3, 2, "C", "k3")}
	if got := matched(t, p, apart); len(got) != 0 {
		t.Errorf("three credentials were counted as one: %v", got)
	}
	for i := range apart { // the keys of one console session
		apart[i].Event.Identity.FromConsole = true
		apart[i].Event.Identity.PrincipalID = "AIDAEXAMPLE"
		apart[i].Event.Identity.SessionCreated = start
	}
	if got := matched(t, p, apart); len(got) != 3 {
		t.Errorf("one console session was not counted as one: %v", got)
	}
}

func TestSequences(t *testing.T) {
	const when = `same_actor_sequence(["A", "B|X", "C"], "60s")`
	p := pack(t, &Rule{ID: "XX-001", When: when})
	tests := []struct {
		name     string
		subjects []Subject
		want     []string
	}{
		{"in order", []Subject{call(1, 0, "A", "k"), call(2, 10, "B", "k"), call(3, 20, "C", "k")}, []string{"e001", "e002", "e003"}},
		{"an alternative", []Subject{call(1, 0, "A", "k"), call(2, 10, "X", "k"), call(3, 20, "C", "k")}, []string{"e001", "e002", "e003"}},
		{"out of order", []Subject{call(1, 0, "C", "k"), call(2, 10, "B", "k"), call(3, 20, "A", "k")}, []string{}},
		{"inside one second, order is not known", []Subject{call(1, 0, "C", "k"), call(2, 0, "B", "k"), call(3, 0, "A", "k")}, []string{"e001", "e002", "e003"}},
		{"too slow", []Subject{call(1, 0, "A", "k"), call(2, 10, "B", "k"), call(3, 61, "C", "k")}, []string{}},
		{"the later start counts", []Subject{call(1, 0, "A", "k"), call(2, 50, "A", "k"), call(3, 70, "B", "k"), call(4, 100, "C", "k")}, []string{"e002", "e003", "e004"}},
		{"two actors", []Subject{call(1, 0, "A", "k1"), call(2, 10, "B", "k2"), call(3, 20, "C", "k1")}, []string{}},
	}
	for _, tt := range tests {
		if got := matched(t, p, tt.subjects); !slices.Equal(got, tt.want) {
			t.Errorf("%s: %v, want %v", tt.name, got, tt.want)
		}
	}
	hostile := []Subject{call(1, 0, "A", "k1"), call(2, 10, "B", "k2"), call(3, 20, "C", "k1")}
	for i := range hostile {
		hostile[i].Actor = attribution.LikelyIntruder
	}
	if got := matched(t, p, hostile); len(got) != 3 {
		t.Errorf("the intruder's credentials are one actor, got %v", got)
	}
}

func TestNeighbours(t *testing.T) {
	first := &Rule{ID: "XX-002", When: `name == "A"`}
	after := &Rule{ID: "XX-001", When: `name == "B" && preceded_by(["XX-002"], "60s", "network")`}
	before := &Rule{ID: "XX-003", When: `name == "B" && followed_by("XX-002", "60s", "any")`}
	p := pack(t, first, after, before)
	ids := func(subjects ...Subject) map[string][]string {
		out := map[string][]string{}
		m, _, err := p.Run(t.Context(), subjects, Env{})
		if err != nil {
			t.Fatal(err)
		}
		for _, m := range m {
			for _, id := range append(m.Tags, m.Rule.ID) {
				out[id] = append(out[id], m.Event)
			}
		}
		return out
	}
	if got := ids(call(1, 0, "A", "k1"), call(2, 60, "B", "k2"))["XX-001"]; !slices.Equal(got, []string{"e002"}) {
		t.Errorf("preceded by: %v", got)
	}
	if got := ids(call(1, 0, "A", "k1"), call(2, 60, "B", "k1"))["XX-001"]; got != nil {
		t.Errorf("the network links different credentials only: %v", got)
	}
	if got := ids(call(1, 0, "A", "k1"), call(2, 61, "B", "k2"))["XX-001"]; got != nil {
		t.Errorf("too late: %v", got)
	}
	if got := ids(call(1, 0, "B", "k1"), call(2, 30, "A", "k1"))["XX-003"]; !slices.Equal(got, []string{"e001"}) {
		t.Errorf("followed by: %v", got)
	}
	if got := ids(call(1, 0, "B", "k1"), call(2, 30, "A", "k2"))["XX-003"]; got != nil {
		t.Errorf("another actor followed: %v", got)
	}
}

func TestMadeByIntruderAndAfterResponder(t *testing.T) {
	make1 := subject(t, `"eventID":"m1","eventName":"CreateUser","requestParameters":{"userName":"bob"}`)
	gone := subject(t, `"eventID":"m2","eventTime":"2025-11-03T10:00:00Z","eventName":"DeleteUser","requestParameters":{"userName":"bob"}`)
	other := subject(t, `"eventID":"m3","eventTime":"2025-11-03T10:00:00Z","eventName":"DeleteUser","requestParameters":{"userName":"eve"}`)
	p := pack(t, &Rule{ID: "XX-001", When: `made_by_intruder()`})
	make1.Actor = attribution.Intruder
	if got := matched(t, p, []Subject{other, gone, make1}); !slices.Equal(got, []string{"m2"}) {
		t.Errorf("made by the intruder: %v", got)
	}
	make1.Actor = attribution.Owner
	if got := matched(t, p, []Subject{gone, make1}); len(got) != 0 {
		t.Errorf("made by the owner: %v", got)
	}
	p = pack(t, &Rule{ID: "XX-001", When: `actor != "responder" && after_responder("10s")`})
	fix := subject(t, `"eventID":"r1","eventName":"PutUserPolicy","requestParameters":{"userName":"svc"}`)
	fix.Actor = attribution.Responder
	soon := subject(t, `"eventID":"r2","eventTime":"2025-11-03T09:00:10Z","eventName":"DeleteUserPolicy","requestParameters":{"userName":"svc"}`)
	late := subject(t, `"eventID":"r3","eventTime":"2025-11-03T09:00:11Z","eventName":"DeleteUserPolicy","requestParameters":{"userName":"svc"}`)
	if got := matched(t, p, []Subject{late, soon, fix}); !slices.Equal(got, []string{"r2"}) {
		t.Errorf("after the responder: %v", got)
	}
}

// A chain on one thing holds only steps that name it, and only steps that happened.
func TestSequencesOnOneThing(t *testing.T) {
	const when = `same_actor_sequence(["A", "B"], "60s", "requestParameters.userName")`
	about := func(s Subject, user string) Subject {
		s.Record["requestParameters"] = map[string]any{"userName": user}
		return s
	}
	refused := func(s Subject) Subject {
		e := *s.Event
		e.ErrorCode = "AccessDenied"
		s.Event = &e
		return s
	}
	tests := []struct {
		name     string
		success  bool
		subjects []Subject
		want     []string
	}{
		{"one user", true, []Subject{about(call(1, 0, "A", "k"), "eve"), about(call(2, 10, "B", "k"), "eve")}, []string{"e001", "e002"}},
		{"two users", true, []Subject{about(call(1, 0, "A", "k"), "eve"), about(call(2, 10, "B", "k"), "bob")}, []string{}},
		{"two chains at once", true, []Subject{about(call(1, 0, "A", "k"), "eve"), about(call(2, 5, "A", "k"), "bob"), about(call(3, 10, "B", "k"), "eve")}, []string{"e001", "e003"}},
		{"nobody is named", true, []Subject{call(1, 0, "A", "k"), call(2, 10, "B", "k")}, []string{}},
		{"a step was refused", true, []Subject{about(call(1, 0, "A", "k"), "eve"), refused(about(call(2, 10, "B", "k"), "eve"))}, []string{}},
		{"where trying is enough", false, []Subject{about(call(1, 0, "A", "k"), "eve"), refused(about(call(2, 10, "B", "k"), "eve"))}, []string{"e001", "e002"}},
	}
	for _, tt := range tests {
		p := pack(t, &Rule{ID: "XX-001", When: when, NeedsSuccess: tt.success})
		if got := matched(t, p, tt.subjects); !slices.Equal(got, tt.want) {
			t.Errorf("%s: %v, want %v", tt.name, got, tt.want)
		}
		if !p.Rules[0].Sequence() {
			t.Error("a rule on an order of calls is not told as one")
		}
	}
}
