package all

import (
	"context"
	"os"
	"testing"
)

func BenchmarkCorpus(b *testing.B) {
	dir := os.Getenv("CORPUS")
	if dir == "" {
		b.Skip()
	}
	for b.Loop() {
		events := 0
		if err := Read(context.Background(), []string{dir}, Options{Workers: 1}, func(b Batch) error { events += len(b.Events); b.Release(); return nil }); err != nil {
			b.Fatal(err)
		}
	}
}
