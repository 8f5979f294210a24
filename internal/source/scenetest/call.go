package scenetest

import (
	"fmt"
	"strings"
	"time"
)

// services of the calls that need not name theirs.
var services = map[string]string{
	"AssumeRole": "sts", "AssumeRoleWithSAML": "sts", "AssumeRoleWithWebIdentity": "sts", "AssumeRoot": "sts", "GetSessionToken": "sts",
	"GetFederationToken": "sts", "GetCallerIdentity": "sts", "GetSigninToken": "signin", "ConsoleLogin": "signin", "SwitchRole": "signin",
	"AuthorizeOAuth2Access": "signin", "CreateOAuth2Token": "signin", "AssumeRoleForPodIdentity": "eks-auth", "CreateUser": "iam", "DeleteUser": "iam",
	"CreateAccessKey": "iam", "UpdateAccessKey": "iam", "DeleteAccessKey": "iam", "CreateLoginProfile": "iam", "UpdateLoginProfile": "iam",
	"ChangePassword": "iam", "DeleteLoginProfile": "iam", "CreateServiceSpecificCredential": "iam", "AttachUserPolicy": "iam", "ListUsers": "iam",
	"ListRoles": "iam", "ListBuckets": "s3", "GetObject": "s3", "PutObject": "s3", "DeleteObject": "s3", "SendCommand": "ssm", "StartSession": "ssm",
	"UpdateInstanceInformation": "ssm", "RunInstances": "ec2", "DescribeInstances": "ec2", "StopLogging": "cloudtrail", "StartLogging": "cloudtrail",
	"DeleteTrail": "cloudtrail", "Decrypt": "kms", "GetSecretValue": "secretsmanager", "StartBuild": "codebuild", "CreateAccount": "organizations",
	"GetRoleCredentials": "sso", "CreateTrustAnchor": "rolesanywhere", "ListSecrets": "secretsmanager", "ListFunctions20150331": "lambda",
}

// S3 records calls on objects as data events, which a trail has only if told to.
var dataCalls = map[string]bool{"GetObject": true, "PutObject": true, "DeleteObject": true, "HeadObject": true, "DeleteObjects": true, "ListObjects": true}

func sourceOf(l *line) string {
	if l.service != "" {
		return l.service
	}
	return or(services[l.call], "ec2")
}

// readOnly follows AWS: handing out a role's credentials reads, the other ways
// of issuing credentials write.
func readOnly(call string) bool {
	switch call {
	case "GetSessionToken", "GetFederationToken", "GetSigninToken", "AssumeRoot":
		return false
	}
	for _, p := range []string{"Get", "List", "Describe", "Head", "Lookup", "AssumeRole", "Decrypt"} {
		if strings.HasPrefix(call, p) {
			return true
		}
	}
	return false
}

// fill makes request and answer of the calls that issue credentials, and takes
// note of whose the issued key is.
func (s *Scene) fill(l *line, id identity, at time.Time, r map[string]any) (request, answer map[string]any, err error) {
	request, answer = map[string]any{}, map[string]any{}
	var target identity
	if strings.HasPrefix(l.target, "role/") || strings.HasPrefix(l.target, "user/") {
		if target, err = named(l.target, or(id.account, home)); err != nil {
			return nil, nil, err
		}
	} else if l.target != "" && l.request == nil && !isKey(l.target) && !isAccount(l.target) {
		request["name"] = l.target // a plain name: the call's own parameter is given as {…} where it matters
	}
	target.created = at
	if target.kind == "role" && strings.HasPrefix(l.call, "AssumeRole") || l.call == "CreateSession" {
		target.session = or(l.session, "session")
		role := target
		role.session = ""
		request["roleArn"], request["roleSessionName"] = role.arn(), target.session
		answer["assumedRoleUser"] = map[string]any{"assumedRoleId": target.principal(), "arn": target.arn()}
	} else if target.kind == "role" {
		request["roleName"] = target.name
	}
	issued := target
	switch l.call {
	case "AssumeRoleWithWebIdentity":
		answer["subjectFromWebIdentityToken"], answer["provider"] = id.name, "idp.example"
	case "AssumeRoleWithSAML":
		answer["subject"], answer["issuer"] = id.name, "https://idp.example"
	case "AssumeRoot":
		issued = identity{kind: "root", account: l.target, created: at}
		request["targetPrincipal"] = l.target
	case "GetSessionToken":
		issued = id
		issued.created = at
	case "GetSigninToken":
		issued = id
		issued.console = true
	case "GetFederationToken":
		parent := id
		issued = identity{kind: "federated", account: id.account, name: l.target, created: at, issuer: &parent}
		request["name"] = l.target
		answer["federatedUser"] = map[string]any{"federatedUserId": issued.principal(), "arn": issued.arn()}
	case "ConsoleLogin", "SwitchRole":
		r["eventType"] = "AwsConsoleSignIn"
		answer[l.call] = "Success"
		if l.call == "ConsoleLogin" {
			r["additionalEventData"] = map[string]any{"MFAUsed": "No", "MobileVersion": "No"}
		}
		return request, answer, nil
	case "CreateUser":
		request["userName"] = base(target.name)
		answer["user"] = map[string]any{"userName": base(target.name), "userId": target.principal(), "arn": target.arn()}
		return request, answer, nil
	case "CreateRole":
		if target.kind == "role" {
			answer["role"] = map[string]any{"roleName": target.name, "roleId": target.principal(), "arn": target.arn()}
		}
		return request, answer, nil
	case "UpdateAccessKey", "DeleteAccessKey":
		request["accessKeyId"] = Key(l.target)
		if l.state != "" {
			request["status"] = l.state
		}
		return request, answer, nil
	}
	if target.kind == "user" {
		request["userName"] = base(target.name)
	}
	if l.result == "" {
		return request, answer, nil
	}
	if !isKey(l.result) {
		return nil, nil, fmt.Errorf("-> %s: expected a key or {…}", l.result)
	}
	s.issue(l, id, issued, at, answer)
	return request, answer, nil
}

func isKey(s string) bool {
	return len(s) > 4 && (s[:4] == "AKIA" || s[:4] == "ASIA" || s[:4] == "ACCA")
}

// issue writes the key into the answer, where the call keeps it.
func (s *Scene) issue(l *line, id, issued identity, at time.Time, answer map[string]any) {
	key := Key(l.result)
	switch l.call {
	case "CreateAccessKey", "CreateServiceSpecificCredential":
		if issued.kind == "" {
			issued = id
		}
		// A key outlasts the session that made it and carries nothing of it.
		issued.created, issued.console, issued.over = time.Time{}, false, nil
		field, name := "accessKey", "accessKeyId"
		if l.call != "CreateAccessKey" {
			field, name = "serviceSpecificCredential", "serviceSpecificCredentialId"
		}
		answer[field] = map[string]any{"userName": base(issued.name), name: key, "status": "Active", "createDate": at.Format("Jan 2, 2006 3:04:05 PM")}
	default:
		credentials := map[string]any{"accessKeyId": key, "expiration": at.Add(time.Hour).Format("Jan 2, 2006 3:04:05 PM"), "sessionToken": "…"}
		if l.call == "CreateSession" {
			answer["credentialSet"] = []any{map[string]any{"credentials": credentials, "assumedRoleUser": answer["assumedRoleUser"]}}
			delete(answer, "assumedRoleUser")
		} else {
			answer["credentials"] = credentials
		}
	}
	issued.key = key
	// What given says of a key stands: a scene may put a key into other hands than
	// those it was issued to.
	if _, said := s.who[key]; !said {
		s.who[key] = issued
	}
}
