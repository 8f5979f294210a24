package ledger

import (
	"fmt"
	"regexp"
	"strings"
)

// thing is a kind of thing that calls act on: a user, a bucket, or something
// that has no life of its own, such as a user's password. It is data.
type thing struct {
	// Type is CloudFormation's name for it, "AWS::IAM::User". Things within
	// another have none: their parent's row in the report speaks for them.
	Type string `yaml:"type"`
	// ARN says how to write its ARN, and so how to read one:
	// "arn:{partition}:iam::{account}:user{path}{name}".
	ARN string `yaml:"arn"`
	// Native is set where the native id is shown and not the ARN (sg-…, AKIA…).
	Native bool `yaml:"native"`
	// Global: the native id is unique by itself, whatever account and region.
	Global bool `yaml:"global"`
	// Bare finds the name in a value that is no ARN but not the plain name
	// either ("111122223333:function:name"); its first group is the name.
	Bare string `yaml:"bare"`
	// Within names the thing that this one is a part of.
	Within string `yaml:"within"`
	// Parent names the thing with which this one ends.
	Parent string `yaml:"parent"`
	// Carries: what hangs on this part of something ends with it.
	Carries bool `yaml:"carries"`
	// ShowParent: items of this thing are shown under the parent's id, so that
	// ten shared accounts of one snapshot are one item.
	ShowParent bool `yaml:"show_parent"`
	// Fold: beyond this many of them under one parent, the parent's row speaks
	// for all (the objects of a bucket).
	Fold int `yaml:"fold"`
	// Single: there is one for each account and region, whatever its id: made again, it is
	// the same under another name (the detector of GuardDuty).
	Single bool `yaml:"single"`
	// Unfollowed: calls of others on it are too many to look up.
	Unfollowed bool `yaml:"unfollowed"`

	name       string // "iam.user"
	arn, bare  *regexp.Regexp
	groups     []string
	parentName string // Within or Parent, qualified
}

// id is one thing, named. Two ids with one key are the same thing.
type id struct {
	thing *thing
	key   string
	show  string
	whole bool // show was read from an ARN or is native: nothing of it is assumed
}

// parts of ARN templates, as expressions. Lambda appends qualifiers, Secrets
// Manager six random characters, CloudWatch Logs ":*", CloudFormation a UUID.
var parts = map[string]string{
	"partition": `(aws[a-z-]*)`, "account": `(\d{12}|)`, "region": `([a-z0-9-]*)`,
	"path": `(/(?:[!-~]*/)?)`, "name": `([^/:]+)`, "name*": `(.+?)`,
	"tail": `(?::.*)?`, "rand": `(?:-[A-Za-z0-9]{6})?`, "rest": `(?:/.*)?`,
}

func (t *thing) compile() error {
	if t.Bare != "" {
		re, err := regexp.Compile("^(?:" + t.Bare + ")$")
		if err != nil {
			return fmt.Errorf("thing %s: bare: %w", t.name, err)
		}
		if re.NumSubexp() < 1 {
			return fmt.Errorf("thing %s: bare has no group for the name", t.name)
		}
		t.bare = re
	}
	if t.ARN == "" {
		return nil
	}
	var b strings.Builder
	rest := t.ARN
	for {
		i := strings.IndexByte(rest, '{')
		if i < 0 {
			b.WriteString(regexp.QuoteMeta(rest))
			break
		}
		j := strings.IndexByte(rest, '}')
		if j < i {
			return fmt.Errorf("thing %s: arn %q: brace not closed", t.name, t.ARN)
		}
		b.WriteString(regexp.QuoteMeta(rest[:i]))
		part := rest[i+1 : j]
		expr, ok := parts[part]
		if !ok {
			return fmt.Errorf("thing %s: arn %q: unknown part {%s}", t.name, t.ARN, part)
		}
		b.WriteString(expr)
		if strings.HasPrefix(expr, "((") || expr[0] == '(' && expr[1] != '?' {
			t.groups = append(t.groups, strings.TrimSuffix(part, "*"))
		}
		rest = rest[j+1:]
	}
	t.arn = regexp.MustCompile("^" + b.String() + "$")
	return nil
}

// named makes an id of a value found in a record: an ARN of this kind of thing,
// or a name. ok is false for an ARN of another kind.
//
// Account and region count in the key only where the ARN has a place for them: a bucket
// that a call names in the log of one region is the same in that of every other.
func (t *thing) named(c *call, value string) (id, bool) {
	if value == "" || len(value) > maxID {
		return id{}, false
	}
	got := map[string]string{"partition": "aws", "account": c.account(), "region": c.e.Region, "path": "/"}
	isARN := strings.HasPrefix(value, "arn:")
	switch {
	case isARN && t.arn != nil:
		m := t.arn.FindStringSubmatch(value)
		if m == nil {
			return id{}, false
		}
		for i, g := range t.groups {
			if m[i+1] != "" || g == "region" {
				got[g] = m[i+1]
			}
		}
	case isARN && !t.Native && t.ARN == "": // shown as the call writes it
		got["name"] = value
	case isARN: // a native id at the end of an ARN
		got["name"] = value[strings.LastIndexAny(value, ":/")+1:]
	default:
		got["name"] = value
		if t.bare != nil {
			if m := t.bare.FindStringSubmatch(value); m != nil {
				got["name"] = m[1]
			}
		}
	}
	if got["name"] == "" {
		return id{}, false
	}
	if !strings.Contains(t.ARN, "{region}") && t.ARN != "" {
		got["region"] = ""
	}
	if !strings.Contains(t.ARN, "{account}") && t.ARN != "" {
		got["account"] = ""
	}
	key := t.name + "|" + got["account"] + "|" + got["region"] + "|" + got["name"]
	if t.Single {
		key = t.name + "|" + got["account"] + "|" + got["region"]
	}
	if t.Global {
		key = t.name + "|" + got["name"]
	}
	switch {
	case t.Native || t.arn == nil:
		return id{t, key, got["name"], true}, true
	case isARN && !strings.Contains(t.ARN, "{tail}") && !strings.Contains(t.ARN, "{rest}"):
		return id{t, key, value, true}, true
	}
	return id{t, key, t.write(got), isARN || !strings.Contains(t.ARN, "{path}")}, true
}

// write fills the ARN template. The parts that only reading knows are dropped.
func (t *thing) write(got map[string]string) string {
	return placeholder.ReplaceAllStringFunc(t.ARN, func(m string) string {
		return got[strings.TrimSuffix(m[1:len(m)-1], "*")]
	})
}

// inside makes the id of a part of another thing: "parent#value", or the
// parent's own id where the thing has but one such part.
func (t *thing) inside(parent id, value string) id {
	n := id{t, parent.key + "#" + t.name, parent.show, parent.whole}
	if value != "" {
		n.key += "|" + value
		if !t.ShowParent {
			n.show += "#" + value
		}
	}
	return n
}
