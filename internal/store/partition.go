package store

import (
	"cmp"
	"slices"

	"github.com/trailhound/trailhound/internal/evidence"
)

// Partition says how the settled events of a store are laid out.
type Partition string

const (
	// PartitionAuto is by day, and by account too as soon as some day has two large accounts.
	PartitionAuto Partition = "auto"
	// PartitionDay is by day alone.
	PartitionDay Partition = "day"
	// PartitionAccount is by day and account, also where no account is large.
	PartitionAccount Partition = "account"
)

// isAccount says whether a text may name a partition. Evidence is hostile: nothing else of it
// ever becomes the name of a folder.
func isAccount(id string) bool {
	if len(id) != 12 {
		return false
	}
	for i := range len(id) {
		if id[i] < '0' || id[i] > '9' {
			return false
		}
	}
	return true
}

// tally counts the distinct events of a day by account.
type tally struct {
	limits *limits
	total  int64
	counts map[string]int64
	over   bool // of more accounts than are counted
}

func (t *tally) add(e *evidence.Event) {
	t.total++
	if !isAccount(e.Account) {
		return
	}
	if t.counts == nil {
		t.counts = map[string]int64{}
	}
	if t.counts[e.Account] == 0 && len(t.counts) >= t.limits.accounts {
		t.over = true
		return
	}
	t.counts[e.Account]++
}

// own are the accounts that get a partition of their own that day, sorted. It hangs on the
// events of the day and nothing else, and leaves no partition with fewer than l.accountRows
// rows unless the whole day has fewer. A day that tells of more accounts than are counted is fed
// something strange, and is not divided. See docs/adr/0018-partitions-by-account.md.
func (t *tally) own() []string {
	l := t.limits
	if t.over || l.accountRows <= 0 {
		return nil
	}
	var large []string
	for id, n := range t.counts {
		if n >= l.accountRows {
			large = append(large, id)
		}
	}
	slices.SortFunc(large, func(a, b string) int { return cmp.Or(cmp.Compare(t.counts[b], t.counts[a]), cmp.Compare(a, b)) })
	large = large[:min(len(large), l.partitions-1)]
	rest := t.total
	for _, id := range large {
		rest -= t.counts[id]
	}
	for len(large) > 0 && rest > 0 && rest < l.accountRows {
		least := len(large) - 1
		rest, large = rest+t.counts[large[least]], large[:least]
	}
	slices.Sort(large)
	return large
}

// alone is the account that all rows of some files are of, by what the manifest says.
func alone(files []fileEntry) (account string, rows int64) {
	for i := range files {
		rows += files[i].Rows
		if i == 0 {
			account = files[0].Account
		} else if files[i].Account != account {
			account = ""
		}
	}
	return account, rows
}

// undivided is the partition of all of a day that is not divided: what tally.own says of it,
// told by its files.
func undivided(files []fileEntry, l *limits) string {
	account, rows := alone(files)
	if isAccount(account) && l.accountRows > 0 && rows >= l.accountRows {
		return account
	}
	return shared
}

// byAccount says whether the events of a state are laid out by account.
func (m *manifest) byAccount() bool { return m.Version == byAccountVersion }

// divided says whether some day has two partitions.
func divided(files []fileEntry) bool {
	first := map[string]string{}
	for _, f := range files {
		day, account := partitionIn(f.Path)
		if have, met := first[day]; !met {
			first[day] = account
		} else if have != account {
			return true
		}
	}
	return false
}
