package investigation

import (
	"cmp"
	"context"
	"fmt"
	"slices"
	"strings"

	"github.com/trailhound/trailhound/internal/claim"
	"github.com/trailhound/trailhound/internal/detection"
	"github.com/trailhound/trailhound/internal/evidence"
)

// outlet is a call that brings data into a bucket which its request names.
// The paths are under requestParameters as CloudTrail records the call (S3, RDS, EC2,
// CloudWatch Logs, Athena and DataSync API references): services disagree in case and nesting,
// so that a call may have several.
type outlet struct {
	action string
	paths  []string // of the bucket, by its name, its ARN or an s3:// address
	owner  string   // of the account that the bucket is said to be of; "" where no call says
	verb   string
}

// outlets are the calls by which data goes to a bucket of the caller's choice.
var outlets = []outlet{
	{"s3:CopyObject", []string{"bucketName"}, "x-amz-expected-bucket-owner", "copied objects"},
	{"s3:PutObject", []string{"bucketName"}, "x-amz-expected-bucket-owner", "wrote objects"},
	{"s3:CompleteMultipartUpload", []string{"bucketName"}, "x-amz-expected-bucket-owner", "wrote objects"},
	{"s3:PutBucketReplication", []string{"ReplicationConfiguration.Rule.Destination.Bucket", "ReplicationConfiguration.Rules.Destination.Bucket"}, "ReplicationConfiguration.Rule.Destination.Account", "had whatever is written to a bucket copied"},
	{"rds:StartExportTask", []string{"s3BucketName"}, "", "exported database snapshots"},
	{"dynamodb:ExportTableToPointInTime", []string{"s3Bucket"}, "s3BucketOwner", "exported tables"},
	{"ec2:CreateInstanceExportTask", []string{"exportToS3.s3Bucket"}, "", "exported instances"},
	{"ec2:ExportImage", []string{"ExportImageRequest.S3ExportLocation.S3Bucket", "s3ExportLocation.s3Bucket"}, "", "exported images"},
	{"ec2:CreateStoreImageTask", []string{"CreateStoreImageTaskRequest.Bucket", "bucket"}, "", "stored images"},
	{"logs:CreateExportTask", []string{"destination"}, "", "exported logs"},
	{"athena:StartQueryExecution", []string{"resultConfiguration.outputLocation"}, "resultConfiguration.expectedBucketOwner", "sent the results of queries"},
	{"datasync:CreateLocationS3", []string{"s3BucketArn"}, "", "set up the transfer of files"},
}

// maxSent bounds the places that are told one by one, maxBucketsAsked the buckets of which the
// evidence is asked whose they are, each a reading of it: the intruder's requests name them, and
// can name as many as they like.
const (
	maxSent         = 40
	maxBucketsAsked = 200
)

// bucketIn reads the bucket out of a name, an ARN or an s3:// address.
func bucketIn(value string) string {
	value = strings.TrimPrefix(strings.TrimPrefix(value, "s3://"), "arn:aws:s3:::")
	name, _, _ := strings.Cut(value, "/")
	return name
}

// sentElsewhere counts what the intruder brought into buckets that are not the owner's: by
// the account that a record gives for the bucket, or, where none does, because nobody but
// the intruder ever used it here. What is the owner's bucket is no loss.
func (in *inquiry) sentElsewhere(ctx context.Context) error {
	type way struct {
		o            *outlet
		path, bucket string
	}
	calls := map[way][]detection.Subject{}
	owners := map[string]string{} // of buckets, as requests say
	var order []way
	seen := map[string]bool{}
	for _, s := range in.hostile() {
		i := slices.IndexFunc(outlets, func(o outlet) bool { return o.action == s.Event.Action() })
		if i < 0 || s.Event.Outcome() != evidence.Success || seen[s.Event.ID] {
			continue
		}
		seen[s.Event.ID] = true
		for _, path := range outlets[i].paths {
			values := s.Record.Strs("requestParameters." + path)
			for _, v := range slices.Compact(slices.Sorted(slices.Values(values))) {
				w := way{&outlets[i], path, v}
				if !claim.Quotable(v) || bucketIn(v) == "" {
					continue
				}
				if calls[w] == nil {
					order = append(order, w)
				}
				calls[w] = append(calls[w], s)
				if o := s.Record.Strs("requestParameters." + outlets[i].owner); outlets[i].owner != "" && len(o) > 0 {
					owners[bucketIn(v)] = o[0]
				}
			}
		}
	}
	slices.SortFunc(order, func(a, b way) int {
		return cmp.Or(strings.Compare(a.o.action, b.o.action), strings.Compare(a.bucket, b.bucket))
	})
	type holder struct {
		account string
		ours    bool
	}
	of := map[string]holder{} // of buckets: one may be written a thousand ways, with a path for each call
	told, more := 0, 0
	for _, w := range order {
		bucket := bucketIn(w.bucket)
		h, asked := of[bucket]
		if !asked && len(of) < maxBucketsAsked {
			var err error
			if h.account, h.ours, err = in.ownerOf(ctx, bucket, owners[bucket]); err != nil {
				return err
			}
			of[bucket], asked = h, true
		}
		switch {
		case asked && h.ours:
		case !asked || told == maxSent:
			more++
		default:
			told++
			in.sent(w.o, w.path, w.bucket, h.account, calls[w])
		}
	}
	if more > 0 {
		in.limit("other", fmt.Sprintf("Of the places to which the intruder's calls brought data, %d more are not told.", more), nil, "Whose those buckets are was not told for each: the rows of what was touched, and the records, name them.")
	}
	return nil
}

// ownerOf says whether a bucket is known to be the owner's: it is of one of their accounts,
// or somebody of theirs used it. owner is the account that it is of, where a record says.
// It stops at the first record that tells: buckets have millions.
func (in *inquiry) ownerOf(ctx context.Context, bucket, said string) (owner string, known bool, err error) {
	if said != "" {
		return said, slices.Contains(in.res.Accounts, said), nil
	}
	arn := "arn:aws:s3:::" + bucket
	for e, err := range in.q.Events(ctx, evidence.Query{Resources: []string{bucket, arn}, Body: true}) {
		if err != nil {
			return "", false, fmt.Errorf("look for whose a bucket is: %w", err)
		}
		r, err := e.Parse()
		if err != nil || e.Outcome() == evidence.Failure {
			continue
		}
		for _, v := range r.All("resources") {
			m, _ := v.(map[string]any)
			if x := evidence.Record(m); x.Str("ARN") == arn && x.Str("accountId") != "" {
				return x.Str("accountId"), slices.Contains(in.res.Accounts, x.Str("accountId")), nil
			}
		}
		if e.Name == "CreateBucket" || !in.at.Actor(e.ID).Hostile() && slices.Contains(in.res.Accounts, e.Identity.Account) {
			return "", true, nil
		}
	}
	return "", false, nil
}

// sent tells of one place in one row. Confirmed only where a record gives the bucket's
// account; that nobody else used it here makes it probable.
func (in *inquiry) sent(o *outlet, path, bucket, owner string, calls []detection.Subject) {
	var ids []string
	for _, s := range calls[:min(len(calls), maxEvidence)] {
		ids = append(ids, s.Event.ID)
	}
	level, whose := "probable", "which nothing here shows to be yours"
	if owner != "" {
		level, whose = "confirmed", "which is not yours"
		if namedIn(&calls[0], owner) {
			whose += " (account " + owner + ")"
		}
	}
	n := len(calls)
	text := fmt.Sprintf("The intruder %s to `%s`, %s, with %d %s of %s %s.", o.verb, bucket, whose, n, plural("calls", int64(n)), o.action, span(calls[0].Event.Time, calls[n-1].Event.Time))
	in.claims.add(text, claim.Predicate{Op: "count", Value: n, Filter: claim.Filter{"action": o.action, "actor": hostileActors, "outcome": "success", "request." + path: bucket}}, cite(ids...), "A")
	in.res.Impact = append(in.res.Impact, Impact{
		Class: "data", Level: level, Text: text, Quantity: &Quantity{int64(n), "calls"}, Evidence: cite(ids...), Coverage: in.limitIDs("no_data_events"),
	})
}
