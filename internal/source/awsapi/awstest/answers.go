package awstest

import (
	"encoding/base64"
	"encoding/json"
	"fmt"
	"net/url"
	"strconv"
	"strings"
	"time"
)

// Latest is the time of the newest event of every region's history; each older
// one is a minute before.
var Latest = time.Date(2026, 11, 20, 12, 0, 0, 0, time.UTC)

// answers are what the account says, by action. XML answers are without their
// outer elements.
var answers = map[string]string{
	"sts:GetCallerIdentity": `<Arn>arn:aws:iam::111122223333:user/responder</Arn><UserId>AIDARESPONDEREXAMPL</UserId><Account>111122223333</Account>`,

	"organizations:ListRoots":            `{"Roots":[{"Id":"r-ab12","Arn":"arn:aws:organizations::111122223333:root/o-abcdefghij/r-ab12","Name":"Root","PolicyTypes":[{"Type":"SERVICE_CONTROL_POLICY","Status":"ENABLED"}]}]}`,
	"organizations:DescribePolicy":       `{"Policy":{"PolicySummary":{"Id":"p-0123abcd","Arn":"arn:aws:organizations::111122223333:policy/o-abcdefghij/service_control_policy/p-0123abcd","Name":"fence","Type":"SERVICE_CONTROL_POLICY","AwsManaged":false},"Content":"{\"Version\":\"2012-10-17\",\"Statement\":[{\"Sid\":\"NoUsers\",\"Effect\":\"Deny\",\"Action\":\"iam:CreateUser\",\"Resource\":\"*\"}]}"}}`,
	"organizations:DescribeOrganization": `{"Organization":{"Id":"o-abcdefghij","MasterAccountId":"111122223333","FeatureSet":"ALL"}}`,
	"organizations:ListAccounts": `{"Accounts":[{"Id":"111122223333","Arn":"arn:aws:organizations::111122223333:account/o-abcdefghij/111122223333","Name":"main","Status":"ACTIVE","JoinedMethod":"CREATED","JoinedTimestamp":1.6e9},
{"Id":"444455556666","Arn":"arn:aws:organizations::111122223333:account/o-abcdefghij/444455556666","Name":"other","Status":"ACTIVE","JoinedMethod":"INVITED","JoinedTimestamp":1.6e9}]}`,

	"iam:GetAccountAuthorizationDetails": `<IsTruncated>false</IsTruncated><UserDetailList><member><Path>/</Path><UserName>ann</UserName><UserId>AIDAEXAMPLEEXAMPLE00</UserId>
<Arn>arn:aws:iam::111122223333:user/ann</Arn><CreateDate>2024-01-02T03:04:05Z</CreateDate><UserPolicyList><member><PolicyName>all</PolicyName><PolicyDocument>` +
		url.QueryEscape(`{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":"s3:*","Resource":"*"}]}`) + `</PolicyDocument></member></UserPolicyList><GroupList/><AttachedManagedPolicies/></member></UserDetailList>
<GroupDetailList/><RoleDetailList><member><Path>/</Path><RoleName>build</RoleName><RoleId>AROAEXAMPLEEXAMPLE00</RoleId><Arn>arn:aws:iam::111122223333:role/build</Arn><CreateDate>2024-01-02T03:04:05Z</CreateDate>
<AssumeRolePolicyDocument>` + url.QueryEscape(`{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Principal":{"Service":"codebuild.amazonaws.com"},"Action":"sts:AssumeRole"}]}`) +
		`</AssumeRolePolicyDocument><InstanceProfileList/><RolePolicyList/><AttachedManagedPolicies/></member></RoleDetailList><Policies/>`,
	"iam:GenerateCredentialReport": `<State>COMPLETE</State>`,
	"iam:GetCredentialReport": `<Content>` + base64.StdEncoding.EncodeToString([]byte("user,arn,user_creation_time,password_enabled,password_last_used,password_last_changed,password_next_rotation,mfa_active,access_key_1_active,access_key_1_last_rotated,access_key_1_last_used_date,access_key_1_last_used_region,access_key_1_last_used_service,access_key_2_active,access_key_2_last_rotated,access_key_2_last_used_date,access_key_2_last_used_region,access_key_2_last_used_service,cert_1_active,cert_1_last_rotated,cert_2_active,cert_2_last_rotated\n"+
		"ann,arn:aws:iam::111122223333:user/ann,2024-01-02T03:04:05+00:00,true,2026-11-19T08:00:00+00:00,2024-01-02T03:04:05+00:00,N/A,true,true,2024-01-02T03:04:05+00:00,2026-11-20T11:00:00+00:00,us-east-1,s3,false,N/A,N/A,N/A,N/A,false,N/A,false,N/A\n")) +
		`</Content><ReportFormat>text/csv</ReportFormat><GeneratedTime>2026-11-20T11:30:00Z</GeneratedTime>`,
	"iam:ListUsers":                      `<IsTruncated>false</IsTruncated><Users><member><Path>/</Path><UserName>ann</UserName><UserId>AIDAEXAMPLEEXAMPLE00</UserId><Arn>arn:aws:iam::111122223333:user/ann</Arn><CreateDate>2024-01-02T03:04:05Z</CreateDate></member></Users>`,
	"iam:ListAccessKeys":                 `<IsTruncated>false</IsTruncated><AccessKeyMetadata><member><UserName>ann</UserName><AccessKeyId>AKIAEXAMPLEEXAMPLE00</AccessKeyId><Status>Active</Status><CreateDate>2024-01-02T03:04:05Z</CreateDate></member></AccessKeyMetadata>`,
	"iam:GetAccessKeyLastUsed":           `<UserName>ann</UserName><AccessKeyLastUsed><LastUsedDate>2026-11-20T11:00:00Z</LastUsedDate><ServiceName>s3</ServiceName><Region>us-east-1</Region></AccessKeyLastUsed>`,
	"iam:ListMFADevices":                 `<IsTruncated>false</IsTruncated><MFADevices><member><UserName>ann</UserName><SerialNumber>arn:aws:iam::111122223333:mfa/ann</SerialNumber><EnableDate>2024-01-02T03:04:05Z</EnableDate></member></MFADevices>`,
	"iam:ListServiceSpecificCredentials": `<ServiceSpecificCredentials/>`,

	"cloudtrail:DescribeTrails":    `{"trailList":[{"Name":"main","S3BucketName":"trail","IsMultiRegionTrail":true,"HomeRegion":"{region}","TrailARN":"arn:aws:cloudtrail:{region}:111122223333:trail/main","LogFileValidationEnabled":true,"IsOrganizationTrail":false}]}`,
	"cloudtrail:GetTrailStatus":    `{"IsLogging":true,"LatestDeliveryTime":1763640000.123,"StartLoggingTime":1600000000,"LatestDeliveryAttemptTime":"2026-11-20T12:00:00Z","TimeLoggingStarted":"2020-09-13T12:26:40Z"}`,
	"cloudtrail:GetEventSelectors": `{"TrailARN":"arn:aws:cloudtrail:{region}:111122223333:trail/main","EventSelectors":[{"ReadWriteType":"All","IncludeManagementEvents":true,"DataResources":[],"ExcludeManagementEventSources":[]}]}`,

	"guardduty:ListDetectors": `{"detectorIds":["12abc34d567e8fa901bc2d34e56789f0"]}`,
	"guardduty:ListFindings":  `{"findingIds":["16afba5c5c43e07c9e3e5e2e544e95df"],"nextToken":""}`,
	"guardduty:GetFindings": `{"findings":[{"accountId":"111122223333","arn":"arn:aws:guardduty:{region}:111122223333:detector/12abc34d567e8fa901bc2d34e56789f0/finding/16afba5c5c43e07c9e3e5e2e544e95df",
"createdAt":"2026-11-20T11:10:00.000Z","updatedAt":"2026-11-20T11:20:00.000Z","id":"16afba5c5c43e07c9e3e5e2e544e95df","partition":"aws","region":"{region}","schemaVersion":"2.0","severity":5,
"title":"API GetObject was invoked from an unusual network.","description":"An unusual network.","type":"UnauthorizedAccess:IAMUser/MaliciousIPCaller.Custom",
"resource":{"resourceType":"AccessKey","accessKeyDetails":{"accessKeyId":"AKIAEXAMPLEEXAMPLE00","principalId":"AIDAEXAMPLEEXAMPLE00","userName":"ann","userType":"IAMUser"}},
"service":{"serviceName":"guardduty","archived":false,"count":3,"eventFirstSeen":"2026-11-20T11:00:00.000Z","eventLastSeen":"2026-11-20T11:15:00.000Z","detectorId":"12abc34d567e8fa901bc2d34e56789f0",
"action":{"actionType":"AWS_API_CALL","awsApiCallAction":{"api":"GetObject","serviceName":"s3.amazonaws.com","callerType":"Remote IP","remoteIpDetails":{"ipAddressV4":"198.51.100.7"}}}}}]}`,
	"access-analyzer:ListAnalyzers": `{"analyzers":[{"arn":"arn:aws:access-analyzer:{region}:111122223333:analyzer/a","name":"a","type":"ACCOUNT","status":"ACTIVE","createdAt":"2026-11-01T00:00:00Z"}]}`,
	"access-analyzer:ListFindings":  `{"findings":[{"analyzedAt":"2026-11-19T10:00:00Z","createdAt":"2026-11-19T10:00:00Z","id":"finding-{region}","resource":"arn:aws:iam::111122223333:role/build","resourceType":"AWS::IAM::Role","resourceOwnerAccount":"111122223333","status":"ACTIVE","updatedAt":"2026-11-19T10:00:00Z","findingType":"ExternalAccess"}]}`,
	"securityhub:GetFindings": `{"Findings":[{"SchemaVersion":"2018-10-08","Id":"arn:aws:access-analyzer:{region}:111122223333:analyzer/a/finding-1","ProductArn":"arn:aws:securityhub:{region}::product/aws/access-analyzer","GeneratorId":"aws/access-analyzer","AwsAccountId":"111122223333",
"Types":["Software and Configuration Checks"],"CreatedAt":"2026-11-19T10:00:00Z","UpdatedAt":"2026-11-19T10:00:00Z","Severity":{"Label":"HIGH","Normalized":70},"Title":"A role can be assumed from outside","Description":"words",
"Resources":[{"Type":"AwsIamRole","Id":"arn:aws:iam::111122223333:role/build","Region":"{region}"}],"ProductName":"IAM Access Analyzer","RecordState":"ACTIVE"}]}`,
	"ce:GetCostAndUsage": `{"GroupDefinitions":[{"Type":"DIMENSION","Key":"SERVICE"},{"Type":"DIMENSION","Key":"REGION"}],"ResultsByTime":[{"TimePeriod":{"Start":"2026-11-19","End":"2026-11-20"},"Total":{},
"Groups":[{"Keys":["Amazon Simple Storage Service","us-east-1"],"Metrics":{"UnblendedCost":{"Amount":"1.25","Unit":"USD"},"UsageQuantity":{"Amount":"1200","Unit":"N/A"}}}],"Estimated":true}],"DimensionValueAttributes":[]}`,
	"codebuild:ListProjects":          `{"projects":["site"]}`,
	"codebuild:BatchGetProjects":      `{"projects":[{"name":"site","arn":"arn:aws:codebuild:{region}:111122223333:project/site","serviceRole":"arn:aws:iam::111122223333:role/build","created":1600000000.5,"source":{"type":"GITHUB","location":"https://github.com/acme/site.git"}}],"projectsNotFound":[]}`,
	"codebuild:ListSourceCredentials": `{"sourceCredentialsInfos":[]}`,

	"ec2:DescribeRegions": `<regionInfo><item><regionName>eu-west-1</regionName><regionEndpoint>ec2.eu-west-1.amazonaws.com</regionEndpoint><optInStatus>opt-in-not-required</optInStatus></item><item><regionName>us-east-1</regionName><regionEndpoint>ec2.us-east-1.amazonaws.com</regionEndpoint><optInStatus>opt-in-not-required</optInStatus></item></regionInfo>`,
	"ec2:DescribeInstances": `<reservationSet><item><reservationId>r-0123456789abcdef0</reservationId><ownerId>111122223333</ownerId><groupSet/><instancesSet><item><instanceId>i-0123456789abcdef0</instanceId><imageId>ami-0123456789abcdef0</imageId>
<instanceState><code>16</code><name>running</name></instanceState><privateIpAddress>10.0.0.7</privateIpAddress><ipAddress>203.0.113.7</ipAddress><launchTime>2026-11-01T00:00:00.000Z</launchTime><instanceType>t3.micro</instanceType><tagSet><item><key>Name</key><value>web</value></item></tagSet></item></instancesSet></item></reservationSet>`,
	"ec2:DescribeInstanceAttribute":      `<instanceId>i-0123456789abcdef0</instanceId><userData><value>` + base64.StdEncoding.EncodeToString([]byte("#!/bin/sh\ntrue\n")) + `</value></userData>`,
	"ec2:DescribeVolumes":                `<volumeSet><item><volumeId>vol-0123456789abcdef0</volumeId><size>8</size><status>in-use</status><createTime>2026-11-01T00:00:00.000Z</createTime><attachmentSet/><encrypted>true</encrypted></item></volumeSet>`,
	"ec2:DescribeSnapshots":              `<snapshotSet/>`,
	"ec2:DescribeAddresses":              `<addressesSet><item><publicIp>203.0.113.7</publicIp><allocationId>eipalloc-0123456789abcdef0</allocationId><domain>vpc</domain><instanceId>i-0123456789abcdef0</instanceId></item></addressesSet>`,
	"ec2:DescribeLaunchTemplateVersions": `<launchTemplateVersionSet><item><launchTemplateId>lt-0123456789abcdef0</launchTemplateId><launchTemplateName>web</launchTemplateName><versionNumber>1</versionNumber><defaultVersion>true</defaultVersion><createTime>2026-11-01T00:00:00.000Z</createTime><launchTemplateData><imageId>ami-0123456789abcdef0</imageId></launchTemplateData></item></launchTemplateVersionSet>`,
}

// answer is what the account says to a call.
func (s *Server) answer(c Call, in url.Values) (string, bool) {
	if c.Action == "cloudtrail:LookupEvents" {
		return s.lookup(c), true
	}
	if c.Action == "sts:AssumeRole" {
		role := in.Get("RoleArn")
		account := strings.Split(role+":::::", ":")[4]
		return fmt.Sprintf(`<AssumeRoleResponse><AssumeRoleResult><Credentials><AccessKeyId>ASIA%s</AccessKeyId><SecretAccessKey>s</SecretAccessKey><SessionToken>t</SessionToken><Expiration>2099-01-01T00:00:00Z</Expiration></Credentials><AssumedRoleUser><Arn>%s</Arn><AssumedRoleId>AROAEXAMPLE:trailhound</AssumedRoleId></AssumedRoleUser></AssumeRoleResult></AssumeRoleResponse>`, account, role), true
	}
	if text := organisation(c); text != "" {
		return text, true
	}
	text, ok := answers[c.Action]
	text = strings.ReplaceAll(text, "{region}", c.Region)
	service, op, _ := strings.Cut(c.Action, ":")
	switch service {
	case "iam", "sts":
		text = fmt.Sprintf(`<%sResponse><%sResult>%s</%sResult><ResponseMetadata><RequestId>request-%s</RequestId></ResponseMetadata></%sResponse>`, op, op, text, op, op, op)
	case "ec2":
		text = fmt.Sprintf(`<%sResponse xmlns="http://ec2.amazonaws.com/doc/2016-11-15/"><requestId>request-%s</requestId>%s</%sResponse>`, op, op, text, op)
	}
	return text, ok
}

// organisation answers what depends on the target: both accounts stand in one unit
// under the root, AWS's own policy hangs everywhere and the account's own on the unit.
func organisation(c Call) string {
	var in struct{ ChildID, TargetID string } // Go matches members in any case
	_ = json.Unmarshal([]byte(c.Input), &in)
	const full = `{"Id":"p-FullAWSAccess","Arn":"arn:aws:organizations::aws:policy/service_control_policy/p-FullAWSAccess","Name":"FullAWSAccess","Type":"SERVICE_CONTROL_POLICY","AwsManaged":true}`
	const fence = `{"Id":"p-0123abcd","Arn":"arn:aws:organizations::111122223333:policy/o-abcdefghij/service_control_policy/p-0123abcd","Name":"fence","Type":"SERVICE_CONTROL_POLICY","AwsManaged":false}`
	unit := "ou-ab12-cdefghij"
	switch {
	case c.Action == "organizations:ListParents" && in.ChildID == unit:
		return `{"Parents":[{"Id":"r-ab12","Type":"ROOT"}]}`
	case c.Action == "organizations:ListParents":
		return `{"Parents":[{"Id":"` + unit + `","Type":"ORGANIZATIONAL_UNIT"}]}`
	case c.Action == "organizations:ListPoliciesForTarget" && in.TargetID == unit:
		return `{"Policies":[` + full + `,` + fence + `]}`
	case c.Action == "organizations:ListPoliciesForTarget":
		return `{"Policies":[` + full + `]}`
	}
	return ""
}

// lookup gives the event history, the newest first, in pages.
func (s *Server) lookup(c Call) string {
	var in struct {
		StartTime, EndTime float64
		MaxResults         int
		NextToken          string
	}
	_ = json.Unmarshal([]byte(c.Input), &in)
	size := in.MaxResults
	if size == 0 {
		size = 50
	}
	history := s.History
	if history == nil {
		history = s.madeUp(c.Region)
	} else if c.Region != "us-east-1" {
		history = nil
	}
	type listed struct {
		EventID, EventName, EventSource, EventTime string
		UserIdentity                               struct{ AccessKeyID, UserName string }
	}
	var wanted []map[string]any
	for _, record := range history {
		var e listed
		_ = json.Unmarshal([]byte(record), &e) // Go matches names in any case
		t, _ := time.Parse(time.RFC3339, e.EventTime)
		if at := float64(t.Unix()); (in.StartTime == 0 || at >= in.StartTime) && (in.EndTime == 0 || at <= in.EndTime) {
			wanted = append(wanted, map[string]any{"EventId": e.EventID, "EventName": e.EventName, "EventTime": t.Unix(), "EventSource": e.EventSource, "ReadOnly": "true",
				"AccessKeyId": e.UserIdentity.AccessKeyID, "Username": e.UserIdentity.UserName, "Resources": []any{}, "CloudTrailEvent": record})
		}
	}
	from, _ := strconv.Atoi(in.NextToken)
	from = min(from, len(wanted))
	page := wanted[from:min(from+size, len(wanted))]
	events := append([]map[string]any{}, page...)
	out := map[string]any{"Events": events}
	if next := from + len(page); next < len(wanted) {
		out["NextToken"] = strconv.Itoa(next)
	}
	text, _ := json.Marshal(out)
	return string(text)
}

// madeUp is a history of single calls, a minute apart.
func (s *Server) madeUp(region string) (list []string) {
	for i := range s.Events {
		id := fmt.Sprintf("00000000-0000-4000-8000-%04x%08d", len(region)*256+int(region[0]), i)
		list = append(list, fmt.Sprintf(`{"eventVersion":"1.08","eventID":%q,"eventTime":%q,"eventSource":"s3.amazonaws.com","eventName":"ListBuckets","awsRegion":%q,"recipientAccountId":"111122223333","sourceIPAddress":"198.51.100.7","userAgent":"aws-cli/2","eventType":"AwsApiCall","readOnly":true,"userIdentity":{"type":"IAMUser","principalId":"AIDAEXAMPLEEXAMPLE00","arn":"arn:aws:iam::111122223333:user/ann","accountId":"111122223333","accessKeyId":"AKIAEXAMPLEEXAMPLE00","userName":"ann"}}`,
			id, Latest.Add(-time.Duration(i)*time.Minute).Format(time.RFC3339), region))
	}
	return list
}
