package store

import (
	"bytes"
	"fmt"
	"slices"
	"strings"
	"sync"

	"github.com/parquet-go/parquet-go"
	"github.com/parquet-go/parquet-go/format"
)

// runColumns are the columns of an open row group, by what they hold. Their memory,
// some ten megabytes once they were filled, serves one writer after the other.
type runColumns struct {
	cols  []*runColumn // in the order of the file
	texts []*runColumn // as textColumns
	paged []*runColumn // of which a row group takes more than a page
	pages pageBuffers

	time, lossy, readOnly, readOnlySaid, unique, created, console *runColumn
	resources, artIndex, artOffset, record, raw                   *runColumn
}

// idleRunColumns are those that no writer has; the collector takes them in the end.
var idleRunColumns sync.Pool

func newRunColumns(schema *runSchema) *runColumns {
	if idle, ok := idleRunColumns.Get().(*runColumns); ok {
		return idle
	}
	g := &runColumns{}
	byName := map[string]*runColumn{}
	for i, path := range schema.paths {
		c := newRunColumn(schema.leaves[i], path)
		g.cols, byName[strings.Join(path, ".")] = append(g.cols, c), c
		if c.kind == format.ByteArray && (c.words == nil || c.lists) {
			g.paged = append(g.paged, c)
		}
	}
	for _, t := range textColumns {
		g.texts = append(g.texts, byName[t.name])
	}
	g.time, g.lossy, g.readOnly, g.readOnlySaid = byName["event_time"], byName["lossy"], byName["read_only"], byName["read_only_said"]
	g.unique, g.created, g.console = byName["principal_unique_id"], byName["session_created"], byName["session_from_console"]
	g.resources, g.artIndex, g.artOffset = byName[resourcesColumn], byName["artifact_index"], byName["artifact_offset"]
	g.record, g.raw = byName["record"], byName["record_raw"]
	return g
}

// giveBack lets the next writer have the columns. This one must not touch them again.
func (w *runWriter) giveBack() {
	g := w.runColumns
	if g == nil {
		return // done before
	}
	w.runColumns = nil
	for _, c := range g.cols {
		c.reset()
	}
	idleRunColumns.Put(g)
}

// runSchema is what all runs have in common.
type runSchema struct {
	empty  format.FileMetaData // of a run without rows, as the library writes it
	paths  [][]string          // of the columns
	leaves []parquet.LeafColumn
}

// schemaOfRuns has the library write a run without rows, and takes it from there.
var schemaOfRuns = sync.OnceValues(func() (*runSchema, error) {
	var file bytes.Buffer
	if err := parquet.NewGenericWriter[row](&file, runShape.options()...).Close(); err != nil {
		return nil, err
	}
	f, err := parquet.OpenFile(bytes.NewReader(file.Bytes()), int64(file.Len()))
	if err != nil {
		return nil, err
	}
	s := &runSchema{empty: *f.Metadata()}
	schema := parquet.SchemaOf(row{})
	for _, path := range schema.Columns() {
		leaf, ok := schema.Lookup(path...)
		if !ok {
			return nil, fmt.Errorf("column %s has no values", strings.Join(path, "."))
		}
		s.paths, s.leaves = append(s.paths, slices.Clone(path)), append(s.leaves, leaf)
	}
	return s, nil
})
