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
var lifted = [...]struct {
	member []byte // with the opening quote of its value
	value  func(*evidence.Event) string
}{
	{[]byte(`"eventID":"`), func(e *evidence.Event) string { return e.ID }},
	{[]byte(`"requestID":"`), func(e *evidence.Event) string { return e.RequestID }},
}

// lift gives the columns of a record. raw is the record itself where record could
// not be turned back into it, and where it is no UTF-8: a reader that meets such
// text refuses the whole file, and evidence is hostile.
func lift(e *evidence.Event) (record, raw []byte) {
	if !utf8.Valid(e.Body) {
		return bytes.ToValidUTF8(e.Body, []byte("\uFFFD")), e.Body
	}
	record = e.Body
	for _, l := range lifted {
		value := l.value(e)
		at := bytes.Index(record, l.member) + len(l.member)
		if at < len(l.member) {
			continue
		}
		if rest := record[at:]; len(value) > 0 && len(rest) > len(value) && string(rest[:len(value)]) == value && rest[len(value)] == '"' {
			record = append(append(make([]byte, 0, len(record)), record[:at]...), rest[len(value):]...)
		}
	}
	if !bytes.Equal(restore(record, e), e.Body) {
		return e.Body, e.Body
	}
	return record, nil
}

// restore puts back what lift took out of a record: the values of the first
// member of each name, if that is empty.
func restore(record []byte, e *evidence.Event) []byte {
	// The last that was taken out goes back first, so that each is looked for in
	// the same text in which lift looked.
	for i := len(lifted) - 1; i >= 0; i-- {
		at := bytes.Index(record, lifted[i].member) + len(lifted[i].member)
		if at < len(lifted[i].member) || at >= len(record) || record[at] != '"' {
			continue
		}
		value := lifted[i].value(e)
		whole := make([]byte, 0, len(record)+len(value))
		record = append(append(append(whole, record[:at]...), value...), record[at:]...)
	}
	return record
}
