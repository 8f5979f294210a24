package store

import (
	"encoding/binary"
	"errors"
	"fmt"
	"hash/crc32"
	"io"
	"sort"
	"sync"

	"github.com/klauspost/compress/snappy"
	"github.com/klauspost/compress/zstd"
	"github.com/parquet-go/parquet-go"
	"github.com/parquet-go/parquet-go/encoding/rle"
	"github.com/parquet-go/parquet-go/encoding/thrift"
	"github.com/parquet-go/parquet-go/format"
)

// wordPages reads a column of texts that has a dictionary, or of numbers none of which is
// missing, as our writer writes it. The
// library takes a dictionary apart into words, which are allocated anew for every row group
// and were half of a lookup; here it is one piece of memory, lent, in which a wanted word is
// looked up. Whatever is not as we write it is left to the library.
type wordPages struct {
	file  io.ReaderAt
	meta  *format.ColumnMetaData
	index parquet.OffsetIndex // asked for with the first page
	chunk parquet.ColumnChunk
	rows  int64
	lists bool
	plain bool // numbers

	words []byte  // the dictionary, each word behind its length; lent
	count int     // of words
	marks []int32 // where in words each wordsAtOnce-th one begins, as far as was looked

	packed, body []byte // of the page in hand; lent
	codes        []int32
	own          []int32 // memory of codes; lent
	hits         []bool  // which words are wanted, after find; lent
	levels       []byte  // of definition
	repeated     []byte
	starts       []int
}

// maxWordPage bounds what a page may claim to unpack to.
const maxWordPage = 512 << 20

// errOtherPage says that the library must read the column.
var errOtherPage = errors.New("a page of another kind")

// lent is memory that nobody uses: of dictionaries that are large, and of pages.
var (
	lentWords, lentPages sync.Pool
	lentCodes, lentHits  = sync.Pool{New: func() any { return new([]int32) }}, sync.Pool{New: func() any { return new([]bool) }}
)

// zeroCodes are the codes of a column that says one thing throughout.
var zeroCodes [64 << 10]int32

const leastLent = 16 << 10

func borrow(from *sync.Pool, n int) []byte {
	if p, ok := from.Get().(*[]byte); ok && cap(*p) >= n {
		return (*p)[:n]
	}
	return make([]byte, n, max(n+n/4, leastLent))
}

func lend(to *sync.Pool, b []byte) {
	if cap(b) >= leastLent {
		to.Put(&b)
	}
}

var zstdReader = sync.OnceValues(func() (*zstd.Decoder, error) {
	return zstd.NewReader(nil, zstd.WithDecoderConcurrency(0), zstd.WithDecoderMaxMemory(maxWordPage))
})

// newWordPages is nil for a column that the library must read.
func newWordPages(file io.ReaderAt, meta *format.ColumnMetaData, chunk parquet.ColumnChunk, rows int64, lists bool) *wordPages {
	plain := meta.Type == format.Int64 && meta.DictionaryPageOffset == 0
	words := meta.Type == format.ByteArray && meta.DictionaryPageOffset > 0 && meta.DataPageOffset > meta.DictionaryPageOffset
	if !plain && !words || meta.Codec != format.Zstd && meta.Codec != format.Snappy {
		return nil
	}
	return &wordPages{file: file, meta: meta, chunk: chunk, rows: rows, lists: lists, plain: plain}
}

func (w *wordPages) close() {
	lend(&lentWords, w.words)
	lend(&lentPages, w.packed)
	lend(&lentPages, w.body)
	if codes := w.own; cap(codes) > 0 {
		lentCodes.Put(&codes)
	}
	if hits := w.hits; cap(hits) > 0 {
		lentHits.Put(&hits)
	}
	*w = wordPages{}
}

// grown is memory of n bytes, b if that suffices.
func grown(from *sync.Pool, b []byte, n int) []byte {
	if cap(b) < n {
		lend(from, b)
		b = borrow(from, n)
	}
	return b[:n]
}

// fetch reads a page and its header from a place in the file, as long as packed.
func (w *wordPages) fetch(packed []byte, at int64, header *format.PageHeader) (body []byte, err error) {
	if _, err := w.file.ReadAt(packed, at); err != nil {
		return nil, err
	}
	r := new(thrift.CompactProtocol).NewReaderFromBytes(packed)
	if err := thrift.NewDecoder(r).Decode(header); err != nil {
		return nil, err
	}
	body = packed[r.BytesRead():]
	if int64(header.CompressedPageSize) != int64(len(body)) || header.UncompressedPageSize < 0 || header.UncompressedPageSize > maxWordPage {
		return nil, errOtherPage
	}
	if header.CRC != 0 && uint32(header.CRC) != crc32.ChecksumIEEE(body) {
		return nil, fmt.Errorf("a page does not match its checksum: %w", parquet.ErrCorrupted)
	}
	return body, nil
}

// unpack decompresses into dst, which is as long as what comes out.
func (w *wordPages) unpack(dst, packed []byte) error {
	n := len(dst)
	var err error
	switch w.meta.Codec {
	case format.Snappy:
		var size int
		if size, err = snappy.DecodedLen(packed); err == nil && size != n {
			err = parquet.ErrCorrupted
		}
		if err == nil {
			dst, err = snappy.Decode(dst, packed)
		}
	default:
		var dec *zstd.Decoder
		if dec, err = zstdReader(); err == nil {
			dst, err = dec.DecodeAll(packed, dst[:0])
		}
	}
	if err == nil && len(dst) != n {
		err = fmt.Errorf("a page has %d bytes, not %d: %w", len(dst), n, parquet.ErrCorrupted)
	}
	return err
}

// dictionary reads the words, once.
func (w *wordPages) dictionary() error {
	if w.words != nil {
		return nil
	}
	n := w.meta.DataPageOffset - w.meta.DictionaryPageOffset
	if n > maxWordPage {
		return errOtherPage
	}
	var header format.PageHeader
	packed := borrow(&lentWords, int(n))
	defer lend(&lentWords, packed)
	body, err := w.fetch(packed, w.meta.DictionaryPageOffset, &header)
	if err != nil {
		return err
	}
	if header.Type != format.DictionaryPage || !header.DictionaryPageHeader.Valid || header.DictionaryPageHeader.V.Encoding != format.Plain {
		return errOtherPage
	}
	w.count = int(header.DictionaryPageHeader.V.NumValues)
	// Each word has a length, so there cannot be more than this.
	if w.count <= 0 || w.count > int(header.UncompressedPageSize)/4 {
		return errOtherPage
	}
	var words []byte
	if n := int(header.UncompressedPageSize); n < leastLent { // most are small, and are to leave the large memory to the large
		words = make([]byte, n)
	} else {
		words = borrow(&lentWords, n)
	}
	if err := w.unpack(words, body); err != nil {
		return err
	}
	w.words, w.marks = words, append(w.marks[:0], 0)
	return nil
}

// next is the word that begins at a place in the dictionary, and the place behind it.
func (w *wordPages) next(at int) (word []byte, end int, err error) {
	if at+4 <= len(w.words) {
		n := int(binary.LittleEndian.Uint32(w.words[at:]))
		if at += 4; n >= 0 && n <= len(w.words)-at {
			return w.words[at : at+n], at + n, nil
		}
	}
	return nil, 0, fmt.Errorf("dictionary ends inside a word: %w", parquet.ErrCorrupted)
}

// word is the word of a number that is less than count.
func (w *wordPages) word(code int) ([]byte, error) {
	for code/wordsAtOnce >= len(w.marks) { // look farther
		at := int(w.marks[len(w.marks)-1])
		for range wordsAtOnce {
			var err error
			if _, at, err = w.next(at); err != nil {
				return nil, err
			}
		}
		w.marks = append(w.marks, int32(at))
	}
	at := int(w.marks[code/wordsAtOnce])
	for range code % wordsAtOnce {
		_, end, err := w.next(at)
		if err != nil {
			return nil, err
		}
		at = end
	}
	word, _, err := w.next(at)
	return word, err
}

// find marks the wanted words in hits. It says whether there are any.
func (w *wordPages) find(want *wish) (some bool, err error) {
	hits := *lentHits.Get().(*[]bool)
	if cap(hits) < w.count {
		hits = make([]bool, w.count)
	}
	hits = hits[:w.count]
	clear(hits)
	w.hits = hits
	at := 0
	for code := range hits {
		if code%wordsAtOnce == 0 && code/wordsAtOnce == len(w.marks) {
			w.marks = append(w.marks, int32(at))
		}
		var word []byte
		if word, at, err = w.next(at); err != nil {
			return false, err
		}
		if want.has(word) {
			hits[code], some = true, true
		}
	}
	return some, nil
}

// page reads the page that holds a row, and gives the rows it has.
func (w *wordPages) page(row int64) (first, end int64, err error) {
	encoding := format.Plain
	if !w.plain {
		encoding = format.RLEDictionary
		if err := w.dictionary(); err != nil {
			return 0, 0, err
		}
	}
	if w.count == 1 && !w.lists && w.rows <= int64(len(zeroCodes)) {
		w.codes = zeroCodes[:w.rows]
		return 0, w.rows, nil
	}
	if w.index == nil {
		if w.index, err = w.chunk.OffsetIndex(); err != nil {
			return 0, 0, errOtherPage
		}
	}
	n := w.index.NumPages()
	i := sort.Search(n, func(i int) bool { return w.index.FirstRowIndex(i) > row }) - 1
	if i < 0 {
		return 0, 0, errOtherPage
	}
	first, end = w.index.FirstRowIndex(i), w.rows
	if i+1 < n {
		end = w.index.FirstRowIndex(i + 1)
	}
	size := w.index.CompressedPageSize(i)
	if size <= 0 || size > maxWordPage {
		return 0, 0, errOtherPage
	}
	var header format.PageHeader
	w.packed = grown(&lentPages, w.packed, int(size))
	body, err := w.fetch(w.packed, w.index.Offset(i), &header)
	if err != nil {
		return 0, 0, err
	}
	h := header.DataPageHeaderV2.V
	if header.Type != format.DataPageV2 || !header.DataPageHeaderV2.Valid || h.Encoding != encoding ||
		h.IsCompressed.Valid && !h.IsCompressed.V || int64(h.NumRows) != end-first {
		return 0, 0, errOtherPage
	}
	reps, defs := int(h.RepetitionLevelsByteLength), int(h.DefinitionLevelsByteLength)
	if reps < 0 || defs < 0 || reps+defs > len(body) || reps+defs > int(header.UncompressedPageSize) ||
		h.NumValues < 0 || h.NumNulls < 0 || h.NumNulls > h.NumValues || !w.lists && (reps+defs > 0 || int64(h.NumValues) != end-first) {
		return 0, 0, errOtherPage
	}
	w.body = grown(&lentPages, w.body, int(header.UncompressedPageSize)-reps-defs)
	if err = w.unpack(w.body, body[reps+defs:]); err != nil {
		return 0, 0, err
	}
	values := int(h.NumValues - h.NumNulls)
	if w.plain {
		if len(w.body) != 8*values {
			return 0, 0, fmt.Errorf("page holds %d bytes for %d numbers: %w", len(w.body), values, parquet.ErrCorrupted)
		}
		return first, end, nil
	}
	if w.own == nil {
		w.own = *lentCodes.Get().(*[]int32)
	}
	if cap(w.own) < values {
		w.own = make([]int32, 0, values+values/4+8)
	}
	if w.own, err = (&rle.DictionaryEncoding{}).DecodeInt32(w.own[:0], w.body); err != nil {
		return 0, 0, err
	}
	w.codes = w.own
	if len(w.codes) < values {
		return 0, 0, fmt.Errorf("page holds %d codes, not %d: %w", len(w.codes), values, parquet.ErrCorrupted)
	}
	w.codes = w.codes[:values]
	most := uint32(0)
	for _, code := range w.codes {
		most = max(most, uint32(code)) // a negative one becomes the greatest
	}
	if int64(most) >= int64(w.count) {
		return 0, 0, fmt.Errorf("code %d is not in the dictionary: %w", most, parquet.ErrCorrupted)
	}
	if w.lists {
		err = w.cut(body[:reps], body[reps:reps+defs], int(h.NumValues), int(end-first))
	}
	return first, end, err
}

// cut finds where the lists of a page begin. An empty list has levels, and no code.
func (w *wordPages) cut(reps, defs []byte, values, rows int) (err error) {
	levels := &rle.Encoding{BitWidth: 1}
	if w.repeated, err = levels.DecodeLevels(w.repeated[:0], reps); err != nil {
		return err
	}
	if w.levels, err = levels.DecodeLevels(w.levels[:0], defs); err != nil {
		return err
	}
	if len(w.repeated) < values || len(w.levels) < values {
		return fmt.Errorf("page holds fewer levels than its %d values: %w", values, parquet.ErrCorrupted)
	}
	w.starts = w.starts[:0]
	at := 0
	for i := range values {
		if w.repeated[i] == 0 {
			w.starts = append(w.starts, at)
		}
		if w.levels[i] > 0 {
			at++
		}
	}
	w.starts = append(w.starts, at)
	if len(w.starts) != rows+1 || at != len(w.codes) {
		return fmt.Errorf("page holds %d lists of %d texts for %d rows of %d: %w", len(w.starts)-1, at, rows, len(w.codes), parquet.ErrCorrupted)
	}
	return nil
}
