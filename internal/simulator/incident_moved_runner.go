package simulator

import (
	"fmt"
	"time"
)

var movedRunner = incident{
	name:  "moved-runner",
	kind:  "leaked_access_key",
	about: "the build user's key leaks on the day on which its runner moves to a new cloud and a new Terraform; the intruder uses Terraform's own tool, from the network next door",
	weeks: 4,
	tell:  tellMovedRunner,
}

// What is hard here: two places new to the key on the same day, one of them the
// owner's. Neither newness, nor the tool, nor the provider tells them apart;
// what each does with the key, does.
func tellMovedRunner(s *sim) {
	w, t := s.w, &s.truth
	r := w.stream("story")
	day := 22 + r.IntN(2)
	moved := w.day(day, 8, r.IntN(50))
	at := moved.Add(7 * time.Hour)
	w.exported(at.Add(25 * time.Hour))
	near, here := w.plan.cloud(), w.plan.cloud() // neighbours: 198.18.n and 198.18.n+1

	own := decoy("the pipeline on its new runner, with a new Terraform")
	p := s.pipeline()
	p.until = moved
	next := *p
	next.since, next.until, next.from, next.r = moved, time.Time{}, near, w.stream("pipeline", "new runner")
	next.agents = []agent{w.stream("new tools").cliLinux(), w.stream("new tools 2").terraform()}
	next.as = func(time.Time) mark { return own }
	s.actors = append(s.actors, &next)
	for i := range 4 {
		next.run(s, moved.Add(time.Duration(i)*2*time.Hour+9*time.Minute))
	}

	c := s.thief("runner", w.ci.key, here, next.agents[0], at)
	t.shows("IA-001", c.callerIdentity())
	c.pause(3*time.Second, 20*time.Second)
	tf := c.with(c.assumeRole(w.deploy, "ci-"+r.text("0123456789", 7), time.Hour))
	tf.agent = next.agents[1]
	tf.pause(3*time.Second, 20*time.Second)
	tf.object("GetObject", w.state, "prod/terraform.tfstate", 0, 400_000, "CO-010")
	for range 5 {
		tf.do(w.refresh(tf))
		tf.pause(time.Second, 4*time.Second)
	}
	u, made := tf.createUser(w.plausible("user", "terraform-drift", "tf-state-sync"), "PR-001")
	tf.pause(time.Second, 4*time.Second)
	attached := tf.attachUserPolicy(u, "arn:aws:iam::aws:policy/AdministratorAccess", "PE-001")
	tf.pause(time.Second, 4*time.Second)
	k, keyed := tf.createKey(u, "PR-002")
	t.persist("iam_user", u.arn, "live", made, attached)
	t.mayPersist("policy", u.arn+"#arn:aws:iam::aws:policy/AdministratorAccess", "live", attached)
	t.persist("access_key", k.key, "live", keyed)
	later := s.thief("runner again", k, here, next.agents[0], tf.now.Add(3*time.Hour))
	later.ip = c.ip
	later.callerIdentity()
	later.pause(3*time.Second, 20*time.Second)
	for _, secret := range w.secrets[:3] {
		later.getSecret(secret, "CA-001")
		later.pause(3*time.Second, 20*time.Second)
	}

	t.Sentence = fmt.Sprintf("Der Schlüssel von %s (%s) stand am %s in einem öffentlichen Repository. Am selben Tag ist unser Terraform-Runner umgezogen. Was hat der Angreifer getan?",
		w.ci.name, w.ci.key.key, at.Add(w.zone).Format("2.1.2006"))
	t.Expected = Expected{Status: "incident", Kind: "leaked_access_key"}
	t.Answers = map[string]string{
		"owner":          fmt.Sprintf("%s is our build user; since %s the runner is at %s", w.ci.name, longDate(moved), cidr(near)),
		"known_networks": fmt.Sprintf("old build agents %s, new runner %s, office %s", cidr(w.farm), cidr(near), cidr(w.office)),
	}
	t.indicate("accessKeyId", w.ci.key.key, "")
	t.NotObservable = []string{"where the key was published"}
}
