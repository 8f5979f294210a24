package store

import (
	"context"
	"fmt"
	"slices"
	"sort"
	"time"

	"github.com/trailhound/trailhound/internal/evidence"
)

// request is a query made ready for files.
type request struct {
	from, to int64 // event_time in microseconds, half-open
	conds    []condition
	body     bool
	idOnly   bool // fill nothing but ID
	brief    bool // see evidence.Query.Brief
	bare     bool // see evidence.Query.Bare
	account  bool // …and fill the account too
}

const (
	minMicros = -1 << 63
	maxMicros = 1<<63 - 1
)

func newRequest(q *evidence.Query, mixed bool) (request, bool) {
	r := request{from: minMicros, to: maxMicros, body: q.Body}
	if !q.From.IsZero() {
		r.from = ceilMicros(q.From)
	}
	if !q.To.IsZero() {
		r.to = ceilMicros(q.To)
	}
	var possible bool
	r.conds, possible = conditions(q, mixed)
	// What tells two forms of one event apart, and what Query.Match looks at, must
	// be read.
	r.brief = q.Brief && !q.Body && !mixed && len(q.Resources) == 0
	// Query.Match looks at no column where nothing is asked but time.
	r.bare = q.Bare && !q.Body && !mixed && len(r.conds) == 0
	return r, possible
}

// ceilMicros rounds up, so that a bound between two microseconds falls on the
// right side of every time the files can hold.
func ceilMicros(t time.Time) int64 {
	us := t.UnixMicro()
	if micros(us).Before(t) {
		us++
	}
	return us
}

// scanner yields the events of one file that satisfy a request, in file order.
type scanner struct {
	ctx  context.Context
	req  *request
	file *partFile
	next int       // row group to open
	rg   *rowGroup // open row group
	rows []int64   // its wanted rows, ascending
	row  int64     // that of the event read last
	room []int64   // for the rows of a row group
}

func (s *Store) scan(ctx context.Context, f fileEntry, req *request) (*scanner, error) {
	file, err := s.files.acquire(s.abs(f.Path), f)
	if err != nil {
		return nil, err
	}
	return &scanner{ctx: ctx, req: req, file: file}, nil
}

func (sc *scanner) close() {
	if sc.rg != nil {
		sc.rg.close()
		sc.rg = nil
	}
	if sc.file != nil {
		sc.file.release()
		sc.file = nil
	}
}

// read fills e with the next event; ok is false at the end. A library that
// panics over a damaged page must not take the investigation with it.
func (sc *scanner) read(e *evidence.Event) (ok bool, err error) {
	defer func() {
		if r := recover(); r != nil {
			ok, err = false, sc.file.damaged(fmt.Errorf("%v", r))
		}
	}()
	for len(sc.rows) == 0 {
		if err := sc.ctx.Err(); err != nil {
			return false, err
		}
		if sc.rg != nil {
			sc.rg.close()
			sc.rg = nil
		}
		if sc.next >= len(sc.file.pf.RowGroups()) {
			return false, nil
		}
		sc.rg = newRowGroup(sc.file.pf.RowGroups()[sc.next], sc.file, sc.file.cols)
		if len(sc.req.conds) > 0 {
			sc.rg.metas = sc.file.pf.Metadata().RowGroups[sc.next].Columns
		}
		sc.next++
		if sc.rows, err = sc.rg.choose(sc.req, &sc.room); err != nil {
			return false, sc.file.damaged(err)
		}
	}
	sc.row = sc.rows[0]
	sc.rows = sc.rows[1:]
	if err := sc.rg.event(sc.row, sc.req, e); err != nil {
		return false, sc.file.damaged(err)
	}
	return true, nil
}

// body reads the whole record of the event that was read last.
func (sc *scanner) body() (record []byte, err error) {
	defer func() {
		if r := recover(); r != nil {
			err = sc.file.damaged(fmt.Errorf("%v", r))
		}
	}()
	var e evidence.Event
	if err := sc.rg.event(sc.row, &request{body: true}, &e); err != nil {
		return nil, sc.file.damaged(err)
	}
	return e.Body, nil
}

// choose finds the rows that satisfy the request: by the bounds and filters of
// the row group first, then column by column, each read only where the ones
// before left something. The rows are in room, which is kept for the next row group.
func (g *rowGroup) choose(req *request, room *[]int64) ([]int64, error) {
	lo, hi := int64(0), g.rows
	columns := make([][]int, len(req.conds)) // of each condition
	if min, max, ok := g.bounds(g.cols.time); ok {
		if max.Int64() < req.from || min.Int64() >= req.to {
			return nil, nil
		}
		if min.Int64() < req.from || max.Int64() >= req.to {
			var err error
			if lo, hi, err = g.between(lo, hi, req); err != nil {
				return nil, err
			}
		}
	}
	for i := range req.conds {
		var err error
		if columns[i], err = req.conds[i].mayHold(g); len(columns[i]) == 0 || err != nil {
			return nil, err
		}
	}
	rows := slices.Grow((*room)[:0], int(hi-lo))
	for r := lo; r < hi; r++ {
		rows = append(rows, r)
	}
	*room = rows
	for i := range req.conds {
		var err error
		if rows, err = g.filter(rows, columns[i], &req.conds[i].want); len(rows) == 0 || err != nil {
			return nil, err
		}
	}
	return rows, nil
}

// between narrows rows to a time range. Rows are in order of time.
func (g *rowGroup) between(lo, hi int64, req *request) (int64, int64, error) {
	c := g.open(g.cols.time)
	defer c.close()
	times := make([]int64, 0, hi-lo)
	for r := lo; r < hi; r++ {
		t, err := c.int(r)
		if err != nil {
			return 0, 0, err
		}
		times = append(times, t)
	}
	from := sort.Search(len(times), func(i int) bool { return times[i] >= req.from })
	to := sort.Search(len(times), func(i int) bool { return times[i] >= req.to })
	return lo + int64(from), lo + int64(max(from, to)), nil
}

// filter keeps the rows of which one of the columns has a wanted value. Where a
// column's dictionary has none of them, its pages are not read.
func (g *rowGroup) filter(rows []int64, columns []int, want *wish) ([]int64, error) {
	var cursors []*cursor
	var at []int
	for _, i := range columns {
		c := g.open(i)
		some, err := c.judge(want)
		if err != nil || !some {
			c.close()
			if err != nil {
				return nil, err
			}
			continue
		}
		cursors, at = append(cursors, c), append(at, i)
	}
	kept, err := chosen(cursors, rows, want)
	if err != nil {
		closeAll(cursors)
		return nil, err
	}
	for i, c := range cursors {
		g.adopt(at[i], c, kept)
	}
	return kept, nil
}

// chosen are the rows of which one of the columns has a wanted value. They take the place
// of the rows.
func chosen(cursors []*cursor, rows []int64, want *wish) (kept []int64, err error) {
	kept = rows[:0]
	if len(cursors) == 1 { // page by page
		for len(rows) > 0 {
			if kept, rows, err = cursors[0].keep(kept, rows, want); err != nil {
				return nil, err
			}
		}
		return kept, nil
	}
	for _, r := range rows {
		for _, c := range cursors {
			if err := c.seek(r); err != nil {
				return nil, err
			}
			if c.wanted(r, want) {
				kept = append(kept, r)
				break
			}
		}
	}
	return kept, nil
}

// adopt has events built with a cursor that chose rows, where it need not go back:
// it has the dictionary already.
func (g *rowGroup) adopt(column int, c *cursor, kept []int64) {
	if len(kept) == 0 || g.cursors[column] != nil || kept[0] < c.first && c.own == nil {
		c.close()
		return
	}
	g.cursors[column] = c
}

func closeAll(cursors []*cursor) {
	for _, c := range cursors {
		c.close()
	}
}
