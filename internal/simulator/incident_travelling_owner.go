package simulator

import (
	"fmt"
	"time"
)

var travellingOwner = incident{
	name:  "travelling-owner",
	kind:  "leaked_access_key",
	about: "no incident: an engineer abroad, behind a VPN whose exits change, on hotel networks and a phone, with an upgraded command line, making a key for a new build",
	weeks: 4,
	tell:  tellTravellingOwner,
}

// What is hard here: one person, one long-term key, five networks in three days
// and never the usual one. What speaks for the owner is only what they do: the
// same few calls, an MFA sign-in of the same morning from the same exits, and
// nobody else at work on the key at the usual place.
func tellTravellingOwner(s *sim) {
	w, t := s.w, &s.truth
	r := w.stream("story")
	day := 22 + r.IntN(2)
	w.exported(w.day(day+2, 20, 0))
	p := w.iamUsers()[1]
	exits := []network{w.plan.cloud(), w.plan.cloud(), w.plan.place(), w.plan.home(), w.plan.cloud()}
	upgraded := p.r.cliMac()
	if p.cli.text[len("aws-cli/"):] == upgraded.text[len("aws-cli/"):] {
		upgraded = w.stream("upgrade").cliMac()
	}
	as := decoy("an engineer on a journey, behind a VPN whose exits change")
	var first time.Time
	for d := range 3 {
		s.off(p, day+d)
		c := s.staff(p, nil, w.day(day+d, 7+3*d, r.IntN(50)), as)
		c.ip, c.agent = exits[d].addr(1+r.IntN(200)), p.browser
		k := c.login(p.user, true, "")
		if d == 0 {
			first = k.now
		}
		k.visit(pick(r, s.pages), pick(r, s.pages))
		cli := c.with(p.user.key)
		cli.agent, cli.now = upgraded, k.now
		for i := range 6 + r.IntN(5) {
			if i == 4 { // the VPN reconnects somewhere else
				cli.ip = exits[(d+2)%len(exits)].addr(1 + r.IntN(200))
			}
			cli.do(w.sweep(cli, r.IntN(8)))
			cli.pause(20*time.Second, 25*time.Minute)
		}
		cli.getSecret(w.secrets[len(p.name)%3], "")
		if d == 1 {
			cli.pause(time.Minute, 5*time.Minute)
			cli.createKey(w.ci, "")
		}
	}
	t.Sentence = fmt.Sprintf("GuardDuty raised UnauthorizedAccess:IAMUser/MaliciousIPCaller.Custom for key %s of %s since %s, from %s among others. Has the key leaked?",
		p.user.key.key, p.name, first.Add(w.zone).Format("2 Jan"), exits[0].addr(9))
	t.Expected = Expected{Status: "no_incident", Kind: "leaked_access_key"}
	t.Expected.open() // an alert, and a key at five new places: only its owner can say that these are theirs
	t.Answers = map[string]string{
		"owner":           fmt.Sprintf("%s has been travelling since %s and works through a VPN; the key is theirs and has not left the laptop", p.name, first.Add(w.zone).Format("2 Jan")),
		"planned_changes": p.name + " makes a new key for the build user",
	}
	t.indicate("accessKeyId", p.user.key.key, "")
	t.NotObservable = []string{"where the traveller was"}
}
