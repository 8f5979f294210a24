package investigation

import (
	"slices"
	"strings"

	"github.com/trailhound/trailhound/internal/attribution"
	"github.com/trailhound/trailhound/internal/evidence"
)

// ofWorkload says whether the credential was issued to compute rather than to
// somebody: a function, task, pod, build or instance.
func (in *inquiry) ofWorkload(e *evidence.Event) bool {
	n := in.g.Node(in.g.CredentialOf(e))
	// What AWS holds for itself in a service-linked role is no workload of anybody's.
	if n == nil || n.Linked {
		return false
	}
	b := n.Best()
	return n.Workload != "" || b != nil && n.Temporary() && b.Held() && b.Rule != "service_linked_role"
}

// offHost says whether a workload's credentials were used away from where the
// workload lives: known from its own agent's calls, from where its rightful
// sessions of the same role call, or from a tool that runs on no such host.
func (in *inquiry) offHost(e *evidence.Event) (bool, bool) {
	n := in.g.Node(in.g.CredentialOf(e))
	if n == nil || e.FromAWS() || !in.ofWorkload(e) {
		return false, false
	}
	// First where the workload's own agent calls from, all of its networks; else where others of the
	// same role do.
	home, known, own := false, false, false
	for _, c := range in.at.Clusters {
		o := in.g.Node(c.Credential)
		if o == nil || c.Actor != attribution.Service && c.Actor != attribution.Owner {
			continue
		}
		agent := n.Workload != "" && o.Workload == n.Workload && c.Actor == attribution.Service
		if own && !agent || !agent && o.UniqueID != n.UniqueID {
			continue
		}
		if agent && !own { // what was learned of other sessions counts no more
			home, own = false, true
		}
		home, known = home || c.Network == e.Network(), true
	}
	if known {
		return !home, true
	}
	// Nothing shows where the workload lives: then only what no workload does can tell.
	if family := evidence.AgentFamily(e.UserAgent); strings.HasSuffix(family, " mac") {
		return true, true // EC2 Mac hosts are rare, and launched as such; a laptop is likelier
	}
	for _, edge := range n.In {
		if edge.Rule == "host_entry" && edge.Tier >= 4 && edge.Network == e.Network() {
			return true, true // used from where somebody reached into the host
		}
	}
	return false, false
}

// awayFromSigner says whether a signed URL was fetched from a network on which
// its signer never called. Clusters hold direct calls only, no fetches.
func (in *inquiry) awayFromSigner(e *evidence.Event) (bool, bool) {
	cred, here, known := in.g.CredentialOf(e), false, false
	for _, c := range in.at.Clusters {
		if c.Credential == cred {
			here, known = here || c.Network == e.Network(), true
		}
	}
	return known && !here && !e.FromAWS(), known
}

// awayFromSignIn says whether a session is used from another network than it
// was opened from.
func (in *inquiry) awayFromSignIn(e *evidence.Event) (bool, bool) {
	n := in.g.Node(in.g.CredentialOf(e))
	if n == nil || n.Best() == nil || e.FromAWS() {
		return false, false
	}
	addr := n.Best().Network
	if host, _, _ := strings.Cut(addr, "/"); !evidence.IsAddress(host) {
		return false, false // signed in through AWS itself: the person's place is not on the record
	}
	return addr != e.Network(), true
}

// foreignEndpoint says whether a call came through a VPC endpoint of an account
// that is none of the case's.
func (in *inquiry) foreignEndpoint(e *evidence.Event) (bool, bool) {
	s := in.subject(e.ID)
	if s == nil {
		return false, false
	}
	owner := s.Record.Str("vpcEndpointAccountId")
	return owner != "" && !slices.Contains(in.res.Accounts, owner), owner != ""
}
