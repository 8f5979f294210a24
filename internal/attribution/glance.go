package attribution

import "time"

// fewCalls is what somebody unknown must have asked at least, if they changed nothing, for
// it to be looked at: scanners of the whole internet leave one call each.
const fewCalls = 3

// standsOut says whether any signal could speak against the person's calls in a window that
// begins at from, or, where that is zero, at any time. It errs to the side of yes: whom it
// passes over nobody judges.
func (s *Survey) standsOut(person string, w *Weights, from, to time.Time) bool {
	h, self := s.habits[person], s.users[person]
	if h == nil || self == nil {
		return true
	}
	since := from
	if from.IsZero() {
		since = self.First.AddDate(0, 0, w.Baseline.MinDays) // what is new once there are habits
	}
	var in HabitDay
	before, days := 0, 0
	for n, d := range h.days {
		switch {
		case !from.IsZero() && n < dayNumber(from):
			before += d.Calls
			days++
		case to.IsZero() || n <= dayNumber(to):
			in = in.plus(d)
		}
	}
	if in.Calls == 0 {
		return false
	}
	if !from.IsZero() && (before < w.Baseline.MinEvents || days < w.Baseline.MinDays) {
		return in.Writes > 0 || in.Calls >= fewCalls // of little history nothing is known to be usual
	}
	fresh, old := map[string]int{}, 0
	for k, at := range h.firsts {
		switch t := time.Unix(0, at); {
		case t.Before(since):
			if k[0] == habitNetwork {
				old++
			}
		case to.IsZero() || t.Before(to):
			fresh[k[0]]++
		}
	}
	if !from.IsZero() && old >= w.Baseline.RoamingDays && 2*old >= days {
		fresh[habitNetwork] = 0 // it always comes from new places
	}
	return in.Denied >= w.Cluster.DeniedCalls || fresh[habitNetwork]+fresh[habitAgent]+fresh[habitService]+fresh[habitRegion] > 0 ||
		in.Asks && fresh[habitAction] > 0 || s.didGrave(person, w, from, to)
}

// didGrave says whether the person did a grave act in the window, by the day.
func (s *Survey) didGrave(person string, w *Weights, from, to time.Time) bool {
	for k, list := range s.doers {
		if len(w.graveActs[k[1]]) == 0 {
			continue
		}
		for _, d := range list {
			if d.person != person {
				continue
			}
			for _, n := range d.days {
				if (from.IsZero() || n >= dayNumber(from)) && (to.IsZero() || n <= dayNumber(to)) {
					return true
				}
			}
		}
		if len(list) >= s.maxDoers {
			return true // who else did is not kept
		}
	}
	return false
}
