package model

import (
	"net/netip"
	"time"
)

// Credential is a source credential: the account's default for a provider and a
// region, as ListSourceCredentials or a template states it.
type Credential struct {
	Form     Form
	At       Location
	ARN      Value[string]
	Server   Value[string] // GITHUB, GITHUB_ENTERPRISE, BITBUCKET, GITLAB, GITLAB_SELF_MANAGED
	AuthType Value[string] // OAUTH, PERSONAL_ACCESS_TOKEN, BASIC_AUTH, CODECONNECTIONS, SECRETS_MANAGER
	Resource Value[string] // ARN of connection or secret
	Token    Value[Secret] // of a template
	Account  string
	Region   string
}

// Token is what evidence says about the reach of a token at the provider.
type Token struct {
	At          Location
	For         string // ARN or name of the credential or secret it belongs to, "" when it cannot be told
	Kind        Value[string]
	Scopes      Value[[]string]          // of classic tokens and OAuth, from response headers
	Permissions Value[map[string]string] // of fine-grained ones, as the organisation lists them
	Selection   Value[string]            // none, all, subset
	Expires     Value[time.Time]         // absent: never
	LastUsed    Value[time.Time]
	Evidence    string // prefix, headers, organization, probe
}

// Role is an IAM role with everything attached to it.
type Role struct {
	Form     Form
	At       Location
	Name     Value[string]
	ARN      Value[string]
	Trust    *Node        // AssumeRolePolicyDocument, decoded
	Policies Value[[]Doc] // attached and inline; unknown when some could not be read
	Boundary Value[string]
	LastUsed map[string]time.Time // service namespace to when, as far as access advice was given
	User     bool                 // an IAM user: it trusts nobody, and only what it may do is asked
}

// Doc is a policy document.
type Doc struct {
	Name string
	Body *Node
	At   Location
}

// Build is one build that ran.
type Build struct {
	At        Location
	ID        Value[string]
	Project   Value[string]
	Initiator Value[string]
	Source    Value[string] // sourceVersion: pr/12, refs/heads/main, a commit
	Location  Value[string] // repository it was taken from
	Debug     Value[bool]   // debugSession enabled
	Started   Value[time.Time]
	Overrides []string // members that differ from the project's: image, privileged, buildspec, role
	Env       Environment
	Buildspec Value[Secret]
	Role      Value[string]
}

// Pipeline is a CodePipeline pipeline.
type Pipeline struct {
	Form     Form
	At       Location
	Name     Value[string]
	Role     Value[string]
	Stages   Value[[]Stage]
	Triggers Value[[]Trigger]
	Key      Value[string] // artifact store's encryption key
	Account  string
	Region   string
}

// Stage is a stage of a pipeline.
type Stage struct {
	Name    Value[string]
	Actions Value[[]Action]
	Guarded bool // conditions stand before entry (beforeEntry)
}

// Action is an action of a stage. Actions of equal order run at once.
type Action struct {
	At       Location
	Name     Value[string]
	Category Value[string] // Source, Build, Deploy, Test, Invoke, Approval
	Provider Value[string]
	Order    Value[float64]
	Project  Value[string] // of CodeBuild actions
	Plain    []Variable    // variables it hands to the build
	Role     Value[string]
}

// Trigger is a Git trigger of a pipeline of type V2.
type Trigger struct {
	At           Location
	PullRequests Value[bool] // it starts on pull requests
}

// SecurityGroup is an EC2 security group's way out.
type SecurityGroup struct {
	At     Location
	ID     Value[string]
	Egress Value[[]Rule]
}

// Rule is one permission of a security group.
type Rule struct {
	Protocol Value[string]  // -1: all
	From, To Value[float64] // ports
	V4, V6   []string
	Prefixes []string
}

// Subnet is a subnet and whether a route leads from it straight to the internet.
type Subnet struct {
	At     Location
	ID     Value[string]
	VPC    Value[string]
	Public Value[bool]
}

// Endpoint is a way from a VPC to a service of AWS that does not leave it.
type Endpoint struct {
	At      Location
	VPC     Value[string]
	Service Value[string] // com.amazonaws.eu-west-1.s3
	State   Value[string] // available, pending, …
	Policy  *Node         // what may pass; nil where it has none
}

// StoredSecret is a Secrets Manager secret, without its text.
type StoredSecret struct {
	At       Location
	ARN      Value[string]
	Name     Value[string]
	Rotation Value[bool]
	Rotated  Value[time.Time]
	Changed  Value[time.Time]
	Key      Value[string]
	Keys     Value[[]string] // names of the members of its JSON, when an opted-in read gave them
	Policy   *Node           // resource policy
}

// StoredParameter is a parameter of Systems Manager, without its value.
type StoredParameter struct {
	At      Location
	ARN     Value[string]
	Name    Value[string]
	Type    Value[string] // String, StringList, SecureString
	Changed Value[time.Time]
	Key     Value[string] // of a SecureString; absent: AWS's own
}

// Bucket is what was read about an S3 bucket.
type Bucket struct {
	At        Location
	Name      Value[string]
	Versioned Value[bool]
	Public    Value[bool]
}

// LogGroup is a CloudWatch log group.
type LogGroup struct {
	At        Location
	Name      Value[string]
	Retention Value[float64] // days; absent: for ever
}

// ReportGroup is a CodeBuild report group's export.
type ReportGroup struct {
	At          Location
	Name        Value[string]
	Bucket      Value[string]
	Unencrypted Value[bool]
}

// Monitoring is what watches the account.
type Monitoring struct {
	At       Location
	Logging  Value[bool]     // a trail logs management write events
	Recorded Value[bool]     // Config records CodeBuild projects
	Rules    Value[[]string] // EventBridge patterns, as JSON
}

// Hook is the webhook as the provider has it.
type Hook struct {
	At       Location
	URL      Value[string]
	Active   Value[bool]
	Events   Value[[]string]
	Insecure Value[bool]
	Repo     string // owner/name when its address tells
}

// Contributor is what the provider says about an account id.
type Contributor struct {
	At     Location
	ID     Value[string]
	Login  Value[string]
	Type   Value[string] // User, Bot, Organization
	Gone   Value[bool]
	Writer Value[bool] // member with write access
}

// Workflow is a GitHub Actions workflow file.
type Workflow struct {
	At   Location
	Name string
	Body *Node
	Repo string
}

// BuildCall is an API call of a build's role, as far as the checks need it.
type BuildCall struct {
	At       Location
	Session  string // AWSCodeBuild-<uuid>, or whoever opened a shell
	Role     string // role ARN
	By       string // ARN of the caller
	Source   string // eventSource: s3.amazonaws.com
	Name     string // eventName
	Action   string // service:Call
	Region   string
	SourceIP string
	Project  string // of a call about a build
	Shell    bool   // it opened a session, a sandbox or a connection to one
	Failed   bool   // the service refused it or could not do it
}

// Used is what a role's builds did, as policy generate drew it.
type Used struct {
	At        Location
	Principal string   // ARN
	Project   string   // "" for everything the role did
	Actions   []string // IAM actions, lower case, sorted
	Regions   []string // of the resources it names, sorted
}

// Network is a published list of a provider's own addresses.
type Network struct {
	At       Location
	Prefixes []netip.Prefix
}
