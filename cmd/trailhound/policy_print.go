package main

import (
	"fmt"
	"io"
	"text/tabwriter"
	"time"

	"github.com/trailhound/trailhound/internal/access/generate"
	reportjson "github.com/trailhound/trailhound/internal/report/json"
)

// printPolicy writes the policy for people, as JSON with all it rests on, or the document alone.
func (a *app) printPolicy(res *generate.Result, as string) error {
	switch as {
	case "json":
		return a.printJSON(res)
	// One document after the other, each of them complete: what reads several values of JSON in
	// a row can take them apart.
	case "policy":
		if len(res.Policies) > 1 {
			fmt.Fprintf(a.stderr, "%d documents, each small enough for a managed policy\n", len(res.Policies))
		}
		for i := range res.Policies {
			if _, err := fmt.Fprintf(a.stdout, "%s", reportjson.Inert(res.Policies[i].JSON())); err != nil {
				return err
			}
		}
		return nil
	}
	for i := range res.Policies {
		fmt.Fprintf(a.stdout, "%s\n", reportjson.Inert(res.Policies[i].JSON()))
	}
	// An empty policy would be one that allows nothing, which is something else than none.
	if len(res.Policies) == 0 {
		fmt.Fprintf(a.stdout, "No call was kept, so there is no policy to draw.\n\n")
	}
	a.explainPolicy(res)
	return nil
}

// explainPolicy says what every permission rests on.
func (a *app) explainPolicy(res *generate.Result) {
	w := a.stdout
	fmt.Fprintf(w, "%s: %d calls, %s to %s", safe(res.Principal), res.Events, res.From.UTC().Format(time.RFC3339), res.To.UTC().Format(time.RFC3339))
	if res.Project != "" {
		fmt.Fprintf(w, ", builds of %s", safe(res.Project))
	}
	fmt.Fprintf(w, "\n\n")
	table := tabwriter.NewWriter(w, 2, 8, 2, ' ', 0)
	fmt.Fprintln(table, "BASIS\tACTION\tRESOURCE\tUSES\tLAST\tEVENT\tWHY")
	for _, r := range res.Explain {
		printRow(table, string(r.Class), r)
	}
	table.Flush()
	// What was left out is shown with the reason, so that somebody can disagree.
	for _, part := range []struct {
		title string
		rows  []generate.Row
	}{{"Refused, and not allowed by this policy", res.Denied}, {"Only in builds that are left out", res.Untrusted}, {"Only in calls that the report holds hostile or undetermined", res.Hostile}} {
		if len(part.rows) == 0 {
			continue
		}
		fmt.Fprintf(w, "\n%s:\n", part.title)
		table := tabwriter.NewWriter(w, 2, 8, 2, ' ', 0)
		for _, r := range part.rows {
			printRow(table, "", r)
		}
		table.Flush()
	}
	// Only where the policy that is attached now was given.
	if res.Diff != nil {
		printPolicyDiff(w, res.Diff)
	}
	// The proof stands behind the policy in numbers; what fails is listed in the JSON.
	fmt.Fprintf(w, "\nReplay: %d of %d kept permissions allowed, %d of %d refused ones allowed, %d of %d left-out ones allowed.\n", res.Replay.Allowed, res.Replay.Kept,
		len(res.Replay.Open), res.Replay.Denied, len(res.Replay.LeftInside), res.Replay.LeftOut)
	for _, c := range res.Replay.Conflicts {
		fmt.Fprintf(w, "  refused once and used at another time: %s\n", safe(c))
	}
	fmt.Fprintf(w, "Size: %d characters, fits as %s.\n\nWhat this policy cannot know:\n", res.Size, res.Fits)
	for _, l := range res.Limits {
		fmt.Fprintf(w, "  - %s\n", safe(l.Text))
	}
}

// printRow is one permission, with one of the events that showed it.
func printRow(w io.Writer, class string, r generate.Row) {
	event, last := "-", "-"
	if len(r.Events) > 0 {
		event, last = r.Events[0], r.Last.UTC().Format(time.RFC3339)
	}
	resource := safe(r.Resource)
	if r.Names > 0 {
		resource += fmt.Sprintf(" (%d names)", r.Names)
	}
	fmt.Fprintf(w, "%s\t%s\t%s\t%d\t%s\t%s\t%s\n", class, safe(r.Action), resource, r.Count, last, safe(event), safe(r.Why))
}

// printPolicyDiff tells how far the policy attached now goes beyond what was used.
func printPolicyDiff(w io.Writer, d *generate.Diff) {
	fmt.Fprintf(w, "\nAgainst the policy attached now: %d grants unused, %d wider than their use, %d the same, %d observed calls outside it\n", len(d.Unused), len(d.Wide), len(d.Same), len(d.Added))
	table := tabwriter.NewWriter(w, 2, 8, 2, ' ', 0)
	for _, part := range []struct {
		mark string
		list []generate.Grant
	}{{"- unused", d.Unused}, {"~ wide", d.Wide}, {"= same", d.Same}} {
		for _, g := range part.list {
			fmt.Fprintf(table, "  %s\t%s\t%s\t%s\n", part.mark, safe(g.Action), safe(g.Resource), safe(short(g.Used, 6)))
		}
	}
	for _, s := range d.Added {
		fmt.Fprintf(table, "  + outside\t%s\t\tthe documents given are not all that the principal has\n", safe(s))
	}
	for _, s := range d.Implied {
		fmt.Fprintf(table, "  + implied\t%s\t\t\n", safe(s))
	}
	table.Flush()
	for _, u := range d.Unread {
		fmt.Fprintf(w, "  a document could not be read: %s\n", safe(u))
	}
	if d.Denies > 0 {
		fmt.Fprintf(w, "  %d statements that deny were left alone: keep them\n", d.Denies)
	}
}
