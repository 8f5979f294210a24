package cloudtrail

import (
	"bytes"
	"cmp"
	"fmt"
	"slices"
	"strings"

	"github.com/trailhound/trailhound/internal/evidence"
	"github.com/trailhound/trailhound/internal/source"
	"github.com/trailhound/trailhound/internal/source/jsonstream"
)

// class is what an object turned out to be, as a sentence may name it.
type class string

const (
	isRecord  class = "a CloudTrail event"
	isInsight class = "a CloudTrail Insights event, which AWS derives from call rates"
	isDigest  class = "a CloudTrail digest, which proves that log files are unchanged"
	isTruth   class = "a simulator's truth file, never evidence"
	isOurs    class = "a document of trailhound's own, never evidence"
	// Notifications are "Records" too: the class begins so and names the service.
	isNotice = "a notification of "
)

// notices are the services whose Records are told apart by eventSource "aws:…".
// Source: the event message structures in the developer guides of these services.
// They are named so that a report can say what was handed over instead.
var notices = map[string]string{
	"aws:s3": "Amazon S3", "aws:kinesis": "Amazon Kinesis", "aws:dynamodb": "Amazon DynamoDB", "aws:sqs": "Amazon SQS",
	"aws:sns": "Amazon SNS", "aws:ses": "Amazon SES", "aws:lambda": "AWS Lambda", "aws:codecommit": "AWS CodeCommit",
	"aws:rmq": "Amazon MQ", "aws:amq": "Amazon MQ", "aws:kafka": "Amazon MSK", "aws:cloudwatch": "Amazon CloudWatch",
}

// classify says what the object at node n is, or "" if only a look inside can tell.
func classify(d *jsonstream.Doc, n int) class {
	var name, src, call, flattened, digest, insight bool
	var service string
	for c := range d.Children(n) {
		switch key := string(d.Name(c)); key {
		case "eventName":
			name = d.Nodes[c].Kind == jsonstream.String
		case "eventSource", "EventSource":
			text := d.Text(c)
			// SNS writes EventSource with a capital. CloudTrail's eventSource is a
			// host name and never begins with "aws:".
			if bytes.HasPrefix(text, []byte("aws:")) {
				service = string(text)
			} else if key == "eventSource" {
				src = d.Nodes[c].Kind == jsonstream.String
			}
		case "eventTime", "@timestamp", "eventID", "eventVersion":
			call = true // a catalogue of API calls has names and services too
		case "userIdentity", "resources":
			flattened = flattened || d.Nodes[c].Kind == jsonstream.String
		case "requestParameters", "responseElements":
			// AWS itself writes some of these as plain text, so only a text that
			// looks like JSON tells an export.
			flattened = flattened || d.Nodes[c].Kind == jsonstream.String && bytes.HasPrefix(d.Text(c), []byte("{"))
		case "eventType":
			insight = insight || string(d.Text(c)) == "AwsCloudTrailInsight"
		case "insightDetails":
			insight = insight || d.Nodes[c].Kind == jsonstream.Object
		case "digestStartTime":
			digest = true
		case "schema":
			switch text := string(d.Text(c)); {
			case text == "trailhound.truth/v1":
				return isTruth
			case strings.HasPrefix(text, "trailhound."):
				return isOurs
			}
		case "cf": // Lambda@Edge: {"Records":[{"cf":{…}}]}
			service = "CloudFront"
		}
	}
	switch {
	case insight:
		return isInsight
	case service != "":
		return class(isNotice + cmp.Or(notices[service], service))
	// A flattened record goes on to be read as a row, which puts the structures
	// back.
	case name && src && call && !flattened:
		return isRecord
	case digest:
		return isDigest
	}
	return ""
}

// describe names what an object of unknown kind looks like.
func describe(d *jsonstream.Doc) class {
	if d.Nodes[0].Kind != jsonstream.Object {
		return "JSON without a CloudTrail event"
	}
	// Another decoder reads these; the sentence is for whoever named the file as
	// CloudTrail.
	if d.Member(0, "UserDetailList") >= 0 || d.Member(0, "RoleDetailList") >= 0 {
		return "an IAM snapshot (get-account-authorization-details)"
	}
	if m := d.Member(0, "message"); m >= 0 && d.Nodes[m].Kind == jsonstream.String {
		return "a log message without a CloudTrail event"
	}
	var names []string
	for c := range d.Children(0) {
		if name := d.Name(c); len(names) < 4 {
			// Names come from the file: quoted and cut, they are fit for a report.
			names = append(names, fmt.Sprintf("%.40q", name))
		}
	}
	if len(names) == 0 {
		return "an empty JSON object"
	}
	return class("JSON without a CloudTrail event; it begins with " + strings.Join(names, ", "))
}

// others counts the records that are no events of ours.
type others struct {
	count map[class]int
	first []evidence.Rejection // at most MaxRejections
	total int
}

func (f *finder) note(c class) {
	if f.noted {
		return
	}
	f.noted = true
	o := &f.others
	if o.count == nil {
		o.count = map[class]int{}
	}
	if len(o.count) >= 64 { // hostile input must not fill the map
		c = "JSON without a CloudTrail event"
	}
	o.count[c]++
	o.total++
	if len(o.first) < evidence.MaxRejections {
		o.first = append(o.first, evidence.Rejection{Offset: f.offset, Reason: "it is " + string(c)})
	}
	f.index++
}

// result judges the artifact by all that was found in it.
func (f *finder) result() source.Result {
	out, o := f.out, &f.others
	if out.Records > 0 || f.failed != "" {
		// Foreign records among events are set aside like any other.
		out.Rejected += o.total
		out.Rejections = append(out.Rejections, o.first...)
		slices.SortStableFunc(out.Rejections, func(a, b evidence.Rejection) int { return cmp.Compare(a.Offset, b.Offset) })
		out.Rejections = out.Rejections[:min(len(out.Rejections), evidence.MaxRejections)]
		out.Kind = evidence.KindCloudTrail
		// Records that are CloudTrail's and none of which could be read are a
		// damaged log and not another kind of file: the kind stays, and the reason
		// tells.
		if out.Records == 0 {
			out.Reason = "none of its CloudTrail records could be read: " + f.failed
		}
		return out
	}
	if f.schema == "trailhound.truth/v1" {
		o.count = map[class]int{isTruth: 1}
	} else if strings.HasPrefix(f.schema, "trailhound.") {
		o.count = map[class]int{isOurs: 1}
	}
	most := o.most()
	switch {
	// Before damage and all else: a simulator's answers must not be taken for
	// evidence even in part.
	case most == isTruth:
		return source.Result{Kind: evidence.KindTruth, Reason: "it is " + string(isTruth)}
	case out.Rejected > 0:
		out.Kind, out.Reason = evidence.KindUnreadable, f.damaged
	case most == isInsight:
		out.Kind, out.Reason = evidence.KindCloudTrailInsight, "it holds Insights events, which AWS derives from call rates; no call is in it"
	case most == isDigest:
		out.Kind, out.Reason = evidence.KindCloudTrailDigest, "it is "+string(isDigest)
	case strings.HasPrefix(string(most), isNotice):
		out.Kind, out.Reason = evidence.KindNotCloudTrail, "its records are notifications of "+strings.TrimPrefix(string(most), isNotice)+", not CloudTrail events"
	case o.total == 0 && f.lists > 0:
		out.Kind = evidence.KindCloudTrail // a delivered file with nothing in it
	case o.total == 0:
		out.Kind, out.Reason = evidence.KindUnknown, "there is no record in it"
	default:
		out.Kind, out.Reason = evidence.KindUnknown, "it is "+string(most)
	}
	return out
}

// most is the commonest class; of several, the first by name.
func (o *others) most() (most class) {
	for c, n := range o.count {
		if best := o.count[most]; n > best || n == best && c < most {
			most = c
		}
	}
	return most
}
