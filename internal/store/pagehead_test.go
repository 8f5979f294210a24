package store

import (
	"bytes"
	"testing"

	"github.com/parquet-go/parquet-go/encoding/thrift"
	"github.com/parquet-go/parquet-go/format"
	"pgregory.net/rapid"
)

// TestPageHeadIsTheLibrarys holds the headers of pages to those that the library writes.
func TestPageHeadIsTheLibrarys(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		number := func(name string) int32 { return rapid.Int32().Draw(t, name) }
		h := format.PageHeader{UncompressedPageSize: number("raw"), CompressedPageSize: number("packed"), CRC: number("crc")}
		if rapid.Bool().Draw(t, "dictionary") {
			words := dictionaryHead(int(number("words")))
			h.Type, h.DictionaryPageHeader = words.Type, words.DictionaryPageHeader
		} else {
			h.Type, h.DataPageHeaderV2 = format.DataPageV2, thrift.New(format.DataPageHeaderV2{
				NumValues: number("values"), NumNulls: number("nulls"), NumRows: number("rows"),
				Encoding:                   rapid.SampledFrom([]format.Encoding{format.Plain, format.RLEDictionary}).Draw(t, "encoding"),
				RepetitionLevelsByteLength: number("repetition"), DefinitionLevelsByteLength: number("definition"), IsCompressed: thrift.New(true),
			})
		}
		var want bytes.Buffer
		if err := encodeThrift(&want, &h); err != nil {
			t.Fatal(err)
		}
		if got := appendHead(nil, &h); !bytes.Equal(got, want.Bytes()) {
			t.Fatalf("got\n%x, the library writes\n%x", got, want.Bytes())
		}
	})
}
