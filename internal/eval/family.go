package eval

import (
	"fmt"
	"slices"
	"strings"

	"github.com/trailhound/trailhound/internal/evidence"
	"github.com/trailhound/trailhound/internal/report"
)

// Gap is something that the evidence lacks, as the truth file lists it.
type Gap struct{ Kind, Value string }

// Found is how many of how many.
type Found struct{ N, Of int }

// Family sums up the scores of one mutation of every incident. The mean hides
// what a responder would be hit by, so each column shows the worst or a count.
type Family struct {
	Name  string
	Cases []Score
}

// good is the F1 from which on a case counts as solved.
const good = 0.95

// tactics counts the techniques of the truth, tactic by tactic.
func (s *Score) tactics(t Truth, have map[string]bool) {
	s.Tactics = map[string]Found{}
	for _, id := range t.Techniques {
		for _, tactic := range t.Tactics[id] {
			f := s.Tactics[tactic]
			f.Of++
			if have[id] {
				f.N++
			}
			s.Tactics[tactic] = f
		}
	}
}

// gaps looks in the limits for each thing that the evidence lacks.
func (s *Score) gaps(t Truth, r *report.Report) {
	for _, g := range t.Gaps {
		s.GapsOf++
		if !named(g, r) {
			s.Unnamed = append(s.Unnamed, strings.TrimSpace(g.Kind+" "+g.Value))
		}
	}
}

func named(g Gap, r *report.Report) bool {
	for _, l := range r.Limits {
		text := l.Text + " " + l.Effect
		if l.Interval != nil {
			text += " " + l.Interval.From + " " + l.Interval.To
		}
		switch g.Kind {
		case "trail_stopped":
			if l.Kind == "logging_stopped" {
				return true
			}
		case "region":
			// The limit lists the regions that are there: all others are named by it.
			if l.Kind == "region_missing" && !strings.Contains(l.Text, g.Value) {
				return true
			}
		case "day":
			if strings.Contains(text, g.Value) {
				return true
			}
		case "data_events":
			if l.Kind == "no_data_events" {
				return true
			}
		case "assume_role":
			if l.Kind == "orphan_session" {
				return true
			}
		case "baseline":
			if strings.Contains(l.Kind, "baseline") || l.Kind == "retention" {
				return true
			}
		}
	}
	return false
}

// innocents are steps of the plan that hit somebody whom the intruder neither
// used nor touched, decoy or not. A credential or a name that the intruder had a
// hand in, too, is fair game.
func (s *Score) innocents(t Truth, r *report.Report, events []evidence.Event) {
	attack := set(t.Attack)
	neutral, innocent := set(t.Neutral), set(t.Innocent)
	theirs, fair := map[string]bool{}, map[string]bool{}
	for i := range events {
		e := &events[i]
		for _, p := range principals(e) {
			switch {
			case attack[e.ID], neutral[e.ID]:
				fair[p] = true
			case t.Innocent == nil || innocent[e.ID]:
				theirs[p] = true
			}
		}
	}
	for _, p := range t.Persistence {
		fair[p.ID] = true
	}
	for _, step := range r.Containment {
		if step.Phase == "preserve" {
			continue
		}
		base, _, _ := strings.Cut(step.Target, "#")
		for p := range theirs {
			if !fair[p] && !fair[base] && (base == p || strings.HasSuffix(base, "/"+p)) {
				s.Innocents = append(s.Innocents, step.Action+" "+step.Target)
				break
			}
		}
	}
	slices.Sort(s.Innocents)
}

// principals are whoever makes a call, and whomever it makes or changes.
func principals(e *evidence.Event) []string {
	var out []string
	for _, p := range []string{e.Identity.AccessKey, e.Identity.ARN} {
		if p != "" {
			out = append(out, p)
		}
	}
	// Steps name the role, calls its session.
	if _, rest, ok := strings.Cut(e.Identity.ARN, ":assumed-role/"); ok {
		role, _, _ := strings.Cut(rest, "/")
		out = append(out, role)
	}
	r, err := e.Parse()
	if err != nil {
		return out
	}
	for _, path := range []string{"requestParameters.userName", "requestParameters.roleName", "requestParameters.roleArn", "requestParameters.functionName", "responseElements.accessKey.accessKeyId", "responseElements.credentials.accessKeyId"} {
		if p := r.Str(path); p != "" {
			out = append(out, p)
		}
	}
	return out
}

// Families renders the scoreboard over families.
func Families(families []Family) string {
	var b strings.Builder
	fmt.Fprintf(&b, "%-16s %5s %7s %7s %6s %-26s %5s %5s %7s %7s %9s %7s\n",
		"family", "cases", "verdict", "F1≥.95", "min F1", "worst tactic", "pers", "phan", "decoys", "quiet", "innocents", "gaps")
	all := Family{Name: "all"}
	for _, f := range families {
		f.row(&b)
		all.Cases = append(all.Cases, f.Cases...)
	}
	all.row(&b)
	return b.String()
}

func (f Family) row(b *strings.Builder) {
	verdict, solved, phantoms, decoys, quiet, innocents := 0, 0, 0, 0, 0, 0
	low, gaps, persisted := 1.0, Found{}, Found{}
	tactics := map[string]Found{}
	for _, s := range f.Cases {
		if s.StatusOK {
			verdict++
		}
		if s.F1 >= good {
			solved++
		}
		low = min(low, s.F1)
		phantoms += len(s.Phantoms)
		decoys += s.Decoys
		if s.Quiet { // nothing happened: anybody blamed is innocent
			quiet += s.Wrong
		}
		innocents += len(s.Innocents)
		gaps.N, gaps.Of = gaps.N+s.GapsOf-len(s.Unnamed), gaps.Of+s.GapsOf
		persisted.N, persisted.Of = persisted.N+s.PersistedOf.N, persisted.Of+s.PersistedOf.Of
		for t, n := range s.Tactics {
			x := tactics[t]
			tactics[t] = Found{x.N + n.N, x.Of + n.Of}
		}
	}
	fmt.Fprintf(b, "%-16s %5d %7s %7s %6.2f %-26s %5.2f %5d %7d %7d %9d %7s\n", clip(f.Name, 16), len(f.Cases), share(verdict, len(f.Cases)), share(solved, len(f.Cases)),
		low, worst(tactics), ratio(persisted.N, persisted.Of), phantoms, decoys, quiet, innocents, fmt.Sprintf("%d/%d", gaps.N, gaps.Of))
}

func share(n, of int) string { return fmt.Sprintf("%d/%d", n, of) }

// worst is the tactic of which the smallest share was found; of equals the
// one with the most to find, then the first by name.
func worst(tactics map[string]Found) string {
	names := make([]string, 0, len(tactics))
	for t := range tactics {
		names = append(names, t)
	}
	slices.Sort(names)
	out, low := "", Found{}
	for _, t := range names {
		f := tactics[t]
		a, b := ratio(f.N, f.Of), ratio(low.N, low.Of)
		if out == "" || a < b || a == b && f.Of > low.Of {
			out, low = t, f
		}
	}
	if out == "" {
		return "-"
	}
	return fmt.Sprintf("%s %d/%d", out, low.N, low.Of)
}
