package claim

import (
	"regexp"
	"strconv"
	"strings"
	"time"
)

const months = `Jan(?:uary)?|Feb(?:ruary)?|Mar(?:ch)?|Apr(?:il)?|May|June?|July?|Aug(?:ust)?|Sep(?:t(?:ember)?)?|Oct(?:ober)?|Nov(?:ember)?|Dec(?:ember)?`

// moment matches the ways a sentence writes a time: a full one, a day, a time
// of day, a day with the month's name. Groups: see readMoment.
var moment = regexp.MustCompile(`\b(\d{4})-(\d{2})-(\d{2})(?:[T ](\d{2}):(\d{2})(?::(\d{2})(?:\.\d+)?)?)?(?: ?(Z|UTC|[+-]\d{2}:\d{2}))?(?:\b|$)` +
	`|\b(\d{1,2}) (` + months + `)(?:,? (\d{4}))?\b` +
	`|\b(` + months + `) (\d{1,2})(?:st|nd|rd|th)?(?:,? (\d{4}))?\b` +
	`|\b(\d{2}):(\d{2})(?::(\d{2}))?(?: ?(?:Z|UTC))?\b`)

// partial is a time of which some parts are known; -1 where not.
type partial struct{ year, month, day, hour, minute, second int }

// readMoment reads the first moment of a text. Without an offset a time is taken as
// UTC, which is what reports write in. A time of day with an offset and no date
// cannot be shifted over midnight rightly, and is read as it stands.
func readMoment(s string) (partial, bool) {
	m := moment.FindStringSubmatch(s)
	if m == nil {
		return partial{}, false
	}
	n := func(s string) int {
		if v, err := strconv.Atoi(s); err == nil {
			return v
		}
		return -1
	}
	switch {
	case m[1] != "":
		p := partial{n(m[1]), n(m[2]), n(m[3]), n(m[4]), n(m[5]), n(m[6])}
		if zone := m[7]; len(zone) == 6 && p.hour >= 0 {
			at, err := time.Parse("2006-01-02 15:04 -07:00", strings.Join([]string{m[1] + "-" + m[2] + "-" + m[3], m[4] + ":" + m[5], zone}, " "))
			if err == nil {
				at = at.UTC()
				p.year, p.month, p.day, p.hour, p.minute = at.Year(), int(at.Month()), at.Day(), at.Hour(), at.Minute()
			}
		}
		return p, true
	case m[9] != "":
		return partial{n(m[10]), monthOf(m[9]), n(m[8]), -1, -1, -1}, true
	case m[11] != "":
		return partial{n(m[13]), monthOf(m[11]), n(m[12]), -1, -1, -1}, true
	}
	return partial{-1, -1, -1, n(m[14]), n(m[15]), n(m[16])}, true
}

func monthOf(name string) int {
	for m := time.January; m <= time.December; m++ {
		if strings.HasPrefix(m.String(), name[:3]) {
			return int(m)
		}
	}
	// Not reached while months lists the names that it does.
	return -1
}

// is says whether t agrees with every known part.
func (p partial) is(t time.Time) bool {
	t = t.UTC()
	same := func(want, have int) bool { return want < 0 || want == have }
	return same(p.year, t.Year()) && same(p.month, int(t.Month())) && same(p.day, t.Day()) &&
		same(p.hour, t.Hour()) && same(p.minute, t.Minute()) && same(p.second, t.Second())
}
