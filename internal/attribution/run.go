package attribution

import (
	"context"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/trailhound/trailhound/internal/evidence"
	"github.com/trailhound/trailhound/internal/lineage"
)

// Input is what the case gives: where to start, and what people said.
type Input struct {
	Credentials  []string  // node ids that the case calls stolen
	Principals   []string  // unique ids that the case names
	IPs          []string  // addresses or prefixes that the case names
	Events       []string  // event ids that the case names
	Examine      []string  // unique ids to judge without holding anything against them
	Mentioned    []string  // node ids of sessions that the case names, to be told of without holding anything against them
	Regions      []string  // regions that the case names and where none of theirs works
	Workloads    []string  // instance ids and the like whose credentials are in question
	Exposed      time.Time // earliest possible exposure as stated; zero if not
	Stated       bool      // somebody says outright that something was stolen, exposed or nobody's
	Assume       bool      // what is named may be taken for stolen where nothing shows whose it is: somebody says so, or names a key by its id
	Doubted      bool      // the case asks whether anything was stolen, and does not say so
	Denied       bool      // somebody says that what the case is about was not theirs
	Away         bool      // somebody is said to travel, or to have a new device, and nothing to be stolen
	Swept        []string  // of Examine, who only stood out: place, hour and tool alone make nobody of them an intruder
	Noticed      []string  // of Examine, whom nothing in the case leads to, and who departs in no more than place, hour, tool and what they took up: asked about
	Look         []string  // events of those in Examine whose credentials are told of, whatever comes out
	Told         []string  // events that brought about what the case tells of as harm: theirs who is not at home where it was done
	Terminated   time.Time // when the person's right to use what is named ended; zero if that is not the case
	TerminatedBy time.Time // the latest that it may have ended, where no time zone is told; zero if it is known
	Leavers      []string  // unique ids of those who are said to have left; empty where that holds of all that is named
	Known        []Known
	Addresses    []Address // that snapshots show to be the account's own; those of calls are read
}

// Result is the attribution of every event of every credential touched.
type Result struct {
	Rows     []Row
	Events   []evidence.Event // in evidence.Compare order, no bodies; index i is Rows[i]
	Clusters []*Cluster       // of every principal examined, by time
	Leads    []lineage.Edge   // tier ≤ 2: not inherited

	// NoOwner names the credentials that were held to be the intruder's because
	// the case calls them stolen and nothing in them is recognisable as anybody
	// else's: an assumption, to be stated as one.
	NoOwner   []string
	Baselines map[string]*Baseline // person → habits before the intrusion
	Networks  []string             // the intruder's, unshared, sorted
	TooWide   []string             // stated networks that were ignored, since they name nobody, sorted
	Doors     []Door               // ways in of the intruder's, made by hands that nothing tells to be whose, in order
	Held      []Held               // addresses of the account's own that calls came from
	Unvouched []Unvouched          // what the word for an outside party did not clear
	Shared    []string             // the intruder's, but shared with unrelated principals, sorted

	actors map[string]Actor
}

// Actor is who made the event, "" if it was not touched.
func (r *Result) Actor(event string) Actor { return r.actors[event] }

type run struct {
	q    evidence.Querier
	g    *lineage.Graph
	w    *Weights
	in   *Input
	s    *Survey
	nets *networks

	people       map[string]*person
	order        []string
	loose        []evidence.Event          // calls without a principal, from a named address
	hostileNets  map[string]map[string]int // network → persons whose credentials the intruder used on it → round in which that was found
	hostileSince map[[2]string]time.Time   // network, person → the intruder's first such use
	round        int
	readOpened   int                 // principals read for the sessions that open calls obtained
	assuming     assumption          // how far what cannot be shown may be assumed by now
	letInBy      map[string][]string // user → the calls that made it or gave it a password; see welcomers
	settled      map[string]bool     // gifts of who left at which their users are at work
	spent        map[string]bool     // edges, networks and persons already followed
	handed       map[string]Actor    // hostile event → as whose it was handed on
	leads        []lineage.Edge
	noOwner      map[string]bool
	firstHostile time.Time // the earliest hostile cluster so far
	byEvent      map[string]place
	doorCalls    []evidence.Event // that may have let anybody in, in order; see doors
	doorBy       map[string][]int // what they name → which
	unvouched    []Unvouched
	held         map[string][]*Address // by address, in order of time; see addresses
}

func newRun(q evidence.Querier, g *lineage.Graph, s *Survey, in *Input, w *Weights) *run {
	return &run{
		q: q, g: g, w: w, in: in, s: s, nets: newNetworks(g, s, w), people: map[string]*person{},
		hostileNets: map[string]map[string]int{}, hostileSince: map[[2]string]time.Time{}, spent: map[string]bool{}, handed: map[string]Actor{}, settled: map[string]bool{}, letInBy: map[string][]string{}, noOwner: map[string]bool{}, byEvent: map[string]place{},
	}
}

// assumption is how far it may be assumed that what the case calls stolen is the
// intruder's. What can be shown comes first, or an assumption would stand where a
// chain explains what the case speaks of; a credential that the case names comes
// before all those of a principal.
type assumption int

const (
	assumeNothing assumption = iota
	assumeNamed              // the credentials that the case names
	assumeAll                // and all of the principals that it names
)

// place finds an event again.
type place struct {
	p *person
	i int
}

// maxRounds bounds the fixpoint. Each round follows every hostile event found
// so far one step, so real chains end within a few.
const maxRounds = 64

// Run attributes. It starts from what the case names, follows lineage from
// hostile events only, judges the clusters of every credential it reaches, and
// repeats until nothing changes.
func Run(ctx context.Context, q evidence.Querier, g *lineage.Graph, s *Survey, in Input, w *Weights) (*Result, error) {
	var wide []string
	in.Known, wide = narrowed(in.Known)
	r := newRun(q, g, s, &in, w)
	if err := r.guests(ctx); err != nil {
		return nil, err
	}
	if err := r.doors(ctx); err != nil {
		return nil, err
	}
	if err := r.seed(ctx); err != nil {
		return nil, err
	}
	for range maxRounds {
		if err := ctx.Err(); err != nil {
			return nil, err
		}
		if err := r.landlords(ctx); err != nil {
			return nil, err
		}
		r.index()
		r.judge()
		changed, err := r.follow(ctx)
		if err != nil {
			return nil, err
		}
		back, err := r.back(ctx)
		if err != nil {
			return nil, err
		}
		left, err := r.bequests(ctx)
		if err != nil {
			return nil, err
		}
		opened, err := r.openedBy(ctx)
		if err != nil {
			return nil, err
		}
		if changed || back || left || opened {
			continue
		}
		home, err := r.homecomings(ctx) // once it is known what the leaver had given away
		if err != nil {
			return nil, err
		}
		if !home {
			if r.assuming == assumeAll {
				break
			}
			r.assuming++ // nothing more is to be shown
		}
	}
	r.judge()
	r.followers()
	r.secretContent()
	res, err := r.result(ctx)
	if err == nil {
		res.TooWide = wide
	}
	return res, err
}

// seed loads the principals behind everything the case names.
func (r *run) seed(ctx context.Context) error {
	for _, id := range r.in.Credentials {
		n := r.g.Node(id)
		if n == nil || n.Person == "" {
			continue
		}
		p, err := r.load(ctx, n.Person)
		if err != nil {
			return err
		}
		p.named[id] = true
		if n.Kind == "console_session" {
			for _, c := range p.clusters {
				if c.Credential == id {
					p.named[c.Session] = true
				}
			}
		}
	}
	for _, u := range r.in.Principals {
		p, err := r.load(ctx, u)
		if err != nil {
			return err
		}
		p.namedAll = true
	}
	for _, u := range r.in.Examine {
		if _, err := r.load(ctx, u); err != nil {
			return err
		}
	}
	for _, w := range r.in.Workloads {
		for _, id := range r.g.OnHost(w) {
			n := r.g.Node(id)
			if n.Person == "" {
				continue
			}
			p, err := r.load(ctx, n.Person)
			if err != nil {
				return err
			}
			p.named[id] = true
		}
	}
	for _, id := range r.in.Mentioned {
		if n := r.g.Node(id); n != nil && n.Person != "" {
			p, err := r.load(ctx, n.Person)
			if err != nil {
				return err
			}
			p.mentioned[id] = true
		}
	}
	if err := r.testers(ctx); err != nil {
		return err
	}
	return r.seedEvents(ctx)
}

// seedEvents loads the principals seen at named addresses and in named events.
// Matching prefixes costs one pass over the light columns.
func (r *run) seedEvents(ctx context.Context) error {
	if len(r.in.Events) == 0 && len(r.in.IPs) == 0 {
		return nil
	}
	var found []evidence.Event
	collect := func(q evidence.Query, keep func(*evidence.Event) bool) error {
		for e, err := range r.q.Events(ctx, q) {
			if err != nil {
				return err
			}
			if keep(&e) {
				found = append(found, e)
			}
		}
		return nil
	}
	all := func(*evidence.Event) bool { return true }
	if len(r.in.Events) > 0 {
		if err := collect(evidence.Query{IDs: r.in.Events}, all); err != nil {
			return err
		}
	}
	if ips, prefixes := splitPrefixes(r.in.IPs); len(prefixes) > 0 {
		if err := collect(evidence.Query{}, func(e *evidence.Event) bool { return within(e, r.in.IPs) }); err != nil {
			return err
		}
	} else if len(ips) > 0 {
		if err := collect(evidence.Query{IPs: ips}, all); err != nil {
			return err
		}
	}
	var users []string
	for i := range found {
		e := &found[i]
		u := e.Identity.Person()
		if u == "" {
			r.loose = append(r.loose, *e)
			continue
		}
		users = append(users, u)
		already := r.people[u] != nil
		p, err := r.load(ctx, u)
		if err != nil {
			return err
		}
		p.bystander = (!already || p.bystander) && !slices.Contains(r.in.Events, e.ID) && r.nets.shared(e.Network())
	}
	return r.welcomers(ctx, slices.Compact(slices.Sorted(slices.Values(users))))
}

func splitPrefixes(ips []string) (plain, prefixes []string) {
	for _, s := range ips {
		if slices.Contains([]byte(s), '/') {
			prefixes = append(prefixes, s)
		} else {
			plain = append(plain, s)
		}
	}
	return plain, prefixes
}

// judge decides every cluster that lineage or a statement has not fixed, and
// writes the verdicts of its events. Hostile stays hostile: what one round
// found, the next only adds to.
func (r *run) judge() {
	r.round++
	for _, u := range r.inTurn() {
		p := r.people[u]
		r.judgePerson(p)
		r.assumeNoOwner(p)
		for _, c := range p.clusters {
			for _, i := range c.events {
				p.set(i, c.Actor, c.Why, c.fixed)
			}
			if c.Actor.Hostile() {
				if c.since == 0 {
					c.since = r.round
				}
				r.noteNetwork(c, p.unique)
				if r.firstHostile.IsZero() || c.First.Before(r.firstHostile) {
					r.firstHostile = c.First
				}
			}
		}
		r.lastDays(p)
		r.emptiedBuilds(p)
		r.serviceEvents(p)
	}
}

func (r *run) judgeCluster(p *person, c *Cluster) {
	if c.fixed {
		return
	}
	if k := r.in.stated(p, c); k != nil && !r.onlyPlaceFits(p, c, k) {
		c.fixed, c.own, c.Actor, c.Why = true, true, k.Actor, "statement:"+k.Why
		c.vouched, c.tested = k.Actor == Owner, k.Test
		return
	}
	if r.passedOn(c) {
		c.own, c.Actor, c.Why = true, Owner, "lineage:owner"
		return
	}
	was, why := c.Actor, c.Why
	r.score(p, c)
	c.Why = c.because()
	switch t := r.w.Thresholds; {
	case c.Score >= t.Intruder:
		c.Actor = Intruder
	case c.Score >= t.Likely:
		c.Actor = LikelyIntruder
	case c.Score >= t.Undetermined, !c.known && !c.own && !(c.kin && c.kinTool):
		c.Actor = Undetermined // no habits known: nothing shows that it was the owner either
	default:
		c.Actor, c.own = Owner, true
	}
	if c.Actor == Undetermined && !c.series && r.rehearsed(p, c) {
		c.Actor, c.own, c.Why = Owner, true, "habit:rehearsed|"+c.Why
	}
	if c.series && c.Actor == Owner {
		c.Actor, c.own, c.Why = Undetermined, false, "series|"+c.Why
	}
	if p.bystander && c.Actor == LikelyIntruder && !c.series && !c.scored("hostile_network") && !r.onNamed(p, c) {
		c.Actor, c.Why = Undetermined, "bystander|"+c.Why
	}
	if c.early = r.longBefore(p, c); c.early {
		c.Actor, c.Why = Undetermined, "early|"+c.Why
	}
	if t := r.in.Terminated; !t.IsZero() && r.left(p, c) {
		if c.First.Before(t) {
			c.atNotice = c.Score
			c.fixed, c.own, c.Actor, c.Why = true, true, Owner, beforeTermination
			return
		}
		if r.maybeBefore(p, c) {
			c.Actor, c.Why = Undetermined, "case:around_termination|"+c.Why
			return
		}
		if p.automated(c, t) {
			c.Actor, c.own, c.Why = Owner, true, "habit:automation|"+c.Why
			return
		}
		if r.clockwork(p, c) {
			c.Actor, c.own, c.Why = Undetermined, false, "case:clockwork|"+c.Why
			return
		}
		c.Actor, c.own, c.Why = LikelyIntruder, false, "case:after_termination|"+c.Why
	}
	if seeded := r.namedHere(p, c); seeded != "" && !c.own && !c.Actor.Hostile() {
		c.Actor, c.Why = LikelyIntruder, seeded
	}
	if c.maker && c.Actor == Owner {
		c.Actor, c.own, c.Why = Undetermined, false, "lineage:reverse:made_at_once|"+c.Why
	}
	if was.Hostile() && !c.Actor.Hostile() {
		c.Actor, c.Why = was, why
	}
}

// onNamed says whether a cluster came from where the case says.
func (r *run) onNamed(p *person, c *Cluster) bool {
	return slices.ContainsFunc(c.events, func(i int) bool { return within(&p.events[i], r.in.IPs) })
}

// earlyDays is how long before the stated exposure a principal must have come from
// a network for what it did there to be told apart from the exposure: people state
// the day on which they noticed, and that is often days after it began.
const earlyDays = 14

// longBefore says whether a cluster that is hostile by its own acts belongs to
// something that began so long before the stated exposure that it need not be the
// same actor's. The intruder's own network joins them: then it began earlier than
// anybody knew.
func (r *run) longBefore(p *person, c *Cluster) bool {
	t := r.in.Exposed
	if !c.Actor.Hostile() || t.IsZero() || !c.Last.Before(t) || len(r.hostileNets[c.Network]) > 0 {
		return false
	}
	return slices.ContainsFunc(p.clusters, func(o *Cluster) bool { return o.Network == c.Network && o.First.Before(t.AddDate(0, 0, -earlyDays)) })
}

// passedOn says whether the owner obtained the cluster's session itself and
// used it where it had asked for it: same network, same tool.
func (r *run) passedOn(c *Cluster) bool {
	n := r.g.Node(c.Credential)
	if n == nil || !n.Temporary() || n.Best() == nil || c.Actor.Hostile() {
		return false
	}
	e := n.Best()
	if e.Tier < 4 || e.Held() || e.Network != c.Network || e.Agent != c.Agent {
		return false
	}
	at, ok := r.byEvent[e.Event]
	return ok && at.p.verdicts[at.i].actor == Owner
}

// namedHere says why the case itself points at the cluster: an address or an
// event that it names, or a change in a region where nobody is said to work. A shared address names nobody, and to name the address
// that a principal always had says nothing against it. Nor does naming a new one
// where the case only asks, or where nothing came from it but the principal's
// usual work: that is the alarm's word alone, and stays open. A program that did
// the same at the same hour of an earlier day is at its job, seldom as that may be.
func (r *run) namedHere(p *person, c *Cluster) string {
	ran := sync.OnceValue(func() bool { return p.ranBefore(c) })
	for _, i := range c.events {
		e := &p.events[i]
		if slices.Contains(r.in.Events, e.ID) && !ran() {
			return "case:event"
		}
		if slices.Contains(r.in.Told, e.ID) && !ran() && p.baseline.networks[c.Network] == 0 && !r.nets.corporate(c.Network) && !r.nets.shared(c.Network) {
			return "case:effect"
		}
		if len(r.in.IPs) > 0 && !r.welcome(p) && !r.in.Doubted && !r.in.Away && !c.excused() && (!c.ours || r.in.Denied) && within(e, r.in.IPs) && !r.nets.shared(c.Network) && !p.home(c.Network, r.w.Baseline.UsualDays) {
			return "case:ip"
		}
		if slices.Contains(r.in.Regions, e.Region) && !e.ReadOnly && e.Outcome() == evidence.Success && !c.excused() {
			return "case:region"
		}
	}
	return ""
}

// assumedStolen is why what nothing tells to be whose is held to be the intruder's.
const assumedStolen = "assumption:stolen_without_baseline"

// assumeNoOwner applies when a credential is called stolen, its habits are
// unknown, and none of its clusters is recognisable as its owner's or as a
// workload's own: then all of its use since the exposure is likely the
// intruder's, as an assumption. Where the case names a user or role, and a
// credential of theirs is shown to be the intruder's, that is what it speaks of:
// nothing is assumed of the others. Nor is it of what repeats itself beside calls
// that do not.
func (r *run) assumeNoOwner(p *person) {
	if r.assuming == assumeNothing || r.in.Doubted || !r.in.Assume || !p.namedAll && len(p.named) == 0 {
		return
	}
	shown := slices.ContainsFunc(p.clusters, func(c *Cluster) bool { return c.fixed && c.Actor.Hostile() })
	var open []*Cluster
	for _, c := range p.clusters {
		if !p.namedStolen(c) || !r.in.Exposed.IsZero() && c.Last.Before(r.in.Exposed) {
			continue
		}
		if itself := p.named[c.Credential] || p.named[c.Session]; !itself && (shown || r.assuming < assumeAll) {
			continue
		}
		if c.own || c.known || c.kin {
			return
		}
		// What the organisation's own network shows may be anybody's in it; nothing is assumed of that.
		// But where nobody of theirs is said to have worked as root, it is none of theirs, wherever it sat.
		if c.Actor != Owner && !c.ours && (!r.nets.house(c.Network) || r.in.Denied && p.root()) {
			open = append(open, c)
		}
	}
	again := func(c *Cluster) bool { return r.repeats(p, c) }
	if slices.ContainsFunc(open, func(c *Cluster) bool { return !again(c) }) {
		open = slices.DeleteFunc(open, again)
	}
	theirs := p.shownAt()
	open = slices.DeleteFunc(open, func(c *Cluster) bool { return len(theirs) > 0 && !theirs[c.Network] && c.onlyPlace() })
	for _, c := range open {
		if !c.fixed && !c.Actor.Hostile() {
			c.Actor, c.Why = LikelyIntruder, assumedStolen
		}
		if c.Why == assumedStolen {
			r.noOwner[c.Credential] = true
		}
	}
}

// shownAt are the networks where a cluster of the principal is hostile by its own acts, or a session that it obtained did a
// grave one: the theft that the case tells of is seen there, and what shows nothing elsewhere need be none of it.
func (p *person) shownAt() map[string]bool {
	out := map[string]bool{}
	for _, c := range p.clusters {
		if c.Actor.Hostile() && strings.HasPrefix(c.Why, "score:") || c.scored("session_grave") {
			out[c.Network] = true
		}
	}
	return out
}

// onlyPlace says whether no more than place and hour, and that the case suspects the credential, speak against a cluster.
func (c *Cluster) onlyPlace() bool {
	return c.onlyAgainst("network_new", "network_new_thin", "odd_hour", "named_stolen", "concurrent_network")
}

func (p *person) set(i int, a Actor, because string, fixed bool) {
	v := &p.verdicts[i]
	if v.fixed || a == "" {
		return
	}
	v.actor, v.because, v.fixed = a, because, fixed
}

// noteNetwork keeps that the intruder used the cluster's network with credentials of
// the person, in which round that was found, and since when they did.
func (r *run) noteNetwork(c *Cluster, person string) {
	network := c.Network
	if network == "" || !evidence.IsAddress(trimPrefix(network)) && !isEndpoint(network) {
		return
	}
	if r.hostileNets[network] == nil {
		r.hostileNets[network] = map[string]int{}
	}
	if r.hostileNets[network][person] == 0 {
		r.hostileNets[network][person] = r.round
	}
	if k := [2]string{network, person}; r.hostileSince[k].IsZero() || c.First.Before(r.hostileSince[k]) {
		r.hostileSince[k] = c.First
	}
}
