package response

import (
	"slices"
	"strings"

	"github.com/trailhound/trailhound/internal/evidence"
	"github.com/trailhound/trailhound/internal/investigation"
	"github.com/trailhound/trailhound/internal/ledger"
	"github.com/trailhound/trailhound/internal/lineage"
)

// credentials cuts off every credential the intruder holds and that may still
// work. Which action does so depends on how long each kind outlives its parent.
func (p *planner) credentials() {
	// Depths first: the order of principals depends on all of their credentials.
	for _, c := range p.in.Credentials {
		if p.hostile(c) {
			k := p.holder(c).key()
			p.deepest[k] = max(p.deepest[k], p.depth(c.ID))
			p.deepest[c.Principal] = max(p.deepest[c.Principal], p.depth(c.ID)) // of a person's session in a role of many
		}
	}
	for _, c := range p.in.Credentials {
		if p.hostile(c) {
			p.cutting = &c
			p.cut(c)
		}
	}
	p.cutting = nil
}

func (p *planner) cut(c lineage.Credential) {
	who, why := p.holder(c), p.why.credential(c)
	alive := c.State != "deleted" && c.State != "expired"
	key := targetOf(c.ID, "")
	switch {
	case who.kind == "root":
		if alive || reissued(c) {
			p.add("ROOT_FIX", who, why)
		}
	case federated(c.Principal): // it has no password, and no key of its own that could be switched off
		if alive {
			p.add("USER_DENY", who, why)
		}
	case who.kind == "role":
		if alive || reissued(c) {
			p.cutRole(c, who, why)
		}
	case c.Kind == "login_profile":
		if alive {
			p.add("LOGIN_OFF", who, why)
			p.add("USER_DENY_SESS", who, why)
		}
	case c.Kind == "service_specific" || c.Kind == "bearer":
		if !alive {
			return
		}
		// What goes by the user's own name, as a way in by Git does, is one of the user's credentials,
		// and no record says which.
		named := key.kind == "service_credential" || key.kind == "ssh_key"
		if !named && who.kind == "user" {
			p.add("SSC_OFF", who, why)
		} else if key.kind != "" {
			p.ofUser(&key, who)
			p.add("SSC_OFF", key, why)
		}
		if c.Kind == "bearer" || key.kind == "service_credential" || key.kind == "" { // Git and SSH call no model
			p.add("BR_OFF", who, why)
		}
	case c.Kind == "access_key":
		p.ofUser(&key, who)
		// A key that is switched off can be switched on again by whoever may; only
		// deleting it is the end.
		if c.State != "deleted" {
			p.add("KEY_DEL", key, why)
		}
		if !alive || c.State == "disabled" {
			return // its children have rows of their own
		}
		p.add("KEY_OFF", key, why)
		// A key that the intruder minted for somebody else's user is cut by
		// switching it off. One that was stolen, or that made sessions which
		// outlive it (GetSessionToken, GetFederationToken: up to 36 hours), is not.
		if who.kind == "user" && (c.IssuedBy == nil || p.made[who.key()] || p.outlived(c.ID)) {
			p.add("USER_DENY", who, why)
		}
	case c.Kind == "console_session" && who.kind == "user" && c.HeldBy == "shared": // hijacked: the owner signed in, and needs no new password
		p.add("USER_DENY_SESS", who, why)
	case c.Kind == "console_session" && who.kind == "user" && (alive || reissued(c)):
		if alive {
			p.add("USER_DENY_SESS", who, why)
		}
		p.add("LOGIN_OFF", who, why)
	case alive && who.kind == "user": // a session of a user; switching the key off would not end it
		if c.IssuedBy != nil && (c.IssuedBy.Rule == "get_session_token" || c.IssuedBy.Rule == "get_federation_token") {
			p.add("USER_DENY", who, why)
		} else {
			p.add("USER_DENY_SESS", who, why)
		}
	}
}

// reissued says whether what gave the intruder this session gives them the next
// one: the end of a session mends neither a host that hands out its role's
// credentials, nor a role that trusts the account they came from, nor a password
// or a directory account that somebody else knows.
func reissued(c lineage.Credential) bool {
	return c.IssuedBy != nil && lineage.LastingOf(c.IssuedBy.Rule) != "" && (c.IssuedBy.Rule != "assume_role_cross_account" || c.IssuedBy.Credential == "")
}

// trusting are the lineage rules whose sessions begin outside the account, let
// in by nothing but the role's trust policy.
var trusting = []string{"assume_role_cross_account", "oidc_federation", "cognito_identity"}

// federated says whether a principal is what GetFederationToken named. IAM knows no such
// user: the session has what the user has whose key asked for it, and ends with that.
func federated(principal string) bool {
	f := strings.SplitN(principal, ":", 6)
	return len(f) == 6 && f[2] == "sts" && strings.HasPrefix(f[5], "federated-user/")
}

// holder is the principal of a credential; of a key that was never used, the
// user that the call which made it was about; of a federation session, the user
// whose key asked for it, and nobody where the evidence does not tell whose that was.
func (p *planner) holder(c lineage.Credential) target {
	for range maxIssues {
		if !federated(c.Principal) {
			break
		}
		if c.IssuedBy == nil {
			return target{}
		}
		c = p.rows[c.IssuedBy.Credential]
	}
	if federated(c.Principal) {
		return target{}
	}
	if c.Principal == "" && c.IssuedBy != nil {
		return targetOf(p.userOf[c.IssuedBy.Event], "")
	}
	return targetOf(c.Principal, "")
}

// ofUser fills in whose key it is.
func (p *planner) ofUser(key *target, who target) {
	if who.kind == "user" {
		key.params["user"] = who.params["user"]
		key.account = who.account
	}
}

// maxIssues bounds how far back the issuer of a federation session is looked for: its
// sign-in to the console and that sign-in's sessions stand between at the most.
const maxIssues = 8

// outlived says whether the credential made hostile sessions of its own user.
func (p *planner) outlived(id string) bool {
	return slices.ContainsFunc(p.in.Credentials, func(c lineage.Credential) bool {
		return c.IssuedBy != nil && c.IssuedBy.Credential == id && p.hostile(c) && p.holder(c).kind == "user" && c.Kind != "access_key"
	})
}

// personOf is who entered a permission set, as a target: the role is everybody's
// who may enter it, and the session's name is what tells one from the others.
func personOf(c lineage.Credential, role target) target {
	_, session, _ := strings.Cut(c.Principal, ":assumed-role/")
	_, person, ok := strings.Cut(session, "/")
	if !ok || person == "" {
		return role
	}
	t := target{id: c.Principal, kind: "sso_session", account: role.account, params: map[string]string{"sso_person": person}}
	if role.account != "" {
		t.params["account"] = role.account
	}
	return t
}

// cutRole revokes a role's sessions. Identity Center and service-linked roles
// take no policy from the account; a workload's host is dealt with as well.
func (p *planner) cutRole(c lineage.Credential, role target, why []string) {
	switch name := role.params["role"]; {
	// IAM lets nobody attach a policy to a service-linked role; what works through
	// it is stopped at its service.
	case strings.Contains(role.id, ":role/aws-service-role/"):
		return
	case strings.HasPrefix(name, evidence.PermissionSetRole):
		p.add("SSO_REVOKE", personOf(c, role), why)
		return
	case c.State == "expired" && c.IssuedBy.Rule == "saml_federation":
		p.add("SSO_REVOKE", role, why) // the person, not the session, is what is left to act on
		return
	}
	p.add("ROLE_REVOKE", role, why)
	if c.IssuedBy != nil && slices.Contains(trusting, c.IssuedBy.Rule) && c.IssuedBy.Credential == "" {
		p.add("TRUST_FIX", role, why) // who came from outside is let in by the role's trust
	}
	_, session, _ := strings.Cut(c.PrincipalID, ":")
	if host := targetOf(session, ""); host.kind == "instance" {
		if c.IssuedBy != nil {
			p.locate(&host, []string{c.IssuedBy.Event})
		}
		p.add("EC2_ISOLATE", host, why)
		p.add("IMDSV2", host, why)
	}
}

// persistence undoes what would let the intruder back in and is, or may be,
// still there. What was removed or only tried needs no undoing.
func (p *planner) persistence() {
	for _, x := range p.in.Persistence {
		// Unknown counts as live: undoing what is already gone costs a command,
		// leaving it costs the case.
		if x.Status != ledger.Live && x.Status != ledger.Unknown {
			continue
		}
		why := p.why.events(x.Events)
		t := p.understood(x.ID, x.Undo, x.Events...)
		if t.kind == "root" { // a key of root: only root can switch it off
			p.add("ROOT_FIX", t, why)
			continue
		}
		p.add(x.Undo, t, why)
		switch x.Undo {
		case "USER_RM":
			p.add("USER_DENY", p.understood(x.ID, "USER_DENY"), why)
		case "ROLE_RM": // nobody of the owner's works as it, and what does goes on until it is removed
			if t.kind == "role" {
				p.add("ROLE_DENY", t, why)
			}
		case "KEY_DEL":
			p.add("KEY_OFF", p.understood(x.ID, "KEY_OFF", x.Events...), why)
		case "S3_POL":
			if t.kind == "secret" { // whom its policy let in may have read it, in an account of their own
				p.add("SECRET_ROT", t, why)
			}
		}
		for _, id := range p.in.Rules[x.Technique].Contain {
			t, a := p.understood(x.ID, id, x.Events...), p.actions[id]
			if _, ok := a.form(t.kind); !ok || a.Phase != "contain" || t.principal() && !p.made[t.key()] && !repairs[id] && t.kind != "key" {
				continue
			}
			p.add(id, t, why)
		}
	}
}

// doomed calls off what the intruder scheduled to be deleted, whether or not a rule speaks
// of it. What they had made themselves may go.
func (p *planner) doomed() {
	for _, r := range p.in.Resources {
		if r.DeletesAt == "" || r.Undo == "" || slices.Contains(r.Effect, ledger.Created) {
			continue
		}
		t := p.understood(r.ID, r.Undo, r.ByEvent...)
		if p.add(r.Undo, t, p.why.events(bareEvents(r.StateEvidence))) {
			p.byKey[[2]string{r.Undo, t.key()}].before = r.DeletesAt
		}
	}
}

// bareEvents are the ids of references to events.
func bareEvents(refs []string) (ids []string) {
	for _, ref := range refs {
		if id, ok := strings.CutPrefix(ref, "event:"); ok {
			ids = append(ids, id)
		}
	}
	return ids
}

// repairs are actions on a principal that mend it and do not cut it off, so
// that a principal of the owner's may be their target.
var repairs = map[string]bool{"TRUST_FIX": true, "POL_DETACH": true, "POL_VER": true, "GRP_RM": true, "BOUND_FIX": true, "MFA_FIX": true}

// understood makes a target of an id of the ledger, with what other rows say
// of it, and of the events that made it. Where several things share the id, it
// is the one that the action can be done to.
func (p *planner) understood(id, action string, events ...string) target {
	t := targetOf(id, "")
	a := p.actions[action]
	rows := p.resource[id]
	if base, _, part := strings.Cut(id, "#"); part && len(rows) == 0 {
		rows = p.resource[base] // what a part hangs on tells what it is
	}
	for i, r := range rows {
		x := targetOf(id, r.Type)
		if _, ok := a.form(x.kind); ok || i == 0 {
			t = x
		}
		if _, ok := a.form(t.kind); ok {
			break
		}
	}
	p.locate(&t, events)
	p.locate(&t, p.row(id, t).ByEvent)
	switch t.kind {
	case "key", "service_credential", "ssh_key", "signing_certificate", "mfa_device":
		for _, e := range events {
			p.ofUser(&t, targetOf(p.userOf[e], ""))
		}
		if c, ok := p.rows[id]; ok {
			who := p.holder(c)
			if t.kind == "key" && (c.Kind != "access_key" || who.kind == "root") {
				return who // of a session, and of root, the principal is what can be acted on
			}
			p.ofUser(&t, who)
		}
	case "sso_assignment":
		// PRINCIPAL_TYPE/id@account/permission set ARN
		kind, rest, _ := strings.Cut(id, "/")
		who, where, _ := strings.Cut(rest, "@")
		account, set, _ := strings.Cut(where, "/")
		t.params["sso_principal_type"], t.params["sso_principal"], t.params["account"], t.params["permission_set"] = kind, who, account, set
	case "launch_template":
		if row := p.row(id, t); row.ID != "" && !slices.Contains(row.Effect, ledger.Created) {
			t.kind = "launch_template_version" // the template is the owner's
			if _, version, ok := strings.Cut(id, "#"); ok {
				t.params["bad_version"] = version
			}
		}
	case "state_machine":
		if row := p.row(id, t); row.ID != "" && !slices.Contains(row.Effect, ledger.Created) {
			t.kind = "changed_state_machine" // the owner's: what it was is set back
		}
	case "email_identity":
		if slices.Contains(p.row(id, t).Effect, ledger.Created) {
			t.kind = "made_email_identity" // it can go; from one of the owner's only the sending can be paused
		}
	case "account":
		t.params["member_account"] = id
	}
	if a := accountOf(t); action == "MFA_FIX" && a != "" && p.ofRoot(t) {
		return targetOf("arn:aws:iam::"+a+":root", "")
	}
	return t
}

// ofRoot says whether a device, or the "user" that a call about root names, is
// the root user's: IAM knows no such user, and only root can change its device.
// A user of that name who acted is one.
func (p *planner) ofRoot(t target) bool {
	if strings.HasSuffix(t.id, ":mfa/root-account-mfa-device") {
		return true
	}
	return t.params["user"] == "root" && !slices.ContainsFunc(p.in.Principals, func(x investigation.Principal) bool {
		return strings.HasSuffix(x.ARN, ":user/root") && x.RoleInCase != "target"
	})
}

func accountOf(t target) string {
	if f := strings.Split(t.id, ":"); len(f) > 5 && f[0] == "arn" {
		return f[4]
	}
	return t.account
}

// accountWide are actions that are done once for an account where a finding
// names no resource that they could be done to.
var accountWide = []string{"GD_ON", "LOGS_ON", "CW_ON", "TRAIL_ON", "SES_OFF", "SNS_OFF", "BR_OFF", "QUOTA_FIX", "ORG_FIX", "ROOT_FIX", "BACKUP_FIX", "S3_RECOVER"}

// restores are actions that bring back what is gone; for them a resource that
// was removed is the reason and not a reason to leave it.
var restores = []string{"TRAIL_ON", "S3_RECOVER", "SECRET_RESTORE", "R53_FIX", "LOGS_ON", "GD_ON", "CW_ON", "KMS_FIX", "CDN_FIX", "BACKUP_FIX"}

// findings does to resources what the rules recommend. Principals are dealt
// with by their credentials. An attempt changed nothing, and discovery alone
// gives no reason to stop anything.
func (p *planner) findings() {
	for _, f := range p.in.Findings {
		if f.Outcome == "attempted" || onlyDiscovery(f) {
			continue
		}
		rule := p.in.Rules[f.Technique]
		why := p.why.finding(f)
		// What was switched off is switched on again as what it is: the other actions of the rule,
		// which are for other sorts of things, are not done account-wide beside that.
		restored := slices.ContainsFunc(slices.Concat(rule.Contain, rule.Eradicate), func(id string) bool {
			return slices.Contains(restores, id) && slices.ContainsFunc(f.Resources, func(r string) bool { return p.applies(id, r) })
		})
		for _, id := range slices.Concat(rule.Contain, rule.Eradicate) {
			done := false
			for _, r := range f.Resources {
				done = p.repair(id, r, why) || done
			}
			if !done && slices.Contains(accountWide, id) && !(slices.Contains(restores, id) && (restored || p.theirs(f))) {
				home := p.home()
				p.locate(&home, f.Evidence)
				p.add(id, home, why)
			}
		}
		for _, id := range rule.Preserve {
			for _, r := range f.Resources {
				t, a := p.understood(r, id), p.actions[id]
				if _, ok := a.form(t.kind); ok && !t.principal() {
					p.add(id, t, why)
				}
			}
		}
	}
}

// applies says whether there is a form of the action for the resource.
func (p *planner) applies(id, resource string) bool {
	t, a := p.understood(resource, id), p.actions[id]
	_, ok := a.form(t.kind)
	return ok
}

// repair does one action to one resource of a finding, if it applies.
func (p *planner) repair(id, resource string, why []string) bool {
	t, a := p.understood(resource, id), p.actions[id]
	if _, ok := a.form(t.kind); !ok || t.principal() && !repairs[id] {
		return false
	}
	row := p.row(resource, t)
	known := row.ID != ""
	has := func(effects ...string) bool {
		return slices.ContainsFunc(effects, func(e string) bool { return slices.Contains(row.Effect, e) })
	}
	switch {
	case onUse[id]:
		if known && !has(ledger.Created, ledger.Modified, ledger.Shared, ledger.Deleted, ledger.Read, ledger.Used) {
			return true // only tried: understood, and nothing to do
		}
	case !has(ledger.Created, ledger.Modified, ledger.Shared, ledger.Deleted):
		return true // it was looked at and not changed
	}
	back := slices.Contains(restores, id)
	if row.StateNow == "restored" || p.gone(t) && !back || (back || id == "SECRET_ROT") && has(ledger.Created) || a.Irreversible && !has(ledger.Created) {
		return true // as it should be, gone for good, theirs to lose, or not theirs to delete
	}
	if (id == "TRAIL_ON" || id == "GD_ON") && p.gone(t) { // what was deleted cannot be started
		home := p.home()
		p.locate(&home, row.ByEvent)
		return p.add(id, home, why)
	}
	return p.add(id, t, why)
}

// theirs says whether the intruder made everything that the finding is about.
func (p *planner) theirs(f investigation.Finding) bool {
	return len(f.Resources) > 0 && !slices.ContainsFunc(f.Resources, func(id string) bool {
		return !slices.ContainsFunc(p.resource[id], func(r ledger.Resource) bool { return slices.Contains(r.Effect, ledger.Created) })
	})
}

// row is what the ledger says of a target: under its own id and kind, else
// under the id of the whole that it was folded into.
func (p *planner) row(id string, t target) ledger.Resource {
	for _, key := range []string{id, t.id} {
		for _, r := range p.resource[key] {
			if targetOf(key, r.Type).kind == t.kind {
				return r
			}
		}
	}
	return ledger.Resource{}
}

// onUse are actions for which it is enough that the intruder used or read the
// target. The others mend a change, and where none was made would make one.
var onUse = map[string]bool{"SECRET_ROT": true, "EC2_ISOLATE": true, "EC2_ROLE_OFF": true, "EC2_STOP": true, "IMDSV2": true,
	"SSM_STOP": true, "SES_OFF": true, "ECS_ZERO": true, "CB_STOP": true, "BR_OFF": true, "AGENT_FIX": true}

func onlyDiscovery(f investigation.Finding) bool {
	return len(f.Attack) > 0 && !slices.ContainsFunc(f.Attack, func(a investigation.Attack) bool { return a.Tactic != "discovery" })
}

// home is the account itself as a target.
func (p *planner) home() target {
	t := targetOf(p.in.Account, "")
	if t.kind != "account" {
		t = target{id: "account", kind: "account", params: map[string]string{}}
	}
	return t
}

// homes are the accounts that the intruder acted in, as targets.
func (p *planner) homes() (out []target) {
	for _, a := range p.in.Accounts {
		if t := targetOf(a, ""); t.kind == "account" {
			t.account, t.params["account"] = a, a
			out = append(out, t)
		}
	}
	if len(out) == 0 {
		out = append(out, p.home())
	}
	return out
}

// preserve keeps what later steps would change, before they do.
func (p *planner) preserve() {
	why := p.why.fallback
	saved := false
	for _, b := range p.in.EvidenceBuckets {
		t := target{id: "arn:aws:s3:::" + b, kind: "bucket", params: map[string]string{"bucket": b}}
		saved = p.add("SAVE_LOGS", t, why) || saved
	}
	for _, home := range p.homes() {
		if !saved {
			p.add("SAVE_LOGS", home, why)
		}
		p.add("SAVE_IAM", home, why)
	}
	// What these hold is lost or overwritten by the very steps that contain them:
	// memory and disks of an instance, code of a function, policy and settings of a
	// bucket.
	before := map[string]string{"instance": "SAVE_EC2", "function": "SAVE_FN", "function_permission": "SAVE_FN", "bucket": "SAVE_BUCKET"}
	contains := p.in.Status == "suspicious" // nothing is cut off then, but the next call may decide
	for _, n := range slices.Clone(p.needs) {
		phase := p.actions[n.Action].Phase
		contains = contains || phase == "contain"
		if save := before[n.kind]; save != "" && phase != "preserve" {
			base, _, _ := strings.Cut(n.Target, "#")
			p.add(save, p.understood(base, save), n.Why)
		}
	}
	if contains {
		for _, home := range p.homes() {
			p.add("MONITOR", home, why)
		}
	}
}
