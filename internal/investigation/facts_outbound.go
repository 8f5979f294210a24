package investigation

import (
	"cmp"
	"fmt"
	"net/netip"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/trailhound/trailhound/internal/claim"
	"github.com/trailhound/trailhound/internal/detection"
	"github.com/trailhound/trailhound/internal/evidence"
)

// outbound is what flow logs show machines to have sent out of their networks, by
// machine. It is read of a machine when a rule first asks about it, and keeps one
// sum for each day; lines are read again where a sentence cites them.
type outbound struct {
	machines   map[string]*sender
	interfaces map[string][]evidence.Record // by machine, of the snapshots; see interfacesOf
	lines      int
}

// maxSenders bounds the machines whose flows are read; of more than that nothing is said.
const maxSenders = 200

// sender is one machine as flow logs know it.
type sender struct {
	id   string
	keys map[string]bool // its id and its interfaces
	own  map[string]bool // its addresses
	days map[string]int64
	by   *evidence.Event // the call that started it, without its body; nil if it is not here
	thin bool            // a rule asked, and its days before are too few
	// loud is the day on which it sent most, of those that are far above its usual day,
	// and usual the median day before; "" where there is none.
	loud, usual string
}

// sentOut says whether a machine that the call started, changed or entered sent far more
// afterwards than on the median of its own days before, see KnownFacts. A call names machines by
// id or not at all, and what none of the logs shows is unknown.
func (in *inquiry) sentOut(e *evidence.Event) (value, known bool) {
	if e.Outcome() == evidence.Failure {
		return false, true // nothing came of it
	}
	s := in.subject(e.ID)
	if s == nil {
		return false, false
	}
	list := machinesOf(s)
	known = len(list) > 0
	for _, id := range list {
		m := in.sender(id)
		if m == nil {
			known = false
			continue
		}
		loud, sure := m.judge(in, s)
		if loud {
			return true, true
		}
		known = known && sure
	}
	return false, known
}

// machinesOf are the machines that a call names, by id.
func machinesOf(s *detection.Subject) []string {
	var out []string
	for _, p := range namesMachine {
		out = append(out, s.Record.Strs(p)...)
	}
	slices.Sort(out)
	return slices.DeleteFunc(slices.Compact(out), func(id string) bool { return !machineID.MatchString(id) })
}

var machineID = regexp.MustCompile(`^i-[0-9a-fA-F]{8,17}$`)

// namesMachine is where the calls of the rule name machines (EC2, Systems Manager and Instance Connect API References).
var namesMachine = []string{
	"requestParameters.instanceId", "requestParameters.instanceIds", "requestParameters.target", "requestParameters.targets.values",
	"requestParameters.instancesSet.items.instanceId", "responseElements.instancesSet.items.instanceId",
}

// judge compares the days since the call with those before the intrusion. A machine that the
// intruder's own call started has no days of an owner's: it sent nothing before. Of any other
// as many days are asked for as of a principal's habits.
func (m *sender) judge(in *inquiry, s *detection.Subject) (loud, known bool) {
	from, _ := in.intrusion()
	if from.IsZero() || s.Event.Time.Before(from) {
		from = s.Event.Time
	}
	began, since := from.Format(time.DateOnly), s.Event.Time.Format(time.DateOnly)
	var before, after []string
	for _, d := range keys(m.days) {
		switch {
		case d < began:
			before = append(before, d)
		case d >= since:
			after = append(after, d)
		}
	}
	fresh := s.Event.Name == "RunInstances" && s.Actor.Hostile() && len(before) == 0
	if len(after) == 0 || !fresh && len(before) < in.o.Content.Weights.Baseline.MinDays {
		m.thin = m.thin || s.Actor.Hostile()
		return false, false
	}
	byBytes := func(a, b string) int { return cmp.Or(cmp.Compare(m.days[a], m.days[b]), cmp.Compare(a, b)) }
	top, usual := slices.MaxFunc(after, byBytes), ""
	if !fresh {
		slices.SortFunc(before, byBytes)
		usual = before[len(before)/2]
	}
	// Divided and not multiplied: days are as large as the lines of a log say.
	v := in.o.Content.Weights.Volume
	times := int64(v.TimesUsual)
	if m.days[top] < v.Much() || (m.days[top]+times-1)/times <= m.days[usual] {
		return false, true
	}
	m.loud, m.usual = top, usual
	return true, true
}

// sender reads a machine's flows once; nil if they cannot be read.
func (in *inquiry) sender(id string) *sender {
	if in.outflow.machines == nil {
		in.outflow.machines = map[string]*sender{}
	}
	if m, ok := in.outflow.machines[id]; ok {
		return m
	}
	if in.observed.from == nil || in.past.err != nil || len(in.outflow.machines) >= maxSenders {
		return nil
	}
	m := &sender{id: id, keys: map[string]bool{id: true}, own: map[string]bool{}, days: map[string]int64{}}
	m.learn(in)
	q := evidence.ObservationQuery{Kinds: []string{"flow"}, Keys: keys(m.keys)}
	for o, err := range in.observed.from.Observations(in.past.ctx, q) {
		if err != nil {
			in.past.err = err
			return nil
		}
		r, err := o.Parse()
		if err != nil || o.Time.IsZero() || !m.is(r) {
			continue
		}
		in.outflow.lines++
		m.add(o.Time.Format(time.DateOnly), m.out(r))
	}
	in.outflow.machines[id] = m
	return m
}

// add counts what a line shows to the sum of its day: a day of lines and of no bytes is a quiet day,
// not an unknown one. Beyond maxDaySent a day is not told apart from others, so that no sum of hostile lines turns round.
func (m *sender) add(day string, n int64) { m.days[day] = min(m.days[day]+n, maxDaySent) }

// maxDaySent is more than any machine sends in a day, and sums of it are numbers still.
const maxDaySent = 1 << 58

// learn gathers the interfaces and addresses of a machine, from the snapshots and from the
// answer to the call that started it: logs in the default format know nothing else.
func (m *sender) learn(in *inquiry) {
	of := func(r evidence.Record, ifaces, addresses []string) {
		for _, p := range ifaces {
			for _, v := range r.Strs(p) {
				m.keys[v] = true
			}
		}
		for _, p := range addresses {
			for _, v := range r.Strs(p) {
				m.own[v] = true
			}
		}
	}
	for _, o := range in.observed.things[m.id] {
		if r, err := o.Parse(); err == nil && o.Kind == "ec2_instance" {
			of(r, []string{"NetworkInterfaces.NetworkInterfaceId"}, []string{"PrivateIpAddress", "Ipv6Address", "NetworkInterfaces.PrivateIpAddresses.PrivateIpAddress", "NetworkInterfaces.Ipv6Addresses.Ipv6Address"})
		}
	}
	for _, r := range in.interfacesOf(m.id) {
		of(r, []string{"NetworkInterfaceId"}, []string{"PrivateIpAddress", "PrivateIpAddresses.PrivateIpAddress", "Ipv6Addresses.Ipv6Address"})
	}
	started := evidence.Query{Sources: []string{"ec2.amazonaws.com"}, Names: []string{"RunInstances"}, Resources: []string{m.id}, Body: true}
	for e, err := range in.q.Events(in.past.ctx, started) {
		if err != nil {
			in.past.err = err
			return
		}
		call, err := e.Parse()
		if err != nil || e.Outcome() != evidence.Success {
			continue
		}
		for _, x := range call.All("responseElements.instancesSet.items") {
			item, _ := x.(map[string]any)
			if r := evidence.Record(item); r.Str("instanceId") == m.id {
				of(r, []string{startedInterface}, []string{"privateIpAddress", "networkInterfaceSet.items.privateIpAddress"})
				e.Body = nil
				m.by = &e
			}
		}
	}
}

// interfacesOf are the interfaces that snapshots show at a machine. An account has thousands, and a miner
// starts hundreds of machines: all are read once.
func (in *inquiry) interfacesOf(machine string) []evidence.Record {
	if in.outflow.interfaces == nil {
		in.outflow.interfaces = map[string][]evidence.Record{}
		for _, id := range keys(in.observed.things) {
			for _, o := range in.observed.things[id] {
				if o.Kind != "ec2_interface" {
					break // an id has one kind
				}
				r, err := o.Parse()
				if at := r.Str("Attachment.InstanceId"); err == nil && at != "" {
					in.outflow.interfaces[at] = append(in.outflow.interfaces[at], r)
				}
			}
		}
	}
	return in.outflow.interfaces[machine]
}

// is says whether a line was written at the machine itself. The same packets are written again at
// a gateway, under the machine's address and another interface.
func (m *sender) is(r evidence.Record) bool {
	if id := r.Str("instance-id"); id != "" {
		return id == m.id
	}
	return m.keys[r.Str("interface-id")]
}

// out is what one line shows as sent to addresses outside of the machine's network. Which of
// the two addresses is the machine's, the log says only in its later versions (flow-direction);
// else it is the one that is known, or the private one: at an interface AWS writes its private address.
func (m *sender) out(r evidence.Record) int64 {
	if a := r.Str("action"); a != "" && a != "ACCEPT" {
		return 0
	}
	src := r.Str("srcaddr")
	to, err := netip.ParseAddr(cmp.Or(r.Str("pkt-dstaddr"), r.Str("dstaddr")))
	if err != nil || inside(to) {
		return 0
	}
	switch d := r.Str("flow-direction"); {
	case d != "" && d != "egress":
		return 0
	case d == "" && !m.own[src]:
		if a, err := netip.ParseAddr(src); err != nil || !inside(a) {
			return 0
		}
	}
	n, err := strconv.ParseInt(r.Str("bytes"), 10, 64)
	if err != nil || n < 0 || n > 1<<50 {
		return 0
	}
	return n
}

var sharedSpace = netip.MustParsePrefix("100.64.0.0/10")

// inside says whether an address is one of a private network (RFC 1918, RFC 6598, RFC 4193), or leads nowhere.
func inside(a netip.Addr) bool {
	a = a.Unmap()
	return a.IsPrivate() || !a.IsGlobalUnicast() || sharedSpace.Contains(a)
}

// outboundClaims are the sums behind a finding on what machines sent: the day that stands out, and
// the usual one, each from the lines that it cites.
func (in *inquiry) outboundClaims(ids []string) (out []string) {
	told := map[string]bool{}
	for _, id := range ids {
		for _, r := range machinesOf(in.byID[id]) {
			m := in.outflow.machines[r]
			if m == nil || m.loud == "" || told[r] || len(told) == maxInstances {
				continue
			}
			told[r] = true
			out = append(out, in.daySent(m, m.loud, "")...)
			if m.usual != "" {
				out = append(out, in.daySent(m, m.usual, ", on the median of its days before the intrusion")...)
			}
		}
	}
	return out
}

// startedInterface is where the answer to RunInstances names the interfaces of one instance.
const startedInterface = "networkInterfaceSet.items.networkInterfaceId"

// daySent states what a machine sent out on one day, by the name under which the log has it, and
// which interface is the machine's, where a call says so and no column of the log does.
func (in *inquiry) daySent(m *sender, date, as string) (out []string) {
	from, err := time.Parse(time.DateOnly, date)
	if err != nil {
		return nil
	}
	sums := map[string]*pair{}
	q := evidence.ObservationQuery{Kinds: []string{"flow"}, Keys: keys(m.keys), From: from, To: from.Add(day)}
	for o, err := range in.observed.from.Observations(in.past.ctx, q) {
		if err != nil {
			in.past.err = err
			return nil
		}
		r, err := o.Parse()
		name := cmp.Or(r.Str("instance-id"), r.Str("interface-id"))
		if err != nil || o.Time.Format(time.DateOnly) != date || !m.is(r) || m.out(r) == 0 || !claim.Quotable(name) {
			continue
		}
		if sums[name] == nil {
			sums[name] = &pair{path: "bytes"}
		}
		sums[name].add(&o, r.Str("bytes"))
	}
	for _, name := range first(keys(sums), maxInterfaces) {
		p := sums[name]
		if name != m.id && m.by != nil {
			text := fmt.Sprintf("At %s %s started instance `%s` with network interface `%s`; the call succeeded.", stamp(m.by.Time), m.by.Action(), m.id, name)
			out = append(out, in.claims.add(text, claim.Predicate{Op: "event", Event: m.by.ID, Equals: map[string]any{
				"action": m.by.Action(), "time": stamp(m.by.Time), "outcome": string(m.by.Outcome()), "resource": m.id, "record.responseElements.instancesSet.items." + startedInterface: name,
			}}, []string{m.by.CitedAs()}, in.grade(m.by.ID)))
		}
		text := fmt.Sprintf("`%s` sent %s%d bytes to public addresses %s%s.", name, atLeast(p.more), p.bytes, span(p.from, p.to), as)
		out = append(out, in.claims.add(text, claim.Predicate{Op: "state", Path: p.path, Value: strconv.FormatInt(p.bytes, 10)}, p.refs, "C"))
	}
	return out
}

// maxInterfaces bounds the interfaces of one machine that sentences tell of.
const maxInterfaces = 4

// outboundLimit names the machines of the intruder's calls of which flow logs tell too little to
// say what is usual.
func (in *inquiry) outboundLimit() {
	var list []string
	for _, id := range keys(in.outflow.machines) {
		if m := in.outflow.machines[id]; m != nil && m.thin && m.loud == "" {
			list = append(list, id)
		}
	}
	if len(list) > 0 && in.moved.any { // without logs of anything, that is said already
		more := ""
		if n := len(list) - 5; n > 0 {
			more = fmt.Sprintf(" and %d more", n)
		}
		in.limit("other", fmt.Sprintf("The flow logs do not show days enough of %s%s.", strings.Join(first(list, 5), ", "), more), nil,
			"Whether more went out than was usual for them before the intrusion cannot be said.")
	}
}
