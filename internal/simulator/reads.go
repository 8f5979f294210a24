package simulator

// page is what one page of the console loads: reads of one service, most of
// them in the same second.
type page struct {
	service string
	reads   []func(c *client) call
}

// plain is a read whose parameters never vary.
func plain(service, name string, req obj) func(*client) call {
	return func(*client) call { return call{service: service, name: name, req: req} }
}

// pages are the parts of the console that people here use. Stories refer to
// them by position: add new ones at the end. Parameters are in the shape each
// service logs them, which differs: EC2 wraps lists in items, S3 repeats the
// host and names the sub-resource, Lambda adds a version to the event's name.
func (w *world) pages() []page {
	bucket := func(name string) func(*client) call {
		return func(c *client) call {
			b := pick(c.r, []string{w.records, w.assets, w.state})
			host := b + ".s3." + w.region + ".amazonaws.com"
			return call{service: "s3", name: name, host: host, req: o("bucketName", b, "Host", host, kindOfBucketRead[name], ""), extra: c.s3Extra(0, 300+c.r.IntN(900)),
				resources: []resource{{"AWS::S3::Bucket", "arn:aws:s3:::" + b, w.prod.id}}}
		}
	}
	fn := func(name string) func(*client) call {
		return func(c *client) call {
			return call{service: "lambda", name: name, req: o("functionName", w.arn("lambda", "function:"+pick(c.r, w.functions).name))}
		}
	}
	instance := func(name string) func(*client) call {
		return func(c *client) call {
			return call{service: "ec2", name: name, req: o("instancesSet", o("items", list{o("instanceId", pick(c.r, w.instances).id)}), "filterSet", obj{})}
		}
	}
	set := o("maxResults", 100)
	return []page{
		{"ec2", []func(*client) call{plain("ec2", "DescribeInstances", o("maxResults", 50, "instancesSet", obj{}, "filterSet", obj{})), instance("DescribeInstanceStatus"),
			plain("ec2", "DescribeVolumes", o("volumeSet", obj{}, "filterSet", obj{})), plain("ec2", "DescribeSecurityGroups", o("securityGroupSet", obj{}, "securityGroupIdSet", o("items", list{o("groupId", w.sg)}), "filterSet", obj{})),
			plain("ec2", "DescribeAddresses", o("publicIpsSet", obj{}, "filterSet", obj{}, "allocationIdsSet", obj{})), plain("monitoring", "DescribeAlarms", o("maxRecords", 100))}},
		{"lambda", []func(*client) call{plain("lambda", "ListFunctions20150331", o("maxItems", 50)), fn("GetFunction20150331v2"), fn("GetPolicy20150331v2"),
			fn("ListTags20170331"), plain("lambda", "GetAccountSettings20160819", nil)}},
		{"s3", []func(*client) call{plain("s3", "ListBuckets", o("Host", "s3."+w.region+".amazonaws.com")), bucket("GetBucketLocation"), bucket("GetBucketPolicyStatus"), bucket("GetBucketVersioning"), bucket("GetBucketPublicAccessBlock")}},
		{"monitoring", []func(*client) call{plain("monitoring", "DescribeAlarms", o("alarmTypes", []string{"MetricAlarm"}, "maxRecords", 100)), plain("monitoring", "ListDashboards", obj{}),
			plain("monitoring", "DescribeAlarmHistory", set)}},
		{"logs", []func(*client) call{plain("logs", "DescribeLogGroups", o("limit", 50)), func(c *client) call {
			return call{service: "logs", name: "DescribeLogStreams", req: o("logGroupName", "/aws/lambda/"+pick(c.r, w.functions).name, "descending", true, "limit", 50, "orderBy", "LastEventTime")}
		}, plain("logs", "DescribeQueryDefinitions", obj{})}},
		{"ecs", []func(*client) call{plain("ecs", "DescribeClusters", o("clusters", []string{w.cluster}, "include", []string{"STATISTICS", "TAGS"})), plain("ecs", "ListServices", o("cluster", w.cluster, "maxResults", 100)),
			plain("ecs", "DescribeServices", o("cluster", w.cluster, "services", []string{w.tasks.name}))}},
		{"rds", []func(*client) call{plain("rds", "DescribeDBInstances", o("maxRecords", 100)), plain("rds", "DescribeDBClusters", o("includeShared", true)), plain("rds", "DescribeEvents", o("duration", 1440))}},
		{"iam", []func(*client) call{plain("iam", "GetAccountSummary", nil), plain("iam", "ListMFADevices", nil), plain("iam", "ListAccountAliases", nil)}},
		{"dynamodb", []func(*client) call{plain("dynamodb", "ListTables", o("limit", 100)), plain("dynamodb", "DescribeTable", o("tableName", w.table))}},
		{"health", []func(*client) call{plain("health", "DescribeEventAggregates", o("aggregateField", "eventTypeCategory", "filter", o("eventStatusCodes", []string{"open", "upcoming"})))}},
	}
}

// kindOfBucketRead is the sub-resource that S3 logs as a parameter of its own,
// with an empty value.
var kindOfBucketRead = map[string]string{
	"GetBucketLocation": "location", "GetBucketPolicyStatus": "policyStatus", "GetBucketVersioning": "versioning", "GetBucketPublicAccessBlock": "publicAccessBlock",
	"GetBucketAcl": "acl", "GetBucketEncryption": "encryption", "GetBucketPolicy": "policy", "GetBucketLogging": "logging", "GetBucketTagging": "tagging",
}

// refresh is one resource of a Terraform plan: what the provider reads to see
// whether the world is still as written.
func (w *world) refresh(c *client) call {
	role := func(name string) call {
		return call{service: "iam", name: name, req: o("roleName", pick(c.r, w.functions).role.name)}
	}
	bucket := func(name string) call {
		host := w.assets + ".s3." + w.region + ".amazonaws.com"
		return call{service: "s3", name: name, host: host, req: o("bucketName", w.assets, "Host", host, kindOfBucketRead[name], ""), extra: c.s3Extra(0, 400+c.r.IntN(300)),
			resources: []resource{{"AWS::S3::Bucket", "arn:aws:s3:::" + w.assets, w.prod.id}}}
	}
	switch c.r.IntN(15) {
	case 0:
		return role("GetRole")
	case 1:
		return role("ListAttachedRolePolicies")
	case 2:
		return role("ListRolePolicies")
	case 3:
		return call{service: "iam", name: "GetPolicyVersion", req: o("policyArn", "arn:aws:iam::"+w.prod.id+":policy/"+w.company+"-deploy", "versionId", "v7")}
	case 4:
		return bucket("GetBucketPolicy")
	case 5:
		return bucket("GetBucketEncryption")
	case 6:
		return bucket("GetBucketVersioning")
	case 7:
		return bucket("GetBucketAcl")
	case 8:
		return call{service: "lambda", name: "GetFunction20150331v2", req: o("functionName", pick(c.r, w.functions).name)}
	case 9:
		return call{service: "ec2", name: "DescribeVpcs", req: o("vpcSet", o("items", list{o("vpcId", w.vpc)}), "filterSet", obj{})}
	case 10:
		return call{service: "ec2", name: "DescribeSubnets", req: o("subnetSet", o("items", list{o("subnetId", pick(c.r, w.subnets))}), "filterSet", obj{})}
	case 11:
		return call{service: "ec2", name: "DescribeSecurityGroupRules", req: o("filterSet", o("items", list{o("name", "group-id", "valueSet", o("items", list{o("value", w.sg)}))}))}
	case 12:
		return call{service: "kms", name: "DescribeKey", req: o("keyId", w.keyARN), resources: w.kmsKey()}
	case 13:
		return call{service: "ecs", name: "DescribeTaskDefinition", req: o("taskDefinition", w.tasks.name, "include", []string{"TAGS"})}
	}
	return call{service: "logs", name: "ListTagsForResource", req: o("resourceArn", w.arn("logs", "log-group:/aws/lambda/"+pick(c.r, w.functions).name))}
}

// sweep is one read of a posture scan or an inventory: every service, every
// region, nothing written. It is what an intruder's reconnaissance looks like
// from afar, and people, vendors and AWS itself do it every day: enumeration
// alone must never convict.
func (w *world) sweep(c *client, i int) call {
	ops := []call{
		{service: "ec2", name: "DescribeInstances", req: o("maxResults", 1000, "instancesSet", obj{}, "filterSet", obj{})},
		{service: "ec2", name: "DescribeSecurityGroups", req: o("securityGroupSet", obj{}, "securityGroupIdSet", obj{}, "filterSet", obj{})},
		{service: "ec2", name: "DescribeSnapshots", req: o("maxResults", 1000, "snapshotSet", obj{}, "ownersSet", o("items", list{o("owner", "self")}), "filterSet", obj{})},
		{service: "ec2", name: "DescribeVpcs", req: o("vpcSet", obj{}, "filterSet", obj{})},
		{service: "ec2", name: "DescribeVolumes", req: o("volumeSet", obj{}, "filterSet", obj{})},
		{service: "ec2", name: "DescribeFlowLogs", req: o("DescribeFlowLogsRequest", o("MaxResults", 1000))},
		{service: "iam", name: "ListUsers", req: o("maxItems", 1000)},
		{service: "iam", name: "ListRoles", req: o("maxItems", 1000)},
		{service: "iam", name: "GetAccountPasswordPolicy"},
		{service: "iam", name: "GenerateCredentialReport", write: true},
		{service: "iam", name: "GetCredentialReport"},
		{service: "iam", name: "ListAccessKeys", req: o("userName", w.ci.name)},
		{service: "s3", name: "ListBuckets", req: o("Host", "s3."+w.region+".amazonaws.com")},
		{service: "cloudtrail", name: "DescribeTrails", req: o("includeShadowTrails", true)},
		{service: "cloudtrail", name: "GetTrailStatus", req: o("name", w.trail)},
		{service: "cloudtrail", name: "GetEventSelectors", req: o("trailName", w.trail)},
		{service: "kms", name: "ListKeys", req: o("limit", 1000)},
		{service: "kms", name: "GetKeyRotationStatus", req: o("keyId", w.keyARN), resources: w.kmsKey()},
		{service: "lambda", name: "ListFunctions20150331", req: o("maxItems", 50)},
		{service: "lambda", name: "GetPolicy20150331v2", req: o("functionName", pick(c.r, w.functions).name)},
		{service: "rds", name: "DescribeDBInstances", req: o("maxRecords", 100)},
		{service: "rds", name: "DescribeDBSnapshots", req: o("snapshotType", "manual")},
		{service: "secretsmanager", name: "ListSecrets", req: o("maxResults", 100)},
		{service: "guardduty", name: "ListDetectors", req: o("maxResults", 50)},
		{service: "config", name: "DescribeConfigurationRecorders"},
		{service: "ecr", name: "DescribeRepositories", req: o("maxResults", 100)},
		{service: "ecs", name: "ListClusters", req: o("maxResults", 100)},
		{service: "elasticloadbalancing", name: "DescribeLoadBalancers", req: o("pageSize", 400)},
		{service: "sns", name: "ListTopics"},
		{service: "sqs", name: "ListQueues", req: o("maxResults", 1000)},
	}
	return ops[i%len(ops)]
}
