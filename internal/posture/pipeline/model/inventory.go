package model

import (
	"maps"
	"path/filepath"
	"slices"
	"strings"
)

// Inventory is everything that one audit knows.
type Inventory struct {
	Projects     []*Project
	Credentials  []*Credential
	Tokens       []*Token
	Roles        []*Role
	Builds       []*Build
	Pipelines    []*Pipeline
	Groups       []*SecurityGroup
	Subnets      []*Subnet
	Endpoints    []*Endpoint
	Secrets      []*StoredSecret
	Parameters   []*StoredParameter
	Buckets      []*Bucket
	LogGroups    []*LogGroup
	ReportGroups []*ReportGroup
	Monitoring   []*Monitoring
	Hooks        []*Hook
	Contributors []*Contributor
	Workflows    []*Workflow
	Calls        []*BuildCall
	Used         []*Used
	Networks     []*Network        // AWS's own addresses
	Retrusted    map[string]bool   // names of roles that a call made CodeBuild trusted by
	Buildspecs   map[string]Secret // path as given to text, for projects whose buildspec is a file
	Forks        map[string]string // repository to its fork pull request approval policy
	Baseline     map[string]string // project to the verdict that an earlier audit gave it

	EndpointsGiven bool // what endpoints there are was told, if only that there is none

	Gaps []Gap // what could not be read: the audit is then incomplete
	Read []string
}

// Gap is a place the audit could not see. What stands there is UNKNOWN.
type Gap struct {
	Account string `json:"account,omitempty"`
	Region  string `json:"region,omitempty"`
	What    string `json:"what"`             // projects, source credentials, a file
	Why     string `json:"why"`              // access denied, not YAML, …
	At      string `json:"at,omitempty"`     // file, when it is one
	Denied  bool   `json:"denied,omitempty"` // the service refused, as opposed to a file that could not be read
}

// HidesProjects says whether projects may stand behind the gap, rather than something
// about projects that were read.
func (g *Gap) HidesProjects() bool {
	return g.What == "projects" || strings.Contains(g.What, " of the projects")
}

// Add joins what another reader found.
func (i *Inventory) Add(j *Inventory) {
	i.Projects = append(i.Projects, j.Projects...)
	i.Credentials = append(i.Credentials, j.Credentials...)
	i.Tokens = append(i.Tokens, j.Tokens...)
	i.Roles = append(i.Roles, j.Roles...)
	i.Builds = append(i.Builds, j.Builds...)
	i.Pipelines = append(i.Pipelines, j.Pipelines...)
	i.Groups = append(i.Groups, j.Groups...)
	i.Subnets = append(i.Subnets, j.Subnets...)
	i.Endpoints = append(i.Endpoints, j.Endpoints...)
	i.Secrets = append(i.Secrets, j.Secrets...)
	i.Parameters = append(i.Parameters, j.Parameters...)
	i.Buckets = append(i.Buckets, j.Buckets...)
	i.LogGroups = append(i.LogGroups, j.LogGroups...)
	i.ReportGroups = append(i.ReportGroups, j.ReportGroups...)
	i.Monitoring = append(i.Monitoring, j.Monitoring...)
	i.Hooks = append(i.Hooks, j.Hooks...)
	i.Contributors = append(i.Contributors, j.Contributors...)
	i.Workflows = append(i.Workflows, j.Workflows...)
	i.Calls = append(i.Calls, j.Calls...)
	i.Used = append(i.Used, j.Used...)
	i.Networks = append(i.Networks, j.Networks...)
	if i.Retrusted == nil {
		i.Retrusted = map[string]bool{}
	}
	maps.Copy(i.Retrusted, j.Retrusted)
	i.EndpointsGiven = i.EndpointsGiven || j.EndpointsGiven
	i.Gaps = append(i.Gaps, j.Gaps...)
	i.Read = append(i.Read, j.Read...)
	if i.Buildspecs == nil {
		i.Buildspecs = map[string]Secret{}
	}
	maps.Copy(i.Buildspecs, j.Buildspecs)
	if i.Forks == nil {
		i.Forks = map[string]string{}
	}
	maps.Copy(i.Forks, j.Forks)
	if i.Baseline == nil {
		i.Baseline = map[string]string{}
	}
	maps.Copy(i.Baseline, j.Baseline)
}

// LastPart is what follows the last slash or, without one, the last colon: the
// name of a role or project of which the input gives the ARN or the name.
func LastPart(arn string) string {
	if i := strings.LastIndexByte(arn, '/'); i >= 0 {
		return arn[i+1:]
	}
	return arn[strings.LastIndexByte(arn, ':')+1:]
}

// Scoped is a name as an index holds it. A symbol, ${Role.Arn}, means something only
// within its own template or module: two templates may both have a resource Role.
func Scoped(name string, at Location) string {
	if !strings.Contains(name, "${") {
		return name
	}
	scope := at.File
	if strings.HasSuffix(scope, ".tf") {
		scope = filepath.Dir(scope)
	}
	return scope + "\x00" + name
}

func sortedKeys[V any](m map[string]V) []string { return slices.Sorted(maps.Keys(m)) }

// isTerraformTag knows the conventions by which teams mark what Terraform made;
// Terraform itself sets no tag.
func isTerraformTag(key, value string) bool {
	key, value = strings.ToLower(key), strings.ToLower(value)
	switch {
	case strings.Contains(key, "terraform"):
		return value != "false"
	case key == "managedby", key == "managed-by", key == "managed_by", key == "iac", key == "provisioner":
		return strings.Contains(value, "terraform")
	}
	return false
}
