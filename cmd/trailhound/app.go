package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"strings"
	"syscall"
	"time"

	"github.com/spf13/cobra"
	"golang.org/x/term"
)

// Exit codes, documented in docs/cli.md and in every command's help.
const (
	exitOK          = 0   // done; for investigate: the report was written, whatever the verdict
	exitFailed      = 1   // could not run; for verify: something does not hold
	exitUsage       = 2   // the command line is wrong
	exitSeverity    = 10  // --fail-on was given and the verdict reaches it
	exitInterrupted = 130 // Ctrl-C
)

// app is the outside world as the program sees it: nothing below reads the
// clock, the environment or the terminal by itself.
type app struct {
	stdin  io.Reader
	stdout io.Writer
	stderr io.Writer
	now    func() time.Time // tests stop it, so that what they compare is the same every day
	host   func() string    // name of the machine, for the run of a report

	interactive bool // a person sits at stdin and stderr
	progress    bool // stderr is a terminal
	// Colours are for a terminal whose user has not said otherwise: NO_COLOR (no-color.org)
	// and TERM=dumb are honoured.
	color bool
	width int  // of a line of the report, in columns; 100 where it goes to no terminal
	quiet bool // what is set aside goes unmentioned: eval reads many folders

	fetch fetchFlags // what is fetched from AWS, and how
	live  liveFlags  // whether a live account is evidence
}

// stdio looks at the real world once.
func stdio() *app {
	a := &app{stdin: os.Stdin, stdout: os.Stdout, stderr: os.Stderr, now: time.Now, width: 100}
	// A machine without a name leaves the member empty, which is no reason to fail.
	a.host = func() string { h, _ := os.Hostname(); return h }
	a.progress = term.IsTerminal(int(os.Stderr.Fd()))
	// Both must be a person's: a question that nobody sees, or nobody can answer,
	// would hang a script.
	a.interactive = a.progress && term.IsTerminal(int(os.Stdin.Fd()))
	if term.IsTerminal(int(os.Stdout.Fd())) {
		a.color = os.Getenv("NO_COLOR") == "" && os.Getenv("TERM") != "dumb"
		if w, _, err := term.GetSize(int(os.Stdout.Fd())); err == nil && w > 0 {
			// Longer lines are hard to follow by eye.
			a.width = min(w, 140)
		}
	}
	return a
}

// run is the program: arguments in, exit code out.
func run(ctx context.Context, args []string, a *app) int {
	root := a.root()
	root.SetArgs(texts(root, args))
	err := root.ExecuteContext(ctx)
	var code codeError
	var use usageError
	switch {
	case err == nil:
		return exitOK
	case ctx.Err() != nil: // before anything else: what an interrupted call returned is of no interest
		fmt.Fprintln(a.stderr, "trailhound: interrupted: nothing is half-written, and a store keeps what was imported: the same command goes on from there")
		return exitInterrupted
	// Whoever returns a codeError has said what there is to say.
	case errors.As(err, &code):
		return int(code)
	case errors.Is(err, syscall.EPIPE): // whoever reads our output has seen enough
		return exitFailed
	}
	// A word that is no command is as much a slip as a flag that is none: both are exit 2.
	// cobra has no type for it.
	unknown := strings.HasPrefix(err.Error(), "unknown command")
	if unknown {
		err = withHint(err, "trailhound --help lists the commands")
	}
	a.warn(err)
	if errors.As(err, &use) || unknown {
		return exitUsage
	}
	return exitFailed
}

// root assembles the commands. It is built anew for every run, so that tests share no flags.
func (a *app) root() *cobra.Command {
	root := &cobra.Command{
		Use:   "trailhound",
		Short: "Investigate incidents in AWS accounts from CloudTrail",
		Long: `Trailhound reads CloudTrail in any form and answers what an intruder did, with
which credentials and how each was obtained, what was left behind, and how to
contain it. Every factual sentence of a report was checked against the events it
names. It needs no network, no account and no language model.`,
		Example: `  trailhound demo
  trailhound investigate --evidence ./logs "IAM user deploy-bot's key AKIA... leaked on GitHub on 2 November"
  trailhound summary --evidence ./logs`,
		SilenceErrors: true, SilenceUsage: true,
		Args: cobra.NoArgs,
		RunE: func(c *cobra.Command, _ []string) error { return c.Help() },
	}
	root.SetIn(a.stdin)
	root.SetOut(a.stdout)
	root.SetErr(a.stderr)
	// Flags that cobra refuses are usage errors; it would return them like any other.
	root.SetFlagErrorFunc(func(c *cobra.Command, err error) error {
		return withHint(usageError{err}, "see "+c.CommandPath()+" --help")
	})
	root.AddCommand(a.investigateCmd(), a.demoCmd(), a.collectCmd(), a.importCmd(), a.eventsCmd(), a.lineageCmd(), a.summaryCmd(),
		a.verifyCmd(), a.diffCmd(), a.simulateCmd(), a.contentCmd(), a.evalCmd(), a.completionCmd(), a.versionCmd())
	root.AddCommand(a.alertsCmd())
	root.AddCommand(a.policyCmd())
	root.AddCommand(a.accessCmd())
	root.AddCommand(a.pipelineCmd())
	root.CompletionOptions.DisableDefaultCmd = true // ours has examples
	// Complaints about arguments are usage errors in every command, whichever checked them.
	for _, c := range root.Commands() {
		wrapArgs(c)
	}
	return root
}
