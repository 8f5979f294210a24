package evidence

import "testing"

func TestUnansweredQuestionsAreToldFromFiles(t *testing.T) {
	for uri, want := range map[string]string{
		CallURI("111122223333", "eu-west-1", "guardduty:ListDetectors"): "guardduty:ListDetectors",
		CallURI("111122223333", "global", "iam:ListUsers"):              "iam:ListUsers",
		"aws://111122223333/global/iam/list-users.json":                 "",
		"aws://111122223333/us-east-1/x.json":                           "",
		"case/111122223333/global/iam:ListUsers":                        "",
		"s3://bucket/a/b:c":                                             "",
	} {
		_, _, action, ok := Artifact{URI: uri, Kind: KindUnreadable}.Unanswered()
		if action != want || ok != (want != "") {
			t.Errorf("%s: %q, %v", uri, action, ok)
		}
	}
	if _, _, _, ok := (Artifact{URI: CallURI("1", "r", "a:b"), Kind: KindUnknown}).Unanswered(); ok {
		t.Error("what could be read was answered")
	}
}
