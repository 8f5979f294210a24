package claim

import (
	"encoding/json"
	"time"

	"github.com/trailhound/trailhound/internal/evidence"
)

// subject is one event while it is being looked at; its record is parsed once
// and only if somebody asks.
type subject struct {
	e      *evidence.Event
	actor  string
	parsed bool
	rec    evidence.Record
	words  *words
}

// record is the original record; empty if it is missing or cannot be parsed,
// so that whatever is claimed of it fails.
func (s *subject) record() evidence.Record {
	if !s.parsed {
		s.parsed = true
		s.rec, _ = s.e.Parse()
	}
	return s.rec
}

// issued lists the access keys that the call handed out, in whatever shape.
func (s *subject) issued() []string {
	return appendKeys(nil, s.record()["responseElements"], 0)
}

// Bounds on walking a hostile record.
const (
	maxDepth   = 64
	maxScalars = 20_000
)

func appendKeys(out []string, v any, depth int) []string {
	if depth > maxDepth || len(out) >= maxScalars {
		return out
	}
	switch v := v.(type) {
	case map[string]any:
		if key, ok := v["accessKeyId"].(string); ok {
			out = append(out, key)
		}
		for _, w := range v { // order does not matter: the result is searched, never shown
			out = appendKeys(out, w, depth+1)
		}
	case []any:
		for _, w := range v {
			out = appendKeys(out, w, depth+1)
		}
	}
	return out
}

// appendScalars lists every text and number in a value, of whatever shape.
// Booleans name nothing and are left out.
func appendScalars(out []string, v any, depth int) []string {
	if depth > maxDepth || len(out) >= maxScalars {
		return out
	}
	switch v := v.(type) {
	case map[string]any:
		for _, w := range v { // order does not matter, as above
			out = appendScalars(out, w, depth+1)
		}
	case []any:
		for _, w := range v {
			out = appendScalars(out, w, depth+1)
		}
	case string:
		out = append(out, v)
	case json.Number:
		out = append(out, v.String())
	}
	return out
}

// stamp writes a moment as reports do; "" for none.
func stamp(t time.Time) string {
	if t.IsZero() {
		return ""
	}
	return t.UTC().Format(time.RFC3339)
}
