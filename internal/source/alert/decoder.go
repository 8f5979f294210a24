// Package alert reads what detectors claim: findings of GuardDuty in all three
// spellings, the AWS Security Finding Format of Security Hub (and through it of
// Access Analyzer, Macie and Inspector), findings in OCSF, and Access Analyzer's own
// lists.
package alert

import (
	"context"
	"io"

	"github.com/trailhound/trailhound/internal/evidence"
	"github.com/trailhound/trailhound/internal/source"
	"github.com/trailhound/trailhound/internal/source/answer"
)

// Decoder reads findings.
type Decoder struct{}

var _ source.Decoder = Decoder{}

// Name implements source.Decoder.
func (Decoder) Name() string { return "alert" }

// Claims implements source.Decoder.
func (Decoder) Claims(head []byte) bool {
	p := answer.Shape(head)
	for _, at := range []string{"", "Findings.", "findings.", "detail.", "detail.findings."} {
		if p.All(at+"SchemaVersion", at+"Severity", at+"Id") || p.All(at+"schemaVersion", at+"severity", at+"id") ||
			p.All(at+"finding_info", at+"class_uid") || p.All(at+"analyzedAt", at+"resourceOwnerAccount") {
			return true
		}
	}
	return false
}

var form = answer.Form{Kind: "alerts", Lists: []string{"Findings", "findings"}, Single: []string{"detail"}, Thing: thing, Alone: true}

// Decode implements source.Decoder.
func (Decoder) Decode(ctx context.Context, content io.Reader, emit source.Emit) (source.Result, error) {
	return form.Decode(ctx, content, emit)
}

func thing(t answer.Thing) ([]evidence.Observation, string) {
	if t.Has("findings") { // Security Hub through EventBridge
		var list []evidence.Observation
		reason := "a message without findings"
		for _, f := range t.Each("findings") {
			o, why := one(f)
			if why != "" {
				reason = why
				continue
			}
			list = append(list, o)
		}
		return list, reason
	}
	o, reason := one(t)
	if reason != "" {
		return nil, reason
	}
	return []evidence.Observation{o}, ""
}

// one reads a finding. The moment is what the alert is about, never when it was
// asked for, and findings are no snapshot: two files may bring the same one.
func one(t answer.Thing) (evidence.Observation, string) {
	o := evidence.Observation{Kind: "alert", Body: t.Body()}
	a, err := o.Alert()
	if err != nil {
		return o, err.Error()
	}
	o.ID, o.Keys = a.ID, append(a.Credentials, a.ID)
	o.Time, o.Until, o.Account, o.Region = a.First, a.Last, a.Account, a.Region
	for _, keys := range [][]string{a.Addresses, a.Instances, a.Principals, a.Resources} {
		o.Keys = append(o.Keys, keys...)
	}
	return o, ""
}
