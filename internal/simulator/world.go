package simulator

import (
	"fmt"
	"time"
)

// world is one company's estate: the same kind of company every time, under
// different names, numbers and habits. A story changes it before time starts.
type world struct {
	seed    uint64
	name    string
	r       stream
	plan    *addressPlan
	zone    time.Duration // local time less UTC
	renamed bool
	start   time.Time // a Monday, 00:00 UTC
	weeks   int
	stop    time.Time // the evidence ends here; zero is the end of the weeks

	company string
	prod    *account
	audit   *account // keeps the logs; only its number shows
	region  string   // where the work is
	region2 string   // where a little of it is

	office, farm network // everybody's NAT; the build agents
	nat          network // egress of the VPC

	people []*person
	ci     *user
	ciTool agent // what the pipeline's scripts use
	ciTF   agent

	deploy  *role // the pipeline's
	admin   *role // platform team's, behind SwitchRole and AssumeRole
	reader  *role // of the data job
	scanner *role // the vendor's
	vendor  string
	caller  string // the vendor's principal, always the same
	vendorN network
	extID   string

	functions []*function
	instances []*instance
	tasks     *taskService

	trail   string
	records string // bucket with data events
	assets  string
	state   string // Terraform state
	logs    string
	secrets []string // ARNs
	params  []string
	table   string
	repo    string
	cluster string
	keyARN  string // the KMS key behind most things
	vpc, sg string
	subnets []string
	store   string // identity store
}

// Names are drawn from lists that hold nobody's; mail addresses end in .example.
var (
	firstNames = []string{"amara", "bogdan", "chiara", "dmitri", "elif", "farid", "greta", "hana", "ines", "jonas", "kofi", "leila", "marek", "nadia", "oskar", "priya", "quentin", "rosa", "sven", "tomoko", "uma", "viktor", "wanda", "xenia", "yusuf", "zofia"}
	lastNames  = []string{"adler", "brandt", "castell", "doyle", "ekberg", "fontaine", "garrido", "hollis", "ivanko", "jarvis", "kessler", "lindqvist", "moreau", "novak", "okafor", "petrov", "quinn", "rossi", "sato", "tanaka", "ulrich", "varga", "weiss", "yilmaz"}
	adjectives = []string{"bright", "north", "copper", "silver", "quiet", "river", "stone", "amber", "cedar", "harbor", "lumen", "maple"}
	nouns      = []string{"works", "field", "ledger", "cargo", "clinic", "freight", "market", "harvest", "metrics", "gate", "path", "loom"}
	ciNames    = []string{"deploy-bot", "ci-deployer", "release-bot", "build-runner", "pipeline-svc", "jenkins-deploy", "ci-release", "infra-bot"}
	products   = []string{"orders", "billing", "catalog", "claims", "pricing", "shipments", "patients", "invoices", "loyalty", "search", "accounts", "reports"}
	fnVerbs    = []string{"ingest", "notify", "resize", "enrich", "export", "reconcile", "validate", "index"}
	homes      = []struct {
		region, second string
		zone           time.Duration
	}{
		{"us-east-1", "us-west-2", -5 * time.Hour}, {"us-west-2", "us-east-1", -8 * time.Hour},
		{"eu-west-1", "eu-central-1", 0}, {"eu-central-1", "eu-west-1", time.Hour},
		{"ap-southeast-2", "us-west-2", 10 * time.Hour},
	}
)

// newWorld draws a company. What a mutation changes of it is changed before anything
// is named, so that all names agree.
func newWorld(name string, seed uint64, weeks int, mutate map[string]bool) *world {
	r := newStream(seed, name, "world")
	w := &world{seed: seed, name: name, r: r, weeks: weeks}
	// Any Monday of a year and a half: evidence must not always be of one season.
	w.start = time.Date(2025, 6, 2, 0, 0, 0, 0, time.UTC).AddDate(0, 0, 7*r.IntN(78))
	h := pick(r, homes)
	w.region, w.region2, w.zone = h.region, h.second, h.zone
	if w.renamed = mutate["rename"]; mutate["shift"] {
		w.shift()
	}
	w.company = pick(r, w.words(adjectives)) + pick(r, w.words(nouns))
	w.prod, w.audit = newAccount(w.stream("account", "prod")), newAccount(w.stream("account", "audit"))
	w.vendor = newAccount(w.stream("account", "vendor")).id
	w.caller = "AIDA" + w.stream("vendor", "caller").text(base32, 17)
	w.plan = newAddressPlan(w.stream("addresses"))
	w.office, w.farm, w.nat = w.plan.place(), w.plan.home(), w.plan.cloud()
	w.vendorN = w.plan.cloud()

	w.names()
	w.staff()
	w.workloads()
	return w
}

// stream is a source of chance of its own for whoever is named by the labels.
func (w *world) stream(labels ...string) stream {
	return newStream(w.seed, append([]string{w.name}, labels...)...)
}

// end is the hour at which the evidence was exported.
func (w *world) end() time.Time {
	if !w.stop.IsZero() {
		return w.stop
	}
	return w.start.AddDate(0, 0, 7*w.weeks)
}

// exported says that somebody noticed and pulled the logs at about t. Stories
// that speak of "yesterday" say this first.
func (w *world) exported(t time.Time) { w.stop = t.Truncate(time.Hour).Add(time.Hour) }

// day is a moment of local time, counted in days from the first Monday.
func (w *world) day(n, hour, minute int) time.Time {
	return w.start.AddDate(0, 0, n).Add(time.Duration(hour)*time.Hour + time.Duration(minute)*time.Minute - w.zone)
}

// arn is a resource of the production account in its main region.
func (w *world) arn(service, rest string) string {
	return "arn:aws:" + service + ":" + w.region + ":" + w.prod.id + ":" + rest
}

// names are the company's things. The world's own stream is drawn from in a fixed
// order: what is added draws from a stream of its own, or every seed tells of another
// company.
func (w *world) names() {
	r := w.r
	p := pickN(r, w.words(products), 6)
	tag := r.hex(6)
	w.records = w.company + "-" + p[0] + "-records-" + tag
	w.assets = w.company + "-web-assets-" + tag
	w.state = w.company + "-tfstate-" + tag
	w.logs = w.company + "-org-trail-" + r.hex(6)
	w.trail = "arn:aws:cloudtrail:" + w.region + ":" + w.prod.id + ":trail/" + w.company + "-trail"
	for _, s := range []string{p[0] + "/db", p[1] + "/api-key", "shared/smtp", p[2] + "/db", "ci/registry", p[3] + "/webhook"} {
		w.secrets = append(w.secrets, w.arn("secretsmanager", "secret:prod/"+s+"-"+r.text("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz", 6)))
		w.params = append(w.params, "/prod/"+s)
	}
	w.table, w.repo, w.cluster = p[0]+"-state", w.company+"/"+p[1], w.company+"-prod"
	w.keyARN = w.arn("kms", "key/"+r.uuid())
	w.vpc, w.sg = "vpc-0"+r.hex(16), "sg-0"+r.hex(16)
	for range 3 {
		w.subnets = append(w.subnets, "subnet-0"+r.hex(16))
	}
	w.store = "arn:aws:identitystore::" + w.audit.id + ":identitystore/d-" + r.hex(10)
	w.extID = w.company + "-" + r.hex(12)

	w.ci = w.prod.newUser(pick(r, w.words(ciNames)))
	w.ci.key = w.ci.newKey()
	w.ciTool, w.ciTF = r.cliLinux(), r.terraform()
	w.deploy = w.prod.newRole("/", w.company+"-deploy")
	w.admin = w.prod.newRole("/", pick(r, w.words([]string{"platform-admin", "infra-admin", "ops-admin", "cloud-admin"})))
	w.reader = w.prod.newRole("/", p[0]+"-"+pick(r, w.words([]string{"etl", "batch", "pipeline", "loader"})))
	w.scanner = w.prod.newRole("/", pick(r, w.words([]string{"posture-readonly", "cspm-audit", "cloud-inventory-ro"})))
}

// person is somebody at work. Most come through Identity Center; the last ones
// of the list are IAM users of old.
type person struct {
	name, email string
	user        *user // IAM user; nil for Identity Center
	role        *role // what Identity Center gives them
	ssoID       string
	home        network
	browser     agent
	cli         agent
	r           stream
}

// staff are seven people: an administrator and three engineers on single sign-on, then
// three IAM users with a device and a key each.
func (w *world) staff() {
	domain := w.company + ".example"
	admins := w.prod.newRole("/aws-reserved/sso.amazonaws.com/"+w.region+"/", "AWSReservedSSO_AdministratorAccess_"+w.r.hex(16))
	power := w.prod.newRole("/aws-reserved/sso.amazonaws.com/"+w.region+"/", "AWSReservedSSO_PowerUserAccess_"+w.r.hex(16))
	first, last := pickN(w.r, w.words(firstNames), 7), pickN(w.r, w.words(lastNames), 7)
	for i := range 7 {
		r := w.stream("person", first[i])
		p := &person{name: first[i] + "." + last[i], r: r, home: w.plan.home(), browser: r.browserMac(), cli: r.cliMac()}
		if i%3 == 1 {
			p.browser, p.cli = r.browserWindows(), r.cliLinux()
		}
		p.email = p.name + "@" + domain
		switch {
		case i == 0:
			p.role = admins
		case i < 4:
			p.role = power
		default:
			p.user = w.prod.newUser(p.name)
			p.user.mfaSerial = fmt.Sprintf("arn:aws:iam::%s:mfa/%s-phone", w.prod.id, p.name)
			p.user.key = p.user.newKey()
		}
		p.ssoID = r.hex(8) + "-" + r.hex(4) + "-" + r.hex(4) + "-" + r.hex(4) + "-" + r.hex(12)
		w.people = append(w.people, p)
	}
}

// at is where p works on the given day: in the office, behind everybody's
// address, or at home on two days of the week, rarely the other way round.
func (w *world) at(p *person, day int) string {
	first := newStream(w.seed, w.name, "home days", p.name).IntN(5)
	// Days are counted from the world's first, a Monday unless the story was shifted.
	home := day%7 == first || day%7 == (first+2)%5
	if newStream(w.seed, w.name, "where", p.name, fmt.Sprint(day)).chance(0.06) {
		home = !home
	}
	if home {
		return p.home.addr(1)
	}
	return w.office.addr(7) // one NAT address for all
}
