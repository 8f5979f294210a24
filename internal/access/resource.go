package access

import (
	"encoding/json"
	"net/url"
	"strings"

	"github.com/trailhound/trailhound/internal/access/policy"
	"github.com/trailhound/trailhound/internal/evidence"
)

// Resources keep their policy in slot "policy", or, where calls add and remove
// single statements of it, in slots "statement/SID".

// resourceChanges are the write events of policies of functions, queues, topics,
// secrets and repositories.
var resourceChanges = map[string]change{
	"lambda.amazonaws.com:CreateFunction": func(w *writing) { w.begun(w.function()) },
	"lambda.amazonaws.com:AddPermission": func(w *writing) {
		if arn := w.function(); arn != "" && w.request("qualifier") == "" {
			w.statement(arn, w.request("statementId"), w.rec.Str("responseElements.statement"))
		}
	},
	"lambda.amazonaws.com:RemovePermission": func(w *writing) {
		if arn := w.function(); arn != "" && w.request("qualifier") == "" {
			w.unset(w.resource(arn), "statement/"+w.request("statementId"))
		}
	},

	"sqs.amazonaws.com:CreateQueue": func(w *writing) {
		if arn := queueARN(w.e, w.rec.Str("responseElements.queueUrl")); arn != "" {
			w.begun(arn)
			if w.request("attributes.Policy") != "" {
				w.document(w.resource(arn), "policy", "attributes.Policy", policy.No)
			}
		}
	},
	"sqs.amazonaws.com:SetQueueAttributes": func(w *writing) {
		if arn := queueARN(w.e, w.request("queueUrl")); arn != "" && w.rec.Get("requestParameters.attributes.Policy") != nil {
			w.set1(arn, "attributes.Policy")
		}
	},
	"sqs.amazonaws.com:AddPermission": func(w *writing) {
		if arn := queueARN(w.e, w.request("queueUrl")); arn != "" {
			w.statement(arn, w.request("label"), grantTo(w.rec.Strs("requestParameters.aWSAccountIds"), "sqs:", w.rec.Strs("requestParameters.actions"), arn))
		}
	},
	"sqs.amazonaws.com:RemovePermission": func(w *writing) {
		if arn := queueARN(w.e, w.request("queueUrl")); arn != "" {
			w.unset(w.resource(arn), "statement/"+w.request("label"))
		}
	},

	"sns.amazonaws.com:SetTopicAttributes": func(w *writing) {
		if arn := w.request("topicArn"); arn != "" && w.request("attributeName") == "Policy" {
			w.set1(arn, "attributeValue")
		}
	},
	"sns.amazonaws.com:AddPermission": func(w *writing) {
		if arn := w.request("topicArn"); arn != "" {
			w.statement(arn, w.request("label"), grantTo(w.rec.Strs("requestParameters.aWSAccountIds"), "sns:", w.rec.Strs("requestParameters.actionNames"), arn))
		}
	},
	"sns.amazonaws.com:RemovePermission": func(w *writing) {
		if arn := w.request("topicArn"); arn != "" {
			w.unset(w.resource(arn), "statement/"+w.request("label"))
		}
	},

	"secretsmanager.amazonaws.com:PutResourcePolicy": func(w *writing) {
		if arn := w.secret(); arn != "" {
			w.set1(arn, "resourcePolicy")
		}
	},
	"secretsmanager.amazonaws.com:DeleteResourcePolicy": func(w *writing) {
		if arn := w.secret(); arn != "" {
			w.unset(w.resource(arn), "policy")
		}
	},

	"ecr.amazonaws.com:CreateRepository": func(w *writing) { w.begun(w.rec.Str("responseElements.repository.repositoryArn")) },
	"ecr.amazonaws.com:SetRepositoryPolicy": func(w *writing) {
		if arn := w.repository(); arn != "" {
			w.set1(arn, "policyText")
		}
	},
	"ecr.amazonaws.com:DeleteRepositoryPolicy": func(w *writing) {
		if arn := w.repository(); arn != "" {
			w.unset(w.resource(arn), "policy")
		}
	},
}

// begun notes that a resource begins, without a policy.
func (w *writing) begun(arn string) {
	if arn == "" {
		return
	}
	e := w.resource(arn)
	w.set(e, "exists", policy.No, "")
	e.whole = append(e.whole, w.now)
}

// set1 notes the whole policy of a resource; an empty one removes it. Statements
// added before are part of what it replaces.
func (w *writing) set1(arn, field string) {
	e := w.resource(arn)
	for _, sid := range e.names("statement/") {
		w.unset(e, "statement/"+sid)
	}
	// A policy is removed by setting it empty; a field that is missing is one that
	// the record left out.
	if s, ok := w.rec.Get("requestParameters." + field).(string); ok && s == "" {
		w.unset(e, "policy")
		return
	}
	w.document(e, "policy", field, policy.Unknown)
}

// statement notes one statement that was added, as JSON; "" if it was left out.
func (w *writing) statement(arn, sid, text string) {
	f := w.now
	f.present, f.before = true, policy.No // AWS refuses a label that is taken
	f.value = []byte(`{"Version":"2012-10-17","Statement":[` + text + `]}`)
	if text == "" || !json.Valid([]byte(text)) {
		f.value, f.problem = nil, "the statement was left out of the event"
	}
	w.resource(arn).slot("statement/" + sid).add(f)
}

// grantTo is the statement that AddPermission of queues and topics makes.
func grantTo(accounts []string, service string, actions []string, arn string) string {
	if len(accounts) == 0 || len(actions) == 0 {
		return ""
	}
	for i := range actions {
		actions[i] = service + actions[i]
	}
	text, _ := json.Marshal(map[string]any{"Effect": "Allow", "Principal": map[string]any{"AWS": accounts}, "Action": actions, "Resource": arn})
	return string(text)
}

// function is the ARN of the function a call is about, however it was named.
func (w *writing) function() string {
	for _, name := range []string{w.rec.Str("responseElements.functionArn"), w.request("functionName")} {
		if a, ok := policy.ParseARN(name); ok {
			parts := strings.SplitN(a.Resource, ":", 3) // a version may stand behind the name
			if len(parts) < 2 {
				return ""
			}
			return "arn:" + a.Partition + ":lambda:" + a.Region + ":" + a.Account + ":function:" + parts[1]
		}
	}
	name := w.request("functionName")
	if name == "" || strings.Contains(name, ":") {
		return ""
	}
	return "arn:" + partition(w.e) + ":lambda:" + w.e.Region + ":" + w.e.Account + ":function:" + name
}

// queueARN is the ARN of the queue behind https://sqs.REGION.…/ACCOUNT/NAME.
func queueARN(e *evidence.Event, address string) string {
	u, err := url.Parse(address)
	if err != nil {
		return ""
	}
	parts := strings.Split(strings.Trim(u.Path, "/"), "/")
	if len(parts) != 2 || len(parts[0]) != 12 {
		return ""
	}
	return "arn:" + partition(e) + ":sqs:" + e.Region + ":" + parts[0] + ":" + parts[1]
}

// secret is the ARN of the secret a call is about. One named without the six
// letters that AWS adds is found only where the answer tells them.
func (w *writing) secret() string {
	for _, field := range []string{"responseElements.aRN", "responseElements.arn", "requestParameters.secretId"} {
		if s := w.rec.Str(field); strings.HasPrefix(s, "arn:") {
			return s
		}
	}
	return oneARN(w.e)
}

// repository is the ARN of the repository a call is about; without a registry it is
// the caller's own.
func (w *writing) repository() string {
	name, account := w.request("repositoryName"), w.request("registryId")
	if account == "" {
		account = w.e.Account
	}
	if name == "" {
		return ""
	}
	return "arn:" + partition(w.e) + ":ecr:" + w.e.Region + ":" + account + ":repository/" + name
}

// addResourcePolicy reads the policy of a resource from an answer about it.
func (h *History) addResourcePolicy(o *evidence.Observation) {
	var d struct { // Go matches members in any case
		Policy, ResourcePolicy, PolicyText string
		Attributes                         struct{ Policy string }
	}
	if err := json.Unmarshal(o.Body, &d); err != nil {
		return
	}
	// An answer without a policy says that there is none.
	f := fact{at: h.momentOf(o), ref: o.CitedAs(), snapshot: true}
	for _, text := range []string{d.Policy, d.ResourcePolicy, d.PolicyText, d.Attributes.Policy} {
		if text != "" {
			f.present, f.value = true, []byte(text)
		}
	}
	e := h.entity("", "resource", o.ID)
	e.arn, e.ref = o.ID, f.ref
	e.slot("policy").add(f)
	e.whole = append(e.whole, f)
}
