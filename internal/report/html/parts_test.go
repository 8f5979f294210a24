package html

import (
	"fmt"
	"regexp"
	"strings"
	"testing"
	"unicode/utf8"

	"pgregory.net/rapid"

	"github.com/trailhound/trailhound/internal/investigation"
	"github.com/trailhound/trailhound/internal/lineage"
	"github.com/trailhound/trailhound/internal/report"
	"github.com/trailhound/trailhound/internal/report/outline"
	"github.com/trailhound/trailhound/internal/report/reporttest"
)

// TestProseEscapesEveryPart: prose is the one function that hands the template finished
// markup, so nothing but its own code elements may be markup in it.
func TestProseEscapesEveryPart(t *testing.T) {
	for in, want := range map[string]string{
		"user `bob`":     "user <code>bob</code>",
		"`<b>`":          "<code>&lt;b&gt;</code>",
		"<b> `x` \"&":    "&lt;b&gt; <code>x</code> &#34;&amp;",
		"one ` only <b>": "one ` only &lt;b&gt;",
	} {
		if got := string(prose(in)); got != want {
			t.Errorf("%q: %q, want %q", in, got, want)
		}
	}
	ours := regexp.MustCompile(`</?code>`)
	rapid.Check(t, func(t *rapid.T) {
		s := rapid.OneOf(rapid.String(), rapid.Just(reporttest.Payload), rapid.StringOf(rapid.SampledFrom([]rune("`<>&\"'a")))).Draw(t, "s")
		out := string(prose(s))
		if rest := ours.ReplaceAllString(out, ""); strings.ContainsAny(rest, "<>\"'") {
			t.Fatalf("%q leaves %q", s, rest)
		}
		if strings.Count(out, "<code>") != strings.Count(out, "</code>") {
			t.Fatalf("open element in %q", out)
		}
	})
}

// TestTokenIsOneClass: what a report from elsewhere holds is no more than a word.
func TestTokenIsOneClass(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		s := rapid.String().Draw(t, "s")
		if got := token(s); !regexp.MustCompile(`^[a-z_-]{0,40}$`).MatchString(got) {
			t.Fatalf("%q becomes %q", s, got)
		}
	})
}

// TestLabelsFit: both lines hold no more letters than the gap between two boxes, and the
// tier is always there.
func TestLabelsFit(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		rule, tier := rapid.StringMatching(`[a-z ]{0,60}`).Draw(t, "rule"), " · 5"
		above, below := labels(rule, tier)
		if utf8.RuneCountInString(above) > labelLen || utf8.RuneCountInString(below) > labelLen || !strings.HasSuffix(above+below, tier) {
			t.Fatalf("%q: %q, %q", rule, above, below)
		}
	})
}

// TestGraphOfAnyForest: boxes lie inside the picture and on no other, there is an edge for
// every box that is no root, and every credential is drawn or counted.
func TestGraphOfAnyForest(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		r := new(report.Report)
		for i := range rapid.IntRange(0, 180).Draw(t, "credentials") {
			c := lineage.Credential{ID: fmt.Sprint("c", i), HeldBy: rapid.SampledFrom([]string{"intruder", "owner", "odd"}).Draw(t, "held")}
			if p := rapid.IntRange(-1, i+3).Draw(t, "parent"); p >= 0 {
				c.IssuedBy = &lineage.Issue{Credential: fmt.Sprint("c", p)}
			}
			r.Credentials = append(r.Credentials, c)
		}
		g := draw(outline.New(r).Tree(), map[string]int{})
		drawn, roots := 0, 0
		for i, n := range g.Nodes {
			if !n.Fold {
				drawn++
			}
			if n.X == left(0) {
				roots++
			}
			if n.X < 0 || n.Y < 0 || n.X+n.W > g.Width || n.Y+n.H > g.Height {
				t.Fatalf("%s lies outside", n.ID)
			}
			for _, m := range g.Nodes[:i] {
				if m.X == n.X && m.Y < n.Y+n.H && n.Y < m.Y+m.H {
					t.Fatalf("%s lies on %s", n.ID, m.ID)
				}
			}
		}
		if drawn > maxNodes || drawn+g.Folded != len(r.Credentials) || len(g.Edges) != len(g.Nodes)-roots {
			t.Fatalf("%d drawn, %d folded of %d; %d edges, %d boxes, %d roots", drawn, g.Folded, len(r.Credentials), len(g.Edges), len(g.Nodes), roots)
		}
	})
}

// TestChartCountsEveryAct: whatever times there are, the bars stand side by side inside the
// picture and hold every act whose time can be read.
func TestChartCountsEveryAct(t *testing.T) {
	tip := regexp.MustCompile(`UTC: ([0-9,]+) `)
	rapid.Check(t, func(t *rapid.T) {
		var entries []investigation.Entry
		for range rapid.IntRange(2, 40).Draw(t, "entries") {
			at := fmt.Sprintf("2026-%02d-%02dT%02d:%02d:00Z", rapid.IntRange(1, 12).Draw(t, "month"), rapid.IntRange(1, 28).Draw(t, "day"), rapid.IntRange(0, 23).Draw(t, "hour"), rapid.IntRange(0, 59).Draw(t, "minute"))
			entries = append(entries, investigation.Entry{At: at, Actor: rapid.SampledFrom([]string{"intruder", "undetermined", "owner"}).Draw(t, "actor")})
		}
		c := newChart(entries)
		if c.Width == 0 {
			return // all at one time
		}
		sum := 0
		for _, b := range c.Bars {
			if b.X < 0 || b.X+b.W > c.Width || b.Y < 0 || b.Y+b.H > c.Height {
				t.Fatalf("%+v lies outside", b)
			}
			n := 0
			if _, err := fmt.Sscan(tip.FindStringSubmatch(b.Tip)[1], &n); err != nil {
				t.Fatal(err)
			}
			sum += n
		}
		if sum != len(entries) || len(c.Ticks) == 0 || len(c.Ticks) > maxTicks {
			t.Fatalf("%d acts in the bars of %d, %d ticks", sum, len(entries), len(c.Ticks))
		}
	})
}

func TestAbbreviate(t *testing.T) {
	for n, want := range map[int]string{0: "0", 999: "999", 1000: "1.0k", 9999: "9.9k", 10_000: "10k", 999_999: "999k", 1_000_000: "1M", 2_000_000_000: "1G+"} {
		if got := abbreviate(n); got != want {
			t.Errorf("%d: %s, want %s", n, got, want)
		}
	}
}

// TestEveryCitationIsEmbedded: a record of any event that the report cites is on the page,
// so that a reader can open what a sentence rests on. It goes by the document, so a section
// added later is under it.
func TestEveryCitationIsEmbedded(t *testing.T) {
	r := reporttest.Sample(t, "leaked-ci-key")
	r.Hypotheses[0].SetAside = []string{"set-aside"}
	records := map[string][]byte{"set-aside": []byte(`{}`)}
	for _, a := range r.Attribution {
		records[a.Event] = []byte(`{}`)
	}
	v := newView(r, records)
	for id := range records {
		if v.places[id] <= 0 {
			t.Errorf("the record of %s is not on the page", id)
		}
	}
}
