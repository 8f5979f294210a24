package simulator

import (
	"fmt"
	"time"
)

var consoleTakeover = incident{
	name:  "console-takeover",
	kind:  "console_takeover",
	about: "a guessed password opens the console of a user without MFA; role switch, CloudShell, an MFA device of the intruder's, a colleague's password changed and used",
	weeks: 4,
	tell:  tellConsoleTakeover,
}

// What is hard here: the login record has no access key, the console works
// under a dozen keys that no event issued, the key in the AssumeRole answer is
// not the one used after the switch, and CloudShell moves the session to an
// address of AWS's.
func tellConsoleTakeover(s *sim) {
	w, t := s.w, &s.truth
	r := w.stream("story")
	day := 22 + r.IntN(3)
	at := w.day(day, 20+r.IntN(3), r.IntN(60))
	w.exported(w.day(day+1, 17, 0))
	victim, colleague := w.iamUsers()[1], w.iamUsers()[2]
	victim.user.mfaSerial = "" // the one who never enrolled a device
	rented, second := w.plan.place(), w.plan.home()

	c := s.thief("door", nil, rented, w.stream("thief-tool").browserLinux(), at)
	for range 5 + r.IntN(5) {
		c.loginFailed(victim.user)
		c.pause(4*time.Second, 40*time.Second)
	}
	k := c.login(victim.user, false, "IA-002")
	t.shows("IA-003", k.login)
	k.now = c.now
	k.pause(5*time.Second, 20*time.Second)
	k.visit(s.pages[7], s.pages[2], s.pages[0])
	consoleDevice(s, k, victim)
	k.pause(time.Minute, 3*time.Minute)

	up := k.switchRole(w.admin)
	up.pause(20*time.Second, time.Minute)
	up.visit(s.pages[7], s.pages[1])
	// A colleague's password: the way back in that outlives a reset of the first.
	iam := up.on("iam")
	changed := iam.do(call{service: "iam", name: "UpdateLoginProfile", technique: "PR-005",
		req: o("userName", colleague.user.name, "passwordResetRequired", false)})
	t.Lineage = append(t.Lineage, Edge{Parent: iam.cred.key, Child: loginProfile(colleague.user), Event: changed, Rule: "login_profile"})
	t.used[loginProfile(colleague.user)] = true
	t.persist("login_profile", loginProfile(colleague.user), "live", changed)
	up.pause(time.Minute, 2*time.Minute)
	iam = up.on("iam")
	iam.do(call{service: "iam", name: "DeactivateMFADevice", req: o("userName", colleague.user.name, "serialNumber", colleague.user.mfaSerial)})
	s.off(colleague, day+1) // locked out of their own account
	up.pause(time.Minute, 3*time.Minute)

	sh := up.shell(w.plan.cloud().addr(40))
	sh.callerIdentity()
	sh.pause(8*time.Second, 40*time.Second)
	spare, made := sh.createKey(victim.user, "PR-002")
	t.persist("access_key", spare.key, "live", made)
	sh.pause(20*time.Second, time.Minute)
	for _, secret := range w.secrets[:2] {
		sh.getSecret(secret, "CA-001")
		sh.pause(3*time.Second, 12*time.Second)
	}
	sh.bulk(w.records, "exports", 30+r.IntN(20))

	// Back by the colleague's door, from elsewhere, in the small hours.
	d := s.thief("back door", nil, second, w.stream("thief-tool-2").browserWindows(), at.Add(6*time.Hour+r.between(0, time.Hour)))
	b := d.login(colleague.user, false, "IA-002")
	t.shows("IA-003", b.login)
	b.now = d.now
	b.pause(10*time.Second, 30*time.Second)
	b.visit(s.pages[2], s.pages[6], s.pages[4])
	e := b.on("secretsmanager")
	e.getSecret(w.secrets[3], "CA-001")
	e.pause(time.Minute, 2*time.Minute)
	e.deny(call{service: "organizations", name: "LeaveOrganization"}, "*", "with an explicit deny in a service control policy")

	consoleBenign(s, day, at, victim)
	t.Sentence = fmt.Sprintf("Our monitoring mailed user %s about failed console sign-ins last night (%s); there is no MFA on that account. It was not %s, who was asleep. "+
		"Did somebody get in, what did they do, and are our other people affected?",
		victim.name, longDate(at.Add(w.zone)), victim.name)
	t.Expected = Expected{Status: "incident", Kind: "console_takeover"}
	t.Answers = map[string]string{
		"principal":      fmt.Sprintf("IAM user %s", victim.user.name),
		"owner":          fmt.Sprintf("%s signs in from the office (%s) or from home (%s), in the daytime", victim.name, cidr(w.office), cidr(victim.home)),
		"known_networks": fmt.Sprintf("office %s", cidr(w.office)),
		"responders":     "nobody has done anything yet",
	}
	t.indicate("userName", victim.user.name, "the person who reports it")
	t.NotObservable = []string{"how the password became known", "what was typed in CloudShell other than API calls", "objects of buckets that have no data events"}
}

// consoleDevice enrols a device of the intruder's on the victim's own account.
func consoleDevice(s *sim, k *console, victim *person) {
	t := &s.truth
	serial := "arn:aws:iam::" + s.w.prod.id + ":mfa/" + s.w.plausible("device", "pixel-8", "iphone-2", "authy", "phone-new")
	iam := k.on("iam")
	made := iam.do(call{service: "iam", name: "CreateVirtualMFADevice", req: o("virtualMFADeviceName", serial[len(serial)-6:], "path", "/"),
		resp: o("virtualMFADevice", o("serialNumber", serial)), technique: "PR-012"})
	k.pause(20*time.Second, time.Minute)
	iam = k.on("iam")
	on := iam.do(call{service: "iam", name: "EnableMFADevice", req: o("userName", victim.user.name, "serialNumber", serial), technique: "PR-012"})
	t.persist("mfa_device", serial, "live", made, on)
}

// consoleBenign is what looks the same and is not.
func consoleBenign(s *sim, day int, at time.Time, victim *person) {
	w := s.w
	// The victim was at work that day, and is again the next morning.
	s.off(victim, day+1)
	for i, t := range []time.Time{w.day(day, 16, 5), w.day(day+1, 9, 12)} {
		c := s.inOffice(victim, t, decoy("the user's own session from the office"))
		if i == 1 { // the intruder's device is asked for now, and the user hasn't got it
			c.loginFailed(victim.user)
			continue
		}
		k := c.login(victim.user, false, "")
		k.now = c.now
		k.visit(s.pages[4], s.pages[1])
	}
	// Somebody mistypes twice, then gets in with their device.
	p := w.iamUsers()[0]
	s.off(p, day)
	c := s.inOffice(p, at.Add(-40*time.Minute), decoy("a colleague mistypes a password in the office"))
	c.loginFailed(p.user)
	c.pause(5*time.Second, 20*time.Second)
	c.loginFailed(p.user)
	c.pause(5*time.Second, 20*time.Second)
	k := c.login(p.user, true, "")
	k.now = c.now
	k.visit(s.pages[5])
	// An engineer travels: new network, same single sign-on, usual work.
	e := w.people[2]
	s.off(e, day)
	abroad := s.staff(e, nil, at.Add(25*time.Minute), decoy("an engineer travels, through single sign-on"))
	abroad.ip, abroad.agent = w.plan.home().addr(1), e.browser
	trip := abroad.signIn(e)
	trip.now = abroad.now
	trip.visit(s.pages[0], s.pages[5], s.pages[3])
}
