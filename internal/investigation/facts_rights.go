package investigation

import (
	"slices"
	"strings"
	"time"

	"github.com/trailhound/trailhound/internal/evidence"
)

// rights are classes of privilege that calls show. Who made one successfully
// had the right; who did not may have had it all the same.
// The classes are coarse on purpose: each is one that a thief takes a role for.
var rights = map[string]func(*evidence.Event) bool{
	"changes identities": func(e *evidence.Event) bool { return e.Source == "iam.amazonaws.com" && !e.ReadOnly },
	"changes logging": func(e *evidence.Event) bool {
		return (e.Source == "cloudtrail.amazonaws.com" || e.Source == "guardduty.amazonaws.com") && !e.ReadOnly
	},
	"reads secrets": func(e *evidence.Event) bool {
		return e.Source == "secretsmanager.amazonaws.com" && strings.HasSuffix(e.Name, "GetSecretValue")
	},
	"changes keys":        func(e *evidence.Event) bool { return e.Source == "kms.amazonaws.com" && !e.ReadOnly },
	"changes the network": func(e *evidence.Event) bool { return strings.Contains(e.Name, "SecurityGroup") && !e.ReadOnly },
	"enters accounts":     func(e *evidence.Event) bool { return e.Source == "organizations.amazonaws.com" },
}

// morePrivileged says whether the role that was assumed was seen to do what its
// taker was never seen to do, or was refused. It is known only when so: what
// nobody did in the evidence proves no lack of rights.
// Shown by the whole of the case's events, before and after: rights seldom change within one.
func (in *inquiry) morePrivileged(e *evidence.Event) (bool, bool) {
	shown := in.shownRights()
	for _, r := range e.Resources {
		if !strings.Contains(r, ":role/") {
			continue
		}
		for right := range shown[r] {
			if !shown[actorOf(e)][right] {
				return true, true
			}
		}
	}
	return false, false
}

// actorOf is the role behind a session, else the caller itself.
func actorOf(e *evidence.Event) string {
	if e.Identity.IssuerARN != "" {
		return e.Identity.IssuerARN
	}
	return e.Identity.ARN
}

// shownRights are the classes of rights that each principal used with success, by ARN.
func (in *inquiry) shownRights() map[string]map[string]bool {
	if in.judged.shown != nil {
		return in.judged.shown
	}
	in.judged.shown = map[string]map[string]bool{}
	for i := range in.at.Events {
		e := &in.at.Events[i]
		if e.Outcome() != evidence.Success {
			continue
		}
		for right, shows := range rights {
			if shows(e) {
				who := actorOf(e)
				if in.judged.shown[who] == nil {
					in.judged.shown[who] = map[string]bool{}
				}
				in.judged.shown[who][right] = true
			}
		}
	}
	return in.judged.shown
}

// cycles is how many renewals at one pace make a keep-alive.
const cycles = 4

// periodic says whether the intruder takes the same role from the same hands
// again and again at a fixed pace. Whoever renews every minute is asked about as often:
// the pace of each sort of call is taken once.
func (in *inquiry) periodic(e *evidence.Event) (bool, bool) {
	if in.judged.periodic == nil {
		at := map[renewal][]time.Time{}
		for i := range in.at.Events {
			if o := &in.at.Events[i]; in.at.Rows[i].Actor.Hostile() && o.Outcome() == evidence.Success {
				at[renewalOf(o)] = append(at[renewalOf(o)], o.Time)
			}
		}
		in.judged.periodic = map[renewal]bool{}
		for k, times := range at {
			in.judged.periodic[k] = steady(times)
		}
	}
	return in.judged.periodic[renewalOf(e)], true
}

// steady says whether times, in order, are renewals at one pace: each gap within a fifth of the
// middle one, and none of a machine that retries within the minute.
func steady(at []time.Time) bool {
	if len(at) <= cycles {
		return false
	}
	gaps := make([]time.Duration, len(at)-1)
	for i := range gaps {
		gaps[i] = at[i+1].Sub(at[i])
	}
	slices.Sort(gaps)
	middle := gaps[len(gaps)/2]
	return middle >= time.Minute && gaps[0] > middle*4/5 && gaps[len(gaps)-1] < middle*6/5
}
