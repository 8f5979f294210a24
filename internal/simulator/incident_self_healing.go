package simulator

import (
	"fmt"
	"time"
)

var selfHealing = incident{
	name:  "self-healing",
	kind:  "leaked_access_key",
	about: "a function that makes a new key whenever one is deleted: responders delete the leaked key and its child, the function answers, and the intruder comes back with what it made",
	weeks: 4,
	tell:  tellSelfHealing,
}

// What is hard here: the key that matters is made by a Lambda session on the
// VPC's own network, minutes after the responder's deletion, while the account's
// other functions work as always.
func tellSelfHealing(s *sim) {
	w, t := s.w, &s.truth
	r := w.stream("story")
	owner := w.iamUsers()[1]
	day := 20 + r.IntN(3)
	at := w.day(day, 20, r.IntN(50))
	w.exported(at.Add(40 * time.Hour))
	from := w.plan.place()
	c := s.thief("healing", owner.user.key, from, w.stream("thief-tool").cliLinux(), at)
	t.shows("IA-001", c.callerIdentity())
	c.pause(5*time.Second, 40*time.Second)
	up := c.with(c.assumeRole(w.admin, "cli", time.Hour))
	up.pause(5*time.Second, 40*time.Second)
	first, keyed := up.createKey(w.ci, "PR-002")
	t.persist("access_key", first.key, "removed", keyed)
	up.pause(20*time.Second, time.Minute)
	fn := w.plausible("function", "iam-audit-relay", "key-metrics", "cost-tagger")
	arn, made := up.createFunction(fn, w.admin, "PE-009")
	t.persist("function", arn, "live", made)
	up.pause(5*time.Second, 40*time.Second)
	rule := fn + "-events"
	put := up.do(call{service: "events", name: "PutRule", technique: "PR-018", region: "us-east-1", req: o("name", rule, "eventPattern", `{"source":["aws.iam"],"detail":{"eventName":["DeleteAccessKey","UpdateAccessKey"]}}`, "state", "ENABLED"),
		resp: o("ruleArn", "arn:aws:events:us-east-1:"+w.prod.id+":rule/"+rule)})
	up.pause(2*time.Second, 9*time.Second)
	target := up.do(call{service: "events", name: "PutTargets", technique: "PR-018", region: "us-east-1", req: o("rule", rule, "targets", list{o("id", "1", "arn", arn)}), resp: o("failedEntryCount", 0, "failedEntries", list{})})
	t.persist("event_rule", "arn:aws:events:us-east-1:"+w.prod.id+":rule/"+rule, "live", put, target)

	// A responder deletes the key, in the office, next morning.
	boss := w.admin0()
	b := s.inOffice(boss, w.day(day+1, 10, 5), decoy("an administrator deletes the intruder's key"))
	b.cred = b.identityCenter(boss)
	b.agent = boss.cli
	b.pause(time.Minute, 2*time.Minute)
	b.do(call{service: "iam", name: "ListAccessKeys", req: o("userName", w.ci.name)})
	b.pause(20*time.Second, time.Minute)
	gone := b.deleteKey(w.ci, first.key, "")
	t.Persistence[0].EventIDs = append(t.Persistence[0].EventIDs, gone)

	// The function answers: a session of Lambda's making, on the VPC's network.
	k := w.admin.session(b.now.Add(20*time.Second), sessionOf{name: fn, scopeType: "AWS::Lambda::Function", scope: arn})
	s.issueByService(w.stream("healer"), "lambda.amazonaws.com", k, fn, w.region, 12*time.Hour, "lambda_role")
	t.Lineage = append(t.Lineage, Edge{Child: k.key, Event: k.event, Rule: "lambda_role"})
	h := &client{s: s, r: w.stream("healer"), cred: k, ip: w.nat.addr(3), agent: r.botoLinux(), region: w.region, now: k.created.Add(2 * time.Second), as: intruder}
	second, again := h.createKey(w.ci, "PR-002")
	t.persist("access_key", second.key, "live", again)

	d := s.thief("healing again", second, from, w.stream("thief-tool").cliLinux(), h.now.Add(3*time.Hour))
	d.ip = c.ip
	t.shows("IA-001", d.callerIdentity())
	d.pause(5*time.Second, 40*time.Second)
	for _, secret := range w.secrets[:2] {
		d.getSecret(secret, "CA-001")
		d.pause(5*time.Second, 40*time.Second)
	}
	t.Sentence = fmt.Sprintf("We deleted a strange key of %s on %s at %s and another one turned up. It began with %s's key %s. What keeps making them?",
		w.ci.name, longDate(b.now), clock(b.now), owner.name, owner.user.key.key)
	t.Expected = Expected{Status: "incident", Kind: "leaked_access_key"}
	t.Answers = map[string]string{
		"owner":      fmt.Sprintf("%s works from the office (%s) or from home (%s)", owner.name, cidr(w.office), cidr(owner.home)),
		"responders": fmt.Sprintf("%s (single sign-on) deleted the key", boss.email),
	}
	t.indicate("accessKeyId", owner.user.key.key, "")
	t.NotObservable = []string{"the code of the function", "how the new key reached the intruder"}
}
