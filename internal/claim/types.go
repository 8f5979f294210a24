// Package claim holds factual sentences together with predicates that a
// program can check: no sentence of a report is believed because it reads well.
package claim

import "encoding/json"

// Claim is one factual sentence of a report.
type Claim struct {
	// ID is the report's own, "C4"; "" where a claim is only tried.
	ID        string    `json:"id"`
	Text      string    `json:"text"`
	Predicate Predicate `json:"predicate"`
	Evidence  []string  `json:"evidence"` // typed references, "event:<id>"
	Grade     string    `json:"grade"`    // A–E, see docs/formats/report.md
	// Verified is what whoever wrote the report found. A check never reads it: a
	// report could say it of anything.
	Verified bool `json:"verified"`
}

// Struck is a sentence that did not survive its check.
type Struck struct {
	Text string `json:"text"`
	// Reason is the sentence of the failed check, written by this package.
	Reason string `json:"reason"`
	By     string `json:"by"` // model | template
}

// Predicate says what must hold for a claim. Op decides which fields count:
//
//	event    Event, Equals
//	count    Filter, Value (number of events)
//	sum      Filter, Field, Value
//	first    Filter, Time   last  Filter, Time
//	         (these four take a Window too, which is optional)
//	order    Before, After (event ids; Before is earlier, or in the same second and a causal edge joins them)
//	lineage  Child, Parent, Rule
//	absence  Filter, Window, Coverage
//	state    Snapshot, Path, Value
//	statement Answer
type Predicate struct {
	// A member that its op does not take fails the claim, see takes.
	Op     string         `json:"op"`
	Event  string         `json:"event,omitempty"`
	Equals map[string]any `json:"equals,omitempty"` // field name to value, see Fields
	Filter Filter         `json:"filter,omitempty"`
	Field  string         `json:"field,omitempty"`
	// Value is what a count or a sum must be, or what a state must say. JSON numbers
	// arrive as json.Number, so that an amount is compared digit by digit.
	Value  any    `json:"value,omitempty"`
	Time   string `json:"time,omitempty"`
	Before string `json:"before,omitempty"`
	After  string `json:"after,omitempty"`
	Child  string `json:"child,omitempty"`
	Parent string `json:"parent,omitempty"`
	// Parent "" is an AWS service and Rule "" any rule: see Links.
	Rule     string    `json:"rule,omitempty"`
	Window   *Interval `json:"window,omitempty"`
	Coverage []string  `json:"coverage,omitempty"` // ids or "account/region/day" of the report's coverage
	Snapshot string    `json:"snapshot,omitempty"`
	Path     string    `json:"path,omitempty"`
	Answer   string    `json:"answer,omitempty"`

	// Extra keeps members this version does not know; a predicate that has any
	// is never verified.
	Extra map[string]json.RawMessage `json:"-"`
}

// Filter selects events: field name to one value or a list of values, every
// field must agree. Field names are those of Fields.
type Filter map[string]any

// Interval is half-open, RFC 3339 UTC.
type Interval struct {
	From string `json:"from"`
	To   string `json:"to"`
}
