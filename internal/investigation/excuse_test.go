package investigation

import (
	"testing"
	"time"

	"github.com/trailhound/trailhound/internal/intake"
)

// To know no address is the alarm itself; to have done nothing is a denial.
func TestDeniedIsOfDeeds(t *testing.T) {
	now := time.Date(2026, 3, 20, 12, 0, 0, 0, time.UTC)
	for text, want := range map[string]bool{
		"The key was used from an address that we have never seen.":       false,
		"Sign-ins from 203.0.113.50, which is not ours.":                  false,
		"Calls from a country that nobody of us knows.":                   false,
		"Nobody had a root task that day.":                                true,
		"User bob says it wasn't him.":                                    true,
		"A snapshot was shared with 555566667777, we dont know this one.": true,
		"Somebody used the key.":                                          false,
	} {
		in := &inquiry{o: &Options{}, reading: intake.Read(text, intake.FromCase, intake.Clock{Now: now}, intake.Lexicon{})}
		if got := in.denied(); got != want {
			t.Errorf("%q: denied is %v", text, got)
		}
	}
}
