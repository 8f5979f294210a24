package ladder

import (
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/trailhound/trailhound/internal/posture/pipeline/model"
)

const deliveries = `[
 {"guid": "d1", "delivered_at": "2026-11-01T10:00:00Z", "event": "push", "request": {"payload": {"ref": "refs/heads/main", "sender": {"id": 11}, "head_commit": {"message": "m"}, "commits": [{"added": ["a.go"]}]}}},
 {"guid": "d2", "delivered_at": "2026-11-01T11:00:00Z", "event": "push", "request": {"payload": {"ref": "refs/heads/try", "sender": {"id": 11}}}},
 {"guid": "d3", "delivered_at": "2026-11-01T12:00:00Z", "event": "pull_request", "request": {"payload": {"action": "opened", "sender": {"id": 666}, "pull_request": {"head": {"ref": "main", "repo": {"full_name": "eve/web"}}, "base": {"ref": "main", "repo": {"full_name": "acme/web"}}}}}},
 {"guid": "d4", "delivered_at": "2026-11-01T13:00:00Z", "event": "pull_request", "request": {"payload": {"action": "synchronize", "sender": {"id": 11}, "pull_request": {"head": {"ref": "fix", "repo": {"full_name": "acme/web"}}, "base": {"ref": "main", "repo": {"full_name": "acme/web"}}}}}},
 {"guid": "d5", "delivered_at": "2026-11-01T14:00:00Z", "event": "star", "request": {"payload": {"action": "created", "sender": {"id": 12}}}}
]`

func ids(list []Moved) (out []string) {
	for _, m := range list {
		out = append(out, m.ID)
	}
	return out
}

func TestDeliveriesAreReplayed(t *testing.T) {
	hooks, err := ReadDeliveries([]byte(deliveries))
	if err != nil {
		t.Fatal(err)
	}
	open := State{FilterGroups: [][]Filter{{{"EVENT", "PUSH, PULL_REQUEST_CREATED, PULL_REQUEST_UPDATED", false}}}}
	for name, c := range map[string]struct {
		before State
		o      Options
		want   map[string][]string
		same   int
	}{
		"push only":    {open, Options{Target: Target{Rung: Push}}, map[string][]string{"stops": {"d3", "d4"}}, 3},
		"branches":     {open, Options{Target: Target{Rung: Branch}, Force: true}, map[string][]string{"stops": {"d2", "d3", "d4"}}, 2},
		"contributors": {open, Options{Target: Target{Rung: Gate, Contributors: []string{"11"}}, Force: true}, map[string][]string{"stops": {"d3"}}, 4},
		"approval":     {open, Options{Target: Target{Rung: Gate, Approval: true}, Force: true}, map[string][]string{"waits": {"d3", "d4"}}, 3},
		"up to contributors": {State{FilterGroups: [][]Filter{{{"EVENT", "PUSH", false}, {"HEAD_REF", "^refs/heads/main$", false}}}},
			Options{Target: Target{Rung: Gate, Contributors: []string{"11"}}}, map[string][]string{"starts": {"d4"}}, 4},
	} {
		t.Run(name, func(t *testing.T) {
			c.o.Hooks = hooks
			p := Make(project(c.before), c.o)
			if p.Refused != "" {
				t.Fatal(p.Refused)
			}
			got := map[string][]string{}
			for k, l := range map[string][]Moved{"stops": p.Replay.Stops, "waits": p.Replay.Waits, "starts": p.Replay.Starts, "unclear": p.Replay.Unclear} {
				if len(l) > 0 {
					got[k] = ids(l)
				}
			}
			if diff := cmp.Diff(c.want, got); diff != "" || p.Replay.Same != c.same || p.Replay.Deliveries != 5 {
				t.Errorf("%s\n%d same, %d deliveries", diff, p.Replay.Same, p.Replay.Deliveries)
			}
		})
	}
}

func TestBuildsAreReplayed(t *testing.T) {
	build := func(id, initiator, version string) *model.Build {
		return &model.Build{ID: model.Of(id), Project: model.Of("web"), Initiator: model.Of(initiator), Source: model.Of(version)}
	}
	builds := []*model.Build{
		build("web:1", "GitHub-Hookshot/1", "pr/7"), build("web:2", "GitHub-Hookshot/1", "refs/heads/main"), build("web:3", "GitHub-Hookshot/1", "refs/heads/try"),
		build("web:4", "GitHub-Hookshot/1", "0123456789abcdef"), build("web:5", "codepipeline/ship", "x"), build("web:6", "bob", "pr/8"), build("web:7", "GitHub-Hookshot/1", "refs/tags/v1"),
	}
	open := State{FilterGroups: [][]Filter{{{"EVENT", "PUSH,PULL_REQUEST_CREATED,PULL_REQUEST_UPDATED,PULL_REQUEST_REOPENED", false}}}}
	p := Make(project(open), Options{Target: Target{Rung: Branch}, Force: true, Builds: builds})
	if diff := cmp.Diff([]string{"web:1", "web:3", "web:7"}, ids(p.Replay.Stops)); diff != "" {
		t.Error(diff)
	}
	if diff := cmp.Diff([]string{"web:4"}, ids(p.Replay.Unclear)); diff != "" {
		t.Error(diff)
	}
	if p.Replay.Builds != 5 || p.Replay.Same != 1 {
		t.Errorf("%+v", p.Replay)
	}
	// Which of the three a pull request's build was is not told; but it ran, and no pull request would.
	created := State{FilterGroups: [][]Filter{{{"EVENT", "PULL_REQUEST_CREATED", false}}}}
	p = Make(project(created), Options{Target: Target{Rung: Push}, Builds: builds[:1]})
	if len(p.Replay.Stops) != 1 {
		t.Errorf("%+v", p.Replay)
	}
	// A webhook that would not have started it has been changed since.
	p = Make(project(State{FilterGroups: [][]Filter{{{"EVENT", "PUSH", false}}}}), Options{Builds: builds[:1]})
	if len(p.Replay.Unclear) != 1 {
		t.Errorf("%+v", p.Replay)
	}
}

func FuzzReadDeliveries(f *testing.F) {
	f.Add([]byte(deliveries))
	f.Add([]byte(`{"event": "pull_request", "request": {"payload": {"pull_request": {}}}}`))
	f.Fuzz(func(t *testing.T, data []byte) {
		list, err := ReadDeliveries(data)
		if err != nil {
			return
		}
		s := State{FilterGroups: [][]Filter{{{"EVENT", "PUSH", false}, {"HEAD_REF", "main", true}}}}
		for _, d := range list {
			s.starts(d)
		}
	})
}
