package intake

import (
	"testing"
	"time"
)

// TestExportClock finds the clock of an export, and only that: whose office is where, and
// what is asked, moves no record.
func TestExportClock(t *testing.T) {
	for text, want := range map[string]string{
		"The CSV is in local time, UTC+1. Please look at the 5th.":        "2026-11-05T13:00:00Z",
		"times in the sheet are Berlin time":                              "2026-11-05T13:00:00Z",
		"I exported it from the portal and the timestamps are in PST":     "2026-11-05T22:00:00Z",
		"our file, the clock shows New York time; somebody came at night": "2026-11-05T19:00:00Z",
		"all columns are written in Asia/Kolkata":                         "2026-11-05T08:30:00Z",
		"the export is UTC":                         "2026-11-05T14:00:00Z",
		"Is the csv in Berlin time? We do not know": "",
		"we are in Berlin, the key leaked at 9":     "",
		"all times are Berlin time":                 "",
		"the file bucket in Frankfurt is gone":      "",
		"the csv is not in Berlin time":             "",
		"csv is in local time":                      "",
	} {
		loc, _, ok := ExportClock(text)
		got := ""
		if ok {
			got = time.Date(2026, 11, 5, 14, 0, 0, 0, loc).UTC().Format(time.RFC3339)
		}
		if got != want {
			t.Errorf("%q: 14:00 there is %q, want %q", text, got, want)
		}
	}
}
