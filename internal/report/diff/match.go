package diff

import "regexp"

// maxShared bounds how many rows of one kind are weighed for one shared reference: a report from
// elsewhere may cite one event in every row.
const maxShared = 64

// rules says how rows of one section are recognised.
type rules[T any] struct {
	exact func(T) string   // equal: the same row
	loose func(T) string   // equal: may be the same row, "" never
	refs  func(T) []string // what loose candidates must share
}

// match pairs the rows of two lists, each with one of the other at most: first those that are exactly alike, then those loosely alike
// that share most references, then those loosely alike where each side has just one left. The
// indices that remain were withdrawn and added. The order of the lists decides ties.
// It takes time in proportion to the rows and their references, each weighed against
// maxShared rows at most.
func match[T any](before, after []T, r rules[T]) (pairs [][2]int, gone, come []int) {
	partner := make([]int, len(before))
	taken := make([]bool, len(after))
	for i := range partner {
		partner[i] = -1
	}
	pair := func(i, j int) { partner[i], taken[j] = j, true }

	same := map[string][]int{}
	for j, row := range after {
		k := r.exact(row)
		same[k] = append(same[k], j)
	}
	for i, row := range before {
		if k := r.exact(row); len(same[k]) > 0 {
			pair(i, same[k][0])
			// Rows that are alike to the letter are paired one by one, in order.
			same[k] = same[k][1:]
		}
	}
	if r.loose != nil {
		looseOld, looseNew := keys(before, r.loose), keys(after, r.loose)
		if r.refs != nil {
			shared(before, after, looseOld, looseNew, r.refs, partner, taken, pair)
		}
		type left struct{ old, new []int }
		rest := map[string]*left{}
		at := func(k string) *left {
			if rest[k] == nil {
				rest[k] = new(left)
			}
			return rest[k]
		}
		for i := range before {
			if partner[i] < 0 {
				l := at(looseOld[i])
				l.old = append(l.old, i)
			}
		}
		for j := range after {
			if !taken[j] {
				l := at(looseNew[j])
				l.new = append(l.new, j)
			}
		}
		for k, l := range rest { // each key on its own: the order does not matter
			if k != "" && len(l.old) == 1 && len(l.new) == 1 {
				pair(l.old[0], l.new[0])
			}
		}
	}
	for i, j := range partner {
		if j < 0 {
			gone = append(gone, i)
			continue
		}
		pairs = append(pairs, [2]int{i, j})
	}
	for j := range after {
		if !taken[j] {
			come = append(come, j)
		}
	}
	return pairs, gone, come
}

// keys is key of every row, computed once: shape goes by a regular expression.
func keys[T any](rows []T, key func(T) string) []string {
	out := make([]string, len(rows))
	for i, row := range rows {
		out[i] = key(row)
	}
	return out
}

// shared is the second pass: most references in common. It goes by an index of references, since
// every row against every other would be quadratic in a report from elsewhere; and what is taken
// is settled row by row in the order of the old report, so that the same reports give the same pairs.
func shared[T any](before, after []T, looseOld, looseNew []string, refs func(T) []string, partner []int, taken []bool, pair func(i, j int)) {
	type where struct{ loose, ref string }
	index := map[where][]int{}
	for j, row := range after {
		if taken[j] || looseNew[j] == "" {
			continue
		}
		for _, ref := range refs(row) {
			w := where{looseNew[j], ref}
			if len(index[w]) < maxShared {
				index[w] = append(index[w], j)
			}
		}
	}
	for i, row := range before {
		if partner[i] >= 0 {
			continue
		}
		common := map[int]int{}
		best := -1
		for _, ref := range refs(row) {
			for _, j := range index[where{looseOld[i], ref}] {
				if taken[j] {
					continue
				}
				common[j]++
				if best < 0 || common[j] > common[best] || common[j] == common[best] && j < best {
					best = j
				}
			}
		}
		if best >= 0 {
			pair(i, best)
		}
	}
}

var digits = regexp.MustCompile(`[0-9]+`)

// shape is a sentence without its numbers: "26 calls" and "31 calls" have one shape.
func shape(s string) string { return digits.ReplaceAllString(s, "#") }
