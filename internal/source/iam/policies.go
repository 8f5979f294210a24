package iam

import (
	"encoding/json"
	"strings"

	"github.com/trailhound/trailhound/internal/evidence"
	"github.com/trailhound/trailhound/internal/source/answer"
)

// claimsControls tells what Organizations says of where its policies hang:
// list-policies-for-target, list-targets-for-policy, list-parents, list-roots.
func claimsControls(p answer.Paths) bool {
	return p.All("Policies.AwsManaged", "Policies.Type") || p.All("Targets.TargetId", "Targets.Type") || p.All("Parents.Id", "Parents.Type") || p.All("Roots.Id", "Roots.PolicyTypes")
}

func isControl(t answer.Thing) bool {
	switch t.In {
	case "Policies":
		return t.Has("Type", "AwsManaged")
	case "Targets", "Parents", "Roots", "Organization":
		return true
	}
	return false
}

// control tells one attachment or parent. The answers do not say what they were
// asked about: our collector notes it, and whoever writes the file by hand adds
// it beside the list.
func control(t answer.Thing) ([]evidence.Observation, string) {
	about := t.Name()
	var kind, id string
	switch t.In {
	case "Organization":
		return t.Observe("org_organization", t.Text("Arn", "Id"), t.Text("MasterAccountId")), ""
	case "Roots":
		return t.Observe("org_root", t.Text("Id", "Arn"), t.Text("Arn"), t.Text("Name")), ""
	case "Policies":
		kind, id = "org_attachment", about+"/"+t.Text("Id")
		if about == "" {
			return nil, `it does not say where these policies hang: put "TargetId" beside "Policies"`
		}
	case "Targets":
		kind, id = "org_attachment", t.Text("TargetId")+"/"+about
		if about == "" {
			return nil, `it does not say which policy hangs there: put "PolicyId" beside "Targets"`
		}
	default:
		kind, id = "org_parent", about+"/"+t.Text("Id")
		if about == "" {
			return nil, `it does not say whose parent this is: put "ChildId" beside "Parents"`
		}
	}
	list := t.Observe(kind, id, t.Text("Id"), t.Text("TargetId"), about)
	return list, ""
}

// claimsResourcePolicy tells get-bucket-policy, lambda get-policy,
// get-resource-policy, get-repository-policy, and the attributes of queues and
// topics.
func claimsResourcePolicy(p answer.Paths) bool {
	if p.All("ARN", "ResourcePolicy") || p.All("repositoryName", "policyText") || p.Any("Attributes.QueueArn", "Attributes.TopicArn") {
		return true
	}
	if !p.Any("Policy") {
		return false
	}
	// "Policy" is too common a member to go by: nothing else may stand beside it but
	// what these answers have.
	for path := range p {
		switch top, _, inside := strings.Cut(path, "."); {
		case top == "Policy" && inside, top != "Policy" && top != "RevisionId" && top != "PolicyName" && top != "ResponseMetadata" && top != "Collected":
			return false
		}
	}
	return true
}

func isResourcePolicy(t answer.Thing) bool {
	return t.In == "" && (t.Has("ARN", "ResourcePolicy") || t.Has("repositoryName", "policyText") || t.At("Attributes").Text("QueueArn", "TopicArn") != "" ||
		strings.HasPrefix(strings.TrimSpace(t.Text("Policy")), "{"))
}

func resourcePolicy(t answer.Thing) ([]evidence.Observation, string) {
	arn := t.Text("ARN")
	switch {
	case arn != "":
	case t.Has("repositoryName"):
		account := t.Text("registryId")
		if t.Region == "" || account == "" {
			return nil, "it does not say in which region the repository is"
		}
		arn = "arn:aws:ecr:" + t.Region + ":" + account + ":repository/" + t.Text("repositoryName")
	case t.Has("Attributes"):
		arn = t.At("Attributes").Text("QueueArn", "TopicArn")
	default:
		if arn = ownerOf(t.Text("Policy")); arn == "" {
			arn = t.Name()
		}
	}
	if !strings.HasPrefix(arn, "arn:") {
		return nil, "the policy does not say of which resource it is"
	}
	return t.Observe("resource_policy", arn), ""
}

// ownerOf is the bucket or function that a policy is of, by the resources it
// names; "" if it names none, or several.
func ownerOf(text string) string {
	var doc struct{ Statement json.RawMessage }
	if json.Unmarshal([]byte(text), &doc) != nil {
		return ""
	}
	type statement struct{ Resource json.RawMessage }
	var list []statement
	if json.Unmarshal(doc.Statement, &list) != nil {
		list = make([]statement, 1)
		if json.Unmarshal(doc.Statement, &list[0]) != nil {
			return ""
		}
	}
	owner := ""
	for _, s := range list {
		var resources []string
		if json.Unmarshal(s.Resource, &resources) != nil {
			resources = make([]string, 1)
			if json.Unmarshal(s.Resource, &resources[0]) != nil {
				return ""
			}
		}
		for _, r := range resources {
			f := strings.SplitN(r, ":", 6)
			if len(f) != 6 {
				return ""
			}
			switch f[2] {
			case "s3":
				f[5], _, _ = strings.Cut(f[5], "/")
			case "lambda":
				if parts := strings.SplitN(f[5], ":", 3); len(parts) > 1 {
					f[5] = parts[0] + ":" + parts[1] // without a version
				}
			default:
				return ""
			}
			this := strings.Join(f, ":")
			if strings.ContainsAny(this, "*?$") || owner != "" && owner != this {
				return ""
			}
			owner = this
		}
	}
	return owner
}
