package lineage

import (
	"encoding/json"
	"slices"
	"strings"

	"github.com/trailhound/trailhound/internal/access/policy"
	"github.com/trailhound/trailhound/internal/evidence"
)

// TrustText is the trust policy that a call gives a role, whether it made the role or changed it.
func TrustText(r evidence.Record) string {
	return r.Str("requestParameters.policyDocument") + r.Str("requestParameters.assumeRolePolicyDocument")
}

// trust reads which principals a call lets into a role that it did not trust
// before. What it trusted before is known from an earlier call alone; without
// one, everybody the new document names counts, and less sure, as does whoever
// could take the role before, with more asked of it.
func (l *linker) trust(i issue, r evidence.Record) []issue {
	name := r.Str("requestParameters.roleName")
	document := r.Str("requestParameters.policyDocument")
	if i.e.Name == "CreateRole" {
		document = r.Str("requestParameters.assumeRolePolicyDocument")
	}
	key := i.e.Account + "/" + name
	// Documents are compared in the order in which issues are taken, which is that
	// of time.
	before, known := l.trusts[key]
	l.trusts[key] = document
	if i.e.Name == "CreateRole" {
		before, known = "", true
	}
	i.rule, i.key, i.role, i.sure = "trust_change", "", key, known
	unsure := i
	unsure.sure = false
	for p, anew := range letIn(before, document, i.e.Account) {
		if anew {
			i.added = append(i.added, p)
		} else {
			unsure.added = append(unsure.added, p)
		}
	}
	var out []issue
	for _, x := range []issue{i, unsure} {
		if slices.Sort(x.added); len(x.added) > 0 {
			out = append(out, x)
		}
	}
	return out
}

// letIn compares two trust documents by what they mean: who may take the role now
// who could not before, and whether it could not at all. Whoever came in before
// under conditions that were loosened may come still under the old ones. What is no
// whole policy is compared by the names in it. Services are left out.
func letIn(before, now, account string) map[string]bool {
	out := map[string]bool{}
	n, err := policy.Parse([]byte(now))
	var b *policy.Document
	if err == nil && before != "" {
		b, err = policy.Parse([]byte(before))
	}
	if err != nil {
		had := trusted(before)
		for _, p := range trusted(now) {
			if !slices.Contains(had, p) {
				out[p] = true
			}
		}
		return out
	}
	for _, o := range policy.LetIn(b, n, account) {
		if o.Kind != "Service" && o.Kind != "CanonicalUser" && o.Principal != "NotPrincipal" {
			out[o.Principal] = o.New && o.Sure
		}
	}
	return out
}

// trusted lists the principals that a trust document allows, sorted; services
// are left out, since they act for whoever sets them up.
func trusted(document string) []string {
	var doc struct {
		Statement json.RawMessage
	}
	if json.Unmarshal([]byte(document), &doc) != nil {
		return nil
	}
	type statement struct {
		Effect    string
		Principal json.RawMessage
	}
	var list []statement
	if json.Unmarshal(doc.Statement, &list) != nil {
		var one statement
		if json.Unmarshal(doc.Statement, &one) != nil {
			return nil
		}
		list = []statement{one}
	}
	var out []string
	for _, s := range list {
		if s.Effect != "Allow" {
			continue
		}
		var all string
		if json.Unmarshal(s.Principal, &all) == nil {
			out = append(out, all) // "*"
			continue
		}
		var by map[string]json.RawMessage
		if json.Unmarshal(s.Principal, &by) != nil {
			continue
		}
		for _, kind := range []string{"AWS", "Federated"} {
			var many []string
			var one string
			if json.Unmarshal(by[kind], &many) == nil {
				out = append(out, many...)
			} else if json.Unmarshal(by[kind], &one) == nil {
				out = append(out, one)
			}
		}
	}
	slices.Sort(out)
	return slices.Compact(out)
}

// letIn links a change of trust to the sessions that exactly the added
// principals then obtained.
//
// Whoever took the role before the change was trusted already, whatever the
// evidence lacks of earlier documents. Of another account's principals, whose records
// name the account alone, that holds of those who did, and of all of the account only
// where the earlier document is not known.
func (l *linker) letIn(change issue, h *heirs) {
	trusted := map[string]bool{} // principals of other accounts, by unique id
	change.added = slices.DeleteFunc(slices.Clone(change.added), func(p string) bool {
		return slices.ContainsFunc(h.takes[change.role], func(i issue) bool {
			if !i.e.Time.Before(change.e.Time) || !isPrincipal(i.e, p) {
				return false
			}
			far := change.sure && i.e.Identity.Type == "AWSAccount" && i.e.Identity.Person() != i.e.Identity.Account
			if far {
				trusted[i.e.Identity.UniqueID()] = true
			}
			return !far
		})
	})
	for _, i := range h.takes[change.role] {
		if i.e.Time.Before(change.e.Time) || i.e.Identity.Type == "AWSAccount" && trusted[i.e.Identity.UniqueID()] {
			continue
		}
		who := slices.IndexFunc(change.added, func(p string) bool { return isPrincipal(i.e, p) })
		if who < 0 {
			continue
		}
		tier := 4
		if !change.sure {
			tier = 3
		}
		with := change
		with.holder, with.expires = change.added[who], i.expires
		for _, n := range h.byEvent[i.e.ID] {
			if n.ID != change.parent {
				l.edge(with, n, "trust_change", tier)
			}
		}
	}
}

// isPrincipal says whether a caller is one that a trust document names: by ARN,
// by the role behind a session, by account, or by identity provider.
func isPrincipal(e *evidence.Event, p string) bool {
	id := e.Identity
	if p == "" {
		return false
	}
	if p == id.ARN || p == id.IssuerARN || p == id.Account || p == id.UniqueID() || p == "*" && id.Type == "AWSAccount" {
		return true
	}
	if account, ok := strings.CutSuffix(p, ":root"); ok {
		return accountOf(account+":root") == id.Account && id.Account != ""
	}
	if strings.Contains(p, ":oidc-provider/") || strings.Contains(p, ":saml-provider/") {
		return slices.Contains(e.Resources, p)
	}
	if id.Type != "AWSAccount" || accountOf(p) != id.Account {
		return false
	}
	// The caller's record mostly names the account alone; where it names the session of a role, that of the role.
	_, session, assumed := strings.Cut(id.ARN, ":assumed-role/")
	role, _, _ := strings.Cut(session, "/")
	return id.ARN == "" || assumed && strings.Contains(p, ":role/") && lastPart(p) == role
}
