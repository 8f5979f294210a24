package store

import "encoding/binary"

// vocabulary numbers the texts of one column of a row group in the order in which
// they are met: the numbers are what a dictionary page is asked by. Most texts were
// met a moment ago, so it remembers some by a cheap look at their bytes before it
// asks the map, which hashes all of them.
type vocabulary struct {
	codes  map[string]int32
	page   []byte // the texts by number, each behind its length: a dictionary page, not compressed
	blank  int32  // number of the empty text and one; 0 while it was not met
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

func newVocabulary() *vocabulary {
	return &vocabulary{codes: map[string]int32{}, recent: make([]numbered, leastRecent)}
}

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
		code, known := v.codes[text]
		if !known {
			if valid := validText(text); valid != text {
				return v.code(valid)
			}
			code = v.add(text)
			if len(v.codes) > len(v.recent)/2 && len(v.recent) < mostRecent {
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

func (v *vocabulary) add(text string) int32 {
	code := int32(len(v.codes))
	v.codes[text] = code
	v.page = appendText(v.page, text)
	return code
}

// bounds are the least and the greatest text; ok is false where there is none.
func (v *vocabulary) bounds() (least, most string, ok bool) {
	for text := range v.codes {
		if !ok {
			least, most, ok = text, text, true
		}
		least, most = min(least, text), max(most, text)
	}
	return least, most, ok
}

// hashes are those of the texts, for a bloom filter, in any order.
func (v *vocabulary) hashes(out []uint64) []uint64 {
	for text := range v.codes {
		out = append(out, hashText(text))
	}
	return out
}

// onlyBlank says whether nothing but the empty text was met.
func (v *vocabulary) onlyBlank() bool { return v.blank > 0 && len(v.codes) == 1 }

func (v *vocabulary) reset() {
	clear(v.codes)
	clear(v.recent)
	v.recent, v.last = v.recent[:leastRecent], numbered{}
	v.page, v.blank = v.page[:0], 0
}

// appendText appends a text as the encoding PLAIN has it.
func appendText[T string | []byte](page []byte, text T) []byte {
	return append(binary.LittleEndian.AppendUint32(page, uint32(len(text))), text...)
}
