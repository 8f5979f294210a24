package audit

import (
	"context"
	"encoding/json"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/trailhound/trailhound/internal/evidence"
	"github.com/trailhound/trailhound/internal/posture/pipeline/drift"
	"github.com/trailhound/trailhound/internal/source"
	"github.com/trailhound/trailhound/internal/source/alert"
)

// TestAlertsAreEvidence: what is told here is read back by the reader of every
// detector's alerts, so that it can open an investigation.
func TestAlertsAreEvidence(t *testing.T) {
	approved := time.Date(2026, 11, 1, 0, 0, 0, 0, time.UTC)
	changes := []drift.Change{{Account: "111122223333", Region: "eu-west-1", Project: "web", At: approved, By: "arn:aws:iam::111122223333:user/eve", From: "203.0.113.9", Call: "UpdateWebhook", Event: "e1",
		Difference: drift.Difference{Path: "webhook", Effect: drift.Weakens, Why: "open", VerdictBefore: "WRITERS", VerdictAfter: "ANYONE"}}}
	data, err := json.Marshal(Detections(drift.Alerts(changes), approved))
	if err != nil {
		t.Fatal(err)
	}
	if !(alert.Decoder{}).Claims(data) {
		t.Fatalf("nobody claims %s", data)
	}
	var got []evidence.Observation
	_, err = alert.Decoder{}.Decode(context.Background(), strings.NewReader(string(data)), source.Emit{Observation: func(o evidence.Observation) error { got = append(got, o); return nil }})
	if err != nil || len(got) != 1 {
		t.Fatalf("%v, %d alerts", err, len(got))
	}
	o := got[0]
	if o.Account != "111122223333" || !o.Time.Equal(approved) || !slices.Contains(o.Keys, "203.0.113.9") || !slices.Contains(o.Keys, "arn:aws:codebuild:eu-west-1:111122223333:project/web") {
		t.Errorf("%+v", o)
	}
	againstSchema(t, "detection_finding", data)
}
