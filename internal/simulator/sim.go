package simulator

import (
	"cmp"
	"context"
	"fmt"
	"maps"
	"slices"
	"time"
)

// Record is one event as it stands on the trail.
type Record struct {
	ID      string
	Account string // whose trail
	Region  string
	Time    time.Time
	Body    []byte // one JSON object

	seq int // order of making: the last tie-breaker
	due int64
}

// sim is one run. The story is told first and lands in pending; then time
// passes hour by hour, and only one hour of the background is ever in memory.
type sim struct {
	w       *world
	truth   recorder
	density float64 // how busy the people are: 1 is the usual company
	target  int
	pages   []page
	actors  []actor
	fleet   *fleet
	away    map[string]bool // "<person>/<day>": not at work
	gap     [2]time.Time    // the trail is off, from and to
	jitter  stream
	m       mutant

	vendorTool agent

	pending map[int64][]Record // by hour since 1970
	hour    int64              // the hour being lived; nothing may be put before it
	n       int
	err     error
}

// usual is the number of events of an incident when none is asked for.
// It is some four weeks of a company of seven people and their machines.
const usual = 20_000

func newSim(in incident, o Options) (*sim, error) {
	m, err := newMutant(o.Mutate)
	if err != nil {
		return nil, err
	}
	s := &sim{m: m, w: newWorld(in.name, o.Seed, in.weeks, m.on), target: o.Events, pending: map[int64][]Record{}, away: map[string]bool{}}
	if s.target <= 0 {
		s.target = usual
	}
	w := s.w
	// People are never more than the usual company; beyond it only machines get busier.
	s.density = min(1, max(0.05, float64(s.target)/usual))
	s.truth.Truth = Truth{Schema: TruthSchema, Name: in.name, Seed: o.Seed, Kind: in.kind, Answers: map[string]string{}}
	s.truth.used, s.truth.unseen, s.truth.lost, s.truth.by = map[string]bool{}, map[string]bool{}, map[string]bool{}, map[string]string{}
	s.truth.Mutations = slices.Sorted(maps.Keys(m.on))
	s.pages, s.jitter = w.pages(), w.stream("delivery")
	s.vendorTool = w.stream("vendor").boto("6.8.0-86-generic")
	for _, p := range w.people {
		s.actors = append(s.actors, &commuter{p: p})
	}
	s.actors = append(s.actors, &pipeline{r: w.stream("pipeline"), from: w.farm, key: w.ci.key, agents: []agent{w.ciTool, w.ciTF}})
	for _, i := range w.instances {
		s.actors = append(s.actors, &hosts{r: w.stream("host", i.id), i: i})
	}
	s.actors = append(s.actors, newServices(w))
	s.fleet = &fleet{r: w.stream("fleet")}
	return s, nil
}

// pipeline is the CI user's actor, for stories that end or move it.
func (s *sim) pipeline() *pipeline {
	for _, a := range s.actors {
		if p, ok := a.(*pipeline); ok {
			return p
		}
	}
	return nil
}

// dark switches the trail off: nothing in the interval is delivered, whoever
// does it, and the truth file claims nothing of it either.
func (s *sim) dark(from, to time.Time) {
	s.gap = [2]time.Time{from, to}
	s.truth.Gaps = append(s.truth.Gaps, Gap{Kind: "trail_stopped", Value: from.UTC().Format(time.RFC3339)})
}

// put files a record, unless it falls outside the evidence.
// false means that nobody will ever read it: before the evidence begins, after it was
// exported, or while the trail was off.
func (s *sim) put(r Record) bool {
	if r.Time.Before(s.w.start) || !r.Time.Before(s.w.end()) {
		return false // a session that runs over the end is cut
	}
	if !r.Time.Before(s.gap[0]) && r.Time.Before(s.gap[1]) {
		return false
	}
	h := r.Time.Unix() / 3600
	// A mistake of whoever wrote the story or an actor: the hour was handed out already.
	if h < s.hour && s.err == nil {
		s.err = fmt.Errorf("event %s is put at %s, which has passed", r.ID, r.Time.Format(time.RFC3339))
	}
	s.n++
	r.seq = s.n
	s.pending[h] = append(s.pending[h], r)
	return true
}

// run lives through the weeks and hands out the records of each hour, roughly
// in the order in which CloudTrail would deliver them.
func (s *sim) run(ctx context.Context, emit func(Record) error) error {
	total := 0.0
	for h := s.w.start; h.Before(s.w.end()); h = h.Add(time.Hour) {
		total += tide(s.w, h)
	}
	rest, left := s.target, total
	for h := s.w.start; h.Before(s.w.end()); h = h.Add(time.Hour) {
		if err := ctx.Err(); err != nil {
			return err
		}
		s.hour = h.Unix() / 3600
		for _, a := range s.actors {
			a.tick(s, h)
		}
		share := tide(s.w, h)
		// What stories and people made is counted first; machines fill up the hour's share
		// of what is left to the target.
		due := int(float64(rest) * share / left)
		if n := due - len(s.pending[s.hour]); n > 0 {
			s.fleet.fill(s, h, n)
		}
		batch := s.pending[s.hour]
		delete(s.pending, s.hour)
		rest, left = rest-len(batch), left-share
		if s.err != nil {
			return s.err
		}
		if err := s.deliver(batch, emit); err != nil {
			return err
		}
	}
	return nil
}

// deliver orders an hour's records by time and a little chance: files of a
// trail are not sorted.
func (s *sim) deliver(batch []Record, emit func(Record) error) error {
	for i := range batch {
		// Within an hour only: the next hour's records come after all of this one's.
		batch[i].due = batch[i].Time.Unix() + s.jitter.Int64N(90)
	}
	slices.SortFunc(batch, func(a, b Record) int {
		if c := cmp.Compare(a.due, b.due); c != 0 {
			return c
		}
		return cmp.Compare(a.seq, b.seq)
	})
	for _, r := range batch {
		if s.m.withheld(&r) {
			s.truth.lost[r.ID] = true
			s.n--
			continue
		}
		if err := emit(r); err != nil {
			return err
		}
	}
	return nil
}
