package investigation

import (
	"cmp"
	"fmt"
	"slices"
	"strings"

	"github.com/trailhound/trailhound/internal/attribution"
	"github.com/trailhound/trailhound/internal/claim"
	"github.com/trailhound/trailhound/internal/evidence"
	"github.com/trailhound/trailhound/internal/ledger"
)

// incident words the verdict of an established intrusion.
// Severity is that of the gravest finding of which something succeeded, medium at least;
// confidence is high where one call is certain.
func (in *inquiry) incident(certain bool) {
	v := &in.res.Verdict
	v.Severity, v.Confidence = "medium", "medium"
	for _, f := range in.res.Findings {
		if f.Outcome != "attempted" && evidence.SeverityRank(f.Severity) > evidence.SeverityRank(v.Severity) {
			v.Severity = f.Severity
		}
	}
	if certain {
		v.Confidence = "high"
	}
	in.headline(certain)
	v.Claims = append(v.Claims, in.account()...)
	v.Claims = append(v.Claims, in.contradicted...)
	if s := in.unexplained(); s != nil {
		v.Headline += s.beside()
	}
	v.Headline += in.stillThere()
}

// stillThere counts what is live of what was left, each sort by its own word: what
// lets somebody in, what of the owner's stands open, and what goes on by itself.
func (in *inquiry) stillThere() string {
	n := map[string]int{}
	for _, p := range in.res.Persistence {
		if p.Status == ledger.Live {
			n[p.Means]++
		}
	}
	text := ""
	for _, w := range []struct{ means, one, many string }{
		{ledger.WayBack, "One way back in is still open.", "%d ways back in are still open."},
		{ledger.OpenBefore, "One way in that was open before still is.", "%d ways in that were open before still are."},
		{ledger.Exposed, "One thing still stands open to others.", "%d things still stand open to others."},
		{ledger.LeftBehind, "One thing left behind goes on by itself.", "%d things left behind go on by themselves."},
	} {
		text += oneOrMore(n[w.means], " "+w.one, " "+w.many)
	}
	unknown := 0
	for _, p := range in.res.Persistence {
		if p.Status == ledger.Unknown {
			unknown++
		}
	}
	return text + oneOrMore(unknown, " Of one thing more that was left the state is not known.", " Of %d things more that were left the state is not known.") +
		oneOrMore(len(in.res.Doubtful), " One thing that could be put down to nobody is open beside that.", " %d things that could be put down to nobody are open beside that.")
}

// oneOrMore is a sentence about one or about several, and none about nothing.
func oneOrMore(n int, one, many string) string {
	switch n {
	case 0:
		return ""
	case 1:
		return one
	}
	return fmt.Sprintf(many, n)
}

// headline is the first sentence of an intrusion, and a claim like any other: how
// many calls, as whom, when, and whose credential it is about.
func (in *inquiry) headline(certain bool) {
	v := &in.res.Verdict
	var first, last, firstKey *evidence.Event
	n := 0
	// By the rows' credential for the count, and by the key of the record for who: a sign-in has
	// the former only.
	count, used, people := map[string]int{}, map[string]bool{}, map[string]bool{}
	for i, r := range in.at.Rows {
		if !r.Actor.Hostile() || in.again(i) {
			continue
		}
		e := &in.at.Events[i]
		if first == nil {
			first = e
		}
		last = e
		n++
		people[in.hand(e)] = true
		if r.Credential != "" {
			count[r.Credential]++
		}
		if key := e.Identity.AccessKey; key != "" {
			used[key] = true
			if firstKey == nil {
				firstKey = e
			}
		}
	}
	main := in.mainCredential(count)
	who := "An intruder"
	if !certain {
		who = "A likely intruder"
	}
	// Of all calls, where no credential can stand for them: the claim counts by actor alone.
	text := fmt.Sprintf("%s made %d %s %s.", who, n, plural("calls", int64(n)), span(first.Time, last.Time))
	filter := claim.Filter{"actor": hostileActors}
	cited := []string{first.ID, last.ID}
	switch node := in.g.Node(main); {
	case main == "" || node == nil:
	case len(used) > 1 && used[main] || count[main] < n: // the sentence that everybody reads counts all of it
		how := "among them"
		if firstKey != nil && firstKey.Identity.AccessKey == main {
			how = "beginning with"
		}
		// Keys are not counted: services call on with fresh ones of their own.
		as := fmt.Sprintf("as %d principals", len(people))
		if len(people) == 1 {
			as = "as " + called(cmp.Or(firstKey, first))
		}
		text = fmt.Sprintf("%s made %d %s %s %s, %s %s of %s.", who, n, plural("calls", int64(n)), as, span(first.Time, last.Time), how, main, holderName(node))
		cited = append(cited, in.at.Events[in.firstRow(main)].ID)
	// One key, or calls without one: counted by the credential, so that the sentence and its
	// predicate mean the same calls.
	default:
		first, last, n = &in.at.Events[in.firstRow(main)], &in.at.Events[in.lastRow(main)], count[main]
		text = fmt.Sprintf("%s used %s of %s in %d %s %s.", who, main, holderName(node), n, plural("calls", int64(n)), span(first.Time, last.Time))
		filter["credential"], cited = main, []string{first.ID, last.ID}
	}
	v.Headline = text
	v.Claims = append(v.Claims, in.claims.add(text, claim.Predicate{Op: "count", Filter: filter, Value: n}, cite(slices.Compact(cited)...), "A"))
}

// maxAccount bounds the account of the verdict: what fits into one look.
const maxAccount = 8

// account tells the gravest of what succeeded, a sentence a finding, in the order
// in which it happened.
// Attempts are left out: the box of a verdict is for what was done.
func (in *inquiry) account() []string {
	var told []Finding
	for _, f := range in.res.Findings { // gravest first
		if len(told) < maxAccount && evidence.SeverityRank(f.Severity) >= 3 && f.Outcome != "attempted" && len(f.Claims) > 0 {
			told = append(told, f)
		}
	}
	slices.SortStableFunc(told, func(a, b Finding) int { return cmp.Compare(a.First, b.First) })
	var out []string
	for _, f := range told {
		id := f.Claims[0]
		succeeded := func(id string) bool { return in.claims.says(id).Equals["outcome"] == string(evidence.Success) }
		if i := slices.IndexFunc(f.Claims, succeeded); i > 0 { // of a finding that was tried first
			id = f.Claims[i]
		}
		if last := f.Claims[len(f.Claims)-1]; in.claims.says(last).Op == "count" {
			id = last // of many calls alike their number says more than the first
		}
		if !slices.Contains(out, id) {
			out = append(out, id)
		}
	}
	return out
}

// mainCredential is the one the headline speaks of: the one that the case
// names, else one of whom it asks about, else the one that it began with.
func (in *inquiry) mainCredential(count map[string]int) string {
	for _, c := range in.input.Credentials {
		if count[c] > 0 {
			return c
		}
	}
	// A case that asks of somebody wants to hear of them first, not of whoever came before.
	suspects := in.suspects()
	for i, r := range in.at.Rows {
		if r.Actor.Hostile() && count[r.Credential] > 0 && strings.HasPrefix(r.Credential, "A") && slices.Contains(suspects, in.at.Events[i].Identity.Person()) && !strings.Contains(r.Credential, "/") {
			return r.Credential
		}
	}
	for _, r := range in.at.Rows { // where it began says more than where most was done
		if n := r.Credential; r.Actor.Hostile() && strings.HasPrefix(n, "A") && !strings.Contains(n, "/") {
			return n
		}
	}
	return ""
}

// firstRow is the first hostile row of a credential; -1 if there is none.
func (in *inquiry) firstRow(cred string) int {
	return slices.IndexFunc(in.at.Rows, func(r attribution.Row) bool { return r.Actor.Hostile() && r.Credential == cred })
}

// lastRow is the last one.
func (in *inquiry) lastRow(cred string) int {
	for i := len(in.at.Rows) - 1; i >= 0; i-- {
		if r := in.at.Rows[i]; r.Actor.Hostile() && r.Credential == cred {
			return i
		}
	}
	return -1
}
