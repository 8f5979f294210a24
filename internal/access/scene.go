package access

import (
	"encoding/json"
	"fmt"
	"slices"
	"strings"

	"github.com/trailhound/trailhound/internal/evidence"
)

// sceneAccount is the account that samples play in.
const sceneAccount = "111122223333"

// scene reads a small account, as samples and tests write it, into what a
// snapshot would say of it. A line each:
//
//	user|role|group NAME                      it is there
//	user|role|group NAME: STATEMENT           it has an inline policy of one statement
//	policy NAME [vN]: STATEMENT               a managed policy has a version; v1 is the one in force
//	user|role|group NAME attached POLICY
//	user|role NAME bounded by POLICY
//	role NAME trusts PRINCIPAL,… [if …]       the one statement of its trust policy
//	user NAME in GROUP
//
// A POLICY that is no ARN is the account's own. $account stands for the account.
func scene(text string) ([]evidence.Observation, error) {
	s := staging{details: map[string]*sceneDetail{}}
	for i, line := range strings.Split(text, "\n") {
		line = strings.TrimSpace(strings.ReplaceAll(line, "$account", sceneAccount))
		if line == "" || strings.HasPrefix(line, "#") {
			continue
		}
		if err := s.line(line); err != nil {
			return nil, fmt.Errorf("line %d: %q: %w", i+1, line, err)
		}
	}
	return s.observations()
}

// sceneDetail is one element of get-account-authorization-details in the making.
type sceneDetail struct {
	kind, name string
	body       map[string]any
	trusts     []json.RawMessage
}

// staging is a scene while it is read.
type staging struct {
	details map[string]*sceneDetail
	order   []string
}

var detailKinds = map[string]string{"user": "UserName", "role": "RoleName", "group": "GroupName", "policy": "PolicyName"}

func (s *staging) detail(kind, name string) *sceneDetail {
	key := kind + " " + name
	d := s.details[key]
	if d == nil {
		d = &sceneDetail{kind: kind, name: name, body: map[string]any{
			"Arn": "arn:aws:iam::" + sceneAccount + ":" + kind + "/" + name, detailKinds[kind]: name,
		}}
		if kind != "policy" {
			d.body["AttachedManagedPolicies"] = []any{}
		}
		s.details[key] = d
		s.order = append(s.order, key)
	}
	return d
}

func (s *staging) line(line string) error {
	head, statement, has := strings.Cut(line, ": ")
	words := strings.Fields(head)
	if len(words) < 2 || detailKinds[words[0]] == "" {
		return fmt.Errorf("a line begins with user, role, group or policy and a name")
	}
	d := s.detail(words[0], words[1])
	rest := words[2:]
	switch {
	case has && d.kind == "policy":
		version := "v1"
		if len(rest) == 1 {
			version = rest[0]
		}
		return d.version(version, statement)
	case has && len(rest) == 0:
		return d.inline(statement)
	case len(rest) == 0:
		return nil
	case rest[0] == "attached" && len(rest) == 2:
		d.append("AttachedManagedPolicies", map[string]string{"PolicyArn": policyARN(rest[1])})
	case rest[0] == "bounded" && len(rest) == 3:
		d.body["PermissionsBoundary"] = map[string]string{"PermissionsBoundaryArn": policyARN(rest[2])}
	case rest[0] == "in" && len(rest) == 2 && d.kind == "user":
		d.append("GroupList", rest[1])
	case rest[0] == "trusts" && len(rest) > 1 && d.kind == "role":
		st, err := statementJSON("Allow sts:AssumeRole* for " + strings.Join(rest[1:], " "))
		if err != nil {
			return err
		}
		d.trusts = append(d.trusts, st)
	default:
		return fmt.Errorf("what is %q?", strings.Join(rest, " "))
	}
	return nil
}

// policyARN is the ARN of a managed policy; a bare name is one of the account's own.
func policyARN(name string) string {
	if strings.HasPrefix(name, "arn:") {
		return name
	}
	return "arn:aws:iam::" + sceneAccount + ":policy/" + name
}

func (d *sceneDetail) append(list string, v any) {
	old, _ := d.body[list].([]any)
	d.body[list] = append(old, v)
}

func (d *sceneDetail) inline(statement string) error {
	doc, err := documentJSON(statement)
	if err != nil {
		return err
	}
	list := map[string]string{"user": "UserPolicyList", "role": "RolePolicyList", "group": "GroupPolicyList"}[d.kind]
	old, _ := d.body[list].([]any)
	d.append(list, map[string]any{"PolicyName": fmt.Sprintf("inline-%d", len(old)+1), "PolicyDocument": doc})
	return nil
}

func (d *sceneDetail) version(id, statement string) error {
	doc, err := documentJSON(statement)
	if err != nil {
		return err
	}
	d.append("PolicyVersionList", map[string]any{"VersionId": id, "IsDefaultVersion": id == "v1", "Document": doc})
	return nil
}

func (s *staging) observations() (out []evidence.Observation, err error) {
	slices.Sort(s.order)
	for _, key := range s.order {
		d := s.details[key]
		if d.kind == "role" {
			if d.trusts == nil { // a role needs a trust policy; this one lets nobody in
				st, err := statementJSON("Deny sts:AssumeRole for *")
				if err != nil {
					return nil, err
				}
				d.trusts = append(d.trusts, st)
			}
			d.body["AssumeRolePolicyDocument"] = map[string]any{"Version": "2012-10-17", "Statement": d.trusts}
		}
		body, err := json.Marshal(d.body)
		if err != nil {
			return nil, err
		}
		// Without a time: a scene has no events, so it is simply what is.
		o := evidence.Observation{Kind: "iam_" + d.kind, ID: d.body["Arn"].(string), Account: sceneAccount, Snapshot: strings.Repeat("0", 64), Body: body}
		o.Complete()
		out = append(out, o)
	}
	return out, nil
}
