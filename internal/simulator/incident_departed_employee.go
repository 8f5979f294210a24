package simulator

import (
	"fmt"
	"time"
)

var departedEmployee = incident{
	name:  "departed-employee",
	kind:  "departed_employee",
	about: "a leaver's key in the development account goes on working: a role of the production account, records, secrets, a second key; a scheduled job under the same key is nobody's doing",
	weeks: 4,
	tell:  tellDepartedEmployee,
}

// What is hard here: no new network, no new tool, no new action at first. The
// date alone makes it wrong, and a job under the same key goes on after it.
// Both accounts deliver, so each role assumption is seen twice.
func tellDepartedEmployee(s *sim) {
	w, t := s.w, &s.truth
	r := w.stream("story")
	dev := newAccount(w.stream("account", "development"))
	name := pick(r, firstNames) + "." + pick(r, lastNames)
	leaver := dev.newUser(name)
	leaver.key = leaver.newKey()
	support := w.prod.newRole("/", pick(r, []string{"support-access", "incident-support", "oncall-readonly"}))
	home, server := w.plan.place(), w.plan.cloud()
	laptop, script := r.cliMac(), r.boto("5.15.0-160-generic")
	left := w.day(14, 18, 0) // Monday of the third week, at six
	at := w.day(18+r.IntN(3), 21, r.IntN(50))
	w.exported(at.Add(61 * time.Hour))

	// Two accounts' trails: the leaver worked in one and looked after the other.
	s.actors = append(s.actors, &habit{
		r: w.stream("leaver at work"), cred: leaver.key, ip: home.addr(1), agent: laptop, region: w.region, until: left, rate: working(0.35),
		does: func(c *client) {
			c.callerIdentity()
			for range 1 + c.r.IntN(4) {
				c.pause(3*time.Second, 60*time.Second)
				c.do(w.sweep(c, c.r.IntN(20)))
			}
			if c.r.chance(0.3) {
				c.pause(5*time.Second, 60*time.Second)
				k := c.with(c.assumeRole(support, name, time.Hour))
				for range 2 + c.r.IntN(3) {
					k.pause(3*time.Second, 40*time.Second)
					k.do(w.sweep(k, k.r.IntN(6)))
				}
			}
		}})
	// A job somebody set up under the leaver's key on a server, still running.
	s.actors = append(s.actors, &habit{
		r: w.stream("forgotten job"), cred: leaver.key, ip: server.addr(4), agent: script, region: w.region,
		rate: func(local time.Time) float64 {
			if local.Hour() == 2 {
				return 1.4
			}
			return 0
		},
		as: after(left, decoy("a scheduled job under the leaver's key, on a server of the company's")),
		does: func(c *client) {
			c.do(call{service: "ec2", name: "DescribeInstances", req: o("maxResults", 1000, "instancesSet", obj{}, "filterSet", obj{})})
			c.pause(2*time.Second, 9*time.Second)
			c.do(call{service: "ec2", name: "DescribeVolumes", req: o("volumeSet", obj{}, "filterSet", obj{})})
			c.pause(2*time.Second, 9*time.Second)
			c.do(call{service: "ec2", name: "CreateTags", req: o("resourcesSet", o("items", list{o("resourceId", "i-0"+c.r.hex(16))}), "tagSet", o("items", list{o("key", "checked", "value", c.now.Format(time.DateOnly))})),
				resp: o("requestId", c.r.uuid(), "_return", true)})
		}})
	departedBenign(s, support, at)

	// From the usual home and laptop: nothing tells this apart but the date.
	c := s.thief("leaver", leaver.key, home, laptop, at)
	c.ip = home.addr(1)
	t.shows("IN-001", c.callerIdentity())
	c.pause(20*time.Second, time.Minute)
	second, keyed := c.createKey(leaver, "PR-003")
	t.shows("IN-003", keyed)
	t.persist("access_key", second.key, "live", keyed)
	c.pause(30*time.Second, 2*time.Minute)
	k := c.with(c.assumeRole(support, name, time.Hour))
	k.pause(20*time.Second, time.Minute)
	k.do(call{service: "s3", name: "ListBuckets", req: o("Host", "s3."+k.region+".amazonaws.com")})
	k.pause(10*time.Second, time.Minute)
	k.bulk(w.records, "customers", 60+r.IntN(50))
	k.pause(time.Minute, 3*time.Minute)
	k.getSecret(w.secrets[2], "CA-001")
	k.pause(time.Minute, 3*time.Minute)
	there := "arn:aws:iam::" + w.prod.id + ":user/" + name
	t.persist("iam_user", there, "attempted", k.deny(call{service: "iam", name: "CreateUser", technique: "PR-001"}, there, ""))

	// Two nights later the second key, from elsewhere.
	d := s.thief("leaver again", second, w.plan.place(), r.cliLinux(), at.Add(47*time.Hour+r.between(0, 6*time.Hour)))
	t.shows("IA-001", d.callerIdentity())
	d.pause(10*time.Second, time.Minute)
	e := d.with(d.assumeRole(support, name+"-2", time.Hour))
	e.pause(10*time.Second, time.Minute)
	e.bulk(w.records, "contracts", 15+r.IntN(20))

	t.Sentence = fmt.Sprintf("%s left us on %s; the last day ended at 18:00 local time. The access key %s of IAM user %s in our development account was forgotten. "+
		"Has it been used since, and did anything leave production (account %s)?",
		name, longDate(left.Add(w.zone)), leaver.key.key, name, w.prod.id)
	t.Expected = Expected{Status: "incident", Kind: "departed_employee"}
	t.Answers = map[string]string{
		"terminated_at": fmt.Sprintf("%s, %s", longDate(left), clock(left)),
		"identities":    fmt.Sprintf("IAM user %s in account %s; no single sign-on", name, dev.id),
		"accounts":      fmt.Sprintf("development %s, production %s", dev.id, w.prod.id),
		"owner":         fmt.Sprintf("a nightly tagging job runs under the same key from %s", server.addr(4)),
	}
	t.indicate("accessKeyId", leaver.key.key, "the forgotten key")
	t.indicate("userName", name, "")
	t.indicate("accountId", dev.id, "")
	t.NotObservable = []string{"who sat at the laptop", "whether the hand-over covered any of it", "objects of buckets that have no data events"}
}

// departedBenign: the role that the leaver used is used by others.
func departedBenign(s *sim, support *role, at time.Time) {
	w := s.w
	p := w.people[3]
	c := s.inOffice(p, at.Add(-5*time.Hour), decoy("a colleague on the same support role, in the same account"))
	c.cred = c.identityCenter(p)
	c.agent = p.cli
	c.pause(time.Minute, 2*time.Minute)
	k := c.with(c.assumeRole(support, p.name, time.Hour))
	for i := range 6 {
		k.pause(5*time.Second, 40*time.Second)
		k.do(w.sweep(k, i))
	}
	k.pause(5*time.Second, 40*time.Second)
	k.listObjects(w.records, "customers/", "")
	k.pause(5*time.Second, 40*time.Second)
	k.object("GetObject", w.records, k.objectKey("customers"), 0, 90_000, "")
}
