package store

import (
	"crypto/sha256"
	"encoding/hex"

	"github.com/parquet-go/parquet-go/encoding/thrift"
	"github.com/parquet-go/parquet-go/format"

	"github.com/trailhound/trailhound/internal/evidence"
)

// eventWriter writes a file of events, in the columns of row, into the staging folder. The
// events must come in the order of evidence.Compare. It is a Parquet writer for these
// columns and no others: the one of the library goes by reflection, hashes every text of
// every event, copies records several times, compresses on one processor and has pages of
// one size, which together cost more than reading the evidence did. The footer's schema is
// the library's, which reads what we write; TestEventFileIsWhatTheLibraryWrites holds the
// two equal.
type eventWriter struct {
	*eventColumns
	shape  *shape
	file   *stagedFile
	schema *eventSchema
	pack   *packer
	groups []format.RowGroup
	index  []pageIndex // of the columns of the groups, one after the other
	rows   int64       // of the open row group
	bytes  int64       // …and about what they take in memory
	hashes []uint64    // …and their ids', where there is to be a filter
	entry  fileEntry

	touched int // see touch
}

const parquetMagic = "PAR1"

func (s *Store) newEventWriter(sh *shape) (*eventWriter, error) {
	schema, err := schemaOfEvents()
	if err != nil {
		return nil, err
	}
	stage := s.stageRun
	if sh.named {
		stage = s.stage
	}
	f, err := stage()
	if err != nil {
		return nil, err
	}
	memory := s.memory
	if memory == nil { // no import is under way
		memory = &writerMemory{}
	}
	w := &eventWriter{eventColumns: memory.columns.get(), shape: sh, file: f, schema: schema, pack: newPacker(sh, memory)}
	if w.eventColumns == nil {
		w.eventColumns = newEventColumns(schema)
	}
	if _, err := f.Write([]byte(parquetMagic)); err != nil {
		w.abandon()
		return nil, writeError(f.name, err)
	}
	return w, nil
}

// add takes the next event. Nothing of it is kept but its texts, until the row
// group ends.
func (w *eventWriter) add(e *evidence.Event) error { return w.addOne(e, false) }

// addOne is add for an event of whose record something is known.
func (w *eventWriter) addOne(e *evidence.Event, plain bool) error {
	w.entry.take(e)
	w.takeTexts(e)
	if w.shape.blooms {
		w.hashes = append(w.hashes, hashText(e.ID))
	}
	w.time.int(e.Time.UnixMicro())
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
	record, raw := lift(e, plain)
	w.record.bytes(record[:]...)
	w.raw.bytes(raw)
	w.rows++
	w.bytes += weight(e)
	if err := w.endPages(); err != nil {
		return writeError(w.file.name, err)
	}
	if w.rows >= w.shape.groupRows || w.bytes >= w.shape.groupBytes {
		return w.endGroup()
	}
	return nil
}

// endPages ends the pages that are due.
func (w *eventWriter) endPages() error {
	for _, c := range w.bySize {
		if c.full(w.shape) {
			if err := c.endPage(w.pack); err != nil {
				return err
			}
		}
	}
	if w.rows%w.shape.pageRows != 0 {
		return nil
	}
	for _, c := range w.byRows {
		if !c.uniform() {
			if err := c.endPage(w.pack); err != nil {
				return err
			}
		}
	}
	return nil
}

// endGroup writes the open row group.
func (w *eventWriter) endGroup() error {
	if w.rows == 0 {
		return nil
	}
	for _, c := range w.cols { // all at first, so that they are compressed side by side
		if err := c.end(w.pack); err != nil {
			return writeError(w.file.name, err)
		}
	}
	group := format.RowGroup{NumRows: w.rows, FileOffset: w.file.n, Ordinal: int16(len(w.groups)), SortingColumns: w.schema.sorting}
	for _, c := range w.cols {
		chunk, err := w.chunk(c)
		if err != nil {
			return writeError(w.file.name, err)
		}
		group.Columns = append(group.Columns, chunk)
		group.TotalByteSize += chunk.MetaData.TotalUncompressedSize
		group.TotalCompressedSize += chunk.MetaData.TotalCompressedSize
	}
	if w.shape.blooms {
		if err := w.blooms(group.Columns); err != nil {
			return writeError(w.file.name, err)
		}
	}
	for _, c := range w.cols {
		c.reset()
	}
	w.groups = append(w.groups, group)
	w.rows, w.bytes, w.hashes = 0, 0, w.hashes[:0]
	return nil
}

// chunk writes a column of the open row group.
func (w *eventWriter) chunk(c *eventColumn) (format.ColumnChunk, error) {
	meta := format.ColumnMetaData{Type: c.kind, PathInSchema: c.path, Codec: w.shape.codec.format, NumValues: c.values, Encoding: []format.Encoding{format.Plain}}
	if c.lists || c.nulls {
		meta.Encoding = append(meta.Encoding, format.RLE)
	}
	start := w.file.n
	if c.dict != nil {
		meta.DictionaryPageOffset, meta.Encoding = start, append(meta.Encoding, format.RLEDictionary)
		if err := w.write(c.dict); err != nil {
			return format.ColumnChunk{}, err
		}
		meta.TotalUncompressedSize += c.dict.raw
	}
	meta.DataPageOffset = w.file.n
	index := pageIndex{places: make([]format.PageLocation, 0, len(c.pages))}
	for _, p := range c.pages {
		at := w.file.n
		if err := w.write(p); err != nil {
			return format.ColumnChunk{}, err
		}
		meta.TotalUncompressedSize += p.raw
		index.places = append(index.places, format.PageLocation{Offset: at, CompressedPageSize: int32(w.file.n - at), FirstRowIndex: p.first})
		if c == w.time && w.shape.bounds {
			index.least, index.most = append(index.least, p.least), append(index.most, p.most)
		}
	}
	c.giveBack(w.pack.memory)
	meta.TotalCompressedSize = w.file.n - start
	meta.Statistics = c.statistics(w.shape.bounds)
	w.index = append(w.index, index)
	return format.ColumnChunk{MetaData: meta}, nil
}

// write waits for a page and writes it.
func (w *eventWriter) write(p *packedPage) error {
	p.ready.Wait()
	_, err := w.file.Write(p.out)
	return err
}

// finish completes the file, safely on disk, still in staging.
func (w *eventWriter) finish() (staged, error) {
	st, err := w.end()
	if err != nil {
		return staged{}, err
	}
	return st, st.safe()
}

// end completes the file, of which the disk need not have all: staged.safe waits for that.
func (w *eventWriter) end() (staged, error) {
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
	return w.file.end(w.entry), nil
}

func (w *eventWriter) abandon() {
	w.giveBack()
	w.file.abandon()
}

// dictionaryHead is the header of a page that holds the words of a column.
func dictionaryHead(words int) format.PageHeader {
	return format.PageHeader{Type: format.DictionaryPage, DictionaryPageHeader: thrift.New(format.DictionaryPageHeader{NumValues: int32(words), Encoding: format.Plain})}
}
