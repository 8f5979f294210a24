package rows

import (
	"bytes"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"math"
	"strings"
	"testing"
	"testing/iotest"
	"time"

	"github.com/parquet-go/parquet-go"
)

// sorts has a column of every sort that tables of AWS have.
type sorts struct {
	Text   string  `parquet:"text"`
	None   *string `parquet:"none,optional"`
	Long   int64   `parquet:"long"`
	Short  int32   `parquet:"short"`
	Double float64 `parquet:"double"`
	Float  float32 `parquet:"float"`
	Yes    bool    `parquet:"yes"`
	Inner  struct {
		A string `parquet:"a"`
	} `parquet:"inner"`
	Milli int64 `parquet:"milli,timestamp(millisecond)"`
	Micro int64 `parquet:"micro,timestamp(microsecond)"`
	Nano  int64 `parquet:"nano,timestamp(nanosecond)"`
}

func parquetOf[T any](t testing.TB, list ...T) []byte {
	t.Helper()
	var file bytes.Buffer
	w := parquet.NewGenericWriter[T](&file)
	if _, err := w.Write(list); err != nil {
		t.Fatal(err)
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	return file.Bytes()
}

// readParquet gives the columns and the rows, as JSON.
func readParquet(in io.Reader) (columns, rows []string, err error) {
	err = Parquet(in, func(names []string, read Reading) error {
		columns = names
		return read(func(r Row, offset int64) error {
			rows = append(rows, fmt.Sprintf("%d:%s", offset, r.Body()))
			return nil
		}, func(int64, string) {})
	})
	return columns, rows, err
}

func TestParquet(t *testing.T) {
	at := time.Date(2026, 11, 3, 10, 0, 0, 999_000_000, time.UTC)
	early := time.Date(1969, 12, 31, 23, 59, 58, 500_000_000, time.UTC)
	row := sorts{Text: "a\xffb", Long: math.MinInt64, Short: -7, Double: 1e21, Float: 0.1, Yes: true, Milli: at.UnixMilli(), Micro: at.UnixMicro(), Nano: at.UnixNano()}
	row.Inner.A = "x"
	columns, rows, err := readParquet(iotest.HalfReader(bytes.NewReader(parquetOf(t, row, sorts{Milli: early.UnixMilli()}))))
	if err != nil {
		t.Fatal(err)
	}
	if got, want := strings.Join(columns, " "), "text none long short double float yes inner.a milli micro nano"; got != want {
		t.Errorf("columns %s, want %s", got, want)
	}
	const when = `"2026-11-03T10:00:00Z"`
	for i, want := range []string{
		`-1:{"double":"1000000000000000000000","float":"0.1","inner.a":"x","long":"-9223372036854775808","micro":` + when + `,"milli":` + when + `,"nano":` + when +
			`,"short":"-7","text":"a` + "\ufffd" + `b","yes":"true"}`,
		`-1:{"double":"0","float":"0","long":"0","micro":"1970-01-01T00:00:00Z","milli":"1969-12-31T23:59:58Z","nano":"1970-01-01T00:00:00Z","short":"0","yes":"false"}`,
	} {
		if i >= len(rows) || rows[i] != want {
			t.Errorf("row %d:\n got %s\nwant %s", i, rows[min(i, len(rows)-1)], want)
		}
	}
}

// TestParquetMany: more rows than are read at once come in order, each its own.
func TestParquetMany(t *testing.T) {
	type one struct {
		N int64 `parquet:"n"`
	}
	list := make([]one, 1000)
	for i := range list {
		list[i].N = int64(i)
	}
	_, rows, err := readParquet(bytes.NewReader(parquetOf(t, list...)))
	if err != nil || len(rows) != len(list) {
		t.Fatalf("%d rows, %v", len(rows), err)
	}
	for i, got := range rows {
		if want := fmt.Sprintf(`-1:{"n":"%d"}`, i); got != want {
			t.Fatalf("row %d is %s", i, got)
		}
	}
}

// TestParquetDamage: a file that is cut or has a byte changed is read or told to
// be damaged, and never ends the program.
func TestParquetDamage(t *testing.T) {
	whole := parquetOf(t, sorts{Text: strings.Repeat("a", 40)}, sorts{Text: "b", Long: 1})
	for n := 0; n < len(whole); n += 1 + n/16 {
		if _, rows, err := readParquet(bytes.NewReader(whole[:n])); err == nil || len(rows) > 0 {
			t.Errorf("%d of %d bytes: %d rows, %v", n, len(whole), len(rows), err)
		}
	}
	for i := 0; i < len(whole); i += 3 {
		for _, bit := range []byte{0x01, 0x80} {
			hurt := bytes.Clone(whole)
			hurt[i] ^= bit
			if _, rows, err := readParquet(bytes.NewReader(hurt)); len(rows) > 2 && err == nil {
				t.Errorf("byte %d changed: %d rows of 2", i, len(rows))
			}
		}
	}
}

// TestParquetFooter: a file of a kilobyte that says its metadata is gigabytes gets
// no memory for it.
func TestParquetFooter(t *testing.T) {
	whole := parquetOf(t, sorts{Text: "a"})
	for _, says := range []uint32{uint32(len(whole)) - 7, maxFooter + 1, math.MaxUint32} {
		hurt := bytes.Clone(whole)
		binary.LittleEndian.PutUint32(hurt[len(hurt)-8:], says)
		if _, _, err := readParquet(bytes.NewReader(hurt)); err == nil || err.Error() != fmt.Sprintf("it is damaged: a footer of %d bytes", says) {
			t.Errorf("%d: %v", says, err)
		}
	}
}

// TestParquetTrouble: errors of the reader, of whoever takes the rows, and too
// many columns, are what comes back; a panic over the file becomes damage.
func TestParquetTrouble(t *testing.T) {
	whole, broken := parquetOf(t, sorts{Text: "a"}), errors.New("the disk is gone")
	if _, _, err := readParquet(io.MultiReader(bytes.NewReader(whole), iotest.ErrReader(broken))); !errors.Is(err, broken) {
		t.Errorf("a broken reader: %v", err)
	}
	stop := errors.New("enough")
	err := Parquet(bytes.NewReader(whole), func(_ []string, read Reading) error {
		return read(func(Row, int64) error { return stop }, func(int64, string) {})
	})
	if !errors.Is(err, stop) {
		t.Errorf("stopped: %v", err)
	}
	err = Parquet(bytes.NewReader(whole), func([]string, Reading) error { panic("index out of range") })
	if err == nil || err.Error() != "it is damaged: index out of range" {
		t.Errorf("a panic: %v", err)
	}

	group := parquet.Group{}
	for i := range maxColumns + 1 {
		group[fmt.Sprintf("c%04d", i)] = parquet.Leaf(parquet.Int64Type)
	}
	var wide bytes.Buffer
	w := parquet.NewWriter(&wide, parquet.NewSchema("wide", group))
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	if _, _, err := readParquet(&wide); err == nil || err.Error() != "it has 1025 columns" {
		t.Errorf("too many columns: %v", err)
	}
}

func TestIsParquet(t *testing.T) {
	for in, want := range map[string]bool{"PAR1\x15": true, "PAR1": true, "PAR": false, "": false, "xPAR1": false} {
		if IsParquet([]byte(in)) != want {
			t.Errorf("%q: %v", in, !want)
		}
	}
}
