// Package ledger keeps account of what was made, changed, shared and removed:
// which call did it, what became of it later, and how to undo it. What a call
// does to which resource is data, in content/ledger; this package reads that
// data, reads one call by it (Table.Effects), and follows the things an
// intruder touched through everything that anybody did to them afterwards
// (Table.Build).
//
// Two ideas carry it. A thing has a key besides its id: the create that answers
// with an ARN, the change that names a name and the removal that names a bare
// id must meet, so they are compared by type, account, region and name. And a
// change is a thing too: a policy attached to a user, a bucket's policy, the
// stopped logging of a trail are opened by one call and ended by another, which
// is how "restored" and "removed" are told from "still there".
//
// The files follow a call on its way. table.go and thing.go read the content; value.go,
// condition.go, policy.go and grant.go read a record by it; effect.go makes of both what
// one call did, and verb.go does for calls that the table does not name. build.go gathers
// the calls of a case, deployed.go those that a set of stacks made in its place. life.go
// plays them in order of time, pending.go with the deletions that are yet to come, and
// row.go, fold.go and item.go write down what there is in the end. spend.go, dns.go and
// outsider.go answer single questions of other packages.
package ledger
