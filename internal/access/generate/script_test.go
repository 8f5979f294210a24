package generate_test

import (
	"context"
	"fmt"
	"os"
	"slices"
	"strings"
	"testing"

	"github.com/trailhound/trailhound/internal/access/generate"
	"github.com/trailhound/trailhound/internal/source/scenetest"
)

func table(t testing.TB) *generate.Table {
	t.Helper()
	table, err := generate.Load(os.DirFS("../../../content"))
	if err != nil {
		t.Fatal(err)
	}
	return table
}

// The scripts hold one scene a trap; the steps say what is known from outside:
//
//	build UUID PROJECT INITIATOR VERSION   an answer of BatchGetBuilds
//	hostile EVENT                          an event that a report blames
//	options project=P strict vouched
//	present                                a policy attached now, as the lines below
//	ask permissions|left|limits|diff PRINCIPAL
//
// Whatever is asked, the replay must hold.
func TestScripts(t *testing.T) {
	scenetest.Play(t, "testdata/*.txt", func(t *testing.T, s *scenetest.Scene) func(scenetest.Step) []string {
		o := generate.Options{Builds: map[string]generate.Build{}, Hostile: map[string]bool{}}
		var present [][]byte
		return func(step scenetest.Step) []string {
			f := strings.Fields(s.Long(step.Args))
			switch step.Verb {
			case "build":
				o.Builds[f[0]] = generate.Build{ID: f[0], Project: f[1], Trigger: generate.TriggerOf(f[2], f[3]), Version: f[3]}
				return nil
			case "hostile":
				o.Hostile[f[0]] = true
				return nil
			case "options":
				for _, w := range f {
					o.Strict = o.Strict || w == "strict"
					o.Vouched = o.Vouched || w == "vouched"
					if p, ok := strings.CutPrefix(w, "project="); ok {
						o.Project = p
					}
				}
				return nil
			case "present":
				present = append(present, []byte(strings.Join(step.Body, "\n")))
				return nil
			}
			if o.Principal = f[1]; strings.HasPrefix(f[1], "role/") {
				o.Principal = "arn:aws:iam::111122223333:" + f[1]
			}
			res, err := table(t).Run(context.Background(), s.Store(), o, present)
			if err != nil {
				return []string{"error: " + err.Error()}
			}
			if !res.Replay.Holds() || res.Replay.Allowed != res.Replay.Kept {
				t.Errorf("the replay does not hold: %+v", res.Replay)
			}
			return say(res, f[0])
		}
	})
}

// say is a result in lines.
func say(res *generate.Result, what string) (out []string) {
	row := func(r generate.Row) string {
		line := r.Action + " " + r.Resource
		if r.Class != "" {
			line = string(r.Class) + " " + line
		}
		if r.Why != "" {
			line += " (" + r.Why + ")"
		}
		return line
	}
	switch what {
	case "permissions":
		for _, r := range res.Explain {
			out = append(out, row(r))
		}
		for _, d := range res.Policies {
			for _, s := range d.Statement {
				for op, keys := range s.Condition {
					for k, v := range keys {
						out = append(out, fmt.Sprintf("if %s: %s %s %s", s.Sid, op, k, strings.Join(v, ", ")))
					}
				}
			}
		}
	case "left":
		for name, rows := range map[string][]generate.Row{"refused": res.Denied, "untrusted": res.Untrusted, "hostile": res.Hostile} {
			for _, r := range rows {
				out = append(out, name+" "+row(r))
			}
		}
		for _, c := range res.Replay.Conflicts {
			out = append(out, "refused and used "+c)
		}
	case "limits":
		for _, l := range res.Limits {
			out = append(out, l.ID+": "+l.Text)
		}
	case "diff":
		for name, list := range map[string][]generate.Grant{"unused": res.Diff.Unused, "wide": res.Diff.Wide, "same": res.Diff.Same} {
			for _, g := range list {
				out = append(out, strings.TrimSpace(fmt.Sprintf("%s %s %s %s", name, g.Action, g.Resource, strings.Join(g.Used, ","))))
			}
		}
		for _, a := range res.Diff.Added {
			out = append(out, "outside "+a)
		}
	}
	slices.Sort(out)
	return out
}
