package main

import (
	"fmt"
	"io"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"github.com/trailhound/trailhound/internal/evidence"
	"github.com/trailhound/trailhound/internal/lineage"
)

// lineageCmd reads an outline of all events first, and whole events only where the chain leads:
// a trail of millions is walked for one credential.
func (a *app) lineageCmd() *cobra.Command {
	var paths []string
	c := &cobra.Command{
		Use:   "lineage --evidence PATH CREDENTIAL",
		Short: "Show where a credential came from and what was obtained with it",
		Long: `Lineage prints the chain of calls that issued a credential, up to its root, and
the tree of credentials obtained with it. Every link names its rule, how sure it
is, and the event. It says nothing about who acted: that is a case's question.`,
		Example: `  trailhound lineage --evidence ./logs ASIA...`,
		Args:    one("the credential"),
		RunE: func(c *cobra.Command, args []string) error {
			ctx := c.Context()
			q, done, err := a.openEvidence(ctx, paths)
			if err != nil {
				return err
			}
			defer done()
			outline := lineage.NewOutline()
			for e, err := range q.Events(ctx, evidence.Query{Brief: true}) {
				if err != nil {
					return err
				}
				outline.Add(&e)
			}
			g := lineage.ByNeed(ctx, q, outline)
			// A name may stand for several credentials: a user's keys and password, a role's sessions.
			ids := g.Resolve(args[0])
			if len(ids) == 0 {
				return withHint(fmt.Errorf("credential %s does not occur in the evidence", args[0]), "give an access key id, or the ARN of a user for its password")
			}
			for _, id := range ids {
				printUp(a.stdout, g, id)
				printDown(a.stdout, g, id, 1, map[string]bool{})
			}
			// The graph reads while it is asked, so an error of reading shows only now.
			return g.Err()
		},
	}
	c.Flags().StringArrayVar(&paths, "evidence", nil, "file, folder, archive, - or a store; may be repeated")
	return c
}

// maxDepth bounds the tree against cycles that no real log has.
const maxDepth = 50

// printUp writes a credential and the chain of calls that issued it, the nearest first.
func printUp(w io.Writer, g *lineage.Graph, id string) {
	fmt.Fprintln(w, describe(g.Node(id)))
	// That nothing issued it is worth a line of a temporary credential only: somebody must have.
	up := g.Ancestry(id)
	if len(up) == 0 && g.Node(id).Temporary() {
		fmt.Fprintln(w, "  ^ no event in the evidence issued it")
	}
	for _, e := range up {
		parent := e.Parent
		if parent == "" {
			parent = "an AWS service or another account"
			if e.Holder != "" {
				parent += ", for " + e.Holder
			}
		}
		fmt.Fprintf(w, "  ^ %s, %s (tier %d, %s), event %s, from %s\n", e.Rule, e.At.UTC().Format(time.RFC3339), e.Tier, lineage.Confidence(e.Tier), safe(e.Event), safe(parent))
	}
}

// printDown writes what was obtained with it, each credential once: a graph may lead to one
// by two ways.
func printDown(w io.Writer, g *lineage.Graph, id string, depth int, seen map[string]bool) {
	if seen[id] || depth > maxDepth {
		return
	}
	seen[id] = true
	for _, e := range g.Out(id) {
		fmt.Fprintf(w, "%s> %s (%s, tier %d, %s, event %s)\n", strings.Repeat("  ", depth), describe(g.Node(e.Child)), e.Rule, e.Tier, e.At.UTC().Format(time.RFC3339), safe(e.Event))
		printDown(w, g, e.Child, depth+1, seen)
	}
}

// describe is a credential for a reader: what it is, whose, and how much it was used.
func describe(n *lineage.Node) string {
	if n == nil {
		return "unknown"
	}
	use := "never used in the evidence"
	if n.Uses > 0 {
		use = fmt.Sprintf("%d calls, %s to %s", n.Uses, n.First.UTC().Format(time.RFC3339), n.Last.UTC().Format(time.RFC3339))
	}
	return safe(fmt.Sprintf("%s %s %s, %s", n.ID, n.Kind, n.Principal, use))
}
