package simulator

import (
	"fmt"
	"strconv"
	"time"
)

var quietWeek = incident{
	name:  "quiet-week",
	kind:  "leaked_access_key",
	about: "no incident: a key rotated by its owner and a build farm that moved, Terraform that makes and unmakes users and roles, a new laptop, a malware scan that shares snapshots",
	weeks: 4,
	tell:  tellQuietWeek,
}

// What is hard here: each thing that happened is, by itself, what an intruder
// would do, and the sentence asks for one. Right is to find the owner's own
// hand in every one of them, or to say that the evidence can't decide.
func tellQuietWeek(s *sim) {
	w, t := s.w, &s.truth
	r := w.stream("story")
	day := 21 + r.IntN(2) // a Monday or Tuesday
	at := w.day(day, 10, r.IntN(50))
	w.exported(w.day(day+3, 12, 0))
	boss := w.admin0()

	// The owner rotates the build user's key and the farm moves house.
	c := s.inOffice(boss, at, decoy("the owner rotates the build user's key"))
	c.cred = c.identityCenter(boss)
	c.agent = boss.cli
	c.pause(time.Minute, 2*time.Minute)
	fresh, _ := c.createKey(w.ci, "")
	c.pause(9*time.Minute, 14*time.Minute)
	c.setKey(w.ci, w.ci.key.key, "Inactive", "")
	moved := w.plan.place()
	p := s.pipeline()
	p.until = c.now.Add(-time.Minute)
	next := *p
	next.key, next.since, next.until, next.from, next.r = fresh, c.now.Add(3*time.Minute), time.Time{}, moved, w.stream("pipeline", "new farm")
	next.as = func(time.Time) mark { return decoy("the pipeline on its new key, from its new build farm") }
	s.actors = append(s.actors, &next)
	next.run(s, c.now.Add(5*time.Minute))

	quietTerraform(s, &next, c.now.Add(26*time.Hour))
	quietPeople(s, day)
	quietScan(s, w.day(day+1, 14, r.IntN(60)))

	t.Sentence = fmt.Sprintf("Our monitoring flags that access key %s of IAM user %s has been used from an address we have never seen since %s. "+
		"Was it stolen? Please look at the whole week.", fresh.key, w.ci.name, at.Add(w.zone).Format("Monday, 2 January"))
	t.Expected = Expected{Status: "no_incident", Kind: "leaked_access_key"}
	t.Answers = map[string]string{
		"owner":           fmt.Sprintf("%s belongs to the platform team; the build agents moved to %s this week", w.ci.name, cidr(moved)),
		"rotated_at":      fmt.Sprintf("%s rotated the key on %s", boss.email, longDate(at)),
		"planned_changes": "build agents moved to a new provider; a staging stack was set up and torn down with Terraform",
		"vendors":         fmt.Sprintf("posture scanner, role %s from account %s", w.scanner.name, w.vendor),
	}
	t.indicate("accessKeyId", fresh.key, "the key that was flagged")
	t.indicate("userName", w.ci.name, "")
	t.NotObservable = []string{"the change ticket for the move of the build agents"}
}

// quietTerraform sets a staging stack up and tears it down again: users, roles,
// keys, open security groups, all made and unmade by the pipeline's role.
func quietTerraform(s *sim, p *pipeline, at time.Time) {
	w := s.w
	c := &client{s: s, r: w.stream("terraform"), cred: p.key, ip: p.from.addr(11), agent: w.ciTool, region: w.region, now: at,
		as: decoy("Terraform sets a staging stack up and tears it down")}
	c.callerIdentity()
	c.pause(2*time.Second, 9*time.Second)
	t := c.with(c.assumeRole(w.deploy, "ci-"+c.r.text("0123456789", 7), time.Hour))
	t.agent = w.ciTF
	for i := range 3 {
		t.pause(time.Second, 3*time.Second)
		role, _ := t.createRole("/", w.company+"-staging-"+strconv.Itoa(i), trustPolicy(trusts("Service", "lambda.amazonaws.com")), "")
		t.pause(time.Second, 3*time.Second)
		t.putRolePolicy(role, "inline", trustPolicy(o("Effect", "Allow", "Action", []string{"s3:*", "dynamodb:*"}, "Resource", "*")), "")
	}
	u, _ := t.createUser(w.company+"-staging-smtp", "")
	t.pause(time.Second, 3*time.Second)
	t.attachUserPolicy(u, "arn:aws:iam::aws:policy/AmazonSESFullAccess", "")
	t.pause(time.Second, 3*time.Second)
	k, _ := t.createKey(u, "")
	t.pause(time.Second, 3*time.Second)
	sg := "sg-0" + t.r.hex(16)
	t.do(call{service: "ec2", name: "AuthorizeSecurityGroupIngress", req: o("groupId", sg, "ipPermissions", o("items", list{o("ipProtocol", "tcp", "fromPort", 443, "toPort", 443, "groups", obj{}, "ipRanges", o("items", list{o("cidrIp", "0.0.0.0/0")}), "ipv6Ranges", obj{}, "prefixListIds", obj{})})),
		resp: o("requestId", t.r.uuid(), "_return", true)})
	t.pause(20*time.Minute, 30*time.Minute)
	t.deleteKey(u, k.key, "")
	t.pause(time.Second, 3*time.Second)
	t.do(call{service: "iam", name: "DetachUserPolicy", req: o("userName", u.name, "policyArn", "arn:aws:iam::aws:policy/AmazonSESFullAccess")})
	t.pause(time.Second, 3*time.Second)
	t.do(call{service: "iam", name: "DeleteUser", req: o("userName", u.name)})
	for i := range 3 {
		name := w.company + "-staging-" + strconv.Itoa(i)
		t.pause(time.Second, 3*time.Second)
		t.do(call{service: "iam", name: "DeleteRolePolicy", req: o("roleName", name, "policyName", "inline")})
		t.pause(time.Second, 3*time.Second)
		t.do(call{service: "iam", name: "DeleteRole", req: o("roleName", name)})
	}
}

// quietPeople is a new laptop, a mistyped password, and an administrator who
// helps a colleague with a lost phone.
func quietPeople(s *sim, day int) {
	w := s.w
	p := w.iamUsers()[0]
	s.off(p, day+1)
	c := s.staff(p, nil, w.day(day+1, 11, 20), decoy("an IAM user's new laptop, at home, with MFA"))
	c.ip, c.agent = w.plan.home().addr(1), c.r.browserLinux()
	c.loginFailed(p.user)
	c.pause(9*time.Second, 30*time.Second)
	k := c.login(p.user, true, "")
	k.now = c.now
	k.visit(s.pages[4], s.pages[0], s.pages[2])
	boss := w.admin0()
	h := s.inOffice(boss, w.day(day+2, 10, 15), decoy("an administrator replaces a colleague's lost phone"))
	h.cred = h.identityCenter(boss)
	h.agent = boss.cli
	other := w.iamUsers()[1].user
	h.do(call{service: "iam", name: "DeactivateMFADevice", req: o("userName", other.name, "serialNumber", other.mfaSerial)})
	h.pause(time.Minute, 2*time.Minute)
	h.do(call{service: "iam", name: "UpdateLoginProfile", req: o("userName", other.name, "passwordResetRequired", true)})
	h.pause(3*time.Minute, 6*time.Minute)
	h.do(call{service: "iam", name: "EnableMFADevice", req: o("userName", other.name, "serialNumber", other.mfaSerial+"-2")})
	s.off(w.iamUsers()[1], day+2)
	s.off(w.iamUsers()[1], day+3)
}

// quietScan is GuardDuty's agentless malware scan (NM-04): a snapshot, shared
// with an account of AWS's and dropped. It looks exactly like theft.
func quietScan(s *sim, at time.Time) {
	w := s.w
	const host = "malware-protection.guardduty.amazonaws.com"
	r := w.stream("malware scan")
	slr := w.prod.newRole("/aws-service-role/"+host+"/", "AWSServiceRoleForAmazonGuardDutyMalwareProtection")
	k := slr.session(at, sessionOf{name: "GuardDutyMalwareProtection"})
	s.issueByService(r, host, k, "GuardDutyMalwareProtection", w.region, time.Hour, "service_linked_role")
	c := &client{s: s, r: r, cred: k, ip: host, agent: serviceAgent(host), region: w.region, now: at, as: decoy("GuardDuty's malware scan shares a snapshot with AWS")}
	c.pause(2*time.Second, 9*time.Second)
	snap, vol := "snap-0"+r.hex(16), "vol-0"+r.hex(16)
	c.do(call{service: "ec2", name: "CreateSnapshot", invokedBy: host, req: o("volumeId", vol), resp: o("requestId", r.uuid(), "snapshotId", snap, "volumeId", vol, "status", "pending", "ownerId", w.prod.id)})
	c.pause(time.Minute, 3*time.Minute)
	c.do(call{service: "ec2", name: "ModifySnapshotAttribute", invokedBy: host,
		req:  o("snapshotId", snap, "createVolumePermission", o("add", o("items", list{o("userId", newAccount(w.stream("account", "guardduty")).id)})), "attributeType", "CREATE_VOLUME_PERMISSION"),
		resp: o("requestId", r.uuid(), "_return", true)})
	c.pause(8*time.Minute, 20*time.Minute)
	c.do(call{service: "ec2", name: "DeleteSnapshot", invokedBy: host, req: o("snapshotId", snap), resp: o("requestId", r.uuid(), "_return", true)})
}
