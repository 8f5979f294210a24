// Package store keeps evidence on disk as a folder of Parquet files that any
// engine can read and that answers the questions of an investigation without
// reading what it does not need. docs/formats/evidence.md specifies the folder.
//
// Three rules hold at every moment, also after kill -9:
//
//   - A reader sees an artifact with all its events or not at all. What is live
//     is what manifest.json names, and that file is replaced in one rename.
//   - No reader sees an event twice. Every read merges its files in the order
//     of evidence.Compare and drops repetitions on the way, by the rules of
//     evidence.Dedupe; settling a store does the same once and for all.
//   - Memory is bounded by the size of a batch, not of the evidence.
//
// An import appends sorted runs, one a batch, and at its end settles them into
// one sorted set of files a day. A run is live at once, so an import that is
// killed keeps what it acknowledged and the next one goes on from there.
package store
