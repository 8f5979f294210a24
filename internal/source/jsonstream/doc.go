// Package jsonstream reads hostile JSON: a Splitter finds the records in a
// stream of any length with bounded memory, and a Doc is one record, checked
// and indexed in one pass without copying.
//
// It differs from encoding/json where evidence needs it to: numbers and key
// order stay as written, duplicate keys are kept, names are matched exactly,
// every size is bounded, and damage is a place to go on from instead of an end.
//
// split.go and recover.go find records and go on behind damage, over the window of
// window.go. A record is then read in one of two ways. strict.go is the fast one: it knows
// where the quotes are (index.go, quotes.go) and gives up at whatever is unusual, which
// says nothing against the text. parse.go, token.go and value.go have the last word, and
// canonical.go writes the one form in which equal records are equal bytes.
package jsonstream

// Bounds. AWS's own limit for an event is 256 kB (1 MB in CloudTrail Lake);
// exports that wrap events can be larger.
const (
	MaxRecord = 16 << 20 // bytes of one record
	MaxDepth  = 256      // nesting inside one record
	MaxNodes  = 2 << 20  // values inside one record: an index is 28 bytes a value
)
