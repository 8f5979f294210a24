package investigation

import (
	"encoding/json"
	"fmt"
	"strconv"
	"time"
)

// span says from when to when; one moment is not told twice.
func span(from, to time.Time) string {
	if from.Equal(to) {
		return "at " + stamp(from)
	}
	return "between " + stamp(from) + " and " + stamp(to)
}

// atLeast goes before a number that more than was counted stands behind: a bound of this program
// must not read as a fact of the evidence.
func atLeast(more bool) string {
	if more {
		return "at least "
	}
	return ""
}

// jsonInt reads a whole number that CloudTrail writes as 1234 or 1234.0.
// CloudTrail's bytes are written either way, by service and age of the record.
func jsonInt(v any) (int64, error) {
	n, ok := v.(json.Number)
	if !ok {
		return 0, fmt.Errorf("not a number")
	}
	if i, err := n.Int64(); err == nil {
		return i, nil
	}
	f, err := strconv.ParseFloat(n.String(), 64)
	if err != nil || f != float64(int64(f)) {
		return 0, fmt.Errorf("not a whole number")
	}
	return int64(f), nil
}
