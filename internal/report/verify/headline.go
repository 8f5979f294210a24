package verify

import (
	"regexp"
	"strconv"
	"strings"

	"github.com/trailhound/trailhound/internal/claim"
	"github.com/trailhound/trailhound/internal/evidence"
	"github.com/trailhound/trailhound/internal/ledger"
)

// headline: its typed tokens (keys, addresses, ARNs, times) must stand somewhere in
// the report that is itself checked, or in what was asked. It is a summary, so no
// single event bears it; but it is the one sentence everybody reads, so a key or a
// time that the report establishes nowhere must not stand in it.
func (c *check) headline() {
	r := c.r
	c.waysBack()
	tokens := claim.Tokens(r.Verdict.Headline)
	if len(tokens) == 0 {
		return
	}
	var known []evidence.Event // what TokensAgree may find the tokens in
	text := []string{r.Case.Text, r.Scope.Window.From, r.Scope.Window.To}
	times := []string{r.Scope.Window.From, r.Scope.Window.To}
	for _, s := range r.Scope.Seeds {
		text = append(text, s.Value)
	}
	text = append(text, r.Scope.Accounts...)
	for _, x := range r.Credentials {
		text = append(text, x.ID, x.Principal, x.PrincipalID)
		text = append(append(text, x.Networks...), x.Hostile...)
		times = append(times, x.FirstSeen, x.LastSeen, x.ExpiresAt)
	}
	for _, p := range r.Principals {
		text = append(text, p.ARN, p.UniqueID)
	}
	for _, f := range r.Findings {
		times = append(times, f.First, f.Last)
		text = append(text, f.Resources...)
	}
	for _, a := range r.AffectedResources {
		text = append(text, a.ID)
	}
	for _, cl := range r.Claims {
		text = append(text, cl.Text)
	}
	// All events that the report names, in any order: TokensAgree asks whether one
	// of them has a time, not which.
	for _, facts := range c.events {
		for _, f := range facts {
			known = append(known, evidence.Event{Time: f.time})
		}
	}
	for _, s := range times {
		if t := evidence.ParseTime(s); !t.IsZero() {
			known = append(known, evidence.Event{Time: t})
		}
	}
	// One pretended event says everything that the report establishes elsewhere.
	known = append(known, evidence.Event{Resources: text})
	if err := claim.TokensAgree(r.Verdict.Headline, known...); err != nil {
		c.problem("/verdict/headline", "", "%s", strings.Replace(err.Error(), "the sentence", "the headline", 1))
	}
}

// stillOpen is how a headline ends that counts what was left: what the rows mean, and
// how it says so.
var stillOpen = []struct {
	means, what string
	re          *regexp.Regexp
}{
	{ledger.WayBack, "ways back", regexp.MustCompile(`(\d+|One) ways? back in (?:is|are) still open`)},
	{ledger.OpenBefore, "ways in that were open before", regexp.MustCompile(`(\d+|One) ways? in that (?:was|were) open before still`)},
	{ledger.Exposed, "things open to others", regexp.MustCompile(`(\d+|One) things? still stands? open to others`)},
	{ledger.LeftBehind, "things left behind", regexp.MustCompile(`(\d+|One) things? left behind go(?:es)? on by`)},
}

// Of what is not known, and of what nobody is held to have made, there is one sort each.
var (
	stateUnknown = regexp.MustCompile(`Of (\d+|one) things? more that (?:was|were) left the state is not known`)
	nobodys      = regexp.MustCompile(`(\d+|One) things? that could be put down to nobody (?:is|are) open`)
)

// waysBack: the headline counts what the report lists as live, each sort by its word, so
// that none can be dropped from the list, or from the one sentence that everybody reads.
func (c *check) waysBack() {
	c.counts(nobodys, len(c.r.Doubtful), "things that nobody made")
	unknown := 0
	for _, p := range c.r.Persistence {
		if p.Status == ledger.Unknown {
			unknown++
		}
	}
	c.counts(stateUnknown, unknown, "things of unknown state")
	for _, s := range stillOpen {
		live := 0
		for _, p := range c.r.Persistence {
			if p.Status == ledger.Live && (p.Meaning() == s.means || p.Means == "" && s.means == ledger.WayBack) {
				live++ // a report of before counts all as ways back
			}
		}
		c.counts(s.re, live, s.what)
	}
}

// counts holds a number that the headline may name against the rows of the report.
func (c *check) counts(re *regexp.Regexp, rows int, what string) {
	m := re.FindStringSubmatch(c.r.Verdict.Headline)
	// A headline need not count. What it counts must be right.
	if m == nil {
		return
	}
	if said := strings.Replace(strings.ToLower(m[1]), "one", "1", 1); said != strconv.Itoa(rows) {
		c.problem("/verdict/headline", "", "the headline counts %s %s, and the report lists %d", said, what, rows)
	}
}
