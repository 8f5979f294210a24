package check

import (
	"fmt"
	"slices"
	"strings"

	"github.com/trailhound/trailhound/internal/posture/pipeline/model"
)

// build is a build that ran, held against what its project is now: what was overridden for
// this one build, or was changed since. Only members that both sides tell are compared.
func (s *Scene) build(b *model.Build) *Subject {
	var o *owner
	if list := s.byName[b.Project.V]; len(list) > 0 {
		o = list[0]
	}
	odd := []string{}
	if o != nil {
		p := o.Project
		if b.Location.Known() && p.Source.Location.Known() && repoName(b.Location.V) != repoName(p.Source.Location.V) {
			odd = append(odd, "another repository")
		}
		if b.Env.Image.Known() && p.Env.Image.Known() && b.Env.Image.V != p.Env.Image.V {
			odd = append(odd, "another image")
		}
		if b.Env.Privileged.V && p.Env.Privileged.Known() && !p.Env.Privileged.V {
			odd = append(odd, "privileged mode")
		}
		if b.Role.Known() && p.Role.Known() && model.LastPart(b.Role.V) != model.LastPart(p.Role.V) {
			odd = append(odd, "another role")
		}
		if b.Buildspec.Known() && p.Source.Buildspec.Known() && b.Buildspec.V.Reveal() != p.Source.Buildspec.V.Reveal() {
			odd = append(odd, "another buildspec")
		}
		// CodeBuild writes a pull request as pr/ and its number. Somebody then
		// started the build by hand or by a webhook that has changed since.
		if strings.HasPrefix(b.Source.V, "pr/") && !hasPulls(o) && !hasRunner(o) {
			odd = append(odd, "a pull request, which its webhook does not build")
		}
	}
	v := view{"odd": odd, "shell": or(s.r, b.Debug, false), "by_admin": s.isAdmin(b.Initiator.V)}
	sub := s.subject("build", "build "+b.ID.V, b.At, o, v, map[string]string{"build": b.ID.V, "initiator": b.Initiator.V, "odd": strings.Join(odd, ", "),
		"act": "The build " + b.ID.V + " was started with a session into it", "by": b.Initiator.V})
	sub.data = b
	return sub
}

// hooks finds projects by what a webhook at the provider tells. Who may set up webhooks
// decides how many there are, so neither list is gone through for each of the other.
type hooks struct {
	address map[string]*owner // what the address starts: the first project that has it
	repo    map[string]*owner // the last project of the repository whose own hook was not given
}

func indexHooks(owners []*owner, given []*model.Hook) hooks {
	out := hooks{map[string]*owner{}, map[string]*owner{}}
	delivered := map[string]bool{}
	for _, h := range given {
		delivered[h.URL.V] = true
	}
	for _, o := range owners {
		w := o.Project.Webhook
		if !w.Known() {
			continue
		}
		to := w.V.PayloadURL
		if out.address[to.V] == nil {
			out.address[to.V] = o
		}
		// Hooks of other tools stand beside ours: one is taken for it only when none other is.
		if !to.Known() || !delivered[to.V] {
			out.repo[repoName(o.Project.Source.Location.V)] = o
		}
	}
	return out
}

// hooked is the project that a webhook at the provider starts, by its address or
// else by its repository.
func (s *Scene) hooked(h *model.Hook) *owner {
	if o := s.hooks.address[h.URL.V]; o != nil && h.URL.V != "" {
		return o
	}
	if h.Repo == "" {
		return nil
	}
	return s.hooks.repo[strings.ToLower(h.Repo)]
}

// hook compares the provider's view of a webhook with CodeBuild's.
func (s *Scene) hook(h *model.Hook) *Subject {
	wrong := []string{}
	match := s.hooked(h)
	if match != nil {
		if w := match.Project.Webhook.V; w.PayloadURL.Known() && w.PayloadURL.V != h.URL.V {
			wrong = append(wrong, "it delivers elsewhere")
		}
		if h.Active.Known() && !h.Active.V {
			wrong = append(wrong, "it is not active")
		}
		for _, e := range h.Events.V {
			// The events that CodeBuild subscribes to, for any kind of project.
			if !slices.Contains([]string{"push", "pull_request", "pull_request_review", "issue_comment", "release", "workflow_job"}, e) {
				wrong = append(wrong, "it also delivers "+e)
			}
		}
	}
	return s.subject("hook", "webhook at the provider", h.At, match, view{"wrong": wrong, "insecure": put(s.r, h.Insecure), "ours": match != nil}, map[string]string{"wrong_hook": strings.Join(wrong, "; "), "hook": fmt.Sprint(h.Repo)})
}
