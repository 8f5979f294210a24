// Package secret tells credentials in plain text: by the forms that providers
// publish, by names that announce one, and by chance itself. It says what kind
// was seen and never what it read.
package secret

import (
	"math"
	"regexp"
	"strings"
)

// forms are published formats. A match is a credential whatever its name says.
var forms = []struct {
	kind string
	re   *regexp.Regexp
}{
	{"AWS access key id", regexp.MustCompile(`\b(?:AKIA|ASIA)[A-Z0-9]{16}\b`)},
	{"GitHub token", regexp.MustCompile(`\b(?:gh[pousr]_[A-Za-z0-9]{30,}|github_pat_[A-Za-z0-9_]{40,})`)},
	{"GitLab token", regexp.MustCompile(`\bgl(?:pat|ptt|dt|rt)-[A-Za-z0-9_-]{20,}`)},
	{"Slack token", regexp.MustCompile(`\bxox[abeprs]-[A-Za-z0-9-]{10,}`)},
	{"npm token", regexp.MustCompile(`\bnpm_[A-Za-z0-9]{36}\b`)},
	{"PyPI token", regexp.MustCompile(`\bpypi-[A-Za-z0-9_-]{50,}`)},
	{"Stripe key", regexp.MustCompile(`\b[sr]k_live_[A-Za-z0-9]{16,}`)},
	{"Google API key", regexp.MustCompile(`\bAIza[A-Za-z0-9_-]{35}\b`)},
	{"private key", regexp.MustCompile(`-----BEGIN [A-Z ]*PRIVATE KEY-----`)},
	{"JSON web token", regexp.MustCompile(`\beyJ[A-Za-z0-9_-]{10,}\.eyJ[A-Za-z0-9_-]{10,}\.[A-Za-z0-9_-]{10,}`)},
	{"password in a URL", regexp.MustCompile(`[a-z][a-z0-9+.-]*://[^/\s:@$]+:[^/\s@$]{3,}@`)},
}

var (
	telling  = regexp.MustCompile(`(?i)(?:^|[_.-])(?:pass(?:word|wd|phrase)?|pwd|secret|token|api_?key|access_?key|private_?key|credentials?|auth_?key|signing_?key)(?:$|[_.-])`)
	beside   = regexp.MustCompile(`(?i)[_.-](?:arn|name|id|path|url|uri|file|dir|host|user|region|version|type|ttl|expiry|enabled|length|bucket|prefix)$`)
	standing = regexp.MustCompile(`(?i)^(?:true|false|yes|no|none|null|enabled|disabled|changeme|todo|x+|\*+|<.*>|\$\{?.*|\{\{.*|arn:.*|/[\w/.-]+|\d{1,6}|https?://[^@]*)$`)
	hexOnly  = regexp.MustCompile(`^[0-9a-fA-F-]+$`)
)

// Telling says whether a name announces a credential: DB_PASSWORD, and not
// DB_PASSWORD_FILE.
func Telling(name string) bool { return telling.MatchString(name) && !beside.MatchString(name) }

// Kind says what sort of credential the value of a variable is, "" when it looks
// like none.
func Kind(name, value string) string {
	for _, f := range forms {
		if f.re.MatchString(value) {
			return f.kind
		}
	}
	value = strings.TrimSpace(value)
	if standing.MatchString(value) {
		return ""
	}
	if Telling(name) && len(value) >= 6 {
		return "value under a name that announces a secret"
	}
	if random(value) {
		return "random text"
	}
	return ""
}

// Form says which published form of credential stands in a text, "" for none.
func Form(text string) string {
	for _, f := range forms {
		if f.re.MatchString(text) {
			return f.kind
		}
	}
	return ""
}

// random is true of a long single word of mixed letters and digits with the
// entropy of chance. Commit hashes and UUIDs are hexadecimal and left out.
func random(s string) bool {
	if len(s) < 32 || len(s) > 512 || strings.ContainsAny(s, " \t\n/:.,") || hexOnly.MatchString(s) {
		return false
	}
	var upper, lower, digit bool
	var count [256]float64
	for i := 0; i < len(s); i++ {
		count[s[i]]++
		upper = upper || 'A' <= s[i] && s[i] <= 'Z'
		lower = lower || 'a' <= s[i] && s[i] <= 'z'
		digit = digit || '0' <= s[i] && s[i] <= '9'
	}
	entropy := 0.0
	for _, c := range count {
		if c > 0 {
			p := c / float64(len(s))
			entropy -= p * math.Log2(p)
		}
	}
	return upper && lower && digit && entropy > 4.2
}
