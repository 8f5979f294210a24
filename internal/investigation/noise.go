package investigation

import (
	"context"
	"fmt"
	"slices"
	"strings"

	"github.com/trailhound/trailhound/internal/detection"
	"github.com/trailhound/trailhound/internal/evidence"
)

// maxMarked bounds the harmless events whose records are read for their marks.
const maxMarked = 2000

// noiseMarks are the noise markers that fit events, by event.
type noiseMarks map[string]*detection.Rule

// noiseMarks reads the records of events that were judged harmless and holds
// them against the noise markers. It comes after attribution, looks at nothing
// that was held against anybody, and changes no judgement: it only says what the
// harmless thing was.
func (in *inquiry) noiseMarks(ctx context.Context, events map[string]bool) (noiseMarks, error) {
	out := noiseMarks{}
	if in.o.Content.Noise == nil || len(events) == 0 {
		return out, nil
	}
	// The first by id, so that a bound cuts the same off each time.
	ids := keys(events)
	var subjects []detection.Subject
	for e, err := range in.q.Events(ctx, evidence.Query{IDs: ids[:min(len(ids), maxMarked)], Body: true}) {
		if err != nil {
			return nil, fmt.Errorf("read what was judged harmless: %w", err)
		}
		record, err := e.Parse()
		row := in.rows()[e.ID]
		if err != nil || in.at.Actor(e.ID).Hostile() {
			continue
		}
		subjects = append(subjects, detection.Subject{Event: &e, Record: record, Actor: row.Actor, Credential: row.Credential})
	}
	matches, _, err := in.o.Content.Noise.Run(ctx, subjects, detection.Env{Accounts: in.res.Accounts, Facts: in})
	if err != nil {
		return nil, fmt.Errorf("run the noise markers: %w", err)
	}
	for _, m := range matches {
		out[m.Event] = m.Rule
	}
	return out, nil
}

// among says which marks some events bear, the most frequent first, "" for none.
func (m noiseMarks) among(events []string) string {
	n := map[*detection.Rule]int{}
	for _, id := range events {
		if r := m[id]; r != nil {
			n[r]++
		}
	}
	var rules []*detection.Rule
	for r := range n {
		rules = append(rules, r)
	}
	slices.SortFunc(rules, func(a, b *detection.Rule) int {
		if n[a] != n[b] {
			return n[b] - n[a]
		}
		return strings.Compare(a.ID, b.ID)
	})
	var b strings.Builder
	for _, r := range rules {
		fmt.Fprintf(&b, " It bears the marks of %s, %s (%d of %d looked at): %s", r.ID, lowerFirst(r.Title), n[r], len(events), r.Why)
	}
	return b.String()
}

// lowerFirst writes a title inside a sentence; what begins with an abbreviation stays.
func lowerFirst(s string) string {
	if len(s) > 1 && s[1] >= 'a' && s[1] <= 'z' || strings.HasPrefix(s, "A ") {
		return strings.ToLower(s[:1]) + s[1:]
	}
	return s
}
