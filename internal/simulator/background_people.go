package simulator

import (
	"strconv"
	"time"
)

// actor lives through the weeks: tick puts what it does in the hour that
// begins at h on the trail. Actors keep state between hours, so that a session
// opened at nine is the one used at eleven.
// No actor may put anything before the hour h, see put.
type actor interface{ tick(s *sim, h time.Time) }

// commuter is a person at work: in at about nine, out at about six, five days
// a week, in the console or at a prompt.
type commuter struct {
	p       *person
	session *console
	cli     *client
	day     int
	arrives int
}

// tick: a session is opened on arrival and dropped with the day, so that most
// of a person's events hang on a login of the same morning.
func (a *commuter) tick(s *sim, h time.Time) {
	w := s.w
	local := h.Add(w.zone)
	day := int(local.Sub(w.start) / (24 * time.Hour))
	if day != a.day || a.arrives == 0 {
		a.day, a.session, a.cli = day, nil, nil
		a.arrives = 8 + a.p.r.IntN(3)
		// The draw comes first and always, so that a story that keeps somebody away does not
		// change what chance gives everybody after that.
		if a.p.r.chance(0.08) || s.away[a.p.name+"/"+strconv.Itoa(day)] {
			a.arrives = 99 // not today
		}
	}
	hour := local.Hour()
	weekend := local.Weekday() == time.Saturday || local.Weekday() == time.Sunday
	if weekend || hour < a.arrives || hour >= a.arrives+9 {
		return
	}
	c := &client{s: s, r: a.p.r, ip: w.at(a.p, day), agent: a.p.browser, region: w.region, now: h.Add(a.p.r.between(0, 20*time.Minute))}
	if a.session == nil {
		a.session = c.signIn(a.p)
		c.now = a.session.now
	}
	end := h.Add(time.Hour)
	n := a.p.r.count(1.1 * s.density)
	for range n {
		c.pause(time.Minute, 16*time.Minute)
		if !c.now.Before(end) {
			return
		}
		if a.p.r.chance(0.65) {
			k := a.session
			k.ip, k.now = c.ip, c.now
			k.visit(pick(a.p.r, s.pages))
			c.now = k.now
			continue
		}
		a.prompt(s, c)
	}
}

// prompt is work at the command line: a few reads, now and then a log query.
func (a *commuter) prompt(s *sim, c *client) {
	// A portal's key lives eight hours; a call in its last hour would have to be cut
	// off in the middle of a session.
	if a.cli == nil || c.now.Sub(a.cli.cred.created) > 7*time.Hour {
		a.cli = c.prompt(a.p)
	}
	k := a.cli
	k.ip = c.ip
	k.at(c.now)
	for range 1 + k.r.IntN(4) {
		if a.p.role != nil && k.r.chance(0.03) { // now and then through another role
			j := k.with(k.assumeRole(s.w.reader, k.sessionName(), time.Hour))
			j.pause(2*time.Second, 20*time.Second)
			j.listObjects(s.w.records, "exports/", "")
		}
		if k.r.chance(0.1) {
			k.getSecret(s.w.secrets[len(a.p.name)%3], "")
		} else {
			k.do(s.w.sweep(k, k.r.IntN(6)+len(a.p.name)%3*7))
		}
		k.pause(2*time.Second, 90*time.Second)
	}
	c.now = k.now
}

// signIn opens the person's console session of the day.
func (c *client) signIn(p *person) *console {
	if p.user != nil {
		return c.login(p.user, p.user.mfaSerial != "", "")
	}
	k := c.identityCenter(p)
	who := *k // the login record of a role session shows no key
	who.identity = []byte(replaceOnce(string(k.identity), `"accessKeyId":"`+k.key+`",`, ""))
	d := c.with(&who)
	d.pause(time.Second, 3*time.Second)
	// MFAUsed is No: the second factor was asked for by Identity Center, not by AWS's
	// own sign-in.
	id := d.do(call{service: "signin", name: "ConsoleLogin", kind: "AwsConsoleSignIn", write: true, host: c.region + ".signin.aws.amazon.com",
		resp: o("ConsoleLogin", "Success"), extra: o("MobileVersion", "No", "MFAUsed", "No")})
	k.console = true
	d.cred = k
	return d.opened(k, id, "console_login")
}

// prompt is the person's key for the command line.
// An IAM user's is for ever; single sign-on hands out one for the day.
func (c *client) prompt(p *person) *client {
	d := *c
	d.agent = p.cli
	if p.user != nil {
		d.cred = p.user.key
		return &d
	}
	d.cred = d.identityCenter(p)
	return &d
}

// identityCenter is row 13: the portal issues a role session in the account.
// The key in the AssumeRoleWithSAML answer is not the one used later.
func (c *client) identityCenter(p *person) *cred {
	w := c.s.w
	session := sessionOf{name: p.email, onBehalfOf: p.ssoID, store: w.store, credentialID: c.r.uuid()}
	k := p.role.session(c.now, session)
	shown := k.twin()
	portal := (&cred{acct: w.prod}).seal(o("type", "SAMLUser", "principalId", c.r.token(27)+"=:"+p.email, "userName", p.email, "identityProvider", c.r.token(27)+"="))
	d := c.with(portal)
	d.agent = serviceAgent("aws-internal/3 aws-sdk-java/1.12.791 Linux/5.10.244-240.965.amzn2.x86_64 OpenJDK_64-Bit_Server_VM/25.462-b08")
	provider := "arn:aws:iam::" + w.prod.id + ":saml-provider/AWSSSO_" + p.role.id[4:20] + "_DO_NOT_DELETE"
	k.event = d.do(call{service: "sts", name: "AssumeRoleWithSAML",
		req: o("sAMLAssertionID", "_"+c.r.uuid(), "roleSessionName", p.email, "roleArn", p.role.arn, "principalArn", provider, "durationSeconds", 28800),
		resp: o("subjectType", "persistent", "issuer", "https://portal.sso."+w.region+".amazonaws.com/saml/assertion/"+c.r.token(40), "credentials", d.credentials(shown, c.now, 8*time.Hour),
			"nameQualifier", c.r.token(27)+"=", "assumedRoleUser", o("assumedRoleId", k.principalID, "arn", k.arn), "subject", p.email, "audience", "https://signin.aws.amazon.com/saml"),
		resources: []resource{{"AWS::IAM::Role", p.role.arn, w.prod.id}, {"AWS::IAM::SAMLProvider", provider, w.prod.id}}})
	k.rule, k.issued = "identity_center", c.now
	c.pause(time.Second, 4*time.Second)
	return k
}
