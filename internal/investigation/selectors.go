package investigation

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/trailhound/trailhound/internal/evidence"
)

// unrecorded is what one call made a trail record no longer.
type unrecorded struct {
	logChange
	lost []string // in words; nil: the call leaves everything on
	told bool     // the record says what was asked for
}

// narrowed says what each change of a trail took out of what it records. A call that turns
// everything on is no loss, so the body decides and not the name.
func (in *inquiry) narrowed(ctx context.Context) error {
	var changes []unrecorded
	at := map[string]int{}
	for _, c := range in.pass.logBase {
		if !c.failed && (c.name == "PutEventSelectors" || c.name == "UpdateTrail") {
			at[c.event] = len(changes)
			changes = append(changes, unrecorded{logChange: c})
		}
	}
	if len(changes) == 0 {
		return nil
	}
	for e, err := range in.q.Events(ctx, evidence.Query{IDs: keys(at), Body: true}) {
		if err != nil {
			return fmt.Errorf("read the changes of trails: %w", err)
		}
		i, ok := at[e.ID]
		if !ok {
			continue
		}
		if r, err := e.Parse(); err == nil {
			changes[i].lost, changes[i].told = lost(e.Name, r, in.pass.heldData(e.Account, e.Time))
		}
	}
	slices.SortFunc(changes, func(a, b unrecorded) int {
		if c := a.at.Compare(b.at); c != 0 {
			return c
		}
		return strings.Compare(a.event, b.event)
	})
	for i, c := range changes {
		if c.told && len(c.lost) == 0 {
			continue
		}
		what, call := "what it records may have become less", "Event selectors of a trail"
		if c.told {
			what = "it does not record " + eitherOf(c.lost) + " from then on"
		}
		if c.name == "UpdateTrail" {
			call = "A trail"
		}
		to := in.pass.survey.Last
		for _, next := range changes[i+1:] {
			if next.name == c.name && next.account == c.account && sameTrail(c.logChange, next.logChange) {
				to = next.at
				break
			}
		}
		in.limit("selectors_narrowed", fmt.Sprintf("%s of account %s %s changed at %s (event %s): %s.", call, c.account, wasWere(c.name), stamp(c.at), c.event, what),
			&Interval{stamp(c.at), stamp(to)}, "Such calls are missing for the interval, unless another trail recorded them.")
	}
	return nil
}

func eitherOf(list []string) string {
	if len(list) < 2 {
		return strings.Join(list, "")
	}
	return strings.Join(list[:len(list)-1], ", ") + " or " + list[len(list)-1]
}

func wasWere(name string) string {
	if name == "UpdateTrail" {
		return "was"
	}
	return "were"
}

// heldData says whether any data event of an account is in the evidence from before a moment:
// a trail that never selected them loses none.
func (p *pass) heldData(account string, before time.Time) bool {
	for k, d := range p.coverage {
		if k.account == account && k.day <= before.Format(time.DateOnly) && slices.ContainsFunc(keys(d.classes), func(c string) bool { return strings.HasPrefix(c, "data:") }) {
			return true
		}
	}
	return false
}

// lost reads the request of a change. told is false where the record does not say what was
// asked for: https://docs.aws.amazon.com/awscloudtrail/latest/APIReference/API_PutEventSelectors.html.
func lost(name string, r evidence.Record, data bool) (out []string, told bool) {
	if name == "UpdateTrail" {
		for _, s := range []struct{ path, words string }{
			{"requestParameters.isMultiRegionTrail", "calls in regions other than its own"},
			{"requestParameters.includeGlobalServiceEvents", "calls of global services such as IAM"},
			{"requestParameters.isOrganizationTrail", "calls in other accounts of the organisation"},
		} {
			if r.Str(s.path) == "false" {
				out = append(out, s.words)
			}
		}
		return out, true
	}
	var s selected
	for _, one := range r.All("requestParameters.eventSelectors") {
		s.basic(one)
	}
	for _, one := range r.All("requestParameters.advancedEventSelectors") {
		s.advanced(one)
	}
	if !s.any {
		return nil, false
	}
	switch {
	case !s.reads && !s.writes:
		out = append(out, "management events")
	case !s.reads:
		out = append(out, "read-only management events (which role assumption belongs to)")
	case !s.writes:
		out = append(out, "management events that change something")
	}
	slices.Sort(s.excluded)
	for _, source := range slices.Compact(s.excluded) {
		out = append(out, "management events of "+source)
	}
	if s.some {
		out = append(out, "those management events that its selectors do not name")
	}
	if data && !s.data {
		out = append(out, "data events")
	}
	return out, true
}

// selected is what the selectors of a trail take in, all together.
type selected struct {
	any, reads, writes, data, some bool
	excluded                       []string
}

// basic adds an eventSelectors entry. What it leaves out is as AWS takes it: all
// management events, reads and writes.
func (s *selected) basic(one any) {
	m, ok := one.(map[string]any)
	if !ok {
		return
	}
	r := evidence.Record(m)
	s.any = true
	s.data = s.data || len(r.All("dataResources")) > 0
	if r.Str("includeManagementEvents") == "false" {
		return
	}
	s.reads = s.reads || r.Str("readWriteType") != "WriteOnly"
	s.writes = s.writes || r.Str("readWriteType") != "ReadOnly"
	s.excluded = append(s.excluded, r.Strs("excludeManagementEventSources")...)
}

// advanced adds an advancedEventSelectors entry, whose conditions must all hold.
func (s *selected) advanced(one any) {
	m, ok := one.(map[string]any)
	if !ok {
		return
	}
	s.any = true
	category, readOnly, narrow := "", "", false
	var excluded []string
	for _, f := range evidence.Record(m).All("fieldSelectors") {
		f, ok := f.(map[string]any)
		if !ok {
			continue
		}
		r := evidence.Record(f)
		equals := strings.Join(r.Strs("equals"), " ")
		switch field := r.Str("field"); {
		case field == "eventCategory":
			category = equals
		case field == "readOnly":
			readOnly = equals
		case field == "eventSource" && equals == "" && len(r.Strs("notEquals")) > 0:
			excluded = append(excluded, r.Strs("notEquals")...)
		default:
			narrow = true
		}
	}
	switch {
	case category == "Data":
		s.data = true
	case category == "Management":
		s.reads = s.reads || readOnly != "false"
		s.writes = s.writes || readOnly != "true"
		s.excluded = append(s.excluded, excluded...)
		s.some = s.some || narrow
	}
}
