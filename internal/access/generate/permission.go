package generate

import "github.com/trailhound/trailhound/internal/evidence"

// Permission is one thing that must be allowed for a call to succeed.
type Permission struct {
	Action   string            // "s3:ListBucket"
	Resource string            // as the request names it; "" if the event does not say exactly
	With     map[string]string // condition keys of the request
	Implied  string            // why, if the event only implies it
}

// Permissions lists what must be allowed for the call of an event: nothing for a
// call that needs no permission. The event must have its Body.
func (t *Table) Permissions(e *evidence.Event) ([]Permission, error) {
	rec, err := e.Parse()
	if err != nil {
		return nil, err
	}
	var out []Permission
	for _, n := range t.needs(e, rec) {
		p := Permission{Action: n.action, Resource: n.res.literal, With: n.with, Implied: n.implied}
		if n.res.loose != "" {
			p.Resource = ""
		}
		out = append(out, p)
	}
	return out, nil
}
