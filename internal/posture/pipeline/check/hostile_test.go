package check

import (
	"encoding/json"
	"fmt"
	"io/fs"
	"maps"
	"os"
	"path"
	"slices"
	"strings"
	"testing"

	"github.com/rogpeppe/go-internal/txtar"
	"pgregory.net/rapid"

	"github.com/trailhound/trailhound/content"
	"github.com/trailhound/trailhound/internal/posture/pipeline/read"
)

// sampleAnswers are the JSON files of all samples, by name.
func sampleAnswers(t *testing.T) map[string]any {
	t.Helper()
	out := map[string]any{}
	root := os.DirFS("../../../../content") // the samples are not in the program
	err := fs.WalkDir(root, "pipeline", func(name string, d fs.DirEntry, err error) error {
		if err != nil || !strings.HasSuffix(name, ".txtar") {
			return err
		}
		data, err := fs.ReadFile(root, name)
		if err != nil {
			return err
		}
		for _, f := range txtar.Parse(data).Files {
			var v any
			if path.Ext(f.Name) == ".json" && json.Unmarshal(f.Data, &v) == nil {
				out[name+"/"+f.Name] = v
			}
		}
		return nil
	})
	if err != nil || len(out) == 0 {
		t.Fatalf("no samples: %v", err)
	}
	for i, text := range others {
		var v any
		if err := json.Unmarshal([]byte(text), &v); err != nil {
			t.Fatalf("%d: %v", i, err)
		}
		out[fmt.Sprint("other ", i)] = v
	}
	return out
}

// others are forms that the samples lack or have little of.
var others = []string{
	`{"AWSTemplateFormatVersion":"2010-09-09","Parameters":{"P":{"Type":"String"},"D":{"Type":"CommaDelimitedList","Default":"a,b"}},"Mappings":{"M":{"a":{"b":"c"}}},
	 "Conditions":{"C":{"Fn::And":[{"Fn::Equals":[{"Ref":"P"},"x"]},{"Fn::Not":[{"Condition":"D"}]}]},"D":{"Fn::Or":[{"Fn::Equals":["x","x"]}]}},
	 "Transform":["AWS::Serverless-2016-10-31","Own"],
	 "Resources":{
	  "Role":{"Type":"AWS::IAM::Role","Properties":{"AssumeRolePolicyDocument":{"Statement":[{"Effect":"Allow","Principal":{"Service":"codebuild.amazonaws.com"},"Action":"sts:AssumeRole"}]},
	   "Policies":[{"PolicyName":"p","PolicyDocument":{"Statement":[{"Effect":"Allow","Action":"s3:*","Resource":{"Fn::Sub":"arn:${AWS::Partition}:s3:::${B}/*"}}]}}],
	   "ManagedPolicyArns":[{"Fn::Join":["",["arn:",{"Ref":"AWS::Partition"},":iam::aws:policy/AmazonS3FullAccess"]]}]}},
	  "Policy":{"Type":"AWS::IAM::Policy","Properties":{"PolicyName":"q","Roles":[{"Ref":"Role"}],"PolicyDocument":{"Statement":{"Effect":"Allow","Action":["iam:PassRole"],"Resource":"*"}}}},
	  "Own":{"Type":"AWS::IAM::RolePolicy","Properties":{"PolicyName":"r","RoleName":{"Ref":"Role"},"PolicyDocument":{"Statement":[{"Effect":"Deny","NotAction":"s3:*","Resource":"*"}]}}},
	  "Group":{"Type":"AWS::EC2::SecurityGroup","Properties":{"SecurityGroupEgress":[{"IpProtocol":"tcp","FromPort":443,"ToPort":443,"CidrIp":"0.0.0.0/0"}]}},
	  "Egress":{"Type":"AWS::EC2::SecurityGroupEgress","Properties":{"GroupId":{"Fn::GetAtt":["Group","GroupId"]},"IpProtocol":"-1","CidrIp":"0.0.0.0/0"}},
	  "B":{"Type":"AWS::S3::Bucket","Properties":{"BucketName":{"Fn::Select":["0",{"Fn::Split":[",",{"Fn::FindInMap":["M","a","b"]}]}]},"VersioningConfiguration":{"Status":"Enabled"}}},
	  "Secret":{"Type":"AWS::SecretsManager::Secret","Properties":{"Name":"s"}},"Rotation":{"Type":"AWS::SecretsManager::RotationSchedule","Properties":{"SecretId":{"Ref":"Secret"}}},
	  "Pipe":{"Type":"AWS::CodePipeline::Pipeline","Properties":{"Stages":[{"Name":"s","Actions":[{"Name":"a","ActionTypeId":{"Category":"Build","Provider":"CodeBuild"},
	   "Configuration":{"ProjectName":{"Ref":"Build"},"EnvironmentVariables":"[{\"name\":\"A\",\"value\":\"b\",\"type\":\"PLAINTEXT\"}]"}}]}],"Triggers":[{"GitConfiguration":{"PullRequest":[{}]}}]}},
	  "Build":{"Type":"AWS::CodeBuild::Project","Condition":"C","Properties":{"ServiceRole":{"Fn::GetAtt":["Role","Arn"]},"Source":{"Type":"GITHUB","Location":"https://github.com/acme/app"},
	   "VpcConfig":{"VpcId":"v","Subnets":["n"],"SecurityGroupIds":[{"Fn::GetAtt":["Group","GroupId"]}]},"Environment":{"Image":{"Fn::If":["C","a","b"]},"EnvironmentVariables":[{"Name":"A","Value":"b"}]},
	   "Triggers":{"Webhook":true,"FilterGroups":[[{"Type":"EVENT","Pattern":"PUSH"},{"Type":"HEAD_REF","Pattern":"^refs/heads/main$"}]]}}}}}`,
	`{"UserDetailList":[{"UserName":"u","Arn":"arn:aws:iam::111122223333:user/u","GroupList":["g"],"UserPolicyList":[{"PolicyName":"p","PolicyDocument":{"Statement":[]}}]}],
	 "GroupDetailList":[{"GroupName":"g","AttachedManagedPolicies":[{"PolicyName":"p","PolicyArn":"arn:aws:iam::111122223333:policy/p"}]}],
	 "RoleDetailList":[{"RoleName":"r","Arn":"arn:aws:iam::111122223333:role/r","AssumeRolePolicyDocument":{"Statement":[{"Effect":"Allow","Principal":{"Service":"codebuild.amazonaws.com"},"Action":"sts:AssumeRole"}]},
	  "RolePolicyList":[{"PolicyName":"p","PolicyDocument":"%7B%22Statement%22%3A%5B%5D%7D"}],"AttachedManagedPolicies":[{"PolicyName":"p","PolicyArn":"arn:aws:iam::111122223333:policy/p"}],
	  "PermissionsBoundary":{"PermissionsBoundaryArn":"arn:aws:iam::111122223333:policy/p"}}],
	 "Policies":[{"PolicyName":"p","Arn":"arn:aws:iam::111122223333:policy/p","PolicyVersionList":[{"IsDefaultVersion":true,"Document":{"Statement":[{"Effect":"Allow","Action":"*","Resource":"*"}]}}]}]}`,
	`{"format_version":"1.2","planned_values":{"root_module":{}},"resource_changes":[{"mode":"managed","type":"aws_codebuild_project","address":"aws_codebuild_project.a","change":{"actions":["create"],
	 "after":{"name":"a","source":[{"type":"GITHUB","location":"https://github.com/acme/app"}],"environment":[{"image":"x","environment_variable":[{"name":"A","value":"b"}]}]},"after_unknown":{"arn":true,"environment":[{"type":true}]}}},
	 {"mode":"managed","type":"aws_codebuild_webhook","address":"aws_codebuild_webhook.a","change":{"actions":["create"],"after":{"project_name":"a","filter_group":[{"filter":[{"type":"EVENT","pattern":"PUSH"}]}]},"after_unknown":{"filter_group":[{"filter":[{"pattern":true}]}]}}},
	 {"mode":"managed","type":"aws_iam_role","address":"aws_iam_role.a","change":{"actions":["create"],"after":{"name":"a","assume_role_policy":"{}","inline_policy":[{"name":"p","policy":"{}"}]},"after_unknown":{"arn":true}}},
	 {"mode":"managed","type":"aws_security_group","address":"aws_security_group.a","change":{"actions":["create"],"after":{"egress":[{"protocol":"-1","from_port":0,"to_port":0,"cidr_blocks":["0.0.0.0/0"]}]}}},
	 {"mode":"managed","type":"aws_codepipeline","address":"aws_codepipeline.a","change":{"actions":["create"],"after":{"name":"p","stage":[{"name":"s","action":[{"name":"a","category":"Build","provider":"CodeBuild","configuration":{"ProjectName":"a"}}]}]}}}]}`,
	`{"Records":[{"eventSource":"iam.amazonaws.com","eventName":"UpdateAssumeRolePolicy","awsRegion":"eu-west-1","sourceIPAddress":"192.0.2.1","userIdentity":{"arn":"arn:aws:iam::111122223333:user/u"},
	 "requestParameters":{"roleName":"r","policyDocument":"codebuild.amazonaws.com"}},{"eventSource":"codebuild.amazonaws.com","eventName":"StartSandbox","userIdentity":{"arn":"a"},"requestParameters":{"sandboxId":"a:b"}}]}`,
	`{"pipeline":{"name":"p","roleArn":"r","stages":[{"name":"s","actions":[{"name":"a","actionTypeId":{"category":"Approval"},"runOrder":1}]}],"triggers":[{"gitConfiguration":{"pullRequest":[{}]}}]}}`,
	`{"Role":"r","ServicesLastAccessed":[{"ServiceNamespace":"s3","LastAuthenticated":"2026-01-01T00:00:00Z"}]}`,
	`[{"id":1,"url":"https://api.github.com/repos/acme/app/hooks/1","events":["push"],"active":true,"config":{"url":"https://codebuild.eu-west-1.amazonaws.com/webhooks?t=x","insecure_ssl":"0"}}]`,
}

// spoil gives a copy of a document with one of its values, anywhere, another.
func spoil(t *rapid.T, v any, by any) any {
	switch v := v.(type) {
	case map[string]any:
		if len(v) > 0 && rapid.IntRange(0, 9).Draw(t, "deeper") > 0 {
			out := maps.Clone(v)
			k := rapid.SampledFrom(slices.Sorted(maps.Keys(v))).Draw(t, "member")
			out[k] = spoil(t, v[k], by)
			return out
		}
	case []any:
		if len(v) > 0 && rapid.IntRange(0, 9).Draw(t, "deeper") > 0 {
			out := slices.Clone(v)
			i := rapid.IntRange(0, len(v)-1).Draw(t, "element")
			out[i] = spoil(t, v[i], by)
			return out
		}
	}
	return by
}

// TestSpoiled: an answer in which something is not what the API gives it is read
// and judged without a panic.
func TestSpoiled(t *testing.T) {
	pack, err := Load(content.FS)
	if err != nil {
		t.Fatal(err)
	}
	answers := sampleAnswers(t)
	names := slices.Sorted(maps.Keys(answers))
	spoils := []any{nil, []any{nil}, []any{}, map[string]any{}, map[string]any{"": nil}, "", "x", "{}", "${", 7.0, -1e300, true, []any{[]any{nil}}, map[string]any{"Ref": nil},
		map[string]any{"Fn::If": []any{nil, nil, nil}}, map[string]any{"Fn::Join": []any{nil, []any{nil}}}, map[string]any{"Fn::Select": []any{"0", []any{nil}}}}
	rapid.Check(t, func(t *rapid.T) {
		name := rapid.SampledFrom(names).Draw(t, "sample")
		if rapid.Bool().Draw(t, "of the others") { // which hold most
			name = fmt.Sprint("other ", rapid.IntRange(0, len(others)-1).Draw(t, "other"))
		}
		doc := answers[name]
		for range rapid.IntRange(1, 3).Draw(t, "times") {
			doc = spoil(t, doc, rapid.SampledFrom(spoils).Draw(t, "by"))
		}
		data, err := json.Marshal(doc)
		if err != nil {
			t.Fatal(err)
		}
		in := read.Answers([]read.Answer{{Name: "a.json", Data: data}})
		if _, _, err := pack.Run(NewScene(in.Inventory, in.Settings, pack.Calls, sampleTime).Subjects()); err != nil {
			t.Fatal(err)
		}
	})
}
