package read

import (
	"net/url"
	"strings"

	"github.com/trailhound/trailhound/internal/posture/pipeline/model"
)

// unescape undoes URL encoding; what is none is returned as it is.
func unescape(s string) string {
	if out, err := url.QueryUnescape(s); err == nil {
		return out
	}
	return s
}

// aws reads an answer of the AWS command line or the API, told by its top member.
// It also reads what is handed to create-project and create-webhook: guides print
// that, and people audit it before they run it.
func (r *reader) aws(n *model.Node) bool {
	if n == nil || n.Fields == nil {
		return false
	}
	// Files of ours are known by their format before anything else: they have
	// members of the same names as answers have.
	if n.Get("format").Text().V == AuditFormat {
		r.earlier(n)
		return true
	}
	if n.Get("format").Text().V == UsedFormat {
		r.used(n)
		return true
	}
	known := false
	for _, key := range awsKeys { // in one order: an answer of IAM has users and roles, and what is found stands in the order read
		if child := n.Get(key); child != nil {
			// Every reader whose member is there is asked, for one answer may carry
			// several, and each decides for itself whether it is meant.
			known = awsReaders[key](r, n, child) || known
		}
	}
	return known
}

// awsReaders are keyed by the member that tells an answer. Each returns whether it
// knew the document.
var awsReaders map[string]func(r *reader, doc, n *model.Node) bool

// awsKeys are their keys, sorted.
var awsKeys []string

func init() {
	each := func(f func(*reader, *model.Node)) func(*reader, *model.Node, *model.Node) bool {
		return func(r *reader, _, n *model.Node) bool {
			if !n.List {
				return false
			}
			for _, item := range n.Items {
				if item.Is() {
					f(r, item)
				}
			}
			return true
		}
	}
	awsReaders = map[string]func(r *reader, doc, n *model.Node) bool{
		"projects":                     each((*reader).project),
		"project":                      func(r *reader, _, n *model.Node) bool { return n.Fields != nil && r.projectOrNot(n) },
		"source":                       func(r *reader, doc, _ *model.Node) bool { return r.projectOrNot(doc) },
		"filterGroups":                 (*reader).webhookRequest,
		"webhook":                      (*reader).webhookAnswer,
		"sourceCredentialsInfos":       each((*reader).credential),
		"builds":                       each((*reader).build),
		"pipeline":                     func(r *reader, _, n *model.Node) bool { return r.pipeline(n) },
		"reportGroups":                 each((*reader).reportGroup),
		"projectsNotFound":             (*reader).notFound,
		"RoleDetailList":               (*reader).authorization,
		"UserDetailList":               (*reader).users,
		"Role":                         func(r *reader, _, n *model.Node) bool { return r.role(n) },
		"RoleName":                     (*reader).rolePolicy,
		"ServicesLastAccessed":         (*reader).advice,
		"SecurityGroups":               each((*reader).securityGroup),
		"Subnets":                      each((*reader).subnet),
		"VpcEndpoints":                 (*reader).endpoints,
		"RouteTables":                  each(func(r *reader, n *model.Node) { r.tables = append(r.tables, n) }),
		"ARN":                          (*reader).secret,
		"Parameters":                   (*reader).parameters,
		"SecretList":                   each(func(r *reader, n *model.Node) { r.secret(n, nil) }),
		"logGroups":                    each((*reader).logGroup),
		"Rules":                        (*reader).eventRules,
		"EventSelectors":               (*reader).selectors,
		"AdvancedEventSelectors":       (*reader).selectors,
		"ConfigurationRecorders":       (*reader).recorders,
		"Records":                      each((*reader).record),
		"IsLogging":                    (*reader).trailStatus,
		"ConfigurationRecordersStatus": (*reader).recorderStatus,
		"prefixes":                     (*reader).network,
	}
	awsKeys = sorted(awsReaders)
}

// AuditFormat names the audit's own JSON. An earlier one among the paths is the
// baseline against which a project can have become weaker.
const AuditFormat = "trailhound-pipeline-audit/1"

// earlier reads the verdicts of an earlier audit, by the projects' names.
func (r *reader) earlier(n *model.Node) {
	for _, p := range n.Get("projects").Values() {
		r.inv.Baseline[p.Get("name").Text().V] = p.Get("verdict").Text().V
	}
}

// project reads one of BatchGetProjects.
func (r *reader) project(n *model.Node) {
	r.inv.Projects = append(r.inv.Projects, model.Decode(n, model.API))
}

// projectOrNot reads what looks like a project: other documents have a member "source".
func (r *reader) projectOrNot(n *model.Node) bool {
	if !n.Get("name").Is() || !n.Get("source").Is() {
		return false
	}
	r.project(n)
	return true
}

// webhookRequest reads {projectName, filterGroups, …}.
func (r *reader) webhookRequest(doc, _ *model.Node) bool {
	name := doc.Get("projectName")
	if !name.Is() {
		return false
	}
	// All members but the name are put under webhook, where the decoder looks for
	// them in an answer.
	r.project(&model.Node{State: model.Known, At: doc.At, Fields: map[string]*model.Node{"name": name, "webhook": without(doc, "projectName")}})
	return true
}

// webhookAnswer reads {webhook: …}, which names its project only in the payload's
// address, or a project without a source.
func (r *reader) webhookAnswer(doc, n *model.Node) bool {
	if doc.Get("source").Is() || n.Fields == nil || !n.Get("filterGroups").Is() && !n.Get("url").Is() && !n.Get("payloadUrl").Is() {
		return false
	}
	p := &model.Node{State: model.Known, At: doc.At, Fields: map[string]*model.Node{"webhook": n, "name": doc.Get("name"), "arn": doc.Get("arn")}}
	if !p.Get("name").Is() {
		// A name to cite it by is needed; the file is the only one there is.
		p.Fields["name"] = &model.Node{State: model.Known, At: n.At, Scalar: "the project of " + n.At.File}
	}
	r.project(p)
	return true
}

// without is the object but for one member; n stays as it is.
func without(n *model.Node, name string) *model.Node {
	out := &model.Node{State: n.State, At: n.At, Fields: map[string]*model.Node{}}
	for k, v := range n.Fields {
		if k != name {
			out.Fields[k] = v
		}
	}
	return out
}

// notFound reads the names that BatchGetProjects did not find: they were asked for, so
// leaving them out in silence would look like a pass.
func (r *reader) notFound(_, n *model.Node) bool {
	for _, name := range n.Strings().V {
		r.inv.Gaps = append(r.inv.Gaps, model.Gap{What: "project " + name, Why: "CodeBuild did not find it", At: n.At.File})
	}
	return true
}

// credential reads one of ListSourceCredentials, which never shows the token.
func (r *reader) credential(n *model.Node) {
	c := &model.Credential{Form: model.API, At: n.At, ARN: n.Get("arn").Text(), Server: n.Get("serverType").Text(), AuthType: n.Get("authType").Text(),
		Resource: n.Get("resource").Text()}
	if f := strings.Split(c.ARN.V, ":"); len(f) > 5 {
		// A credential is of one region and account; only its ARN says which.
		c.Region, c.Account = f[3], f[4]
	}
	r.inv.Credentials = append(r.inv.Credentials, c)
}

// build reads one of BatchGetBuilds. Its environment is what the build ran with,
// overrides included.
func (r *reader) build(n *model.Node) {
	b := &model.Build{At: n.At, ID: n.Get("id").Text(), Project: n.Get("projectName").Text(), Initiator: n.Get("initiator").Text(),
		Source: n.Get("sourceVersion").Text(), Location: n.Path("source", "location").Text(), Debug: n.Path("debugSession", "sessionEnabled").Flag(),
		Started: n.Get("startTime").Time(), Env: model.DecodeEnvironment(n.Get("environment")), Buildspec: n.Path("source", "buildspec").Hidden(),
		Role: n.Get("serviceRole").Text()}
	r.inv.Builds = append(r.inv.Builds, b)
}

// reportGroup reads one of BatchGetReportGroups, or a template's in the API's names.
func (r *reader) reportGroup(n *model.Node) {
	r.inv.ReportGroups = append(r.inv.ReportGroups, &model.ReportGroup{At: n.At, Name: n.Get("name").Text(), Bucket: n.Path("exportConfig", "s3Destination", "bucket").Text(),
		Unencrypted: n.Path("exportConfig", "s3Destination", "encryptionDisabled").Flag()})
}

// logGroup reads one of DescribeLogGroups; no retention means for ever.
func (r *reader) logGroup(n *model.Node) {
	r.inv.LogGroups = append(r.inv.LogGroups, &model.LogGroup{At: n.At, Name: n.Get("logGroupName").Text(), Retention: n.Get("retentionInDays").Number()})
}

// secret reads DescribeSecret, GetResourcePolicy, or an opted-in GetSecretValue of
// which only the names of the members are kept.
func (r *reader) secret(n, _ *model.Node) bool {
	arn := n.Get("ARN").Text()
	if !strings.Contains(arn.V, ":secretsmanager:") {
		return false
	}
	s := &model.StoredSecret{At: n.At, ARN: arn, Name: n.Get("Name").Text(), Rotation: n.Get("RotationEnabled").Flag(),
		Rotated: n.Get("LastRotatedDate").Time(), Changed: n.Get("LastChangedDate").Time(), Key: n.Get("KmsKeyId").Text(), Policy: embedded(n.Get("ResourcePolicy"))}
	if text := n.Get("SecretString"); text.Is() {
		// Of the text only the member names and the kind of a token are kept. That
		// nobody can read a secret out of an inventory must hold here, for the file
		// is the reader's own and complete.
		if v := embedded(text); v.Is() && v.Fields != nil {
			s.Keys = model.Of(keys(v))
			r.tokenOf(arn.V, v)
		} else {
			s.Keys = model.Of([]string{})
			r.token(arn.V, text)
		}
	}
	if old := r.stored(arn.V); old != nil { // several answers about one secret
		merge(old, s)
		return true
	}
	r.inv.Secrets = append(r.inv.Secrets, s)
	return true
}

// stored is the first secret of an ARN that was read so far, nil for none. Templates
// add secrets as well, so the index catches up with the inventory when it is asked.
func (r *reader) stored(arn string) *model.StoredSecret {
	for ; r.indexed < len(r.inv.Secrets); r.indexed++ {
		s := r.inv.Secrets[r.indexed]
		if r.secrets[s.ARN.V] == nil {
			r.secrets[s.ARN.V] = s
		}
	}
	return r.secrets[arn]
}

// merge joins two answers about one secret: each tells a part.
func merge(old, s *model.StoredSecret) {
	if s.Policy != nil {
		old.Policy = s.Policy
	}
	if s.Keys.Known() {
		old.Keys = s.Keys
	}
	if !s.Rotation.Absent() || s.Changed.Known() {
		old.Rotation, old.Rotated, old.Changed, old.Key = s.Rotation, s.Rotated, s.Changed, s.Key
	}
}

// keys are the names of an object's members, in no order.
func keys(n *model.Node) []string {
	var out []string
	for k := range n.Fields {
		out = append(out, k)
	}
	return out
}
