package lineage

import (
	"cmp"
	"strings"
	"time"

	"github.com/trailhound/trailhound/internal/evidence"
)

// noteState records calls that switch a long-lived credential on or off.
func (l *linker) noteState(e *evidence.Event, r evidence.Record) {
	if e.Outcome() == evidence.Failure {
		return
	}
	id, to := "", ""
	switch e.Name {
	case "UpdateAccessKey", "DeleteAccessKey":
		id, to = cmp.Or(r.Str("requestParameters.accessKeyId"), listed(e, r, "AWS::IAM::AccessKey")), "deleted"
	case "UpdateServiceSpecificCredential", "DeleteServiceSpecificCredential":
		id, to = r.Str("requestParameters.serviceSpecificCredentialId"), "deleted"
	case "UpdateSSHPublicKey", "DeleteSSHPublicKey":
		id, to = r.Str("requestParameters.sSHPublicKeyId"), "deleted"
	case "UpdateSigningCertificate", "DeleteSigningCertificate":
		id, to = r.Str("requestParameters.certificateId"), "deleted"
	case "DeleteLoginProfile":
		id, to = l.userARN(e, r), "deleted"
	case "CreateLoginProfile":
		id, to = l.userARN(e, r), "active"
	case "DeleteUser":
		if name := namedUser(e, r); name != "" {
			l.deleted = append(l.deleted, deletion{l.user(l.account(e), name), e})
		}
		return
	}
	if strings.HasPrefix(e.Name, "Update") {
		switch r.Str("requestParameters.status") {
		case "Active":
			to = "active"
		case "Inactive":
			to = "disabled"
		default:
			return
		}
	}
	if id == "" || to == "" {
		return
	}
	n := l.node(id)
	n.States = append(n.States, State{e.Time, e.ID, to})
}

// deletion is a user that was deleted, and with it whatever it signed in with.
type deletion struct {
	user string
	e    *evidence.Event
}

func (l *linker) applyDeletions() {
	if len(l.deleted) == 0 {
		return
	}
	of := map[string][]*Node{} // what outlives its sessions, by user: an account may lose thousands of users
	for _, n := range l.g.nodes {
		if n.Kind == "access_key" || n.Kind == "login_profile" {
			for _, user := range compact(n.Principal, n.ID) {
				of[user] = append(of[user], n)
			}
		}
	}
	for _, d := range l.deleted {
		for _, n := range of[d.user] {
			if !n.bornAfter(d.e.Time) {
				n.States = append(n.States, State{d.e.Time, d.e.ID, "deleted"})
			}
		}
	}
}

// bornAfter says whether the credential was issued later than t, or first worked
// then: it belongs to a later user of the same name.
func (n *Node) bornAfter(t time.Time) bool {
	if e := n.Best(); e != nil {
		return e.At.After(t)
	}
	return n.Uses > 0 && n.First.After(t)
}

// StateAt is the credential's state at a moment: active, disabled, deleted,
// expired, or unknown where the evidence does not tell. events cites the calls
// that decide it.
func (n *Node) StateAt(now time.Time) (state string, events []string) {
	for _, s := range n.States {
		// States are in order of time, so the last that is not after now holds.
		if !s.At.After(now) {
			state, events = s.To, []string{s.Event}
		}
	}
	if state != "" {
		return state, events
	}
	if !n.Expires.IsZero() {
		if e := n.Best(); e != nil {
			events = []string{e.Event}
		}
		if !n.Expires.After(now) {
			return "expired", events
		}
		return "active", events
	}
	// Without evidence, for no call ended it: its own age did.
	if n.Temporary() && !n.Created.IsZero() && now.Sub(n.Created) > maxSession {
		return "expired", nil
	}
	if e := n.Best(); e != nil && (e.Rule == "create_access_key" || e.Rule == "service_specific_credential") {
		return "active", []string{e.Event}
	}
	if n.LastOK != "" && !n.Temporary() {
		return "active", []string{n.LastOK} // it worked when last seen, and nothing here ended it
	}
	return "unknown", nil
}

// maxSession is the longest that AWS lets any temporary credential live: 36
// hours, for GetSessionToken and GetFederationToken.
const maxSession = 36 * time.Hour
