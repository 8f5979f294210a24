package generate

import (
	"context"
	"regexp"
	"strings"

	"github.com/trailhound/trailhound/internal/evidence"
)

// Trigger says what started a build, as far as anything tells.
type Trigger string

// The triggers. Only a pull request runs code of somebody who may be nobody.
const (
	PullRequest Trigger = "pull_request" // a webhook for a pull request: its author's code
	Push        Trigger = "push"         // a webhook for something that only writers do
	Pipeline    Trigger = "pipeline"     // CodePipeline
	Schedule    Trigger = "schedule"     // an EventBridge rule
	Principal   Trigger = "principal"    // somebody in the account called StartBuild
	NoTrigger   Trigger = "unknown"      // nothing says
)

// Build is one build as the generator needs it.
// The zero value is a build of which nothing is known: its Trigger "" counts as
// NoTrigger.
type Build struct {
	ID      string // the UUID: the role session is AWSCodeBuild-<uuid>
	Project string // "" if nothing says
	Trigger Trigger
	Version string // sourceVersion: pr/12, refs/heads/main, a commit
	From    string // what said so: an event id, or the file
}

// sessionPrefix begins the name of a role session that CodeBuild opened.
const sessionPrefix = "AWSCodeBuild-"

// buildOf is the UUID of the build whose session this is; "" for any other session.
func buildOf(id *evidence.Identity) string {
	uuid, ok := strings.CutPrefix(id.SessionName(), sessionPrefix)
	if !ok {
		return ""
	}
	return uuid
}

// pullVersion is how sourceVersion names a pull or merge request.
var pullVersion = regexp.MustCompile(`(?i)^(pr|mr)/|^refs/(pull|merge-requests|pull-requests)/`)

// TriggerOf reads what started a build from the two words that CodeBuild keeps
// of it, initiator and sourceVersion.
// The version is looked at first, since anybody with StartBuild can build a pull
// request by hand.
func TriggerOf(initiator, version string) Trigger {
	switch {
	case pullVersion.MatchString(version): // whoever started it, the code is the author's
		return PullRequest
	case initiator == "":
		return NoTrigger
	case strings.HasPrefix(initiator, "codepipeline/"):
		return Pipeline
	case strings.HasPrefix(initiator, "rule/"):
		return Schedule
	case strings.HasPrefix(initiator, "GitHub-Hookshot"), strings.HasPrefix(initiator, "Bitbucket"), strings.HasPrefix(initiator, "GitLab"):
		return Push
	}
	return Principal
}

// findBuilds adds to known what events tell of builds: StartBuild's answer, and
// the log stream that a build opens in its project's group. The second is made
// with the build's own credentials, so it says the project and nothing of trust.
// What is known already is kept, unless it says less: an answer of BatchGetBuilds was
// given by the user.
func findBuilds(ctx context.Context, q evidence.Querier, known map[string]Build) error {
	query := evidence.Query{Sources: []string{"codebuild.amazonaws.com", "logs.amazonaws.com"}, Names: []string{"StartBuild", "RetryBuild", "CreateLogStream"}, Body: true}
	for e, err := range q.Events(ctx, query) {
		if err != nil {
			return err
		}
		if e.Outcome() != evidence.Success {
			continue
		}
		rec, err := e.Parse()
		if err != nil {
			continue // the collector counts it if it is the principal's own
		}
		if e.Name == "CreateLogStream" {
			uuid := buildOf(&e.Identity)
			project, ok := strings.CutPrefix(rec.Str("requestParameters.logGroupName"), "/aws/codebuild/")
			if b := known[uuid]; ok && uuid != "" && b.Project == "" {
				known[uuid] = Build{uuid, project, NoTrigger, "", "event:" + e.ID}
			}
			continue
		}
		project, uuid, ok := strings.Cut(rec.Str("responseElements.build.id"), ":")
		if !ok || known[uuid].Trigger != "" && known[uuid].Trigger != NoTrigger {
			continue
		}
		version := rec.Str("responseElements.build.sourceVersion")
		initiator := rec.Str("responseElements.build.initiator")
		if initiator == "" {
			initiator = "principal" // the event itself is somebody's call
		}
		known[uuid] = Build{uuid, project, TriggerOf(initiator, version), version, "event:" + e.ID}
	}
	return nil
}
