package response

import (
	"encoding/json"
	"errors"
	"fmt"
	"regexp"
	"slices"
	"strings"
)

// line is one parsed line of a form.
type line struct {
	note  string // a line for the person, without its mark; then there are no words
	words []word
}

// word is one shell word of a template.
type word struct {
	text     string // with {parameters}
	operator bool   // > between words
	json     bool   // text is JSON, so that values go in as JSON strings do
}

// placeholder is a parameter. JSON has no such thing: what follows its brace is
// a quotation mark or another brace.
// With dots, {instance...}, it stands for as many words as there are targets.
var placeholder = regexp.MustCompile(`\{[a-z][a-z_]*(?:\.\.\.)?\}`)

// parseLine splits a template line into words, the way a shell would: blanks
// separate, single quotes hold together. Nothing else of the shell is known.
func parseLine(s string) (line, error) {
	if note, ok := strings.CutPrefix(s, "# "); ok {
		return line{note: note}, nil
	}
	var l line
	for rest := s; ; {
		rest = strings.TrimLeft(rest, " ")
		if rest == "" {
			break
		}
		var text string
		if rest[0] == '\'' {
			end := strings.IndexByte(rest[1:], '\'')
			if end < 0 {
				return line{}, errors.New("a quotation is not closed")
			}
			text, rest = rest[1:1+end], rest[end+2:]
		} else {
			text, rest, _ = strings.Cut(rest, " ")
			// Content is trusted more than evidence and still held to this: a form
			// that pipes or expands would be one that nobody can check by reading
			// it.
			if strings.ContainsAny(text, "'\"`$;&|<\\\n\t") {
				return line{}, fmt.Errorf("the word %q holds what only a quotation may", text)
			}
		}
		w := word{text: text, operator: text == ">"}
		if strings.HasPrefix(text, "{\"") || strings.HasPrefix(text, "[") {
			w.json = true
			if !json.Valid([]byte(placeholder.ReplaceAllString(text, "x"))) {
				return line{}, fmt.Errorf("%q is no JSON", text)
			}
		}
		l.words = append(l.words, w)
	}
	// Commands of other programs are not written: what they do to evidence nobody
	// here knows.
	if len(l.words) == 0 || l.words[0].text != "aws" {
		return line{}, errors.New("it is neither a command of aws nor a note")
	}
	return l, nil
}

func (l line) uses(param string) bool {
	return l.usesAny(func(name string) bool { return name == param })
}

// usesAny says whether any parameter of the line fulfils a condition.
func (l line) usesAny(is func(param string) bool) bool {
	return slices.ContainsFunc(l.words, func(w word) bool {
		return slices.ContainsFunc(placeholder.FindAllString(w.text, -1), func(p string) bool { return is(paramOf(p)) })
	})
}

// forAll says whether the line takes many targets at once.
func (l line) forAll() bool {
	return slices.ContainsFunc(l.words, func(w word) bool { return w.many() != "" })
}

// many is the parameter that the word stands for many of, "" if it does not.
func (w word) many() string {
	if p, ok := strings.CutSuffix(w.text, "...}"); ok && strings.HasPrefix(p, "{") && !w.json {
		return p[1:]
	}
	return ""
}

// paramOf is the name of a parameter without its braces and dots.
func paramOf(placeholder string) string { return strings.Trim(placeholder, "{}.") }

// files are the working files that commands write and read. Each target has its
// own, or the evidence of one would be written over that of another.
var files = regexp.MustCompile(`\b[a-z][a-z0-9-]*\.(?:json|txt|zip)\b`)

// values are what a line is rendered with.
type values struct {
	params map[string]string
	prefix string              // of working files
	all    map[string][]string // of a step for many targets: each parameter's values
}

// render writes the line as a person pastes it. The error says which value
// cannot stand in a command.
func (l line) render(v values) (string, error) {
	if l.words == nil {
		return "# " + files.ReplaceAllString(l.note, v.prefix+"$0"), nil
	}
	out := make([]string, 0, len(l.words))
	for i, w := range l.words {
		if w.operator {
			out = append(out, ">")
			continue
		}
		if list := v.all[w.many()]; len(list) > 0 {
			for _, one := range list {
				s, err := (word{text: "{v}"}).render(values{params: map[string]string{"v": one}}, false)
				if err != nil {
					return "", err
				}
				out = append(out, s)
			}
			continue
		}
		s, err := w.render(v, i > 0 && l.words[i-1].operator)
		if err != nil {
			return "", err
		}
		// "--user-name --debug" would be two options; "--user-name=--debug" is one.
		if n := len(out) - 1; strings.HasPrefix(strings.Trim(s, "'"), "-") && placeholder.MatchString(w.text) && n >= 0 && strings.HasPrefix(out[n], "--") {
			out[n] += "=" + s
			continue
		}
		out = append(out, s)
	}
	return strings.Join(out, " "), nil
}

func (w word) render(v values, file bool) (string, error) {
	text := w.text
	if file || strings.HasPrefix(text, "file://") || strings.HasPrefix(text, "fileb://") {
		text = files.ReplaceAllString(text, v.prefix+"$0")
	}
	var b quoted
	at := 0
	for _, m := range placeholder.FindAllStringIndex(text, -1) {
		b.literal(text[at:m[0]])
		at = m[1]
		name := paramOf(text[m[0]:m[1]])
		if name == "now" {
			b.now()
			continue
		}
		val, ok := v.params[name]
		if !ok || val == "" {
			// A shell reads < as a redirection, but quoting puts the word in single
			// quotes, so that a line pasted without filling it in fails at AWS and
			// does nothing else.
			b.literal("<" + strings.ReplaceAll(name, "_", "-") + ">")
			continue
		}
		if err := safe(name, val); err != nil {
			return "", err
		}
		switch whole := m[0] == 0 && m[1] == len(text); {
		case w.json:
			j, err := json.Marshal(val)
			if err != nil {
				return "", err
			}
			// Without the quotation marks, which the template has.
			val = string(j[1 : len(j)-1])
		case whole:
			if err := safeWhole(name, val); err != nil {
				return "", err
			}
		case !embeddable.MatchString(val):
			// Inside Name=x,Values={v} or s3://{v}/ a comma or slash means something.
			return "", fmt.Errorf("the %s has characters that would change the command", name)
		}
		b.literal(val)
	}
	b.literal(text[at:])
	return b.String(), nil
}
