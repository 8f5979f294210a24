package store

import (
	"errors"
	"fmt"
	"io"
	"slices"

	"github.com/parquet-go/parquet-go"
)

// decode lays the page open.
func (c *cursor) decode() error {
	c.codes, c.data, c.offsets, c.ints, c.bits = nil, nil, nil, nil, nil
	c.values, c.starts = c.values[:0], nil
	dict := c.page.Dictionary()
	if dict != nil {
		c.hold(dict)
	}
	switch {
	case len(c.page.RepetitionLevels()) > 0 && dict != nil:
		return c.decodeLists()
	case len(c.page.RepetitionLevels()) > 0 || len(c.page.DefinitionLevels()) > 0:
		return c.decodeValues()
	case dict != nil:
		return c.decodeCodes()
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
	case parquet.Boolean:
		if c.sliced { // bits of a part of a page need not begin with a byte
			return c.decodeValues()
		}
		if c.bits = data.Boolean(); 8*int64(len(c.bits)) < c.page.NumRows() {
			return fmt.Errorf("page holds %d bytes of flags for %d rows: %w", len(c.bits), c.page.NumRows(), parquet.ErrCorrupted)
		}
	default:
		return c.decodeValues()
	}
	return nil
}

// hold remembers the dictionary, which all pages of a column share.
func (c *cursor) hold(dict parquet.Dictionary) {
	if c.dict == nil {
		c.dict = dict
		c.room(dict.Len())
	}
}

// room makes some for the words of a dictionary.
func (c *cursor) room(words int) {
	if c.words == nil {
		c.known, c.words = words, make([]*[wordsAtOnce]string, (words+wordsAtOnce-1)/wordsAtOnce)
	}
}

// forsake leaves the column to the library, which has the same words by the same numbers.
func (c *cursor) forsake() {
	c.hits = slices.Clone(c.hits)
	c.own.close()
	c.own = nil
}

func (c *cursor) decodeCodes() error {
	data := c.page.Data()
	c.codes = data.Int32()
	for _, code := range c.codes {
		if code < 0 || int(code) >= c.known {
			return fmt.Errorf("code %d is not in the dictionary: %w", code, parquet.ErrCorrupted)
		}
	}
	return nil
}

// decodeLists lays open a page of lists of texts. An empty list has levels, and no code.
func (c *cursor) decodeLists() error {
	if err := c.decodeCodes(); err != nil {
		return err
	}
	defined, at := c.page.DefinitionLevels(), 0
	c.starts = make([]int, 0, c.page.NumRows()+1)
	for i, level := range c.page.RepetitionLevels() {
		if level == 0 {
			c.starts = append(c.starts, at)
		}
		if defined[i] > 0 {
			at++
		}
	}
	c.starts = append(c.starts, at)
	if int64(len(c.starts)) != c.page.NumRows()+1 || at != len(c.codes) {
		return fmt.Errorf("page holds %d lists of %d texts for %d rows of %d: %w", len(c.starts)-1, at, c.page.NumRows(), len(c.codes), parquet.ErrCorrupted)
	}
	return nil
}

// decodeValues is the general, slower way, for nullable columns and for what does not
// come as our writers write it.
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
