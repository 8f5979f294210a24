package intake

import (
	"fmt"
	"regexp"
	"strconv"
	"strings"
	"time"
	_ "time/tzdata" // zones must resolve on a machine that has no zone files
)

// places are cities and regions that people name a time by.
var places = map[string]string{
	"berlin": "Europe/Berlin", "munich": "Europe/Berlin", "hamburg": "Europe/Berlin", "frankfurt": "Europe/Berlin", "german": "Europe/Berlin", "germany": "Europe/Berlin",
	"london": "Europe/London", "uk": "Europe/London", "british": "Europe/London", "dublin": "Europe/Dublin", "ireland": "Europe/Dublin", "irish": "Europe/Dublin",
	"paris": "Europe/Paris", "france": "Europe/Paris", "madrid": "Europe/Madrid", "rome": "Europe/Rome", "milan": "Europe/Rome", "vienna": "Europe/Vienna",
	"zurich": "Europe/Zurich", "geneva": "Europe/Zurich", "amsterdam": "Europe/Amsterdam", "brussels": "Europe/Brussels", "lisbon": "Europe/Lisbon",
	"stockholm": "Europe/Stockholm", "oslo": "Europe/Oslo", "copenhagen": "Europe/Copenhagen", "helsinki": "Europe/Helsinki", "warsaw": "Europe/Warsaw",
	"prague": "Europe/Prague", "budapest": "Europe/Budapest", "athens": "Europe/Athens", "bucharest": "Europe/Bucharest", "kyiv": "Europe/Kyiv",
	"istanbul": "Europe/Istanbul", "moscow": "Europe/Moscow", "tel aviv": "Asia/Jerusalem", "jerusalem": "Asia/Jerusalem", "israel": "Asia/Jerusalem",
	"dubai": "Asia/Dubai", "karachi": "Asia/Karachi", "india": "Asia/Kolkata", "indian": "Asia/Kolkata", "mumbai": "Asia/Kolkata", "delhi": "Asia/Kolkata", "new delhi": "Asia/Kolkata",
	"bangalore": "Asia/Kolkata", "bengaluru": "Asia/Kolkata", "hyderabad": "Asia/Kolkata", "chennai": "Asia/Kolkata", "pune": "Asia/Kolkata",
	"bangkok": "Asia/Bangkok", "jakarta": "Asia/Jakarta", "singapore": "Asia/Singapore", "hong kong": "Asia/Hong_Kong", "manila": "Asia/Manila",
	"beijing": "Asia/Shanghai", "shanghai": "Asia/Shanghai", "china": "Asia/Shanghai", "taipei": "Asia/Taipei", "seoul": "Asia/Seoul", "korea": "Asia/Seoul",
	"tokyo": "Asia/Tokyo", "japan": "Asia/Tokyo", "sydney": "Australia/Sydney", "melbourne": "Australia/Melbourne", "brisbane": "Australia/Brisbane",
	"perth": "Australia/Perth", "auckland": "Pacific/Auckland", "wellington": "Pacific/Auckland", "johannesburg": "Africa/Johannesburg",
	"cape town": "Africa/Johannesburg", "nairobi": "Africa/Nairobi", "lagos": "Africa/Lagos", "cairo": "Africa/Cairo",
	"sao paulo": "America/Sao_Paulo", "são paulo": "America/Sao_Paulo", "brazil": "America/Sao_Paulo", "buenos aires": "America/Argentina/Buenos_Aires",
	"bogota": "America/Bogota", "lima": "America/Lima", "santiago": "America/Santiago", "mexico city": "America/Mexico_City",
	"new york": "America/New_York", "nyc": "America/New_York", "boston": "America/New_York", "washington": "America/New_York", "atlanta": "America/New_York",
	"toronto": "America/Toronto", "miami": "America/New_York", "eastern": "America/New_York", "chicago": "America/Chicago", "dallas": "America/Chicago",
	"austin": "America/Chicago", "houston": "America/Chicago", "central": "America/Chicago", "denver": "America/Denver", "mountain": "America/Denver", "phoenix": "America/Phoenix",
	"san francisco": "America/Los_Angeles", "los angeles": "America/Los_Angeles", "seattle": "America/Los_Angeles", "california": "America/Los_Angeles",
	"pacific": "America/Los_Angeles", "portland": "America/Los_Angeles", "vancouver": "America/Vancouver", "honolulu": "Pacific/Honolulu", "hawaii": "Pacific/Honolulu",
}

// Abbreviations are read literally: CET is UTC+1 also in May, when its clocks show CEST.
// Those that name no fixed offset (ET) go by place.
type abbreviation struct {
	offset float64
	place  string // where it is used; its zone when offset is not fixed
	upper  bool   // a word of English in small letters
}

// abbreviations in use, after the IANA time zone database. Of those that several places share
// (IST, CST, BST) one is taken, and said in a note where its clocks showed something else.
var abbreviations = map[string]abbreviation{
	"utc": {0, "", false}, "gmt": {0, "", false}, "zulu": {0, "", false},
	"cet": {1, "Europe/Berlin", false}, "cest": {2, "Europe/Berlin", false}, "wet": {0, "Europe/Lisbon", true}, "west": {1, "Europe/Lisbon", true},
	"eet": {2, "Europe/Helsinki", false}, "eest": {3, "Europe/Helsinki", false}, "bst": {1, "Europe/London", false}, "msk": {3, "Europe/Moscow", false},
	"est": {-5, "America/New_York", false}, "edt": {-4, "America/New_York", false}, "cst": {-6, "America/Chicago", false}, "cdt": {-5, "America/Chicago", false},
	"mst": {-7, "America/Denver", false}, "mdt": {-6, "America/Denver", false}, "pst": {-8, "America/Los_Angeles", false}, "pdt": {-7, "America/Los_Angeles", false},
	"et": {99, "America/New_York", true}, "ct": {99, "America/Chicago", true}, "mt": {99, "America/Denver", true}, "pt": {99, "America/Los_Angeles", true},
	"ist": {5.5, "Asia/Kolkata", false}, "sgt": {8, "Asia/Singapore", false}, "hkt": {8, "Asia/Hong_Kong", false}, "jst": {9, "Asia/Tokyo", false}, "kst": {9, "Asia/Seoul", false},
	"aest": {10, "Australia/Sydney", false}, "aedt": {11, "Australia/Sydney", false}, "awst": {8, "Australia/Perth", false},
	"nzst": {12, "Pacific/Auckland", false}, "nzdt": {13, "Pacific/Auckland", false}, "brt": {-3, "America/Sao_Paulo", false},
}

// zone is a zone as written. seasonal is where an abbreviation is used, for the note that
// its clocks showed another offset on that date.
type zone struct {
	loc      *time.Location
	text     string
	seasonal string
	local    bool // "local time": whichever that is
}

// Forms of a zone, each tried at the byte where one may begin. What looks like an
// offset of more than 14 hours, as a year behind a hyphen does, is none.
var (
	offsetForm = regexp.MustCompile(`^(?i)(?:utc|gmt)?\s?([+-]|−)\s?([0-9]{1,2})(?::?([0-9]{2}))?\b`)
	ianaForm   = regexp.MustCompile(`^(?i)(?:Africa|America|Antarctica|Asia|Atlantic|Australia|Europe|Indian|Pacific|Etc|US)/[A-Za-z][A-Za-z_+0-9-]*(?:/[A-Za-z_-]+)?`)
	wordForm   = regexp.MustCompile(`^[\p{L}]+`)
)

// zoneAt reads a zone that begins at byte i. A bare place counts only where place is
// true (right after a time) or "time" follows it: Berlin is a city first.
func zoneAt(work string, i int, place bool) (z zone, end int, ok bool) {
	rest := work[i:]
	if m := ianaForm.FindString(rest); m != "" {
		if loc, err := time.LoadLocation(canonical(m)); err == nil {
			return zone{loc: loc, text: loc.String()}, timeWord(work, i+len(m)), true
		}
	}
	if m := offsetForm.FindStringSubmatch(rest); m != nil && (place || strings.IndexByte("uUgG", rest[0]) >= 0) {
		h, _ := strconv.Atoi(m[2])
		min, _ := strconv.Atoi("0" + m[3])
		if h <= 14 && min < 60 {
			secs := h*3600 + min*60
			sign := "+"
			if m[1] != "+" {
				secs, sign = -secs, "-"
			}
			name := fmt.Sprintf("UTC%s%02d:%02d", sign, h, min)
			return zone{loc: time.FixedZone(name, secs), text: name}, i + len(m[0]), true
		}
	}
	w := wordForm.FindString(rest)
	if w == "" {
		return z, i, false
	}
	if w == "Z" && place {
		return zone{loc: time.UTC, text: "UTC"}, i + 1, true
	}
	lw := strings.ToLower(w)
	if a, known := abbreviations[lw]; known && (!a.upper || strings.ToUpper(w) == w) {
		end = timeWord(work, i+len(w))
		if a.offset == 99 {
			loc, err := time.LoadLocation(a.place)
			return zone{loc: loc, text: a.place}, end, err == nil
		}
		if a.offset == 0 && a.place == "" {
			return zone{loc: time.UTC, text: "UTC"}, end, true
		}
		return zone{loc: time.FixedZone(strings.ToUpper(w), int(a.offset*3600)), text: strings.ToUpper(w), seasonal: a.place}, end, true
	}
	if lw == "local" || lw == "our" {
		if end = timeWord(work, i+len(w)); end > i+len(w) || lw == "local" && place {
			return zone{local: true, text: "local time"}, end, true
		}
		return z, i, false
	}
	after := i + len(w)
	if len(rest) > len(w) && rest[len(w)] == ' ' { // "New York"
		if second := wordForm.FindString(rest[len(w)+1:]); second != "" && places[lw+" "+strings.ToLower(second)] != "" {
			lw, after = lw+" "+strings.ToLower(second), after+1+len(second)
		}
	}
	name := places[lw]
	if name == "" {
		return z, i, false
	}
	end = timeWord(work, after)
	if end == after && !place {
		return z, i, false
	}
	loc, err := time.LoadLocation(name)
	return zone{loc: loc, text: name}, end, err == nil
}

// timeWordForm is what may follow a place to make it a zone: "Berlin summer time".
var timeWordForm = regexp.MustCompile(`^(?i)(?: standard| daylight| summer| winter| local)? (?:time|timezone|time zone|clock)\b`)

// timeWord takes the "time" that follows a zone's name.
func timeWord(work string, end int) int {
	return end + len(timeWordForm.FindString(work[end:]))
}

// canonical spells a zone's name as the zone files do: "europe/berlin" → "Europe/Berlin".
func canonical(name string) string {
	parts := strings.Split(name, "/")
	for i, p := range parts {
		words := strings.Split(p, "_")
		for j, w := range words {
			switch {
			case w == "" || strings.EqualFold(w, "GMT") || strings.EqualFold(w, "UTC") || len(parts[0]) == 2:
				words[j] = strings.ToUpper(w)
				if len(parts[0]) == 2 && i > 0 {
					words[j] = strings.ToUpper(w[:1]) + strings.ToLower(w[1:])
				}
			case strings.EqualFold(w, "of") || strings.EqualFold(w, "es"):
				words[j] = strings.ToLower(w)
			default:
				words[j] = strings.ToUpper(w[:1]) + w[1:]
			}
		}
		parts[i] = strings.Join(words, "_")
	}
	return strings.Join(parts, "/")
}

// zoneStatement ends where a zone would begin: "all times are in |", "we are based in |".
var zoneStatement = regexp.MustCompile(`(?i)\b(?:times?|timestamps?|timezone|time zone|time-zone|tz|clocks?|(?:we are|we're|i am|i'm)(?:\s+(?:all|both|currently|now|sitting))?\s+(?:in|on|at)|we sit|based|located|office|zone)\b(?:\s+(?:is|are|in|at|on|given|stated|all|below|above|here|zone|our|the|as))*\s*[:=(]?\s*`)

// statedZone finds a zone that the text declares for all its times: "times are Berlin
// time", "we are in Berlin". anywhere accepts any zone at all: the text is the answer to
// "in which zone?".
func statedZone(work string, anywhere bool) (z zone, ok bool) {
	for _, loc := range zoneStatement.FindAllStringIndex(work, 64) {
		if z, _, ok := zoneAt(work, loc[1], true); ok && !z.local {
			if c := work[loc[1]]; c != '+' && c != '-' {
				return z, true
			}
		}
	}
	if !anywhere {
		return zone{}, false
	}
	for i := range work {
		if i > 0 && isAlnum(work[i-1]) || work[i] == ' ' {
			continue
		}
		if z, _, ok := zoneAt(work, i, true); ok && !z.local {
			return z, true
		}
	}
	return zone{}, false
}
