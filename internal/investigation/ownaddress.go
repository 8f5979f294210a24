package investigation

import (
	"fmt"
	"slices"
	"strings"

	"github.com/trailhound/trailhound/internal/attribution"
	"github.com/trailhound/trailhound/internal/evidence"
)

// addressesShown are the public addresses that snapshots show the account to hold: those
// reserved for it, from whenever, and those of machines, from their start.
func (in *inquiry) addressesShown() (out []attribution.Address) {
	if in.observed == nil {
		return nil
	}
	seen := map[string]bool{}
	// In order of ids: of two snapshots that show one address the first is cited.
	for _, id := range keys(in.observed.things) {
		for _, o := range in.observed.things[id] {
			if o.Kind != "ec2_address" && o.Kind != "ec2_instance" {
				continue
			}
			r, err := o.Parse()
			if err != nil {
				continue
			}
			a := attribution.Address{IP: r.Str("PublicIp"), On: r.Str("InstanceId"), Shown: o.CitedAs()}
			if o.Kind == "ec2_instance" {
				a.IP, a.From = r.Str("PublicIpAddress"), evidence.ParseTime(r.Str("LaunchTime"))
			}
			if evidence.IsAddress(a.IP) && !seen[a.IP] {
				seen[a.IP] = true
				out = append(out, a)
			}
		}
	}
	return out
}

// ownAddresses tells, as harmless, which addresses that calls came from the account holds
// itself, and by whose calls.
func (in *inquiry) ownAddresses() {
	for _, h := range in.at.Held {
		text := fmt.Sprintf("%s is an address that the account holds itself (calls from it that are held against nobody: %d).", h.IP, h.Calls)
		var how, events []string
		for _, d := range h.Deeds {
			if len(how) < 3 {
				how = append(how, fmt.Sprintf("%s called %s at %s (event %s)", d.Name, d.Action, stamp(d.At), d.Event))
			}
			events = append(events, d.Event)
		}
		if h.Shown != "" {
			how = append(how, "a snapshot shows it ("+h.Shown+")")
		}
		because := upperFirst(strings.Join(how, ", ")) + "."
		if strings.HasPrefix(h.On, "i-") {
			because += " It was last put on machine " + h.On + "."
		}
		because += " That the place is new says nothing against calls from there; what was done was judged all the same."
		events = append(events, h.Events...)
		in.res.Benign = append(in.res.Benign, Benign{Text: text, Events: slices.Clip(events[:min(len(events), maxBenignEvents)]), Because: because})
	}
}
