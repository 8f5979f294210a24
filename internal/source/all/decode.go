package all

import (
	"bytes"
	"context"
	"errors"
	"io"
	"strings"

	"github.com/trailhound/trailhound/internal/evidence"
	"github.com/trailhound/trailhound/internal/source"
)

// decode opens an artifact, finds who understands it, and sends what it says. It
// completes a.
func (r *run) decode(ctx context.Context, f source.Found, a *evidence.Artifact) error {
	content, err := f.Open()
	if err != nil {
		a.Kind, a.Reason = evidence.KindUnreadable, err.Error()
		return r.send(Batch{Artifact: *a, Done: true})
	}
	defer content.Close()
	in := source.Peek(content)
	head, err := in.Peek(source.SniffLen)
	if err != nil && !errors.Is(err, io.EOF) && len(bytes.TrimSpace(head)) == 0 {
		if cerr := ctx.Err(); cerr != nil {
			return cerr
		}
		a.Kind, a.Reason = evidence.KindUnreadable, err.Error()
		return r.send(Batch{Artifact: *a, Done: true})
	}
	decoder := r.decoderOf(head)
	if decoder == nil {
		a.Kind, a.Reason = evidence.KindUnknown, describe(head)
		return r.send(Batch{Artifact: *a, Done: true})
	}
	// Until the decoder has judged the artifact, batches carry its custody facts.
	p := &pending{run: r, artifact: evidence.Artifact{ID: a.ID, URI: a.URI, Size: a.Size}, earned: f.Earned}
	result, err := decoder.Decode(ctx, in, source.Emit{Event: p.event, Observation: p.observation, Keep: p.keep, Lend: p.lend, Room: p.room})
	defer p.done()
	if err != nil {
		return err
	}
	a.Kind, a.Reason = result.Kind, result.Reason
	a.Records, a.Rejected, a.Rejections = result.Records, result.Rejected, result.Rejections
	b := p.batch()
	b.Artifact, b.Done, b.Shifted = *a, true, result.Shifted
	return r.send(b)
}

// decoderOf is the first decoder that is certain of the content, else the first
// that claims it, else nil.
func (r *run) decoderOf(head []byte) source.Decoder {
	for _, d := range r.decoders {
		if c, ok := d.(source.Certain); ok && c.Certain(head) {
			return d
		}
	}
	for _, d := range r.decoders {
		if d.Claims(head) {
			return d
		}
	}
	return nil
}

// pending collects what one artifact says into batches.
type pending struct {
	run      *run
	artifact evidence.Artifact
	earned   func(int64)
	text     *text // that content is read into; nil before it is lent
	copies   *text // of records that do not stand there; nil while there is none
	copied   int   // bytes of copies
	slab     *slab // of the events so far; nil while there is none
	plain    bool  // what was said of the record of the next event
	odd      bool  // it was not said of all in slab
	observed []evidence.Observation
	bytes    int
}

// keep has the record of the next event live as long as its batch: where it is, if that is what
// was lent.
func (p *pending) keep(record []byte, plain bool) []byte {
	p.plain = plain
	t := p.text
	if !t.holds(record) {
		if len(record) > textBytes/4 {
			return append(make([]byte, 0, len(record)), record...)
		}
		record = p.copy(record)
		t = p.copies
	}
	p.memory().hold(t)
	return record[:len(record):len(record)]
}

// copy puts a record that is not as it was read behind others of its kind.
func (p *pending) copy(record []byte) []byte {
	if p.copies == nil || textBytes-p.copied < len(record) {
		if p.copies != nil {
			p.copies.drop()
		}
		p.copies, p.copied = p.run.text(), 0
	}
	to := p.copies.bytes[p.copied:][:len(record)]
	p.copied += copy(to, record)
	return to
}

// lend gives memory to read into in place of what was lent before.
func (p *pending) lend(rest []byte) []byte {
	if len(rest) > textBytes/2 {
		return nil
	}
	next := p.run.text()
	copy(next.bytes, rest)
	if p.text != nil {
		p.text.drop()
	}
	p.text = next
	return next.bytes
}

// done is when nothing more is read.
func (p *pending) done() {
	for _, t := range []*text{p.text, p.copies} {
		if t != nil {
			t.drop()
		}
	}
}

// room is that of the next event. There always is some, since full batches are sent.
func (p *pending) room() *evidence.Event {
	s := p.memory()
	return &s.events[:len(s.events)+1][len(s.events)]
}

func (p *pending) memory() *slab {
	if p.slab == nil {
		p.slab = p.run.slab()
	}
	return p.slab
}

func (p *pending) event(e *evidence.Event) error {
	s := p.memory()
	p.plain, p.odd = false, p.odd || !p.plain
	to := p.room()
	s.events = s.events[:len(s.events)+1]
	if e != to {
		*to = *e
	}
	to.Ref.Artifact = p.artifact.ID
	return p.took(len(e.Body))
}

func (p *pending) observation(o evidence.Observation) error {
	o.Ref.Artifact = p.artifact.ID
	o.Complete()
	p.observed = append(p.observed, o)
	return p.took(len(o.Body))
}

// took sends the batch when it is full.
func (p *pending) took(body int) error {
	p.bytes += body
	p.earned(int64(body))
	events := 0
	if p.slab != nil {
		events = len(p.slab.events)
	}
	if events+len(p.observed) < batchEvents && p.bytes < batchBytes {
		return nil
	}
	return p.run.send(p.batch())
}

// batch takes what was collected.
func (p *pending) batch() Batch {
	b := Batch{Artifact: p.artifact, Observations: p.observed, Plain: !p.odd}
	switch s := p.slab; {
	case s == nil:
	case len(s.events) < batchEvents/2:
		b.Events = s.fitted()
	default:
		b.Events, b.slab = s.events, s
	}
	p.slab, p.odd, p.observed, p.bytes = nil, false, nil, 0
	return b
}

// describe says what content that nobody claims looks like.
func describe(head []byte) string {
	text := bytes.TrimSpace(head)
	switch {
	case len(text) == 0:
		return "it is empty"
	case bytes.HasPrefix(text, []byte("%PDF")):
		return "it is a PDF document"
	case bytes.HasPrefix(text, []byte("<")):
		return "it is HTML or XML, not CloudTrail"
	case bytes.IndexByte(head, 0) >= 0 || strings.ToValidUTF8(string(head[:min(len(head), 512)]), "") == "":
		return "it is binary data that no decoder knows"
	}
	return "it is neither JSON nor a table with CloudTrail's columns"
}
