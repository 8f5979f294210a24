package drift

import (
	"cmp"
	"context"
	"encoding/json"
	"fmt"
	"maps"
	"slices"
	"strings"
	"time"

	"github.com/trailhound/trailhound/internal/evidence"
	"github.com/trailhound/trailhound/internal/posture/pipeline/model"
	"github.com/trailhound/trailhound/internal/posture/pipeline/read"
)

// Change is a difference with who made it.
type Change struct {
	Account string `json:"account,omitempty"`
	Region  string `json:"region,omitempty"`
	Project string `json:"project"`
	Difference
	At time.Time `json:"at,omitzero"` // of the call; zero for what only a snapshot shows
	// By is the ARN of who called, "" if no call in the evidence explains the change.
	By        string `json:"by,omitempty"`
	From      string `json:"from,omitempty"`       // address as written
	UserAgent string `json:"user_agent,omitempty"` // as written
	Means     string `json:"means"`                // by_hand, infrastructure_as_code, unknown
	Tool      string `json:"tool,omitempty"`       // which
	Call      string `json:"call,omitempty"`
	Event     string `json:"event,omitempty"`
	Undone    bool   `json:"undone,omitempty"` // a later change made it again what it was
}

// How a change was made.
const (
	ByHand  = "by_hand"
	ByCode  = "infrastructure_as_code"
	Unknown = "unknown"
)

// Options of a comparison.
type Options struct {
	Repo RepoOf
	// Now are the projects as they are; nil if only calls are looked at.
	Now []*model.Project
	// Unseen says of an account and region whether it could not be read: projects that are missing there are not gone.
	Unseen func(account, region string) bool
}

// watched are the calls that change what is watched. Source: CodeBuild API
// reference.
var watched = []string{"CreateProject", "UpdateProject", "DeleteProject", "CreateWebhook", "UpdateWebhook", "DeleteWebhook", "UpdateProjectVisibility"}

// Follow tells what became of a baseline. q may be nil.
func Follow(ctx context.Context, b *Baseline, q evidence.Querier, o Options) ([]Change, error) {
	if o.Repo == nil {
		return nil, fmt.Errorf("follow: nobody tells of repositories")
	}
	state := map[string]*Snapshot{}
	for i := range b.Projects {
		s := b.Projects[i].clone()
		state[s.key()] = &s
	}
	var out []Change
	if q != nil {
		// Calls before the approval are part of what was approved. Body is needed:
		// who and when stand beside the record, what it became stands inside.
		query := evidence.Query{From: b.Approved, Sources: []string{"codebuild.amazonaws.com"}, Names: watched, Body: true}
		for e, err := range q.Events(ctx, query) {
			if err != nil {
				return nil, err
			}
			// A refused call changed nothing, so it must not move the replay. That
			// somebody tried is for detection to say.
			if e.Outcome() == evidence.Success {
				out = append(out, step(state, &e, o.Repo)...)
			}
		}
	}
	if o.Now != nil {
		out = append(out, poll(state, o)...)
	}
	undone(out)
	return out, nil
}

// undone marks each change after which a later change of the same thing led back to
// what it left. The change stays in the list all the same: for some time the project
// was open. Whoever writes the log decides how many there are, so each is looked at
// once, from the last: led holds what those behind it led to.
func undone(list []Change) {
	type state struct{ key, path, value string }
	led := map[state]bool{}
	for i := len(list) - 1; i >= 0; i-- {
		c := &list[i]
		c.Undone = led[state{c.key(), c.Path, c.Before}]
		led[state{c.key(), c.Path, c.After}] = true
	}
}

func (c *Change) key() string { return c.Account + "/" + c.Region + "/" + c.Project }

// step replays one call.
// Each change is compared with the state that earlier calls led to, so events must
// come in the order of time, as Querier gives them. A record that cannot be read
// moves nothing; the snapshot, if there is one, then shows the difference as a
// change that no call explains.
func step(state map[string]*Snapshot, e *evidence.Event, repo RepoOf) (out []Change) {
	rec, err := e.Parse()
	if err != nil {
		return nil
	}
	// Webhook calls have projectName, project calls name, and
	// UpdateProjectVisibility only the ARN.
	name := cmp.Or(rec.Str("requestParameters.projectName"), rec.Str("requestParameters.name"), model.LastPart(rec.Str("requestParameters.projectArn")))
	if name == "" {
		return nil
	}
	key := e.Account + "/" + e.Region + "/" + name
	before := state[key]
	after := next(before, e, rec, name)
	for _, d := range compare(before, after, repo) {
		c := Change{Account: e.Account, Region: e.Region, Project: name, Difference: d, At: e.Time, By: cmp.Or(e.Identity.ARN, e.Identity.PrincipalID), From: e.SourceIP, UserAgent: e.UserAgent, Call: e.Name, Event: e.ID}
		c.Means, c.Tool = means(e)
		out = append(out, c)
	}
	if after == nil {
		delete(state, key)
	} else {
		state[key] = after
	}
	return out
}

// next is the project after a call: what the answer says it became, and where the
// answer is silent, what the request asked for.
func next(before *Snapshot, e *evidence.Event, rec evidence.Record, name string) *Snapshot {
	if e.Name == "DeleteProject" {
		return nil
	}
	after := Snapshot{Account: e.Account, Region: e.Region, Name: name, Facts: map[string]string{}}
	if before != nil {
		after = before.clone()
	}
	switch e.Name {
	// Deleting makes it certain that nothing starts the project, even if the webhook
	// before could not be told.
	case "DeleteWebhook":
		after.Webhook = nil
		delete(after.Facts, "webhook")
		delete(after.Facts, "webhook.scope")
	case "UpdateProjectVisibility":
		after.Facts["projectVisibility"] = rec.Str("requestParameters.projectVisibility")
	case "CreateProject", "UpdateProject":
		answer, _ := rec.Get("responseElements.project").(map[string]any)
		p := decode(answer, name)
		// CloudTrail cuts long answers short and leaves members out. The two members
		// that every project has tell a whole answer from such a remainder; taking a
		// remainder for the project would report everything it lacks as removed.
		if p != nil && answer["source"] != nil && answer["environment"] != nil {
			taken := Take(p)
			if taken.Webhook == nil && before != nil { // the answer of UpdateProject may leave it out
				taken.Webhook = after.Webhook
			}
			taken.Account, taken.Region, taken.Name = e.Account, e.Region, name
			return &taken
		}
		// The answer is cut short: what it and the request say holds, over what there was.
		for _, part := range []any{rec.Get("requestParameters"), answer} {
			if p := decode(part, name); p != nil {
				maps.Copy(after.Facts, Take(p).Facts)
			}
		}
	case "CreateWebhook", "UpdateWebhook":
		hook, _ := rec.Get("responseElements.webhook").(map[string]any)
		// An answer with no word about who may start it is no answer to that: what
		// the request asked for, over what there was, is the best that is known.
		if hook == nil || hook["filterGroups"] == nil && hook["branchFilter"] == nil && hook["pullRequestBuildPolicy"] == nil {
			hook = asked(after.Webhook, rec)
		}
		p := decode(map[string]any{"webhook": hook, "source": map[string]any{"type": after.Facts["source.type"]}}, name)
		if p == nil {
			after.Facts["webhook"] = unknown
			return &after
		}
		taken := Take(p)
		delete(after.Facts, "webhook")
		after.Webhook = taken.Webhook
		if taken.Facts["webhook"] == unknown {
			after.Facts["webhook"] = unknown
		}
	}
	return &after
}

// asked is the webhook that a request asks for, over what there was.
// UpdateWebhook replaces the members that it names and leaves the others, hence the
// copy of what there was. rotateSecret is not taken: it changes no one's way in.
func asked(was any, rec evidence.Record) map[string]any {
	hook := map[string]any{}
	if data, err := json.Marshal(was); err == nil {
		_ = json.Unmarshal(data, &hook)
	}
	if hook == nil {
		hook = map[string]any{}
	}
	req, _ := rec.Get("requestParameters").(map[string]any)
	for _, m := range []string{"filterGroups", "branchFilter", "buildType", "pullRequestBuildPolicy", "scopeConfiguration", "manualCreation"} {
		if v, ok := req[m]; ok {
			hook[m] = v
		}
	}
	return hook
}

// decode reads a project out of a record by the reader of the API's answers.
// One reader for answers and records keeps the two from judging the same webhook
// differently. The source is put in where a record lacks it, because the reader
// takes a project without one for broken.
func decode(v any, name string) *model.Project {
	m, _ := v.(map[string]any)
	if m == nil {
		return nil
	}
	m = maps.Clone(m)
	m["name"] = name
	if m["source"] == nil {
		m["source"] = map[string]any{}
	}
	data, err := json.Marshal(map[string]any{"projects": []any{m}})
	if err != nil {
		return nil
	}
	if list := read.Answers([]read.Answer{{Name: "the record", Data: data}}).Inventory.Projects; len(list) == 1 {
		return list[0]
	}
	return nil
}

// means tells a change by hand from one by code: whoever calls for a stack, and
// tools that exist to apply code. A user agent is the caller's own word, so what it
// says of code is a hint; a service's call is AWS's word.
func means(e *evidence.Event) (string, string) {
	if by := e.Identity.InvokedBy; strings.HasPrefix(by, "cloudformation.") {
		return ByCode, "CloudFormation"
	}
	family, _, _ := strings.Cut(evidence.AgentFamily(e.UserAgent), " ")
	switch family {
	case "cloudformation.amazonaws.com":
		return ByCode, "CloudFormation"
	case "terraform", "pulumi":
		return ByCode, family
	// No agent at all is neither: scripts of both kinds can leave it out.
	case "", "none":
		return Unknown, ""
	}
	return ByHand, family
}

// poll holds what is against what the calls led to.
// What differs here was changed by a call that the evidence does not hold: one that
// was not collected, or one in a trail that was stopped. Nobody is named for it.
func poll(state map[string]*Snapshot, o Options) (out []Change) {
	now := map[string]*Snapshot{}
	for _, p := range o.Now {
		s := Take(p)
		now[s.key()] = &s
	}
	keys := map[string]bool{}
	for k := range state {
		keys[k] = true
	}
	for k := range now {
		keys[k] = true
	}
	for _, k := range slices.Sorted(maps.Keys(keys)) {
		s := cmp.Or(now[k], state[k])
		if now[k] == nil && o.Unseen != nil && o.Unseen(s.Account, s.Region) {
			continue // not gone: not looked at
		}
		for _, d := range compare(state[k], now[k], o.Repo) {
			out = append(out, Change{Account: s.Account, Region: s.Region, Project: s.Name, Difference: d, Means: Unknown})
		}
	}
	return out
}
