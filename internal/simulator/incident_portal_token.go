package simulator

import (
	"fmt"
	"time"
)

var portalToken = incident{
	name:  "portal-token",
	kind:  "console_takeover",
	about: "an engineer's Identity Center token is phished by a device code; the thief draws role sessions from elsewhere while the engineer works on; a contractor has a first day",
	weeks: 4,
	tell:  tellPortalToken,
}

// What is hard here: sessions of thief and engineer bear one name on one role,
// and the contractor is new in every respect on the same day.
func tellPortalToken(s *sim) {
	w, t := s.w, &s.truth
	r := w.stream("story")
	day := 22 + r.IntN(2)
	at := w.day(day, 13, r.IntN(50))
	w.exported(at.Add(27 * time.Hour))
	p := w.people[1]
	c := s.thief("portal", nil, w.plan.place(), w.stream("thief-tool").botoLinux(), at)
	ip := c.ip
	tool := c.agent
	for i := range 3 {
		d := *c
		d.now = at.Add(time.Duration(i) * 95 * time.Minute)
		d.as = intruder
		k := d.identityCenter(p)
		t.edge(d.as, k)
		e := d.with(k)
		e.agent, e.ip = tool, ip
		e.callerIdentity()
		e.pause(3*time.Second, 30*time.Second)
		switch i {
		case 0:
			e.recon()
		case 1:
			e.getSecret(w.secrets[4], "CA-001")
			e.pause(3*time.Second, 30*time.Second)
			e.getParameter(w.params[5], "CA-002")
		default:
			fn := w.plausible("function", "log-shipper", "metrics-relay")
			arn, made := e.createFunction(fn, w.reader, "PE-009")
			e.pause(3*time.Second, 30*time.Second)
			url, permit := e.functionURL(fn, arn)
			t.persist("function", arn, "live", made)
			t.persist("function_url", arn, "live", url, permit)
			t.mayPersist("function", arn+"#FunctionURLAllowPublicAccess", "live", permit)
		}
	}
	// The engineer, in the office, all the while.
	own := s.inOffice(p, at.Add(-2*time.Hour), decoy("the engineer works on under the same role and name"))
	own.cred = own.identityCenter(p)
	own.agent = p.cli
	for range 20 {
		own.pause(2*time.Minute, 20*time.Minute)
		own.do(w.sweep(own, r.IntN(12)))
	}
	// A contractor's first day: a name, a place and a tool never seen.
	boss := w.admin0()
	b := s.inOffice(boss, at.Add(-4*time.Hour), decoy("an administrator sets up a contractor"))
	b.cred = b.identityCenter(boss)
	b.agent = boss.cli
	u, _ := b.createUser("ext-"+pick(r, firstNames), "")
	b.pause(9*time.Second, 60*time.Second)
	b.attachUserPolicy(u, "arn:aws:iam::aws:policy/PowerUserAccess", "")
	b.pause(9*time.Second, 60*time.Second)
	b.createLoginProfile(u, "")
	b.pause(9*time.Second, 60*time.Second)
	key, _ := b.createKey(u, "")
	n := &client{s: s, r: w.stream("contractor"), ip: w.plan.home().addr(3), agent: w.stream("contractor").browserLinux(), region: w.region, now: at.Add(-2 * time.Hour), as: decoy("a contractor's first day")}
	k := n.login(u, false, "")
	k.visit(s.pages[0], s.pages[1], s.pages[4], s.pages[2])
	cli := n.with(key)
	cli.agent, cli.now = w.stream("contractor").cliLinux(), k.now
	cli.callerIdentity()
	for i := range 14 {
		cli.pause(2*time.Second, 4*time.Minute)
		cli.do(w.sweep(cli, i*2))
	}
	t.Sentence = fmt.Sprintf("%s entered a device code from a fake IT chat on %s around %s and now worries. What was done under their single sign-on?", p.email, longDate(at.Add(w.zone)), at.Add(w.zone).Format("3pm")+" local time")
	t.Expected = Expected{Status: "incident", Kind: "console_takeover"}
	t.Answers = map[string]string{
		"owner":          fmt.Sprintf("%s was in the office (%s)", p.email, cidr(w.office)),
		"known_networks": "office " + cidr(w.office),
	}
	t.indicate("userName", p.email, "")
	t.NotObservable = []string{"the device-code sign-in: Identity Center logs in the management account"}
}
