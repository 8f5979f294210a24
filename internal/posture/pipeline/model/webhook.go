package model

import (
	"strings"
	"time"
)

// Webhook is what a repository's events start.
type Webhook struct {
	At             Location
	Groups         Value[[]Group] // one of them must hold; none: every event
	BranchFilter   Value[string]  // the old single pattern, in force when there are no groups
	BuildType      Value[string]  // BUILD, BUILD_BATCH, RUNNER_BUILDKITE_BUILD
	Manual         Value[bool]    // manualCreation: the hook at the provider was made by hand
	Scope          Value[Scope]
	Policy         Value[Policy] // pullRequestBuildPolicy
	SecretChanged  Value[time.Time]
	PayloadURL     Value[string]
	URL            Value[string]
	Status         Value[string]
	ManualInsecure Value[bool] // of a hand-made hook: it skips TLS checks or has no secret
}

// Group is a filter group: all its filters must hold.
type Group struct {
	At      Location
	Filters Value[[]Filter]
}

// Filter is one condition on an event.
type Filter struct {
	At      Location
	Type    Value[string]
	Pattern Value[string]
	Exclude Value[bool] // excludeMatchedPattern, default false
}

// Kind is the filter's type as the API spells it. The hardening guide prints a
// GITHUB_ prefix that the API refuses; it is read as what was meant and
// reported by its own check.
func (f Filter) Kind() Value[string] {
	v := f.Type
	if v.V == "GITHUB_ACTOR_ACCOUNT_ID" {
		v.V = Actor
	}
	return v
}

// The types of filter.
const (
	Event         = "EVENT"
	BaseRef       = "BASE_REF"
	HeadRef       = "HEAD_REF"
	Actor         = "ACTOR_ACCOUNT_ID"
	FilePath      = "FILE_PATH"
	CommitMessage = "COMMIT_MESSAGE"
	WorkflowName  = "WORKFLOW_NAME"
	TagName       = "TAG_NAME"
	ReleaseName   = "RELEASE_NAME"
	Repository    = "REPOSITORY_NAME"
	Organization  = "ORGANIZATION_NAME"
)

// FilterTypes are all types that the API has.
var FilterTypes = []string{Event, BaseRef, HeadRef, Actor, FilePath, CommitMessage, WorkflowName, TagName, ReleaseName, Repository, Organization}

// The events that an EVENT filter names.
const (
	Push          = "PUSH"
	PRCreated     = "PULL_REQUEST_CREATED"
	PRUpdated     = "PULL_REQUEST_UPDATED"
	PRReopened    = "PULL_REQUEST_REOPENED"
	PRMerged      = "PULL_REQUEST_MERGED"
	PRClosed      = "PULL_REQUEST_CLOSED"
	Released      = "RELEASED"
	Prereleased   = "PRERELEASED"
	WorkflowQueue = "WORKFLOW_JOB_QUEUED"
)

// Events are all events that the API has.
var Events = []string{Push, PRCreated, PRUpdated, PRReopened, PRMerged, PRClosed, Released, Prereleased, WorkflowQueue}

// Policy is the webhook's demand for a comment before a pull request is built.
type Policy struct {
	At       Location
	Requires Value[string]   // DISABLED, ALL_PULL_REQUESTS, FORK_PULL_REQUESTS
	Roles    Value[[]string] // whose comment counts
}

// Scope is the reach of a webhook that stands above one repository.
type Scope struct {
	At     Location
	Name   Value[string]
	Domain Value[string]
	Scope  Value[string] // GITHUB_ORGANIZATION, GITHUB_GLOBAL, GITLAB_GROUP
}

// Provider is the host of the source: GITHUB, GITLAB, BITBUCKET, … with the
// self-managed ones under their own name.
func (s Source) Provider() string { return strings.ToUpper(s.Type.V) }
