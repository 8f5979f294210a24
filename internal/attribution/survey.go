package attribution

import (
	"slices"
	"time"

	"github.com/trailhound/trailhound/internal/evidence"
)

// Survey is what one bounded pass over all events learns about the account as
// a whole: who shares which network, which services and regions are in use.
// Its size grows with distinct values, not with events.
type Survey struct {
	First, Last time.Time
	Events      int

	networks map[string]*networkSeen
	firsts   map[[3]string]time.Time            // kind, account, value → first seen
	doers    map[[2]string]map[string]*dayCount // account, action → unique id → days it was done on
	users    map[string]*PrincipalSeen          // person → what is known of it
}

type networkSeen struct {
	principals map[string]bool
	days       map[string]bool
}

type dayCount struct{ days []int32 } // distinct day numbers, in order of arrival

// PrincipalSeen is what the survey keeps of each principal.
type PrincipalSeen struct {
	Person   string // evidence.Identity.Person
	Identity evidence.Identity
	First    time.Time
	Last     time.Time
	Events   int
}

// bounds against hostile variety; beyond them a network counts as shared and
// an action as everybody's, which only ever makes the judgement milder.
const (
	maxPrincipalsPerNetwork = 64
	maxDoersPerAction       = 64
)

// NewSurvey returns an empty Survey.
func NewSurvey() *Survey {
	return &Survey{
		networks: map[string]*networkSeen{}, firsts: map[[3]string]time.Time{}, doers: map[[2]string]map[string]*dayCount{},
		users: map[string]*PrincipalSeen{},
	}
}

// Add takes note of one event; order does not matter.
func (s *Survey) Add(e *evidence.Event) {
	s.Events++
	if s.First.IsZero() || e.Time.Before(s.First) {
		s.First = e.Time
	}
	if e.Time.After(s.Last) {
		s.Last = e.Time
	}
	s.seen("service", e.Account, e.Source, e.Time)
	s.seen("region", e.Account, e.Region, e.Time)
	unique := e.Identity.Person()
	if unique == "" || e.Identity.Type == "AWSService" {
		return
	}
	s.principal(unique, e)
	if !e.FromAWS() {
		n := s.networks[e.Network()]
		if n == nil {
			n = &networkSeen{map[string]bool{}, map[string]bool{}}
			s.networks[e.Network()] = n
		}
		if len(n.principals) < maxPrincipalsPerNetwork {
			n.principals[unique] = true
		}
		if len(n.days) < 400 {
			n.days[e.Time.Format("2006-01-02")] = true
		}
	}
	if e.Outcome() == evidence.Success && !e.ReadOnly {
		s.did(unique, e)
	}
}

func (s *Survey) principal(unique string, e *evidence.Event) {
	p := s.users[unique]
	if p == nil {
		p = &PrincipalSeen{Person: unique, Identity: e.Identity, First: e.Time, Last: e.Time}
		s.users[unique] = p
	}
	p.Events++
	if e.Time.Before(p.First) {
		p.First = e.Time
	}
	if e.Time.After(p.Last) {
		p.Last = e.Time
	}
	if e.Identity.ARN > p.Identity.ARN { // any fixed choice will do; the order of events must not matter
		p.Identity = e.Identity
	}
}

func (s *Survey) seen(kind, account, value string, t time.Time) {
	k := [3]string{kind, account, value}
	if first, ok := s.firsts[k]; !ok || t.Before(first) {
		s.firsts[k] = t
	}
}

func (s *Survey) did(unique string, e *evidence.Event) {
	k := [2]string{e.Account, e.Action()}
	if s.doers[k] == nil {
		s.doers[k] = map[string]*dayCount{}
	}
	d := s.doers[k][unique]
	if d == nil {
		if len(s.doers[k]) >= maxDoersPerAction {
			return
		}
		d = &dayCount{}
		s.doers[k][unique] = d
	}
	if day := int32(e.Time.Unix() / 86400); len(d.days) < 400 && !slices.Contains(d.days, day) {
		d.days = append(d.days, day)
	}
}

// FirstSeen is when a service or region ("service", "region") was first used in
// the account; ok is false if never.
func (s *Survey) FirstSeen(kind, account, value string) (t time.Time, ok bool) {
	t, ok = s.firsts[[3]string{kind, account, value}]
	return t, ok
}

// DaysDone is on how many distinct days before t the principal did an action
// successfully.
func (s *Survey) DaysDone(account, action, unique string, t time.Time) int {
	n := 0
	if d := s.doers[[2]string{account, action}][unique]; d != nil {
		for _, day := range d.days {
			if time.Unix(int64(day)*86400, 0).Before(t) {
				n++
			}
		}
	}
	return n
}

// Principal returns what is known of a unique id, or nil.
func (s *Survey) Principal(unique string) *PrincipalSeen { return s.users[unique] }

// Principals lists every principal, by unique id.
func (s *Survey) Principals() []*PrincipalSeen {
	out := make([]*PrincipalSeen, 0, len(s.users))
	for _, p := range s.users {
		out = append(out, p)
	}
	slices.SortFunc(out, func(a, b *PrincipalSeen) int {
		if a.Person < b.Person {
			return -1
		}
		return 1
	})
	return out
}

// UniqueOf is the unique id behind an ARN of a user, role or session, or "".
func (s *Survey) UniqueOf(arn string) string {
	best := ""
	for _, p := range s.users {
		if id := p.Identity; (id.ARN == arn || id.IssuerARN == arn) && id.UniqueID() > best {
			best = id.UniqueID()
		}
	}
	return best
}

// On lists the principals seen on a network, sorted.
func (s *Survey) On(network string) []string {
	n := s.networks[network]
	if n == nil {
		return nil
	}
	out := make([]string, 0, len(n.principals))
	for p := range n.principals {
		out = append(out, p)
	}
	slices.Sort(out)
	return out
}

// Days is on how many days the network was seen.
func (s *Survey) Days(network string) int {
	if n := s.networks[network]; n != nil {
		return len(n.days)
	}
	return 0
}
