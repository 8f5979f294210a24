package playbook

import (
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/trailhound/trailhound/internal/attribution"
	"github.com/trailhound/trailhound/internal/evidence"
	"github.com/trailhound/trailhound/internal/intake"
	"github.com/trailhound/trailhound/internal/investigation"
	"github.com/trailhound/trailhound/internal/lineage"
)

// maxRefs bounds what one line cites; its sentence gives the number.
const maxRefs = 10

// answer is what a check found.
type answer struct {
	is      string // yes | no | cannot_tell
	because string
	refs    []string
}

// act is one attributed event.
type act struct {
	*evidence.Event
	row attribution.Row
}

// view is a result, indexed.
// view is made once for a question about a result, and never changed. Its acts are in the
// order of the attribution's rows, which is that of time.
type view struct {
	res     *investigation.Result
	acts    []act
	hostile []act // held to be the intruder's, certainly or likely
	doubted []act // undetermined
	subject []act // what a harmless explanation would have to explain
	end     time.Time
}

// look indexes a result. Rows and events stand side by side by their index.
func look(res *investigation.Result) *view {
	v := &view{res: res, end: evidence.ParseTime(res.Scope.Window.To)}
	for i, row := range res.Attribution {
		if i >= len(res.Events) {
			break // a result from elsewhere; what has no event cannot be judged
		}
		a := act{&res.Events[i], row}
		v.acts = append(v.acts, a)
		switch {
		case row.Actor.Hostile():
			v.hostile = append(v.hostile, a)
		case row.Actor == attribution.Undetermined:
			v.doubted = append(v.doubted, a)
		}
	}
	// Where nobody is held to be an intruder, what is in doubt is what needs explaining.
	if v.subject = v.hostile; len(v.subject) == 0 {
		v.subject = v.doubted
	}
	return v
}

func (v *view) yes(because string, refs ...string) answer { return answer{yes, because, limit(refs)} }
func (v *view) no(because string, refs ...string) answer  { return answer{no, because, limit(refs)} }
func (v *view) cannot(because string, refs ...string) answer {
	return answer{unknown, because, limit(refs)}
}

// limit bounds references and drops repetitions; their order stays.
func limit(refs []string) []string {
	var out []string
	for _, r := range refs {
		if !slices.Contains(out, r) {
			out = append(out, r)
		}
		if len(out) == maxRefs {
			break
		}
	}
	return out
}

// cite turns acts into references.
func cite(acts []act) (out []string) {
	for _, a := range acts[:min(len(acts), maxRefs)] {
		out = append(out, a.CitedAs())
	}
	return out
}

// where picks acts.
func where(acts []act, ok func(act) bool) (out []act) {
	for _, a := range acts {
		if ok(a) {
			out = append(out, a)
		}
	}
	return out
}

// done: the call did what it asked for.
func done(a act) bool { return a.Outcome() == evidence.Success }

// does says whether the act is one of the actions: "iam:CreateUser", "iam:*",
// "ec2:Run*". An event name alone would mean different things in two services.
func does(patterns []string) func(act) bool {
	return func(a act) bool {
		return slices.ContainsFunc(patterns, func(p string) bool {
			if head, ok := strings.CutSuffix(p, "*"); ok {
				return strings.HasPrefix(a.Action(), head)
			}
			return p == a.Action()
		})
	}
}

// uncovered names the first class that no day of the coverage holds.
func (v *view) uncovered(classes []string) string {
	for _, want := range classes {
		if !slices.ContainsFunc(v.res.Coverage, func(c investigation.Coverage) bool { return slices.Contains(c.Classes, want) }) {
			return want
		}
	}
	return ""
}

// limitRefs cites limits as the report's own list names them: "limit:L3".
func (v *view) limitRefs(kinds ...string) (out []string) {
	for _, l := range v.limits(kinds...) {
		out = append(out, "limit:"+l.ID)
	}
	return out
}

// limits are those of the given kinds, in the report's order.
func (v *view) limits(kinds ...string) (out []investigation.Limit) {
	for _, l := range v.res.Limits {
		if slices.Contains(kinds, l.Kind) {
			out = append(out, l)
		}
	}
	return out
}

// held are the credentials that the intruder held, alone or with the owner.
func (v *view) held() (out []lineage.Credential) {
	for _, c := range v.res.Credentials {
		if c.HeldBy == "intruder" || c.HeldBy == "shared" {
			out = append(out, c)
		}
	}
	return out
}

// roots are the held credentials that no other held one led to; children the rest.
// A credential that names itself as its issuer, as a hostile record may make one, is a root.
func (v *view) roots() (roots, children []lineage.Credential) {
	held := v.held()
	for _, c := range held {
		if c.IssuedBy != nil && c.IssuedBy.Credential != c.ID && slices.ContainsFunc(held, func(o lineage.Credential) bool { return o.ID == c.IssuedBy.Credential }) {
			children = append(children, c)
		} else {
			roots = append(roots, c)
		}
	}
	return roots, children
}

// stated are the statements of a relation, made in the text or as an answer.
func (v *view) stated(relations ...intake.Relation) (out []intake.Statement) {
	for _, s := range v.res.Statements {
		if slices.Contains(relations, s.Relation) {
			out = append(out, s)
		}
	}
	return out
}

// answeredBy are the relations that settle a question in passing.
var answeredBy = map[string][]intake.Relation{
	"owner": {intake.Owner}, "responders": {intake.Responder}, "authorized_testing": {intake.AuthorizedTest},
	"planned_changes": {intake.PlannedChange}, "vendors": {intake.Vendor}, "known_networks": {intake.UsualNetwork},
	"expected_regions": {intake.ExpectedRegion}, "containment_done": {intake.Contained, intake.Disabled},
	"critical_assets": {intake.Critical}, "logs_available": {intake.Logs},
}

// timed are questions for a moment: a statement settles them if it names one.
var timed = map[string]intake.Relation{
	"exposed_at": intake.Exposed, "terminated_at": intake.Terminated, "noticed_at": intake.Noticed, "rotated_at": intake.Rotated,
}

// answered says whether a question was put and answered, or settled by what was said
// anyway.
func (v *view) answered(question string) bool {
	for _, q := range v.res.Questions {
		if q.ID == question && q.Status == "answered" {
			return true
		}
	}
	if question == "principal" || question == "identities" {
		return slices.ContainsFunc(v.res.Scope.Seeds, func(s intake.Seed) bool {
			return s.Kind == "principal" || s.Kind == "session" || s.Kind == "access_key" && question == "principal"
		})
	}
	return len(v.stated(answeredBy[question]...)) > 0 ||
		slices.ContainsFunc(v.stated(timed[question]), func(s intake.Statement) bool { return len(s.When) > 0 })
}

// number counts things in words: "1 call", "2 calls".
func number(n int, one string) string {
	if n == 1 {
		return "1 " + one
	}
	return fmt.Sprintf("%d %ss", n, one)
}

// names lists the first few.
func names(list []string) string {
	if len(list) > 4 {
		return strings.Join(list[:4], ", ") + fmt.Sprintf(" and %d more", len(list)-4)
	}
	return strings.Join(list, ", ")
}
