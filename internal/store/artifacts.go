package store

import (
	"cmp"
	"context"
	"encoding/hex"
	"fmt"
	"os"
	"slices"
	"strings"

	"github.com/parquet-go/parquet-go"

	"github.com/trailhound/trailhound/internal/evidence"
)

// artifactRow is one artifact as the artifact tables hold it. In a settled
// table each artifact has one row; in the table of a commit that is not yet
// settled a row may also say only what has changed: another place (Copy) or
// more duplicates (Delta).
type artifactRow struct {
	ID         string         `parquet:"artifact_id"`
	URI        string         `parquet:"uri"`
	Size       int64          `parquet:"size"`
	Kind       string         `parquet:"kind,dict"`
	Reason     string         `parquet:"reason,dict"`
	Records    int64          `parquet:"records"`
	Rejected   int64          `parquet:"rejected"`
	Duplicates int64          `parquet:"duplicates"`
	Rejections []rejectionRow `parquet:"rejections,list"`
	Copies     []string       `parquet:"copies,list"` // other places where the same bytes were found, sorted
	Delta      bool           `parquet:"delta"`       // only Copies and Duplicates count, and are added
}

type rejectionRow struct {
	Offset int64  `parquet:"offset"`
	Reason string `parquet:"reason"`
}

func toArtifactRow(a *evidence.Artifact) artifactRow {
	valid := func(s string) string { return strings.ToValidUTF8(s, "\uFFFD") }
	r := artifactRow{
		ID: valid(a.ID), URI: valid(a.URI), Size: a.Size, Kind: valid(string(a.Kind)), Reason: valid(a.Reason),
		Records: int64(a.Records), Rejected: int64(a.Rejected), Duplicates: int64(a.Duplicates),
	}
	for _, j := range a.Rejections {
		r.Rejections = append(r.Rejections, rejectionRow{j.Offset, valid(j.Reason)})
	}
	return r
}

func (r *artifactRow) artifact() evidence.Artifact {
	a := evidence.Artifact{
		ID: r.ID, URI: r.URI, Size: r.Size, Kind: evidence.Kind(r.Kind), Reason: r.Reason,
		Records: int(r.Records), Rejected: int(r.Rejected), Duplicates: int(r.Duplicates),
	}
	for _, j := range r.Rejections {
		a.Rejections = append(a.Rejections, evidence.Rejection{Offset: j.Offset, Reason: j.Reason})
	}
	return a
}

// mergeArtifacts folds rows of several tables into one row an artifact, sorted
// by URI, then ID. The least URI names the artifact, the others are copies, so
// that the order in which they were met leaves no trace.
func mergeArtifacts(rows []artifactRow) []artifactRow {
	slices.SortStableFunc(rows, func(a, b artifactRow) int {
		if c := strings.Compare(a.ID, b.ID); c != 0 {
			return c
		}
		switch { // the full row first
		case a.Delta == b.Delta:
			return 0
		case a.Delta:
			return 1
		}
		return -1
	})
	var out []artifactRow
	for _, r := range rows {
		if n := len(out); n > 0 && out[n-1].ID == r.ID {
			out[n-1].absorb(&r)
		} else if !r.Delta { // a change to an artifact that was never committed says nothing
			out = append(out, r)
		}
	}
	for i := range out {
		r := &out[i]
		places := append(slices.Clone(r.Copies), r.URI)
		slices.Sort(places)
		places = slices.Compact(places)
		r.URI, r.Copies, r.Delta = places[0], places[1:], false
	}
	out = dropReadSince(out)
	slices.SortFunc(out, func(a, b artifactRow) int {
		return cmp.Or(strings.Compare(a.URI, b.URI), strings.Compare(a.ID, b.ID))
	})
	return out
}

// dropReadSince leaves out what could not be read at first, and so has no hash,
// where another import could read that place.
func dropReadSince(rows []artifactRow) []artifactRow {
	read := map[string]bool{}
	for _, r := range rows {
		if !r.unread() {
			read[r.URI] = true
			for _, c := range r.Copies {
				read[c] = true
			}
		}
	}
	return slices.DeleteFunc(rows, func(r artifactRow) bool { return r.unread() && read[r.URI] })
}

func (r *artifactRow) unread() bool {
	_, err := hex.DecodeString(r.ID)
	return r.Kind == string(evidence.KindUnreadable) && err != nil
}

// absorb adds what another row of the same artifact says. A second full row
// can only come from a rebuilt manifest and says the same.
func (r *artifactRow) absorb(o *artifactRow) {
	r.Copies = append(r.Copies, o.Copies...)
	if o.URI != "" {
		r.Copies = append(r.Copies, o.URI)
	}
	if o.Delta {
		r.Duplicates += o.Duplicates
	}
}

// artifactRows reads every artifact table of a state.
func (s *Store) artifactRows(ctx context.Context, man *manifest) ([]artifactRow, error) {
	var rows []artifactRow
	for _, f := range slices.Concat(man.Artifacts, man.Pending) {
		if err := ctx.Err(); err != nil {
			return nil, err
		}
		more, err := readArtifacts(s.abs(f.Path))
		if err != nil {
			return nil, err
		}
		rows = append(rows, more...)
	}
	return mergeArtifacts(rows), nil
}

func readArtifacts(name string) (rows []artifactRow, err error) {
	defer func() {
		if r := recover(); r != nil {
			err = fmt.Errorf("read evidence store: %s is damaged: %v", name, r)
		}
	}()
	f, err := os.Open(name)
	if err != nil {
		return nil, fmt.Errorf("read evidence store: %w", err)
	}
	defer f.Close()
	info, err := f.Stat()
	if err != nil {
		return nil, fmt.Errorf("read evidence store: %w", err)
	}
	rows, err = parquet.Read[artifactRow](f, info.Size())
	if err != nil {
		return nil, fmt.Errorf("read evidence store: %s is damaged: %w", name, err)
	}
	return rows, nil
}

// writeArtifacts stages a table that is settled or, by the codec of runs, one that is not:
// an import commits hundreds of those, and each new encoder of zstd takes megabytes.
func (s *Store) writeArtifacts(rows []artifactRow, sh *rowShape) (staged, error) {
	f, err := s.stage()
	if err != nil {
		return staged{}, err
	}
	err = parquet.Write(f, rows,
		parquet.CreatedBy("trailhound", "1", "evidence"),
		parquet.KeyValueMetadata("trailhound.artifacts", "2"),
		parquet.Compression(sh.codec), parquet.DefaultEncoding(&parquet.Plain))
	if err != nil {
		f.abandon()
		return staged{}, writeError(f.name, err)
	}
	return f.finish(fileEntry{Rows: int64(len(rows))})
}

// Artifacts implements evidence.Querier. To count the duplicates of a store that is
// not settled, its events are read, unless Digests has read them.
func (s *Store) Artifacts(ctx context.Context) ([]evidence.Artifact, error) {
	s.reading.Add(1)
	defer s.reading.Add(-1)
	man, known := s.knownState()
	rows, err := s.artifactRows(ctx, man)
	if err != nil {
		return nil, err
	}
	if len(man.Runs) > 0 {
		repeated := known.repeated
		if repeated == nil {
			if repeated, err = s.countRepeated(ctx, man); err != nil {
				return nil, err
			}
		}
		for i := range rows {
			rows[i].Duplicates += repeated[rows[i].ID]
		}
	}
	return artifactsOf(rows), nil
}

// Inputs lists the artifacts as Artifacts does, at once: of a store that is not settled
// it leaves duplicates uncounted that only reading the events would find.
func (s *Store) Inputs(ctx context.Context) ([]evidence.Artifact, error) {
	rows, err := s.artifactRows(ctx, s.state())
	if err != nil {
		return nil, err
	}
	return artifactsOf(rows), nil
}

func artifactsOf(rows []artifactRow) []evidence.Artifact {
	out := make([]evidence.Artifact, len(rows))
	for i := range rows {
		out[i] = rows[i].artifact()
	}
	return out
}
