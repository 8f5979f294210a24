package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"math/rand/v2"
	"os"
	"path/filepath"
	"strings"

	"github.com/spf13/cobra"

	"github.com/trailhound/trailhound/internal/evidence"
	"github.com/trailhound/trailhound/internal/report"
	"github.com/trailhound/trailhound/internal/report/format"
	reportjson "github.com/trailhound/trailhound/internal/report/json"
)

// outputFlags say in which format a report is wanted, and where.
type outputFlags struct {
	format string // one of format.Names
	output string // "" is standard output
}

// register declares them for verbs that write a report.
func (o *outputFlags) register(c *cobra.Command) {
	c.Flags().StringVar(&o.format, "format", "text", "report format: "+strings.Join(format.Names(), ", "))
	c.Flags().StringVarP(&o.output, "output", "o", "", "write the report to this file instead of standard output")
	_ = c.RegisterFlagCompletionFunc("format", cobra.FixedCompletions(format.Names(), cobra.ShellCompDirectiveNoFileComp))
}

// writeReport renders to the output, whole or not at all: a file appears only
// once everything has been written to it.
func (a *app) writeReport(ctx context.Context, q evidence.Querier, r *report.Report, o outputFlags) error {
	// Colours are for the terminal: a file stays plain.
	opts := format.Options{Width: a.width, Color: a.color && o.output == ""}
	// Only HTML shows the original records; the other formats name events by their id.
	if o.format == "html" {
		records, err := citedRecords(ctx, q, r)
		if err != nil {
			return err
		}
		opts.Records = records
	}
	if o.output == "" {
		return format.Write(a.stdout, o.format, r, opts)
	}
	if err := writeWhole(o.output, func(w io.Writer) error { return format.Write(w, o.format, r, opts) }); err != nil {
		return err
	}
	// The verdict in a line, for whoever sees the terminal and not the file.
	fmt.Fprintf(a.stderr, "wrote %s: %s, severity %s, confidence %s\n", safe(o.output), r.Verdict.Status, r.Verdict.Severity, r.Verdict.Confidence)
	return nil
}

// check finds out before the work, not after it, that the report would have
// nowhere to go.
func (o outputFlags) check() error {
	if o.output == "" {
		return nil
	}
	if info, err := os.Stat(o.output); err == nil && info.IsDir() {
		return withHint(fmt.Errorf("write %s: it is a folder", o.output), "name a file in it: --output "+filepath.Join(o.output, "report.json"))
	}
	dir := filepath.Dir(o.output)
	if info, err := os.Stat(dir); err != nil || !info.IsDir() {
		return withHint(fmt.Errorf("write %s: there is no folder %s", o.output, dir), "make it first: mkdir -p "+dir)
	}
	return nil
}

// writeWhole writes a file under a temporary name beside its own and renames it: beside, since a
// rename across file systems is a copy, which could end half-way. A link is followed, and its
// target written; what is no file (a pipe, /dev/null) is written into, since a rename would put
// a file in its place. The file is as readable as the user's umask has it.
func writeWhole(path string, write func(io.Writer) error) error {
	if info, err := os.Stat(path); err == nil && !info.Mode().IsRegular() {
		return writeInto(path, write)
	}
	if target, err := filepath.EvalSymlinks(path); err == nil {
		path = target
	}
	tmp, err := temporaryBeside(path)
	if err != nil {
		return withHint(fmt.Errorf("write %s: %w", path, err), "check that the folder exists and can be written to")
	}
	defer os.Remove(tmp.Name())
	if err := write(tmp); err != nil {
		tmp.Close()
		return hintFor(err)
	}
	if err := tmp.Close(); err != nil {
		return hintFor(fmt.Errorf("write %s: %w", path, err))
	}
	if err := os.Rename(tmp.Name(), path); err != nil {
		return fmt.Errorf("write %s: %w", path, err)
	}
	return nil
}

// writeInto writes to what is there already and is no file.
func writeInto(path string, write func(io.Writer) error) error {
	f, err := os.OpenFile(path, os.O_WRONLY, 0)
	if err != nil {
		return hintFor(fmt.Errorf("write %s: %w", path, err))
	}
	err = write(f)
	if err := errors.Join(err, f.Close()); err != nil {
		return hintFor(fmt.Errorf("write %s: %w", path, err))
	}
	return nil
}

// temporaryBeside makes a new file in the folder of path. os.CreateTemp would make one that only
// its owner reads, whatever the umask; what is asked for here is a file like any other of theirs.
func temporaryBeside(path string) (*os.File, error) {
	for try := 0; ; try++ {
		name := filepath.Join(filepath.Dir(path), fmt.Sprintf(".trailhound-%d-%d", os.Getpid(), rand.Uint64()))
		f, err := os.OpenFile(name, os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o666)
		if errors.Is(err, fs.ErrExist) && try < 100 {
			continue
		}
		return f, err
	}
}

// printJSON writes v, indented; strings of the evidence come out inert.
func (a *app) printJSON(v any) error {
	data, err := json.MarshalIndent(v, "", "  ")
	if err != nil {
		return err
	}
	_, err = fmt.Fprintf(a.stdout, "%s\n", reportjson.Inert(data))
	return err
}

// printf writes to standard output and makes every string among the arguments harmless. Words of
// our own types (an effect, a verdict) are not strings to it and pass as they are.
func (a *app) printf(format string, args ...any) {
	for i, v := range args {
		if s, ok := v.(string); ok {
			args[i] = safe(s)
		}
	}
	fmt.Fprintf(a.stdout, format, args...)
}

// notNil keeps null out of the JSON, in which a list is always a list.
func notNil(list []string) []string {
	if list == nil {
		return []string{}
	}
	return list
}
