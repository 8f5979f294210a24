// Package intake turns what a person wrote, the case text and the answers to questions,
// into anchors, times, statements and a kind of case. No model takes part.
//
// Read goes over the text once per concern, always by byte offsets into the text as it
// was given: typed tokens (token.go, address.go), times (when.go, resolve.go), names that
// the evidence holds (name.go), clauses (clause.go), and at last the role that each clause
// gives to what it names (role.go): what the case suspects becomes a seed, what it
// vouches for becomes a statement. The cues are data, content/intake/*.yml.
//
// The text is English, or is said in English first, sentence by sentence, by a glossary of
// content/intake/lang (gloss.go); typed tokens are found in any language. Text is hostile: it is
// bounded, never panics the reader, and what cannot be understood is left out or noted.
package intake
