package store

import (
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"os"

	"github.com/parquet-go/parquet-go"
)

// maxTail bounds what is read at once of a file that claims a long tail.
const maxTail = 256 << 20

// tailSize is how many bytes from the first page index to the end of a file.
func tailSize(f parquet.FileView, size int64) int64 {
	start := size
	for _, rg := range f.Metadata().RowGroups {
		for i := range rg.Columns {
			for _, at := range []int64{rg.Columns[i].ColumnIndexOffset, rg.Columns[i].OffsetIndexOffset} {
				if at > 0 {
					start = min(start, at)
				}
			}
		}
	}
	return size - start
}

func hashTail(name string, e fileEntry) (string, error) {
	f, err := os.Open(name)
	if err != nil {
		return "", err
	}
	defer f.Close()
	sum := sha256.New()
	if _, err := io.Copy(sum, io.NewSectionReader(f, e.Bytes-e.Tail, e.Tail)); err != nil {
		return "", err
	}
	return hex.EncodeToString(sum.Sum(nil)), nil
}

// tailReader is a file whose end is in memory: opening it and finding rows in
// it costs one read.
type tailReader struct {
	f    *os.File
	from int64
	tail []byte
}

// openTail reads the end of a file and holds it to the manifest.
func openTail(f *os.File, e fileEntry) (io.ReaderAt, error) {
	if e.Tail == 0 {
		return f, nil
	}
	if e.Tail < 0 || e.Tail > e.Bytes || e.Tail > maxTail {
		return nil, fmt.Errorf("the manifest says its footer has %d bytes", e.Tail)
	}
	t := &tailReader{f: f, from: e.Bytes - e.Tail, tail: make([]byte, e.Tail)}
	if _, err := f.ReadAt(t.tail, t.from); err != nil {
		return nil, err
	}
	if sum := sha256.Sum256(t.tail); hex.EncodeToString(sum[:]) != e.TailSHA256 {
		return nil, errors.New("its footer is not the one that was written")
	}
	return t, nil
}

// ReadAt implements io.ReaderAt.
func (t *tailReader) ReadAt(p []byte, off int64) (int, error) {
	if off < t.from {
		return t.f.ReadAt(p, off)
	}
	n := 0
	if at := off - t.from; at < int64(len(t.tail)) {
		n = copy(p, t.tail[at:])
	}
	if n < len(p) {
		return n, io.EOF
	}
	return n, nil
}
