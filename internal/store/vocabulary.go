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
	recent [recentTexts]numbered
}

// numbered is a text that was met, never the empty one.
type numbered struct {
	text string
	code int32
}

const recentTexts = 128 // a power of two

func newVocabulary() *vocabulary { return &vocabulary{codes: map[string]int32{}} }

// code is the number of a text. The vocabulary keeps the text until reset.
func (v *vocabulary) code(text string) int32 {
	if text == "" {
		if v.blank == 0 {
			v.blank = v.add(text) + 1
		}
		return v.blank - 1
	}
	// Ids differ at their ends, names and addresses in their length and middle.
	n := len(text)
	slot := uint(n) + uint(text[n-1])*7 + uint(text[n/2])*31 + uint(text[n-1-n/4])*61
	met := &v.recent[slot%recentTexts]
	if met.text != text { // quick where they are one text in memory, as most are
		code, known := v.codes[text]
		if !known {
			code = v.add(text)
		}
		*met = numbered{text, code}
	}
	return met.code
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
	clear(v.recent[:])
	v.page, v.blank = v.page[:0], 0
}

// appendText appends a text as the encoding PLAIN has it.
func appendText[T string | []byte](page []byte, text T) []byte {
	return append(binary.LittleEndian.AppendUint32(page, uint32(len(text))), text...)
}
