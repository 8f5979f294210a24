package store

import (
	"context"
	"slices"
	"sort"
	"time"

	"github.com/trailhound/trailhound/internal/evidence"
)

// count finds the accounts that get a partition of their own on the day that begins. Where what the manifest says rules that out, as in most stores, nothing is read.
func (d *days) count() ([]string, error) {
	if !d.mayDivide() {
		return nil, nil
	}
	req := request{from: d.from.UnixMicro(), to: d.to.UnixMicro()}
	if d.whole && d.committed == nil {
		req.bare, req.account = true, true
	}
	t := tally{limits: &d.s.limits}
	err := d.again(&req, &distinct{
		keep: func(e *evidence.Event) error { t.add(e); return nil },
		drop: func(*evidence.Event) {}, // counted where the day is written
	})
	return t.own(), err
}

// mayDivide says whether the day in hand may have two partitions: whether it may have the rows
// for it, and tells of more than one account.
func (d *days) mayDivide() bool {
	l := &d.s.limits
	files := slices.Concat(d.files, during(d.runs, d.from, d.to))
	account, rows := alone(files)
	some := d.inMemory()
	if l.accountRows <= 0 || rows+int64(len(some)) < 2*l.accountRows {
		return false
	}
	if len(files) == 0 {
		account = some[0].event.Account
	}
	return account == "" || slices.ContainsFunc(some, func(t timed) bool { return t.event.Account != account })
}

// during are the files that may hold events of a time.
func during(files []fileEntry, from, to time.Time) (out []fileEntry) {
	for _, f := range files {
		if !f.To.Before(from) && f.From.Before(to) {
			out = append(out, f)
		}
	}
	return out
}

// inMemory are the events of the day that are in memory.
func (d *days) inMemory() []timed {
	at := func(t time.Time) int {
		return sort.Search(len(d.memory), func(i int) bool { return !d.memory[i].event.Time.Before(t) })
	}
	return d.memory[at(d.from):at(d.to)]
}

// again merges what the day in hand consists of once more.
func (d *days) again(req *request, dist *distinct) error {
	m := &merge{}
	defer m.close()
	for _, f := range slices.Concat(d.files, during(d.runs, d.from, d.to)) {
		m.add(d.s.source(d.ctx, f, req))
	}
	if some := d.inMemory(); len(some) > 0 {
		m.add(memorySource(some))
	}
	for n := 0; ; n++ {
		if err := d.ctx.Err(); n%1024 == 0 && err != nil {
			return context.Cause(d.ctx)
		}
		e, err := m.peek()
		if err != nil {
			return errorOf(d.ctx, err)
		}
		if e == nil {
			return dist.flush()
		}
		m.next()
		if d.committed != nil && !d.committed[e.Ref.Artifact] {
			continue
		}
		if err := dist.add(e); err != nil {
			return err
		}
	}
}

// pass writes further partitions of the day in hand. Only their rows are read, except where rows
// of several accounts bear on one another; then repetitions are dropped before anything is left out.
func (d *days) pass(accounts []string) error {
	req, _ := newRequest(&evidence.Query{Accounts: accounts, Body: true}, !d.whole || d.entangled)
	req.from, req.to = d.from.UnixMicro(), d.to.UnixMicro()
	return d.again(&req, &distinct{keep: d.keep, drop: func(*evidence.Event) {}})
}
