package ocsf

import (
	"github.com/trailhound/trailhound/internal/report/exchange"
	"github.com/trailhound/trailhound/internal/report/outline"
)

// observables lists what to search for elsewhere: addresses and networks only the intruder used,
// credentials they held, and what they left behind. The name points to where unmapped has it.
func observables(c *exchange.Case) []observable {
	var out []observable
	seen := map[observable]bool{}
	add := func(id int, kind, name, value string) {
		o := observable{Name: name, TypeID: id, Type: kind, Value: value}
		if value != "" && !seen[o] {
			seen[o] = true
			out = append(out, o)
		}
	}
	for _, p := range c.Networks() {
		id, kind := 12, "Subnet"
		if p.IsSingleIP() {
			id, kind = 2, "IP Address"
		}
		add(id, kind, "unmapped.credentials.networks", exchange.Value(p))
	}
	for _, cr := range c.Credentials {
		if outline.Held(cr) {
			add(19, "User Credential ID", "unmapped.credentials.id", cr.ID)
			add(31, "User Object: uid", "unmapped.credentials.principal_id", cr.PrincipalID)
		}
	}
	for _, p := range c.Persistence {
		// What was only attempted does not exist, and would be searched for in vain.
		if p.Status != "attempted" {
			add(10, "Resource UID", "unmapped.persistence.id", p.ID)
		}
	}
	return out
}
