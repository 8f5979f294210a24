package main

import (
	"fmt"

	"github.com/spf13/cobra"
)

// completionCmd replaces cobra's own for the sake of its help. The scripts complete flags and
// their values too, where a command registered them.
func (a *app) completionCmd() *cobra.Command {
	shells := []string{"bash", "zsh", "fish", "powershell"}
	return &cobra.Command{
		Use:   "completion SHELL",
		Short: "Print a script that completes commands in bash, zsh, fish or powershell",
		Example: `  source <(trailhound completion bash)
  trailhound completion zsh > "${fpath[1]}/_trailhound"
  trailhound completion fish > ~/.config/fish/completions/trailhound.fish`,
		Args:      one("the shell"),
		ValidArgs: shells,
		RunE: func(c *cobra.Command, args []string) error {
			root := c.Root()
			switch args[0] {
			case "bash":
				return root.GenBashCompletionV2(a.stdout, true)
			case "zsh":
				return root.GenZshCompletion(a.stdout)
			case "fish":
				return root.GenFishCompletion(a.stdout, true)
			case "powershell":
				return root.GenPowerShellCompletionWithDesc(a.stdout)
			}
			return withHint(usage("there is no completion for %q", args[0]), fmt.Sprintf("choose one of %v", shells))
		},
	}
}
