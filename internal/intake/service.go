package intake

import (
	"regexp"
	"slices"
	"strings"
)

// services are the names by which people call a service, and its event source.
var services = map[string]string{
	"bedrock": "bedrock", "ses": "ses", "simple email service": "ses", "sns": "sns", "s3": "s3", "ec2": "ec2", "lambda": "lambda", "iam": "iam",
	"sts": "sts", "kms": "kms", "ecs": "ecs", "fargate": "ecs", "eks": "eks", "ecr": "ecr", "rds": "rds", "dynamodb": "dynamodb",
	"secrets manager": "secretsmanager", "secretsmanager": "secretsmanager", "ssm": "ssm", "systems manager": "ssm", "parameter store": "ssm",
	"codebuild": "codebuild", "codepipeline": "codepipeline", "codecommit": "codecommit", "sagemaker": "sagemaker", "route 53": "route53",
	"route53": "route53", "organizations": "organizations", "glue": "glue", "athena": "athena", "cognito": "cognito-idp", "identity center": "sso",
	"lightsail": "lightsail", "redshift": "redshift", "roles anywhere": "rolesanywhere", "cloudfront": "cloudfront", "service quotas": "servicequotas",
}

// qualified follow a service's name where it only says what sort of thing is meant: an
// IAM user, an EC2 instance. Then the service itself is no anchor.
var qualified = set(`user users role roles key keys credential credentials group groups policy policies instance instances bucket buckets function functions
	object objects alert alerts alarm finding findings log logs console access permission permissions profile profiles admin image images
	project projects job jobs cluster clusters task tasks table tables topic topics parameter parameters secret secrets identity identities
	metadata volume volumes snapshot snapshots ami amis fleet data entity entities principal principals stuff`)

// handedIn are words for evidence as it came: an "Athena export" is about no Athena.
var handedIn = set("export exports exported csv dump dumps query queries")

// runners are tools that start others: their jobs call AWS with its own command line or a
// library, whose name is all that a call tells. "Only used by our GitLab runner" says where
// from, and no tool.
var runners = set("gitlab-ci github-actions jenkins circleci buildkite")

// cameFrom ends where a text tells which service its evidence came from: "the CSV is from ".
var cameFrom = regexp.MustCompile(`\b(?:csv|json|parquet|exports?|files?|logs|data|dump|events)\s+(?:(?:is|are|was|were|comes?|came|exported|taken|pulled|out)\s+){0,2}(?:from|of|via|with)\s+(?:the\s+|our\s+|an?\s+)?$`)

// tools are what people name as the way something is done.
var tools = []struct{ form, name string }{
	{`terraform(?: cloud)?|tf ?cloud|opentofu`, "terraform"}, {`aws[- ]?cli|awscli|\bcli\b`, "aws-cli"}, {`boto3?|botocore`, "boto3"},
	{`pulumi`, "pulumi"}, {`aws cdk|\bcdk\b`, "cdk"}, {`cloudformation|\bcfn\b`, "cloudformation"}, {`ansible`, "ansible"}, {`packer`, "packer"},
	{`github[- ]actions?|\bgha\b`, "github-actions"}, {`gitlab(?: |-)?ci|gitlab runners?`, "gitlab-ci"}, {`jenkins`, "jenkins"}, {`circleci`, "circleci"},
	{`buildkite`, "buildkite"}, {`argo ?cd`, "argocd"}, {`atlantis`, "atlantis"}, {`spacelift`, "spacelift"}, {`kubectl`, "kubectl"}, {`eksctl`, "eksctl"},
	{`cloudshell`, "cloudshell"}, {`serverless framework`, "serverless"}, {`(?:management |aws |web )?console|browser`, "console"},
	{`aws[- ]sdk(?:[- ](?:for )?(?:go|java|js|javascript|python|ruby|rust|php|dotnet|\.net))?|\bsdk\b`, "sdk"}, {`s3 browser`, "s3-browser"},
	{`prowler`, "prowler"}, {`steampipe`, "steampipe"}, {`datadog`, "datadog"}, {`qualys`, "qualys"}, {`nessus|tenable`, "nessus"},
	{`velero`, "velero"}, {`veeam`, "veeam"}, {`rclone`, "rclone"}, {`powershell`, "powershell"},
}

var (
	serviceForm = regexp.MustCompile(`\b(?:` + strings.Join(longestFirst(services), "|") + `)\b`)
	toolForms   = compileTools()
	rootForm    = regexp.MustCompile(`\broot\b`)
	// ownerForm are the words for the root user of people who do not call it so: only its
	// password is reset by mail, and only it is "the account's" (IAM User Guide, root user).
	ownerForm = regexp.MustCompile(`\baws account(?:'s|’s)? (?:password|e-?mail)\b|\b(?:password|e-?mail(?: address)?) (?:of|for|to) (?:the |our |my |your )?aws account\b|` +
		`\baws password (?:was|has been|is|got) (?:re)?set\b|\baws password re(?:set|covery)\b`)
)

// maxCameFrom bounds the words of cameFrom, in bytes: looked for in all that stands before each
// service, a text of nothing but services costs the square of its length.
const maxCameFrom = 128

// longestFirst quotes the keys for an alternation. Go's regexp takes the first alternative that
// fits, so that "simple email service" must stand before "ses".
func longestFirst(m map[string]string) []string {
	var out []string
	for k := range m {
		out = append(out, regexp.QuoteMeta(k))
	}
	slices.SortFunc(out, func(a, b string) int {
		if len(a) != len(b) {
			return len(b) - len(a)
		}
		return strings.Compare(a, b)
	})
	return out
}

// compileTools compiles the forms in the order of tools, so that a tool is found by its index.
func compileTools() []*regexp.Regexp {
	var out []*regexp.Regexp
	for _, t := range tools {
		out = append(out, regexp.MustCompile(`\b(?:`+t.form+`)\b`))
	}
	return out
}

// root finds the account's root user where the word means it. ("root cause" does not.)
func (s *scan) root(l Lexicon) {
	values := []string{"root"}
	if es := l.index().lookup("root"); len(es) > 0 {
		values = named(0, 0, fitting(es, "")).values
	}
	for _, loc := range rootForm.FindAllStringIndex(s.low, -1) {
		if !s.free(loc[0], loc[1]) || !edges(s.low, loc[0], loc[1], "_-./") {
			continue
		}
		before, _ := s.wordBefore(loc[0])
		switch s.afterWord(loc[1]) {
		case "user", "account", "login", "logins", "logged", "sign", "signed", "signin", "credentials", "credential", "password", "console", "activity",
			"usage", "key", "keys", "access", "mfa", "email", "was", "is", "has", "used":
		case "cause", "causes", "ca", "dir", "directory", "folder", "shell", "volume", "device":
			continue
		default:
			if before != "as" && before != "aws" && before != "by" && before != "used" && before != "use" && before != "account" {
				continue
			}
		}
		s.add(mention{start: loc[0], end: loc[1], kind: "principal", class: "root", values: values})
	}
	for _, loc := range ownerForm.FindAllStringIndex(s.low, -1) {
		if s.free(loc[0], loc[1]) && s.afterWord(loc[1]) != "policy" { // which is about IAM users
			s.add(mention{start: loc[0], end: loc[1], kind: "principal", class: "root", values: values})
		}
	}
}

// tooling claims services and tools. They come last: a role may be named after a tool.
func (s *scan) tooling() {
	for i, re := range toolForms {
		for _, loc := range re.FindAllStringIndex(s.low, -1) {
			if s.free(loc[0], loc[1]) && edges(s.low, loc[0], loc[1], "_-@/") {
				s.add(mention{start: loc[0], end: loc[1], kind: "tool", values: []string{tools[i].name}})
			}
		}
	}
	for _, loc := range serviceForm.FindAllStringIndex(s.low, -1) {
		if !s.free(loc[0], loc[1]) || !edges(s.low, loc[0], loc[1], "_-@/.") || qualified[s.afterWord(loc[1])] ||
			handedIn[s.afterWord(loc[1])] || handedIn[s.introWord(loc[0])] || cameFrom.MatchString(s.low[max(0, loc[0]-maxCameFrom):loc[0]]) {
			continue
		}
		s.add(mention{start: loc[0], end: loc[1], kind: "service", class: "word",
			values: []string{services[s.low[loc[0]:loc[1]]] + ".amazonaws.com"}})
	}
}
