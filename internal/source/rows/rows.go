// Package rows reads tables of which every row is a record of its own: CSV, text
// of fields, and Parquet, one row at a time and with bounds on all of it.
//
// What a row means is for each source: it gets names and texts. A row that does not fit
// its header is told and passed over, since which cell is which cannot be known, and the
// rest is read; only where reading itself fails does it end there.
package rows

import (
	"context"
	"encoding/json"
	"strings"

	"github.com/trailhound/trailhound/internal/source"
)

// Row is one record: column name to text. Empty cells are left out.
type Row map[string]string

// Body is the row as one JSON object, its columns sorted.
func (r Row) Body() []byte {
	b, err := json.Marshal(r)
	if err != nil { // texts cannot fail
		return []byte("{}")
	}
	return b
}

// Bounds of hostile tables.
const (
	maxLine    = 1 << 20  // bytes of a line
	maxParquet = 2 << 30  // bytes of a Parquet file, which is put on disk to be read
	maxFooter  = 64 << 20 // bytes of its metadata: 2,000 groups of 150 columns, some 200 bytes each
	maxColumns = 1024     // columns of a table
	maxCell    = 64 << 10 // bytes of a cell; what is longer is cut
	maxName    = 256      // bytes of a column's name, which is written again with each row
)

// Reading calls visit for every row of a table, with its offset or -1, and tells
// damage of what it could not read. The error is visit's own, or the end of it.
type Reading func(visit func(r Row, offset int64) error, damage func(offset int64, reason string)) error

// Format is a kind of table that may come as Parquet: whether the columns are its
// own, and what the rows mean.
type Format struct {
	Wants func(columns []string) bool
	Read  func(ctx context.Context, read Reading, emit source.Emit) (source.Result, error)
}

// name is a column's name as it is kept; those of AWS have some sixty bytes at most.
func name(s string) string {
	s = strings.ToValidUTF8(s, "\uFFFD")
	return strings.Clone(strings.ToValidUTF8(s[:min(len(s), maxName)], ""))
}

// cell is a value as it is kept: valid, bounded, and not holding on to the buffer
// that it was read into.
func cell(s string) string {
	s = strings.ToValidUTF8(s, "\uFFFD")
	return strings.Clone(strings.ToValidUTF8(s[:min(len(s), maxCell)], ""))
}
