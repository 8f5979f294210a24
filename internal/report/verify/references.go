package verify

import "strings"

// eachRef yields every reference that stands anywhere in the report outside the
// claims, which have a check of their own. A list that is followed later and
// missing here would seem to lead nowhere; a test walks the type to see that none is.
func (c *check) eachRef(yield func(string)) {
	refs := func(lists ...[]string) {
		for _, list := range lists {
			for _, ref := range list {
				yield(ref)
			}
		}
	}
	r := c.r
	for _, a := range r.Attribution {
		yield(a.Event)
	}
	for _, x := range r.Credentials {
		refs(x.StateEvidence)
		if x.IssuedBy != nil && x.IssuedBy.Event != "" {
			yield(x.IssuedBy.Event)
		}
	}
	for _, q := range r.Questions {
		refs(q.ContradictedBy)
	}
	for _, f := range r.Findings {
		refs(f.Evidence)
	}
	for _, t := range r.Timeline {
		yield(t.Event)
	}
	for _, x := range r.AffectedResources {
		refs(x.ByEvent, x.StateEvidence)
	}
	for _, p := range r.Persistence {
		refs(p.Events, p.Evidence, p.StateEvidence)
	}
	for _, u := range r.Doubtful {
		refs(u.Events)
	}
	for _, i := range r.Impact {
		refs(i.Evidence)
	}
	for _, x := range r.Recovery {
		refs(x.Events)
	}
	for _, a := range r.Alerts {
		refs(a.Events)
	}
	for _, a := range r.Supplied {
		refs([]string{a.Ref}, a.Events)
	}
	for _, b := range r.Benign {
		refs(b.Events)
	}
	for _, h := range r.Hypotheses {
		refs(h.SetAside)
	}
	r.EachFlow(func(list []string) {
		for _, ref := range list {
			if !strings.HasPrefix(ref, "limit:") {
				refs([]string{ref})
			}
		}
	})
}

// eventID reads a reference: "event:<id>", or the bare id that some lists hold. The
// other kinds are those of the format, see docs/formats/report.md, "Rules".
func eventID(ref string) (string, bool) {
	if id, ok := strings.CutPrefix(ref, "event:"); ok {
		return id, id != ""
	}
	for _, other := range []string{"snapshot:", "alert:", "cost:", "flow:"} {
		if strings.HasPrefix(ref, other) {
			return "", false
		}
	}
	return ref, ref != ""
}

// follow checks a list of references and returns the facts they lead to. A reference
// to an observation (a snapshot, a cost row, a flow) has to be there, and yields none.
func (c *check) follow(where string, refs []string) []fact {
	var out []fact
	for i, ref := range refs {
		out = append(out, c.one(where+at(i), ref)...)
	}
	return out
}

// one follows a single reference, of which where is the place.
func (c *check) one(where, ref string) []fact {
	c.stats.Citations++
	id, ok := eventID(ref)
	switch {
	case !ok && c.seen.Holds(ref):
		return nil
	case !ok:
		c.stats.Broken++
		c.problem(where, ref, "the reference leads to nothing in the evidence")
		return nil
	case len(c.events[id]) == 0:
		c.stats.Broken++
		c.problem(where, ref, "there is no event %s in the evidence", id)
	}
	return c.events[id]
}

// mustFollow also demands that there is a reference at all.
func (c *check) mustFollow(where string, refs []string, what string) []fact {
	if len(refs) == 0 {
		c.problem(where, "", "%s names no evidence", what)
	}
	return c.follow(where, refs)
}

// event follows one event id of a row.
func (c *check) event(where, id string) []fact {
	c.stats.Citations++
	if len(c.events[id]) == 0 {
		c.stats.Broken++
		c.problem(where, id, "there is no event %q in the evidence", id)
	}
	return c.events[id]
}
