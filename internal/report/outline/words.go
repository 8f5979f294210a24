package outline

import (
	"fmt"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/trailhound/trailhound/internal/ledger"
)

// Words turns a value of the format's vocabulary into words: "likely_intruder" into "likely
// intruder", "privilege-escalation" into "privilege escalation".
func Words(s string) string {
	return strings.NewReplacer("_", " ", "-", " ").Replace(s)
}

// Title is Words with a capital; "" stays "".
func Title(s string) string {
	s = Words(s)
	if s == "" {
		return s
	}
	r, size := utf8.DecodeRuneInString(s)
	return strings.ToUpper(string(r)) + s[size:]
}

// Now says what became of a thing.
func Now(r ledger.Resource) string {
	if r.DeletesAt == "" {
		return r.StateNow
	}
	return "pending deletion until " + Time(r.DeletesAt) + " UTC"
}

// Priority is what on-call people say instead of a severity.
func Priority(severity string) string {
	switch severity {
	case "critical":
		return "P1"
	case "high":
		return "P2"
	case "medium":
		return "P3"
	case "low", "informational":
		return "P4"
	}
	return ""
}

// GradeMeaning says what a grade of evidence means, for a legend.
var GradeMeaning = [][2]string{
	{"A", "the event itself shows the act, with an attributed credential"},
	{"B", "linked by equality of identifiers"},
	{"C", "linked by structure: session, time, resource"},
	{"D", "circumstantial"},
	{"E", "absence of events, with proven coverage"},
}

// Time shows an RFC 3339 time as "2026-11-02 00:58:44", to the second, always UTC. What is no
// such time is shown as it is.
func Time(s string) string {
	t, err := time.Parse(time.RFC3339, s)
	if err != nil {
		return s
	}
	return t.UTC().Format("2006-01-02 15:04:05")
}

// Clock is Time without the day.
func Clock(s string) string {
	t, err := time.Parse(time.RFC3339, s)
	if err != nil {
		return s
	}
	return t.UTC().Format("15:04:05")
}

// Stamp is Time without the year, to the minute: for narrow columns.
func Stamp(s string) string {
	t, err := time.Parse(time.RFC3339, s)
	if err != nil {
		return s
	}
	return t.UTC().Format("01-02 15:04")
}

// Between says how long it is from one time to another, to two units: "2 h 41 min".
// It is empty if either is no time, or the second is not after the first.
func Between(from, to string) string {
	a, errA := time.Parse(time.RFC3339, from)
	b, errB := time.Parse(time.RFC3339, to)
	if errA != nil || errB != nil || !b.After(a) {
		return ""
	}
	d := b.Sub(a)
	days, hours, minutes, seconds := int(d.Hours())/24, int(d.Hours())%24, int(d.Minutes())%60, int(d.Seconds())%60
	switch {
	case days > 0:
		return fmt.Sprintf("%d d %d h", days, hours)
	case hours > 0:
		return fmt.Sprintf("%d h %d min", hours, minutes)
	case minutes > 0:
		return fmt.Sprintf("%d min %d s", minutes, seconds)
	}
	return fmt.Sprintf("%d s", seconds)
}

// Short returns the part of an ARN that people say: "user/deploy-bot" of an IAM user's,
// "metrics-sync" of a function's. What is no ARN is returned as it is.
func Short(arn string) string {
	parts := strings.SplitN(arn, ":", 6)
	if len(parts) < 6 || parts[0] != "arn" {
		return arn
	}
	short := parts[5]
	if kind, name, ok := strings.Cut(short, ":"); ok && !strings.Contains(kind, "/") && name != "" {
		short = name
	}
	return strings.TrimPrefix(short, "assumed-role/")
}

// Count returns "1 event", "2 events"; the plural is given where an s does not make it.
func Count(n int, one string, many ...string) string {
	word := one + "s"
	if len(many) > 0 {
		word = many[0]
	}
	if n == 1 {
		word = one
	}
	return Number(int64(n)) + " " + word
}

// Number writes thousands with commas.
func Number(n int64) string {
	s := fmt.Sprint(n)
	sign := ""
	if strings.HasPrefix(s, "-") {
		sign, s = "-", s[1:]
	}
	for i := len(s) - 3; i > 0; i -= 3 {
		s = s[:i] + "," + s[i:]
	}
	return sign + s
}
