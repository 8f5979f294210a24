package ladder

import (
	"bytes"
	"cmp"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"slices"
	"strings"

	"github.com/trailhound/trailhound/internal/posture/pipeline/model"
)

// State is everything of a webhook that UpdateWebhook can set, spelled as the API
// spells it. Its secret is no part of it and cannot get into a plan or a journal.
type State struct {
	FilterGroups [][]Filter `json:"filterGroups"`
	BranchFilter string     `json:"branchFilter,omitempty"`
	BuildType    string     `json:"buildType,omitempty"`
	Policy       *Policy    `json:"pullRequestBuildPolicy,omitempty"`
}

// Filter is a WebhookFilter.
type Filter struct {
	Type    string `json:"type"`
	Pattern string `json:"pattern"`
	Exclude bool   `json:"excludeMatchedPattern,omitempty"`
}

// Policy is a PullRequestBuildPolicy.
type Policy struct {
	Requires string   `json:"requiresCommentApproval"`
	Roles    []string `json:"approverRoles,omitempty"`
}

// The values of Policy.Requires.
const (
	Disabled = "DISABLED"
	AllPulls = "ALL_PULL_REQUESTS"
	Forks    = "FORK_PULL_REQUESTS"
)

// Read takes the state out of a webhook. The error names the first value that
// cannot be told: what is not known is not edited.
func Read(w *model.Webhook) (State, error) {
	var s State
	unknown := func(what, why string) (State, error) {
		return State{}, fmt.Errorf("the webhook's %s cannot be told: %s", what, why)
	}
	if w.Groups.Unknown() {
		return unknown("filter groups", w.Groups.Why)
	}
	s.FilterGroups = [][]Filter{}
	for _, g := range w.Groups.V {
		if g.Filters.Unknown() {
			return unknown("filters", g.Filters.Why)
		}
		group := []Filter{}
		for _, f := range g.Filters.V {
			switch {
			case !f.Type.Known() || !f.Pattern.Known():
				return unknown("filters", f.Type.Why+f.Pattern.Why)
			case f.Exclude.Unknown():
				return unknown("filters", f.Exclude.Why)
			}
			// As the API spells the type: the guide's other spelling is read as what was meant.
			group = append(group, Filter{f.Kind().V, f.Pattern.V, f.Exclude.V})
		}
		s.FilterGroups = append(s.FilterGroups, group)
	}
	if w.BranchFilter.Unknown() || w.BuildType.Unknown() || w.Policy.Unknown() {
		return unknown("branch filter, build type or comment policy", w.BranchFilter.Why+w.BuildType.Why+w.Policy.Why)
	}
	s.BranchFilter, s.BuildType = w.BranchFilter.V, w.BuildType.V
	if w.Policy.Known() {
		p := w.Policy.V
		if p.Requires.Unknown() || p.Roles.Unknown() {
			return unknown("comment policy", p.Requires.Why+p.Roles.Why)
		}
		s.Policy = &Policy{p.Requires.V, slices.Clone(p.Roles.V)}
	}
	return s, nil
}

// Webhook is the way back, for the trust evaluator.
func (s State) Webhook(like model.Webhook) model.Webhook {
	// Of like are kept the members that UpdateWebhook does not set: address, scope,
	// age of the secret.
	w := like
	w.BranchFilter, w.BuildType, w.Policy = model.Value[string]{}, model.Value[string]{}, model.Value[model.Policy]{}
	groups := []model.Group{}
	for _, g := range s.FilterGroups {
		filters := []model.Filter{}
		for _, f := range g {
			filters = append(filters, model.Filter{Type: model.Of(f.Type), Pattern: model.Of(f.Pattern), Exclude: model.Of(f.Exclude)})
		}
		groups = append(groups, model.Group{Filters: model.Of(filters)})
	}
	w.Groups = model.Of(groups)
	if s.BranchFilter != "" {
		w.BranchFilter = model.Of(s.BranchFilter)
	}
	if s.BuildType != "" {
		w.BuildType = model.Of(s.BuildType)
	}
	if s.Policy != nil {
		w.Policy = model.Of(model.Policy{Requires: model.Of(s.Policy.Requires), Roles: model.Of(slices.Clone(s.Policy.Roles))})
	}
	return w
}

// Canonical is the state in the one form in which equal states are equal: groups
// are joined by OR and filters by AND, so their order says nothing; a webhook
// without a comment policy is one where it is disabled.
func (s State) Canonical() State {
	c := State{FilterGroups: [][]Filter{}, BranchFilter: s.BranchFilter, BuildType: s.BuildType}
	for _, g := range s.FilterGroups {
		group := slices.Clone(g)
		for i := range group {
			group[i].Type = strings.TrimSpace(group[i].Type)
		}
		slices.SortFunc(group, func(a, b Filter) int {
			return cmp.Or(cmp.Compare(a.Type, b.Type), cmp.Compare(a.Pattern, b.Pattern), cmp.Compare(fmt.Sprint(a.Exclude), fmt.Sprint(b.Exclude)))
		})
		c.FilterGroups = append(c.FilterGroups, slices.Compact(group))
	}
	slices.SortFunc(c.FilterGroups, func(a, b []Filter) int { return bytes.Compare(Encode(a), Encode(b)) })
	if c.BuildType == "" {
		c.BuildType = "BUILD"
	}
	c.Policy = &Policy{Requires: Disabled}
	if s.Policy != nil && s.Policy.Requires != "" && s.Policy.Requires != Disabled {
		roles := slices.Clone(s.Policy.Roles)
		slices.Sort(roles)
		c.Policy = &Policy{s.Policy.Requires, slices.Compact(roles)}
	}
	return c
}

// Hash is the SHA-256 of the canonical form, in lower-case hex.
func (s State) Hash() string {
	sum := sha256.Sum256(Encode(s.Canonical()))
	return hex.EncodeToString(sum[:])
}

// Equal says whether two states let the same events build.
// By canonical form: patterns that accept the same texts in other words are not equal.
func (s State) Equal(o State) bool { return s.Hash() == o.Hash() }

// Clone shares nothing with s.
func (s State) Clone() State {
	c := s
	c.FilterGroups = [][]Filter{}
	for _, g := range s.FilterGroups {
		c.FilterGroups = append(c.FilterGroups, slices.Clone(g))
	}
	if s.Policy != nil {
		c.Policy = &Policy{s.Policy.Requires, slices.Clone(s.Policy.Roles)}
	}
	return c
}

// Encode writes JSON without the escapes that HTML would need: patterns are read
// by people.
func Encode(v any) []byte {
	var b bytes.Buffer
	enc := json.NewEncoder(&b)
	enc.SetEscapeHTML(false)
	if err := enc.Encode(v); err != nil { // strings and lists of strings: cannot fail
		return nil
	}
	return bytes.TrimSpace(b.Bytes())
}
