package simulator

import (
	"fmt"
	"time"
)

var poisonedBuild = incident{
	name:  "poisoned-build",
	kind:  "pipeline_compromise",
	about: "a pull request makes the build role's credentials leave the build fleet; they read secrets, change the project and overwrite an image, while the same project builds on",
	weeks: 4,
	tell:  tellPoisonedBuild,
}

// What is hard here: the build's key is right until it is somewhere else. Every
// build reads the same secret and pushes the same image; the webhook that
// started it leaves no principal in AWS.
func tellPoisonedBuild(s *sim) {
	w, t := s.w, &s.truth
	r := w.stream("story")
	project := w.company + "-" + pick(r, []string{"service", "web", "api", "docs"}) + "-build"
	b := &builder{w: w, project: project, role: w.prod.newRole("/service-role/", "codebuild-"+project), fleet: w.plan.cloud(), agent: r.goSDK()}
	at := w.day(22+r.IntN(3), 15, r.IntN(50))
	w.exported(at.Add(21 * time.Hour))
	s.actors = append(s.actors, &habit{r: w.stream("builds"), agent: b.agent, region: w.region, rate: working(0.5 * max(0.4, s.density)),
		as:   after(at, decoy("the project builds on, for other people's changes")),
		does: func(c *client) { b.build(c, 6) }})

	// A build like any other, until its key turns up elsewhere.
	host := &client{s: s, r: w.stream("bad build"), region: w.region, agent: b.agent, now: at}
	key, issue := b.build(host, 4)
	c := s.thief("build", key, w.plan.place(), w.stream("thief-tool").cliLinux(), host.now.Add(3*time.Minute))
	t.Lineage = append(t.Lineage, Edge{Child: key.key, Event: issue, Rule: "codebuild"})
	t.shows("IA-010", c.callerIdentity())
	t.shows("CI-005", t.AttackEventIDs[len(t.AttackEventIDs)-1])
	c.pause(3*time.Second, 12*time.Second)
	c.do(call{service: "codebuild", name: "BatchGetProjects", req: o("names", []string{project}), read: true})
	c.pause(3*time.Second, 12*time.Second)
	c.do(call{service: "codebuild", name: "ListSourceCredentials", technique: "CI-003"})
	c.pause(3*time.Second, 12*time.Second)
	for _, secret := range []string{w.secrets[4], w.secrets[1]} {
		c.getSecret(secret, "CA-001")
		c.pause(3*time.Second, 12*time.Second)
	}
	c.getParameter(w.params[5], "CA-002")
	c.pause(20*time.Second, time.Minute)
	helper := "arn:aws:iam::" + w.prod.id + ":user/" + w.plausible("user", "ci-helper", "%-build", "registry-sync")
	t.persist("iam_user", helper, "attempted", c.deny(call{service: "iam", name: "CreateUser", technique: "PR-001"}, helper, ""))
	c.pause(20*time.Second, time.Minute)
	hook := c.do(call{service: "codebuild", name: "UpdateWebhook", technique: "CI-001", req: o("projectName", project, "filterGroups", list{list{o("type", "EVENT", "pattern", "PULL_REQUEST_CREATED,PULL_REQUEST_UPDATED")}}, "rotateSecret", false),
		resp: o("webhook", o("url", "https://api.github.com/repos/"+w.company+"/"+project+"/hooks/"+c.r.text("0123456789", 9), "filterGroups", list{list{o("type", "EVENT", "pattern", "PULL_REQUEST_CREATED,PULL_REQUEST_UPDATED")}}))})
	arn := w.arn("codebuild", "project/"+project)
	t.persist("webhook", arn, "live", hook)
	c.pause(20*time.Second, time.Minute)
	changed := c.do(call{service: "codebuild", name: "UpdateProject", technique: "CI-002", req: o("name", project, "source", o("type", "GITHUB", "location", "https://github.com/"+w.company+"/"+project+".git",
		"buildspec", "version: 0.2\nphases:\n  build:\n    commands:\n      - ./build.sh\n      - ./post.sh || true\n")), resp: o("project", o("name", project, "arn", arn, "serviceRole", b.role.arn, "created", at.AddDate(-1, 0, 0), "lastModified", c.now))})
	t.persist("build_project", arn, "live", changed)
	c.pause(time.Minute, 2*time.Minute)
	push := c.do(call{service: "ecr", name: "PutImage", write: true, technique: "CI-007", req: o("repositoryName", w.repo, "imageTag", "latest", "registryId", w.prod.id, "imageManifestMediaType", "application/vnd.oci.image.manifest.v1+json"),
		resources: []resource{{"AWS::ECR::Repository", w.arn("ecr", "repository/"+w.repo), w.prod.id}}})
	t.shows("PR-025", push)
	t.persist("image", w.arn("ecr", "repository/"+w.repo)+"#latest", "live", push)

	p := w.people[1]
	d := s.inOffice(p, at.Add(-4*time.Hour), decoy("an engineer changes the build project, in the office, by single sign-on"))
	d.cred = d.identityCenter(p)
	d.agent = p.cli
	d.pause(time.Minute, 2*time.Minute)
	d.do(call{service: "codebuild", name: "BatchGetProjects", req: o("names", []string{project}), read: true})
	d.pause(time.Minute, 2*time.Minute)
	d.do(call{service: "codebuild", name: "UpdateProject", req: o("name", project, "timeoutInMinutes", 40), resp: o("project", o("name", project, "arn", arn, "serviceRole", b.role.arn, "lastModified", d.now))})

	t.Sentence = fmt.Sprintf("A stranger's pull request ran in our CodeBuild project %s on %s. We think it took the credentials of the build role %s. What did it reach, and which of our images and secrets can we still trust?",
		project, longDate(at.Add(w.zone)), b.role.name)
	t.Expected = Expected{Status: "incident", Kind: "pipeline_compromise"}
	t.Answers = map[string]string{
		"owner":          fmt.Sprintf("role %s is used by the build fleet only, from %s", b.role.name, cidr(b.fleet)),
		"logs_available": "no logs of the source-code host yet",
	}
	t.indicate("roleArn", b.role.arn, "not in the sentence by its ARN, but by its name")
	t.NotObservable = []string{"the pull request and who wrote it", "what the build printed", "what left through the build's own network"}
}

// builder is a CodeBuild project.
type builder struct {
	w       *world
	project string
	role    *role
	fleet   network
	agent   agent
}

// build is one build: started by a webhook, so no principal of AWS stands
// behind it. It returns the build's key and the event that issued it.
func (b *builder) build(c *client, n int) (*cred, string) {
	w := b.w
	id := c.r.uuid()
	session := "AWSCodeBuild-" + id
	k := b.role.session(c.now, sessionOf{name: session})
	c.s.issueByService(c.r, "codebuild.amazonaws.com", k, session, w.region, time.Hour, "codebuild")
	d := c.with(k)
	d.ip, d.agent = b.fleet.addr(20+c.r.IntN(40)), b.agent
	d.pause(5*time.Second, 30*time.Second)
	d.do(call{service: "logs", name: "CreateLogStream", write: true, req: o("logGroupName", "/aws/codebuild/"+b.project, "logStreamName", id)})
	d.pause(5*time.Second, 30*time.Second)
	d.do(call{service: "ecr", name: "GetAuthorizationToken", req: obj{}})
	d.pause(2*time.Second, 20*time.Second)
	d.getSecret(w.secrets[4], "")
	for range n {
		d.pause(2*time.Second, 30*time.Second)
		d.object("GetObject", w.assets, "cache/"+d.r.hex(12)+".tgz", 0, 3_000_000, "")
	}
	d.pause(20*time.Second, time.Minute)
	d.do(call{service: "ecr", name: "PutImage", write: true, req: o("repositoryName", w.repo, "imageTag", d.r.hex(12), "registryId", w.prod.id, "imageManifestMediaType", "application/vnd.oci.image.manifest.v1+json"),
		resources: []resource{{"AWS::ECR::Repository", w.arn("ecr", "repository/"+w.repo), w.prod.id}}})
	c.now = d.now
	return k, k.event
}
