package lineage

import (
	"cmp"
	"maps"
	"regexp"
	"slices"
	"sort"
	"strings"
	"time"

	"github.com/trailhound/trailhound/internal/evidence"
)

// What is put into an image or a launch template works with the role of whatever is started
// from it, and it is mostly somebody else who starts that, or AWS. So two records make one edge:
// the one that made the image, and the one that ran it. What an image holds no record shows, hence
// such an edge is an inference always.

// contents are the calls that make or replace what others start.
var contents = []string{"CreateImage", "RegisterImage", "CopyImage", "PutImage", "CreateLaunchTemplate", "CreateLaunchTemplateVersion", "ModifyLaunchTemplate"}

// A reference names what is run as both records can: an image of EC2 by its id, one of a registry as
// "account/region/repository:tag" or "…@digest", and a launch template as "account/region/lt-…:3" or under its
// name. Versions that say "the latest" or "the default" are kept in AWS's own words.
const (
	latestVersion  = "$Latest"
	defaultVersion = "$Default"
)

var (
	imageID  = regexp.MustCompile(`^ami-[0-9a-f]{8,17}$`)
	ecrImage = regexp.MustCompile(`^([0-9]{12})\.dkr\.ecr(?:-fips)?\.([a-z0-9-]+)\.amazonaws\.com(?:\.cn)?/([^:@\s]+)(?::([^@\s]+))?(?:@(sha256:[0-9a-f]+))?$`)
)

// content reads a call that puts something into an image or a template; nil if it does not say which.
func (l *linker) content(i issue, r evidence.Record) []issue {
	i.rule, i.key, i.role, i.principal = "image_change", "", "", ""
	place := i.e.Account + "/" + i.e.Region + "/"
	switch i.e.Name {
	case "CreateImage", "RegisterImage", "CopyImage":
		// CreateImage is the name of other services' calls too.
		if id := r.Str("responseElements.imageId"); i.e.Source == "ec2.amazonaws.com" && imageID.MatchString(id) {
			i.runs = []string{id}
		}
	case "PutImage":
		repository := cmp.Or(r.Str("requestParameters.registryId"), i.e.Account) + "/" + i.e.Region + "/" + r.Str("requestParameters.repositoryName")
		if i.e.Source != "ecr.amazonaws.com" || strings.HasSuffix(repository, "/") {
			return nil
		}
		// Both references are kept: who pulls by tag gets whatever has the tag then,
		// who pulls by digest this image.
		if tag := cmp.Or(r.Str("requestParameters.imageTag"), r.Str("responseElements.image.imageId.imageTag")); tag != "" {
			i.runs = append(i.runs, repository+":"+tag)
		}
		if digest := r.Str("responseElements.image.imageId.imageDigest"); digest != "" {
			i.runs = append(i.runs, repository+"@"+digest)
		}
	case "CreateLaunchTemplate":
		t := "responseElements.CreateLaunchTemplateResponse.launchTemplate."
		i.runs = versions(place, []string{r.Str(t + "launchTemplateId"), r.Str(t + "launchTemplateName")}, "1", latestVersion, defaultVersion)
	case "CreateLaunchTemplateVersion":
		t := "responseElements.CreateLaunchTemplateVersionResponse.launchTemplateVersion."
		i.runs = versions(place, []string{r.Str(t + "launchTemplateId"), r.Str(t + "launchTemplateName")}, r.Str(t+"versionNumber"), latestVersion)
	case "ModifyLaunchTemplate":
		t := "responseElements.ModifyLaunchTemplateResponse.launchTemplate."
		i.runs = versions(place, []string{r.Str(t + "launchTemplateId"), r.Str(t + "launchTemplateName")}, defaultVersion)
		i.chose = versions(place, []string{r.Str(t + "launchTemplateId")}, cmp.Or(r.Str(t+"defaultVersionNumber"), r.Str("requestParameters.ModifyLaunchTemplateRequest.SetDefaultVersion")))
	}
	if len(i.runs) == 0 {
		return nil
	}
	return []issue{i}
}

// versions are the references of some versions of a template, under each of its names.
func versions(place string, names []string, list ...string) (out []string) {
	for _, name := range compact(names...) {
		for _, v := range list {
			if v != "" {
				out = append(out, place+name+":"+v)
			}
		}
	}
	return out
}

// runsOf are the references to what a call starts or gives a role to: images of a registry
// wherever the request names one, and of an instance what the answer says of it.
func runsOf(e *evidence.Event, r evidence.Record) (out []string) {
	if e.Name != "RunInstances" {
		registryImages(r["requestParameters"], 0, &out)
		return compact(out...)
	}
	for _, p := range []string{"requestParameters.instancesSet.items.imageId", "responseElements.instancesSet.items.imageId"} {
		for _, id := range r.Strs(p) {
			if imageID.MatchString(id) {
				out = append(out, id)
			}
		}
	}
	place := e.Account + "/" + e.Region + "/"
	// EC2 tags what it starts from a template with the version that it took.
	tags := map[string]string{}
	for _, x := range r.All("responseElements.instancesSet.items.tagSet.items") {
		m, _ := x.(map[string]any)
		tag := evidence.Record(m)
		tags[tag.Str("key")] = tag.Str("value")
	}
	t := "requestParameters.launchTemplate."
	names := []string{r.Str(t + "launchTemplateId"), r.Str(t + "launchTemplateName"), tags["aws:ec2launchtemplate:id"]}
	out = append(out, versions(place, names, tags["aws:ec2launchtemplate:version"], cmp.Or(r.Str(t+"version"), defaultVersion))...)
	return compact(out...)
}

// registryImages finds images of ECR in a request. Depth is bounded: records are strangers' JSON.
func registryImages(v any, depth int, out *[]string) {
	if depth > 8 || len(*out) >= evidence.MaxResources {
		return
	}
	switch v := v.(type) {
	case map[string]any:
		for _, w := range v { // the order does not matter: what is found is sorted
			registryImages(w, depth+1, out)
		}
	case []any:
		for _, w := range v {
			registryImages(w, depth+1, out)
		}
	case string:
		m := ecrImage.FindStringSubmatch(v)
		switch {
		case m == nil:
		case m[5] != "": // a digest is one image for good, whatever its tag says
			*out = append(*out, m[1]+"/"+m[2]+"/"+m[3]+"@"+m[5])
		default:
			*out = append(*out, m[1]+"/"+m[2]+"/"+m[3]+":"+cmp.Or(m[4], "latest"))
		}
	}
}

// family is what the deployments of one workload have in common, of which the last one counts.
func family(e *evidence.Event, r evidence.Record) string {
	for _, p := range []string{"family", "jobDefinitionName", "functionName", "projectName", "name", "stackName", "agentRuntimeName"} {
		if v := r.Str("requestParameters." + p); v != "" {
			return e.Source + " " + v
		}
	}
	return e.Source + " " + e.Name
}

// shelf is what was put into images and templates, by reference, in order of time.
type shelf map[string][]issue

func (l *linker) shelf() shelf {
	s := shelf{}
	for _, i := range l.issues {
		if i.rule == "image_change" {
			for _, ref := range i.runs {
				s[ref] = append(s[ref], i)
			}
		}
	}
	return s
}

// at are the calls that made what a reference meant at a moment: the last one before it, and
// where that chose a version, the one that made the version.
func (s shelf) at(ref string, t time.Time) (out []issue) {
	list := s[ref]
	k := sort.Search(len(list), func(k int) bool { return list[k].e.Time.After(t) }) - 1
	if k < 0 {
		return nil
	}
	out = append(out, list[k])
	// This ends, for what is looked up next is never earlier than what chose it, and
	// a reference that names itself is left out.
	for _, chosen := range list[k].chose {
		if chosen != ref {
			out = append(out, s.at(chosen, t)...)
		}
	}
	return out
}

// imaged adds the edges from what was put into images and templates to the sessions of what
// was started from them.
func (l *linker) imaged(h *heirs) {
	s := l.shelf()
	if len(s) == 0 {
		return
	}
	next := map[string][]time.Time{}         // workload → when it was deployed, ascending
	roles := map[string]map[string][]issue{} // account and role → family → deployments, ascending
	for _, i := range l.issues {
		if i.rule != "passed_role" && i.rule != "code_change" {
			continue
		}
		for _, w := range i.hosts {
			if len(i.runs) == 0 { // changes of settings replace no image
				break
			}
			next[i.e.Account+"/"+w] = append(next[i.e.Account+"/"+w], i.e.Time)
		}
		if i.role != "" {
			k := i.e.Account + "/" + lastPart(i.role)
			if roles[k] == nil {
				roles[k] = map[string][]issue{}
			}
			roles[k][i.family] = append(roles[k][i.family], i)
		}
	}
	for _, i := range l.issues {
		if i.rule != "passed_role" && i.rule != "code_change" || len(i.runs) == 0 {
			continue
		}
		// What an instance or a function runs was looked up when it was set up.
		for _, w := range i.hosts {
			until, later := time.Time{}, next[i.e.Account+"/"+w]
			if k := sort.Search(len(later), func(k int) bool { return later[k].After(i.e.Time) }); k < len(later) {
				until = later[k]
			}
			for _, n := range h.byHolder[i.e.Account+"/"+w] {
				// What handOver would refuse is not looked up: there may be as many deployments as sessions.
				if born := bornOf(n); !born.Before(i.e.Time.Add(-time.Second)) && (until.IsZero() || born.Before(until)) {
					l.stock(s, i.runs, i.e.Time, n, 3, until)
				}
			}
		}
	}
	// What a task or a job runs is looked up when it starts, by the last deployment of its family.
	for _, role := range slices.Sorted(maps.Keys(roles)) {
		for _, n := range h.byRole[role] {
			born, now := bornOf(n), []issue{}
			for _, f := range slices.Sorted(maps.Keys(roles[role])) {
				list := roles[role][f]
				if k := sort.Search(len(list), func(k int) bool { return list[k].e.Time.After(born) }); k > 0 {
					now = append(now, list[k-1])
				}
			}
			tier := 3
			if len(now) > 1 {
				tier = 2 // several workloads hold the role: which one this is, nothing says
			}
			for _, d := range now {
				l.stock(s, d.runs, born, n, tier, time.Time{})
			}
		}
	}
}

// stock adds the edges from those who made what was run at a moment to one session, once each: what is known of
// its own workload comes first, and is the surest.
func (l *linker) stock(s shelf, refs []string, at time.Time, n *Node, tier int, until time.Time) {
	for _, ref := range refs {
		for _, maker := range s.at(ref, at) {
			if !slices.ContainsFunc(n.In, func(e Edge) bool { return e.Event == maker.e.ID && e.Rule == "image_change" }) {
				l.handOver(maker, n, tier, until)
			}
		}
	}
}

// bornOf is when a session began, as far as it is known.
func bornOf(n *Node) time.Time {
	if n.Created.IsZero() {
		return n.First
	}
	return n.Created
}

// startedFrom are the calls that started something of what a call had made, or may have, for
// whoever looks for the sessions that came of it.
func (l *linker) startedFrom(i issue) (out []issue) {
	bases := map[string]bool{}
	for _, ref := range i.runs {
		bases[base(ref)] = true
	}
	for _, d := range l.issues {
		if (d.rule == "passed_role" || d.rule == "code_change") && slices.ContainsFunc(d.runs, func(ref string) bool { return bases[base(ref)] }) {
			out = append(out, d)
		}
	}
	return out
}

// base is a reference without its version.
func base(ref string) string {
	if k := strings.LastIndexAny(ref, ":@"); k >= 0 && !strings.HasSuffix(ref[:k], "sha256") {
		return ref[:k]
	}
	ref, _, _ = strings.Cut(ref, "@")
	return ref
}
