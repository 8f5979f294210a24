package store

import (
	"crypto/sha256"
	"encoding/binary"
	"encoding/hex"

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
	*runColumns
	file   *stagedFile
	schema *runSchema
	groups []format.RowGroup
	places []format.OffsetIndex // of the columns of the groups, one after the other
	rows   int64                // of the open row group
	bytes  int64                // …and about what they take in memory
	entry  fileEntry
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
	w := &runWriter{runColumns: newRunColumns(schema), file: f, schema: schema}
	if _, err := f.Write([]byte(parquetMagic)); err != nil {
		w.abandon()
		return nil, writeError(f.name, err)
	}
	return w, nil
}

// add takes the next event. Nothing of it is kept but its texts, until the row
// group ends.
func (w *runWriter) add(e *evidence.Event) error {
	w.entry.take(e)
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
	w.giveBack()
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

func (w *runWriter) abandon() {
	w.giveBack()
	w.file.abandon()
}
