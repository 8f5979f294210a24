package summary_test

import (
	"context"
	"fmt"
	"reflect"
	"slices"
	"strings"
	"testing"

	"github.com/trailhound/trailhound/internal/evidence"
	"github.com/trailhound/trailhound/internal/evidence/memory"
	"github.com/trailhound/trailhound/internal/source/scenetest"
	"github.com/trailhound/trailhound/internal/summary"
)

// The scripts ask "principals" for everything that is counted of each.
func TestScripts(t *testing.T) {
	scenetest.Play(t, "testdata/*.txt", func(t *testing.T, s *scenetest.Scene) func(scenetest.Step) []string {
		want, _, err := summary.Of(context.Background(), s.Store(), evidence.Query{})
		if err != nil {
			t.Fatal(err)
		}
		backwards := slices.Clone(s.Events)
		slices.Reverse(backwards)
		got, _, err := summary.Of(context.Background(), memory.New(append(backwards, s.Events...)), evidence.Query{})
		if err != nil || !reflect.DeepEqual(got, want) {
			t.Errorf("the order or repetition of events matters: %v\n%+v\n%+v", err, got, want)
		}
		return func(step scenetest.Step) (out []string) {
			for _, p := range want {
				if verb, arg, _ := strings.Cut(step.Args, " "); verb == "principal" && !strings.Contains(p.ARN+p.UniqueID, arg) {
					continue
				}
				out = append(out, fmt.Sprintf("%s %s: %d events, %d writes, %d denied, %d credentials, %s to %s", p.UniqueID, p.Type, p.Events, p.Writes, p.Denied, p.Credentials, p.First, p.Last),
					"  "+strings.Join(slices.Concat(p.Networks, p.Agents, p.Regions, p.Services), ", "))
				if len(p.TopDenied) > 0 {
					out = append(out, "  denied "+strings.Join(p.TopDenied, ", "))
				}
			}
			for i := range out {
				out[i] = strings.TrimSpace(out[i])
			}
			return out
		}
	})
}

func TestOfStopsWithItsContext(t *testing.T) {
	scenes, err := scenetest.Parse("scene s\nload\n  09:00 root ConsoleLogin\n")
	if err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(context.Background())
	cancel()
	if _, _, err := summary.Of(ctx, scenes[0].Store(), evidence.Query{}); err == nil {
		t.Error("no error after the context ended")
	}
}
