package investigation

import (
	"context"
	"fmt"
	"slices"
	"strings"

	"github.com/trailhound/trailhound/internal/attribution"
	"github.com/trailhound/trailhound/internal/evidence"
	"github.com/trailhound/trailhound/internal/intake"
)

// reply is what the evidence says to a question of who did something.
type reply struct {
	ask   intake.Ask
	calls []evidence.Event
}

// maxReplies is how many calls are told of one question.
const maxReplies = 5

// asks looks up who did what the case asks about ("who added eve to group admins"). Who
// made those calls is examined, and nothing is held against them for being asked about.
func (in *inquiry) asks(ctx context.Context) error {
	in.replies = nil
	for _, a := range in.reading.Asks {
		r := reply{ask: a}
		named, known := map[string][]string{}, map[string]bool{} // event → words of the question that it names
		sources, names := a.Where()
		var found []evidence.Event
		// Resources are matched by their last part, without case: people write "eve" for an ARN.
		err := in.each(ctx, true, evidence.Query{Sources: sources, Names: names}, func(e *evidence.Event) {
			if !slices.Contains(a.Calls, e.Action()) {
				return
			}
			for _, w := range a.Words {
				if slices.ContainsFunc(e.Resources, func(res string) bool { return strings.EqualFold(lastPart(res), lastPart(w)) }) {
					named[e.ID] = append(named[e.ID], w)
					known[w] = true
				}
			}
			if len(named[e.ID]) > 0 {
				found = append(found, *e)
			}
		})
		if err != nil {
			return err
		}
		for _, p := range in.pass.everybody() {
			for _, w := range a.Words {
				if w == p.Identity.UserName || w == p.Identity.IssuerName {
					known[w] = true
				}
			}
		}
		if len(known) == 0 {
			continue // it names nothing that is here
		}
		for _, e := range found { // to give rights to another is no answer
			if len(named[e.ID]) == len(known) {
				r.calls = append(r.calls, e)
			}
		}
		makers := map[string]bool{}
		for i := range r.calls {
			makers[r.calls[i].Identity.Person()] = true
		}
		// Where more did so, the question names nobody: they are told, and not examined.
		if len(makers) <= maxDoers {
			for _, p := range keys(makers) {
				if p != "" && !slices.Contains(in.input.Examine, p) && !slices.Contains(in.input.Principals, p) {
					in.input.Examine = append(in.input.Examine, p)
				}
			}
		}
		in.replies = append(in.replies, r)
	}
	return nil
}

// answer tells what was found for each question.
func (in *inquiry) answer() {
	for _, r := range in.replies {
		text := fmt.Sprintf("The case asks %q.", r.ask.Text)
		if len(r.calls) == 0 {
			in.res.Open = append(in.res.Open, text+" No call that does that is in the evidence: it was done before, or where nothing was recorded.")
			continue
		}
		for i := range first(r.calls, maxReplies) {
			e := &r.calls[i]
			text += fmt.Sprintf(" That was %s (event %s)%s.", in.act(e, in.g.CredentialOf(e)), e.ID, heldToBe(in.at.Actor(e.ID)))
		}
		if n := len(r.calls) - maxReplies; n > 0 {
			text += fmt.Sprintf(" There are %d more such calls.", n)
		}
		in.res.Open = append(in.res.Open, text)
	}
}

// heldToBe says in words whose a call was judged to be, as far as it was.
func heldToBe(a attribution.Actor) string {
	switch a {
	case attribution.Intruder:
		return ", the intruder"
	case attribution.LikelyIntruder:
		return ", likely the intruder"
	case attribution.Owner, attribution.Service, attribution.Responder:
		return ", at their usual work or as was stated"
	case attribution.Undetermined:
		return ", and nothing tells whose hands those were"
	}
	return ""
}
