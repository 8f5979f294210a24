// Package source brings evidence in. A Collector knows where bytes are, a
// Decoder knows what they mean, and neither knows the other; the lists of both
// are in source/all, whose Read joins them.
//
// The bytes are hostile: every size is bounded, nothing is followed or run, and
// what cannot be read is set aside with its place and reason while the rest is
// read.
package source

import (
	"context"
	"io"

	"github.com/trailhound/trailhound/internal/evidence"
)

// Collector finds artifacts at a location.
type Collector interface {
	// Name is the noun of the place: "file".
	Name() string
	// Collect calls found once for everything it finds at location, without
	// opening it. Trouble with one thing is an Item that tells it; the error is
	// found's own, or that of ctx.
	Collect(ctx context.Context, location string, found func(Item) error) error
}

// Item is a thing that was found: one artifact, or an archive of several. Items
// are opened in parallel, each by one goroutine.
type Item interface {
	// Artifacts opens the item and calls visit for every artifact in it, one at a
	// time. The error is visit's own, or that of ctx.
	Artifacts(ctx context.Context, visit func(Found) error) error
}

// Found is one artifact, hashed. If its Kind is set, there is nothing to decode:
// it could not be read, or is an archive whose members are artifacts of their own.
type Found struct {
	Artifact evidence.Artifact
	// Open gives the content, decompressed. A read error is a sentence for the
	// reader of the report. The content must be closed before visit returns.
	Open func() (io.ReadCloser, error)
	// Earned tells how many bytes of content turned out to be evidence: a
	// decompression bomb is what expands greatly and earns nothing.
	Earned func(bytes int64)
}

// Decoder understands one kind of content.
type Decoder interface {
	// Name is the noun of the log: "cloudtrail".
	Name() string
	// Claims says whether content that starts with head is worth decoding. head
	// is at least SniffLen bytes unless the content is shorter.
	Claims(head []byte) bool
	// Decode reads content to its end and emits what it says in order, with
	// Ref.Index and Ref.Offset set. The error is emit's own, or that of ctx:
	// whatever is wrong with the content is in the Result.
	Decode(ctx context.Context, content io.Reader, emit Emit) (Result, error)
}

// Certain is a Decoder that knows some of its content beyond doubt by how it
// begins. It is asked before all others, and spares them the looking.
type Certain interface {
	Decoder
	Certain(head []byte) bool
}

// Emit receives what a Decoder reads. Most kinds of content give either events
// or observations; whoever calls Decode sets both, and the others if it likes.
type Emit struct {
	Event       func(*evidence.Event) error      // the receiver copies what it keeps; the bytes and texts inside are its own
	Observation func(evidence.Observation) error // Complete is called by the receiver
	// Keep copies the record of the next event to where that event will be kept. A
	// Decoder that has a copy of its own need not call it. plain says that the record is
	// valid UTF-8 and that no value in it is an empty text, which spares others the look.
	Keep func(record []byte, plain bool) []byte
	// Lend gives memory to read content into, that begins with a copy of rest and has room
	// behind it, in place of what was lent before; nil if rest takes half of it. Of a record in
	// what is lent Keep makes no copy, so what was read there is not changed any more.
	Lend func(rest []byte) []byte
	// Room is where the next event will be kept, zero so far. A Decoder may fill it and hand it to
	// Event, which then copies nothing; what it does not hand over it leaves zero.
	Room func() *evidence.Event
}

// SniffLen is how much of the content a Decoder sees before it claims it.
const SniffLen = 64 << 10

// Result is what a Decoder found an artifact to be.
type Result struct {
	Kind       evidence.Kind
	Reason     string
	Records    int // events and observations emitted
	Rejected   int
	Rejections []evidence.Rejection
	Shifted    int `json:",omitempty"` // times that name no zone and were read by a stated clock other than UTC
}

// Reject counts one more record set aside, and names it while there is room.
func (r *Result) Reject(offset int64, reason string) {
	r.Rejected++
	if len(r.Rejections) < evidence.MaxRejections {
		r.Rejections = append(r.Rejections, evidence.Rejection{Offset: offset, Reason: reason})
	}
}
