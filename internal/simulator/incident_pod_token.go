package simulator

import (
	"fmt"
	"time"
)

var podToken = incident{
	name:  "pod-token",
	kind:  "suspicious_source",
	about: "a pod's service account token is stolen and played back to STS from outside, again and again, while the pods of the cluster do the same from inside",
	weeks: 4,
	tell:  tellPodToken,
}

// What is hard here: STS answers the thief exactly as it answers the pod, the
// subject and the session name are the pod's own.
func tellPodToken(s *sim) {
	w, t := s.w, &s.truth
	r := w.stream("story")
	at := w.day(22+r.IntN(3), 19, r.IntN(30))
	w.exported(at.Add(22 * time.Hour))
	oidc := "oidc.eks." + w.region + ".amazonaws.com/id/" + r.text("ABCDEF0123456789", 32)
	provider := "arn:aws:iam::" + w.prod.id + ":oidc-provider/" + oidc
	subject := "system:serviceaccount:" + w.tasks.name + ":worker"
	pod := w.prod.newRole("/", w.company+"-worker-irsa")
	issue := func(c *client, technique string) *cred {
		name := fmt.Sprintf("aws-sdk-go-%d", c.now.UnixNano())
		k := pod.session(c.now, sessionOf{name: name})
		who := (&cred{acct: w.prod}).seal(o("type", "WebIdentityUser", "principalId", provider+":sts.amazonaws.com:"+subject, "userName", subject, "identityProvider", provider))
		k.event = c.with(who).do(call{service: "sts", name: "AssumeRoleWithWebIdentity", technique: technique,
			req: o("roleArn", pod.arn, "roleSessionName", name),
			resp: o("credentials", c.credentials(k, c.now, time.Hour), "subjectFromWebIdentityToken", subject, "assumedRoleUser", o("assumedRoleId", k.principalID, "arn", k.arn),
				"provider", provider, "audience", "sts.amazonaws.com"),
			resources: []resource{{"AWS::IAM::Role", pod.arn, w.prod.id}}})
		k.rule, k.issued = "irsa", c.now
		t.edge(c.as, k)
		return k
	}
	goTool := r.goSDK()
	s.actors = append(s.actors, &habit{r: w.stream("pods"), ip: w.nat.addr(2), agent: goTool, region: w.region, rate: always(0.12),
		as: after(at.Add(-time.Hour), decoy("the pods of the cluster go on under the same service account")),
		does: func(c *client) {
			k := c.with(issue(c, ""))
			for range 3 + c.r.IntN(6) {
				k.pause(2*time.Second, 60*time.Second)
				if k.r.chance(0.3) {
					w.readSecret(3)(k)
				} else {
					w.getObject(w.records, "jobs")(k)
				}
			}
		}})
	from := w.plan.place()
	for i := range 3 {
		c := s.thief(fmt.Sprint("pod", i), nil, from, w.stream("thief-tool").botoLinux(), at.Add(time.Duration(i)*75*time.Minute))
		c.ip = from.addr(77)
		k := c.with(issue(c, ""))
		k.pause(3*time.Second, 20*time.Second)
		t.shows("IA-010", k.callerIdentity())
		k.pause(3*time.Second, 20*time.Second)
		if i == 0 {
			k.do(call{service: "s3", name: "ListBuckets", req: o("Host", "s3."+k.region+".amazonaws.com")})
			k.pause(3*time.Second, 20*time.Second)
			k.deny(call{service: "iam", name: "ListRoles"}, "arn:aws:iam::"+w.prod.id+":role/", "")
			k.pause(3*time.Second, 20*time.Second)
		}
		k.getSecret(w.secrets[3], "CA-001")
		k.pause(3*time.Second, 20*time.Second)
		k.bulk(w.records, "jobs", 15)
	}
	t.Sentence = fmt.Sprintf("Kubernetes audit log shows somebody exec'd into a worker pod in namespace %s on %s. Its role is %s. Did they use the AWS credentials outside the cluster?", w.tasks.name, at.Add(w.zone).Format("2 January"), pod.name)
	t.Expected = Expected{Status: "incident", Kind: "suspicious_source"}
	t.Answers = map[string]string{"owner": fmt.Sprintf("role %s is for the worker pods; the cluster leaves by %s", pod.name, cidr(w.nat))}
	t.indicate("roleArn", pod.arn, "not in the sentence by its ARN, but by its name")
	t.NotObservable = []string{"the theft of the token"}
}
