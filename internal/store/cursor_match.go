package store

import (
	"errors"
	"fmt"
	"sort"

	"github.com/parquet-go/parquet-go"
)

// This file tells wanted rows by the dictionary of their column: most are judged by a
// number, and a dictionary that has no wanted word spares its pages.

// wish is a set of texts, one of which is looked for.
type wish struct {
	texts map[string]bool
	least int    // length of the shortest
	most  int    // …and of the longest
	only  string // the text, where it is one
}

func newWish(texts map[string]bool) wish {
	w := wish{texts: texts, least: 1<<63 - 1}
	for t := range texts {
		w.least, w.most = min(w.least, len(t)), max(w.most, len(t))
		if len(texts) == 1 {
			w.only = t
		}
	}
	return w
}

// has says whether a text is wanted: most are not as long as any that is, or are held
// against one alone, which spares hashing them.
func (w *wish) has(text []byte) bool {
	if len(text) < w.least || len(text) > w.most {
		return false
	}
	if w.only != "" {
		return string(text) == w.only
	}
	return w.texts[string(text)]
}

// keep appends to kept those of the rows, ascending and from the page that is current, in
// which the column has a wanted text. It returns the rows that are of later pages.
func (c *cursor) keep(kept, rows []int64, want *wish) (_, rest []int64, err error) {
	if err := c.seek(rows[0]); err != nil {
		return kept, nil, err
	}
	n := sort.Search(len(rows), func(i int) bool { return rows[i] >= c.end })
	if c.codes != nil && c.starts == nil && rows[n-1]-rows[0] == int64(n-1) { // no gaps: the first condition
		row := rows[0] // kept takes the place of rows
		for i, code := range c.codes[row-c.first:][:n] {
			if c.hits[code] {
				kept = append(kept, row+int64(i))
			}
		}
		return kept, rows[n:], nil
	}
	for _, row := range rows[:n] {
		if c.wanted(row, want) {
			kept = append(kept, row)
		}
	}
	return kept, rows[n:], nil
}

// wanted says whether the text of a row of the current page, or one of its list, is.
func (c *cursor) wanted(row int64, want *wish) bool {
	i := row - c.first
	switch {
	case c.codes != nil && c.starts != nil:
		for _, code := range c.listCodes(row) {
			if c.hits[code] {
				return true
			}
		}
		return false
	case c.codes != nil:
		return c.hits[c.codes[i]]
	case c.starts != nil:
		for _, v := range c.listValues(row) {
			if !v.IsNull() && want.has(v.ByteArray()) {
				return true
			}
		}
		return false
	}
	return want.has(c.data[c.offsets[i]:c.offsets[i+1]])
}

// judge finds the wanted words of the column's dictionary. It says whether there are any,
// and true of a column without a dictionary. A column that has one has all its values there: our
// writers give no dictionary up, since a row group is far less than one may hold.
func (c *cursor) judge(want *wish) (bool, error) {
	if c.own != nil {
		err := c.own.dictionary()
		if err == nil {
			c.room(c.own.count)
			some, err := c.own.find(want)
			c.hits = c.own.hits
			return some, err
		}
		if !errors.Is(err, errOtherPage) {
			return false, err
		}
		c.forsake()
	}
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
	c.hits = make([]bool, c.known)
	// All words at once: asked one by one they take a tenth of a lookup.
	data := dict.Page().Data()
	words, ends := data.ByteArray()
	if len(ends) != c.known+1 {
		return false, fmt.Errorf("dictionary holds %d words, not %d: %w", len(ends)-1, c.known, parquet.ErrCorrupted)
	}
	some := false
	for code := range c.hits {
		if want.has(words[ends[code]:ends[code+1]]) {
			c.hits[code], some = true, true
		}
	}
	return some, nil
}
