package read

import (
	"net/netip"
	"slices"
	"strings"

	"github.com/trailhound/trailhound/internal/posture/pipeline/model"
)

// shells are the calls that open a way into a running build or sandbox.
var shells = []string{"StartSandbox", "StartSandboxConnection", "StartCommandExecution"}

// record reads what the checks need of a CloudTrail record: calls of build roles,
// shells opened into builds, and roles made to trust CodeBuild.
func (r *reader) record(n *model.Node) {
	id, params := n.Get("userIdentity"), n.Get("requestParameters")
	source, name := n.Get("eventSource").Text().V, n.Get("eventName").Text().V
	service, _, _ := strings.Cut(source, ".")
	// Whether the call belongs to a build its session's name tells, which CodeBuild gives.
	// The name is AWSCodeBuild- and the build's id. A person may choose the same for
	// a session of another role: whose build it is goes by the role.
	c := &model.BuildCall{At: n.At, Session: model.LastPart(id.Get("arn").Text().V), Role: id.Path("sessionContext", "sessionIssuer", "arn").Text().V,
		By: id.Get("arn").Text().V, Source: source, Name: name, Action: service + ":" + name, Region: n.Get("awsRegion").Text().V,
		SourceIP: n.Get("sourceIPAddress").Text().V, Failed: n.Get("errorCode").Is()}
	if service == "codebuild" {
		// StartBuild opens a session only when asked to: the flag is in the request,
		// and no later call tells of it.
		c.Shell = slices.Contains(shells, name) || (name == "StartBuild" || name == "StartBuildBatch") && params.Get("debugSessionEnabled").Flag().Or(false)
		c.Project = params.Get("projectName").Text().V
		if id := params.Get("sandboxId").Text(); c.Project == "" && id.Known() { // project:uuid
			c.Project, _, _ = strings.Cut(model.LastPart(id.V), ":")
		}
	}
	// CloudTrail writes policy documents URL-encoded in some records and plain in
	// others.
	if service == "iam" && name == "UpdateAssumeRolePolicy" && !c.Failed && strings.Contains(unescape(params.Get("policyDocument").Text().V), "codebuild.amazonaws.com") {
		r.inv.Retrusted[params.Get("roleName").Text().V] = true
	}
	// All other calls are dropped here: a trail of a busy account has millions, and
	// no check asks about them.
	if c.Shell || strings.HasPrefix(c.Session, "AWSCodeBuild-") {
		r.inv.Calls = append(r.inv.Calls, c)
	}
}

// UsedFormat names the JSON of policy generate: what a role's builds did.
const UsedFormat = "trailhound-policy/1"

// used reads what policy generate found. Regions come from the ARNs of what was used.
func (r *reader) used(n *model.Node) {
	u := &model.Used{At: n.At, Principal: n.Get("principal").Text().V, Project: n.Get("project").Text().V}
	for _, p := range n.Get("permissions").Values() {
		u.Actions = append(u.Actions, strings.ToLower(p.Get("action").Text().V))
		if f := strings.SplitN(p.Get("resource").Text().V, ":", 6); len(f) == 6 && f[3] != "" && f[3] != "*" {
			u.Regions = append(u.Regions, f[3])
		}
	}
	for _, list := range []*[]string{&u.Actions, &u.Regions} {
		slices.Sort(*list)
		*list = slices.Compact(*list)
	}
	r.inv.Used = append(r.inv.Used, u)
}

// network reads AWS's list of its own addresses, ip-ranges.json.
func (r *reader) network(doc, list *model.Node) bool {
	// A member "prefixes" alone is too common a word to know the file by.
	if !doc.Get("syncToken").Is() {
		return false
	}
	net := &model.Network{At: doc.At}
	for _, p := range append(list.Values(), doc.Get("ipv6_prefixes").Values()...) {
		for _, key := range []string{"ip_prefix", "ipv6_prefix"} {
			if prefix, err := netip.ParsePrefix(p.Get(key).Text().V); err == nil {
				// Masked, so that two ways to write one prefix are one.
				net.Prefixes = append(net.Prefixes, prefix.Masked())
			}
		}
	}
	r.inv.Networks = append(r.inv.Networks, net)
	return true
}

// trailStatus reads GetTrailStatus.
func (r *reader) trailStatus(doc, n *model.Node) bool {
	r.monitoring(doc).Logging = n.Flag()
	return true
}

// recorderStatus reads DescribeConfigurationRecorderStatus: a recorder that is
// stopped records nothing, whatever its types are.
func (r *reader) recorderStatus(_, n *model.Node) bool {
	recording := slices.ContainsFunc(n.Values(), func(s *model.Node) bool { return s.Get("recording").Flag().Or(false) })
	if !recording {
		r.monitoring(n).Recorded = model.Of(false)
	}
	return true
}
