package store

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"pgregory.net/rapid"

	"github.com/trailhound/trailhound/internal/evidence"
)

// TestOwn shows the rule by which a day is divided.
func TestOwn(t *testing.T) {
	const a, b, c, d = "111111111111", "222222222222", "333333333333", "012345678901"
	for name, day := range map[string]struct {
		rows map[string]int
		want []string
	}{
		"nothing":                        {nil, nil},
		"all small":                      {map[string]int{a: 9, b: 9, c: 9}, nil},
		"one, large":                     {map[string]int{a: 10}, []string{a}},
		"two, large":                     {map[string]int{b: 10, a: 11}, []string{a, b}},
		"zeros before":                   {map[string]int{d: 10, a: 10}, []string{d, a}},
		"the rest fills a partition":     {map[string]int{a: 10, b: 5, c: 5}, []string{a}},
		"the rest does not: the least":   {map[string]int{a: 11, b: 10, c: 1}, []string{a}},
		"…and of equals the later":       {map[string]int{a: 10, b: 10, c: 1}, []string{a}},
		"only one, and little else":      {map[string]int{a: 30, b: 9}, nil},
		"no more than there may be":      {map[string]int{a: 12, b: 11, c: 10, d: 13}, []string{d, a, b}},
		"no account, however many":       {map[string]int{"": 20, "11111111111a": 20, "../../../../": 20, a: 10}, []string{a}},
		"more accounts than are counted": {map[string]int{a: 10, b: 10, "1": 1, "2": 1, "444444444444": 1, "555555555555": 1, c: 1, d: 1}, nil},
	} {
		tally := tally{limits: &limits{accountRows: 10, accounts: 5, partitions: 4}}
		for account, n := range day.rows {
			for range n {
				tally.add(&evidence.Event{Account: account})
			}
		}
		if got := tally.own(); !slices.Equal(got, day.want) {
			t.Errorf("%s: %v, want %v", name, got, day.want)
		}
	}
}

// rowsOf are the rows of each partition of each day, by the files' names.
func rowsOf(files []fileEntry) map[string]map[string]int64 {
	rows := map[string]map[string]int64{}
	for _, f := range files {
		day, account := partitionIn(f.Path)
		if rows[day] == nil {
			rows[day] = map[string]int64{}
		}
		rows[day][account] += f.Rows
	}
	return rows
}

// checkPartitions holds the files of a settled store to the rule, by the events themselves.
func checkPartitions(t *rapid.T, s *Store) {
	man := s.state()
	tallies := map[string]*tally{}
	for _, e := range gather(t, s, evidence.Query{}) {
		day := tallies[dayOf(e.Time)]
		if day == nil {
			day = &tally{limits: &s.limits}
			tallies[dayOf(e.Time)] = day
		}
		day.add(&e)
	}
	several := false
	want := map[string]map[string]int64{}
	for day, all := range tallies {
		want[day] = map[string]int64{}
		rest := all.total
		for _, account := range all.own() {
			want[day][account] = all.counts[account]
			rest -= all.counts[account]
		}
		if rest > 0 {
			want[day][shared] = rest
		}
		several = several || len(want[day]) > 1
	}
	if by := man.Partition == PartitionAccount || man.Partition == PartitionAuto && several; by != man.byAccount() {
		t.Fatalf("asked for %s, a day has several partitions: %v, version %d", man.Partition, several, man.Version)
	}
	if !man.byAccount() {
		for day, all := range tallies {
			want[day] = map[string]int64{"": all.total}
		}
	}
	if got := rowsOf(man.Events); fmt.Sprint(got) != fmt.Sprint(want) {
		t.Fatalf("partitions %v, want %v", got, want)
	}
}

// TestLayoutIsOfTheLastWish lays a store out anew again and again while evidence comes in. It
// says the same all the time, and ends with the files of a store that was made so at once.
func TestLayoutIsOfTheLastWish(t *testing.T) {
	base := t.TempDir()
	modes := []Partition{PartitionAuto, PartitionDay, PartitionAccount}
	rapid.Check(t, func(t *rapid.T) {
		files := drawFiles(t)
		into := func(s *Store, files []file, mode Partition) {
			if _, err := s.importFrom(context.Background(), reader(files, 1), nil, ImportOptions{Partition: mode}); err != nil {
				t.Fatal(err)
			}
		}
		s := scratch(t, base)
		s.limits = tiny
		if rapid.Bool().Draw(t, "no links") {
			s.link = func(string, string) error { return errors.ErrUnsupported }
		}
		done := 0
		var mode Partition
		for range rapid.IntRange(1, 5).Draw(t, "steps") {
			more := rapid.IntRange(0, len(files)-done).Draw(t, "more")
			mode = rapid.SampledFrom(modes).Draw(t, "mode")
			into(s, files[done:done+more], mode)
			done += more
			want := oracle(files[:done])
			sameEvents(t, string(mode), gather(t, want, evidence.Query{Body: true}), gather(t, s, evidence.Query{Body: true}))
			checkPartitions(t, s)
			var slices strings.Builder
			for data, err := range s.Digests(context.Background(), "test-1", counted(new(int))) {
				if err != nil {
					t.Fatal(err)
				}
				slices.Write(data)
			}
			var ids strings.Builder
			for _, e := range gather(t, want, evidence.Query{}) {
				fmt.Fprintln(&ids, e.ID)
			}
			if slices.String() != ids.String() {
				t.Fatalf("the slices hold\n%swant\n%s", &slices, &ids)
			}
			for range 5 {
				q := drawQuery(t)
				sameEvents(t, "query", gather(t, want, q), gather(t, s, q))
			}
		}
		at := scratch(t, base)
		at.limits = tiny
		into(at, files[:done], mode)
		if got, want := paths(s), paths(at); !slices.Equal(got, want) {
			t.Fatalf("after all that the files are\n%v, at once\n%v", got, want)
		}
		if err := s.Check(context.Background()); err != nil {
			t.Fatal(err)
		}
	})
}

func paths(s *Store) (out []string) {
	for _, f := range s.state().Events {
		out = append(out, f.Path)
	}
	return out
}

// dividedStore has days with several accounts of their own, and one that they share.
func dividedStore(t *testing.T) (*Store, []file) {
	files := someFiles(12, 60)
	s := create(t, filepath.Join(t.TempDir(), "s"))
	s.limits = tiny
	s.limits.accountRows, s.limits.partitions, s.limits.partRows = 20, 4, 30
	load(t, s, files, 1)
	if !s.state().byAccount() {
		t.Fatal("the store is not divided: the test tests nothing")
	}
	return s, files
}

// TestAccountsAreReadApart takes away what a question about an account does not need. That is
// the only proof that nothing of it is read.
func TestAccountsAreReadApart(t *testing.T) {
	s, files := dividedStore(t)
	days := rowsOf(s.state().Events)
	for _, account := range []string{"111111111111", "222222222222"} {
		want := allOf(t, oracle(files), evidence.Query{Accounts: []string{account}, Body: true})
		gone := 0
		for _, f := range s.state().Events {
			day, of := partitionIn(f.Path)
			if of == account || of == shared && days[day][account] == 0 {
				continue
			}
			gone++
			if err := os.Rename(s.abs(f.Path), s.abs(f.Path)+".away"); err != nil {
				t.Fatal(err)
			}
		}
		if gone == 0 {
			t.Fatal("nothing to leave out")
		}
		s.files.forget()
		sameEvents(t, account, want, allOf(t, s, evidence.Query{Accounts: []string{account}, Body: true}))
		for _, f := range s.state().Events {
			os.Rename(s.abs(f.Path)+".away", s.abs(f.Path))
		}
	}
	both := evidence.Query{Accounts: []string{"222222222222", "333333333333", "nowhere"}}
	sameEvents(t, "two, and one that is not there", allOf(t, oracle(files), both), allOf(t, s, both))
}

// TestRebuildKeepsTheFolders: without its manifest a divided store comes back as it was.
func TestRebuildKeepsTheFolders(t *testing.T) {
	s, files := dividedStore(t)
	before := paths(s)
	s.Close()
	if err := os.Remove(s.abs(manifestName)); err != nil {
		t.Fatal(err)
	}
	if !IsStore(s.dir) {
		t.Error("IsStore does not know it")
	}
	again := newStore(s.dir)
	again.limits = s.limits
	if err := again.rebuild(t.Context()); err != nil {
		t.Fatal(err)
	}
	back, err := Open(t.Context(), s.dir)
	if err != nil {
		t.Fatal(err)
	}
	defer back.Close()
	if got := paths(back); !slices.Equal(got, before) {
		t.Errorf("rebuilt\n%v\nwas\n%v", got, before)
	}
	if got := back.state().Partition; got != PartitionAccount {
		t.Errorf("it is asked for %q", got)
	}
	sameEvents(t, "rebuilt", allOf(t, oracle(files), evidence.Query{Body: true}), allOf(t, back, evidence.Query{Body: true}))
}

// TestMadeUpAccounts: whatever ids evidence makes up, a day has no more folders than it may,
// and a name that is no account is never one.
func TestMadeUpAccounts(t *testing.T) {
	for _, c := range []struct{ ids, most int }{{90, 3}, {200, 1}} {
		var events []evidence.Event
		for k := range 3000 {
			e := plainEvent(k)
			e.Time = day0.Truncate(24 * 3600e9)
			if e.Account = fmt.Sprintf("%012d", k%c.ids); k%7 == 0 {
				e.Account = strings.Repeat("../", k%9)
			}
			seal(&e)
			events = append(events, e)
		}
		s := create(t, t.TempDir())
		s.limits = tiny
		s.limits.partRows = 10_000
		load(t, s, []file{newFile("made up", events)}, 1)
		if got := len(s.state().Events); got != c.most {
			t.Errorf("%d ids: %d files, want %d: %v", c.ids, got, c.most, paths(s))
		}
		for _, p := range paths(s) {
			if !ours.MatchString(p) {
				t.Errorf("a file is named %s", p)
			}
		}
		checkFolder(t, s)
	}
}

// TestLayoutLeavesNothing: after a change of layout the old folders are gone, and other engines
// do not take them for an empty table.
func TestLayoutLeavesNothing(t *testing.T) {
	s, files := dividedStore(t)
	for _, mode := range []Partition{PartitionDay, PartitionAccount, PartitionAuto, PartitionDay} {
		if _, err := s.importFrom(t.Context(), reader(files[:1], 1), nil, ImportOptions{Partition: mode}); err != nil {
			t.Fatal(err)
		}
		checkFolder(t, s)
		gone, there := byAccountDir, eventsDir
		if mode != PartitionDay {
			gone, there = there, gone
		}
		if _, err := os.Stat(s.abs(gone)); !errors.Is(err, os.ErrNotExist) {
			t.Errorf("%s: %s is there (%v)", mode, gone, err)
		}
		if _, err := os.Stat(s.abs(there)); err != nil {
			t.Errorf("%s: %v", mode, err)
		}
	}
}

// TestLossyFormOfAnotherAccount: while a store is not settled, an account's question reads the
// files of others too, since a row that it finds may have to give way to one of theirs.
func TestLossyFormOfAnotherAccount(t *testing.T) {
	whole := plainEvent(1)
	export := whole
	export.Lossy, export.Account = true, "999999999999"
	seal(&export)
	files := []file{newFile("whole", []evidence.Event{whole}), newFile("export", []evidence.Event{export})}
	s := create(t, t.TempDir())
	s.limits = tiny
	for _, f := range files {
		if _, err := s.importFrom(t.Context(), reader([]file{f}, 1), nil, ImportOptions{Unsettled: true}); err != nil {
			t.Fatal(err)
		}
	}
	q := evidence.Query{Accounts: []string{export.Account}}
	sameEvents(t, "the export's account", allOf(t, oracle(files), q), allOf(t, s, q))
	if len(s.state().Runs) != 2 || s.state().Runs[0].Account == "" {
		t.Errorf("runs %+v: the test tests nothing", s.state().Runs)
	}
}
