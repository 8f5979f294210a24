package store

import (
	"encoding/binary"

	"github.com/parquet-go/parquet-go"
	"github.com/parquet-go/parquet-go/encoding/rle"
	"github.com/parquet-go/parquet-go/encoding/thrift"
	"github.com/parquet-go/parquet-go/format"
)

// eventColumn is a column of the open row group: the page that is being filled, and
// those that are full, on their way to be compressed.
type eventColumn struct {
	path  []string
	name  string
	kind  format.Type
	words *vocabulary // nil where values do not repeat
	lists bool        // has repetition levels, 0 or 1
	nulls bool        // has definition levels, 0 or 1

	rows       int64   // of the open page
	codes      []int32 // its values, by words
	plain      []byte  // …or encoded
	bits       int     // values in plain, where they are bits
	reps, defs []byte  // its levels, a byte each

	first  int64         // row of the group at which the open page begins
	dict   *packedPage   // of words, when the row group has ended
	idle   *packedPage   // …that of the row group before, which is written
	pages  []*packedPage // full ones, in order
	values int64         // in full pages, nulls among them
	null   int64         // nulls in full pages

	some        bool  // of numbers: one was met, in the row group
	least, most int64 // …and these are their bounds
	pageFrom    int64 // first number of the open page
	last        int64 // number met last
	set, unset  bool  // of bits: what was met
}

func newEventColumn(leaf parquet.LeafColumn, path []string, name string) *eventColumn {
	c := &eventColumn{path: path, name: name, kind: format.Type(leaf.Node.Type().Kind()), lists: leaf.MaxRepetitionLevel > 0, nulls: leaf.MaxDefinitionLevel > 0}
	if e := leaf.Node.Encoding(); e != nil && e.Encoding() == format.RLEDictionary {
		c.words = newVocabulary()
	}
	return c
}

func (c *eventColumn) text(s string) {
	c.rows++
	if c.words != nil {
		c.codes = append(c.codes, c.words.code(s))
	} else {
		c.plain = appendText(c.plain, s)
	}
}

// bytes takes the value of one row, in pieces.
func (c *eventColumn) bytes(pieces ...[]byte) {
	c.rows++
	at := len(c.plain)
	c.plain = append(c.plain, 0, 0, 0, 0)
	for _, b := range pieces {
		c.plain = append(c.plain, b...)
	}
	binary.LittleEndian.PutUint32(c.plain[at:], uint32(len(c.plain)-at-4))
}

func (c *eventColumn) int(v int64) {
	if c.rows == 0 {
		c.pageFrom = v
	}
	c.rows++
	c.plain = binary.LittleEndian.AppendUint64(c.plain, uint64(v))
	if !c.some {
		c.some, c.least, c.most = true, v, v
	}
	c.least, c.most, c.last = min(c.least, v), max(c.most, v), v
}

// nullableInt takes a number of a column that may have none.
func (c *eventColumn) nullableInt(v int64, is bool) {
	if is {
		c.int(v)
		c.defs = append(c.defs, 1)
		return
	}
	c.rows++
	c.defs = append(c.defs, 0)
}

func (c *eventColumn) flag(v bool) {
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
func (c *eventColumn) list(texts []string) {
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

// large says whether the column is most of the bytes.
func (c *eventColumn) large() bool { return c.name == "record" }

// random says whether the column has what no compression makes smaller. Snappy takes a fifth of the time of a run for
// these two, and makes a twentieth less of them.
func (c *eventColumn) random() bool { return c.name == "event_id" || c.name == "request_id" }

// full says whether the open page has as many bytes as it should.
func (c *eventColumn) full(sh *shape) bool {
	if c.large() {
		return len(c.plain) >= sh.recordPage
	}
	return len(c.plain)+4*len(c.codes) >= sh.page
}

// uniform says whether the row group has said one thing so far: of that there is one page,
// however long.
func (c *eventColumn) uniform() bool {
	return c.words != nil && !c.lists && c.first == 0 && len(c.words.texts) == 1
}

// endPage hands the open page on to be compressed and begins the next.
func (c *eventColumn) endPage(k *packer) error {
	if c.rows == 0 {
		return nil
	}
	p := k.page(c.large())
	if err := c.levels(k, p); err != nil {
		return err
	}
	values, null, encoding := c.rows, int64(0), format.Plain
	if c.nulls {
		values = int64(len(c.defs))
		for _, d := range c.defs {
			null += int64(1 - d)
		}
	}
	if c.words != nil {
		var err error
		if k.codes, err = (&rle.DictionaryEncoding{}).EncodeInt32(k.codes[:0], c.codes); err != nil {
			return err
		}
		p.body, encoding = append(p.body, k.codes...), format.RLEDictionary
	} else {
		p.body, c.plain = c.plain, p.body // the page takes the buffer and leaves its own
	}
	p.head = format.PageHeader{Type: format.DataPageV2, DataPageHeaderV2: thrift.New(format.DataPageHeaderV2{
		NumValues: int32(values), NumNulls: int32(null), NumRows: int32(c.rows), Encoding: encoding,
		RepetitionLevelsByteLength: int32(p.reps), DefinitionLevelsByteLength: int32(len(p.levels) - p.reps), IsCompressed: thrift.New(true),
	})}
	p.first, p.least, p.most, p.random = c.first, c.pageFrom, c.last, c.random()
	c.pages = append(c.pages, p)
	k.begin(p)
	c.first, c.values, c.null = c.first+c.rows, c.values+values, c.null+null
	c.rows, c.bits = 0, 0
	c.codes, c.plain, c.reps, c.defs = c.codes[:0], c.plain[:0], c.reps[:0], c.defs[:0]
	return nil
}

// end hands on what the row group holds of the column.
func (c *eventColumn) end(k *packer) error {
	if err := c.endPage(k); err != nil || c.words == nil {
		return err
	}
	if c.dict, c.idle = c.idle, nil; c.dict == nil {
		c.dict = &packedPage{dict: true}
	}
	c.dict.out, c.dict.head = c.dict.out[:0], dictionaryHead(len(c.words.texts))
	c.dict.body, c.words.page = c.words.page, c.dict.body[:0]
	k.begin(c.dict)
	return nil
}

// giveBack is for pages that are written and of which nothing more is asked: the next
// writer has them at once.
func (c *eventColumn) giveBack(m *writerMemory) {
	for _, p := range c.pages {
		m.pages[side(p.large)].put(p)
	}
	c.idle, c.dict, c.pages = c.dict, nil, c.pages[:0]
}

// levels puts the levels of the open page into p.
func (c *eventColumn) levels(k *packer, p *packedPage) (err error) {
	p.levels, p.reps = p.levels[:0], 0
	if c.lists {
		if k.codes, err = (&rle.Encoding{BitWidth: 1}).EncodeLevels(k.codes[:0], c.reps); err != nil {
			return err
		}
		p.levels = append(p.levels, k.codes...)
		p.reps = len(p.levels)
	}
	if c.nulls {
		if k.codes, err = (&rle.Encoding{BitWidth: 1}).EncodeLevels(k.codes[:0], c.defs); err != nil {
			return err
		}
		p.levels = append(p.levels, k.codes...)
	}
	return nil
}

// reset begins a row group.
func (c *eventColumn) reset() {
	c.rows, c.bits, c.first, c.values, c.null = 0, 0, 0, 0, 0
	c.codes, c.plain, c.reps, c.defs = c.codes[:0], c.plain[:0], c.reps[:0], c.defs[:0] // full, if the writer was abandoned
	c.dict, c.pages = nil, c.pages[:0]                                                  // if the writer was abandoned, some may still be compressed
	c.some, c.set, c.unset = false, false, false
	if c.words != nil {
		c.words.reset()
	}
}
