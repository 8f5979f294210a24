package sigma

import (
	"strconv"
	"strings"
)

// order compares two numbers as written. Event ids and byte counts outgrow
// what a float can tell apart, so that integers are compared as such.
// Not ok if either is no number: then there is no order, and the comparison is false.
func order(a, b string) (c int, ok bool) {
	if x, err := strconv.ParseInt(a, 10, 64); err == nil {
		if y, err := strconv.ParseInt(b, 10, 64); err == nil {
			switch {
			case x < y:
				return -1, true
			case x > y:
				return 1, true
			}
			return 0, true
		}
	}
	// Fractions, and integers of more than 64 bits, which are told apart as far as a float can.
	x, errX := decimal(a)
	y, errY := decimal(b)
	if errX != nil || errY != nil {
		return 0, false
	}
	switch {
	case x < y:
		return -1, true
	case x > y:
		return 1, true
	}
	return 0, true
}

// decimal refuses what ParseFloat would take beyond JSON's numbers: inf, nan,
// hexadecimal, underscores.
func decimal(s string) (float64, error) {
	if strings.Trim(s, "+-.0123456789eE") != "" {
		return 0, strconv.ErrSyntax
	}
	return strconv.ParseFloat(s, 64)
}
