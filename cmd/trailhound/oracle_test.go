package main

import (
	"fmt"
	"os"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/trailhound/trailhound/internal/access"
	"github.com/trailhound/trailhound/internal/access/generate"
	"github.com/trailhound/trailhound/internal/access/oracle"
	"github.com/trailhound/trailhound/internal/evidence"
	"github.com/trailhound/trailhound/internal/evidence/memory"
	"github.com/trailhound/trailhound/internal/simulator"
	"github.com/trailhound/trailhound/internal/source/cloudtrail"
)

// TestSimulatedOutcomesAgree holds what every made-up call came to against what the
// policies of its own evidence say. Whatever is decided otherwise stands in
// testdata/oracle.golden, call by call, with what explains it; nothing may stay
// without an explanation.
func TestSimulatedOutcomesAgree(t *testing.T) {
	if testing.Short() {
		t.Skip("SKIPPED, NOT PASSED: -short")
	}
	managed, err := access.LoadManaged(overlay(""))
	if err != nil {
		t.Fatal(err)
	}
	table, err := generate.Load(overlay(""))
	if err != nil {
		t.Fatal(err)
	}
	var b strings.Builder
	agree := 0
	for _, name := range simulator.Names() {
		var events []evidence.Event
		_, err := simulator.Write(t.Context(), name, simulator.Options{Seed: 1, Events: 300}, func(r simulator.Record) error {
			e, err := cloudtrail.Decode(r.Body)
			events = append(events, e)
			return err
		})
		if err != nil {
			t.Fatal(err)
		}
		q := memory.New(events)
		h, err := access.Collect(t.Context(), q, managed)
		if err != nil {
			t.Fatal(err)
		}
		r, err := oracle.Check(t.Context(), q, h, table)
		if err != nil {
			t.Fatal(err)
		}
		agree += r.Agree
		for _, d := range r.Disagreements {
			fmt.Fprintf(&b, "%s %s %s on %s by %s: AWS %s, here %s\n  %s\n", name, d.At, d.Action, d.Resource, d.Principal, d.AWS, d.Here, d.Explained)
			if d.Explained == "" {
				t.Errorf("%s: %s is decided otherwise and nothing explains it: %v", name, d.Event, d.Reasons)
			}
		}
	}
	if agree == 0 {
		t.Error("nothing was decided: the oracle is silent")
	}
	const golden = "testdata/oracle.golden"
	if *update {
		if err := os.WriteFile(golden, []byte(b.String()), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(golden)
	if err != nil {
		t.Fatal(err)
	}
	if d := cmp.Diff(string(want), b.String()); d != "" {
		t.Errorf("testdata/oracle.golden (-) and now (+), go test -run SimulatedOutcomes -update writes it anew:\n%s", d)
	}
}
