// Package intake turns what a person wrote, the case text and the answers to questions,
// into anchors, times, statements and a kind of case. No model takes part.
package intake
