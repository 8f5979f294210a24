package attribution

import (
	"slices"
	"strings"
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
	firsts   map[[3]string]time.Time   // kind, account, value → first seen
	doers    map[[2]string][]*doer     // account, action → who did it
	began    map[string]time.Time      // account → its first event
	users    map[string]*PrincipalSeen // person → what is known of it
	habits   map[string]*habit         // person → where, when and with what it works
	families map[string]string         // user agent → evidence.AgentFamily
	maxDoers int                       // of one action
}

// networkSeen keeps both lists in order of arrival.
type networkSeen struct {
	principals []string
	days       []string
}

// doer is on which days a person did an action: distinct day numbers, in order of
// arrival.
type doer struct {
	person string
	days   []int32
}

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
	maxDays                 = 400
)

// NewSurvey returns an empty Survey.
func NewSurvey() *Survey {
	return &Survey{
		networks: map[string]*networkSeen{}, firsts: map[[3]string]time.Time{}, doers: map[[2]string][]*doer{},
		began: map[string]time.Time{}, users: map[string]*PrincipalSeen{}, maxDoers: maxDoersPerAction,
		habits: map[string]*habit{}, families: map[string]string{},
	}
}

// Add takes note of one event. Within the bounds order does not matter.
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
	s.habitual(unique, e)
	if !e.FromAWS() && witnesses(e) {
		s.network(e.Network(), unique, e.Time.Format("2006-01-02"))
	}
	if e.Outcome() == evidence.Success && !e.ReadOnly {
		s.did(unique, e)
	}
	if makes(e) {
		s.seen("made", e.Account, e.Region, e.Time)
	}
}

// makes says whether a call made, changed or ran something in its region. Sign-ins
// are served where AWS likes; and to run a model counts as a read.
func makes(e *evidence.Event) bool {
	return e.Outcome() == evidence.Success && e.Source != "signin.amazonaws.com" && e.Source != "sts.amazonaws.com" &&
		(!e.ReadOnly || strings.HasPrefix(e.Name, "Invoke") || strings.HasPrefix(e.Name, "Converse"))
}

// witnesses says whether an event shows that its person is on the network it
// came from. A sign-in that failed shows only that somebody knew a name, and
// what a directory records of its own side of a sign-in is of the person whose
// session it opens: the session's calls tell of them.
func witnesses(e *evidence.Event) bool {
	switch e.Identity.Type {
	case "Unknown", "SAMLUser", "WebIdentityUser", "IdentityCenterUser":
		return false
	}
	return e.Outcome() == evidence.Success || e.Source != "signin.amazonaws.com"
}

func (s *Survey) network(name, person, day string) {
	n := s.networks[name]
	if n == nil {
		n = &networkSeen{}
		s.networks[name] = n
	}
	if len(n.principals) < maxPrincipalsPerNetwork && !slices.Contains(n.principals, person) {
		n.principals = append(n.principals, person)
	}
	if i := len(n.days) - 1; i >= 0 && n.days[i] == day {
		return
	}
	if len(n.days) < maxDays && !slices.Contains(n.days, day) {
		n.days = append(n.days, day)
	}
}

func (s *Survey) principal(unique string, e *evidence.Event) {
	s.saw(&PrincipalSeen{Person: unique, Identity: e.Identity, First: e.Time, Last: e.Time, Events: 1})
}

func (s *Survey) saw(o *PrincipalSeen) {
	p := s.users[o.Person]
	if p == nil {
		one := *o
		s.users[o.Person] = &one
		return
	}
	p.Events += o.Events
	if o.First.Before(p.First) {
		p.First = o.First
	}
	if o.Last.After(p.Last) {
		p.Last = o.Last
	}
	if o.Identity.ARN > p.Identity.ARN { // any fixed choice will do; the order of events must not matter
		p.Identity = o.Identity
	}
}

func (s *Survey) seen(kind, account, value string, t time.Time) {
	k := [3]string{kind, account, value}
	if first, ok := s.firsts[k]; ok && !t.Before(first) {
		return
	}
	s.firsts[k] = t
	if began, ok := s.began[account]; !ok || t.Before(began) {
		s.began[account] = t
	}
}

func (s *Survey) did(unique string, e *evidence.Event) {
	s.does([2]string{e.Account, e.Action()}, unique, dayNumber(e.Time))
}

func (s *Survey) does(k [2]string, person string, day int32) {
	var d *doer
	if i := slices.IndexFunc(s.doers[k], func(d *doer) bool { return d.person == person }); i >= 0 {
		d = s.doers[k][i]
	} else {
		if len(s.doers[k]) >= s.maxDoers {
			return
		}
		d = &doer{person: person}
		s.doers[k] = append(s.doers[k], d)
	}
	if len(d.days) < maxDays && !slices.Contains(d.days, day) {
		d.days = append(d.days, day)
	}
}

// FirstSeen is when a service or region ("service", "region") was first used in
// the account, or a region first used to make anything ("made"); ok is false if never.
func (s *Survey) FirstSeen(kind, account, value string) (t time.Time, ok bool) {
	t, ok = s.firsts[[3]string{kind, account, value}]
	return t, ok
}

// Began is the first event of an account; zero if there is none.
func (s *Survey) Began(account string) time.Time { return s.began[account] }

// DaysDone is on how many distinct days before t the principal did an action
// successfully.
func (s *Survey) DaysDone(account, action, unique string, t time.Time) int {
	n := 0
	for _, d := range s.doers[[2]string{account, action}] {
		for _, day := range d.days {
			if d.person == unique && time.Unix(int64(day)*86400, 0).Before(t) {
				n++
			}
		}
	}
	return n
}

// Done says whether anybody did an action successfully, in any account.
func (s *Survey) Done(action string) bool {
	for k := range s.doers {
		if k[1] == action {
			return true
		}
	}
	return false
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
	return slices.Sorted(slices.Values(n.principals))
}

// Roams says whether a principal was seen on more than one network.
func (s *Survey) Roams(person string) bool {
	n := 0
	for _, seen := range s.networks {
		if slices.Contains(seen.principals, person) {
			if n++; n > 1 {
				return true
			}
		}
	}
	return false
}

// FirstDay is the day on which the network was first seen, as 2006-01-02; "" if
// it never was.
func (s *Survey) FirstDay(network string) string {
	n := s.networks[network]
	if n == nil || len(n.days) == 0 {
		return ""
	}
	return slices.Min(n.days)
}

// Days is on how many days the network was seen.
func (s *Survey) Days(network string) int {
	if n := s.networks[network]; n != nil {
		return len(n.days)
	}
	return 0
}
