package rows

import (
	"bytes"
	"encoding/csv"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"strings"
	"testing"
	"testing/iotest"
	"unicode/utf8"

	"pgregory.net/rapid"
)

// damages collects what a reader tells, as "offset: reason".
type damages []string

func (d *damages) tell(offset int64, reason string) {
	*d = append(*d, fmt.Sprintf("%d: %s", offset, reason))
}

func TestLines(t *testing.T) {
	long, whole := strings.Repeat("x", maxLine+1), strings.Repeat("y", maxLine)
	broken := errors.New("the disk is gone")
	for _, c := range []struct {
		name, in string
		fails    error
		lines    string // "offset:line"
		damage   string
	}{
		{"nothing", "", nil, "", ""},
		{"ends and blanks", "a\nbc\r\n\r\n\n d \nlast", nil, "0:a 2:bc 9: d  13:last", ""},
		{"a line at the bound", whole + "\nz", nil, "0:" + whole + " 1048577:z", ""},
		{"a line one over it", "a\n" + long + "\nz", nil, "0:a 1048580:z", "2: a line of over 1 MB"},
		{"two of several times it", long + long + "\n" + long + long, nil, "", "0: a line of over 1 MB 2097155: a line of over 1 MB"},
		{"what a broken reader gave of a line", "a\n12345", broken, "0:a", "2: the disk is gone"},
		{"broken between lines", "a\n", broken, "0:a", "2: the disk is gone"},
		{"broken in a long line", long, broken, "", "0: the disk is gone"},
	} {
		for _, slow := range []bool{false, true} {
			var in io.Reader = strings.NewReader(c.in)
			if c.fails != nil {
				in = io.MultiReader(in, iotest.ErrReader(c.fails))
			}
			if slow {
				in = iotest.HalfReader(in)
			}
			var lines []string
			var d damages
			if err := Lines(in, func(line []byte, offset int64) error {
				lines = append(lines, fmt.Sprintf("%d:%s", offset, line))
				return nil
			}, d.tell); err != nil {
				t.Fatal(err)
			}
			if got := strings.Join(lines, " "); got != c.lines {
				t.Errorf("%s: %.80q, want %.80q", c.name, got, c.lines)
			}
			if got := strings.Join(d, " "); got != c.damage {
				t.Errorf("%s: damage %q, want %q", c.name, got, c.damage)
			}
		}
	}
}

func TestCSV(t *testing.T) {
	for _, c := range []struct{ name, in, rows, damage string }{
		{"nothing", "", "", "0: its header cannot be read: EOF, 0 columns"},
		{"a header alone", "a,b\n", "", ""},
		{"empty cells are left out", "a,b\n1,\n,2\n,\n", `4:{"a":"1"} 7:{"b":"2"} 10:{}`, ""},
		{"quotes, commas and new lines", "a,b\n\"x,\"\"y\"\"\n\",z\n1,2\n", `4:{"a":"x,\"y\"\n","b":"z"} 17:{"a":"1","b":"2"}`, ""},
		{"a quote where none belongs", "a,b\nx\"y,z\n", `4:{"a":"x\"y","b":"z"}`, ""},
		{"rows too short and too long", "a,b\n1\n1,2\n1,2,3\n4,5", `6:{"a":"1","b":"2"} 16:{"a":"4","b":"5"}`,
			"4: a row with another number of columns than the header 10: a row with another number of columns than the header"},
		{"a byte order mark", "\ufeffa,b\n1,2\n", `7:{"a":"1","b":"2"}`, ""},
		{"a byte order mark before quotes, as PowerShell writes it", "\ufeff\"a\",\"b\"\r\n\"1\",\"2\"\r\n", `12:{"a":"1","b":"2"}`, ""},
		{"no UTF-8", "a\n\xff\xfe\n", `2:{"a":"` + "\ufffd" + `"}`, ""},
	} {
		var rows []string
		var d damages
		if err := CSV(iotest.OneByteReader(strings.NewReader(c.in)), func(r Row, offset int64) error {
			rows = append(rows, fmt.Sprintf("%d:%s", offset, r.Body()))
			return nil
		}, d.tell); err != nil {
			t.Fatal(err)
		}
		if got := strings.Join(rows, " "); got != c.rows {
			t.Errorf("%s:\n got %s\nwant %s", c.name, got, c.rows)
		}
		if got := strings.Join(d, " "); got != c.damage {
			t.Errorf("%s: damage %q, want %q", c.name, got, c.damage)
		}
	}
}

// TestCSVBounds: a quote that is never closed does not take the rest of the file
// into memory, a long cell is cut at a whole character, a table has an end to its
// columns, and many rows may be more than the bound of one.
func TestCSVBounds(t *testing.T) {
	read := func(in string) (rows []Row, d damages) {
		if err := CSV(strings.NewReader(in), func(r Row, _ int64) error { rows = append(rows, r); return nil }, d.tell); err != nil {
			t.Fatal(err)
		}
		return rows, d
	}
	rows, d := read("a,b\n1,2\n3,\"" + strings.Repeat("4,5\n", 3*maxLine/4))
	if len(rows) != 1 || len(d) != 1 || !strings.Contains(d[0], errLong.Error()) {
		t.Errorf("an open quote: %d rows, %v", len(rows), d)
	}
	rows, d = read("a\n" + strings.Repeat("x", maxCell-1) + "€\n" + strings.Repeat("y", maxCell) + "\n")
	if len(rows) != 2 || rows[0]["a"] != strings.Repeat("x", maxCell-1) || len(rows[1]["a"]) != maxCell || len(d) != 0 {
		t.Errorf("long cells: %d rows of %d and %d bytes, %v", len(rows), len(rows[0]["a"]), len(rows[1]["a"]), d)
	}
	if rows, d = read(strings.Repeat("n", maxLine/2) + "\n1\n2\n"); len(rows) != 2 || len(rows[1].Body()) > 2*maxName || len(d) != 0 {
		t.Errorf("a name of half a megabyte, written with each row: %d rows, %v", len(rows), d)
	}
	if rows, d = read(strings.Repeat("a,", maxColumns) + "a\n1\n"); len(rows) != 0 || len(d) != 1 || !strings.HasPrefix(d[0], "0: its header") {
		t.Errorf("too many columns: %d rows, %v", len(rows), d)
	}
	if rows, d = read(strings.Repeat("a,", maxColumns-1) + "a\n" + strings.Repeat("1,", maxColumns-1) + "1\n"); len(rows) != 1 || len(d) != 0 {
		t.Errorf("as many as may be: %d rows, %v", len(rows), d)
	}
	if rows, d = read("a\n" + strings.Repeat(strings.Repeat("z", 1023)+"\n", 2*maxLine>>10)); len(rows) != 2048 || len(d) != 0 {
		t.Errorf("2 MB of short rows: %d rows, %v", len(rows), d)
	}
}

// TestCSVRoundTrip: what encoding/csv writes is read as it was.
func TestCSVRoundTrip(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		cell := rapid.StringMatching(`[a-z",;\n' é]{0,6}`)
		table := rapid.SliceOfN(rapid.SliceOfN(cell, 3, 3), 0, 6).Draw(t, "table")
		var file bytes.Buffer
		w := csv.NewWriter(&file)
		if err := w.WriteAll(append([][]string{{"a", "b", "c"}}, table...)); err != nil {
			t.Fatal(err)
		}
		at, last := 0, int64(-1)
		if err := CSV(&file, func(r Row, offset int64) error {
			for i, name := range []string{"a", "b", "c"} {
				if r[name] != table[at][i] {
					t.Fatalf("row %d: %v, want %q", at, r, table[at])
				}
			}
			if at++; offset <= last {
				t.Fatalf("row %d at %d after %d", at, offset, last)
			}
			last = offset
			return nil
		}, func(offset int64, reason string) { t.Fatalf("%d: %s", offset, reason) }); err != nil {
			t.Fatal(err)
		}
		if at != len(table) {
			t.Fatalf("%d rows of %d", at, len(table))
		}
	})
}

// TestStopped: the error of whoever takes the rows is given back as it is.
func TestStopped(t *testing.T) {
	stop := errors.New("enough")
	none := func(offset int64, reason string) { t.Errorf("%d: %s", offset, reason) }
	visits := 0
	if err := Lines(strings.NewReader("a\nb\n"), func([]byte, int64) error { visits++; return stop }, none); !errors.Is(err, stop) || visits != 1 {
		t.Errorf("lines: %v after %d", err, visits)
	}
	if err := CSV(strings.NewReader("a\n1\n2\n"), func(Row, int64) error { visits++; return stop }, none); !errors.Is(err, stop) || visits != 2 {
		t.Errorf("csv: %v after %d", err, visits)
	}
}

func TestBody(t *testing.T) {
	if got := string(Row{"b": "2", "a": "<1>\xff"}.Body()); !json.Valid([]byte(got)) || !strings.HasPrefix(got, `{"a":`) || !strings.HasSuffix(got, `,"b":"2"}`) {
		t.Error(got)
	}
}

func FuzzCSV(f *testing.F) {
	f.Add([]byte("a,b\n1,\"2\n3,4\n"))
	f.Add([]byte("\ufeff\"a\"\n\xff\"\"\r\n"))
	f.Fuzz(func(t *testing.T, in []byte) {
		last := int64(-1)
		err := CSV(bytes.NewReader(in), func(r Row, offset int64) error {
			if offset <= last || offset > int64(len(in)) || !json.Valid(r.Body()) {
				t.Fatalf("%v at %d after %d", r, offset, last)
			}
			for _, v := range r {
				if !utf8.ValidString(v) || len(v) > maxCell {
					t.Fatalf("a cell of %d bytes: %.40q", len(v), v)
				}
			}
			last = offset
			return nil
		}, func(int64, string) {})
		if err != nil {
			t.Fatal(err)
		}
	})
}

func FuzzLines(f *testing.F) {
	f.Add([]byte("a\r\n\nb"))
	f.Fuzz(func(t *testing.T, in []byte) {
		if err := Lines(bytes.NewReader(in), func(line []byte, offset int64) error {
			if len(line) == 0 || !bytes.HasPrefix(in[offset:], line) || offset > 0 && in[offset-1] != '\n' {
				t.Fatalf("%q at %d", line, offset)
			}
			return nil
		}, func(offset int64, reason string) { t.Fatal(offset, reason) }); err != nil {
			t.Fatal(err)
		}
	})
}
