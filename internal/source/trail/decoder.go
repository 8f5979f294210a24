// Package trail reads what AWS says of its own logging: trails, their status and
// what they select.
package trail

import (
	"context"
	"io"

	"github.com/trailhound/trailhound/internal/evidence"
	"github.com/trailhound/trailhound/internal/source"
	"github.com/trailhound/trailhound/internal/source/answer"
)

// Decoder reads answers about trails.
type Decoder struct{}

var _ source.Decoder = Decoder{}

// Name implements source.Decoder.
func (Decoder) Name() string { return "trail" }

// Claims implements source.Decoder.
func (Decoder) Claims(head []byte) bool {
	p := answer.Shape(head)
	return p.Any("trailList", "Trail.TrailARN") || p.All("IsLogging", "LatestDeliveryTime") || p.All("IsLogging", "TimeLoggingStarted") ||
		p.All("TrailARN", "EventSelectors") || p.All("TrailARN", "AdvancedEventSelectors")
}

var form = answer.Form{Kind: "trail-snapshot", Lists: []string{"trailList"}, Single: []string{"Trail"}, Thing: thing}

// Decode implements source.Decoder.
func (Decoder) Decode(ctx context.Context, content io.Reader, emit source.Emit) (source.Result, error) {
	return form.Decode(ctx, content, emit)
}

func thing(t answer.Thing) ([]evidence.Observation, string) {
	arn := t.Text("TrailARN")
	switch {
	case t.Has("IsLogging"):
		// get-trail-status does not say of which trail; our own collector does.
		return t.Observe("trail_status", t.Name()), ""
	case arn != "" && (t.Has("EventSelectors") || t.Has("AdvancedEventSelectors")):
		return t.Observe("trail_selectors", arn), ""
	case arn != "":
		list := t.Observe("trail", arn, t.Text("Name"), t.Text("S3BucketName"))
		list[0].Region = t.Text("HomeRegion")
		return list, ""
	}
	return nil, "it is nothing that this program knows of trails"
}
