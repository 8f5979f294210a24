package store

import (
	"strings"

	"github.com/parquet-go/parquet-go"
	"github.com/parquet-go/parquet-go/compress"
	"github.com/parquet-go/parquet-go/compress/zstd"
)

// shape is how one kind of file of events is cut. Memory while writing is the compressed
// pages and the dictionaries of one row group; memory while merging is one page
// and one dictionary a column for each run that takes part, which is why runs
// are cut finer than settled files.
//
// A lookup wants few rows of a row group and unpacks the pages in which they are: pages of
// settled files are short, which costs a hundredth on disk, but for those of records.
type shape struct {
	codec      *pageCodec
	page       int   // bytes of a page before compression
	recordPage int   // …of one of records
	pageRows   int64 // rows of a page of numbers, or of codes of words
	groupRows  int64 // rows of a row group
	groupBytes int64 // …or this many bytes of records, whichever comes first
	blooms     bool
	bounds     bool // of columns of text: runs do without, since theirs span nearly all there is
	named      bool // the file is named after its SHA-256
	aside      bool // pages are compressed on all processors
}

var (
	runShape = shape{codec: snappyPages, page: 128 << 10, recordPage: 128 << 10, pageRows: 8 << 10, groupRows: 8 << 10, groupBytes: 16 << 20}
	dayShape = shape{
		codec: zstdPages, page: 8 << 10, recordPage: 1 << 20, pageRows: 2 << 10, groupRows: 64 << 10, groupBytes: 128 << 20,
		blooms: true, bounds: true, named: true, aside: true,
	}
)

// rowShape is how a file that the library writes is cut: of observations, or artifacts.
type rowShape struct {
	codec      compress.Codec
	page       int // as in shape
	groupRows  int64
	groupBytes int64
	blooms     bool
}

var (
	rowRunShape  = rowShape{codec: &quickCodec{}, page: 128 << 10, groupRows: 8 << 10, groupBytes: 16 << 20}
	rowPartShape = rowShape{codec: &zstd.Codec{Level: zstd.SpeedBetterCompression}, page: 1024 << 10, groupRows: 64 << 10, groupBytes: 128 << 20, blooms: true}
)

// unboundedColumns are free text and random ids, whose bounds are not kept: they are bytes
// in every footer that prune nothing.
var unboundedColumns = map[string]bool{
	"event_id": true, "record": true, "record_raw": true, "error_message": true, "user_agent": true, "fingerprint": true, "request_id": true,
}

// sortedBy are the columns by which files of events are sorted.
var sortedBy = []string{"event_time", "event_id", "fingerprint"}

// eventOptions have the library write what is fixed about a file of events: equal events
// make equal files whatever built us.
func eventOptions() []parquet.WriterOption {
	var by []parquet.SortingColumn
	for _, c := range sortedBy {
		by = append(by, parquet.Ascending(c))
	}
	return []parquet.WriterOption{
		parquet.CreatedBy("trailhound", "1", "evidence"),
		parquet.KeyValueMetadata("trailhound.evidence", "2"),
		parquet.Compression(zstdLibrary), parquet.DefaultEncoding(&parquet.Plain),
		parquet.SortingWriterConfig(parquet.SortingColumns(by...)),
	}
}

var zstdLibrary = &zstd.Codec{}

// bloomed are the columns that questions name by exact value, as paths joined by dots.
var bloomed = func() map[string]bool {
	out := map[string]bool{}
	for _, path := range bloomColumns {
		out[strings.Join(path, ".")] = true
	}
	return out
}()
