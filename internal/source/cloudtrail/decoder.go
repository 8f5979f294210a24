package cloudtrail

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"time"

	"github.com/trailhound/trailhound/internal/evidence"
	"github.com/trailhound/trailhound/internal/source"
	"github.com/trailhound/trailhound/internal/source/jsonstream"
)

// Decoder finds CloudTrail records in a stream: JSON in all its framings and
// envelopes, and tables in CSV.
type Decoder struct {
	// Clock is where clocks showed what times without a zone say; nil is UTC.
	Clock    *time.Location
	thorough bool // read no record in one pass: for holding the two ways equal
}

var _ source.Decoder = Decoder{}

// Name implements source.Decoder.
func (Decoder) Name() string { return "cloudtrail" }

// Claims takes anything that starts like JSON, since what the JSON is shows only
// inside, lines of it behind a moment, and tables whose columns are CloudTrail's
// or hold log messages.
func (Decoder) Claims(head []byte) bool {
	// The same steps as in Decode, or a file would be claimed and then read by other
	// eyes.
	text, _ := plainText(bytes.NewReader(head))
	head, _ = text.Peek(source.SniffLen)
	switch head = bytes.TrimLeft(head, " \t\r\n"); {
	case len(head) == 0:
		return false
	case head[0] == '{' || head[0] == '[' || bytes.HasPrefix(head, []byte(`"{`)):
		return true
	case stampLen(head) > 0:
		return true
	}
	_, ok := tableOf(head)
	return ok
}

// delivered is how the files begin that a trail delivers.
var delivered = []byte(`{"Records":[{"eventVersion":"`)

// Certain implements source.Certain.
func (Decoder) Certain(head []byte) bool { return bytes.HasPrefix(head, delivered) }

// Decode implements source.Decoder.
func (dec Decoder) Decode(ctx context.Context, content io.Reader, emit source.Emit) (source.Result, error) {
	f := &finder{ctx: ctx, emit: emit.Event, room: emit.Room, lend: emit.Lend, reader: readers.Get().(*reader)}
	f.reader.ahead = jsonstream.LeastAhead
	defer f.reader.release()
	f.reader.records, f.reader.local = emit.Keep, dec.Clock
	in, base := plainText(content)
	f.base = base
	head, _ := in.Peek(source.SniffLen) // its error comes again when the rest is read
	stamped := stampLen(bytes.TrimLeft(head, " \t\r\n")) > 0
	var err error
	if t, ok := tableOf(head); ok && !stamped {
		err = f.table(in, t)
	} else {
		var v jsonstream.Visitor = f
		if dec.thorough {
			// Wrapped, it no longer is a jsonstream.Quick, so the splitter hands it
			// every record whole.
			v = struct{ jsonstream.Visitor }{f}
		}
		var lines io.Reader = in
		if stamped {
			lines = &unstamped{in: in.Reader}
		}
		err = jsonstream.Split(lines, v)
	}
	out := f.result()
	out.Shifted = f.reader.shifted
	return out, err
}

// finder is one Decode under way. It is the jsonstream.Visitor.
type finder struct {
	ctx    context.Context
	emit   func(*evidence.Event) error
	reader *reader
	room   func() *evidence.Event
	lend   func(rest []byte) []byte
	one    evidence.Event    // in place of room
	sub    []*jsonstream.Doc // for JSON inside strings, by depth
	header []string          // of a result set whose first row names the columns

	out     source.Result
	index   int64 // ordinal of the next record
	offset  int64 // of the record in hand
	base    int64 // of what the splitter reads
	lists   int   // lists of records opened: {"Records":[]} is CloudTrail with nothing in it
	schema  string
	others  others
	noted   bool   // others got the record in hand
	damaged string // the first damage
	failed  string // why the first record that is CloudTrail's could not be read
	err     error  // emit's
}

// Envelope implements jsonstream.Visitor: the lists that records are kept in.
// Records: delivered files. Events: LookupEvents. logEvents, events: CloudWatch
// Logs. QueryResultRows: CloudTrail Lake. Rows: Athena. results: Logs Insights.
// Messages: SQS. hits: Elasticsearch. data, logs, items, value: collectors and APIs of SIEMs.
func (f *finder) Envelope(name []byte) bool {
	switch string(name) {
	case "Records":
		f.lists++
		return true
	case "Events", "logEvents", "events", "QueryResultRows", "Rows", "results", "hits", "data", "logs", "items", "value", "Messages":
		return true
	}
	return false
}

// Begins implements jsonstream.Visitor with the names that CloudTrail records and
// the commonest envelopes begin with.
func (f *finder) Begins(name []byte) bool {
	switch string(name) {
	case "eventVersion", "additionalEventData", "apiVersion", "awsRegion", "errorCode", "eventCategory", "eventID", "eventName",
		"eventSource", "eventTime", "userIdentity", "requestParameters", "sourceIPAddress", "userAgent",
		"CloudTrailEvent", "EventId", "_raw", "eventJson", "messageType", "Records":
		return true
	}
	return false
}

// Member implements jsonstream.Visitor.
func (f *finder) Member(name, value []byte) {
	if string(name) == "schema" {
		f.schema = string(value)
	}
}

// Damage implements jsonstream.Visitor.
func (f *finder) Damage(offset int64, reason string) error {
	offset += f.base
	if f.damaged == "" {
		f.damaged = fmt.Sprintf("%s (at byte %d)", reason, offset)
	}
	f.index++
	f.out.Reject(offset, reason)
	return f.ctx.Err()
}

// Lend implements jsonstream.Lender.
func (f *finder) Lend(rest []byte) []byte {
	if f.lend == nil {
		return nil
	}
	return f.lend(rest)
}

// Quick implements jsonstream.Quick.
func (f *finder) Quick(data []byte, offset int64) (n int, err error) {
	f.reader.strict.Reset(data)
	var p jsonstream.Place
	for at := 0; ; at = n + 1 {
		// The context is asked about once in a thousand records: often enough for a
		// user who waits, too seldom to cost anything.
		if f.index&1023 == 0 && f.ctx.Err() != nil {
			return n, f.ctx.Err()
		}
		e := f.next()
		p = f.reader.quick(p, at, e)
		if !p.Usual() {
			if !f.reader.strict.Cut() { // that says nothing of the next
				f.reader.ahead = jsonstream.LeastAhead
			}
			return n, nil
		}
		f.reader.ahead = min(2*f.reader.ahead, jsonstream.UsualAhead)
		n = p.At
		f.offset = offset + f.base + int64(at)
		if f.give(e); f.err != nil {
			return n, f.err
		}
		if n+1 >= len(data) || data[n] != ',' || data[n+1] != '{' {
			return n, nil
		}
	}
}

// next is an event to fill.
func (f *finder) next() *evidence.Event {
	if f.room != nil {
		return f.room()
	}
	f.one = evidence.Event{}
	return &f.one
}

// Record implements jsonstream.Visitor.
func (f *finder) Record(data []byte, offset int64) error {
	if f.offset = offset + f.base; f.index&1023 == 0 && f.ctx.Err() != nil {
		return f.ctx.Err()
	}
	d := &f.reader.doc
	if err := d.Parse(validUTF8(data)); err != nil {
		if f.damaged == "" {
			f.damaged = fmt.Sprintf("%v (in the record at byte %d)", err, f.offset)
		}
		f.index++
		f.out.Reject(f.offset, err.Error())
		return nil
	}
	f.noted = false
	if !f.value(d, 0, 0) && f.err == nil && !f.noted {
		f.note(describe(d))
	}
	return f.err
}

// event emits one event. It reports that the value was understood, also when it
// had to be set aside.
func (f *finder) event(e evidence.Event, err error) bool {
	if err != nil {
		if f.failed == "" {
			f.failed = err.Error()
		}
		f.out.Reject(f.offset, err.Error())
		f.index++
		return true
	}
	f.give(&e)
	return true
}

func (f *finder) give(e *evidence.Event) {
	e.Ref.Index, e.Ref.Offset = f.index, f.offset
	f.index++
	f.out.Records++
	f.err = f.emit(e)
}
