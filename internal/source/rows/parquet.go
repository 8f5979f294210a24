package rows

import (
	"bytes"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"os"
	"strconv"
	"strings"
	"time"

	"github.com/parquet-go/parquet-go"
	"github.com/parquet-go/parquet-go/format"
)

// IsParquet says whether content begins like Parquet.
func IsParquet(head []byte) bool { return bytes.HasPrefix(head, []byte("PAR1")) }

// Parquet opens a Parquet file and gives its columns and its rows to use. It is
// read from its end, so the content is put into a temporary file first. What the
// library makes room for at the word of a page's header is not bounded here: up to
// 2 GB for a page whose header lies.
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
	if err := footer(f, n); err != nil {
		return err
	}
	pf, err := parquet.OpenFile(f, n, parquet.SkipBloomFilters(true), parquet.SkipPageIndex(true)) // all rows are read, in order
	if err != nil {
		return fmt.Errorf("it is damaged: %w", err)
	}
	return parquetRows(pf, use)
}

// footer refuses a file whose last eight bytes, the length of its metadata and
// "PAR1", tell of more metadata than there can be: the library makes room for as
// much as they say, up to 4 GB, before it looks.
func footer(f io.ReaderAt, size int64) error {
	var end [8]byte
	if _, err := f.ReadAt(end[:], max(size-int64(len(end)), 0)); err != nil {
		return fmt.Errorf("it is damaged: its end cannot be read: %w", err)
	}
	if n := int64(binary.LittleEndian.Uint32(end[:4])); n > min(size-int64(len(end)), maxFooter) {
		return fmt.Errorf("it is damaged: a footer of %d bytes", n)
	}
	return nil
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

// moment is a timestamp column's value in whole seconds, rounded down; before 1970
// the parts of a second are negative too.
func moment(v, second int64) string {
	return time.Unix(v/second, v%second*(int64(time.Second)/second)).UTC().Format(time.RFC3339)
}

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
