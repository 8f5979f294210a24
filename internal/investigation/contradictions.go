package investigation

import (
	"context"
	"fmt"
	"regexp"
	"slices"
	"strings"
	"time"

	"github.com/trailhound/trailhound/internal/attribution"
	"github.com/trailhound/trailhound/internal/detection"
	"github.com/trailhound/trailhound/internal/evidence"
	"github.com/trailhound/trailhound/internal/intake"
)

// contradictions finds statements that the evidence contradicts: a credential
// said to be rotated or disabled at a time, and used successfully after it; one
// said to be somebody's, and another's in the evidence; acts where none are said to be.
func (in *inquiry) contradictions(ctx context.Context) error {
	for _, r := range in.readings() {
		for _, st := range r.Statements {
			// Without a time there is nothing that a call could come after.
			if st.Negated || len(st.When) == 0 || st.Relation != intake.Rotated && st.Relation != intake.Disabled && st.Relation != intake.Contained {
				continue
			}
			in.contradict(st, in.spokenOf(st))
		}
	}
	for _, t := range in.told() {
		in.onlyThere(t)
		in.elsewhereOwned(t)
		if err := in.rootUnused(ctx, t); err != nil {
			return err
		}
	}
	return nil
}

// spokenOf says which rows a statement is about: those of the keys that it names, else of the
// principals, else of all credentials that the case does. Whoever goes on with another
// person's key contradicts nothing that is said of this one's.
func (in *inquiry) spokenOf(st intake.Statement) func(row int) bool {
	var creds, persons []string
	for _, s := range st.Seeds {
		switch s.Kind {
		case "access_key":
			creds = append(creds, in.g.Resolve(s.Value)...)
		case "principal":
			persons = append(persons, in.unique(s.Value)...)
		}
	}
	switch {
	case len(creds) > 0:
	case len(persons) > 0:
		return func(row int) bool { return slices.Contains(persons, in.at.Events[row].Identity.Person()) }
	default:
		creds = in.input.Credentials
	}
	return func(row int) bool { return slices.Contains(creds, in.at.Rows[row].Credential) }
}

// saidBy is the moment after which use contradicts that something was over at a
// stated time. "At 10:00" is over at 10:00; "on Tuesday" and "the next morning"
// are over when they end, wherever on Earth the clock hangs if nobody said.
func (in *inquiry) saidBy(s intake.Span) time.Time {
	switch s.Grain {
	case "second", "minute", "hour":
		return s.From
	}
	if in.reading.ZoneAssumed {
		return s.To.Add(14 * time.Hour)
	}
	return s.To
}

// maxContradicting bounds the events cited against one statement.
const maxContradicting = 20

// contradict holds one statement against the rows that it is about: a successful call after
// the stated end, by whomever, but for a service that ends what it had begun.
func (in *inquiry) contradict(st intake.Statement, about func(row int) bool) {
	var found []string
	said := in.saidBy(st.When[0])
	for i, row := range in.at.Rows {
		e := &in.at.Events[i]
		if !about(i) || !e.Time.After(said) || e.Outcome() == evidence.Failure || row.Actor == attribution.Service {
			continue
		}
		found = append(found, row.Event)
	}
	if len(found) == 0 {
		return
	}
	in.contradictedBy(told{strings.TrimPrefix(st.From, "answer "), st.Text, st.English}, found)
	if s := in.subject(found[0]); s != nil {
		in.contradicted = append(in.contradicted, in.eventClaim(s, ""))
	}
	in.res.Open = append(in.res.Open, fmt.Sprintf("It was stated: %q. The evidence shows successful use after that, first in event %s. Which credential was meant, and what was done?", st.Text, found[0]))
}

// told is a sentence of the case text (From is "case text") or of an answer, as it was
// written and in English.
// Both are kept: people must recognise their own words, and the patterns read English.
type told struct{ From, Text, English string }

// contradictedBy files what speaks against a statement beside the question it
// answers, or as a row of its own where it stands in the case text.
func (in *inquiry) contradictedBy(t told, events []string) {
	refs := cite(events[:min(len(events), maxContradicting)]...)
	for i := range in.asked {
		if in.asked[i].ID == t.From {
			in.asked[i].ContradictedBy = refs
			return
		}
	}
	in.asked = append(in.asked, intake.Question{ID: "statement", Text: "Stated in the case text: " + t.Text, Answer: t.Text, Status: "answered", Choices: []string{}, ContradictedBy: refs})
}

// told lists every sentence that somebody wrote.
func (in *inquiry) told() []told {
	var out []told
	add := func(from string, r *intake.Reading) {
		start := 0
		// Cut where the English ends its sentences, and quoted as the same stretch was written.
		for _, end := range append(sentenceEnd.FindAllStringIndex(r.English, maxSentences-1), []int{len(r.English), len(r.English)}) {
			if s := strings.TrimSpace(r.English[start:end[0]]); s != "" {
				out = append(out, told{from, strings.TrimSpace(r.Said(start, end[0])), s})
			}
			start = end[1]
		}
	}
	add("case text", &in.reading)
	for _, id := range keys(in.answers) {
		r := in.answers[id]
		add(id, &r)
	}
	return out
}

// maxSentences bounds what of one text is looked at.
const maxSentences = 200

var (
	sentenceEnd = regexp.MustCompile(`[.;!?](?:\s+|$)|\n`)
	noRoot      = regexp.MustCompile(`(?i)\b(?:nobody|no one|no-one|never|not|no)\b.{0,60}\broot\b|\broot\b.{0,40}\b(?:never|not|unused|nobody)\b`)
	otherRoots  = regexp.MustCompile(`(?i)\broot[ -](?:causes?|certificates?|ca|dir(?:ectory)?|domains?|volumes?|devices?|ou)\b`) // "no idea what the root cause is" says nothing of a user
	onlyWord    = regexp.MustCompile(`(?i)\b(?:only|exclusively|nothing outside|nowhere but|nothing but)\b`)
	regionWord  = regexp.MustCompile(`\b(?:us|eu|ap|sa|ca|me|af|il|mx)-(?:gov-)?(?:north|south|east|west|central|northeast|northwest|southeast|southwest)-[1-9]\b`)
)

// onlyThere holds "it is only used in eu-west-1" against successful calls of the
// case's credentials elsewhere. IAM and its like are recorded in us-east-1 for
// everybody, and contradict nothing.
// A question in such words is held against the evidence as well: its answer is the
// contradiction.
func (in *inquiry) onlyThere(t told) {
	regions := regionWord.FindAllString(t.English, -1)
	if len(regions) == 0 || !onlyWord.MatchString(t.English) {
		return
	}
	var found []string
	for i, row := range in.at.Rows {
		e := &in.at.Events[i]
		if !slices.Contains(in.input.Credentials, row.Credential) || e.Region == "" || e.Region == "us-east-1" || slices.Contains(regions, e.Region) || e.Outcome() == evidence.Failure {
			continue
		}
		found = append(found, row.Event)
		if len(found) == 1 {
			in.contradicted = append(in.contradicted, in.eventClaim(&detection.Subject{Event: e}, ""))
		}
	}
	if len(found) > 0 {
		in.contradictedBy(t, found)
		in.res.Open = append(in.res.Open, fmt.Sprintf("It was stated: %q. The evidence shows successful use in another region, first in event %s. Is that somebody of yours?", t.Text, found[0]))
	}
}

// rootUnused holds "nobody used root" against calls and sign-ins of root.
func (in *inquiry) rootUnused(ctx context.Context, t told) error {
	if !noRoot.MatchString(otherRoots.ReplaceAllString(t.English, "")) {
		return nil
	}
	// In the partition of ordinary regions; the others name their roots otherwise, and of those
	// nothing is said.
	var roots, found []string
	for _, a := range in.res.Accounts {
		roots = append(roots, "arn:aws:iam::"+a+":root")
	}
	if len(roots) == 0 {
		return nil
	}
	for e, err := range in.q.Events(ctx, evidence.Query{Principals: roots}) {
		if err != nil {
			return fmt.Errorf("read what root did: %w", err)
		}
		// What a service does in root's name, such as renewing a certificate, is no use of root.
		if e.Identity.Type != "Root" || e.Identity.InvokedBy != "" || e.Outcome() == evidence.Failure {
			continue
		}
		if found = append(found, e.ID); len(found) == 1 {
			in.contradicted = append(in.contradicted, in.eventClaim(&detection.Subject{Event: &e}, ""))
		}
		if len(found) == maxContradicting {
			break
		}
	}
	if len(found) > 0 {
		in.contradictedBy(t, found)
		in.res.Open = append(in.res.Open, fmt.Sprintf("It was stated: %q. The evidence shows acts of root, first in event %s. Who holds its password?", t.Text, found[0]))
	}
	return nil
}
