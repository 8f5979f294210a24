package sigma

import (
	"context"
	"encoding/json"
	"fmt"
	"regexp"
	"slices"
	"strings"
	"testing"
	"testing/fstest"

	"pgregory.net/rapid"

	"github.com/trailhound/trailhound/internal/evidence"
)

var word = rapid.StringOfN(rapid.SampledFrom([]rune(`aAbB*?\.é`)), 0, 8, -1)

// scalar is a JSON value that rules may be held against.
var scalar = rapid.Custom(func(t *rapid.T) any {
	return rapid.OneOf(rapid.Map(word, func(s string) any { return s }), rapid.Map(rapid.IntRange(-3, 3), func(n int) any { return n }),
		rapid.Map(rapid.Bool(), func(b bool) any { return b }), rapid.Just[any](nil)).Draw(t, "scalar")
})

func drawRecord(t *rapid.T) string {
	r := map[string]any{}
	for _, f := range []string{"eventName", "x", "y"} {
		switch rapid.IntRange(0, 3).Draw(t, "shape") {
		case 1:
			r[f] = scalar.Draw(t, f)
		case 2:
			r[f] = []any{scalar.Draw(t, f), map[string]any{"in": scalar.Draw(t, f)}}
		case 3:
			r[f] = map[string]any{"in": scalar.Draw(t, f)}
		}
	}
	if _, ok := r["eventName"].(string); !ok {
		r["eventName"] = "ab"
	}
	b, _ := json.Marshal(r)
	return string(b)
}

func drawDetection(t *rapid.T) string {
	var b strings.Builder
	for i := range rapid.IntRange(1, 3).Draw(t, "selections") {
		key := rapid.SampledFrom([]string{"eventName", "x", "y", "x.in", "y.in"}).Draw(t, "field")
		mods := rapid.SampledFrom([]string{"", "|contains", "|startswith", "|endswith", "|cased", "|contains|all", "|neq"}).Draw(t, "mods")
		values := rapid.SliceOfN(word, 1, 3).Draw(t, "values")
		if mods == "" && rapid.Bool().Draw(t, "null") {
			fmt.Fprintf(&b, "  s%d: {%s: null}\n", i, key)
			continue
		}
		for n, v := range values {
			values[n] = "'" + v + "'"
		}
		fmt.Fprintf(&b, "  s%d: {'%s%s': [%s]}\n", i, key, mods, strings.Join(values, ", "))
	}
	return b.String()
}

// TestNegationIsComplement: of a condition and its negation exactly one holds,
// through loading, index and all; and De Morgan.
func TestNegationIsComplement(t *testing.T) {
	rapid.Check(t, func(rt *rapid.T) {
		det := drawDetection(rt)
		cond := rapid.SampledFrom([]string{"1 of them", "all of them", "s0", "s0 and not s0", "not s0 or all of s*"}).Draw(rt, "condition")
		e := event(t, "e", 0, drawRecord(rt))
		holds := func(cond string) bool {
			return len(run(t, mustLoad(t, head+"detection:\n"+det+"  condition: "+cond+"\n"), e).Alerts) == 1
		}
		yes, no := holds(cond), holds("not ("+cond+")")
		if yes == no {
			rt.Fatalf("%q and its negation are both %v\n%s\n%s", cond, yes, det, e.Body)
		}
		if holds("not not ("+cond+")") != yes {
			rt.Fatal("twice negated is not the same")
		}
		names := regexp.MustCompile(`s\d`).FindAllString(det, -1)
		if holds("not ("+strings.Join(names, " and ")+")") != holds("not "+strings.Join(names, " or not ")) {
			rt.Fatal("De Morgan does not hold")
		}
	})
}

// TestIndexChangesNothing: asking every rule of every event gives the same.
func TestIndexChangesNothing(t *testing.T) {
	rapid.Check(t, func(rt *rapid.T) {
		p := mustLoad(t, head+"detection:\n"+drawDetection(rt)+"  condition: "+rapid.SampledFrom([]string{"1 of them", "all of them", "not s0", "s0"}).Draw(rt, "c")+"\n")
		e := event(t, "e", 0, drawRecord(rt))
		r, err := e.Parse()
		if err != nil {
			rt.Fatal(err)
		}
		if got, want := len(run(t, p, e).Alerts) == 1, p.plain[0].when.eval(r); got != want {
			rt.Fatalf("with the index %v, without %v: %s", got, want, e.Body)
		}
	})
}

// TestPatternIsItsExpression holds the matcher against regexp.
func TestPatternIsItsExpression(t *testing.T) {
	rapid.Check(t, func(rt *rapid.T) {
		p, s := word.Draw(rt, "pattern"), word.Draw(rt, "text")
		var re strings.Builder
		for rs := []rune(p); len(rs) > 0; rs = rs[1:] {
			switch {
			case rs[0] == '\\' && len(rs) > 1 && strings.ContainsRune(`\*?`, rs[1]):
				rs = rs[1:]
				re.WriteString(regexp.QuoteMeta(string(rs[0])))
			case rs[0] == '*':
				re.WriteString(".*")
			case rs[0] == '?':
				re.WriteString(".")
			default:
				re.WriteString(regexp.QuoteMeta(string(rs[0])))
			}
		}
		if got, want := newPattern(p, false, false, false).fits(s), regexp.MustCompile(`(?is)^`+re.String()+`$`).MatchString(s); got != want {
			rt.Fatalf("pattern %q on %q: %v, want %v", p, s, got, want)
		}
	})
}

// TestOrderOfEventsDoesNotMatter shuffles events, also those of one second.
func TestOrderOfEventsDoesNotMatter(t *testing.T) {
	p := mustLoad(t, base+"  type: temporal_ordered\n  rules: [a, b, c]\n  group-by: [user]\n  timespan: 3s\n")
	rapid.Check(t, func(rt *rapid.T) {
		var words []string
		for range rapid.IntRange(0, 14).Draw(rt, "n") {
			words = append(words, fmt.Sprintf("%s@%d:%s", rapid.SampledFrom([]string{"a", "b", "c"}).Draw(rt, "name"), rapid.IntRange(0, 6).Draw(rt, "at"), rapid.SampledFrom([]string{"u", "v"}).Draw(rt, "user")))
		}
		events := script(t, strings.Join(words, " "))
		told := func(events []evidence.Event) string { return fmt.Sprint(run(t, p, events...).Alerts) }
		if a, b := told(events), told(rapid.Permutation(slices.Clone(events)).Draw(rt, "shuffled")); a != b {
			rt.Fatalf("%s\n%s", a, b)
		}
	})
}

// FuzzLoad: no file stops the program; what loads runs.
func FuzzLoad(f *testing.F) {
	f.Add(head + "detection: {sel: {a|contains|all: [b, c]}, k: [x], condition: sel and not 1 of k*}\n")
	f.Add(base + "  type: temporal\n  rules: [a, b]\n  timespan: 1m\n  group-by: [u]\n  aliases: {u: {a: x, b: y}}\n")
	f.Add("a: &a [*a]\n---\n- x\n--- !!binary x\n")
	f.Add("title: T\nlogsource: &l {product: aws, service: cloudtrail}\ndetection: {sel: *l, condition: [sel, not sel]}\n")
	e := event(f, "e", 0, record)
	f.Fuzz(func(t *testing.T, text string) {
		p, err := LoadWith(fstest.MapFS{"r.yml": {Data: []byte(text)}}, ".", nil)
		if p == nil {
			t.Fatal(err)
		}
		for _, r := range p.Refused {
			if r.Path != "r.yml" || r.Line < 1 || r.Reason == "" {
				t.Errorf("a refusal that tells nothing: %+v", r)
			}
		}
		if _, err := p.Run(context.Background(), seq(e, e)); err != nil {
			t.Error(err)
		}
	})
}

// FuzzCondition: what parses can be evaluated, and its negation is its complement.
func FuzzCondition(f *testing.F) {
	for _, s := range []string{"a and not (b or 1 of sel_*)", "all of them", "((a))", "a | count() > 5", "not not not a", "1 of"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		e, err := condition(s, known())
		if err != nil {
			return
		}
		n, err := condition("not ("+s+")", known())
		if err == nil && e.eval(nil) == n.eval(nil) {
			t.Errorf("%q is not the complement of its negation", s)
		}
	})
}
