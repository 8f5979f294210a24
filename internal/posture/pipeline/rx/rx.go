// Package rx says what the patterns of webhook filters accept, by building
// automata and never by comparing strings.
//
// CodeBuild looks for the pattern anywhere in the value (Java's find, not
// matches), so a list of account ids without anchors admits every longer id that
// holds one of them. That, and every variant of it, falls out of comparing two
// languages: what the search accepts and what the whole pattern spells.
//
// The service's engine is Java's; ours parses RE2. What the two read differently,
// and what RE2 cannot express, is refused with a reason rather than guessed. All
// work is bounded, for patterns are written by whoever may edit a webhook.
package rx

import (
	"errors"
	"fmt"
	"regexp/syntax"
	"strings"
)

// Bounds of one analysis. A pattern beyond them cannot be told.
const (
	MaxPattern = 4096 // bytes; no webhook in sight comes near it
	// A list of MaxList ids of nine digits needs about 1,800.
	maxStates = 5000
	maxWork   = 30_000_000 // instructions looked at, a second or so
	maxInst   = 20_000
)

// Cannot is why a pattern cannot be analysed.
type Cannot struct{ Reason string }

// Error is the reason.
func (c *Cannot) Error() string { return c.Reason }

func cannot(format string, args ...any) error { return &Cannot{fmt.Sprintf(format, args...)} }

// Reason is the reason of a Cannot, "" for nil.
func Reason(err error) string {
	var c *Cannot
	if errors.As(err, &c) {
		return c.Reason
	}
	if err != nil {
		return err.Error()
	}
	return ""
}

// Pattern is a compiled pattern.
type Pattern struct {
	Text string
	prog *syntax.Prog
}

// Compile parses a pattern. The error is a *Cannot.
func Compile(text string) (*Pattern, error) {
	if len(text) > MaxPattern {
		return nil, cannot("the pattern is longer than %d bytes", MaxPattern)
	}
	if why := foreign(text); why != "" {
		return nil, cannot("%s", why)
	}
	// Perl's flags are nearest to Java's: \d and \w are ASCII in both, dot stops at
	// a newline, and ^ and $ are those of the text. Java's $ also stands before a
	// last newline, which no ref and no id has; a commit message may.
	re, err := syntax.Parse(text, syntax.Perl)
	if err != nil {
		var se *syntax.Error
		if errors.As(err, &se) {
			return nil, cannot("%s", explain(se))
		}
		return nil, cannot("the pattern is no regular expression")
	}
	prog, err := syntax.Compile(re.Simplify())
	if err != nil {
		return nil, cannot("the pattern is no regular expression")
	}
	// The size is asked after Simplify, which writes a{1000} out as a thousand
	// steps. Parse itself refuses repetitions beyond 1,000.
	if len(prog.Inst) > maxInst {
		return nil, cannot("the pattern is too large to decide (%d steps)", len(prog.Inst))
	}
	return &Pattern{text, prog}, nil
}

// The reasons are read by whoever wrote the pattern: each should say what to write
// differently.
func explain(e *syntax.Error) string {
	switch {
	case strings.HasPrefix(e.Expr, "(?=") || strings.HasPrefix(e.Expr, "(?!") || strings.HasPrefix(e.Expr, "(?<"):
		return "it looks ahead or behind, which no automaton here can follow"
	case e.Code == syntax.ErrInvalidRepeatOp:
		return "it has a possessive or doubled repetition"
	case e.Code == syntax.ErrInvalidEscape:
		return "it uses the escape " + e.Expr + ", which not every engine reads alike"
	case e.Code == syntax.ErrLarge || e.Code == syntax.ErrInvalidRepeatSize || e.Code == syntax.ErrNestingDepth:
		return "it repeats or nests too much to decide"
	}
	return "it is no regular expression that can be decided: " + string(e.Code)
}

// foreign finds what Java and RE2 both accept and read differently: sets within
// sets and intersections inside brackets.
func foreign(s string) string {
	in := false
	for i := 0; i < len(s); i++ {
		switch c := s[i]; {
		case c == '\\':
			if strings.HasPrefix(s[i:], `\Q`) {
				end := strings.Index(s[i:], `\E`)
				if end < 0 {
					return ""
				}
				i += end
			}
			i++
		case !in && c == '[':
			in = true
			if strings.HasPrefix(s[i+1:], "^") {
				i++
			}
			if strings.HasPrefix(s[i+1:], "]") {
				return "its set begins with ], which Java and others read differently"
			}
		case in && c == '[':
			return "it has a set within a set, which Java and others read differently"
		case in && c == '&' && strings.HasPrefix(s[i:], "&&"):
			return "it intersects sets, which Java and others read differently"
		case in && c == ']':
			in = false
		}
	}
	return ""
}
