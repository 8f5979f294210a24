package fake

import (
	"fmt"
	"math"
	"slices"
	"sort"
)

// shape checks a value against the API reference. Source: AWS CodeBuild API
// Reference 2016-10-06, by hand.
// at is the path of the value, for the message.
type shape func(at string, v any) error

func text(at string, v any) error {
	if _, ok := v.(string); !ok {
		return fmt.Errorf("%s is no string", at)
	}
	return nil
}

func flag(at string, v any) error {
	if _, ok := v.(bool); !ok {
		return fmt.Errorf("%s is no boolean", at)
	}
	return nil
}

func number(at string, v any) error {
	if f, ok := v.(float64); !ok || f != math.Trunc(f) {
		return fmt.Errorf("%s is no integer", at)
	}
	return nil
}

// anything is a structure whose members are of no matter here.
func anything(string, any) error { return nil }

func oneOf(values ...string) shape {
	return func(at string, v any) error {
		if s, ok := v.(string); !ok || !slices.Contains(values, s) {
			return fmt.Errorf("%s: %v is none of %v", at, v, values)
		}
		return nil
	}
}

func list(of shape, least, most int) shape {
	return func(at string, v any) error {
		l, ok := v.([]any)
		if !ok {
			return fmt.Errorf("%s is no list", at)
		}
		if len(l) < least || len(l) > most {
			return fmt.Errorf("%s has %d members, the API takes %d to %d", at, len(l), least, most)
		}
		for i, x := range l {
			if err := of(fmt.Sprintf("%s[%d]", at, i), x); err != nil {
				return err
			}
		}
		return nil
	}
}

// members is a structure. A name that ends in ! is required.
type members map[string]shape

func (m members) check(at string, v any) error {
	o, ok := v.(map[string]any)
	if !ok {
		return fmt.Errorf("%s is no structure", at)
	}
	names := make([]string, 0, len(o))
	for name := range o {
		names = append(names, name)
	}
	// Sorted, so that of two faults always the same one is told.
	sort.Strings(names)
	for _, name := range names {
		s := m[name]
		if s == nil {
			s = m[name+"!"]
		}
		if s == nil {
			return fmt.Errorf("%s has no member %s", at, name)
		}
		if err := s(at+"."+name, o[name]); err != nil {
			return err
		}
	}
	for name := range m {
		// A null counts as left out, as the service takes it.
		if n := len(name) - 1; name[n] == '!' && o[name[:n]] == nil {
			return fmt.Errorf("%s.%s is required", at, name[:n])
		}
	}
	return nil
}

// It stands where the API reference gives no bound.
const many = 10_000

var (
	filterShape = members{"type!": oneOf("EVENT", "BASE_REF", "HEAD_REF", "ACTOR_ACCOUNT_ID", "FILE_PATH", "COMMIT_MESSAGE", "WORKFLOW_NAME", "TAG_NAME", "RELEASE_NAME", "REPOSITORY_NAME", "ORGANIZATION_NAME"),
		"pattern!": text, "excludeMatchedPattern": flag}.check
	groupsShape = list(list(filterShape, 0, many), 0, many)
	policyShape = members{"requiresCommentApproval!": oneOf("DISABLED", "ALL_PULL_REQUESTS", "FORK_PULL_REQUESTS"),
		"approverRoles": list(oneOf("GITHUB_READ", "GITHUB_TRIAGE", "GITHUB_WRITE", "GITHUB_MAINTAIN", "GITHUB_ADMIN", "GITLAB_GUEST", "GITLAB_PLANNER", "GITLAB_REPORTER",
			"GITLAB_DEVELOPER", "GITLAB_MAINTAINER", "GITLAB_OWNER", "BITBUCKET_READ", "BITBUCKET_WRITE", "BITBUCKET_ADMIN"), 0, many)}.check
	scopeShape = members{"name!": text, "domain": text, "scope!": oneOf("GITHUB_ORGANIZATION", "GITHUB_GLOBAL", "GITLAB_GROUP")}.check
	buildType  = oneOf("BUILD", "BUILD_BATCH", "RUNNER_BUILDKITE_BUILD")
	sourceType = oneOf("CODECOMMIT", "CODEPIPELINE", "GITHUB", "GITLAB", "GITLAB_SELF_MANAGED", "S3", "BITBUCKET", "GITHUB_ENTERPRISE", "NO_SOURCE")
	sortOrder  = oneOf("ASCENDING", "DESCENDING")
	variable   = members{"name!": text, "value!": text, "type": oneOf("PLAINTEXT", "PARAMETER_STORE", "SECRETS_MANAGER")}.check
	source     = members{"type!": sourceType, "location": text, "gitCloneDepth": number, "gitSubmodulesConfig": anything, "buildspec": text,
		"auth": members{"type!": oneOf("OAUTH", "CODECONNECTIONS", "SECRETS_MANAGER"), "resource": text}.check, "reportBuildStatus": flag,
		"buildStatusConfig": anything, "insecureSsl": flag, "sourceIdentifier": text}.check
	environment = members{"type!": text, "image!": text, "computeType!": text, "computeConfiguration": anything, "fleet": anything, "environmentVariables": list(variable, 0, many),
		"privilegedMode": flag, "certificate": text, "registryCredential": anything, "imagePullCredentialsType": text, "dockerServer": anything}.check
	tags = list(members{"key": text, "value": text}.check, 0, 50)
)

// CreateProject and UpdateProject take the same members; required is "!" where a new
// project must have them.
func project(required string) members {
	return members{"name!": text, "description": text, "source" + required: source, "secondarySources": list(source, 0, 12), "sourceVersion": text, "secondarySourceVersions": anything,
		"artifacts" + required: anything, "secondaryArtifacts": anything, "cache": anything, "environment" + required: environment, "serviceRole" + required: text, "timeoutInMinutes": number,
		"queuedTimeoutInMinutes": number, "encryptionKey": text, "tags": tags, "vpcConfig": anything, "badgeEnabled": flag, "logsConfig": anything, "fileSystemLocations": anything,
		"buildBatchConfig": anything, "concurrentBuildLimit": number, "autoRetryLimit": number, "cacheNamespace": text}
}

// requests are the operations and what they take.
var requests = map[string]members{
	"ListProjects":          {"sortBy": oneOf("NAME", "CREATED_TIME", "LAST_MODIFIED_TIME"), "sortOrder": sortOrder, "nextToken": text},
	"BatchGetProjects":      {"names!": list(text, 1, 100)},
	"ListSourceCredentials": {},
	"ListBuildsForProject":  {"projectName!": text, "sortOrder": sortOrder, "nextToken": text},
	"BatchGetBuilds":        {"ids!": list(text, 1, 100)},
	"CreateProject":         project("!"),
	"UpdateProject":         project(""),
	"CreateWebhook": {"projectName!": text, "branchFilter": text, "filterGroups": groupsShape, "buildType": buildType, "manualCreation": flag,
		"scopeConfiguration": scopeShape, "pullRequestBuildPolicy": policyShape},
	"UpdateWebhook": {"projectName!": text, "branchFilter": text, "rotateSecret": flag, "filterGroups": groupsShape, "buildType": buildType, "pullRequestBuildPolicy": policyShape},
	"DeleteWebhook": {"projectName!": text},
}
