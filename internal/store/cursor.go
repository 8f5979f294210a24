package store

import (
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"sort"

	"github.com/parquet-go/parquet-go"
)

// cursor walks one column of one row group, forwards, and holds one page.
// Pages without a wanted row are never read: rows are found through the offset
// index. Text of a dictionary is made into a Go string once, however often it
// occurs.
type cursor struct {
	chunk parquet.ColumnChunk
	own   *wordPages // reads the column in place of the library, unless nil
	pages parquet.Pages
	page  parquet.Page

	first, end int64 // rows of the row group that page holds

	sliced bool // the page held begins within one of the file

	codes []int32                // of a dictionary page, else nil
	dict  parquet.Dictionary     // shared by all pages of the column
	words []*[wordsAtOnce]string // of dict, by code; made when first met, since a lookup meets few of many
	known int                    // length of dict
	hits  []bool                 // of a match: which of its words are wanted

	data    []byte // of a plain page
	offsets []uint32
	ints    []int64
	bits    []byte          // of a page of flags
	values  []parquet.Value // of every other kind of page
	starts  []int           // of each row in values, or in codes with one more for the end; nil if one value a row
}

// newCursor opens a column. Nothing is read before the first row is asked for.
func newCursor(chunk parquet.ColumnChunk) *cursor { return &cursor{chunk: chunk} }

func (c *cursor) close() {
	if c.own != nil {
		c.own.close()
		c.own = nil
	}
	if c.page != nil {
		parquet.Release(c.page)
		c.page = nil
	}
	if c.pages != nil {
		c.pages.Close()
		c.pages = nil
	}
}

// seek makes the page current that holds row. Rows must not go backwards.
func (c *cursor) seek(row int64) error {
	if row >= c.first && row < c.end {
		return nil
	}
	if c.own != nil {
		first, end, err := c.own.page(row)
		if err == nil {
			c.first, c.end = first, end
			if c.own.plain {
				return nil
			}
			c.codes, c.starts = c.own.codes, nil
			if c.own.lists {
				c.starts = c.own.starts
			}
			c.room(c.own.count)
			return nil
		}
		if !errors.Is(err, errOtherPage) {
			return err
		}
		c.forsake()
	}
	jump := row > c.end || c.end > 0 && c.pages == nil
	if c.end == 0 || c.pages == nil {
		if _, err := c.chunk.OffsetIndex(); err != nil && !errors.Is(err, parquet.ErrMissingOffsetIndex) {
			return err
		}
		if c.pages == nil {
			c.pages = c.chunk.Pages()
		}
	}
	if c.page != nil {
		parquet.Release(c.page)
		c.page = nil
	}
	c.sliced = false
	if jump {
		first := c.pageOf(row)
		if err := c.pages.SeekToRow(first); err != nil {
			return err
		}
		c.end, c.sliced = first, first == row
	}
	for {
		page, err := c.pages.ReadPage()
		if errors.Is(err, io.EOF) {
			return fmt.Errorf("row %d is missing: %w", row, io.ErrUnexpectedEOF)
		}
		if err != nil {
			return err
		}
		c.first, c.end = c.end, c.end+page.NumRows()
		if row < c.end {
			c.page = page
			return c.decode()
		}
		parquet.Release(page)
	}
}

// pageOf is the row at which the page begins that holds row, as far as the file says:
// from there the library hands out the page as it is, and not the rest of it.
func (c *cursor) pageOf(row int64) int64 {
	index, err := c.chunk.OffsetIndex()
	if err != nil || index == nil {
		return row
	}
	if i := sort.Search(index.NumPages(), func(i int) bool { return index.FirstRowIndex(i) > row }); i > 0 {
		return index.FirstRowIndex(i - 1)
	}
	return row
}

// text is the row's text.
func (c *cursor) text(row int64) (string, error) {
	if err := c.seek(row); err != nil {
		return "", err
	}
	i := row - c.first
	if c.codes != nil {
		return c.word(c.codes[i])
	}
	return string(c.data[c.offsets[i]:c.offsets[i+1]]), nil
}

// wordsAtOnce is for how many words of a dictionary room is made.
const wordsAtOnce = 64

func (c *cursor) word(code int32) (string, error) {
	some := c.words[code/wordsAtOnce]
	if some == nil {
		some = new([wordsAtOnce]string)
		c.words[code/wordsAtOnce] = some
	}
	word := &some[code%wordsAtOnce]
	if *word != "" {
		return *word, nil
	}
	if c.own == nil {
		*word = string(c.dict.Index(code).ByteArray())
		return *word, nil
	}
	text, err := c.own.word(int(code))
	*word = string(text)
	return *word, err
}

// bytes is the row's value, copied.
func (c *cursor) bytes(row int64) ([]byte, error) {
	if err := c.seek(row); err != nil {
		return nil, err
	}
	i := row - c.first
	b := c.data[c.offsets[i]:c.offsets[i+1]]
	if len(b) == 0 {
		return nil, nil
	}
	return append(make([]byte, 0, len(b)), b...), nil
}

func (c *cursor) int(row int64) (int64, error) {
	if err := c.seek(row); err != nil {
		return 0, err
	}
	if c.own != nil {
		return int64(binary.LittleEndian.Uint64(c.own.body[8*(row-c.first):])), nil
	}
	return c.ints[row-c.first], nil
}

func (c *cursor) bool(row int64) (bool, error) {
	if err := c.seek(row); err != nil {
		return false, err
	}
	i := row - c.first
	if c.bits != nil {
		return c.bits[i/8]&(1<<(i%8)) != 0, nil
	}
	return c.values[i].Boolean(), nil
}

// nullableInt is the row's number, or null.
func (c *cursor) nullableInt(row int64) (v int64, null bool, err error) {
	if err := c.seek(row); err != nil {
		return 0, false, err
	}
	if len(c.values) == 0 { // a page without levels
		return c.ints[row-c.first], false, nil
	}
	val := c.values[row-c.first]
	if val.IsNull() {
		return 0, true, nil
	}
	return val.Int64(), false, nil
}

// list is the row's list of texts, nil if empty.
func (c *cursor) list(row int64) ([]string, error) {
	if err := c.seek(row); err != nil {
		return nil, err
	}
	var out []string
	if c.codes != nil {
		for _, code := range c.listCodes(row) {
			word, err := c.word(code)
			if err != nil {
				return nil, err
			}
			out = append(out, word)
		}
		return out, nil
	}
	for _, v := range c.listValues(row) {
		if !v.IsNull() {
			out = append(out, string(v.ByteArray()))
		}
	}
	return out, nil
}

func (c *cursor) listCodes(row int64) []int32 {
	i := row - c.first
	return c.codes[c.starts[i]:c.starts[i+1]]
}

func (c *cursor) listValues(row int64) []parquet.Value {
	i := int(row - c.first)
	end := len(c.values)
	if i+1 < len(c.starts) {
		end = c.starts[i+1]
	}
	return c.values[c.starts[i]:end]
}
