package investigation

import (
	"context"
	"fmt"
	"slices"
	"strings"

	"github.com/trailhound/trailhound/internal/attribution"
	"github.com/trailhound/trailhound/internal/claim"
	"github.com/trailhound/trailhound/internal/evidence"
)

// maxRoleMakers bounds of how many roles the report tells who made them.
const maxRoleMakers = 4

// roleMakers tells who made the roles whose calls are in doubt, the users that nobody is said to know, and what
// the case suspects and somebody of the house made, where the evidence shows it: whoever asks "does anybody know what this is?" is helped most by whom to ask.
func (in *inquiry) roleMakers(ctx context.Context) error {
	doubt := map[string]*evidence.Event{} // by the unique id: the first call that is in doubt
	for i, row := range in.at.Rows {
		e := &in.at.Events[i]
		id := madeAs(e.Identity)
		stranger := slices.Contains(in.input.Strangers, e.Identity.Person())
		if slices.Contains(in.at.Welcomed, e.Identity.Person()) && slices.Contains(in.suspects(), e.Identity.Person()) {
			stranger = true
		} else if row.Actor != attribution.Undetermined {
			continue
		}
		if !stranger && (!strings.HasPrefix(id, "AROA") || strings.HasPrefix(e.Identity.IssuerName, evidence.PermissionSetRole)) {
			continue
		}
		if first := doubt[id]; id != "" && (first == nil || e.Time.Before(first.Time)) {
			doubt[id] = e
		}
	}
	for _, id := range first(keys(doubt), maxRoleMakers) {
		used := doubt[id]
		q := evidence.Query{Sources: []string{"iam.amazonaws.com"}, Names: []string{"CreateRole", "CreateUser"}, Accounts: []string{used.Account}, To: used.Time, Body: true}
		for e, err := range in.q.Events(ctx, q) {
			if err != nil {
				return fmt.Errorf("look who made a user or role: %w", err)
			}
			r, err := e.Parse()
			if e.Outcome() == evidence.Failure || err != nil || r.Str("responseElements.role.roleId") != id && r.Str("responseElements.user.userId") != id {
				continue
			}
			through := ""
			if service, ok := strings.CutSuffix(e.SourceIP, ".amazonaws.com"); ok && claim.Quotable(service) {
				through = ", through " + service
			}
			kind, name := "Role", used.Identity.IssuerName
			if strings.HasPrefix(id, "AIDA") {
				kind, name = "User", used.Identity.UserName
			}
			if !claim.Quotable(name) {
				break
			}
			if slices.ContainsFunc(in.res.Open, func(told string) bool { return strings.Contains(told, e.ID) }) {
				break // it was told with whom the role lets in
			}
			doubted := ""
			if in.at.Actor(used.ID) == attribution.Undetermined {
				doubted = fmt.Sprintf(", and its calls are in doubt since %s", stamp(used.Time))
			}
			in.res.Open = append(in.res.Open, fmt.Sprintf("%s `%s` was made at %s by %s%s (event %s)%s. Ask whoever made it what it is for.",
				kind, name, stamp(e.Time), maker(&e), through, e.ID, doubted))
			break
		}
	}
	return nil
}

// madeAs is the unique id under which a principal was made: of a session that of its role.
func madeAs(id evidence.Identity) string {
	if id.IssuerID != "" {
		return id.IssuerID
	}
	return id.UniqueID()
}
