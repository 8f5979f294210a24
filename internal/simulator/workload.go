package simulator

import (
	"fmt"
	"strconv"
	"time"
)

// instance is an EC2 instance with a role.
type instance struct {
	w       *world
	id, ip  string // private address
	public  string // what AWS sees
	role    *role
	agent   agent // the SSM agent
	app     agent
	boot    time.Time
	keySets map[int]*keySet
}

// keySet is what EC2 mints at one rotation: two keys in the same second, one
// for each version of the metadata service, under one session name.
type keySet struct{ v1, v2 *cred }

// rotation is how often EC2 renews a role's credentials, which are good for a little longer.
const rotation = 6 * time.Hour

// newInstance boots before the evidence begins, so that its first key set has no issuing
// event in it.
func (w *world) newInstance(name string, r *role, boot time.Time) *instance {
	s := w.stream("instance", name)
	return &instance{
		w: w, id: "i-0" + s.hex(16), ip: fmt.Sprintf("10.%d.%d.%d", 20+s.IntN(80), s.IntN(250), 4+s.IntN(250)),
		public: w.nat.addr(1), role: r, agent: s.ssmAgent(), app: s.boto("6.1.155-176.282.amzn2023.x86_64"), boot: boot, keySets: map[int]*keySet{},
	}
}

func (i *instance) arn() string { return i.w.arn("ec2", "instance/"+i.id) }

// at is the key set in force at a time. It is made when first asked for, and
// both issuing events are put on the trail then; what it holds depends on its
// number alone, so it makes no difference who asks first.
func (i *instance) at(s *sim, t time.Time) *keySet {
	n := int(t.Sub(i.boot) / rotation)
	if k := i.keySets[n]; k != nil {
		return k
	}
	born := i.boot.Add(time.Duration(n) * rotation)
	r := i.w.stream("keys", i.id, strconv.Itoa(n))
	ids := *i.role
	// A stream of its own: the keys of a set do not depend on what else was minted.
	ids.acct = &account{i.role.acct.id, i.role.acct.number, r}
	scope := sessionOf{name: i.id, scopeType: "AWS::EC2::Instance", scope: i.arn()}
	k := &keySet{}
	scope.delivery = "1.0"
	k.v1 = ids.session(born, scope)
	scope.delivery = "2.0"
	k.v2 = ids.session(born, scope)
	if !born.Before(i.w.start) && born.Before(i.w.end()) { // older ones were issued before the evidence begins
		for _, c := range []*cred{k.v1, k.v2} {
			s.issueByService(r, "ec2.amazonaws.com", c, i.id, i.w.region, rotation+35*time.Minute, "instance_profile")
		}
	}
	i.keySets[n] = k // a few hundred at most: they stay, so that no set is ever issued twice
	return k
}

// function is a Lambda function.
type function struct {
	name  string
	role  *role
	agent agent
	does  []work // what one invocation calls
}

// taskService is an ECS service with a handful of tasks.
type taskService struct {
	name  string
	role  *role
	agent agent
	does  []work
}

// work is one kind of call a workload makes over and over.
type work func(c *client)

// workloads are the machines: four functions, a service of tasks and three instances
// under one role, of which one may be robbed while the others work on.
func (w *world) workloads() {
	r := w.stream("workloads")
	verbs, things := pickN(r, w.words(fnVerbs), 4), pickN(r, w.words(products), 4)
	for i := range 4 {
		name := things[i] + "-" + verbs[i]
		f := &function{name: name, role: w.prod.newRole("/service-role/", name+"-role-"+r.text("abcdefghijklmnopqrstuvwxyz0123456789", 8)), agent: r.nodeSDK("sts#3.899.0")}
		f.does = []work{w.readParam(i), w.readParam(i + 1), w.putTable, w.putObject(w.records, things[i]), w.readSecret(i)}
		w.functions = append(w.functions, f)
	}
	w.tasks = &taskService{name: things[0] + "-api", role: w.prod.newRole("/", things[0]+"-api-task"), agent: r.javaSDK()}
	w.tasks.does = []work{w.getObject(w.records, things[0]), w.readSecret(0), w.dataKey, w.getObject(w.assets, "img"), w.readParam(2)}
	web := w.prod.newRole("/", pick(r, w.words([]string{"web", "frontend", "gateway"}))+"-instance")
	boot := w.start.Add(-9*24*time.Hour + r.between(0, 5*time.Hour))
	for i := range 3 {
		w.instances = append(w.instances, w.newInstance(strconv.Itoa(i), web, boot.Add(time.Duration(i)*1487*time.Second)))
	}
}
