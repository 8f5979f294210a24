package evidence

import (
	"slices"
	"strings"
)

// Dedupe removes events whose content another event already tells, and reports
// the ids under which two different contents remain. It decides by content and
// never by order of arrival, and sorts what it returns by Compare.
//
// Two whole records are the same event when their fingerprints are equal. A
// lossy record (CSV, Athena, Lake) gives way to any record of the same id whose
// Core agrees with its own.
func Dedupe(events []Event) (kept []Event, conflicting []string) {
	slices.SortFunc(events, func(a, b Event) int {
		if c := Compare(&a, &b); c != 0 {
			return c
		}
		if a.Lossy != b.Lossy { // whole before lossy
			if a.Lossy {
				return 1
			}
			return -1
		}
		if c := strings.Compare(a.Ref.Artifact, b.Ref.Artifact); c != 0 {
			return c
		}
		return int(a.Ref.Index - b.Ref.Index)
	})
	byID := map[string][]int{} // positions in kept
	for _, e := range events {
		same := byID[e.ID]
		if slices.ContainsFunc(same, func(i int) bool { return sameContent(&kept[i], &e) }) {
			continue
		}
		if i := slices.IndexFunc(same, func(i int) bool { return !e.Lossy && kept[i].Lossy && kept[i].Core() == e.Core() }); i >= 0 {
			kept[same[i]] = e
			continue
		}
		byID[e.ID] = append(same, len(kept))
		kept = append(kept, e)
		if len(same) == 1 {
			conflicting = append(conflicting, e.ID)
		}
	}
	slices.SortFunc(kept, func(a, b Event) int { return Compare(&a, &b) })
	slices.Sort(conflicting)
	return kept, conflicting
}

func sameContent(kept, e *Event) bool {
	return kept.Fingerprint == e.Fingerprint || e.Lossy && kept.Core() == e.Core()
}

// Core is the part of an event that every export form carries: what two forms
// of one event must agree in.
func (e *Event) Core() string {
	return strings.Join([]string{
		e.Time.UTC().Format("20060102T150405Z"), e.Source, e.Name, e.Region, e.SourceIP,
		e.Identity.AccessKey, e.ErrorCode,
	}, "\x1f")
}
