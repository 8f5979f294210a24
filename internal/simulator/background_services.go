package simulator

import (
	"strconv"
	"time"
)

// hosts is the quiet part of the fleet: the SSM agents of the instances.
type hosts struct {
	r stream
	i *instance
}

func (a *hosts) tick(s *sim, h time.Time) {
	a.i.at(s, h.Add(time.Hour-time.Second)) // a rotation inside this hour is issued now
	if a.i.boot.After(h) {
		return
	}
	beat := max(5*time.Minute, time.Duration(float64(2*time.Hour)/max(1, s.density*2)))
	// In a small corpus each host is heard every second hour, by a parity of its own.
	if beat > time.Hour && h.Hour()%2 != len(a.i.id+a.i.ip)%2 {
		return
	}
	for at := h.Add(a.r.between(0, min(beat, time.Hour))); at.Before(h.Add(time.Hour)); at = at.Add(beat) {
		set := a.i.at(s, at)
		// As in fleet: no key is used in the second in which it is made.
		if !at.After(set.v2.created) {
			continue
		}
		c := &client{s: s, r: a.r, cred: set.v2, ip: a.i.public, agent: a.i.agent, region: s.w.region, now: at}
		c.do(call{service: "ssm", name: "UpdateInstanceInformation", write: true,
			req: o("instanceId", a.i.id, "agentVersion", "3.3.2746.0", "agentStatus", "Active", "platformType", "Linux", "platformName", "Amazon Linux", "platformVersion", "2023",
				"iPAddress", a.i.ip, "computerName", "ip-"+dashed(a.i.ip)+"."+s.w.region+".compute.internal", "agentName", "amazon-ssm-agent", "sSMConnectionChannel", "ssmmessages")})
		if a.r.chance(0.3) {
			a.app(s, c)
		}
	}
}

// app is what the software on the instance calls, on the same key set.
func (a *hosts) app(s *sim, c *client) {
	k := *c
	k.agent = a.i.app
	k.pause(time.Second, 30*time.Second)
	switch k.r.IntN(3) {
	case 0:
		k.object("GetObject", s.w.assets, "config/app.json", 0, 4096, "")
	case 1:
		k.getParameter(s.w.params[1], "")
	default:
		k.do(call{service: "sqs", name: "GetQueueAttributes", req: o("queueUrl", "https://sqs."+s.w.region+".amazonaws.com/"+s.w.prod.id+"/"+s.w.tasks.name, "attributeNames", []string{"ApproximateNumberOfMessages"})})
	}
}

// dashed is an address as EC2 writes it into a host's name.
func dashed(ip string) string {
	b := []byte(ip)
	for i, c := range b {
		if c == '.' {
			b[i] = '-'
		}
	}
	return string(b)
}

// services is AWS at work on its own behalf, and the vendor who looks in
// every morning.
type services struct {
	r       stream
	config  *role
	scaling *role
	backup  *role
}

func newServices(w *world) *services {
	r := w.stream("services")
	// Service-linked roles have a path that no other role can have: engines may go by it.
	slr := func(host, name string) *role {
		return w.prod.newRole("/aws-service-role/"+host+"/", "AWSServiceRoleFor"+name)
	}
	return &services{r: r, config: slr("config.amazonaws.com", "Config"), scaling: slr("autoscaling.amazonaws.com", "AutoScaling"),
		backup: w.prod.newRole("/service-role/", "AWSBackupDefaultServiceRole")}
}

// tick keeps AWS's own rhythm: CloudTrail about hourly, Config every six hours,
// backups at three and the vendor at six, all in UTC, since none of them knows
// when people here work.
func (a *services) tick(s *sim, h time.Time) {
	w := s.w
	if a.r.chance(0.7) { // CloudTrail looks at its own bucket before it delivers
		trail := &client{s: s, r: a.r, cred: awsService(w.prod, "cloudtrail.amazonaws.com"), ip: "cloudtrail.amazonaws.com", agent: serviceAgent("cloudtrail.amazonaws.com"), region: w.region, now: h.Add(a.r.between(0, time.Hour))}
		trail.do(call{service: "s3", name: "GetBucketAcl", shared: a.r.uuid(), req: o("bucketName", w.logs, "Host", w.logs+".s3."+w.region+".amazonaws.com", "acl", ""),
			extra: trail.s3Extra(0, 542), resources: []resource{{"AWS::S3::Bucket", "arn:aws:s3:::" + w.logs, w.audit.id}}})
	}
	if h.Hour()%6 == 2 {
		a.linked(s, h, a.config, "config.amazonaws.com", "AWSConfig-Describe", 5, w.region)
		if a.r.chance(0.5) {
			a.linked(s, h, a.config, "config.amazonaws.com", "AWSConfig-Describe", 3, w.region2)
		}
	}
	if a.r.chance(0.12) {
		a.linked(s, h, a.scaling, "autoscaling.amazonaws.com", "AutoScaling", 2, w.region)
	}
	if h.Hour() == 3 {
		a.nightly(s, h)
	}
	if h.Hour() == 6 {
		a.visit(s, h)
	}
}

// linked is a service-linked role reading around (NM-03, NM-05).
func (a *services) linked(s *sim, h time.Time, r *role, host, session string, n int, region string) {
	at := h.Add(a.r.between(0, 50*time.Minute))
	k := r.session(at, sessionOf{name: session})
	s.issueByService(a.r, host, k, session, region, time.Hour, "service_linked_role")
	c := &client{s: s, r: a.r, cred: k, ip: host, agent: serviceAgent(host), region: region, now: at}
	for range n {
		c.pause(time.Second, 9*time.Second)
		k := s.w.sweep(c, a.r.IntN(24))
		k.invokedBy = host
		c.do(k)
	}
}

// nightly is the backup job (NM-12): snapshots, made and dropped.
func (a *services) nightly(s *sim, h time.Time) {
	at := h.Add(a.r.between(0, 20*time.Minute))
	k := a.backup.session(at, sessionOf{name: "AWSBackup-" + s.w.prod.id})
	s.issueByService(a.r, "backup.amazonaws.com", k, "AWSBackup-"+s.w.prod.id, s.w.region, time.Hour, "service_role")
	c := &client{s: s, r: a.r, cred: k, ip: "backup.amazonaws.com", agent: serviceAgent("backup.amazonaws.com"), region: s.w.region, now: at}
	for range 2 {
		c.pause(2*time.Second, 60*time.Second)
		vol, snap := "vol-0"+a.r.hex(16), "snap-0"+a.r.hex(16)
		c.do(call{service: "ec2", name: "CreateSnapshot", invokedBy: "backup.amazonaws.com",
			req:  o("volumeId", vol, "description", "This snapshot is created by the AWS Backup service.", "tagSpecificationSet", o("items", list{o("resourceType", "snapshot", "tags", list{o("key", "aws:backup:source-resource", "value", vol)})})),
			resp: o("requestId", a.r.uuid(), "snapshotId", snap, "volumeId", vol, "status", "pending", "startTime", c.now.UnixMilli(), "progress", "", "ownerId", s.w.prod.id, "volumeSize", "64", "encrypted", true)})
	}
}

// visit is the vendor's morning scan (NM-06): another account, always the
// same external id, always the same network, only reads.
func (a *services) visit(s *sim, h time.Time) {
	c := s.vendor(a.r, h.Add(a.r.between(0, 30*time.Minute)))
	for i := range 12 + a.r.IntN(18) {
		k := s.w.sweep(c, i)
		if i%5 == 4 {
			k.region = s.w.region2
		}
		c.do(k)
		if a.r.chance(0.4) {
			c.pause(time.Second, 4*time.Second)
		}
	}
}

// vendor is a fresh session of the vendor's role.
func (s *sim) vendor(r stream, at time.Time) *client {
	w := s.w
	tool := s.vendorTool
	session := "scan-" + strconv.FormatInt(at.Unix(), 10)
	out := &client{s: s, r: r, cred: foreign(w.prod, w.caller, w.vendor), ip: w.vendorN.addr(9), agent: tool, region: w.region, now: at}
	k := w.scanner.session(at, sessionOf{name: session})
	k.event = out.do(call{service: "sts", name: "AssumeRole", shared: r.uuid(),
		req:       o("roleArn", w.scanner.arn, "roleSessionName", session, "externalId", w.extID, "durationSeconds", 3600),
		resp:      o("credentials", out.credentials(k, at, time.Hour), "assumedRoleUser", o("assumedRoleId", k.principalID, "arn", k.arn)),
		resources: []resource{{"AWS::IAM::Role", w.scanner.arn, w.prod.id}}})
	k.issued = at
	c := out.with(k)
	return c.pause(time.Second, 5*time.Second)
}
