package store

import (
	"fmt"
	"io"
	"strings"

	"github.com/parquet-go/parquet-go"
)

// columns is where one file has the columns that events are built from.
type columns struct {
	index map[string]int
	text  []int // as textColumns

	time, lossy, readOnly, readOnlySaid, console int
	created, resources, artIndex, artOffset      int
	record, raw                                  int
}

// findColumns looks the columns up by name, so that a later version may add
// some.
func findColumns(pf *parquet.File) (*columns, error) {
	c := &columns{index: map[string]int{}}
	for i, path := range pf.Schema().Columns() {
		c.index[strings.Join(path, ".")] = i
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
	cursors []*cursor // by column, made when first needed
}

func newRowGroup(rg parquet.RowGroup, file io.ReaderAt, cols *columns) *rowGroup {
	chunks := rg.ColumnChunks()
	return &rowGroup{rows: rg.NumRows(), file: file, cols: cols, chunks: chunks, cursors: make([]*cursor, len(chunks))}
}

func (g *rowGroup) cursor(i int) *cursor {
	if g.cursors[i] == nil {
		g.cursors[i] = newCursor(g.chunks[i])
	}
	return g.cursors[i]
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
