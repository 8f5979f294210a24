package main

import "github.com/spf13/cobra"

// pipelineSteps are the verbs that plan, make, watch and prepare changes of
// pipelines, beside the audit.
func (a *app) pipelineSteps() []*cobra.Command {
	return []*cobra.Command{a.pipelinePlanCmd(), a.pipelineApplyCmd(), a.pipelineRollbackCmd(), a.pipelineDriftCmd(), a.pipelineRoleCmd()}
}
