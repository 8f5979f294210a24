package store

import (
	"fmt"
	"io"
	"strings"

	"github.com/parquet-go/parquet-go"
	"github.com/parquet-go/parquet-go/format"
)

// columns is where one file has the columns that events are built from.
type columns struct {
	index map[string]int
	names []string // by column
	text  []int    // as textColumns

	time, lossy, readOnly, readOnlySaid, console int
	created, resources, artIndex, artOffset      int
	record, raw                                  int
}

// findColumns looks the columns up by name, so that a later version may add
// some.
func findColumns(pf *parquet.File) (*columns, error) {
	c := &columns{index: map[string]int{}}
	for i, path := range pf.Schema().Columns() {
		name := strings.Join(path, ".")
		c.index[name], c.names = i, append(c.names, name)
	}
	var missing error
	find := func(name string) int {
		i, ok := c.index[name]
		if !ok && missing == nil {
			missing = fmt.Errorf("column %s is missing", name)
		}
		return i
	}
	for _, t := range textColumns {
		c.text = append(c.text, find(t.name))
	}
	c.time, c.lossy, c.readOnly, c.readOnlySaid = find("event_time"), find("lossy"), find("read_only"), find("read_only_said")
	c.console, c.created, c.resources = find("session_from_console"), find("session_created"), find(resourcesColumn)
	c.artIndex, c.artOffset = find("artifact_index"), find("artifact_offset")
	c.record, c.raw = find("record"), find("record_raw")
	find("principal_unique_id")
	return c, missing
}

// rowGroup is an open row group and the cursors over its columns.
type rowGroup struct {
	rows    int64
	file    io.ReaderAt
	cols    *columns
	chunks  []parquet.ColumnChunk
	metas   []format.ColumnChunk // of chunks, where some rows of many are looked up; else nil
	cursors []*cursor            // by column, made when first needed
	same    []int8               // by column: 0 not looked at, 1 says nothing in any row, always yes in every row, -1 else
}

func newRowGroup(rg parquet.RowGroup, file io.ReaderAt, cols *columns) *rowGroup {
	chunks := rg.ColumnChunks()
	return &rowGroup{rows: rg.NumRows(), file: file, cols: cols, chunks: chunks, cursors: make([]*cursor, len(chunks)), same: make([]int8, len(chunks))}
}

func (g *rowGroup) cursor(i int) *cursor {
	if g.cursors[i] == nil {
		g.cursors[i] = g.open(i)
	}
	return g.cursors[i]
}

// open gives a new cursor over a column.
func (g *rowGroup) open(i int) *cursor {
	c := newCursor(g.chunks[i])
	if g.metas != nil && i != g.cols.created {
		c.own = newWordPages(g.file, &g.metas[i].MetaData, g.chunks[i], g.rows, i == g.cols.resources)
	}
	return c
}

func (g *rowGroup) close() {
	for _, c := range g.cursors {
		if c != nil {
			c.close()
		}
	}
}

// bounds are the least and the greatest value of a column, if the file says.
func (g *rowGroup) bounds(i int) (min, max parquet.Value, ok bool) {
	chunk, isFile := g.chunks[i].(*parquet.FileColumnChunk)
	if !isFile {
		return min, max, false
	}
	return chunk.Bounds()
}

// blank says whether a column is empty, null or false in every row, as most are
// in most row groups: then none of its pages need be read. Columns without
// bounds say something.
func (g *rowGroup) blank(i int) bool {
	if g.same[i] == 0 {
		g.same[i] = -1
		chunk, ok := g.chunks[i].(*parquet.FileColumnChunk)
		if ok && (g.bounded(i) || chunk.NumValues() > 0 && chunk.NullCount() == chunk.NumValues()) {
			g.same[i] = 1
		} else if min, _, bounded := g.bounds(i); bounded && min.Kind() == parquet.Boolean && min.Boolean() {
			g.same[i] = always
		}
	}
	return g.same[i] == 1
}

// always marks a flag that is set in every row.
const always = 2

// bounded says whether the bounds of a column leave room for nothing but the
// empty text or false.
func (g *rowGroup) bounded(i int) bool {
	min, max, ok := g.bounds(i)
	if !ok || min.IsNull() || max.IsNull() || unboundedColumns[g.cols.names[i]] {
		return false
	}
	switch max.Kind() {
	case parquet.ByteArray:
		return len(max.ByteArray()) == 0
	case parquet.Boolean:
		return !max.Boolean()
	}
	return false
}

// text is the row's text in a column.
func (g *rowGroup) text(i int, row int64) (string, error) {
	if g.blank(i) {
		return "", nil
	}
	return g.cursor(i).text(row)
}

// flag is the row's yes or no in a column.
func (g *rowGroup) flag(i int, row int64) (bool, error) {
	if g.blank(i) || g.same[i] == always {
		return g.same[i] == always, nil
	}
	return g.cursor(i).bool(row)
}
