// Package access says what a principal could do: policies rebuilt from
// snapshots and from IAM write events, evaluated in AWS's order, and the ways
// on from one principal to another.
//
// Every answer is one of three: allow, deny, and cannot tell with the reason.
// What a principal could do is never taken for what it did.
package access
