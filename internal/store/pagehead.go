package store

import (
	"encoding/binary"

	"github.com/parquet-go/parquet-go/format"
)

// appendHead appends the header of a page of a dictionary, or of data of version 2, as the
// library's encoder has it, which goes by reflection. There are three hundred headers in a run. It is
// the compact protocol of Thrift: in front of each field a byte with the distance from the field before and its type.
func appendHead(b []byte, h *format.PageHeader) []byte {
	const truth, untruth, integer, long, structure = 1, 2, 5, 6, 12
	last := 0
	field := func(id int, kind byte) {
		b = append(b, byte(id-last)<<4|kind)
		last = id
	}
	number := func(id int, v int32) {
		field(id, integer)
		b = binary.AppendVarint(b, int64(v)) // zigzag, as Thrift has it
	}
	number(1, int32(h.Type))
	number(2, h.UncompressedPageSize)
	number(3, h.CompressedPageSize)
	if h.CRC != 0 {
		number(4, h.CRC)
	}
	if h.Type == format.DictionaryPage {
		d := &h.DictionaryPageHeader.V
		field(7, structure)
		last = 0
		number(1, d.NumValues)
		number(2, int32(d.Encoding))
		return append(b, 0, 0)
	}
	d := &h.DataPageHeaderV2.V
	field(8, structure)
	last = 0
	number(1, d.NumValues)
	number(2, d.NumNulls)
	number(3, d.NumRows)
	number(4, int32(d.Encoding))
	number(5, d.DefinitionLevelsByteLength)
	number(6, d.RepetitionLevelsByteLength)
	if d.IsCompressed.V {
		field(7, truth)
	} else {
		field(7, untruth)
	}
	field(8, structure) // statistics, of which the library has
	last = 0
	field(3, long) // the number of nulls, 0 as it is not told here
	return append(b, 0, 0, 0, 0)
}
