package all

import (
	"context"
	"io"
	"runtime"
	"sync"
	"time"

	"golang.org/x/sync/errgroup"

	"github.com/trailhound/trailhound/internal/evidence"
	"github.com/trailhound/trailhound/internal/source"
)

// Batch is a piece of what was read. What an artifact says comes in one or more
// batches, of which the last is Done; an artifact that says nothing has that one
// alone. Two readings of the same bytes never overlap.
type Batch struct {
	// Artifact has its ID in every batch. It is complete (Kind, Reason, counts,
	// rejections) when Done. Duplicates is for the store to count.
	Artifact evidence.Artifact
	// At most 4096 of both together; the receiver may keep them, or Release them.
	Events       []evidence.Event
	Observations []evidence.Observation
	Done         bool
	// Plain says of all Events that they are as AWS delivers them: their records are valid UTF-8,
	// and so are their texts, no value in a record is an empty text, and times are whole
	// seconds of UTC. Where it is false, somebody must look.
	Plain bool
	// Known says that the content was not decoded, since it is there already:
	// Options.Known said so (then Kind is "" and all counts are 0), or another
	// path of this run has the same bytes (then Artifact repeats what the first
	// reading found). Either way nothing is said and Done is set.
	Known bool
	// Shifted counts the times of the artifact that were read by Options.Clock; set when Done.
	Shifted int

	slab *slab
}

// Options tune Read. The zero Options are ready to use.
type Options struct {
	Stdin    io.Reader                // for the path "-"
	Places   []source.Place           // collectors that need more than a location: credentials, above all
	Known    func(sha256 string) bool // artifacts that need not be decoded again; called from many goroutines
	Clock    *time.Location           // of CloudTrail times that name no zone; nil is UTC
	Workers  int                      // files decoded at once; 0 is GOMAXPROCS
	Progress func(Progress)           // called by one goroutine at a time; may be nil
}

// Progress is how far Read has come.
type Progress struct {
	Artifacts int    // finished
	Bytes     int64  // of the finished ones, as collected
	Records   int64  // events and observations emitted
	Rejected  int64  // records set aside
	URI       string // the artifact that was worked on last
}

// A batch is full at either bound: records can be megabytes, and the columns of
// few events stay in the processor's cache until somebody has used them.
const (
	batchEvents = 256
	batchBytes  = 8 << 20
)

// Read collects and decodes everything at paths. emit is called by one goroutine
// at a time, with the batches of one artifact in order and those of different
// artifacts interleaved in any order. Whatever is wrong with the evidence is in
// the artifacts; the error is emit's own, or that of ctx.
func Read(ctx context.Context, paths []string, o Options, emit func(Batch) error) error {
	g, ctx := errgroup.WithContext(ctx)
	r := &run{o: o, emit: emit, decoders: o.decoders(), seen: map[string]*first{}}
	items := make(chan source.Item)
	g.Go(func() error {
		defer close(items)
		for _, p := range paths {
			err := o.collector(p).Collect(ctx, p, func(i source.Item) error {
				select {
				case items <- i:
					return nil
				case <-ctx.Done():
					return ctx.Err()
				}
			})
			if err != nil {
				return err
			}
		}
		return nil
	})
	workers := o.Workers
	if workers <= 0 {
		workers = runtime.GOMAXPROCS(0)
	}
	for range workers {
		g.Go(func() error {
			for i := range items {
				if err := i.Artifacts(ctx, func(f source.Found) error { return r.found(ctx, f) }); err != nil {
					return err
				}
			}
			return nil
		})
	}
	return g.Wait()
}

// run is one Read under way.
type run struct {
	o        Options
	decoders []source.Decoder
	slabs    stock[*slab]
	texts    stock[*text]

	mu   sync.Mutex
	seen map[string]*first

	out    sync.Mutex // held while emit or Progress runs
	emit   func(Batch) error
	failed error // emit's: it is not called again
	past   Progress
}

// first is the first reading of some bytes in this run.
type first struct {
	done     chan struct{}
	artifact evidence.Artifact
}

// found reads one artifact, unless its bytes were read before.
func (r *run) found(ctx context.Context, f source.Found) error {
	a := f.Artifact
	if a.Kind != "" {
		return r.send(Batch{Artifact: a, Done: true})
	}
	if r.o.Known != nil && r.o.Known(a.ID) {
		return r.send(Batch{Artifact: a, Done: true, Known: true})
	}
	r.mu.Lock()
	same, again := r.seen[a.ID]
	if !again {
		same = &first{done: make(chan struct{})}
		r.seen[a.ID] = same
	}
	r.mu.Unlock()
	if again {
		// Its first reader is at work now and waits for nobody, so this ends.
		select {
		case <-same.done:
		case <-ctx.Done():
			return ctx.Err()
		}
		b := Batch{Artifact: same.artifact, Done: true, Known: true}
		b.Artifact.URI = a.URI
		return r.send(b)
	}
	if err := r.decode(ctx, f, &a); err != nil {
		return err
	}
	same.artifact = a
	close(same.done)
	return nil
}

// send gives one batch to the receiver.
func (r *run) send(b Batch) error {
	r.out.Lock()
	defer r.out.Unlock()
	if r.failed != nil {
		return r.failed
	}
	if r.failed = r.emit(b); r.failed != nil {
		return r.failed
	}
	r.past.Records += int64(len(b.Events) + len(b.Observations))
	r.past.URI = b.Artifact.URI
	if b.Done {
		r.past.Artifacts++
		r.past.Rejected += int64(b.Artifact.Rejected)
		r.past.Bytes += b.Artifact.Size
	}
	if r.o.Progress != nil {
		r.o.Progress(r.past)
	}
	return nil
}
