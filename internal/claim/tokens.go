package claim

import (
	"net/netip"
	"regexp"
	"slices"
	"strconv"
	"strings"
)

// token is a typed piece of a sentence: something that is a claim of fact by
// its very shape.
type token struct {
	kind string
	text string
	// cut: the writer shortened it with an ellipsis, so a prefix is enough.
	cut bool
}

// shapes are tried in this order; what one takes, the later do not see. So an
// account id inside an ARN is not asked for on its own.
var shapes = []struct {
	kind string
	re   *regexp.Regexp
}{
	{"quoted", regexp.MustCompile("`[^`]+`|“[^”]+”|‘[^’]+’|«[^»]+»|\"(?:[^\"\\\\]|\\\\.)+\"")},
	// An apostrophe is no quotation: a single quote opens only after a blank or a
	// bracket and closes only before one, and one inside a word goes on.
	{"quoted", regexp.MustCompile(`(?:^|[\s(\[,;:])'([^']|[^\s]'[A-Za-z])+'(?:$|[\s)\],;:.!?])`)},
	{"arn", regexp.MustCompile(`\barn:aws[a-z-]*:[a-z0-9-]*:[a-z0-9-]*:\w*:[^\s"'“”‘’<>|,;()]+`)},
	{"object", regexp.MustCompile(`\bs3://[^\s"'<>|,;()]+`)},
	{"address", regexp.MustCompile(`[A-Za-z0-9._%+-]+@[A-Za-z0-9-]+(?:\.[A-Za-z0-9-]+)+`)},
	{"id", regexp.MustCompile(`\bsha256-[0-9a-f]{16,64}\b|\b[0-9a-fA-F]{8}-[0-9a-fA-F]{4}-[0-9a-fA-F]{4}-[0-9a-fA-F]{4}-[0-9a-fA-F]{12}\b`)},
	{"time", moment},
	// The prefixes of IAM's unique ids and access keys, as AWS documents them.
	{"key", regexp.MustCompile(`\b(?:AKIA|ASIA|AIDA|AROA|AGPA|ANPA|AIPA|ANVA|APKA|ASCA|ABIA|ACCA)[A-Z0-9]{4,}(?:…|\.\.\.|\*+)?(?:[A-Z0-9]+)?`)},
	{"network", regexp.MustCompile(`\b\d{1,3}(?:\.\d{1,3}){3}(?:/\d{1,2})?\b`)},
	{"native id", regexp.MustCompile(`\b(?:i|ami|vol|snap|sg|sgr|vpc|subnet|eni|eipalloc|lt|rtb|acl|igw|nat|vpce|pcx|tgw|key|fs|r|o|ou|p)-[0-9a-f]{8,17}\b`)},
	{"service", regexp.MustCompile(`\b[a-z0-9.-]+\.(?:amazonaws\.com|aws\.internal|amazon\.com)(?:\.cn)?\b`)},
	{"region", regexp.MustCompile(`\b(?:us|eu|ap|sa|ca|me|af|il|mx|cn)(?:-gov|-iso[a-z]?)?-(?:north|south|east|west|central|northeast|northwest|southeast|southwest)-\d\b`)},
	{"action", regexp.MustCompile(`\b[a-z][a-z0-9-]+:[A-Z][A-Za-z0-9]+\b`)},
	{"error code", regexp.MustCompile(`\b(?:Client\.|Server\.)?(?:[A-Z][A-Za-z0-9]*(?:Exception|Fault|Error)|AccessDenied|UnauthorizedOperation|DryRunOperation|InvalidClientTokenId|ExpiredToken|Throttling)\b`)},
	{"event name", eventName},
	// Last, since twelve digits stand inside nearly everything above.
	{"account", regexp.MustCompile(`\b\d{12}\b|\b\d{4}-\d{4}-\d{4}\b`)},
}

// verbs begin the names of AWS operations (botocore's models, the words that
// begin an English CamelCase word for nothing else), and of the events that are
// no operations. A CamelCase word with another beginning, CloudTrail or
// GuardDuty, is a product and claims nothing.
const verbs = `Accept|Activate|Add|Allocate|Apply|Assign|Associate|Assume|Attach|Authorize|Batch|Bulk|Cancel|Change|Check|` +
	`Complete|Confirm|Console|Copy|Create|Credential|Deactivate|Decode|Decrypt|Delete|Deregister|Describe|Detach|Detect|Disable|Disassociate|` +
	`Enable|Encrypt|Enter|Execute|Exit|Export|Failover|Filter|Generate|Get|Head|Import|Initiate|Invalidate|Invite|Invoke|Issue|Leave|List|` +
	`Lookup|Merge|Modify|Move|Password|Poll|Post|Provision|Publish|Purchase|Purge|Put|Query|Reboot|Receive|Register|Reject|Release|Remove|` +
	`Renew|Replace|Request|Reset|Resize|Restore|Resume|Retire|Retrieve|Revoke|Rollback|Rotate|Run|Schedule|Search|Select|Send|Set|Share|` +
	`Shared|Simulate|Start|Stop|Submit|Subscribe|Suspend|Switch|Tag|Terminate|Transfer|Unassign|Unsubscribe|Untag|Update|Upgrade|Upload|Validate|Verify|Withdraw`

var eventName = regexp.MustCompile(`\b(?:` + verbs + `)(?:[A-Z][A-Za-z0-9]*|2[A-Z][A-Za-z0-9]*)\b`)

// tokensIn takes the typed tokens out of a sentence, and returns what is left,
// in which each stands as blanks.
func tokensIn(text string) (tokens []token, rest string) {
	b := []byte(clean(text))
	for _, s := range shapes {
		for _, at := range s.re.FindAllIndex(b, -1) {
			t := token{kind: s.kind, text: string(b[at[0]:at[1]])}
			if strings.TrimSpace(t.text) == "" {
				continue // it stood in a longer name, which an earlier match of this shape took whole
			}
			if from, to := wholeName(b, at); s.kind != "quoted" && to-from > len(t.text) {
				t = token{kind: "name", text: string(b[from:to])}
				at = []int{from, to}
			}
			tokens = append(tokens, t.trim(&at))
			blank(b[at[0]:at[1]])
		}
	}
	// IPv6 is told by parsing, not by a pattern: its short forms look like times.
	for _, at := range bare.FindAllIndex(b, -1) {
		w := strings.Trim(string(b[at[0]:at[1]]), ".,;()[]")
		if isAddress6(w) {
			tokens = append(tokens, token{kind: "network", text: w})
			blank(b[at[0]:at[1]])
		}
	}
	return tokens, string(b)
}

var bare = regexp.MustCompile(`\S+`)

// wholeName extends a match to the name it is a part of: the date in
// backup-2026-11-02 is no claim about time, and the whole is one about a name.
// It returns where the name begins and ends: a piece may stand in it twice, so the
// name's text alone would not tell.
func wholeName(b []byte, at []int) (from, to int) {
	from, to = at[0], at[1]
	joint := func(c byte) bool { return c == '-' || c == '_' }
	if from > 1 && joint(b[from-1]) && nameByte(b[from-2]) {
		for from > 0 && (nameByte(b[from-1]) || b[from-1] == '.') {
			from--
		}
	}
	if to+1 < len(b) && joint(b[to]) && nameByte(b[to+1]) {
		for to < len(b) && (nameByte(b[to]) || b[to] == '.') {
			to++
		}
		for b[to-1] == '.' {
			to--
		}
	}
	return from, to
}

// trim takes quotes and closing punctuation off.
func (t token) trim(at *[]int) token {
	switch t.kind {
	case "quoted":
		s := strings.Trim(t.text, " \t,;:.!?()[]")
		if u, err := strconv.Unquote(s); err == nil && strings.HasPrefix(s, `"`) {
			s = u
		} else {
			r := []rune(s)
			s = string(r[1 : len(r)-1])
		}
		t.text = strings.TrimSpace(clean(s))
	case "arn", "object":
		n := len(strings.TrimRight(t.text, ".:!?]}"))
		(*at)[1] -= len(t.text) - n
		t.text = t.text[:n]
	}
	for _, dots := range []string{"…", "..."} {
		if head, ok := strings.CutSuffix(t.text, dots); ok {
			t.text, t.cut = strings.TrimRight(head, " "), true
		}
	}
	if t.kind == "key" {
		if i := strings.IndexAny(t.text, "….*"); i >= 0 {
			t.text, t.cut = t.text[:i], true
		}
	}
	return t
}

// blank takes a token out and leaves every offset where it was.
func blank(b []byte) {
	for i := range b {
		b[i] = ' '
	}
}

// isAddress6: one colon is a port, a time or an action, never an address.
func isAddress6(w string) bool {
	if strings.Count(w, ":") < 2 {
		return false
	}
	if _, err := netip.ParsePrefix(w); err == nil {
		return true
	}
	_, err := netip.ParseAddr(w)
	return err == nil
}

// variants are other ways the evidence may write the same token.
func (t token) variants() []string {
	out := []string{t.text}
	switch t.kind {
	case "account":
		out = append(out, strings.ReplaceAll(t.text, "-", ""))
	case "network":
		if a, err := netip.ParseAddr(t.text); err == nil {
			out = append(out, a.String(), a.StringExpanded())
		}
	case "object":
		// bucket and key stand in the record as two values
		bucket, key, _ := strings.Cut(strings.TrimPrefix(t.text, "s3://"), "/")
		out = append(out, "arn:aws:s3:::"+bucket+"/"+key)
	case "id":
		out = append(out, strings.ToLower(t.text))
	}
	return slices.Compact(out)
}
