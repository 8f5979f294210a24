package simulator

import "time"

// pipeline is the CI user at work: the baseline that a leaked build key is held
// against, and the decoy that goes on while it is abused. It makes a few runs a
// working day and one some nights, from the build agents' network, always with
// the same two tools.
type pipeline struct {
	r      stream
	from   network
	key    *cred
	until  time.Time // no runs with this key from then on; zero is for ever
	since  time.Time
	as     func(time.Time) mark
	agents []agent
}

func (a *pipeline) tick(s *sim, h time.Time) {
	local := h.Add(s.w.zone)
	rate := 0.08
	if wd := local.Weekday(); wd != time.Saturday && wd != time.Sunday && local.Hour() >= 9 && local.Hour() < 19 {
		rate = 0.45
	}
	for range a.r.count(rate * s.density) {
		at := h.Add(a.r.between(0, 40*time.Minute))
		// A run begun shortly before the key is switched off would end with a dead key.
		if a.since.After(at) || !a.until.IsZero() && !at.Add(20*time.Minute).Before(a.until) {
			continue
		}
		a.run(s, at)
	}
}

// run is one pipeline run: who am I, take the deploy role, plan, build, ship.
func (a *pipeline) run(s *sim, at time.Time) {
	w := s.w
	c := &client{s: s, r: a.r, cred: a.key, ip: a.from.addr(10 + a.r.IntN(6)), agent: a.agents[0], region: w.region, now: at}
	if a.as != nil {
		c.as = a.as(at)
	}
	c.callerIdentity()
	c.pause(2*time.Second, 20*time.Second)
	c.do(call{service: "ecr", name: "GetAuthorizationToken", req: obj{}})
	c.pause(2*time.Second, 20*time.Second)
	k := c.assumeRole(w.deploy, "ci-"+a.r.text("0123456789", 7), 30*time.Minute)
	t := c.with(k)
	t.agent = a.agents[1]
	t.pause(3*time.Second, 15*time.Second)
	t.object("GetObject", w.state, "prod/terraform.tfstate", 0, 400_000+a.r.IntN(9000), "")
	for range 8 + a.r.IntN(10) {
		t.do(w.refresh(t))
		if a.r.chance(0.5) {
			t.pause(time.Second, 3*time.Second)
		}
	}
	t.pause(20*time.Second, 2*time.Minute)
	f := pick(a.r, w.functions)
	switch a.r.IntN(3) {
	case 0:
		t.do(call{service: "lambda", name: "UpdateFunctionCode20150331v2",
			req: o("functionName", f.name, "s3Bucket", w.assets, "s3Key", "builds/"+f.name+"-"+a.r.hex(8)+".zip", "publish", false, "dryRun", false),
			resp: o("functionName", f.name, "functionArn", w.arn("lambda", "function:"+f.name), "runtime", "nodejs22.x", "role", f.role.arn, "handler", "index.handler",
				"codeSize", 40_000+a.r.IntN(9000), "timeout", 15, "memorySize", 256, "codeSha256", a.r.token(43)+"=", "version", "$LATEST", "revisionId", a.r.uuid(), "state", "Active")})
	case 1:
		t.do(call{service: "ecr", name: "PutImage", write: true, req: o("repositoryName", w.repo, "imageTag", a.r.hex(12), "registryId", w.prod.id, "imageManifestMediaType", "application/vnd.oci.image.manifest.v1+json"),
			resources: []resource{{"AWS::ECR::Repository", w.arn("ecr", "repository/"+w.repo), w.prod.id}}})
		t.pause(2*time.Second, 30*time.Second)
		t.do(call{service: "ecs", name: "UpdateService", req: o("cluster", w.cluster, "service", w.tasks.name, "forceNewDeployment", true, "taskDefinition", w.tasks.name)})
	default:
		t.object("PutObject", w.assets, "site/"+a.r.hex(10)+".js", 30_000+a.r.IntN(90_000), 0, "")
	}
	t.pause(2*time.Second, 40*time.Second)
	t.object("PutObject", w.state, "prod/terraform.tfstate", 400_000+a.r.IntN(9000), 0, "")
}
