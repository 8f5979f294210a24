package main

import (
	"time"

	"github.com/spf13/cobra"

	"github.com/trailhound/trailhound/internal/evidence"
)

// listing is what the verbs that list evidence have in common: between when,
// and how it is printed.
type listing struct {
	from, to string // RFC 3339, half open; "" for no bound
	as       string // table or json
}

// flags declares them; formats says what --format does here.
func (l *listing) flags(c *cobra.Command, formats string) {
	f := c.Flags()
	f.StringVar(&l.as, "format", "table", formats)
	f.StringVar(&l.from, "from", "", "not before, RFC 3339")
	f.StringVar(&l.to, "to", "", "before, RFC 3339")
}

// narrow checks what was given and bounds q in time. It is called before any
// evidence is opened.
func (l *listing) narrow(q *evidence.Query) (err error) {
	// Both may be missing: the evidence has its own bounds.
	if q.From, err = moment("--from", l.from); err != nil {
		return err
	}
	if q.To, err = moment("--to", l.to); err != nil {
		return err
	}
	if !q.From.IsZero() && !q.To.IsZero() && !q.From.Before(q.To) {
		// Asked so, the evidence would be read in vain and hold "no event".
		return withHint(usage("--from is not before --to"), "swap the two times")
	}
	if l.as != "table" && l.as != "json" {
		return withHint(usage("there is no format %q", l.as), "choose table or json")
	}
	return nil
}

// moment reads the time that a flag gives, zero for none.
func moment(flag, s string) (time.Time, error) {
	if s == "" {
		return time.Time{}, nil
	}
	t := evidence.ParseTime(s)
	if t.IsZero() {
		return t, withHint(usage("%q, given with %s, is not a time", s, flag), "write it as 2026-11-02T14:00:00Z")
	}
	return t, nil
}
