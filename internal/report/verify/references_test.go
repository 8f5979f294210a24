package verify

import (
	"encoding/json"
	"fmt"
	"maps"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"github.com/trailhound/trailhound/internal/claim"
	"github.com/trailhound/trailhound/internal/evidence"
	"github.com/trailhound/trailhound/internal/evidence/memory"
	"github.com/trailhound/trailhound/internal/report"
)

// leaf is one string of a document, and how to set it.
type leaf struct {
	at, value string
	set       func(string)
}

// leaves lists the strings of a decoded document by JSON pointer.
func leaves(v any, at string, set func(string)) []leaf {
	switch v := v.(type) {
	case string:
		return []leaf{{at, v, set}}
	case []any:
		var out []leaf
		for i := range v {
			out = append(out, leaves(v[i], fmt.Sprintf("%s/%d", at, i), func(s string) { v[i] = s })...)
		}
		return out
	case map[string]any:
		var out []leaf
		for _, k := range slices.Sorted(maps.Keys(v)) {
			out = append(out, leaves(v[k], at+"/"+k, func(s string) { v[k] = s })...)
		}
		return out
	}
	return nil
}

// decode returns the honest report as a document, so that a test can reach what it
// does not know the name of.
func decode(t testing.TB, r *report.Report) any {
	t.Helper()
	data, err := json.Marshal(r)
	if err != nil {
		t.Fatal(err)
	}
	var doc any
	if err := json.Unmarshal(data, &doc); err != nil {
		t.Fatal(err)
	}
	return doc
}

// recode is the way back.
func recode(t testing.TB, doc any) *report.Report {
	t.Helper()
	data, err := json.Marshal(doc)
	if err != nil {
		t.Fatal(err)
	}
	r := new(report.Report)
	if err := json.Unmarshal(data, r); err != nil {
		t.Fatal(err)
	}
	return r
}

// TestNoCitationEscapes: whatever in the report names an event, a claim or a limit,
// naming one that is not there is found, at the place itself. The test goes by the
// document and not by a list of members, so a section added later is under it too.
func TestNoCitationEscapes(t *testing.T) {
	w := story(t)
	ghosts := map[string]string{ // what the story's references look like → one that leads nowhere
		"event:": "event:00000000-0000-4000-8000-0000000000ff", "00000000-0000-4000-8000-": "00000000-0000-4000-8000-0000000000ff",
		"C": "C99", "L": "L99", "limit:": "limit:L99", "F": "F99",
	}
	names := func(s string) string {
		for _, l := range []string{"event:", "00000000-0000-4000-8000-", "limit:"} {
			if strings.HasPrefix(s, l) {
				return l
			}
		}
		if len(s) == 2 && strings.Contains("CLF", s[:1]) && s[1] >= '1' && s[1] <= '9' {
			return s[:1]
		}
		return ""
	}
	tried := map[string]int{}
	doc := decode(t, honest())
	for _, l := range leaves(doc, "", nil) {
		kind := names(l.value)
		if kind == "" || strings.HasSuffix(l.at, "/id") { // an id of its own is not a reference
			continue
		}
		l.set(ghosts[kind])
		problems, _, err := Report(t.Context(), recode(t, doc), w)
		l.set(l.value)
		if err != nil {
			t.Fatal(err)
		}
		tried[kind]++
		at := l.at
		if strings.HasPrefix(at, "/claims/") { // a claim is run as a whole
			at = strings.Join(strings.Split(at, "/")[:3], "/")
		}
		if !slices.ContainsFunc(problems, func(p Problem) bool { return p.Where == at }) {
			t.Errorf("%s: %s in place of %s is not complained of there: %+v", l.at, ghosts[kind], l.value, problems)
		}
	}
	for kind := range ghosts {
		if tried[kind] == 0 {
			t.Errorf("the honest report holds no reference like %q, so nothing was tried", kind)
		}
	}
}

// TestOrderOfEvidenceDecidesNothing: the same problems in the same order, however the
// events come and however often.
func TestOrderOfEvidenceDecidesNothing(t *testing.T) {
	w := story(t)
	var events []evidence.Event
	for e, err := range w.Events.Events(t.Context(), evidence.Query{Body: true}) {
		if err != nil {
			t.Fatal(err)
		}
		events = append(events, e)
	}
	r := honest()
	r.Credentials[0].FirstSeen, r.Timeline[1].Outcome, r.Findings[0].First = clock(9), "success", clock(9)
	r.Alerts[0].Events[0] = "event:none"
	want, wantStats, err := Report(t.Context(), r, w)
	if err != nil || len(want) < 4 {
		t.Fatal(want, err)
	}
	rapid.Check(t, func(t *rapid.T) {
		mixed := slices.Concat(rapid.Permutation(events).Draw(t, "events"), rapid.SliceOfN(rapid.SampledFrom(events), 0, 4).Draw(t, "again"))
		got, stats, err := Report(t.Context(), r, &claim.World{Events: memory.New(mixed), Observed: w.Observed, Links: w.Links, Coverage: w.Coverage})
		if err != nil {
			t.Fatal(err)
		}
		if d := cmp.Diff(want, got) + cmp.Diff(wantStats, stats); d != "" {
			t.Fatal(d)
		}
	})
}

// TestSortProblems: by section of the document, then by number and not by digit.
func TestSortProblems(t *testing.T) {
	want := []Problem{{Where: "/schema"}, {Where: "/claims/2"}, {Where: "/claims/10"}, {Where: "/claims/10/grade"}, {Where: "/impact/0"},
		{Where: "/alerts/0/events/2"}, {Where: "/benign/0"}, {Where: "/containment", What: "a"}, {Where: "/containment", What: "b"}}
	rapid.Check(t, func(t *rapid.T) {
		got := rapid.Permutation(want).Draw(t, "order")
		sortProblems(got)
		if d := cmp.Diff(want, got); d != "" {
			t.Fatal(d)
		}
	})
}

// TestFriends: a principal that is also something else in the case is no mere friend,
// and evidence may be preserved of anybody.
func TestFriends(t *testing.T) {
	for _, tc := range []struct {
		name, part, phase string
		problems          int
	}{
		{"a responder", "responder", "contain", 1},
		{"evidence of a responder", "responder", "preserve", 0},
		{"an owner who is the entry too", "owner", "contain", 0},
	} {
		t.Run(tc.name, func(t *testing.T) {
			r := honest()
			target := r.Principals[1].ARN
			if tc.part == "owner" {
				target = bot // whose part is "entry" already
				r.Principals[1].ARN, r.Principals[1].RoleInCase = bot, "owner"
			}
			r.Containment[0].Target, r.Containment[0].Phase = target, tc.phase
			problems, _, err := Report(t.Context(), r, story(t))
			if err != nil || len(problems) != tc.problems {
				t.Errorf("problems %+v, error %v; want %d", problems, err, tc.problems)
			}
		})
	}
}
