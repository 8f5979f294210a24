package main

import (
	"bytes"
	"context"
	"os"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/spf13/cobra"
)

// quietApp is the program with nobody watching.
func quietApp(stdout, stderr *bytes.Buffer) *app {
	return &app{stdin: strings.NewReader(""), stdout: stdout, stderr: stderr, now: func() time.Time { return time.Unix(0, 0) }, host: func() string { return "" }, width: 100}
}

// TestEveryVerbHasAnExample walks the commands themselves, so that a new one
// cannot be forgotten.
func TestEveryVerbHasAnExample(t *testing.T) {
	var walk func(c *cobra.Command)
	walk = func(c *cobra.Command) {
		for _, sub := range c.Commands() {
			if sub.Name() == "help" {
				continue
			}
			args := append(strings.Fields(sub.CommandPath())[1:], "--help")
			var out, errs bytes.Buffer
			if code := run(context.Background(), args, quietApp(&out, &errs)); code != exitOK {
				t.Errorf("%s: exit %d: %s", strings.Join(args, " "), code, &errs)
			}
			if !strings.Contains(out.String(), "Examples:\n  ") || !strings.Contains(out.String(), "  trailhound "+strings.TrimSuffix(strings.Join(args, " "), " --help")) && sub.Name() != "completion" {
				t.Errorf("%s --help shows no example of it:\n%s", sub.CommandPath(), &out)
			}
			walk(sub)
		}
	}
	walk(quietApp(&bytes.Buffer{}, &bytes.Buffer{}).root())
}

// TestEveryFlagIsExplained wants a sentence for every flag.
func TestEveryFlagIsExplained(t *testing.T) {
	var walk func(c *cobra.Command)
	walk = func(c *cobra.Command) {
		c.InitDefaultHelpFlag()
		for _, line := range strings.Split(c.LocalFlags().FlagUsages(), "\n") {
			if f := strings.Fields(line); len(f) > 0 && len(f) < 3 {
				t.Errorf("%s: %s is not explained", c.CommandPath(), line)
			}
		}
		for _, sub := range c.Commands() {
			walk(sub)
		}
	}
	walk(quietApp(&bytes.Buffer{}, &bytes.Buffer{}).root())
}

// TestCommandLineIsDocumented holds docs/cli.md against the program: a section
// for every verb, with every flag of it.
func TestCommandLineIsDocumented(t *testing.T) {
	data, err := os.ReadFile("../../docs/cli.md")
	if err != nil {
		t.Fatal(err)
	}
	sections := map[string]string{}
	for _, s := range strings.Split(string(data), "\n## ")[1:] {
		title, text, _ := strings.Cut(s, "\n")
		sections[title] = text
	}
	var walk func(c *cobra.Command)
	walk = func(c *cobra.Command) {
		for _, sub := range c.Commands() {
			walk(sub)
			if sub.HasSubCommands() || sub.Name() == "help" {
				continue
			}
			text, ok := sections[sub.CommandPath()]
			if !ok {
				t.Errorf("docs/cli.md has no section %q", sub.CommandPath())
			}
			for _, flag := range longFlag.FindAllString(sub.LocalFlags().FlagUsages(), -1) {
				if flag = flag[strings.Index(flag, "--"):]; flag != "--help" && !strings.Contains(text, flag) {
					t.Errorf("docs/cli.md does not tell of %s %s", sub.CommandPath(), flag)
				}
			}
		}
	}
	walk(quietApp(&bytes.Buffer{}, &bytes.Buffer{}).root())
}

var longFlag = regexp.MustCompile(`(?m)^ +(-\w, )?--[a-z-]+`)
