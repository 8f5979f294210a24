package cloudtrail

import (
	"errors"
	"fmt"
	"regexp"
	"strconv"
	"strings"
	"time"

	"github.com/trailhound/trailhound/internal/evidence"
)

// moment reads a time by the clock that the case tells of, if any, and counts those
// that a zone of their own would have placed elsewhere.
func (r *reader) moment(s string) (time.Time, error) {
	t, err := parseTime(s, time.UTC)
	if r.local == nil || err != nil {
		return t, err
	}
	// A time with a zone of its own gives the same moment both ways and does not
	// count as shifted.
	there, err := parseTime(s, r.local)
	if err == nil && !there.Equal(t) {
		r.shifted++
	}
	return there, err
}

// parseTime reads eventTime, which AWS writes as 2006-01-02T15:04:05Z; exports
// write much else, which evidence.ParseTime knows. A time without a zone is one in loc.
func parseTime(s string, loc *time.Location) (time.Time, error) {
	if t, ok := isoTime(s); ok {
		return t, nil
	}
	if s == "" {
		return time.Time{}, errors.New("it has no eventTime")
	}
	t := evidence.ParseTimeIn(s, loc)
	if t.IsZero() {
		t = exportTime(s, loc)
	}
	if t.IsZero() || t.Year() < 2006 || t.Year() > 2199 { // AWS began in 2006; far years break 64-bit clocks downstream
		return time.Time{}, fmt.Errorf("its eventTime %.40q cannot be read", s)
	}
	// CloudTrail has whole seconds. Fractions that a collector adds would make two
	// copies of an event differ.
	return t.UTC().Truncate(time.Second), nil
}

func isoTime(s string) (time.Time, bool) {
	if len(s) != 20 || s[4] != '-' || s[7] != '-' || s[10] != 'T' || s[13] != ':' || s[16] != ':' || s[19] != 'Z' {
		return time.Time{}, false
	}
	ok := true
	num := func(at, n int) (v int) {
		for _, c := range []byte(s[at : at+n]) {
			ok = ok && c >= '0' && c <= '9'
			v = v*10 + int(c-'0')
		}
		return v
	}
	y, mo, d, h, mi, sec := num(0, 4), num(5, 2), num(8, 2), num(11, 2), num(14, 2), num(17, 2)
	t := time.Date(y, time.Month(mo), d, h, mi, sec, 0, time.UTC)
	// time.Date wraps 31 February: what it gives must be what was written.
	ok = ok && y >= 2006 && y <= 2199 && t.Day() == d && int(t.Month()) == mo && h < 24 && mi < 60 && sec < 60
	return t, ok
}

// exportLayouts are what only exports of tables write.
var exportLayouts = []string{
	"2006-01-02 15:04:05Z07:00", "2006-01-02 15:04:05 -0700", "2006-01-02T15:04:05.999999999Z0700",
}

// slashed is a date as spreadsheets and portals write it in the reader's locale.
var slashed = regexp.MustCompile(`^(\d{1,2})/(\d{1,2})/(\d{4}),? (\d{1,2}):(\d{2}):(\d{2})(?:\.\d+)?(?: ?([AaPp])[Mm])?$`)

func exportTime(s string, loc *time.Location) time.Time {
	s = strings.TrimSpace(strings.NewReplacer("\u202f", " ", "\u00a0", " ").Replace(s))
	for _, l := range exportLayouts {
		if t, err := time.Parse(l, s); err == nil {
			return t.UTC()
		}
	}
	if m := slashed.FindStringSubmatch(s); m != nil {
		return slashedTime(m, loc)
	}
	// The AWS CLI writes seconds since 1970 where it writes JSON.
	// The bounds are the years 2001 to 2286 in seconds, which keeps milliseconds
	// out: those have three digits more.
	if f, err := strconv.ParseFloat(s, 64); err == nil && f > 1e9 && f < 1e10 {
		return time.Unix(int64(f), 0).UTC()
	}
	return time.Time{}
}

// slashedTime reads 16/04/2025, 05:50:00.000 and 4/16/2025, 5:50:00 AM. Which of
// the first two numbers is the month is not written: one over 12 is the day; else
// a clock of twelve hours means month first (as in the United States) and one of
// twenty-four means day first.
func slashedTime(m []string, loc *time.Location) time.Time {
	n := func(i int) int { v, _ := strconv.Atoi(m[i]); return v }
	day, month, hour := n(1), n(2), n(4)
	if half := strings.ToLower(m[7]); half != "" {
		day, month = month, day
		if hour < 1 || hour > 12 {
			return time.Time{}
		}
		hour %= 12
		if half == "p" {
			hour += 12
		}
	}
	if month > 12 {
		day, month = month, day
	}
	t := time.Date(n(3), time.Month(month), day, hour, n(5), n(6), 0, loc)
	if t.Day() != day || int(t.Month()) != month || n(5) > 59 || n(6) > 59 {
		return time.Time{}
	}
	return t
}
