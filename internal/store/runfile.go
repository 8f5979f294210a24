package store

import (
	"bytes"
	"crypto/sha256"
	"encoding/binary"
	"encoding/hex"
	"fmt"
	"slices"
	"strings"
	"sync"

	"github.com/parquet-go/parquet-go"
	"github.com/parquet-go/parquet-go/encoding/thrift"
	"github.com/parquet-go/parquet-go/format"

	"github.com/trailhound/trailhound/internal/evidence"
)

// runWriter writes a run of events, in the columns of row, into the staging folder.
// It is a Parquet writer for these columns and no others: the one of the library
// goes by reflection, hashes every text of every event and copies records several
// times, which together cost more than reading the evidence did. Settled files are
// written by the library. The footer's schema is the library's too, so what the two
// write is read alike; TestRunIsWhatTheLibraryWrites holds them equal.
type runWriter struct {
	file   *stagedFile
	schema *runSchema
	cols   []*runColumn // in the order of the file
	texts  []*runColumn // as textColumns
	paged  []*runColumn // of which a row group takes more than a page
	pages  pageBuffers
	groups []format.RowGroup
	places []format.OffsetIndex // of the columns of the groups, one after the other
	rows   int64                // of the open row group
	bytes  int64                // …and about what they take in memory
	entry  fileEntry

	time, lossy, readOnly, readOnlySaid, unique, created, console *runColumn
	resources, artIndex, artOffset, record, raw                   *runColumn
}

const parquetMagic = "PAR1"

func (s *Store) newRunWriter() (*runWriter, error) {
	schema, err := schemaOfRuns()
	if err != nil {
		return nil, err
	}
	f, err := s.stageRun()
	if err != nil {
		return nil, err
	}
	w := &runWriter{file: f, schema: schema}
	byName := map[string]*runColumn{}
	for i, path := range schema.paths {
		c := newRunColumn(schema.leaves[i], path)
		w.cols, byName[strings.Join(path, ".")] = append(w.cols, c), c
		if c.kind == format.ByteArray && (c.words == nil || c.lists) {
			w.paged = append(w.paged, c)
		}
	}
	for _, t := range textColumns {
		w.texts = append(w.texts, byName[t.name])
	}
	w.time, w.lossy, w.readOnly, w.readOnlySaid = byName["event_time"], byName["lossy"], byName["read_only"], byName["read_only_said"]
	w.unique, w.created, w.console = byName["principal_unique_id"], byName["session_created"], byName["session_from_console"]
	w.resources, w.artIndex, w.artOffset = byName[resourcesColumn], byName["artifact_index"], byName["artifact_offset"]
	w.record, w.raw = byName["record"], byName["record_raw"]
	if _, err := f.Write([]byte(parquetMagic)); err != nil {
		f.abandon()
		return nil, writeError(f.name, err)
	}
	return w, nil
}

// add takes the next event. Nothing of it is kept but its texts, until the row
// group ends.
func (w *runWriter) add(e *evidence.Event) error {
	if w.entry.Rows == 0 {
		w.entry.From = e.Time
	}
	w.entry.To = e.Time
	w.entry.Rows++
	for i, c := range w.texts {
		c.text(*textColumns[i].field(e))
	}
	us := e.Time.UnixMicro()
	w.time.int(us)
	if w.rows == 0 {
		w.time.least = binary.LittleEndian.AppendUint64(nil, uint64(us))
	}
	w.lossy.flag(e.Lossy)
	w.readOnly.flag(e.ReadOnly)
	w.readOnlySaid.flag(e.ReadOnlySaid)
	w.unique.text(e.Identity.UniqueID())
	created := e.Identity.SessionCreated
	w.created.nullableInt(created.UnixMicro(), !created.IsZero())
	w.console.flag(e.Identity.FromConsole)
	w.resources.list(e.Resources)
	w.artIndex.int(e.Ref.Index)
	w.artOffset.int(e.Ref.Offset)
	record, raw := lift(e, false)
	w.record.bytes(record)
	w.raw.bytes(raw)
	w.rows++
	w.bytes += weight(e)
	for _, c := range w.paged {
		if c.full(runShape.page) {
			if err := c.endPage(&w.pages); err != nil {
				return writeError(w.file.name, err)
			}
		}
	}
	if w.rows >= runShape.groupRows || w.bytes >= runShape.groupBytes {
		return w.endGroup()
	}
	return nil
}

// endGroup writes the open row group.
func (w *runWriter) endGroup() error {
	if w.rows == 0 {
		return nil
	}
	w.time.most = binary.LittleEndian.AppendUint64(nil, uint64(w.entry.To.UnixMicro()))
	group := format.RowGroup{NumRows: w.rows, FileOffset: w.file.n, Ordinal: int16(len(w.groups))}
	for _, c := range w.cols {
		chunk, err := w.chunk(c)
		if err != nil {
			return writeError(w.file.name, err)
		}
		group.Columns = append(group.Columns, chunk)
		group.TotalByteSize += chunk.MetaData.TotalUncompressedSize
		group.TotalCompressedSize += chunk.MetaData.TotalCompressedSize
		c.reset()
	}
	w.groups = append(w.groups, group)
	w.rows, w.bytes = 0, 0
	return nil
}

// chunk writes a column of the open row group.
func (w *runWriter) chunk(c *runColumn) (format.ColumnChunk, error) {
	if err := c.endPage(&w.pages); err != nil {
		return format.ColumnChunk{}, err
	}
	meta := format.ColumnMetaData{Type: c.kind, PathInSchema: c.path, Codec: format.Snappy, NumValues: c.values, Encoding: []format.Encoding{format.Plain, format.RLE}}
	start := w.file.n
	if c.words != nil {
		head := format.PageHeader{Type: format.DictionaryPage, DictionaryPageHeader: thrift.New(format.DictionaryPageHeader{NumValues: int32(len(c.words.codes)), Encoding: format.Plain})}
		page, raw, err := w.pages.page(w.pages.body[:0], &head, c.words.page)
		if err != nil {
			return format.ColumnChunk{}, err
		}
		w.pages.body = page
		if _, err := w.file.Write(page); err != nil {
			return format.ColumnChunk{}, err
		}
		meta.DictionaryPageOffset, meta.Encoding = start, append(meta.Encoding, format.RLEDictionary)
		c.raw += int64(raw)
	}
	meta.DataPageOffset = w.file.n
	if _, err := w.file.Write(c.out); err != nil {
		return format.ColumnChunk{}, err
	}
	for i := range c.places {
		c.places[i].Offset += meta.DataPageOffset
	}
	meta.TotalUncompressedSize, meta.TotalCompressedSize = c.raw, w.file.n-start
	meta.Statistics = c.statistics()
	w.places = append(w.places, format.OffsetIndex{PageLocations: c.places})
	return format.ColumnChunk{MetaData: meta}, nil
}

// statistics are the bounds that spare reading: of times, and of columns that say
// nothing or one thing throughout.
func (c *runColumn) statistics() format.Statistics {
	st := format.Statistics{NullCount: c.null, MinValue: c.least, MaxValue: c.most}
	switch {
	case c.kind == format.Boolean && c.set != c.unset:
		st.MinValue, st.MaxValue = []byte{0}, []byte{0}
		if c.set {
			st.MinValue, st.MaxValue = []byte{1}, []byte{1}
		}
	case c.words != nil && !c.lists && c.words.onlyBlank() && !unboundedColumns[c.path[0]]:
		st.MinValue, st.MaxValue = []byte{}, []byte{}
	}
	return st
}

// finish completes the file, safely on disk, still in staging.
func (w *runWriter) finish() (staged, error) {
	if err := w.endGroup(); err != nil {
		w.abandon()
		return staged{}, err
	}
	tail, err := w.footer()
	if err == nil {
		_, err = w.file.Write(tail)
	}
	if err != nil {
		w.abandon()
		return staged{}, writeError(w.file.name, err)
	}
	sum := sha256.Sum256(tail)
	w.entry.Tail, w.entry.TailSHA256 = int64(len(tail)), hex.EncodeToString(sum[:])
	return w.file.finish(w.entry)
}

// footer is the end of the file: where each page is, and what the columns are.
func (w *runWriter) footer() ([]byte, error) {
	var tail []byte
	for i := range w.places {
		chunk := &w.groups[i/len(w.cols)].Columns[i%len(w.cols)]
		if err := w.pages.encode(&w.places[i]); err != nil {
			return nil, err
		}
		chunk.OffsetIndexOffset, chunk.OffsetIndexLength = w.file.n+int64(len(tail)), int32(w.pages.head.Len())
		tail = append(tail, w.pages.head.Bytes()...)
	}
	meta := w.schema.empty
	meta.NumRows, meta.RowGroups = w.entry.Rows, w.groups
	if err := w.pages.encode(&meta); err != nil {
		return nil, err
	}
	tail = append(tail, w.pages.head.Bytes()...)
	return append(binary.LittleEndian.AppendUint32(tail, uint32(w.pages.head.Len())), parquetMagic...), nil
}

func (w *runWriter) abandon() { w.file.abandon() }

// runSchema is what all runs have in common.
type runSchema struct {
	empty  format.FileMetaData // of a run without rows, as the library writes it
	paths  [][]string          // of the columns
	leaves []parquet.LeafColumn
}

// schemaOfRuns has the library write a run without rows, and takes it from there.
var schemaOfRuns = sync.OnceValues(func() (*runSchema, error) {
	var file bytes.Buffer
	if err := parquet.NewGenericWriter[row](&file, runShape.options()...).Close(); err != nil {
		return nil, err
	}
	f, err := parquet.OpenFile(bytes.NewReader(file.Bytes()), int64(file.Len()))
	if err != nil {
		return nil, err
	}
	s := &runSchema{empty: *f.Metadata()}
	schema := parquet.SchemaOf(row{})
	for _, path := range schema.Columns() {
		leaf, ok := schema.Lookup(path...)
		if !ok {
			return nil, fmt.Errorf("column %s has no values", strings.Join(path, "."))
		}
		s.paths, s.leaves = append(s.paths, slices.Clone(path)), append(s.leaves, leaf)
	}
	return s, nil
})
