package lineage

// Rule names one way in which a credential comes to be. The ids are part of
// the report format; rows refer to the edge table of docs/reference/lineage.md.
// Whatever differs from rule to rule when an edge is told, weighed or followed to what it
// outlives stands here, so that a new rule needs one row.
type Rule struct {
	ID   string
	Tier int    // the most that the rule alone can prove, see Confidence
	Held bool   // the owner or a workload holds the child too: its events must be told apart, not inherited
	Text string // how an investigator would say it, child after the verb

	Hands Handing
	// Ties is the grade of what is inherited by the rule: "" (B) where both records show the
	// key; C where session, place or structure join them, or what a call allowed; D where no
	// record shows which of several holders used it.
	Ties    string
	Doubted string  // that grade where the call is only likely the intruder's: the owner may know the password as well
	Lasts   Lasting // what the session came from that outlives it
	Claim   string  // its words in a claim, with {parent}; "" for "was issued"
}

// Handing says what the call of a rule does to the child.
type Handing int

// A call issues the child, hands over one that another call issues, or decides over one
// that AWS then issues by itself: what it set up, whom it let in.
const (
	Issues Handing = iota
	Over
	SetUp
)

// Rules lists every edge rule. Those with a tier of 3 or less are inferences,
// and are worded as such wherever they are told.
var Rules = []Rule{
	{ID: "assume_role", Tier: 5, Text: "assumed a role and received"},
	{ID: "assume_role_cross_account", Tier: 5, Lasts: Outside, Text: "assumed a role in another account and received"},
	{ID: "assume_role_by_service", Tier: 5, Held: true, Text: "an AWS service assumed the role and received"},
	{ID: "instance_profile", Tier: 5, Held: true, Lasts: Workload, Text: "EC2 issued the instance's role credentials"},
	{ID: "lambda_role", Tier: 5, Held: true, Lasts: Workload, Text: "Lambda issued the function's role credentials"},
	{ID: "ecs_task_role", Tier: 5, Held: true, Lasts: Workload, Text: "ECS issued the task's role credentials"},
	{ID: "irsa", Tier: 5, Held: true, Lasts: Workload, Text: "a Kubernetes service account exchanged its token for"},
	{ID: "pod_identity", Tier: 4, Held: true, Ties: "C", Lasts: Workload, Text: "EKS Pod Identity issued"},
	{ID: "codebuild", Tier: 4, Held: true, Ties: "C", Lasts: Workload, Text: "started a build whose role session is"},
	{ID: "started_task", Tier: 5, Held: true, Text: "started a container task whose role session is"},
	{ID: "started_automation", Tier: 5, Held: true, Text: "started a runbook whose role session is"},
	{ID: "service_role", Tier: 5, Held: true, Lasts: Workload, Text: "an AWS service received its role's credentials"},
	{ID: "oidc_federation", Tier: 5, Lasts: Outside, Text: "an OIDC identity exchanged its token for"},
	{ID: "saml_federation", Tier: 5, Lasts: Outside, Text: "a SAML identity exchanged its assertion for"},
	{ID: "identity_center", Tier: 4, Ties: "C", Lasts: SignIn, Text: "IAM Identity Center issued"},
	{ID: "get_session_token", Tier: 5, Text: "asked for temporary credentials of its own and received"},
	{ID: "get_federation_token", Tier: 5, Text: "asked for federated credentials and received"},
	{ID: "signin_token", Tier: 5, Text: "turned its credentials into a console session using"},
	{ID: "console_login", Tier: 4, Ties: "C", Lasts: SignIn, Text: "signed in to the console, which used"},
	{ID: "switch_role", Tier: 4, Ties: "C", Text: "switched role in the console, which used"},
	{ID: "aws_login", Tier: 4, Ties: "C", Lasts: SignIn, Text: "signed in a command line from the browser, which used"},
	{ID: "cloudshell", Tier: 4, Ties: "C", Text: "opened CloudShell, which used"},
	{ID: "console_credentials_copied", Tier: 4, Ties: "C", Text: "the console session's credentials were used outside the browser as"},
	{ID: "create_access_key", Tier: 5, Text: "created access key"},
	{ID: "reactivate_access_key", Tier: 5, Held: true, Hands: Over, Text: "switched back on access key"},
	{ID: "login_profile", Tier: 4, Held: true, Ties: "C", Doubted: "D", Text: "set the console password of"},
	{ID: "service_specific_credential", Tier: 4, Text: "created service credential"},
	{ID: "git_key", Tier: 4, Held: true, Hands: SetUp, Ties: "C", Text: "gave a user a key for Git, with which was then called", Claim: "is a way in by Git, for which the holder of `{parent}` had given the user a key"},
	{ID: "host_entry", Tier: 4, Held: true, Hands: Over, Ties: "C", Text: "entered the host whose role credentials are"},
	{ID: "roles_anywhere", Tier: 5, Text: "a certificate was exchanged through Roles Anywhere for"},
	{ID: "assume_root", Tier: 5, Text: "obtained a root session of a member account:"},
	{ID: "forwarded_access", Tier: 4, Ties: "C", Text: "an AWS service, acting for the caller, used"},
	{ID: "service_linked_role", Tier: 3, Held: true, Text: "AWS worked through its service-linked role with"},
	{ID: "create_account", Tier: 3, Text: "created the account whose administrator role session is"},
	{ID: "presigned_url", Tier: 5, Held: true, Ties: "D", Text: "signed a URL that was fetched with"},
	{ID: "trust_change", Tier: 4, Held: true, Hands: SetUp, Ties: "C", Text: "let in, by changing a role's trust, whoever received", Claim: "was obtained by whom the holder of `{parent}` had let in"},
	{ID: "passed_role", Tier: 4, Held: true, Hands: SetUp, Ties: "C", Text: "gave a role to what it set up, which then worked with", Claim: "worked for what the holder of `{parent}` had set up"},
	{ID: "code_change", Tier: 3, Held: true, Hands: SetUp, Ties: "D", Text: "changed the code that then worked with", Claim: "probably worked for code that the holder of `{parent}` had changed"},
	{ID: "image_change", Tier: 3, Held: true, Hands: SetUp, Ties: "D", Text: "put something into an image or template from which was started what then worked with", Claim: "probably worked for what was started from an image or template that the holder of `{parent}` had made"},
	{ID: "directory_user", Tier: 4, Ties: "C", Text: "made the user of the directory who signed in with", Claim: "is a sign-in of the directory user whom the holder of `{parent}` had made"},
	{ID: "permission_set", Tier: 3, Hands: SetUp, Ties: "C", Text: "made the permission set whose role session is", Claim: "worked in a role of the permission set that the holder of `{parent}` had made"},
	{ID: "cognito_identity", Tier: 3, Held: true, Ties: "D", Lasts: Outside, Text: "Cognito gave an identity of its pool"},
	{ID: "data_access", Tier: 4, Ties: "C", Text: "was let into governed data with"},
}

var ruleByID = func() map[string]Rule {
	m := map[string]Rule{}
	for _, r := range Rules {
		m[r.ID] = r
	}
	return m
}()

// RuleByID returns the rule with that id; ok is false if there is none.
func RuleByID(id string) (r Rule, ok bool) { r, ok = ruleByID[id]; return r, ok }

// Confidence is the word for a tier.
func Confidence(tier int) string {
	switch tier {
	case 5:
		return "exact" // identifiers are equal
	case 4:
		return "structural" // same session and second, or the record says who it was issued to
	case 3:
		return "probable" // the only candidate in time
	case 2:
		return "candidate" // one of several
	}
	return "capability" // could have, no more
}
