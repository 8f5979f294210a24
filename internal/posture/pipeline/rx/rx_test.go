package rx

import (
	"fmt"
	"regexp"
	"slices"
	"strings"
	"testing"

	"pgregory.net/rapid"
)

func TestAccept(t *testing.T) {
	for _, c := range []struct {
		pattern string
		finite  bool
		count   string
		witness string
	}{
		{`^(12345678|87654321|11223344)$`, true, "3", ""},
		{`^12345678$|^87654321$`, true, "2", ""},
		{`\b12345678\b`, true, "1", ""},
		{`(?i)^12345678$`, true, "1", ""},
		{`^12345678\s*$`, true, "1", ""},
		{`12345678`, false, "20", "112345678"},
		{`^12345678`, false, "11", "123456780"},
		{`12345678$`, false, "10", "112345678"},
		{`^12345678|87654321$`, false, "21", "123456780"},
		{`^123$|`, false, "999999999", "1"},
		{`^.*$`, false, "999999999", "1"},
		{``, false, "999999999", "1"},
		{`^\d+$`, false, "999999999", "1"},
		{`^1234567\d*$`, false, "111", "1234567"},
		{`^1234567\d$`, true, "10", ""},
		{`^(123|456)$|755743`, false, "4002", "1755743"},
		{`^0123$`, true, "0", ""},
		{`^(7557[0-9]{2})$`, true, "100", ""},
		{`(?m)^123$`, true, "1", ""},
		{`^[1-9][0-9]{5}$`, true, "900000", ""},
	} {
		a, err := Accept(Numbers, []Term{{Pattern: c.pattern}})
		if err != nil {
			t.Errorf("%q: %v", c.pattern, err)
			continue
		}
		if a.Finite != c.finite || a.Count.String() != c.count || a.Witness != c.witness {
			t.Errorf("%q: finite %v, %s ids, witness %q; want %v, %s, %q", c.pattern, a.Finite, a.Count, a.Witness, c.finite, c.count, c.witness)
		}
	}
}

func TestUnanalysable(t *testing.T) {
	for _, p := range []string{
		`^(?!123)\d+$`, `^(?<=1)2$`, `(1)\1`, `^1++$`, `^[0-9&&[12]]$`, `^[1[23]]$`, `^[]1]$`, `\p{javaDigit}`, `^1\Z`, `(`, `*`,
		strings.Repeat("a", 10<<20), `[01]*1[01]{20}$`, `((((1{100}){100}){100}){100})`, strings.Repeat("(", 3000),
		strings.Repeat("(a?){50}", 400),
	} {
		if _, err := Accept(Numbers, []Term{{Pattern: p}}); err == nil || Reason(err) == "" {
			t.Errorf("%.40q was analysed: %v", p, err)
		}
		if _, _, err := Anchored(p, true); err == nil && !strings.HasPrefix(p, "[01]") && !strings.HasPrefix(p, "(a?") {
			t.Errorf("%.40q was analysed as a ref", p)
		}
	}
}

func TestAnchored(t *testing.T) {
	for pattern, want := range map[string]bool{
		`refs/heads/main`:                        false,
		`^refs/heads/main$`:                      true,
		`^refs/heads/main`:                       false,
		`master`:                                 false,
		`^refs/heads/.*`:                         true, // what follows is spelled too
		`.*`:                                     true,
		`^refs/tags/v\d+$`:                       true,
		`^refs/tags/\pL+$`:                       true,
		`(?i)^refs/heads/k$`:                     true,
		`^refs/heads/(main|develop|release/.*)$`: true,
		`^refs/heads/main$|refs/tags/v.*`:        false,
	} {
		ok, witness, err := Anchored(pattern, true)
		if err != nil || ok != want {
			t.Errorf("%q: anchored %v (%q, %v), want %v", pattern, ok, witness, err, want)
		}
		if !ok && (!regexp.MustCompile(pattern).MatchString(witness) || regexp.MustCompile(`\A(?:`+pattern+`)\z`).MatchString(witness)) {
			t.Errorf("%q: %q is no witness", pattern, witness)
		}
	}
}

func TestExcludesAndConjunctions(t *testing.T) {
	a, err := Accept(Numbers, []Term{{Pattern: `^(1|2|3)$`}, {Pattern: `^(2|3|4)$`}, {Pattern: `3`, Exclude: true}})
	if err != nil || !slices.Equal(a.List, []string{"2"}) {
		t.Errorf("got %v, %v; want 2 alone", a.List, err)
	}
	a, err = Accept(Numbers, []Term{{Pattern: `^666$`, Exclude: true}})
	if err != nil || a.Finite || a.Witness != "1" {
		t.Errorf("a deny-list lets everybody through but one: %+v, %v", a, err)
	}
	a, err = Accept(UUIDs, []Term{{Pattern: `^\{0a1b2c3d-0000-0000-0000-000000000001\}$`}})
	if err != nil || len(a.List) != 1 {
		t.Errorf("a Bitbucket id: %+v, %v", a, err)
	}
}

// genPattern draws patterns over few digits, so that short ids tell them apart.
func genPattern() *rapid.Generator[string] {
	return rapid.Custom(func(t *rapid.T) string {
		var gen func(depth int) string
		gen = func(depth int) string {
			if depth == 0 {
				return rapid.SampledFrom([]string{"1", "2", "12", "0", `\d`, ".", "[12]", "[^1]", "^", "$", `\b`, ""}).Draw(t, "atom")
			}
			a, b := gen(depth-1), gen(depth-1)
			return rapid.SampledFrom([]string{a + b, a + "|" + b, "(" + a + ")*" + b, "(" + a + ")?" + b, "^(" + a + "|" + b + ")$", "(?:" + a + "){1,2}"}).Draw(t, "op")
		}
		return gen(rapid.IntRange(0, 3).Draw(t, "depth"))
	})
}

// TestAgainstBruteForce compares the automaton with the regexp package over every
// id of up to four digits.
func TestAgainstBruteForce(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		text := genPattern().Draw(t, "pattern")
		exclude := rapid.Bool().Draw(t, "exclude")
		re, err := regexp.Compile(text)
		if err != nil {
			t.Skip()
		}
		a, err := Accept(Numbers, []Term{{Pattern: text, Exclude: exclude}})
		if err != nil {
			t.Fatalf("%q: %v", text, err)
		}
		var brute []string
		for id := 1; id < 10000; id++ {
			if s := fmt.Sprint(id); re.MatchString(s) != exclude {
				brute = append(brute, s)
			}
		}
		if a.Finite && len(a.List) > 0 {
			short := slices.DeleteFunc(slices.Clone(a.List), func(s string) bool { return len(s) > 4 })
			if !slices.Equal(short, brute) {
				t.Fatalf("%q: list %v, brute force %v", text, short, brute)
			}
		}
		if a.Finite && a.Count.Sign() == 0 && len(brute) > 0 {
			t.Fatalf("%q: nobody passes, but %s does", text, brute[0])
		}
		if a.Witness != "" && re.MatchString(a.Witness) == exclude {
			t.Fatalf("%q: the witness %s does not pass", text, a.Witness)
		}
		if !a.Finite && a.Witness == "" && len(a.Spelled) == 0 {
			t.Fatalf("%q: infinite and no witness", text)
		}
	})
}

func FuzzAccept(f *testing.F) {
	for _, s := range []string{`^(1|2)$`, `1|2`, `^(?!1)`, `[a&&b]`, `\Q1`, `x{1000}`, `(?i)ſ`} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		a, err := Accept(Numbers, []Term{{Pattern: s}})
		if err == nil && a.Witness != "" && !regexp.MustCompile(s).MatchString(a.Witness) {
			t.Fatalf("%q: the witness %s does not pass", s, a.Witness)
		}
		Anchored(s, true)
	})
}
