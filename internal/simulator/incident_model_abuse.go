package simulator

import (
	"fmt"
	"time"
)

var modelAbuse = incident{
	name:  "model-abuse",
	kind:  "model_abuse",
	about: "a mail server's key is sold on: somebody tries models in several regions, accepts an agreement and invokes round the clock from many networks, beside a function that uses a model every day",
	weeks: 4,
	tell:  tellModelAbuse,
}

var models = []string{"anthropic.claude-sonnet-4-5-20250929-v1:0", "anthropic.claude-opus-4-1-20250805-v1:0", "amazon.nova-pro-v1:0", "meta.llama3-3-70b-instruct-v1:0"}

// What is hard here: the sentence has no anchor but a service and a date, the
// addresses change from call to call, and the company's own product makes the
// same call every hour.
func tellModelAbuse(s *sim) {
	w, t := s.w, &s.truth
	r := w.stream("story")
	mailer := w.prod.newUser(pick(r, []string{"smtp-relay", "mail-sender", "newsletter-app", "ses-mailer"}))
	mailer.key = mailer.newKey()
	at := w.day(18+r.IntN(3), 2+r.IntN(5), r.IntN(60))
	w.exported(at.Add(55 * time.Hour))
	relay := &habit{r: w.stream("mailer"), cred: mailer.key, ip: w.nat.addr(6), agent: r.javaSDK(), region: w.region, rate: always(0.5 * max(0.4, s.density)),
		as: after(at, decoy("the mail server goes on with its key")),
		does: func(c *client) {
			c.do(call{service: "ses", name: "GetSendQuota"})
			c.pause(time.Second, 3*time.Second)
			c.do(call{service: "ses", name: "GetSendStatistics"})
		}}
	s.actors = append(s.actors, relay)
	modelBenign(s, at)

	regions := pickN(r, []string{"us-east-1", "us-west-2", "eu-west-3", "ap-northeast-1"}, 3)
	tool := w.stream("thief-tool").botoLinux()
	c := s.thief("buyer", mailer.key, w.plan.place(), tool, at)
	t.shows("IA-001", c.callerIdentity())
	c.pause(3*time.Second, 20*time.Second)
	c.do(call{service: "ses", name: "GetSendQuota"})
	c.pause(3*time.Second, 20*time.Second)
	c.deny(call{service: "iam", name: "ListUsers"}, "arn:aws:iam::"+w.prod.id+":user/", "")
	for _, region := range regions {
		c.pause(10*time.Second, time.Minute)
		c.region = region
		c.do(call{service: "bedrock", name: "ListFoundationModels", technique: "DS-009"})
		c.pause(2*time.Second, 8*time.Second)
		c.do(call{service: "bedrock", name: "GetModelInvocationLoggingConfiguration", technique: "DS-009"})
		for _, m := range models[:2] {
			c.pause(2*time.Second, 8*time.Second)
			c.do(call{service: "bedrock", name: "InvokeModel", read: true, technique: "IM-010", req: o("modelId", m), host: "bedrock-runtime." + region + ".amazonaws.com",
				errCode: "ValidationException", errMsg: "max_tokens_to_sample: range: 1..1000000"})
		}
	}
	c.region = regions[0]
	c.pause(time.Minute, 3*time.Minute)
	c.do(call{service: "bedrock", name: "PutUseCaseForModelAccess", write: true, technique: "IM-011", req: o("formData", "HIDDEN_DUE_TO_SECURITY_REASONS")})
	c.pause(time.Minute, 3*time.Minute)
	c.do(call{service: "bedrock", name: "CreateFoundationModelAgreement", technique: "IM-011", req: o("modelId", models[1], "offerToken", c.r.token(80)), resp: o("modelId", models[1])})
	c.pause(time.Minute, 3*time.Minute)
	c.deny(call{service: "bedrock", name: "DeleteModelInvocationLoggingConfiguration", technique: "DE-022"}, "", "")
	c.pause(time.Minute, 3*time.Minute)
	t.mayPersist("service_credential", mailer.arn, "attempted",
		c.deny(call{service: "iam", name: "CreateServiceSpecificCredential", technique: "PR-014"}, "user "+mailer.name, ""))

	// Sold on: many buyers' addresses, one tool, day and night.
	var doors []network
	for range 7 {
		doors = append(doors, w.plan.home())
	}
	for c.now.Before(at.Add(50 * time.Hour)) {
		c.pause(90*time.Second, 12*time.Minute)
		door := pick(c.r, doors)
		c.ip, c.region = door.addr(c.r.IntN(50)), regions[c.r.IntN(2)]
		id := c.do(call{service: "bedrock", name: "InvokeModelWithResponseStream", read: true, technique: "IM-010",
			req: o("modelId", pick(c.r, models)), host: "bedrock-runtime." + c.region + ".amazonaws.com",
			extra: o("inferenceRegion", c.region)})
		t.shows("IA-001", id)
	}

	t.Sentence = fmt.Sprintf("Our bill jumped: the cost report shows Amazon Bedrock at some $3,000 a day since %s, in regions where we have nothing. "+
		"The only thing of ours that calls a model is one function in %s. Who is doing this, with which credentials, and how do we stop it without stopping our product?",
		at.Add(w.zone).Format("Monday, 2 January"), w.region)
	t.Expected = Expected{Status: "incident", Kind: "model_abuse"}
	t.Answers = map[string]string{
		"expected_regions": w.region + " and " + w.region2,
		"owner":            fmt.Sprintf("function %s in %s calls one model about once an hour; user %s only sends mail, from %s", w.functions[1].name, w.region, mailer.name, w.nat.addr(6)),
		"noticed_at":       longDate(at.Add(53*time.Hour)) + ", in the morning",
	}
	t.indicate("accessKeyId", mailer.key.key, "not in the sentence: to be found")
	t.indicate("userName", mailer.name, "")
	t.NotObservable = []string{"prompts and answers: invocation logging was off", "where the mail server's key was lost", "tokens and money: they are in the cost data"}
}

// modelBenign is the company's own use of models.
func modelBenign(s *sim, at time.Time) {
	w := s.w
	f := w.functions[1]
	s.actors = append(s.actors, &habit{r: w.stream("own model"), ip: w.nat.addr(3), agent: f.agent, region: w.region, rate: always(0.9 * max(0.4, s.density)),
		as: after(at, decoy("the company's own function calls its model")),
		does: func(c *client) {
			k := f.role.session(c.now, sessionOf{name: f.name, scopeType: "AWS::Lambda::Function", scope: w.arn("lambda", "function:"+f.name)})
			s.issueByService(c.r, "lambda.amazonaws.com", k, f.name, w.region, 12*time.Hour, "lambda_role")
			d := c.with(k)
			for range 1 + c.r.IntN(3) {
				d.pause(time.Second, 9*time.Second)
				d.do(call{service: "bedrock", name: "InvokeModel", read: true, req: o("modelId", models[2]), host: "bedrock-runtime." + w.region + ".amazonaws.com"})
			}
		}})
	p := w.people[1]
	c := s.inOffice(p, w.day(int(at.Sub(w.start)/(24*time.Hour)), 11, 10), decoy("an engineer tries a model in the console"))
	k := c.signIn(p)
	k.now = c.now
	b := k.on("bedrock")
	b.pause(time.Minute, 2*time.Minute)
	b.do(call{service: "bedrock", name: "ListFoundationModels"})
	for range 4 {
		b.pause(10*time.Second, time.Minute)
		b.do(call{service: "bedrock", name: "InvokeModelWithResponseStream", read: true, req: o("modelId", models[2]), host: "bedrock-runtime." + w.region + ".amazonaws.com"})
	}
}
