package check

import (
	"net/netip"
	"slices"
	"strings"

	"github.com/trailhound/trailhound/internal/posture/pipeline/model"
	"github.com/trailhound/trailhound/internal/posture/pipeline/secret"
)

// securityGroups makes one subject for each group of each project in a VPC.
func (s *Scene) securityGroups() []*Subject {
	var out []*Subject
	seen := map[string]*Subject{}
	for _, o := range s.owners {
		if !o.Project.VPC.Known() {
			continue
		}
		for _, name := range o.Project.VPC.V.Groups.V {
			id := model.Scoped(name, o.Project.At)
			if old := seen[id]; old != nil {
				old.Also = append(old.Also, o.Project)
				continue
			}
			g := s.groups[id]
			v := view{"open_v4": s.unknown("the security group %s was not given", name)}
			v["open_v6"] = v["open_v4"]
			// A group that was not given stands where the project names it.
			at := o.Project.VPC.V.At
			words := map[string]string{"security_group": name}
			if g != nil {
				at = g.At
				s.egress(g, v, words)
			}
			sub := s.subject("security group", "security group "+name, at, o, v, words)
			sub.Also = []*model.Project{o.Project}
			seen[id] = sub
			out = append(out, sub)
		}
	}
	return out
}

// egress says what of the way out is open to everywhere on more than HTTPS.
func (s *Scene) egress(g *model.SecurityGroup, v view, words map[string]string) {
	if !g.Egress.Known() {
		v["open_v4"] = s.r.unknown(g.Egress.Why)
		v["open_v6"] = v["open_v4"]
		return
	}
	v4, v6 := false, false
	for _, r := range g.Egress.V {
		// HTTPS to everywhere is what fetching dependencies needs. That secrets can
		// leave by it too is for the check of endpoints.
		if r.Protocol.Known() && r.Protocol.V != "-1" && r.From.V == 443 && r.To.V == 443 {
			continue
		}
		// Names must be resolved, so DNS is not held against a group, though data can leave by it.
		if r.Protocol.V != "-1" && r.From.V == 53 && r.To.V == 53 {
			continue
		}
		v4 = v4 || slices.ContainsFunc(r.V4, wide)
		v6 = v6 || slices.ContainsFunc(r.V6, wide)
	}
	v["open_v4"], v["open_v6"] = v4, v6
	switch {
	case v4 && v6:
		words["families"] = "IPv4 and IPv6"
	case v6:
		words["families"] = "IPv6"
	default:
		words["families"] = "IPv4"
	}
}

// wide is a range of half the internet or more, so that 0.0.0.0/1 twice is not missed.
func wide(cidr string) bool {
	p, err := netip.ParsePrefix(cidr)
	return err == nil && p.Bits() <= 1
}

// calledFor are the services that a project's builds call for what its configuration
// says, by the last part of their endpoints' names.
func (s *Scene) calledFor(o *owner) (out []string) {
	p := o.Project
	call := func(uses bool, services ...string) {
		if uses {
			out = append(out, services...)
		}
	}
	image := p.Env.Image.V
	call(strings.Contains(image, ".dkr.ecr."), "ecr.api", "ecr.dkr")
	call(p.Logs.CloudWatch.Or("ENABLED") == "ENABLED", "logs")
	call(p.Cache.Type.V == "S3" || p.Logs.S3.V == "ENABLED" || strings.Contains(image, ".dkr.ecr.") || // which keeps the layers of images in S3
		slices.ContainsFunc(p.Artifacts.V, func(a model.Artifact) bool { return a.Location.Known() && a.Location.V != "" }), "s3")
	refs := s.secretRefs(o)
	uses := func(kind string) bool {
		return slices.ContainsFunc(refs, func(ref string) bool { return strings.HasPrefix(ref, kind+" ") })
	}
	call(uses(secret.Stored) || strings.Contains(p.Source.AuthFrom.V, ":secretsmanager:"), "secretsmanager")
	call(uses(secret.Parameter), "ssm")
	return out
}

// noEndpoint are the services that builds in a VPC call over the internet, for want of
// an endpoint. Outside of a VPC there is nothing to say.
func (s *Scene) noEndpoint(o *owner) any {
	p := o.Project
	if !p.VPC.Known() {
		return []string{}
	}
	if refused := slices.IndexFunc(s.Inventory.Gaps, func(g model.Gap) bool {
		return g.Region == p.Region && strings.HasPrefix(g.What, "the endpoints")
	}); refused >= 0 || !s.Inventory.EndpointsGiven {
		return s.unknown("which endpoints its VPC has was not given")
	}
	missing := slices.DeleteFunc(s.calledFor(o), func(service string) bool {
		return slices.ContainsFunc(s.Inventory.Endpoints, func(e *model.Endpoint) bool {
			// EC2 writes the state in lower case, its documentation and templates
			// with a capital.
			return e.VPC.V == p.VPC.V.ID.V && strings.EqualFold(e.State.Or("available"), "available") && strings.HasSuffix(e.Service.V, "."+service)
		})
	})
	return notNil(missing)
}
