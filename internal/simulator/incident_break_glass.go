package simulator

import (
	"fmt"
	"time"
)

var breakGlass = incident{
	name:  "break-glass",
	kind:  "suspicious_source",
	about: "no incident: the engineer on call repairs production at three in the morning from home, through the administrators' role, with secrets, security groups, a stopped function and a policy put on and taken off",
	weeks: 4,
	tell:  tellBreakGlass,
}

// What is hard here: an hour nobody works in, the strongest role, secrets read
// in a row, a door opened in a security group and closed again. The network is
// one the person has used, by day; the tool is theirs.
func tellBreakGlass(s *sim) {
	w, t := s.w, &s.truth
	r := w.stream("story")
	day := 22 + r.IntN(3)
	at := w.day(day, 3, r.IntN(40))
	w.exported(at.Add(8 * time.Hour))
	p := w.iamUsers()[0]
	as := decoy("the engineer on call repairs production at night")
	c := s.staff(p, nil, at, as)
	c.ip, c.agent = p.home.addr(1), p.browser
	k := c.login(p.user, true, "")
	k.visit(s.pages[0])
	cli := c.with(p.user.key)
	cli.agent, cli.now = p.cli, k.now
	cli.callerIdentity()
	cli.pause(20*time.Second, time.Minute)
	up := cli.with(cli.assumeRole(w.admin, "breakglass-"+p.name, time.Hour))
	up.pause(5*time.Second, 30*time.Second)
	for i := range 9 {
		up.do(w.sweep(up, i*3))
		up.pause(2*time.Second, 50*time.Second)
	}
	for _, secret := range w.secrets[:4] {
		up.getSecret(secret, "")
		up.pause(5*time.Second, time.Minute)
	}
	rule := o("items", list{o("ipProtocol", "tcp", "fromPort", 5432, "toPort", 5432, "groups", obj{}, "ipRanges", o("items", list{o("cidrIp", "10.0.0.0/8")}), "ipv6Ranges", obj{}, "prefixListIds", obj{})})
	up.do(call{service: "ec2", name: "AuthorizeSecurityGroupIngress", req: o("groupId", w.sg, "ipPermissions", rule), resp: o("requestId", r.uuid(), "_return", true)})
	up.pause(2*time.Minute, 9*time.Minute)
	up.putRolePolicy(w.tasks.role, "hotfix", trustPolicy(o("Effect", "Allow", "Action", "s3:*", "Resource", "*")), "")
	up.pause(4*time.Minute, 9*time.Minute)
	up.do(call{service: "ecs", name: "UpdateService", req: o("cluster", w.cluster, "service", w.tasks.name, "desiredCount", 6, "forceNewDeployment", true)})
	up.pause(4*time.Minute, 9*time.Minute)
	up.do(call{service: "iam", name: "DeleteRolePolicy", req: o("roleName", w.tasks.role.name, "policyName", "hotfix")})
	up.pause(time.Minute, 2*time.Minute)
	up.do(call{service: "ec2", name: "RevokeSecurityGroupIngress", req: o("groupId", w.sg, "ipPermissions", rule), resp: o("requestId", r.uuid(), "_return", true)})

	t.Sentence = fmt.Sprintf("alert from our SIEM: %s used role %s at 03:%02d local time tonight (%s) and read 4 secrets. nobody of the day shift knows of it. is this an intruder",
		p.name, w.admin.name, at.Add(w.zone).Minute(), at.Add(w.zone).Format("02.01.2006"))
	t.Expected = Expected{Status: "no_incident", Kind: "suspicious_source"}
	t.Answers = map[string]string{
		"owner":           fmt.Sprintf("%s was on call tonight and works from home (%s)", p.name, cidr(p.home)),
		"planned_changes": "incident bridge: the database connections of production were repaired by " + p.name,
	}
	t.indicate("userName", p.name, "")
	t.NotObservable = []string{"the page that woke the engineer"}
}
