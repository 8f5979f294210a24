package main

import (
	"fmt"

	"github.com/spf13/cobra"

	"github.com/trailhound/trailhound/internal/posture/pipeline/read"
	"github.com/trailhound/trailhound/internal/posture/pipeline/runner"
)

// pipelineRunnerCmd writes text alone to standard output, so that it can go into a file as it
// is; what a person must decide goes beside it.
func (a *app) pipelineRunnerCmd() *cobra.Command {
	var project, as string
	c := &cobra.Command{
		Use:   "runner PATH... --project NAME",
		Short: "Draw the runner alternative of a project: GitHub Actions jobs on its machines",
		Long: `Draw what could replace a project that builds pull requests: a project that only
hands machines to GitHub Actions jobs, and the workflow that uses it. GitHub then
decides whose workflows run. Nothing secret of the old project is carried over,
and nothing is changed: the text goes to standard output, what a person must
decide to standard error.`,
		Example: `  trailhound pipeline runner projects.json --project app > .github/workflows/ci.yml
  trailhound pipeline runner projects.json --project app --form cloudformation > runner.yml`,
		Args: some("a file or folder"),
		RunE: func(c *cobra.Command, paths []string) error {
			if project == "" {
				return withHint(usage("no project was named"), "add --project NAME")
			}
			in, err := read.Files(c.Context(), paths)
			if err != nil {
				return withHint(err, "check the path")
			}
			// The first of that name: of several, the paths that are given choose.
			for _, p := range in.Inventory.Projects {
				if p.Name.V != project {
					continue
				}
				plan, err := runner.For(p)
				if err != nil {
					return err
				}
				// All three are drawn at once, since they must agree on the names.
				text, ok := map[string]string{"workflow": plan.Workflow, "cloudformation": plan.CloudFormation, "terraform": plan.Terraform}[as]
				if !ok {
					return withHint(usage("there is no form %q", as), "choose workflow, cloudformation or terraform")
				}
				for _, n := range plan.Notes {
					fmt.Fprintln(a.stderr, "note:", safe(n))
				}
				_, err = fmt.Fprint(a.stdout, text)
				return err
			}
			return withHint(fmt.Errorf("there is no project %s among them", project), "trailhound pipeline audit PATH lists the projects")
		},
	}
	f := c.Flags()
	f.StringVar(&project, "project", "", "name of the project to replace")
	f.StringVar(&as, "form", "workflow", "what to write: workflow, cloudformation or terraform")
	return c
}
