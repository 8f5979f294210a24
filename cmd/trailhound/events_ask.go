package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"iter"
	"net/netip"
	"slices"
	"strings"
	"text/tabwriter"
	"time"

	"github.com/spf13/cobra"

	"github.com/trailhound/trailhound/internal/evidence"
)

// asking is what events tells instead of a plain list.
type asking struct {
	// One of the three, or none for the list itself.
	byHour     bool
	firstSeen  []string          // two traits, as written
	traits     [2]evidence.Trait // as read by narrow
	around     string            // event id
	neighbours int
	ips        []string // addresses as written, and networks
}

// flags declares them; they exclude each other, since each is an answer of its own.
func (q *asking) flags(c *cobra.Command) {
	f := c.Flags()
	f.StringSliceVar(&q.ips, "ip", nil, "source address as written in the record, or a network such as 203.0.113.0/24")
	f.BoolVar(&q.byHour, "by-hour", false, "count the events of each hour")
	f.StringSliceVar(&q.firstSeen, "first-seen", nil, "two of principal, credential, ip, agent, name, region, account: when each pair was seen first")
	f.StringVar(&q.around, "around", "", "event id: show it with its neighbours in time, which the filters choose")
	f.IntVar(&q.neighbours, "neighbours", 10, "how many on each side, with --around")
	c.MarkFlagsMutuallyExclusive("by-hour", "first-seen", "around")
}

// narrow sets the addresses of the query, and gives the networks among them, which a
// query does not know. It is called before any evidence is opened.
func (q *asking) narrow(query *evidence.Query) (nets []netip.Prefix, err error) {
	for _, ip := range q.ips {
		if strings.Contains(ip, "/") {
			net, err := netip.ParsePrefix(ip)
			if err != nil {
				return nil, withHint(usage("%q, given with --ip, is not a network", ip), "write it as 203.0.113.0/24")
			}
			nets = append(nets, net.Masked())
		} else if _, err := netip.ParseAddr(ip); err != nil && strings.Trim(ip, "0123456789.") == "" {
			return nil, withHint(usage("%q, given with --ip, is not an address", ip), "write it as 203.0.113.7; names of services, as AWS writes them, are fine too")
		}
	}
	// With a network among them all addresses are read and filtered here: a query has no networks,
	// and "this address or that network" cannot be asked in two halves.
	if len(nets) == 0 {
		query.IPs = q.ips
	}
	if q.neighbours < 0 {
		return nil, withHint(usage("--neighbours must not be negative"), "0 shows the event alone")
	}
	return nets, q.checkTraits()
}

// checkTraits reads what --first-seen names.
func (q *asking) checkTraits() error {
	if len(q.firstSeen) == 0 {
		return nil
	}
	if len(q.firstSeen) != 2 {
		return withHint(usage("--first-seen takes two traits"), "for example: --first-seen principal,ip")
	}
	for i, name := range q.firstSeen {
		var err error
		if q.traits[i], err = evidence.ParseTrait(name); err != nil {
			return usage("--first-seen: %v", err)
		}
	}
	return nil
}

// networked answers by network, which a querier does not know: it reads all addresses.
type networked struct {
	evidence.Querier
	// An event is let through whose address is in one of nets or is one of ips, as written:
	// AWS writes names of services there too.
	nets []netip.Prefix
	ips  []string
}

// Events implements evidence.Querier.
func (n networked) Events(ctx context.Context, q evidence.Query) iter.Seq2[evidence.Event, error] {
	if len(q.IDs) > 0 { // the event that others are asked around
		return n.Querier.Events(ctx, q)
	}
	// Bare events have no address to be looked at.
	q.Bare = false
	return func(yield func(evidence.Event, error) bool) {
		for e, err := range n.Querier.Events(ctx, q) {
			if (err != nil || n.holds(e.SourceIP)) && !yield(e, err) {
				return
			}
		}
	}
}

// holds says whether an address is one of those named, or in a network of them.
func (n networked) holds(ip string) bool {
	if slices.Contains(n.ips, ip) {
		return true
	}
	addr, err := netip.ParseAddr(ip)
	return err == nil && slices.ContainsFunc(n.nets, func(p netip.Prefix) bool { return p.Contains(addr.Unmap()) })
}

// asked says whether something else than a list is wanted.
func (q *asking) asked() bool { return q.byHour || len(q.firstSeen) > 0 }

// answer prints hours or first sights.
func (a *app) answer(ctx context.Context, s evidence.Querier, query evidence.Query, q *asking, as string) error {
	// Of each event both take a few fields only, so that neither query asks for records.
	if q.byHour {
		hours, err := evidence.Hours(ctx, s, query)
		if err != nil {
			return err
		}
		return rowsTo(a, as, hours, "HOUR\tEVENTS", func(h evidence.Hour) string {
			return fmt.Sprintf("%s\t%d", h.From.Format(time.RFC3339), h.Events)
		})
	}
	traits := q.traits
	seen, err := evidence.FirstSeen(ctx, s, query, traits[0], traits[1])
	if err != nil {
		return err
	}
	head := fmt.Sprintf("FIRST\tLAST\tEVENTS\t%s\t%s\tEVENT", strings.ToUpper(string(traits[0])), strings.ToUpper(string(traits[1])))
	return rowsTo(a, as, seen, head, func(p evidence.Seen) string {
		return fmt.Sprintf("%s\t%s\t%d\t%s\t%s\t%s", p.First.Format(time.RFC3339), p.Last.Format(time.RFC3339), p.Events, safe(p.A), safe(p.B), safe(p.FirstID))
	})
}

// rowsTo prints rows as a table, or as JSON, one a line.
func rowsTo[T any](a *app, as string, rows []T, head string, line func(T) string) error {
	// On standard error: an empty table and an empty list are answers too.
	if len(rows) == 0 {
		fmt.Fprintln(a.stderr, "no event matches")
	}
	if as == "json" {
		for _, r := range rows {
			data, err := json.Marshal(r)
			if err != nil {
				return err
			}
			if err := a.original(data); err != nil {
				return err
			}
		}
		return nil
	}
	table := tabwriter.NewWriter(a.stdout, 2, 8, 2, ' ', 0)
	fmt.Fprintln(table, head)
	for _, r := range rows {
		fmt.Fprintln(table, line(r))
	}
	return table.Flush()
}

// neighboursOf gives an event and those around it.
func (q *asking) neighboursOf(ctx context.Context, s evidence.Querier, query evidence.Query) iter.Seq2[evidence.Event, error] {
	return func(yield func(evidence.Event, error) bool) {
		events, err := evidence.Around(ctx, s, query, q.around, q.neighbours)
		if errors.Is(err, evidence.ErrNoEvent) {
			err = withHint(fmt.Errorf("%w: %s", err, safe(q.around)), "the last column of a list, and every claim of a report, names events by their id")
		}
		if err != nil {
			yield(evidence.Event{}, err)
			return
		}
		for _, e := range events {
			if !yield(e, nil) {
				return
			}
		}
	}
}
