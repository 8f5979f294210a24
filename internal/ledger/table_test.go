package ledger

import (
	"io/fs"
	"strings"
	"testing"
	"testing/fstest"

	"github.com/trailhound/trailhound/internal/evidence"
)

const sound = `source: iam.amazonaws.com
things:
  user: {type: "AWS::IAM::User", arn: "arn:{partition}:iam::{account}:user{path}{name}"}
  key: {type: "AWS::IAM::AccessKey", native: true, parent: user}
  password: {within: user}
calls:
  CreateUser:
    - {thing: user, id: request.userName, effect: created}
`

// TestLoadRefuses holds that a mistake in the table is named with its file and,
// inside a call, its line.
func TestLoadRefuses(t *testing.T) {
	for _, tt := range []struct{ name, add, want string }{
		{"unknown thing", "    - {thing: usr, id: a, effect: created}\n", `ledger/iam.yml: line 9: CreateUser: no thing "usr"`},
		{"no id", "    - {thing: user, effect: created}\n", "line 9: CreateUser: no id"},
		{"part of nothing", "    - {thing: password, effect: modified}\n", "no of"},
		{"unknown effect", "    - {thing: user, id: a, effect: made}\n", `effect "made"`},
		{"unknown does", "    - {thing: user, id: a, effect: created, does: wonders}\n", `does "wonders"`},
		{"unknown field", "    - {thing: user, id: a, effect: created, colour: red}\n", "colour"},
		{"unknown kind", "    - {thing: user, id: a, effect: created, plants: [{kind: spell, technique: T, undo: U}]}\n", `plant kind "spell"`},
		{"no technique", "    - {thing: user, id: a, effect: created, plants: [{kind: role, undo: U}]}\n", "without technique"},
		{"empty condition", "    - {thing: user, id: a, effect: created, when: [{is: b}]}\n", "condition"},
		{"path without a test", "    - {thing: user, id: a, effect: created, when: [{path: b}]}\n", "without a test"},
		{"bad expression", "    - {thing: user, id: a, effect: created, when: [{path: b, matches: '('}]}\n", "missing closing"},
		{"unknown class", "    - {thing: user, id: a, effect: created, when: [{principal: b, lets_in: [elves]}]}\n", `"elves"`},
		{"not a list", "  DeleteUser: {thing: user}\n", "line 9: DeleteUser: not a list"},
		{"not YAML", "  {", "parse"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			_, err := Load(fstest.MapFS{"ledger/iam.yml": {Data: []byte(sound + tt.add)}})
			if err == nil || !strings.Contains(err.Error(), tt.want) || !strings.HasPrefix(err.Error(), "ledger/iam.yml: ") {
				t.Errorf("got %v, want it to say %q", err, tt.want)
			}
		})
	}
	for name, files := range map[string]fs.FS{
		"nothing":         fstest.MapFS{},
		"no source":       fstest.MapFS{"ledger/x.yml": {Data: []byte("calls: {}\n")}},
		"unknown parent":  fstest.MapFS{"ledger/x.yml": {Data: []byte("source: x\nthings: {a: {type: T, parent: b}}\n")}},
		"a circle":        fstest.MapFS{"ledger/x.yml": {Data: []byte("source: x\nthings: {a: {within: b}, b: {within: a}}\ncalls: {C: [{thing: a, id: i, of: o, effect: created}]}\n")}},
		"unknown arn":     fstest.MapFS{"ledger/x.yml": {Data: []byte("source: x\nthings: {a: {type: T, arn: 'arn:{what}'}}\n")}},
		"neither of both": fstest.MapFS{"ledger/x.yml": {Data: []byte("source: x\nthings: {a: {native: true}}\n")}},
		"too large":       fstest.MapFS{"ledger/x.yml": {Data: make([]byte, maxFile+1)}},
	} {
		if _, err := Load(files); err == nil {
			t.Errorf("%s: loaded", name)
		}
	}
}

// TestNamesMeet holds the heart of it: however a call names a thing, it is the
// same thing, and things that differ do not meet.
func TestNamesMeet(t *testing.T) {
	table := load(t)
	c := newCall(&evidence.Event{Account: account, Region: "us-east-1"}, nil, nil)
	for _, tt := range []struct {
		thing string
		same  []string
		other []string
	}{
		{"iam.user", []string{"eve", "arn:aws:iam::111122223333:user/eve", "arn:aws:iam::111122223333:user/staff/eve"}, []string{"adam", "arn:aws:iam::444455556666:user/eve"}},
		{"lambda.function", []string{"f", "111122223333:function:f", "function:f", "f:3", "arn:aws:lambda:us-east-1:111122223333:function:f", "arn:aws:lambda:us-east-1:111122223333:function:f:$LATEST"}, []string{"g", "arn:aws:lambda:eu-west-1:111122223333:function:f"}},
		{"secretsmanager.secret", []string{"a/b", "arn:aws:secretsmanager:us-east-1:111122223333:secret:a/b-AbCdEf"}, []string{"a"}},
		{"s3.bucket", []string{"b", "arn:aws:s3:::b"}, []string{"c"}},
		{"ec2.instance", []string{"i-1", "arn:aws:ec2:us-east-1:111122223333:instance/i-1"}, []string{"i-2"}},
		{"ssm.parameter", []string{"/a/b", "arn:aws:ssm:us-east-1:111122223333:parameter/a/b"}, []string{"/a"}},
		{"sqs.queue", []string{"q", "https://sqs.us-east-1.amazonaws.com/111122223333/q", "arn:aws:sqs:us-east-1:111122223333:q"}, []string{"r"}},
		{"logs.group", []string{"/g", "arn:aws:logs:us-east-1:111122223333:log-group:/g", "arn:aws:logs:us-east-1:111122223333:log-group:/g:*"}, []string{"/h"}},
		{"cloudformation.stack", []string{"s", "arn:aws:cloudformation:us-east-1:111122223333:stack/s/0-1"}, []string{"t"}},
		{"route53.zone", []string{"Z1", "/hostedzone/Z1", "arn:aws:route53:::hostedzone/Z1"}, []string{"Z2"}},
	} {
		th := table.things[tt.thing]
		key := ""
		for _, v := range tt.same {
			n, ok := th.named(c, v)
			if !ok {
				t.Errorf("%s: %q is no name of one", tt.thing, v)
				continue
			}
			if key == "" {
				key = n.key
			}
			if n.key != key {
				t.Errorf("%s: %q is another than %q", tt.thing, v, tt.same[0])
			}
		}
		for _, v := range tt.other {
			if n, ok := th.named(c, v); ok && n.key == key {
				t.Errorf("%s: %q is the same as %q", tt.thing, v, tt.same[0])
			}
		}
	}
	for _, wrong := range []string{"arn:aws:iam::111122223333:role/eve", "arn:aws:s3:::eve", "arn:", ""} {
		if n, ok := table.things["iam.user"].named(c, wrong); ok {
			t.Errorf("%q is a user: %+v", wrong, n)
		}
	}
}

// TestFold holds that a bucket's row speaks for its many objects, and that
// names tried out in vain are no rows.
func TestFold(t *testing.T) {
	b := newBook()
	bucket := id{thing: &thing{Type: "AWS::S3::Bucket"}, key: "bucket", show: "arn:aws:s3:::b"}
	object := &thing{Type: "AWS::S3::Object", Fold: 3}
	guess := &thing{Type: "AWS::EC2::Instance"}
	for i := range 5 {
		name := string(rune('a' + i))
		b.rows[name] = &row{id: id{thing: object, key: name, show: name}, up: bucket, tried: true, effects: map[string]bool{Read: true}, by: []ref{{event: name}}}
	}
	for i := range maxVain + 1 {
		name := "i-" + string(rune('a'+i))
		b.rows[name] = &row{id: id{thing: guess, key: name, show: name}, effects: map[string]bool{Attempted: true}, by: []ref{{event: name}}}
	}
	got := b.resources(Input{})
	if len(got) != 1 || got[0].ID != bucket.show || len(got[0].ByEvent) != 5 || got[0].StateNow != Unknown {
		t.Errorf("rows: %+v", got)
	}
}
