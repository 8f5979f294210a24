package simulator

import "net/url"

// The IAM calls that stories are made of, with the answers AWS gives. IAM logs
// in us-east-1 whatever the client's region (see global), answers Create with
// the new thing's unique id, and answers Attach, Put, Update and Delete with
// nothing at all.

func (c *client) createUser(name, technique string) (*user, string) {
	u := c.cred.acct.newUser(name)
	id := c.do(call{service: "iam", name: "CreateUser", req: o("userName", name), technique: technique,
		resp: o("user", o("path", "/", "arn", u.arn, "userId", u.id, "createDate", verbose(c.now), "userName", name))})
	return u, id
}

func (c *client) attachUserPolicy(u *user, policyARN, technique string) string {
	return c.do(call{service: "iam", name: "AttachUserPolicy", req: o("userName", u.name, "policyArn", policyARN), technique: technique})
}

// createKey is row 22: the key stands in the answer, to be used any time later.
func (c *client) createKey(u *user, technique string) (*cred, string) {
	k := u.newKey()
	id := c.do(call{service: "iam", name: "CreateAccessKey", req: o("userName", u.name), technique: technique,
		resp: o("accessKey", o("userName", u.name, "accessKeyId", k.key, "status", "Active", "createDate", verbose(c.now)))})
	c.issued(k, id, "create_access_key")
	return k, id
}

func (c *client) deleteKey(u *user, key, technique string) string {
	return c.do(call{service: "iam", name: "DeleteAccessKey", req: o("userName", u.name, "accessKeyId", key), technique: technique})
}

func (c *client) setKey(u *user, key, status, technique string) string {
	return c.do(call{service: "iam", name: "UpdateAccessKey", req: o("userName", u.name, "accessKeyId", key, "status", status), technique: technique})
}

func (c *client) createLoginProfile(u *user, technique string) string {
	return c.do(call{service: "iam", name: "CreateLoginProfile", req: o("userName", u.name, "passwordResetRequired", false), technique: technique,
		resp: o("loginProfile", o("userName", u.name, "createDate", verbose(c.now), "passwordResetRequired", false))})
}

// loginProfile is how the truth file names a password: it has no id of its
// own, so it goes by its user's ARN.
func loginProfile(u *user) string { return u.arn }

// trustPolicy is a policy document the way people paste it: compact JSON, in a
// string, inside JSON. The answers of IAM carry it percent-encoded.
func trustPolicy(statements ...obj) string {
	all := make(list, len(statements))
	for i, s := range statements {
		all[i] = s
	}
	return encode(o("Version", "2012-10-17", "Statement", all))
}

// trusts is one statement that lets somebody in: kind is AWS, Service or Federated.
func trusts(kind, who string) obj {
	return o("Effect", "Allow", "Principal", o(kind, who), "Action", "sts:AssumeRole")
}

// updateTrust replaces the whole document, so it must hold what was there before.
func (c *client) updateTrust(r *role, document, technique string) string {
	return c.do(call{service: "iam", name: "UpdateAssumeRolePolicy", req: o("roleName", r.name, "policyDocument", document), technique: technique})
}

func (c *client) createRole(path, name, document, technique string) (*role, string) {
	r := c.cred.acct.newRole(path, name)
	id := c.do(call{service: "iam", name: "CreateRole", technique: technique,
		req: o("path", path, "roleName", name, "assumeRolePolicyDocument", document, "maxSessionDuration", 3600),
		resp: o("role", o("path", path, "roleName", name, "roleId", r.id, "arn", r.arn, "createDate", verbose(c.now),
			"assumeRolePolicyDocument", url.QueryEscape(document)))})
	return r, id
}

func (c *client) putRolePolicy(r *role, name, document, technique string) string {
	return c.do(call{service: "iam", name: "PutRolePolicy", req: o("roleName", r.name, "policyName", name, "policyDocument", document), technique: technique})
}

// createFunction makes a Lambda function; its ARN is the answer's.
func (c *client) createFunction(name string, r *role, technique string) (arn, id string) {
	arn = "arn:aws:lambda:" + c.region + ":" + c.cred.acct.id + ":function:" + name
	id = c.do(call{service: "lambda", name: "CreateFunction20150331", technique: technique,
		req: o("functionName", name, "runtime", "python3.12", "role", r.arn, "handler", "index.handler", "code", obj{},
			"description", "", "timeout", 30, "memorySize", 128, "publish", false, "packageType", "Zip", "tags", obj{}),
		resp: o("functionName", name, "functionArn", arn, "runtime", "python3.12", "role", r.arn, "handler", "index.handler",
			"codeSize", 400+c.r.IntN(4000), "description", "", "timeout", 30, "memorySize", 128,
			"lastModified", c.now.Format("2006-01-02T15:04:05.000+0000"), "codeSha256", c.r.token(43)+"=", "version", "$LATEST",
			"tracingConfig", o("mode", "PassThrough"), "revisionId", c.r.uuid(), "state", "Pending", "stateReason", "The function is being created.",
			"stateReasonCode", "Creating", "packageType", "Zip", "architectures", []string{"x86_64"}, "ephemeralStorage", o("size", 512))})
	return arn, id
}

// functionURL opens a function to anybody. It takes two calls, the URL and the
// permission to call it, and only both together are a door.
func (c *client) functionURL(name, arn string) (created, permitted string) {
	created = c.do(call{service: "lambda", name: "CreateFunctionUrlConfig", technique: "PR-015",
		req: o("functionName", name, "authType", "NONE"),
		resp: o("functionUrl", "https://"+c.r.text("abcdefghijklmnopqrstuvwxyz234567", 32)+".lambda-url."+c.region+".on.aws/", "functionArn", arn,
			"authType", "NONE", "creationTime", c.now.Format("2006-01-02T15:04:05.000000000Z"), "invokeMode", "BUFFERED")})
	c.pause(2e9, 9e9)
	sid := "FunctionURLAllowPublicAccess"
	statement := encode(o("Sid", sid, "Effect", "Allow", "Principal", "*", "Action", "lambda:InvokeFunctionUrl", "Resource", arn,
		"Condition", o("StringEquals", o("lambda:FunctionUrlAuthType", "NONE"))))
	permitted = c.do(call{service: "lambda", name: "AddPermission20150331v2", technique: "PR-015",
		req:  o("functionName", name, "statementId", sid, "action", "lambda:InvokeFunctionUrl", "principal", "*", "functionUrlAuthType", "NONE"),
		resp: o("statement", statement)})
	return created, permitted
}
