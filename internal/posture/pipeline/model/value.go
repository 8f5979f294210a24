// Package model is what is known about build pipelines: projects, webhooks,
// credentials, roles and what surrounds them, whichever form they were read
// from. Names and words are those of the CodeBuild API.
//
// Every value is known, unknown or absent and says where it stands. Unknown is
// never read as safe: whoever asks a Value must say what unknown means to them.
package model

import "fmt"

// State says what is known of a value.
type State uint8

// The states of a value. The zero value is absent.
const (
	Absent  State = iota // the input says, by leaving it out, that it is not set
	Known                // the input states it
	Unknown              // it is set, or may be, and the input cannot tell to what
)

// String is the state's word.
func (s State) String() string {
	return [...]string{"absent", "known", "unknown"}[min(s, Unknown)]
}

// Location is where a value stands.
type Location struct {
	File string `json:"file,omitempty"` // as given to the program, inside archives with "!"
	Line int    `json:"line,omitempty"` // from 1; 0 when the reader has none
	Path string `json:"path,omitempty"` // within the file: projects[3].webhook, Resources.Build.Properties
}

// String is file:line path, as far as known.
func (l Location) String() string {
	s := l.File
	if l.Line > 0 {
		s = fmt.Sprintf("%s:%d", s, l.Line)
	}
	if l.Path != "" && s != "" {
		return s + " " + l.Path
	}
	return s + l.Path
}

// Value is one value with what is known of it.
type Value[T any] struct {
	State State
	V     T // only when known
	At    Location
	Why   string // why it is unknown, for people
}

// Of is a known value.
func Of[T any](v T) Value[T] { return Value[T]{State: Known, V: v} }

// Cannot is an unknown value with its reason.
func Cannot[T any](why string) Value[T] { return Value[T]{State: Unknown, Why: why} }

// Known says whether the value is stated.
func (v Value[T]) Known() bool { return v.State == Known }

// Unknown says whether the value may be set to something the input cannot tell.
func (v Value[T]) Unknown() bool { return v.State == Unknown }

// Absent says whether the input leaves the value out.
func (v Value[T]) Absent() bool { return v.State == Absent }

// Or is the value, or d when it is absent or unknown. Do not use it where
// unknown must not pass for safe.
func (v Value[T]) Or(d T) T {
	if v.State == Known {
		return v.V
	}
	return d
}

// Default is the value with an absent one replaced by what the service does
// when nothing is said. Unknown stays unknown.
func (v Value[T]) Default(d T) Value[T] {
	if v.State == Absent {
		v.State, v.V = Known, d
	}
	return v
}

// Secret holds text that must reach no output: variables, tokens, webhook
// secrets, inline buildspecs. However it is formatted or marshalled it gives
// only that there is something; Reveal is the one way to the text.
type Secret struct{ text string }

// Redacted is what stands in every output in place of a secret.
const Redacted = "[redacted]"

// Hide makes a secret of s.
func Hide(s string) Secret { return Secret{s} }

// Reveal is the text itself, for the checks that look into it.
func (s Secret) Reveal() string { return s.text }

// String redacts.
func (s Secret) String() string {
	if s.text == "" {
		return ""
	}
	return Redacted
}

// Format redacts under every verb, %#v and %x included.
func (s Secret) Format(f fmt.State, _ rune) { fmt.Fprint(f, s.String()) }

// MarshalText redacts in JSON, YAML and logs.
func (s Secret) MarshalText() ([]byte, error) { return []byte(s.String()), nil }
