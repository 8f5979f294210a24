package investigation

import (
	"fmt"

	"github.com/trailhound/trailhound/internal/evidence"
)

// blindSpot is something that CloudTrail never shows, and the calls of the
// intruder that make it matter to a case.
type blindSpot struct {
	names  map[string]bool
	text   string // %d calls, %s the first
	effect string
}

// names is a set of them.
func names(list ...string) map[string]bool {
	m := map[string]bool{}
	for _, s := range list {
		m[s] = true
	}
	return m
}

// blindSpots are told only when their prerequisite was seen: a limit that holds
// for every case tells a reader nothing.
var blindSpots = []blindSpot{
	{names("GetWebIdentityToken", "GetDelegatedAccessToken", "GetWorkloadAccessToken", "GetWorkloadAccessTokenForJWT", "GetWorkloadAccessTokenForUserId", "GetResourceOauth2Token", "GetResourceApiKey"),
		"The intruder obtained tokens for services outside AWS (%d calls, first event %s).",
		"What was done with the tokens there cannot be seen: the logs of those services would tell."},
	{names("DescribeCluster", "AccessKubernetesApi", "CreateAccessEntry", "AssociateAccessPolicy"),
		"The intruder looked at or opened a Kubernetes cluster (%d calls, first event %s). A token for it is made without any call.",
		"Whether the cluster was entered cannot be told from CloudTrail: the cluster's audit log would tell."},
	{names("DescribeDBInstances", "DescribeDBClusters", "DescribeDBClusterEndpoints"),
		"The intruder looked at databases (%d calls, first event %s). A sign-in token for one is made without any call.",
		"Whether a database was entered cannot be told from CloudTrail: the database's own log would tell."},
	{names("SendCommand", "StartSession", "ResumeSession", "SendSSHPublicKey", "SendSerialConsoleSSHPublicKey", "ExecuteCommand"),
		"The intruder ran commands on machines or in containers, or opened a shell there (%d calls, first event %s).",
		"What ran there cannot be told: CloudTrail hides the parameters of a command and never holds its output. The service's history of commands, and the machines' own logs, would tell."},
	{names("InvokeModel", "InvokeModelWithResponseStream", "Converse", "ConverseStream", "InvokeModelWithBidirectionalStream", "StartAsyncInvoke", "CreateModelInvocationJob", "InvokeAgent"),
		"The intruder called language models (%d calls, first event %s).",
		"What was asked and answered stands in no record of CloudTrail: only the log of invocations would tell, where it was on before."},
	{names("UpdateFunctionCode", "PutImage", "CreateLaunchTemplateVersion", "UpdateProject"),
		"The intruder changed code that runs with a role of its own (%d calls, first event %s).",
		"Until it is put back, what it does that it always did cannot be told from the owner's; what runs an image or template is not named by the change."},
}

// outsideView names what the intruder may have reached where no call is logged.
func (in *inquiry) outsideView() {
	for _, b := range blindSpots {
		n, first := 0, ""
		for _, s := range in.hostile() {
			if !b.names[s.Event.Name] || s.Event.Outcome() == evidence.Failure || s.Event.Name == "DescribeCluster" && s.Event.Source != "eks.amazonaws.com" {
				continue
			}
			if n++; first == "" {
				first = s.Event.ID
			}
		}
		if n > 0 {
			in.limit("outside_aws", fmt.Sprintf(b.text, n, first), nil, b.effect)
		}
	}
}
