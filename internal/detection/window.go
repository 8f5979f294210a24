package detection

import (
	"regexp"
	"slices"
	"strings"
	"time"

	"github.com/trailhound/trailhound/internal/evidence"
)

// window is a condition over neighbouring events. It is written into the
// compiled expression as JSON, and settled over the rule's candidates: the
// subjects that the rest of the condition accepts.
// spec is its own JSON, by which the scene finds the answer.
type window struct {
	Kind   string
	N      int           `json:",omitempty"`
	Within time.Duration `json:",omitempty"`
	Path   string        `json:",omitempty"`
	Link   string        `json:",omitempty"`
	Steps  []string      `json:",omitempty"`
	Rules  []string      `json:",omitempty"`
	spec   string
}

// windowKind is how a window is written in a rule.
type windowKind struct {
	name  string
	usage string
	args  []string
	least int
}

var windowKinds = []windowKind{
	{"distinct_ops", `distinct_ops(6, "5m")`, []string{"n", "within"}, 2},
	{"distinct_resources", `distinct_resources(5, "10m")`, []string{"n", "within"}, 2},
	{"distinct_regions", `distinct_regions(4, "10m")`, []string{"n", "within"}, 2},
	{"distinct_networks", `distinct_networks(2, "30m")`, []string{"n", "within"}, 2},
	{"distinct", `distinct("requestParameters.roleArn", 3, "10m")`, []string{"path", "n", "within"}, 3},
	{"burst", `burst(5, "10m") or burst(5, "10m", "sourceIPAddress") to count per value of a field`, []string{"n", "within", "path"}, 2},
	{"same_actor_sequence", `same_actor_sequence(["CreateFunction", "CreateApi|CreateRestApi"], "60m") or same_actor_sequence([...], "60m", "requestParameters.userName") for calls on one thing`,
		[]string{"steps", "within", "path"}, 2},
	{"same_instance_sequence", `same_instance_sequence(["StopInstances", "StartInstances"], "30m")`, []string{"steps", "within"}, 2},
	{"followed_by", `followed_by("IA-009", "30m", "instance") with link any, instance or network`, []string{"rules", "within", "link"}, 3},
	{"preceded_by", `preceded_by(["CA-001"], "24h", "network") with link any, instance or network`, []string{"rules", "within", "link"}, 3},
}

// windowsOf settles every window of the rule: which candidates stand inside.
func (r *run) windowsOf(rule *Rule, list []candidate) map[string]map[int]bool {
	subjects := make([]int, len(list))
	for n, c := range list {
		subjects[n] = c.subject
	}
	out := make(map[string]map[int]bool, len(rule.cond.windows))
	for _, w := range rule.cond.windows {
		inside := map[int]bool{}
		switch w.Kind {
		case "same_actor_sequence", "same_instance_sequence":
			r.sequences(w, r.done(rule, subjects), inside)
		case "followed_by", "preceded_by":
			r.neighbours(w, subjects, inside)
		default:
			r.slide(w, subjects, inside)
		}
		out[w.spec] = inside
	}
	return out
}

// slide moves one window over each group's candidates and marks all events of
// every span that holds enough different values. Each event enters and leaves
// once, and is marked once: linear in the events and their values.
func (r *run) slide(w window, subjects []int, inside map[int]bool) {
	// Groups are independent: in which order they are taken does not show.
	groups := map[string][]int{}
	for _, i := range subjects {
		g := r.groups[i]
		if w.Kind == "burst" && w.Path != "" {
			if g = strings.Join(at(map[string]any(r.subjects[i].Record), w.Path), " "); g == "" {
				continue // what holds no value is no burst of one value
			}
		}
		groups[g] = append(groups[g], i)
	}
	for _, list := range groups {
		seen := map[string]int{}
		values := make([][]string, len(list))
		first, marked := 0, 0
		for n, i := range list {
			values[n] = r.values(w, i)
			for _, v := range values[n] {
				seen[v]++
			}
			for r.subjects[i].Event.Time.Sub(r.subjects[list[first]].Event.Time) > w.Within {
				for _, v := range values[first] {
					if seen[v]--; seen[v] == 0 {
						delete(seen, v)
					}
				}
				first++
			}
			if len(seen) >= w.N {
				for marked = max(marked, first); marked <= n; marked++ {
					inside[list[marked]] = true
				}
			}
		}
	}
}

// values is what the window counts of one event.
func (r *run) values(w window, i int) []string {
	s := &r.subjects[i]
	switch w.Kind {
	case "distinct_ops":
		return []string{s.Event.Source + " " + s.Event.Name}
	case "distinct_regions":
		return []string{s.Event.Region}
	case "distinct_networks":
		return []string{s.Event.Network()}
	case "distinct_resources":
		return targets(s)
	case "distinct":
		return dedupe(at(map[string]any(s.Record), w.Path))
	}
	return []string{s.Event.Key()} // burst counts events
}

// done leaves out refused calls where the rule needs success: a chain with a step
// that never happened is not the chain, and its other steps have rules of their own.
func (r *run) done(rule *Rule, subjects []int) []int {
	if !rule.NeedsSuccess {
		return subjects
	}
	return slices.DeleteFunc(slices.Clone(subjects), func(i int) bool { return r.subjects[i].Event.Outcome() == evidence.Failure })
}

// sequences marks the events of every chain of steps that ends in time. All
// credentials of the intruder are one actor; anybody else is a credential. With
// a path, the steps are those that hold one value there.
// Inside one second the order is not known, so any order is accepted there.
func (r *run) sequences(w window, subjects []int, inside map[int]bool) {
	type key struct{ actor, thing string }
	groups := map[key][]int{}
	for _, i := range subjects {
		actor := r.groups[i]
		if r.subjects[i].Actor.Hostile() {
			actor = "intruder"
		}
		things := []string{""}
		switch {
		case w.Kind == "same_instance_sequence":
			things = instances(&r.subjects[i])
		case w.Path != "": // what names nothing belongs to no chain on one thing
			things = dedupe(at(map[string]any(r.subjects[i].Record), w.Path))
		}
		for _, t := range things {
			groups[key{actor, t}] = append(groups[key{actor, t}], i)
		}
	}
	for _, list := range groups {
		r.chain(w, list, inside)
	}
}

// chain keeps, for each step, the latest chain that reached it: the one with
// the latest start, which is the one most likely to end in time.
func (r *run) chain(w window, list []int, inside map[int]bool) {
	best := make([][]int, len(w.Steps))
	names := make([][]string, len(w.Steps)) // of each step: "CreateApi|CreateRestApi" is either
	for n, step := range w.Steps {
		names[n] = strings.Split(step, "|")
	}
	for len(list) > 0 {
		second := 1
		for second < len(list) && r.subjects[list[second]].Event.Time.Equal(r.subjects[list[0]].Event.Time) {
			second++
		}
		now := list[:second]
		list = list[second:]
		for n := range w.Steps {
			for _, i := range now {
				e := r.subjects[i].Event
				if !slices.Contains(names[n], e.Name) {
					continue
				}
				switch {
				case n == 0:
					best[0] = []int{i}
				case best[n-1] != nil && e.Time.Sub(r.subjects[best[n-1][0]].Event.Time) <= w.Within && !slices.Contains(best[n-1], i):
					best[n] = append(slices.Clone(best[n-1]), i)
				}
			}
		}
		if last := best[len(best)-1]; last != nil {
			for _, i := range last {
				inside[i] = true
			}
			best[len(best)-1] = nil
		}
	}
}

var instanceID = regexp.MustCompile(`^i-[0-9a-zA-Z]{8,17}$`)

// instances are the EC2 instances an event names, or acts as (the session of an
// instance role carries the instance's id).
func instances(s *Subject) []string {
	var out []string
	if id := s.Event.Identity.SessionName(); instanceID.MatchString(id) {
		out = append(out, id)
	}
	walk(plain(s.Record["requestParameters"], 0), func(_, v string) {
		if instanceID.MatchString(v) && len(out) < evidence.MaxResources {
			out = append(out, v)
		}
	})
	return dedupe(out)
}

func dedupe(list []string) []string {
	slices.Sort(list)
	return slices.Compact(list)
}
