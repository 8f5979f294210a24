package investigation

import (
	"context"
	"encoding/json"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/trailhound/trailhound/internal/attribution"
	"github.com/trailhound/trailhound/internal/evidence"
	"github.com/trailhound/trailhound/internal/evidence/memory"
)

// hourDigest is the digest of one hour of a chain, with the log files that it lists.
func hourDigest(hour int, before, beforeHash string, files ...string) evidence.Observation {
	from := time.Date(2026, 11, 2, hour, 0, 0, 0, time.UTC)
	body := map[string]any{"previousDigestS3Object": before, "previousDigestHashValue": beforeHash}
	var list []map[string]string
	for _, f := range files {
		list = append(list, map[string]string{"s3Object": "AWSLogs/1/CloudTrail/eu-west-1/" + f,
			"oldestEventTime": from.Add(5 * time.Minute).Format(time.RFC3339), "newestEventTime": from.Add(9 * time.Minute).Format(time.RFC3339)})
	}
	body["logFiles"] = list
	data, _ := json.Marshal(body)
	o := evidence.Observation{Kind: "trail_digest", ID: hourID(hour), Account: "111122223333", Region: "eu-west-1", Time: from, Until: from.Add(time.Hour), Snapshot: hourHash(hour), Body: data}
	o.Complete()
	return o
}

func hourID(hour int) string {
	return fmt.Sprintf("AWSLogs/1/CloudTrail-Digest/eu-west-1/1_CloudTrail-Digest_eu-west-1_main_eu-west-1_20261102T%02d0000Z.json.gz", hour+1)
}

func hourHash(hour int) string { return strings.Repeat(fmt.Sprintf("%02x", hour), 32) }

// after is a digest that follows on the hour before it.
func after(hour int, files ...string) evidence.Observation {
	return hourDigest(hour, hourID(hour-1), hourHash(hour-1), files...)
}

// chained is an inquiry into evidence that begins at an hour of the day and ends with it.
func chained(store *memory.Store, hour int) *inquiry {
	day := time.Date(2026, 11, 2, 0, 0, 0, 0, time.UTC)
	return &inquiry{q: store, observed: &observed{from: store}, res: &Result{}, pass: &pass{survey: &attribution.Survey{First: day.Add(time.Duration(hour) * time.Hour), Last: day.AddDate(0, 0, 1)}}}
}

func TestDigestsTellWhatIsMissing(t *testing.T) {
	files := []evidence.Artifact{{URI: "logs/a.json.gz"}, {URI: "x/all.zip!logs/b.json.gz"}}
	for _, c := range []struct {
		what    string
		digests []evidence.Observation
		want    []string // a part of each limit
		silent  bool     // whether hours 10 to 12 are shown to be complete
	}{
		{"whole", []evidence.Observation{after(9, "a.json.gz"), after(10), after(11, "b.json.gz"), after(12)}, nil, true},
		{"a file is gone", []evidence.Observation{after(9, "a.json.gz"), after(10, "c.json.gz"), after(11), after(12)},
			[]string{"for 2026-11-02T10:00:00Z to 2026-11-02T11:00:00Z lists log files that are not in the evidence (1 of 1): c.json.gz."}, false},
		{"what it lists of before the evidence was not asked for", []evidence.Observation{after(8, "old.json.gz"), after(9, "a.json.gz"), after(10), after(11), after(12)}, nil, true},
		{"a digest is gone", []evidence.Observation{after(9, "a.json.gz"), after(11), after(12)},
			[]string{"for 2026-11-02T10:00:00Z to 2026-11-02T11:00:00Z are not in the evidence, though they were delivered"}, false},
		{"logging was off", []evidence.Observation{after(9, "a.json.gz"), hourDigest(11, "", ""), after(12)},
			[]string{"begin anew at 2026-11-02T11:00:00Z; the last one before ends at 2026-11-02T10:00:00Z"}, false},
		{"a digest was changed", []evidence.Observation{after(9, "a.json.gz"), hourDigest(10, hourID(9), hourHash(77)), after(11), after(12)},
			[]string{"for 2026-11-02T09:00:00Z to 2026-11-02T10:00:00Z is not the one that the digest after it tells of"}, true},
		{"a digest within was changed", []evidence.Observation{after(9, "a.json.gz"), after(10), hourDigest(11, hourID(10), hourHash(77)), after(12)},
			[]string{"for 2026-11-02T10:00:00Z to 2026-11-02T11:00:00Z is not the one that the digest after it tells of"}, false},
		{"the log files came under other names", []evidence.Observation{after(9, "d.json.gz"), after(10), after(11), after(12)},
			[]string{"list 1 log files, none of which is in the evidence under its name"}, true},
	} {
		store := memory.New(nil, files...).Observe(c.digests...)
		in := chained(store, 9)
		if err := in.readChains(context.Background()); err != nil {
			t.Fatal(err)
		}
		in.chainLimits()
		if len(in.res.Limits) != len(c.want) {
			t.Errorf("%s: %d limits, want %d: %v", c.what, len(in.res.Limits), len(c.want), in.res.Limits)
			continue
		}
		for i, want := range c.want {
			if got := in.res.Limits[i].Text; !strings.Contains(got, want) {
				t.Errorf("%s: %s\nwant %s", c.what, got, want)
			}
		}
		from := time.Date(2026, 11, 2, 10, 0, 0, 0, time.UTC)
		if got := in.complete("111122223333", "eu-west-1", from, from.Add(2*time.Hour)); got != c.silent {
			t.Errorf("%s: complete is %v", c.what, got)
		}
	}
}

func TestManyGapsAreCounted(t *testing.T) {
	list := []evidence.Observation{after(0, "a.json.gz")}
	for h := 1; h < 20; h++ {
		list = append(list, after(h, fmt.Sprintf("gone%d.json.gz", h)))
	}
	store := memory.New(nil, evidence.Artifact{URI: "a.json.gz"}).Observe(list...)
	in := chained(store, 0)
	if err := in.readChains(context.Background()); err != nil {
		t.Fatal(err)
	}
	in.chainLimits()
	if n := len(in.res.Limits); n != maxChainGaps+1 || !strings.Contains(in.res.Limits[n-1].Text, "11 more") {
		t.Errorf("%d limits: %v", n, in.res.Limits)
	}
}

// TestOneWholeChainIsNotAll: a second trail, which may record no management events at all, says nothing of what the
// first one did not deliver.
func TestOneWholeChainIsNotAll(t *testing.T) {
	list := []evidence.Observation{after(9), hourDigest(12, "", ""), after(13)}
	for h := 9; h < 14; h++ {
		o := after(h)
		id := func(s string) string { return strings.ReplaceAll(s, "_main_", "_data_") }
		o.ID, o.Body = id(o.ID), []byte(id(string(o.Body)))
		o.Complete()
		list = append(list, o)
	}
	in := chained(memory.New(nil).Observe(list...), 9)
	if err := in.readChains(context.Background()); err != nil {
		t.Fatal(err)
	}
	at := func(hour int) time.Time { return time.Date(2026, 11, 2, hour, 0, 0, 0, time.UTC) }
	if in.complete("111122223333", "eu-west-1", at(10), at(12)) {
		t.Error("hours in which one of two trails was off are held to be complete")
	}
	if !in.complete("111122223333", "eu-west-1", at(12), at(13)) {
		t.Error("hours in which both trails delivered are not held to be complete")
	}
}

// TestNamesOfDigestsAreStrangers: what a digest names was written by whoever wrote the file.
func TestNamesOfDigestsAreStrangers(t *testing.T) {
	odd := after(11)
	odd.Region = "eu-west-1\nL1 all is well"
	store := memory.New(nil, evidence.Artifact{URI: "a.json.gz"}).Observe(after(9, "a.json.gz"), after(10, "b`\n"+strings.Repeat("c", 1<<20), "d.json.gz"), odd)
	in := chained(store, 9)
	if err := in.readChains(context.Background()); err != nil {
		t.Fatal(err)
	}
	in.chainLimits()
	if len(in.res.Limits) != 1 || !strings.HasSuffix(in.res.Limits[0].Text, "(2 of 2): d.json.gz, 1 more.") {
		t.Errorf("%.500v", in.res.Limits)
	}
}
