package store

import (
	"bytes"
	"errors"
	"io"
	"os"
	"strings"
	"testing"
	"time"

	"github.com/parquet-go/parquet-go"
	"pgregory.net/rapid"
)

// checkFooter holds what a file says of its columns against the values in them: a bound
// that is too narrow, a filter without a value or a page in another place loses rows in
// silence.
func checkFooter(t *rapid.T, f *parquet.File, sh *shape) {
	for _, rg := range f.RowGroups() {
		for _, chunk := range rg.ColumnChunks() {
			col := chunk.(*parquet.FileColumnChunk)
			name := strings.Join(f.Schema().Columns()[col.Column()], ".")
			least, most, bounded := col.Bounds()
			filter := col.BloomFilter()
			if (filter != nil) != (sh.blooms && bloomed[name]) {
				t.Fatalf("column %s: has a filter: %v", name, filter != nil)
			}
			nulls := int64(0)
			for _, v := range valuesOf(t, col) {
				if v.IsNull() {
					nulls++
					continue
				}
				typ := col.Type()
				if bounded && (typ.Compare(v, least) < 0 || typ.Compare(v, most) > 0) {
					t.Fatalf("column %s: %v is not within %v and %v", name, v, least, most)
				}
				if filter != nil {
					if ok, err := filter.Check(v); err != nil || !ok {
						t.Fatalf("column %s: the filter lacks %v (%v)", name, v, err)
					}
				}
			}
			if name == "session_created" && nulls != col.NullCount() {
				t.Fatalf("%d nulls, the file says %d", nulls, col.NullCount())
			}
			checkPages(t, col, name, sh)
		}
	}
}

func valuesOf(t *rapid.T, col *parquet.FileColumnChunk) (all []parquet.Value) {
	pages := col.Pages()
	defer pages.Close()
	for {
		p, err := pages.ReadPage()
		if errors.Is(err, io.EOF) {
			return all
		}
		if err != nil {
			t.Fatal(err)
		}
		values := make([]parquet.Value, p.NumValues())
		n, err := p.Values().ReadValues(values)
		if err != nil && !errors.Is(err, io.EOF) {
			t.Fatal(err)
		}
		for _, v := range values[:n] {
			all = append(all, v.Clone())
		}
		parquet.Release(p)
	}
}

// checkPages seeks each page by the index, and holds the bounds of times to it.
func checkPages(t *rapid.T, col *parquet.FileColumnChunk, name string, sh *shape) {
	offsets, err := col.OffsetIndex()
	if err != nil {
		t.Fatal(err)
	}
	index, err := col.ColumnIndex()
	if timed := name == "event_time" && sh.bounds; timed != (err == nil && index != nil) {
		t.Fatalf("column %s: bounds of pages: %v, %v", name, index, err)
	}
	pages := col.Pages()
	defer pages.Close()
	for i := offsets.NumPages() - 1; i >= 0; i-- {
		if err := pages.SeekToRow(offsets.FirstRowIndex(i)); err != nil {
			t.Fatal(err)
		}
		p, err := pages.ReadPage()
		if err != nil {
			t.Fatal(err)
		}
		if index != nil {
			data := p.Data()
			times := data.Int64()
			if times[0] != index.MinValue(i).Int64() || times[len(times)-1] != index.MaxValue(i).Int64() {
				t.Fatalf("page %d has times from %d to %d, the index says %v and %v", i, times[0], times[len(times)-1], index.MinValue(i), index.MaxValue(i))
			}
		}
		parquet.Release(p)
	}
}

// TestPagesBesideEachOther: a settled file is the same whether its pages are compressed
// one after the other or on all processors, and may be given up while they are.
func TestPagesBesideEachOther(t *testing.T) {
	s := create(t, t.TempDir())
	s.limits.volatile = true
	var files [2][]byte
	for i, aside := range []bool{false, true} {
		sh := dayShape
		sh.aside, sh.page, sh.recordPage, sh.groupRows = aside, 1<<10, 4<<10, 700
		for _, giveUp := range []bool{true, false} {
			w, err := s.newEventWriter(&sh)
			if err != nil {
				t.Fatal(err)
			}
			for k := range 2000 {
				e := plainEvent(k)
				e.Time = time.Unix(int64(k), 0).UTC()
				if err := w.add(&e); err != nil {
					t.Fatal(err)
				}
			}
			if giveUp {
				w.abandon()
				continue
			}
			st, err := w.finish()
			if err != nil {
				t.Fatal(err)
			}
			if files[i], err = os.ReadFile(st.from); err != nil {
				t.Fatal(err)
			}
		}
	}
	if !bytes.Equal(files[0], files[1]) {
		t.Errorf("files of %d and %d bytes differ", len(files[0]), len(files[1]))
	}
}
