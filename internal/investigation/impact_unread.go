package investigation

import (
	"context"
	"fmt"
	"slices"
	"strings"

	"github.com/trailhound/trailhound/internal/claim"
	"github.com/trailhound/trailhound/internal/evidence"
	"github.com/trailhound/trailhound/internal/ledger"
)

// openUnseen says of each bucket that stood open, by what the case tells or by what was
// found, that its reads are not recorded: whoever asks what outsiders took from it must
// hear that this cannot be told, and where it would be told, whoever it was that opened it.
// CloudTrail records reads of objects only where data events are selected for the bucket,
// and a refused or anonymous read no better than any other (CloudTrail User Guide, "Logging
// data events").
func (in *inquiry) openUnseen(ctx context.Context) error {
	for _, bucket := range in.openBuckets() {
		recorded, err := in.readsRecorded(ctx, bucket)
		if err != nil {
			return err
		}
		if recorded {
			continue
		}
		in.res.Impact = append(in.res.Impact, Impact{
			Class: "data", Level: "not_covered", Evidence: []string{}, Coverage: in.limitIDs("no_data_events"),
			Text: fmt.Sprintf("Bucket `%s` is said or shown to have stood open, and this evidence records no reads of its objects: whether outsiders read or listed it meanwhile cannot be told. "+
				"CloudTrail data events of the bucket or its server access log would tell, if either was on at the time; what the bill shows of its requests and of data sent out can only hint.", bucket),
		})
	}
	return nil
}

// openBuckets are the buckets that stood open to others: those that the case says were,
// and those of which the ledger says so.
func (in *inquiry) openBuckets() []string {
	set := map[string]bool{}
	add := func(id string) {
		if b, ok := strings.CutPrefix(id, "arn:aws:s3:::"); ok && !strings.Contains(b, "/") && claim.Quotable(b) {
			set[b] = true
		}
	}
	for _, e := range in.reading.Effects {
		if e.Kind == "public" && !e.Supposed {
			for _, name := range e.Names {
				add(name)
			}
		}
	}
	for _, p := range in.res.Persistence {
		if p.Kind == "bucket_policy" && p.Status != ledger.Attempted {
			add(p.ID)
		}
	}
	return keys(set)
}

// readsRecorded says whether the evidence holds any call on objects of the bucket that
// reads them: then reads of it are recorded, and counted where they stand.
func (in *inquiry) readsRecorded(ctx context.Context, bucket string) (bool, error) {
	if !in.pass.has("data:s3") {
		return false, nil
	}
	q := evidence.Query{Sources: []string{"s3.amazonaws.com"}, Resources: []string{bucket, "arn:aws:s3:::" + bucket}}
	for e, err := range in.q.Events(ctx, q) {
		if err != nil {
			return false, fmt.Errorf("look whether reads of a bucket are recorded: %w", err)
		}
		if slices.Contains([]string{"GetObject", "HeadObject", "ListObjects", "ListObjectsV2", "ListObjectVersions"}, e.Name) {
			return true, nil
		}
	}
	return false, nil
}
