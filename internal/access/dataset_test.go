package access

import (
	"bytes"
	"context"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/trailhound/trailhound/internal/evidence"
	"github.com/trailhound/trailhound/internal/evidence/datasettest"
	"github.com/trailhound/trailhound/internal/source"
	"github.com/trailhound/trailhound/internal/source/iam"
)

// TestRealSnapshot goes through an account that others built to try scanners of
// escalation on: its principals are named after the way they have, and "fp" for
// those that look as if they had one.
func TestRealSnapshot(t *testing.T) {
	raw, err := os.ReadFile(filepath.Join(datasettest.Dir(t), "iam-cloudsplaining", "examples", "files", "example.json"))
	must(t, err)
	var seen []evidence.Observation
	_, err = iam.Decoder{}.Decode(context.Background(), bytes.NewReader(raw), source.Emit{Observation: func(o evidence.Observation) error {
		o.Snapshot = strings.Repeat("0", 64)
		o.Complete()
		seen = append(seen, o)
		return nil
	}})
	must(t, err)
	h := Of(seen, nil, managedForTest(t))
	w := h.At(h.Latest())
	classes, err := LoadClasses(contentFS())
	must(t, err)
	primitives, err := LoadPrimitives(contentFS())
	must(t, err)
	g := NewGraph(w, primitives)
	found, traps := 0, 0
	for _, p := range w.Principals {
		if got := w.WhatCan(p, classes); got.Principal != p.ARN {
			t.Errorf("%s: what-can is of %s", p.ARN, got.Principal)
		}
		r := g.From(p)
		switch {
		case strings.HasPrefix(p.Name, "fp"):
			traps++
			if r.Administrator == string(Allow) {
				t.Errorf("%s cannot be administrator: %+v", p.Name, r.Paths)
			}
		case strings.HasPrefix(p.Name, "privesc") && r.Administrator != string(Deny):
			found++
		}
		for _, path := range r.Paths {
			for _, hop := range path.Hops {
				for _, n := range hop.Needs {
					if len(n.Reasons) == 0 {
						t.Errorf("%s: %s gives no reason", p.Name, hop.Primitive)
					}
				}
			}
		}
	}
	t.Logf("%d principals; %d ways of those named after one; %d traps", len(w.Principals), found, traps)
	if len(w.Principals) != 122 || found < 50 || traps != 10 {
		t.Errorf("%d principals, %d found, %d traps", len(w.Principals), found, traps)
	}
}
