package policy

import (
	"strings"
	"testing"

	"pgregory.net/rapid"
)

// texts up to a length over two letters, one more than any pattern names: what
// a wildcard may stand for.
func words(n int) []string {
	out, last := []string{""}, []string{""}
	for range n {
		var next []string
		for _, w := range last {
			for _, r := range "abz" {
				next = append(next, w+string(r))
			}
		}
		out, last = append(out, next...), next
	}
	return out
}

// slow is the definition of a pattern, by recursion.
func slow(p, s string) bool {
	switch {
	case p == "":
		return s == ""
	case p[0] == '*':
		return slow(p[1:], s) || s != "" && slow(p, s[1:])
	case s == "":
		return false
	case p[0] == '?' || p[0] == s[0]:
		return slow(p[1:], s[1:])
	}
	return false
}

func TestGlobAgainstItsDefinition(t *testing.T) {
	all := words(5)
	pattern := rapid.StringMatching(`[ab*?]{0,5}`)
	rapid.Check(t, func(t *rapid.T) {
		p, q := pattern.Draw(t, "p"), pattern.Draw(t, "q")
		g, h := NewGlob(p), NewGlob(q)
		meets, covers := false, true
		for _, w := range all {
			a, b := slow(p, w), slow(q, w)
			if g.Match(w) != a {
				t.Fatalf("%q matches %q: %v, want %v", p, w, !a, a)
			}
			meets, covers = meets || a && b, covers && (a || !b)
		}
		if meets && !g.Meets(h) {
			t.Fatalf("%q and %q meet", p, q)
		}
		// A common text of two patterns is no longer than both together.
		if !meets && len(p)+len(q) <= 5 && g.Meets(h) {
			t.Fatalf("%q and %q do not meet", p, q)
		}
		if !covers && g.Covers(h) {
			t.Fatalf("%q does not cover %q", p, q)
		}
		if g.Meets(h) != h.Meets(g) {
			t.Fatalf("%q and %q: meeting is mutual", p, q)
		}
	})
}

func TestGlobCovers(t *testing.T) {
	for _, c := range []struct {
		wide, narrow string
		want         Truth
	}{
		{"*", "*", Yes}, {"*", "s3:*", Yes}, {"s3:*", "*", Unknown}, {"s3:*", "s3:Get*", Yes}, {"s3:Get*", "s3:*", Unknown},
		{"s3:*", "ec2:*", No}, {"*?", "?*", Yes}, {"?*", "*?", Yes}, {"**", "*", Yes}, {"a*b", "a*", Unknown}, {"", "*", Unknown},
	} {
		if got := NewGlob(c.wide).Compare(NewGlob(c.narrow)); got != c.want {
			t.Errorf("%q for %q: %s, want %s", c.wide, c.narrow, got, c.want)
		}
	}
}

func FuzzGlob(f *testing.F) {
	f.Add("s3:*", "s3:GetObject")
	f.Add("a*b?c*", "aabbcc")
	f.Add(strings.Repeat("*a", 50), strings.Repeat("a", 200)+"b")
	f.Fuzz(func(t *testing.T, pattern, text string) {
		if len(pattern)+len(text) > 4096 {
			return
		}
		g, lit := NewGlob(pattern), literal(text)
		if g.Match(text) != g.Covers(lit) || g.Match(text) != g.Meets(lit) {
			t.Fatalf("%q and %q: matching, covering and meeting a text are one", pattern, text)
		}
		if h := NewGlob(text); g.Covers(h) && !g.Meets(h) {
			t.Fatalf("%q covers %q and does not meet it", pattern, text)
		}
	})
}

func FuzzParse(f *testing.F) {
	f.Add(`{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":"s3:*","Resource":"*"}]}`, "s3:GetObject")
	f.Add(`%7B%22Statement%22%3A%7B%22Effect%22%3A%22Deny%22%2C%22NotAction%22%3A%22a%22%7D%7D`, "*")
	f.Add(`{"Statement":{"Effect":"Allow","Action":"*","NotPrincipal":{"AWS":"*"},"Condition":{"ForAnyValue:NumericLessThanIfExists":{"a":1e9}}}}`, "x")
	f.Add(`"{\"Statement\":[]}"`, "")
	f.Fuzz(func(t *testing.T, doc, action string) {
		if len(doc) > 1<<16 || len(action) > 256 {
			return
		}
		d, err := Parse([]byte(doc))
		if (d == nil) == (err == nil) {
			t.Fatal("a document or an error, and not both")
		}
		if err != nil {
			return
		}
		ctx := Context{}
		ctx.Set("a", "${b}", "1")
		r := NewRequest(Caller{Kind: User, ARN: "arn:aws:iam::111122223333:user/u", Account: "111122223333"}, action, "arn:aws:s3:::b/k", ctx)
		for i := range d.Statements {
			s := &d.Statements[i]
			if a := s.Match(r); (a.Truth == Unknown) != (a.Why != "") {
				t.Fatalf("%s with reason %q", a.Truth, a.Why)
			}
			s.MatchFor(r)
		}
	})
}
