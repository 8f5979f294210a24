package response

import (
	"regexp"
	"slices"
	"strings"
)

// Kinds are the kinds of target that a form can be for.
// A kind without a form in content/actions is allowed: then the step says to do it
// at the console. A form for a kind that is not here is refused.
var Kinds = []string{
	"account", "root", "user", "role", "group", "policy", "key", "mfa_device", "service_credential", "ssh_key", "signing_certificate",
	"user_policy", "user_attachment", "role_policy", "role_attachment", "group_policy", "group_attachment", "membership",
	"oidc_provider", "saml_provider", "trust_anchor", "ra_profile", "sso_user", "sso_session", "sso_assignment", "permission_set",
	"trail", "event_data_store", "detector", "recorder", "log_group", "log_filter", "flow_log", "resolver_config", "web_acl", "alarm",
	"bucket", "table", "file_system", "secret", "parameter", "kms_key", "kms_grant",
	"instance", "volume", "snapshot", "image", "security_group", "key_pair", "launch_template", "launch_template_version", "launch_configuration", "asg", "fleet", "spot_fleet",
	"spot_request", "vpc", "route_table", "acl_entry", "peering", "client_vpn", "vpn_connection", "gateway_attachment", "mirror_session",
	"function", "function_permission", "layer_permission", "event_source_mapping", "api", "ecs_service", "ecs_task", "repository", "ecr_image", "ecr_digest",
	"eks_cluster", "eks_entry", "eks_pod_identity", "eks_idp", "rule", "bus_permission", "schedule", "pipe", "topic", "queue", "subscription",
	"ssm_document", "ssm_association", "ssm_activation", "managed_instance", "ssm_task", "project", "pipeline", "source_credential",
	"db_instance", "db_cluster", "db_snapshot", "db_cluster_snapshot", "export_task", "backup_vault", "recovery_point",
	"dev_endpoint", "glue_job", "glue_trigger", "notebook", "notebook_lifecycle", "batch_environment", "lightsail_instance",
	"model", "agent", "agent_runtime", "code_interpreter", "apprunner_service", "state_machine", "changed_state_machine", "identity_pool", "user_pool", "email_identity", "made_email_identity",
	"warehouse", "warehouse_snapshot", "warehouse_resource", "data_share", "search_domain", "stream",
	"stack", "stack_set", "image_pipeline", "hosted_zone", "domain", "distribution", "delegated_admin", "resource_share",
}

// arnShape reads the resource part of an ARN of one service. The names of the
// groups are parameters; "_" is matched and forgotten.
type arnShape struct {
	service, kind string
	re            *regexp.Regexp
	arnParam      string // parameter that is the whole ARN
}

func shape(service, kind, expr, arnParam string) arnShape {
	return arnShape{service, kind, regexp.MustCompile("^" + expr + "$"), arnParam}
}

// arnShapes, the more specific before the less.
// Source: Service Authorization Reference, the resource types of each service.
var arnShapes = []arnShape{
	shape("iam", "root", `root`, ""),
	shape("iam", "user", `user/(?:.*/)?(?P<user>[^/]+)`, ""),
	shape("iam", "role", `role/(?:.*/)?(?P<role>[^/]+)`, ""),
	shape("iam", "group", `group/(?:.*/)?(?P<group>[^/]+)`, ""),
	shape("iam", "policy", `policy/.+`, "policy_arn"),
	shape("iam", "mfa_device", `mfa/.+`, "serial"),
	shape("iam", "oidc_provider", `oidc-provider/.+`, ""),
	shape("iam", "saml_provider", `saml-provider/.+`, ""),
	shape("s3", "bucket", `(?P<bucket>.+)`, ""),
	shape("lambda", "function", `function:(?P<function>[^:]+)(?::[^:]+)?`, ""),
	shape("lambda", "event_source_mapping", `event-source-mapping:(?P<mapping>.+)`, ""),
	shape("lambda", "layer", `layer:(?P<layer>[^:]+)(?::(?P<layer_version>\d+))?`, ""),
	shape("ec2", "instance", `instance/(?P<instance>.+)`, ""),
	shape("ec2", "volume", `volume/(?P<volume>.+)`, ""),
	shape("ec2", "snapshot", `snapshot/(?P<snapshot>.+)`, ""),
	shape("ec2", "image", `image/(?P<image>.+)`, ""),
	shape("ec2", "security_group", `security-group/(?P<security_group>.+)`, ""),
	shape("ec2", "key_pair", `key-pair/(?P<key_pair>.+)`, ""),
	shape("ec2", "launch_template", `launch-template/(?P<launch_template>.+)`, ""),
	shape("ec2", "vpc", `vpc/(?P<vpc>.+)`, ""),
	shape("ec2", "route_table", `route-table/(?P<route_table>.+)`, ""),
	shape("ec2", "network_acl", `network-acl/(?P<network_acl>.+)`, ""),
	shape("ec2", "flow_log", `vpc-flow-log/(?P<flow_log>.+)`, ""),
	shape("cloudtrail", "trail", `trail/.+`, "trail"),
	shape("cloudtrail", "event_data_store", `eventdatastore/.+`, "store"),
	shape("rds", "db_instance", `db:(?P<db_instance>.+)`, ""),
	shape("rds", "db_cluster", `cluster:(?P<db_cluster>.+)`, ""),
	shape("rds", "db_snapshot", `snapshot:.+`, "db_snapshot"),
	shape("rds", "db_cluster_snapshot", `cluster-snapshot:.+`, "db_cluster_snapshot"),
	shape("redshift", "warehouse", `cluster:(?P<warehouse>.+)`, ""),
	shape("redshift", "data_share", `datashare:.+`, ""),
	shape("redshift", "warehouse_resource", `.+`, ""),
	shape("elasticfilesystem", "file_system", `file-system/(?P<file_system>.+)`, ""),
	shape("es", "search_domain", `domain/(?P<search_domain>.+)`, ""),
	shape("kinesis", "stream", `stream/(?P<stream>[^/]+)(?:/.*)?`, ""),
	shape("kms", "kms_key", `key/.+`, "kms_key"),
	shape("secretsmanager", "secret", `secret:.+`, "secret"),
	shape("ssm", "parameter", `parameter(?P<parameter>/.+/.*)`, ""),
	shape("ssm", "parameter", `parameter/(?P<parameter>[^/]+)`, ""),
	shape("ssm", "ssm_document", `document/(?P<document>.+)`, ""),
	shape("dynamodb", "table", `table/(?P<table>[^/]+)(?:/.*)?`, ""),
	shape("ecs", "ecs_service", `service/(?P<cluster>[^/]+)/(?P<service>[^/]+)`, ""),
	shape("ecs", "ecs_service", `service/(?P<service>[^/]+)`, ""), // the old form leaves the cluster out
	shape("ecs", "ecs_task", `task/(?P<cluster>[^/]+)/(?P<task>[^/]+)`, ""),
	shape("ecr", "repository", `repository/(?P<repository>.+)`, ""),
	shape("eks", "eks_cluster", `cluster/(?P<cluster>.+)`, ""),
	shape("logs", "log_group", `log-group:(?P<log_group>[^:]+)(?::.*)?`, ""),
	shape("events", "rule", `rule/(?P<bus>[^/]+)/(?P<rule>[^/]+)`, ""),
	shape("events", "rule", `rule/(?P<rule>[^/]+)`, ""),
	shape("events", "bus", `event-bus/(?P<bus>.+)`, ""),
	shape("scheduler", "schedule", `schedule/(?P<schedule_group>[^/]+)/(?P<schedule>[^/]+)`, ""),
	shape("pipes", "pipe", `pipe/(?P<pipe>.+)`, ""),
	shape("imagebuilder", "image_pipeline", `image-pipeline/.+`, ""),
	shape("codebuild", "project", `project/(?P<project>.+)`, ""),
	shape("codebuild", "source_credential", `token/.+`, ""),
	shape("codepipeline", "pipeline", `(?P<pipeline>.+)`, ""),
	shape("sns", "subscription", `[^:]+:[0-9a-f-]{36}`, ""),
	shape("sns", "topic", `[^:]+`, "topic"),
	shape("sqs", "queue", `.+`, ""),
	shape("rolesanywhere", "trust_anchor", `trust-anchor/(?P<anchor>.+)`, ""),
	shape("rolesanywhere", "ra_profile", `profile/(?P<profile>.+)`, ""),
	shape("autoscaling", "asg", `autoScalingGroup:[^:]*:autoScalingGroupName/(?P<asg>.+)`, ""),
	shape("autoscaling", "asg", `autoScalingGroup:(?P<asg>[^:]+)`, ""),
	shape("cloudformation", "stack", `stack/(?P<stack>[^/]+)(?:/.*)?`, ""),
	shape("cloudfront", "distribution", `distribution/(?P<distribution>.+)`, ""),
	shape("route53", "hosted_zone", `hostedzone/(?P<hosted_zone>.+)`, ""),
	shape("backup", "backup_vault", `backup-vault:(?P<backup_vault>.+)`, ""),
	shape("backup", "recovery_point", `recovery-point:.+`, "recovery_point"),
	shape("glue", "glue_job", `job/(?P<glue_job>.+)`, ""),
	shape("glue", "glue_trigger", `trigger/(?P<glue_trigger>.+)`, ""),
	shape("glue", "dev_endpoint", `devEndpoint/(?P<dev_endpoint>.+)`, ""),
	shape("sagemaker", "notebook", `notebook-instance/(?P<notebook>.+)`, ""),
	shape("sagemaker", "notebook_lifecycle", `notebook-instance-lifecycle-config/(?P<notebook_lifecycle>.+)`, ""),
	shape("batch", "batch_environment", `compute-environment/.+`, ""),
	shape("states", "state_machine", `stateMachine:(?P<state_machine>[^:]+)(?::.*)?`, ""),
	shape("apprunner", "apprunner_service", `service/.+`, ""),
	shape("ram", "resource_share", `resource-share/.+`, ""),
	shape("sso", "permission_set", `permissionSet/.+`, "permission_set"),
	shape("guardduty", "detector", `detector/(?P<detector>[^/]+).*`, ""),
	shape("cloudwatch", "alarm", `alarm:(?P<alarm>.+)`, ""),
	shape("bedrock", "agent", `agent/(?P<agent>.+)`, ""),
	shape("ses", "email_identity", `identity/(?P<email_identity>.+)`, ""),
	shape("cognito-identity", "identity_pool", `identitypool/(?P<identity_pool>.+)`, ""),
	shape("cognito-idp", "user_pool", `userpool/(?P<user_pool>.+)`, ""),
	shape("wafv2", "web_acl", `.+`, ""),
}

// nativeShapes tell kinds by the native id alone; the id is the parameter.
// The whole id must fit: a name that an intruder chooses may look like an id at its
// beginning. What follows the prefix is bounded by IAM's own limit of 128.
var nativeShapes = []struct {
	re          *regexp.Regexp
	kind, param string
}{
	{regexp.MustCompile(`^(?:AKIA|ASIA)[A-Z0-9]{12,124}$`), "key", "key"},
	{regexp.MustCompile(`^ACCA[A-Z0-9]{12,124}$`), "service_credential", "credential"},
	{regexp.MustCompile(`^APKA[A-Z0-9]{12,124}$`), "ssh_key", "credential"},
	{regexp.MustCompile(`^\d{12}$`), "account", "account"},
	{regexp.MustCompile(`^i-[0-9a-f]+$`), "instance", "instance"},
	{regexp.MustCompile(`^vol-[0-9a-f]+$`), "volume", "volume"},
	{regexp.MustCompile(`^snap-[0-9a-f]+$`), "snapshot", "snapshot"},
	{regexp.MustCompile(`^ami-[0-9a-f]+$`), "image", "image"},
	{regexp.MustCompile(`^sg-[0-9a-f]+$`), "security_group", "security_group"},
	{regexp.MustCompile(`^lt-[0-9a-f]+$`), "launch_template", "launch_template"},
	{regexp.MustCompile(`^vpc-[0-9a-f]+$`), "vpc", "vpc"},
	{regexp.MustCompile(`^rtb-[0-9a-f]+$`), "route_table", "route_table"},
	{regexp.MustCompile(`^acl-[0-9a-f]+$`), "network_acl", "network_acl"},
	{regexp.MustCompile(`^pcx-[0-9a-f]+$`), "peering", "peering"},
	{regexp.MustCompile(`^tms-[0-9a-f]+$`), "mirror_session", "mirror_session"},
	{regexp.MustCompile(`^cvpn-endpoint-[0-9a-f]+$`), "client_vpn", "client_vpn"},
	{regexp.MustCompile(`^vpn-[0-9a-f]+$`), "vpn_connection", "vpn_connection"},
	{regexp.MustCompile(`^tgw-attach-[0-9a-f]+$`), "gateway_attachment", "gateway_attachment"},
	{regexp.MustCompile(`^sir-[0-9a-z]+$`), "spot_request", "spot_request"},
	{regexp.MustCompile(`^sfr-[0-9a-f-]+$`), "spot_fleet", "spot_fleet"},
	{regexp.MustCompile(`^fleet-[0-9a-f-]+$`), "fleet", "fleet"},
	{regexp.MustCompile(`^fl-[0-9a-f]+$`), "flow_log", "flow_log"},
	{regexp.MustCompile(`^https://sqs\.[a-z0-9-]+\.amazonaws\.com(?:\.cn)?/\d{12}/[A-Za-z0-9_.-]+$`), "queue", "queue"},
}

// typeKinds tell kinds by the resource type of the ledger, for names that say
// nothing by themselves; the name is the parameter.
var typeKinds = map[string][2]string{
	"AWS::EC2::KeyPair":                      {"key_pair", "key_pair"},
	"AWS::AutoScaling::AutoScalingGroup":     {"asg", "asg"},
	"AWS::AutoScaling::LaunchConfiguration":  {"launch_configuration", "launch_configuration"},
	"AWS::EC2::EC2Fleet":                     {"fleet", "fleet"},
	"AWS::EC2::SpotFleet":                    {"spot_fleet", "spot_fleet"},
	"AWS::EC2::SpotInstanceRequest":          {"spot_request", "spot_request"},
	"AWS::IAM::SigningCertificate":           {"signing_certificate", "credential"},
	"AWS::IAM::SSHPublicKey":                 {"ssh_key", "credential"},
	"AWS::IAM::ServiceSpecificCredential":    {"service_credential", "credential"},
	"AWS::Lambda::EventSourceMapping":        {"event_source_mapping", "mapping"},
	"AWS::ApiGateway::Api":                   {"api", "api"},
	"AWS::Cognito::IdentityPool":             {"identity_pool", "identity_pool"},
	"AWS::Cognito::UserPool":                 {"user_pool", "user_pool"},
	"AWS::Bedrock::Agent":                    {"agent", "agent"},
	"AWS::BedrockAgentCore::Runtime":         {"agent_runtime", "agent_runtime"},
	"AWS::BedrockAgentCore::CodeInterpreter": {"code_interpreter", "code_interpreter"},
	"AWS::SSM::Document":                     {"ssm_document", "document"},
	"AWS::SSM::Association":                  {"ssm_association", "association"},
	"AWS::SSM::Activation":                   {"ssm_activation", "activation"},
	"AWS::SSM::ManagedInstance":              {"managed_instance", "managed_instance"},
	"AWS::SSM::MaintenanceWindowTask":        {"ssm_task", "ssm_task"},
	"AWS::CloudFormation::StackSet":          {"stack_set", "stack_set"},
	"AWS::Lightsail::Instance":               {"lightsail_instance", "lightsail_instance"},
	"AWS::SSO::Assignment":                   {"sso_assignment", "sso_assignment"},
	"AWS::IdentityStore::User":               {"sso_user", "sso_user"},
	"AWS::Config::ConfigurationRecorder":     {"recorder", "recorder"},
	"AWS::Organizations::Account":            {"account", "member_account"},
	"AWS::GuardDuty::Detector":               {"detector", "detector"},
	"AWS::CloudWatch::Alarm":                 {"alarm", "alarm"},
	"AWS::Route53::HostedZone":               {"hosted_zone", "hosted_zone"},
	"AWS::Route53Domains::Domain":            {"domain", "domain"},
	"AWS::Redshift::Snapshot":                {"warehouse_snapshot", "warehouse_snapshot"},
	"AWS::Backup::RecoveryPoint":             {"recovery_point", "recovery_point"},
	"AWS::SES::EmailIdentity":                {"email_identity", "email_identity"},
}

// target is something to act on, understood.
type target struct {
	id      string // as it stands in the step
	kind    string // "" if not understood
	account string // "" if the id does not say
	params  map[string]string
}

// targetOf understands an id of the report: an ARN, a native id, a name with
// its resource type, each perhaps with "#part" behind it.
func targetOf(id, resourceType string) target {
	t := target{id: id, params: map[string]string{}}
	base, part, hasPart := strings.Cut(id, "#")
	switch {
	case resourceType == "AWS::Backup::RecoveryPoint": // its ARN is that of a snapshot or image, which is not what Backup acts on
		if f := strings.SplitN(base, ":", 6); len(f) == 6 {
			t.params["region"], t.account = f[3], f[4]
		}
		t.kind, t.params["recovery_point"] = "recovery_point", base
	case strings.HasPrefix(base, "arn:"):
		t.readARN(base)
	default:
		for _, n := range nativeShapes {
			if n.re.MatchString(base) {
				t.kind, t.params[n.param] = n.kind, base
				break
			}
		}
		if k, ok := typeKinds[resourceType]; ok && t.kind == "" && base != "" {
			t.kind, t.params[k[1]] = k[0], base
		}
		if t.kind == "account" {
			t.account = base
		}
	}
	if hasPart {
		whole := t.kind
		t.readPart(part)
		if t.kind == whole && whole != "" && t.id == id {
			t.id = base // a part that has no action of its own: the whole's will do
		} // else reading the ARN has said what stands for it: the bucket of an object with "#" in its key
	}
	if t.kind == "rule" && t.params["bus"] == "" {
		t.params["bus"] = "default"
	}
	if t.kind != "" && !slices.Contains(Kinds, t.kind) {
		t.kind = "" // understood on the way to a part, but no target itself
	}
	return t
}

// The parameters region and account are set for every ARN that has them, understood
// or not: a command that a person completes is then at least run in the right place.
func (t *target) readARN(arn string) {
	f := strings.SplitN(arn, ":", 6)
	if len(f) < 6 {
		return
	}
	service, region, resource := f[2], f[3], f[5]
	t.account = f[4]
	if service == "sts" { // a session stands for what it is a session of
		kind, rest, _ := strings.Cut(resource, "/")
		name, _, _ := strings.Cut(rest, "/")
		switch {
		case kind == "assumed-role" && name != "":
			service, resource = "iam", "role/"+name
		default:
			return
		}
		arn = strings.Join([]string{f[0], f[1], "iam", "", f[4], resource}, ":")
		t.id = arn
	}
	if service == "s3" {
		if region != "" {
			return // an access point
		}
		bucket, _, _ := strings.Cut(resource, "/")
		arn = strings.TrimSuffix(arn, resource) + bucket // what is done for an object is done to its bucket
		t.id, resource = arn, bucket
	}
	for _, s := range arnShapes {
		if s.service != service {
			continue
		}
		m := s.re.FindStringSubmatch(resource)
		if m == nil {
			continue
		}
		t.kind = s.kind
		for i, name := range s.re.SubexpNames() {
			if name != "" && m[i] != "" {
				t.params[name] = m[i]
			}
		}
		if s.arnParam != "" {
			t.params[s.arnParam] = arn
		}
		break
	}
	t.params["arn"] = arn
	if region != "" {
		t.params["region"] = region
	}
	if t.account != "" {
		t.params["account"] = t.account
	}
}

// readPart understands what stands behind the "#" of a part of something.
func (t *target) readPart(part string) {
	set := func(kind, param, value string) { t.kind, t.params[param] = kind, value }
	kind, name, _ := strings.Cut(part, "/")
	switch t.kind {
	case "user", "role", "group":
		switch {
		case strings.HasPrefix(part, "arn:"):
			set(t.kind+"_attachment", "policy_arn", part)
		case kind == "policy":
			set(t.kind+"_policy", "policy_name", name)
		case kind == "group":
			set("membership", "group", name)
		}
	case "function":
		set("function_permission", "statement", part)
	case "layer":
		set("layer_permission", "statement", part)
	case "network_acl":
		set("acl_entry", "rule_number", name)
	case "kms_key":
		set("kms_grant", "grant", part)
	case "log_group":
		set("log_filter", "filter", name)
	case "eks_cluster":
		switch kind {
		case "pod":
			set("eks_pod_identity", "association", name)
			return
		case "idp":
			set("eks_idp", "idp", name)
			return
		}
		set("eks_entry", "arn", part)
	case "bus":
		set("bus_permission", "statement", part)
	case "repository":
		if strings.HasPrefix(part, "sha256:") {
			set("ecr_digest", "image_digest", part)
			return
		}
		set("ecr_image", "image_tag", part)
	}
}

// principal says whether the target is somebody or something that acts.
func (t target) principal() bool {
	return t.kind == "user" || t.kind == "role" || t.kind == "key" || t.kind == "root"
}

// key is equal for two ids of the same thing: users and roles are one by
// account and name, since a session's ARN leaves the path out.
func (t target) key() string {
	switch t.kind {
	case "user", "role":
		return t.kind + "|" + t.account + "|" + t.params[t.kind]
	}
	return t.id
}
