// Package drift tells what became of pipelines since somebody approved them: each
// change, whether it weakens or strengthens, who made it, from where, by hand or
// by infrastructure-as-code.
//
// Two sources are held together. Calls in the evidence say who and when, and are
// replayed over the approved baseline. A snapshot says what is: what it shows and
// no call explains is a change too, of which nobody knows who made it. AWS Config
// is no source: it does not record webhook filters.
package drift
