// Command trailhound investigates incidents in AWS accounts from the evidence
// at hand: one sentence and a folder of CloudTrail in, a report out in which
// every factual sentence has been checked against the events it names.
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
