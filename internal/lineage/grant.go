package lineage

import (
	"slices"
	"strings"
	"time"

	"github.com/trailhound/trailhound/internal/evidence"
)

// Some calls hand nobody a credential and still decide who will have one: they
// open a role's trust, give a role to new compute, or change what existing
// compute runs. The credentials come later, from calls of AWS's own.

// passes are the calls that give a role to a workload: where the record names
// the workload, and where it names the role. All of them are issuing calls whose
// records are read whole.
var passes = map[string]struct{ holder, role string }{
	"RunInstances":                         {"responseElements.instancesSet.items.instanceId", ""},
	"AssociateIamInstanceProfile":          {"requestParameters.AssociateIamInstanceProfileRequest.InstanceId|requestParameters.instanceId", ""},
	"ReplaceIamInstanceProfileAssociation": {"responseElements.ReplaceIamInstanceProfileAssociationResponse.iamInstanceProfileAssociation.instanceId", ""},
	"CreateFunction":                       {"requestParameters.functionName", ""},
	"RegisterTaskDefinition":               {"", "requestParameters.taskRoleArn"},
	"CreateStack":                          {"", "requestParameters.roleARN"},
	"UpdateStack":                          {"", "requestParameters.roleARN"},
	"CreateProject":                        {"", "requestParameters.serviceRole"},
	"CreateJob":                            {"", "requestParameters.role"},
	"CreateDevEndpoint":                    {"", "requestParameters.roleArn"},
	"CreateNotebookInstance":               {"", "requestParameters.roleArn"},
	"CreateChangeSet":                      {"", "requestParameters.roleARN"},
	"CreateTrainingJob":                    {"", "requestParameters.roleArn"},
	"CreateProcessingJob":                  {"", "requestParameters.roleArn"},
	"CreateStateMachine":                   {"", "requestParameters.roleArn"},
	"RunJobFlow":                           {"", "requestParameters.jobFlowRole"},
	"RegisterJobDefinition":                {"", "requestParameters.containerProperties.jobRoleArn"},
	"CreateAgentRuntime":                   {"", "requestParameters.roleArn"},
	"CreateCodeInterpreter":                {"", "requestParameters.executionRoleArn"},
	"ModifyInstanceAttribute":              {"requestParameters.instanceId", ""},
	"UpdateFunctionCode":                   {"requestParameters.functionName", ""},
	"UpdateFunctionConfiguration":          {"requestParameters.functionName", ""},
	"UpdateProject":                        {"", "responseElements.project.serviceRole"},
}

// codeChanges are those of them that change what runs with a role it has already. Of an
// instance's attributes it is the user data, which runs when the instance starts again.
var codeChanges = map[string]bool{"UpdateFunctionCode": true, "UpdateFunctionConfiguration": true, "UpdateProject": true, "ModifyInstanceAttribute": true}

// grants reads the calls that decide over later credentials.
func (l *linker) grants(i issue, r evidence.Record) []issue {
	if i.e.Name == "CreateRole" || i.e.Name == "UpdateAssumeRolePolicy" {
		return l.trust(i, r)
	}
	if slices.Contains(contents, i.e.Name) {
		return l.content(i, r)
	}
	at, ok := passes[i.e.Name]
	if !ok || i.e.Name == "ModifyInstanceAttribute" && r.Get("requestParameters.userData") == nil {
		return nil
	}
	// Whatever key the answer of such a call may hold is none that it gave out.
	i.rule, i.key, i.role = "passed_role", "", ""
	if codeChanges[i.e.Name] {
		i.rule = "code_change"
	}
	for _, path := range strings.Split(at.holder, "|") {
		for _, h := range r.Strs(path) {
			i.hosts = append(i.hosts, lastPart(h))
		}
	}
	if at.role != "" {
		i.role = r.Str(at.role)
	}
	i.runs, i.family = runsOf(i.e, r), family(i.e, r)
	if i.via = r.Str("responseElements.role"); i.via == "" {
		i.via = r.Str("requestParameters.role")
	}
	if len(i.hosts) == 0 && i.role == "" {
		return nil
	}
	return []issue{i}
}

// lastPart is the name at the end of an ARN or path, without a function's version.
func lastPart(s string) string {
	if _, name, ok := strings.Cut(s, ":function:"); ok {
		s, _, _ = strings.Cut(name, ":")
	}
	return s[strings.LastIndexAny(s, "/")+1:]
}

// heirs finds the sessions that such calls may have led to. Everything is looked
// up: a store may hold as many deployments as sessions.
type heirs struct {
	byHolder  map[string][]*Node     // account and workload name
	byRole    map[string][]*Node     // account and role name, workloads only
	bySession map[string][]*Node     // account and session name, of sessions that nothing issued
	byEvent   map[string][]*Node     // issuing event
	takes     map[string][]issue     // account and role name → calls that took the role
	changes   map[string][]time.Time // code change → when, ascending
	passers   map[string]int         // account and role name → calls that passed it
}

func (l *linker) heirs() *heirs {
	h := &heirs{map[string][]*Node{}, map[string][]*Node{}, map[string][]*Node{}, map[string][]*Node{}, map[string][]issue{}, map[string][]time.Time{}, map[string]int{}}
	for _, id := range sortedIDs(l.g.nodes) {
		n := l.g.nodes[id]
		if n.Uses == 0 || !n.Temporary() {
			continue
		}
		for _, e := range n.In {
			h.byEvent[e.Event] = append(h.byEvent[e.Event], n)
		}
		b := n.Best()
		if b == nil {
			k := n.Account + "/" + sessionName(n.PrincipalID)
			h.bySession[k] = append(h.bySession[k], n)
		}
		// A session that a person took of the same role is nobody's workload, and
		// what a deployment changed is not theirs.
		if n.Workload == "" && (b == nil || !b.Held()) {
			continue
		}
		for _, w := range compact(lastPart(n.Workload), n.InstanceOf(), sessionName(n.PrincipalID)) {
			h.byHolder[n.Account+"/"+w] = append(h.byHolder[n.Account+"/"+w], n)
		}
		h.byRole[roleOf(n)] = append(h.byRole[roleOf(n)], n)
	}
	for _, i := range l.issues {
		switch {
		case i.rule == "passed_role" && i.role != "":
			h.passers[i.e.Account+"/"+lastPart(i.role)]++
		case i.rule == "code_change":
			h.changes[i.code()] = append(h.changes[i.code()], i.e.Time)
		case strings.HasPrefix(i.e.Name, "AssumeRole"):
			k := accountOf(i.role) + "/" + lastPart(i.role)
			h.takes[k] = append(h.takes[k], i)
		}
	}
	return h
}

// code names what a code change is about.
func (i issue) code() string {
	return i.e.Account + " " + i.e.Name + " " + strings.Join(i.hosts, " ") + " " + i.role
}

// granted adds the edges from those calls to the sessions that followed.
func (l *linker) granted() {
	h := l.heirs()
	l.imaged(h)
	for _, i := range l.issues {
		switch i.rule {
		case "trust_change":
			l.letIn(i, h)
		case "data_access": // the record names the session under which the data is then read
			for _, n := range h.bySession[i.e.Account+"/"+i.holder] {
				if i.holder != "" && i.key == "" && !n.Last.Before(i.e.Time) {
					l.edge(i, n, i.rule, 4)
				}
			}
		case "passed_role", "code_change":
			until := time.Time{}
			if i.rule == "code_change" { // the next change ends what this one began
				later := h.changes[i.code()]
				k, _ := slices.BinarySearchFunc(later, i.e.Time, func(t, at time.Time) int {
					if t.After(at) {
						return 1
					}
					return -1
				})
				if k < len(later) {
					until = later[k]
				}
			}
			for _, w := range i.hosts {
				for _, n := range h.byHolder[i.e.Account+"/"+w] {
					l.handOver(i, n, ruleByID[i.rule].Tier, until)
				}
			}
			if i.role == "" {
				continue
			}
			role, tier := i.e.Account+"/"+lastPart(i.role), 3
			if h.passers[role] > 1 {
				tier = 2 // several workloads hold the role: which one this is, nothing says
			}
			for _, n := range h.byRole[role] {
				l.handOver(i, n, tier, until)
			}
		}
	}
}

// handOver adds the edge to a session that began after the change and before the next one.
// Both times are whole seconds, hence the second of slack.
func (l *linker) handOver(i issue, n *Node, tier int, until time.Time) {
	born := bornOf(n)
	if born.Before(i.e.Time.Add(-time.Second)) || !until.IsZero() && !born.Before(until) || n.ID == i.parent {
		return
	}
	l.edge(i, n, i.rule, tier)
}

// roleOf names a session's role by account and name, as calls about a role do, which leave
// its path out; "" for what is no session of a role.
func roleOf(n *Node) string {
	_, rest, ok := strings.Cut(n.Principal, ":assumed-role/")
	if !ok {
		return ""
	}
	role, _, _ := strings.Cut(rest, "/")
	return n.Account + "/" + role
}

func compact(list ...string) []string {
	slices.Sort(list)
	return slices.DeleteFunc(slices.Compact(list), func(s string) bool { return s == "" })
}
