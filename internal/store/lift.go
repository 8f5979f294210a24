package store

import (
	"bytes"
	"unicode/utf8"

	"github.com/trailhound/trailhound/internal/evidence"
)

// Two columns hold what no compression makes smaller: the id that AWS gives the
// event and the one it gives the request. Each is a third of what a record takes
// on disk, and stands in the record too. So the column record has these members
// with empty values, which leaves it valid JSON that every engine can look into,
// and reading puts them back.
//
// lift gives the columns of a record. raw is the record itself where record could
// not be turned back into it, and where it is no UTF-8: a reader that meets such
// text refuses the whole file, and evidence is hostile. Runs are lifted as settled files are: the
// two ids are a third of what snappy makes of a record, and a sixth of its time.
//
// plain is Batch.Plain: such a record is UTF-8 and need not be looked through for that.
func lift(e *evidence.Event, plain bool) (record pieces, raw []byte) {
	if !plain && !utf8.Valid(e.Body) {
		return pieces{bytes.ToValidUTF8(e.Body, []byte("\uFFFD"))}, e.Body
	}
	event, request := members(e.Body)
	if !holds(e.Body, event, e.ID) || !holds(e.Body, request, e.RequestID) {
		return pieces{e.Body}, e.Body
	}
	first, second := span{event, len(e.ID)}, span{request, len(e.RequestID)}
	if second.at < first.at {
		first, second = second, first
	}
	return pieces{e.Body[:max(first.at, 0)], e.Body[first.end():max(second.at, 0)], e.Body[second.end():]}, nil
}

// pieces are a record: what stands before, between and behind what is taken out.
type pieces [3][]byte

// restore is the record that lift was given.
func restore(record []byte, e *evidence.Event) []byte {
	event, request := members(record)
	if !empty(record, event) {
		event = -1
	}
	if !empty(record, request) {
		request = -1
	}
	if event < 0 && request < 0 {
		return record
	}
	first, second, a, b := event, request, e.ID, e.RequestID
	if second < first {
		first, second, a, b = second, first, b, a
	}
	whole := make([]byte, 0, len(record)+len(a)+len(b))
	if first >= 0 {
		whole = append(append(whole, record[:first]...), a...)
	}
	whole = append(append(whole, record[max(first, 0):second]...), b...)
	return append(whole, record[second:]...)
}

// span is a value that is taken out; at is -1 if there is none.
type span struct{ at, length int }

func (s span) end() int {
	if s.at < 0 {
		return 0
	}
	return s.at + s.length
}

// holds says whether lifting the value at a position, if there is a member at
// all, loses nothing: it is the one that the column has.
func holds(record []byte, at int, value string) bool {
	if at < 0 {
		return true
	}
	rest := record[at:]
	return value != "" && len(rest) > len(value) && string(rest[:len(value)]) == value && rest[len(value)] == '"'
}

func empty(record []byte, at int) bool { return at >= 0 && at < len(record) && record[at] == '"' }

// members finds where the values of the first eventID and the first requestID
// begin, -1 if there is none. Records are long and both stand at their end: it
// looks for the one capital that few other names have.
func members(record []byte) (event, request int) {
	const eventID, requestID, end = `"eventI`, `"requestI`, `D":"`
	event, request = -1, -1
	for i := 0; event < 0 || request < 0; i++ {
		n := bytes.IndexByte(record[i:], 'D')
		if n < 0 {
			break
		}
		i += n
		if !bytes.HasPrefix(record[i:], []byte(end)) {
			continue
		}
		switch {
		case event < 0 && bytes.HasSuffix(record[:i], []byte(eventID)):
			event = i + len(end)
		case request < 0 && bytes.HasSuffix(record[:i], []byte(requestID)):
			request = i + len(end)
		}
	}
	return event, request
}
