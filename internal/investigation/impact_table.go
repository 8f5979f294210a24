package investigation

// damage is one kind of harm, the calls that do it, and how it is counted.
// A row is content in the form of code: its words become sentences that are checked, so that
// words and counting stand side by side.
type damage struct {
	class   string
	actions []string
	level   string
	unit    string   // what Quantity counts; the sentence says the same
	paths   []string // where a call names the thing; "" counts calls
	verb    string
	limit   string // kind of limit that bounds the statement
	bytes   bool
	results string // where the answer lists the things that came to be
	unique  string // where the answer gives the id that AWS never uses again: the same name made twice is two things
	context string // of KMS calls: the key of the encryption context; "-" for those without a telling one
	param   string // requests that hold this parameter; in.locked says with which values
	named   bool   // whether the sentence names what was lost
	lists   bool   // whether it names the things that are counted
	proxy   bool   // not the act itself, but another record that goes with it
	none    string // "The intruder …" where no call of this kind was made; "" where nothing is said then
}

// damages follows the impact classes of the report. Reads that are proxies
// (a KMS key used, a snapshot shared) are never more than probable.
var damages = []damage{
	{class: "data", actions: []string{"s3:GetObject"}, level: "confirmed", unit: "objects", paths: []string{"bucketName", "key"}, verb: "read", limit: "no_data_events", bytes: true, none: "read no objects"},
	{class: "data", actions: []string{"secretsmanager:GetSecretValue", "secretsmanager:BatchGetSecretValue"}, level: "confirmed", unit: "secrets", paths: []string{"secretId"}, verb: "read", none: "read no secrets of Secrets Manager"},
	{class: "data", actions: []string{"ssm:GetParameter", "ssm:GetParameters", "ssm:GetParametersByPath"}, level: "confirmed", unit: "parameters", paths: []string{"name|names"}, verb: "read", none: "read no parameters of Systems Manager"},
	{class: "data", actions: []string{"dynamodb:Scan", "dynamodb:Query", "dynamodb:GetItem", "dynamodb:BatchGetItem", "dynamodb:ExportTableToPointInTime"}, level: "confirmed", unit: "calls", verb: "read tables with", none: "read no items of DynamoDB tables"},
	{class: "data", actions: []string{"ec2:ModifySnapshotAttribute", "ec2:ModifyImageAttribute", "rds:ModifyDBSnapshotAttribute", "rds:ModifyDBClusterSnapshotAttribute", "redshift:AuthorizeSnapshotAccess", "redshift:AuthorizeDataShare"}, level: "probable", unit: "calls", verb: "changed who may copy a snapshot or image with", none: "shared no snapshots or images"},
	{class: "data", actions: []string{"kms:Decrypt"}, context: "aws:s3:arn", level: "probable", unit: "objects", paths: []string{"encryptionContext.aws:s3:arn"}, verb: "had S3 decrypt, by the KMS calls that go with reads,", proxy: true},
	{class: "data", actions: []string{"kms:Decrypt"}, context: "-", level: "possible", unit: "calls", verb: "decrypted with KMS in"},
	{class: "integrity", actions: []string{"lambda:UpdateFunctionCode", "lambda:UpdateFunctionConfiguration"}, level: "confirmed", unit: "functions", paths: []string{"functionName"}, verb: "changed", none: "changed no existing Lambda functions"},
	{class: "integrity", actions: []string{"s3:PutObject", "s3:CopyObject"}, level: "confirmed", unit: "objects", paths: []string{"bucketName", "key"}, verb: "wrote", limit: "no_data_events", none: "wrote no objects"},
	{class: "integrity", actions: []string{"s3:PutBucketPolicy", "s3:PutBucketAcl", "s3:PutBucketLifecycle", "s3:PutBucketVersioning", "s3:PutBucketReplication", "s3:DeleteBucketPolicy", "s3:DeleteBucketLifecycle", "s3:DeleteBucketReplication", "s3:PutBucketEncryption", "s3:DeleteBucketEncryption", "s3:PutBucketPublicAccessBlock", "s3:DeleteBucketPublicAccessBlock", "s3:PutBucketLogging", "s3:PutBucketNotification", "s3:PutBucketOwnershipControls", "s3:PutBucketCors", "s3:PutBucketWebsite", "s3:PutObjectLockConfiguration"}, level: "confirmed", unit: "buckets", paths: []string{"bucketName"}, verb: "changed the settings of", none: "changed no settings of buckets"},
	{class: "integrity", actions: []string{"ec2:AuthorizeSecurityGroupIngress"}, level: "confirmed", unit: "calls", verb: "opened security groups with", none: "opened no security groups"},
	{class: "integrity", actions: []string{"route53domains:TransferDomainToAnotherAwsAccount", "route53domains:DisableDomainTransferLock", "route53domains:UpdateDomainNameservers", "route53domains:UpdateDomainContact", "route53domains:DeleteDomain"}, level: "confirmed", unit: "domains", paths: []string{"domainName"}, verb: "changed the owner, lock, name servers or contacts of", lists: true},
	{class: "integrity", actions: []string{"route53domains:RetrieveDomainAuthCode"}, level: "confirmed", unit: "domains", paths: []string{"domainName"}, verb: "took the transfer code of", lists: true},
	{class: "availability", actions: []string{"s3:DeleteObject", "s3:DeleteObjects", "s3:DeleteBucket"}, level: "confirmed", unit: "calls", verb: "deleted from storage with", limit: "no_data_events", none: "deleted nothing from storage"},
	{class: "availability", actions: []string{"s3:PutObject", "s3:CopyObject"}, param: customerKey, level: "confirmed", unit: "objects", paths: []string{"bucketName", "key"}, verb: "wrote, readable only with a key that the caller brought,", limit: "no_data_events"},
	{class: "availability", actions: []string{"s3:PutObject", "s3:CopyObject"}, param: kmsKey, level: "confirmed", unit: "objects", paths: []string{"bucketName", "key"}, verb: "wrote, readable only with a KMS key of another account,", limit: "no_data_events"},
	{class: "availability", actions: []string{"ec2:TerminateInstances", "ec2:StopInstances", "ec2:DeleteSnapshot", "ec2:DeleteVolume", "rds:DeleteDBInstance", "rds:DeleteDBCluster", "rds:DeleteDBSnapshot", "dynamodb:DeleteTable"}, level: "confirmed", unit: "calls", verb: "destroyed or stopped resources with", none: "destroyed or stopped no instances, volumes, snapshots, databases or tables"},
	{class: "availability", actions: []string{"backup:DeleteRecoveryPoint", "backup:DeleteBackupVault", "ec2:DeregisterImage", "rds:DeleteDBClusterSnapshot", "rds:DeleteDBInstanceAutomatedBackup", "rds:DeleteDBClusterAutomatedBackup", "redshift:DeleteClusterSnapshot", "dynamodb:DeleteBackup", "elasticfilesystem:DeleteFileSystem"}, level: "confirmed", unit: "calls", verb: "deleted backups, images or file systems with", named: true},
	{class: "availability", actions: []string{"lambda:DeleteFunction", "events:DeleteRule", "sqs:DeleteQueue", "sqs:PurgeQueue", "sns:DeleteTopic", "kinesis:DeleteStream", "ecs:DeleteService", "ecs:DeleteCluster", "eks:DeleteCluster", "ecr:DeleteRepository", "ecr:BatchDeleteImage", "cloudformation:DeleteStack", "apigateway:DeleteRestApi", "apigateway:DeleteApi", "elasticloadbalancing:DeleteLoadBalancer", "autoscaling:DeleteAutoScalingGroup", "cloudfront:DeleteDistribution", "route53:DeleteHostedZone", "cognito-idp:DeleteUserPool", "redshift:DeleteCluster", "es:DeleteDomain", "logs:DeleteLogGroup", "secretsmanager:DeleteSecret", "ssm:DeleteParameter", "ssm:DeleteParameters"}, level: "confirmed", unit: "calls", verb: "deleted or emptied parts of applications with", named: true},
	{class: "availability", actions: []string{"kms:ScheduleKeyDeletion", "kms:DisableKey"}, level: "confirmed", unit: "calls", verb: "disabled encryption keys with", none: "disabled no encryption keys"},
	{class: "money", actions: []string{"ec2:RunInstances"}, level: "confirmed", unit: "instances", results: "instancesSet.items.instanceId", verb: "launched instances with", none: "launched no EC2 instances"},
	{class: "money", actions: []string{"ec2:RequestSpotInstances", "ec2:RequestSpotFleet", "ec2:CreateFleet"}, level: "confirmed", unit: "calls", verb: "launched compute with", none: "requested no fleets"},
	{class: "money", actions: []string{"autoscaling:CreateAutoScalingGroup", "ecs:CreateService", "ecs:RunTask", "batch:SubmitJob", "sagemaker:CreateNotebookInstance"}, level: "confirmed", unit: "calls", verb: "started workloads with", none: "made no scaling groups, ECS services or tasks, Batch jobs or notebooks"},
	{class: "money", actions: []string{"bedrock:InvokeModel", "bedrock:InvokeModelWithResponseStream", "bedrock:Converse", "bedrock:ConverseStream"}, level: "confirmed", unit: "model calls", verb: "made", none: "called no Bedrock models"},
	{class: "money", actions: []string{"ses:SendEmail", "ses:SendRawEmail", "sns:Publish"}, level: "confirmed", unit: "messages", verb: "sent", none: "sent no mail with SES and no SNS messages"},
	{class: "identity", actions: []string{"iam:CreateUser"}, level: "confirmed", unit: "users", paths: []string{"userName"}, unique: "user.userId", verb: "created", none: "created no IAM users"},
	{class: "identity", actions: []string{"iam:CreateAccessKey", "iam:CreateLoginProfile", "iam:UpdateLoginProfile", "iam:CreateServiceSpecificCredential", "iam:ResetServiceSpecificCredential", "iam:UploadSSHPublicKey", "iam:UploadSigningCertificate"}, level: "confirmed", unit: "calls", verb: "issued long-lived credentials with", none: "issued no long-lived credentials of IAM"},
	{class: "identity", actions: []string{"iam:AttachUserPolicy", "iam:AttachRolePolicy", "iam:AttachGroupPolicy", "iam:PutUserPolicy", "iam:PutRolePolicy", "iam:PutGroupPolicy", "iam:CreatePolicyVersion", "iam:SetDefaultPolicyVersion", "iam:AddUserToGroup", "iam:RemoveUserFromGroup", "iam:DetachUserPolicy", "iam:DetachRolePolicy", "iam:DetachGroupPolicy", "iam:DeleteUserPolicy", "iam:DeleteRolePolicy", "iam:DeleteGroupPolicy", "iam:PutUserPermissionsBoundary", "iam:PutRolePermissionsBoundary", "iam:DeleteUserPermissionsBoundary", "iam:DeleteRolePermissionsBoundary"}, level: "confirmed", unit: "calls", verb: "changed permissions with", none: "changed no permissions of IAM principals"},
	{class: "identity", actions: []string{"organizations:CreateAccount", "organizations:RemoveAccountFromOrganization", "organizations:CloseAccount"}, level: "confirmed", unit: "calls", verb: "made or removed accounts with", none: "made or removed no accounts"},
	{class: "identity", actions: []string{"iam:UpdateAssumeRolePolicy"}, level: "confirmed", unit: "roles", paths: []string{"roleName"}, verb: "changed the trust of", none: "changed the trust of no roles"},
}

// The parameters of a write to S3 that say who can read it again. S3 keeps no copy of a key that the caller brought
// (SSE-C), and CloudTrail only a hash of it.
const (
	customerKey = "x-amz-server-side-encryption-customer-algorithm"
	kmsKey      = "x-amz-server-side-encryption-aws-kms-key-id"
)
