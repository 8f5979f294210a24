package playbook

import (
	"fmt"
	"strings"
)

// metadataV1 asks whether the intruder held credentials that an instance got from the first
// version of the metadata service, which hands them to whoever can make the host fetch a URL.
// Records name the version since 2023 (userIdentity.sessionContext.ec2RoleDelivery); EC2
// keeps two sets of keys at once, one for each, so the key in use tells which was taken.
func metadataV1(v *view, _ []string) answer {
	first := where(v.hostile, func(a act) bool { return a.Identity.RoleDelivery == "1.0" })
	second := where(v.hostile, func(a act) bool { return a.Identity.RoleDelivery == "2.0" })
	switch {
	case len(first) > 0:
		return v.yes(fmt.Sprintf("%s with credentials that the first version handed out.", number(len(first), "call")), cite(first)...)
	case len(second) > 0:
		return v.no(fmt.Sprintf("%s with credentials that the second version handed out, and none with the first's.", number(len(second), "call")), cite(second)...)
	}
	return v.cannot("No record says by which version of the metadata service the credentials came.")
}

// otherHosts asks whether other instances work with a role that the intruder had from one of them.
// It never says no: sessions show the instances that called, and a list of instances is not asked for.
func otherHosts(v *view, _ []string) answer {
	var names, refs []string
	for _, s := range v.res.Siblings {
		names, refs = append(names, s.Instance), append(refs, s.Refs...)
	}
	if len(names) == 0 {
		return v.cannot("No other instance is seen with the role; a list of the instances and their profiles would tell.")
	}
	return v.yes("With a role that the intruder had from one instance work "+strings.Join(names, ", ")+".", refs...)
}
