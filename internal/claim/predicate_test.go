package claim

import (
	"context"
	"encoding/json"
	"fmt"
	"iter"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/trailhound/trailhound/internal/evidence"
	"pgregory.net/rapid"
)

func TestPredicateKeepsWhatItDoesNotKnow(t *testing.T) {
	for _, c := range []struct{ in, extra string }{
		{`{"op":"event","event":"x","equals":{"name":"A"}}`, ""},
		{`{"op":"event","event":"x","unless":true}`, "unless"},
		{`{"op":"event","Event":"x"}`, "Event"}, // encoding/json would have taken it for "event"
		{`{"op":"event","event":"x","event":"y"}`, ""},
		{`{"op":["event"]}`, "op"},
		{`{"op":"count","filter":"all","value":1}`, "filter"},
		{`{"op":"absence","window":{"from":"a","to":"b","except":"c"}}`, "window"},
		{`"event"`, ""},
		{`[1]`, ""},
		{`null`, ""},
	} {
		var p Predicate
		if err := json.Unmarshal([]byte(c.in), &p); err != nil {
			t.Errorf("%s: %v", c.in, err)
			continue
		}
		got := strings.Join(p.extraNames(), ",")
		whole := !strings.HasPrefix(c.in, "{") || strings.Count(c.in, `"event":`) == 2
		if got != c.extra || (len(p.Extra) > 0) != (c.extra != "" || whole) {
			t.Errorf("%s: extra is %q of %d, want %q", c.in, got, len(p.Extra), c.extra)
		}
		cl := Claim{Text: "CreateAccessKey.", Predicate: p, Evidence: []string{"event:x"}}
		w := worldOf(t, []evidence.Event{event(t, []byte(strings.Replace(created, "aaaaaaaa-0000-4000-8000-000000000001", "x", 1)))})
		if err := w.Check(t.Context(), cl); len(p.Extra) > 0 && (err == nil || !strings.Contains(err.Error(), "not understood")) {
			t.Errorf("%s: checked as %v", c.in, err)
		}
	}
}

// TestPredicateSurvivesARoundTrip: a report that is read and written again
// says the same, known members and unknown ones.
func TestPredicateSurvivesARoundTrip(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		in := map[string]any{}
		for _, name := range rapid.SliceOf(rapid.SampledFrom([]string{"op", "event", "equals", "filter", "value", "time", "coverage", "window", "x", "Op"})).Draw(t, "members") {
			in[name] = rapid.SampledFrom([]any{"s", 1, 1.5, true, []any{"a"}, map[string]any{"k": "v"}, map[string]any{"from": "a", "to": "b"}}).Draw(t, "value")
		}
		doc, err := json.Marshal(in)
		if err != nil {
			t.Fatal(err)
		}
		var p, q Predicate
		if err := json.Unmarshal(doc, &p); err != nil {
			t.Fatal(err)
		}
		once, err := json.Marshal(p)
		if err != nil {
			t.Fatal(err)
		}
		if err := json.Unmarshal(once, &q); err != nil {
			t.Fatal(err)
		}
		if diff := cmp.Diff(p, q); diff != "" {
			t.Fatalf("%s became %s: %s", doc, once, diff)
		}
	})
}

func FuzzPredicate(f *testing.F) {
	f.Add([]byte(`{"op":"event","op":1}`))
	f.Add([]byte(`{"filter":{"a":[[[]]]},"value":1e999999999}`))
	f.Fuzz(func(t *testing.T, data []byte) {
		var p Predicate
		if json.Unmarshal(data, &p) != nil {
			return
		}
		_ = prepare(&Claim{Predicate: p, Evidence: []string{"event:x"}})
		if _, err := json.Marshal(p); err != nil {
			t.Errorf("read but cannot be written: %v", err)
		}
	})
}

// TestEveryFieldCanBeClaimed: each field has a value in some event, and a
// claim of that value holds and of another does not.
func TestEveryFieldCanBeClaimed(t *testing.T) {
	events := madeUp(t, 3, 400)
	full := event(t, []byte(`{"eventID":"full","eventTime":"2026-11-02T10:00:00Z","eventSource":"s3.amazonaws.com","eventName":"GetObject","awsRegion":"eu-west-1",
	"sourceIPAddress":"10.0.0.1","userAgent":"aws-cli/2","recipientAccountId":"111122223333","errorCode":"AccessDenied","errorMessage":"no","requestID":"r1","sharedEventID":"s1",
	"vpcEndpointId":"vpce-1","readOnly":true,"eventType":"AwsApiCall","eventCategory":"Data","requestParameters":{"bucketName":"b"},"responseElements":{"credentials":{"accessKeyId":"ASIAX"}},
	"userIdentity":{"type":"AssumedRole","principalId":"AROAX:s","arn":"arn:aws:sts::1:assumed-role/r/s","accessKeyId":"ASIAY","userName":"u","invokedBy":"x.amazonaws.com",
	"sessionContext":{"sessionIssuer":{"type":"Role","principalId":"AROAX","arn":"arn:aws:iam::1:role/r","userName":"r"},"attributes":{"creationDate":"2026-11-02T09:00:00Z","mfaAuthenticated":"false"}}}}`))
	full.Identity.SourceIdentity, full.Identity.OnBehalfOf = "si", "ob"
	w := worldOf(t, append(events, full))
	for _, name := range append(Fields(), "record.eventTime", "request.bucketName", "response.credentials.accessKeyId") {
		f, ok := fieldOf(name)
		if !ok {
			t.Errorf("%s is no field", name)
			continue
		}
		s := &subject{e: &full, actor: w.Actors["full"]}
		have := f.values(s)[0]
		if have == "" {
			t.Errorf("the test's event has no %s", name)
			continue
		}
		if name == "event_id" {
			continue // what every predicate of this test already names
		}
		for want, holds := range map[string]bool{have: true, have + "x": false, "": false} {
			for _, p := range []Predicate{
				{Op: "event", Event: "full", Equals: map[string]any{name: want}},
				{Op: "first", Filter: Filter{name: want, "event_id": "full"}, Time: "2026-11-02T10:00:00Z"},
			} {
				err := w.Check(t.Context(), Claim{Text: "GetObject failed.", Predicate: p, Evidence: []string{"event:full"}})
				if (err == nil) != holds {
					t.Errorf("%s %s = %q: %v", p.Op, name, want, err)
				}
			}
		}
	}
	for alias, name := range aliases {
		if f, ok := fieldOf(alias); !ok || f.name != name {
			t.Errorf("alias %s leads to %q, not %s", alias, f.name, name)
		}
	}
}

// counting counts the queries that are asked of it.
type counting struct {
	evidence.Querier
	queries []evidence.Query
}

func (c *counting) Events(ctx context.Context, q evidence.Query) iter.Seq2[evidence.Event, error] {
	c.queries = append(c.queries, q)
	return c.Querier.Events(ctx, q)
}

// TestManyClaimsFewQueries: the number of claims must not show in the number of
// passes over the evidence.
func TestManyClaimsFewQueries(t *testing.T) {
	events := madeUp(t, 5, 2000)
	w := worldOf(t, events)
	c := &counting{Querier: w.Events}
	w.Events = c
	var claims []Claim
	for i := range 10_000 {
		e := &events[i%len(events)]
		claims = append(claims, Claim{Text: e.Name + " failed or not", Evidence: []string{e.CitedAs()},
			Predicate: Predicate{Op: "count", Filter: Filter{"credential": e.Identity.AccessKey, "event_name": e.Name, "source_ip": e.SourceIP, "time": stamp(e.Time)}, Value: 1 + i%2}})
		if i%3 == 0 {
			claims[i].Predicate.Filter = Filter{"request.userName": fmt.Sprintf("svc-%d", i%50)}
		}
	}
	if _, err := w.CheckAll(t.Context(), claims); err != nil {
		t.Fatal(err)
	}
	if len(c.queries) > 4 {
		t.Errorf("%d queries for %d claims", len(c.queries), len(claims))
	}
	for i, q := range c.queries[:len(c.queries)-1] {
		if len(q.Credentials) == 0 && !q.Body {
			t.Errorf("query %d reads everything: %+v", i, q)
		}
	}
}

func TestConflictingCopiesAreNoted(t *testing.T) {
	a := event(t, []byte(created))
	b := event(t, []byte(strings.Replace(created, "203.0.113.9", "203.0.113.99", 1)))
	w := worldOf(t, []evidence.Event{a, b})
	for ip, holds := range map[string]bool{"203.0.113.9": true, "203.0.113.99": true, "203.0.113.1": false} {
		rs, err := w.CheckAll(t.Context(), []Claim{{ID: "C1", Text: "CreateAccessKey from " + ip + ".", Evidence: []string{a.CitedAs()},
			Predicate: Predicate{Op: "event", Event: a.ID, Equals: map[string]any{"source_ip": ip}}}})
		if err != nil {
			t.Fatal(err)
		}
		if (rs[0].Err == nil) != holds || rs[0].ID != "C1" || len(rs[0].Notes) != 1 {
			t.Errorf("%s: %+v", ip, rs[0])
		}
	}
	// Both copies are one event when events are counted.
	if err := w.Check(t.Context(), Claim{Text: "CreateAccessKey was called 1 time.", Evidence: []string{a.CitedAs()},
		Predicate: Predicate{Op: "count", Filter: Filter{"name": "CreateAccessKey"}, Value: 1}}); err != nil {
		t.Error(err)
	}
}

func TestNumbersAreBounded(t *testing.T) {
	for in, ok := range map[string]bool{"12": true, "1.5": true, "-3": true, "1e9": true, "4.2E-7": true, "1e30": true, "1e31": false, "1e-31": false, "1e999999999": false, "1e": false, "1e+": false, "0x10": false, "1_0": false, strings.Repeat("9", 60): false, "": false, "1/3": false} {
		if _, got := number(json.Number(in)); got != ok {
			t.Errorf("number(%q) = %v", in, got)
		}
	}
	if n, ok := whole(2900.0); n != 2900 || !ok {
		t.Error("a float that is whole is a whole number")
	}
}
