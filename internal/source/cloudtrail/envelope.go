package cloudtrail

import (
	"bytes"
	"encoding/base64"
	"fmt"
	"io"

	"github.com/klauspost/compress/gzip"

	"github.com/trailhound/trailhound/internal/evidence"
	"github.com/trailhound/trailhound/internal/source/jsonstream"
)

// maxUnwrap bounds envelopes inside envelopes: EventBridge in SNS in a log
// message in Cribl is four.
const maxUnwrap = 8

// maxInner bounds a compressed payload inside a record; one byte more than a
// Doc takes, so that what is cut there is refused and not misread.
const maxInner = jsonstream.MaxRecord + 1

// envelopes are the members in which exports keep the record, the surest first.
// detail: EventBridge. CloudTrailEvent: LookupEvents. eventJson: CloudTrail Lake.
// _raw: Cribl and Splunk. message, @message: CloudWatch Logs, Logstash. result:
// Splunk. _source, event, original: Elasticsearch. Message: SNS. body: SQS.
// log, data, raw: Fluentd, Docker and test harnesses.
var envelopes = []string{
	"detail", "CloudTrailEvent", "eventJson", "_raw", "message", "@message", "awslogs", "result", "_source",
	"event", "original", "Message", "body", "Body", "log", "data", "raw", "ResultSet", "hits",
	"Records", "Events", "logEvents", "events", "results", "QueryResultRows", "Rows",
}

// value looks for records in the value at node n, through envelopes, and emits
// them. It reports whether it found any, readable or not.
func (f *finder) value(d *jsonstream.Doc, n, depth int) bool {
	if depth > maxUnwrap || f.err != nil {
		return false
	}
	switch d.Nodes[n].Kind {
	case jsonstream.Object:
		return f.object(d, n, depth)
	case jsonstream.Array:
		return f.list(d, n, depth)
	case jsonstream.String:
		return f.text(d.Text(n), depth)
	}
	return false
}

func (f *finder) object(d *jsonstream.Doc, n, depth int) bool {
	// What the object is decides before any member is looked into: a record has
	// members named like envelopes (resources, events) in its parameters.
	switch class := classify(d, n); class {
	case "":
	case isRecord:
		return f.event(f.reader.event(d, n))
	default:
		f.note(class)
		return false
	}
	for _, name := range envelopes {
		// The first member in which a record was found ends the look, so that a
		// record that an export holds twice is one event.
		if c := d.Member(n, name); c >= 0 && f.value(d, c, depth+1) {
			return true
		}
	}
	if row, ok := f.athenaRow(d, n, depth); ok {
		return f.value(row, 0, depth+1)
	}
	// A row is tried last: LookupEvents and Lake answers look like rows too, but
	// hold the whole record.
	if isRow(func(yield func(string) bool) {
		for c := range d.Children(n) {
			if !yield(string(d.Name(c))) {
				return
			}
		}
	}) {
		return f.event(f.row(members(d, n), depth))
	}
	return false
}

// list looks into every element. Result sets write a row as a list of cells.
func (f *finder) list(d *jsonstream.Doc, n, depth int) bool {
	if row, ok := f.cells(d, n, depth); ok {
		return f.value(row, 0, depth+1)
	}
	found := false
	for c := range d.Children(n) {
		if f.value(d, c, depth+1) {
			found = true
		}
	}
	return found
}

// text looks into a string that holds JSON, as text or as base64 of gzip, which
// is how CloudWatch Logs subscriptions deliver.
func (f *finder) text(s []byte, depth int) bool {
	s = bytes.TrimSpace(s)
	if bytes.HasPrefix(s, []byte("H4sI")) { // base64 of the gzip magic
		s = inflate(s)
	}
	if len(s) < 2 || s[0] != '{' && s[0] != '[' {
		return false
	}
	d := f.inner(depth)
	if err := d.Parse(validUTF8(s)); err != nil {
		if !looksLikeRecord(s) {
			return false
		}
		// CloudWatch Logs cuts messages at 256 kB: a damaged record, not other data.
		return f.event(evidence.Event{}, fmt.Errorf("the record inside its envelope: %w", err))
	}
	return f.value(d, 0, depth+1)
}

// inner gives a Doc for JSON inside a string, one for each depth since the outer
// ones are still being walked.
func (f *finder) inner(depth int) *jsonstream.Doc {
	for len(f.sub) <= depth {
		f.sub = append(f.sub, &jsonstream.Doc{})
	}
	return f.sub[depth]
}

func inflate(s []byte) []byte {
	raw := make([]byte, base64.StdEncoding.DecodedLen(len(s)))
	k, err := base64.StdEncoding.Decode(raw, s)
	if err != nil {
		return nil
	}
	z, err := gzip.NewReader(bytes.NewReader(raw[:k]))
	if err != nil {
		return nil
	}
	out, _ := io.ReadAll(io.LimitReader(z, maxInner)) // what is cut short fails to parse, and says so
	return out
}

func looksLikeRecord(s []byte) bool {
	return bytes.HasPrefix(s, []byte(`{"eventVersion"`)) ||
		bytes.Contains(s, []byte(`"eventSource"`)) && bytes.Contains(s, []byte(`"eventName"`))
}
