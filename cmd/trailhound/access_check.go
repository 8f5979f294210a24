package main

import (
	"github.com/spf13/cobra"

	"github.com/trailhound/trailhound/internal/access"
	"github.com/trailhound/trailhound/internal/access/generate"
	"github.com/trailhound/trailhound/internal/access/oracle"
)

// accessCheckCmd finds mistakes of this program by AWS's own answers. Policies in force come
// from the whole of the evidence, so it takes no filter by time.
func (a *app) accessCheckCmd() *cobra.Command {
	var f accessFlags
	c := &cobra.Command{
		Use:   "check --evidence PATH",
		Short: "Hold the policies in the evidence against what AWS decided of each call",
		Long: `Check rebuilds the policies in force before each call of a trail, decides the
call by them, and compares: AWS allowed it or refused it. A disagreement is
something that the evidence does not hold (a control policy, a session policy, a
resource's policy), or a mistake of this program. Each is listed.`,
		Example: `  trailhound access check --evidence ./logs
  trailhound access check --evidence ./case-17 --format json`,
		Args: cobra.NoArgs,
		RunE: func(c *cobra.Command, _ []string) error {
			if f.as != "table" && f.as != "json" {
				return withHint(usage("there is no format %q", f.as), "choose table or json")
			}
			managed, err := access.LoadManaged(overlay(f.content))
			if err != nil {
				return err
			}
			// Which permission a call needs is no matter of its name: the table has the exceptions.
			table, err := generate.Load(overlay(f.content))
			if err != nil {
				return err
			}
			q, done, err := a.openEvidence(c.Context(), f.paths)
			if err != nil {
				return err
			}
			defer done()
			// Every policy of every moment is kept, since each call is judged by those before it.
			h, err := access.Collect(c.Context(), q, managed)
			if err != nil {
				return err
			}
			r, err := oracle.Check(c.Context(), q, h, table)
			if err != nil {
				return err
			}
			if f.as == "json" {
				return a.printJSON(r)
			}
			a.printCheck(&r, f.limit)
			return nil
		},
	}
	fs := c.Flags()
	fs.StringArrayVar(&f.paths, "evidence", nil, "file, folder, archive, - or a store; may be repeated")
	fs.StringVar(&f.as, "format", "table", "table or json")
	fs.StringVar(&f.content, "content", "", "folder of content laid over what is built in")
	fs.IntVar(&f.limit, "limit", 20, "show so many disagreements; 0 for all")
	return c
}

// printCheck writes the counts, then each disagreement with what may explain it.
func (a *app) printCheck(r *oracle.Result, limit int) {
	a.printf("%d calls that AWS allowed or refused\n", r.Events)
	a.printf("  %d decided the same: %d allowed, %d refused\n", r.Agree, r.Allowed, r.Refused)
	a.printf("  %d decided otherwise\n", len(r.Disagreements))
	a.printf("  %d cannot be told:\n", r.CannotTell)
	for i, w := range r.Why {
		// The most frequent reasons come first; the rest is in the JSON.
		if i == 8 {
			a.printf("    … and %d more reasons\n", len(r.Why)-i)
			break
		}
		a.printf("    %6d  %s\n", w.Events, w.Reason)
	}
	shown := r.Disagreements
	if limit > 0 && len(shown) > limit {
		shown = shown[:limit]
	}
	for _, d := range shown {
		on := d.Resource
		if on == "" {
			on = "some resource"
		}
		a.printf("%s  AWS: %s, here: %s  %s on %s\n", d.At, d.AWS, d.Here, d.Action, on)
		a.printf("    by %s, %s\n", d.Principal, d.Event)
		for i, why := range d.Reasons {
			if i < 2 {
				a.printf("    %s\n", why)
			}
		}
		// What is left without an explanation is what the verb is for.
		if d.Explained == "" {
			a.printf("    nothing in the evidence explains it: it may be a mistake of this program\n")
		} else {
			a.printf("    explained: %s\n", d.Explained)
		}
	}
	if n := len(r.Disagreements) - len(shown); n > 0 {
		a.printf("… and %d more (--limit 0 shows all)\n", n)
	}
}
