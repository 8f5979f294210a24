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

	"github.com/trailhound/trailhound/internal/report/inert"
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
	now    func() time.Time
	host   func() string

	interactive bool // a person sits at stdin and stderr
	progress    bool // stderr is a terminal
	color       bool // stdout is a terminal and NO_COLOR is not set
	width       int
	quiet       bool // what is set aside goes unmentioned: eval reads many folders

	fetch fetchFlags // what is fetched from AWS, and how
	live  liveFlags  // whether a live account is evidence
}

// stdio looks at the real world once.
func stdio() *app {
	a := &app{stdin: os.Stdin, stdout: os.Stdout, stderr: os.Stderr, now: time.Now, width: 100}
	a.host = func() string { h, _ := os.Hostname(); return h }
	a.progress = term.IsTerminal(int(os.Stderr.Fd()))
	a.interactive = a.progress && term.IsTerminal(int(os.Stdin.Fd()))
	if term.IsTerminal(int(os.Stdout.Fd())) {
		a.color = os.Getenv("NO_COLOR") == "" && os.Getenv("TERM") != "dumb"
		if w, _, err := term.GetSize(int(os.Stdout.Fd())); err == nil && w > 0 {
			a.width = min(w, 140)
		}
	}
	return a
}

// usageError marks a mistake on the command line.
type usageError struct{ error }

func usage(format string, args ...any) error { return usageError{fmt.Errorf(format, args...)} }

// hinted is an error with advice for the person who reads it.
type hinted struct {
	error
	hint string
}

func (h hinted) Unwrap() error { return h.error }

func withHint(err error, hint string) error { return hinted{err, hint} }

// codeError ends the program with a code and nothing more to say.
type codeError int

func (c codeError) Error() string { return fmt.Sprintf("exit %d", int(c)) }

// run is the program: arguments in, exit code out.
func run(ctx context.Context, args []string, a *app) int {
	root := a.root()
	root.SetArgs(args)
	err := root.ExecuteContext(ctx)
	var code codeError
	var use usageError
	switch {
	case err == nil:
		return exitOK
	case ctx.Err() != nil:
		fmt.Fprintln(a.stderr, "trailhound: interrupted: nothing is half-written, and a store keeps what was imported: the same command goes on from there")
		return exitInterrupted
	case errors.As(err, &code):
		return int(code)
	case errors.Is(err, syscall.EPIPE): // whoever reads our output has seen enough
		return exitFailed
	}
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

// warn says what went wrong. Messages may quote evidence or file names, which
// others chose.
func (a *app) warn(err error) {
	fmt.Fprintln(a.stderr, "trailhound:", inert.Text(err.Error()))
	var h hinted
	if errors.As(err, &h) {
		fmt.Fprintln(a.stderr, "hint:", inert.Text(h.hint))
	}
}

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
	for _, c := range root.Commands() {
		wrapArgs(c)
	}
	return root
}

// some wants at least one argument, and says which one is missing.
func some(what string) cobra.PositionalArgs {
	return func(_ *cobra.Command, args []string) error {
		if len(args) == 0 {
			return fmt.Errorf("%s is missing", what)
		}
		return nil
	}
}

// one wants exactly one argument.
func one(what string) cobra.PositionalArgs {
	return func(c *cobra.Command, args []string) error {
		if len(args) > 1 {
			return fmt.Errorf("%s wants one argument and got %d", c.CommandPath(), len(args))
		}
		return some(what)(c, args)
	}
}

// wrapArgs turns complaints about arguments into usage errors.
func wrapArgs(c *cobra.Command) {
	if check := c.Args; check != nil {
		c.Args = func(c *cobra.Command, args []string) error {
			if err := check(c, args); err != nil {
				return withHint(usageError{err}, "see "+c.CommandPath()+" --help")
			}
			return nil
		}
	}
	for _, sub := range c.Commands() {
		wrapArgs(sub)
	}
}
