package ledger

import (
	"encoding/json"
	"net/url"
	"regexp"
	"slices"
	"strings"

	"github.com/trailhound/trailhound/internal/access/policy"
)

// maxPolicy bounds a policy document. IAM allows 10,240 characters, S3 20 KB;
// CloudTrail itself stops at 100 kB for a field.
const maxPolicy = 256 << 10

// statement is one statement of a policy, as far as it is read here.
type statement struct {
	Effect       string
	Principal    any
	NotPrincipal any
	Action       any
	NotAction    any
	Resource     any
	Condition    map[string]map[string]any
}

// readPolicy reads a policy document, URL-encoded or not. ok is false for
// anything that is no policy.
func readPolicy(doc string) ([]statement, bool) {
	if len(doc) > maxPolicy {
		return nil, false
	}
	doc = strings.TrimSpace(doc)
	if strings.HasPrefix(doc, "%") {
		if plain, err := url.QueryUnescape(doc); err == nil {
			doc = plain
		}
	}
	var whole struct{ Statement json.RawMessage }
	if err := json.Unmarshal([]byte(doc), &whole); err != nil || len(whole.Statement) == 0 {
		return nil, false
	}
	var many []statement
	if json.Unmarshal(whole.Statement, &many) == nil {
		return many, true
	}
	var one statement
	if json.Unmarshal(whole.Statement, &one) == nil {
		return []statement{one}, true
	}
	return nil, false
}

// The classes of principal a policy can let in.
const (
	classPublic  = "public"  // anybody
	classOutside = "outside" // an account that is not the case's own
	classIDP     = "idp"     // whoever an identity provider vouches for
	classNamed   = "named"   // one user, role or session of an own account
	classAccount = "account" // an own account as a whole: whoever IAM there allows
	classService = "service" // an AWS service
)

// admitted is every principal that the document lets in, as class and name.
// Statements that deny let nobody in; neither do those whose conditions hold
// the caller to the own accounts or organisation.
func admitted(doc string, accounts []string) (in []principal, ok bool) {
	sts, ok := readPolicy(doc)
	if !ok {
		return nil, false
	}
	for _, s := range sts {
		if s.Effect != "Allow" {
			continue
		}
		if s.NotPrincipal != nil {
			in = append(in, principal{classPublic, "NotPrincipal"})
		}
		for _, p := range s.principals(accounts) {
			if p.class == classPublic && s.heldIn(accounts) {
				continue
			}
			in = append(in, p)
		}
	}
	return in, true
}

type principal struct{ class, name string }

// alreadyIn says whom the document before let in already, as far as the new one
// does: by what the two mean, or by the names in them where one is no whole policy.
// own is the account of the thing.
func alreadyIn(before, now, own string) func(name string) bool {
	n, err := policy.Parse([]byte(now))
	var b *policy.Document
	if err == nil && before != "" {
		b, err = policy.Parse([]byte(before))
	}
	if err != nil {
		in, _ := admitted(before, nil)
		return func(name string) bool {
			return slices.ContainsFunc(in, func(p principal) bool { return p.name == name })
		}
	}
	opened := policy.LetIn(b, n, own)
	return func(name string) bool {
		return !slices.ContainsFunc(opened, func(o policy.Opening) bool { return o.Through == name || o.Through == "*" })
	}
}

func (s *statement) principals(accounts []string) (out []principal) {
	switch p := s.Principal.(type) {
	case string:
		out = append(out, classify(p, accounts))
	case map[string]any:
		for _, kind := range []string{"AWS", "CanonicalUser", "Federated", "Service"} { // not by map order
			for _, v := range list(p[kind]) {
				switch kind {
				case "AWS":
					out = append(out, classify(v, accounts))
				case "CanonicalUser":
					out = append(out, principal{classOutside, v})
				case "Federated":
					out = append(out, principal{classIDP, v})
				case "Service":
					out = append(out, principal{classService, v})
				}
			}
		}
	}
	return out
}

var (
	accountID  = regexp.MustCompile(`^\d{12}$`)
	serviceDNS = regexp.MustCompile(`^[a-z0-9.-]+\.(amazonaws\.com(\.cn)?|amazon\.com|aws\.internal)$`)
)

// classify says what sort of principal a text is: "*" or "all", an account, an
// ARN, a service.
func classify(p string, accounts []string) principal {
	switch {
	case p == "*" || p == "all":
		return principal{classPublic, p}
	case accountID.MatchString(p):
		if slices.Contains(accounts, p) {
			return principal{classAccount, p}
		}
		return principal{classOutside, p}
	case serviceDNS.MatchString(p):
		return principal{classService, p}
	}
	f := strings.SplitN(p, ":", 6)
	if len(f) < 6 || f[0] != "arn" {
		// AIDA… and AROA… stand where the principal was deleted: nobody.
		return principal{"", p}
	}
	switch {
	case f[4] == "*":
		return principal{classPublic, p}
	case !accountID.MatchString(f[4]): // "cloudfront", or S3, which names no account
		return principal{classService, p}
	case !slices.Contains(accounts, f[4]):
		return principal{classOutside, p}
	case f[5] == "root":
		return principal{classAccount, p}
	}
	return principal{classNamed, p}
}

// scoping are the condition keys that hold a caller to somebody, compared with
// equality operators.
var scoping = []string{
	"aws:principalorgid", "aws:principalorgpaths", "aws:sourceaccount", "aws:sourcearn", "aws:sourceowner",
	"aws:principalaccount", "aws:principalarn", "aws:sourceorgid", "kms:calleraccount", "aws:sourcevpce", "aws:sourcevpc",
}

// heldIn says whether a statement for everybody is by its conditions one for
// the own accounts. A network is no such thing: an address can be the intruder's. Nor is
// an operator that holds where the key is missing, as it is of whoever signs nothing
// (IAM User Guide: IfExists, and ForAllValues).
func (s *statement) heldIn(accounts []string) bool {
	for op, keys := range s.Condition {
		op = strings.ToLower(op)
		if strings.Contains(op, "not") || strings.HasSuffix(op, "ifexists") || strings.HasPrefix(op, "forallvalues:") ||
			!strings.Contains(op, "equals") && !strings.Contains(op, "like") {
			continue
		}
		for key, want := range keys {
			if !slices.Contains(scoping, strings.ToLower(key)) {
				continue
			}
			held := true
			for _, v := range list(want) {
				if c := classify(v, accounts).class; c == classOutside || c == classPublic || whatever.MatchString(v) {
					held = false
				}
			}
			if held {
				return true
			}
		}
	}
	return false
}

// whatever are patterns of any organisation, VPC or endpoint: they hold nobody. An id, or a
// path below one (o-1/r-1/*), is taken for our own, since nothing in a trail tells whose it is.
var whatever = regexp.MustCompile(`^(?:o|vpc|vpce)-[*?]+(?:/|$)`)

// list is the texts of a value that may be one or several; anything else in it is left out.
func list(v any) []string {
	switch v := v.(type) {
	case string:
		return []string{v}
	case []any:
		var out []string
		for _, e := range v {
			if s, ok := e.(string); ok {
				out = append(out, s)
			}
		}
		return out
	}
	return nil
}
