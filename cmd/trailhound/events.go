package main

import (
	"context"
	"encoding/json"
	"fmt"
	"iter"
	"strings"
	"text/tabwriter"
	"time"

	"github.com/spf13/cobra"

	"github.com/trailhound/trailhound/internal/evidence"
	"github.com/trailhound/trailhound/internal/report/inert"
	reportjson "github.com/trailhound/trailhound/internal/report/json"
)

// safe makes a text of the evidence, or a name that others chose, harmless to a terminal.
func safe(s string) string { return inert.Text(s) }

// eventsCmd is the way to look at evidence without a case: a citation of a report, an address, an
// hour. Filters of one kind are alternatives, filters of different kinds all hold.
func (a *app) eventsCmd() *cobra.Command {
	var paths []string
	var q evidence.Query
	var l listing
	var limit int
	var ask asking
	c := &cobra.Command{
		Use:   "events --evidence PATH [filters]",
		Short: "Search the evidence by credential, principal, address, name, resource or time",
		Example: `  trailhound events --evidence ./case-17 --credential AKIA...
  trailhound events --evidence ./logs --name ConsoleLogin --from 2026-11-01T00:00:00Z
  trailhound events --evidence ./logs --ip 203.0.113.0/24 --format json | jq .eventName
  trailhound events --evidence ./logs --principal AIDA... --first-seen principal,ip
  trailhound events --evidence ./logs --around e2884a8b-a10b-49ba-bd11-dc0f6b7691c5 --neighbours 20`,
		Args: cobra.NoArgs,
		RunE: func(c *cobra.Command, _ []string) error { return a.events(c.Context(), paths, q, &l, &ask, limit) },
	}
	f := c.Flags()
	f.StringArrayVar(&paths, "evidence", nil, "file, folder, archive, - or a store; may be repeated")
	f.StringSliceVar(&q.Credentials, "credential", nil, "access key id")
	f.StringSliceVar(&q.Principals, "principal", nil, "ARN, principal id or unique id (AIDA..., AROA...)")
	f.StringSliceVar(&q.Names, "name", nil, "event name, without an API version")
	f.StringSliceVar(&q.Sources, "source", nil, "event source, as iam.amazonaws.com")
	f.StringSliceVar(&q.Resources, "resource", nil, "ARN or native id that the record names")
	f.StringSliceVar(&q.Regions, "region", nil, "region")
	f.StringSliceVar(&q.Accounts, "account", nil, "account id")
	f.StringSliceVar(&q.IDs, "id", nil, "event id")
	ask.flags(c)
	l.flags(c, "table, or json: the original records, or counts, one a line")
	f.IntVar(&limit, "limit", 1000, "stop after so many; 0 for all")
	return c
}

// events lists what the filters choose, or answers what is asked of it instead. The query is
// narrowed here and not in the flags, since a time or a network has to be read before it filters.
func (a *app) events(ctx context.Context, paths []string, q evidence.Query, l *listing, ask *asking, limit int) error {
	if err := l.narrow(&q); err != nil {
		return err
	}
	// A table needs no records, and a store reads far less without them.
	q.Body = l.as == "json"
	nets, err := ask.narrow(&q)
	if err != nil {
		return err
	}
	st, done, err := a.openEvidence(ctx, paths)
	if err != nil {
		return err
	}
	defer done()
	var s evidence.Querier = st
	if len(nets) > 0 {
		s = networked{st, nets, ask.ips}
	}
	if ask.asked() {
		return a.answer(ctx, s, q, ask, l.as)
	}
	events := s.Events(ctx, q)
	if ask.around != "" {
		events, limit = ask.neighboursOf(ctx, s, q), 0
	}
	return a.listEvents(events, l.as, limit)
}

// listEvents writes events as they come: a list of millions is never held. limit is 0 for all.
func (a *app) listEvents(events iter.Seq2[evidence.Event, error], as string, limit int) error {
	table := tabwriter.NewWriter(a.stdout, 2, 8, 2, ' ', 0)
	if as == "table" {
		fmt.Fprintln(table, "TIME\tACTION\tPRINCIPAL\tCREDENTIAL\tSOURCE\tREGION\tOUTCOME\tEVENT")
	}
	n := 0
	for e, err := range events {
		if err != nil {
			return err
		}
		// One more than the limit is read, so that "there are more" is known and not guessed.
		if n++; limit > 0 && n > limit {
			fmt.Fprintf(a.stderr, "stopped at --limit %d; there are more\n", limit)
			break
		}
		if as == "json" {
			if err := a.original(e.Body); err != nil {
				return err
			}
			continue
		}
		fmt.Fprintf(table, "%s\t%s\t%s\t%s\t%s\t%s\t%s\t%s\n", e.Time.Format(time.RFC3339), safe(e.Action()), safe(who(&e)),
			safe(e.Identity.AccessKey), safe(e.SourceIP), safe(e.Region), outcome(&e), safe(e.ID))
	}
	if n == 0 {
		fmt.Fprintln(a.stderr, "no event matches")
	}
	return table.Flush()
}

// original prints a record as it was collected, but for what a terminal would act on. One record
// is one line, whatever it looked like, so that lines can be counted and cut.
func (a *app) original(body []byte) error {
	// A record that is no JSON (evidence may be anything) is printed as it is.
	line, err := json.Marshal(json.RawMessage(body)) // compact
	if err != nil {
		line = body
	}
	_, err = fmt.Fprintf(a.stdout, "%s\n", reportjson.Inert(line))
	return err
}

// who is the caller for a column: the end of the ARN, which names it within its account.
func who(e *evidence.Event) string {
	id := e.Identity
	switch {
	case id.ARN != "":
		return id.ARN[strings.LastIndexByte(id.ARN, ':')+1:]
	case id.InvokedBy != "":
		return id.InvokedBy
	}
	return id.PrincipalID
}

// outcome is the error's code, which says more than that it failed.
func outcome(e *evidence.Event) string {
	if e.ErrorCode != "" {
		return safe(e.ErrorCode)
	}
	return string(e.Outcome())
}
