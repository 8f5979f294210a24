package simulator

import (
	"fmt"
	"time"
)

var leakedCIKey = incident{
	name:  "leaked-ci-key",
	kind:  "leaked_access_key",
	about: "a build user's long-term key leaks in public; the intruder chains roles, plants a user, a function and an open trust policy, and reads secrets and records",
	weeks: 4,
	tell:  tellLeakedCIKey,
}

func tellLeakedCIKey(s *sim) {
	w, t := s.w, &s.truth
	r := w.stream("story")
	day := 15 + r.IntN(3) // Tuesday to Thursday of the third week
	leak := w.day(day, 13+r.IntN(4), r.IntN(60))
	w.exported(leak.Add(70 * time.Hour))
	rented, second := w.plan.place(), w.plan.home()

	// The key works in public within minutes; what makes it last is the session
	// token, minted before AWS's quarantine would have forbidden it.
	c := s.thief("first", w.ci.key, rented, w.stream("thief-tool").cliLinux(), leak.Add(2*time.Minute))
	first := c.callerIdentity()
	t.shows("IA-001", first)
	c.pause(4*time.Second, 20*time.Second)
	token := c.getSessionToken(36 * time.Hour)
	t.mayPersist("federation_session", token.key, "unknown", token.event) // it outlives the key, but not the evidence
	c.pause(5*time.Second, 20*time.Second)
	c.recon()
	c.deny(call{service: "iam", name: "GetAccountAuthorizationDetails", technique: "DS-003"}, "*", "")
	c.pause(20*time.Second, time.Minute)

	quarantined := c.now.Add(30 * time.Second)
	s.quarantine(w.ci, w.ci.key, quarantined, "AWS attaches its quarantine policy, as the exposed user")
	c.at(quarantined.Add(3 * time.Minute))
	blocked := w.plausible("user", "svc-%-backup", "%-metrics", "aws-support-sync", "cloudwatch-agent")
	c.deny(call{service: "iam", name: "CreateUser", technique: "PR-001"}, "arn:aws:iam::"+w.prod.id+":user/"+blocked, "with an explicit deny in an identity-based policy")
	c.pause(time.Minute, 3*time.Minute)

	// Session token, then the pipeline's role, then the one above it.
	hop := c.with(token)
	deploy := hop.with(hop.assumeRole(w.deploy, hop.sessionName(), time.Hour))
	deploy.pause(10*time.Second, 40*time.Second)
	deploy.callerIdentity()
	deploy.pause(20*time.Second, 2*time.Minute)
	// The deploy role may pass to the administrators' role: the estate's own mistake.
	admin := deploy.with(deploy.assumeRole(w.admin, deploy.sessionName(), time.Hour))
	t.shows("PE-019", t.Lineage[len(t.Lineage)-1].Event)
	admin.pause(15*time.Second, time.Minute)
	minted, minter := leakedPersistence(s, admin, blocked)
	leakedTheft(s, minter)

	// Two days on: the minted key, from elsewhere.
	later := s.thief("second", minted, second, w.stream("thief-tool-2").botoLinux(), leak.Add(41*time.Hour+r.between(0, 5*time.Hour)))
	leakedReturn(s, later)
	leakedBenign(s, day, leak)

	p := w.admin0()
	t.Sentence = fmt.Sprintf("IAM user %s's access key %s leaked on GitHub on %s, in a public fork, at about %s. It is our build user; the pipeline uses it every day from %s. "+
		"We switched the key off the next morning and gave the pipeline a new one. What was done with it, and is anybody still in?",
		w.ci.name, w.ci.key.key, longDate(leak), clock(leak.Truncate(5*time.Minute)), cidr(w.farm))
	t.Expected = Expected{Status: "incident", Kind: "leaked_access_key"}
	t.Answers = map[string]string{
		"exposed_at":       fmt.Sprintf("%s, about %s", longDate(leak), clock(leak)),
		"owner":            fmt.Sprintf("%s is our build user: Terraform and the AWS CLI from %s, nothing else", w.ci.name, cidr(w.farm)),
		"responders":       fmt.Sprintf("%s (single sign-on) switched the key off the next morning", p.email),
		"vendors":          fmt.Sprintf("our posture scanner comes through role %s from account %s", w.scanner.name, w.vendor),
		"known_networks":   fmt.Sprintf("office %s, build agents %s", cidr(w.office), cidr(w.farm)),
		"containment_done": "the leaked key is inactive, nothing else was done",
	}
	// The first indicator is where a scorer starts; it stands in the sentence.
	t.indicate("accessKeyId", w.ci.key.key, "the leaked key")
	t.indicate("userName", w.ci.name, "")
	t.NotObservable = []string{
		"where and by whom the key was published", "whether the reads of the first network went on to a third place",
		"objects of buckets that have no data events", "calls of the planted function's URL: Lambda data events are off",
	}
}

// leakedPersistence plants what lets the intruder back in.
func leakedPersistence(s *sim, admin *client, name string) (minted *cred, minter *client) {
	w, t := s.w, &s.truth
	u, made := admin.createUser(name, "PR-001")
	admin.pause(3*time.Second, 15*time.Second)
	attached := admin.attachUserPolicy(u, "arn:aws:iam::aws:policy/AdministratorAccess", "PE-001")
	admin.pause(3*time.Second, 15*time.Second)
	minted, keyed := admin.createKey(u, "PR-002")
	admin.pause(8*time.Second, 40*time.Second)
	profile := admin.createLoginProfile(u, "PR-004")
	t.Lineage = append(t.Lineage, Edge{Parent: admin.cred.key, Child: loginProfile(u), Event: profile, Rule: "login_profile", Unused: true})
	t.persist("iam_user", u.arn, "live", made, attached)
	t.mayPersist("policy", u.arn+"#arn:aws:iam::aws:policy/AdministratorAccess", "live", attached)
	t.persist("access_key", minted.key, "live", keyed)
	t.persist("login_profile", loginProfile(u), "live", profile)

	admin.pause(time.Minute, 3*time.Minute)
	// A key for somebody who already exists, dropped again two days later.
	other := w.iamUsers()[1].user
	spare, spared := admin.createKey(other, "PR-002")
	t.persist("access_key", spare.key, "removed", spared) // the removal is added by the return
	admin.pause(40*time.Second, 2*time.Minute)

	outside := newAccount(w.stream("account", "outside")).id
	document := trustPolicy(trusts("Service", "ec2.amazonaws.com"), trusts("AWS", "arn:aws:iam::"+outside+":root"))
	trust := admin.updateTrust(w.reader, document, "PR-007")
	t.persist("trust_policy", w.reader.arn, "live", trust)
	admin.pause(time.Minute, 4*time.Minute)

	fn := w.plausible("function", "log-rotate-helper", "%-health-check", "cost-report-daily", "edge-cache-warm")
	arn, created := admin.createFunction(fn, w.admin, "PE-009")
	admin.pause(5*time.Second, 20*time.Second)
	url, permit := admin.functionURL(fn, arn)
	t.persist("function", arn, "live", created)
	t.persist("function_url", arn, "live", url, permit)
	t.mayPersist("function", arn+"#FunctionURLAllowPublicAccess", "live", permit)
	admin.pause(time.Minute, 3*time.Minute)

	// An attempt: a report that tells it as done is wrong.
	admin.deny(call{service: "cloudtrail", name: "StopLogging", technique: "DE-001"}, w.trail, "with an explicit deny in a service control policy")
	admin.pause(30*time.Second, 2*time.Minute)
	return minted, admin
}

// leakedTheft reads what the administrators' role can read.
func leakedTheft(s *sim, c *client) {
	w := s.w
	for _, secret := range w.secrets[:3+c.r.IntN(2)] {
		c.getSecret(secret, "CA-001")
		c.pause(2*time.Second, 12*time.Second)
	}
	c.pause(30*time.Second, 2*time.Minute)
	c.bulk(w.records, "", 90+c.r.IntN(70))
}

// bulk lists a bucket and takes objects out of it.
func (c *client) bulk(bucket, prefix string, n int) {
	if prefix == "" {
		prefix = "exports"
	}
	c.listObjects(bucket, "", "CO-011")
	c.pause(2*time.Second, 10*time.Second)
	c.listObjects(bucket, prefix+"/", "CO-011")
	technique := "CO-010"
	if n >= 100 { // from here on the catalogue calls it bulk
		technique = "CO-001"
	}
	for i := range n {
		if i%3 != 0 {
			c.pause(time.Second, 3*time.Second)
		}
		c.object("GetObject", bucket, c.objectKey(prefix), 0, 200_000+c.r.IntN(4_000_000), technique)
	}
}

// leakedReturn is the minted key from the second network; one door is closed
// again, by the intruder, who no longer needs it.
func leakedReturn(s *sim, c *client) {
	w, t := s.w, &s.truth
	t.shows("IA-001", c.callerIdentity())
	c.pause(5*time.Second, 30*time.Second)
	c.do(call{service: "s3", name: "ListBuckets", req: o("Host", "s3."+c.region+".amazonaws.com")})
	c.pause(5*time.Second, 30*time.Second)
	c.do(call{service: "iam", name: "ListAccessKeys", req: o("userName", w.ci.name)})
	c.pause(20*time.Second, 2*time.Minute)
	c.bulk(w.records, "archive", 25+c.r.IntN(20))
	c.pause(time.Minute, 5*time.Minute)
	for i := range t.Persistence {
		if p := &t.Persistence[i]; p.Status == "removed" {
			p.EventIDs = append(p.EventIDs, c.deleteKey(w.iamUsers()[1].user, p.ID, "DE-020"))
		}
	}
}

// leakedBenign is what must not be blamed.
func leakedBenign(s *sim, day int, leak time.Time) {
	w := s.w
	// The pipeline goes on with the leaked key, in the very hours of the theft,
	// until an administrator replaces it.
	rotate := w.day(day+1, 9, 20)
	const own = "the pipeline goes on from the build agents with the same key"
	p := s.pipeline()
	p.until = rotate
	p.as = func(at time.Time) mark {
		if at.After(leak) {
			return decoy(own)
		}
		return mark{}
	}
	for _, after := range []time.Duration{4 * time.Minute, 26 * time.Minute, 70 * time.Minute} {
		p.run(s, leak.Add(after))
	}

	boss := w.admin0()
	c := s.inOffice(boss, rotate.Add(-15*time.Minute), decoy("an administrator switches the leaked key off and makes the pipeline a new one"))
	c.cred = c.identityCenter(boss)
	c.agent = boss.cli
	c.pause(time.Minute, 2*time.Minute)
	c.do(call{service: "iam", name: "ListAccessKeys", req: o("userName", w.ci.name)})
	c.pause(time.Minute, 2*time.Minute)
	fresh, _ := c.createKey(w.ci, "")
	c.at(rotate.Add(2 * time.Minute))
	c.setKey(w.ci, w.ci.key.key, "Inactive", "")
	next := *p
	next.key, next.since, next.until, next.as, next.r = fresh, rotate.Add(10*time.Minute), time.Time{}, nil, w.stream("pipeline", "new key")
	s.actors = append(s.actors, &next)

	// An IAM administrator on a new laptop, with MFA, on the day of the leak,
	// making a user for a contractor: new agent, new address, IAM writes.
	traveller := w.iamUsers()[0]
	s.off(traveller, day)
	laptop := s.staff(traveller, nil, leak.Add(-50*time.Minute), decoy("an IAM user on a new laptop, with MFA, sets up a contractor"))
	laptop.ip, laptop.agent = w.plan.home().addr(1), laptop.r.browserLinux()
	k := laptop.login(traveller.user, true, "")
	k.now = laptop.now
	k.visit(s.pages[7], s.pages[0])
	iam := k.on("iam")
	iam.pause(time.Minute, 3*time.Minute)
	u, _ := iam.createUser("ext-"+pick(laptop.r, firstNames), "")
	iam.pause(5*time.Second, 30*time.Second)
	iam.attachUserPolicy(u, "arn:aws:iam::aws:policy/ReadOnlyAccess", "")
	iam.pause(5*time.Second, 30*time.Second)
	iam.createKey(u, "")

	// The vendor scans off schedule, in the middle of it.
	v := s.vendor(w.stream("vendor", "extra"), leak.Add(35*time.Minute))
	v.as = decoy("the posture vendor's scan")
	for i := range 30 {
		v.do(w.sweep(v, i))
		v.pause(time.Second, 3*time.Second)
	}
}

// cidr is how a responder writes a network down.
func cidr(n network) string {
	if n.v6() {
		return n.prefix + "::/48"
	}
	return n.prefix + ".0/24"
}
