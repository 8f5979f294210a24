package claim

import (
	"encoding/json"
	"fmt"
	"math"
	"math/big"
	"net/netip"
	"strconv"
	"strings"
	"time"

	"github.com/trailhound/trailhound/internal/evidence"
)

// wanted turns the JSON value of a predicate's field into the texts to compare
// with. A list is several values. A null stands for "absent", as "" does.
func wanted(v any) ([]string, error) {
	list, ok := v.([]any)
	if !ok {
		if texts, isTexts := v.([]string); isTexts { // predicates made in Go
			for _, t := range texts {
				list = append(list, t)
			}
			ok = true
		}
	}
	if !ok {
		s, err := scalar(v)
		return []string{s}, err
	}
	if len(list) == 0 {
		return nil, fmt.Errorf("an empty list of values selects nothing")
	}
	if len(list) > MaxValues {
		return nil, fmt.Errorf("more than %d values for one field", MaxValues)
	}
	out := make([]string, 0, len(list))
	for _, el := range list {
		s, err := scalar(el)
		if err != nil {
			return nil, err
		}
		out = append(out, s)
	}
	return out, nil
}

// scalar writes one value of a predicate as the text that columns are compared with.
// Predicates come from JSON (text, bool, json.Number) and from Go (ints, times,
// outcomes); anything else, an object say, is compared with nothing.
func scalar(v any) (string, error) {
	switch v := v.(type) {
	case nil:
		return "", nil
	case string:
		return v, nil
	case bool:
		return strconv.FormatBool(v), nil
	case json.Number:
		return v.String(), nil
	case int:
		return strconv.Itoa(v), nil
	case int64:
		return strconv.FormatInt(v, 10), nil
	case float64:
		// Whole numbers are written without a point or exponent up to where a float
		// holds every one of them.
		if v == math.Trunc(v) && math.Abs(v) < 1<<53 {
			return strconv.FormatInt(int64(v), 10), nil
		}
		return strconv.FormatFloat(v, 'g', -1, 64), nil
	case time.Time:
		return stamp(v), nil
	case evidence.Outcome:
		return string(v), nil
	}
	return "", fmt.Errorf("a value of a kind that cannot be compared")
}

// equal compares one value of an event with a wanted one. An absent value
// equals only "", so nothing is true of a field that is not there.
func (k kind) equal(have, want string) bool {
	if have == want {
		return true
	}
	if have == "" || want == "" {
		return false
	}
	switch k {
	case asInstant:
		// CloudTrail tells seconds; a fraction in a snapshot's time decides nothing.
		h, w := evidence.ParseTime(have), evidence.ParseTime(want)
		return !h.IsZero() && !w.IsZero() && h.Truncate(time.Second).Equal(w.Truncate(time.Second))
	case asAddress:
		if !strings.Contains(want, "/") {
			return false
		}
		// Unmap: "::ffff:192.0.2.1" is the IPv4 address it wraps. A zone names an
		// interface of some host and is no part of the address.
		block, err := netip.ParsePrefix(want)
		addr, err2 := netip.ParseAddr(have)
		return err == nil && err2 == nil && block.Contains(addr.Unmap().WithZone(""))
	}
	return false
}

// has says whether any of the event's values of f equals want. A field of
// several values that holds at least one thing is not absent.
func (f field) has(s *subject, want string) bool {
	vals := f.values(s)
	if want == "" {
		if f.absent != nil {
			return f.absent(s)
		}
		for _, v := range vals {
			if v != "" {
				return false
			}
		}
		return true
	}
	for _, v := range vals {
		if f.kind.equal(v, want) {
			return true
		}
	}
	return false
}

// maxExponent bounds the powers of ten of an amount: bills write 4.2E-7 for the price of
// a few requests, and a few bytes more stand for a number that does not fit in memory.
const maxExponent = 30

// Amount reads a count or an amount exactly: decimal digits, with a small exponent at
// most. It is not ok for anything else.
func Amount(s string) (*big.Rat, bool) {
	// Rat would also read fractions, other bases, hexadecimal floats and digits in groups.
	if s == "" || len(s) > 40 || strings.ContainsAny(s, "/xX_pPbBoO") {
		return nil, false
	}
	if i := strings.IndexAny(s, "eE"); i >= 0 {
		if e, err := strconv.Atoi(s[i+1:]); err != nil || e > maxExponent || e < -maxExponent {
			return nil, false
		}
	}
	return new(big.Rat).SetString(s)
}

// number reads a predicate's value as an amount. Amounts are fractions, never
// floats: sums of bills must come out to the last digit.
func number(v any) (*big.Rat, bool) {
	s, err := scalar(v)
	if err != nil {
		return nil, false
	}
	return Amount(s)
}

// whole reads v as a number of things.
func whole(v any) (int64, bool) {
	r, ok := number(v)
	if !ok || !r.IsInt() || !r.Num().IsInt64() || r.Sign() < 0 {
		return 0, false
	}
	return r.Num().Int64(), true
}
