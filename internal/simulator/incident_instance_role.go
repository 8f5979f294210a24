package simulator

import (
	"fmt"
	"time"
)

var instanceRoleTheft = incident{
	name:  "instance-role-theft",
	kind:  "instance_credential_theft",
	about: "an instance's role credentials are read through its metadata service and used elsewhere, then a data role is assumed; the instance itself works on under the same session name",
	weeks: 4,
	tell:  tellInstanceRoleTheft,
}

// What is hard here: thief and instance share principal, session name and
// creationDate. Only the access key, and after it address and tool, tell them
// apart; whoever joins by session ARN blames the SSM agent.
func tellInstanceRoleTheft(s *sim) {
	w, t := s.w, &s.truth
	r := w.stream("story")
	day := 22 + r.IntN(4)
	at := w.day(day, 18+r.IntN(4), r.IntN(60))
	noticed := w.day(day+1, 8, 10+r.IntN(45))
	w.exported(noticed.Add(2 * time.Hour))
	host := w.instances[r.IntN(len(w.instances))]
	rented := w.plan.place()

	// The version-1 half of the instance's key set leaves; the version-2 half
	// stays with the SSM agent. One session name, one creationDate.
	set := host.at(s, at)
	if at.Sub(set.v1.created) < 10*time.Minute {
		at = at.Add(10 * time.Minute)
	}
	c := s.thief("host", set.v1, rented, w.stream("thief-tool").botoLinux(), at)
	t.stolen(set.v1)
	t.shows("IA-009", c.callerIdentity())
	c.pause(3*time.Second, 20*time.Second)
	c.do(call{service: "s3", name: "ListBuckets", req: o("Host", "s3."+c.region+".amazonaws.com")})
	c.pause(3*time.Second, 20*time.Second)
	c.deny(call{service: "iam", name: "ListUsers"}, "arn:aws:iam::"+w.prod.id+":user/", "")
	c.pause(3*time.Second, 20*time.Second)
	c.do(call{service: "ec2", name: "DescribeInstances", req: o("maxResults", 1000, "instancesSet", obj{}, "filterSet", obj{})})
	c.pause(3*time.Second, 20*time.Second)
	c.deny(call{service: "secretsmanager", name: "ListSecrets"}, "", "")
	c.pause(30*time.Second, 2*time.Minute)
	c.bulk(w.assets, "config", 12+r.IntN(10))
	c.pause(time.Minute, 5*time.Minute)

	// Sideways: the data job's role trusts every instance of the account.
	d := c.with(c.assumeRole(w.reader, w.plausible("session", "etl-run", "nightly-load", "batch-worker"), time.Hour))
	t.shows("LM-001", t.Lineage[len(t.Lineage)-1].Event)
	d.pause(10*time.Second, time.Minute)
	d.callerIdentity()
	d.pause(5*time.Second, 30*time.Second)
	for _, p := range w.params[:2] {
		d.getParameter(p, "CA-002")
		d.pause(2*time.Second, 9*time.Second)
	}
	d.getSecret(w.secrets[0], "CA-001")
	d.pause(30*time.Second, 2*time.Minute)
	d.bulk(w.records, "exports", 70+r.IntN(60))
	d.pause(time.Minute, 3*time.Minute)
	roleTheftLoss(s, d, host)

	// Six hours on the keys have changed; the hole has not. A second theft.
	again := at.Add(rotation + 20*time.Minute + r.between(0, time.Hour))
	set = host.at(s, again)
	t.stolen(set.v1)
	e := s.thief("host again", set.v1, rented, w.stream("thief-tool").botoLinux(), again)
	t.shows("IA-009", e.callerIdentity())
	e.pause(5*time.Second, 40*time.Second)
	e.bulk(w.assets, "builds", 8+r.IntN(8))
	e.pause(time.Minute, 4*time.Minute)
	t.mayPersist("access_key", w.ci.arn, "attempted", e.deny(call{service: "iam", name: "CreateAccessKey", technique: "PR-002"}, "user "+w.ci.name, ""))

	roleTheftBenign(s, host, at)
	t.Sentence = fmt.Sprintf("GuardDuty says credentials of instance %s were used from an outside address yesterday evening (%s). The instance runs our public web site under role %s and is still up. "+
		"What was taken, and do we have to take the site down?",
		host.id, longDate(at.Add(w.zone)), host.role.name)
	t.Expected = Expected{Status: "incident", Kind: "instance_credential_theft"}
	t.Answers = map[string]string{
		"noticed_at":     fmt.Sprintf("%s, %s", longDate(noticed), clock(noticed)),
		"owner":          fmt.Sprintf("the instance itself uses role %s: its SSM agent and the web application, from %s", host.role.name, host.public),
		"known_networks": fmt.Sprintf("the VPC leaves by %s; the office is %s", host.public, cidr(w.office)),
	}
	t.indicate("instanceId", host.id, "the finding names it")
	t.indicate("roleArn", host.role.arn, "")
	t.NotObservable = []string{
		"the request to the metadata service", "the flaw in the web application", "objects of buckets that have no data events",
		"what the shared snapshot's receiver did with it",
	}
}

// stolen is the theft itself: an edge with no call of the intruder's behind
// it. The issuing event is EC2's.
func (t *recorder) stolen(k *cred) {
	t.Lineage = append(t.Lineage, Edge{Child: k.key, Event: k.event, Rule: "instance_profile"})
}

// roleTheftLoss is the snapshot that leaves the account, the schedule that
// stays, and what was refused.
func roleTheftLoss(s *sim, d *client, host *instance) {
	w, t := s.w, &s.truth
	vol, snap := "vol-0"+d.r.hex(16), "snap-0"+d.r.hex(16)
	d.do(call{service: "ec2", name: "CreateSnapshot", technique: "CO-006", req: o("volumeId", vol, "description", "weekly"),
		resp: o("requestId", d.r.uuid(), "snapshotId", snap, "volumeId", vol, "status", "pending", "startTime", d.now.UnixMilli(), "ownerId", w.prod.id, "volumeSize", "120", "encrypted", false)})
	d.pause(2*time.Minute, 6*time.Minute)
	outside := newAccount(w.stream("account", "outside")).id
	share := d.do(call{service: "ec2", name: "ModifySnapshotAttribute", technique: "XF-001",
		req:  o("snapshotId", snap, "createVolumePermission", o("add", o("items", list{o("userId", outside)})), "attributeType", "CREATE_VOLUME_PERMISSION"),
		resp: o("requestId", d.r.uuid(), "_return", true)})
	t.persist("share", snap, "live", share)
	d.pause(30*time.Second, 2*time.Minute)
	d.deny(call{service: "ssm", name: "SendCommand", technique: "LM-005"}, w.arn("ec2", "instance/"+host.id), "")
	d.pause(30*time.Second, 2*time.Minute)
	d.deny(call{service: "ec2", name: "RunInstances", technique: "IM-001", req: o("instancesSet", o("items", list{o("imageId", "ami-0"+d.r.hex(16), "minCount", 4, "maxCount", 4)}),
		"blockDeviceMapping", obj{}, "instanceType", "g5.12xlarge", "monitoring", o("enabled", false), "disableApiTermination", true)}, w.arn("ec2", "instance/*"), "")
	d.pause(30*time.Second, 2*time.Minute)

	// A function on the data job's own role, and a rule that wakes it.
	fn := w.plausible("function", "table-compactor", "partition-sync", "stats-rollup")
	arn, created := d.createFunction(fn, w.reader, "PE-009")
	d.pause(10*time.Second, 40*time.Second)
	rule := fn + "-6h"
	put := d.do(call{service: "events", name: "PutRule", technique: "PR-018", req: o("name", rule, "scheduleExpression", "rate(6 hours)", "state", "ENABLED"),
		resp: o("ruleArn", w.arn("events", "rule/"+rule))})
	d.pause(2*time.Second, 9*time.Second)
	target := d.do(call{service: "events", name: "PutTargets", technique: "PR-018", req: o("rule", rule, "targets", list{o("id", "1", "arn", arn)}),
		resp: o("failedEntryCount", 0, "failedEntries", list{})})
	t.persist("function", arn, "live", created)
	t.persist("event_rule", w.arn("events", "rule/"+rule), "live", put, target)
}

// roleTheftBenign is what looks the same and is not.
func roleTheftBenign(s *sim, host *instance, at time.Time) {
	w := s.w
	// The agent and the application go on with the other half of the key set.
	set := host.at(s, at)
	agent := &client{s: s, r: w.stream("agent in the window"), cred: set.v2, ip: host.public, agent: host.agent, region: w.region, now: at,
		as: decoy("the instance's own agent and application, on the other half of the same key set")}
	h := &hosts{r: agent.r, i: host}
	for range 8 {
		agent.pause(time.Minute, 6*time.Minute)
		h.app(s, agent)
	}
	// An engineer opens a shell on the instance and uses its role there: a new
	// tool on the same session, from the instance's own address.
	p := w.people[1]
	door := s.inOffice(p, at.Add(70*time.Minute), decoy("an engineer's shell on the instance"))
	door.cred = door.identityCenter(p)
	door.agent = p.cli
	door.do(call{service: "ssm", name: "StartSession", write: true, req: o("target", host.id),
		resp: o("sessionId", p.email+"-"+door.r.text("abcdefghijklmnopqrstuvwxyz0123456789", 20), "streamUrl", "***", "tokenValue", "***")})
	shell := door.with(host.at(s, door.now.Add(2*time.Minute)).v2)
	shell.ip, shell.agent = host.public, door.r.cliLinux()
	shell.pause(2*time.Minute, 3*time.Minute)
	shell.callerIdentity()
	shell.pause(10*time.Second, time.Minute)
	shell.object("GetObject", w.assets, "config/app.json", 0, 4096, "")
	// A sister instance takes the same role, as it does every six hours.
	for _, i := range w.instances {
		if i != host {
			sister := &client{s: s, r: w.stream("sister", i.id), cred: i.at(s, at.Add(20*time.Minute)).v2, ip: i.public, agent: i.agent, region: w.region, now: at.Add(20 * time.Minute),
				as: decoy("sister instances under the same role")}
			if sister.now.After(sister.cred.created.Add(time.Minute)) {
				(&hosts{r: sister.r, i: i}).app(s, sister)
			}
		}
	}
	v := s.vendor(w.stream("vendor", "extra"), at.Add(15*time.Minute))
	v.as = decoy("the posture vendor's scan")
	for i := range 20 {
		v.do(w.sweep(v, i))
		v.pause(time.Second, 3*time.Second)
	}
}
