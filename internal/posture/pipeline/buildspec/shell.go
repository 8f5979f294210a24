package buildspec

import (
	"path"
	"strings"
)

// Step is a simple command of a shell line with what follows it: "&&", "||", "|",
// ";" or "".
type Step struct {
	Words []Word
	Then  string
}

// Name is the program without its folder; assignments and wrappers before it are
// skipped. "" when there is none.
func (s Step) Name() string {
	for i, w := range s.Words {
		name, _, assigns := strings.Cut(w.Text, "=")
		if assigns && name != "" && !strings.ContainsAny(name, "/-$") {
			continue
		}
		if base := path.Base(w.Text); base == "sudo" || base == "exec" || base == "command" || base == "time" || base == "nohup" {
			continue
		}
		_ = i
		return path.Base(w.Text)
	}
	return ""
}

// Has says whether one of the words is that text.
func (s Step) Has(text string) bool {
	for _, w := range s.Words {
		if w.Text == text {
			return true
		}
	}
	return false
}

// String is the words with blanks between, for matching.
func (s Step) String() string {
	var parts []string
	for _, w := range s.Words {
		parts = append(parts, w.Text)
	}
	return strings.Join(parts, " ")
}

// Word is a word with the variables it expands.
type Word struct {
	Text string
	Vars []Var
}

// Var is an expansion; outside double quotes the shell splits what it gives.
type Var struct {
	Name   string
	Quoted bool
}

// Shell divides a command into its simple commands. It knows quotes, escapes,
// comments and operators. Substitutions, $(…) and backquotes, become steps of
// their own before the command that uses them; here-documents stay words. What it
// does not understand it takes as words: the checks look for what is there.
func Shell(text string) []Step {
	l := lexer{text: text}
	l.run(0)
	return l.steps
}

type lexer struct {
	text  string
	i     int
	steps []Step
}

const maxNest = 20

// run reads until the end, or the closing parenthesis of a substitution.
func (l *lexer) run(depth int) {
	var step Step
	var w Word
	some := false
	word := func() {
		if some {
			step.Words = append(step.Words, w)
		}
		w, some = Word{}, false
	}
	end := func(op string) {
		word()
		if len(step.Words) > 0 {
			step.Then = op
			l.steps = append(l.steps, step)
		}
		step = Step{}
	}
	quoted := false
	for l.i < len(l.text) {
		c := l.text[l.i]
		rest := l.text[l.i:]
		switch {
		case c == '\\' && l.i+1 < len(l.text):
			if l.text[l.i+1] != '\n' {
				w.Text += string(l.text[l.i+1])
				some = true
			}
			l.i += 2
			continue
		case c == '"':
			quoted = !quoted
			some = true
		case c == '\'' && !quoted:
			inner, _, _ := strings.Cut(rest[1:], "'")
			w.Text += inner
			some = true
			l.i += len(inner) + 1
		case (strings.HasPrefix(rest, "$(") || c == '`' || strings.HasPrefix(rest, "<(")) && depth < maxNest:
			some = true
			w.Text += "$()"
			if c == '`' {
				inner, _, _ := strings.Cut(rest[1:], "`")
				sub := lexer{text: inner}
				sub.run(depth + 1)
				l.steps = append(l.steps, sub.steps...)
				l.i += len(inner) + 1
				break
			}
			l.i += 2
			l.run(depth + 1)
		case c == '$':
			name, size := variable(rest)
			if name != "" {
				w.Vars = append(w.Vars, Var{name, quoted})
			}
			w.Text += rest[:size]
			some = true
			l.i += size - 1
		case quoted:
			w.Text += string(c)
		case c == ')' && depth > 0:
			end("")
			return
		case c == '#' && !some:
			line, _, _ := strings.Cut(rest, "\n")
			l.i += len(line)
			continue
		case strings.HasPrefix(rest, "&&"), strings.HasPrefix(rest, "||"):
			end(rest[:2])
			l.i++
		case c == '|':
			end("|")
		case c == ';' || c == '\n' || c == '&' && !strings.HasPrefix(rest, "&>") && !strings.HasSuffix(w.Text, ">"):
			end(";")
		case c == ' ' || c == '\t' || c == '\r' || c == '(' || c == ')':
			word()
		default:
			w.Text += string(c)
			some = true
		}
		l.i++
	}
	end("")
}

// variable reads $NAME or ${NAME…} and its length in bytes, at least one.
func variable(s string) (string, int) {
	if strings.HasPrefix(s, "${") {
		inner, _, closed := strings.Cut(s[2:], "}")
		if !closed {
			return "", 1
		}
		return inner[:ident(inner)], len(inner) + 3
	}
	n := ident(s[1:])
	return s[1 : 1+n], n + 1
}

func ident(s string) int {
	for i := 0; i < len(s); i++ {
		c := s[i]
		if c != '_' && !('a' <= c && c <= 'z') && !('A' <= c && c <= 'Z') && !('0' <= c && c <= '9') {
			return i
		}
	}
	return len(s)
}
