package investigation

import (
	"context"
	"fmt"
	"regexp"
	"slices"
	"strings"
	"time"

	"github.com/trailhound/trailhound/internal/attribution"
	"github.com/trailhound/trailhound/internal/evidence"
)

// vanishing are the words of a case in which something is gone.
var vanishing = regexp.MustCompile(`(?i)\b(?:delet(?:ed?|ion|ions|ing)|terminat(?:ed|ing|ions?)|destroy(?:ed|ing)?|destruction|wiped?|wiping|vanish(?:ed|ing)?|disappear(?:ed|ing)?|gone|nuked|torn down|removed)\b`)

// destroying are the beginnings of calls that take something away.
var destroying = []string{"Delete", "Terminate", "Deregister", "ScheduleKeyDeletion", "Purge", "StopInstances"}

// tidying are such calls that take away nothing of worth: ends of sessions and
// clean-up after a machine.
var tidying = []string{"TerminateSession", "DeleteNetworkInterface", "DeleteSession", "DeleteMessage", "DeleteMessageBatch", "DeleteTags", "DeregisterTargets", "DeleteObjectTagging", "DeleteAlarms"}

// maxBursts bounds the calls that a case is anchored in. A burst is so many such calls of one
// person within so long (volume of the weights): fewer are anybody's day, and a script makes
// them in seconds.
const maxBursts = 500

// burst is what one person took away in one go, or did that the case tells of.
type burst struct {
	person, arn string
	effect      string   // what was done to what, "" for things taken away in one go
	events      []string // no more than maxBursts, by time
	more        bool     // there were more than those
	at          time.Time
	first       evidence.Event
}

// takenAway anchors a case about something that is gone in the calls that took
// much away in one go, in the time that it speaks of.
func (in *inquiry) takenAway(ctx context.Context, from, to time.Time) (bool, error) {
	if from.IsZero() || in.input.Doubted || !vanishing.MatchString(in.reading.English) {
		return false, nil // without a time, whoever deletes most would be accused of what nobody speaks of
	}
	found, err := in.bursts(ctx, from, to)
	if err == nil {
		found, err = in.onHarmed(ctx, found)
	}
	if err != nil || len(found) == 0 {
		return false, err
	}
	var said []string
	for _, b := range found {
		in.input.Events = append(in.input.Events, b.events...)
		in.input.Examine = append(in.input.Examine, b.person)
		said = append(said, fmt.Sprintf("%s%d, the first by %s (event %s)", atLeast(b.more), len(b.events), in.act(&b.first, b.first.Identity.AccessKey), b.events[0]))
	}
	slices.Sort(in.input.Events)
	in.input.Events = slices.Compact(in.input.Events)
	in.taken = found
	in.assume("principal", fmt.Sprintf("The case names nothing by id. What was taken away in one go in its time is what it is held to be about: %s.", strings.Join(said, "; ")))
	return true, nil
}

// onHarmed keeps of what was taken away in one go what was so of the things that other harm than
// a deletion is told of: "the files of X cannot be opened, and Ana deleted old ones" is about X.
func (in *inquiry) onHarmed(ctx context.Context, found []burst) (out []burst, err error) {
	var things []string
	for _, e := range in.reading.Effects {
		switch {
		case e.Supposed || !hurts(e) || !slices.Contains(seekable, e.Kind):
		case e.Kind == "deleted":
			return found, nil
		default:
			things = append(things, in.objectsOf(e)...)
		}
	}
	if len(things) == 0 {
		return found, nil
	}
	for _, b := range found {
		on := false
		err := in.each(ctx, true, evidence.Query{IDs: b.events, Body: true}, func(e *evidence.Event) {
			on = on || slices.ContainsFunc(things, func(t string) bool { return mentions(e.Body, t) })
		})
		if err != nil {
			return nil, err
		}
		if on {
			out = append(out, b)
		}
	}
	return out, nil
}

// bursts finds who took away much at once, the first first.
// Events come in order of time, so that two positions in each person's list bound the window.
// Three persons are told of: where more take away much at once it is a migration, and names
// nobody.
func (in *inquiry) bursts(ctx context.Context, from, to time.Time) ([]burst, error) {
	calls := map[string][]evidence.Event{}
	for e, err := range in.q.Events(ctx, evidence.Query{From: from, To: to}) {
		if err != nil {
			return nil, fmt.Errorf("read what was taken away: %w", err)
		}
		person := changedBy(&e)
		// Habit is by days before the time in question: what somebody does every night is not what
		// a case is about that tells of a loss.
		if person == "" || slices.Contains(tidying, e.Name) || in.routine(&e, from) {
			continue // routine: it clears up like this all the time
		}
		if slices.ContainsFunc(destroying, func(p string) bool { return strings.HasPrefix(e.Name, p) }) {
			calls[person] = append(calls[person], e)
		}
	}
	var out []burst
	m := in.o.Content.Weights.Volume
	for _, person := range keys(calls) {
		list := calls[person]
		b := burst{person: person}
		seen := map[string]bool{}
		next := 0 // the first call that no burst before held: those of a long one overlap
		for i, j := 0, 0; i < len(list) && len(b.events) < maxBursts; i++ {
			for j < len(list) && list[j].Time.Sub(list[i].Time) <= m.Burst() {
				j++
			}
			if j-i < m.BurstCalls {
				continue
			}
			if b.at.IsZero() {
				b.at, b.arn, b.first = list[i].Time, list[i].Identity.ARN, list[i]
			}
			for next = max(next, i); next < j && len(b.events) < maxBursts; next++ {
				if id := list[next].ID; !seen[id] { // two contents of one id are one call
					seen[id] = true
					b.events = append(b.events, id)
				}
			}
		}
		if b.more = len(b.events) == maxBursts && next < len(list); len(b.events) > 0 {
			out = append(out, b)
		}
	}
	slices.SortStableFunc(out, func(a, b burst) int { return a.at.Compare(b.at) })
	return out[:min(len(out), 3)], nil
}

// changedBy is the principal whose own call changed something; "" of reads, of calls that
// failed, and of what services do.
func changedBy(e *evidence.Event) string {
	if e.ReadOnly || e.Outcome() == evidence.Failure {
		return ""
	}
	return personBehind(e)
}

// personBehind is who made a call of their own, "" where a service did, be it for somebody.
func personBehind(e *evidence.Event) string {
	if e.Identity.Type == "AWSService" || e.Identity.ServiceLinked() || e.FromAWS() {
		return ""
	}
	return e.Identity.Person()
}

// routine says whether the call's principal had done such a thing, before a moment, on as many days as make a habit.
func (in *inquiry) routine(e *evidence.Event, before time.Time) bool {
	return in.pass.survey.DaysDone(e.Account, e.Action(), e.Identity.Person(), before) >= in.o.Content.Weights.Baseline.MinDays
}

// takenRightly asks about what was taken away, or done that the case tells of, by somebody who is held to be the
// owner: place and tool cannot tell whether it was meant.
func (in *inquiry) takenRightly() {
	for _, b := range in.taken {
		n := 0
		for _, id := range b.events {
			if a := in.at.Actor(id); a == attribution.Owner && !in.foretold(id) {
				n++
			}
		}
		if n == 0 {
			continue
		}
		in.meant += n
		did := fmt.Sprintf("took away %s%d things within minutes", atLeast(b.more), n)
		if b.effect != "" {
			did = fmt.Sprintf("did what the case tells of (%s)", b.effect)
		}
		in.res.Open = append(in.res.Open, fmt.Sprintf("%s %s, from where and with what it usually works (first event %s). Whoever works as it must say whether that was meant.", b.arn, did, b.events[0]))
	}
}
