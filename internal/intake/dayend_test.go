package intake

import (
	"testing"
	"testing/fstest"
	"time"

	"github.com/trailhound/trailhound/content"
)

// Days that are counted from the end of the evidence, and from a clock that runs on behind it.
func TestDaysAtTheEnd(t *testing.T) {
	at := func(s string) time.Time {
		v, err := time.Parse("2006-01-02 15:04", s)
		if err != nil && s != "" {
			t.Fatal(err)
		}
		return v
	}
	for _, tc := range []struct {
		text, to, now, want string
		noted               bool
	}{
		{"since monday", "2026-11-09 15:00", "", "11-09..11-09T15:00", false},
		{"since monday", "2026-11-09 04:00", "", "11-02..11-09T04:00", true},
		{"since monday", "2026-11-08 23:30", "", "11-02..11-08T23:30", false},
		{"since monday", "2026-11-08 23:30", "2026-11-11 09:00", "11-02..11-11T09:00", true},
		{"on Tuesday", "2026-11-08 23:30", "2026-11-11 09:00", "11-03..11-04", true},
		{"on Monday", "2026-11-09 04:00", "", "11-09..11-10", false},
		{"on the weekend", "2026-11-06 10:00", "2026-11-10 09:00", "10-31..11-02", true},
		{"on the weekend", "2026-11-08 10:00", "2026-11-10 09:00", "11-07..11-09", false},
		{"on 3/11", "2026-11-10 10:00", "", "11-03..11-04", true},
		{"sunday 9", "2026-11-10 10:00", "", "", true},
		{"sunday 8", "2026-11-20 10:00", "", "11-08..11-09", false},
		{"week 42", "2026-11-10 10:00", "", "", true},
	} {
		r := Read(tc.text, FromCase, Clock{Now: at(tc.now), EvidenceFrom: at("2026-10-20 00:00"), EvidenceTo: at(tc.to)}, Lexicon{})
		got := ""
		if len(r.Times) > 0 {
			got = between(r.Times[0])
		}
		if got != tc.want {
			t.Errorf("%s, evidence to %s, now %s: %s, want %s", tc.text, tc.to, tc.now, got, tc.want)
		}
		if tc.noted != (len(r.Notes) > 1 || tc.want == "") || len(r.Notes) == 0 { // that no zone is given is always noted
			t.Errorf("%s, evidence to %s: %q", tc.text, tc.to, r.Notes)
		}
	}
}

// A date with two readings that both lie inside the evidence is neither, unless another date
// of the text shows the order.
func TestTwoDates(t *testing.T) {
	c := Clock{EvidenceFrom: time.Date(2026, 1, 1, 0, 0, 0, 0, time.UTC), EvidenceTo: time.Date(2026, 11, 10, 0, 0, 0, 0, time.UTC)}
	for text, want := range map[string]string{
		"on 3/4":                         "03-04..04-04",
		"on 3/4 at 10:00":                "03-04..04-04",
		"on 3/4 and on 13/4":             "04-03..04-04",
		"on 3/4 and on 4/13":             "03-04..03-05",
		"on 3/4, dates are dd/mm":        "04-03..04-04",
		"on 3/4 and on 4/13 and on 13/4": "03-04..04-04",
	} {
		r := Read(text, FromCase, c, Lexicon{})
		if len(r.Times) == 0 || between(r.Times[0]) != want {
			t.Errorf("%s: %v, want %s", text, r.Times, want)
		}
	}
}

func TestDateWords(t *testing.T) {
	if _, err := loadDateWords(content.FS); err != nil {
		t.Fatal(err)
	}
	for _, data := range []string{"same: {may: mai, june: mai}", "same: {may: Mai}", "same: {may: june, june: juni}", "other: {}"} {
		if _, err := loadDateWords(fstest.MapFS{"intake/dates.yml": {Data: []byte(data)}}); err == nil {
			t.Errorf("%s was taken", data)
		}
	}
	if _, err := loadDateWords(fstest.MapFS{}); err == nil {
		t.Error("nothing was taken")
	}
}

// TestRegionNames refuses a list that would be read wrongly.
func TestRegionNames(t *testing.T) {
	for _, data := range []string{"regions: {eu-west-1: Ireland}", "regions: {eu-west-1: 'ireland,,dublin'}", "regions: {}", "else: x"} {
		if _, err := loadRegions(fstest.MapFS{"intake/regions.yml": {Data: []byte(data)}}); err == nil {
			t.Errorf("%q was taken", data)
		}
	}
	if _, err := loadRegions(content.FS); err != nil {
		t.Error(err)
	}
}
