package investigation

import (
	"bytes"
	"cmp"
	"context"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/trailhound/trailhound/internal/evidence"
	"github.com/trailhound/trailhound/internal/intake"
)

// doer is who made calls that may have brought about what the case tells of.
type doer struct {
	person, arn string
	events      []string // such calls, by time, no more than maxDone
	named       []string // of them those on a thing or for an account that the case names
	first       evidence.Event
}

const (
	maxDoers = 4   // an effect that more people bring about names nobody
	maxDone  = 500 // calls of one person that are looked at
)

// seekable are the effects that few calls bring about. What a bill or a download comes
// from is done all day long.
var seekable = []string{"deleted", "shared", "public", "unreadable", "changed", "created", "stopped", "locked_out"}

// doers examines who made the calls that bring about what the case tells of, whoever else
// it names: who reports, repairs or suffers stands in the sentence, the culprit seldom.
// They are judged by their habits as anybody is. Only where the case names the thing,
// somebody says that it was none of theirs, or one alone did such a thing in all of the
// evidence, is the call itself held against whoever made it from where they are not known
// to be.
func (in *inquiry) doers(ctx context.Context) error {
	if len(in.input.Credentials) > 0 {
		return nil // a credential named by its id is a better lead than what came of it
	}
	for _, e := range in.reading.Effects {
		if e.Supposed || !slices.Contains(seekable, e.Kind) || in.employment(e) {
			continue
		}
		found, when, err := in.doersOf(ctx, e)
		if err != nil {
			return err
		}
		if len(found) > maxDoers {
			continue
		}
		var said []string
		for _, d := range found {
			in.bring(effectName(e), false, d)
			if hurts(e) && len(d.named) > 0 {
				in.taken = append(in.taken, burst{person: d.person, arn: d.arn, effect: effectName(e), events: d.named})
			}
			switch {
			case e.Kind == "created" || in.input.Doubted:
			case len(d.named) == 0 && in.input.Denied && when == "", when != "" && len(found) == 1:
				in.input.Told = append(in.input.Told, d.events...)
			case when == "":
				in.input.Told = append(in.input.Told, d.named...)
			}
			in.input.Swept = slices.DeleteFunc(in.input.Swept, func(p string) bool { return p == d.person }) // what came about speaks against it as well
			if slices.Contains(in.input.Examine, d.person) || slices.Contains(in.input.Principals, d.person) {
				continue
			}
			in.input.Examine = append(in.input.Examine, d.person)
			said = append(said, fmt.Sprintf("%s (event %s)", in.act(&d.first, d.first.Identity.AccessKey), d.first.ID))
		}
		if len(said) > 0 {
			in.assume("principal", fmt.Sprintf("The case tells of %q (%s). Who made calls that do that%s was examined: %s.", e.Text, effectName(e), when, strings.Join(said, "; ")))
		}
	}
	slices.Sort(in.input.Told)
	in.input.Told = slices.Compact(in.input.Told)
	return nil
}

// hurts says whether the effect is one that its own author would not tell of as news.
func hurts(e intake.Effect) bool { return e.Kind != "created" && e.Kind != "changed" }

// doersOf finds who made such calls in the time of the effect, and, where nobody did, at
// any time: days are remembered wrongly, and when says so. Who makes such calls all the
// time is left out, as are services; if any call is on a thing that the case names, who
// made none of those is left out as well.
func (in *inquiry) doersOf(ctx context.Context, e intake.Effect) (found []doer, when string, err error) {
	q := evidence.Query{Sources: e.Sources()}
	q.From, q.To = in.timeOf(e)
	if len(q.Sources) == 0 || q.From.IsZero() && len(e.Names)+len(e.Besides) == 0 {
		return nil, "", nil // neither when nor what: whoever did such a thing at all would be meant
	}
	// First in the time that the case gives; a day either side is in it already.
	by, some, err := in.callersOf(ctx, e, q)
	if err == nil && !some && !q.From.IsZero() {
		q.From, q.To, when = time.Time{}, time.Time{}, ", though not in the time that it gives,"
		by, _, err = in.callersOf(ctx, e, q)
	}
	if err != nil {
		return nil, "", fmt.Errorf("look for who did what the case tells of: %w", err)
	}
	in.setAside(e, by)
	named := slices.ContainsFunc(keys(by), func(p string) bool { return len(by[p].named) > 0 })
	for _, p := range keys(by) {
		if d := by[p]; !named || len(d.named) > 0 {
			found = append(found, *d)
		}
	}
	slices.SortStableFunc(found, func(a, b doer) int { return cmp.Compare(len(b.named), len(a.named)) })
	return found, when, nil
}

// callersOf gathers the calls of q that may have brought the effect about, by who made
// them; some says that there are such calls, be it somebody's daily work.
func (in *inquiry) callersOf(ctx context.Context, e intake.Effect, q evidence.Query) (by map[string]*doer, some bool, err error) {
	by, byCall := map[string]*doer{}, e.ByCall()
	for ev, err := range in.q.Events(ctx, q) {
		if err != nil {
			return nil, false, err
		}
		person := changedBy(&ev)
		if person == "" || !byCall(ev.Source, ev.Name) {
			continue
		}
		some = true
		// Habit is by days before the call: what somebody began to do yesterday is none.
		before := ev.Time.Add(-wrongByADay)
		if q.From.IsZero() {
			before = ev.Time.AddDate(100, 0, 0) // no time is given to be before: on how many days at all
		}
		if in.routine(&ev, before) {
			continue
		}
		d := by[person]
		if d == nil {
			d = &doer{person: person, arn: ev.Identity.ARN, first: ev}
			by[person] = d
		}
		if len(d.events) < maxDone {
			d.events = append(d.events, ev.ID)
		}
		if len(by) > maxDoers+len(e.Besides) && len(e.Names)+len(e.Accounts) == 0 {
			return by, some, nil // too many already
		}
	}
	// Bodies are read only of calls that may be meant, and only where the case names a thing.
	words := in.objectsOf(e)
	if len(words) == 0 {
		return by, some, nil
	}
	for _, p := range keys(by) {
		d := by[p]
		for ev, err := range in.q.Events(ctx, evidence.Query{IDs: d.events, Body: true}) {
			if err != nil {
				return nil, false, err
			}
			if slices.ContainsFunc(words, func(w string) bool { return mentions(ev.Body, w) }) {
				d.named = append(d.named, ev.ID)
			}
		}
	}
	return by, some, nil
}

// objectsOf are what the effect was on or for: things by name, accounts that are not ours.
func (in *inquiry) objectsOf(e intake.Effect) (words []string) {
	for _, n := range e.Names {
		words = append(words, lastPart(n))
	}
	for _, a := range e.Accounts {
		if !slices.Contains(in.res.Accounts, a) && !slices.Contains(in.input.Ours, a) {
			words = append(words, a)
		}
	}
	return words
}

// mentions says whether a record holds the word as one of its own: prod-daily is not in prod-daily-2.
func mentions(record []byte, word string) bool {
	inside := func(c byte) bool {
		return c == '-' || c == '_' || '0' <= c && c <= '9' || 'a' <= c && c <= 'z' || 'A' <= c && c <= 'Z'
	}
	for from := 0; word != ""; {
		i := bytes.Index(record[from:], []byte(word))
		if i < 0 {
			return false
		}
		i += from
		end := i + len(word)
		if (i == 0 || !inside(record[i-1])) && (end == len(record) || !inside(record[end])) {
			return true
		}
		from = i + 1
	}
	return false
}
