package investigation

import (
	"context"
	"encoding/json"
	"fmt"
	"iter"
	"time"

	"github.com/trailhound/trailhound/internal/attribution"
	"github.com/trailhound/trailhound/internal/evidence"
	"github.com/trailhound/trailhound/internal/intake"
	"github.com/trailhound/trailhound/internal/lineage"
)

// digestKind names what is kept of each slice of the evidence. The number must
// grow whenever a digest of the same events would come out otherwise, also
// because of a change in another package; TestDigestIsTheOneThatIsKept says when.
const digestKind = "profile-9"

// digest is a pass over a slice of the evidence, as it is kept.
// Only counts, names and times are kept, no bodies: a digest is read at the start of every
// case over the store.
type digest struct {
	Survey   attribution.SurveyDigest
	Outline  lineage.OutlineDigest
	Coverage []cellDigest
	Names    []intake.Entry
	Buckets  []string
	Logging  []loggingDigest
	Accounts map[string]int
	Assumed  int
}

// cellDigest is one cell of the coverage table.
type cellDigest struct {
	Account, Region, Day string
	Events               int
	Classes              []string
	Hours                [24]int
}

// loggingDigest is a logChange, spelt out for JSON.
type loggingDigest struct {
	Event, Name, Account, Region string
	At                           time.Time
	Failed                       bool
	Resources                    []string
}

// Prepare makes a store remember what every investigation must know of the whole
// of it, so that the first one need not read all of it. It does nothing for
// evidence that keeps nothing.
func Prepare(ctx context.Context, q evidence.Querier) error {
	d, ok := q.(evidence.Digester)
	if !ok {
		return nil
	}
	for _, err := range d.Digests(ctx, digestKind, derive) {
		if err != nil {
			return fmt.Errorf("profile the evidence: %w", err)
		}
	}
	return nil
}

// derive makes the digest of a slice.
func derive(events iter.Seq2[evidence.Event, error]) ([]byte, error) {
	p := newPass()
	p.survey = attribution.NewSliceSurvey()
	for e, err := range events {
		if err != nil {
			return nil, err
		}
		p.add(&e)
	}
	return json.Marshal(p.digest())
}

// surveyDigests puts the digests of all slices together. One that cannot be read is an error
// and not a gap: to go on without it would take silence for absence.
func surveyDigests(ctx context.Context, q evidence.Digester, m attribution.Coverage) (*pass, error) {
	p := newPass()
	p.measures = m
	for data, err := range q.Digests(ctx, digestKind, derive) {
		if err != nil {
			return nil, fmt.Errorf("read the evidence: %w", err)
		}
		var d digest
		if err := json.Unmarshal(data, &d); err != nil {
			return nil, fmt.Errorf("read what was kept of the evidence: %w (remove the folder digests from the store; it is made anew)", err)
		}
		p.merge(&d)
	}
	return p, nil
}

// digest is what is kept of a pass: sorted throughout, so that equal slices give equal bytes.
func (p *pass) digest() *digest {
	d := &digest{
		Survey: p.survey.Digest(), Outline: p.outline.Digest(), Names: p.lexicon().Entries, Buckets: keys(p.buckets), Accounts: p.accounts, Assumed: p.assumed,
	}
	for _, k := range sortedCells(p.coverage) {
		c := p.coverage[k]
		d.Coverage = append(d.Coverage, cellDigest{k.account, k.region, k.day, c.events, keys(c.classes), c.hours})
	}
	for _, c := range p.logBase {
		d.Logging = append(d.Logging, loggingDigest{c.event, c.name, c.account, c.region, c.at, c.failed, c.resources})
	}
	return d
}

// merge adds a slice. Slices must come in order of time.
func (p *pass) merge(d *digest) {
	p.survey.Merge(d.Survey)
	p.outline.Merge(d.Outline)
	for _, c := range d.Coverage {
		cell := p.day(dayKey{c.Account, c.Region, c.Day})
		cell.events += c.Events
		for h, n := range c.Hours {
			cell.hours[h] += n
		}
		for _, class := range c.Classes {
			cell.classes[class] = true
		}
	}
	for _, e := range d.Names {
		if len(p.names) < maxNames {
			p.names[e] = true
		}
	}
	for _, b := range d.Buckets {
		if len(p.buckets) < maxNames {
			p.buckets[b] = true
		}
	}
	for _, c := range d.Logging {
		p.logBase = append(p.logBase, logChange{c.Event, c.Name, c.Account, c.Region, c.At, c.Failed, c.Resources})
	}
	for a, n := range d.Accounts {
		p.accounts[a] += n
	}
	p.assumed += d.Assumed
}
