package attribution

import (
	"slices"
	"strings"
	"time"

	"github.com/trailhound/trailhound/internal/evidence"
)

// Known is what people said about who acts legitimately: the owner's network
// and tools, a responder, an authorised test. It moves an event only where the
// event's own fields fit everything that was said.
type Known struct {
	Actor      Actor // Owner, Responder or Service (a vendor)
	Principals []string
	Networks   []string // CIDR prefixes or addresses
	Except     []string // addresses in them that somebody said are none of theirs
	Agents     []string // words a user agent or its family contains: "terraform"
	From, To   time.Time
	Whole      bool // the principals themselves are vouched for: responders, vendors
	Test       bool // an announced security test: what was done in its name is told call by call
	Full       bool // of a test it is said in so many words who comes, from where and in which days
	Planned    bool // a change that was planned or an exercise: a region that nobody used may be what it was about
	Told       bool // only the story names them: no call from where they never worked is theirs for that
	// Guests are accounts of an outside party that is vouched for: the statement speaks of what their
	// principals do in roles that nobody else takes, and Principals then are those roles; none means any.
	Guests []string
	Why    string // "answer owner", "case text"

	visits map[string]bool // of guests: the calls that took a role, and the keys of the sessions
}

// narrowed returns the statements without networks so wide that they name
// nobody, and those networks.
func narrowed(in []Known) (out []Known, wide []string) {
	for _, k := range in {
		some := slices.DeleteFunc(slices.Clone(k.Networks), tooWide)
		if len(some) < len(k.Networks) {
			for _, n := range k.Networks {
				if tooWide(n) && !slices.Contains(wide, n) {
					wide = append(wide, n)
				}
			}
			k.Networks = some
		}
		out = append(out, k)
	}
	slices.Sort(wide)
	return out, wide
}

// fits says whether the event satisfies all that the statement names. A
// statement that names neither network, tool nor time fits nothing: it says who
// owns a credential, not which calls were theirs.
func (k *Known) fits(e *evidence.Event) bool {
	if len(k.Networks) == 0 && len(k.Agents) == 0 && k.From.IsZero() && k.To.IsZero() {
		return k.Whole && len(k.Principals)+len(k.Guests) > 0 && k.about(e)
	}
	return k.about(e) && (len(k.Networks) == 0 || within(e, k.Networks) && !within(e, k.Except)) && (len(k.Agents) == 0 || k.agent(e)) &&
		k.covers(e.Time)
}

// about says whether the statement speaks of the event's principal.
func (k *Known) about(e *evidence.Event) bool {
	if len(k.Guests) > 0 {
		return k.visits[e.ID] || e.Identity.AccessKey != "" && k.visits[e.Identity.AccessKey]
	}
	if len(k.Principals) == 0 {
		return len(k.Networks) > 0 // a network alone may be stated; anything less names nobody
	}
	id := e.Identity
	return slices.ContainsFunc(k.Principals, func(p string) bool {
		return p == id.ARN || p == id.IssuerARN || p == id.UniqueID() || p == id.Person() || p == id.PrincipalID || p == id.AccessKey || p == id.UserName || p == id.IssuerName
	})
}

func (k *Known) agent(e *evidence.Event) bool {
	ua := strings.ToLower(e.UserAgent) + " " + evidence.AgentFamily(e.UserAgent)
	return slices.ContainsFunc(k.Agents, func(a string) bool { return strings.Contains(ua, strings.ToLower(a)) })
}

// stated returns the statement that fits every call of the cluster, or nil.
// Each call is held to it: one that does not fit keeps the cluster open.
func (in *Input) stated(p *person, c *Cluster) *Known {
	for i := range in.Known {
		k := &in.Known[i]
		elsewhere := c.known && p.baseline.networks[c.Network] == 0
		if k.Told && elsewhere {
			continue // who fixes things does so where they always work; a thief may hold their key as well
		}
		if len(k.Principals) == 0 && elsewhere && p.namedStolen(c) && !in.Doubted {
			continue // a network that is one's own clears no stolen credential never used from it: thieves sit in offices too
		}
		if !slices.ContainsFunc(c.events, func(j int) bool { return !k.fits(&p.events[j]) }) {
			return k
		}
	}
	return nil
}

// placeSignals say where and when calls were made, or what is said of the
// credential, and nothing of what was done.
var placeSignals = []string{"network_new", "network_new_thin", "concurrent_network", "hostile_network", "sibling_session", "corporate_network", "outside_statement", "named_stolen", "odd_hour"}

// strangeAnywhere are the signals that no place explains.
var strangeAnywhere = []string{"region_unused", "grave_series", "known_tool"}

// onlyPlaceFits says whether nothing but the address speaks for the owner: the
// statement tells where they work, and what was done there is unlike them, or
// they deny it. A thief may sit behind the owner's own network, so that of a
// stolen credential such a statement clears nothing. Testers do what intruders do, and are named
// by whoever asks what they did: a test that is told of in full is told by who, where and when.
func (r *run) onlyPlaceFits(p *person, c *Cluster, k *Known) bool {
	if k.Actor != Owner || k.Whole || k.Full || len(k.Agents) > 0 {
		return false
	}
	if r.gone(c) && r.left(p, c) {
		return true // whoever left has their home still, and no business there
	}
	if t := r.in.Terminated; !t.IsZero() && c.First.Before(t) && r.left(p, c) {
		return true // until then it was the job, there as anywhere, and what was grave in it is asked about
	}
	if !p.namedStolen(c) || r.in.Doubted {
		// Of whom nothing is suspected it clears what anybody may do there, and not what
		// is strange whoever does it and wherever.
		r.score(p, c)
		strange := func(l Line) bool {
			return slices.Contains(strangeAnywhere, l.Signal) && !(k.Planned && l.Signal == "region_unused")
		}
		return slices.ContainsFunc(c.Lines, strange) && c.Score >= r.w.Thresholds.Likely
	}
	r.score(p, c)
	if r.in.Denied && !c.own && !c.First.Before(r.in.Exposed) {
		return true
	}
	acts := c.Score
	for _, l := range c.Lines {
		if slices.Contains(placeSignals, l.Signal) {
			acts -= l.Points
		}
	}
	return acts >= r.w.Thresholds.Unlike
}

// toolOnly says whether a statement of the owner names with what they work, and neither where nor when.
func (k *Known) toolOnly() bool {
	return k.Actor == Owner && !k.Whole && !k.Test && len(k.Agents) > 0 && len(k.Networks)+len(k.Guests) == 0 && k.From.IsZero() && k.To.IsZero()
}

// onlyToolFits says whether nothing but the tool speaks for the owner where that is too little: on a network that
// the intruder uses and the principal does not, or where place and tool are both new to the principal, who is then
// said to work with a tool with which nobody ever saw them. Everybody has the common tools.
func (r *run) onlyToolFits(p *person, c *Cluster, k *Known) bool {
	if !k.toolOnly() {
		return false
	}
	b := p.baseline
	return c.known && b.networks[c.Network] == 0 && b.agents[c.Agent] == 0 || r.hostileElsewhere(p, c) || r.intruders(p, c.Network)
}

// covers says whether the moment lies in the time that the statement speaks of.
func (k *Known) covers(t time.Time) bool {
	return (k.From.IsZero() || !t.Before(k.From)) && (k.To.IsZero() || t.Before(k.To))
}

// outside says, in words, that the owner was stated to use networks or tools
// and the cluster shows others; "" if nothing was stated or it fits. What is
// stated of one night says nothing of the others.
func (in *Input) outside(p *person, c *Cluster) string {
	if len(c.events) == 0 {
		return ""
	}
	e := &p.events[c.events[0]]
	why := ""
	for i := range in.Known {
		k := &in.Known[i]
		if len(k.Networks)+len(k.Agents) == 0 || !k.covers(e.Time) || !k.speaksOf(p, c, e) {
			continue
		}
		if k.fits(e) {
			return ""
		}
		if len(k.Networks) == 0 && !slices.ContainsFunc(p.events, func(e evidence.Event) bool { return k.agent(&e) }) {
			continue // a tool that no call at all names is a description: "our deploy user of …"
		}
		why = k.Why
	}
	return why
}

// speaksOf says whether the statement tells where the event's principal works. A
// vendor is known by its network alone: it speaks of whom it was seen to come as.
// Vendors move without telling, so that it counts only where the case itself
// suspects what the vendor was given.
func (k *Known) speaksOf(p *person, c *Cluster, e *evidence.Event) bool {
	switch {
	case k.Actor == Owner:
		return len(k.Principals) > 0 && k.about(e)
	case k.Actor != Service || len(k.Networks) == 0 || !p.namedStolen(c):
		return false
	case len(k.Principals) > 0:
		return k.about(e)
	}
	return slices.ContainsFunc(p.events, func(o evidence.Event) bool { return o.Time.Before(e.Time) && !o.FromAWS() && within(&o, k.Networks) })
}
