package investigation

import (
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/trailhound/trailhound/internal/claim"
	"github.com/trailhound/trailhound/internal/evidence"
	"github.com/trailhound/trailhound/internal/intake"
)

// fitting is what one principal did from one address that fits what was announced, with nothing between
// that does not fit: a claim counts all that it did there in the time.
type fitting struct {
	first, last evidence.Event
	n           int
}

// hand names who called and from where, as a claim can select it.
func hand(e *evidence.Event) string { return e.Identity.ARN + "\x00" + e.SourceIP }

// window is the time that a claim about it speaks of.
func (f *fitting) window() (from, to time.Time) {
	return f.first.Time, f.last.Time.Add(time.Second)
}

// announcedClaims answer whether all of it is theirs, where a test was announced: how
// many calls fit it by who made them, from where and when, each principal and address with its
// number, and each call of those principals that does not fit. sum is a sentence for the
// headline, "" where nothing was announced.
func (in *inquiry) announcedClaims() (ids []string, sum string) {
	theirs := map[string]bool{}
	for i, r := range in.at.Rows {
		if tested(r.Because) {
			theirs[in.at.Events[i].Identity.Person()] = true
		}
	}
	if len(theirs) == 0 {
		return nil, ""
	}
	of, cut := map[string][]*fitting{}, map[string]bool{}
	var stray []int
	fit, all := 0, 0
	for i, r := range in.at.Rows {
		e := &in.at.Events[i]
		if !theirs[e.Identity.Person()] || in.again(i) {
			continue
		}
		if !tested(r.Because) && strings.HasPrefix(r.Because, "statement:") {
			cut[hand(e)] = true // it fits something else that was said of them
			continue
		}
		if all++; !tested(r.Because) {
			stray = append(stray, i)
			cut[hand(e)] = true
			continue
		}
		fit++
		k := hand(e)
		if len(of[k]) == 0 || cut[k] {
			of[k], cut[k] = append(of[k], &fitting{first: *e}), false
		}
		f := of[k][len(of[k])-1]
		f.last, f.n = *e, f.n+1
	}
	var runs []*fitting
	for _, k := range keys(of) {
		runs = append(runs, of[k]...)
	}
	for _, f := range first(runs, maxBrought) {
		begin, end := f.window()
		mixed := slices.ContainsFunc(stray, func(i int) bool { // within one second there is no between
			e := &in.at.Events[i]
			return hand(e) == hand(&f.first) && !e.Time.Before(begin) && e.Time.Before(end)
		})
		from := quoteSource(&f.first)
		if f.first.Identity.ARN == "" || from == "" || mixed {
			continue
		}
		text := fmt.Sprintf("%s made %d %s from %s %s.", upperFirst(calledAs(&f.first)), f.n, plural("calls", int64(f.n)), from, span(f.first.Time, f.last.Time))
		window := claim.Interval{From: stamp(begin), To: stamp(end)}
		filter := claim.Filter{"principal": f.first.Identity.ARN, "source_ip": f.first.SourceIP}
		ids = append(ids, in.claims.add(text, claim.Predicate{Op: "count", Filter: filter, Value: f.n, Window: &window}, slices.Compact(cite(f.first.ID, f.last.ID)), "A"))
	}
	for _, i := range first(stray, maxBrought) {
		e := &in.at.Events[i]
		ids = append(ids, in.claims.add(happened(e, "", ""), claim.Predicate{Op: "event", Event: e.ID, Equals: map[string]any{"action": e.Action(), "time": stamp(e.Time), "outcome": string(e.Outcome())}}, []string{e.CitedAs()}, "A"))
	}
	switch {
	case len(stray) == 0 && all == 1:
		return ids, " The one call of those who were announced fits what was announced."
	case len(stray) == 0:
		return ids, fmt.Sprintf(" All %d calls of those who were announced fit what was announced.", all)
	}
	return ids, fmt.Sprintf(" Of %d calls of those who were announced %d fit what was announced, and %d do not.", all, fit, len(stray))
}

// tested says whether a row is held to fit an announced test.
func tested(because string) bool {
	return strings.HasPrefix(because, "statement:") && strings.HasSuffix(because, announced[intake.AuthorizedTest])
}
