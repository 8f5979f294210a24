package simulator

import (
	"fmt"
	"time"
)

var rootLogin = incident{
	name:  "root-login",
	kind:  "root_activity",
	about: "the root password is recovered through the mailbox; root signs in without MFA, changes its address, makes itself a key and an administrator, weeks after a root login that was planned",
	weeks: 4,
	tell:  tellRootLogin,
}

// root is the account's root user under one of its sessions or keys.
func (a *account) root(key string, at time.Time, mfa bool) *cred {
	c := &cred{key: key, acct: a, arn: "arn:aws:iam::" + a.id + ":root", principalID: a.id, created: at}
	id := o("type", "Root", "principalId", a.id, "arn", c.arn, "accountId", a.id)
	if key != "" {
		id = append(id, field{"accessKeyId", key})
	}
	if !at.IsZero() {
		id = append(id, field{"sessionContext", o("attributes", o("creationDate", at, "mfaAuthenticated", yes(mfa)))})
	}
	return c.seal(id)
}

// rootLogin opens a console session of root's.
func (c *client) rootLogin(a *account, mfa bool) *console {
	d := c.with(a.root("", time.Time{}, false))
	used := "No"
	if mfa {
		used = "Yes"
	}
	id := d.do(call{service: "signin", name: "ConsoleLogin", kind: "AwsConsoleSignIn", write: true, region: "us-east-1", technique: "IA-005", host: "signin.aws.amazon.com",
		resp: o("ConsoleLogin", "Success"), extra: o("LoginTo", "https://console.aws.amazon.com/console/home", "MobileVersion", "No", "MFAUsed", used)})
	k := a.root(a.mint("ASIA"), c.now, mfa)
	k.parent = "arn:aws:iam::" + a.id + ":root"
	s := c.opened(k, id, "console_login")
	s.now = c.now
	return s
}

// What is hard here: root has no unique id but the account's number, no user
// name to search by, and one good login among the bad.
func tellRootLogin(s *sim) {
	w, t := s.w, &s.truth
	r := w.stream("story")
	at := w.day(23+r.IntN(3), 4, r.IntN(50))
	w.exported(at.Add(11 * time.Hour))

	// Planned, in the office, with the device: the same first event.
	boss := w.admin0()
	p := s.inOffice(boss, w.day(9, 14, 5), decoy("root signs in as planned, in the office, with MFA"))
	planned := p.rootLogin(w.prod, true)
	planned.visit(s.pages[7], s.pages[9])

	place := w.plan.place()
	c := s.thief("root", nil, place, w.stream("thief-tool").browserWindows(), at)
	nobody := c.with(w.prod.root("", time.Time{}, false))
	for i, name := range []string{"PasswordRecoveryRequested", "PasswordRecoveryCompleted"} {
		nobody.now = c.now
		nobody.do(call{service: "signin", name: name, kind: "AwsConsoleSignIn", write: true, region: "us-east-1", resp: o(name, "Success"), technique: "IA-006", host: "signin.aws.amazon.com"})
		c.pause(time.Minute, time.Duration(3+i)*time.Minute)
	}
	k := c.rootLogin(w.prod, false)
	t.used[w.prod.root("", time.Time{}, false).arn] = true
	k.visit(s.pages[7], s.pages[2])
	iam := k.on("iam")
	own := &cred{key: w.prod.mint("AKIA"), acct: w.prod}
	made := iam.do(call{service: "iam", name: "CreateAccessKey", technique: "IA-007",
		resp: o("accessKey", o("userName", w.prod.id, "accessKeyId", own.key, "status", "Active", "createDate", verbose(iam.now)))})
	iam.issued(own, made, "create_access_key")
	t.persist("access_key", own.key, "live", made)
	k.pause(time.Minute, 2*time.Minute)
	iam = k.on("iam")
	name := w.plausible("user", "aws-billing", "root-backup", "%-admin")
	u, first := iam.createUser(name, "PR-001")
	k.pause(10*time.Second, 40*time.Second)
	iam = k.on("iam")
	second := iam.attachUserPolicy(u, "arn:aws:iam::aws:policy/AdministratorAccess", "PE-001")
	k.pause(10*time.Second, 40*time.Second)
	iam = k.on("iam")
	third := iam.createLoginProfile(u, "PR-004")
	t.Lineage = append(t.Lineage, Edge{Parent: iam.cred.key, Child: loginProfile(u), Event: third, Rule: "login_profile", Unused: true})
	t.persist("iam_user", u.arn, "live", first, second)
	t.mayPersist("policy", u.arn+"#arn:aws:iam::aws:policy/AdministratorAccess", "live", second)
	t.persist("login_profile", loginProfile(u), "live", third)
	k.pause(time.Minute, 2*time.Minute)
	a := k.on("account")
	t.shows("PR-030", a.do(call{service: "account", name: "PutAlternateContact", write: true, req: o("alternateContactType", "SECURITY", "emailAddress", "***", "name", "***", "phoneNumber", "***", "title", "***")}))
	k.pause(time.Minute, 2*time.Minute)
	tr := k.on("cloudtrail")
	tr.deny(call{service: "cloudtrail", name: "StopLogging", technique: "DE-001"}, w.trail, "with an explicit deny in a service control policy")

	// The key, hours later, at a prompt.
	key := w.prod.root(own.key, time.Time{}, false)
	d := s.thief("root key", key, place, w.stream("thief-tool").cliLinux(), k.now.Add(2*time.Hour+r.between(0, time.Hour)))
	t.shows("IA-007", d.callerIdentity())
	d.pause(5*time.Second, 40*time.Second)
	d.do(call{service: "s3", name: "ListBuckets", req: o("Host", "s3."+d.region+".amazonaws.com")})
	d.pause(5*time.Second, 40*time.Second)
	d.bulk(w.records, "exports", 25+r.IntN(20))

	t.Sentence = fmt.Sprintf("We got an alarm about root activity in account %s early this morning (%s). Nobody had a root task today; the root mailbox is a shared one. What did root do, and how do we get it back?",
		w.prod.id, longDate(at.Add(w.zone)))
	t.Expected = Expected{Status: "incident", Kind: "root_activity"}
	t.Answers = map[string]string{
		"planned_changes": fmt.Sprintf("root was used as planned on %s, from the office, and not since", longDate(w.day(9, 14, 5))),
		"owner":           fmt.Sprintf("only %s may use root, from the office (%s), with the device", boss.email, cidr(w.office)),
	}
	t.indicate("accountId", w.prod.id, "")
	t.NotObservable = []string{"the mailbox and who read it", "objects of buckets that have no data events"}
}
