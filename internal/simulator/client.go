package simulator

import (
	"slices"
	"strings"
	"time"
)

// client is a credential in somebody's hands: a place, a tool, and a clock
// that moves with what they do.
type client struct {
	s      *sim
	r      stream
	cred   *cred
	ip     string
	agent  agent
	region string
	now    time.Time
	as     mark // how the truth file is to judge what it does
}

// with is the same hands and place on another credential, from now on.
func (c *client) with(k *cred) *client {
	d := *c
	d.cred = k
	return &d
}

// pause lets time pass: at least a second, so that what follows in the story
// also follows on the trail, whose clock has no finer grain.
// It is the one place where the mutation "slow" acts.
func (c *client) pause(lo, hi time.Duration) *client {
	d := max(time.Second, c.r.between(lo, hi))
	if c.as.intruder && c.s.m.on["slow"] {
		d *= 8
	}
	c.now = c.now.Add(d)
	return c
}

// at moves the clock, which never runs backwards.
func (c *client) at(t time.Time) *client {
	if t.After(c.now) {
		c.now = t
	}
	return c
}

// do makes a call at the client's present time and returns its event id.
func (c *client) do(k call) string {
	region := k.region
	if region == "" {
		region = c.region
	}
	if global[k.service] {
		region = "us-east-1"
	}
	ip, ua, tls := c.ip, c.agent.of(k.service, operation(k.name)), c.agent.tls
	if k.invokedBy != "" {
		ip, ua, tls = k.invokedBy, k.invokedBy, ""
	}
	// A service that acts for the intruder comes from its own address with its own agent.
	if c.as.intruder && !c.as.behalf {
		ip = c.s.m.place(c.s, ip)
		ua = c.s.m.write(c.s, c.ip, ua)
		if c.s.m.on["inject"] && k.name == "CreateUser" && k.req != nil {
			// A text that an intruder would write for whoever reads the report: what
			// renders it must leave it inert.
			k.req = append(slices.Clone(k.req), field{"tags", list{o("key", "note", "value", hostileText[1])}})
		}
	}
	id, body := k.encode(c.r, c.cred, c.now, region, ip, ua, tls)
	recipient := c.cred.acct
	if k.recipient != nil {
		recipient = k.recipient
	}
	// What the evidence does not hold is no part of the truth either: the story goes on,
	// and the truth neither blames nor excuses it.
	if !c.s.put(Record{ID: id, Account: recipient.id, Region: region, Time: c.now, Body: body}) {
		c.s.truth.unseen[id] = true
		return id
	}
	c.s.truth.saw(c.as, id, &k)
	// What is plain background is no act: it is most of the trail, and nobody asks
	// where it was.
	if c.as != (mark{}) {
		c.s.m.acts = append(c.s.m.acts, act{region, c.now, c.as.intruder})
	}
	if c.as.intruder {
		c.s.truth.used[c.cred.key] = true
		c.s.truth.by[id] = c.cred.key
	}
	return id
}

// deny is the same call refused for want of a policy. AWS then mostly leaves
// the parameters out, so the message is all there is to read.
func (c *client) deny(k call, resource, because string) string {
	action := k.service + ":" + operation(k.name)
	k.errCode = "AccessDenied"
	k.errMsg = "User: " + c.cred.arn + " is not authorized to perform: " + action
	if resource != "" {
		k.errMsg += " on resource: " + resource
	}
	if because == "" {
		because = "because no identity-based policy allows the " + action + " action"
	}
	k.errMsg += " " + because
	if k.service == "ec2" {
		k.errCode = "Client.UnauthorizedOperation"
		k.errMsg = "You are not authorized to perform this operation. " + k.errMsg
	} else {
		k.req = nil
	}
	k.resp = nil
	return c.do(k)
}

// operation is the API operation behind an event name: Lambda adds a version.
func operation(name string) string {
	if i := strings.IndexAny(name, "0123456789"); i > 0 && strings.HasPrefix(name[i:], "20") {
		return name[:i]
	}
	return name
}

// replaceOnce edits a record's identity, which is bytes already.
func replaceOnce(s, old, new string) string { return strings.Replace(s, old, new, 1) }
