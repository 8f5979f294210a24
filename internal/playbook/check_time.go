package playbook

import (
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/trailhound/trailhound/internal/evidence"
	"github.com/trailhound/trailhound/internal/intake"
)

// quiet is how long nothing may succeed after the last containment before
// silence says something: sessions outlive the key they came from by hours.
const quiet = 24 * time.Hour

// contained finds the last act of containment: a responder's change, AWS's
// quarantine, or what somebody stated with a time.
// Zero if there is none. A stated one cites nothing: that somebody says so is no event.
func (v *view) contained() (at time.Time, what string, refs []string) {
	for _, e := range v.res.Timeline {
		// Not before: of two in one second the later row of the timeline is the last.
		if t := evidence.ParseTime(e.At); e.Phase == "response" && e.Outcome != "failure" && !t.Before(at) {
			at, what, refs = t, e.Text, []string{"event:" + e.Event}
		}
	}
	for _, s := range v.stated(intake.Contained, intake.Disabled, intake.Rotated) {
		if s.Negated || len(s.When) == 0 {
			continue
		}
		// "On Tuesday" is over when Tuesday is; a clock time is over at once.
		t := s.When[0].To
		if slices.Contains([]string{"second", "minute", "hour"}, s.When[0].Grain) {
			t = s.When[0].From
		}
		if t.After(at) {
			at, what, refs = t, "stated: "+s.Text, nil
		}
	}
	return at, what, refs
}

// switchedOff lists what was the intruder's and that somebody else disabled,
// deleted or removed: containment, whoever it was.
func (v *view) switchedOff() (ids, refs []string) {
	theirs := map[string]bool{}
	for _, a := range slices.Concat(v.hostile, v.doubted) { // what may be theirs contains nothing
		theirs[a.CitedAs()] = true
	}
	take := func(id string, evidence []string) {
		for _, r := range evidence {
			if strings.HasPrefix(r, "event:") && !theirs[r] {
				ids, refs = append(ids, id), append(refs, r)
			}
		}
	}
	for _, c := range v.held() {
		if c.State == "disabled" || c.State == "deleted" {
			take(c.ID, c.StateEvidence)
		}
	}
	for _, p := range v.res.Persistence {
		if p.Status == "removed" {
			take(p.ID, p.StateEvidence)
		}
	}
	return unique(ids), refs
}

// containmentSeen says yes by anything that was contained; whether that is all of it,
// other criteria ask.
func containmentSeen(v *view, _ []string) answer {
	at, what, refs := v.contained()
	if at.IsZero() {
		if ids, refs := v.switchedOff(); len(ids) > 0 {
			return v.yes(fmt.Sprintf("Disabled, deleted or removed by somebody else than the intruder: %s.", names(ids)), refs...)
		}
		return v.no("No act of containment is in the evidence, and none is stated with its time.")
	}
	return v.yes(fmt.Sprintf("%s UTC, %s", at.Format("2006-01-02 15:04:05"), what), refs...)
}

// quietAfterContainment needs three things: a time to count from, evidence that goes a
// day beyond it, and logs without a hole after it. Where one is missing, silence
// proves nothing.
func quietAfterContainment(v *view, _ []string) answer {
	at, _, refs := v.contained()
	if at.IsZero() {
		if ids, refs := v.switchedOff(); len(ids) > 0 {
			return v.cannot(fmt.Sprintf("Something was disabled, deleted or removed (%s); whether that was all of the containment, somebody must say.", names(ids)), refs...)
		}
		return v.no("No containment is seen or stated, so there is no quiet time after it.")
	}
	after := where(v.hostile, func(a act) bool { return a.Time.After(at) && done(a) })
	switch {
	case len(after) > 0:
		last := after[len(after)-1]
		return v.no(fmt.Sprintf("%s by the intruder succeeded after it, the last at %s UTC.", number(len(after), "call"), last.Time.Format("2006-01-02 15:04:05")), cite(append([]act{last}, after...))...)
	case v.end.Before(at.Add(quiet)):
		return v.cannot(fmt.Sprintf("The evidence ends at %s UTC, less than 24 hours after the last containment; newer logs would decide.", v.end.Format("2006-01-02 15:04:05")), refs...)
	}
	for _, l := range v.limits("logging_stopped", "trail_gap", "selectors_narrowed") {
		if l.Interval != nil && evidence.ParseTime(l.Interval.To).After(at) {
			return v.cannot("Logging was incomplete after the containment: "+l.Text, "limit:"+l.ID)
		}
	}
	return v.yes("Nothing of the intruder's succeeded in the 24 hours after it, in the regions that the evidence covers.", append(refs, v.limitRefs("region_missing")...)...)
}

// terminationKnown: the investigation takes a time only from a statement; it is told with
// what hangs on it.
func terminationKnown(v *view, _ []string) answer {
	switch {
	case !v.res.Terminated.IsZero():
		return v.yes(fmt.Sprintf("Taken as %s UTC; a day either way changes what counts as after it.", v.res.Terminated.Format("2006-01-02 15:04:05")))
	case v.answered("terminated_at"):
		return v.yes("The question was answered.")
	}
	return v.cannot("Nobody said when the employment ended, with its time zone; the personnel department would know.")
}

// afterTermination counts successes: a former employee whose calls are refused was shut out.
func afterTermination(v *view, _ []string) answer {
	at := v.res.Terminated
	if at.IsZero() {
		return v.cannot("It is not known when the employment ended.")
	}
	after := where(v.hostile, func(a act) bool { return !a.Time.Before(at) && done(a) })
	if len(after) == 0 {
		return v.no(fmt.Sprintf("No call held against the person succeeded after %s UTC.", at.Format("2006-01-02 15:04:05")))
	}
	return v.yes(fmt.Sprintf("%s succeeded after %s UTC.", number(len(after), "call"), at.Format("2006-01-02 15:04:05")), cite(after)...)
}

// loggingRestored says yes only by a start that was seen. That no stop was seen
// says nothing of how the trail stands now.
func loggingRestored(v *view, _ []string) answer {
	stops := v.limits("logging_stopped")
	if len(stops) == 0 {
		return v.cannot("No trail was seen to be stopped; the trail's present status is not in the evidence, get-trail-status would tell.")
	}
	for _, l := range stops {
		// An interval that reaches to the end of the evidence was never closed.
		if l.Interval == nil || !evidence.ParseTime(l.Interval.To).Before(v.end) {
			return v.no("No event shows it started again: "+l.Text, "limit:"+l.ID)
		}
	}
	return v.yes("Each trail that was stopped was started again.", v.limitRefs("logging_stopped")...)
}

// actsInGap asks whether hostile calls are known from inside a gap, which only another
// source can show: the event history, another trail, another account.
func actsInGap(v *view, _ []string) answer {
	gaps := v.limits("logging_stopped", "trail_gap")
	if len(gaps) == 0 {
		if len(v.limits("selectors_narrowed")) > 0 {
			return v.cannot("The trail went on and recorded less: which calls are missing, their kind tells.", v.limitRefs("selectors_narrowed")...)
		}
		return v.cannot("No gap in the logs is known.")
	}
	// The call that makes the gap is recorded by the very trail, and calls in
	// another account's logs say nothing of this one's.
	found := where(v.hostile, func(a act) bool {
		for _, g := range gaps {
			if g.Interval != nil && a.Time.After(evidence.ParseTime(g.Interval.From)) && a.Time.Before(evidence.ParseTime(g.Interval.To)) &&
				!strings.Contains(g.Text, a.ID) && strings.Contains(g.Text, a.Account) {
				return true
			}
		}
		return false
	})
	refs := v.limitRefs("logging_stopped", "trail_gap")
	if len(found) == 0 {
		return v.cannot("The evidence holds no hostile call inside the gap; the event history of the account (90 days, not stoppable) would decide.", refs...)
	}
	return v.yes(fmt.Sprintf("%s inside the gap came from another source than the trail.", number(len(found), "hostile call")), append(cite(found), refs...)...)
}

// defaultRegions are the regions that no account can switch off. Evidence of all
// of them is as complete as anyone can know without the account's own list.
var defaultRegions = strings.Fields("ap-northeast-1 ap-northeast-2 ap-northeast-3 ap-south-1 ap-southeast-1 ap-southeast-2 ca-central-1 eu-central-1 eu-north-1 eu-west-1 eu-west-2 eu-west-3 sa-east-1 us-east-1 us-east-2 us-west-1 us-west-2")

// regionsCovered cannot say no: a region without events may be one where nothing happened.
func regionsCovered(v *view, _ []string) answer {
	have := map[string]bool{}
	for _, c := range v.res.Coverage {
		have[c.Region] = true
	}
	var missing []string
	for _, r := range defaultRegions {
		if !have[r] {
			missing = append(missing, r)
		}
	}
	if len(missing) == 0 {
		return v.yes("The evidence has events of every region that is on by default.")
	}
	return v.cannot(fmt.Sprintf("No events of %s: nothing happened there, or nothing was collected. The trail's settings would tell which.", names(missing)), v.limitRefs("region_missing")...)
}
