package model

import (
	"encoding/json"
	"fmt"
	"strings"
	"testing"
)

func TestUnknownStaysUnknownBelow(t *testing.T) {
	n := &Node{State: Known, Fields: map[string]*Node{"webhook": UnknownNode(Location{File: "t.yml", Line: 3}, "the condition IsProd is not decided")}}
	p := Decode(n, CloudFormation)
	if !p.Webhook.Unknown() || p.Webhook.Why == "" || p.Webhook.At.Line != 3 {
		t.Errorf("webhook is %v (%q at %v), want unknown with reason and place", p.Webhook.State, p.Webhook.Why, p.Webhook.At)
	}
	if !p.Role.Absent() {
		t.Errorf("role is %v, want absent", p.Role.State)
	}
}

func TestValueDefaults(t *testing.T) {
	var absent Value[bool]
	if d := absent.Default(true); !d.Known() || !d.V {
		t.Error("an absent value takes the default")
	}
	if d := Cannot[bool]("x").Default(true); !d.Unknown() {
		t.Error("an unknown value must not take the default")
	}
}

func TestSecretsNeverPrint(t *testing.T) {
	const canary = "canary-4711"
	v := Variable{Value: Of(Hide(canary))}
	data, err := json.Marshal(v)
	if err != nil {
		t.Fatal(err)
	}
	for _, out := range []string{string(data), fmt.Sprint(v), fmt.Sprintf("%#v %+v %q %x", v, v, v, v), fmt.Sprint(v.Value.V)} {
		if strings.Contains(out, canary) || strings.Contains(out, fmt.Sprintf("%x", canary)) {
			t.Errorf("the secret shows: %s", out)
		}
	}
	if v.Value.V.Reveal() != canary {
		t.Error("the secret is lost")
	}
}

func TestCredentialsLeaveTheURL(t *testing.T) {
	for loc, want := range map[string]string{
		"https://user:pa/ss@h/x":             "https://user:pa/ss@h/x", // no @ before the path: nothing git would take as credentials
		"https://user:pass@github.com/o/r":   "https://[redacted]@github.com/o/r",
		"https://a:b@c@bitbucket.org/o/r":    "https://[redacted]@bitbucket.org/o/r",
		"https://github.com/o/r":             "https://github.com/o/r",
		"arn:aws:codecommit:us-east-1:1:r@x": "arn:aws:codecommit:us-east-1:1:r@x",
	} {
		got, user := parted(Of(loc))
		if got.V != want || user.Known() != (loc != want) {
			t.Errorf("parted(%q) = %q, known %v; want %q", loc, got.V, user.Known(), want)
		}
	}
}

func TestOwners(t *testing.T) {
	for _, c := range []struct {
		tags map[string]string
		want string
	}{
		{map[string]string{"aws:cloudformation:stack-name": "ci"}, "the CloudFormation stack ci"},
		{map[string]string{"ManagedBy": "Terraform"}, "Terraform (tag ManagedBy)"},
		{map[string]string{"terraform": "false", "team": "web"}, ""},
	} {
		p := &Project{Tags: Of(c.tags)}
		if got := p.Managed(); got != c.want {
			t.Errorf("%v: %q, want %q", c.tags, got, c.want)
		}
	}
}
