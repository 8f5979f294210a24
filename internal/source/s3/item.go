package s3

import (
	"context"
	"errors"
	"io"

	"github.com/trailhound/trailhound/internal/evidence"
	"github.com/trailhound/trailhound/internal/source"
	"github.com/trailhound/trailhound/internal/source/file"
)

// collect fetches one object and gives it to the readers. It waits while too
// much is fetched that nobody has read.
func (r *round) collect(ctx context.Context, o object) error {
	uri := r.uri(o.key, o.etag)
	if r.c.o.Known != nil {
		if id, ok := r.c.o.Known(uri); ok {
			return r.found(known{evidence.Artifact{ID: id, URI: uri, Size: o.size}})
		}
	}
	if r.c.stopped() != nil {
		r.c.mu.Lock()
		r.c.after++
		r.c.mu.Unlock()
		return r.found(source.Missing(uri, o.size, "the credentials ran out before it was read"))
	}
	weight := min(o.size, maxInMemory)
	if err := r.memory.Acquire(ctx, weight); err != nil {
		return err
	}
	got, etag, err := r.store(ctx, o)
	if err != nil {
		r.memory.Release(weight)
		if ctx.Err() != nil {
			return ctx.Err()
		}
		if r.c.stop(err) {
			r.c.mu.Lock()
			r.c.after++
			r.c.mu.Unlock()
		}
		return r.found(source.Missing(uri, o.size, explain(err)))
	}
	release := func() { got.release(); r.memory.Release(weight) }
	if err := r.found(fetched{r.uri(o.key, etag), got, release}); err != nil {
		release()
		return err
	}
	return nil
}

// fetched is an object that is here.
type fetched struct {
	uri     string
	bytes   stored
	release func()
}

// Artifacts implements source.Item. It may be called once.
func (f fetched) Artifacts(ctx context.Context, visit func(source.Found) error) error {
	defer f.release()
	return file.Opened(ctx, f.uri, f.bytes, f.bytes.size, visit)
}

// known is an object that an earlier run has read.
type known struct{ a evidence.Artifact }

// Artifacts implements source.Item.
func (k known) Artifacts(_ context.Context, visit func(source.Found) error) error {
	return visit(source.Found{Artifact: k.a, Earned: func(int64) {}, Open: func() (io.ReadCloser, error) {
		return nil, errors.New("it was read before, and is not fetched again")
	}})
}
