package investigation

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/trailhound/trailhound/internal/evidence"
)

// maxState bounds the observations of state held in memory: an account with
// 5,000 users has some 50,000.
const maxState = 1_000_000

// observed is what the evidence says beside calls: snapshots and alerts whole,
// costs and flows when they are asked for.
type observed struct {
	from      evidence.Observer // nil if the evidence can hold none
	things    map[string][]*evidence.Observation
	snapshots map[string]*snapshot
	alerts    []alert
	count     map[string]int // by kind
}

// snapshot is one answer about state.
type snapshot struct {
	id string
	// moment is when it was taken, if it says so or somebody stated it. No part of
	// it can be older than the latest date that one of them mentions.
	moment, latest time.Time
	latestBy       *evidence.Observation
	parts          []*evidence.Observation
	kinds          map[string]int
	account        string
	judged         bool // whether it is whole was looked into, and isWhole is the result
	isWhole        bool
}

// notBefore is the earliest moment at which it can have been taken; zero if
// nothing tells.
func (s *snapshot) notBefore() time.Time {
	if !s.moment.IsZero() {
		return s.moment
	}
	return s.latest
}

// observer is the side of the evidence that holds observations; nil if it has none.
func observer(q evidence.Querier) evidence.Observer {
	o, _ := q.(evidence.Observer)
	return o
}

// observe reads the snapshots and alerts.
// Observations come in a fixed order, whatever the files; which of two alerts of one time
// counts follows it.
func (in *inquiry) observe(ctx context.Context) error {
	ob := &observed{from: observer(in.q), things: map[string][]*evidence.Observation{}, snapshots: map[string]*snapshot{}, count: map[string]int{}}
	in.observed = ob
	if ob.from == nil {
		return nil
	}
	n := 0
	for o, err := range ob.from.Observations(ctx, evidence.ObservationQuery{Kinds: append(slices.Clone(evidence.StateKinds), "alert")}) {
		if err != nil {
			return fmt.Errorf("read snapshots and alerts: %w", err)
		}
		if n++; n > maxState {
			break
		}
		ob.count[o.Kind]++
		if o.Kind == "alert" {
			ob.addAlert(&o)
			continue
		}
		ob.things[o.ID] = append(ob.things[o.ID], &o)
		s := ob.snapshots[o.Snapshot]
		if s == nil {
			s = &snapshot{id: o.Snapshot, kinds: map[string]int{}, account: o.Account}
			ob.snapshots[o.Snapshot] = s
		}
		// The pointers into the loop are of this round's own variable, and kept.
		s.add(&o)
	}
	if n > 0 {
		in.note("snapshots and alerts", n)
	}
	return nil
}

// add takes in one part and what it tells of the time: the greatest counts, since the whole
// was taken after it.
func (s *snapshot) add(o *evidence.Observation) {
	s.parts = append(s.parts, o)
	s.kinds[o.Kind]++
	if s.account == "" {
		s.account = o.Account
	}
	if o.Time.After(s.moment) {
		s.moment = o.Time
	}
	r, err := o.Parse()
	if err != nil {
		return
	}
	if t := latestDate(map[string]any(r), 0); t.After(s.latest) {
		s.latest, s.latestBy = t, o
	}
}

// dates are the members of snapshots that tell when something happened to the
// thing, so that the snapshot must be later. Expiry dates and what policies and
// tags hold tell of no such moment.
var dates = map[string]bool{
	"CreateDate": true, "PasswordLastUsed": true, "LastUsedDate": true, "EnableDate": true, "UpdateDate": true, "LaunchTime": true, "CreateTime": true,
	"StartTime": true, "AttachTime": true, "user_creation_time": true, "password_last_used": true, "password_last_changed": true,
	"access_key_1_last_rotated": true, "access_key_1_last_used_date": true, "access_key_2_last_rotated": true, "access_key_2_last_used_date": true,
	"LatestDeliveryTime": true, "StopLoggingTime": true, "StartLoggingTime": true, "JoinedTimestamp": true,
}

// latestDate is the greatest of those dates below v; zero if there is none. Depth is bounded
// as bodies are strangers' JSON.
func latestDate(v any, depth int) (latest time.Time) {
	if depth > 8 {
		return latest
	}
	take := func(t time.Time) {
		if t.After(latest) {
			latest = t
		}
	}
	switch v := v.(type) {
	case map[string]any:
		for name, w := range v { // order does not matter: the greatest counts
			switch {
			case strings.HasSuffix(name, "Document"), name == "Tags", name == "LaunchTemplateData":
			case dates[name]:
				if s, ok := w.(string); ok {
					take(evidence.ParseTime(s))
				}
			default:
				take(latestDate(w, depth+1))
			}
		}
	case []any:
		for _, w := range v {
			take(latestDate(w, depth+1))
		}
	}
	return latest
}

// statedMoments gives the moment that somebody stated for the snapshots to those
// that do not say it themselves, unless they mention a later date.
func (in *inquiry) statedMoments() {
	r, ok := in.answers["snapshots_taken"]
	if !ok || len(r.Times) == 0 {
		return
	}
	at, used := r.Times[0].From, false
	for _, s := range in.observed.snapshots {
		if s.moment.IsZero() && !at.Before(s.latest) {
			s.moment, used = at, true
		}
	}
	if used {
		in.assume("snapshots_taken", fmt.Sprintf("Snapshots that do not say when they were taken are from %s, as stated.", stamp(at)))
	}
}

// snapshotLimits says what the snapshots leave open: that there are none, or that
// they cannot be placed in time.
func (in *inquiry) snapshotLimits() {
	ob := in.observed
	if len(ob.snapshots) == 0 {
		in.limit("no_snapshot", "No IAM or resource snapshot was given.", nil, "Whether what was created still exists is judged from later events alone.")
		return
	}
	var untold []string
	for _, id := range keys(ob.snapshots) {
		if s := ob.snapshots[id]; s.moment.IsZero() {
			untold = append(untold, in.bound(s))
		}
	}
	if len(untold) > 0 {
		slices.Sort(untold)
		in.limit("other", fmt.Sprintf("%d %s not say when %s taken (no earlier than the latest date in it: %s).", len(untold),
			map[bool]string{true: "snapshot does", false: "snapshots do"}[len(untold) == 1], map[bool]string{true: "it was", false: "they were"}[len(untold) == 1],
			strings.Join(first(slices.Compact(untold), 5), ", ")), nil,
			"State is concluded from such a snapshot only where it must be later than the call in question. The answer snapshots_taken tells the moment.")
	}
}

// bound says of a snapshot without a moment since when it can be.
func (in *inquiry) bound(s *snapshot) string {
	if s.latest.IsZero() {
		return "it holds none"
	}
	return stamp(s.latest)
}
