package secret

import (
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/trailhound/trailhound/internal/posture/pipeline/buildspec"
	"github.com/trailhound/trailhound/internal/posture/pipeline/model"
)

func TestRefs(t *testing.T) {
	variable := func(kind, value string) model.Variable {
		return model.Variable{Type: model.Of(kind), Value: model.Of(model.Hide(value))}
	}
	const arn = "arn:aws:secretsmanager:eu-west-1:111122223333:secret:app/db-AbCdEf"
	p := &model.Project{}
	p.Env.Variables = model.Of([]model.Variable{variable("PLAINTEXT", "x"), variable(Stored, "app/db:password"), variable(Stored, arn+":password:AWSCURRENT"),
		variable(Parameter, "/app/token"), variable(Parameter, "/app/token"), variable(Stored, "")})
	got := Refs(p, &buildspec.Spec{Refs: []buildspec.Ref{{Kind: Parameter, Name: "arn:aws:ssm:eu-west-1:111122223333:parameter/app/token:3"}}})
	want := []buildspec.Ref{{Kind: Stored, Name: "app/db"}, {Kind: Stored, Name: arn}, {Kind: Parameter, Name: "/app/token"},
		{Kind: Parameter, Name: "arn:aws:ssm:eu-west-1:111122223333:parameter/app/token"}}
	if d := cmp.Diff(want, got); d != "" {
		t.Error(d)
	}
	for ref, name := range map[string]string{arn: "app/db-AbCdEf", "app/db:password": "app/db", "arn:aws:ssm:eu-west-1:111122223333:parameter/app/token": "/app/token",
		"arn:aws:ssm:eu-west-1:111122223333:parameter/token": "token", "arn:": "arn:", "": ""} {
		if got := Name(ref); got != name {
			t.Errorf("%s: %s", ref, got)
		}
	}
	for ref, same := range map[string]bool{arn: true, "app/db": true, "app/db:password": true, "app": false, "app/d": false, "": false, "app/db-AbCdEf": true,
		"arn:aws:secretsmanager:eu-west-1:111122223333:secret:app/db": true, "arn:aws:secretsmanager:eu-west-1:111122223333:secret:app": false} {
		if got := Same(ref, "app/db", arn); got != same {
			t.Errorf("%q: %v", ref, got)
		}
	}
}
