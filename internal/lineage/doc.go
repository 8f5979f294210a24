// Package lineage answers where a credential came from: which call issued it, with
// which parent, by which rule, and how sure that is.
//
// Three things are read, each in its own files. What only the whole evidence can tell,
// whose each key is and who shares one, is the Outline (outline.go; digest.go keeps it).
// What became of each key in use is collect.go's. What the issuing calls say stands in
// their records: issue.go reads who was given what, grant.go and trust.go what decides
// over credentials without giving one, state.go what ends or switches them.
//
// link.go makes edges of the three by equal identifiers, sessions and seconds, and
// indirect.go by what lies near in time or leads through a host. graph.go is asked about
// the result, and byneed.go says the same while it reads no more than it must. rules.go
// names every rule and what it can prove at most; lasting.go and workload.go tell what
// outlives a session and which session is a machine's; presigned.go is for calls whose
// maker had a URL and no key.
package lineage
