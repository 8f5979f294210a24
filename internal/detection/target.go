package detection

import (
	"strings"

	"github.com/trailhound/trailhound/internal/evidence"
)

// notTargets are parameters that end like identifiers and name no resource.
var notTargets = map[string]bool{
	"clienttoken": true, "rolesessionname": true, "clientrequesttoken": true, "versionid": true,
	"statementid": true, "requestid": true, "attributename": true, "documentname": true, "externalid": true,
}

// targets are the things a call acts on, for counting how many it took: the
// identifiers among its parameters, else the resources the record lists, else
// the one a refusal names. Bucket and key are one thing.
func targets(s *Subject) []string {
	var out []string
	bucket, key := "", ""
	walk(plain(s.Record["requestParameters"], 0), func(k, v string) {
		k = strings.ToLower(k)
		switch {
		case k == "bucketname":
			bucket = v
		case k == "key":
			key = v
		case notTargets[k] || len(out) >= evidence.MaxResources:
		case identifies(k):
			out = append(out, v)
		}
	})
	if bucket != "" {
		out = append(out, bucket+"/"+key)
	}
	if len(out) == 0 {
		out = append(out, s.Event.Resources...)
	}
	if d, ok := evidence.ParseDenial(s.Event.ErrorMessage); ok && len(out) == 0 && d.Resource != "" && d.Resource != "*" {
		out = append(out, d.Resource)
	}
	return dedupe(out)
}

// identifies says whether a parameter is named as identifiers are.
func identifies(key string) bool {
	for _, suffix := range []string{"id", "ids", "arn", "arns", "name", "names", "identifier", "secretidlist"} {
		if strings.HasSuffix(key, suffix) {
			return true
		}
	}
	return false
}

// naming says which field of a call holds the name of the thing it makes or
// removes. Kind keeps a user and a role of one name apart.
type naming struct {
	kind  string
	paths []string // under requestParameters or responseElements; all must be there
}

// makers lists calls that make a thing. Reading the name from the response
// where AWS gives it there leaves out what the caller only mentioned.
var makers = map[string]naming{
	"CreateUser":             {"user", []string{"requestParameters.userName"}},
	"CreateRole":             {"role", []string{"requestParameters.roleName"}},
	"CreateLoginProfile":     {"login", []string{"requestParameters.userName"}},
	"CreateAccessKey":        {"key", []string{"responseElements.accessKey.accessKeyId"}},
	"AttachUserPolicy":       {"user policy", []string{"requestParameters.userName", "requestParameters.policyArn"}},
	"PutUserPolicy":          {"user policy", []string{"requestParameters.userName", "requestParameters.policyName"}},
	"AttachRolePolicy":       {"role policy", []string{"requestParameters.roleName", "requestParameters.policyArn"}},
	"RunInstances":           {"instance", []string{"responseElements.instancesSet.items.instanceId"}},
	"CreateKeyPair":          {"key pair", []string{"requestParameters.keyName"}},
	"ImportKeyPair":          {"key pair", []string{"requestParameters.keyName"}},
	"CreateSecurityGroup":    {"group", []string{"responseElements.groupId"}},
	"CreateCluster":          {"cluster", []string{"requestParameters.clusterName"}},
	"RegisterTaskDefinition": {"task", []string{"responseElements.taskDefinition.family"}},
	"CreateFunction":         {"function", []string{"requestParameters.functionName"}},
	"VerifyEmailIdentity":    {"identity", []string{"requestParameters.emailAddress"}},
	"VerifyDomainIdentity":   {"identity", []string{"requestParameters.domain"}},
	"CreateEmailIdentity":    {"identity", []string{"requestParameters.emailIdentity"}},
}

// removers lists calls that remove a thing; of several namings one must fit.
var removers = map[string][]naming{
	"DeleteUser":               {{"user", []string{"requestParameters.userName"}}},
	"DeleteRole":               {{"role", []string{"requestParameters.roleName"}}},
	"DeleteLoginProfile":       {{"login", []string{"requestParameters.userName"}}, {"user", []string{"requestParameters.userName"}}},
	"DeleteAccessKey":          {{"key", []string{"requestParameters.accessKeyId"}}, {"user", []string{"requestParameters.userName"}}},
	"DeleteUserPolicy":         {{"user policy", []string{"requestParameters.userName", "requestParameters.policyName"}}, {"user", []string{"requestParameters.userName"}}},
	"DetachUserPolicy":         {{"user policy", []string{"requestParameters.userName", "requestParameters.policyArn"}}, {"user", []string{"requestParameters.userName"}}},
	"DetachRolePolicy":         {{"role policy", []string{"requestParameters.roleName", "requestParameters.policyArn"}}, {"role", []string{"requestParameters.roleName"}}},
	"TerminateInstances":       {{"instance", []string{"requestParameters.instancesSet.items.instanceId"}}},
	"DeleteKeyPair":            {{"key pair", []string{"requestParameters.keyName"}}},
	"DeleteSecurityGroup":      {{"group", []string{"requestParameters.groupId"}}},
	"DeleteCluster":            {{"cluster", []string{"requestParameters.cluster"}}},
	"DeregisterTaskDefinition": {{"task", []string{"responseElements.taskDefinition.family"}}},
	"DeleteFunction":           {{"function", []string{"requestParameters.functionName"}}},
	"DeleteIdentity":           {{"identity", []string{"requestParameters.identity"}}},
	"DeleteEmailIdentity":      {{"identity", []string{"requestParameters.emailIdentity"}}},
}

// keys are the things a naming finds in a record, as text. Several values (the
// instances of one call) give several.
func (n naming) keys(account string, record map[string]any) []string {
	out := []string{account + " " + n.kind}
	for _, path := range n.paths {
		var next []string
		for _, v := range at(record, path) {
			v = v[strings.LastIndex(v, ":")+1:] // functions are named by name or ARN
			for _, prefix := range out {
				if len(next) < evidence.MaxResources {
					next = append(next, prefix+" "+v)
				}
			}
		}
		out = next
	}
	return out
}

// madeByIntruder says whether the call removes what an earlier, successful call
// of the intruder made.
func (s *scene) madeByIntruder() bool {
	r := s.run
	if r.made == nil {
		r.made = map[string]int{}
		for i := range r.subjects {
			sub := &r.subjects[i]
			n, ok := makers[sub.Event.Name]
			if !ok || !sub.Actor.Hostile() || sub.Event.Outcome() != evidence.Success {
				continue
			}
			for _, k := range n.keys(sub.Event.Account, sub.Record) {
				if _, ok := r.made[k]; !ok {
					r.made[k] = i
				}
			}
		}
	}
	for _, n := range removers[s.sub.Event.Name] {
		for _, k := range n.keys(s.sub.Event.Account, s.sub.Record) {
			if i, ok := r.made[k]; ok && i < s.subject {
				return true
			}
		}
	}
	return false
}
