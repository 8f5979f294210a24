package attribution

import (
	"cmp"
	"context"
	"fmt"
	"slices"
	"time"

	"github.com/trailhound/trailhound/internal/evidence"
)

// Address is a public address that the account itself holds for a time: what calls from
// there comes from machines of the account's own.
type Address struct {
	IP          string
	From, Until time.Time // zero: before the evidence, and still
	On          string    // the machine or gateway that it was last put on, "" if none is known
	Deeds       []Deed    // by which the account came to it, and to have it on something, in order
	Shown       string    // the citation of the snapshot that shows it, "" if calls do
}

// Deed is a call that gave the account an address or put it on something.
type Deed struct {
	Event, Action string
	At            time.Time
	Person, Name  string // whose call it was
}

// Held is an address of the account's own from which calls came that nobody is blamed
// for. That the place is new says nothing against them.
type Held struct {
	Address
	Calls  int
	Events []string // the first of them
}

// maxHeld bounds the addresses remembered; an account has five for the asking.
const maxHeld = 10_000

// maxHeldEvents bounds the events listed with an address.
const maxHeldEvents = 20

var addressCalls = []string{"AllocateAddress", "AssociateAddress", "CreateNatGateway", "ReleaseAddress"}

// addresses learns, once, which addresses the account holds.
func (r *run) addresses(ctx context.Context) error {
	if r.held != nil {
		return nil
	}
	r.held = map[string][]*Address{}
	if r.s.Done("ec2:AllocateAddress") || r.s.Done("ec2:AssociateAddress") {
		if err := r.obtained(ctx); err != nil {
			return err
		}
	}
	return r.shown(ctx)
}

// shown adds the addresses that snapshots show and no call in the evidence obtained. Who
// started the machine that has one answers for it.
func (r *run) shown(ctx context.Context) error {
	on := map[string][]*Address{}
	var ids []string
	for i := range r.in.Addresses {
		if a := r.in.Addresses[i]; len(r.held[a.IP]) == 0 && i < maxHeld {
			r.held[a.IP] = append(r.held[a.IP], &a)
			on[a.On] = append(on[a.On], &a)
			ids = append(ids, a.On)
		}
	}
	if len(ids) == 0 {
		return nil
	}
	for e, err := range r.q.Events(ctx, evidence.Query{Sources: []string{"ec2.amazonaws.com"}, Names: []string{"RunInstances"}, Resources: ids}) {
		if err != nil {
			return fmt.Errorf("read who started machines: %w", err)
		}
		if e.Outcome() == evidence.Failure {
			continue
		}
		for _, id := range e.Resources {
			for _, a := range on[id] {
				a.Deeds = append(a.Deeds, deedOf(&e))
			}
		}
	}
	return nil
}

// obtained reads the calls by which the account came to addresses and gave them up.
func (r *run) obtained(ctx context.Context) error {
	byID, n := map[string]*Address{}, 0
	for e, err := range r.q.Events(ctx, evidence.Query{Sources: []string{"ec2.amazonaws.com"}, Names: addressCalls, Body: true}) {
		if err != nil {
			return fmt.Errorf("read which addresses the account holds: %w", err)
		}
		if n++; e.Outcome() == evidence.Failure || n > maxHeld {
			continue
		}
		if rec, err := e.Parse(); err == nil {
			r.hold(&e, rec, byID)
		}
	}
	return nil
}

// hold takes note of one call about an address.
func (r *run) hold(e *evidence.Event, rec evidence.Record, byID map[string]*Address) {
	first := func(paths ...string) string {
		for _, p := range paths {
			if s := rec.Str(p); s != "" {
				return s
			}
		}
		return ""
	}
	const nat = "responseElements.CreateNatGatewayResponse.natGateway."
	id := first("responseElements.allocationId", "requestParameters.allocationId", "requestParameters.CreateNatGatewayRequest.AllocationId", nat+"natGatewayAddressSet.item.allocationId")
	ip := first("responseElements.publicIp", "requestParameters.publicIp", nat+"natGatewayAddressSet.item.publicIp")
	a := byID[id]
	if list := r.held[ip]; a == nil && len(list) > 0 && list[len(list)-1].Until.IsZero() {
		a = list[len(list)-1]
	}
	if e.Name == "ReleaseAddress" {
		if a != nil {
			a.Until = e.Time
		}
		return
	}
	if a == nil || e.Name == "AllocateAddress" {
		if !evidence.IsAddress(ip) {
			return
		}
		a = &Address{IP: ip, From: e.Time}
		r.held[ip] = append(r.held[ip], a)
	}
	if id != "" {
		byID[id] = a
	}
	if on := first("requestParameters.instanceId", "requestParameters.networkInterfaceId", nat+"natGatewayId"); on != "" {
		a.On = on
	}
	a.Deeds = append(a.Deeds, deedOf(e))
}

func deedOf(e *evidence.Event) Deed {
	return Deed{e.ID, e.Action(), e.Time, e.Identity.Person(), e.Identity.Called()}
}

// at says whether the account held the address at a moment.
func (a *Address) at(t time.Time) bool {
	return !t.Before(a.From) && (a.Until.IsZero() || t.Before(a.Until))
}

// heldBy are the addresses of the account's own that a cluster came from; nil if any of
// its calls came from elsewhere.
func (r *run) heldBy(p *person, c *Cluster) (out []*Address) {
	if len(r.held) == 0 {
		return nil
	}
	for _, i := range c.events {
		e := &p.events[i]
		list := r.held[e.SourceIP]
		n := slices.IndexFunc(list, func(a *Address) bool { return a.at(e.Time) })
		if n < 0 {
			return nil
		}
		if !slices.Contains(out, list[n]) {
			out = append(out, list[n])
		}
	}
	return out
}

// landlords loads whoever obtained the addresses of the account's own at which those
// under examination work: what the address says hangs on whose call that was.
func (r *run) landlords(ctx context.Context) error {
	if err := r.addresses(ctx); err != nil || len(r.held) == 0 {
		return err
	}
	done := map[string]bool{}
	for i := 0; i < len(r.order); i++ {
		u := r.order[i]
		if done[u] {
			continue
		}
		done[u] = true
		for _, m := range r.makersOf(r.people[u]) {
			if _, err := r.load(ctx, m); err != nil {
				return err
			}
		}
		i = -1 // loading sorts them in
	}
	return nil
}

// makersOf are the others whose calls obtained the addresses that a person works at.
func (r *run) makersOf(p *person) (out []string) {
	for _, c := range p.clusters {
		for _, a := range r.heldBy(p, c) {
			for _, d := range a.Deeds {
				if d.Person != "" && d.Person != p.unique && !slices.Contains(out, d.Person) {
					out = append(out, d.Person)
				}
			}
		}
	}
	return out
}

// inTurn is the order in which persons are judged: whoever obtained an address before
// those who work at it.
func (r *run) inTurn() []string {
	if len(r.held) == 0 {
		return r.order
	}
	var out []string
	seen := map[string]bool{}
	var visit func(u string)
	visit = func(u string) {
		if seen[u] || r.people[u] == nil {
			return
		}
		seen[u] = true
		for _, m := range r.makersOf(r.people[u]) {
			visit(m)
		}
		out = append(out, u)
	}
	for _, u := range r.order {
		visit(u)
	}
	return out
}

// ownAddress says whether a cluster came from addresses that the account itself holds, by
// calls that are held to be its owners'. It tells of the place alone: whoever broke into a
// machine of the account's calls from there as well.
func (r *run) ownAddress(p *person, c *Cluster) bool {
	held := r.heldBy(p, c)
	return len(held) > 0 && !slices.ContainsFunc(held, func(a *Address) bool {
		return slices.ContainsFunc(a.Deeds, func(d Deed) bool { return !d.At.After(c.Last) && !r.rightful(p, d) })
	})
}

// putOn says whether the cluster's own machine had the address that it came from.
func (r *run) putOn(p *person, c *Cluster) bool {
	n := r.g.Node(c.Credential)
	return c.ours && n != nil && !slices.ContainsFunc(r.heldBy(p, c), func(a *Address) bool { return a.On == "" || a.On != n.InstanceOf() })
}

// rightful says whether the call that obtained an address was an owner's. Of the person in
// question themselves it must lie before the exposure: else the thief may have made the call.
func (r *run) rightful(p *person, d Deed) bool {
	m := r.people[d.Person]
	if m == nil || m == p && !r.in.Exposed.IsZero() && !d.At.Before(r.in.Exposed) {
		return false
	}
	i := slices.IndexFunc(m.events, func(e evidence.Event) bool { return e.ID == d.Event })
	if i < 0 {
		return false
	}
	owners := func(c *Cluster) bool { return c.Actor == Owner || c.Actor == Responder || c.Actor == Service }
	if n := m.owner[i]; n >= 0 {
		return owners(m.clusters[n])
	}
	// A service made it for them: CloudFormation, from a template.
	return slices.ContainsFunc(m.clusters, owners) && !slices.ContainsFunc(m.clusters, func(c *Cluster) bool { return c.Actor.Hostile() })
}

// heldUses gathers what came from addresses of the account's own and is held against nobody.
func (r *run) heldUses(rows func(yield func(*evidence.Event, Row))) (out []Held) {
	if len(r.held) == 0 {
		return nil
	}
	uses := map[*Address]*Held{}
	rows(func(e *evidence.Event, w Row) {
		at, ok := r.byEvent[e.ID]
		if !ok || w.Actor.Hostile() || at.p.owner[at.i] < 0 {
			return
		}
		c := at.p.clusters[at.p.owner[at.i]]
		if !r.ownAddress(at.p, c) {
			return
		}
		for _, a := range r.heldBy(at.p, c) {
			if a.IP != e.SourceIP {
				continue
			}
			if uses[a] == nil {
				uses[a] = &Held{Address: *a}
			}
			if u := uses[a]; len(u.Events) < maxHeldEvents {
				u.Events = append(u.Events, e.ID)
			}
			uses[a].Calls++
		}
	})
	for _, u := range uses {
		out = append(out, *u)
	}
	slices.SortFunc(out, func(a, b Held) int { return cmp.Or(cmp.Compare(a.IP, b.IP), a.From.Compare(b.From)) })
	return out
}
