package ledger

import (
	"slices"
	"strings"
)

// Spends says whether a call starts something that is paid for, and that a bill may write
// under the name; "" stands for any.
func (t *Table) Spends(source, call, billed string) bool {
	return slices.Contains(t.spends[source], call) && (billed == "" || slices.ContainsFunc(t.bills[source], func(w string) bool { return strings.Contains(billed, w) }))
}

// Spenders are the sources, and the calls of all of them together, that start something
// that a bill writes under the name; those of every service for "".
func (t *Table) Spenders(billed string) (sources, calls []string) {
	for _, source := range sortedKeys(t.spends) {
		n := len(calls)
		for _, call := range t.spends[source] {
			if t.Spends(source, call, billed) {
				calls = append(calls, call)
			}
		}
		if len(calls) > n {
			sources = append(sources, source)
		}
	}
	slices.Sort(calls)
	return sources, slices.Compact(calls)
}

// Costs says whether calls of a service start something that is paid for.
func (t *Table) Costs(source string) bool { return len(t.spends[source]) > 0 }
