package json

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"strings"

	"github.com/trailhound/trailhound/internal/report"
)

// MaxSize bounds what Read accepts. A report of 100,000 attributed events is about 40 MB.
const MaxSize = 256 << 20

// maxSize is MaxSize, smaller in tests.
var maxSize int64 = MaxSize

// maxDepth bounds nesting: the format itself is six deep, a predicate's values a little deeper.
const maxDepth = 64

// Read reads a document that may come from anywhere. It refuses another schema, anything over
// MaxSize, data after the document, and a name given twice in one object, since two readers
// would then see two reports. Members it does not know are ignored: the format may grow.
func Read(in io.Reader) (*report.Report, error) {
	data, err := io.ReadAll(io.LimitReader(in, maxSize+1))
	if err != nil {
		return nil, fmt.Errorf("read report: %w", err)
	}
	if int64(len(data)) > maxSize {
		return nil, fmt.Errorf("read report: larger than %d MiB", maxSize>>20)
	}
	data = bytes.TrimPrefix(data, []byte("\ufeff"))
	if len(bytes.TrimSpace(data)) == 0 {
		return nil, errors.New("read report: the file is empty")
	}
	if err := checkShape(data); err != nil {
		return nil, fmt.Errorf("read report: %w", err)
	}
	var head struct {
		Schema string `json:"schema"`
	}
	if err := json.Unmarshal(data, &head); err != nil {
		return nil, fmt.Errorf("read report: %w", explain(err))
	}
	switch {
	case head.Schema == "":
		return nil, fmt.Errorf("read report: no \"schema\": expected %q", report.Schema)
	case head.Schema != report.Schema:
		return nil, fmt.Errorf("read report: schema is %.60q: this version reads %q", head.Schema, report.Schema)
	}
	r := new(report.Report)
	if err := json.Unmarshal(data, r); err != nil {
		return nil, fmt.Errorf("read report: %w", explain(err))
	}
	r.Normalize()
	return r, nil
}

// explain puts the offset into errors that know it.
func explain(err error) error {
	var syntax *json.SyntaxError
	var kind *json.UnmarshalTypeError
	switch {
	case errors.As(err, &syntax):
		return fmt.Errorf("broken JSON at offset %d: %w", syntax.Offset, err)
	case errors.As(err, &kind):
		return fmt.Errorf("field %q at offset %d is a %s", kind.Field, kind.Offset, kind.Value)
	case errors.Is(err, io.ErrUnexpectedEOF) || errors.Is(err, io.EOF):
		return errors.New("broken JSON: the document ends too early")
	}
	return err
}

// checkShape walks the tokens once: one object, nothing after it, bounded depth, no name twice.
// Names are compared as encoding/json matches them to fields, without regard to case.
func checkShape(data []byte) error {
	dec := json.NewDecoder(bytes.NewReader(data))
	type level struct {
		names  map[string]bool // nil in a list
		inName bool            // the next token is a name
	}
	var stack []level
	for {
		tok, err := dec.Token()
		if err == io.EOF && len(stack) == 0 {
			return errors.New("broken JSON: no document")
		}
		if err != nil {
			return explain(err)
		}
		var top *level
		if len(stack) > 0 {
			top = &stack[len(stack)-1]
		}
		if name, ok := tok.(string); ok && top != nil && top.inName {
			// Both ways, as letters such as the long s have a capital that leads back to another one.
			folded := strings.ToLower(strings.ToUpper(name))
			if top.names[folded] {
				return fmt.Errorf("name %.60q is given twice in one object, at offset %d", name, dec.InputOffset())
			}
			top.names[folded] = true
			top.inName = false
			continue
		}
		switch tok {
		case json.Delim('{'), json.Delim('['):
			if len(stack) == maxDepth {
				return fmt.Errorf("nested deeper than %d, at offset %d", maxDepth, dec.InputOffset())
			}
			if top != nil && top.names != nil {
				top.inName = true
			}
			next := level{}
			if tok == json.Delim('{') {
				next = level{names: map[string]bool{}, inName: true}
			} else if top == nil {
				return errors.New("the document is a list, not an object")
			}
			stack = append(stack, next)
			continue
		case json.Delim('}'), json.Delim(']'):
			stack = stack[:len(stack)-1]
		default:
			if top == nil {
				return errors.New("the document is a single value, not an object")
			}
			if top.names != nil {
				top.inName = true
			}
		}
		if len(stack) == 0 {
			break
		}
	}
	if end := dec.InputOffset(); len(bytes.TrimSpace(data[end:])) > 0 {
		return fmt.Errorf("data after the document, at offset %d", end)
	}
	return nil
}
