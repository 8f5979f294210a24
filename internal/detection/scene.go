package detection

import (
	"fmt"
	"reflect"
	"slices"
	"sort"
	"strings"
	"time"

	"cel.dev/cel-go/cel"
	"cel.dev/cel-go/common/types"
	"cel.dev/cel-go/common/types/ref"

	"github.com/trailhound/trailhound/internal/evidence"
)

// answer of a condition.
// The zero answer is no: what cannot be evaluated matches nothing.
type answer int

const (
	no answer = iota
	yes
	undecided // it turns on parameters that AWS left out
)

// scene is one event as a condition sees it: the variables, and the hidden
// argument of the functions that need the case.
type scene struct {
	run     *run
	subject int
	sub     *Subject
	record  map[string]any
	params  any // map, or *types.Unknown when a refused call has none
	denial  evidence.Denial

	windows     map[string]map[int]bool // spec → subjects inside; nil answers true
	windowAsked bool
	unknown     []string // facts asked for and not known
}

// newScene converts the record once for all rules that look at the event.
func newScene(r *run, i int) *scene {
	s := &scene{run: r, subject: i, sub: &r.subjects[i]}
	s.record, _ = plain(s.sub.Record, 0).(map[string]any)
	params, ok := s.record["requestParameters"].(map[string]any)
	s.denial, _ = evidence.ParseDenial(s.sub.Event.ErrorMessage)
	switch {
	case ok:
		s.params = params
	case s.sub.Event.Outcome() == evidence.Failure:
		// Most refused calls are logged with null parameters; what they asked
		// for is unknown, not absent.
		s.params = types.NewUnknown(1, nil)
	default:
		s.params = map[string]any{}
	}
	return s
}

// decide evaluates the rule's condition in the scene.
func (r *run) decide(rule *Rule, named int, s *scene) answer {
	s.windowAsked, s.unknown = false, s.unknown[:0]
	if rule.cond.program == nil {
		return yes
	}
	out, _, err := rule.cond.program.Eval(s)
	switch {
	case err != nil && absence(err):
		return no
	case err != nil:
		r.note(r.broken, rule, reason(err), s.subject)
		return no
	}
	switch v := out.(type) {
	case types.Bool:
		if v {
			return yes
		}
		for _, f := range s.unknown {
			r.note(r.gaps, rule, "fact "+f+" is not known", s.subject)
		}
		return no
	case *types.Unknown:
		// Only a rule that names the call in full may be matched on the call alone.
		if named == 3 && rule.NeedsSuccess {
			return undecided
		}
		return no
	}
	r.note(r.broken, rule, fmt.Sprintf("condition gave %s", out.Type().TypeName()), s.subject)
	return no
}

// absence says whether evaluation failed only because a field is not there,
// which makes a condition false. CEL keeps no typed error for it across its
// packages, so the messages are matched; a test pins them.
func absence(err error) bool {
	text := err.Error()
	return strings.Contains(text, "no such key") || strings.Contains(text, "no such attribute") ||
		strings.Contains(text, "index out of bounds")
}

// reason keeps the first line of an evaluation error: record values do not
// belong into it.
func reason(err error) string {
	line, _, _ := strings.Cut(err.Error(), "\n")
	return line
}

// ResolveName gives a condition its variables.
func (s *scene) ResolveName(name string) (any, bool) {
	e := s.sub.Event
	switch name {
	case "event":
		return s.record, true
	case "params":
		return s.params, true
	case "result":
		return s.object("responseElements"), true
	case "caller":
		return s.object("userIdentity"), true
	case "extra":
		return s.object("additionalEventData"), true
	case "name":
		return e.Name, true
	case "source":
		return e.Source, true
	case "outcome":
		return string(e.Outcome()), true
	case "actor":
		return string(s.sub.Actor), true
	case "attributed":
		return s.sub.Actor.Hostile(), true
	case "account":
		return e.Account, true
	case "target_user":
		return s.targetUser(), true
	case "bucket":
		return s.bucket(), true
	case sceneVar:
		return s, true
	}
	return nil, false
}

// Parent is nil: the scene is all there is.
func (s *scene) Parent() cel.Activation { return nil }

// object is a part of the record that is an object; empty where it is not there, so that a
// condition on it is false and not broken.
func (s *scene) object(key string) any {
	if m, ok := s.record[key].(map[string]any); ok {
		return m
	}
	return map[string]any{}
}

// targetUser is the IAM user that a call is about: the one named, the one that
// the refusal names, or the caller itself where IAM takes that as given. It is
// unknown when a refusal tells nothing.
func (s *scene) targetUser() any {
	if _, resource, ok := strings.Cut(s.denial.Resource, ":user/"); ok {
		return resource[strings.LastIndex(resource, "/")+1:]
	}
	params, ok := s.params.(map[string]any)
	if !ok {
		return s.params
	}
	if name, ok := params["userName"].(string); ok {
		return name
	}
	return s.sub.Event.Identity.UserName
}

// bucket is the S3 bucket a call is about: the one named, or the one that the
// refusal names; "" otherwise, so that a rule about certain buckets never fits
// a call on nobody knows which.
func (s *scene) bucket() string {
	if params, ok := s.params.(map[string]any); ok {
		name, _ := params["bucketName"].(string)
		return name
	}
	_, name, _ := strings.Cut(s.denial.Resource, ":s3:::")
	name, _, _ = strings.Cut(name, "/")
	return name
}

// ours are the case's accounts and the event's own.
func (s *scene) ours(account string) []string {
	if account == "" || slices.Contains(s.run.env.Accounts, account) {
		return s.run.env.Accounts
	}
	return append(slices.Clone(s.run.env.Accounts), account)
}

// fact asks the case. What is not known counts as false and is noted, so that the rule's
// silence can be told from a no.
func (s *scene) fact(name string) bool {
	if f := s.run.env.Facts; f != nil {
		if value, known := f.Fact(name, s.sub.Event); known {
			return value
		}
	}
	if !slices.Contains(s.unknown, name) {
		s.unknown = append(s.unknown, name)
	}
	return false
}

// window says whether the event stands inside; in the first pass, before windows are settled,
// it says yes.
func (s *scene) window(spec string) bool {
	if s.windows == nil {
		s.windowAsked = true
		return true
	}
	return s.windows[spec][s.subject]
}

// intruderNetwork says whether another credential of the intruder, one that no
// instance holds, was used from the network of this event. For the credentials
// of an instance role that shows where they were taken to. It is wrong only
// where the intruder brought a key of their own onto the instance.
func (s *scene) intruderNetwork() bool {
	r, e := s.run, s.sub.Event
	if !s.sub.Actor.Hostile() || e.FromAWS() {
		return false
	}
	if r.networks == nil {
		r.networks = map[string]bool{}
		for i := range r.subjects {
			o := &r.subjects[i]
			if o.Actor.Hostile() && !o.Event.FromAWS() && !instanceID.MatchString(o.Event.Identity.SessionName()) && o.Event.Identity.InvokedBy == "" {
				r.networks[o.Event.Network()] = true
			}
		}
	}
	return r.networks[e.Network()]
}

// afterResponder says whether a responder changed IAM at most d before. Only the last change
// before the call is looked at: any earlier one is further off.
func (s *scene) afterResponder(d time.Duration) bool {
	list := s.run.responses
	n := sort.SearchInts(list, s.subject)
	return n > 0 && s.sub.Event.Time.Sub(s.run.subjects[list[n-1]].Event.Time) <= d
}

// The rest makes a scene a CEL value, so that it can be handed to functions.

var sceneType = cel.ObjectType("trailhound.scene")

// ConvertToNative is not supported.
func (s *scene) ConvertToNative(reflect.Type) (any, error) {
	return nil, fmt.Errorf("convert scene: not supported")
}

// ConvertToType is not supported.
func (s *scene) ConvertToType(ref.Type) ref.Val { return types.NewErr("convert scene: not supported") }

// Equal is identity.
func (s *scene) Equal(other ref.Val) ref.Val { return types.Bool(s == other) }

// Type is a type of its own, so that no operator applies.
func (s *scene) Type() ref.Type { return sceneType }

// Value is the scene itself.
func (s *scene) Value() any { return s }
