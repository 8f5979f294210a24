package sigma

import (
	"errors"
	"fmt"
	"io/fs"
	"strings"

	"go.yaml.in/yaml/v4"
)

// readPlaceholders reads the file, nil if there is none. A mistake in it is an error and not a
// refusal: rules would be refused for want of a value that somebody did give.
// Values are text as written: whether one is a network or a number, the modifier decides that
// it is put behind.
func readPlaceholders(fsys fs.FS, name string) (map[string][]string, error) {
	data, err := read(fsys, name)
	if errors.Is(err, fs.ErrNotExist) {
		return nil, nil
	}
	if err != nil {
		return nil, fmt.Errorf("read placeholders: %s: %w", name, err)
	}
	var doc yaml.Node
	if err := yaml.Unmarshal(data, &doc); err != nil || len(doc.Content) != 1 {
		return nil, fmt.Errorf("read placeholders: %s: a mapping of names to values is needed", name)
	}
	rd := &reader{}
	list, err := rd.entries(doc.Content[0])
	if err != nil {
		return nil, fmt.Errorf("read placeholders: %s: %w", name, err)
	}
	out := map[string][]string{}
	for _, e := range list {
		items, err := rd.items(e.value)
		if err != nil {
			return nil, fmt.Errorf("read placeholders: %s: %w", name, err)
		}
		for _, v := range items {
			if v.Kind != yaml.ScalarNode || v.Tag == "!!null" {
				return nil, fmt.Errorf("read placeholders: %s:%d: a value is a text", name, v.Line)
			}
			out[strings.Trim(e.key, "%")] = append(out[strings.Trim(e.key, "%")], v.Value)
		}
	}
	return out, nil
}

// PlaceholderFile, in the top of a rule folder, gives the values of
// placeholders: a mapping of each name, without percent signs, to one value or a
// list of them.
const PlaceholderFile = "placeholders.yml"

// expansions replaces each %name% in a value, by every combination of what the
// names stand for.
// The product is bounded before it is made, in number and in length.
func (rd *reader) expansions(n *yaml.Node, s string) ([]string, error) {
	// All that the value can be so far; a value without placeholders is one text.
	out := []string{""}
	add := func(parts ...string) error {
		if len(out)*len(parts) > maxTests {
			return faultAt(n, "placeholders expand to more than %d values", maxTests)
		}
		var next []string
		for _, o := range out {
			for _, p := range parts {
				if len(o)+len(p) > maxPattern {
					return faultAt(n, "placeholders expand to more than %d bytes", maxPattern)
				}
				next = append(next, o+p)
			}
		}
		out = next
		return nil
	}
	for s != "" {
		i := strings.IndexByte(s, '%')
		if i < 0 {
			err := add(s)
			return out, err // not in one: add changes out
		}
		if i > 0 && s[i-1] == '\\' { // a plain percent sign
			if err := add(s[:i-1] + "%"); err != nil {
				return nil, err
			}
			s = s[i+1:]
			continue
		}
		name, rest, ok := strings.Cut(s[i+1:], "%")
		if !ok { // a percent sign alone is one
			err := add(s)
			return out, err
		}
		values := rd.placeholders[name]
		if len(values) == 0 {
			return nil, faultAt(n, "placeholder %%%s%% has no value: give it in %s", short(name), PlaceholderFile)
		}
		if err := add(s[:i]); err != nil {
			return nil, err
		}
		if err := add(values...); err != nil {
			return nil, err
		}
		s = rest
	}
	return out, nil
}
