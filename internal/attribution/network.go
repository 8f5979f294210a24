package attribution

import (
	"net/netip"
	"slices"
	"strings"

	"github.com/trailhound/trailhound/internal/evidence"
	"github.com/trailhound/trailhound/internal/lineage"
)

// networks answers what a network can and cannot tell about identity.
type networks struct {
	survey  *Survey
	weights *Weights
	g       *lineage.Graph
	parents map[string][]string // person → those whose calls issued its credentials, once asked for
}

func newNetworks(g *lineage.Graph, s *Survey, w *Weights) *networks {
	return &networks{s, w, g, map[string][]string{}}
}

// minted lists the other persons whose calls issued credentials of a person.
func (n *networks) minted(person string) []string {
	if list, ok := n.parents[person]; ok {
		return list
	}
	list := []string{}
	n.g.AsideFor(person, func(g *lineage.Graph) { // everybody who was ever on a network is asked about
		for _, id := range g.OfPerson(person) {
			for _, e := range g.Node(id).In {
				if e.By != "" && e.Tier >= 4 && e.By != person && !slices.Contains(list, e.By) {
					list = append(list, strings.Clone(e.By))
				}
			}
		}
	})
	n.parents[person] = list
	return list
}

// newcomer says whether a principal appeared late and was never seen but on one
// network: whoever the intruder made looks like that where the log lost the
// making, so such a one is no witness that the network is anybody else's.
func (n *networks) newcomer(person string) bool {
	p := n.survey.Principal(person)
	return p != nil && !n.survey.Roams(person) && p.First.After(n.survey.First.AddDate(0, 0, n.weights.Baseline.MinDays))
}

// shared says whether unrelated people come from the network, so that meeting
// two identities on it links nothing: an office, a VPN, a CI pool. Identities
// whose credentials were issued by another identity on the same network do not
// count as unrelated, or an intruder's own chain would look like a crowd.
func (n *networks) shared(network string) bool {
	on := n.survey.On(network)
	if n.heads(on) >= n.weights.Networks.SharedPrincipals && n.survey.Days(network) >= n.weights.Networks.CorporateDays {
		return true
	}
	faces := map[string][]string{} // name → the identities of one and the same person
	for _, p := range on {
		faces[face(p)] = append(faces[face(p)], p)
	}
	crowd := func(related func(person string) bool) bool {
		people, roles := 0, 0
		for name, list := range faces {
			switch {
			case slices.ContainsFunc(list, related):
			case strings.HasPrefix(name, "AROA"):
				roles++
			default:
				people++
			}
		}
		// A role is somebody's second face, and one person may wear several: where
		// the log lost who assumed it, three of them count for one.
		return people+(roles+2)/3 >= n.weights.Networks.SharedPrincipals
	}
	// Who issued whose credentials is asked only where it can matter: every person
	// of the network has to be read for it.
	return crowd(n.newcomer) && crowd(func(p string) bool {
		return n.newcomer(p) || slices.ContainsFunc(n.minted(p), func(parent string) bool { return slices.Contains(on, parent) })
	})
}

// heads counts people: a directory gives one of them as many identities as they
// have roles.
func (n *networks) heads(persons []string) int {
	names := map[string]bool{}
	for _, p := range persons {
		names[face(p)] = true
	}
	return len(names)
}

// face is the name under which a directory's person goes in whatever role, or
// the person itself.
func face(person string) string {
	if _, name, ok := strings.Cut(person, ":"); ok && strings.HasPrefix(person, "AROA") {
		return strings.ToLower(name)
	}
	return person
}

// descends says whether a person's credentials were issued, in however many
// steps, by calls of another.
func (n *networks) descends(person, ancestor string) bool {
	seen, queue := map[string]bool{person: true}, []string{person}
	for len(queue) > 0 {
		p := queue[0]
		queue = queue[1:]
		for _, parent := range n.minted(p) {
			if parent == ancestor {
				return true
			}
			if !seen[parent] {
				seen[parent] = true
				queue = append(queue, parent)
			}
		}
	}
	return false
}

// corporate says whether the network is the organisation's own: shared, and for days.
func (n *networks) corporate(network string) bool {
	return n.survey.Days(network) >= n.weights.Networks.CorporateDays && n.shared(network)
}

// house says whether the network is the organisation's own as far as the evidence can tell: where that holds fewer days
// than make a network corporate, one that some people beside the one in question share on every day of it, the first
// included, is. Root and what AWS runs by itself are no people of an office.
func (n *networks) house(network string) bool {
	if n.corporate(network) {
		return true
	}
	first, need := n.survey.First, n.weights.Networks
	days, seen := int(n.survey.Last.Sub(first).Hours()/24)+1, n.survey.Days(network)
	if days > need.CorporateDays || seen < 2 || seen+1 < days || n.survey.FirstDay(network) != first.UTC().Format("2006-01-02") || !n.shared(network) {
		return false
	}
	people := slices.DeleteFunc(slices.Clone(n.survey.On(network)), func(u string) bool {
		p := n.survey.Principal(u)
		return p == nil || p.Identity.ServiceLinked() || p.Identity.Type == "Root"
	})
	return n.heads(people) > need.SharedPrincipals
}

// widest are the shortest prefixes of the two families that still name somebody:
// the largest blocks that one organisation holds.
const (
	widest4 = 8
	widest6 = 16
)

// tooWide says whether a stated network is as good as any: to come from there
// identifies nobody.
func tooWide(network string) bool {
	p, err := netip.ParsePrefix(network)
	if err != nil {
		return false
	}
	if p.Addr().Is4() {
		return p.Bits() < widest4
	}
	return p.Bits() < widest6
}

// within says whether an event came from one of the networks: CIDR prefixes,
// addresses, or the text of a VPC endpoint or service.
func within(e *evidence.Event, list []string) bool {
	addr, err := netip.ParseAddr(e.SourceIP)
	for _, n := range list {
		if p, perr := netip.ParsePrefix(n); perr == nil && err == nil && p.Contains(addr.Unmap()) {
			return true
		}
		if n == e.SourceIP || strings.EqualFold(n, e.Network()) {
			return true
		}
	}
	return false
}
