package ladder

import (
	"cmp"
	"encoding/json"
	"fmt"
	"regexp"
	"slices"
	"strings"
	"time"

	"github.com/trailhound/trailhound/internal/posture/pipeline/model"
)

// Replay is what the step would have made of what was seen.
type Replay struct {
	Builds     int     `json:"builds"`     // builds that a webhook started, as far as told
	Deliveries int     `json:"deliveries"` // webhook deliveries
	Same       int     `json:"same"`       // would have run before and after
	Stops      []Moved `json:"stops"`      // ran before, would not now
	Waits      []Moved `json:"waits"`      // would now wait for a comment, unless the author may approve
	Starts     []Moved `json:"starts"`     // did not run before, would now
	Unclear    []Moved `json:"unclear"`    // cannot be told, and why
}

// Moved is one build or delivery that the step would have treated otherwise.
type Moved struct {
	ID   string    `json:"id"`
	At   time.Time `json:"at,omitzero"`
	What string    `json:"what"`
	Why  string    `json:"why,omitempty"`
}

// Delivery is one event that a provider sent, as far as filters look at it.
type Delivery struct {
	ID     string
	At     time.Time
	Event  string              // of model.Events; "" for one that no filter knows
	Pull   bool                // created, updated or reopened: which of them is not told
	Fork   bool                // a pull request from another repository
	Values map[string][]string // filter type to values; a type that is not in it cannot be told
}

func empty() Replay {
	return Replay{Stops: []Moved{}, Waits: []Moved{}, Starts: []Moved{}, Unclear: []Moved{}}
}

// answer is whether an event starts a build.
type answer uint8

// The order counts: a group that is sure outweighs one that is not.
const (
	no answer = iota
	unsure
	waits // once somebody commented
	yes
)

// replay puts builds and deliveries through both states.
func replay(before, after State, builds []*model.Build, hooks []Delivery, project string) Replay {
	r := empty()
	for _, d := range hooks {
		r.Deliveries++
		was, why := before.starts(d)
		r.place(after, d, was, why)
	}
	for _, b := range builds {
		d, ok := deliveryOf(b)
		if !ok || b.Project.Known() && b.Project.V != project {
			continue
		}
		r.Builds++
		was, why := before.starts(d)
		if was == no {
			r.Unclear = append(r.Unclear, Moved{d.ID, d.At, d.text(), "it ran, though the webhook as it is now would not have started it: the webhook has been changed since"})
			continue
		}
		if was == unsure {
			was = yes // it ran
		}
		r.place(after, d, was, why)
	}
	for _, list := range []*[]Moved{&r.Stops, &r.Waits, &r.Starts, &r.Unclear} {
		slices.SortFunc(*list, func(a, b Moved) int { return cmp.Or(a.At.Compare(b.At), cmp.Compare(a.ID, b.ID)) })
	}
	return r
}

// place counts one event that was treated so before.
func (r *Replay) place(after State, d Delivery, was answer, whyWas string) {
	is, why := after.starts(d)
	c := Moved{d.ID, d.At, d.text(), why}
	switch {
	// Two "unsure" are no agreement: neither is known.
	case was == is && is != unsure:
		r.Same++
	case was == unsure || is == unsure:
		c.Why = cmp.Or(why, whyWas)
		r.Unclear = append(r.Unclear, c)
	case is == no:
		r.Stops = append(r.Stops, c)
	case was == no:
		r.Starts = append(r.Starts, c)
	case is == waits:
		r.Waits = append(r.Waits, c)
	default:
		r.Starts = append(r.Starts, c) // it waited and no longer does
	}
}

// starts says whether the webhook would start a build, and if not or unsure, why.
// Groups are joined by OR: the best answer of any counts, and of several that do not
// take the event the first that says why.
func (s State) starts(d Delivery) (answer, string) {
	if d.Event == "" {
		return no, "CodeBuild knows no such event"
	}
	best, why := no, "no filter group takes it"
	for _, g := range s.FilterGroups {
		a, w := passes(g, d)
		if a > best || best == no && w != "" {
			best, why = a, w
		}
	}
	if len(s.FilterGroups) == 0 {
		best, why = yes, ""
		if s.BranchFilter != "" {
			// The old branch filter names branches without refs/heads/, while values
			// have it.
			best, why = passes([]Filter{{Type: model.HeadRef, Pattern: "^refs/heads/(?:" + s.BranchFilter + ")$"}}, d)
		}
	}
	if best != yes {
		return best, why
	}
	if p := s.Policy; isUntrusted(d.Event) && p != nil && (p.Requires == AllPulls || p.Requires == Forks && d.Fork) {
		return waits, "it waits for a comment of " + strings.Join(p.Roles, " or ") + ", unless its author is one"
	}
	return yes, ""
}

// passes asks all filters of a group.
// A filter that says no decides, whatever another cannot tell. Patterns are tried with
// Go's expressions: what those cannot compile is unsure, never no.
func passes(g []Filter, d Delivery) (answer, string) {
	result, why := yes, ""
	for _, f := range g {
		if f.Type == model.Event {
			switch in := d.in(names(f.Pattern)); {
			case in == unsure:
				result, why = unsure, "nothing tells whether it was created, updated or reopened"
			case (in == yes) == f.Exclude:
				return no, ""
			}
			continue
		}
		values, told := d.Values[f.Type]
		re, err := regexp.Compile(f.Pattern)
		switch {
		case !told:
			result, why = unsure, "nothing tells its "+f.Type
		case err != nil:
			result, why = unsure, "the pattern "+f.Pattern+" cannot be tried here"
		case slices.ContainsFunc(values, re.MatchString) == f.Exclude:
			return no, fmt.Sprintf("%s %s is not what the filter %s wants", f.Type, strings.Join(values, ", "), f.Pattern)
		}
	}
	return result, why
}

// in says whether the event is among those named.
func (d Delivery) in(list []string) answer {
	if !d.Pull {
		if slices.Contains(list, d.Event) {
			return yes
		}
		return no
	}
	n := 0
	for _, e := range []string{model.PRCreated, model.PRUpdated, model.PRReopened} {
		if slices.Contains(list, e) {
			n++
		}
	}
	// A build tells that it was of a pull request and not whether it was created,
	// updated or reopened: only a list with all three of them, or none, decides.
	return [...]answer{no, unsure, unsure, yes}[n]
}

// text names the event for a reader, with branch and author where they are told.
func (d Delivery) text() string {
	out := cmp.Or(d.Event, "an event that CodeBuild does not know")
	for _, t := range []string{model.HeadRef, model.Actor} {
		if v := d.Values[t]; len(v) > 0 {
			out += " " + strings.Join(v, ", ")
		}
	}
	return out
}

// hookAgents begin the initiator of a build that a provider's webhook started.
// Initiators of people are IAM's names, which a person could choose to begin so;
// such a build is then replayed as well, and its effect is one line of the replay.
var hookAgents = []string{"GitHub-Hookshot", "Bitbucket", "GitLab"}

// deliveryOf reads what a build tells of the event that started it; ok is false
// for builds that no webhook started.
func deliveryOf(b *model.Build) (Delivery, bool) {
	if !slices.ContainsFunc(hookAgents, func(a string) bool { return strings.HasPrefix(b.Initiator.V, a) }) {
		return Delivery{}, false
	}
	d := Delivery{ID: b.ID.V, At: b.Started.V, Values: map[string][]string{}}
	v := b.Source.V
	switch {
	// Whether the request was from a fork no build tells.
	case strings.HasPrefix(v, "pr/"), strings.HasPrefix(v, "mr/"):
		d.Event, d.Pull = model.PRCreated, true
	case strings.HasPrefix(v, "refs/heads/"), strings.HasPrefix(v, "refs/tags/"):
		d.Event = model.Push
		d.Values[model.HeadRef] = []string{v}
	default:
		d.Event = model.Push // a commit: of which branch is not told
	}
	return d, true
}

// payload is what is read of GitHub's deliveries. Source: GitHub documentation,
// "Webhook events and payloads" and "Get a delivery for a repository webhook".
type payload struct {
	GUID    string    `json:"guid"`
	At      time.Time `json:"delivered_at"`
	Event   string    `json:"event"`
	Request struct {
		Payload struct {
			Action string
			Ref    string
			Sender struct{ ID json.Number }
			Pull   *struct {
				Merged     bool
				Head, Base struct {
					Ref  string
					Repo *struct {
						FullName string `json:"full_name"`
					}
				}
			} `json:"pull_request"`
			HeadCommit *struct{ Message string } `json:"head_commit"`
			Commits    []struct{ Added, Modified, Removed []string }
			Release    *struct {
				TagName    string `json:"tag_name"`
				Name       string
				Prerelease bool
			}
			Repository   struct{ Name string }
			Organization *struct{ Login string }
			Job          *struct {
				WorkflowName string `json:"workflow_name"`
			} `json:"workflow_job"`
		}
	}
}

// MaxDeliveries bounds what one file can bring.
// GitHub keeps deliveries for days, not months, so an honest file is far smaller.
const MaxDeliveries = 10_000

// ReadDeliveries reads deliveries as GitHub's API gives them with their payload,
// one or a list of them.
func ReadDeliveries(data []byte) ([]Delivery, error) {
	var list []payload
	if err := json.Unmarshal(data, &list); err != nil {
		var one payload
		if json.Unmarshal(data, &one) != nil {
			return nil, fmt.Errorf("read deliveries: %w", err)
		}
		list = []payload{one}
	}
	if len(list) > MaxDeliveries {
		return nil, fmt.Errorf("read deliveries: more than %d", MaxDeliveries)
	}
	var out []Delivery
	for _, p := range list {
		out = append(out, p.delivery())
	}
	return out, nil
}

// delivery takes what filters look at. An event without a case here keeps Event "" and is
// told as one that CodeBuild does not know.
func (p *payload) delivery() Delivery {
	q := &p.Request.Payload
	d := Delivery{ID: p.GUID, At: p.At, Values: map[string][]string{}}
	set := func(t string, v ...string) { d.Values[t] = v }
	if q.Sender.ID != "" {
		set(model.Actor, q.Sender.ID.String())
	}
	set(model.Repository, q.Repository.Name)
	if q.Organization != nil {
		set(model.Organization, q.Organization.Login)
	}
	switch {
	case p.Event == "push":
		d.Event = model.Push
		set(model.HeadRef, q.Ref)
		if q.HeadCommit != nil {
			set(model.CommitMessage, q.HeadCommit.Message)
		}
		files := []string{}
		for _, c := range q.Commits {
			files = slices.Concat(files, c.Added, c.Modified, c.Removed)
		}
		set(model.FilePath, files...)
	case p.Event == "pull_request" && q.Pull != nil:
		d.Event = map[string]string{"opened": model.PRCreated, "synchronize": model.PRUpdated, "reopened": model.PRReopened, "closed": model.PRClosed}[q.Action]
		if q.Action == "closed" && q.Pull.Merged {
			d.Event = model.PRMerged
		}
		// GitHub gives branches bare, CodeBuild's filters see the full ref.
		set(model.HeadRef, "refs/heads/"+q.Pull.Head.Ref)
		set(model.BaseRef, "refs/heads/"+q.Pull.Base.Ref)
		// A fork that was deleted since has no repository any more; it still was
		// one.
		d.Fork = q.Pull.Head.Repo == nil || q.Pull.Base.Repo == nil || q.Pull.Head.Repo.FullName != q.Pull.Base.Repo.FullName
	case p.Event == "release" && q.Release != nil:
		if q.Action == "released" {
			d.Event = model.Released
		} else if q.Action == "prereleased" {
			d.Event = model.Prereleased
		}
		set(model.TagName, q.Release.TagName)
		set(model.ReleaseName, q.Release.Name)
	case p.Event == "workflow_job" && q.Action == "queued" && q.Job != nil:
		d.Event = model.WorkflowQueue
		set(model.WorkflowName, q.Job.WorkflowName)
	}
	return d
}
