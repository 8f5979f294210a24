package store

import (
	"crypto/sha256"
	"encoding/hex"
	"io"
	"os"

	"github.com/parquet-go/parquet-go"
)

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
