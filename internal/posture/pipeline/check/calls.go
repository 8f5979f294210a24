package check

import (
	"net/netip"
	"path"
	"slices"
	"strings"

	"github.com/trailhound/trailhound/internal/posture/pipeline/model"
)

// calls are API calls of builds, and those that opened a shell into one.
func (s *Scene) calls() []*Subject {
	var out []*Subject
	// The first public address of each session; calls come in the order of the files.
	first := map[string]string{}
	told := map[string]bool{}
	for _, c := range s.Inventory.Calls {
		o := s.ownerOfCall(c)
		strange := s.strange(c, o, first)
		// The same thing a hundred times over is one thing.
		// The view of each call is still made: whether a shell was opened is another
		// question.
		if key := c.Session + "\x00" + strange; strange != "" && told[key] {
			strange = ""
		} else {
			told[key] = true
		}
		v := view{"action": c.Action, "strange": strange, "shell": c.Shell && !c.Failed, "session": c.Session, "by_admin": s.isAdmin(model.LastPart(c.Role)) || s.isAdmin(model.LastPart(c.By)),
			"failed": c.Failed}
		out = append(out, s.subject("call", "call "+c.Action, c.At, o, v, map[string]string{"action": c.Action, "session": c.Session, "address": c.SourceIP,
			"strange": strange, "role": model.LastPart(c.Role), "act": c.Action + " opened a way into a build of " + orWord(c.Project, "a project that the call does not name"), "by": orWord(c.By, "a caller that the record does not name"),
			"build": orWord(c.Project, "BUILD")}))
	}
	return out
}

// orWord is s, or d where there is none.
func orWord(s, d string) string {
	if s == "" {
		return d
	}
	return s
}

// ownerOfCall is the project that a call is about or that made it, nil when
// several projects share the role and nothing tells which.
func (s *Scene) ownerOfCall(c *model.BuildCall) *owner {
	if list := s.byName[c.Project]; c.Project != "" && len(list) > 0 {
		return list[0]
	}
	if list := s.byRole[c.Role]; c.Role != "" && len(list) == 1 {
		return list[0]
	}
	return nil
}

// strange is what sets a call of a build apart from what its builds do, "" for
// nothing. A build sits on one machine: a session seen from a second public address
// was carried off. A failed call counts too: whoever tries has the credentials.
func (s *Scene) strange(c *model.BuildCall, o *owner, first map[string]string) string {
	if !strings.HasPrefix(c.Session, "AWSCodeBuild-") {
		return ""
	}
	ip, err := netip.ParseAddr(c.SourceIP)
	public := err == nil && !ip.IsPrivate() && !ip.IsLoopback() && !ip.IsLinkLocalUnicast()
	if public && first[c.Session] == "" {
		first[c.Session] = c.SourceIP
	}
	switch {
	// Only the first address is kept. A call from the true machine after a
	// stranger's first call is then the one that is told, which is no worse: the
	// session is named, and both addresses are in the sentence.
	case public && first[c.Session] != c.SourceIP:
		return "came from " + c.SourceIP + ", though the build was at " + first[c.Session]
	// A build in a VPC leaves by that network's addresses, which may be anybody's.
	case public && s.foreign(ip) && (o == nil || o.Project.VPC.Absent()):
		return "came from " + c.SourceIP + ", which is no address of AWS, and the project has no network of its own"
	}
	// Without a policy drawn from earlier builds nothing says what is usual.
	u := s.usedBy(c.Role, o)
	if u == nil {
		return ""
	}
	actions := s.Calls.Actions(c.Source, c.Name)
	known := func(a string) bool { return slices.Contains(u.Actions, strings.ToLower(a)) }
	if len(actions) > 0 && !slices.ContainsFunc(actions, known) {
		return "is none of the calls that the policy drawn from its builds allows"
	}
	// Calls of global services are recorded in one region wherever they were made.
	if len(actions) > 0 && !s.Calls.Global(actions[0]) && len(u.Regions) > 0 && !slices.Contains(u.Regions, c.Region) && (o == nil || o.Project.Region != c.Region) {
		return "went to " + c.Region + ", where its builds never were"
	}
	return ""
}

// foreign says whether an address is outside all that AWS publishes as its own;
// false when no list was given.
func (s *Scene) foreign(ip netip.Addr) bool {
	if len(s.Inventory.Networks) == 0 {
		return false
	}
	for _, n := range s.Inventory.Networks {
		if slices.ContainsFunc(n.Prefixes, func(p netip.Prefix) bool { return p.Contains(ip) }) {
			return false
		}
	}
	return true
}

// usedBy is what policy generate drew for a role, that of the project first.
func (s *Scene) usedBy(role string, o *owner) *model.Used {
	var found *model.Used
	for _, u := range s.Inventory.Used {
		if role == "" || u.Principal != role && model.LastPart(u.Principal) != model.LastPart(role) {
			continue
		}
		switch {
		case o != nil && u.Project == o.name():
			return u
		case u.Project == "":
			found = u
		}
	}
	return found
}

// isAdmin says whether the name is declared to belong to somebody who may change
// pipelines.
func (s *Scene) isAdmin(name string) bool {
	return name != "" && slices.ContainsFunc(s.Settings.Admins, func(p string) bool {
		ok, err := path.Match(p, model.LastPart(name))
		return err == nil && ok
	})
}

// reportGroup is where test reports go. CodeBuild names a report group after the
// project that made it and a group of its buildspec.
func (s *Scene) reportGroup(g *model.ReportGroup) *Subject {
	sub := s.subject("report group", "report group "+g.Name.V, g.At, nil, view{"artifacts_plain": or(s.r, g.Unencrypted, false), "owner_full": false, "logs_full": false, "public_bucket": s.bucketPublic(model.Scoped(g.Bucket.V, g.At))},
		map[string]string{"what": "the exported reports of " + g.Name.V})
	for _, o := range s.owners {
		// A project "app" also takes the groups of "app-web". A finding that names
		// one project too many is the cheaper mistake.
		if strings.HasPrefix(g.Name.V, o.name()+"-") {
			sub.Also = append(sub.Also, o.Project)
		}
	}
	return sub
}

// bucketPublic is false also for a bucket that was not given.
func (s *Scene) bucketPublic(name string) any {
	if b := s.buckets[name]; b != nil {
		return or(s.r, b.Public, false)
	}
	return false
}
