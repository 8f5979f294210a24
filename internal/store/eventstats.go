package store

import (
	"bytes"
	"encoding/binary"

	"github.com/parquet-go/parquet-go/bloom"
	"github.com/parquet-go/parquet-go/bloom/xxhash"
	"github.com/parquet-go/parquet-go/format"
)

// This file says of the columns of a row group what spares reading them: bounds, bloom
// filters, and where their pages are.

// pageIndex is where the pages of a column are and, of times, from when to when.
type pageIndex struct {
	places      []format.PageLocation
	least, most []int64 // nil where they are not kept
}

// longBound is the length from which a text is no bound: a bound may not be cut short
// without becoming another, and a text may be megabytes.
const longBound = 256

// statistics are the bounds of a column. Where not all are wanted, there are those of
// numbers and of columns that say nothing or one thing throughout.
func (c *eventColumn) statistics(all bool) format.Statistics {
	st := format.Statistics{NullCount: c.null}
	switch {
	case c.kind == format.Boolean && (all || c.set != c.unset):
		st.MinValue, st.MaxValue = flagValue(!c.unset), flagValue(c.set)
	case c.kind == format.Int64 && c.some:
		st.MinValue = binary.LittleEndian.AppendUint64(nil, uint64(c.least))
		st.MaxValue = binary.LittleEndian.AppendUint64(nil, uint64(c.most))
	case c.words == nil || unboundedColumns[c.path[0]]:
	case c.words.onlyBlank() && !c.lists:
		st.MinValue, st.MaxValue = []byte{}, []byte{}
	case all:
		if least, most, ok := c.words.bounds(); ok && len(least) < longBound && len(most) < longBound {
			st.MinValue, st.MaxValue = []byte(least), []byte(most)
		}
	}
	return st
}

func flagValue(v bool) []byte {
	if v {
		return []byte{1}
	}
	return []byte{0}
}

// bitsPerText makes one of a hundred texts that are not there seem to be.
const bitsPerText = 10

// blooms writes the filters of the columns that questions name by exact value.
func (w *eventWriter) blooms(chunks []format.ColumnChunk) error {
	for i, c := range w.cols {
		if !bloomed[c.name] {
			continue
		}
		hashes := w.hashes
		if c.words != nil {
			hashes = c.words.hashes(nil)
		}
		filter := make(bloom.SplitBlockFilter, max(bloom.NumSplitBlocksOf(int64(len(hashes)), bitsPerText), 1))
		filter.InsertBulk(hashes)
		var head bytes.Buffer
		header := format.BloomFilterHeader{NumBytes: int32(len(filter.Bytes()))}
		header.Algorithm.Value, header.Hash.Value, header.Compression.Value = &format.SplitBlockAlgorithm{}, &format.XxHash{}, &format.BloomFilterUncompressed{}
		if err := encodeThrift(&head, &header); err != nil {
			return err
		}
		meta := &chunks[i].MetaData
		meta.BloomFilterOffset = w.file.n
		if _, err := w.file.Write(append(head.Bytes(), filter.Bytes()...)); err != nil {
			return err
		}
		meta.BloomFilterLength = int32(w.file.n - meta.BloomFilterOffset)
	}
	return nil
}

func hashText(text string) uint64 { return xxhash.Sum64([]byte(text)) }

// footer is the end of the file: what its pages hold, where they are, and what the columns
// are. Each of these stands together, as readers that take it at once expect.
func (w *eventWriter) footer() ([]byte, error) {
	var tail bytes.Buffer
	for i, index := range w.index {
		if index.least == nil {
			continue
		}
		chunk := w.chunkAt(i)
		chunk.ColumnIndexOffset = w.file.n + int64(tail.Len())
		if err := encodeThrift(&tail, index.bounds()); err != nil {
			return nil, err
		}
		chunk.ColumnIndexLength = int32(w.file.n + int64(tail.Len()) - chunk.ColumnIndexOffset)
	}
	for i, index := range w.index {
		chunk := w.chunkAt(i)
		chunk.OffsetIndexOffset = w.file.n + int64(tail.Len())
		if err := encodeThrift(&tail, &format.OffsetIndex{PageLocations: index.places}); err != nil {
			return nil, err
		}
		chunk.OffsetIndexLength = int32(w.file.n + int64(tail.Len()) - chunk.OffsetIndexOffset)
	}
	meta := w.schema.empty
	meta.NumRows, meta.RowGroups = w.entry.Rows, w.groups
	begin := tail.Len()
	if err := encodeThrift(&tail, &meta); err != nil {
		return nil, err
	}
	return append(binary.LittleEndian.AppendUint32(tail.Bytes(), uint32(tail.Len()-begin)), parquetMagic...), nil
}

// chunkAt is the column that an entry of index is of.
func (w *eventWriter) chunkAt(i int) *format.ColumnChunk {
	return &w.groups[i/len(w.cols)].Columns[i%len(w.cols)]
}

// bounds is what the file says of the pages of a column of numbers in order.
func (x pageIndex) bounds() *format.ColumnIndex {
	out := &format.ColumnIndex{BoundaryOrder: format.Ascending, NullPages: make([]bool, len(x.least)), NullCounts: make([]int64, len(x.least))}
	for i := range x.least {
		out.MinValues = append(out.MinValues, binary.LittleEndian.AppendUint64(nil, uint64(x.least[i])))
		out.MaxValues = append(out.MaxValues, binary.LittleEndian.AppendUint64(nil, uint64(x.most[i])))
	}
	return out
}
