package intake

import (
	"net/netip"
	"regexp"
	"strings"

	"github.com/trailhound/trailhound/internal/evidence"
)

// dot is a full stop, also the ways in which people defang one.
const dot = `(?:\.|\[\.\]|\(\.\)|\{\.\}|\[\.|\.\]|\[dot\]|\(dot\)|\\\.)`

// The forms are wider than addresses are: an octet may be 999 and a group empty, since what
// looks like one and is none must be noted or left to other patterns, not half read.
var (
	v4Form     = regexp.MustCompile(`(?i)[0-9]{1,3}` + dot + `[0-9]{1,3}` + dot + `[0-9]{1,3}` + dot + `(?:[0-9]{1,3}(?:/[0-9]{1,2})?|[x*]\b|\*)`)
	v4HalfForm = regexp.MustCompile(`(?i)[0-9]{1,3}` + dot + `[0-9]{1,3}` + dot + `[x*](?:` + dot + `[x*])?`)
	v6Form     = regexp.MustCompile(`(?i)[0-9a-f]{0,4}(?:(?::|\[:\]|::)[0-9a-f]{0,4}){2,8}(?:\.[0-9]{1,3}){0,3}(?:/[0-9]{1,3})?`)
)

// refang undoes what keeps an address from being clicked on.
func refang(s string) string {
	return refanger.Replace(s)
}

// refanger knows the ways in which reports and mail gateways defang addresses; strings.Replacer
// tries them in this order, so that the longer stand before their parts.
var refanger = strings.NewReplacer("[.]", ".", "(.)", ".", "{.}", ".", "[.", ".", ".]", ".", "[dot]", ".", "(dot)", ".",
	"[DOT]", ".", "(DOT)", ".", `\.`, ".", "[:]", ":", "[at]", "@", "(at)", "@")

// v4Token reads an IPv4 address or network. Impossible ones (an octet over 255) are kept,
// since some evidence is anonymised that way; four numbers of a version are left alone.
func v4Token(s *scan, start int, tok string) (mention, bool) {
	if start > 0 {
		switch s.work[start-1] {
		case '.', '/', '-', '@':
			// "Chrome/120.0.0.0" is a version, "://1.2.3.4" and "1.2.3.4-1.2.3.9" are not.
			if !strings.HasSuffix(s.work[:start], "//") && !(s.work[start-1] == '-' && start > 1 && '0' <= s.work[start-2] && s.work[start-2] <= '9') {
				return mention{}, false
			}
		}
	}
	if end := start + len(tok); end+1 < len(s.work) && (s.work[end] == '.' || s.work[end] == '-') && '0' <= s.work[end+1] && s.work[end+1] <= '9' {
		if s.work[end] == '.' || !v4Form.MatchString(s.work[end+1:min(len(s.work), end+24)]) {
			return mention{}, false
		}
	}
	if f := strings.Fields(s.low[max(0, start-16):start]); len(f) > 0 {
		switch f[len(f)-1] {
		case "version", "v", "ver", "release":
			return mention{}, false
		}
	}
	ip := refang(tok)
	if last := ip[len(ip)-1]; last == 'x' || last == 'X' || last == '*' {
		net := ip[:len(ip)-1] + "0/24"
		if _, err := netip.ParsePrefix(net); err != nil {
			return mention{}, false
		}
		s.notes = append(s.notes, tok+" was read as the network "+net)
		return mention{kind: "ip", class: "network", values: []string{net}}, true
	}
	if strings.Contains(ip, "/") {
		p, err := netip.ParsePrefix(ip)
		if err != nil {
			s.notes = append(s.notes, ip+" is not a network that exists; it was left out")
			return mention{}, true
		}
		return mention{kind: "ip", class: "network", values: []string{p.Masked().String()}}, true
	}
	if !evidence.IsAddress(ip) {
		return mention{}, false
	}
	if _, err := netip.ParseAddr(ip); err != nil {
		s.notes = append(s.notes, ip+" is not an address that exists; it is searched for as written")
	}
	return mention{kind: "ip", values: []string{ip}}, true
}

// v4HalfToken reads a network told by its first half: "188.82.x something".
func v4HalfToken(s *scan, start int, tok string) (mention, bool) {
	if start > 0 && s.work[start-1] == '.' {
		return mention{}, false
	}
	parts := strings.Split(refang(tok), ".")
	net := parts[0] + "." + parts[1] + ".0.0/16"
	if _, err := netip.ParsePrefix(net); err != nil {
		return mention{}, false
	}
	s.notes = append(s.notes, tok+" was read as the network "+net)
	return mention{kind: "ip", class: "network", values: []string{net}}, true
}

// octet is another address of the same network, told by its last number: "192.0.2.12 / .13", "192.0.2.20, .21 and .22".
var octet = regexp.MustCompile(`^\s*(?:(?:,|/|&|\b(?:and|or)\b)\s*){1,2}(\.[0-9]{1,3})(?:[^0-9./\w-]|[.-](?:\s|$)|$)`)

// octets reads the addresses that the text tells by their last number alone, behind one that it gives whole.
func (s *scan) octets() {
	for i := 0; i < len(s.mentions); i++ { // those that are found are gone on from
		m := s.mentions[i]
		if m.kind != "ip" || m.class != "" {
			continue
		}
		first, err := netip.ParseAddr(m.values[0])
		loc := octet.FindStringSubmatchIndex(s.low[m.end:])
		if err != nil || !first.Is4() || loc == nil || !s.free(m.end+loc[2], m.end+loc[3]) {
			continue
		}
		ip, err := netip.ParseAddr(m.values[0][:strings.LastIndexByte(m.values[0], '.')] + s.low[m.end+loc[2]:m.end+loc[3]])
		if err != nil {
			continue
		}
		s.add(mention{start: m.end + loc[2], end: m.end + loc[3], kind: "ip", values: []string{ip.String()}})
	}
}

// v6Token reads an IPv6 address or network in the form that CloudTrail writes. Times
// (14:00:05) and C++ names have colons too: only what parses and holds a digit counts.
func v6Token(_ *scan, _ int, tok string) (mention, bool) {
	ip := refang(tok)
	if len(ip) < 4 || !strings.ContainsAny(ip, "0123456789") {
		return mention{}, false
	}
	if strings.Contains(ip, "/") {
		p, err := netip.ParsePrefix(ip)
		if err != nil {
			return mention{}, false
		}
		return mention{kind: "ip", class: "network", values: []string{p.Masked().String()}}, true
	}
	a, err := netip.ParseAddr(ip)
	if err != nil {
		return mention{}, false
	}
	return mention{kind: "ip", values: []string{a.Unmap().String()}}, true
}
