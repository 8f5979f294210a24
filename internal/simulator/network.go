package simulator

import "fmt"

// network is one place on the internet: a /24 of IPv4 or a /48 of IPv6, which
// is also the grain at which responders tell places apart.
type network struct{ prefix string }

// addr is one address of the network.
func (n network) addr(host int) string {
	if n.v6() {
		return fmt.Sprintf("%s:%x::%x", n.prefix, 1+host%7, 16+host)
	}
	// Neither .0 nor .255.
	return fmt.Sprintf("%s.%d", n.prefix, 1+host%254)
}

func (n network) v6() bool { return len(n.prefix) > 4 && n.prefix[4] == ':' }

// addressPlan hands out networks. No address of it can belong to anybody:
// people stand in the documentation ranges (RFC 5737, RFC 3849), the public
// side of workloads and of vendors in the benchmarking range 198.18.0.0/15
// (RFC 2544), private addresses in 10.0.0.0/8. There are only three IPv4
// documentation networks; who asks first gets them, later ones get IPv6.
type addressPlan struct {
	r      stream
	v4     []string
	used   map[string]bool
	egress int
}

func newAddressPlan(r stream) *addressPlan {
	p := &addressPlan{r: r, v4: []string{"192.0.2", "198.51.100", "203.0.113"}, used: map[string]bool{}, egress: r.IntN(200)}
	r.Shuffle(3, func(i, j int) { p.v4[i], p.v4[j] = p.v4[j], p.v4[i] })
	return p
}

// place is a network of people: an office, a home, a build farm, a rented server.
func (p *addressPlan) place() network {
	if len(p.v4) > 0 {
		n := network{p.v4[0]}
		p.v4 = p.v4[1:]
		return n
	}
	return p.home()
}

// home is a place on IPv6.
func (p *addressPlan) home() network {
	for {
		n := fmt.Sprintf("2001:db8:%x", 0x100+p.r.IntN(0xfe00))
		if !p.used[n] {
			p.used[n] = true
			return network{n}
		}
	}
}

// cloud is the public side of a workload: a NAT gateway, an elastic address.
func (p *addressPlan) cloud() network {
	p.egress++
	return network{fmt.Sprintf("198.%d.%d", 18+p.egress/256%2, p.egress%256)}
}
