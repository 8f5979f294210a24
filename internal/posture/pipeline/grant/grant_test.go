package grant

import (
	"slices"
	"testing"

	"github.com/trailhound/trailhound/internal/posture/pipeline/model"
)

func text(s string) *model.Node { return &model.Node{State: model.Known, Scalar: s} }

func symbol(s string) *model.Node {
	return &model.Node{State: model.Known, Scalar: s, Symbolic: true}
}

func list(items ...*model.Node) *model.Node {
	return &model.Node{State: model.Known, List: true, Items: items}
}

func object(kv ...any) *model.Node {
	n := &model.Node{State: model.Known, Fields: map[string]*model.Node{}}
	for i := 0; i+1 < len(kv); i += 2 {
		n.Fields[kv[i].(string)] = kv[i+1].(*model.Node)
	}
	return n
}

func role(statements ...*model.Node) *Grants {
	body := object("Version", text("2012-10-17"), "Statement", list(statements...))
	return Of(&model.Role{Policies: model.Of([]model.Doc{{Body: body}})})
}

func allow(action, resource *model.Node, more ...any) *model.Node {
	return object(append([]any{"Effect", text("Allow"), "Action", action, "Resource", resource}, more...)...)
}

func TestAsks(t *testing.T) {
	hole := model.UnknownNode(model.Location{}, "a parameter")
	deny := object("Effect", text("Deny"), "Action", text("s3:Put*"), "Resource", text("*"))
	once := object("StringEquals", object("aws:PrincipalTag/x", text("y")))
	for name, c := range map[string]struct {
		g                        *Grants
		allows, everywhere, onIt Truth
	}{
		"everything":           {role(allow(text("*"), text("*"))), Yes, Yes, Yes},
		"one bucket":           {role(allow(text("s3:*"), text("arn:aws:s3:::b/*"))), Yes, No, Yes},
		"another bucket":       {role(allow(list(text("s3:PutObject")), text("arn:aws:s3:::c/*"))), Yes, No, No},
		"case does not matter": {role(allow(text("S3:putobject"), text("*"))), Yes, Yes, Yes},
		"denied":               {role(allow(text("*"), text("*")), deny), No, No, No},
		"under a condition":    {role(allow(text("s3:PutObject"), text("*"), "Condition", once)), Yes, Yes, Yes},
		"unknown condition":    {role(allow(text("s3:PutObject"), text("*"), "Condition", hole)), Yes, Yes, Yes},
		"all but":              {role(object("Effect", text("Allow"), "NotAction", text("iam:*"), "Resource", text("*"))), Yes, Yes, Yes},
		"nothing":              {role(allow(text("s3:GetObject"), text("*"))), No, No, No},
		"a hole elsewhere":     {role(allow(text("s3:PutObject"), text("*")), hole), Yes, Yes, Yes},
		"only a hole":          {role(hole), Unknown, Unknown, Unknown},
		"an unknown action":    {role(allow(list(text("s3:GetObject"), hole), text("*"))), Unknown, Unknown, Unknown},
		"a symbol":             {role(allow(text("s3:PutObject"), symbol("${Bucket.Arn}/*"))), Yes, No, No},
		"no role":              {Of(nil), Unknown, Unknown, Unknown},
	} {
		if a, e, o := c.g.Allows("s3:PutObject"), c.g.Everywhere("s3:PutObject"), c.g.On("s3:PutObject", "arn:aws:s3:::b/k"); a != c.allows || e != c.everywhere || o != c.onIt {
			t.Errorf("%s: somewhere %d, everywhere %d, there %d, want %d, %d, %d (%s)", name, a, e, o, c.allows, c.everywhere, c.onIt, c.g.Hole())
		}
	}
}

func TestTrusted(t *testing.T) {
	build := object("Service", list(text("codebuild.amazonaws.com")))
	trust := func(principal *model.Node, more ...any) *Grants {
		return Document(object("Statement", list(object(append([]any{"Effect", text("Allow"), "Principal", principal, "Action", text("sts:AssumeRole")}, more...)...))))
	}
	for name, c := range map[string]struct {
		g      *Grants
		who    []string
		bound  bool
		public bool
	}{
		"unbound": {trust(build), []string{"Service:codebuild.amazonaws.com"}, false, false},
		"bound":   {trust(build, "Condition", object("StringEquals", object("aws:SourceArn", text("x")))), []string{"Service:codebuild.amazonaws.com"}, true, false},
		"others":  {trust(object("AWS", text("111122223333"))), []string{"AWS:111122223333"}, true, false},
		"anyone":  {trust(text("*")), []string{"AWS:*"}, true, true},
	} {
		who, bound := c.g.Trusted()
		if !slices.Equal(who, c.who) || bound != c.bound || c.g.Public() != c.public {
			t.Errorf("%s: %v bound %v public %v", name, who, bound, c.g.Public())
		}
	}
	if got := role(allow(list(text("s3:Get*"), text("S3:Get*")), text("*"))).Patterns(); !slices.Equal(got, []string{"s3:get*"}) {
		t.Errorf("patterns %v", got)
	}
}
