// Package access says what a principal could do: policies rebuilt from
// snapshots and from IAM write events, evaluated in AWS's order, and the ways
// on from one principal to another.
//
// Every answer is one of three: allow, deny, and cannot tell with the reason.
// What a principal could do is never taken for what it did.
//
// In the order in which evidence passes: history.go collects observations and write
// events; snapshot.go, write.go, changes.go, organisation.go and resource.go turn
// each into facts in registers (register.go), and session.go reads the calls that
// made sessions. world.go and moment.go put the registers together for one moment:
// a World of principals with their policies, which within.go narrows to one
// session. evaluate.go and grant.go decide one request from the policies that
// stand over it (policies.go, decision.go); folder policy holds the language of
// documents, matching and conditions. On single decisions stand the questions that
// people ask: anywhere.go, whatcan.go, whocan.go, and graph.go, target.go and path.go
// for the ways on, which content describes (primitive.go, classes.go). exposure.go
// says all of it of one principal in hostile hands, for a report. scene.go, line.go
// and contenttest.go are the language of samples.
//
// Nothing here reads events of other calls: whether something was used is for whoever
// asks to say.
package access
