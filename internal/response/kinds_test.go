package response

import "testing"

// An object's key may hold "#", which elsewhere begins a part: what stands in the plan is
// the bucket all the same, or one bucket would have two steps.
func TestAnObjectWithASharpInItsKeyIsItsBucket(t *testing.T) {
	const bucket = "arn:aws:s3:::orders"
	for _, id := range []string{bucket, bucket + "/a.csv", bucket + "/a#1.csv"} {
		if got := targetOf(id, "AWS::S3::Object"); got.id != bucket || got.kind != "bucket" || got.key() != bucket {
			t.Errorf("%s: %+v", id, got)
		}
	}
}
