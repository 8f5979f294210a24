package main

import (
	"fmt"
	"runtime"
	"runtime/debug"

	"github.com/spf13/cobra"
)

// version is set by the release build; a plain build says what commit it is of.
var version = ""

// engine names the program in reports. It must not vary with how or where the
// same version was built, since reports over the same evidence are compared.
func engine() string {
	if version != "" {
		return "trailhound " + version
	}
	return "trailhound dev"
}

// versionCmd tells what was built, commit and platform too, which reports must not hold.
func (a *app) versionCmd() *cobra.Command {
	return &cobra.Command{
		Use: "version", Short: "Print the version", Args: cobra.NoArgs, Example: "  trailhound version",
		RunE: func(*cobra.Command, []string) error {
			// A build from an archive has no commit.
			commit := "unknown"
			if info, ok := debug.ReadBuildInfo(); ok {
				for _, s := range info.Settings {
					if s.Key == "vcs.revision" {
						commit = s.Value
					}
				}
			}
			fmt.Fprintf(a.stdout, "%s, commit %s, %s %s/%s\n", engine(), commit, runtime.Version(), runtime.GOOS, runtime.GOARCH)
			return nil
		},
	}
}
