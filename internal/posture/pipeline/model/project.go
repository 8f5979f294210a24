package model

import "time"

// Form is what a project was read from.
type Form string

// The forms.
const (
	API            Form = "api"            // the service's own answer, live or as a file
	CloudFormation Form = "cloudformation" // a template, CDK's included
	Terraform      Form = "terraform"      // HCL
	Plan           Form = "terraform-plan" // terraform show -json
)

// Template says whether the form states an intention rather than what is.
func (f Form) Template() bool { return f != API }

// Project is one CodeBuild project.
type Project struct {
	Form      Form
	At        Location
	Name      Value[string]
	ARN       Value[string]
	Account   string // "" when it cannot be told
	Region    string // "" when it cannot be told
	Address   string // in a template: the resource's own name there
	Construct string // path of the CDK construct that synthesised it, "" for others

	Webhook   Value[Webhook] // absent: no webhook starts it
	Source    Source
	Secondary Value[[]Source]
	Env       Environment
	Role      Value[string] // ARN or name of the service role
	BatchRole Value[string]
	Batch     Value[Batch]
	LogRole   Value[string] // resourceAccessRole: reads logs and artifacts for the public

	VPC        Value[VPC]
	Cache      Cache
	Artifacts  Value[[]Artifact] // primary first
	Logs       Logs
	Filesystem Value[[]string] // EFS locations mounted
	Key        Value[string]   // encryptionKey
	Visibility Value[string]   // PUBLIC_READ, PRIVATE
	Tags       Value[map[string]string]
	Modified   Value[time.Time]

	Unread []Member // members the API does not have, as written
}

// Member is a name in the input that the API does not know.
type Member struct {
	Name string
	At   Location
}

// Managed says which infrastructure-as-code owns the project, as its tags tell;
// "" when none does or none is known.
func (p *Project) Managed() string {
	tags := p.Tags.Or(nil)
	for _, k := range sortedKeys(tags) {
		switch {
		case k == "aws:cloudformation:stack-name":
			return "the CloudFormation stack " + tags[k]
		case isTerraformTag(k, tags[k]):
			return "Terraform (tag " + k + ")"
		}
	}
	return ""
}

// Source is where a build's code comes from.
type Source struct {
	At         Location
	ID         Value[string] // of a secondary source
	Type       Value[string] // GITHUB, GITHUB_ENTERPRISE, GITLAB, BITBUCKET, CODECOMMIT, CODEPIPELINE, S3, NO_SOURCE
	Location   Value[string] // URL without what stands before the @
	UserInfo   Value[Secret] // what stood before the @: credentials, if anything
	Buildspec  Value[Secret] // inline text, path, or S3 ARN; absent: buildspec.yml of the repository
	AuthType   Value[string] // OAUTH, CODECONNECTIONS, SECRETS_MANAGER; absent: the account's default credential
	AuthFrom   Value[string] // ARN
	Token      Value[Secret] // of a member that the API does not have, kept to correct it
	Report     Value[bool]   // reportBuildStatus
	Insecure   Value[bool]   // insecureSsl
	Submodules Value[bool]
}

// Environment is what a build runs in.
type Environment struct {
	At          Location
	Type        Value[string]
	Image       Value[string]
	Privileged  Value[bool]
	Variables   Value[[]Variable]
	Fleet       Value[string]
	Registry    Value[string] // secret with the registry's credential
	Certificate Value[string]
}

// Variable is an environment variable.
type Variable struct {
	At    Location
	Name  Value[string]
	Type  Value[string] // PLAINTEXT (default), PARAMETER_STORE, SECRETS_MANAGER
	Value Value[Secret] // the text, or the name or ARN of parameter or secret
}

// Batch is how batch builds run.
type Batch struct {
	Role         Value[string]
	Restrictions Value[bool] // compute types or the number of builds are limited
}

// VPC is the network of a build.
type VPC struct {
	At      Location
	ID      Value[string]
	Subnets Value[[]string]
	Groups  Value[[]string]
}

// Cache is what builds leave for one another.
type Cache struct {
	At        Location
	Type      Value[string] // NO_CACHE, S3, LOCAL
	Location  Value[string] // bucket/prefix
	Namespace Value[string]
}

// Artifact is where results go.
type Artifact struct {
	At          Location
	Type        Value[string] // NO_ARTIFACTS, S3, CODEPIPELINE
	Location    Value[string] // bucket
	Path        Value[string]
	Unencrypted Value[bool]   // encryptionDisabled
	OwnerAccess Value[string] // bucketOwnerAccess: NONE, READ_ONLY, FULL
}

// Logs is where build logs go.
type Logs struct {
	At          Location
	CloudWatch  Value[string] // ENABLED (default), DISABLED
	Group       Value[string]
	S3          Value[string] // ENABLED, DISABLED (default)
	Unencrypted Value[bool]
	OwnerAccess Value[string]
}
