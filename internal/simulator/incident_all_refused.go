package simulator

import (
	"fmt"
	"time"
)

var allRefused = incident{
	name:  "all-refused",
	kind:  "leaked_access_key",
	about: "a leaked key of a user with hardly any rights: the intruder tries users, keys, policies, mail, models and instances for an hour, and every call is refused",
	weeks: 4,
	tell:  tellAllRefused,
}

// What is hard here: everything looks like the worst of cases, and nothing
// happened. Right is a used key, attempts, nothing left behind, no impact.
func tellAllRefused(s *sim) {
	w, t := s.w, &s.truth
	r := w.stream("story")
	p := w.iamUsers()[2]
	at := w.day(22+r.IntN(3), 2, r.IntN(50))
	w.exported(at.Add(20 * time.Hour))
	c := s.thief("refused", p.user.key, w.plan.place(), w.stream("thief-tool").botoLinux(), at)
	t.shows("IA-001", c.callerIdentity())
	name := w.plausible("user", "svc-%-backup", "aws-support-sync")
	arn := "arn:aws:iam::" + w.prod.id + ":user/" + name
	for _, k := range []struct {
		call
		on string
	}{
		{call{service: "iam", name: "ListUsers"}, "arn:aws:iam::" + w.prod.id + ":user/"},
		{call{service: "iam", name: "CreateUser", technique: "PR-001"}, arn},
		{call{service: "iam", name: "AttachUserPolicy", technique: "PE-001"}, p.user.arn},
		{call{service: "iam", name: "CreateAccessKey", technique: "PR-003"}, p.user.arn},
		{call{service: "secretsmanager", name: "ListSecrets"}, "*"},
		{call{service: "secretsmanager", name: "GetSecretValue", technique: "CA-001"}, w.secrets[0]},
		{call{service: "s3", name: "ListAllMyBuckets"}, "*"},
		{call{service: "ses", name: "GetSendQuota"}, "*"},
		{call{service: "cloudtrail", name: "StopLogging", technique: "DE-001"}, w.trail},
		{call{service: "ec2", name: "RunInstances", technique: "IM-001", req: o("instancesSet", o("items", list{o("imageId", "ami-0"+r.hex(16), "minCount", 8, "maxCount", 8)}), "instanceType", "p4d.24xlarge")}, w.arn("ec2", "instance/*")},
		{call{service: "sts", name: "AssumeRole"}, w.admin.arn},
	} {
		c.pause(3*time.Second, 4*time.Minute)
		if k.service == "s3" {
			k.name = "ListBuckets"
		}
		c.deny(k.call, k.on, "")
	}
	t.mayPersist("iam_user", arn, "attempted", t.AttackEventIDs[2])
	t.mayPersist("access_key", p.user.arn, "attempted", t.AttackEventIDs[4])
	t.mayPersist("policy", p.user.arn, "attempted", t.AttackEventIDs[3])
	t.Sentence = fmt.Sprintf("acces key %s (user %s) was commited to github by mistake yesturday, revoked this mornig. did someone use it? what damage", p.user.key.key, p.name)
	t.Expected = Expected{Status: "incident", Kind: "leaked_access_key"}
	t.Answers = map[string]string{"owner": fmt.Sprintf("%s works from the office (%s) or from home (%s)", p.name, cidr(w.office), cidr(p.home))}
	t.indicate("accessKeyId", p.user.key.key, "")
	t.NotObservable = []string{"what else the intruder knows"}
}
