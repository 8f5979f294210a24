package policy

import (
	"bytes"
	"encoding/base64"
	"math/big"
	"net/netip"
	"strconv"
	"strings"
	"time"
)

// operator is one of IAM's comparisons, without prefix and suffix.
type operator struct {
	negated bool
	null    bool
	text    bool // compares text: the values may hold variables, and glob is used
	wild    bool // "*" and "?" of the value are wildcards
	glob    func(have string, want Glob) bool
	match   func(have, want string) bool
}

// operators by lower-case name. ArnEquals and ArnLike behave alike.
var operators = map[string]operator{
	"stringequals":              {text: true, glob: exact},
	"stringnotequals":           {text: true, glob: exact, negated: true},
	"stringequalsignorecase":    {text: true, glob: folded},
	"stringnotequalsignorecase": {text: true, glob: folded, negated: true},
	"stringlike":                {text: true, wild: true, glob: exact},
	"stringnotlike":             {text: true, wild: true, glob: exact, negated: true},
	"arnequals":                 {text: true, wild: true, glob: arnLike},
	"arnlike":                   {text: true, wild: true, glob: arnLike},
	"arnnotequals":              {text: true, wild: true, glob: arnLike, negated: true},
	"arnnotlike":                {text: true, wild: true, glob: arnLike, negated: true},

	"numericequals":            {match: numeric(func(c int) bool { return c == 0 })},
	"numericnotequals":         {match: numeric(func(c int) bool { return c == 0 }), negated: true},
	"numericlessthan":          {match: numeric(func(c int) bool { return c < 0 })},
	"numericlessthanequals":    {match: numeric(func(c int) bool { return c <= 0 })},
	"numericgreaterthan":       {match: numeric(func(c int) bool { return c > 0 })},
	"numericgreaterthanequals": {match: numeric(func(c int) bool { return c >= 0 })},

	"dateequals":            {match: date(func(c int) bool { return c == 0 })},
	"datenotequals":         {match: date(func(c int) bool { return c == 0 }), negated: true},
	"datelessthan":          {match: date(func(c int) bool { return c < 0 })},
	"datelessthanequals":    {match: date(func(c int) bool { return c <= 0 })},
	"dategreaterthan":       {match: date(func(c int) bool { return c > 0 })},
	"dategreaterthanequals": {match: date(func(c int) bool { return c >= 0 })},

	"bool":         {match: strings.EqualFold},
	"binaryequals": {match: binary},
	"ipaddress":    {match: within},
	"notipaddress": {match: within, negated: true},
	"null":         {null: true},
}

func exact(have string, want Glob) bool { return want.Match(have) }

// folded compares without regard to case, as StringEqualsIgnoreCase does; want
// is wild only where the value of a variable is not known.
func folded(have string, want Glob) bool {
	if !want.wild {
		return strings.EqualFold(have, want.text)
	}
	lower := Glob{toks: append([]rune(nil), want.toks...), wild: true}
	for i, r := range lower.toks {
		if r >= 0 {
			lower.toks[i] = []rune(strings.ToLower(string(r)))[0]
		}
	}
	return lower.Match(strings.ToLower(have))
}

// arnLike compares the six parts one by one. What is no ARN is compared whole.
func arnLike(have string, want Glob) bool {
	w, h := newResource(want), newResource(literal(have))
	return w.compare(&h) == Yes
}

func numeric(ok func(int) bool) func(have, want string) bool {
	return func(have, want string) bool {
		a, aok := number(have)
		b, bok := number(want)
		return aok && bok && ok(a.Cmp(b))
	}
}

// number reads a decimal number exactly. Exponents are bounded, lest a policy
// of twenty bytes costs gigabytes.
func number(s string) (*big.Rat, bool) {
	s = strings.TrimSpace(s)
	if len(s) > 64 || strings.ContainsAny(s, "/eEpPxX_") {
		return nil, false
	}
	return new(big.Rat).SetString(s)
}

func date(ok func(int) bool) func(have, want string) bool {
	return func(have, want string) bool {
		a, aok := moment(have)
		b, bok := moment(want)
		return aok && bok && ok(a.Compare(b))
	}
}

var moments = []string{
	time.RFC3339Nano, "2006-01-02T15:04Z07:00", "2006-01-02T15:04:05Z0700", "2006-01-02T15:04:05", "2006-01-02",
	"20060102T150405Z0700",
}

// moment reads an ISO 8601 time, or seconds since 1970.
func moment(s string) (time.Time, bool) {
	s = strings.TrimSpace(s)
	for _, layout := range moments {
		if t, err := time.Parse(layout, s); err == nil {
			return t, true
		}
	}
	if n, err := strconv.ParseInt(s, 10, 64); err == nil {
		return time.Unix(n, 0), true
	}
	return time.Time{}, false
}

func binary(have, want string) bool {
	a, aerr := base64.StdEncoding.DecodeString(have)
	b, berr := base64.StdEncoding.DecodeString(want)
	return aerr == nil && berr == nil && bytes.Equal(a, b)
}

// within says whether an address lies in a range; a single address is a range
// of one. What is no address lies nowhere.
func within(have, want string) bool {
	a, err := netip.ParseAddr(strings.TrimSpace(have))
	if err != nil {
		return false
	}
	a = a.Unmap().WithZone("")
	want = strings.TrimSpace(want)
	if p, err := netip.ParsePrefix(want); err == nil {
		return p.Contains(a)
	}
	b, err := netip.ParseAddr(want)
	return err == nil && b.Unmap() == a
}
