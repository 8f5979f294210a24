package verify

import "context"

// plan: containment rests on claims of the report, is about something that the report
// is about, and never turns against those who own or defend the account. Commands are
// not checked: they are read by whoever runs them.
func (c *check) plan(context.Context) error {
	friends := map[string]string{}
	for _, p := range c.r.Principals {
		if p.ARN != "" && (p.RoleInCase == "owner" || p.RoleInCase == "responder" || p.RoleInCase == "service") {
			friends[p.ARN] = p.RoleInCase
		}
	}
	for _, p := range c.r.Principals { // one who is also something else in the case is no mere friend
		if friends[p.ARN] != "" && p.RoleInCase != friends[p.ARN] {
			delete(friends, p.ARN)
		}
	}
	for i, s := range c.r.Containment {
		where := at("containment", i)
		c.claimRefs(where+"/why", s.Why)
		if !c.established(s.Target) {
			c.problem(where+"/target", s.Target, "nothing else in the report is about this target")
		}
		// To save what is a friend's harms nobody.
		if role := friends[s.Target]; role != "" && s.Phase != "preserve" {
			c.problem(where+"/target", s.Target, "the step acts against a principal whose part in the case is %s", role)
		}
	}
	return nil
}
