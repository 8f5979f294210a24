package sigma

import (
	"context"
	"encoding/json"
	"fmt"
	"iter"
	"os"
	"slices"
	"strings"
	"testing"
	"testing/fstest"
	"time"

	"github.com/trailhound/trailhound/internal/evidence"
)

const head = "title: T\nid: 1\nlogsource: {product: aws, service: cloudtrail}\n"

// load is the folder of one file.
func load(text string) (*Pack, error) {
	return LoadWith(fstest.MapFS{"rules/r.yml": {Data: []byte(text)}}, "rules", map[string][]string{"admins": {"alice", "bob*"}, "nets": {"10.0.0.0/8"}})
}

func mustLoad(t testing.TB, text string) *Pack {
	t.Helper()
	p, err := load(text)
	if err != nil || len(p.Refused) > 0 {
		t.Fatalf("%v %v\n%s", err, p.Refused, text)
	}
	return p
}

var start = time.Date(2026, 11, 2, 14, 0, 0, 0, time.UTC)

// event makes an event of a record; the columns are the record's.
func event(t testing.TB, id string, at int, body string) evidence.Event {
	t.Helper()
	var r struct{ EventName, EventSource string }
	if err := json.Unmarshal([]byte(body), &r); err != nil {
		t.Fatalf("%v: %s", err, body)
	}
	return evidence.Event{ID: id, Time: start.Add(time.Duration(at) * time.Second), RawName: r.EventName, Name: r.EventName, Source: r.EventSource, Body: []byte(body)}
}

func seq(events ...evidence.Event) iter.Seq2[evidence.Event, error] {
	return func(yield func(evidence.Event, error) bool) {
		for _, e := range events {
			if !yield(e, nil) {
				return
			}
		}
	}
}

func run(t testing.TB, p *Pack, events ...evidence.Event) *Result {
	t.Helper()
	res, err := p.Run(context.Background(), seq(events...))
	if err != nil {
		t.Fatal(err)
	}
	return res
}

const record = `{"eventName":"CreateUser","eventSource":"iam.amazonaws.com","sourceIPAddress":"203.0.113.7","awsRegion":"eu-west-1",
"errorCode":null,"empty":"","none":[],"nulls":[null],"readOnly":false,"flag":"true","back":"C:\\dir\\a*b?c","percent":"%admins%",
"userIdentity":{"userName":"Alice","accountId":"111122223333","sessionContext":{"attributes":{"mfaAuthenticated":"false"}}},
"requestParameters":{"userName":"alice","count":42,"big":9007199254740993,"text":"42","float":1.5,"lines":"one\ntwo","tags":[{"key":"env","value":"prod"},{"key":"team","value":"blue"}],
"aws:dot.ted":{"a.b":"deep"},"v6":"2001:db8::1","mapped":"::ffff:10.1.2.3","inside":"10.9.9.9","uni":"ſtraße","list":["a","b",["c"]],"policy":"{\"Effect\":\"Allow\"}"}}`

// TestFields holds one field of a rule against the record above.
func TestFields(t *testing.T) {
	for _, c := range []struct {
		field, value string
		want         bool
	}{
		{"eventName", "CreateUser", true}, {"eventName", "createuser", true}, {"eventName", "CreateUse", false},
		{"eventName|cased", "CreateUser", true}, {"eventName|cased", "createuser", false},
		{"eventName", "[DeleteUser, CreateUser]", true}, {"eventName", "[DeleteUser, ListUsers]", false},
		{"eventName", "'Create*'", true}, {"eventName", "'*User'", true}, {"eventName", "'*eat*se*'", true}, {"eventName", "'*Use'", false},
		{"eventName", "'C?eateUser'", true}, {"eventName", "'?CreateUser'", false}, {"eventName", "'*??teUs?r'", true}, {"eventName", "'*User*User'", false},
		{"eventName", "'*'", true}, {"absent", "'*'", false}, {"empty", "'*'", true}, {"empty", "''", true}, {"absent", "''", false}, {"eventName", "''", false},
		{"back", `'C:\dir\\a\*b\?c'`, true}, {"back", `'C:\\dir\\a\*b\?c'`, true}, {"back", `'C:\dir\x\*b\?c'`, false}, {"back", `'*\\a*c'`, true}, {"back", `'*dir\*c'`, false},
		{"back|contains", `'a\*b'`, true}, {"eventName|contains", `'\*'`, false},
		// Nested fields and arrays.
		{"userIdentity.userName", "alice", true}, {"userIdentity.sessionContext.attributes.mfaAuthenticated", "false", true},
		{"requestParameters.tags.value", "blue", true}, {"requestParameters.tags.value", "red", false}, {"requestParameters.tags.key|all", "[env, team]", true},
		{"requestParameters.tags.key|all", "[env, cost]", false}, {"requestParameters.aws:dot.ted.a.b", "deep", true}, {"requestParameters.list", "c", true},
		{"userIdentity.absent.deeper", "x", false}, {"eventName.deeper", "x", false},
		{"requestParameters.tags|contains", `'"key":"team"'`, true}, {"requestParameters.tags|contains", "nothing", false}, {"requestParameters|contains", "'dot.ted'", true}, {"requestParameters|contains|all", `['"Effect":"Allow"', '"count":42']`, true}, {"userIdentity.sessionContext", `'{"attributes":{"mfaAuthenticated":"false"}}'`, true},
		// null and exists.
		{"errorCode", "null", true}, {"absent", "null", true}, {"none", "null", true}, {"nulls", "null", true}, {"empty", "null", false}, {"eventName", "null", false}, {"eventName", "[null, CreateUser]", true},
		{"errorCode", "", true}, {"errorCode|exists", "true", true}, {"errorCode|exists", "false", false}, {"absent|exists", "false", true}, {"absent|exists", "true", false},
		{"none|exists", "true", true}, {"requestParameters.tags.key|exists", "true", true}, {"requestParameters.tags.cost|exists", "true", false},
		// Shapes.
		{"eventName|contains", "ATEU", true}, {"eventName|contains|cased", "ATEU", false}, {"eventName|startswith", "create", true}, {"eventName|startswith", "user", false},
		{"eventName|endswith", "user", true}, {"eventName|endswith", "create", false}, {"eventName|contains|all", "[create, user]", true}, {"eventName|contains|all", "[create, role]", false},
		{"eventName|startswith", "'?reate'", true}, {"requestParameters.count|startswith", "4", true}, {"readOnly|contains", "als", true},
		{"requestParameters.uni", "STRAßE", true}, {"requestParameters.uni", "'?????e'", true},
		// Expressions.
		{"eventName|re", "^Create", true}, {"eventName|re", "^create", false}, {"eventName|re|i", "^create", true}, {"eventName|re", "User|Role", true},
		{"requestParameters.lines|re", "^two$", false}, {"requestParameters.lines|re|m", "^two$", true}, {"requestParameters.lines|re", "one.two", false}, {"requestParameters.lines|re|s", "one.two", true},
		{"requestParameters.lines|re|i|m|s", "^TWO$", true}, {"requestParameters.count|re", "^4.$", true}, {"eventName|re", "'[^x]{99}'", false},
		// Networks.
		{"sourceIPAddress|cidr", "203.0.113.0/24", true}, {"sourceIPAddress|cidr", "198.51.100.0/24", false}, {"sourceIPAddress|cidr", "203.0.113.99/24", true}, {"sourceIPAddress|cidr", "203.0.113.7", true},
		{"requestParameters.v6|cidr", "'2001:db8::/32'", true}, {"requestParameters.v6|cidr", "0.0.0.0/0", false}, {"requestParameters.mapped|cidr", "10.0.0.0/8", true},
		{"eventName|cidr", "0.0.0.0/0", false}, {"sourceIPAddress|cidr", "[10.0.0.0/8, 203.0.113.0/24]", true}, {"requestParameters.inside|cidr|expand", "'%nets%'", true},
		// Numbers and booleans.
		{"requestParameters.count", "42", true}, {"requestParameters.count", "42.0", true}, {"requestParameters.count", "43", false}, {"requestParameters.count", "'42'", true}, {"requestParameters.text", "42", true},
		{"requestParameters.count|gt", "41", true}, {"requestParameters.count|gt", "42", false}, {"requestParameters.count|gte", "42", true}, {"requestParameters.count|lt", "42.5", true},
		{"requestParameters.count|lt", "42", false}, {"requestParameters.count|lte", "42", true}, {"requestParameters.text|gt", "41", true}, {"eventName|gt", "1", false}, {"readOnly|lt", "1", false},
		{"requestParameters.big", "9007199254740993", true}, {"requestParameters.big", "9007199254740992", false}, {"requestParameters.big|gt", "9007199254740992", true}, {"requestParameters.float|gte", "1.5", true},
		{"readOnly", "false", true}, {"readOnly", "true", false}, {"readOnly", "'false'", true}, {"flag", "true", true}, {"flag", "false", false}, {"eventName", "true", false},
		// References.
		{"userIdentity.userName|fieldref", "requestParameters.userName", true}, {"userIdentity.userName|fieldref|cased", "requestParameters.userName", false}, {"eventName|fieldref", "eventSource", false},
		{"eventName|fieldref", "absent", false}, {"absent|fieldref", "absent", false}, {"requestParameters.list|fieldref", "requestParameters.list", true},
		{"userIdentity.userName|fieldref|neq", "requestParameters.userName", false}, {"requestParameters.mapped|fieldref|endswith", "requestParameters.text", false}, {"requestParameters.lines|fieldref|contains", "empty", true},
		// neq and expand.
		{"eventName|neq", "CreateUser", false}, {"eventName|neq", "DeleteUser", true}, {"eventName|neq", "[DeleteUser, CreateUser]", false}, {"absent|neq", "x", true}, {"eventName|contains|neq", "role", true},
		{"userIdentity.userName|expand", "'%admins%'", true}, {"eventSource|expand", "'%admins%'", false}, {"percent", "'%admins%'", true}, {"percent|expand", `'\%admins\%'`, true}, {"percent|expand", `'100%'`, false},
		{"userIdentity.userName|expand|startswith", "'%admins%'", true},
	} {
		p := mustLoad(t, head+fmt.Sprintf("detection:\n  sel:\n    '%s': %s\n  condition: sel\n", c.field, c.value))
		if got := len(run(t, p, event(t, "e", 0, record)).Alerts) == 1; got != c.want {
			t.Errorf("%s: %s = %v, want %v", c.field, c.value, got, c.want)
		}
	}
}

// TestSelections is about how selections and keywords are put together.
func TestSelections(t *testing.T) {
	for _, c := range []struct {
		sel  string
		want bool
	}{
		{"{eventName: CreateUser, eventSource: iam.amazonaws.com}", true}, {"{eventName: CreateUser, eventSource: s3.amazonaws.com}", false},
		{"[{eventName: DeleteUser}, {eventSource: iam.amazonaws.com}]", true}, {"[{eventName: DeleteUser}, {eventSource: s3.amazonaws.com}]", false},
		{"[alice, nobody]", true}, {"[nobody]", false}, {"'BLUE'", true}, {"[requestParameters]", false}, {"['al?ce']", true}, {"[42]", true},
		{"{'|all': [alice, blue, prod]}", true}, {"{'|all': [alice, green]}", false}, {"{'|re': '^blu'}", true}, {"{'|cased': ALICE}", false}, {"{'|expand': '%admins%'}", true},
		{"[nobody, {eventName: CreateUser}]", true}, {"{'|contains': lic, eventName: CreateUser}", true},
	} {
		p := mustLoad(t, head+"detection:\n  sel: "+c.sel+"\n  condition: sel\n")
		if got := len(run(t, p, event(t, "e", 0, record)).Alerts) == 1; got != c.want {
			t.Errorf("%s = %v, want %v", c.sel, got, c.want)
		}
	}
}

// truths are selections with a known answer: sel_a holds, and so on.
var truths = map[string]bool{"a": true, "b": false, "sel_a": true, "sel_b": true, "mix_a": true, "mix_b": false, "off_a": false, "off_b": false, "_hidden": true}

type constant bool

func (c constant) eval(map[string]any) bool { return bool(c) }

func known() map[string]expr {
	out := map[string]expr{}
	for name, v := range truths {
		out[name] = constant(v)
	}
	return out
}

func TestCondition(t *testing.T) {
	for s, want := range map[string]bool{
		"a": true, "b": false, "not b": true, "not not a": true, "a and b": false, "a or b": true, "a AND NOT b": true,
		"a or b and b":           true,  // not (a or b) and b
		"b and b or a":           true,  // (b and b) or a
		"not b and b":            false, // (not b) and b
		"not (b and b)":          true,
		"not a or a":             true,
		"(a or b) and b":         false,
		"((a))and(not(b))":       true,
		"1 of sel_*":             true,
		"1 of off_*":             false,
		"all of sel_*":           true,
		"all of mix_*":           false,
		"any of mix_*":           true,
		"not 1 of off_*":         true,
		"a and not 1 of mix_*":   false,
		"not all of mix_* and a": true,
		"1 of them":              true,
		"all of them":            false,
		"1 of _hid*":             true,
		"1 of b":                 false,
		"1 of *_b":               true,
		"All Of sel_*":           true,
		"a\n  and\tnot b":        true,
	} {
		e, err := condition(s, known())
		if err != nil {
			t.Errorf("%q: %v", s, err)
		} else if got := e.eval(nil); got != want {
			t.Errorf("%q = %v, want %v", s, got, want)
		}
	}
	for s, want := range map[string]string{
		"": "empty", "a b": `"b" is not expected`, "a and": "ends where", "and a": `"and" stands`, "(a": "not closed", "a)": `")" is not expected`, "()": `")" stands`,
		"nobody": `no selection "nobody"`, "1 of x*": `no selection fits "x*"`, "2 of them": `"2 of" is not supported`, "1 of": "wants the names", "not": "ends where", "of a": `"of" stands`,
		"a | count() > 5": `aggregation "count" was withdrawn`, "a | near b": `"near" was withdrawn`, "a | sum(x) by y > 3": `"sum"`, "a |": "nothing follows",
		strings.Repeat("(", 100) + "a":          "brackets and negations",
		strings.Repeat("not ", 100) + "a":       "brackets and negations",
		strings.Repeat("a or ", 5000) + "a":     "longer than",
		strings.Repeat("1 of * or ", 800) + "a": "names selections more than",
	} {
		if _, err := condition(s, known()); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%.40q: %v, want %q", s, err, want)
		}
	}
	// "them" leaves the hidden one out.
	if e, err := condition("all of them", map[string]expr{"x": constant(true), "_y": constant(false)}); err != nil || !e.eval(nil) {
		t.Errorf("all of them: %v", err)
	}
	if p := mustLoad(t, head+"detection:\n  x: {eventName: A}\n  y: {eventName: B}\n  condition: [x, y]\n"); len(run(t, p, event(t, "1", 0, `{"eventName":"B"}`)).Alerts) != 1 {
		t.Error("a list of conditions is not any of them")
	}
}

// TestRefused wants a reason and a line for everything that is not supported.
func TestRefused(t *testing.T) {
	one := func(field, value string) string {
		return head + "detection:\n  sel:\n    '" + field + "': " + value + "\n  condition: sel\n"
	}
	big := "[" + strings.Repeat("x,", 20_100) + "x]"
	for _, c := range []struct {
		rule, want string
		line       int
	}{
		{one("a|base64", "x"), `modifier "base64" is not supported`, 6}, {one("a|wide", "x"), `"wide"`, 6}, {one("a|windash", "x"), `"windash"`, 6}, {one("a|hour", "3"), `"hour"`, 6}, {one("a|frobnicate", "x"), `"frobnicate" is not known`, 6},
		{one("a|", "x"), "is not known", 6}, {one("a|i", "x"), "only for re", 6}, {one("a|re|cidr", "x"), "exclude each other", 6}, {one("a|contains|re", "x"), "exclude each other", 6}, {one("a|contains|endswith", "x"), "exclude", 6},
		{one("a|cased|re|i", "x"), "exclude", 6}, {one("a|exists|all", "true"), "stands alone", 6}, {one("a|neq|all", "x"), "cannot be combined", 6}, {one("a|re|expand", "x"), "cannot be combined", 6}, {one("a|lt|cased", "1"), "exclude", 6},
		{one("a|re", "'(?=x)'"), "is not RE2", 6}, {one("a|re", "'('"), "is not RE2", 6}, {one("a|re", "'(x{900}){900}'"), "is not RE2", 6}, {one("a|cidr", "x"), "not a network", 6}, {one("a|cidr", "10.0.0.0/99"), "not a network", 6},
		{one("a|gt", "x"), "wants a number", 6}, {one("a|gt", ".inf"), "wants a number", 6}, {one("a|exists", "maybe"), "true or false", 6}, {one("a|contains", "null"), "null takes no modifier", 6}, {one("a|fieldref", "''"), "name of a field", 6},
		{one("a|expand", "'%nobody%'"), "placeholder %nobody% has no value", 6}, {one("a", "[]"), "empty list", 6}, {one("a", "{b: c}"), "written with dots", 6}, {one("a", "[[x]]"), "written with dots", 6},
		{one("a", big), "more than 20000 values", 6}, {one("a", strings.Repeat("x", 9000)), "longer than", 6}, {one(strings.Repeat("a.", 20)+"a", "x"), "more than 16 steps", 6}, {one("a|re", strings.Repeat("x", 5000)), "longer than", 6},
		{one("|startswith", "x"), "keywords take only", 6}, {one("|cidr", "10.0.0.0/8"), "keywords take only", 6},
		{head + "detection:\n  sel: {}\n  condition: sel\n", "match everything", 5}, {head + "detection:\n  sel: []\n  condition: sel\n", "empty", 5}, {head + "detection:\n  sel: [[a]]\n  condition: sel\n", "list in a list", 5},
		{head + "detection:\n  sel: [null]\n  condition: sel\n", "a keyword is a text", 5}, {head + "detection:\n  sel: {a: b}\n", "condition is missing", 5}, {head + "detection:\n  sel: {a: b}\n  condition: {a: b}\n", "a condition is a text", 6},
		{head + "detection:\n  sel: {a: b}\n  condition:\n    sel | count() > 3\n", `"count"`, 7}, {head + "detection:\n  sel: {a: b}\n  timeframe: 5m\n  condition: sel\n", "timeframe", 6},
		{head + "detection:\n  sel: {a: b}\n  sel: {a: c}\n  condition: sel\n", `"sel" is given twice`, 6}, {head + "detection:\n  sel: {<<: {a: b}}\n  condition: sel\n", "merge keys", 5}, {head + "detection: [x]\n", "mapping is needed", 4},
		{head, "no Sigma rule", 1}, {"id: x\n", "title is missing", 1}, {"- x\n", "mapping is needed", 1}, {"\n", "empty", 1}, {head + "level: awful\ndetection: {}\n", `level "awful"`, 4}, {head + "action: global\n", "action", 4},
		{"title: T\ndetection: {}\n", "logsource is missing", 1}, {head + "filter: {}\n", "filters are not supported", 4}, {"a: [\n", "", 2}, {head + "correlation: {}\ndetection: {}\n", "not both", 4},
		{"title: T\nx: &a [*a]\ncorrelation: *a\n", "", 0},
	} {
		p, err := load(c.rule)
		if err == nil || p == nil || len(p.Refused) == 0 || len(p.Rules) > 0 {
			t.Errorf("loads, and must not: %.200s", c.rule)
			continue
		}
		r := p.Refused[0]
		if !strings.Contains(r.Reason, c.want) || c.line > 0 && r.Line != c.line {
			t.Errorf("%q, want %q at line %d", r.Error(), c.want, c.line)
		}
		if !strings.HasPrefix(r.Error(), "rules/r.yml:") || len(r.Error()) > 800 {
			t.Errorf("the error does not name its file, or is too long: %s", r.Error())
		}
	}
	for _, c := range []struct{ source, want string }{{"{product: windows, category: process_creation}", "product windows, category process_creation"}, {"{product: aws, service: guardduty}", "service guardduty"}, {"{product: aws}", "only product aws, service cloudtrail"}} {
		p, err := load("title: T\nlogsource: " + c.source + "\ndetection: {sel: {a: b}, condition: sel}\n")
		if err != nil || len(p.Refused) != 1 || !p.Refused[0].OtherLog || !strings.Contains(p.Refused[0].Reason, c.want) {
			t.Errorf("%s: %v %v", c.source, err, p.Refused)
		}
	}
}

// TestBombs are hostile files: they end quickly and by name.
func TestBombs(t *testing.T) {
	aliases := "title: T\nlogsource: {product: aws, service: cloudtrail}\nx0: &x0 [a,a,a,a,a,a,a,a,a,a]\n"
	for i := 1; i < 9; i++ {
		aliases += fmt.Sprintf("x%d: &x%d [*x%d,*x%d,*x%d,*x%d,*x%d,*x%d,*x%d,*x%d,*x%d,*x%d]\n", i, i, i-1, i-1, i-1, i-1, i-1, i-1, i-1, i-1, i-1, i-1)
	}
	for name, text := range map[string]string{
		"aliases": aliases + "detection: {sel: *x8, condition: sel}\n", "huge": strings.Repeat("#", maxFile+1), "depth": head + "detection: " + strings.Repeat("[", 5000), "depth2": head + "detection: " + strings.Repeat("{a: ", 9000) + strings.Repeat("}", 9000),
		"documents": strings.Repeat("---\n- x\n", 1000), "binary": "\x00\x01\xff\xfe", "selections": head + "detection:\n" + func() (s string) {
			for i := range 600 {
				s += fmt.Sprintf("  s%d: {a: b}\n", i)
			}
			return s
		}(),
	} {
		if p, err := load(text); err == nil || len(p.Rules) > 0 {
			t.Errorf("%s loads", name)
		}
	}
}

// TestFolder reads the sample rules from disk, with all that is shown of them.
func TestFolder(t *testing.T) {
	p, err := Load(os.DirFS("testdata"), "rules")
	if err != nil {
		t.Fatal(err)
	}
	i := slices.IndexFunc(p.Rules, func(r *Rule) bool { return r.Name == "user_made" })
	if len(p.Rules) != 5 || i < 0 {
		t.Fatalf("%d rules", len(p.Rules))
	}
	r := p.Rules[i]
	if r.Author != "Trailhound tests" || r.License != "Apache-2.0" || r.Level != "medium" || r.Path != "rules/user_made_by_hand.yml" || r.Line != 2 || !slices.Equal(r.Techniques(), []string{"T1136.003"}) || len(r.FalsePositives) != 1 || len(r.References) != 1 {
		t.Errorf("%+v", r)
	}
	fsys := fstest.MapFS{"r/.git/x.yml": {Data: []byte("x")}, "r/placeholders.yml": {Data: []byte("admins: [eve]\n'%one%': x\n")}, "r/sub/a.yaml": {Data: []byte(head + "detection: {sel: {a|expand: '%admins%'}, condition: sel}\n")}, "r/readme.md": {Data: []byte("x")}}
	if p, err := Load(fsys, "r"); err != nil || len(p.Rules) != 1 {
		t.Errorf("%v", err)
	}
	fsys["r/b.yml"] = &fstest.MapFile{Data: []byte(head)}
	fsys["r/c.yml"] = &fstest.MapFile{Data: []byte(head + "name: 1\ndetection: {sel: {a: b}, condition: sel}\n")}
	if p, err := Load(fsys, "r"); err == nil || len(p.Rules) != 1 || len(p.Refused) != 2 || !strings.Contains(err.Error(), `r/sub/a.yaml`) {
		t.Errorf("one bad rule must not stop the others, and ids are unique: %v", err)
	}
	if _, err := Load(fsys, "nowhere"); err == nil {
		t.Error("a folder that is not there loads")
	}
	fsys["r/placeholders.yml"] = &fstest.MapFile{Data: []byte("[x]")}
	if _, err := Load(fsys, "r"); err == nil {
		t.Error("placeholders that are no mapping load")
	}
}
