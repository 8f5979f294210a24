package store

import "github.com/parquet-go/parquet-go"

// This file tells wanted rows by the dictionary of their column: most are judged by a
// number, and a dictionary that has no wanted word spares its pages.

// matches says whether the row's text, or one of its list, is wanted.
func (c *cursor) matches(row int64, want map[string]bool) (bool, error) {
	if err := c.seek(row); err != nil {
		return false, err
	}
	switch {
	case c.codes != nil && c.starts != nil:
		for _, code := range c.listCodes(row) {
			if c.wanted(code, want) {
				return true, nil
			}
		}
		return false, nil
	case c.codes != nil:
		return c.wanted(c.codes[row-c.first], want), nil
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

// wanted says whether a word of the dictionary is. It is asked for one set alone.
func (c *cursor) wanted(code int32, want map[string]bool) bool {
	if c.verdict == nil {
		c.verdict = make([]int8, len(c.words))
	}
	if c.verdict[code] == 0 {
		c.verdict[code] = -1
		if want[string(c.dict.Index(code).ByteArray())] {
			c.verdict[code] = 1
		}
	}
	return c.verdict[code] > 0
}

// dictionaryHolds says whether any word of the column's dictionary is wanted, and true of
// a column without one. A column that has a dictionary has all its values there: our
// writers give no dictionary up, since a row group is far less than one may hold.
func (c *cursor) dictionaryHolds(want map[string]bool) (bool, error) {
	c.pages = c.chunk.Pages()
	pages, ok := c.pages.(*parquet.FilePages)
	if !ok {
		return true, nil
	}
	dict, err := pages.ReadDictionary()
	if dict == nil || err != nil {
		return true, err
	}
	c.hold(dict)
	some := false
	for code := range c.words {
		some = c.wanted(int32(code), want) || some
	}
	return some, nil
}
