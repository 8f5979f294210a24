package model

import (
	"strings"
)

// Decode reads a project in the shape of BatchGetProjects.
func Decode(n *Node, form Form) *Project {
	p := &Project{Form: form, At: n.At, Name: n.Get("name").Text(), ARN: n.Get("arn").Text()}
	if f := strings.Split(p.ARN.V, ":"); len(f) > 5 {
		p.Region, p.Account = f[3], f[4]
	}
	if w := n.Get("webhook"); w != nil {
		p.Webhook = read(w, func(n *Node) (Webhook, bool) { return decodeWebhook(n), n.Fields != nil })
	}
	p.Source = decodeSource(n.Get("source"))
	p.Secondary = Each(n.Get("secondarySources"), decodeSource)
	p.Env = DecodeEnvironment(n.Get("environment"))
	p.Role = n.Get("serviceRole").Text()
	p.LogRole = n.Get("resourceAccessRole").Text()
	p.Batch = read(n.Get("buildBatchConfig"), func(n *Node) (Batch, bool) {
		r := n.Path("restrictions")
		return Batch{n.Get("serviceRole").Text(), read(r, func(*Node) (bool, bool) { return true, true })}, n.Fields != nil
	})
	p.BatchRole = n.Path("buildBatchConfig", "serviceRole").Text()
	p.VPC = decodeVPC(n.Get("vpcConfig"))
	c := n.Get("cache")
	p.Cache = Cache{at(c), c.Get("type").Text(), c.Get("location").Text(), c.Get("cacheNamespace").Text()}
	p.Artifacts = decodeArtifacts(n)
	p.Logs = decodeLogs(n.Get("logsConfig"))
	p.Filesystem = Each(n.Get("fileSystemLocations"), func(n *Node) string { return n.Get("location").Text().V })
	p.Key = n.Get("encryptionKey").Text()
	p.Visibility = n.Get("projectVisibility").Text()
	p.Tags = decodeTags(n.Get("tags"))
	p.Modified = n.Get("lastModified").Time()
	if form == API || form == CloudFormation { // Terraform checks its own names
		p.Unread = unread(n)
	}
	return p
}

func at(n *Node) Location {
	if n == nil {
		return Location{}
	}
	return n.At
}

func decodeWebhook(n *Node) Webhook {
	w := Webhook{
		At: n.At, BranchFilter: n.Get("branchFilter").Text(), BuildType: n.Get("buildType").Text(), Manual: n.Get("manualCreation").Flag(),
		SecretChanged: n.Get("lastModifiedSecret").Time(), PayloadURL: n.Get("payloadUrl").Text(), URL: n.Get("url").Text(),
		Status: n.Get("status").Text(), ManualInsecure: n.Get("insecure").Flag(),
	}
	w.Groups = Each(n.Get("filterGroups"), func(n *Node) Group {
		return Group{at(n), Each(n, func(n *Node) Filter {
			return Filter{at(n), n.Get("type").Literal(), n.Get("pattern").Literal(), n.Get("excludeMatchedPattern").Flag()}
		})}
	})
	w.Scope = read(n.Get("scopeConfiguration"), func(n *Node) (Scope, bool) {
		return Scope{n.At, n.Get("name").Text(), n.Get("domain").Text(), n.Get("scope").Text()}, n.Fields != nil
	})
	w.Policy = read(n.Get("pullRequestBuildPolicy"), func(n *Node) (Policy, bool) {
		return Policy{n.At, n.Get("requiresCommentApproval").Text(), n.Get("approverRoles").Strings()}, n.Fields != nil
	})
	return w
}

func decodeSource(n *Node) Source {
	s := Source{
		At: at(n), ID: n.Get("sourceIdentifier").Text(), Type: n.Get("type").Text(), Location: n.Get("location").Text(),
		Buildspec: n.Get("buildspec").Hidden(), AuthType: n.Path("auth", "type").Text(), AuthFrom: n.Path("auth", "resource").Text(),
		Token:  n.Path("sourceCredentialsOverride", "token").Hidden(),
		Report: n.Get("reportBuildStatus").Flag(), Insecure: n.Get("insecureSsl").Flag(),
		Submodules: n.Path("gitSubmodulesConfig", "fetchSubmodules").Flag(),
	}
	s.Location, s.UserInfo = parted(s.Location)
	return s
}

// parted takes the credentials out of a URL. Whoever prints the location then
// prints no secret. url.Parse refuses some of what git takes, so this looks for
// the last @ before the path itself.
func parted(loc Value[string]) (Value[string], Value[Secret]) {
	scheme, rest, ok := strings.Cut(loc.V, "://")
	if !ok {
		return loc, Value[Secret]{}
	}
	host, path, _ := strings.Cut(rest, "/")
	i := strings.LastIndexByte(host, '@')
	if i < 0 {
		return loc, Value[Secret]{}
	}
	user := Value[Secret]{State: Known, V: Hide(host[:i]), At: loc.At}
	loc.V = scheme + "://" + Redacted + "@" + host[i+1:] + "/" + path
	return loc, user
}

// DecodeEnvironment reads an environment of a project or build.
func DecodeEnvironment(n *Node) Environment {
	return Environment{
		At: at(n), Type: n.Get("type").Text(), Image: n.Get("image").Text(), Privileged: n.Get("privilegedMode").Flag(),
		Fleet: n.Path("fleet", "fleetArn").Text(), Registry: n.Path("registryCredential", "credential").Text(),
		Certificate: n.Get("certificate").Text(),
		Variables: Each(n.Get("environmentVariables"), func(n *Node) Variable {
			return Variable{at(n), n.Get("name").Text(), n.Get("type").Text(), n.Get("value").Hidden()}
		}),
	}
}

// decodeVPC takes an empty object, which the API gives for a project outside any
// VPC, as absent.
func decodeVPC(n *Node) Value[VPC] {
	v := read(n, func(n *Node) (VPC, bool) {
		return VPC{n.At, n.Get("vpcId").Text(), n.Get("subnets").Strings(), n.Get("securityGroupIds").Strings()}, true
	})
	if v.Known() && (v.V.ID.Absent() || v.V.ID.V == "" && v.V.ID.Known()) {
		return Value[VPC]{At: v.At}
	}
	return v
}

func decodeArtifacts(n *Node) Value[[]Artifact] {
	one := func(n *Node) Artifact {
		return Artifact{at(n), n.Get("type").Text(), n.Get("location").Text(), n.Get("path").Text(),
			n.Get("encryptionDisabled").Flag(), n.Get("bucketOwnerAccess").Text()}
	}
	v := Each(n.Get("artifacts"), one)
	more := Each(n.Get("secondaryArtifacts"), one)
	v.V = append(v.V, more.V...)
	if more.Unknown() {
		v.State, v.Why = Unknown, more.Why
	}
	return v
}

func decodeLogs(n *Node) Logs {
	cw, s3 := n.Get("cloudWatchLogs"), n.Get("s3Logs")
	return Logs{at(n), cw.Get("status").Text(), cw.Get("groupName").Text(), s3.Get("status").Text(),
		s3.Get("encryptionDisabled").Flag(), s3.Get("bucketOwnerAccess").Text()}
}

// decodeTags reads a list of key and value, or a map.
func decodeTags(n *Node) Value[map[string]string] {
	return read(n, func(n *Node) (map[string]string, bool) {
		out := map[string]string{}
		for k, v := range n.Fields {
			out[k] = v.Text().V
		}
		for _, t := range n.Items {
			out[t.Get("key").Text().V] = t.Get("value").Text().V
		}
		return out, n.Scalar == nil
	})
}

// members are what the API knows below a project, where guides have been seen to
// print others. Anything else there is reported: the service would refuse it.
var members = map[string][]string{
	"source": {"type", "location", "gitCloneDepth", "gitSubmodulesConfig", "buildspec", "auth", "reportBuildStatus", "buildStatusConfig",
		"insecureSsl", "sourceIdentifier"},
	"webhook": {"url", "payloadUrl", "secret", "branchFilter", "filterGroups", "buildType", "manualCreation", "lastModifiedSecret",
		"scopeConfiguration", "status", "statusMessage", "pullRequestBuildPolicy", "insecure"},
}

func unread(n *Node) []Member {
	var out []Member
	for _, parent := range sortedKeys(members) {
		below := n.Get(parent)
		if !below.Is() {
			continue
		}
		for _, k := range sortedKeys(below.Fields) {
			known := false
			for _, m := range members[parent] {
				known = known || m == k
			}
			if !known {
				out = append(out, Member{parent + "." + k, at(below.Fields[k])})
			}
		}
	}
	return out
}
