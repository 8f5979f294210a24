// Package investigation runs the case: scope, closure over lineage, attribution,
// detection, and from them findings, persistence, impact, limits and claims.
//
// The order of a run is the argument of a report. survey reads every event once, in light columns
// (pass.go); scope reads the case and finds in the evidence what it names (scope.go, told.go, sweep.go,
// elsewhere.go); attribution judges whose each call was, and everything after only reads that
// judgement (judged.go); load fetches the whole records of what was judged (run.go); rules and ledger
// say what those calls were; and conclude writes the sections, each from the ones before it, and has
// every claim checked again against the evidence last (conclude.go, claims.go).
//
// Three things hold throughout. What a text or a detector says decides where to look, and never by
// itself whose an act was. What failed is an attempt and counts for no harm. And nothing is said not
// to have happened but where the coverage of the whole time proves that it would have been seen
// (absence.go, impact_excluded.go).
//
// Text from records is hostile: what goes into a sentence is quoted, bounded, or left out. Nothing
// depends on the order of a map or of the files.
package investigation
