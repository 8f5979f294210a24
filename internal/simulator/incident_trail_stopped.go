package simulator

import (
	"fmt"
	"time"
)

var trailStopped = incident{
	name:  "trail-stopped",
	kind:  "logging_tampered",
	about: "somebody with an engineer's key assumes the administrators' role and stops the trail for an hour; what was done in the gap is not on it, what it left behind is used afterwards",
	weeks: 4,
	tell:  tellTrailStopped,
}

// What is hard here: the worst of it is on no file. What can be had is a gap
// with two ends, and afterwards a user and a key that nobody was seen to make.
func tellTrailStopped(s *sim) {
	w, t := s.w, &s.truth
	r := w.stream("story")
	owner := w.iamUsers()[2]
	at := w.day(22+r.IntN(3), 3, r.IntN(50))
	w.exported(at.Add(9 * time.Hour))

	c := s.thief("night", owner.user.key, w.plan.place(), w.stream("thief-tool").cliLinux(), at)
	t.shows("IA-001", c.callerIdentity())
	c.pause(5*time.Second, 40*time.Second)
	k := c.with(c.assumeRole(w.admin, c.sessionName(), time.Hour))
	t.shows("LM-001", t.Lineage[len(t.Lineage)-1].Event)
	k.pause(5*time.Second, 40*time.Second)
	k.do(call{service: "cloudtrail", name: "DescribeTrails", req: o("includeShadowTrails", true), technique: "DS-011"})
	k.pause(2*time.Second, 9*time.Second)
	k.do(call{service: "cloudtrail", name: "GetTrailStatus", req: o("name", w.trail), technique: "DS-011"})
	k.pause(9*time.Second, 40*time.Second)
	k.do(call{service: "guardduty", name: "ListDetectors", req: o("maxResults", 50), technique: "DS-011"})
	k.pause(9*time.Second, 40*time.Second)
	k.deny(call{service: "guardduty", name: "DeleteDetector", technique: "DE-007"}, w.arn("guardduty", "detector/"+k.r.hex(32)), "with an explicit deny in a service control policy")
	k.pause(9*time.Second, 40*time.Second)
	k.do(call{service: "cloudtrail", name: "StopLogging", req: o("name", w.trail), technique: "DE-001"})

	// Dark: whatever happens now, to anybody, is on no file.
	stopped := k.now
	started := stopped.Add(50*time.Minute + r.between(0, 25*time.Minute))
	s.dark(stopped.Add(time.Second), started)
	k.pause(time.Minute, 2*time.Minute)
	name := w.plausible("user", "%-healthcheck", "svc-inventory", "cw-exporter")
	u, _ := k.createUser(name, "")
	k.pause(9*time.Second, 40*time.Second)
	k.attachUserPolicy(u, "arn:aws:iam::aws:policy/AdministratorAccess", "")
	k.pause(9*time.Second, 40*time.Second)
	hidden, _ := k.createKey(u, "")
	k.pause(time.Minute, 3*time.Minute)
	k.bulk(w.records, "", 60)
	k.at(started)
	k.do(call{service: "cloudtrail", name: "StartLogging", req: o("name", w.trail)})

	// A key that nobody was seen to make, from the same network.
	d := s.thief("night again", hidden, network{}, k.agent, started.Add(40*time.Minute+r.between(0, time.Hour)))
	d.ip = k.ip
	t.shows("IA-001", d.callerIdentity())
	d.pause(5*time.Second, 40*time.Second)
	d.do(call{service: "s3", name: "ListBuckets", req: o("Host", "s3."+d.region+".amazonaws.com")})
	d.pause(5*time.Second, 40*time.Second)
	d.getSecret(w.secrets[1], "CA-001")
	d.pause(5*time.Second, 40*time.Second)
	d.bulk(w.records, "exports", 20)

	stoppedBenign(s, at)
	t.Sentence = fmt.Sprintf("CloudTrail was off for about an hour last night (%s) and nobody of ours had a change planned. Who switched it off, what happened around it, and what can we not know?",
		longDate(at.Add(w.zone)))
	t.Expected = Expected{Status: "incident", Kind: "logging_tampered"}
	t.Answers = map[string]string{
		"planned_changes": "none on the trail",
		"owner":           fmt.Sprintf("%s works from the office (%s) or from home (%s), never at night", owner.name, cidr(w.office), cidr(owner.home)),
		"logs_available":  "this trail only; the 90 days of event history have not been pulled yet",
	}
	t.indicate("accessKeyId", owner.user.key.key, "not in the sentence: to be found")
	t.NotObservable = []string{
		fmt.Sprintf("everything between %s and %s on %s: the trail was off", clock(stopped), clock(started), longDate(stopped)),
		"that user " + name + " and its key were made in the gap, with administrator rights", "what was read in the gap",
	}
}

// stoppedBenign: the owner by day, and an administrator who touches the trail
// for a good reason.
func stoppedBenign(s *sim, at time.Time) {
	w := s.w
	boss := w.admin0()
	c := s.inOffice(boss, at.Add(-14*time.Hour), decoy("an administrator adds data events to the trail, in the office, by single sign-on"))
	c.cred = c.identityCenter(boss)
	c.agent = boss.cli
	c.pause(time.Minute, 2*time.Minute)
	c.do(call{service: "cloudtrail", name: "GetEventSelectors", req: o("trailName", w.trail)})
	c.pause(time.Minute, 2*time.Minute)
	c.do(call{service: "cloudtrail", name: "PutEventSelectors", write: true, req: o("trailName", w.trail, "eventSelectors", list{o("readWriteType", "All", "includeManagementEvents", true,
		"dataResources", list{o("type", "AWS::S3::Object", "values", []string{"arn:aws:s3:::" + w.records + "/", "arn:aws:s3:::" + w.assets + "/"})}, "excludeManagementEventSources", list{})})})
	v := s.vendor(w.stream("vendor", "extra"), at.Add(-20*time.Minute))
	v.as = decoy("the posture vendor's scan looks at the trail, too")
	for i := range 20 {
		v.do(w.sweep(v, i))
		v.pause(time.Second, 3*time.Second)
	}
}
