package store

import (
	"errors"
	"fmt"
	"io"

	"github.com/parquet-go/parquet-go"
)

// cursor walks one column of one row group, forwards, and holds one page.
// Pages without a wanted row are never read: rows are found through the offset
// index. Text of a dictionary is made into a Go string once, however often it
// occurs.
type cursor struct {
	chunk parquet.ColumnChunk
	pages parquet.Pages
	page  parquet.Page

	first, end int64 // rows of the row group that page holds

	codes   []int32  // of a dictionary page, else nil
	words   []string // of the dictionary, made when first met
	made    []bool
	verdict []int8 // of a match, by dictionary code: 0 not judged yet
	dict    parquet.Dictionary

	data    []byte // of a plain page
	offsets []uint32
	ints    []int64
	values  []parquet.Value // of every other kind of page
	starts  []int           // of each row in values; nil if one value a row
}

// newCursor opens a column. Nothing is read before the first row is asked for.
func newCursor(chunk parquet.ColumnChunk) *cursor { return &cursor{chunk: chunk} }

func (c *cursor) close() {
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
	jump := c.pages == nil && row > 0 || row > c.end
	if c.pages == nil {
		if _, err := c.chunk.OffsetIndex(); err != nil && !errors.Is(err, parquet.ErrMissingOffsetIndex) {
			return err
		}
		c.pages = c.chunk.Pages()
	}
	if c.page != nil {
		parquet.Release(c.page)
		c.page = nil
	}
	if jump {
		if err := c.pages.SeekToRow(row); err != nil {
			return err
		}
		c.end = row
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

// decode lays the page open.
func (c *cursor) decode() error {
	c.codes, c.data, c.offsets, c.ints, c.starts = nil, nil, nil, nil, nil
	c.values = c.values[:0]
	if len(c.page.RepetitionLevels()) > 0 || len(c.page.DefinitionLevels()) > 0 {
		return c.decodeValues()
	}
	if dict := c.page.Dictionary(); dict != nil {
		if c.dict == nil {
			c.dict = dict
			c.words = make([]string, dict.Len())
			c.made = make([]bool, dict.Len())
		}
		data := c.page.Data()
		c.codes = data.Int32()
		for _, code := range c.codes {
			if code < 0 || int(code) >= len(c.words) {
				return fmt.Errorf("code %d is not in the dictionary: %w", code, parquet.ErrCorrupted)
			}
		}
		return nil
	}
	data := c.page.Data()
	switch c.page.Type().Kind() {
	case parquet.ByteArray:
		c.data, c.offsets = data.ByteArray()
		if int64(len(c.offsets)) != c.page.NumRows()+1 {
			return fmt.Errorf("page holds %d values for %d rows: %w", len(c.offsets)-1, c.page.NumRows(), parquet.ErrCorrupted)
		}
	case parquet.Int64:
		c.ints = data.Int64()
	default:
		return c.decodeValues()
	}
	return nil
}

// decodeValues is the general, slower way, for booleans, nullable columns and
// lists.
func (c *cursor) decodeValues() error {
	n := int(c.page.NumValues())
	if cap(c.values) < n {
		c.values = make([]parquet.Value, n)
	}
	c.values = c.values[:n]
	read, err := c.page.Values().ReadValues(c.values)
	if err != nil && !errors.Is(err, io.EOF) {
		return err
	}
	c.values = c.values[:read]
	if len(c.page.RepetitionLevels()) > 0 {
		c.starts = make([]int, 0, c.page.NumRows())
		for i, v := range c.values {
			if v.RepetitionLevel() == 0 {
				c.starts = append(c.starts, i)
			}
		}
		if int64(len(c.starts)) != c.page.NumRows() {
			return fmt.Errorf("page holds %d lists for %d rows: %w", len(c.starts), c.page.NumRows(), parquet.ErrCorrupted)
		}
	} else if int64(len(c.values)) != c.page.NumRows() {
		return fmt.Errorf("page holds %d values for %d rows: %w", len(c.values), c.page.NumRows(), parquet.ErrCorrupted)
	}
	return nil
}

// text is the row's text.
func (c *cursor) text(row int64) (string, error) {
	if err := c.seek(row); err != nil {
		return "", err
	}
	i := row - c.first
	if c.codes != nil {
		return c.word(c.codes[i]), nil
	}
	return string(c.data[c.offsets[i]:c.offsets[i+1]]), nil
}

func (c *cursor) word(code int32) string {
	if !c.made[code] {
		c.made[code] = true
		c.words[code] = string(c.dict.Index(code).ByteArray())
	}
	return c.words[code]
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
	return c.ints[row-c.first], nil
}

func (c *cursor) bool(row int64) (bool, error) {
	if err := c.seek(row); err != nil {
		return false, err
	}
	return c.values[row-c.first].Boolean(), nil
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
	for _, v := range c.listValues(row) {
		if !v.IsNull() {
			out = append(out, string(v.ByteArray()))
		}
	}
	return out, nil
}

func (c *cursor) listValues(row int64) []parquet.Value {
	i := int(row - c.first)
	end := len(c.values)
	if i+1 < len(c.starts) {
		end = c.starts[i+1]
	}
	return c.values[c.starts[i]:end]
}

// matches says whether the row's text, or one of its list, is wanted.
func (c *cursor) matches(row int64, want map[string]bool) (bool, error) {
	if err := c.seek(row); err != nil {
		return false, err
	}
	switch {
	case c.codes != nil:
		if c.verdict == nil {
			c.verdict = make([]int8, len(c.words))
		}
		code := c.codes[row-c.first]
		if c.verdict[code] == 0 {
			c.verdict[code] = -1
			if want[c.word(code)] {
				c.verdict[code] = 1
			}
		}
		return c.verdict[code] > 0, nil
	case c.starts != nil:
		for _, v := range c.listValues(row) {
			if !v.IsNull() && want[string(v.ByteArray())] {
				return true, nil
			}
		}
		return false, nil
	}
	i := row - c.first
	return want[string(c.data[c.offsets[i]:c.offsets[i+1]])], nil
}
