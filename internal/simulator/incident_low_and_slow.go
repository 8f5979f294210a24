package simulator

import (
	"fmt"
	"time"
)

var lowAndSlow = incident{
	name:  "low-and-slow",
	kind:  "suspicious_source",
	about: "ten days, two or three calls a day, in the owner's working hours, on a colleague's long-term key: never a burst, never a denial",
	weeks: 4,
	tell:  tellLowAndSlow,
}

// What is hard here: no window of any rule fills, and after a few days the
// intruder's network is a habit like any other.
func tellLowAndSlow(s *sim) {
	w, t := s.w, &s.truth
	r := w.stream("story")
	owner := w.iamUsers()[1]
	from := w.plan.home()
	day := 15
	w.exported(w.day(day+10, 18, 0))
	tool := owner.cli
	var ip string
	for d := range 10 {
		c := s.thief(fmt.Sprint("slow", d), owner.user.key, from, tool, w.day(day+d, 10+r.IntN(6), r.IntN(50)))
		if ip == "" {
			ip = c.ip
		}
		c.ip = ip
		switch d {
		case 0:
			t.shows("IA-001", c.callerIdentity())
		case 1:
			c.do(call{service: "iam", name: "ListUsers", req: o("maxItems", 100)})
		case 3:
			c.do(call{service: "s3", name: "ListBuckets", req: o("Host", "s3."+c.region+".amazonaws.com")})
		case 5:
			c.getSecret(w.secrets[2], "CA-001")
		case 7:
			k, keyed := c.createKey(w.iamUsers()[0].user, "PR-002")
			t.persist("access_key", k.key, "live", keyed)
			d := c.with(k)
			d.pause(40*time.Minute, 90*time.Minute)
			d.callerIdentity()
		default:
			c.listObjects(w.records, "exports/", "CO-011")
		}
		c.pause(20*time.Minute, 3*time.Hour)
		c.object("GetObject", w.records, c.objectKey("exports"), 0, 2_000_000, "CO-010")
	}
	t.Sentence = fmt.Sprintf("Recon:IAMUser/MaliciousIPCaller — APIs commonly used in Discovery attacks were invoked from a known malicious IP address %s.", ip)
	t.Expected = Expected{Status: "incident", Kind: "suspicious_source"}
	t.Answers = map[string]string{
		"known_networks": fmt.Sprintf("office %s, %s at home %s; we do not know %s", cidr(w.office), owner.name, cidr(owner.home), ip),
	}
	t.indicate("sourceIPAddress", ip, "")
	t.NotObservable = []string{"how the key got out"}
}
