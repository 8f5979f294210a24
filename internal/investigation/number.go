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

// again says whether an earlier row is of the same event: an event id with two
// contents has two rows, and happened once.
func (in *inquiry) again(row int) bool {
	if in.repeats == nil {
		in.repeats = map[int]bool{}
		seen := map[string]bool{}
		for i, r := range in.at.Rows {
			in.repeats[i] = seen[r.Event]
			seen[r.Event] = true
		}
	}
	return in.repeats[row]
}

// jsonInt reads a whole number that CloudTrail writes as 1234 or 1234.0.
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
