package lineage

// Lasting is what hands out sessions and is not ended with any of them: whoever came in
// by it comes in by it again until it is closed itself.
type Lasting string

// What lasts.
const (
	Workload Lasting = "workload" // is handed its role's credentials
	SignIn   Lasting = "sign-in"  // of a person: a password, or a directory account
	Outside  Lasting = "outside"  // a role's trust in somebody outside
)

// lasting says so by the rule of the edge that leads to the session. Of the others, another
// credential opened it, which has a row and a state of its own.
var lasting = map[string]Lasting{
	"instance_profile": Workload, "ecs_task_role": Workload, "lambda_role": Workload, "irsa": Workload, "pod_identity": Workload,
	"codebuild": Workload, "service_role": Workload,
	"console_login": SignIn, "aws_login": SignIn, "identity_center": SignIn,
	"saml_federation": Outside, "oidc_federation": Outside, "cognito_identity": Outside, "assume_role_cross_account": Outside,
}

// LastingOf is what a session of that rule came from and what outlives it, "" if nothing does.
func LastingOf(rule string) Lasting { return lasting[rule] }
