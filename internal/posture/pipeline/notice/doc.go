// Package notice tells people of pipelines that became weaker: what is told, to whom,
// and what was told before.
//
// A notice says which project changed how, by whom, and what it is worth; never what
// stands in it, so that no secret goes out. It goes by HTTPS POST to an address that
// the operator gave, signed as Standard Webhooks has it. Topics of SNS are not
// published to from here: docs/adr/0015-notices.md.
package notice
