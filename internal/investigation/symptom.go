package investigation

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/trailhound/trailhound/internal/attribution"
	"github.com/trailhound/trailhound/internal/evidence"
	"github.com/trailhound/trailhound/internal/intake"
)

// symptom is an effect that the case tells of, and what the evidence holds of it.
type symptom struct {
	effect  intake.Effect
	found   int             // calls that may have brought it about
	theirs  int             // of them the intruder's
	ours    int             // of them the owner's, a service's or, by a statement, known to us
	unheard *evidence.Event // the first that nobody was held to account for, nil if none
	own     *evidence.Event // the first change that is the owner's, nil if none
}

// explained says whether the effect was found and is all somebody's own act.
func (s *symptom) explained() bool { return s.ours > 0 && s.unheard == nil }

// employment says whether the effect is that somebody left: "the user was terminated" tells
// of no user that was deleted.
func (in *inquiry) employment(e intake.Effect) bool {
	return e.Object == "user" && !in.input.Terminated.IsZero()
}

// wrongByADay is how far off a stated time may be: people say Monday and mean the night to it.
const wrongByADay = 24 * time.Hour

// symptoms looks for what the case tells of: to say that all is well, or that this is all
// of it, is to have seen the thing that alarmed somebody, and whose act it was.
// It comes late, since it asks whose each call was held to be; what it opens weighs on the
// verdict only.
func (in *inquiry) symptoms(ctx context.Context) error {
	in.signs = nil
	actors, hostile := map[string]attribution.Actor{}, false // by the key of the event
	for i, row := range in.at.Rows {
		actors[in.at.Events[i].Key()] = row.Actor
		hostile = hostile || row.Actor.Hostile()
	}
	for _, e := range in.reading.Effects {
		if e.Supposed || in.employment(e) {
			continue
		}
		if hostile && !slices.Contains(seekable, e.Kind) { // a bill and a download have many causes
			continue
		}
		s, err := in.symptom(ctx, e, actors)
		if err != nil {
			return err
		}
		in.signs = append(in.signs, s)
		if s.theirs > 0 {
			continue // and whatever else is like it stands in the timeline
		}
		if u := s.unheard; u != nil {
			in.res.Open = append(in.res.Open, fmt.Sprintf("Who was %s? It may have brought about what the case tells of (%s), and nobody was held to account for it (event %s).", in.act(u, u.Identity.AccessKey), effectName(e), u.ID))
		}
		if s.found == 0 && !(e.Kind == "cost" && in.boughtBy() != "") {
			in.limit("other", fmt.Sprintf("The case tells of %q (%s). No call that does that%s is in the evidence.", e.Text, effectName(e), whenOf(e)), nil,
				"Whoever did it is not here: another account, region or time, or a class of events that was not recorded. Nothing here can be called the cause, and nothing clears it.")
		}
	}
	return nil
}

// symptom searches the services of the effect's calls, over all principals, in the time
// that the case gives and a day either side.
func (in *inquiry) symptom(ctx context.Context, e intake.Effect, actors map[string]attribution.Actor) (symptom, error) {
	s := symptom{effect: e}
	q := evidence.Query{Sources: e.Sources()}
	q.From, q.To = in.timeOf(e)
	if e.Kind == "cost" && len(in.rises) > 0 {
		in.paidFor(&s)
		return s, nil
	}
	if len(q.Sources) == 0 {
		return s, nil
	}
	// The calls that can bring an effect about are content of intake.
	byCall := e.ByCall()
	for i, row := range in.at.Rows { // whenever it was: days are remembered wrongly
		if ev := &in.at.Events[i]; row.Actor.Hostile() && byCall(ev.Source, ev.Name) && concerns(ev, e) {
			s.theirs++
		}
	}
	err := in.sought(ctx, &s, q, byCall, actors)
	if err == nil && s.found == 0 && len(e.Names) > 0 && !q.From.IsZero() { // a thing by its name, whatever day is remembered
		q.From, q.To = time.Time{}, time.Time{}
		err = in.sought(ctx, &s, q, byCall, actors)
	}
	return s, err
}

// sought adds to a symptom what the calls of a query say of it.
func (in *inquiry) sought(ctx context.Context, s *symptom, q evidence.Query, byCall func(source, name string) bool, actors map[string]attribution.Actor) error {
	for ev, err := range in.q.Events(ctx, q) {
		if err != nil {
			return fmt.Errorf("look for what the case tells of: %w", err)
		}
		if !byCall(ev.Source, ev.Name) || ev.Outcome() == evidence.Failure || !concerns(&ev, s.effect) {
			continue
		}
		if slices.Contains(in.owned, ev.ID) {
			continue // it is somebody's own, and something else
		}
		s.found++
		switch a := actors[ev.Key()]; {
		case a.Hostile(): // counted above
		case a == attribution.Owner || a == attribution.Service:
			s.ours++
			stated := q.From.Add(wrongByADay) // rather one in the very time than one of the day before it
			if a == attribution.Owner && !ev.ReadOnly && (s.own == nil || s.own.Time.Before(stated) && !ev.Time.Before(stated)) {
				s.own = &ev
			}
		case a == attribution.Responder: // what repaired it is not what did it
		case a == attribution.Undetermined, !ev.ReadOnly && !ev.FromAWS() && !ev.Identity.ServiceLinked():
			if s.unheard == nil {
				s.unheard = &ev
			}
		}
	}
	return nil
}

// timeOf is the time of an effect, with the doubt that is in it; zero where none is said.
// Of several times all that they span.
func (in *inquiry) timeOf(e intake.Effect) (from, to time.Time) {
	for _, s := range e.When {
		if from.IsZero() || s.From.Before(from) {
			from = s.From
		}
		if s.To.After(to) {
			to = s.To
		}
	}
	if from.IsZero() {
		return from, to
	}
	return from.Add(-wrongByADay), to.Add(wrongByADay)
}

// concerns says whether the call is about one of the things that the effect names; where it
// names none, any will do.
func concerns(ev *evidence.Event, e intake.Effect) bool {
	return len(e.Names) == 0 || slices.ContainsFunc(e.Names, func(name string) bool {
		name = lastPart(name)
		return slices.ContainsFunc(ev.Resources, func(r string) bool { return r == name || lastPart(r) == name || strings.Contains(r, name) })
	})
}

// unexplained is the first effect told of that was not found, or not put down to anybody. That a thing
// without a name came about, which is nowhere to be found, keeps nothing open where the case leads to
// somebody by itself: what alarmed whoever tells of it is those calls.
func (in *inquiry) unexplained() *symptom {
	for i := range in.signs {
		s := &in.signs[i]
		if s.found == 0 && !hurts(s.effect) && len(s.effect.Names) == 0 && len(in.suspects()) > 0 {
			continue
		}
		if s.theirs == 0 && !s.explained() {
			return &in.signs[i]
		}
	}
	return nil
}

// ownDoing is the first effect told of that somebody's daily work may have brought about,
// nil if there is none.
func (in *inquiry) ownDoing() *symptom {
	for i := range in.signs {
		if s := &in.signs[i]; s.explained() && s.own != nil {
			return s
		}
	}
	return nil
}

// whoMeant asks whether what fits somebody's habits was meant.
func (in *inquiry) whoMeant(s *symptom) {
	in.res.Open = append(in.res.Open, fmt.Sprintf("What the case tells of (%s) may go back to %s, from where and with what it usually works (event %s). Was that meant?",
		effectName(s.effect), in.act(s.own, s.own.Identity.AccessKey), s.own.ID))
}

// headline says in one sentence why a calm verdict cannot be given. It names no event:
// what stands in front must rest on a claim, and nothing is claimed of such a call.
func (s *symptom) headline() string {
	what := effectName(s.effect)
	switch {
	case s.found == 0:
		return fmt.Sprintf("Nothing hostile was found, but what the case tells of (%s) is not in the evidence either%s: nothing is cleared.", what, whenSought(s.effect))
	case s.unheard != nil:
		return fmt.Sprintf("Nothing hostile was found, but calls that may have brought about what the case tells of (%s) are nobody's for sure.", what)
	}
	return fmt.Sprintf("Nothing hostile was found, but what the case tells of (%s) is explained by nobody's own act.", what)
}

// beside says it of an incident: whoever was found may not be whom the case is about.
func (s *symptom) beside() string {
	what := effectName(s.effect)
	if s.found == 0 {
		return fmt.Sprintf(" What the case tells of (%s) is not among these calls, nor anywhere in the evidence%s.", what, whenSought(s.effect))
	}
	return fmt.Sprintf(" What the case tells of (%s) is not among these calls: it may have been somebody else.", what)
}

// effectName names an effect by what was done to what, as people say it: "snapshot shared".
func effectName(e intake.Effect) string {
	what := strings.ReplaceAll(e.Object, "_", " ")
	if said := objectNames[e.Object]; said != "" {
		what = said
	}
	if len(e.Names) > 0 {
		what = strings.TrimSpace(what + " " + strings.Join(first(e.Names, 3), ", "))
	}
	switch {
	case e.Kind == "cost" && what == "":
		return "cost"
	case e.Kind == "cost":
		return "cost of " + what
	case e.Kind == "locked_out":
		return "people locked out"
	case e.Kind == "public":
		return strings.TrimSpace(what + " made public")
	case what == "":
		return "something " + e.Kind
	}
	return what + " " + e.Kind
}

// objectNames are the objects that are not called as they are written.
var objectNames = map[string]string{"dns": "DNS", "sign_in": "sign-in", "kms_key": "KMS key", "mail": "mail", "model": "model call"}

// whenSought says that an effect was looked for in its time alone; "" where it has none.
func whenSought(e intake.Effect) string {
	if len(e.When) == 0 {
		return ""
	}
	return " (looked for in that time, a day more or less)"
}

// whenOf is how a sentence speaks of the effect's time.
func whenOf(e intake.Effect) string {
	if len(e.When) == 0 {
		return ""
	}
	return " at that time, a day more or less,"
}
