package detection

import (
	"slices"
	"sort"
)

// neighbours marks candidates that have a match of one of the rules after them
// (or before them) in time, linked as the window says: by the instance both speak
// of or act as, by their network (and different credentials), or because one actor
// did both.
//
// Matches are sorted by what links them first, so that a candidate looks only at
// those that it is linked with and takes the first in time. Trying all of a span
// one by one would cost, where nothing is linked, the product of both sides: an
// intruder decides how many of either there are.
func (r *run) neighbours(w window, subjects []int, inside map[int]bool) {
	shelves := map[string]*shelf{}
	for _, j := range r.matchedBy(w.Rules) {
		for _, k := range r.links(w.Link, j) {
			if shelves[k] == nil {
				shelves[k] = &shelf{}
			}
			shelves[k].add(j, r.groups[j])
		}
	}
	for _, i := range subjects {
		at := r.subjects[i].Event.Time
		from, to := at, at.Add(w.Within)
		if w.Kind == "preceded_by" {
			from, to = at.Add(-w.Within), at
		}
		for _, k := range r.links(w.Link, i) {
			s := shelves[k]
			if s == nil {
				continue
			}
			n := sort.Search(len(s.at), func(n int) bool { return !r.subjects[s.at[n]].Event.Time.Before(from) })
			if n = s.other(n, i, r.groups[i], w.Link == "network"); n < len(s.at) && !r.subjects[s.at[n]].Event.Time.After(to) {
				inside[i] = true
				break
			}
		}
	}
}

// matchedBy are the subjects that one of the rules fits, ascending: what looks at them
// relies on the order of time that subjects have.
func (r *run) matchedBy(rules []string) []int {
	var out []int
	for _, id := range rules {
		out = append(out, r.matched[id]...)
	}
	slices.Sort(out)
	return slices.Compact(out)
}

// links are what a subject hangs on another by: two are linked if they share one. All
// credentials of the intruder are one actor.
func (r *run) links(link string, i int) []string {
	s := &r.subjects[i]
	switch link {
	case "instance":
		return instances(s)
	case "network":
		return []string{s.Event.Network()}
	}
	out := []string{r.groups[i]}
	if s.Actor.Hostile() {
		out = append(out, "intruder") // no group is called so: each names its sort first
	}
	return out
}

// shelf is the matches that share one link, in order of time.
type shelf struct {
	at     []int
	groups []string
	next   []int // where the first of another group than this one's stands; see other
}

func (s *shelf) add(subject int, group string) {
	s.at, s.groups = append(s.at, subject), append(s.groups, group)
}

// other is the position of the first match from n on that is not subject i itself and,
// if strangers are wanted, of another group than its; len(s.at) if there is none.
func (s *shelf) other(n, i int, group string, strangers bool) int {
	if !strangers {
		if n < len(s.at) && s.at[n] == i {
			n++ // a subject stands on a shelf once
		}
		return n
	}
	if n < len(s.at) && s.groups[n] == group {
		return s.leap(n)
	}
	return n
}

// leap is where the run of one group that position n lies in ends. It is reckoned once,
// from the back, so that a shelf of one group is not walked by each of its candidates.
func (s *shelf) leap(n int) int {
	if len(s.next) != len(s.at) {
		s.next = make([]int, len(s.at))
		for k := len(s.at) - 1; k >= 0; k-- {
			if s.next[k] = k + 1; k+1 < len(s.at) && s.groups[k+1] == s.groups[k] {
				s.next[k] = s.next[k+1]
			}
		}
	}
	return s.next[n]
}
