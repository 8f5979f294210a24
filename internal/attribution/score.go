package attribution

import (
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/trailhound/trailhound/internal/evidence"
)

// score adds up the signals of one cluster of p and keeps each line.
func (r *run) score(p *person, c *Cluster) {
	s := &tally{weights: r.w, cluster: c}
	c.Lines, c.Score, c.own, c.series, c.doubted = nil, 0, false, false, false
	b := p.baseline
	c.kin, c.kinTool = r.kinAt(p, c)
	c.ours = r.ownAddress(p, c)
	r.scoreNetwork(s, p, c)
	r.scoreOpener(s, p, c)
	if b.Known && b.agents[c.Agent] == 0 && !(c.kinTool && (c.kin || r.in.Away)) { // who travels takes along what they use elsewhere
		s.add("agent_new", c.Agent)
	}
	if other := r.concurrent(p, c); other != "" && !p.roaming[c.Agent] {
		s.add("concurrent_network", other)
	}
	if at, ok := p.recovered[c.Network]; ok && !c.Last.Before(at.Add(-recoveryWindow)) {
		s.add("root_recovered", c.Network)
	}
	if r.hostileElsewhere(p, c) {
		s.add("hostile_network", c.Network)
	}
	if r.siblingHeld(p, c) {
		s.add("sibling_session", c.Network)
	}
	r.scoreCalls(s, p, c)
	if region := r.regionUnused(p, c); region != "" {
		s.add("region_unused", region)
	}
	if network := r.opensTo(p, c, time.Time{}); network != "" {
		s.add("opens_to_intruder", network)
	}
	if act := r.sessionGrave(p, c); act != "" {
		s.add("session_grave", act)
	}
	if kinds := r.graveSeries(p, c); len(kinds) > 1 {
		s.add("grave_series", strings.Join(kinds, ", "))
		c.series = true
	}
	// Where somebody left who also worked as this principal, the pair was theirs.
	left := r.gone(c) && r.hostileElsewhere(p, c)
	// Nor does a build service's place and tool, which are all its customers', speak for a stranger's repository.
	if b.usual(c.Network, c.Agent, r.w) && !left && !c.foreign {
		s.add("usual_pair", fmt.Sprintf("%d days", b.pairs[[2]string{c.Network, c.Agent}]))
		c.own = true
	}
	if (r.nets.corporate(c.Network) && b.networks[c.Network] > 0 || r.nets.shared(c.Network)) && !r.inHouse(p, c) && !r.secondDevice(p, c) {
		s.add("corporate_network", c.Network)
	}
	if p.offHost(c) && !r.putOn(p, c) {
		s.add("off_host", c.Network)
	}
	if r.rotated(p, c) {
		s.add("key_rotated", c.Credential)
	}
	if r.bornHostile(p, c) {
		s.add("born_hostile", c.Network)
	}
	// What is said of a credential since its exposure says nothing of before.
	if t0 := r.in.Exposed; t0.IsZero() || !c.Last.Before(t0) {
		if why := r.in.outside(p, c); why != "" {
			s.add("outside_statement", why)
		}
		if p.namedStolen(c) && !r.in.Doubted && !r.in.Away && (!p.atHome(r, c) || r.secondDevice(p, c)) {
			s.add("named_stolen", "")
		}
	}
	r.excuses(s, p, c)
	c.Score = s.total
}

// excuses adds what explains a cluster harmlessly where no more than it explains speaks
// against it. None clears: what is excused stays open, and is asked about. They come after
// all the signals, whose whole list they look at.
func (r *run) excuses(s *tally, p *person, c *Cluster) {
	b := p.baseline
	// First what the case itself says, since an excuse takes as much as there is to take.
	// Place, hour and tool are new of whoever travels, or was given a new laptop, and so is the console
	// to whose command line stayed at home. Who is called out of bed there takes up what they seldom do, but neither rights nor secrets.
	if r.in.Away && b.Known && (c.onlyAgainst("network_new", "odd_hour", "agent_new", "credential_odd", "named_stolen") ||
		c.onlyAgainst("network_new", "odd_hour", "agent_new", "credential_odd", "service_new", "named_stolen") && !r.barred(p, c)) {
		s.excuse("away", r.w.Thresholds.Undetermined)
	}
	if !r.in.Stated && b.Known && c.onlyAgainst("network_new", "odd_hour", "named_stolen") && p.onlyHabits(c) {
		s.excuse("usual_work", r.w.Thresholds.Undetermined)
	}
	// A roll-out into another region looks just like that.
	if c.scored("region_unused") && c.onlyAgainst("region_unused", "region_new", "service_new", "odd_hour") && p.knownHand(r, c) {
		s.excuse("known_hand", r.w.Thresholds.Undetermined)
	}
	// So does the first build of another project of the house.
	if c.scored("subject_new") && b.knowsOwner(r.g.Node(c.Credential)) && c.onlyAgainst("subject_new", "network_new", "agent_new", "service_new", "odd_hour") {
		s.excuse("known_owner", r.w.Thresholds.Undetermined)
	}
	if !r.in.Stated && b.Known && c.onlyAgainst("network_new", "odd_hour", "agent_new", "service_new", "named_stolen") && r.knownGuest(p, c) && p.onlyLooks(c) && !r.barred(p, c) {
		s.excuse("known_guest", r.w.Thresholds.Undetermined)
	}
	if r.in.Stated && c.scored("network_new") && c.scored("named_stolen") && c.onlyAgainst("network_new", "odd_hour", "named_stolen", "concurrent_network") && r.tookOver(p, c) {
		s.excuse("took_over", r.w.Thresholds.Undetermined)
	}
}

// barred says whether a cluster takes up what no journey explains: rights, secrets, or what no
// guest has an errand for.
func (r *run) barred(p *person, c *Cluster) bool {
	return slices.ContainsFunc(c.events, func(i int) bool {
		e := &p.events[i]
		service, _, _ := strings.Cut(e.Action(), ":")
		return !p.baseline.services[e.Source] && (slices.Contains(r.w.AwayBars, service) || r.w.grave(e))
	})
}

// atHome says whether a cluster is where the principal is known to work; of one
// that never comes from the same place twice, whether it works as always.
func (p *person) atHome(r *run, c *Cluster) bool {
	b := p.baseline
	if c.kin {
		return true
	}
	if !b.Known {
		return false
	}
	if p.roaming[c.Agent] {
		n := r.g.Node(c.Credential)
		who := subjectOf(n)
		return b.agents[c.Agent] > 0 && p.doesAsBefore(c) && (who == "" || b.subjects[who] || b.passing(n))
	}
	return b.networks[c.Network] > 0
}

// knownHand says whether a cluster comes from where the principal is known to
// work, with a tool that it is known to use. Who always comes from new places is
// known there by who it says it is, if somebody else than itself vouches for that.
func (p *person) knownHand(r *run, c *Cluster) bool {
	b := p.baseline
	if !b.Known || b.agents[c.Agent] == 0 {
		return false
	}
	if p.roaming[c.Agent] {
		return b.subjects[subjectOf(r.g.Node(c.Credential))]
	}
	return b.networks[c.Network] > 0 && !c.Rotating
}

// tally collects lines.
type tally struct {
	weights *Weights
	cluster *Cluster
	total   int
}

func (t *tally) add(signal, detail string) {
	points := t.weights.points(signal)
	t.total += points
	t.cluster.Lines = append(t.cluster.Lines, Line{signal, points, detail})
}

// excuse adds a signal that speaks for the owner, but not below a floor: to do
// only what the owner does is what a careful intruder would do as well, so that
// it can leave a cluster open and never clear it.
func (t *tally) excuse(signal string, floor int) {
	if points := max(t.weights.points(signal), floor-t.total); points < 0 {
		t.total += points
		t.cluster.Lines = append(t.cluster.Lines, Line{signal, points, ""})
	}
}

func (r *run) scoreNetwork(s *tally, p *person, c *Cluster) {
	b := p.baseline
	if b.networks[c.Network] > 0 && !c.Rotating || p.roaming[c.Agent] || c.kin || c.ours || p.hired(r.g.Node(c.Credential), c) || r.lodged(p, c) {
		return
	}
	switch {
	case b.Known:
		s.add("network_new", c.Network)
	case b.Some:
		s.add("network_new_thin", c.Network)
	}
}

// lodged says whether somebody who is said to travel had worked as they always do from the cluster's network
// on two days before it, none of it held against them: it is where they stay, and no longer new to them. A thief
// may lodge there as well, so that it holds for nothing that takes up rights or secrets.
func (r *run) lodged(p *person, c *Cluster) bool {
	if !r.in.Away {
		return false
	}
	days := map[string]bool{}
	for _, o := range p.clusters {
		switch {
		case o.Network != c.Network || o == c:
		case o.Actor.Hostile() || o.early || o.series:
			return false
		case o.First.Before(c.First) && o.Actor == Undetermined && (o.scored("away") || o.scored("usual_work")):
			days[o.First.Format(time.DateOnly)] = true
		}
	}
	return len(days) > 1 && !r.barred(p, c)
}

// concurrent names another network at work on the same session within the
// window, or "". Two places at work by turns are two holders. One that falls
// silent before the other begins is a second holder only where one of them is
// the owner's, or the tool another: else it may be one traveller whose network
// changed, and that the place is new is already told. A program may run on several
// machines of the account's own.
func (r *run) concurrent(p *person, c *Cluster) string {
	window := r.w.concurrent()
	if c.ours {
		return ""
	}
	for _, o := range p.clusters {
		if o.Session != c.Session || o.Network == c.Network || o.First.After(c.Last.Add(window)) || c.First.After(o.Last.Add(window)) {
			continue
		}
		byTurns := o.First.Before(c.Last) && c.First.Before(o.Last)
		home := p.baseline.networks[o.Network] > 0 || p.baseline.networks[c.Network] > 0
		if (byTurns || home || o.Agent != c.Agent || !p.baseline.Known) && !r.ownAddress(p, o) {
			return o.Network
		}
	}
	return ""
}

// hostileElsewhere says whether the intruder used the cluster's network on
// another identity, and the network is not a shared one. An identity whose
// credentials came from this very one is no second witness, nor is one that was
// found by way of this cluster: only what an earlier round knew counts. Nor is
// where the principal was before the intruder a place of the intruder's.
func (r *run) hostileElsewhere(p *person, c *Cluster) bool {
	known := r.round
	if c.since > 0 {
		known = c.since
	}
	gone := r.gone(c) // who left may come back as anybody, from home
	for other, round := range r.hostileNets[c.Network] {
		if round < known && other != p.unique && !r.nets.shared(c.Network) && !r.nets.descends(other, p.unique) && (gone || !p.wasThere(c.Network, r.hostileSince[[2]string{c.Network, other}])) {
			return true
		}
	}
	return false
}

// wasThere says whether the principal came from the network on two days or more
// before the intruder was first seen on it with another's credentials: it is its
// home then, and the intruder next door, or somebody of the same home.
func (p *person) wasThere(network string, since time.Time) bool {
	return p.daysBefore(network, since) > 1
}

// daysBefore counts the days before a moment on which the principal came from the
// network, but for what lineage shows to be the intruder's.
func (p *person) daysBefore(network string, t time.Time) int {
	days := map[string]bool{}
	for _, c := range p.clusters {
		if c.Network == network && c.First.Before(t) && !(c.fixed && c.Actor.Hostile()) {
			days[c.First.Format(time.DateOnly)] = true
		}
	}
	return len(days)
}

// rotated says whether the credential replaced an older one of the same user in
// good order: made in the evidence by a call that is not the intruder's, the
// old key silent from then on, and mostly doing what the old one did.
func (r *run) rotated(p *person, c *Cluster) bool {
	n := r.g.Node(c.Credential)
	if n == nil || n.Best() == nil || n.Best().Rule != "create_access_key" {
		return false
	}
	if at, ok := r.find(n.Best().Event); ok && at.p.verdicts[at.i].actor.Hostile() {
		return false
	}
	older := false
	for _, id := range r.g.OfPrincipal(n.UniqueID) {
		o := r.g.Node(id)
		if o.Kind != "access_key" || o.ID == n.ID || o.Uses == 0 || !o.First.Before(n.First) {
			continue
		}
		if o.Last.After(n.First.Add(24 * time.Hour)) {
			return false
		}
		older = true
	}
	return older && p.doesAsBefore(c)
}

// doesAsBefore says whether at least seven in ten of a cluster's actions are
// among the habits.
func (p *person) doesAsBefore(c *Cluster) bool {
	return len(c.events) > 0 && p.mostly(c, p.baseline.plain, 70)
}

// did are the distinct actions of a cluster.
func (p *person) did(c *Cluster) map[string]bool {
	out := map[string]bool{}
	for _, i := range c.events {
		out[p.events[i].Action()] = true
	}
	return out
}

// mostly says whether so many in a hundred of a cluster's distinct actions are among others.
func (p *person) mostly(c *Cluster, among map[string]bool, percent int) bool {
	did, known := p.did(c), 0
	for a := range did {
		if among[a] {
			known++
		}
	}
	return known*100 >= percent*len(did)
}

// onlyAgainst says whether none but these signals speak against a cluster.
func (c *Cluster) onlyAgainst(signals ...string) bool {
	return !slices.ContainsFunc(c.Lines, func(l Line) bool { return l.Points > 0 && !slices.Contains(signals, l.Signal) })
}

// Departs says whether more speaks against a cluster than where, when and with which tool
// it worked: whoever moves, travels or has a new device does so.
func (c *Cluster) Departs() bool {
	return !c.onlyAgainst("network_new", "network_new_thin", "agent_new", "odd_hour", "concurrent_network")
}

// tookUp says whether no more speaks against a cluster than that somebody who moved, or has a new device, also took
// up a service or a region, and looked around first.
func (c *Cluster) tookUp() bool {
	return c.onlyAgainst("network_new", "network_new_thin", "agent_new", "odd_hour", "concurrent_network", "service_new", "region_new", "recon_opening")
}

// Outright says whether a hostile cluster would be an intruder's whoever it was: it is certain, or shows more than that.
func (c *Cluster) Outright() bool { return c.Actor == Intruder || !c.tookUp() }

// Breaks counts the habits that a cluster departs from, the hour aside, if it departs from
// more than place and tool; zero where something speaks for its owner.
func (c *Cluster) Breaks() int {
	if !c.Departs() || c.vouched || c.excused() {
		return 0
	}
	return c.departures()
}

// departures counts the habits that a cluster departs from, the hour aside.
func (c *Cluster) departures() (n int) {
	for _, l := range c.Lines {
		if l.Points > 0 && !slices.Contains([]string{"odd_hour", "named_stolen", "outside_statement"}, l.Signal) {
			n++
		}
	}
	return n
}

// Plain says whether a cluster shows what an owner's work does not on any journey and with
// any tool: a machine's session used away from it, or a series of grave acts of several
// kinds, and more that departs from the habits.
func (c *Cluster) Plain() bool {
	return (c.series || c.scored("off_host")) && c.Departs() && !c.vouched && !c.excused()
}

// excused says whether usual_work, known_hand, known_owner, known_guest or took_over spoke for the cluster.
func (c *Cluster) excused() bool {
	return c.scored("usual_work") || c.scored("known_hand") || c.scored("known_owner") || c.scored("known_guest") || c.scored("took_over")
}

// scored says whether a signal was met.
func (c *Cluster) scored(signal string) bool {
	return slices.ContainsFunc(c.Lines, func(l Line) bool { return l.Signal == signal })
}

// onlyHabits says whether all that a cluster did are calls of the principal's
// own, with its own tool, none refused: on the same resources where a call names
// any.
func (p *person) onlyHabits(c *Cluster) bool {
	b := p.baseline
	return len(c.events) > 0 && b.agents[c.Agent] > 0 && !slices.ContainsFunc(c.events, func(i int) bool {
		e := &p.events[i]
		same := len(e.Resources) == 0 || slices.ContainsFunc(e.Resources, func(res string) bool { return b.actions[[2]string{e.Action(), res}] > 0 })
		return !b.plain[e.Action()] || !b.regions[e.Region] || !same || e.Outcome() == evidence.Failure && refused(e.ErrorCode)
	})
}

// bornHostile says whether a principal, or a session that no record shows being
// issued, first appears during the intrusion and was never seen from anywhere
// but the intruder's own networks: made, or obtained, where no log shows it.
func (r *run) bornHostile(p *person, c *Cluster) bool {
	if r.firstHostile.IsZero() || len(p.events) == 0 || !r.hostileElsewhere(p, c) {
		return false
	}
	own := func(network string) bool { return len(r.hostileNets[network]) > 0 && !r.nets.shared(network) }
	n := r.g.Node(c.Credential)
	if n != nil && n.Temporary() && n.Best() == nil && !n.First.Before(r.firstHostile) && len(n.Networks) > 0 {
		return !slices.ContainsFunc(n.Networks, func(network string) bool { return !own(network) })
	}
	return !p.events[0].Time.Before(r.firstHostile) && !slices.ContainsFunc(p.clusters, func(o *Cluster) bool { return !own(o.Network) })
}

// scoreCalls judges what the calls themselves look like.
func (r *run) scoreCalls(s *tally, p *person, c *Cluster) {
	b := p.baseline
	var denied, usualHours int
	recon, who, odd := map[string]bool{}, false, false
	newService, newRegion, usualAction := "", "", ""
	window := c.First.Add(time.Duration(r.w.Cluster.ReconMinutes) * time.Minute)
	console, mfa, source := false, false, ""
	for _, i := range c.events {
		e := &p.events[i]
		if e.Outcome() == evidence.Failure && refused(e.ErrorCode) {
			denied++
		}
		if e.Time.Before(window) {
			who = who || asksWho(e.Name)
			if isRecon(e.Name) {
				recon[e.Action()] = true
				odd = odd || !b.plain[e.Action()] && !asksWho(e.Name)
			}
		}
		// That somebody signs in for the first time is credential_odd's to say.
		if b.Known && !b.services[e.Source] && newService == "" && e.Source != "signin.amazonaws.com" {
			newService = e.Source
		}
		if b.Known && !b.regions[e.Region] && e.Region != "us-east-1" && newRegion == "" && !r.in.nearby(e.Region) {
			newRegion = e.Region
		}
		for _, res := range e.Resources {
			if b.actions[[2]string{e.Action(), res}] >= 3 && usualAction == "" {
				usualAction = e.Action()
			}
		}
		usualHours += b.hours[hourOfWeek(e.Time)]
		console = console || e.Identity.FromConsole || e.Name == "ConsoleLogin"
		mfa = mfa || e.Identity.MFA == "true"
		if v := e.Identity.SourceIdentity; v != "" && b.sources[v] {
			source = v
		}
	}
	// Programs of the owner's open with such calls as well: each is a habit then. So do
	// the console's own pages, in the browser that its user always has.
	page := console && b.Known && b.agents[c.Agent] > 0
	if who && odd && !page && len(recon) >= r.w.Cluster.ReconOperations {
		s.add("recon_opening", fmt.Sprintf("%d operations", len(recon)))
	}
	if newService != "" {
		s.add("service_new", newService)
	}
	if newRegion != "" {
		s.add("region_new", newRegion)
	}
	if n := len(c.events); n >= r.w.Cluster.DeniedCalls && denied*100 > n*r.w.Cluster.DeniedPercent {
		s.add("denied", fmt.Sprintf("%d of %d", denied, n))
	}
	if b.Known && b.Events >= r.w.Cluster.RareHourEvents && usualHours*100 < b.Events*len(c.events) {
		s.add("odd_hour", c.First.Format("Mon 15:04"))
	}
	if tool := knownTool(p.events, c, r.w.KnownTools); tool != "" {
		s.add("known_tool", tool)
	}
	if b.Known && console && !b.console {
		s.add("credential_odd", "console")
	}
	// The second factor was the session's: of one that the case suspects, at work in two places at once, one of them did not bring it.
	if mfa && b.mfa && !(c.scored("concurrent_network") && !r.in.Doubted && p.namedStolen(c)) && !r.secondDevice(p, c) && !r.enrolledThere(p, c) {
		s.add("mfa", "")
	}
	if usualAction != "" && !c.foreign {
		s.add("usual_action", usualAction)
	}
	if source != "" {
		s.add("source_identity", source)
	}
}

func knownTool(events []evidence.Event, c *Cluster, tools []string) string {
	for _, i := range c.events {
		ua := strings.ToLower(events[i].UserAgent)
		for _, t := range tools {
			if strings.Contains(ua, t) {
				return t
			}
		}
	}
	return ""
}

// refused says whether an error code means that permission was missing, rather
// than that the call was wrong.
func refused(code string) bool {
	for _, s := range []string{"AccessDenied", "UnauthorizedOperation", "UnauthorizedAccess", "Forbidden", "NotAuthorized"} {
		if strings.Contains(code, s) {
			return true
		}
	}
	return false
}

// asksWho says whether a call asks whose the credential is. To ask that alone, before
// what is done anyway, is what a program does that was put up anew.
func asksWho(name string) bool {
	return name == "GetCallerIdentity" || name == "GetUser" || name == "GetAccountSummary"
}

func isRecon(name string) bool {
	for _, p := range []string{"List", "Describe", "Get"} {
		if strings.HasPrefix(name, p) {
			return true
		}
	}
	return false
}

// because prints a score the way the report carries it.
func (c *Cluster) because() string {
	var b strings.Builder
	fmt.Fprintf(&b, "score:%d", c.Score)
	lines := slices.Clone(c.Lines)
	for _, l := range lines {
		fmt.Fprintf(&b, "|%s%+d", l.Signal, l.Points)
	}
	return b.String()
}
