// Command trailhound investigates incidents in AWS accounts from the evidence
// at hand: one sentence and a folder of CloudTrail in, a report out in which
// every factual sentence has been checked against the events it names.
//
// app.go is the program: what it sees of the outside world, exit codes, the list of
// commands. One file, or a few with one prefix, is a command; evidence.go opens what
// --evidence names, fetch.go and awsflags.go reach AWS, content_pack.go and overlay.go
// load content, assemble.go and output.go make the report a document. Nothing else in
// the repository wires stages to stores, models or accounts.
package main

import (
	"context"
	"os"
	"os/signal"
	"syscall"
)

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	// The first Ctrl-C asks the program to end in order; a second one ends it.
	context.AfterFunc(ctx, stop)
	// A reader that has seen enough (trailhound events ... | head) shows as an
	// error of the write, so that temporary files are still removed.
	signal.Ignore(syscall.SIGPIPE)
	os.Exit(run(ctx, os.Args[1:], stdio()))
}
