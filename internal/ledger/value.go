package ledger

import (
	"encoding/json"
	"regexp"
	"strings"

	"github.com/trailhound/trailhound/internal/evidence"
)

// maxValues bounds how many values one path may yield from one record: a call
// may name a thousand objects, a made-up record any number.
const maxValues = 1000

// maxID bounds an id; nothing AWS names is longer (an S3 key has 1,024 bytes).
const maxID = 2048

// call is one event with its parsed record, and what is needed to read it.
type call struct {
	e        *evidence.Event
	r        evidence.Record
	accounts []string // the case's own accounts and the one the event was recorded in
	mute     bool     // refused, and the parameters are missing…
	target   string   // …but the refusal itself names this
}

// account is the account that recorded the event. Of an export that leaves it out, it is
// the case's own where that is but one.
func (c *call) account() string {
	if c.e.Account == "" && c.e.Lossy && len(c.accounts) == 1 {
		return c.accounts[0]
	}
	return c.e.Account
}

// roots are the short names that paths in content begin with. Any other path
// starts at the top of the record.
var roots = map[string]string{
	"request": "requestParameters", "response": "responseElements", "identity": "userIdentity",
	"extra": "additionalEventData", "service": "serviceEventDetails",
}

func expand(path string) string {
	first, rest, ok := strings.Cut(path, ".")
	if root := roots[first]; root != "" {
		if !ok {
			return root
		}
		return root + "." + rest
	}
	return path
}

// redacted are the texts AWS writes where it withholds the value.
var redacted = regexp.MustCompile(`^(HIDDEN_DUE_TO_SECURITY_REASONS|<?sensitiveDataRemoved>?|\*{2,})$`)

// values is every scalar at the path, redacted ones left out. "@account" is the
// account that recorded the event; "@rules", "@records" and "@records-gone" are what no
// path can express, see rules and Records; "@listed AWS::IAM::User" is what the record
// names by type alone, see evidence.Record.Listed.
func (c *call) values(path string) []string {
	if of, ok := strings.CutPrefix(path, "@listed "); ok {
		return c.r.Listed(of)
	}
	switch path {
	case "@rules":
		return rules(c.r)
	case "@records":
		return recordKeys(c.r, false)
	case "@records-gone":
		return recordKeys(c.r, true)
	case "@account":
		if c.account() == "" {
			return nil
		}
		return []string{c.account()}
	}
	if c.mute && strings.HasPrefix(path, "identity.") {
		// A refusal without parameters does not say whom it was about; only a
		// call that went through without naming anybody was about its caller.
		return nil
	}
	var out []string
	for _, v := range c.r.Strs(expand(path)) {
		if v = strings.TrimSpace(v); v == "" || redacted.MatchString(v) || len(v) > maxID {
			continue
		}
		if out = append(out, v); len(out) == maxValues {
			break
		}
	}
	return out
}

var placeholder = regexp.MustCompile(`\{([^{}]+)\}`)

// fill is a path's values, or the one value of a template such as
// "policy/{request.policyName}"; a template with an unfilled part has none.
// ":default" is a constant.
func (c *call) fill(source string) []string {
	if constant, ok := strings.CutPrefix(source, ":"); ok {
		return []string{constant}
	}
	if !strings.Contains(source, "{") {
		return c.values(source)
	}
	whole := true
	s := placeholder.ReplaceAllStringFunc(source, func(m string) string {
		if v := c.values(m[1 : len(m)-1]); len(v) > 0 {
			return v[0]
		}
		whole = false
		return ""
	})
	if !whole || len(s) > maxID {
		return nil
	}
	return []string{s}
}

// text is a document at a path: a string as it is, an object as JSON. S3 and
// a few others log policies as objects, most as strings.
func (c *call) text(path string) string {
	switch v := c.r.Get(expand(path)).(type) {
	case string:
		return v
	case map[string]any:
		if b, err := json.Marshal(v); err == nil {
			return string(b)
		}
	}
	return ""
}

// rules reads the rules of a security group out of a call, as
// "tcp/22/203.0.113.0/24". Both shapes that EC2 logs are read: nested
// ipPermissions, and the flat fields of the older form, which then stands
// beside an empty ipPermissions.
func rules(r evidence.Record) []string {
	var out []string
	add := func(perm evidence.Record, cidrs []string) {
		proto := perm.Str("ipProtocol")
		if proto == "" {
			proto = "-1"
		}
		for _, cidr := range cidrs {
			if len(out) < maxValues {
				out = append(out, rule(proto, perm.Str("fromPort"), perm.Str("toPort"), cidr))
			}
		}
	}
	flat := evidence.Record{}
	if m, ok := r.Get("requestParameters").(map[string]any); ok {
		flat = m
	}
	add(flat, flat.Strs("cidrIp"))
	for _, item := range r.All("requestParameters.ipPermissions.items") {
		if m, ok := item.(map[string]any); ok {
			perm := evidence.Record(m)
			add(perm, append(perm.Strs("ipRanges.items.cidrIp"), perm.Strs("ipv6Ranges.items.cidrIpv6")...))
		}
	}
	// ModifySecurityGroupRules logs yet another shape.
	for _, item := range r.All("requestParameters.ModifySecurityGroupRulesRequest.SecurityGroupRule") {
		if m, ok := item.(map[string]any); ok {
			mod := evidence.Record(m)
			for _, cidr := range append(mod.Strs("SecurityGroupRule.CidrIpv4"), mod.Strs("SecurityGroupRule.CidrIpv6")...) {
				out = append(out, rule(mod.Str("SecurityGroupRule.IpProtocol"), mod.Str("SecurityGroupRule.FromPort"), mod.Str("SecurityGroupRule.ToPort"), cidr))
			}
		}
	}
	return out[:min(len(out), maxValues)]
}

func rule(proto, from, to, cidr string) string {
	if to != "" && to != from {
		from += "-" + to
	}
	return proto + "/" + from + "/" + cidr
}
