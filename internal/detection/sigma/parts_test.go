package sigma

import (
	"cmp"
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"testing"
	"testing/fstest"
	"time"

	"go.yaml.in/yaml/v4"
	"pgregory.net/rapid"
)

// TestSequencesAgainstEveryChoice: of few matches every choice can be tried. A sequence
// is found at exactly the matches of the last rule at which some choice ends: one match
// of each rule, in their order, none twice, within the timespan.
func TestSequencesAgainstEveryChoice(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		c := &correlation{kind: "temporal_ordered", span: time.Duration(rapid.IntRange(0, 5).Draw(t, "span")) * time.Second}
		for range rapid.IntRange(2, 3).Draw(t, "rules") {
			c.rules = append(c.rules, new(Rule))
		}
		var hits []hit
		shared := false // an event that two rules match
		for id := range rapid.IntRange(0, 7).Draw(t, "events") {
			at := time.Unix(int64(rapid.IntRange(0, 8).Draw(t, "at")), 0)
			of := rapid.SliceOfNDistinct(rapid.SampledFrom(c.rules), 1, len(c.rules), rapid.ID[*Rule]).Draw(t, "rules")
			shared = shared || len(of) > 1
			for _, r := range of {
				hits = append(hits, hit{at: at, id: fmt.Sprint(id), rule: r})
			}
		}
		slices.SortStableFunc(hits, func(a, b hit) int { return cmp.Or(a.at.Compare(b.at), strings.Compare(a.id, b.id)) })
		want := map[string]bool{}
		var choose func(step int, from time.Time, at time.Time, used []string)
		choose = func(step int, from, at time.Time, used []string) {
			for _, h := range hits {
				if h.rule != c.rules[step] || step > 0 && (h.at.Before(at) || h.at.Sub(from) > c.span) || slices.Contains(used, h.id) {
					continue
				}
				first := from
				if step == 0 {
					first = h.at
				}
				if step == len(c.rules)-1 {
					want[fmt.Sprint(h.at.Unix(), h.id)] = true
					continue
				}
				choose(step+1, first, h.at, append(slices.Clone(used), h.id))
			}
		}
		choose(0, time.Time{}, time.Time{}, nil)
		got := map[string]bool{}
		for _, f := range c.sequences(hits) {
			last := f.parts[len(f.parts)-1]
			got[fmt.Sprint(last.at.Unix(), last.id)] = true
			if len(f.parts) != len(c.rules) || f.at.Sub(f.from) > c.span || f.parts[0].at != f.from {
				t.Fatalf("no sequence: %+v", f)
			}
		}
		for k := range got {
			if !want[k] {
				t.Fatalf("found at %s, and no choice ends there", k)
			}
		}
		if (len(c.rules) == 2 || !shared) && len(got) != len(want) { // see sequences for what can be lost else
			t.Fatalf("found %v, want %v", got, want)
		}
	})
}

// TestWindowsAgainstEveryStretch: "n or more" is found at exactly the matches at which
// some stretch within the timespan ends that holds as many.
func TestWindowsAgainstEveryStretch(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		c := &correlation{kind: "event_count", span: 3 * time.Second, bounds: []bound{{"gte", rapid.IntRange(1, 4).Draw(t, "n")}}}
		at := rapid.SliceOfN(rapid.IntRange(0, 12), 0, 12).Draw(t, "at")
		slices.Sort(at)
		var hits []hit
		for i, s := range at {
			hits = append(hits, hit{at: time.Unix(int64(s), 0), id: fmt.Sprint(i)})
		}
		var want []string
		for hi := range hits {
			n := 0
			for lo := 0; lo <= hi; lo++ {
				if hits[hi].at.Sub(hits[lo].at) <= c.span {
					n++
				}
			}
			if c.holds(n) {
				want = append(want, hits[hi].id)
			}
		}
		var got []string
		for _, f := range c.completions(hits) {
			got = append(got, f.parts[len(f.parts)-1].id)
		}
		if !slices.Equal(want, got) {
			t.Fatalf("%v: windows end at %v, want %v", at, got, want)
		}
	})
}

// TestMergeTellsEachEventOnce: windows that share events are one alert, and no event is
// in two alerts of one group.
func TestMergeTellsEachEventOnce(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		c := &correlation{kind: "event_count", span: 2 * time.Second, bounds: []bound{{"gte", 2}}}
		g := &group{}
		at := rapid.SliceOfN(rapid.IntRange(0, 20), 0, 15).Draw(t, "at")
		slices.Sort(at)
		for i, s := range at {
			g.hits = append(g.hits, hit{at: time.Unix(int64(s), 0), id: fmt.Sprint("e", i)})
		}
		visits, seen := maxVisits, map[string]bool{}
		for _, a := range merge(c.completions(g.hits), g, &visits) {
			if a.Total != len(a.Events) || a.Total < 2 {
				t.Fatalf("%d events, %d named", a.Total, len(a.Events))
			}
			for _, e := range a.Events {
				if seen[e] {
					t.Fatalf("%s is told twice of %v", e, at)
				}
				seen[e] = true
			}
		}
	})
}

// TestFold is what "the same but for case" means: an equivalence that keeps the number
// of letters, and that nothing already folded leaves.
func TestFold(t *testing.T) {
	for _, pair := range [][2]string{{"STRASSE", "strasse"}, {"ſ", "s"}, {"É", "é"}, {"K", "k"}, {"GetObject", "getobject"}} {
		if fold(pair[0]) != fold(pair[1]) {
			t.Errorf("%q and %q are kept apart", pair[0], pair[1])
		}
	}
	rapid.Check(t, func(t *rapid.T) {
		s := rapid.String().Draw(t, "s")
		if once := fold(s); fold(once) != once || len([]rune(once)) != len([]rune(s)) {
			t.Fatalf("%q becomes %q, then %q", s, once, fold(once))
		}
	})
}

// TestOrder: integers beyond what a float can tell apart, and nothing that is no number.
func TestOrder(t *testing.T) {
	for _, tc := range []struct {
		a, b string
		c    int
		ok   bool
	}{
		{"9007199254740993", "9007199254740992", 1, true}, {"1", "1.0", 0, true}, {"-2", "1e1", -1, true},
		{"inf", "1", 0, false}, {"0x10", "16", 0, false}, {"1_000", "1000", 0, false}, {"", "1", 0, false}, {"nan", "nan", 0, false},
	} {
		if c, ok := order(tc.a, tc.b); c != tc.c || ok != tc.ok {
			t.Errorf("%s and %s: %d, %t", tc.a, tc.b, c, ok)
		}
	}
	rapid.Check(t, func(t *rapid.T) {
		a, b := rapid.Int64().Draw(t, "a"), rapid.Int64().Draw(t, "b")
		c, ok := order(fmt.Sprint(a), fmt.Sprint(b))
		if back, _ := order(fmt.Sprint(b), fmt.Sprint(a)); !ok || c != cmp.Compare(a, b) || back != -c {
			t.Fatalf("%d and %d: %d, back %d", a, b, c, back)
		}
	})
}

// TestPath: arrays on the way are entered, keys with dots of their own are found, null is
// there and has no value.
func TestPath(t *testing.T) {
	var r map[string]any
	if err := json.Unmarshal([]byte(`{"a":{"b":[{"c":1},{"c":2},{"d":null}]},"aws:x.y":{"z":true},"n":null,"empty":[],"o":{"p":{}}}`), &r); err != nil {
		t.Fatal(err)
	}
	for _, tc := range []struct {
		name   string
		values int
		exists bool
	}{
		{"a.b.c", 2, true}, {"a.b", 3, true}, {"a.b.d", 0, true}, {"a.b.e", 0, false}, {"aws:x.y.z", 1, true}, {"n", 0, true},
		{"empty", 0, true}, {"empty.x", 0, false}, {"o.p", 1, true}, {"o.p.q", 0, false}, {"a.c", 0, false}, {"", 0, false},
	} {
		p := path(strings.Split(tc.name, "."))
		if n := len(p.values(nil, any(r))); n != tc.values || p.exists(r) != tc.exists {
			t.Errorf("%q: %d values, exists %t", tc.name, n, p.exists(r))
		}
	}
}

func TestTimespan(t *testing.T) {
	for s, want := range map[string]time.Duration{"10s": 10 * time.Second, "15m": 15 * time.Minute, "1h": time.Hour, "366d": maxSpan, "52w": 52 * 7 * 24 * time.Hour,
		"367d": 0, "0s": 0, "-1m": 0, "1M": 0, "1y": 0, "m": 0, "": 0, "1.5h": 0, "99999999999s": 0, "1 h": 0} {
		got, err := timespan(&yaml.Node{Kind: yaml.ScalarNode, Value: s})
		if got != want || (err == nil) != (want > 0) {
			t.Errorf("%q: %v, %v", s, got, err)
		}
	}
}

func TestExpansions(t *testing.T) {
	rd := &reader{placeholders: map[string][]string{"a": {"1", "2"}, "b": {"x", "y"}}}
	for in, want := range map[string]string{
		"plain": "plain", "%a%": "1|2", "<%a%-%b%>": "<1-x>|<1-y>|<2-x>|<2-y>", `100\% %a%`: "100% 1|100% 2", "50%": "50%", "": "",
	} {
		got, err := rd.expansions(&yaml.Node{}, in)
		if err != nil || strings.Join(got, "|") != want {
			t.Errorf("%q: %q, %v", in, got, err)
		}
	}
	for _, in := range []string{"%c%", strings.Repeat("%a%", 20), strings.Repeat("x", maxPattern) + "%a%"} {
		if got, err := rd.expansions(&yaml.Node{}, in); err == nil {
			t.Errorf("%.20q stands for %d values", in, len(got))
		}
	}
}

// TestOfTwoMistakesTheSameIsTold: a rule with several is refused for the same reason
// every time.
func TestOfTwoMistakesTheSameIsTold(t *testing.T) {
	fsys := fstest.MapFS{"r.yml": {Data: []byte("title: x\ntags: {a: b}\nreferences: {a: b}\nauthor: {a: b}\nfalsepositives: {a: b}\n")}}
	var want string
	for i := range 30 {
		p, err := LoadWith(fsys, ".", nil)
		if err == nil || len(p.Refused) != 1 {
			t.Fatalf("%v %v", p, err)
		}
		if got := p.Refused[0].Error(); i == 0 {
			want = got
		} else if got != want {
			t.Fatalf("now %q, before %q", got, want)
		}
	}
}
