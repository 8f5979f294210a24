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

// eventColumns are the columns of an open row group, by what they hold. Their memory,
// some ten megabytes once they were filled, serves one writer after the other.
type eventColumns struct {
	cols  []*eventColumn // in the order of the file
	texts []*eventColumn // as textColumns

	bySize []*eventColumn // whose pages end at a number of bytes
	byRows []*eventColumn // …at a number of rows: numbers, and codes of words; flags have one page

	time, lossy, readOnly, readOnlySaid, unique, created, console *eventColumn
	resources, artIndex, artOffset, record, raw                   *eventColumn
}

func newEventColumns(schema *eventSchema) *eventColumns {
	g := &eventColumns{}
	byName := map[string]*eventColumn{}
	for i, path := range schema.paths {
		name := strings.Join(path, ".")
		c := newEventColumn(schema.leaves[i], path, name)
		g.cols, byName[name] = append(g.cols, c), c
		numbers := c.kind == format.Int64 || c.words != nil
		if numbers {
			g.byRows = append(g.byRows, c)
		}
		if c.lists || !numbers && c.kind != format.Boolean {
			g.bySize = append(g.bySize, c)
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
// Pages that are still being compressed are left to the collector.
func (w *eventWriter) giveBack() {
	g := w.eventColumns
	if g == nil {
		return // done before
	}
	w.eventColumns = nil
	for _, c := range g.cols {
		c.reset()
	}
	w.pack.memory.columns.put(g)
}

// eventSchema is what all files of events have in common.
type eventSchema struct {
	empty   format.FileMetaData // of a file without rows, as the library writes it
	paths   [][]string          // of the columns
	leaves  []parquet.LeafColumn
	sorting []format.SortingColumn
}

// schemaOfEvents has the library write a file without rows, and takes it from there.
var schemaOfEvents = sync.OnceValues(func() (*eventSchema, error) {
	var file bytes.Buffer
	if err := parquet.NewGenericWriter[row](&file, eventOptions()...).Close(); err != nil {
		return nil, err
	}
	f, err := parquet.OpenFile(bytes.NewReader(file.Bytes()), int64(file.Len()))
	if err != nil {
		return nil, err
	}
	s := &eventSchema{empty: *f.Metadata()}
	schema := parquet.SchemaOf(row{})
	for i, path := range schema.Columns() {
		leaf, ok := schema.Lookup(path...)
		if !ok {
			return nil, fmt.Errorf("column %s has no values", strings.Join(path, "."))
		}
		s.paths, s.leaves = append(s.paths, slices.Clone(path)), append(s.leaves, leaf)
		if slices.Contains(sortedBy, path[0]) {
			s.sorting = append(s.sorting, format.SortingColumn{ColumnIdx: int32(i)})
		}
	}
	return s, nil
})
