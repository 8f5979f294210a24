package investigation

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/trailhound/trailhound/internal/claim"
	"github.com/trailhound/trailhound/internal/evidence"
)

// The history of a machine whose credentials are in the case: which role it was
// given by which call, which addresses it had, and which session keys called from
// where. A stolen key is told from a rightful one by nothing else.

// maxMachineKeys and maxKeyNetworks bound what is told of one machine: session
// keys, the intruder's first, and addresses of each.
const (
	maxMachineKeys = 8
	maxKeyNetworks = 4
	maxMachineActs = 12
)

// machineCalls are the calls that give a machine its role or an address, with
// where their records tell it. EC2 writes the same thing in two spellings.
// Source: EC2 API Reference, and the records of these calls.
var machineCalls = map[string]struct {
	does  string // before the instance
	with  string // before what was given; "" if nothing was
	paths []string
}{
	"RunInstances": {"started", "with instance profile", []string{"requestParameters.iamInstanceProfile.arn", "requestParameters.iamInstanceProfile.name"}},
	"AssociateIamInstanceProfile": {"was called on", "with instance profile", []string{"requestParameters.AssociateIamInstanceProfileRequest.IamInstanceProfile.Name",
		"requestParameters.AssociateIamInstanceProfileRequest.IamInstanceProfile.Arn", "requestParameters.iamInstanceProfile.name", "requestParameters.iamInstanceProfile.arn"}},
	"ReplaceIamInstanceProfileAssociation": {"was called on", "with instance profile", []string{"requestParameters.ReplaceIamInstanceProfileAssociationRequest.IamInstanceProfile.Name",
		"requestParameters.ReplaceIamInstanceProfileAssociationRequest.IamInstanceProfile.Arn", "requestParameters.iamInstanceProfile.name", "requestParameters.iamInstanceProfile.arn"}},
	"DisassociateIamInstanceProfile": {"took the instance profile from", "", nil},
	"AssociateAddress":               {"was called on", "with address", []string{"requestParameters.publicIp", "requestParameters.allocationId"}},
	"TerminateInstances":             {"ended", "", nil},
}

// machines tells the history of every instance of which a credential is in the
// intruder's hands, or that the intruder started. The evidence is asked once about all
// of them, and what is told of each stands together.
// The claims hang on principals and not on a section of their own: the machine's role is what
// a reader looks up.
func (in *inquiry) machines(ctx context.Context) error {
	var list []instance
	var ids, sessions []string
	told := map[string][]string{} // session keys to tell of, by instance
	for _, i := range in.caseInstances() {
		stolen := in.stolen(&i)
		if i.made == "" && len(stolen) == 0 {
			continue
		}
		list, ids = append(list, i), append(ids, i.id)
		// The stolen keys first, so that the bound never cuts them off for a neighbour's sake.
		told[i.id] = first(append(stolen, in.neighbours(&i, stolen)...), maxMachineKeys)
		sessions = append(sessions, told[i.id]...)
	}
	acts, err := in.machineActs(ctx, ids)
	if err != nil {
		return err
	}
	uses, err := in.keyUses(ctx, sessions)
	if err != nil {
		return err
	}
	for _, i := range list {
		var claims []string
		for _, a := range acts[i.id] {
			claims = append(claims, in.claims.add(a.text, a.predicate, []string{a.cited}, in.grade(a.predicate.Event)))
		}
		claims = append(claims, in.machineKeys(&i, told[i.id], uses)...)
		in.machinePrincipals(&i, claims)
	}
	return nil
}

// stolen are the machine's session keys in the intruder's hands.
func (in *inquiry) stolen(i *instance) (out []string) {
	for _, c := range in.res.Credentials {
		// Also of a shared key: that the machine itself goes on with it is what tells the two
		// apart.
		if slices.Contains(i.keys, c.ID) && (c.HeldBy == "intruder" || c.HeldBy == "shared") {
			out = append(out, c.ID)
		}
	}
	return out
}

// machineAct is a call that gave a machine a role or an address.
type machineAct struct {
	text      string
	predicate claim.Predicate
	cited     string
}

// machineActs finds the calls that gave these machines a role or an address.
func (in *inquiry) machineActs(ctx context.Context, machines []string) (map[string][]machineAct, error) {
	out := map[string][]machineAct{}
	if len(machines) == 0 {
		return out, nil
	}
	q := evidence.Query{Sources: []string{"ec2.amazonaws.com"}, Names: keys(machineCalls), Resources: machines, Body: true}
	for e, err := range in.q.Events(ctx, q) {
		if err != nil {
			return nil, fmt.Errorf("read the calls about instances: %w", err)
		}
		r, perr := e.Parse()
		if perr != nil || e.Outcome() != evidence.Success {
			continue
		}
		for _, id := range machines {
			if !slices.Contains(e.Resources, id) || len(out[id]) == maxMachineActs {
				continue
			}
			if a, ok := machineActOf(&e, r, id); ok {
				out[id] = append(out[id], a)
			}
		}
	}
	return out, nil
}

// machineActOf is what a call says of one machine; not ok if neither a role nor an
// address.
func machineActOf(e *evidence.Event, r evidence.Record, id string) (machineAct, bool) {
	how := machineCalls[e.Name]
	text := fmt.Sprintf("At %s %s %s instance `%s`", stamp(e.Time), e.Action(), how.does, id)
	equals := map[string]any{"action": e.Action(), "time": stamp(e.Time), "outcome": string(e.Outcome()), "resource": id}
	told := how.with == ""
	for _, path := range how.paths {
		if v := r.Str(path); v != "" && claim.Quotable(v) {
			text += fmt.Sprintf(" %s `%s`", how.with, v)
			equals["record."+path], told = v, true
			break
		}
	}
	if v := startedWith(r, id); v != "" {
		text += " and private address " + v
		equals["record."+startedAddress], told = v, true
	}
	return machineAct{text + "; the call succeeded.", claim.Predicate{Op: "event", Event: e.ID, Equals: equals}, e.CitedAs()}, told
}

const startedAddress = "responseElements.instancesSet.items.privateIpAddress"

// startedWith is the private address that RunInstances gave one of its instances.
func startedWith(r evidence.Record, id string) string {
	for _, x := range r.All("responseElements.instancesSet.items") {
		m, _ := x.(map[string]any)
		if item := evidence.Record(m); item.Str("instanceId") == id && evidence.IsAddress(item.Str("privateIpAddress")) {
			return item.Str("privateIpAddress")
		}
	}
	return ""
}

// keyUse is what one session key did from one address.
type keyUse struct {
	n           int
	first, last evidence.Event
}

// keyUses counts the calls of session keys, by key and address.
func (in *inquiry) keyUses(ctx context.Context, sessions []string) (map[string]map[string]*keyUse, error) {
	uses := map[string]map[string]*keyUse{}
	if len(sessions) == 0 {
		return uses, nil
	}
	for e, err := range in.q.Events(ctx, evidence.Query{Credentials: sessions}) {
		if err != nil {
			return nil, fmt.Errorf("read the calls of machines' session keys: %w", err)
		}
		key, from := e.Identity.AccessKey, e.SourceIP
		if !evidence.IsAddress(from) {
			continue // a service called for it
		}
		if uses[key] == nil {
			uses[key] = map[string]*keyUse{}
		}
		u := uses[key][from]
		if u == nil {
			u = &keyUse{first: e}
			uses[key][from] = u
		}
		u.n, u.last = u.n+1, e
	}
	return uses, nil
}

// machineKeys states, for each session key of the machine, from where it called
// and how often: the intruder's first, then those of the owner that were in use at
// the nearest times.
func (in *inquiry) machineKeys(i *instance, sessions []string, uses map[string]map[string]*keyUse) (ids []string) {
	for _, key := range sessions {
		for _, from := range first(keys(uses[key]), maxKeyNetworks) {
			u := uses[key][from]
			text := fmt.Sprintf("Session key `%s` of instance `%s` made %d calls from %s between %s and %s.", key, i.id, u.n, from, stamp(u.first.Time), stamp(u.last.Time))
			if u.n == 1 {
				text = fmt.Sprintf("Session key `%s` of instance `%s` made 1 call from %s at %s.", key, i.id, from, stamp(u.first.Time))
			}
			ids = append(ids, in.claims.add(text, claim.Predicate{Op: "count", Filter: claim.Filter{"credential": key, "source_ip": from}, Value: u.n}, cite(u.first.ID, u.last.ID), "A"))
		}
	}
	return ids
}

// neighbours are the machine's other keys, those in use nearest to the stolen ones
// first: they show from where the machine itself calls.
// Three are enough to show the machine's own address.
func (in *inquiry) neighbours(i *instance, stolen []string) []string {
	type near struct {
		key string
		gap time.Duration
	}
	var from time.Time
	span := map[string]time.Time{}
	for _, c := range in.res.Credentials {
		at := evidence.ParseTime(c.FirstSeen)
		span[c.ID] = at
		if slices.Contains(stolen, c.ID) && (from.IsZero() || at.Before(from)) {
			from = at
		}
	}
	var list []near
	for _, key := range i.keys {
		if !slices.Contains(stolen, key) && !span[key].IsZero() {
			list = append(list, near{key, span[key].Sub(from).Abs()})
		}
	}
	slices.SortFunc(list, func(a, b near) int {
		if a.gap != b.gap {
			return int(min(max(a.gap-b.gap, -1), 1))
		}
		// Two in use at equal distance: by key, so that the choice does not vary.
		return strings.Compare(a.key, b.key)
	})
	var out []string
	for _, n := range list[:min(len(list), 3)] {
		out = append(out, n.key)
	}
	return out
}

// machinePrincipals hangs the history on the principals whose sessions the
// machine's are, where a reader looks for it.
func (in *inquiry) machinePrincipals(i *instance, ids []string) {
	for _, c := range in.res.Credentials {
		if !slices.Contains(i.keys, c.ID) {
			continue
		}
		for p := range in.res.Principals {
			q := &in.res.Principals[p]
			if id, _, _ := strings.Cut(c.PrincipalID, ":"); q.UniqueID != id || id == "" {
				continue
			}
			for _, claim := range ids {
				if !slices.Contains(q.Claims, claim) {
					q.Claims = append(q.Claims, claim)
				}
			}
		}
	}
}
