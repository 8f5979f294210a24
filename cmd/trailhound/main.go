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
	os.Exit(run(ctx, os.Args[1:], stdio()))
}
