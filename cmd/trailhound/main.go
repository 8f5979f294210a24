// Command trailhound investigates incidents in AWS accounts from the evidence
// at hand: one sentence and a folder of CloudTrail in, a report out in which
// every factual sentence has been checked against the events it names.
//
// app.go is the program: what it sees of the outside world, exit codes, the list of
// commands. One file, or a few with one prefix, is a command; evidence.go opens what
// --evidence names, fetch.go and awsflags.go reach AWS, content_pack.go and overlay.go
// load content, assemble.go and output.go make the report a document. Nothing else in
// the repository wires stages to stores, models or accounts.
//
// # How a command is made
//
// xCmd declares: its flags, its help with the exit codes, and what arguments it takes. It
// does nothing but hand over to a method of app that does the work, with a context and the
// flags as a value, so that the work can be tested without a command line.
//
// The work goes from cheap to dear. Flags are looked at first, then small files, then the
// network, then the evidence, which may take minutes: nobody waits to be told of a slip.
//
// # Adding a command
//
// A file named like the verb, with xCmd and the method that it hands over to; xCmd in root
// (app.go); a script of testdata/script that types it, with its mistakes; and its place in
// docs/cli.md, which a test holds against the help. A flag that several verbs have is declared
// in one place for all of them (listing, outputFlags, caseFlags, fetchFlags, liveFlags), so
// that it means the same everywhere.
//
// # What holds in every command
//
// What a person asked for goes to standard output and nothing else does, so that it can be
// piped; what happened beside it, hints and questions go to standard error.
//
// Words of the evidence, names of files and answers of AWS are written by others: they go
// through safe, printf or printJSON on their way to a terminal.
//
// A file appears whole or not at all (writeWhole). An error is one sentence, and where the
// reader can do something about it a hint says what (withHint). No command changes an
// account but pipeline apply and pipeline rollback, and those only with --apply.
package main

import (
	"context"
	"os"
	"os/signal"
	"syscall"
)

// main is all that tests do not run: signals, the real arguments, the exit.
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
