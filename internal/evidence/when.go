package evidence

import (
	"strings"
	"time"
)

// layouts are the ways AWS and its exports write a moment.
var layouts = []string{
	time.RFC3339Nano, "2006-01-02T15:04:05Z0700", "20060102T150405Z", "2006-01-02T15:04:05", "2006-01-02 15:04:05.999999999",
	"2006-01-02 15:04:05 MST", "2006-01-02T15:04:05.999999999", "Jan 2, 2006 3:04:05 PM", "Jan 2, 2006, 3:04:05 PM",
	"Jan 2, 2006 15:04:05 PM", // KMS, in the afternoon

	"January 2, 2006, 15:04:05 (MST-07:00)", "January 02, 2006, 15:04:05 (UTC-07:00)", "2006-01-02",
}

// ParseTime reads a moment in any of the shapes that CloudTrail fields and
// exports use, as UTC. Without a zone it is UTC. The zero time means it could
// not be read, or not be written again.
func ParseTime(s string) time.Time { return ParseTimeIn(s, time.UTC) }

// ParseTimeIn is ParseTime by a clock in loc: a moment without a zone is one there.
func ParseTimeIn(s string, loc *time.Location) time.Time {
	// Java writes a narrow no-break space before AM and PM.
	s = strings.TrimSpace(strings.NewReplacer("\u202f", " ", "\u00a0", " ").Replace(s))
	if s == "" {
		return time.Time{}
	}
	for _, l := range layouts {
		if t, err := time.ParseInLocation(l, s, loc); err == nil {
			return writable(t)
		}
	}
	return time.Time{}
}

// writable is a moment in UTC, zero where its year has no four digits: RFC 3339 cannot
// write it, nor encoding/json, so that one such time in a log would end the program.
func writable(t time.Time) time.Time {
	if t = t.UTC(); t.Year() < 0 || t.Year() > 9999 {
		return time.Time{}
	}
	return t
}
