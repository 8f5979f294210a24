package attribution

import (
	"cmp"
	"slices"
	"time"
)

// SurveyDigest is a Survey of a slice of the evidence, as it is kept. Lists are
// in the order in which the slice tells them, or sorted where order says nothing.
type SurveyDigest struct {
	First, Last time.Time
	Events      int
	Networks    []NetworkDigest
	Firsts      []FirstDigest
	Doers       []DoerDigest
	Principals  []*PrincipalSeen
	Habits      []HabitDigest
}

// NetworkDigest is who was on a network, and when.
type NetworkDigest struct {
	Network          string
	Principals, Days []string
}

// FirstDigest is when a service or region was first used in an account.
type FirstDigest struct {
	Kind, Account, Value string
	At                   time.Time
}

// DoerDigest is on which days a person did an action.
type DoerDigest struct {
	Account, Action, Person string
	Days                    []int32
}

// maxDoersPerSlice is the bound on a slice: so much wider than that of the whole
// that whoever counts in the whole is not left out of a slice.
const maxDoersPerSlice = 4096

// NewSliceSurvey returns an empty Survey of a slice, to be made a digest of.
func NewSliceSurvey() *Survey {
	s := NewSurvey()
	s.maxDoers = maxDoersPerSlice
	return s
}

// Digest returns what Merge needs. It shares the survey's memory.
func (s *Survey) Digest() SurveyDigest {
	d := SurveyDigest{First: s.First, Last: s.Last, Events: s.Events, Principals: s.Principals(), Habits: s.habitDigests()}
	for name, n := range s.networks {
		d.Networks = append(d.Networks, NetworkDigest{name, n.principals, n.days})
	}
	slices.SortFunc(d.Networks, func(a, b NetworkDigest) int { return cmp.Compare(a.Network, b.Network) })
	for k, at := range s.firsts {
		d.Firsts = append(d.Firsts, FirstDigest{k[0], k[1], k[2], at})
	}
	slices.SortFunc(d.Firsts, func(a, b FirstDigest) int {
		return cmp.Or(cmp.Compare(a.Kind, b.Kind), cmp.Compare(a.Account, b.Account), cmp.Compare(a.Value, b.Value))
	})
	for k, list := range s.doers {
		for _, o := range list {
			d.Doers = append(d.Doers, DoerDigest{k[0], k[1], o.person, o.days})
		}
	}
	slices.SortStableFunc(d.Doers, func(a, b DoerDigest) int {
		return cmp.Or(cmp.Compare(a.Account, b.Account), cmp.Compare(a.Action, b.Action))
	})
	return d
}

// Merge adds a slice. Slices must come in order of time: the survey is then the
// one that Add makes of their events, one after the other.
func (s *Survey) Merge(d SurveyDigest) {
	s.Events += d.Events
	if s.First.IsZero() || !d.First.IsZero() && d.First.Before(s.First) {
		s.First = d.First
	}
	if d.Last.After(s.Last) {
		s.Last = d.Last
	}
	for _, n := range d.Networks {
		for _, p := range n.Principals {
			for _, day := range n.Days {
				s.network(n.Network, p, day)
			}
		}
	}
	for _, f := range d.Firsts {
		s.seen(f.Kind, f.Account, f.Value, f.At)
	}
	for _, o := range d.Doers {
		for _, day := range o.Days {
			s.does([2]string{o.Account, o.Action}, o.Person, day)
		}
	}
	for _, p := range d.Principals {
		s.saw(p)
	}
	for i := range d.Habits {
		s.mergeHabit(&d.Habits[i])
	}
}
