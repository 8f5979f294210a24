package verify

import (
	"testing"

	"github.com/trailhound/trailhound/internal/ledger"
	"github.com/trailhound/trailhound/internal/report"
)

// TestEstablished: a step's target is what the report names elsewhere, or its bucket, or
// the last part of its name; a name that merely begins alike is another thing.
func TestEstablished(t *testing.T) {
	for target, want := range map[string]bool{
		"arn:aws:s3:::plans":                    true,
		"arn:aws:s3:::plans/2026/a":             true,
		"arn:aws:s3:::pla":                      false,
		"arn:aws:s3:::plans/2026":               false,
		"arn:aws:iam::111122223333:role/deploy": true, // named with its path
		"deploy":                                true,
		"arn:aws:iam::111122223333:role/depl":   false,
		further:                                 true,
	} {
		c := &check{r: &report.Report{AffectedResources: []ledger.Resource{{ID: "arn:aws:s3:::plans/2026/a"}, {ID: "arn:aws:iam::111122223333:role/team/deploy"}}}}
		if got := c.established(target); got != want {
			t.Errorf("%q: %t, want %t", target, got, want)
		}
	}
}
