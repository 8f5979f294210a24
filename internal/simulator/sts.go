package simulator

import "time"

// Every answer that carries credentials goes through issued or issueByService,
// so that the key in the answer is by construction the key used later.

// tokenLength is what real session tokens of STS take.
const tokenLength = 1150

// credentials is the member of an answer that hands out k, and sets when it ends.
func (c *client) credentials(k *cred, at time.Time, lasts time.Duration) obj {
	if c.as.intruder && c.s.m.on["slow"] {
		lasts = max(lasts, 12*time.Hour) // else the sessions would end before the story does
	}
	k.expires = at.Add(lasts)
	return o("accessKeyId", k.key, "sessionToken", c.r.token(tokenLength), "expiration", verbose(k.expires))
}

// assumeRole is row 1 of the lineage table: the key in the answer is the key
// used later, and the session begins in the second of the call.
func (c *client) assumeRole(r *role, session string, lasts time.Duration) *cred {
	k := r.session(c.now, sessionOf{name: session})
	ask := call{
		service: "sts", name: "AssumeRole",
		req: o("roleArn", r.arn, "roleSessionName", session, "durationSeconds", int(lasts.Seconds())),
		resp: o("credentials", c.credentials(k, c.now, lasts),
			"assumedRoleUser", o("assumedRoleId", k.principalID, "arn", k.arn)),
		resources: []resource{{"AWS::IAM::Role", r.arn, r.acct.id}},
	}
	if r.acct.id == c.cred.acct.id {
		c.issued(k, c.do(ask), "assume_role")
		return k
	}
	// Row 2: one act, two records, joined by sharedEventID. The role's account
	// sees neither the caller's key nor its name.
	ask.shared, ask.request = c.r.uuid(), c.r.uuid()
	event := c.do(ask)
	there := ask
	there.recipient = r.acct
	other := c.with(foreign(r.acct, c.cred.principalID, c.cred.acct.id))
	other.do(there)
	c.issued(k, event, "assume_role_cross_account")
	return k
}

// getSessionToken is row 14: the child stays the user, under a temporary key.
func (c *client) getSessionToken(lasts time.Duration) *cred {
	k := c.cred.user.session(c.now, false)
	event := c.do(call{
		service: "sts", name: "GetSessionToken", technique: "CA-008",
		req:  o("durationSeconds", int(lasts.Seconds())),
		resp: o("credentials", c.credentials(k, c.now, lasts)),
	})
	c.issued(k, event, "get_session_token")
	return k
}

// callerIdentity is what nearly every intruder and many tools begin with. It needs no
// permission, so it is never refused.
func (c *client) callerIdentity() string {
	return c.do(call{service: "sts", name: "GetCallerIdentity", technique: "DS-001"})
}

// issued notes where k came from, and tells the truth file if it is part of
// the story.
func (c *client) issued(k *cred, event, rule string) {
	k.parent, k.event, k.rule, k.issued = c.cred.key, event, rule, c.now
	c.s.truth.edge(c.as, k)
}

// issueByService is rows 3–6: a service assumes a role for a holder (an
// instance, a function, a task). AWS gives these a sharedEventID even though
// there is only one view.
func (s *sim) issueByService(r stream, host string, k *cred, session, region string, lasts time.Duration, rule string) {
	c := &client{s: s, r: r, cred: awsService(k.acct, host), ip: host, agent: serviceAgent(host), region: region, now: k.created}
	k.event, k.rule, k.issued = c.do(call{
		service: "sts", name: "AssumeRole", shared: r.uuid(),
		req:       o("roleArn", k.role.arn, "roleSessionName", session),
		resp:      o("credentials", c.credentials(k, k.created, lasts)),
		resources: []resource{{"AWS::IAM::Role", k.role.arn, k.role.acct.id}},
	}), rule, k.created
}

// forwarded is row 33: a service calls another API for the caller, with a
// fresh key of the caller's session, inside the same second.
func (c *client) forwarded(by string, k call, parent string) string {
	child := c.cred.twin()
	if c.cred.created.IsZero() { // a long-term key acts through a session of its user
		child = c.cred.user.session(c.now, false)
	}
	child.console = false
	child.parent, child.event, child.rule, child.issued = c.cred.key, parent, "forwarded_access", c.now
	c.s.truth.edge(c.as, child)
	k.invokedBy = by
	d := c.with(child)
	d.as = c.as.forwarded()
	return d.do(k)
}
