package investigation

import (
	"bytes"
	"cmp"
	"context"
	"encoding/json"
	"fmt"
	"net/url"
	"slices"
	"strings"
	"time"

	"github.com/trailhound/trailhound/internal/claim"
	"github.com/trailhound/trailhound/internal/evidence"
	"github.com/trailhound/trailhound/internal/ledger"
	"github.com/trailhound/trailhound/internal/lineage"
)

// sighting is what the latest snapshot that can tell says of a thing.
// The zero sighting says that no snapshot tells, which is no word either way.
type sighting struct {
	status string // "live", "removed", "disabled"; "" if no snapshot tells
	ref    string
	path   string // where the observation says so; "" for an absence
	value  string
	field  string // of a list at path that does not hold it
	at     *snapshot
	what   string // the sentence's end: "lists user `x`"
}

// states lets the snapshots speak of what the intruder left, hit and used. A
// snapshot is heard only where it must be later than the last call about the
// thing: it never contradicts what happened after it.
func (in *inquiry) states(ctx context.Context) error {
	if len(in.observed.snapshots) == 0 {
		return nil
	}
	var ids []string
	for _, p := range in.res.Persistence {
		ids = append(ids, p.Events...)
		ids = append(ids, bare(p.StateEvidence)...)
	}
	for _, r := range in.res.Resources {
		ids = append(ids, bare(r.ByEvent)...)
		ids = append(ids, bare(r.StateEvidence)...)
	}
	for _, c := range in.res.Credentials {
		ids = append(ids, bare(c.StateEvidence)...)
	}
	when, err := in.when(ctx, ids)
	if err != nil {
		return err
	}
	for i := range in.res.Persistence {
		in.persistenceState(&in.res.Persistence[i], when)
	}
	for i := range in.res.Resources {
		in.resourceState(&in.res.Resources[i], when)
	}
	for i := range in.res.Credentials {
		in.credentialState(&in.res.Credentials[i], when)
	}
	in.instanceClaims()
	return nil
}

// bare are the ids of event references.
func bare(refs []string) []string {
	var out []string
	for _, r := range refs {
		out = append(out, strings.TrimPrefix(r, "event:"))
	}
	return out
}

// when looks up the times of events.
func (in *inquiry) when(ctx context.Context, ids []string) (map[string]time.Time, error) {
	out := map[string]time.Time{}
	slices.Sort(ids)
	if ids = slices.Compact(ids); len(ids) == 0 {
		return out, nil
	}
	for e, err := range in.q.Events(ctx, evidence.Query{IDs: ids}) {
		if err != nil {
			return nil, fmt.Errorf("read the times of events: %w", err)
		}
		out[e.ID] = e.Time
	}
	return out, nil
}

// latestOf is the last moment of the events that the lists refer to; zero if none is known.
func latestOf(when map[string]time.Time, lists ...[]string) (last time.Time) {
	for _, list := range lists {
		for _, id := range bare(list) {
			if t := when[id]; t.After(last) {
				last = t
			}
		}
	}
	return last
}

// persistenceState lets a later snapshot decide what of it is there; what failed left nothing
// to look for.
func (in *inquiry) persistenceState(p *ledger.Persistence, when map[string]time.Time) {
	if p.Status == ledger.Attempted {
		return
	}
	s := in.sight(p.Kind, p.ID, latestOf(when, p.Events, p.StateEvidence), p.Events)
	switch s.status {
	case "":
		return
	case "live":
		p.Status = ledger.Live
	case "changed":
		p.Status = ledger.Unknown
	default:
		p.Status = ledger.Removed
	}
	p.StateEvidence = append(slices.Clone(p.StateEvidence), s.ref)
	p.Evidence = append(slices.Clone(p.Evidence), s.ref)
	in.stateClaim(s)
}

// kindOf is the kind of persistence that a type of resource is judged as.
var kindOf = map[string]string{
	"AWS::IAM::User": "iam_user", "AWS::IAM::Role": "role", "AWS::IAM::AccessKey": "access_key", "AWS::EC2::Instance": "instance",
	"AWS::IAM::ManagedPolicy": "managed_policy", "AWS::IAM::Group": "group", "AWS::EC2::Snapshot": "snapshot",
}

// resourceState does so for a thing that was touched. A thing that events show restored is not
// called back to "present": the snapshot knows that it is there, and not whether it is as it
// was.
func (in *inquiry) resourceState(r *ledger.Resource, when map[string]time.Time) {
	kind := kindOf[r.Type]
	if kind == "" {
		return
	}
	s := in.sight(kind, r.ID, latestOf(when, r.ByEvent, r.StateEvidence), nil)
	switch {
	case s.status == "":
		return
	case s.status == "live" || s.status == "disabled" || s.status == "changed":
		if r.StateNow == "restored" { // it is there, and as it was: events know better
			break
		}
		r.StateNow = "present"
	default:
		r.StateNow = "removed"
	}
	r.StateEvidence = append(slices.Clone(r.StateEvidence), s.ref)
	in.stateClaim(s)
}

// credentialState does so for a long-lived credential; sessions stand in no snapshot. It was
// alive when last used, so that only a snapshot from then on can say that it is off.
func (in *inquiry) credentialState(c *lineage.Credential, when map[string]time.Time) {
	since := latestOf(when, c.StateEvidence)
	if t := evidence.ParseTime(c.LastSeen); t.After(since) {
		since = t
	}
	kind := c.Kind
	switch {
	case c.Kind == "access_key" && strings.HasPrefix(c.ID, "AKIA"), c.Kind == "login_profile", c.Kind == "service_specific":
	default:
		return
	}
	s := in.sight(kind, c.ID, since, nil)
	if s.status == "" && c.Kind == "access_key" {
		s = in.keyGone(c, since)
	}
	to := map[string]string{"live": "active", "removed": "deleted", "disabled": "disabled"}[s.status]
	if to == "" {
		return
	}
	if c.State == to {
		c.StateEvidence = append(slices.Clone(c.StateEvidence), s.ref)
	} else {
		c.State, c.StateEvidence = to, []string{s.ref}
	}
	in.stateClaim(s)
}

// stateClaim states what the snapshot says, to be checked against it, and gives the claim's id; ""
// where it cannot be said.
func (in *inquiry) stateClaim(s sighting) string {
	if s.what == "" || strings.Count(s.what, "`")%2 == 1 || strings.ContainsFunc(s.what, func(r rune) bool { return r < ' ' || r >= 0x7f }) {
		return "" // a name that a sentence cannot quote
	}
	moment, refs := "", []string{s.ref}
	switch {
	case !s.at.moment.IsZero() && in.saysMoment(s.at):
		moment = " of " + stamp(s.at.moment)
		if s.path == "" { // the thing is not there: another part tells the moment
			refs = append(refs, s.at.parts[0].CitedAs())
		}
	case s.at.latestBy != nil && s.at.moment.IsZero():
		moment = " taken no earlier than " + stamp(s.at.latest)
		refs = append(refs, s.at.latestBy.CitedAs())
	}
	p := claim.Predicate{Op: "state", Snapshot: s.ref, Path: s.path, Value: s.value}
	if s.path == "" || s.field != "" {
		p.Value, p.Field = claim.Absent, s.field
	}
	slices.Sort(refs)
	return in.claims.add(fmt.Sprintf("The snapshot%s %s.", moment, s.what), p, slices.Compact(refs), "A")
}

// saysMoment says whether the snapshot itself tells when it was taken.
func (in *inquiry) saysMoment(s *snapshot) bool {
	return slices.ContainsFunc(s.parts, func(o *evidence.Observation) bool { return o.Time.Equal(s.moment) })
}

// sight asks the snapshots for a thing of the ledger's kinds; since is the last
// call about it.
// Each kind has its own place in a snapshot, and its own way of being gone: a key is off or
// missing from its user's list, an instance is terminated, a policy is no longer on what it
// hung on, a user is missing from a list that is whole.
func (in *inquiry) sight(kind, id string, since time.Time, events []string) sighting {
	parent, part, inside := strings.Cut(id, "#")
	switch kind {
	case "access_key", "service_credential", "service_specific":
		return in.latest(id, since, []string{"access_key", "service_credential"}, func(o *evidence.Observation, r evidence.Record) (string, string, string, string) {
			return onOff(r, "Status", "key `"+id+"`")
		})
	case "login_profile":
		return in.latest(parent, since, []string{"credential_report"}, func(o *evidence.Observation, r evidence.Record) (string, string, string, string) {
			switch r.Str("password_enabled") {
			case "true":
				return "live", "password_enabled", "true", "shows a password for `" + parent + "`"
			case "false":
				return "removed", "password_enabled", "false", "shows no password for `" + parent + "`"
			}
			return "", "", "", ""
		})
	case "instance":
		return in.latest(id, time.Time{}, []string{"ec2_instance"}, func(o *evidence.Observation, r evidence.Record) (string, string, string, string) {
			state := r.Str("State.Name")
			switch {
			case state == "terminated":
				return "removed", "State.Name", state, "shows instance `" + id + "` as terminated"
			case state != "" && in.notBefore(o).After(since.Add(-time.Second)):
				return "live", "State.Name", state, "shows instance `" + id + "` as `" + state + "`"
			}
			return "", "", "", ""
		})
	case "trust_policy":
		return in.latest(parent, since, []string{"iam_role"}, func(_ *evidence.Observation, r evidence.Record) (string, string, string, string) {
			return in.trust(parent, r, events)
		})
	case "snapshot":
		return in.latest(id, since, []string{"ec2_snapshot"}, listed("SnapshotId", id, "snapshot `"+id+"`"))
	case "iam_user", "role", "group", "managed_policy", "policy", "group_membership", "mfa_device":
	default:
		return sighting{}
	}
	if kind == "mfa_device" {
		return in.latest(id, since, []string{"mfa_device"}, listed("SerialNumber", id, "device `"+id+"`"))
	}
	if inside {
		if s := in.latest(parent, since, []string{"iam_user", "iam_role", "iam_group"}, attached(parent, part)); s.status != "" {
			return s
		}
	}
	if !strings.HasPrefix(parent, "arn:") {
		return sighting{}
	}
	if s := in.latest(parent, since, []string{"iam_user", "iam_role", "iam_group", "iam_policy"}, listed("Arn", parent, "`"+parent+"`")); s.status != "" {
		if inside { // the parent is there and its policies were not told
			return sighting{}
		}
		return s
	}
	return in.absent(parent, since)
}

// notBefore is the earliest moment at which the observation can have been made.
func (in *inquiry) notBefore(o *evidence.Observation) time.Time {
	return in.observed.snapshots[o.Snapshot].notBefore()
}

// judge reads one observation: status, and the path and value that say so.
type judge = func(*evidence.Observation, evidence.Record) (status, path, value, what string)

// listed judges what is there by being listed.
func listed(path, value, name string) judge {
	return func(_ *evidence.Observation, r evidence.Record) (string, string, string, string) {
		if r.Str(path) != value {
			return "", "", "", ""
		}
		return "live", path, value, "lists " + name
	}
}

// onOff judges a key by its status.
func onOff(r evidence.Record, path, name string) (string, string, string, string) {
	switch r.Str(path) {
	case "Active":
		return "live", path, "Active", "shows " + name + " as Active"
	case "Inactive":
		return "disabled", path, "Inactive", "shows " + name + " as Inactive"
	}
	return "", "", "", ""
}

// attached judges a policy or a membership by the lists of what it hangs on.
func attached(parent, part string) judge {
	return func(_ *evidence.Observation, r evidence.Record) (string, string, string, string) {
		for _, path := range []string{"AttachedManagedPolicies.PolicyArn", "UserPolicyList.PolicyName", "RolePolicyList.PolicyName", "GroupPolicyList.PolicyName", "GroupList"} {
			if slices.Contains(r.Strs(path), part) {
				return "live", path, part, "shows `" + part + "` on `" + parent + "`"
			}
		}
		// Only an answer that tells policies can show that one is missing.
		if r.Str("Arn") != parent || r["AttachedManagedPolicies"] == nil {
			return "", "", "", ""
		}
		path := "AttachedManagedPolicies.PolicyArn"
		switch {
		case strings.HasPrefix(part, "arn:"):
		case strings.Contains(parent, ":user/"):
			path = "UserPolicyList.PolicyName"
		case strings.Contains(parent, ":role/"):
			path = "RolePolicyList.PolicyName"
		default:
			path = "GroupPolicyList.PolicyName"
		}
		return "removed", path, part, "does not show `" + part + "` on `" + parent + "`"
	}
}

// trust compares a role's trust with the one that the intruder set.
func (in *inquiry) trust(role string, r evidence.Record, events []string) (string, string, string, string) {
	have := document(r["AssumeRolePolicyDocument"])
	if have == "" || len(events) == 0 {
		return "", "", "", ""
	}
	for _, id := range events {
		if s := in.subject(id); s != nil && document(s.Record.Get("requestParameters.policyDocument")) == have {
			return "live", "Arn", role, ""
		}
	}
	return "changed", "Arn", role, "" // what of it is left, equality cannot tell
}

// document is a policy in one spelling, whether it came as JSON, as text or
// URL-encoded; "" if it cannot be read.
func document(v any) string {
	if s, ok := v.(string); ok {
		if plain, err := url.QueryUnescape(s); err == nil && strings.HasPrefix(s, "%7B") {
			s = plain
		}
		v = nil
		if json.Unmarshal([]byte(s), &v) != nil {
			return ""
		}
	}
	if v == nil {
		return ""
	}
	var out bytes.Buffer
	enc := json.NewEncoder(&out)
	enc.SetEscapeHTML(false)
	if enc.Encode(v) != nil {
		return ""
	}
	return out.String()
}

// latest asks the snapshots that must be later than since, the last one first.
// Two that cannot be told apart in time and disagree tell nothing.
func (in *inquiry) latest(id string, since time.Time, kinds []string, j judge) sighting {
	var best sighting
	var bestAt time.Time
	for _, o := range in.observed.things[id] {
		if !slices.Contains(kinds, o.Kind) {
			continue
		}
		s := in.observed.snapshots[o.Snapshot]
		r, err := o.Parse()
		if err != nil {
			continue
		}
		status, path, value, what := j(o, r)
		at := s.notBefore()
		// A key that worked to the end and that no call switched off: a snapshot that
		// shows it off must be later, whenever it was taken.
		late := status == "disabled" && s.moment.IsZero() && !in.switchedByCall(id)
		if status == "" || at.Before(since) && !late {
			continue
		}
		switch {
		case best.status == "" || at.After(bestAt):
			best, bestAt = sighting{status: status, ref: o.CitedAs(), path: path, value: value, at: s, what: what}, at
			if status == "removed" && strings.HasPrefix(what, "does not show") {
				best.field = value
			}
		case at.Equal(bestAt) && status != best.status:
			best.status = "?"
		}
	}
	if best.status == "?" {
		return sighting{}
	}
	return best
}

// switchedByCall says whether any call changed the key's state, or none shows it at work: then
// a snapshot that shows it off may be older than its last use.
func (in *inquiry) switchedByCall(key string) bool {
	n := in.g.Node(key)
	return n == nil || len(n.States) > 0 || n.LastOK == ""
}

// absent says whether the latest whole snapshot of the account leaves a principal
// or policy out, though it must be later than the last call about it.
func (in *inquiry) absent(arn string, since time.Time) sighting {
	account := accountIn(arn)
	var best *snapshot
	for _, id := range keys(in.observed.snapshots) {
		s := in.observed.snapshots[id]
		if s.account == account && s.notBefore().After(since) && in.whole(s) && s.notBefore().After(since) && (best == nil || s.notBefore().After(best.notBefore())) {
			best = s
		}
	}
	if best == nil || slices.ContainsFunc(best.parts, func(o *evidence.Observation) bool { return o.ID == arn }) {
		return sighting{}
	}
	return sighting{status: "removed", ref: "snapshot:" + best.id[:16] + "#" + arn, at: best, what: "does not list `" + arn + "`"}
}

// whole says whether a snapshot can be trusted to list everything: it must close
// over what it refers to, and know at least three quarters of the users and roles
// that made calls in the account. A page of several, a filtered export, and one
// from years before fail that; what they leave out is then no news.
func (in *inquiry) whole(s *snapshot) bool {
	if s.judged {
		return s.isWhole
	}
	s.judged = true
	if !s.closed() {
		return false
	}
	seen, known, counted := 0, 0, map[string]bool{}
	for _, r := range in.res.Resources { // what the intruder made or removed is what is asked about
		counted[r.ID] = slices.Contains(r.Effect, ledger.Created) || slices.Contains(r.Effect, ledger.Deleted)
	}
	for _, p := range in.pass.everybody() {
		arn := cmp.Or(p.Identity.IssuerARN, p.Identity.ARN)
		if counted[arn] || accountIn(arn) != s.account || !strings.Contains(arn, ":user/") && !strings.Contains(arn, ":role/") || strings.Contains(arn, ":role/aws-service-role/") {
			continue
		}
		counted[arn] = true
		seen++
		if slices.ContainsFunc(in.observed.things[arn], func(o *evidence.Observation) bool { return o.Snapshot == s.id }) {
			known++
		}
	}
	s.isWhole = known > 0 && 4*known >= 3*seen
	return s.isWhole
}

// closed says whether the snapshot names users and roles, and holds every group
// and every policy of the account that they refer to.
func (s *snapshot) closed() bool {
	if s.kinds["iam_user"] == 0 || s.kinds["iam_role"] == 0 {
		return false
	}
	have := map[string]bool{}
	for _, o := range s.parts {
		have[o.ID] = true
		for _, k := range o.Keys {
			have[o.Kind+"/"+k] = true
		}
	}
	for _, o := range s.parts {
		r, err := o.Parse()
		if err != nil {
			return false
		}
		if o.Kind == "iam_user" && r["AttachedManagedPolicies"] == nil && r["GroupList"] == nil {
			return false // list-users tells no policies: not the authorization details
		}
		for _, g := range r.Strs("GroupList") {
			if !have["iam_group/"+g] {
				return false
			}
		}
		for _, p := range r.Strs("AttachedManagedPolicies.PolicyArn") {
			if accountIn(p) != "" && !have[p] {
				return false
			}
		}
	}
	return true
}

// keyGone judges a key that no list names: its user has other keys in a list of
// later date, or is gone altogether.
func (in *inquiry) keyGone(c *lineage.Credential, since time.Time) sighting {
	name := c.Principal[strings.LastIndexByte(c.Principal, '/')+1:]
	if !strings.Contains(c.Principal, ":user/") {
		return sighting{}
	}
	for _, id := range keys(in.observed.snapshots) {
		s := in.observed.snapshots[id]
		if s.kinds["access_key"] == 0 || !s.notBefore().After(since) {
			continue
		}
		others := false
		for _, o := range s.parts {
			r, err := o.Parse()
			others = others || err == nil && o.Kind == "access_key" && r.Str("UserName") == name && o.ID != c.ID && r.Str("Status") != "" && (s.account == "" || s.account == accountIn(c.Principal))
		}
		if others && !slices.ContainsFunc(s.parts, func(o *evidence.Observation) bool { return o.ID == c.ID }) {
			return sighting{status: "removed", ref: "snapshot:" + s.id[:16] + "#" + c.ID, at: s, what: "does not list `" + c.ID + "`"}
		}
	}
	return in.absent(c.Principal, since)
}

// accountIn is the account of an ARN; "" where it has none, as those of AWS's own policies.
func accountIn(arn string) string {
	if f := strings.SplitN(arn, ":", 6); len(f) == 6 && len(f[4]) == 12 {
		return f[4]
	}
	return ""
}
