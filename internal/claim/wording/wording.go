// Package wording says in words what a call is for, as content files tell it: "to make
// user `eve`". The words name only what the record says, so that a claim can hold them.
package wording

import (
	"fmt"
	"io/fs"
	"regexp"
	"strconv"
	"strings"

	"go.yaml.in/yaml/v4"

	"github.com/trailhound/trailhound/internal/claim"
	"github.com/trailhound/trailhound/internal/evidence"
)

// Bounds on what content may say, and on what of a record one sentence names.
const (
	maxFile  = 256 << 10 // bytes of a file
	maxWords = 160       // bytes of one wording
	maxNamed = 3         // names in one place; of more a sentence tells how many
)

// Table is what calls are for. Make one with Load; it is never changed afterwards. A nil
// Table knows no call.
type Table struct {
	calls map[string][]wording // by action, "iam:CreateUser"; the first that fits is taken
}

// wording is words with places between them that the record fills: words[0], slots[0],
// words[1] and so on.
type wording struct {
	words []string
	slots []slot
}

// slot is a path into the record, by the name that predicates have for it.
type slot struct {
	field string // "request.userName"
	path  string // "requestParameters.userName"
	count bool   // how many there are, and not which
}

// roots are the parts of a record that a wording may name, as predicates call them.
var roots = map[string]string{"request": "requestParameters", "response": "responseElements", "additional": "additionalEventData"}

// file is one content file, wording/<service>.yml.
type file struct {
	Source string              `yaml:"source"` // the service, as actions begin with it
	Calls  map[string]wordings `yaml:"calls"`
}

// wordings is one wording, or several in the order in which they are tried.
type wordings []string

// UnmarshalYAML reads a string as a list of one.
func (w *wordings) UnmarshalYAML(n *yaml.Node) error {
	if n.Kind == yaml.ScalarNode {
		*w = wordings{n.Value}
		return nil
	}
	return n.Decode((*[]string)(w))
}

// Load reads wording/*.yml of fsys. An error names the file and the call.
func Load(fsys fs.FS) (*Table, error) {
	names, err := fs.Glob(fsys, "wording/*.yml")
	if err != nil {
		return nil, fmt.Errorf("list wording: %w", err)
	}
	t := &Table{calls: map[string][]wording{}}
	for _, name := range names {
		data, err := fs.ReadFile(fsys, name)
		if err != nil {
			return nil, fmt.Errorf("read %s: %w", name, err)
		}
		if len(data) > maxFile {
			return nil, fmt.Errorf("%s is larger than %d bytes", name, maxFile)
		}
		var f file
		if err := yaml.Load(data, &f, yaml.WithKnownFields()); err != nil {
			return nil, fmt.Errorf("%s: %w", name, err)
		}
		if f.Source == "" {
			return nil, fmt.Errorf("%s: no source", name)
		}
		for call, list := range f.Calls {
			action := f.Source + ":" + call
			if _, twice := t.calls[action]; twice {
				return nil, fmt.Errorf("%s: %s is worded in another file as well", name, action)
			}
			for _, text := range list {
				w, err := parse(text)
				if err != nil {
					return nil, fmt.Errorf("%s: %s: %w", name, call, err)
				}
				t.calls[action] = append(t.calls[action], w)
			}
		}
	}
	return t, nil
}

var place = regexp.MustCompile(`\{(#?)([a-z]+)\.([A-Za-z0-9_.-]+)\}`)

// parse reads one wording. Its own words must claim nothing that a check would look for:
// no names in quotes, no numbers.
func parse(text string) (wording, error) {
	var w wording
	if len(text) > maxWords || text == "" {
		return w, fmt.Errorf("%q is empty or longer than %d bytes", text, maxWords)
	}
	end := 0
	for _, m := range place.FindAllStringSubmatchIndex(text, -1) {
		root, ok := roots[text[m[4]:m[5]]]
		if !ok {
			return w, fmt.Errorf("%q names no part of a record: request, response or additional", text[m[0]:m[1]])
		}
		rest := text[m[6]:m[7]]
		w.words = append(w.words, text[end:m[0]])
		w.slots = append(w.slots, slot{text[m[4]:m[5]] + "." + rest, root + "." + rest, m[2] != m[3]})
		end = m[1]
	}
	w.words = append(w.words, text[end:])
	for _, words := range w.words {
		if strings.ContainsAny(words, "`\"'{}0123456789") {
			return w, fmt.Errorf("%q: outside of {places} no quotes, braces and digits", text)
		}
	}
	return w, nil
}

// Of says what a successful or attempted call was for, to stand after "to", and the fields
// of the predicate by which that can be held against its record. It is "" where the table
// has nothing to say, or the record does not name what it would.
func (t *Table) Of(action string, r evidence.Record) (text string, equals map[string]any) {
	if t == nil {
		return "", nil
	}
	for _, w := range t.calls[action] {
		if text, equals, ok := w.fill(r); ok {
			return text, equals
		}
	}
	return "", nil
}

// fill puts what the record names into the places; not ok where one stays empty.
func (w wording) fill(r evidence.Record) (string, map[string]any, bool) {
	var b strings.Builder
	equals := map[string]any{}
	for i, s := range w.slots {
		b.WriteString(w.words[i])
		names := distinct(r.Strs(s.path))
		switch {
		case len(names) == 0:
			return "", nil, false
		case s.count:
			b.WriteString(strconv.Itoa(len(names)))
			continue
		case len(names) > maxNamed:
			return "", nil, false
		}
		for j, name := range names {
			if !claim.Quotable(name) || hidden[name] {
				return "", nil, false
			}
			b.WriteString(between(j, len(names)) + "`" + name + "`")
		}
		if equals[s.field] = any(names); len(names) == 1 {
			equals[s.field] = names[0]
		}
	}
	b.WriteString(w.words[len(w.slots)])
	return b.String(), equals, true
}

// hidden is what CloudTrail writes where it does not tell a value (investigation.md §0.10).
var hidden = map[string]bool{"HIDDEN_DUE_TO_SECURITY_REASONS": true, "<sensitiveDataRemoved>": true}

// between is what stands before the j-th of n names.
func between(j, n int) string {
	switch {
	case j == 0:
		return ""
	case j == n-1:
		return " and "
	}
	return ", "
}

// distinct keeps each name once, in the order of the record.
func distinct(names []string) (out []string) {
	seen := map[string]bool{}
	for _, n := range names {
		if !seen[n] {
			seen[n] = true
			out = append(out, n)
		}
	}
	return out
}
