// Package simulator makes incidents: weeks of realistic CloudTrail with one
// story played inside (or none), and a truth file that says what happened.
//
// It feeds the README's sample, the tests, tabletop exercises and benchmarks.
// Everything an engine could learn by heart (names, accounts, keys, addresses,
// dates) changes with the seed; equal name, seed and size give byte-identical
// files. Nothing here reads a clock, the environment or a global random source.
//
// A run is a world (world.go) of actors that live through it hour by hour
// (background_*.go), and a story told before the first hour (incident_*.go).
// To add an incident, write one such file and one line in incidents.
package simulator
