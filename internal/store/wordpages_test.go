package store

import (
	"context"
	"errors"
	"math/rand/v2"
	"os"
	"slices"
	"strconv"
	"testing"
)

// eachColumn calls f for every row group and column of texts of the files of events.
func eachColumn(t *testing.T, s *Store, f func(g *rowGroup, column int)) {
	t.Helper()
	man := s.state()
	for _, e := range slices.Concat(man.Events, man.Runs) {
		file, err := s.files.acquire(s.abs(e.Path), e)
		if err != nil {
			t.Fatal(err)
		}
		for i, rg := range file.pf.RowGroups() {
			g := newRowGroup(rg, file, file.cols)
			g.metas = file.pf.Metadata().RowGroups[i].Columns
			for _, column := range append(slices.Clone(file.cols.text), file.cols.resources, file.cols.time, file.cols.artIndex, file.cols.artOffset) {
				f(g, column)
			}
			g.close()
		}
		file.release()
	}
}

// TestWordPagesAreTheLibrarys holds what we read of columns to what the library reads, row by
// row and in leaps, in settled files and in runs.
func TestWordPagesAreTheLibrarys(t *testing.T) {
	for _, unsettled := range []bool{false, true} {
		s := create(t, t.TempDir())
		if _, err := s.importFrom(context.Background(), endless(30_000), nil, ImportOptions{Unsettled: unsettled}); err != nil {
			t.Fatal(err)
		}
		r := rand.New(rand.NewPCG(1, 2))
		ours := 0
		eachColumn(t, s, func(g *rowGroup, column int) {
			for _, leap := range []int{1, 700} {
				a, b := g.open(column), newCursor(g.chunks[column])
				if a.own == nil {
					return // of ids, which have no dictionary
				}
				for row := int64(0); row < g.rows; row += 1 + int64(r.IntN(leap)) {
					var x, y []string
					var xerr, yerr error
					switch column {
					case g.cols.resources:
						x, xerr = a.list(row)
						y, yerr = b.list(row)
					case g.cols.time, g.cols.artIndex, g.cols.artOffset:
						var n, m int64
						n, xerr = a.int(row)
						m, yerr = b.int(row)
						x, y = []string{strconv.FormatInt(n, 10)}, []string{strconv.FormatInt(m, 10)}
					default:
						x, y = make([]string, 1), make([]string, 1)
						x[0], xerr = a.text(row)
						y[0], yerr = b.text(row)
					}
					if xerr != nil || yerr != nil || !slices.Equal(x, y) {
						t.Fatalf("%s, row %d: %q, %v, want %q, %v", g.cols.names[column], row, x, xerr, y, yerr)
					}
				}
				if a.own == nil {
					t.Fatalf("%s was left to the library", g.cols.names[column])
				}
				ours++
				a.close()
				b.close()
			}
		})
		if ours == 0 {
			t.Error("nothing was read")
		}
	}
}

// TestWordPagesOnDamage: whatever a file holds, reading a column ends, with an error or as
// the library has it.
func TestWordPagesOnDamage(t *testing.T) {
	s := create(t, t.TempDir())
	if _, err := s.importFrom(context.Background(), endless(4000), nil, ImportOptions{}); err != nil {
		t.Fatal(err)
	}
	refused := 0
	eachColumn(t, s, func(g *rowGroup, column int) {
		meta := g.metas[column].MetaData
		if meta.DictionaryPageOffset == 0 {
			return
		}
		whole := make([]byte, meta.TotalCompressedSize)
		if _, err := g.file.ReadAt(whole, meta.DictionaryPageOffset); err != nil {
			t.Fatal(err)
		}
		r := rand.New(rand.NewPCG(uint64(column), 4))
		for range 60 {
			damaged := slices.Clone(whole)
			damaged[r.IntN(len(damaged))] ^= byte(1 + r.IntN(255))
			c := g.open(column)
			c.own.file = shiftedReader{damaged, meta.DictionaryPageOffset}
			for row := int64(0); row < g.rows; row += 500 {
				if _, _, err := c.own.page(row); err != nil {
					refused++
					break
				}
				for _, code := range c.own.codes {
					if _, err := c.own.word(int(code)); err != nil {
						refused++
						break
					}
				}
			}
			c.close()
		}
	})
	if refused < 100 {
		t.Errorf("damage was refused %d times", refused)
	}
}

// shiftedReader is part of a file, from a place on.
type shiftedReader struct {
	data []byte
	from int64
}

func (r shiftedReader) ReadAt(p []byte, off int64) (int, error) {
	if off < r.from || off-r.from > int64(len(r.data)) {
		return 0, errors.New("outside")
	}
	n := copy(p, r.data[off-r.from:])
	if n < len(p) {
		return n, os.ErrClosed
	}
	return n, nil
}

// TestWordPagesLeaveTheRestToTheLibrary: what is not as our writer writes it is read all the
// same, from the middle of a column too.
func TestWordPagesLeaveTheRestToTheLibrary(t *testing.T) {
	s := create(t, t.TempDir())
	if _, err := s.importFrom(context.Background(), endless(30_000), nil, ImportOptions{}); err != nil {
		t.Fatal(err)
	}
	eachColumn(t, s, func(g *rowGroup, column int) {
		a, b := g.open(column), newCursor(g.chunks[column])
		defer a.close()
		defer b.close()
		if a.own == nil || a.own.plain || column == g.cols.resources {
			return
		}
		want := newWish(map[string]bool{"ASIAEXAMPLEAC": true})
		if _, err := a.judge(&want); err != nil {
			t.Fatal(err)
		}
		hits := slices.Clone(a.hits)
		for row := int64(0); row < g.rows; row += 991 {
			if row >= a.end && row > 0 && a.own != nil { // as seek does, between pages
				a.forsake()
			}
			x, xerr := a.text(row)
			y, yerr := b.text(row)
			if xerr != nil || yerr != nil || x != y {
				t.Fatalf("%s, row %d: %q, %v, want %q, %v", g.cols.names[column], row, x, xerr, y, yerr)
			}
		}
		if !slices.Equal(hits, a.hits) {
			t.Errorf("%s: other words are wanted", g.cols.names[column])
		}
	})
}
