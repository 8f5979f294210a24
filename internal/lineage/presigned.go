package lineage

import (
	"bytes"
	"context"
	"fmt"

	"github.com/trailhound/trailhound/internal/evidence"
)

// objectCalls are what a presigned URL of S3 can be made for.
var objectCalls = []string{"GetObject", "PutObject", "HeadObject", "DeleteObject", "GetObjectVersion", "UploadPart"}

// byURL is how a compacted record says that the signature came in the URL.
var byURL = []byte(`"AuthenticationMethod":"QueryString"`)

// Presigned lists the calls of a principal that were made with presigned URLs
// (rule presigned_url). The key of such a call is the signer's; who fetched it
// had the URL and no key, so address and tool say nothing about the key's holder.
// Only the record's additional data tells, so this reads the bodies of the
// principal's object calls; the graph, which is of the whole account, does not.
func Presigned(ctx context.Context, q evidence.Querier, principal string) (map[string]bool, error) {
	out := map[string]bool{}
	for e, err := range q.Events(ctx, evidence.Query{Principals: []string{principal}, Sources: []string{"s3.amazonaws.com"}, Names: objectCalls, Body: true}) {
		if err != nil {
			return nil, fmt.Errorf("read the object calls of %s: %w", principal, err)
		}
		// The text is looked for and not parsed: the decoder has compacted the body,
		// and these calls may be millions. Quotes inside strings are escaped, so no
		// value can look like it.
		if bytes.Contains(e.Body, byURL) {
			out[e.ID] = true
		}
	}
	return out, nil
}

// MayBePresigned says whether a call is of a kind that presigned URLs are made for.
func MayBePresigned(e *evidence.Event) bool {
	if e.Source != "s3.amazonaws.com" || e.FromAWS() {
		return false
	}
	for _, name := range objectCalls {
		if e.Name == name {
			return true
		}
	}
	return false
}
