package intake

import "strings"

// leastMisspelt is how long a name must be for one letter to be taken for a slip: of short
// names too many differ by one. In bytes.
const leastMisspelt = 6

// near finds whom a name that nothing bears may mean: the only name of the evidence, without
// regard to case, that differs by one letter put in, left out, mistaken or swapped with its
// neighbour. Figures are not mistyped for one another: web-1 is not web-2.
func (x index) near(name string) []Entry {
	if name = lower(name); len(name) < leastMisspelt {
		return nil
	}
	// The map is ranged over in any order, which decides nothing: two that are near are none.
	var found []Entry
	met := ""
	for known, es := range x.folded {
		if len(known) < leastMisspelt || !oneSlip(name, known) {
			continue
		}
		if met != "" {
			return nil
		}
		met, found = known, es
	}
	return found
}

// oneSlip says whether a and b differ by one slip of the finger, and not by a figure.
func oneSlip(a, b string) bool {
	if len(a) > len(b) {
		a, b = b, a
	}
	if len(b)-len(a) > 1 || a == b {
		return false
	}
	i := 0
	for i < len(a) && a[i] == b[i] {
		i++
	}
	figure := func(s string) bool { return strings.ContainsAny(s, "0123456789") }
	if len(a) < len(b) {
		return a[i:] == b[i+1:] && !figure(b[i:i+1])
	}
	if a[i+1:] == b[i+1:] {
		return !figure(a[i:i+1]) && !figure(b[i:i+1])
	}
	return i+1 < len(a) && a[i] == b[i+1] && a[i+1] == b[i] && a[i+2:] == b[i+2:]
}
