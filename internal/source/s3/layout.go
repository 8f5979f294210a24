package s3

import (
	"regexp"
	"slices"
	"strings"
	"time"
)

// Filter says what of a bucket is wanted; empty fields want everything. It
// rules out only what the key itself tells: an object outside the layout of
// AWSLogs is always read.
type Filter struct {
	Accounts []string // 12 digits each
	Regions  []string
	From, To time.Time // of events, UTC; To is not included
}

// grace is how long after an event its file may be dated. CloudTrail delivers
// within minutes as a rule, after outages of a region within hours.
const grace = 24 * time.Hour

var (
	isAccount = regexp.MustCompile(`^\d{12}$`)
	isOrg     = regexp.MustCompile(`^o-[a-z0-9]{10,32}$`)
	isRegion  = regexp.MustCompile(`^[a-z]{2,4}(-[a-z]+)+-\d$`)
)

// dated are the services that pad their dates with zeros, so that keys are in
// order of time. AWS Config, for one, does not.
var dated = []string{"CloudTrail", "CloudTrail-Digest", "CloudTrail-Insight", "CloudTrail-NetworkActivity", "CloudTrail-Aggregated", "vpcflowlogs", "GuardDuty", "elasticloadbalancing", "WAFLogs"}

// place is what a key or prefix tells, as far as it goes.
type place struct {
	logs    bool // it is under AWSLogs/
	account string
	service string
	region  string
	root    string // the prefix up to and with the region, where there is one
	rest    string // what follows it
}

// locate reads the layout. Segments that do not fit end the reading.
func locate(key string) (p place) {
	rest, at := key, 0
	next := func() (string, bool) {
		s, _, ok := strings.Cut(rest[at:], "/")
		if ok {
			at += len(s) + 1
		}
		return s, ok
	}
	for {
		s, ok := next()
		if !ok {
			return p
		}
		if s == "AWSLogs" {
			p.logs = true
			break
		}
	}
	s, ok := next()
	if ok && isOrg.MatchString(s) {
		s, ok = next()
	}
	if !ok || !isAccount.MatchString(s) {
		return p
	}
	p.account = s
	if p.service, ok = next(); !ok {
		p.service = ""
		return p
	}
	if s, ok = next(); ok && isRegion.MatchString(s) {
		p.region, p.root, p.rest = s, key[:at], key[at:]
	}
	return p
}

// days is the range of what can be wanted under the folder of a region, in order
// of keys, as in "2026/11/03/"; "" where it is open.
func (f Filter) days() (first, last string) {
	const folder = "2006/01/02/"
	if !f.From.IsZero() {
		first = f.From.UTC().Format(folder)
	}
	if !f.To.IsZero() {
		last = f.To.UTC().Add(grace-1).Format(folder) + "\xff"
	}
	return first, last
}

// wants says whether there can be something wanted at a key or under a prefix.
func (f Filter) wants(key string) bool {
	p := locate(key)
	switch {
	case p.account != "" && len(f.Accounts) > 0 && !slices.Contains(f.Accounts, p.account),
		p.region != "" && len(f.Regions) > 0 && !slices.Contains(f.Regions, p.region):
		return false
	}
	if p.rest == "" || !slices.Contains(dated, p.service) {
		return true
	}
	// As the listing does: by order, so that what is no date falls where it sorts.
	first, last := f.days()
	return p.rest > first && (last == "" || p.rest <= last)
}

// span is the part of a prefix that one listing in order of keys has to go
// through: it starts after a key, and may stop at the first key beyond stop.
type span struct {
	prefix, after, stop string
}

// spanOf narrows a prefix by days where its keys are in order of time.
func (f Filter) spanOf(prefix string) span {
	s := span{prefix: prefix}
	p := locate(prefix)
	if p.root != prefix || !slices.Contains(dated, p.service) {
		return s
	}
	first, last := f.days()
	if first != "" {
		s.after = prefix + first
	}
	if last != "" {
		s.stop = prefix + last
	}
	return s
}
