package simulator

import (
	"fmt"
	"time"
)

var cookieShell = incident{
	name:  "cookie-shell",
	kind:  "console_takeover",
	about: "a console session is taken from the browser of somebody who is at work in it; the thief opens CloudShell and works from AWS's own addresses, beside the owner",
	weeks: 4,
	tell:  tellCookieShell,
}

// What is hard here: no sign-in of the thief's exists, owner and thief share
// session and second of birth, and nearly everything hostile comes from AWS.
func tellCookieShell(s *sim) {
	w, t := s.w, &s.truth
	r := w.stream("story")
	day := 22 + r.IntN(3)
	at := w.day(day, 11, r.IntN(50))
	w.exported(at.Add(28 * time.Hour))
	p := w.iamUsers()[0]
	s.off(p, day)
	own := decoy("the owner goes on working in the session that was copied")
	o1 := s.staff(p, nil, at.Add(-90*time.Minute), own)
	o1.ip, o1.agent = w.office.addr(7), p.browser
	mine := o1.login(p.user, true, "")
	mine.visit(s.pages[0], s.pages[2])

	thief := s.thief("cookie", mine.began, w.plan.place(), w.stream("thief-tool").browserLinux(), at)
	stolen := &console{client: thief, login: mine.login, began: mine.began, keys: map[string]*cred{}, rule: "console_login"}
	stolen.visit(s.pages[7])
	sh := stolen.shell(w.plan.cloud().addr(50))
	sh.callerIdentity()
	sh.pause(5*time.Second, 40*time.Second)
	sh.recon()
	up := sh.with(sh.assumeRole(w.admin, "cloudshell", time.Hour))
	up.pause(5*time.Second, 40*time.Second)
	u, made := up.createUser(w.plausible("user", "%-support", "backup-operator"), "PR-001")
	up.pause(5*time.Second, 40*time.Second)
	k, keyed := up.createKey(u, "PR-002")
	t.persist("iam_user", u.arn, "live", made)
	t.persist("access_key", k.key, "live", keyed)
	up.pause(time.Minute, 3*time.Minute)
	for _, secret := range w.secrets[2:5] {
		up.getSecret(secret, "CA-001")
		up.pause(5*time.Second, 40*time.Second)
	}
	mine.at(at.Add(4 * time.Minute))
	mine.visit(s.pages[2], s.pages[1], s.pages[0])
	mine.at(at.Add(70 * time.Minute))
	mine.visit(s.pages[3], s.pages[0])

	t.Sentence = fmt.Sprintf("User %s's laptop had an info-stealer (found %s). They were logged in to the AWS console. What did the attacker do with the session?", p.name, at.Add(24*time.Hour).Add(w.zone).Format("Jan 2, 2006"))
	t.Expected = Expected{Status: "incident", Kind: "console_takeover"}
	t.Answers = map[string]string{
		"owner":          fmt.Sprintf("%s was in the office (%s) all day and does not use CloudShell", p.name, cidr(w.office)),
		"known_networks": "office " + cidr(w.office),
	}
	t.indicate("userName", p.name, "")
	t.NotObservable = []string{"the theft of the cookie"}
}
