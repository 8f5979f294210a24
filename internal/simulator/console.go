package simulator

import "time"

// console is one console session: one login, many keys. All keys share the
// principal and the creationDate, which is the second of the login; that is the
// only thing that joins them, for no event issues them.
type console struct {
	*client
	login string // event id of the ConsoleLogin
	began *cred  // the session; each service the console opens gets a twin of it
	keys  map[string]*cred
	rule  string
}

// signinIdentity is what a failed sign-in shows: an access key that is there and empty,
// and no ARN.
func (c *client) signinIdentity(u *user) *cred {
	k := &cred{acct: u.acct, user: u}
	return k.seal(o("type", "IAMUser", "principalId", u.id, "accountId", u.acct.id, "accessKeyId", "", "userName", u.name))
}

// loginFailed is a wrong password. AWS says so in the answer, not in errorCode.
func (c *client) loginFailed(u *user) string {
	d := c.with(c.signinIdentity(u))
	return d.do(call{
		service: "signin", name: "ConsoleLogin", kind: "AwsConsoleSignIn", write: true, region: "us-east-1",
		errMsg: "Failed authentication", resp: o("ConsoleLogin", "Failure"), technique: "IA-004", host: "signin.aws.amazon.com",
		extra: o("LoginTo", "https://console.aws.amazon.com/console/home?hashArgs=%23&isauthcode=true&state=hashArgsFromTB_us-east-1_"+c.r.hex(16),
			"MobileVersion", "No", "MFAUsed", "No"),
	})
}

// login opens a console session for an IAM user (row 17).
func (c *client) login(u *user, mfa bool, technique string) *console {
	signin := "us-east-1"
	who := &cred{acct: u.acct, user: u}
	who.seal(o("type", "IAMUser", "principalId", u.id, "arn", u.arn, "accountId", u.acct.id, "userName", u.name))
	d := c.with(who)
	extra := o("LoginTo", "https://console.aws.amazon.com/console/home?hashArgs=%23&isauthcode=true&state=hashArgsFromTB_"+signin+"_"+c.r.hex(16), "MobileVersion", "No")
	if mfa {
		d.do(call{service: "signin", name: "CheckMfa", kind: "AwsConsoleSignIn", write: true, region: signin,
			resp: o("CheckMfa", "Success"), extra: o("MfaType", "Virtual MFA"), host: "signin.aws.amazon.com"})
		c.pause(4e9, 30e9)
		d.now = c.now
		extra = append(extra, field{"MFAIdentifier", u.mfaSerial}, field{"MFAUsed", "Yes"})
	} else {
		extra = append(extra, field{"MFAUsed", "No"})
	}
	id := d.do(call{service: "signin", name: "ConsoleLogin", kind: "AwsConsoleSignIn", write: true, region: signin,
		resp: o("ConsoleLogin", "Success"), extra: extra, technique: technique, host: "signin.aws.amazon.com"})
	k := u.session(c.now, mfa)
	k.console = true
	k.parent = loginProfile(u) // the password, which goes by its user's ARN
	return c.opened(k, id, "console_login")
}

// opened starts a console session from a login that is on the trail.
func (c *client) opened(k *cred, event, rule string) *console {
	k.event, k.rule = event, rule
	d := *c
	return &console{client: &d, login: event, began: k, keys: map[string]*cred{}, rule: rule}
}

// on is the session as one service of the console sees it: its own key, the
// same creationDate.
func (k *console) on(service string) *client {
	key := k.keys[service]
	// The edge is noted here, for each key that is used: a service whose page was never
	// opened has none.
	if key == nil {
		key = k.began.twin()
		key.console, key.parent, key.event, key.rule, key.issued = true, k.began.parent, k.login, k.rule, k.began.created
		k.keys[service] = key
		k.s.truth.edge(k.as, key)
	}
	d := *k.client
	d.cred = key
	return &d
}

// visit loads pages: each is a fan-out of reads in a second or two.
func (k *console) visit(pages ...page) {
	k.pause(2*time.Second, 9*time.Second) // a page does not load in the second of the login
	for _, p := range pages {
		for _, read := range p.reads {
			c := k.on(p.service)
			c.do(read(c))
			if k.r.chance(0.4) {
				k.pause(1e9, 3e9)
			}
		}
		k.pause(8*time.Second, 3*time.Minute)
	}
}

// switchRole is row 18: the console assumes a role for the session. The key in
// the AssumeRole answer is not the key the console then uses.
func (k *console) switchRole(r *role) *console {
	name := k.began.user.name
	inner := k.on("signin")
	// on has just made that key, if it was not there.
	ui := inner.with(k.keys["signin"])
	ui.do(call{service: "signin", name: "SwitchRole", kind: "AwsConsoleSignIn", write: true, region: "us-east-1", technique: "LM-003",
		resp: o("SwitchRole", "Success"), host: "signin.aws.amazon.com",
		extra: o("SwitchFrom", k.began.arn, "RedirectTo", "https://"+k.region+".console.aws.amazon.com/console/home?region="+k.region)})
	// Drawn though nobody uses it: the answer holds a key, and an engine must not
	// take it for the one in use.
	shown := r.session(k.now, sessionOf{name: name, mfa: k.began.mfa()})
	event := inner.do(call{service: "sts", name: "AssumeRole", region: "us-east-1", invokedBy: "AWS Internal",
		req:       o("roleArn", r.arn, "roleSessionName", name),
		resp:      o("credentials", inner.credentials(shown, k.now, time.Hour), "assumedRoleUser", o("assumedRoleId", shown.principalID, "arn", shown.arn)),
		resources: []resource{{"AWS::IAM::Role", r.arn, r.acct.id}}})
	used := shown.twin()
	used.console, used.parent = true, k.keys["signin"].key
	return k.opened(used, event, "switch_role")
}

func (c *cred) mfa() bool { return c.user != nil && c.user.mfaSerial != "" }

// shell opens CloudShell (row 20): the same session again, under one more key,
// from an address of AWS.
func (k *console) shell(ip string) *client {
	c := k.on("cloudshell")
	env, session := k.r.uuid(), k.r.uuid()
	c.do(call{service: "cloudshell", name: "CreateEnvironment", write: true, req: obj{}, resp: o("EnvironmentId", env, "Status", "CREATING"), technique: "LM-010"})
	k.pause(4e9, 20e9)
	c.now = k.now
	c.do(call{service: "cloudshell", name: "CreateSession", write: true, technique: "LM-010",
		req:  o("EnvironmentId", env, "SessionType", "TMUX", "TabId", k.r.uuid(), "QCliDisabled", true),
		resp: o("EnvironmentId", env, "SessionId", session, "StreamUrl", "***", "TokenValue", "***")})
	k.pause(1e9, 4e9)
	c.now = k.now
	put := c.do(call{service: "cloudshell", name: "PutCredentials", write: true, req: o("EnvironmentId", env, "KeyId", k.r.uuid(), "Credentials", "***"), technique: "LM-010"})
	key := k.began.twin()
	key.console, key.parent, key.event, key.rule, key.issued = false, c.cred.key, put, "cloudshell", k.now
	k.s.truth.edge(k.as, key)
	d := k.client.with(key)
	d.ip = ip
	d.agent = agent{"aws-cli/2.31.35 md/awscrt#0.28.4 ua/2.1 os/linux#6.1.155-176.282.amzn2023.x86_64 md/arch#x86_64 lang/python#3.13.9 " +
		"md/pyimpl#CPython exec-env/CloudShell m/E,b,Z cfg/retry-mode#standard md/installer#exe md/distrib#amzn.2023 md/prompt#off", true, tls13}
	d.pause(5e9, 40e9)
	return d
}
