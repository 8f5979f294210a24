package cloudtrail

import (
	"bytes"
	"crypto/sha256"
	"encoding/binary"
	"encoding/hex"
	"errors"
	"fmt"
	"strings"
	"sync"
	"time"
	"unicode/utf8"

	"github.com/trailhound/trailhound/internal/evidence"
	"github.com/trailhound/trailhound/internal/source/jsonstream"
)

// ErrNotCloudTrail is the error of a record that is no CloudTrail event at all.
var ErrNotCloudTrail = errors.New("not a CloudTrail event")

// maxID bounds what is taken for an eventID; AWS writes UUIDs of 36.
// A longer one, or none, is replaced by the hash of the record: events are joined
// and cited by their id, so each needs one, and the same record must get the same.
const maxID = 128

// Decode reads one CloudTrail record, a JSON object in CloudTrail's own names,
// into an event with every column filled and the compacted record as Body.
// Ref is left to the caller; Fingerprint is filled in.
func Decode(record []byte) (evidence.Event, error) {
	r := readers.Get().(*reader)
	defer r.release()
	record = validUTF8(record)
	if err := r.doc.Parse(record); err != nil {
		return evidence.Event{}, err
	}
	e, err := r.event(&r.doc, 0)
	if err == nil {
		e.Fingerprint = r.fingerprint(&r.doc, 0)
	}
	return e, err
}

// Fingerprint is the SHA-256, in hex, of the canonical form of an event's Body:
// equal content, equal fingerprint, however it was spelled. The Decoder leaves
// Event.Fingerprint empty, since hashing costs more than all the rest of the
// reading; whoever must compare contents asks for it.
func Fingerprint(body []byte) string {
	r := readers.Get().(*reader)
	defer r.release()
	if err := r.doc.Parse(body); err != nil { // no Decoder gives such a Body
		sum := sha256.Sum256(body)
		return hex.EncodeToString(sum[:])
	}
	return r.fingerprint(&r.doc, 0)
}

func (r *reader) fingerprint(d *jsonstream.Doc, n int) string {
	r.canonical = d.AppendCanonical(r.canonical[:0], n)
	sum := sha256.Sum256(r.canonical)
	return hex.EncodeToString(sum[:])
}

// reader decodes records one after the other and reuses its memory.
type reader struct {
	keeper
	repeats
	doc       jsonstream.Doc
	strict    jsonstream.Strict
	ahead     int // how far quick looks ahead
	canonical []byte
	compact   []byte
	texts     map[string]string          // values that repeat from record to record
	recent    [1 << recentBits][2]string // of texts, those met lately: most records need no more
	names     [1 << namesBits]metText    // the same for what records name
	resources []string
	key, day  string         // of quick: the last access key and date, and when that began
	midnight  int64          // Unix time
	local     *time.Location // Decoder.Clock
	shifted   int            // times that were read by it
}

// Of a text's hash the upper bits say where it is remembered.
const (
	recentBits = 9
	namesBits  = 10
)

var readers = sync.Pool{New: func() any { return &reader{texts: map[string]string{}} }}

func (r *reader) release() {
	if cap(r.doc.Nodes) > 1<<16 { // one huge record must not stay in memory for good
		*r = reader{texts: map[string]string{}}
	}
	// A reader in the pool must hold neither the content of a file nor a setting of
	// the Decoder that had it.
	r.doc.Data, r.records, r.local, r.shifted = nil, nil, nil, 0
	r.strict.Reset(nil)
	readers.Put(r)
}

// validUTF8 replaces what is not UTF-8: tables and JSON readers downstream
// refuse a whole file for one such byte.
func validUTF8(b []byte) []byte {
	if utf8.Valid(b) {
		return b
	}
	return bytes.ToValidUTF8(b, []byte("\uFFFD"))
}

// event reads the record at node n.
func (r *reader) event(d *jsonstream.Doc, n int) (evidence.Event, error) {
	if d.Nodes[n].Kind != jsonstream.Object {
		return evidence.Event{}, fmt.Errorf("%w: it is no JSON object", ErrNotCloudTrail)
	}
	var e evidence.Event
	var when, response string
	request, answer, resources, service, export, logstash := -1, -1, -1, -1, -1, -1
	for c := range d.Children(n) {
		// As encoding/json has it, the last of several members of one name counts.
		switch string(d.Name(c)) {
		case "eventID":
			e.ID = r.own(d.Text(c))
		case "eventTime":
			when = r.own(d.Text(c))
		case "@timestamp":
			logstash = c
		case "eventSource":
			e.Source = r.text(d, c)
		case "eventName":
			e.RawName = r.text(d, c)
		case "eventType":
			e.Type = r.text(d, c)
		case "eventCategory":
			e.Category = r.text(d, c)
		case "readOnly":
			e.ReadOnly, e.ReadOnlySaid = yes(d, c)
		case "recipientAccountId":
			e.Account = r.text(d, c)
		case "awsRegion":
			e.Region = r.text(d, c)
		case "sourceIPAddress":
			e.SourceIP = r.text(d, c)
		case "userAgent":
			e.UserAgent = r.text(d, c)
		case "errorCode":
			e.ErrorCode = r.text(d, c)
		case "errorMessage":
			e.ErrorMessage = r.own(d.Text(c))
		case "requestID":
			e.RequestID = r.own(d.Text(c))
		case "sharedEventID":
			e.SharedID = r.own(d.Text(c))
		case "vpcEndpointId":
			e.VPCEndpoint = r.text(d, c)
		case "userIdentity":
			// FromConsole stands outside userIdentity in the record.
			from := e.Identity.FromConsole
			e.Identity = r.identity(d, c)
			e.Identity.FromConsole = from
		case "sessionCredentialFromConsole":
			e.Identity.FromConsole, _ = yes(d, c)
		case "requestParameters":
			request = c
		case "responseElements":
			answer = c
		case "resources":
			resources = c
		case "serviceEventDetails":
			service = c
		case "exportColumns": // ours: what a table said beside CloudTrail's columns
			export = c
		}
	}
	// These two and the time are what makes a record an event. Everything else may
	// be missing and is then empty.
	if e.Source == "" || e.RawName == "" {
		return evidence.Event{}, fmt.Errorf("%w: it has no eventSource or no eventName", ErrNotCloudTrail)
	}
	if when == "" && logstash >= 0 {
		// Logstash moves eventTime to @timestamp: a field was renamed, so a whole
		// record of the same event must win over this one.
		when, e.Lossy = r.own(d.Text(logstash)), true
	}
	var err error
	if e.Time, err = r.moment(when); err != nil {
		return evidence.Event{}, err
	}
	e.Name = normalName(e.RawName)
	if e.Account == "" {
		e.Account = e.Identity.Account
	}
	if answer >= 0 && e.Source == "signin.amazonaws.com" && e.ErrorMessage == "" {
		// A failed sign-in may say so in its answer only (§0: ConsoleLogin, also
		// SwitchRole and CheckMfa): {"ConsoleLogin":"Failure"}.
		if c := d.Member(answer, e.RawName); c >= 0 {
			response = string(d.Text(c))
		}
		if response == "Failure" {
			e.ErrorMessage = e.RawName + ": Failure"
		}
	}
	e.Resources = r.named(d, &e, resources, request, answer, service, export)
	if e.ID = strings.TrimSpace(e.ID); e.ID == "" || len(e.ID) > maxID {
		e.ID = "sha256-" + r.fingerprint(d, n)
	}
	if !d.Spaced { // as delivered: nothing to take out
		e.Body = r.keepBody(d.Raw(n), false)
		return e, nil
	}
	r.compact = d.AppendCompact(r.compact[:0], n)
	e.Body = r.keepBody(r.compact, false)
	return e, nil
}

// text is the text of a value that often repeats: equal texts share memory.
func (r *reader) text(d *jsonstream.Doc, n int) string { return r.intern(d.Text(n)) }

func (r *reader) intern(b []byte) string {
	if len(b) == 0 {
		return ""
	}
	pair := &r.recent[textHash(b)>>(32-recentBits)]
	if pair[0] == string(b) {
		return pair[0]
	}
	if pair[1] == string(b) {
		return pair[1]
	}
	s, ok := r.texts[string(b)]
	if !ok {
		// Cleared as a whole: a file of nothing but different user agents would else
		// grow it without end.
		if len(r.texts) >= 1<<14 {
			clear(r.texts)
		}
		s = string(b)
		if len(s) > 512 {
			return s
		}
		r.texts[s] = s
	}
	pair[0], pair[1] = s, pair[0]
	return s
}

// textHash tells texts apart by their length and their last and middle bytes: ARNs and
// keys begin alike. Of what it gives, the upper bits hang on all of these. Texts that meet cost a longer look.
func textHash(b []byte) uint32 {
	h := uint64(len(b))
	if n := len(b); n >= 8 {
		h ^= binary.LittleEndian.Uint64(b[n-8:]) ^ binary.LittleEndian.Uint64(b[(n-8)/2:])*31
	} else {
		for _, c := range b {
			h = h*31 + uint64(c)
		}
	}
	return uint32(h * 0x9e3779b97f4a7c15 >> 32) // Fibonacci's multiplier
}

// yes reads a boolean that may be written as a string: "true", "Yes", "YES".
func yes(d *jsonstream.Doc, n int) (value, said bool) {
	switch strings.ToLower(string(d.Text(n))) {
	case "true", "yes", "1":
		return true, true
	case "false", "no", "0":
		return false, true
	}
	return false, false
}
