package main

import (
	"fmt"
	"strings"

	"github.com/spf13/cobra"

	"github.com/trailhound/trailhound/internal/access"
)

// whoCanCmd turns the question about: for one action on one resource, all principals. The
// resource is taken as it stands, since a pattern would ask about things nobody named.
func (a *app) whoCanCmd() *cobra.Command {
	var f accessFlags
	c := &cobra.Command{
		Use:   "who-can --evidence PATH ACTION RESOURCE",
		Short: "Say who may do an action on a resource",
		Example: `  trailhound access who-can --evidence account.json iam:PassRole arn:aws:iam::111122223333:role/admin
  trailhound access who-can --evidence ./case-17 sts:AssumeRole arn:aws:iam::111122223333:role/admin
  trailhound access who-can --evidence ./case-17 'kms:*' '*' --all`,
		Args: func(c *cobra.Command, args []string) error {
			if len(args) != 2 {
				return fmt.Errorf("%s wants an action and a resource", c.CommandPath())
			}
			// An action without its service would match nothing, and look like "nobody may".
			if !strings.Contains(args[0], ":") && args[0] != "*" {
				return fmt.Errorf("%q is no action: write it as s3:GetObject", args[0])
			}
			return nil
		},
		RunE: func(c *cobra.Command, args []string) error {
			// No session is asked about, so that their makings are not read: who may is a question about
			// users and roles.
			w, done, err := a.accessWorld(c.Context(), &f)
			if err != nil {
				return err
			}
			defer done()
			got := w.WhoCan(args[0], args[1])
			if f.as == "json" {
				return a.printJSON(got)
			}
			a.printWhoCan(&got, f.all)
			return nil
		},
	}
	f.declare(c)
	c.Flags().BoolVar(&f.all, "all", false, "list those who are denied too, with the reason")
	return c
}

// printWhoCan lists those who may, and those of whom it cannot be told; the denied are counted.
func (a *app) printWhoCan(got *access.WhoCan, all bool) {
	denied := 0
	for _, r := range got.Who {
		if r.Effect == string(access.Deny) && !all {
			denied++
			continue
		}
		a.printf("%-11s  %s  (%s)\n", r.Effect, r.Principal, r.Kind)
		for i, x := range r.Reasons {
			// Two make a line plausible; all of them are in the JSON.
			if i < 2 {
				a.printf("             %s\n", x.Text)
			}
		}
	}
	if denied > 0 {
		a.printf("%d more may not (--all lists them)\n", denied)
	}
	a.printTaken(got.Assumed, got.Notes)
}
