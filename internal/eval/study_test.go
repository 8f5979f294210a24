package eval

import (
	"errors"
	"os"
	"strings"
	"testing"

	"github.com/trailhound/trailhound/internal/attribution"
)

// judged plays an engine to which one signal and one threshold matter.
func judged(w *attribution.Weights) (Score, error) {
	points := w.Points["mfa"]
	if w.Scored != nil {
		w.Scored("mfa")
	}
	s := Score{Name: "traveller #1", Status: "no_incident", F1: 1}
	if points > -20 || w.Thresholds.Likely < 50 {
		s.Status, s.F1, s.Wrong, s.Innocents = "incident", 0, 7, []string{"KEY_OFF"}
	}
	return s, nil
}

func TestStudyNamesWhatHangsOnANumber(t *testing.T) {
	w, err := attribution.LoadWeights(os.DirFS("../../content"))
	if err != nil {
		t.Fatal(err)
	}
	s := NewStudy(w)
	runs := 0
	if err := s.Add(w, func(v *attribution.Weights) (Score, error) { runs++; return judged(v) }); err != nil {
		t.Fatal(err)
	}
	table := s.Table()
	worse := "traveller #1: incident, F1 0.00, was 1.00, 7 innocent events blamed, was 0, 1 steps at innocents, was 0"
	for _, want := range []string{
		"| `points.mfa` | -25 | " + worse + " | " + worse + " | = |",
		"| `points.network_new` | 40 | not met | not met | not met |",
		"| `thresholds.likely` | 60 |  | " + worse + " | = |",
		"| `thresholds` |  |  | " + worse + " | = |",
		"| `cluster.silence_hours` | 4 |  | = | = |",
		"1 cases;",
	} {
		if !strings.Contains(table, want) {
			t.Errorf("the table lacks %q:\n%s", want, table)
		}
	}
	// Signals that never scored are not tried.
	if all := len(attribution.Vary(w)); runs >= all {
		t.Errorf("%d runs for %d variants of which most cannot matter", runs, all)
	}
}

func TestStudyStopsAtAnError(t *testing.T) {
	w, err := attribution.LoadWeights(os.DirFS("../../content"))
	if err != nil {
		t.Fatal(err)
	}
	broken := errors.New("broken")
	if err := NewStudy(w).Add(w, func(*attribution.Weights) (Score, error) { return Score{}, broken }); !errors.Is(err, broken) {
		t.Errorf("got %v", err)
	}
}

func TestStudyCountsTheRest(t *testing.T) {
	w, err := attribution.LoadWeights(os.DirFS("../../content"))
	if err != nil {
		t.Fatal(err)
	}
	s := NewStudy(w)
	for range 5 {
		if err := s.Add(w, judged); err != nil {
			t.Fatal(err)
		}
	}
	if table := s.Table(); !strings.Contains(table, "; 2 more |") {
		t.Errorf("five cases in one cell are not shortened:\n%s", table)
	}
}
