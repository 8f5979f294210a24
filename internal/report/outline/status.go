package outline

import "github.com/trailhound/trailhound/internal/ledger"

// Status is the status of a thing left behind as people say it. A session that
// ran out by itself is listed as removed, since it lets nobody in; nobody removed it.
func (o *Outline) Status(p ledger.Persistence) string {
	if p.Kind != "federation_session" || p.Status != "removed" {
		return p.Status
	}
	for _, c := range o.Credentials {
		if c.ID == p.ID && c.State == "expired" {
			return "expired"
		}
	}
	return p.Status
}
