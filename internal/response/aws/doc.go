// Package aws is the only part of the program that may change an account, and
// what it may do stands in one list: see operations.
//
// A change is one step of a plan of package ladder. It is journalled before and
// after each step (journal.go), made only if the webhook still is what the plan
// saw and somebody consented to this very plan (apply.go), read back, and taken
// back by itself if what is read is not what was asked for. Whatever ends the
// program on the way, the journal and the live state together tell what happened,
// and settling (settle.go) says it: there is no unknown state.
package aws
