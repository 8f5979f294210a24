package check

import (
	"maps"
	"slices"
	"strings"

	"github.com/trailhound/trailhound/internal/posture/pipeline/model"
)

// workflowOverrides finds jobs on CodeBuild runners that choose image or buildspec
// by label, in workflows that pull requests start.
func workflowOverrides(s *Subject) []Hit {
	w, _ := s.data.(*model.Workflow)
	if w == nil || !pulls(w.Body.Get("on")) {
		return nil
	}
	var hits []Hit
	jobs := w.Body.Get("jobs").Fields
	for _, name := range slices.Sorted(maps.Keys(jobs)) {
		job := jobs[name]
		// runs-on is one text or a list; CodeBuild reads several labels out of one text too.
		labels := job.Get("runs-on").Strings().V
		if t := job.Get("runs-on").Text(); t.Known() {
			labels = []string{t.V}
		}
		runner, override := false, ""
		for _, l := range labels {
			for part := range strings.FieldsSeq(l) {
				runner = runner || strings.HasPrefix(part, "codebuild-")
				// Source: CodeBuild User Guide, "Label overrides supported with the
				// CodeBuild-hosted GitHub Actions runner". A pull request of a fork
				// brings its own workflow, hence its own labels.
				if part == "buildspec-override:true" || strings.HasPrefix(part, "image:") || strings.HasPrefix(part, "fleet:") {
					override, _, _ = strings.Cut(part, ":")
				}
			}
		}
		if runner && override != "" {
			hits = append(hits, Hit{At: job.At, Words: map[string]string{"override": override}})
		}
	}
	return hits
}

// pulls says whether a workflow starts on pull requests, in any of YAML's ways of
// writing that.
func pulls(on *model.Node) bool {
	if on.Is() && on.Fields != nil {
		return on.Get("pull_request") != nil || on.Get("pull_request_target") != nil || has(on, "pull_request") || has(on, "pull_request_target")
	}
	if t := on.Text(); t.Known() {
		return strings.HasPrefix(t.V, "pull_request")
	}
	for _, e := range on.Strings().V {
		if strings.HasPrefix(e, "pull_request") {
			return true
		}
	}
	return false
}

func has(n *model.Node, key string) bool {
	_, ok := n.Fields[key] // "pull_request:" with nothing after it is null, and present
	return ok
}
