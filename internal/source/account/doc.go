// Package account gathers what a live AWS account can tell into a folder, and
// reads such a folder as evidence.
//
// Gathering is a list of steps, each one call with all of its pages, in every
// region or once. An answer is kept as AWS gave it, or for the services of the
// SDK in the JSON that the AWS CLI prints, so that a live account and files that
// somebody hands over are the same evidence. What AWS refuses is written down
// and becomes an input that could not be read, never a crash.
//
// No step changes an account. The permissions that they need are listed by
// Actions, and the role templates in deploy/ are made from that list.
//
// step.go lists the steps; identities.go, organisation.go, compute.go, services.go and
// events.go are what they do. gather.go makes them and writes down how each went, by the
// index of index.go, from which an interrupted run goes on; keep.go writes answers down;
// member.go enters the accounts of an organisation; role.go renders the templates; and
// folder.go reads what all of this left, as evidence that somebody else may have touched.
package account
