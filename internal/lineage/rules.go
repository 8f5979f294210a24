package lineage

// Rule names one way in which a credential comes to be. The ids are part of
// the report format; rows refer to the edge table of docs/reference/lineage.md.
type Rule struct {
	ID   string
	Tier int    // the most that the rule alone can prove, see Confidence
	Held bool   // the owner or a workload holds the child too: its events must be told apart, not inherited
	Text string // how an investigator would say it, child after the verb
}

// Rules lists every edge rule. Those with a tier of 3 or less are inferences,
// and are worded as such wherever they are told.
var Rules = []Rule{
	{"assume_role", 5, false, "assumed a role and received"},
	{"assume_role_cross_account", 5, false, "assumed a role in another account and received"},
	{"assume_role_by_service", 5, true, "an AWS service assumed the role and received"},
	{"instance_profile", 5, true, "EC2 issued the instance's role credentials"},
	{"lambda_role", 5, true, "Lambda issued the function's role credentials"},
	{"ecs_task_role", 5, true, "ECS issued the task's role credentials"},
	{"irsa", 5, true, "a Kubernetes service account exchanged its token for"},
	{"pod_identity", 4, true, "EKS Pod Identity issued"},
	{"codebuild", 4, true, "started a build whose role session is"},
	{"started_task", 5, true, "started a container task whose role session is"},
	{"started_automation", 5, true, "started a runbook whose role session is"},
	{"service_role", 5, true, "an AWS service received its role's credentials"},
	{"oidc_federation", 5, false, "an OIDC identity exchanged its token for"},
	{"saml_federation", 5, false, "a SAML identity exchanged its assertion for"},
	{"identity_center", 4, false, "IAM Identity Center issued"},
	{"get_session_token", 5, false, "asked for temporary credentials of its own and received"},
	{"get_federation_token", 5, false, "asked for federated credentials and received"},
	{"signin_token", 5, false, "turned its credentials into a console session using"},
	{"console_login", 4, false, "signed in to the console, which used"},
	{"switch_role", 4, false, "switched role in the console, which used"},
	{"aws_login", 4, false, "signed in a command line from the browser, which used"},
	{"cloudshell", 4, false, "opened CloudShell, which used"},
	{"console_credentials_copied", 4, false, "the console session's credentials were used outside the browser as"},
	{"create_access_key", 5, false, "created access key"},
	{"reactivate_access_key", 5, true, "switched back on access key"},
	{"login_profile", 4, true, "set the console password of"},
	{"service_specific_credential", 4, false, "created service credential"},
	{"git_key", 4, true, "gave a user a key for Git, with which was then called"},
	{"host_entry", 4, true, "entered the host whose role credentials are"},
	{"roles_anywhere", 5, false, "a certificate was exchanged through Roles Anywhere for"},
	{"assume_root", 5, false, "obtained a root session of a member account:"},
	{"forwarded_access", 4, false, "an AWS service, acting for the caller, used"},
	{"service_linked_role", 3, true, "AWS worked through its service-linked role with"},
	{"create_account", 3, false, "created the account whose administrator role session is"},
	{"presigned_url", 5, true, "signed a URL that was fetched with"},
	{"trust_change", 4, true, "let in, by changing a role's trust, whoever received"},
	{"passed_role", 4, true, "gave a role to what it set up, which then worked with"},
	{"code_change", 3, true, "changed the code that then worked with"},
	{"image_change", 3, true, "put something into an image or template from which was started what then worked with"},
	{"directory_user", 4, false, "made the user of the directory who signed in with"},
	{"permission_set", 3, false, "made the permission set whose role session is"},
	{"cognito_identity", 3, true, "Cognito gave an identity of its pool"},
	{"data_access", 4, false, "was let into governed data with"},
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
