package lineage

import (
	"cmp"
	"maps"
	"slices"
	"strings"
	"time"

	"github.com/trailhound/trailhound/internal/evidence"
)

// IssuingNames are the calls that make, change, hand over or end credentials:
// the ones whose records Link reads whole.
var IssuingNames = append([]string{
	"AssumeRole", "AssumeRoleWithSAML", "AssumeRoleWithWebIdentity", "AssumeRoot", "GetSessionToken", "GetFederationToken",
	"GetSigninToken", "ConsoleLogin", "SwitchRole", "AuthorizeOAuth2Access", "CreateOAuth2Token", "CreateSession", "PutCredentials",
	"CreateAccessKey", "UpdateAccessKey", "DeleteAccessKey", "CreateLoginProfile", "UpdateLoginProfile", "ChangePassword", "DeleteLoginProfile",
	"CreateServiceSpecificCredential", "UpdateServiceSpecificCredential", "DeleteServiceSpecificCredential",
	"UploadSSHPublicKey", "UpdateSSHPublicKey", "DeleteSSHPublicKey", "UploadSigningCertificate", "UpdateSigningCertificate", "DeleteSigningCertificate",
	"AssumeRoleForPodIdentity", "GetRoleCredentials", "Federate", "StartBuild", "StartBuildBatch", "RetryBuild", "RunTask", "StartTask", "StartAutomationExecution", "StartChangeRequestExecution",
	"SendCommand", "StartSession", "SendSSHPublicKey", "SendSerialConsoleSSHPublicKey", "ExecuteCommand",
	"CreateAccount", "CreateGovCloudAccount", "CreateAccountResult", "DeleteUser", "CreateTrustAnchor", "CreateUser", "CreatePermissionSet",
	"CreateRole", "UpdateAssumeRolePolicy",
	"GetCredentialsForIdentity", "GetDataAccess",
}, slices.Concat(contents, slices.Sorted(maps.Keys(passes)))...)

// issue is one successful issuing call, reduced to what linking needs.
type issue struct {
	e         *evidence.Event
	rule      string
	parent    string // node; "" if a service or unknown
	key       string // the key it gave out; "" if the record does not show it
	principal string // principal id of the session it opened
	expires   time.Time
	holder    string
	hosts     []string // host entry: instance, task or cluster ids
	role      string   // role ARN asked for; of Identity Center the permission set
	account   string   // of Identity Center: the account the role is in
	user      string   // ARN of the user that a key or password is for
	added     []string // trust change: the principals that were let in
	sure      bool     // trust change: what the trust was before is known
	runs      []string // image change: what was made; grants: what is run; see image.go
	chose     []string // image change: the version that was made the default
	family    string   // grants: what one workload's deployments have in common
	via       string   // role of a function: where its sessions are looked for, if no record names the function
}

// by is the person whose credential made the call; "" where none is known to. Of
// another account's principal the credential is in no record, but its id is.
func (i *issue) by() string {
	if i.parent == "" && i.e.Identity.Type != "AWSAccount" {
		return ""
	}
	return i.e.Identity.Person()
}

// read turns a record into issues; nil for calls that failed or issue nothing.
func (l *linker) read(e *evidence.Event, r evidence.Record) []issue {
	// An unknown outcome is read on: where the record does not say that it failed,
	// the key that it shows decides.
	if e.Outcome() == evidence.Failure {
		return nil
	}
	i := issue{
		e: e, parent: l.g.CredentialOf(e),
		key:       shown(r.Str("responseElements.credentials.accessKeyId")),
		principal: r.Str("responseElements.assumedRoleUser.assumedRoleId"),
		expires:   evidence.ParseTime(r.Str("responseElements.credentials.expiration")),
		role:      r.Str("requestParameters.roleArn"),
	}
	switch e.Name {
	case "AssumeRole":
		i.rule, i.holder = assumeRoleRule(e, r)
		// A service called: whatever key stands in the record is the service's and
		// no parent.
		if i.rule != "assume_role" && i.rule != "assume_role_cross_account" && i.rule != "switch_role" {
			i.parent = ""
		}
	case "AssumeRoleWithSAML":
		i.rule, i.parent = "saml_federation", ""
		i.holder = r.Str("responseElements.subject")
		if strings.Contains(i.role, "/AWSReservedSSO_") {
			i.rule = "identity_center"
		}
	case "AssumeRoleWithWebIdentity":
		i.rule, i.parent = "oidc_federation", ""
		i.holder = r.Str("responseElements.subjectFromWebIdentityToken")
		if strings.HasPrefix(i.holder, "system:serviceaccount:") {
			i.rule = "irsa"
		}
	case "AssumeRoot":
		i.rule = "assume_root"
	case "SwitchRole":
		i.rule, i.principal, i.parent, i.key = "switch_role", e.Identity.PrincipalID, "", ""
		i.holder = r.Str("additionalEventData.SwitchFrom")
	case "GetRoleCredentials", "Federate":
		i.rule, i.role, i.account = "identity_center", r.Str("serviceEventDetails.role_name"), r.Str("serviceEventDetails.account_id")
		i.holder = e.Identity.OnBehalfOf
		if i.role != "" && i.account != "" {
			l.center = append(l.center, i)
		}
		return nil
	case "GetSessionToken":
		i.rule = "get_session_token"
	case "GetFederationToken":
		i.rule = "get_federation_token"
		i.principal = r.Str("responseElements.federatedUser.federatedUserId")
	case "GetSigninToken":
		i.rule = "signin_token"
		i.principal = e.Identity.PrincipalID
	case "ConsoleLogin":
		i.rule, i.principal, i.key = "console_login", e.Identity.PrincipalID, ""
	case "CreateAccessKey":
		i.rule, i.key, i.user = "create_access_key", cmp.Or(shown(r.Str("responseElements.accessKey.accessKeyId")), listed(e, r, "AWS::IAM::AccessKey")), l.userARN(e, r)
	case "UpdateAccessKey":
		// To switch a key off is a state, which noteState has taken; to switch it on
		// hands it over again.
		if r.Str("requestParameters.status") != "Active" {
			return nil
		}
		i.rule, i.key = "reactivate_access_key", r.Str("requestParameters.accessKeyId")
	case "CreateLoginProfile", "UpdateLoginProfile", "ChangePassword":
		i.rule, i.key = "login_profile", l.userARN(e, r)
	case "CreateServiceSpecificCredential":
		i.rule = "service_specific_credential"
		i.key, i.user = shown(r.Str("responseElements.serviceSpecificCredential.serviceSpecificCredentialId")), l.userARN(e, r)
		if r.Str("requestParameters.serviceName") == codeCommit {
			return []issue{i, l.gitKey(i, gitHTTPS)}
		}
	case "UploadSSHPublicKey":
		i.rule = "service_specific_credential"
		i.key, i.user = shown(r.Str("responseElements.sSHPublicKey.sSHPublicKeyId")), l.userARN(e, r)
		return []issue{i, l.gitKey(i, gitSSH)}
	case "UploadSigningCertificate":
		i.rule = "service_specific_credential"
		i.key, i.user = shown(r.Str("responseElements.certificate.certificateId")), l.userARN(e, r)
	case "CreateSession":
		if e.Source == "rolesanywhere.amazonaws.com" {
			i.rule, i.key, i.parent = "roles_anywhere", shown(r.Str("responseElements.credentialSet.credentials.accessKeyId")), ""
			i.principal = r.Str("responseElements.credentialSet.assumedRoleUser.assumedRoleId")
			i.holder = r.Str("requestParameters.trustAnchorArn")
			i.expires = evidence.ParseTime(r.Str("responseElements.credentialSet.credentials.expiration"))
			break
		}
		fallthrough
	case "PutCredentials":
		if e.Source != "cloudshell.amazonaws.com" {
			return nil
		}
		i.rule, i.principal = "cloudshell", e.Identity.PrincipalID
	case "CreateOAuth2Token":
		i.rule, i.principal = "aws_login", e.Identity.PrincipalID
	case "AssumeRoleForPodIdentity":
		i.rule = "pod_identity"
		i.principal = r.Str("responseElements.assumedRoleUser.assumeRoleId")
		if i.principal == "" {
			i.principal = r.Str("responseElements.assumedRoleUser.assumedRoleId")
		}
	case "StartBuild", "StartBuildBatch", "RetryBuild":
		i.rule, i.holder = "codebuild", r.Str("responseElements.build.id")
	case "RunTask", "StartTask":
		return startedTask(i, r)
	case "StartAutomationExecution", "StartChangeRequestExecution":
		return startedAutomation(i, r)
	case "SendCommand", "StartSession", "SendSSHPublicKey", "SendSerialConsoleSSHPublicKey", "ExecuteCommand":
		return hostEntry(i, r)
	case "CreateAccount", "CreateGovCloudAccount", "CreateAccountResult", "CreateTrustAnchor":
		l.noteCreator(e, r)
		return nil
	case "CreateUser", "CreatePermissionSet":
		l.noteDirectory(e, r)
		return nil
	case "GetCredentialsForIdentity":
		i.rule, i.parent, i.holder = "cognito_identity", "", r.Str("requestParameters.identityId")
	case "GetDataAccess":
		i.rule, i.holder = "data_access", r.Str("additionalEventData.lakeFormationRoleSessionName")
	default:
		return l.grants(i, r)
	}
	return []issue{i}
}

// assumeRoleRule tells the callers of AssumeRole apart: people and workloads,
// services for themselves, and services that fetch a workload's credentials.
func assumeRoleRule(e *evidence.Event, r evidence.Record) (rule, holder string) {
	session := r.Str("requestParameters.roleSessionName")
	if strings.Contains(r.Str("requestParameters.roleArn"), "/aws-service-role/") {
		return "service_linked_role", e.Identity.InvokedBy
	}
	if e.Identity.Type == "AWSService" {
		switch e.Identity.InvokedBy {
		case "ec2.amazonaws.com":
			if instanceID.MatchString(session) {
				return "instance_profile", session
			}
		case "lambda.amazonaws.com":
			return "lambda_role", session
		case "ecs-tasks.amazonaws.com":
			return "ecs_task_role", session
		case "codebuild.amazonaws.com":
			return "codebuild", session
		case "rolesanywhere.amazonaws.com":
			return "roles_anywhere", session
		}
		if e.Identity.InvokedBy != "" {
			return "service_role", e.Identity.InvokedBy + " " + session
		}
		return "assume_role_by_service", session
	}
	if e.Identity.InvokedBy == "AWS Internal" || e.Source == "signin.amazonaws.com" {
		return "switch_role", ""
	}
	from, to := e.Identity.Account, accountOf(r.Str("requestParameters.roleArn"))
	if from != "" && to != "" && from != to {
		return "assume_role_cross_account", ""
	}
	return "assume_role", ""
}

// shown is a key as the record shows it, "" where AWS or an anonymiser hid it:
// one mask stands for many keys and must not become a credential of its own.
func shown(key string) string {
	if strings.HasPrefix(key, "HIDDEN_") || strings.ContainsAny(key, "*<> ") {
		return ""
	}
	return key
}

// accountOf is the account field of an ARN, or "".
func accountOf(arn string) string {
	if f := strings.SplitN(arn, ":", 6); len(f) == 6 && f[0] == "arn" {
		return f[4]
	}
	return ""
}

// userARN is the user a password call is about: its userName parameter, or the
// caller itself where none is given.
func (l *linker) userARN(e *evidence.Event, r evidence.Record) string {
	name := namedUser(e, r)
	if name == "" {
		if name, _ = strings.CutPrefix(e.Identity.Person(), evidence.NamedOnly); e.Identity.Person() == name {
			return loginID(e.Identity)
		}
	}
	return l.user(l.account(e), name)
}

// namedUser is the user that a call names, "" if it is about its caller.
func namedUser(e *evidence.Event, r evidence.Record) string {
	return cmp.Or(r.Str("requestParameters.userName"), listed(e, r, "AWS::IAM::User"))
}

// listed is the one thing of a type that an export names which leaves out what was asked
// and answered, "" if it names none or several.
func listed(e *evidence.Event, r evidence.Record, resourceType string) string {
	if e.Lossy {
		if names := r.Listed(resourceType); len(names) == 1 {
			return names[0]
		}
	}
	return ""
}

// account is the account that recorded an event; where an export leaves it out, that of
// the keys.
func (l *linker) account(e *evidence.Event) string {
	if e.Account == "" && e.Lossy {
		return l.c.outline.Account()
	}
	return e.Account
}

// user is the ARN of a user that a call names without path or partition: as
// the user itself shows it in its calls, else the plain form.
func (l *linker) user(account, name string) string {
	if arn := l.c.outline.userNamed(account, name); arn != "" {
		return arn
	}
	return "arn:aws:iam::" + account + ":user/" + name
}

func hostEntry(i issue, r evidence.Record) []issue {
	i.rule = "host_entry"
	return i.into(r, "requestParameters.instanceIds", "requestParameters.instanceId", "requestParameters.target", "requestParameters.targets.values", "requestParameters.task")
}

// startedTask reads the tasks that a call started: ECS names the session of a task's
// role after the task.
func startedTask(i issue, r evidence.Record) []issue {
	i.rule = "started_task"
	return i.into(r, "responseElements.tasks.taskArn")
}

// runbook begins the names of the sessions that Systems Manager opens for runbooks.
const runbook = "Automation-"

// startedAutomation reads the run that a call started: Systems Manager names the
// session of the runbook's role after the run.
func startedAutomation(i issue, r evidence.Record) []issue {
	id := r.Str("responseElements.automationExecutionId")
	if id == "" {
		return nil
	}
	i.rule, i.hosts = "started_automation", []string{runbook + id}
	return []issue{i}
}

// into notes the hosts that the record names at some paths; nil if it names none.
func (i issue) into(r evidence.Record, paths ...string) []issue {
	for _, path := range paths {
		for _, id := range r.Strs(path) {
			i.hosts = append(i.hosts, id[strings.LastIndexByte(id, '/')+1:])
		}
	}
	if len(i.hosts) == 0 {
		return nil
	}
	return []issue{i}
}
