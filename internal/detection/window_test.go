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

// TestNeighboursAreThoseOfTheDefinition holds the shelves against the sentence: another match in the
// span that is linked.
func TestNeighboursAreThoseOfTheDefinition(t *testing.T) {
	const within = 60
	linked := map[string]func(a, b Subject) bool{
		"network": func(a, b Subject) bool { return a.Event.SourceIP == b.Event.SourceIP && a.Credential != b.Credential },
		"instance": func(a, b Subject) bool {
			return a.Record["requestParameters"].(map[string]any)["id"] == b.Record["requestParameters"].(map[string]any)["id"]
		},
		"any": func(a, b Subject) bool { return a.Credential == b.Credential || a.Actor.Hostile() && b.Actor.Hostile() },
	}
	for _, kind := range []string{"followed_by", "preceded_by"} {
		for link, holds := range linked {
			p := pack(t, &Rule{ID: "XX-001", When: `name == "A"`}, &Rule{ID: "XX-002", Specificity: 99, When: fmt.Sprintf(`%s("XX-001", "%ds", %q)`, kind, within, link)})
			rapid.Check(t, func(rt *rapid.T) {
				var subjects []Subject
				for i := range rapid.IntRange(0, 20).Draw(rt, "events") {
					s := call(i, rapid.IntRange(0, 200).Draw(rt, "second"), rapid.SampledFrom([]string{"A", "B"}).Draw(rt, "name"), rapid.SampledFrom([]string{"k1", "k2", "k3"}).Draw(rt, "key"))
					s.Event.SourceIP = rapid.SampledFrom([]string{"203.0.113.7", "198.51.100.7"}).Draw(rt, "address")
					s.Actor = rapid.SampledFrom([]attribution.Actor{attribution.Intruder, attribution.Owner}).Draw(rt, "actor")
					s.Record["requestParameters"] = map[string]any{"id": rapid.SampledFrom([]string{"i-0123456789abcdef0", "i-0123456789abcdef1"}).Draw(rt, "instance")}
					subjects = append(subjects, s)
				}
				var want []string
				for i, a := range subjects {
					if slices.ContainsFunc(subjects, func(b Subject) bool {
						after := b.Event.Time.Sub(a.Event.Time)
						if kind == "preceded_by" {
							after = -after
						}
						return b.Event.ID != subjects[i].Event.ID && b.Event.Name == "A" && after >= 0 && after <= within*time.Second && holds(a, b)
					}) {
						want = append(want, a.Event.ID)
					}
				}
				m, _, err := p.Run(t.Context(), subjects, Env{})
				if err != nil {
					rt.Fatal(err)
				}
				var got []string
				for _, m := range m {
					if m.Rule.ID == "XX-002" {
						got = append(got, m.Event)
					}
				}
				slices.Sort(want)
				slices.Sort(got)
				if !slices.Equal(got, want) {
					rt.Fatalf("%s %s: got %v, want %v", kind, link, got, want)
				}
			})
		}
	}
}

// TestNeighboursOfManyStrangers is about the time that it takes: each of thousands of candidates must
// not look at each of thousands of matches that are none of its own.
func TestNeighboursOfManyStrangers(t *testing.T) {
	const n = 6000
	for _, link := range []string{"network", "instance", "any"} {
		p := pack(t, &Rule{ID: "XX-001", When: `name == "A"`}, &Rule{ID: "XX-002", When: fmt.Sprintf(`name == "B" && followed_by("XX-001", "24h", %q)`, link)})
		var subjects []Subject
		for i := range 2 * n {
			s := call(i, i%n, "A", "k1")
			s.Record["requestParameters"] = map[string]any{"id": "i-0123456789abcdef0"}
			if i >= n {
				s = call(i, i%n, "B", "k2")
				s.Record["requestParameters"] = map[string]any{"id": "i-0123456789abcdef1"}
			}
			if link == "network" { // one network and one credential: no stranger on it
				s.Credential, s.Event.Identity.AccessKey = "k1", "k1"
			}
			subjects = append(subjects, s)
		}
		begun := time.Now()
		if got := matched(t, p, subjects); len(got) != n {
			t.Errorf("%s: %d events matched, want the %d of the first rule", link, len(got), n)
		}
		if took := time.Since(begun); took > 5*time.Second {
			t.Errorf("%s: %s for %d candidates and matches, none of them linked", link, took, n)
		}
	}
}

// A burst per value of a field is one of a value: calls that hold none there are not alike.
func TestABurstPerFieldNeedsTheField(t *testing.T) {
	p := pack(t, &Rule{ID: "XX-001", When: `burst(2, "60s", "requestParameters.userName")`})
	list := []Subject{call(1, 0, "A", "k1"), call(2, 1, "A", "k2"), call(3, 2, "A", "k3"), call(4, 3, "A", "k4")}
	for _, s := range list[2:] {
		s.Record["requestParameters"] = map[string]any{"userName": "eve"}
	}
	if got := matched(t, p, list); !slices.Equal(got, []string{"e003", "e004"}) {
		t.Errorf("%v, want the two calls about eve", got)
	}
}
