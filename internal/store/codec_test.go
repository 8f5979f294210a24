package store

import (
	"bytes"
	"testing"

	"github.com/klauspost/compress/snappy"
	"pgregory.net/rapid"
)

// TestStoredSnappyIsSnappy unpacks what was stored and not compressed, from memory that served before.
func TestStoredSnappyIsSnappy(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		var packed []byte
		for range 2 {
			want := rapid.SliceOf(rapid.Byte()).Draw(t, "bytes")
			want = bytes.Repeat(want, rapid.SampledFrom([]int{1, 100, 5000}).Draw(t, "times"))
			packed = snappyPages.store(packed, want)
			got, err := snappy.Decode(nil, packed)
			if err != nil || !bytes.Equal(got, want) {
				t.Fatalf("%d bytes became %d, %v", len(want), len(got), err)
			}
		}
	})
}
