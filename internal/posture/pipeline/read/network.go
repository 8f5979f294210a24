package read

import (
	"strings"

	"github.com/trailhound/trailhound/internal/posture/pipeline/model"
)

// securityGroup reads one of DescribeSecurityGroups: the way out alone, which is what
// the check is about.
func (r *reader) securityGroup(n *model.Node) {
	g := &model.SecurityGroup{At: n.At, ID: n.Get("GroupId").Text()}
	g.Egress = model.Each(n.Get("IpPermissionsEgress"), func(p *model.Node) model.Rule {
		rule := model.Rule{Protocol: p.Get("IpProtocol").Text(), From: p.Get("FromPort").Number(), To: p.Get("ToPort").Number()}
		for _, c := range p.Get("IpRanges").Values() {
			rule.V4 = append(rule.V4, c.Get("CidrIp").Text().V)
		}
		for _, c := range p.Get("Ipv6Ranges").Values() {
			rule.V6 = append(rule.V6, c.Get("CidrIpv6").Text().V)
		}
		// What a prefix list covers is not in this answer: the ids are kept, and the
		// check says that it cannot tell.
		for _, c := range p.Get("PrefixListIds").Values() {
			rule.Prefixes = append(rule.Prefixes, c.Get("PrefixListId").Text().V)
		}
		return rule
	})
	r.inv.Groups = append(r.inv.Groups, g)
}

// subnet reads DescribeSubnets. Whether it is public its route table tells.
func (r *reader) subnet(n *model.Node) {
	r.inv.Subnets = append(r.inv.Subnets, &model.Subnet{At: n.At, ID: n.Get("SubnetId").Text(), VPC: n.Get("VpcId").Text(),
		Public: model.Cannot[bool]("no route table was given for it")})
}

// endpoints reads DescribeVpcEndpoints. That there is none is an answer, too.
func (r *reader) endpoints(_, list *model.Node) bool {
	r.inv.EndpointsGiven = r.inv.EndpointsGiven || list.List
	for _, n := range list.Values() {
		if n.Is() {
			r.endpoint(n)
		}
	}
	return list.List
}

// endpoint reads one of them.
func (r *reader) endpoint(n *model.Node) {
	r.inv.Endpoints = append(r.inv.Endpoints, &model.Endpoint{At: n.At, VPC: n.Get("VpcId").Text(), Service: n.Get("ServiceName").Text(), State: n.Get("State").Text(),
		Policy: embedded(n.Get("PolicyDocument"))})
}

// routes tells for each subnet whether its route table leads straight to the
// internet. A subnet without a table of its own uses its VPC's main one. Source:
// Amazon VPC user guide, "Subnet route tables".
func (r *reader) routes() {
	own, main := map[string]bool{}, map[string]bool{}
	for _, t := range r.tables {
		gateway := false
		for _, route := range t.Get("Routes").Values() {
			// An internet gateway of any prefix counts: a route to a part of the
			// internet is a way out. A NAT gateway does not make a subnet public.
			gateway = gateway || strings.HasPrefix(route.Get("GatewayId").Text().V, "igw-") && route.Get("State").Text().V != "blackhole"
		}
		for _, as := range t.Get("Associations").Values() {
			if id := as.Get("SubnetId").Text(); id.Known() && id.V != "" {
				own[id.V] = gateway
			} else if vpc := t.Get("VpcId").Text(); as.Get("Main").Flag().V && vpc.Known() {
				main[vpc.V] = gateway
			}
		}
	}
	for _, s := range r.inv.Subnets {
		public, ok := own[s.ID.V]
		if !ok && s.VPC.Known() {
			public, ok = main[s.VPC.V]
		}
		if ok {
			s.Public = model.Of(public)
		}
	}
}
