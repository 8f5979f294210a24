package eval

import (
	"fmt"
	"math"
	"slices"
	"strings"

	"github.com/trailhound/trailhound/internal/attribution"
)

// A Study says what becomes of cases when the numbers that judge are moved, one
// at a time. It shows which results hang on a number being just so.
// The number is moved by the percents that attribution.Vary names. What is learnt is how
// far each is from mattering; it is no search for better ones, which would fit the cases.
type Study struct {
	Cases int
	rows  []studied
}

// studied is one number of the weights file, with what moving it changed.
type studied struct {
	name    string
	value   int              // 0: a group
	changed map[int][]string // percent → cases that came out otherwise
	met     bool             // some case depended on it at all
}

// Try scores one case under weights.
type Try func(w *attribution.Weights) (Score, error)

// NewStudy prepares the rows of every variant of w.
// Rows are made before any case is run, so that what no case ever meets shows, too.
func NewStudy(w *attribution.Weights) *Study {
	s := &Study{}
	for _, v := range attribution.Vary(w) {
		if s.row(v.Name) == nil {
			s.rows = append(s.rows, studied{name: v.Name, value: v.Was, changed: map[int][]string{}})
		}
	}
	return s
}

func (s *Study) row(name string) *studied {
	i := slices.IndexFunc(s.rows, func(r studied) bool { return r.name == name })
	if i < 0 {
		return nil
	}
	return &s.rows[i]
}

// Add runs one case as set and under every variant that it can depend on: a
// signal that never scored as set cannot score differently.
// That saves most of the runs, each of which is a whole investigation. A variant with no
// signal of its own (a threshold, a window, a group) is always run.
func (s *Study) Add(w *attribution.Weights, try Try) error {
	s.Cases++
	scored := map[string]bool{}
	watched := *w
	watched.Scored = func(signal string) { scored[signal] = true }
	base, err := try(&watched)
	if err != nil {
		return err
	}
	for _, v := range attribution.Vary(w) {
		if v.Signal != "" && !scored[v.Signal] {
			continue
		}
		got, err := try(v.Weights)
		if err != nil {
			return fmt.Errorf("%s at %d %%: %w", v.Name, v.Percent, err)
		}
		r := s.row(v.Name)
		r.met = true
		if d := otherwise(base, got); d != "" {
			r.changed[v.Percent] = append(r.changed[v.Percent], base.Name+": "+d)
		}
	}
	return nil
}

// otherwise says in what a responder would notice that a case came out
// differently, or "".
// F1 moves by less than half a hundredth with a single event of a large case, which
// nobody would see in the table either.
func otherwise(was, is Score) string {
	var out []string
	if was.Status != is.Status {
		out = append(out, is.Status)
	}
	if math.Abs(was.F1-is.F1) >= 0.005 {
		out = append(out, fmt.Sprintf("F1 %.2f, was %.2f", is.F1, was.F1))
	}
	if was.Wrong != is.Wrong {
		out = append(out, fmt.Sprintf("%d innocent events blamed, was %d", is.Wrong, was.Wrong))
	}
	if a, b := len(was.Innocents), len(is.Innocents); a != b {
		out = append(out, fmt.Sprintf("%d steps at innocents, was %d", b, a))
	}
	return strings.Join(out, ", ")
}

// namedOf is how many cases a cell of the table names; the rest are counted.
const namedOf = 3

// Table renders the study as Markdown: "=" where no case came out otherwise,
// "not met" where no case of the sample ever scored the signal.
func (s *Study) Table() string {
	var b strings.Builder
	fmt.Fprintf(&b, "| number | value | at 0 | at 75 %% | at 125 %% |\n|---|---|---|---|---|\n")
	for _, r := range s.rows {
		cells := make([]string, 0, 3)
		for _, percent := range []int{0, 75, 125} {
			switch list := r.changed[percent]; {
			// Only points are tried at nothing: a threshold or a window of 0 is another engine.
			case percent == 0 && !strings.HasPrefix(r.name, "points."):
				cells = append(cells, "")
			case !r.met:
				cells = append(cells, "not met")
			case len(list) == 0:
				cells = append(cells, "=")
			default:
				cell := strings.Join(list[:min(len(list), namedOf)], "; ")
				if n := len(list) - namedOf; n > 0 {
					cell += fmt.Sprintf("; %d more", n)
				}
				cells = append(cells, cell)
			}
		}
		value := ""
		if r.value != 0 {
			value = fmt.Sprint(r.value)
		}
		fmt.Fprintf(&b, "| `%s` | %s | %s |\n", r.name, value, strings.Join(cells, " | "))
	}
	fmt.Fprintf(&b, "\n%d cases; %d numbers and groups of them; %d change nothing, %d never scored.\n", s.Cases, len(s.rows), s.count(true), s.count(false))
	return b.String()
}

// count is how many rows were met and changed nothing, or were never met.
func (s *Study) count(met bool) int {
	n := 0
	for _, r := range s.rows {
		if r.met == met && len(r.changed) == 0 {
			n++
		}
	}
	return n
}
