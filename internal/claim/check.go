package claim

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/trailhound/trailhound/internal/evidence"
)

// chunk is how many event ids are asked for at once: one query for any report
// a person would read, and bounded memory for one that nobody would.
const chunk = 10_000

// job is one claim on its way through the check.
// A job that has an error is left alone by every later step, so the first reason
// found is the one told.
type job struct {
	claim *Claim
	ids   []string // events cited, and those the predicate names, sorted
	refs  []string // what else is cited
	seen  []*evidence.Observation
	tally *tally // for the ops with a filter
	err   error
	notes []string
}

// Check returns nil if the claim holds: its evidence exists, its predicate is
// true of the evidence, and its sentence says nothing else. Otherwise the error
// says in one sentence what does not hold.
func (w *World) Check(ctx context.Context, c Claim) error {
	rs, err := w.CheckAll(ctx, []Claim{c})
	if err != nil {
		return err
	}
	return rs[0].Err
}

// CheckAll checks many claims with few queries; results stand in the order of
// the claims. The error is about the evidence not being readable, never about
// a claim.
// The order of work: what needs no evidence; references to snapshots and the
// like; one pass for each way to look events up (scan); the cited events by id, some
// thousand claims at a time (evaluate). The last needs the tallies of the one before.
func (w *World) CheckAll(ctx context.Context, claims []Claim) ([]Result, error) {
	if w.Events == nil {
		return nil, errors.New("check claims: no evidence to check them against")
	}
	ids, err := w.Events.Conflicts(ctx)
	if err != nil {
		return nil, fmt.Errorf("check claims: %w", err)
	}
	conflicting := make(map[string]bool, len(ids))
	for _, id := range ids {
		conflicting[id] = true
	}
	jobs := make([]*job, len(claims))
	for i := range claims {
		jobs[i] = prepare(&claims[i])
	}
	if err := w.sightAll(ctx, jobs); err != nil {
		return nil, err
	}
	if err := w.scan(ctx, share(jobs), conflicting); err != nil {
		return nil, err
	}
	for start := 0; start < len(jobs); {
		end, n := start, 0
		for end < len(jobs) && (end == start || n+len(jobs[end].ids) <= chunk) {
			n += len(jobs[end].ids)
			end++
		}
		if err := w.evaluate(ctx, jobs[start:end], conflicting); err != nil {
			return nil, err
		}
		start = end
	}
	// Looked at last: a graph that failed to read says "not linked" of everything,
	// which would strike true claims.
	if l, ok := w.Links.(interface{ Err() error }); ok && l.Err() != nil { // a graph that reads when it is asked
		return nil, l.Err()
	}
	out := make([]Result, len(jobs))
	for i, j := range jobs {
		out[i] = Result{ID: j.claim.ID, Err: j.err, Notes: j.notes}
	}
	return out, nil
}

// prepare does everything that needs no evidence.
func prepare(c *Claim) *job {
	j := &job{claim: c}
	p := &c.Predicate
	if len(p.Extra) > 0 {
		j.err = fmt.Errorf("the predicate has members that are not understood: %s", brief(strings.Join(p.extraNames(), ", ")))
		return j
	}
	if names := p.strangers(); len(names) > 0 && takes[p.Op] != nil { // an op that is not known is told as such below
		j.err = fmt.Errorf("the predicate has members that %s does not take: %s", p.Op, strings.Join(names, ", "))
		return j
	}
	if j.ids, j.refs, j.err = cited(c); j.err != nil {
		return j
	}
	switch p.Op {
	case "event":
		if !slices.Contains(j.ids, p.Event) {
			j.err = fmt.Errorf("the predicate's event %q is not among the evidence that the claim cites", brief(p.Event))
		}
	case "order":
		for _, id := range []string{p.Before, p.After} {
			if j.err == nil && !slices.Contains(j.ids, id) {
				j.err = fmt.Errorf("the predicate's event %q is not among the evidence that the claim cites", brief(id))
			}
		}
	case "count", "sum", "first", "last", "absence":
		var s selection
		if s, j.err = compile(p.Filter, p.Window); j.err == nil {
			j.tally = &tally{selection: s, per: nounsIn(c.Text)}
			j.err = j.prepareFilterOp()
		}
	case "lineage", "statement":
	case "state":
		if p.Snapshot != "" && !slices.Contains(j.refs, p.Snapshot) {
			j.err = fmt.Errorf("the predicate's %q is not among the evidence that the claim cites", brief(p.Snapshot))
		}
	case "":
		j.err = errors.New("the claim has no predicate")
	default:
		j.err = fmt.Errorf("the predicate's op %q is not known", brief(p.Op))
	}
	return j
}

// prepareFilterOp checks the members of an op that selects events.
func (j *job) prepareFilterOp() error {
	p := &j.claim.Predicate
	switch p.Op {
	case "count":
		if n, ok := whole(p.Value); !ok {
			return errors.New("the value of a count is not a whole number")
		} else if n == 0 {
			return errors.New("a count of nothing is an absence, and needs the coverage that an absence needs")
		}
	case "sum":
		f, ok := fieldOf(p.Field)
		if !ok {
			return fmt.Errorf("the sum is of %q, which is no field of an event", brief(p.Field))
		}
		if _, ok := number(p.Value); !ok {
			return errors.New("the value of a sum is not a number")
		}
		j.tally.sum = &f
		j.tally.body = j.tally.body || f.body
	case "first", "last":
		if evidence.ParseTime(p.Time).IsZero() {
			return fmt.Errorf("%q is no time", brief(p.Time))
		}
	case "absence":
		if p.Window == nil {
			return errors.New("an absence needs a window in time")
		}
	}
	// Counting buckets or roles needs the record, even where the filter does not.
	for noun := range j.tally.per {
		j.tally.body = j.tally.body || nouns[noun].body
	}
	return nil
}

// cited lists the event ids under the claim, and refuses references that
// cannot be followed. A statement and an absence may stand without: one rests
// on an answer, the other on coverage.
func cited(c *Claim) (ids, refs []string, err error) {
	if len(c.Evidence) > MaxEvidence {
		return nil, nil, fmt.Errorf("the claim cites more than %d pieces of evidence", MaxEvidence)
	}
	if len(c.Evidence) == 0 && c.Predicate.Op != "statement" && c.Predicate.Op != "absence" {
		return nil, nil, errors.New("the claim cites no evidence")
	}
	ids = make([]string, 0, len(c.Evidence))
	named := map[string]bool{}
	for _, ref := range c.Evidence {
		kind, id, ok := strings.Cut(ref, ":")
		switch {
		case !ok || id == "":
			return nil, nil, fmt.Errorf("%q is no typed reference", brief(ref))
		case kind == "event":
			ids = append(ids, id)
		case kind == "snapshot" || kind == "alert" || kind == "cost" || kind == "flow":
			if !named[ref] { // what is cited twice would count twice in a total
				named[ref] = true
				refs = append(refs, ref)
			}
		default:
			return nil, nil, fmt.Errorf("%q cannot be followed: it is of no known kind", brief(ref))
		}
	}
	slices.Sort(ids)
	return slices.Compact(ids), refs, nil
}

// share gives equal selections one tally, and refuses more sweeps than the
// evidence should be read for.
// A template says "310 calls, 12 of which failed, from 3 networks" of one filter in
// several claims: they differ in what they count, not in what they select, so the
// tally counts for all of them.
func share(jobs []*job) []*tally {
	byKey := map[string]*tally{}
	var out []*tally
	sweeps := 0
	for _, j := range jobs {
		if j.err != nil || j.tally == nil {
			continue
		}
		key := j.tally.key()
		if j.tally.sum != nil {
			key += "\x00" + j.tally.sum.name
		}
		if t := byKey[key]; t != nil {
			for noun := range j.tally.per {
				t.per[noun] = true
			}
			t.body = t.body || j.tally.body
			j.tally = t
			continue
		}
		if a, _ := anchorOf(&j.tally.selection); a < 0 {
			if sweeps++; sweeps > maxSweeps {
				j.err = fmt.Errorf("the report has more than %d filters that name neither credential, principal, address nor event name", maxSweeps)
				continue
			}
		}
		byKey[key] = j.tally
		out = append(out, j.tally)
	}
	return out
}
