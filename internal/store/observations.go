package store

import (
	"context"
	"fmt"
	"io"
	"iter"
	"os"
	"path"
	"regexp"
	"slices"
	"strings"
	"time"

	"github.com/parquet-go/parquet-go"

	"github.com/trailhound/trailhound/internal/evidence"
)

// observationRow is one observation as the Parquet files hold it: a published
// format like row, under the same rules.
type observationRow struct {
	Kind           string   `parquet:"kind,dict"`
	Time           *int64   `parquet:"observed_at,optional,timestamp(microsecond)"`
	Until          *int64   `parquet:"observed_until,optional,timestamp(microsecond)"`
	ID             string   `parquet:"observation_id"`
	AccountID      string   `parquet:"account_id,dict"`
	Region         string   `parquet:"aws_region,dict"`
	Keys           []string `parquet:"keys,list"`
	Snapshot       string   `parquet:"snapshot,dict"`
	Fingerprint    string   `parquet:"fingerprint"`
	ArtifactID     string   `parquet:"artifact_id,dict"`
	ArtifactIndex  int64    `parquet:"artifact_index"`
	ArtifactOffset int64    `parquet:"artifact_offset"`
	Body           []byte   `parquet:"body,string"`
}

// observationBlooms are the columns that questions name by exact value.
var observationBlooms = [][]string{{"observation_id"}, {"keys", "list", "element"}}

func toObservationRow(o *evidence.Observation) observationRow {
	valid := func(s string) string { return strings.ToValidUTF8(s, "\uFFFD") }
	r := observationRow{
		Kind: valid(o.Kind), ID: valid(o.ID), AccountID: valid(o.Account), Region: valid(o.Region), Snapshot: valid(o.Snapshot),
		Keys: o.Keys, Fingerprint: o.Fingerprint, ArtifactID: valid(o.Ref.Artifact), ArtifactIndex: o.Ref.Index,
		ArtifactOffset: o.Ref.Offset, Body: []byte(valid(string(o.Body))),
	}
	if !o.Time.IsZero() {
		us := o.Time.UnixMicro()
		r.Time = &us
	}
	if !o.Until.IsZero() {
		us := o.Until.UnixMicro()
		r.Until = &us
	}
	return r
}

func (r *observationRow) observation() evidence.Observation {
	o := evidence.Observation{
		Kind: r.Kind, ID: r.ID, Account: r.AccountID, Region: r.Region, Snapshot: r.Snapshot, Keys: slices.Clone(r.Keys),
		Fingerprint: r.Fingerprint, Body: slices.Clone(r.Body),
		Ref: evidence.Ref{Artifact: r.ArtifactID, Index: r.ArtifactIndex, Offset: r.ArtifactOffset},
	}
	if r.Time != nil {
		o.Time = micros(*r.Time)
	}
	if r.Until != nil {
		o.Until = micros(*r.Until)
	}
	return o
}

var notInPath = regexp.MustCompile(`[^a-z0-9_]`)

func observationPath(kind, hash string) string {
	return path.Join(observationsDir, "kind="+notInPath.ReplaceAllString(kind, "_"), "part-"+hash+".parquet")
}

// kindIn is the kind a settled path belongs to, as paths write it.
func kindIn(name string) string {
	rest, _ := strings.CutPrefix(name, observationsDir+"/kind=")
	kind, _, _ := strings.Cut(rest, "/")
	return kind
}

var _ evidence.Observer = (*Store)(nil)

// Observations implements evidence.Observer. Files of other kinds and times are
// not opened, row groups that cannot hold a wanted id or key are not read.
func (s *Store) Observations(ctx context.Context, q evidence.ObservationQuery) iter.Seq2[evidence.Observation, error] {
	return func(yield func(evidence.Observation, error) bool) {
		s.reading.Add(1)
		defer s.reading.Add(-1)
		man := s.state()
		var files []fileEntry
		for _, f := range man.Observations {
			ofKind := func(k string) bool { return kindIn(observationPath(k, "")) == kindIn(f.Path) }
			if len(q.Kinds) > 0 && !slices.ContainsFunc(q.Kinds, ofKind) ||
				!f.From.IsZero() && (!q.To.IsZero() && !f.From.Before(q.To) || !q.From.IsZero() && f.To.Before(q.From)) {
				continue
			}
			files = append(files, f)
		}
		m, err := s.mergeObservations(ctx, append(files, man.ObservationRuns...), &q)
		if err != nil {
			yield(evidence.Observation{}, errorOf(ctx, err))
			return
		}
		defer m.close()
		for {
			o, err := m.next()
			if err != nil {
				yield(evidence.Observation{}, errorOf(ctx, err))
				return
			}
			if o == nil || !yield(*o, nil) {
				return
			}
		}
	}
}

// observationReader yields the observations of one file that a query selects, in
// file order.
type observationReader struct {
	ctx    context.Context
	name   string
	f      *os.File
	groups []parquet.RowGroup
	q      *evidence.ObservationQuery
	rows   *parquet.GenericReader[observationRow]
	buf    []observationRow
	have   []observationRow
}

func (s *Store) readObservations(ctx context.Context, e fileEntry, q *evidence.ObservationQuery) (r *observationReader, err error) {
	r = &observationReader{ctx: ctx, name: s.abs(e.Path), q: q}
	defer func() {
		if p := recover(); p != nil {
			err = r.damaged(fmt.Errorf("%v", p))
		}
		if err != nil {
			r.close()
		}
	}()
	if r.f, err = os.Open(r.name); err != nil {
		return nil, fmt.Errorf("read evidence store: %w", err)
	}
	info, err := r.f.Stat()
	if err != nil {
		return nil, fmt.Errorf("read evidence store: %w", err)
	}
	if e.Bytes != 0 && e.Bytes != info.Size() {
		return nil, r.damaged(fmt.Errorf("it is %d bytes long, the manifest says %d", info.Size(), e.Bytes))
	}
	if e.Tail > 0 {
		if got, err := hashTail(r.name, e); err != nil || got != e.TailSHA256 {
			return nil, r.damaged(fmt.Errorf("its footer is not the one that was written"))
		}
	}
	pf, err := parquet.OpenFile(r.f, info.Size(), parquet.SkipPageIndex(true), parquet.SkipBloomFilters(true), parquet.ReadBufferSize(16<<10))
	if err != nil {
		return nil, r.damaged(err)
	}
	r.groups = pf.RowGroups()
	return r, nil
}

func (r *observationReader) damaged(err error) error {
	return fmt.Errorf("read evidence store: %s is damaged: %w (remove the store and import the evidence again)", r.name, err)
}

func (r *observationReader) close() {
	if r.rows != nil {
		r.rows.Close()
		r.rows = nil
	}
	if r.f != nil {
		r.f.Close()
		r.f = nil
	}
}

// read returns the next one; ok is false at the end.
func (r *observationReader) read(o *evidence.Observation) (ok bool, err error) {
	defer func() {
		if p := recover(); p != nil { // a library that panics over a damaged page
			ok, err = false, r.damaged(fmt.Errorf("%v", p))
		}
	}()
	for {
		for len(r.have) > 0 {
			row := r.have[0].observation()
			r.have = r.have[1:]
			if r.q.Match(&row) {
				*o = row
				return true, nil
			}
		}
		if err := r.ctx.Err(); err != nil {
			return false, err
		}
		if r.rows == nil {
			if len(r.groups) == 0 {
				return false, nil
			}
			g := r.groups[0]
			r.groups = r.groups[1:]
			if !mayHold(g, r.q) {
				continue
			}
			r.rows = parquet.NewGenericRowGroupReader[observationRow](g)
		}
		if r.buf == nil {
			r.buf = make([]observationRow, 128)
		}
		clear(r.buf)
		n, err := r.rows.Read(r.buf)
		r.have = r.buf[:n]
		if err == io.EOF {
			r.rows.Close()
			r.rows = nil
		} else if err != nil {
			return false, r.damaged(err)
		}
	}
}

// mayHold asks the filters of a row group for the ids and keys of a query.
func mayHold(g parquet.RowGroup, q *evidence.ObservationQuery) bool {
	for i, want := range [][]string{q.IDs, q.Keys} {
		if len(want) == 0 {
			continue
		}
		leaf, ok := g.Schema().Lookup(observationBlooms[i]...)
		if !ok {
			continue
		}
		filter := g.ColumnChunks()[leaf.ColumnIndex].BloomFilter()
		if filter == nil {
			continue
		}
		found := slices.ContainsFunc(want, func(v string) bool {
			may, err := filter.Check(parquet.ByteArrayValue([]byte(v)))
			return may || err != nil
		})
		if !found {
			return false
		}
	}
	return true
}

// span widens the entry of a file by one observation: From is zero as soon as
// one of them does not say its moment, and then bounds nothing.
func (e *fileEntry) span(o *evidence.Observation) {
	end := o.Time
	if o.Until.After(end) {
		end = o.Until
	}
	if e.Rows == 0 || o.Time.Before(e.From) {
		e.From = o.Time
	}
	if end.After(e.To) {
		e.To = end
	}
	e.Rows++
	if o.Time.IsZero() {
		e.From = time.Time{}
	}
}
