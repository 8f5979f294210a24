package investigation

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/trailhound/trailhound/internal/evidence"
	"github.com/trailhound/trailhound/internal/intake"
)

// ofNotice says whether a time is told as that of giving notice: "gave notice on Monday, last day is
// the 27th". Words of an end in the same part of the sentence count for more.
func ofNotice(text string, s intake.Span) bool {
	i := strings.Index(text, s.Text)
	if i < 0 {
		return false
	}
	part := text[strings.LastIndexAny(text[:i], ",;.(")+1 : i]
	return spoken().notice.MatchString(part) && !spoken().lastDay.MatchString(part)
}

// ended is when the right to use what the case names ended, where the case is about
// somebody who left; zero otherwise. A day without a time counts from its beginning, but
// somebody's last day from its end; if on that day, or the one after, somebody else took
// the person's access away, it ended then, to the second: whoever goes works till then,
// and whoever is let go is locked out with it.
// The second is the latest that it may have been, where no time zone is told.
func (in *inquiry) ended(ctx context.Context) (at, by time.Time, err error) {
	end := in.terminated()
	span, at := end.span, end.at
	if end.local && !at.IsZero() {
		_, by = anywhere(time.Time{}, at)
	}
	worked := !at.IsZero() && at.Equal(span.To) // the last day itself is told, and not that of giving notice
	if (in.reading.Staying || end.notice) && in.says(intake.Terminated) && !worked {
		in.assume("terminated_at", "Who is said to leave is said to be still at work: the end is to come, and what was done in the last days of the evidence is looked at as that of somebody who leaves.")
		return in.pass.survey.Last.Add(time.Second), time.Time{}, nil
	}
	if at.IsZero() || span.To.Sub(span.From) != day {
		return at, by, nil
	}
	e, err := in.accessTaken(ctx, span.From, span.To.Add(day))
	if err != nil {
		return at, by, err
	}
	// No call shows it: then the case's own word for when the access was closed, if it is of the
	// day after.
	if e == nil {
		if closed, ok := in.closedAfter(span); ok && at.Equal(span.To) {
			in.assume("terminated_at", fmt.Sprintf("The end of employment is taken to be %s UTC, the end of the time at which the access is said to have been closed (%q).", closed.To.UTC().Format(time.DateTime), closed.Text))
			if end.local {
				_, by = anywhere(time.Time{}, closed.To)
			}
			return closed.To, by, nil
		}
		return at, by, nil
	}
	in.assume("terminated_at", fmt.Sprintf("The end of employment is taken to be %s UTC, when %s called %s (event %s).",
		e.Time.UTC().Format(time.DateTime), e.Identity.Called(), e.Action(), e.ID))
	return e.Time, time.Time{}, nil
}

// leavers are those of whom somebody says that they left: who else is named beside them did not.
// By nobody's word are all who use one key the leaver: then the list is empty, and whoever is
// named counts.
func (in *inquiry) leavers() (out []string) {
	for _, who := range in.gone {
		out = append(out, in.unique(who)...)
	}
	for _, r := range in.readings() {
		for _, st := range r.Statements {
			if st.Relation != intake.Terminated || st.Negated {
				continue
			}
			for _, s := range st.Seeds {
				switch s.Kind {
				case "principal", "session":
					out = append(out, in.unique(s.Value)...)
				case "access_key":
					return nil // whoever used it: all that is named may be theirs
				}
			}
		}
	}
	return out
}

// statedEnd is the end of an employment as somebody tells it; zero where nobody does.
type statedEnd struct {
	span   intake.Span // the narrowest that is told
	at     time.Time   // what of it counts
	local  bool        // no time zone is told with it: somewhere on Earth it ended later
	notice bool        // it is when the end was announced
}

// terminated is the stated end.
func (in *inquiry) terminated() statedEnd {
	// An answer to the very question says more than the case, which may tell of it in passing.
	for _, r := range []intake.Reading{in.answers["terminated_at"], in.reading} {
		var best intake.Span
		worked, announced := false, false
		for _, st := range r.Statements {
			if st.Relation != intake.Terminated || st.Negated {
				continue
			}
			for _, s := range st.When {
				notice := ofNotice(st.English, s)
				length, shortest, last := s.To.Sub(s.From), best.To.Sub(best.From), spoken().lastDay.MatchString(st.English) && !notice
				// Who resigns on a day works on to the last one, which says more.
				if best.From.IsZero() || length < shortest || length == shortest && last && (!worked || s.To.After(best.To)) {
					best, worked, announced = s, last, notice
				}
			}
		}
		if worked && best.To.Sub(best.From) == day {
			return statedEnd{best, best.To, r.ZoneAssumed, announced}
		}
		if best.From.IsZero() && len(r.Times) > 0 && r.Kind != in.reading.Kind {
			best = r.Times[0]
		}
		if !best.From.IsZero() {
			return statedEnd{best, best.From, r.ZoneAssumed, announced}
		}
	}
	return statedEnd{}
}

// accessTaken finds the first call by which somebody else took away what the named person
// signed in with, as far as its record names them.
func (in *inquiry) accessTaken(ctx context.Context, from, to time.Time) (*evidence.Event, error) {
	named := slices.Concat(in.input.Principals, in.input.Examine)
	if who := in.leavers(); len(who) > 0 {
		named = who
	}
	// The calls by which a user is deleted or locked out are content of intake, and are not
	// listed twice.
	gone := intake.Effect{Kind: "deleted", Object: "user"}
	for _, p := range in.pass.everybody() {
		if !slices.Contains(named, p.Person) {
			continue
		}
		for _, name := range []string{p.Identity.UserName, p.Identity.SessionName()} {
			if name != "" {
				gone.Names = append(gone.Names, name)
			}
		}
	}
	if len(gone.Names) == 0 {
		return nil, nil
	}
	byCall := gone.ByCall()
	for e, err := range in.q.Events(ctx, evidence.Query{Sources: gone.Sources(), From: from, To: to}) {
		if err != nil {
			return nil, fmt.Errorf("look for the end of somebody's access: %w", err)
		}
		if byCall(e.Source, e.Name) && e.Outcome() == evidence.Success && !slices.Contains(named, e.Identity.Person()) && concerns(&e, gone) {
			return &e, nil
		}
	}
	return nil, nil
}
