package investigation

import (
	"context"
	"fmt"
	"regexp"
	"slices"
	"strings"

	"github.com/trailhound/trailhound/internal/attribution"
	"github.com/trailhound/trailhound/internal/intake"
)

// maxQuestions is how many are put to a person at once.
const maxQuestions = 3

// questions asks, once, what would change the result, and runs the scope again
// if somebody answered. What nobody answers is assumed and listed as such.
// What was found so far chooses the questions: none is asked whose answer would change
// nothing.
func (in *inquiry) questions(ctx context.Context) error {
	chosen := intake.Choose(in.o.Content.Questions, in.facts(), in.answered(), in.reading.Kind, maxQuestions)
	asked := make([]intake.Question, 0, len(chosen))
	for _, t := range chosen {
		asked = append(asked, intake.Question{ID: t.ID, Text: t.Text, Why: t.Why, Default: t.Default, Choices: in.choices(t.ID), Status: "defaulted", ContradictedBy: []string{}})
	}
	if in.o.Ask != nil && len(asked) > 0 {
		got, err := in.o.Ask(ctx, asked)
		if err != nil {
			return fmt.Errorf("ask: %w", err)
		}
		if len(got) > 0 {
			// A new map: the caller's is theirs.
			all := map[string]intake.Answer{}
			for id, a := range in.o.Answers {
				all[id] = a
			}
			for id, a := range got {
				all[id] = a
			}
			in.o.Answers = all
			if err := in.scope(ctx); err != nil {
				return err
			}
		}
	}
	in.record(asked)
	return nil
}

// facts are what makes a question worth asking: an answer would change the
// result only where these hold.
func (in *inquiry) facts() map[string]bool {
	f := map[string]bool{"no_anchor": !in.anchored(), "candidates_many": len(in.cands) > 1}
	for _, u := range in.suspects() {
		b := in.at.Baselines[u]
		if b == nil || !b.Known {
			f["owner_unknown"], f["no_baseline"] = !in.ownerStated(), true
		}
	}
	open, hostileFound := map[string]int{}, false
	for _, c := range in.at.Clusters {
		if c.Actor == attribution.Undetermined {
			open[c.Session]++
			f["undetermined_clusters"] = true
		}
		hostileFound = hostileFound || c.Actor.Hostile()
	}
	f["exposure_unknown"] = in.input.Exposed.IsZero() && hostileFound
	f["no_termination_time"] = in.reading.Kind == "departed_employee" && !in.knowsTermination()
	f["time_without_zone"] = in.reading.ZoneAssumed && !in.zoneSaid()
	return f
}

var utcWord = regexp.MustCompile(`\b(UTC|GMT)\b`)

// zoneSaid says whether an answer gives times with their zone: who writes UTC in
// one answer hardly means another zone in the next sentence.
func (in *inquiry) zoneSaid() bool {
	for id, r := range in.answers {
		if utcWord.MatchString(in.o.Answers[id].Text) {
			return true
		}
		if len(r.Times) > 0 && !r.ZoneAssumed {
			return true
		}
	}
	return false
}

// ownerStated says whether somebody said who uses the credential rightfully.
func (in *inquiry) ownerStated() bool {
	return slices.ContainsFunc(in.input.Known, func(k attribution.Known) bool { return k.Actor == attribution.Owner })
}

// knowsTermination says whether anybody tells when somebody's employment ended, in whatever
// words.
func (in *inquiry) knowsTermination() bool {
	for _, r := range in.readings() {
		for _, s := range r.Statements {
			if s.Relation == intake.Terminated && len(s.When) > 0 {
				return true
			}
		}
	}
	return false
}

// answered are the questions that need not be asked: answered outright, or in the case's own
// text.
func (in *inquiry) answered() map[string]bool {
	out := map[string]bool{}
	for id := range in.o.Answers {
		out[id] = true
	}
	for _, id := range in.reading.Answered() {
		out[id] = true
	}
	return out
}

// choices are drawn from the evidence: candidates for who is meant, networks
// for who is the owner.
func (in *inquiry) choices(id string) []string {
	out := []string{}
	switch id {
	case "principal", "identities":
		for _, c := range in.cands[:min(len(in.cands), 5)] {
			out = append(out, c.ARN)
		}
	case "owner", "known_networks":
		seen, hostile := map[string]bool{}, map[string]bool{}
		// What is held against a cluster for want of any habit is what the answer decides.
		open := func(c *attribution.Cluster) bool {
			return !c.Actor.Hostile() || c.Why == "assumption:stolen_without_baseline"
		}
		for _, c := range in.at.Clusters {
			hostile[c.Network] = hostile[c.Network] || !open(c)
		}
		for _, c := range in.at.Clusters { // never the intruder's: a tired person says yes
			if !hostile[c.Network] && c.Actor != attribution.Service && c.Actor != attribution.Responder {
				seen[fmt.Sprintf("%s with %s", c.Network, c.Agent)] = true
			}
		}
		out = first(keys(seen), 5)
	case "accounts":
		out = append(out, in.res.Accounts...)
	case "regions", "expected_regions":
		out = append(out, in.pass.regions()...)
	}
	return out
}

// record lists the questions: those asked, and every answer given.
func (in *inquiry) record(asked []intake.Question) {
	in.asked = []intake.Question{}
	done := map[string]bool{}
	for _, q := range asked {
		done[q.ID] = true
		if a, ok := in.o.Answers[q.ID]; ok {
			q.Answer, q.Status = a.Text, "answered"
		} else {
			q.Answer = q.Default
			if !slices.ContainsFunc(in.assumed, func(a intake.Assumption) bool { return a.BecauseUnanswered == q.ID }) { // told already, and better
				in.assume(q.ID, strings.TrimSuffix(q.Default, ".")+" (nobody answered).")
			}
		}
		in.asked = append(in.asked, q)
	}
	for _, id := range keys(in.o.Answers) {
		if done[id] {
			continue
		}
		q := intake.Question{ID: id, Text: "Stated without being asked.", Status: "answered", Answer: in.o.Answers[id].Text, Choices: []string{}, ContradictedBy: []string{}}
		for _, t := range in.o.Content.Questions {
			if t.ID == id {
				q.Text, q.Why, q.Default = t.Text, t.Why, t.Default
			}
		}
		in.asked = append(in.asked, q)
	}
	in.exportClock()
	for _, c := range in.at.NoOwner {
		calls := "suspects " + c
		if in.says(intake.Stolen, intake.Exposed) {
			calls = "calls " + c + " stolen"
		}
		in.assume("", fmt.Sprintf("The case %s, its habits before are unknown, and nothing in its use is recognisable as its owner's or a workload's own: all of its use is held to be likely the intruder's.", calls))
	}
	in.readingNotes()
}

// readingNotes lists what the readers of sentences took for granted, such as a zone.
func (in *inquiry) readingNotes() {
	for _, r := range in.readings() {
		for _, n := range r.Notes {
			in.assume("", n)
		}
	}
}
