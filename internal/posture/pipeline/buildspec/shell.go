package buildspec

import (
	"bytes"
	"path"
	"slices"
	"strings"
)

// Step is a simple command of a shell line with what follows it: "&&", "||", "|",
// ";" or "".
type Step struct {
	Words []Word
	Then  string
}

// Name is the program without its folder; assignments and wrappers before it are
// skipped with their options: "sudo -E bash -" is bash. "" when there is none.
// "command -v make" looks for make and does not run it: it is "command".
func (s Step) Name() string {
	if i := s.program(); i < len(s.Words) {
		return path.Base(s.Words[i].Text)
	}
	return ""
}

// Args are the words behind the program.
func (s Step) Args() []Word { return s.Words[min(s.program()+1, len(s.Words)):] }

// wrappers run another program, and their options that take a word of their own;
// from the manuals of sudo and time, and of exec and command in POSIX and bash.
var wrappers = map[string][]string{
	"sudo":  {"-u", "--user", "-g", "--group", "-h", "--host", "-p", "--prompt", "-C", "-D", "-R", "-T", "-r", "-t", "-U"},
	"exec":  {"-a"},
	"time":  {"-f", "-o"},
	"nohup": nil, "command": nil,
}

// program is the index of the word that names the program.
func (s Step) program() int {
	for i := 0; i < len(s.Words); i++ {
		if s.Words[i].assigns() {
			continue
		}
		name := path.Base(s.Words[i].Text)
		valued, wraps := wrappers[name]
		if !wraps {
			return i
		}
		at := i
		for i+1 < len(s.Words) && strings.HasPrefix(s.Words[i+1].Text, "-") {
			i++
			switch option := s.Words[i].Text; {
			case name == "command" && (option == "-v" || option == "-V"):
				return at
			case slices.Contains(valued, option):
				i++
			}
		}
	}
	return len(s.Words)
}

// assigns says whether the word is one like NAME=value, which before a program
// sets a variable and is not split.
func (w Word) assigns() bool {
	name, _, ok := strings.Cut(w.Text, "=")
	return ok && name != "" && ident(name) == len(name) && (name[0] < '0' || name[0] > '9')
}

// Assigns says whether the i-th word sets a variable: it stands before the program,
// or is for one that sets variables.
func (s Step) Assigns(i int) bool {
	return s.Words[i].assigns() && (i < s.program() || slices.Contains([]string{"export", "local", "readonly", "declare", "typeset"}, s.Name()))
}

// ToFile says whether an unquoted ">" writes what the program prints into a file:
// not another descriptor's output, and not into what ends in the log anyway.
func (s Step) ToFile() bool {
	for i, w := range s.Words {
		if !w.redirects {
			continue
		}
		to := strings.TrimLeft(w.Text[strings.LastIndexByte(w.Text, '>')+1:], "|")
		if to == "" && i+1 < len(s.Words) {
			to = s.Words[i+1].Text
		}
		if !slices.Contains([]string{"", "&1", "&2", "/dev/stdout", "/dev/stderr", "/dev/tty", "/dev/fd/1", "/dev/fd/2"}, to) {
			return true
		}
	}
	return false
}

// Flag says whether one of the program's options of one letter is c, alone or among
// others: "-euxo pipefail" has x. Options end at the first word that is none.
func (s Step) Flag(c byte) bool {
	args := s.Args()
	// A lone "-" is standard input and "--" ends the options.
	for i := 0; i < len(args) && len(args[i].Text) > 1 && args[i].Text[0] == '-' && args[i].Text != "--"; i++ {
		if args[i].Text[1] != '-' && strings.IndexByte(args[i].Text, c) > 0 {
			return true
		}
		if strings.HasSuffix(args[i].Text, "o") { // sh's -o takes a word
			i++
		}
	}
	return false
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

	redirects bool // an unquoted > of standard output stands in it
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
	open  bool // a ${ was not closed, so no later one is
}

// Deeper substitutions are read as words: each level would be a call of run, and a
// text of "$($($(" of a megabyte must not grow the stack.
const maxNest = 20

// run reads until the end, or the closing parenthesis of a substitution. A word is
// gathered in bytes and made text once: a buildspec may be one word of a megabyte.
func (l *lexer) run(depth int) {
	var step Step
	var w Word
	var text []byte
	some := false
	word := func() {
		if some {
			w.Text = string(text)
			step.Words = append(step.Words, w)
		}
		w, text, some = Word{}, text[:0], false
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
			next := l.text[l.i+1]
			if quoted && !strings.ContainsRune("$`\"\\\n", rune(next)) { // POSIX 2.2.3: it escapes nothing else there
				text = append(text, c)
			}
			if next != '\n' {
				text = append(text, next)
				some = true
			}
			l.i += 2
			continue
		case c == '"':
			quoted = !quoted
			some = true
		// In single quotes nothing expands, so $VAR there is no use of the variable.
		case c == '\'' && !quoted:
			inner, _, _ := strings.Cut(rest[1:], "'")
			text = append(text, inner...)
			some = true
			l.i += len(inner) + 1
		case (strings.HasPrefix(rest, "$(") || c == '`' || strings.HasPrefix(rest, "<(")) && depth < maxNest:
			some = true
			text = append(text, "$()"...)
			if c == '`' {
				inner, _, _ := strings.Cut(rest[1:], "`")
				// Backquotes do not nest without escapes: what is between two of
				// them is read by itself.
				sub := lexer{text: inner}
				sub.run(depth + 1)
				l.steps = append(l.steps, sub.steps...)
				l.i += len(inner) + 1
				break
			}
			l.i += 2
			l.run(depth + 1)
		case c == '$':
			name, size := "", 1
			if braced := strings.HasPrefix(rest, "${"); !braced || !l.open {
				name, size = variable(rest)
				l.open = l.open || braced && size == 1
			}
			if name != "" {
				w.Vars = append(w.Vars, Var{name, quoted})
			}
			text = append(text, rest[:size]...)
			some = true
			l.i += size - 1
		case quoted:
			text = append(text, c)
		case c == ')' && depth > 0:
			end("")
			return
		// A # inside a word begins no comment.
		case c == '#' && !some:
			line, _, _ := strings.Cut(rest, "\n")
			l.i += len(line)
			continue
		case strings.HasPrefix(rest, "&&"), strings.HasPrefix(rest, "||"):
			end(rest[:2])
			l.i++
		case c == '|' && !bytes.HasSuffix(text, []byte(">")): // ">|" overwrites a file
			end("|")
		case c == ';' || c == '\n' || c == '&' && !strings.HasPrefix(rest, "&>") && !bytes.HasSuffix(text, []byte(">")):
			end(";")
		case c == ' ' || c == '\t' || c == '\r' || c == '(' || c == ')':
			word()
		default:
			if c == '>' && (len(text) == 0 || text[len(text)-1] < '2' || text[len(text)-1] > '9') {
				w.redirects = true
			}
			text = append(text, c)
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

// ident is how many bytes at the beginning may be a name's.
func ident(s string) int {
	for i := 0; i < len(s); i++ {
		c := s[i]
		if c != '_' && !('a' <= c && c <= 'z') && !('A' <= c && c <= 'Z') && !('0' <= c && c <= '9') {
			return i
		}
	}
	return len(s)
}
