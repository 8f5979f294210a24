package store

import (
	"context"

	"github.com/trailhound/trailhound/internal/source/all"
)

// batch is what the reader hands over, of one artifact at a time. All events of
// an artifact come before its Done batch, which carries the whole Artifact;
// batches of different artifacts may take turns.
type batch = all.Batch

// readFunc reads paths and calls emit, never twice at a time. It does not hand
// over events of artifacts that known has.
type readFunc func(ctx context.Context, paths []string, known func(id string) bool, o ImportOptions, emit func(batch) error) error

// readAll is the readFunc of every import; tests put another in its place.
func readAll(ctx context.Context, paths []string, known func(string) bool, o ImportOptions, emit func(batch) error) error {
	opts := all.Options{Stdin: o.Stdin, Places: o.Places, Known: known, Workers: o.Workers, Clock: o.Clock}
	if o.Progress != nil {
		opts.Progress = func(p all.Progress) { o.Progress(Progress{Progress: p}) }
	}
	return all.Read(ctx, paths, opts, emit)
}
