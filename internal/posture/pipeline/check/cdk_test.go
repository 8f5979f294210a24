package check

import "testing"

func TestCDK(t *testing.T) {
	for _, c := range []struct{ snippet, want string }{
		{"Triggers:\n  Webhook: true\n  FilterGroups:\n    - - {Type: EVENT, Pattern: PUSH}\n", "// the construct App/Build\nconst cfn = construct.node.defaultChild as cdk.CfnResource;\n" +
			"cfn.addPropertyOverride(\"Triggers.Webhook\", true);\ncfn.addPropertyOverride(\"Triggers.FilterGroups\", [[{\"Pattern\":\"PUSH\",\"Type\":\"EVENT\"}]]);\n"},
		{"Visibility: PRIVATE\n", "// the construct App/Build\nconst cfn = construct.node.defaultChild as cdk.CfnResource;\ncfn.addPropertyOverride(\"Visibility\", \"PRIVATE\");\n"},
		{"ServiceRole: !GetAtt TestRole.Arn\n", "// the construct App/Build\nconst cfn = construct.node.defaultChild as cdk.CfnResource;\ncfn.addPropertyOverride(\"ServiceRole\", {\"Fn::GetAtt\":[\"TestRole\",\"Arn\"]});\n"},
		{"Type: AWS::Events::Rule\nProperties:\n  Name: x\n", "new cdk.CfnResource(this, \"Rule\", { type: \"AWS::Events::Rule\", properties: {\"Name\":\"x\"} });\n"},
		{"FileSystemLocations: !Ref AWS::NoValue\n", "// the construct App/Build\nconst cfn = construct.node.defaultChild as cdk.CfnResource;\ncfn.addPropertyOverride(\"FileSystemLocations\", undefined);\n"},
		{"# remove the project\n", "// the construct App/Build\n// remove the project\n"},
		{"- Name: Approve\n", ""},
		{"", ""},
		{"a: [", ""},
	} {
		if got := CDK("App/Build/Resource", c.snippet); got != c.want {
			t.Errorf("%q:\n%s\nwant\n%s", c.snippet, got, c.want)
		}
	}
	if got := CDK("", "A: b"); got != "" {
		t.Errorf("without a construct: %q", got)
	}
}
