package attribution

import (
	"context"
	"net/netip"
	"slices"

	"github.com/trailhound/trailhound/internal/evidence"
)

// testers loads whom the word for a security test names, and who came from where it says: what was
// done in its name is told call by call, and so is what the same principals did otherwise. Nothing is
// held against anybody for that. A network of many unrelated people tells nothing of a test.
func (r *run) testers(ctx context.Context) error {
	for i := range r.in.Known {
		k := &r.in.Known[i]
		if !k.Test {
			continue
		}
		for _, u := range slices.Compact(slices.Sorted(slices.Values(k.Principals))) {
			if r.s.Principal(u) == nil {
				continue
			}
			p, err := r.load(ctx, u)
			if err != nil {
				return err
			}
			p.tested = true
		}
		for _, n := range k.Networks {
			network := networkOf(n)
			if network == "" || r.nets.shared(network) {
				continue
			}
			for _, u := range r.s.On(network) {
				if _, err := r.load(ctx, u); err != nil {
					return err
				}
			}
		}
	}
	return nil
}

// networkOf is the network of a stated address or prefix, "" where a prefix spans several.
func networkOf(stated string) string {
	p, err := netip.ParsePrefix(stated)
	if err != nil {
		return evidence.Network(stated)
	}
	network := evidence.Network(p.Addr().String())
	if whole, err := netip.ParsePrefix(network); err != nil || p.Bits() < whole.Bits() {
		return ""
	}
	return network
}
