package attribution

import "github.com/trailhound/trailhound/internal/evidence"

// looseRows are the rows of the calls without any principal that came from an address which
// the case names: failed sign-ins of unknown users, anonymous reads, a directory's records of
// a sign-in. What opened a session goes with who used it, and so does what else was recorded
// of the same sign-in: a named address holds for nobody who is known to have come from there.
func (r *run) looseRows() (rows []judged) {
	opened, signIns := map[string]verdict{}, map[string]verdict{} // by event, by the portal's credential
	for i := range r.loose {
		e := &r.loose[i]
		v := r.issuedTo(e)
		if v.actor == "" {
			continue
		}
		opened[e.ID] = v
		if id := e.Identity.CredentialID; id != "" {
			if was, ok := signIns[id]; !ok || v.actor.Hostile() && !was.actor.Hostile() {
				signIns[id] = v
			}
		}
	}
	for i := range r.loose {
		e := &r.loose[i]
		v, ok := opened[e.ID]
		if !ok {
			v, ok = signIns[e.Identity.CredentialID]
		}
		if !ok || v.actor == Undetermined {
			v = verdict{r.looseActor(e), "case:ip", false}
		}
		rows = append(rows, judged{*e, Row{e.ID, v.actor, "", v.because}})
	}
	return rows
}

// looseActor judges a call without any principal, made from an address that the case names,
// where nothing else tells of it.
func (r *run) looseActor(e *evidence.Event) Actor {
	if r.nets.shared(e.Network()) || r.in.Away {
		return Undetermined
	}
	return LikelyIntruder
}
