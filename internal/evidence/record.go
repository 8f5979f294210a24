package evidence

import (
	"bytes"
	"encoding/json"
	"fmt"
	"maps"
	"slices"
	"strings"
)

// Record is a parsed CloudTrail record: maps, slices, strings, bools, nils and
// json.Number, as encoding/json gives them.
type Record map[string]any

// Parse reads the original record of an event.
func (e *Event) Parse() (Record, error) {
	if len(e.Body) == 0 {
		return nil, fmt.Errorf("event %s: its record was not asked for", e.ID)
	}
	dec := json.NewDecoder(bytes.NewReader(e.Body))
	dec.UseNumber()
	var r Record
	if err := dec.Decode(&r); err != nil {
		return nil, fmt.Errorf("event %s: parse record: %w", e.ID, err)
	}
	return r, nil
}

// Get returns the value at a dotted path, or nil. A step into an array takes
// its first element, so that "items.cidrIp" works on the shapes AWS writes;
// All gives every element.
func (r Record) Get(path string) any {
	if all := r.All(path); len(all) > 0 {
		return all[0]
	}
	return nil
}

// Str returns the value at path as text: strings as they are, numbers and
// booleans as JSON spells them, anything else "".
func (r Record) Str(path string) string { return text(r.Get(path)) }

// Strs returns every scalar at path as text, in document order.
func (r Record) Strs(path string) []string {
	var out []string
	for _, v := range r.All(path) {
		if s := text(v); s != "" {
			out = append(out, s)
		}
	}
	return out
}

// All returns every value at path, walking into all elements of every array on
// the way. Nulls and absent fields yield nothing.
func (r Record) All(path string) []any {
	vals := []any{map[string]any(r)}
	for _, step := range strings.Split(path, ".") {
		var next []any
		for _, v := range vals {
			next = appendStep(next, v, step)
		}
		vals = next
	}
	var out []any
	for _, v := range vals {
		if list, ok := v.([]any); ok {
			out = append(out, list...)
		} else {
			out = append(out, v)
		}
	}
	return out
}

// Listed names the things of one type ("AWS::IAM::User") that a record lists, in order,
// where it comes from an export that tells of what a call was about no more than types
// and names, side by side: the console's event history. Of two columns of one name the
// last in order of spelling counts, so that two runs read the same.
func (r Record) Listed(resourceType string) (out []string) {
	columns, _ := r["exportColumns"].(map[string]any)
	var types, names []string
	for _, column := range slices.Sorted(maps.Keys(columns)) {
		switch strings.Map(letter, column) {
		case "resourcetype":
			types = parts(columns[column])
		case "resourcename":
			names = parts(columns[column])
		}
	}
	if len(types) != len(names) {
		return nil // which is which cannot be told
	}
	for i, t := range types {
		if t == resourceType && names[i] != "" {
			out = append(out, names[i])
		}
	}
	return out
}

// parts are the values of one cell: a list, or a text in which they stand side by side.
func parts(v any) (out []string) {
	list, ok := v.([]any)
	if !ok {
		for _, s := range strings.Split(text(v), ",") {
			out = append(out, strings.TrimSpace(s))
		}
		return out
	}
	for _, el := range list {
		out = append(out, text(el))
	}
	return out
}

// letter drops what is no letter, and makes the rest lower case.
func letter(c rune) rune {
	switch {
	case c >= 'A' && c <= 'Z':
		return c + 'a' - 'A'
	case c >= 'a' && c <= 'z':
		return c
	}
	return -1
}

func appendStep(out []any, v any, step string) []any {
	switch v := v.(type) {
	case map[string]any:
		if w, ok := v[step]; ok && w != nil {
			return append(out, w)
		}
	case Record:
		return appendStep(out, map[string]any(v), step)
	case []any:
		for _, el := range v {
			out = appendStep(out, el, step)
		}
	}
	return out
}

func text(v any) string {
	switch v := v.(type) {
	case string:
		return v
	case json.Number:
		return v.String()
	case bool:
		if v {
			return "true"
		}
		return "false"
	}
	return ""
}
