package investigation

import (
	"context"
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/trailhound/trailhound/internal/attribution"
	"github.com/trailhound/trailhound/internal/claim"
	"github.com/trailhound/trailhound/internal/detection"
	"github.com/trailhound/trailhound/internal/evidence"
	"github.com/trailhound/trailhound/internal/lineage"
)

// claimBook collects the factual sentences of a report, each with what a
// program must find true for it to stand.
// Ids are given in order of first mention, so that they do not vary between runs.
type claimBook struct {
	list   []claim.Claim
	byText map[string]string
	struck []claim.Struck
}

// add returns the id of the sentence; the same sentence is made once.
// The text is the key: the same sentence rests on the same facts, since all that varies in it
// comes from them.
func (b *claimBook) add(text string, p claim.Predicate, evidence []string, grade string) string {
	if id, ok := b.byText[text]; ok {
		return id
	}
	if b.byText == nil {
		b.byText = map[string]string{}
	}
	id := fmt.Sprintf("C%d", len(b.list)+1)
	b.byText[text] = id
	b.list = append(b.list, claim.Claim{ID: id, Text: text, Predicate: p, Evidence: evidence, Grade: grade})
	return id
}

// says is what a claim of the book says, as a predicate; that of no claim says nothing.
func (b *claimBook) says(id string) claim.Predicate {
	i := slices.IndexFunc(b.list, func(c claim.Claim) bool { return c.ID == id })
	if i < 0 {
		return claim.Predicate{}
	}
	return b.list[i].Predicate
}

// check re-runs every predicate against the store. What does not hold is
// struck, and every mention of it goes with it.
func (in *inquiry) check(ctx context.Context) error {
	// The same world that trailhound verify builds from the evidence alone: what passes here
	// passes there.
	w := in.world()
	results, err := w.CheckAll(ctx, in.claims.list)
	if err != nil {
		return fmt.Errorf("check the claims: %w", err)
	}
	failed := map[string]bool{}
	why := map[string]error{}
	for _, r := range results {
		if r.Err != nil {
			failed[r.ID], why[r.ID] = true, r.Err
		}
	}
	kept := []claim.Claim{}
	for _, c := range in.claims.list {
		if failed[c.ID] {
			in.claims.struck = append(in.claims.struck, claim.Struck{Text: c.Text, Reason: why[c.ID].Error(), By: "template"})
			continue
		}
		c.Verified = true
		kept = append(kept, c)
	}
	in.claims.list = kept
	in.unmention(failed)
	return nil
}

// unmention takes from every section what rested on a struck claim. The lists hold ids, rows
// of impact hold the sentences themselves.
func (in *inquiry) unmention(failed map[string]bool) {
	drop := func(ids []string) []string {
		return slices.DeleteFunc(ids, func(id string) bool { return failed[id] })
	}
	r := in.res
	r.Verdict.Claims = drop(r.Verdict.Claims)
	for i := range r.Findings {
		r.Findings[i].Claims = drop(r.Findings[i].Claims)
	}
	for i := range r.Principals {
		r.Principals[i].Claims = drop(r.Principals[i].Claims)
	}
	for i := range r.Doubtful {
		r.Doubtful[i].Claims = drop(r.Doubtful[i].Claims)
	}
	for i := range r.Recovery {
		r.Recovery[i].Claims = drop(r.Recovery[i].Claims)
	}
	for i := range r.Indicators {
		r.Indicators[i].Claims = drop(r.Indicators[i].Claims)
	}
	r.Indicators = slices.DeleteFunc(r.Indicators, func(x Indicator) bool { return len(x.Claims) == 0 })
	// A row of impact may say several sentences, each a claim: the later ones can go without the
	// first, wherever they stand, and the whole row goes with the first.
	for _, s := range in.claims.struck {
		for i := range r.Impact {
			r.Impact[i].Text = strings.Replace(r.Impact[i].Text, " "+s.Text, "", 1)
		}
		r.Impact = slices.DeleteFunc(r.Impact, func(i Impact) bool { return i.Text == s.Text || strings.HasPrefix(i.Text, s.Text+" ") })
	}
}

// world is what claims about this evidence are checked against, here and by
// `trailhound verify`: the events, the lineage rebuilt from them, the coverage
// counted from them, and the attribution of the report in question.
func (in *inquiry) world() *claim.World {
	actors := map[string]string{}
	for _, row := range in.at.Rows {
		actors[row.Event] = string(in.at.Actor(row.Event))
	}
	return &claim.World{Events: in.q, Links: in.g, Coverage: in.pass.covered, Answers: in.answerTexts(), Actors: actors, Observed: observer(in.q)}
}

// answerTexts are the answers as given, for claims that quote one.
func (in *inquiry) answerTexts() map[string]string {
	out := map[string]string{}
	for id, a := range in.o.Answers {
		out[id] = a.Text
	}
	return out
}

// by names who made an event, the way sentences of a report do.
func by(e *evidence.Event) string {
	id, who := e.Identity, e.Identity.Called()
	if id.AccessKey != "" {
		who += " (" + id.AccessKey + ")"
	}
	return who
}

// upperFirst begins a sentence with words that may stand in the middle of one.
func upperFirst(s string) string {
	if s == "" {
		return s
	}
	return strings.ToUpper(s[:1]) + s[1:]
}

// happened is the sentence about one event: what it was about, and what it was for, where
// these are known.
func happened(e *evidence.Event, target, purpose string) string {
	var b strings.Builder
	fmt.Fprintf(&b, "At %s %s called %s", stamp(e.Time), by(e), e.Action())
	if target != "" {
		fmt.Fprintf(&b, " on `%s`", target)
	}
	if from := quoteSource(e); from != "" {
		b.WriteString(" from " + from)
	}
	if purpose != "" {
		b.WriteString(" to " + purpose)
	}
	if e.Outcome() == evidence.Failure {
		if claim.Quotable(e.ErrorCode) {
			fmt.Fprintf(&b, "; the call failed with `%s`.", e.ErrorCode)
		} else {
			b.WriteString("; the call failed.")
		}
	} else {
		b.WriteString("; the call succeeded.")
	}
	return b.String()
}

// quoteSource is from where a call came, in quotes where it is no address; "" where none is told,
// or what is told cannot be quoted: a forged record could else speak in our words.
func quoteSource(e *evidence.Event) string {
	switch {
	case evidence.IsAddress(e.SourceIP):
		return e.SourceIP
	case claim.Quotable(e.SourceIP):
		return "`" + e.SourceIP + "`"
	}
	return ""
}

// eventClaim adds the sentence about one event, with its predicate.
// The predicate names all that the sentence says, so that a program can tell each word false:
// who, what, when, from where, and how it ended. The target is named only where the record
// itself does, in the words of the record.
func (in *inquiry) eventClaim(s *detection.Subject, target string) string {
	e := s.Event
	equals := map[string]any{"action": e.Action(), "time": stamp(e.Time), "outcome": string(e.Outcome())}
	set := func(k, v string) {
		if v != "" {
			equals[k] = v
		}
	}
	set("credential", e.Identity.AccessKey)
	set("principal_id", e.Identity.PrincipalID)
	set("source_ip", e.SourceIP)
	set("error_code", e.ErrorCode)
	if !claim.Quotable(target) || !namedIn(s, target) {
		target = s.Record.Str(aboutPath(s)) // the call's own parameter, where the ledger's id is put together
		if !claim.Quotable(target) || !namedIn(s, target) {
			target = ""
		}
	}
	purpose, told := in.o.Content.Wording.Of(e.Action(), s.Record)
	if maps.Copy(equals, told); len(told) > 0 {
		target = "" // the purpose names it
	}
	return in.claims.add(happened(e, target, purpose), claim.Predicate{Op: "event", Event: e.ID, Equals: equals}, []string{e.CitedAs()}, in.grade(e.ID))
}

// aboutPath is the first parameter that names what a call is about.
func aboutPath(s *detection.Subject) string {
	for _, name := range []string{"userName", "roleName", "groupName", "policyArn", "functionName", "bucketName", "secretId", "instanceId", "name"} {
		if s.Record.Str("requestParameters."+name) != "" {
			return "requestParameters." + name
		}
	}
	return ""
}

// namedIn says whether the record itself names the target, so that a sentence
// about the event may.
// A part of a longer name will do for this and not for the claim's own check, which compares
// whole values.
func namedIn(s *detection.Subject, target string) bool {
	return slices.Contains(s.Event.Resources, target) || strings.Contains(string(s.Event.Body), target)
}

// grade is how strongly an event is tied to its actor: A by its own
// credential, B by equal identifiers, C by structure, D by circumstance.
func (in *inquiry) grade(event string) string {
	row, ok := in.rows()[event]
	if !ok {
		return "A"
	}
	// A reason that is no rule of internal/lineage rests on equal identifiers, which is what most
	// rules do.
	rule, linked := strings.CutPrefix(row.Because, "lineage:")
	switch {
	case strings.HasPrefix(rule, "reverse:"):
		return "C"
	case linked:
		r, _ := lineage.RuleByID(rule)
		if row.Actor == attribution.LikelyIntruder && r.Doubted != "" {
			return r.Doubted
		}
		if r.Ties != "" {
			return r.Ties
		}
		return "B"
	case strings.HasPrefix(row.Because, "shared_event:"):
		return "B"
	case strings.HasPrefix(row.Because, "session:"), strings.HasPrefix(row.Because, "issued:"), strings.HasPrefix(row.Because, "principal_id:"):
		return "C"
	case row.Actor == attribution.LikelyIntruder: // the call is shown, whose it is is concluded
		return "C"
	}
	return "A"
}

// cite turns event ids into typed references.
func cite(ids ...string) []string {
	out := make([]string, 0, len(ids))
	for _, id := range ids {
		out = append(out, "event:"+id)
	}
	return out
}

var hostileActors = []any{string(attribution.Intruder), string(attribution.LikelyIntruder)}

// World rebuilds from the evidence alone what a report's claims are checked
// against, by the measures of coverage that the report was made with. Attribution and answers are
// the report's own to bring.
// It must stay the same as world in all but those two, or a report would be struck by one
// program and pass in the other.
func World(ctx context.Context, q evidence.Querier, m attribution.Coverage) (*claim.World, error) {
	p, err := survey(ctx, q, m)
	if err != nil {
		return nil, err
	}
	return &claim.World{Events: q, Links: lineage.ByNeed(ctx, q, p.outline), Coverage: p.covered, Observed: observer(q)}, nil
}
