package cloudtrail

import (
	"strings"
	"testing"

	"github.com/trailhound/trailhound/internal/evidence"
)

// TestSessionsOfARole reads sessions of one role one after the other, whose names the
// reader leaves open: names that end alike, hold what separates them, or cannot be
// compared must not be mixed up.
func TestSessionsOfARole(t *testing.T) {
	r := newReader()
	record := strings.Replace(sample, `instance/i-0abc`, `instance/fixed`, 1)
	for _, name := range []string{"i-0abc", "i-0abc", "i-1", "bc", "i-0abc", "a:b", "b", "x/y", "y", "é", "e", `\u0041`, "A", `\"`, "", "i-0abc", strings.Repeat("long", 40), "i-0abc"} {
		in := strings.ReplaceAll(record, "i-0abc", name)
		sameBehind(t, r, []byte(in))
		sameBehind(t, r, []byte(strings.Replace(in, "assumed-role/web/", "assumed-role/web/x", 1))) // another name there
		sameBehind(t, r, []byte(strings.Replace(in, "AROAEXAMPLEROLE:", "AROAEXAMPLEROLE", 1)))
		sameBehind(t, r, []byte(strings.Replace(in, `"accountId"`, `"principalId":"AROAEXAMPLEROLE:`+name+`","accountId"`, 1)))
	}
	var e evidence.Event
	in := []byte(strings.ReplaceAll(record, "i-0abc", "never-met"))
	if at := strings.Index(string(in), `{"type"`); r.quick([]byte(record), &e) == 0 || !metAny(r, in, at) {
		t.Error("a new session of a known role is read in full")
	}
	if e.Identity.PrincipalID != "AROAEXAMPLEROLE:i-0abc" {
		t.Errorf("the principal is %q", e.Identity.PrincipalID)
	}
}

func metAny(r *reader, in []byte, at int) bool {
	r.strict.Reset(in)
	for i := range r.identities {
		for k := range r.identities[i] {
			var id evidence.Identity
			if r.metBefore(&id, &r.identities[i][k], at) > 0 {
				return id.PrincipalID == "AROAEXAMPLEROLE:never-met" && id.ARN == "arn:aws:sts::111122223333:assumed-role/web/never-met"
			}
		}
	}
	return false
}

// TestStretchesThatCameBefore changes one thing in or right behind a stretch that the
// reader knows by heart.
func TestStretchesThatCameBefore(t *testing.T) {
	r := newReader()
	for range 3 {
		sameBehind(t, r, []byte(sample))
	}
	kept := 0
	for i := range r.mets {
		for _, k := range r.mets[i].kept {
			if k != nil {
				kept++
			}
		}
	}
	if kept < 4 { // behind the time, the parameters, the resources, and behind these
		t.Errorf("%d stretches are remembered", kept)
	}
	for _, change := range []struct{ from, to string }{
		{"2026/q1", "2026/q2"}, {"sg-1", "sg-2"}, {`"readOnly":true`, `"readOnly":false`}, {"eu-west-1", "eu-west-2"}, {"192.0.2.7", "192.0.2.8"}, {"GetObject", "GetObjecs"},
		{`"eventCategory"`, `"eventName":"Other","eventCategory"`}, {`"eventCategory"`, `"requestID":"R2","eventCategory"`}, {`"eventSource"`, `"readOnly":false,"eventSource"`},
		{`"eventType"`, `"sharedEventID":"S","eventType"`}, {`"eventType"`, `"responseElements":{"x":"arn:aws:s3:::b"},"eventType"`}, {`"eventType":"`, `"eventType":"é`},
		{`"requestID"`, `"requestParameters":null,"requestID"`}, {`"awsRegion":`, `"awsRegion" :`}, {`"userAgent":"`, `"userAgent":"\n`}, {`}]`, `},{"ARN":"arn:aws:s3:::c/d"}]`},
		{`"arn:aws:s3:::other\"`, `"arn:aws:s3:::otter\"`}, {`"resources":[`, `"resources":[1,`}, {`"eventTime"`, `"awsRegion":"x","eventTime"`}, {`"key"`, `"Key"`}, {`"bucketName"`, `"bucketBame"`},
	} {
		in := strings.Replace(sample, change.from, change.to, 1)
		if in == sample {
			t.Errorf("%q is not in the sample", change.from)
		}
		for range 3 {
			sameAsSlow(t, []byte(in))
			sameBehind(t, r, []byte(in))
			sameBehind(t, r, []byte(sample))
		}
	}
}
