package simulator

import (
	"fmt"
	"time"
)

var partnerChain = incident{
	name:  "partner-chain",
	kind:  "suspicious_source",
	about: "a supplier's account is compromised: its role here is assumed as always but for the address, chains into the administrators' role and on into a third account whose log is not here",
	weeks: 4,
	tell:  tellPartnerChain,
}

// What is hard here: of three accounts only the middle one has a log. The way in
// shows an account and a unique id, the way out only the call that was made.
func tellPartnerChain(s *sim) {
	w, t := s.w, &s.truth
	r := w.stream("story")
	at := w.day(22+r.IntN(3), 5, r.IntN(50))
	w.exported(at.Add(30 * time.Hour))

	// The vendor's own role, from elsewhere: same account, same external id.
	c := s.vendor(w.stream("vendor", "stolen"), at)
	c.as = decoy("the vendor's own scan, an hour early")
	for i := range 8 {
		c.do(w.sweep(c, i))
		c.pause(time.Second, 9*time.Second)
	}
	out := &client{s: s, r: w.stream("thief", "partner"), cred: foreign(w.prod, "AIDA"+r.text(base32, 17), w.vendor), ip: w.plan.place().addr(44), agent: w.stream("thief-tool").botoLinux(), region: w.region, now: at.Add(20 * time.Minute), as: intruder}
	session := fmt.Sprintf("scan-%d", out.now.Unix())
	k := w.scanner.session(out.now, sessionOf{name: session})
	k.event = out.do(call{service: "sts", name: "AssumeRole", shared: r.uuid(), technique: "IA-015",
		req:       o("roleArn", w.scanner.arn, "roleSessionName", session, "externalId", w.extID, "durationSeconds", 3600),
		resp:      o("credentials", out.credentials(k, out.now, time.Hour), "assumedRoleUser", o("assumedRoleId", k.principalID, "arn", k.arn)),
		resources: []resource{{"AWS::IAM::Role", w.scanner.arn, w.prod.id}}})
	k.rule, k.issued = "assume_role_cross_account", out.now
	t.edge(out.as, k)
	in := out.with(k)
	in.pause(4*time.Second, 20*time.Second)
	in.callerIdentity()
	in.pause(4*time.Second, 20*time.Second)
	in.do(call{service: "iam", name: "ListRoles", req: o("maxItems", 1000)})
	in.pause(4*time.Second, 20*time.Second)
	up := in.with(in.assumeRole(w.admin, session, time.Hour))
	t.shows("PE-019", t.Lineage[len(t.Lineage)-1].Event)
	up.pause(4*time.Second, 20*time.Second)
	for _, secret := range w.secrets[:2] {
		up.getSecret(secret, "CA-001")
		up.pause(4*time.Second, 20*time.Second)
	}
	third := newAccount(w.stream("account", "third"))
	role := third.newRole("/", "OrganizationAccountAccessRole")
	next := role.session(up.now, sessionOf{name: session})
	id := up.do(call{service: "sts", name: "AssumeRole", shared: r.uuid(), technique: "LM-002",
		req:       o("roleArn", role.arn, "roleSessionName", session),
		resp:      o("credentials", up.credentials(next, up.now, time.Hour), "assumedRoleUser", o("assumedRoleId", next.principalID, "arn", next.arn)),
		resources: []resource{{"AWS::IAM::Role", role.arn, third.id}}})
	t.Lineage = append(t.Lineage, Edge{Parent: up.cred.key, Child: next.key, Event: id, Rule: "assume_role_cross_account", Unused: true})
	up.pause(4*time.Minute, 9*time.Minute)
	up.updateTrust(w.reader, trustPolicy(trusts("Service", "ec2.amazonaws.com"), trusts("AWS", "arn:aws:iam::"+w.vendor+":root")), "PR-007")
	t.persist("trust_policy", w.reader.arn, "live", t.AttackEventIDs[len(t.AttackEventIDs)-1])

	t.Sentence = fmt.Sprintf("Our security vendor (account %s) told us of a breach on their side. They have a read role %s in our account. Did anybody use it, and did they get further?", w.vendor, w.scanner.name)
	t.Expected = Expected{Status: "incident", Kind: "suspicious_source"}
	t.Answers = map[string]string{
		"vendors": fmt.Sprintf("the posture scanner of account %s comes from %s only, every morning", w.vendor, cidr(w.vendorN)),
	}
	t.indicate("roleArn", w.scanner.arn, "not in the sentence by its ARN, but by its name")
	t.NotObservable = []string{"what was done in account " + third.id + ": its log is not here", "who in the vendor's account it was"}
}
