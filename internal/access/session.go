package access

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/trailhound/trailhound/internal/access/policy"
	"github.com/trailhound/trailhound/internal/evidence"
)

// session is what the call that made a temporary credential says of it: whose
// permissions it has, and what narrows them. None of it can change afterwards,
// but a managed session policy is packed by its ARN and says what it says then.
//
// Source: IAM User Guide, "Session policies" and "View session tags in CloudTrail".
type session struct {
	key  string // ASIA…; "" if the record does not show it
	arn  string // of the session: …:assumed-role/ROLE/NAME or …:federated-user/NAME
	of   string // ARN of the role, or of the user that called GetFederationToken
	kind policy.CallerKind
	name string // RoleSessionName
	from time.Time
	ref  string

	inline  []byte            // the policy that was passed, as JSON; nil if none was
	managed []string          // ARNs of managed policies that were passed
	unknown string            // why what was passed is not known, or ""
	tags    map[string]string // keys in lower case
}

// sessionCalls are the calls of STS that make sessions. GetSessionToken is not
// among them: nothing can be passed with it.
var sessionCalls = []string{"AssumeRole", "AssumeRoleWithSAML", "AssumeRoleWithWebIdentity", "GetFederationToken"}

// ReadSessions reads the calls that made sessions, so that At knows what each
// session was narrowed to: those of the given event ids, or all of them without
// one. A trail can hold millions, which is why Collect leaves them out. It is
// called before At, and not while the history is in use elsewhere.
func (h *History) ReadSessions(ctx context.Context, q evidence.Querier, ids ...string) error {
	for e, err := range q.Events(ctx, evidence.Query{IDs: ids, Sources: []string{"sts.amazonaws.com"}, Names: sessionCalls, Body: true}) {
		if err != nil {
			return fmt.Errorf("read the calls that made sessions: %w", err)
		}
		h.addSession(&e)
		if e.Time.After(h.latest) {
			h.latest = e.Time
		}
	}
	return nil
}

// addSession reads one such call.
func (h *History) addSession(e *evidence.Event) {
	if e.Outcome() != evidence.Success || !slices.Contains(sessionCalls, e.Name) {
		return
	}
	rec, err := e.Parse()
	if err != nil {
		return
	}
	// Records of a cross-account AssumeRole stand in both accounts' trails; the second
	// one overwrites the first by key, and says the same of what was passed.
	s := &session{
		key: rec.Str("responseElements.credentials.accessKeyId"), arn: rec.Str("responseElements.assumedRoleUser.arn"),
		of: rec.Str("requestParameters.roleArn"), kind: policy.Role, name: rec.Str("requestParameters.roleSessionName"), from: e.Time, ref: e.CitedAs(),
	}
	if e.Name == "GetFederationToken" {
		// A role cannot call it; a root user can, and its policies are nowhere.
		s.kind, s.of, s.arn = policy.FederatedUser, e.Identity.ARN, rec.Str("responseElements.federatedUser.arn")
	}
	s.readPassed(rec)
	if s.key != "" {
		h.sessions[s.key] = s
	}
	if s.arn != "" {
		h.named[s.arn] = append(h.named[s.arn], s)
	}
}

// readPassed reads the session policies and the tags. A record that was cut, or
// whose answer says that something was packed which the request does not show,
// leaves open what it was.
func (s *session) readPassed(rec evidence.Record) {
	const req = "requestParameters."
	switch v := rec.Get(req + "policy").(type) {
	case string:
		s.inline = []byte(v)
	case map[string]any:
		s.inline, _ = json.Marshal(v) // it was parsed from JSON
	}
	for _, p := range rec.All(req + "policyArns") {
		switch v := p.(type) {
		case string:
			s.managed = append(s.managed, v)
		case map[string]any:
			s.managed = append(s.managed, evidence.Record(v).Str("arn"))
		}
	}
	s.tags = map[string]string{}
	for _, t := range rec.All(req + "tags") {
		m, _ := t.(map[string]any)
		s.tag(evidence.Record(m).Str("key"), evidence.Record(m).Str("value"))
	}
	for _, field := range []string{"principalTags", "incomingTransitiveTags"} {
		m, _ := rec.Get(req + field).(map[string]any)
		for key := range m {
			s.tag(key, evidence.Record{"v": m[key]}.Str("v"))
		}
	}
	packed := rec.Str("responseElements.packedPolicySize")
	switch nothing := s.inline == nil && s.managed == nil && len(s.tags) == 0; {
	case rec["requestParameters"] == nil || rec.Get(req+"omitted") != nil:
		s.unknown = "what was passed when the session was made was left out of the record"
	case nothing && packed != "" && packed != "0":
		s.unknown = "policies or tags were passed when the session was made, and the record does not show them"
	}
}

// tag notes a tag of the session. Tag keys are matched without regard to case.
func (s *session) tag(key, value string) {
	if key != "" {
		s.tags[strings.ToLower(key)] = value // keys differ in more than case
	}
}

// narrowing tells sessions apart by what was passed: "" for one like its role.
// Tags count where some policy asks for them: else they decide nothing.
// It is a key to compare and not to show.
func (h *History) narrowing(s *session) string {
	tags, _ := json.Marshal(s.tags) // sorted by key
	if len(s.tags) == 0 || !h.tagged && !asksForTags(s.inline) {
		tags = nil
	}
	if s.inline == nil && s.managed == nil && s.unknown == "" && tags == nil && s.kind == policy.Role {
		return ""
	}
	return strings.Join([]string{string(s.kind), string(s.inline), strings.Join(s.managed, " "), s.unknown, string(tags)}, "\n")
}

// asksForTags says whether a document looks at the tags of the caller.
func asksForTags(document []byte) bool {
	return bytes.Contains(bytes.ToLower(document), []byte("aws:principaltag"))
}

// Made says whether ReadSessions has read the call that made the session of a key.
func (h *History) Made(key string) bool { return h.sessions[key] != nil }

// Narrowing tells apart what sessions were given when they were made: it is
// equal for those that may do the same, and "" for one that may do all that its
// role may, or of whose making ReadSessions has read nothing.
func (h *History) Narrowing(key string) string {
	if s := h.sessions[key]; s != nil {
		return h.narrowing(s)
	}
	return ""
}
