package investigation

import (
	"slices"
	"strings"

	"github.com/trailhound/trailhound/internal/evidence"
	"github.com/trailhound/trailhound/internal/ledger"
)

// afterGap says of what a gap in the log leaves open whether a later call settles it: a key
// that works after the gap was not taken away in it, and neither were the user and, where
// that user has nothing else, the rights that it works by. What removes a thing after the
// gap would be in the log. What a snapshot says is left alone, since it saw the thing itself.
func (in *inquiry) afterGap() {
	alive := map[string]bool{} // principals that the intruder made and that work
	for i := range in.res.Persistence {
		p := &in.res.Persistence[i]
		if p.Status != ledger.Unknown || in.sighted(p) {
			continue
		}
		if e := in.worked(func(e *evidence.Event) bool { return in.isOf(p, e) }); e != nil {
			p.Status, p.StateEvidence = ledger.Live, append(slices.Clone(p.StateEvidence), "event:"+e.ID)
			alive[p.ID] = p.Kind == "iam_user" || p.Kind == "role"
		}
	}
	for i := range in.res.Persistence {
		p := &in.res.Persistence[i]
		owner, _, part := strings.Cut(p.ID, "#")
		if p.Status != ledger.Unknown || !part || !alive[owner] || in.sighted(p) || in.rightsOf(owner) != 1 {
			continue
		}
		if e := in.worked(func(e *evidence.Event) bool { return !needsNothing[e.Action()] && actsAs(owner, e) }); e != nil {
			p.Status, p.StateEvidence = ledger.Live, append(slices.Clone(p.StateEvidence), "event:"+e.ID)
		}
	}
}

// needsNothing are the calls that succeed with no rights at all (AWS STS, "Actions": no
// permissions are required).
var needsNothing = map[string]bool{"sts:GetCallerIdentity": true, "sts:GetSessionToken": true, "signin:ConsoleLogin": true, "sts:GetAccessKeyInfo": true}

// sighted says whether a snapshot speaks of the thing.
func (in *inquiry) sighted(p *ledger.Persistence) bool {
	return slices.ContainsFunc(p.StateEvidence, func(ref string) bool { return strings.HasPrefix(ref, "snapshot:") })
}

// isOf says whether a call was made with the thing, or as it, such that it was there then.
func (in *inquiry) isOf(p *ledger.Persistence, e *evidence.Event) bool {
	switch p.Kind {
	case "access_key", "federation_session":
		return e.Identity.AccessKey == p.ID
	case "iam_user", "role":
		return actsAs(p.ID, e)
	}
	return false
}

// actsAs says whether a call was made by a user or a role, by its ARN.
func actsAs(arn string, e *evidence.Event) bool {
	return e.Identity.Type == "IAMUser" && e.Identity.ARN == arn || e.Identity.Type == "AssumedRole" && e.Identity.IssuerARN == arn
}

// worked is the last call of a sort that succeeded with no gap behind it; nil if there is none.
func (in *inquiry) worked(of func(*evidence.Event) bool) *evidence.Event {
	for i := len(in.at.Events) - 1; i >= 0; i-- {
		if e := &in.at.Events[i]; e.Outcome() == evidence.Success && of(e) {
			if in.pass.blind(e.Account, e.Region, e.Time) {
				return nil // and so are all before it
			}
			return e
		}
	}
	return nil
}

// rightsOf counts what the intruder gave a principal that may be there.
func (in *inquiry) rightsOf(arn string) (n int) {
	for _, p := range in.res.Persistence {
		if owner, _, part := strings.Cut(p.ID, "#"); part && owner == arn && (p.Status == ledger.Live || p.Status == ledger.Unknown) {
			n++
		}
	}
	return n
}
