package attribution

import (
	"cmp"
	"maps"
	"slices"
	"strings"
	"time"

	"github.com/trailhound/trailhound/internal/evidence"
)

// leaver says whether the case is about this person's leaving. Many enter a role:
// of one, only those who are told apart by their session's name are meant.
func (r *run) leaver(p *person) bool {
	if strings.HasPrefix(p.unique, "AROA") && !strings.Contains(p.unique, ":") || r.stays(p) {
		return false
	}
	return slices.Contains(r.in.Principals, p.unique) || slices.Contains(r.in.Leavers, p.unique) || slices.ContainsFunc(r.in.Credentials, func(id string) bool { n := r.g.Node(id); return n != nil && n.Person == p.unique })
}

// stays says whether the case names a principal beside somebody else who left: whoever takes the
// access away, or finds out, stands in the same sentence.
func (r *run) stays(p *person) bool {
	return slices.Contains(r.in.Principals, p.unique) && len(r.in.Leavers) > 0 && !slices.Contains(r.in.Leavers, p.unique)
}

// left says whether the end of an employment divides what was done in the cluster into the job and what
// came after it.
func (r *run) left(p *person, c *Cluster) bool {
	return !r.stays(p) && (p.namedStolen(c) || r.leaver(p))
}

// judgeLeaver decides a cluster of somebody who left the organisation by the moment at which they did, whatever
// it scored, and reports whether nothing else is to be asked of it.
func (r *run) judgeLeaver(p *person, c *Cluster) bool {
	switch t := r.in.Terminated; {
	case t.IsZero() || !r.left(p, c):
		return false
	case c.First.Before(t):
		c.atNotice = c.Score
		c.fixed, c.own, c.Actor, c.Why = true, true, Owner, beforeTermination
	case r.maybeBefore(p, c):
		c.Actor, c.Why = Undetermined, "case:around_termination|"+c.Why
	case p.automated(c, t):
		c.Actor, c.own, c.Why = Owner, true, "habit:automation|"+c.Why
	case r.clockwork(p, c):
		c.Actor, c.own, c.Why = Undetermined, false, "case:clockwork|"+c.Why
	default:
		// What the case points at, and what was found in an earlier round, is still to be asked.
		c.Actor, c.own, c.Why = LikelyIntruder, false, "case:after_termination|"+c.Why
		return false
	}
	return true
}

// gone says whether a cluster lies after the end of an employment, in whatever time zone that was told.
func (r *run) gone(c *Cluster) bool {
	return !r.in.Terminated.IsZero() && !c.First.Before(latest(r.in.Terminated, r.in.TerminatedBy))
}

// On so many days must a job have run for its hour to tell it; see clockwork.
const clockworkDays = 3

// clockwork says whether a cluster is a run of a job that nothing shows to be older than the end of an employment,
// because the evidence begins after it: the same calls and no others, from one place with one tool, at the
// same hour of every day on which they ran, and no errand of an intruder's among them. Whoever left may have set
// it up, for their work or for later, so that it is left open.
func (r *run) clockwork(p *person, c *Cluster) bool {
	if r.s.Began(p.events[c.events[0]].Account).Before(r.in.Terminated) || c.series || c.Score >= r.w.Thresholds.Likely {
		return false
	}
	days, did := map[string]bool{}, p.did(c)
	for _, o := range p.clusters {
		if o.Network != c.Network || o.Agent != c.Agent {
			continue
		}
		off := o.First.Sub(c.First).Abs() % (24 * time.Hour)
		if min(off, 24*time.Hour-off) > time.Hour || o.Last.Sub(o.First) > time.Hour || !maps.Equal(p.did(o), did) {
			return false
		}
		days[o.First.Format(time.DateOnly)] = true
	}
	return len(days) >= clockworkDays && !slices.ContainsFunc(c.events, func(i int) bool { return r.w.grave(&p.events[i]) })
}

// maybeBefore says whether a cluster may still lie before the end of an employment that was told as a time
// without a zone, and looks like the work of any other day: the usual place, tool and hour, nothing but
// what the principal did before, or looking around. What else was done then is held to be after the end.
func (r *run) maybeBefore(p *person, c *Cluster) bool {
	return c.Last.Before(r.in.TerminatedBy) && c.own && c.Score < r.w.Thresholds.Undetermined && !c.series && !slices.ContainsFunc(c.events, func(i int) bool {
		e := &p.events[i]
		looks := e.ReadOnly && (strings.HasPrefix(e.Name, "List") || strings.HasPrefix(e.Name, "Describe") || asksWho(e.Name))
		return !looks && !p.baseline.plain[e.Action()] || !p.baseline.worksAt(e.Time.Hour())
	})
}

const (
	beforeTermination = "case:before_termination" // the reason of what was done while it was the job

	// LastDays is the reason of what is left open of it.
	LastDays = "case:last_days"
)

// settle takes a gift for part of the job, and with it what was only done in its hour.
func (r *run) settle(at place) {
	r.settled[at.p.events[at.i].ID] = true
	for i := range at.p.verdicts {
		if v := &at.p.verdicts[i]; v.because == LastDays && !v.actor.Hostile() {
			*v = verdict{Owner, beforeTermination, true}
		}
	}
	r.lastDays(at.p)
}

// tells says whether a call in the hour of a grave act says something of the sitting: it changed
// something, or would have but for missing rights, or it read secrets.
func (w *Weights) tells(e *evidence.Event) bool {
	if e.Outcome() == evidence.Failure {
		return !e.ReadOnly && refused(e.ErrorCode)
	}
	return !e.ReadOnly && makes(e) || slices.Contains(w.SecretReads, e.Action())
}

// lastDays keeps open, of what who leaves did in their notice, the grave acts that they had never done
// and whatever else new they changed, tried to change or read of secrets within the hour of one, or of
// data as never on another day: an export, a share, a key for somebody else
// may have been the job, but that they were made from the usual desk does not show it. Where such a
// sitting is an intruder's by its own points, or one of its acts was shown to be theirs after they had
// gone, these acts are likely one's.
func (r *run) lastDays(p *person) {
	t := r.in.Terminated
	if t.IsZero() || !r.leaver(p) {
		return
	}
	first := map[string]time.Time{} // action → first done
	for i := range p.events {
		if e := &p.events[i]; e.Outcome() == evidence.Success && first[e.Action()].IsZero() {
			first[e.Action()] = e.Time
		}
	}
	window := time.Duration(r.w.Cluster.GraveMinutes) * time.Minute
	for _, h := range p.grave {
		at := p.events[h.i].Time
		if at.Before(t.AddDate(0, 0, -NoticeDays)) || !at.Before(t) || p.didBefore(h.act.kind, at) || r.settled[p.events[h.i].ID] {
			continue
		}
		acts, actor := []int(nil), Undetermined
		for i := range p.events {
			e, n := &p.events[i], p.owner[i]
			apart := e.Time.Sub(at)
			if n < 0 || p.clusters[n].Session != h.session || apart < -window || apart > window || !r.w.tells(e) && !r.bulk(p, e) {
				continue
			}
			if p.verdicts[i].actor.Hostile() || p.clusters[n].atNotice >= r.w.Thresholds.Likely {
				actor = LikelyIntruder
			}
			if done := first[e.Action()]; i == h.i || done.IsZero() || e.Time.Sub(done) < graveApart || r.bulk(p, e) {
				acts = append(acts, i)
			}
		}
		for _, i := range acts {
			if p.clusters[p.owner[i]].Why == beforeTermination && !p.verdicts[i].actor.Hostile() {
				p.verdicts[i] = verdict{actor, LastDays, true}
			}
		}
	}
}

// bulk says whether a call read data on a day on which its principal read in this way so much that no
// other but the days beside it comes near: data read as part of the job is read every day.
func (r *run) bulk(p *person, e *evidence.Event) bool {
	action := e.Action()
	if e.Outcome() != evidence.Success || !slices.Contains(r.w.DataReads, action) {
		return false
	}
	return p.bulkDays(action, r.w.Bulk.Least, r.w.Bulk.Times)[dayOf(e.Time)]
}

// bulkDays are the days on which an action was done so often, looked up once for each action: a leaver may have
// read as many objects as there are.
func (p *person) bulkDays(action string, least, times int) map[int64]bool {
	if out, ok := p.bulky[action]; ok {
		return out
	}
	n := map[int64]int{}
	for i := range p.events {
		if e := &p.events[i]; e.Action() == action && e.Outcome() == evidence.Success {
			n[dayOf(e.Time)]++
		}
	}
	days := slices.SortedFunc(maps.Keys(n), func(a, b int64) int { return cmp.Or(n[b]-n[a], cmp.Compare(a, b)) })
	out := map[int64]bool{}
	for _, day := range days {
		most := 0
		for _, other := range days {
			if apart := other - day; apart < -1 || apart > 1 { // a night has two days
				most = n[other] // and no other has more
				break
			}
		}
		if n[day] >= least && n[day] >= times*most {
			out[day] = true
		}
	}
	if p.bulky == nil {
		p.bulky = map[string]map[int64]bool{}
	}
	p.bulky[action] = out
	return out
}

// dayOf numbers the days of UTC.
func dayOf(t time.Time) int64 { return t.Unix() / (24 * 60 * 60) }
