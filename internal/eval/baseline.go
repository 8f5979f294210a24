package eval

import "github.com/trailhound/trailhound/internal/evidence"

// seedEvents is what a script would blame: every event of the seed, and, if
// asked, every event from the addresses that the seed was used from.
// A score is to be read beside theirs: what they get, too, was easy. The seed is taken by
// what it names best, a key before a user before an address, never by two together.
func seedEvents(t Truth, events []evidence.Event, withIPs bool) map[string]bool {
	out, ips := map[string]bool{}, map[string]bool{}
	for i := range events {
		e := &events[i]
		if t.SeedKey != "" && e.Identity.AccessKey == t.SeedKey || t.SeedKey == "" && t.SeedUser != "" && e.Identity.UserName == t.SeedUser ||
			t.SeedKey == "" && t.SeedUser == "" && t.SeedIP != "" && e.SourceIP == t.SeedIP {
			out[e.ID] = true
			ips[e.SourceIP] = true
		}
	}
	if !withIPs {
		return out
	}
	for i := range events {
		if ips[events[i].SourceIP] {
			out[events[i].ID] = true
		}
	}
	return out
}
