package store

import (
	"encoding/binary"

	"github.com/parquet-go/parquet-go"
	"github.com/parquet-go/parquet-go/encoding/rle"
	"github.com/parquet-go/parquet-go/encoding/thrift"
	"github.com/parquet-go/parquet-go/format"
)

// runColumn is a column of the open row group of a run: the page that is being
// filled, and those that are full, compressed.
type runColumn struct {
	path  []string
	kind  format.Type
	words *vocabulary // nil where values do not repeat
	lists bool        // has repetition levels, 0 or 1
	nulls bool        // has definition levels, 0 or 1

	rows       int64   // of the open page
	codes      []int32 // its values, by words
	plain      []byte  // …or encoded
	bits       int     // values in plain, where they are bits
	reps, defs []byte  // its levels, a byte each

	first  int64                 // row of the group at which the open page begins
	out    []byte                // full pages, with their headers
	places []format.PageLocation // where they are, counted from the first
	values int64                 // in full pages, nulls among them
	null   int64                 // nulls in full pages
	raw    int64                 // bytes of out before compression

	least, most []byte // bounds, where they are kept; nil if not
	set, unset  bool   // of bits: what was met
}

func newRunColumn(leaf parquet.LeafColumn, path []string) *runColumn {
	c := &runColumn{path: path, kind: format.Type(leaf.Node.Type().Kind()), lists: leaf.MaxRepetitionLevel > 0, nulls: leaf.MaxDefinitionLevel > 0}
	if e := leaf.Node.Encoding(); e != nil && e.Encoding() == format.RLEDictionary {
		c.words = newVocabulary()
	}
	return c
}

func (c *runColumn) text(s string) {
	c.rows++
	if c.words != nil {
		c.codes = append(c.codes, c.words.code(s))
	} else {
		c.plain = appendText(c.plain, s)
	}
}

func (c *runColumn) bytes(b []byte) {
	c.rows++
	c.plain = appendText(c.plain, b)
}

func (c *runColumn) int(v int64) {
	c.rows++
	c.plain = binary.LittleEndian.AppendUint64(c.plain, uint64(v))
}

// nullableInt takes a number of a column that may have none.
func (c *runColumn) nullableInt(v int64, is bool) {
	if is {
		c.int(v)
		c.defs = append(c.defs, 1)
		return
	}
	c.rows++
	c.defs = append(c.defs, 0)
}

func (c *runColumn) flag(v bool) {
	c.rows++
	if c.bits%8 == 0 {
		c.plain = append(c.plain, 0)
	}
	if v {
		c.plain[c.bits/8] |= 1 << (c.bits % 8)
	}
	c.bits++
	c.set, c.unset = c.set || v, c.unset || !v
}

// list takes the texts of one row. An empty list has levels and no value.
func (c *runColumn) list(texts []string) {
	c.rows++
	if len(texts) == 0 {
		c.reps, c.defs = append(c.reps, 0), append(c.defs, 0)
		return
	}
	for i, s := range texts {
		c.reps, c.defs = append(c.reps, byte(min(i, 1))), append(c.defs, 1)
		c.codes = append(c.codes, c.words.code(s))
	}
}

// full says whether the open page has reached its size.
func (c *runColumn) full(page int) bool { return len(c.plain)+4*len(c.codes) >= page }

// endPage compresses the open page and begins the next.
func (c *runColumn) endPage(b *pageBuffers) error {
	if c.rows == 0 {
		return nil
	}
	body, encoding := c.plain, format.Plain
	if c.words != nil {
		var err error
		if b.body, err = (&rle.DictionaryEncoding{}).EncodeInt32(b.body[:0], c.codes); err != nil {
			return err
		}
		body, encoding = b.body, format.RLEDictionary
	}
	reps, defs, err := c.levels(b)
	if err != nil {
		return err
	}
	values, null := c.rows, int64(0)
	if c.nulls {
		values = int64(len(c.defs))
		for _, d := range c.defs {
			null += int64(1 - d)
		}
	}
	at := len(c.out)
	head := format.PageHeader{Type: format.DataPageV2, DataPageHeaderV2: thrift.New(format.DataPageHeaderV2{
		NumValues: int32(values), NumNulls: int32(null), NumRows: int32(c.rows), Encoding: encoding,
		RepetitionLevelsByteLength: int32(reps), DefinitionLevelsByteLength: int32(defs), IsCompressed: thrift.New(true),
	})}
	var raw int
	if c.out, raw, err = b.page(c.out, &head, body); err != nil {
		return err
	}
	c.raw += int64(raw)
	c.places = append(c.places, format.PageLocation{Offset: int64(at), CompressedPageSize: int32(len(c.out) - at), FirstRowIndex: c.first})
	c.first, c.values, c.null = c.first+c.rows, c.values+values, c.null+null
	c.rows, c.bits = 0, 0
	c.codes, c.plain, c.reps, c.defs = c.codes[:0], c.plain[:0], c.reps[:0], c.defs[:0]
	return nil
}

// levels puts the levels of the open page into b and returns their lengths.
func (c *runColumn) levels(b *pageBuffers) (reps, defs int, err error) {
	b.levels = b.levels[:0]
	for _, l := range []struct {
		has    bool
		values []byte
		length *int
	}{{c.lists, c.reps, &reps}, {c.nulls, c.defs, &defs}} {
		if !l.has {
			continue
		}
		if b.body2, err = (&rle.Encoding{BitWidth: 1}).EncodeLevels(b.body2[:0], l.values); err != nil {
			return 0, 0, err
		}
		b.levels = append(b.levels, b.body2...)
		*l.length = len(b.body2)
	}
	return reps, defs, nil
}

// statistics are the bounds that spare reading: of times, and of columns that say
// nothing or one thing throughout.
func (c *runColumn) statistics() format.Statistics {
	st := format.Statistics{NullCount: c.null, MinValue: c.least, MaxValue: c.most}
	switch {
	case c.kind == format.Boolean && c.set != c.unset:
		st.MinValue, st.MaxValue = []byte{0}, []byte{0}
		if c.set {
			st.MinValue, st.MaxValue = []byte{1}, []byte{1}
		}
	case c.words != nil && !c.lists && c.words.onlyBlank() && !unboundedColumns[c.path[0]]:
		st.MinValue, st.MaxValue = []byte{}, []byte{}
	}
	return st
}

// reset begins a row group.
func (c *runColumn) reset() {
	c.rows, c.bits, c.first, c.values, c.null, c.raw = 0, 0, 0, 0, 0, 0
	c.codes, c.plain, c.reps, c.defs = c.codes[:0], c.plain[:0], c.reps[:0], c.defs[:0] // full, if the writer was abandoned
	c.out, c.places = c.out[:0], nil                                                    // the places stand in the footer
	c.least, c.most, c.set, c.unset = nil, nil, false, false
	if c.words != nil {
		c.words.reset()
	}
}
