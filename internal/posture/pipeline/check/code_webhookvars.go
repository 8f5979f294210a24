package check

import (
	"slices"

	"github.com/trailhound/trailhound/internal/posture/pipeline/buildspec"
)

// chosen are variables whose text the author of a pull request or push chooses.
// Source: CodeBuild User Guide, "Environment variables in build environments". Git
// allows ; | & $ and backquotes in names of branches.
var chosen = []string{"CODEBUILD_WEBHOOK_HEAD_REF", "CODEBUILD_WEBHOOK_BASE_REF", "CODEBUILD_WEBHOOK_TRIGGER", "CODEBUILD_WEBHOOK_MERGE_COMMIT", "CODEBUILD_SOURCE_VERSION"}

// unquotedWebhook finds such variables where a shell reads them again: outside
// quotes, or in text that is handed to another shell.
func unquotedWebhook(s *Subject) []Hit {
	return s.perStep(func(_ *buildspec.Spec, c buildspec.Command, i int, hit func(string)) {
		step := c.Steps[i]
		again := step.Name() == "eval" || slices.Contains(shells, step.Name()) && step.Flag('c')
		for i, w := range step.Words {
			for _, v := range w.Vars {
				if !slices.Contains(chosen, v.Name) {
					continue
				}
				switch {
				case again:
					hit(v.Name + " is run as code by " + step.Name())
				// Without quotes the shell splits the text and expands * in it,
				// which hands options of the author's choice to the command.
				case !v.Quoted && !step.Assigns(i): // an assignment's value is not split
					hit(v.Name + " stands outside quotes")
				}
			}
		}
	})
}
