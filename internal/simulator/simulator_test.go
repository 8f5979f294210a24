package simulator

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"io/fs"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/klauspost/compress/gzip"

	"github.com/trailhound/trailhound/internal/evidence"
	"github.com/trailhound/trailhound/internal/source/cloudtrail"
)

// small is enough for every actor to have worked and cheap enough for every
// incident and several seeds.
const small = 6000

// corpus is one run, decoded the way an investigation reads it.
type corpus struct {
	truth  Truth
	events map[string]evidence.Event
	order  []evidence.Event
	bytes  int
}

func live(t testing.TB, name string, seed uint64, events int, mutate ...string) corpus {
	t.Helper()
	c := corpus{events: map[string]evidence.Event{}}
	truth, err := Write(t.Context(), name, Options{Seed: seed, Events: events, Mutate: mutate}, func(r Record) error {
		e, err := cloudtrail.Decode(r.Body)
		if err != nil {
			t.Errorf("%s: %v", r.Body, err)
			return err
		}
		if e.ID != r.ID || e.Account != r.Account || e.Region != r.Region || !e.Time.Equal(r.Time) {
			t.Errorf("record %s is filed as %s %s %s %s", r.Body, r.ID, r.Account, r.Region, r.Time)
		}
		if _, twice := c.events[e.ID]; twice {
			t.Errorf("event id %s occurs twice", e.ID)
		}
		c.events[e.ID] = e
		c.order = append(c.order, e)
		c.bytes += len(r.Body)
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	c.truth = truth
	return c
}

// TestIncidents runs every check over every incident and a few seeds.
func TestIncidents(t *testing.T) {
	for i, name := range Names() {
		for _, seed := range []uint64{uint64(i % 3)} { // every seed with a third of them: the whole square takes minutes
			t.Run(name+"/"+strconv.FormatUint(seed, 10), func(t *testing.T) {
				t.Parallel()
				c := live(t, name, seed, small)
				t.Run("truth", func(t *testing.T) { checkTruth(t, c) })
				t.Run("lineage", func(t *testing.T) { checkLineage(t, c) })
				t.Run("keys", func(t *testing.T) { checkKeys(t, c) })
				t.Run("size", func(t *testing.T) { checkSize(t, c) })
				t.Run("addresses", func(t *testing.T) { checkAddresses(t, c) })
			})
		}
	}
}

// checkTruth: what the truth file says can be found on the trail.
func checkTruth(t *testing.T, c corpus) {
	exists := func(what string, ids ...string) {
		for _, id := range ids {
			if _, ok := c.events[id]; !ok {
				t.Errorf("%s: event %s is not on the trail", what, id)
			}
		}
	}
	attack := map[string]bool{}
	for _, id := range c.truth.AttackEventIDs {
		attack[id] = true
	}
	exists("attack", c.truth.AttackEventIDs...)
	exists("forwarded", c.truth.ForwardedEventIDs...)
	failed := 0
	for _, id := range c.truth.AttackEventIDs {
		e := c.events[id]
		if e.Outcome() == evidence.Failure {
			failed++
			if !slices.Contains(c.truth.AttemptEventIDs, id) {
				t.Errorf("%s %s failed, but is no attempt", e.Name, id)
			}
		}
	}
	if failed != len(c.truth.AttemptEventIDs) {
		t.Errorf("%d attempts, %d events failed", len(c.truth.AttemptEventIDs), failed)
	}
	for _, p := range c.truth.Persistence {
		exists("persistence "+p.ID, p.EventIDs...)
		if !slices.Contains([]string{"live", "removed", "attempted"}, p.Status) && !p.Optional || len(p.EventIDs) == 0 {
			t.Errorf("persistence %+v", p)
		}
		if p.Status == "removed" && len(p.EventIDs) < 2 {
			t.Errorf("%s is removed by no event", p.ID)
		}
		for _, id := range p.EventIDs {
			if e := c.events[id]; p.Status == "live" && e.Outcome() != evidence.Success {
				t.Errorf("%s lives by the failed %s", p.ID, e.Name)
			}
		}
	}
	for _, x := range c.truth.Techniques {
		exists("technique "+x.ID, x.EventIDs...)
		if x.Attack == "" || len(x.EventIDs) == 0 {
			t.Errorf("technique %+v is half said", x)
		}
		for _, id := range x.EventIDs {
			if !attack[id] {
				t.Errorf("technique %s cites %s, which is no attack event", x.ID, id)
			}
		}
	}
	for _, d := range c.truth.Decoys {
		exists("decoy "+d.What, d.EventIDs...)
		for _, id := range d.EventIDs {
			if attack[id] || slices.Contains(c.truth.ForwardedEventIDs, id) {
				t.Errorf("decoy %q and attack share %s", d.What, id)
			}
		}
	}
	if c.truth.Counts.Events != len(c.order) {
		t.Errorf("counts %d events, the trail holds %d", c.truth.Counts.Events, len(c.order))
	}
}

// checkLineage: every edge is issued by its event, and its child is used
// or said to be unused.
func checkLineage(t *testing.T, c corpus) {
	usedBy := map[string]bool{}
	for _, id := range append(slices.Clone(c.truth.AttackEventIDs), c.truth.ForwardedEventIDs...) {
		e := c.events[id]
		usedBy[e.Identity.AccessKey] = true
		if e.Name == "ConsoleLogin" {
			usedBy[e.Identity.ARN] = true
		}
	}
	for _, x := range c.truth.Lineage {
		if _, ok := c.events[x.Event]; !ok {
			t.Errorf("edge %+v: its event is not on the trail", x)
		}
		if usedBy[x.Child] == x.Unused {
			t.Errorf("edge %+v: used is %v", x, usedBy[x.Child])
		}
		if x.Parent != "" && !usedBy[x.Parent] && x.Rule != "create_access_key" && x.Rule != "console_login" { // a stolen session: its owner signed in
			t.Errorf("edge %+v: its parent was never used", x)
		}
	}
}

// checkKeys: no temporary key is used before it is issued, and a
// session begins in the second in which it was issued.
func checkKeys(t *testing.T, c corpus) {
	issued := map[string]evidence.Event{}
	for _, e := range c.order {
		if e.Outcome() == evidence.Failure {
			continue
		}
		e.Body = bytes.Clone(e.Body)
		r, err := e.Parse()
		if err != nil {
			t.Fatal(err)
		}
		for _, path := range []string{"responseElements.credentials.accessKeyId", "responseElements.accessKey.accessKeyId"} {
			if key := r.Str(path); key != "" {
				if first, twice := issued[key]; twice && (first.SharedID != e.SharedID || first.RequestID != e.RequestID || first.Account == e.Account) {
					t.Errorf("key %s is issued twice, by %s and %s", key, issued[key].ID, e.ID)
				}
				issued[key] = e
			}
		}
	}
	if len(issued) < 50 {
		t.Fatalf("only %d keys are issued: the check would check nothing", len(issued))
	}
	used := 0
	for _, e := range c.order {
		by, ok := issued[e.Identity.AccessKey]
		if !e.Identity.SessionCreated.IsZero() && e.Identity.SessionCreated.After(e.Time) {
			t.Errorf("%s %s is older than its session", e.Name, e.ID)
		}
		if !ok {
			continue
		}
		used++
		if !e.Time.After(by.Time) {
			t.Errorf("%s uses %s at %s, issued by %s at %s", e.Name, e.Identity.AccessKey, e.Time, by.Name, by.Time)
		}
		if strings.HasPrefix(e.Identity.AccessKey, "ASIA") && !e.Identity.SessionCreated.Equal(by.Time) {
			t.Errorf("%s: creationDate %s, issued at %s", e.Identity.AccessKey, e.Identity.SessionCreated, by.Time)
		}
	}
	if used < small/3 {
		t.Errorf("only %d of %d events use a key issued on the trail", used, len(c.order))
	}
}

// checkSize: records are as large as real ones, the corpus as large
// as asked for, and people sleep.
func checkSize(t *testing.T, c corpus) {
	if mean := c.bytes / len(c.order); mean < 1200 || mean > 1800 {
		t.Errorf("a record takes %d bytes, want 1200 to 1800", mean)
	}
	if n := len(c.order); n < small*9/10 || n > small*13/10 {
		t.Errorf("%d events, asked for %d", n, small)
	}
	days, principals := map[string]bool{}, map[string]bool{}
	for _, e := range c.order {
		days[e.Time.Format(time.DateOnly)] = true
		principals[e.Identity.UniqueID()] = true
	}
	if len(days) < 17 || len(principals) < 15 {
		t.Errorf("%d days, %d principals: too thin for a baseline", len(days), len(principals))
	}
	if (c.truth.Expected.Status == "incident") != (len(c.truth.AttackEventIDs) > 0) {
		t.Errorf("expected %s with %d attack events", c.truth.Expected.Status, len(c.truth.AttackEventIDs))
	}
	for _, seed := range c.truth.SeedIndicators[:1] {
		if !strings.Contains(c.truth.Sentence, seed.Value) && !strings.Contains(seed.Why, "not in the sentence") {
			t.Errorf("the sentence does not name %s", seed.Value)
		}
	}
}

// TestSeedsDiffer: nothing that names anybody is shared between two seeds.
func TestSeedsDiffer(t *testing.T) {
	for _, name := range Names() {
		ids := func(seed uint64) map[string]bool {
			all := map[string]bool{}
			for _, e := range live(t, name, seed, 2000).order {
				for _, v := range []string{e.ID, e.Account, e.Identity.AccessKey, e.Identity.PrincipalID} {
					all[v] = true
				}
			}
			delete(all, "")
			return all
		}
		a, b := ids(11), ids(12)
		for v := range maps.Keys(a) {
			if b[v] {
				t.Errorf("%s: seeds 11 and 12 share %s", name, v)
			}
		}
	}
}

// checkAddresses: see addressPlan.
func checkAddresses(t *testing.T, c corpus) {
	for _, e := range c.order {
		ip := e.SourceIP
		if !evidence.IsAddress(ip) {
			continue
		}
		if !slices.ContainsFunc([]string{"192.0.2.", "198.51.100.", "203.0.113.", "2001:db8:", "198.18.", "198.19.", "10."},
			func(p string) bool { return strings.HasPrefix(ip, p) }) {
			t.Fatalf("%s %s comes from %s", e.Name, e.ID, ip)
		}
	}
}

func TestUnknownNameIsRefused(t *testing.T) {
	if _, err := Generate(t.Context(), "no-such-thing", Options{Out: t.TempDir()}); err == nil || !strings.Contains(err.Error(), "quiet-week") {
		t.Errorf("error %v does not list the names", err)
	}
	if _, ok := Describe("no-such-thing"); ok {
		t.Error("an unknown incident is described")
	}
	for _, n := range Names() {
		if about, ok := Describe(n); !ok || about == "" {
			t.Errorf("%s is not described", n)
		}
	}
}

func TestWriteStopsOnCancelAndOnError(t *testing.T) {
	ctx, cancel := context.WithCancel(t.Context())
	_, err := Write(ctx, "quiet-week", Options{Events: small}, func(Record) error { cancel(); return nil })
	if !errors.Is(err, context.Canceled) {
		t.Errorf("after a cancel: %v", err)
	}
	full := errors.New("disk full")
	_, err = Write(t.Context(), "quiet-week", Options{Events: small}, func(Record) error { return full })
	if !errors.Is(err, full) {
		t.Errorf("after an error: %v", err)
	}
}

// TestGenerateTwice: byte-identical trees, and a folder is never written over.
func TestGenerateTwice(t *testing.T) {
	a, b := t.TempDir(), t.TempDir()
	o := Options{Out: a, Seed: 5, Events: small}
	first, err := Generate(t.Context(), "leaked-ci-key", o)
	if err != nil {
		t.Fatal(err)
	}
	o.Out = b
	if _, err := Generate(t.Context(), "leaked-ci-key", o); err != nil {
		t.Fatal(err)
	}
	one, two := tree(t, a), tree(t, b)
	if !maps.EqualFunc(one, two, bytes.Equal) {
		t.Error("two runs differ")
	}
	if _, err := Generate(t.Context(), "leaked-ci-key", o); err == nil {
		t.Error("a second trail was written over the first")
	}
	checkFiles(t, one, first)
}

func tree(t *testing.T, dir string) map[string][]byte {
	files := map[string][]byte{}
	err := filepath.WalkDir(dir, func(path string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() {
			return err
		}
		rel, _ := filepath.Rel(dir, path)
		b, err := os.ReadFile(path)
		files[filepath.ToSlash(rel)] = b
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return files
}

// checkFiles reads the files back: layout, header, records, duplicates.
func checkFiles(t *testing.T, files map[string][]byte, res Result) {
	seen, records, gz := map[string]int{}, 0, 0
	for name, b := range files {
		if name == "truth.json" {
			var truth Truth
			if err := json.Unmarshal(b, &truth); err != nil || truth.Schema != TruthSchema {
				t.Errorf("truth.json: %v, schema %q", err, truth.Schema)
			}
			continue
		}
		gz++
		part := strings.Split(name, "/") // AWSLogs/<account>/CloudTrail/<region>/YYYY/MM/DD/<file>
		if len(part) != 8 || part[0] != "AWSLogs" || part[2] != "CloudTrail" || !strings.HasPrefix(part[7], part[1]+"_CloudTrail_"+part[3]+"_") {
			t.Errorf("file %s stands in the wrong place", name)
			continue
		}
		z, err := gzip.NewReader(bytes.NewReader(b))
		if err != nil {
			t.Fatal(err)
		}
		if !bytes.Equal(b[3:8], make([]byte, 5)) { // flags and modification time
			t.Errorf("%s: its gzip header tells a time or a name", name)
		}
		var doc struct {
			Records []struct{ EventID, AwsRegion, RecipientAccountID string }
		}
		if err := json.NewDecoder(z).Decode(&doc); err != nil {
			t.Fatalf("%s: %v", name, err)
		}
		for _, r := range doc.Records {
			records++
			seen[r.EventID]++
			if r.AwsRegion != part[3] || r.RecipientAccountID != part[1] {
				t.Errorf("%s holds a record of %s in %s", name, r.RecipientAccountID, r.AwsRegion)
			}
		}
	}
	c := res.Truth.Counts
	if len(seen) != c.Events || records != c.Events+c.Duplicates || gz != c.Files {
		t.Errorf("%d events, %d records, %d files; the truth counts %+v", len(seen), records, gz, c)
	}
	if c.Duplicates == 0 {
		t.Error("nothing is delivered twice: CloudTrail does")
	}
}

// TestLargeIsBounded: a large corpus comes as files of 1 to 5 MB and never
// holds more than an hour and the open files in memory.
func TestLargeIsBounded(t *testing.T) {
	if testing.Short() {
		t.Skip("writes 25 MB")
	}
	const events = 200_000
	dir := t.TempDir()
	if _, err := Generate(t.Context(), "quiet-week", Options{Out: dir, Seed: 1, Events: events}); err != nil {
		t.Fatal(err)
	}
	largest, total := 0, 0
	for _, b := range tree(t, dir) {
		largest, total = max(largest, len(b)), total+len(b)
	}
	if largest < 1<<20 || largest > 5<<20 {
		t.Errorf("the largest file has %d bytes, want 1 to 5 MB", largest)
	}
	hour := 0
	var at int64
	n, peak := 0, 0
	if _, err := Write(t.Context(), "quiet-week", Options{Seed: 1, Events: events}, func(r Record) error {
		if h := r.Time.Unix() / 3600; h != at {
			at, hour = h, 0
		}
		n, hour = n+1, hour+1
		peak = max(peak, hour)
		return nil
	}); err != nil {
		t.Fatal(err)
	}
	if n < events*9/10 || peak > events/100 {
		t.Errorf("%d events, %d of them in one hour", n, peak)
	}
}

func BenchmarkWrite(b *testing.B) {
	for b.Loop() {
		n := 0
		if _, err := Write(b.Context(), "leaked-ci-key", Options{Seed: 1, Events: 50_000}, func(r Record) error { n += len(r.Body); return nil }); err != nil {
			b.Fatal(err)
		}
		b.SetBytes(int64(n))
	}
}
