package intake

import (
	"regexp"
	"strings"
	"time"
)

// exportWord finds a sentence that speaks of an export; only there is a zone that of the
// export's clock and not of where somebody sits.
var (
	exportWord = regexp.MustCompile(`(?i)\b(?:csv|tsv|xlsx|exports?|exported|excel|spreadsheet|sheet|files?|athena|dump|extract|table|columns?)\b`)
	// clockWord ends where the zone would begin: "the times in it are |", "is in local time, |".
	clockWord = regexp.MustCompile(`(?i)\b(?:times?|timestamps?|clocks?|is|are|in)\b(?:\s+(?:in|it|them|there|of|the|this|that|is|are|given|written|stated|shown|shows?|as|local|times?|all|columns?|our)\b)*\s*[,:=(]?\s*`)
	denied    = regexp.MustCompile(`(?i)\b(?:not|never|n't|isnt|arent)\s+\S*\s*$`) // before a zone
)

// ExportClock finds what the text says of the clock that an export was written by, as
// "the CSV is in local time, UTC+1" or "times in the sheet are Berlin time". ok is false
// where nothing is said of an export, or only asked.
func ExportClock(text string) (loc *time.Location, name string, ok bool) {
	work, _ := clean(text)
	for start := 0; start < len(work); {
		end, next := sentenceEnd(work, start)
		s := work[start:end]
		// A question ("is the CSV in UTC?") states no clock.
		if exportWord.MatchString(s) && !(next > end && work[end] == '?') {
			for _, at := range clockWord.FindAllStringIndex(s, 64) {
				if z, _, found := zoneAt(s, at[1], false); found && !z.local && !denied.MatchString(s[:at[1]]) {
					return z.loc, z.text, true
				}
			}
		}
		start = next
	}
	return nil, "", false
}

// sentenceEnd is the end of the sentence at byte start, and where the next one begins.
func sentenceEnd(work string, start int) (end, next int) {
	for i := start; i < len(work); i++ {
		switch c := work[i]; {
		case c == '\n', strings.IndexByte(".!?;", c) >= 0 && (i+1 == len(work) || work[i+1] == ' ' || work[i+1] == '\n'):
			return i, i + 1
		}
	}
	return len(work), len(work)
}
