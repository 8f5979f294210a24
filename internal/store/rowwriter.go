package store

import "github.com/parquet-go/parquet-go"

// rowWriter writes one file of rows into the staging folder, in row groups that end at a
// number of rows or of bytes. Whoever fills the rows keeps them in order.
type rowWriter[T any] struct {
	file  *stagedFile
	shape rowShape
	out   *parquet.GenericWriter[T]
	rows  []T   // not yet handed to out; bounded by writeRows and by held
	held  int64 // bytes of records in rows
	group int64 // bytes of records in the open row group
	inRG  int64 // rows in the open row group
	entry fileEntry
}

const writeRows = 256

// newRowWriter makes a file of rows of type T. It is never used again by Reset:
// parquet-go 0.32 then leaves the names of the columns out of the footer, and no
// other engine can read the file.
func newRowWriter[T any](s *Store, sh rowShape, opts []parquet.WriterOption) (rowWriter[T], error) {
	f, err := s.stage()
	if err != nil {
		return rowWriter[T]{}, err
	}
	return rowWriter[T]{file: f, shape: sh, out: parquet.NewGenericWriter[T](f, opts...), rows: make([]T, 0, writeRows)}, nil
}

// took counts a row that was filled, and hands the rows on when there are enough.
func (w *rowWriter[T]) took(bytes int64) error {
	if w.held += bytes; len(w.rows) == writeRows || w.held > 1<<20 {
		return w.flush()
	}
	return nil
}

// flush hands the gathered rows on and ends the row group when it is full.
func (w *rowWriter[T]) flush() error {
	if _, err := w.out.Write(w.rows); err != nil {
		return writeError(w.file.name, err)
	}
	w.inRG += int64(len(w.rows))
	w.group += w.held
	clear(w.rows)
	w.rows, w.held = w.rows[:0], 0
	if w.inRG >= w.shape.groupRows || w.group >= w.shape.groupBytes {
		w.inRG, w.group = 0, 0
		if err := w.out.Flush(); err != nil {
			return writeError(w.file.name, err)
		}
	}
	return nil
}

// finish completes the file, safely on disk, still in staging.
func (w *rowWriter[T]) finish() (staged, error) {
	if err := w.flush(); err != nil {
		w.abandon()
		return staged{}, err
	}
	if err := w.out.Close(); err != nil {
		w.abandon()
		return staged{}, writeError(w.file.name, err)
	}
	w.entry.Tail = tailSize(w.out.File(), w.file.n)
	return w.file.finish(w.entry)
}

func (w *rowWriter[T]) abandon() { w.file.abandon() }
