package s3

import (
	"fmt"
	"maps"
	"slices"
	"testing"
	"time"

	"pgregory.net/rapid"
)

const (
	member = "AWSLogs/o-abcdefghij/111122223333/CloudTrail/eu-west-1/2026/11/03/a.json.gz"
	plainK = "AWSLogs/444455556666/CloudTrail/us-east-1/2026/10/31/b.json.gz"
)

func day(s string) time.Time {
	d, err := time.Parse("2006-01-02T15", s)
	if err != nil {
		panic(err)
	}
	return d
}

func TestWants(t *testing.T) {
	for _, c := range []struct {
		name, key string
		filter    Filter
		want      bool
	}{
		{"everything", member, Filter{}, true},
		{"the account", member, Filter{Accounts: []string{"111122223333"}}, true},
		{"another account", member, Filter{Accounts: []string{"444455556666"}}, false},
		{"another account, as a folder", "AWSLogs/o-abcdefghij/111122223333/", Filter{Accounts: []string{"444455556666"}}, false},
		{"above the accounts", "AWSLogs/o-abcdefghij/", Filter{Accounts: []string{"444455556666"}}, true},
		{"under a prefix", "trails/main/" + plainK, Filter{Accounts: []string{"111122223333"}}, false},
		{"another region", plainK, Filter{Regions: []string{"eu-west-1"}}, false},
		{"the region", member, Filter{Regions: []string{"eu-west-1"}}, true},
		{"too early", plainK, Filter{From: day("2026-11-01T00")}, false},
		{"the first day", plainK, Filter{From: day("2026-10-31T23")}, true},
		{"too late", member, Filter{To: day("2026-11-01T12")}, false},
		{"delivered a day later", member, Filter{To: day("2026-11-02T12")}, true},
		{"outside the layout", "export/2020.json", Filter{From: day("2026-11-01T00"), Accounts: []string{"1"}, Regions: []string{"x"}}, true},
		{"a date without zeros", "AWSLogs/111122223333/Config/us-east-1/2020/1/1/x.json.gz", Filter{From: day("2026-11-01T00")}, true},
		{"an account that is none", "AWSLogs/elsewhere/CloudTrail/us-east-1/2020/01/01/x", Filter{Accounts: []string{"1"}, From: day("2026-11-01T00")}, true},
	} {
		if got := c.filter.wants(c.key); got != c.want {
			t.Errorf("%s: %t", c.name, got)
		}
	}
}

// Whatever the keys and the filter: collecting brings exactly the objects whose
// own key is wanted, however the walk cuts the bucket up.
func TestWalkBringsWhatIsWanted(t *testing.T) {
	pick := func(rt *rapid.T, label string, of ...string) string { return rapid.SampledFrom(of).Draw(rt, label) }
	rapid.Check(t, func(rt *rapid.T) {
		objects := map[string]string{}
		for i := range rapid.IntRange(0, 12).Draw(rt, "objects") {
			key := pick(rt, "prefix", "", "trails/main/", "a/b/c/d/e/") + pick(rt, "root", "AWSLogs/", "AWSLogs/o-abcdefghij/", "other/") +
				pick(rt, "account", "111122223333/", "444455556666/", "") + pick(rt, "service", "CloudTrail/", "CloudTrail-Digest/", "Config/", "") +
				pick(rt, "region", "us-east-1/", "eu-west-1/", "") + pick(rt, "day", "2026/10/30/", "2026/11/01/", "2026/11/05/", "2026/1/2/", "") + fmt.Sprint("f", i)
			objects[key] = key
		}
		b := newBucket(t, objects)
		f := Filter{}
		if rapid.Bool().Draw(rt, "accounts") {
			f.Accounts = []string{"111122223333"}
		}
		if rapid.Bool().Draw(rt, "regions") {
			f.Regions = []string{"eu-west-1"}
		}
		if rapid.Bool().Draw(rt, "from") {
			f.From = day("2026-11-01T00")
		}
		if rapid.Bool().Draw(rt, "to") {
			f.To = day("2026-11-02T00")
		}
		want := slices.DeleteFunc(slices.Sorted(maps.Keys(objects)), func(k string) bool { return !f.wants(k) })
		if got := collect(t, b.collector(Options{Filter: f}), "s3://trail").keys(); !slices.Equal(got, want) {
			rt.Errorf("filter %+v over %q gave\n%q, want\n%q", f, slices.Sorted(maps.Keys(objects)), got, want)
		}
	})
}

// A year of days in two regions: what the layout rules out costs no listing.
func TestPrunedDaysAreNotListed(t *testing.T) {
	objects := map[string]string{}
	start := day("2026-01-01T00")
	for d := range 300 {
		for _, region := range []string{"us-east-1", "eu-west-1", "ap-south-1"} {
			for i := range 8 {
				key := fmt.Sprintf("AWSLogs/111122223333/CloudTrail/%s/%s/%d.json", region, start.AddDate(0, 0, d).Format("2006/01/02"), i)
				objects[key] = key
			}
		}
	}
	b := newBucket(t, objects)
	f := Filter{Regions: []string{"us-east-1", "eu-west-1"}, From: day("2026-09-01T00"), To: day("2026-09-02T00")}
	if got := collect(t, b.collector(Options{Filter: f}), "s3://trail/").keys(); len(got) != 2*2*8 { // one day, and one for late delivery
		t.Errorf("%d objects", len(got))
	}
	if n := b.asked("LIST AWSLogs/111122223333/CloudTrail/ap-south-1"); n > 0 {
		t.Errorf("the other region was listed %d times", n)
	}
	if n := b.asked("LIST"); n > 8 {
		t.Errorf("%d listings for 2 days of 2 regions", n)
	}
}
