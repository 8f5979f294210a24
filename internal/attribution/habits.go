package attribution

import (
	"cmp"
	"slices"
	"time"

	"github.com/trailhound/trailhound/internal/evidence"
)

// habit is what the survey keeps of a person's ways: when each place, tool, service,
// region and action was first seen, and how many calls of a day were made and refused. It
// decides whom a sweep reads whole, so that a sweep costs what stands out and not what
// there is.
type habit struct {
	firsts map[[2]string]int64 // what (below) and value → first seen, Unix nanoseconds
	days   map[int32]HabitDay  // by day number
	last   [4]string           // address, tool, service and region of the latest call
}

// What is seen of a person.
const (
	habitNetwork = "n"
	habitAgent   = "a"
	habitService = "s"
	habitRegion  = "r"
	habitAction  = "c"
)

// HabitDay counts a person's calls of one day.
type HabitDay struct {
	Calls, Denied, Writes int
	Asks                  bool // who it is
}

func (d HabitDay) plus(o HabitDay) HabitDay {
	return HabitDay{d.Calls + o.Calls, d.Denied + o.Denied, d.Writes + o.Writes, d.Asks || o.Asks}
}

// HabitDigest is a person's ways in a slice of the evidence, sorted.
type HabitDigest struct {
	Person string
	Firsts []HabitFirst
	Days   []int32
	Counts []HabitDay // of the day at the same index
}

// HabitFirst is when something was first seen of a person, in Unix nanoseconds.
type HabitFirst struct {
	What, Value string
	At          int64
}

// Bounds against hostile variety. Of a person's values beyond the first nothing is new,
// and whoever has no habit kept stands out.
const (
	maxHabitFirsts = 4096
	maxHabits      = 1 << 17
	maxFamilies    = 1 << 14
)

// habitOf returns the person's, to be added to; nil beyond the bound.
func (s *Survey) habitOf(person string) *habit {
	h := s.habits[person]
	if h == nil && len(s.habits) < maxHabits {
		h = &habit{firsts: map[[2]string]int64{}, days: map[int32]HabitDay{}}
		s.habits[person] = h
	}
	return h
}

// habitual takes note of a call. Those of services tell nothing of a person's ways, and
// those from inside AWS nothing of where and with what a person works.
func (s *Survey) habitual(person string, e *evidence.Event) {
	if isService(e) || e.Identity.ServiceLinked() {
		return
	}
	h := s.habitOf(person)
	if h == nil {
		return
	}
	n := dayNumber(e.Time)
	d := h.days[n]
	d.Calls++
	d.Asks = d.Asks || asksWho(e.Name)
	switch {
	case e.Outcome() == evidence.Failure && refused(e.ErrorCode):
		d.Denied++
	case e.Outcome() == evidence.Success && !e.ReadOnly:
		d.Writes++
	}
	h.days[n] = d
	if e.FromAWS() {
		return
	}
	at := e.Time.UnixNano()
	h.saw(habitAction, e.Action(), at)
	last := [4]string{e.SourceIP, e.UserAgent, e.Source, e.Region}
	if last == h.last && at >= h.firsts[[2]string{habitService, e.Source}] {
		return // most calls come from where the one before did, later
	}
	h.last = last
	family, ok := s.families[e.UserAgent]
	if !ok {
		if len(s.families) == maxFamilies {
			clear(s.families)
		}
		family = evidence.AgentFamily(e.UserAgent)
		s.families[e.UserAgent] = family
	}
	h.saw(habitNetwork, e.Network(), at)
	h.saw(habitAgent, family, at)
	h.saw(habitService, e.Source, at)
	h.saw(habitRegion, e.Region, at)
}

func (h *habit) saw(what, value string, at int64) {
	k := [2]string{what, value}
	if t, ok := h.firsts[k]; !ok && len(h.firsts) < maxHabitFirsts || ok && at < t {
		h.firsts[k] = at
	}
}

func dayNumber(t time.Time) int32 { return int32(t.Unix() / 86400) }

// habitDigests returns what Merge needs, by person.
func (s *Survey) habitDigests() []HabitDigest {
	out := make([]HabitDigest, 0, len(s.habits))
	for person, h := range s.habits {
		d := HabitDigest{Person: person}
		for k, at := range h.firsts {
			d.Firsts = append(d.Firsts, HabitFirst{k[0], k[1], at})
		}
		slices.SortFunc(d.Firsts, func(a, b HabitFirst) int { return cmp.Or(cmp.Compare(a.What, b.What), cmp.Compare(a.Value, b.Value)) })
		for n := range h.days {
			d.Days = append(d.Days, n)
		}
		slices.Sort(d.Days)
		for _, n := range d.Days {
			d.Counts = append(d.Counts, h.days[n])
		}
		out = append(out, d)
	}
	slices.SortFunc(out, func(a, b HabitDigest) int { return cmp.Compare(a.Person, b.Person) })
	return out
}

func (s *Survey) mergeHabit(d *HabitDigest) {
	h := s.habitOf(d.Person)
	if h == nil {
		return
	}
	for _, f := range d.Firsts {
		h.saw(f.What, f.Value, f.At)
	}
	for i, n := range d.Days {
		if i < len(d.Counts) {
			h.days[n] = h.days[n].plus(d.Counts[i])
		}
	}
}
