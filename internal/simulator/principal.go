package simulator

import "time"

// user is an IAM user.
type user struct {
	acct      *account
	name, id  string // id is AIDA…
	mfaSerial string // "" where no device is enrolled
	key       *cred  // its first long-term key; nil if it has none
	arn       string
}

// newUser and newRole draw the id from the account's own stream, in the order of the story.
func (a *account) newUser(name string) *user {
	return &user{acct: a, name: name, id: a.mint("AIDA"), arn: "arn:aws:iam::" + a.id + ":user/" + name}
}

// role is an IAM role.
type role struct {
	acct     *account
	name, id string // id is AROA…
	path     string
	arn      string
}

func (a *account) newRole(path, name string) *role {
	return &role{a, name, a.mint("AROA"), path, "arn:aws:iam::" + a.id + ":role" + path + name}
}

// sessionARN leaves the role's path out, as STS does.
func (r *role) sessionARN(session string) string {
	return "arn:aws:sts::" + r.acct.id + ":assumed-role/" + r.name + "/" + session
}

// cred is a credential and the userIdentity that AWS writes for it.
type cred struct {
	key         string
	acct        *account
	arn         string
	principalID string
	identity    []byte // userIdentity without its closing brace: invokedBy may follow
	created     time.Time
	expires     time.Time
	role        *role
	user        *user

	parent, event, rule string // how it came to be, for the truth file
	issued              time.Time
	console             bool // sessionCredentialFromConsole
}

// seal fixes the identity as bytes, since it is written once for each event.
func (c *cred) seal(identity obj) *cred {
	b := appendValue(nil, identity)
	c.identity = b[:len(b)-1]
	return c
}

// newKey is a long-term key of u.
func (u *user) newKey() *cred {
	c := &cred{key: u.acct.mint("AKIA"), acct: u.acct, arn: u.arn, principalID: u.id, user: u}
	return c.seal(o("type", "IAMUser", "principalId", u.id, "arn", u.arn, "accountId", u.acct.id,
		"accessKeyId", c.key, "userName", u.name))
}

// Both identity builders below write the fields in CloudTrail's own order and
// leave out what it leaves out: engines read absence, too.

// session is a temporary key of u itself: GetSessionToken, the console, or a
// service that acts for the user.
func (u *user) session(at time.Time, mfa bool) *cred {
	c := &cred{key: u.acct.mint("ASIA"), acct: u.acct, arn: u.arn, principalID: u.id, user: u, created: at}
	return c.seal(o("type", "IAMUser", "principalId", u.id, "arn", u.arn, "accountId", u.acct.id,
		"accessKeyId", c.key, "userName", u.name,
		"sessionContext", o("attributes", o("creationDate", at, "mfaAuthenticated", yes(mfa)))))
}

// sessionOf is what varies between role sessions.
type sessionOf struct {
	name         string
	mfa          bool
	delivery     string // ec2RoleDelivery
	scopeType    string // inScopeOf
	scope        string
	onBehalfOf   string // Identity Center user id
	store        string // its identity store ARN
	credentialID string
}

// session is a temporary key of r.
func (r *role) session(at time.Time, s sessionOf) *cred {
	c := &cred{key: r.acct.mint("ASIA"), acct: r.acct, arn: r.sessionARN(s.name), principalID: r.id + ":" + s.name, role: r, created: at}
	context := o(
		"sessionIssuer", o("type", "Role", "principalId", r.id, "arn", r.arn, "accountId", r.acct.id, "userName", r.name),
		"attributes", o("creationDate", at, "mfaAuthenticated", yes(s.mfa)))
	if s.delivery != "" {
		context = append(context, field{"ec2RoleDelivery", s.delivery})
	}
	id := o("type", "AssumedRole", "principalId", c.principalID, "arn", c.arn, "accountId", r.acct.id,
		"accessKeyId", c.key, "sessionContext", context)
	if s.onBehalfOf != "" {
		id = append(id, field{"onBehalfOf", o("userId", s.onBehalfOf, "identityStoreArn", s.store)})
	}
	if s.credentialID != "" {
		id = append(id, field{"credentialId", s.credentialID})
	}
	if s.scope != "" {
		id = append(id, field{"inScopeOf", o("issuerType", s.scopeType, "credentialsIssuedTo", s.scope)})
	}
	return c.seal(id)
}

// twin is a second key of the same session: the console makes many, and a
// service that acts for its caller uses a fresh one per call.
func (c *cred) twin() *cred {
	t := *c
	t.key = c.acct.mint("ASIA")
	t.identity = []byte(replaceOnce(string(c.identity), c.key, t.key))
	return &t
}

// awsService is the identity of a service acting on its own behalf.
func awsService(acct *account, host string) *cred {
	c := &cred{acct: acct}
	return c.seal(o("type", "AWSService", "invokedBy", host))
}

// foreign is how the role account's record shows a caller of another account:
// its account and unique id, neither its key nor its name.
func foreign(acct *account, principalID, accountID string) *cred {
	c := &cred{acct: acct, principalID: principalID}
	return c.seal(o("type", "AWSAccount", "principalId", principalID, "accountId", accountID))
}

func yes(b bool) string { // attributes are text that looks like booleans
	if b {
		return "true"
	}
	return "false"
}
