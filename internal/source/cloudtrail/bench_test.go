package cloudtrail

import (
	"bytes"
	"context"
	"strings"
	"testing"

	"github.com/trailhound/trailhound/internal/evidence"
	"github.com/trailhound/trailhound/internal/source"
)

func BenchmarkDecode(b *testing.B) {
	record := []byte(sample)
	b.SetBytes(int64(len(record)))
	b.ReportAllocs()
	for b.Loop() {
		if _, err := Decode(record); err != nil {
			b.Fatal(err)
		}
	}
}

// BenchmarkDecoder reads a file as CloudTrail delivers it: one line of 4 MB.
func BenchmarkDecoder(b *testing.B) {
	file := []byte(`{"Records":[` + strings.TrimSuffix(strings.Repeat(sample+",", 4<<20/len(sample)), ",") + `]}`)
	b.SetBytes(int64(len(file)))
	b.ReportAllocs()
	for b.Loop() {
		n := 0
		_, err := Decoder{}.Decode(context.Background(), bytes.NewReader(file), source.Emit{Event: func(*evidence.Event) error { n++; return nil }})
		if err != nil || n == 0 {
			b.Fatal(n, err)
		}
	}
}
