package investigation

import (
	"cmp"
	"context"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/trailhound/trailhound/internal/claim"
	"github.com/trailhound/trailhound/internal/evidence"
)

// traffic is what flow logs and access logs say of the addresses that the
// intruder called from.
type traffic struct {
	pairs map[pairKey]*pair
	reads map[readKey]*pair
	any   bool // there are flow logs
}

// pairKey is one way between an interface of ours and an address of the
// intruder's.
type pairKey struct {
	iface, address string
	out            bool // from us to them
}

// readKey is a bucket read from an address.
type readKey struct{ bucket, address string }

// What is cited is summed, and nothing else: the sum is added up again from the references.
type pair struct {
	bytes, n int64
	from, to time.Time
	refs     []string
	path     string
	more     bool // was seen than could be cited
}

// maxFlowRefs bounds the lines cited of one pair; the sum is of those cited.
const maxFlowRefs = 5000

// traffic asks the logs about the intruder's addresses, or says that there are no
// logs.
func (in *inquiry) traffic(ctx context.Context) error {
	in.moved = traffic{pairs: map[pairKey]*pair{}, reads: map[readKey]*pair{}}
	if in.observed.from != nil {
		for _, err := range in.observed.from.Observations(ctx, evidence.ObservationQuery{Kinds: []string{"flow"}}) {
			if err != nil {
				return fmt.Errorf("read flows: %w", err)
			}
			in.moved.any = true
			break
		}
	}
	if !in.moved.any {
		in.limit("no_flow_logs", "No network flow logs were given.", nil, "Traffic of instances, inbound or outbound, cannot be said.")
	}
	addresses := in.hostileAddresses()
	if in.observed.from == nil || len(addresses) == 0 {
		return nil
	}
	n := 0
	for o, err := range in.observed.from.Observations(ctx, evidence.ObservationQuery{Kinds: []string{"flow", "s3_access"}, Keys: addresses}) {
		if err != nil {
			return fmt.Errorf("read flows: %w", err)
		}
		r, err := o.Parse()
		if err != nil {
			continue
		}
		n++
		if o.Kind == "flow" {
			in.moved.flow(&o, r, addresses)
		} else {
			in.moved.access(&o, r)
		}
	}
	if n > 0 {
		in.note("flows and requests of the intruder's addresses", n)
	}
	return nil
}

// hostileAddresses are those that only the intruder called from: an address that
// an owner uses too tells nothing of whose traffic it is.
func (in *inquiry) hostileAddresses() []string {
	side := map[string]int{}
	for i, r := range in.at.Rows {
		e := &in.at.Events[i]
		switch {
		case e.FromAWS():
		case r.Actor.Hostile():
			side[e.SourceIP] |= 1
		default:
			side[e.SourceIP] |= 2
		}
	}
	var out []string
	for _, a := range keys(side) {
		// In order of addresses, so that the bound cuts the same off each time.
		if side[a] == 1 && len(out) < 1000 {
			out = append(out, a)
		}
	}
	return out
}

// flow takes in one accepted flow. Behind a gateway the packet's own addresses are those of
// the parties (VPC Flow Logs, pkt-srcaddr), where the log has them.
func (t *traffic) flow(o *evidence.Observation, r evidence.Record, hostile []string) {
	if a := r.Str("action"); a != "" && a != "ACCEPT" {
		return
	}
	src, dst := cmp.Or(r.Str("pkt-srcaddr"), r.Str("srcaddr")), cmp.Or(r.Str("pkt-dstaddr"), r.Str("dstaddr"))
	k := pairKey{iface: cmp.Or(r.Str("instance-id"), r.Str("interface-id")), address: src}
	switch {
	case !claim.Quotable(k.iface): // names nothing that a sentence can quote
		return
	case slices.Contains(hostile, dst):
		k.address, k.out = dst, true
	case !slices.Contains(hostile, src): // the log was found by the address of something in between
		return
	}
	p := t.pairs[k]
	if p == nil {
		p = &pair{path: "bytes"}
		t.pairs[k] = p
	}
	p.add(o, r.Str("bytes"))
}

// access takes in one object that a bucket's access log shows as sent.
func (t *traffic) access(o *evidence.Observation, r evidence.Record) {
	if r.Str("operation") != "REST.GET.OBJECT" || !strings.HasPrefix(r.Str("http_status"), "2") {
		return
	}
	k := readKey{r.Str("bucket"), r.Str("remote_ip")}
	if !claim.Quotable(k.bucket) {
		return
	}
	p := t.reads[k]
	if p == nil {
		p = &pair{path: "bytes_sent"}
		t.reads[k] = p
	}
	p.add(o, r.Str("bytes_sent"))
}

// add sums one line; one whose bytes are no number, or too many to add, is left out.
func (p *pair) add(o *evidence.Observation, bytes string) {
	v, err := strconv.ParseInt(bytes, 10, 64)
	if err != nil || v < 0 || v > 1<<60 || p.bytes > 1<<60 {
		return
	}
	if len(p.refs) >= maxFlowRefs {
		p.more = true
		return
	}
	p.bytes += v
	p.n++
	p.refs = append(p.refs, o.CitedAs())
	end := o.Time
	if o.Until.After(end) {
		end = o.Until
	}
	if p.from.IsZero() || o.Time.Before(p.from) {
		p.from = o.Time
	}
	if end.After(p.to) {
		p.to = end
	}
}

// maxMoves bounds the rows about traffic. Where there are more ways than that, those by which
// most went are told: an intruder with many addresses must not hide the one that the data left by
// behind others that come before it in a list.
const maxMoves = 100

// move is what went one way, with the sentence's beginning.
type move struct {
	*pair
	level, what string
}

// trafficImpact states what was exchanged with the intruder's addresses. What the
// bytes were, no flow log tells.
func (in *inquiry) trafficImpact() {
	in.userData()
	list := slices.DeleteFunc(append(in.moved.flows(in.o.Content.Weights.Volume.Shell()), in.moved.fetches()...), func(m move) bool { return m.n == 0 })
	if more := len(list) - maxMoves; more > 0 {
		most := slices.Clone(list)
		slices.SortStableFunc(most, func(a, b move) int { return cmp.Compare(b.bytes, a.bytes) })
		told := map[*pair]bool{}
		for _, m := range most[:maxMoves] {
			told[m.pair] = true
		}
		list = slices.DeleteFunc(list, func(m move) bool { return !told[m.pair] })
		in.limit("other", fmt.Sprintf("The logs show %d further ways by which less went between the account and addresses of the intruder's.", more), nil, "What went by each of them is not told here.")
	}
	for _, m := range list {
		in.moves(m)
	}
}

// flows are the ways that flow logs show, by interface, then address, outward first. So many bytes
// outward are more than answers to a shell.
func (t *traffic) flows(many int64) (out []move) {
	var ks []pairKey
	for k := range t.pairs {
		ks = append(ks, k)
	}
	slices.SortFunc(ks, func(a, b pairKey) int {
		return cmp.Or(strings.Compare(a.iface, b.iface), strings.Compare(a.address, b.address), boolRank(b.out)-boolRank(a.out))
	})
	for _, k := range ks {
		p := t.pairs[k]
		level, what, way := "possible", "received", "from"
		if k.out {
			what, way = "sent", "to"
			if p.bytes >= many {
				level = "probable"
			}
		}
		out = append(out, move{p, level, fmt.Sprintf("`%s` %s %s%d bytes %s %s, an address of the intruder's,", k.iface, what, atLeast(p.more), p.bytes, way, k.address)})
	}
	return out
}

// fetches are the ways that access logs of buckets show, by bucket and address.
func (t *traffic) fetches() (out []move) {
	var rs []readKey
	for k := range t.reads {
		rs = append(rs, k)
	}
	slices.SortFunc(rs, func(a, b readKey) int {
		return cmp.Or(strings.Compare(a.bucket, b.bucket), strings.Compare(a.address, b.address))
	})
	for _, k := range rs {
		p := t.reads[k]
		out = append(out, move{p, "probable", fmt.Sprintf("Bucket `%s` sent %s%d bytes of objects to %s, an address of the intruder's,", k.bucket, atLeast(p.more), p.bytes, k.address)})
	}
	return out
}

// moves writes one row and its claim.
func (in *inquiry) moves(m move) {
	text := m.what + " " + span(m.from, m.to) + "."
	in.claims.add(text, claim.Predicate{Op: "state", Path: m.path, Value: strconv.FormatInt(m.bytes, 10)}, m.refs, "C")
	in.res.Impact = append(in.res.Impact, Impact{Class: "data", Level: m.level, Text: text, Quantity: &Quantity{m.bytes, "bytes"}, Evidence: m.refs, Coverage: []string{}})
}
