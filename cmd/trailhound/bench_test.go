package main

import (
	"context"
	"io"
	"os"
	"path/filepath"
	"strconv"
	"testing"
	"time"

	"github.com/trailhound/trailhound/internal/simulator"
)

// benchEvents is how many events the benchmark's store holds;
// TRAILHOUND_BENCH_EVENTS overrides it.
func benchEvents() int {
	if n, err := strconv.Atoi(os.Getenv("TRAILHOUND_BENCH_EVENTS")); err == nil {
		return n
	}
	return 20_000
}

// BenchmarkInvestigateStore runs one case on a store as a responder would, report
// and all: cold, with nothing kept of the evidence but its events, and warm.
func BenchmarkInvestigateStore(b *testing.B) {
	dir := b.TempDir()
	made, err := simulator.Generate(context.Background(), "leaked-ci-key", simulator.Options{Out: filepath.Join(dir, "sim"), Seed: 1, Events: benchEvents()})
	if err != nil {
		b.Fatal(err)
	}
	store := filepath.Join(dir, "store")
	quiet := func(args ...string) {
		a := &app{stdin: os.Stdin, stdout: io.Discard, stderr: io.Discard, now: time.Now, width: 100, host: func() string { return "bench" }}
		if code := run(context.Background(), args, a); code != exitOK {
			b.Fatalf("%v: exit status %d", args, code)
		}
	}
	quiet("import", "--store", store, filepath.Join(dir, "sim", "AWSLogs"))
	investigate := func() {
		quiet("investigate", "--evidence", store, "--no-input", "--format", "json", "--output", filepath.Join(dir, "report.json"), made.Truth.Sentence)
	}
	b.Run("cold", func(b *testing.B) {
		b.ReportAllocs()
		for b.Loop() {
			b.StopTimer()
			if err := os.RemoveAll(filepath.Join(store, "digests")); err != nil {
				b.Fatal(err)
			}
			b.StartTimer()
			investigate()
		}
	})
	b.Run("warm", func(b *testing.B) {
		b.ReportAllocs()
		for b.Loop() {
			investigate()
		}
	})
}
