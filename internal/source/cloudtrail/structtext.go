package cloudtrail

import (
	"regexp"
	"strings"
)

// maxStruct bounds the nesting of a structure written as text.
const maxStruct = 32

// nextKey is what must follow a comma for it to end a value: a comma inside a
// value (a user agent, a message) is not followed by a name and an equals sign.
var nextKey = regexp.MustCompile(`^, ?[A-Za-z0-9_.:/@-]{1,128}=`)

// structText reads a structure as Athena and CloudTrail Lake print it:
// {type=IAMUser, sessioncontext={attributes={mfaauthenticated=false}}, arn=null}.
// The form has no quotes, so this is a best effort: scalars become strings, and a
// text that does not fit is left to the caller as it is.
func structText(s, path string) (any, bool) {
	p := &structParser{s: s, path: path}
	v, ok := p.value(0, false)
	return v, ok && p.i == len(p.s)
}

type structParser struct {
	s, path string
	i       int
}

func (p *structParser) value(depth int, inList bool) (any, bool) {
	if depth > maxStruct || p.i >= len(p.s) {
		return nil, false
	}
	switch p.s[p.i] {
	case '{':
		return p.fields(depth + 1)
	case '[':
		return p.list(depth + 1)
	}
	return p.scalar(inList), true
}

func (p *structParser) fields(depth int) (any, bool) {
	m := map[string]any{}
	p.i++
	for p.i < len(p.s) {
		if p.s[p.i] == '}' {
			p.i++
			return m, true
		}
		name, _, ok := strings.Cut(p.s[p.i:], "=")
		if !ok || len(name) > 128 || strings.ContainsAny(name, "{}[],") {
			return nil, false
		}
		p.i += len(name) + 1
		v, ok := p.value(depth, false)
		if !ok {
			return nil, false
		}
		name = strings.TrimSpace(name)
		if nested[p.path] {
			name = respell(p.path, name)
		}
		if v != nil {
			m[name] = v
		}
		p.comma()
	}
	return nil, false
}

func (p *structParser) list(depth int) (any, bool) {
	list := []any{}
	p.i++
	for p.i < len(p.s) {
		if p.s[p.i] == ']' {
			p.i++
			return list, true
		}
		at := p.i
		v, ok := p.value(depth, true)
		if !ok {
			return nil, false
		}
		list = append(list, v)
		// An empty element that moves nothing would be read for ever.
		if p.comma(); p.i == at {
			return nil, false
		}
	}
	return nil, false
}

func (p *structParser) comma() {
	if strings.HasPrefix(p.s[p.i:], ",") {
		p.i++
		for p.i < len(p.s) && p.s[p.i] == ' ' {
			p.i++
		}
	}
}

// scalar reads up to what ends it: the closing bracket, or a comma that another
// field follows (in a list, any comma). Brackets inside must pair.
func (p *structParser) scalar(inList bool) any {
	from, open := p.i, 0
	for ; p.i < len(p.s); p.i++ {
		c := p.s[p.i]
		switch {
		case c == '{' || c == '[':
			open++
			continue
		case c == '}' || c == ']':
			if open == 0 {
				return p.text(from)
			}
			open--
		case c == ',' && open == 0 && (inList || nextKey.MatchString(p.s[p.i:min(len(p.s), p.i+132)])):
			return p.text(from)
		}
	}
	return p.text(from)
}

func (p *structParser) text(from int) any {
	if s := p.s[from:p.i]; s != "null" {
		return s
	}
	return nil
}
