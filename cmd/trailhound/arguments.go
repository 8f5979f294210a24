package main

import (
	"fmt"
	"slices"
	"strings"

	"github.com/spf13/cobra"
)

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

// texts puts an argument that is no flag but looks like one behind all flags: a mail that is
// pasted as the case may begin with dashes ("---------- Forwarded message"). The name of a
// flag has no blank in it; what follows a flag that takes a value is that value.
func texts(root *cobra.Command, args []string) []string {
	// Whoever wrote -- has said where the flags end; what cannot be found is told of by cobra.
	c, _, err := root.Find(args)
	if err != nil || slices.Contains(args, "--") {
		return args
	}
	// Behind "--" nothing is a flag; the order among those moved is kept.
	var flags, behind []string
	for i, arg := range args {
		name, _, _ := strings.Cut(arg, "=")
		if strings.HasPrefix(arg, "-") && strings.ContainsAny(name, " \t\r\n") && !(i > 0 && takesValue(c, args[i-1])) {
			behind = append(behind, arg)
			continue
		}
		flags = append(flags, arg)
	}
	if len(behind) == 0 {
		return args
	}
	return append(append(flags, "--"), behind...)
}

// takesValue says whether the argument behind this one is the value of its flag.
func takesValue(c *cobra.Command, arg string) bool {
	long, isLong := strings.CutPrefix(arg, "--")
	if isLong && !strings.Contains(long, "=") {
		// A flag with a value of its own where none is given (a switch) takes none from behind it.
		f := c.Flag(long)
		return f != nil && f.NoOptDefVal == ""
	}
	short, isShort := strings.CutPrefix(arg, "-")
	if !isShort || isLong || len(short) != 1 {
		return false
	}
	f := c.Flags().ShorthandLookup(short)
	return f != nil && f.NoOptDefVal == ""
}
