package diff

import (
	"encoding/json"
	"fmt"

	"github.com/trailhound/trailhound/internal/claim"
)

// grades from strong to weak. E, an absence, is not weaker than D in kind, but a claim that
// moves from one to the other did change what it rests on.
var grades = []string{"A", "B", "C", "D", "E"}

// claims compares the sentences by their predicates. Wording alone is no change: a predicate is
// what was checked.
func (d *Diff) claims(before, after []claim.Claim) {
	pairs, gone, come := match(before, after, rules[claim.Claim]{
		exact: func(c claim.Claim) string { return canonical(c.Predicate) },
		loose: func(c claim.Claim) string { return about(c.Predicate) + "\x00" + shape(c.Text) },
		refs:  func(c claim.Claim) []string { return c.Evidence },
	})
	for _, j := range come {
		c := after[j]
		d.add(Change{Section: "claim", Kind: "added", ID: c.Predicate.Op, New: c.ID, Evidence: c.Evidence, Text: c.Text})
	}
	for _, p := range pairs {
		a, b := before[p[0]], after[p[1]]
		f := fields("grade", a.Grade, b.Grade, "verified", fmt.Sprint(a.Verified), fmt.Sprint(b.Verified))
		kind := direction(a.Grade, b.Grade, grades)
		if a.Verified != b.Verified { // weighs more than any grade
			kind = map[bool]string{true: "upgraded", false: "downgraded"}[b.Verified]
		}
		// They were paired loosely: what is said did change, and then the text may be shown.
		if canonical(a.Predicate) != canonical(b.Predicate) {
			f = append(f, fields("text", a.Text, b.Text)...)
		}
		if len(f) == 0 {
			continue
		}
		text := b.Text
		if len(f) > 0 && f[0].Name != "text" {
			text = told(withoutText(f)) + ": " + text
		}
		d.add(Change{Section: "claim", Kind: kind, ID: b.Predicate.Op, Old: a.ID, New: b.ID, Fields: f, Evidence: b.Evidence, Text: text})
	}
	for _, i := range gone {
		c := before[i]
		d.add(Change{Section: "claim", Kind: "withdrawn", ID: c.Predicate.Op, Old: c.ID, Evidence: c.Evidence, Text: c.Text})
	}
}

func withoutText(list []Field) []Field {
	var out []Field
	for _, f := range list {
		if f.Name != "text" {
			out = append(out, f)
		}
	}
	return out
}

// canonical is a predicate as a key. The coverage it names is left out: those are running numbers
// of the report, and wider coverage is told under limits.
func canonical(p claim.Predicate) string {
	p.Coverage = nil
	data, err := json.Marshal(p) // encoding/json sorts the names of maps
	if err != nil {
		return fmt.Sprintf("%+v", p)
	}
	return string(data)
}

// about is what a predicate speaks of, without what it says: the same count over more events is
// the same sentence with another number.
func about(p claim.Predicate) string {
	q := claim.Predicate{Op: p.Op, Event: p.Event, Field: p.Field, Child: p.Child, Snapshot: p.Snapshot, Path: p.Path, Answer: p.Answer, Filter: claim.Filter{}}
	for k, v := range p.Filter {
		if k != "event" { // a list of ids grows with the evidence
			q.Filter[k] = v
		}
	}
	return canonical(q)
}
