package intake

import (
	"regexp"
	"strings"
	"time"
	"unicode"
	"unicode/utf8"
)

// mention is one thing that the text names, wherever and as whatever it stands.
type mention struct {
	start, end int // half-open bytes of the English, none of which another mention has
	// As Seed.Kind, or "time", "tool", "action"; "" only blocks its bytes.
	kind string
	// Finer than kind where the kind of case needs it: "bucket", "instance", "root".
	class string
	// As the evidence writes them where it knows the name, else as the text does; sorted, and
	// more than one where a name is ambiguous. A time has none.
	values   []string
	span     *Span // of a time
	dateless bool  // a time that names an hour and no day
	yearless bool  // a time whose day is written without a year
	head     bool  // a time at which a mail was written
	aside    aside // a time at which nothing of the case happened
}

// scan finds mentions in one text; bytes once claimed are not claimed again, so that
// the account inside an ARN is not a token of its own.
type scan struct {
	gloss *gloss
	// The text in English, and the same in small letters: of one length, byte by byte.
	work, low string
	claimed   []bool // by byte of work
	// In the order in which they were found until Read sorts them by place.
	mentions []mention
	notes    []string // for people
}

// free says that the bytes [a,b) are claimed by nothing; an empty run is not free.
func (s *scan) free(a, b int) bool {
	for i := a; i < b; i++ {
		if s.claimed[i] {
			return false
		}
	}
	return a < b
}

// add claims the bytes of a mention. The caller has seen that they are free.
func (s *scan) add(m mention) {
	for i := m.start; i < m.end; i++ {
		s.claimed[i] = true
	}
	if m.kind != "" {
		s.mentions = append(s.mentions, m)
	}
}

// pattern is one sort of typed token. want is given the match and says what it means;
// an empty kind claims the bytes only, ok=false leaves them to the patterns below.
type pattern struct {
	re   *regexp.Regexp
	glue string // bytes that may not touch the token on either side, beside letters and digits
	want func(s *scan, start int, tok string) (m mention, ok bool)
}

// fixed means a token as it stands.
func fixed(kind, class string) func(*scan, int, string) (mention, bool) {
	return func(_ *scan, _ int, tok string) (mention, bool) {
		return mention{kind: kind, class: class, values: []string{tok}}, true
	}
}

// patterns in order: what contains others comes first.
var patterns = []pattern{
	// An announced agent may hold anything, addresses and ARNs too.
	{agentForm, "", agentToken},
	{regexp.MustCompile(`arn:aws[a-z-]*:[a-z0-9-]*:[a-z0-9-]*:[0-9]{0,12}:[^\s"'<>,;()\[\]{}|` + "`" + `]+`), "", arnToken},
	{regexp.MustCompile(`s3://[a-z0-9][a-z0-9.-]{1,62}(/[^\s"'<>,;()\[\]{}|` + "`" + `]*)?`), "", func(_ *scan, _ int, tok string) (mention, bool) {
		return mention{kind: "resource", class: "bucket", values: []string{"arn:aws:s3:::" + strings.TrimSuffix(tok[5:], "/")}}, true
	}},
	{regexp.MustCompile(`(?i)h(tt|xx)ps?(:|\[:\])//[^\s"'<>|` + "`" + `]+`), "", urlToken},
	// Unique ids are principals, AKIA and its like credentials: they are never compared loosely,
	// since two keys of one account may differ by a few characters only.
	{regexp.MustCompile(`(AKIA|ASIA|ABIA)[A-Z0-9]{12,124}`), "_", fixed("access_key", "")},
	{regexp.MustCompile(`(AIDA|AROA)[A-Z0-9]{12,60}:[A-Za-z0-9_+=,.@-]{2,64}`), "_", fixed("session", "")},
	{regexp.MustCompile(`(AIDA|AROA)[A-Z0-9]{12,60}`), "_", fixed("principal", "")},
	{regexp.MustCompile(`(AGPA|AIPA|ANPA|ANVA|APKA|ASCA)[A-Z0-9]{12,60}`), "_", fixed("resource", "")},
	// Event ids that the collectors make where a record has none of its own.
	{regexp.MustCompile(`sha256-[0-9a-f]{64}`), "_-", fixed("event", "")},
	{regexp.MustCompile(`(?:AWSReservedSSO|AWSServiceRoleFor)[A-Za-z0-9_+=,.@-]{2,64}`), "", fixed("principal", "")},
	{regexp.MustCompile(`AWSCodeBuild-[0-9a-fA-F-]{36}|botocore-session-[0-9]+|aws-go-sdk-[0-9]+|awslambda_[0-9]+_[0-9]+`), "_-", fixed("session", "")},
	{regexp.MustCompile(`[0-9a-fA-F]{8}-[0-9a-fA-F]{4}-[0-9a-fA-F]{4}-[0-9a-fA-F]{4}-[0-9a-fA-F]{12}`), "_-", uuidToken},
	{regexp.MustCompile(`[A-Za-z0-9._%+-]+(@|\[at\]|\(at\))[A-Za-z0-9-]+((\.|\[\.\])[A-Za-z0-9-]+)*(\.|\[\.\])[A-Za-z]{2,}`), "_@", func(_ *scan, _ int, tok string) (mention, bool) {
		return mention{kind: "principal", class: "email", values: []string{refang(tok)}}, true
	}},
	// IPv6 before IPv4, whose form ends some of it (::ffff:192.0.2.1).
	{v6Form, "_", v6Token},
	{v4Form, "_", v4Token},
	{v4HalfForm, "_", v4HalfToken},
	{regexp.MustCompile(`(?:i|vol|snap|ami|sg|vpc|vpce|subnet|eni|eipalloc|igw|nat|rtb|lt|acl|pl|tgw|mi|fs)-(?:[0-9a-f]{17}|[0-9a-f]{8})`), "_-", func(_ *scan, _ int, tok string) (mention, bool) {
		m := mention{kind: "resource", values: []string{tok}}
		if strings.HasPrefix(tok, "i-") {
			m.class = "instance"
		}
		return m, true
	}},
	{regexp.MustCompile(`(?:us|eu|ap|sa|ca|me|af|il|mx|cn|us-gov|us-iso[bef]?|eu-isoe)-(?:north|south|east|west|central|northeast|northwest|southeast|southwest)-[1-9][a-f]?`), "_-", regionToken},
	{regexp.MustCompile(`[a-z0-9-]+\.(?:[a-z0-9-]+\.)?amazonaws\.com`), "_-.", fixed("service", "")},
	// An account: "." and ":" are glue, as twelve digits inside a timestamp or an ARN are none.
	{regexp.MustCompile(`[0-9]{4}-[0-9]{4}-[0-9]{4}|[0-9]{12}`), "_-+.:", accountToken},
	// An agent as it is written in logs, "aws-cli/2.15.0"; what speaks HTTP is no tool.
	{regexp.MustCompile(`[A-Za-z][A-Za-z0-9_-]{1,40}/[0-9]+(?:\.[0-9]+)+[A-Za-z0-9.+_-]*`), "_-/", func(_ *scan, _ int, tok string) (mention, bool) {
		return mention{kind: "user_agent", values: []string{tok}}, !strings.HasPrefix(tok, "HTTP/")
	}},
	// GuardDuty's name for what it takes for a tester's machine: nobody says that a test was ordered.
	{regexp.MustCompile(`PenTest:[A-Za-z0-9]{2,20}/[A-Za-z0-9.]{2,40}`), "_-:/", func(_ *scan, _ int, _ string) (mention, bool) { return mention{}, true }},
	// A call as policies write it, "iam:CreateUser", and as CloudTrail does.
	{regexp.MustCompile(`[a-z][a-z0-9-]{1,30}:(?:[A-Z][a-z]+)+[A-Za-z0-9]*`), "_-:", func(_ *scan, _ int, tok string) (mention, bool) {
		_, name, _ := strings.Cut(tok, ":")
		return mention{kind: "action", values: []string{name}}, true
	}},
	{regexp.MustCompile(`(?:` + verbs + `)(?:[A-Z][A-Za-z0-9]*)+`), "_-/", fixed("action", "")},
}

// verbs begin the names of API calls. One alone ("Create") is a word.
const verbs = `Abort|Accept|Add|Allocate|Associate|Assume|Attach|Authorize|Batch|Cancel|Change|Console|Converse|Copy|Create|Deactivate|` +
	`Decrypt|Delete|Deregister|Describe|Detach|Disable|Disassociate|Enable|Encrypt|Execute|Export|Generate|Get|Import|Invoke|Leave|List|Lookup|` +
	`Modify|Put|Reboot|Register|Remove|Replace|Request|Reset|Restore|Resume|Retire|Revoke|Run|Schedule|Send|Set|Share|Simulate|Start|Stop|` +
	`Switch|Tag|Terminate|Untag|Update|Upload`

// typed claims every typed token.
func (s *scan) typed() {
	for _, p := range patterns {
		for at := 0; at < len(s.work); {
			loc := p.re.FindStringIndex(s.work[at:])
			if loc == nil {
				break
			}
			start, end := at+loc[0], at+loc[1]
			end = start + len(trimTail(s.work[start:end]))
			// At least one byte on, whatever the form matched: the loop ends.
			at = max(end, start+1)
			if end <= start || !s.free(start, end) || !edges(s.work, start, end, p.glue) {
				continue
			}
			m, ok := p.want(s, start, s.work[start:end])
			if !ok {
				continue
			}
			if m.end == 0 {
				m.start, m.end = start, end
			}
			s.add(m)
		}
	}
	s.octets()
	s.secrets()
}

// trimTail drops the punctuation of a sentence that ended up inside a greedy token.
func trimTail(tok string) string {
	tok = strings.TrimRight(tok, ".,:;!?…’”")
	return strings.TrimSuffix(tok, "'s")
}

// edges says that the token stands free: no letter, digit or glue touches it.
// A glue byte that ends a sentence ("…from i-1. Then") does not bind.
func edges(t string, start, end int, glue string) bool {
	bound := func(r rune, n int) bool {
		return n > 0 && (unicode.IsLetter(r) || unicode.IsDigit(r) || strings.ContainsRune(glue, r))
	}
	if bound(utf8.DecodeLastRuneInString(t[:start])) {
		return false
	}
	if bound(utf8.DecodeRuneInString(t[end:])) {
		return strings.IndexByte(".:-", t[end]) >= 0 && (end+1 == len(t) || !isAlnum(t[end+1]))
	}
	return true
}

// isAlnum is of ASCII: the tokens of AWS have no other letters.
func isAlnum(c byte) bool {
	return '0' <= c && c <= '9' || 'a' <= c && c <= 'z' || 'A' <= c && c <= 'Z'
}

// agentForm finds a user agent that is announced as one.
var agentForm = regexp.MustCompile(`(?i)\buser[ -]?agents?(?: string)?\s*(?:is|was|:|=|of|like)?\s*(?:"[^"\n]{2,200}"|'[^'\n]{2,200}'|` + "`[^`\\n]{2,200}`" + `|[a-z][\w.-]*/[^\s"',;()]+)`)

// agentIntro is the announcement of agentForm alone, which is cut off.
var agentIntro = regexp.MustCompile(`(?i)^user[ -]?agents?(?: string)?\s*(?:is|was|:|=|of|like)?\s*["'` + "`" + `]?`)

// agentToken keeps the words of an agent as they stand, signs and all: they are compared with
// what CloudTrail holds.
func agentToken(_ *scan, start int, tok string) (mention, bool) {
	begin := len(agentIntro.FindString(tok))
	agent := strings.TrimRight(tok[begin:], "\"'`")
	return mention{start: start + begin, end: start + begin + len(agent), kind: "user_agent", values: []string{agent}}, agent != ""
}

// arnToken says by service and resource type what an ARN is of (AWS General Reference, ARNs).
// A user's and a role's is a principal, that of an assumed role a session.
func arnToken(_ *scan, _ int, tok string) (mention, bool) {
	part := strings.SplitN(tok, ":", 6)
	m := mention{kind: "resource", values: []string{tok}}
	kind, _, _ := strings.Cut(part[5], "/")
	switch {
	case part[2] == "iam" && (kind == "user" || kind == "role"):
		m.kind = "principal"
	case part[2] == "iam" && kind == "root":
		m.kind, m.class = "principal", "root"
	case part[2] == "sts" && (kind == "assumed-role" || kind == "federated-user"):
		m.kind = "session"
	case part[2] == "s3":
		m.class = "bucket"
	case part[2] == "ec2" && kind == "instance":
		m.class = "instance"
	}
	return m, part[5] != ""
}

// urlToken claims an address on the web, which is no anchor, except for what it tells:
// a host that is an IP, an account's sign-in page, a bucket.
func urlToken(s *scan, start int, tok string) (mention, bool) {
	_, host, _ := strings.Cut(tok, "//")
	begin := start + len(tok) - len(host)
	host, _, _ = strings.Cut(host, "/")
	if loc := v4Form.FindStringIndex(host); loc != nil && loc[0] == 0 {
		if m, ok := v4Token(s, begin, host[:loc[1]]); ok {
			m.start, m.end = begin, begin+loc[1]
			s.add(m)
		}
		return mention{start: begin + loc[1], end: start + len(tok)}, begin+loc[1] < start+len(tok)
	}
	name, rest, _ := strings.Cut(host, ".")
	switch {
	case len(name) == 12 && strings.Trim(name, "0123456789") == "" && strings.HasPrefix(rest, "signin.aws"):
		s.add(mention{start: begin, end: begin + 12, kind: "account", values: []string{name}})
	case strings.HasPrefix(rest, "s3.") || strings.HasPrefix(rest, "s3-"):
		s.add(mention{start: begin, end: begin + len(name), kind: "resource", class: "bucket", values: []string{"arn:aws:s3:::" + name}})
	default:
		name = ""
	}
	return mention{start: begin + len(name), end: start + len(tok)}, begin+len(name) < start+len(tok)
}

// regionToken reads a region, also from the name of one of its zones (us-east-1a).
func regionToken(_ *scan, start int, tok string) (mention, bool) {
	region := strings.TrimRight(tok, "abcdef")
	return mention{start: start, end: start + len(region), kind: "region", values: []string{region}}, true
}

// uuidToken takes a UUID for the id of an event, which is the form that CloudTrail gives it,
// unless the words before it make it a key of KMS.
func uuidToken(s *scan, start int, tok string) (mention, bool) {
	if before := strings.Fields(s.low[max(0, start-24):start]); len(before) > 0 {
		switch before[len(before)-1] {
		case "kms", "cmk", "key": // the id of an encryption key has the same form
			return mention{kind: "resource", values: []string{tok}}, true
		}
	}
	return mention{kind: "event", values: []string{strings.ToLower(tok)}}, true
}

// accountToken reads twelve digits, with or without hyphens. Twelve digits may also be a
// time written without separators (202611021400): then only the word "account" makes them one.
func accountToken(s *scan, start int, tok string) (mention, bool) {
	id := strings.ReplaceAll(tok, "-", "")
	if _, err := time.Parse("200601021504", id); err == nil && id[:2] == "20" && len(tok) == 12 {
		before := s.low[max(0, start-24):start]
		if !strings.Contains(before, "acc") && !strings.Contains(before, "tenant") {
			return mention{}, false
		}
	}
	return mention{kind: "account", values: []string{id}}, true
}

// secretForm is a secret access key: 40 characters of base64 (IAM User Guide). So are hashes in
// hexadecimal, which hexForm sorts out. partialForm is a key id that somebody shortened.
var (
	secretForm  = regexp.MustCompile(`[A-Za-z0-9/+]{40}`)
	hexForm     = regexp.MustCompile(`^[0-9a-fA-F]+$`)
	partialForm = regexp.MustCompile(`(AKIA|ASIA)[A-Z0-9]{0,11}(\*{2,}|\.{2,}|…|x{3,}|X{3,})[A-Z0-9]*|(\*{2,}|\.{3}|…)[A-Z0-9]{4}\b`)
	lowerKey    = regexp.MustCompile(`\b(akia|asia)[a-z0-9]{16}\b`)
)

// secrets notes what people paste and should not, or shorten and should not: neither is
// searched for, and a secret key is not repeated.
func (s *scan) secrets() {
	for _, loc := range secretForm.FindAllStringIndex(s.work, 8) {
		tok := s.work[loc[0]:loc[1]]
		if s.free(loc[0], loc[1]) && edges(s.work, loc[0], loc[1], "/+") && !hexForm.MatchString(tok) &&
			strings.ContainsAny(tok, "0123456789") && strings.ToLower(tok) != tok && strings.ToUpper(tok) != tok {
			s.notes = append(s.notes, "the text seems to hold a secret access key; it is not needed here, and whoever can read the text has it")
			s.add(mention{start: loc[0], end: loc[1]})
		}
	}
	for _, loc := range partialForm.FindAllStringIndex(s.work, 8) {
		if s.free(loc[0], loc[1]) && (strings.HasPrefix(s.work[loc[0]:], "A")) {
			s.notes = append(s.notes, "a shortened key cannot be searched for: "+s.work[loc[0]:loc[1]])
			s.add(mention{start: loc[0], end: loc[1]})
		}
	}
	for _, loc := range lowerKey.FindAllStringIndex(s.work, 8) {
		if s.free(loc[0], loc[1]) {
			tok := strings.ToUpper(s.work[loc[0]:loc[1]])
			s.notes = append(s.notes, "a key in small letters was read as "+tok)
			s.add(mention{start: loc[0], end: loc[1], kind: "access_key", values: []string{tok}})
		}
	}
}
