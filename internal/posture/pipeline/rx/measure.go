package rx

import (
	"math/big"
	"slices"
)

// finite says whether the language is finite: no live state lies on a cycle.
// It peels live states without predecessors (Kahn), without recursion.
func (d *dfa) finite() bool {
	live := d.live()
	// The empty language is finite.
	if !live[0] {
		return true
	}
	reach := d.reachable(live)
	in := make([]int, len(d.acc))
	left := 0
	for s, row := range d.next {
		if !reach[s] {
			continue
		}
		left++
		for _, t := range row {
			if reach[t] {
				in[t]++
			}
		}
	}
	todo := []int32{}
	// Only the start can be without a predecessor among what was reached from it. If
	// it has one, it lies on a cycle, nothing is peeled, and left stays above 0.
	if in[0] == 0 {
		todo = append(todo, 0)
	}
	for len(todo) > 0 {
		s := todo[len(todo)-1]
		todo = todo[:len(todo)-1]
		left--
		for _, t := range d.next[s] {
			if reach[t] {
				if in[t]--; in[t] == 0 {
					todo = append(todo, t)
				}
			}
		}
	}
	return left == 0
}

func (d *dfa) reachable(live []bool) []bool {
	reach := make([]bool, len(d.acc))
	reach[0] = live[0]
	todo := []int32{0}
	for len(todo) > 0 {
		s := todo[len(todo)-1]
		todo = todo[:len(todo)-1]
		for _, t := range d.next[s] {
			if live[t] && !reach[t] {
				reach[t] = true
				todo = append(todo, t)
			}
		}
	}
	return reach
}

// count is how many words of at most so many letters are accepted.
// Big numbers: a finite pattern such as [0-9]{40} spells more words than a machine
// word counts. Words per state are added up, not listed, so the work is length times
// states.
func (d *dfa) count(letters int) *big.Int {
	total := new(big.Int)
	cur := map[int32]*big.Int{0: big.NewInt(1)}
	live := d.live()
	for l := 0; ; l++ {
		for s, n := range cur {
			if d.acc[s] {
				total.Add(total, n)
			}
		}
		if l == letters || len(cur) == 0 {
			return total
		}
		next := map[int32]*big.Int{}
		for s, n := range cur {
			for _, t := range d.next[s] {
				if !live[t] {
					continue
				}
				if next[t] == nil {
					next[t] = new(big.Int)
				}
				next[t].Add(next[t], n)
			}
		}
		cur = next
	}
}

// shortest is the first word by length and then by the alphabet's order.
// Breadth first, and states in the order of the alphabet: the same pattern has the
// same witness on every machine and in every run.
func (d *dfa) shortest() (string, bool) {
	type step struct {
		from   int
		letter int
	}
	came := make([]step, 1, len(d.acc))
	states := []int32{0}
	seen := make([]bool, len(d.acc))
	seen[0] = true
	for i := 0; i < len(states); i++ {
		if d.acc[states[i]] {
			var word []rune
			for j := i; j > 0; j = came[j].from {
				word = append(word, d.alpha[came[j].letter])
			}
			slices.Reverse(word)
			return string(word), true
		}
		for l, t := range d.next[states[i]] {
			if !seen[t] {
				seen[t] = true
				states, came = append(states, t), append(came, step{i, l})
			}
		}
	}
	return "", false
}

// words lists the words of a finite language in the order of shortest, at most
// limit of them.
func (d *dfa) words(limit int) []string {
	type node struct {
		state int32
		word  string
	}
	live := d.live()
	if !live[0] {
		return nil
	}
	var out []string
	level := []node{{0, ""}}
	for len(level) > 0 && len(out) < limit {
		var next []node
		for _, n := range level {
			if d.acc[n.state] && len(out) < limit {
				out = append(out, n.word)
			}
			for l, t := range d.next[n.state] {
				// Every live node ends in a word of its own or shares its prefix: the level
				// need not be wider than what is still wanted.
				if live[t] && len(next) <= limit {
					next = append(next, node{t, n.word + string(d.alpha[l])})
				}
			}
		}
		level = next
	}
	return out
}
