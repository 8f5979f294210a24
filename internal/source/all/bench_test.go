package all

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"testing"
)

// BenchmarkRead is the streaming pass: gzip files as CloudTrail delivers them,
// decoded into columns and records of which nothing is kept.
func BenchmarkRead(b *testing.B) {
	dir := b.TempDir()
	var size int64
	for f := range 8 {
		var records []string
		for i := range 2000 {
			records = append(records, record(f*2000+i))
		}
		plain := framings[0](records)
		size += int64(len(plain))
		if err := os.WriteFile(filepath.Join(dir, fmt.Sprintf("%d.json.gz", f)), gz(plain), 0o600); err != nil {
			b.Fatal(err)
		}
	}
	b.SetBytes(size)
	b.ReportAllocs()
	events := 0
	for b.Loop() {
		events = 0
		if err := Read(context.Background(), []string{dir}, Options{}, func(b Batch) error { events += len(b.Events); b.Release(); return nil }); err != nil {
			b.Fatal(err)
		}
	}
	if events != 16_000 {
		b.Fatalf("%d events", events)
	}
}
