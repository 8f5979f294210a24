package simulator

import (
	"fmt"
	"time"
)

var minedRegion = incident{
	name:  "mined-region",
	kind:  "cost_spike",
	about: "a colleague's command-line key launches large instances in a region nobody uses, by hand and by a scaling group, protected against termination",
	weeks: 4,
	tell:  tellMinedRegion,
}

// What is hard here: most instances are launched by AWS, for a scaling group;
// the cause is the call that made the group. The same service-linked role
// launches the company's own instances at home.
func tellMinedRegion(s *sim) {
	w, t := s.w, &s.truth
	r := w.stream("story")
	owner := w.iamUsers()[0]
	at := w.day(18+r.IntN(3), 22, r.IntN(50))
	w.exported(at.Add(38 * time.Hour))
	region := pick(r, []string{"ap-south-1", "sa-east-1", "ca-central-1", "eu-north-1"})

	c := s.thief("miner", owner.user.key, w.plan.place(), w.stream("thief-tool").botoLinux(), at)
	t.shows("IA-001", c.callerIdentity())
	c.pause(2*time.Second, 9*time.Second)
	c.do(call{service: "ec2", name: "DescribeRegions", req: o("regionSet", obj{})})
	c.region = region
	t.shows("DE-018", c.do(call{service: "ec2", name: "DescribeInstances", req: o("maxResults", 1000, "instancesSet", obj{}, "filterSet", obj{})}))
	c.pause(2*time.Second, 9*time.Second)
	c.do(call{service: "servicequotas", name: "GetServiceQuota", technique: "DS-008", req: o("serviceCode", "ec2", "quotaCode", "L-DB2E81BA")})
	c.pause(2*time.Second, 9*time.Second)
	c.do(call{service: "servicequotas", name: "RequestServiceQuotaIncrease", technique: "IM-006", req: o("serviceCode", "ec2", "quotaCode", "L-DB2E81BA", "desiredValue", 768),
		resp: o("requestedQuota", o("id", c.r.hex(32), "serviceCode", "ec2", "status", "PENDING", "desiredValue", 768))})
	c.pause(9*time.Second, 40*time.Second)
	wanted := "arn:aws:iam::" + w.prod.id + ":user/" + w.plausible("user", "svc-ops", "%-ci", "aws-support")
	t.persist("iam_user", wanted, "attempted", c.deny(call{service: "iam", name: "CreateUser", technique: "PR-001"}, wanted, ""))
	c.pause(9*time.Second, 40*time.Second)
	dry := c.launch(region, "g5.24xlarge", 1)
	dry.errCode, dry.errMsg, dry.resp, dry.technique = "Client.DryRunOperation", "Request would have succeeded, but DryRun flag is set.", nil, "DS-013"
	c.do(dry)
	c.pause(20*time.Second, time.Minute)
	minedHardware(s, c, region)

	// The owner is at work all along, in the usual place.
	day := int(at.Add(w.zone).Sub(w.start) / (24 * time.Hour))
	for _, d := range []int{day, day + 1} {
		k := s.staff(owner, owner.user.key, w.day(d, 10, 30), decoy("the owner of the key at work"))
		for i := range 5 {
			k.do(w.sweep(k, i))
			k.pause(5*time.Second, time.Minute)
		}
	}
	// The company's own group launches at home, as it does every day.
	b := w.scale(s, at.Add(3*time.Hour), "web-asg", w.region, "m6i.large", 1)
	b.as = decoy("the company's own scaling group launches at home")
	b.do(b.launched(w.region, "m6i.large", 1))

	t.Sentence = fmt.Sprintf("Our bill jumped: EC2 in %s costs more per day since %s than all the rest together, and nobody here works in that region. Find what runs there, who started it, and what we must switch off first.",
		region, at.Add(w.zone).Format("Monday, 2 January"))
	t.Expected = Expected{Status: "incident", Kind: "cost_spike"}
	t.Answers = map[string]string{
		"expected_regions": w.region + ", " + w.region2,
		"owner":            fmt.Sprintf("%s works from the office (%s) or from home (%s)", owner.name, cidr(w.office), cidr(owner.home)),
	}
	t.indicate("accessKeyId", owner.user.key.key, "not in the sentence: to be found")
	t.indicate("region", region, "where the money goes")
	t.NotObservable = []string{"what the instances compute", "where the key was lost", "the money itself: it is in the cost data"}
}

// launch is a RunInstances call; its answer names the instances.
func (c *client) launch(region, kind string, n int) call {
	image, subnet := "ami-0"+c.r.hex(16), "subnet-0"+c.r.hex(16)
	var items list
	for i := range n {
		ip := fmt.Sprintf("10.99.%d.%d", c.r.IntN(200), 4+c.r.IntN(240))
		items = append(items, o("instanceId", "i-0"+c.r.hex(16), "imageId", image, "currentInstanceBootMode", "uefi", "instanceState", o("code", 0, "name", "pending"), "amiLaunchIndex", i,
			"instanceType", kind, "launchTime", c.now.UnixMilli(), "placement", o("availabilityZone", region+"a", "tenancy", "default"), "monitoring", o("state", "disabled"),
			"subnetId", subnet, "privateIpAddress", ip, "architecture", "x86_64", "rootDeviceType", "ebs", "virtualizationType", "hvm"))
	}
	return call{service: "ec2", name: "RunInstances", region: region, technique: "IM-001",
		req: o("instancesSet", o("items", list{o("imageId", image, "minCount", n, "maxCount", n)}), "instanceType", kind, "blockDeviceMapping", obj{},
			"monitoring", o("enabled", false), "disableApiTermination", false, "disableApiStop", false, "clientToken", c.r.uuid(), "subnetId", subnet),
		resp: o("requestId", c.r.uuid(), "reservationId", "r-0"+c.r.hex(16), "ownerId", c.s.w.prod.id, "groupSet", obj{}, "instancesSet", o("items", items))}
}

// launched is the same as a service does it: no technique of its own.
func (c *client) launched(region, kind string, n int) call {
	k := c.launch(region, kind, n)
	k.technique, k.invokedBy = "", "autoscaling.amazonaws.com"
	return k
}

// instanceIDs gives the ids that a launch answered with.
func instanceIDs(k call) []string {
	var ids []string
	set, _ := k.resp[len(k.resp)-1].value.(obj)
	items, _ := set[0].value.(list)
	for _, i := range items {
		fields, _ := i.(obj)
		id, _ := fields[0].value.(string)
		ids = append(ids, id)
	}
	return ids
}

// scale is EC2 Auto Scaling at work for a group.
func (w *world) scale(s *sim, at time.Time, group, region, kind string, n int) *client {
	r := w.stream("scaling", group)
	slr := w.prod.newRole("/aws-service-role/autoscaling.amazonaws.com/", "AWSServiceRoleForAutoScaling")
	k := slr.session(at, sessionOf{name: "AutoScaling"})
	s.issueByService(r, "autoscaling.amazonaws.com", k, "AutoScaling", region, time.Hour, "service_linked_role")
	c := &client{s: s, r: r, cred: k, ip: "autoscaling.amazonaws.com", agent: serviceAgent("autoscaling.amazonaws.com"), region: region, now: at}
	return c.pause(time.Second, 9*time.Second)
}

// minedHardware is what costs the money, and what would bring it back.
func minedHardware(s *sim, c *client, region string) {
	w, t := s.w, &s.truth
	name := w.plausible("stack", "batch-render", "ml-node", "%-worker")
	pair := "key-0" + c.r.hex(16)
	made := c.do(call{service: "ec2", name: "CreateKeyPair", technique: "PR-022", req: o("keyName", name, "keyType", "rsa", "keyFormat", "pem"),
		resp: o("requestId", c.r.uuid(), "keyName", name, "keyFingerprint", c.r.hex(40), "keyPairId", pair, "keyMaterial", "<sensitiveDataRemoved>")})
	t.persist("key_pair", name, "live", made)
	c.pause(4*time.Second, 20*time.Second)
	for range 2 {
		k := c.launch(region, pick(c.r, []string{"g5.24xlarge", "p3.8xlarge", "c6a.48xlarge"}), 2)
		run := c.do(k)
		for _, id := range instanceIDs(k) {
			t.persist("instance", id, "live", run)
			c.pause(2*time.Second, 8*time.Second)
			c.do(call{service: "ec2", name: "ModifyInstanceAttribute", technique: "IM-005", req: o("instanceId", id, "disableApiTermination", o("value", true)),
				resp: o("requestId", c.r.uuid(), "_return", true)})
		}
		c.pause(9*time.Second, 40*time.Second)
	}
	template := "lt-0" + c.r.hex(16)
	made = c.do(call{service: "ec2", name: "CreateLaunchTemplate", req: o("CreateLaunchTemplateRequest", o("LaunchTemplateName", name, "LaunchTemplateData", o("UserData", "<sensitiveDataRemoved>", "InstanceType", "g5.24xlarge", "ImageId", "ami-0"+c.r.hex(16)))),
		resp: o("CreateLaunchTemplateResponse", o("requestId", c.r.uuid(), "launchTemplate", o("launchTemplateId", template, "launchTemplateName", name, "defaultVersionNumber", 1, "createdBy", c.cred.arn)))})
	t.persist("launch_template", template, "live", made)
	c.pause(4*time.Second, 20*time.Second)
	group := c.do(call{service: "autoscaling", name: "CreateAutoScalingGroup", technique: "IM-002", req: o("autoScalingGroupName", name, "minSize", 4, "maxSize", 40, "desiredCapacity", 6,
		"launchTemplate", o("launchTemplateId", template, "version", "$Latest"), "availabilityZones", []string{region + "a", region + "b"})})
	t.persist("auto_scaling_group", name, "live", group)
	// The group launches by itself: AWS acts, the intruder is the cause.
	g := w.scale(s, c.now.Add(9*time.Second), name, region, "g5.24xlarge", 6)
	g.as = intruder.forwarded()
	g.do(g.launched(region, "g5.24xlarge", 6))
}
