// Package lineage answers where a credential came from: which call issued it, with
// which parent, by which rule, and how sure that is.
package lineage
