package store

import (
	"encoding/binary"
	"hash/maphash"
)

// vocabulary numbers the texts of one column of a row group in the order in which
// they are met: the numbers are what a dictionary page is asked by. Most texts were
// met a moment ago, so it remembers some by a cheap look at their bytes before it
// hashes all of them. Its table is denser than a map of Go, and looked up once for a text
// that is new: of a column of keys a third of all are.
type vocabulary struct {
	texts  []string // by number
	sums   []uint32 // their hashes
	table  []int32  // numbers and one, by hash, where the next free place is; a power of two, at most half full
	page   []byte   // the texts by number, each behind its length: a dictionary page, not compressed
	blank  int32    // number of the empty text and one; 0 while it was not met
	last   numbered
	recent []numbered // a power of two, by hint
}

// numbered is a text that was met, never the empty one.
type numbered struct {
	text string
	code int32
}

// Room in recent grows with the texts: most columns have few, and all of them are to stay in
// the processor's cache.
const (
	leastRecent = 32
	mostRecent  = 4 << 10
)

// leastTable is room for what most columns hold.
const leastTable = 64

func newVocabulary() *vocabulary {
	return &vocabulary{table: make([]int32, leastTable), recent: make([]numbered, leastRecent)}
}

// vocabularySeed is another in each process, so that nobody can choose texts that meet.
var vocabularySeed = maphash.MakeSeed()

// hint tells texts apart by their length and the bytes at their end and in their middle: ids
// and keys begin alike. Texts that meet cost a longer look.
func hint(text string) uint {
	n := len(text)
	h := uint64(n)
	if n >= 8 {
		h ^= word(text[n-8:]) ^ word(text[(n-8)/2:])*31
	} else {
		for i := range n {
			h = h*31 + uint64(text[i])
		}
	}
	return uint(h * 0x9e3779b97f4a7c15 >> 32) // Fibonacci's multiplier: the upper half hangs on all of h
}

func word(s string) uint64 {
	_ = s[7]
	return uint64(s[0]) | uint64(s[1])<<8 | uint64(s[2])<<16 | uint64(s[3])<<24 |
		uint64(s[4])<<32 | uint64(s[5])<<40 | uint64(s[6])<<48 | uint64(s[7])<<56
}

// code is the number of a text, or of what is left of it in valid UTF-8. The vocabulary
// keeps the text until reset.
func (v *vocabulary) code(text string) int32 {
	if text == "" {
		if v.blank == 0 {
			v.blank = v.add(text) + 1
		}
		return v.blank - 1
	}
	if text == v.last.text { // quick where they are one text in memory, as most are
		return v.last.code
	}
	met := &v.recent[hint(text)&uint(len(v.recent)-1)]
	if met.text != text {
		hash := uint32(maphash.String(vocabularySeed, text))
		at := v.find(text, hash)
		code := v.table[at] - 1
		if code < 0 {
			if valid := validText(text); valid != text {
				return v.code(valid)
			}
			code = v.add(text)
			v.place(at, code, hash)
			if len(v.texts) > len(v.recent)/2 && len(v.recent) < mostRecent {
				v.more()
				met = &v.recent[hint(text)&uint(len(v.recent)-1)]
			}
		}
		*met = numbered{text, code}
	}
	v.last = *met
	return met.code
}

// more doubles the room in recent, and forgets what is there.
func (v *vocabulary) more() {
	n := 2 * len(v.recent)
	if cap(v.recent) < n {
		v.recent = make([]numbered, n)
	}
	v.recent = v.recent[:n]
	clear(v.recent)
}

// find gives the place of a text in the table, or where it is to be.
func (v *vocabulary) find(text string, hash uint32) uint32 {
	last := uint32(len(v.table) - 1)
	for at := hash & last; ; at = (at + 1) & last {
		if n := v.table[at]; n == 0 || v.sums[n-1] == hash && v.texts[n-1] == text {
			return at
		}
	}
}

// place puts the text that was added last in the table, and makes that twice as large if it
// is half full.
func (v *vocabulary) place(at uint32, code int32, hash uint32) {
	v.table[at] = code + 1
	v.sums[code] = hash
	if 2*len(v.texts) <= len(v.table) {
		return
	}
	n := 2 * len(v.table)
	if cap(v.table) < n {
		v.table = make([]int32, n)
	}
	v.table = v.table[:n]
	clear(v.table)
	for code, hash := range v.sums {
		if v.texts[code] == "" { // is not looked for here
			continue
		}
		at := hash & uint32(n-1)
		for v.table[at] != 0 {
			at = (at + 1) & uint32(n-1)
		}
		v.table[at] = int32(code) + 1
	}
}

func (v *vocabulary) add(text string) int32 {
	code := int32(len(v.texts))
	v.texts, v.sums = append(v.texts, text), append(v.sums, 0)
	v.page = appendText(v.page, text)
	return code
}

// bounds are the least and the greatest text; ok is false where there is none.
func (v *vocabulary) bounds() (least, most string, ok bool) {
	for _, text := range v.texts {
		if !ok {
			least, most, ok = text, text, true
		}
		least, most = min(least, text), max(most, text)
	}
	return least, most, ok
}

// hashes are those of the texts, for a bloom filter.
func (v *vocabulary) hashes(out []uint64) []uint64 {
	for _, text := range v.texts {
		out = append(out, hashText(text))
	}
	return out
}

// onlyBlank says whether nothing but the empty text was met.
func (v *vocabulary) onlyBlank() bool { return v.blank > 0 && len(v.texts) == 1 }

func (v *vocabulary) reset() {
	clear(v.texts)
	clear(v.table)
	clear(v.recent)
	v.texts, v.sums, v.table = v.texts[:0], v.sums[:0], v.table[:leastTable]
	v.recent, v.last = v.recent[:leastRecent], numbered{}
	v.page, v.blank = v.page[:0], 0
}

// appendText appends a text as the encoding PLAIN has it.
func appendText[T string | []byte](page []byte, text T) []byte {
	return append(binary.LittleEndian.AppendUint32(page, uint32(len(text))), text...)
}
