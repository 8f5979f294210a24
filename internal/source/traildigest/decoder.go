// Package traildigest reads the digest files that CloudTrail delivers every hour beside its log files: which
// files it delivered, and the hash of the digest before. What they prove is for the investigation. The form
// is AWS's (CloudTrail User Guide, digest file structure).
package traildigest

import (
	"context"
	"io"
	"strings"

	"github.com/trailhound/trailhound/internal/evidence"
	"github.com/trailhound/trailhound/internal/source"
	"github.com/trailhound/trailhound/internal/source/answer"
)

// Decoder reads digest files.
type Decoder struct{}

var _ source.Decoder = Decoder{}

// Name implements source.Decoder.
func (Decoder) Name() string { return "traildigest" }

// Claims implements source.Decoder.
func (Decoder) Claims(head []byte) bool {
	p := answer.Shape(head)
	return p.All("digestStartTime", "digestS3Object")
}

var form = answer.Form{Kind: evidence.KindCloudTrailDigest, Thing: digest}

// Decode implements source.Decoder.
func (Decoder) Decode(ctx context.Context, content io.Reader, emit source.Emit) (source.Result, error) {
	return form.Decode(ctx, content, emit)
}

// digest observes one digest file under its place in the bucket, over the hour that it is of. Its
// Snapshot is the hash of its content as it was before compression, which the next digest names.
func digest(t answer.Thing) ([]evidence.Observation, string) {
	object := t.Text("digestS3Object")
	from, to := evidence.ParseTime(t.Text("digestStartTime")), evidence.ParseTime(t.Text("digestEndTime"))
	if object == "" || from.IsZero() || to.Before(from) {
		return nil, "it is no digest of a time that can be read"
	}
	list := t.Observe("trail_digest", object)
	list[0].Account, list[0].Time, list[0].Until = t.Text("awsAccountId"), from, to
	_, rest, _ := strings.Cut(object, "/CloudTrail-Digest/")
	list[0].Region, _, _ = strings.Cut(rest, "/")
	return list, ""
}
