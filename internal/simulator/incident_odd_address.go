package simulator

import (
	"fmt"
	"time"
)

var oddAddress = incident{
	name:  "odd-address",
	kind:  "suspicious_source",
	about: "no incident: an address never seen before turns out to be the hotel of an offsite, where several people sign in at once, one of them with a mistyped password, one making a user",
	weeks: 4,
	tell:  tellOddAddress,
}

// What is hard here: the address is new for everybody and somebody makes a user
// from it. But four unrelated people share it, by day, with their usual sign-on:
// a shared network is no link between identities.
func tellOddAddress(s *sim) {
	w, t := s.w, &s.truth
	r := w.stream("story")
	day := 22 + r.IntN(2)
	w.exported(w.day(day+1, 20, 0))
	hotel := w.plan.place()
	ip := hotel.addr(17 + r.IntN(100))
	here := decoy("several people behind the address of a hotel")

	guests := []*person{w.people[0], w.people[2], w.people[3], w.iamUsers()[0]}
	for _, p := range guests {
		s.off(p, day)
		s.off(p, day+1)
		for d := range 2 {
			c := s.staff(p, nil, w.day(day+d, 9, 10).Add(r.between(0, 40*time.Minute)), here)
			c.ip, c.agent = ip, p.browser
			if p.user != nil && d == 0 {
				c.loginFailed(p.user)
				c.pause(5*time.Second, 30*time.Second)
			}
			k := c.signIn(p)
			k.now = c.now
			for range 5 + r.IntN(4) {
				k.visit(pick(r, s.pages))
				k.pause(5*time.Minute, 30*time.Minute)
			}
			cli := c.prompt(p)
			cli.at(k.now)
			cli.pause(time.Minute, 9*time.Minute)
			for range 4 + r.IntN(5) {
				cli.do(w.sweep(cli, r.IntN(10)))
				cli.pause(10*time.Second, 5*time.Minute)
			}
			if p == guests[0] && d == 1 {
				u, _ := cli.createUser("ext-"+pick(r, firstNames), "")
				cli.pause(10*time.Second, time.Minute)
				cli.attachUserPolicy(u, "arn:aws:iam::aws:policy/job-function/ViewOnlyAccess", "")
				cli.pause(10*time.Second, time.Minute)
				cli.createLoginProfile(u, "")
			}
		}
	}
	t.Sentence = fmt.Sprintf("We see API calls from %s since %s, an address we do not know. Whose is it, and should we worry?", ip, w.day(day, 9, 0).Add(w.zone).Format("Monday, 2 January"))
	t.Expected = Expected{Status: "no_incident", Kind: "suspicious_source"}
	t.Expected.Unanswered = []string{"inconclusive"} // whose the address is, nobody but the guests can say
	t.Answers = map[string]string{
		"known_networks":  fmt.Sprintf("office %s; the platform team is at an offsite this week, the hotel has %s", cidr(w.office), cidr(hotel)),
		"planned_changes": guests[0].email + " sets up a contractor",
	}
	t.indicate("sourceIPAddress", ip, "")
	t.NotObservable = []string{"who else uses the hotel's address"}
}
