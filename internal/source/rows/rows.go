// Package rows reads tables of which every row is a record of its own: CSV, text
// of fields, and Parquet, one row at a time and with bounds on all of it.
package rows

import (
	"bufio"
	"bytes"
	"context"
	"encoding/csv"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"strconv"
	"strings"
	"time"

	"github.com/parquet-go/parquet-go"
	"github.com/parquet-go/parquet-go/format"

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
	maxColumns = 1024     // columns of a table
	maxCell    = 64 << 10 // bytes of a cell; what is longer is cut
)

// Lines calls visit for every line, without its end, and with its offset. A line
// of over 1 MB is told to damage.
func Lines(in io.Reader, visit func(line []byte, offset int64) error, damage func(offset int64, reason string)) error {
	r := bufio.NewReaderSize(in, 64<<10)
	var long []byte
	offset, from, skipping := int64(0), int64(0), false
	for {
		part, err := r.ReadSlice('\n')
		offset += int64(len(part))
		if !skipping {
			long = append(long, part...)
		}
		if err == bufio.ErrBufferFull {
			if len(long) > maxLine {
				skipping, long = true, long[:0]
			}
			continue
		}
		line := bytes.TrimRight(long, "\r\n")
		switch {
		case skipping:
			damage(from, "a line of over 1 MB")
		case len(line) > 0:
			if verr := visit(line, from); verr != nil {
				return verr
			}
		}
		long, skipping, from = long[:0], false, offset
		if err != nil {
			if err != io.EOF {
				damage(offset, err.Error())
			}
			return nil
		}
	}
}

// CSV calls visit for every row behind the header.
func CSV(in io.Reader, visit func(r Row, offset int64) error, damage func(offset int64, reason string)) error {
	limited := &allowance{r: in, left: maxLine}
	r := csv.NewReader(limited)
	r.FieldsPerRecord, r.LazyQuotes, r.ReuseRecord = -1, true, true
	header, err := r.Read()
	if err != nil || len(header) > maxColumns {
		damage(0, fmt.Sprintf("its header cannot be read: %v, %d columns", err, len(header)))
		return nil
	}
	names := make([]string, len(header))
	for i, h := range header {
		names[i] = strings.Clone(strings.TrimPrefix(h, "\ufeff"))
	}
	for {
		limited.left = maxLine
		offset := r.InputOffset()
		fields, err := r.Read()
		switch {
		case err == io.EOF:
			return nil
		case err != nil:
			damage(offset, err.Error())
			var broken *csv.ParseError
			if !errors.As(err, &broken) || errors.Is(err, errLong) {
				return nil
			}
			continue
		case len(fields) != len(names):
			damage(offset, "a row with another number of columns than the header")
			continue
		}
		row := Row{}
		for i, f := range fields {
			if f != "" {
				row[names[i]] = cell(f)
			}
		}
		if err := visit(row, offset); err != nil {
			return err
		}
	}
}

func cell(s string) string {
	s = strings.ToValidUTF8(s, "\uFFFD")
	return strings.Clone(strings.ToValidUTF8(s[:min(len(s), maxCell)], ""))
}

var errLong = errors.New("a row of over 1 MB, most likely an unclosed quote; nothing behind it was read")

// allowance lets through so many bytes and then fails: encoding/csv would take an
// unclosed quote to the end of the file into memory.
type allowance struct {
	r    io.Reader
	left int
}

func (a *allowance) Read(p []byte) (int, error) {
	if a.left <= 0 {
		return 0, errLong
	}
	n, err := a.r.Read(p[:min(len(p), a.left)])
	a.left -= n
	return n, err
}

// Reading calls visit for every row of a table, with its offset or -1, and tells
// damage of what it could not read. The error is visit's own, or the end of it.
type Reading func(visit func(r Row, offset int64) error, damage func(offset int64, reason string)) error

// Format is a kind of table that may come as Parquet: whether the columns are its
// own, and what the rows mean.
type Format struct {
	Wants func(columns []string) bool
	Read  func(ctx context.Context, read Reading, emit source.Emit) (source.Result, error)
}

// IsParquet says whether content begins like Parquet.
func IsParquet(head []byte) bool { return bytes.HasPrefix(head, []byte("PAR1")) }

// Parquet opens a Parquet file and gives its columns and its rows to use. It is
// read from its end, so the content is put into a temporary file first.
func Parquet(in io.Reader, use func(columns []string, read Reading) error) (err error) {
	f, err := os.CreateTemp("", "trailhound-parquet-")
	if err != nil {
		return fmt.Errorf("no room to read it: %w", err)
	}
	defer func() {
		f.Close()
		os.Remove(f.Name())
		if p := recover(); p != nil { // a library that panics over a damaged file
			err = fmt.Errorf("it is damaged: %v", p)
		}
	}()
	n, err := io.Copy(f, io.LimitReader(in, maxParquet+1))
	if err != nil {
		return err
	}
	if n > maxParquet {
		return errors.New("it is a Parquet file of over 2 GB")
	}
	pf, err := parquet.OpenFile(f, n, parquet.SkipBloomFilters(true))
	if err != nil {
		return fmt.Errorf("it is damaged: %w", err)
	}
	return parquetRows(pf, use)
}

func parquetRows(pf *parquet.File, use func([]string, Reading) error) error {
	leaves := pf.Schema().Columns()
	if len(leaves) > maxColumns {
		return fmt.Errorf("it has %d columns", len(leaves))
	}
	names := make([]string, len(leaves))
	stamps := make([]int64, len(leaves)) // how many of a timestamp's unit are a second; 0 for other columns
	for i, path := range leaves {
		names[i] = strings.Join(path, ".")
		leaf, _ := pf.Schema().Lookup(path...)
		if lt := leaf.Node.Type().LogicalType(); lt != nil {
			if ts, ok := lt.Value.(*format.TimestampType); ok && ts.Unit.Value != nil {
				stamps[i] = int64(time.Second / ts.Unit.Value.Duration())
			}
		}
	}
	return use(names, func(visit func(Row, int64) error, _ func(int64, string)) error {
		return eachRow(pf, names, stamps, visit)
	})
}

func eachRow(pf *parquet.File, names []string, stamps []int64, visit func(Row, int64) error) error {
	buf := make([]parquet.Row, 64)
	for _, g := range pf.RowGroups() {
		r := g.Rows()
		for {
			n, err := r.ReadRows(buf)
			for _, row := range buf[:n] {
				out := Row{}
				for _, v := range row {
					if c := v.Column(); !v.IsNull() && c >= 0 && c < len(names) {
						if s := text(v, stamps[c]); s != "" {
							out[names[c]] = s
						}
					}
				}
				if err := visit(out, -1); err != nil {
					r.Close()
					return err
				}
			}
			if err == io.EOF {
				break
			}
			if err != nil {
				r.Close()
				return fmt.Errorf("it is damaged: %w", err)
			}
		}
		r.Close()
	}
	return nil
}

// moment is a timestamp column's value in whole seconds.
func moment(v, second int64) string { return time.Unix(v/second, 0).UTC().Format(time.RFC3339) }

func text(v parquet.Value, unit int64) string {
	switch v.Kind() {
	case parquet.ByteArray, parquet.FixedLenByteArray:
		return cell(string(v.ByteArray()))
	case parquet.Int64:
		if unit > 0 {
			return moment(v.Int64(), unit)
		}
		return strconv.FormatInt(v.Int64(), 10)
	case parquet.Int32:
		return strconv.FormatInt(int64(v.Int32()), 10)
	case parquet.Double:
		return strconv.FormatFloat(v.Double(), 'f', -1, 64)
	case parquet.Float:
		return strconv.FormatFloat(float64(v.Float()), 'f', -1, 32)
	case parquet.Boolean:
		return strconv.FormatBool(v.Boolean())
	}
	return v.String()
}
