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
//
// Under a story stand the calls it is told in: call.go and json.go write records,
// client.go and console.go are hands on a credential, iam.go, sts.go and data.go the
// calls with their answers, agent.go, network.go, principal.go and ids.go what they
// show. sim.go runs the hours, post.go makes files of them. truth.go keeps the truth,
// mutate.go bends a story or its evidence, and prune.go and finish.go make the truth fit
// what is left.
package simulator
