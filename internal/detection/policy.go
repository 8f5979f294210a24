package detection

import (
	"encoding/json"
	"net/url"
	"regexp"
	"slices"
	"strings"
)

// maxPolicy bounds a document that is parsed. IAM allows 6,144 characters for
// managed policies and S3 20 KB for bucket policies; URL encoding can triple that.
const maxPolicy = 128 << 10

// oneOrMany is how policies write a field that may be one text or a list.
type oneOrMany []string

// UnmarshalJSON accepts a text or a list of texts.
func (o *oneOrMany) UnmarshalJSON(data []byte) error {
	var one string
	if json.Unmarshal(data, &one) == nil {
		*o = oneOrMany{one}
		return nil
	}
	var many []string
	err := json.Unmarshal(data, &many)
	*o = many
	return err
}

// Of a statement only what says who may do what to what; names are IAM's (IAM User Guide,
// policy elements), which JSON matches without case.
type statement struct {
	Effect       string
	Action       oneOrMany
	NotAction    oneOrMany
	Resource     oneOrMany
	Principal    json.RawMessage
	NotPrincipal json.RawMessage
	Condition    map[string]map[string]any
}

// statements reads a policy document in any of the forms records hold it: an
// object, JSON text, URL-encoded JSON text. What is no policy gives none.
func statements(doc any) []statement {
	var text string
	switch doc := doc.(type) {
	case string:
		text = strings.TrimSpace(doc)
		if strings.HasPrefix(text, "%7B") || strings.HasPrefix(text, "%7b") {
			text, _ = url.QueryUnescape(text)
		}
	case map[string]any:
		raw, err := json.Marshal(doc)
		if err != nil {
			return nil
		}
		text = string(raw)
	}
	if len(text) > maxPolicy || !strings.HasPrefix(text, "{") {
		return nil
	}
	var parsed struct{ Statement json.RawMessage }
	if json.Unmarshal([]byte(text), &parsed) != nil || len(parsed.Statement) == 0 {
		return nil
	}
	var list []statement
	if json.Unmarshal(parsed.Statement, &list) == nil {
		return list
	}
	var one statement
	if json.Unmarshal(parsed.Statement, &one) == nil {
		return []statement{one}
	}
	return nil
}

// escalating are calls that, allowed on every resource, give the rest: the
// self-service part of the known IAM escalation paths.
var escalating = []string{
	"iam:createpolicyversion", "iam:setdefaultpolicyversion", "iam:attachuserpolicy", "iam:attachrolepolicy",
	"iam:attachgrouppolicy", "iam:putuserpolicy", "iam:putrolepolicy", "iam:putgrouppolicy", "iam:addusertogroup",
	"iam:createaccesskey", "iam:createloginprofile", "iam:updateloginprofile", "iam:updateassumerolepolicy",
}

// policyAdmin says whether a statement allows everything, all of IAM, or a
// known way to get it, on every resource. Conditions are not weighed: they
// narrow when, not what.
func policyAdmin(doc any) bool {
	return slices.ContainsFunc(statements(doc), func(s statement) bool {
		if !s.allows() || !slices.ContainsFunc(s.Resource, func(r string) bool { return r == "*" || r == "arn:aws:iam::*:*" }) {
			return false
		}
		if len(s.NotAction) > 0 {
			return true // everything but a few
		}
		return slices.ContainsFunc(s.Action, func(a string) bool {
			a = strings.ToLower(a)
			if service, call, ok := strings.Cut(a, ":"); ok && service == "iam" && strings.HasSuffix(call, "*") {
				call = strings.TrimSuffix(call, "*")
				return slices.ContainsFunc(escalating, func(e string) bool { return strings.HasPrefix(e, "iam:"+call) })
			}
			return a == "*" || a == "*:*" || slices.Contains(escalating, a)
		})
	})
}

func (s *statement) allows() bool { return strings.EqualFold(s.Effect, "Allow") }

// principals lists the AWS principals of the statement; everyone is true when
// it lets in anybody. Services and identity providers are not AWS principals.
func (s *statement) principals() (aws []string, everyone bool) {
	if len(s.NotPrincipal) > 0 {
		return nil, true
	}
	var all string
	if json.Unmarshal(s.Principal, &all) == nil {
		return nil, all == "*"
	}
	var byKind map[string]oneOrMany
	if json.Unmarshal(s.Principal, &byKind) != nil {
		return nil, false
	}
	return byKind["AWS"], slices.Contains(byKind["AWS"], "*")
}

// narrowing condition keys tie an open principal to somebody the policy's
// writer chose. sts:ExternalId is none of them: it is a password, not a name.
var narrowing = regexp.MustCompile(`(?i)^(aws:(Principal(Org(ID|Paths)|Account|Arn|IsAWSService)|Source(Account|Arn|Owner|OrgID|OrgPaths|Vpc|Vpce|VpcArn)|userid)|kms:(CallerAccount|ViaService)|iam:AWSServiceName|[a-z.:/A-Z0-9-]+:(sub|aud))$`)

// narrowed says whether conditions hold an open principal down. An address
// range that spans everything narrows nothing. Neither does an operator that holds where
// the key is missing, as it is of whoever signs nothing (IAM User Guide: IfExists, and
// ForAllValues), but for the address, which every call from outside has.
func (s *statement) narrowed() bool {
	for operator, keys := range s.Condition {
		operator = strings.ToLower(operator)
		if strings.HasPrefix(operator, "null") || strings.Contains(operator, "not") {
			continue
		}
		lax := strings.HasPrefix(operator, "forallvalues:") || strings.HasSuffix(operator, "ifexists")
		for key, value := range keys {
			if narrowing.MatchString(key) && !lax && !slices.ContainsFunc(scalars(value), wide) {
				return true
			}
			if strings.EqualFold(key, "aws:SourceIp") && !slices.ContainsFunc(scalars(value), func(v string) bool { return strings.HasSuffix(v, "/0") }) {
				return true
			}
		}
	}
	return false
}

// wide is a value that holds nobody down: anything, the ARN of whatever account, and the
// "false" of aws:PrincipalIsAWSService, the one flag among the keys.
func wide(value string) bool {
	f := strings.SplitN(value, ":", 6)
	return value == "*" || whatever.MatchString(value) || strings.EqualFold(value, "false") || len(f) == 6 && f[0] == "arn" && f[4] == "*"
}

// whatever are patterns of any organisation, VPC or endpoint. An id, or a path below one
// (o-1/r-1/*), is somebody chosen; whose it is nothing in a trail tells, so that it is taken
// for the writer's own.
var whatever = regexp.MustCompile(`^(?:o|vpc|vpce)-[*?]+(?:/|$)`)

// policyPublic says whether the document lets in anybody at all.
func policyPublic(doc any) bool {
	return slices.ContainsFunc(statements(doc), func(s statement) bool {
		_, everyone := s.principals()
		return s.allows() && everyone && !s.narrowed()
	})
}

// policyExternal says whether the document lets in an account that is not one
// of ours, or anybody.
func policyExternal(doc any, ours []string) bool {
	return policyPublic(doc) || slices.ContainsFunc(statements(doc), func(s statement) bool {
		aws, _ := s.principals()
		return s.allows() && slices.ContainsFunc(aws, func(p string) bool { return foreign(p, ours) })
	})
}

// policyTrusts says whether the document lets in a principal of our own
// accounts: a user, a role, or the account as a whole.
func policyTrusts(doc any, ours []string) bool {
	return slices.ContainsFunc(statements(doc), func(s statement) bool {
		aws, _ := s.principals()
		return s.allows() && slices.ContainsFunc(aws, func(p string) bool {
			a := accountOf(p)
			return a != "" && slices.Contains(ours, a)
		})
	})
}

// policyHasDeny says whether the document denies anything.
func policyHasDeny(doc any) bool {
	return slices.ContainsFunc(statements(doc), func(s statement) bool { return strings.EqualFold(s.Effect, "Deny") })
}

var (
	accountID  = regexp.MustCompile(`^[0-9]{12}$`)
	accountARN = regexp.MustCompile(`^arn:[a-z-]+:[a-z0-9-]*:[a-z0-9-]*:([0-9]{12})(:|$)`)
)

// accountOf is the account a value names: itself, or the account of an ARN.
func accountOf(value string) string {
	if accountID.MatchString(value) {
		return value
	}
	if m := accountARN.FindStringSubmatch(value); m != nil {
		return m[1]
	}
	return ""
}

// foreign says whether a value names an account that is not one of ours; what names none is
// not foreign.
func foreign(value string, ours []string) bool {
	a := accountOf(value)
	return a != "" && !slices.Contains(ours, a)
}
