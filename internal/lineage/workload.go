package lineage

import (
	"regexp"
	"strings"

	"github.com/trailhound/trailhound/internal/evidence"
)

var (
	instanceID = regexp.MustCompile(`^i-[0-9a-fA-F]{8,17}$`)
	taskID     = regexp.MustCompile(`^(?:[0-9a-f]{32}|[0-9a-f]{8}-[0-9a-f-]{27})$`)
)

// workload names the compute that a role session was issued to: the ARN that
// the record says (records since 2025 do), else what the session name shows by
// AWS's own conventions. It is "" for sessions of people and unknown callers,
// who may choose any session name.
func workload(id evidence.Identity) string {
	if id.Type != "AssumedRole" {
		return ""
	}
	name := id.SessionName()
	switch {
	case id.InScopeOf != "":
		return id.InScopeOf
	case instanceID.MatchString(name):
		return name
	case strings.HasPrefix(name, "AWSCodeBuild-"):
		return name
	case id.RoleDelivery != "":
		return name
	case taskID.MatchString(name):
		return name
	case strings.HasPrefix(name, "eks-") && strings.Count(name, "-") >= 3:
		return name
	case strings.HasPrefix(name, "awslambda_"):
		return name
	}
	return ""
}

// InstanceOf is the EC2 instance that a node's credentials were issued to, or "".
func (n *Node) InstanceOf() string {
	name := n.Workload
	if i := strings.LastIndexByte(name, '/'); i >= 0 {
		name = name[i+1:]
	}
	if instanceID.MatchString(name) {
		return name
	}
	return ""
}
