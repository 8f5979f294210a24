package outline

import (
	"testing"

	"github.com/trailhound/trailhound/internal/attribution"
	"github.com/trailhound/trailhound/internal/report"
)

func TestWhy(t *testing.T) {
	o := New(&report.Report{Attribution: []attribution.Row{
		{Event: "sign-in", Actor: attribution.Intruder, Credential: "login", Because: "issued:ASIAEXAMPLEEXAMPLE01"},
		{Event: "owner", Actor: attribution.Owner, Credential: "ASIAEXAMPLEEXAMPLE01", Because: "habit"},
		{Event: "use", Actor: attribution.Intruder, Credential: "ASIAEXAMPLEEXAMPLE01", Because: "case:ip"},
		{Event: "unused", Actor: attribution.Intruder, Credential: "login", Because: "issued:ASIAEXAMPLEEXAMPLE02"},
	}})
	for event, want := range map[string]string{
		"sign-in": "it opened the session of ASIAEXAMPLEEXAMPLE01, and who used that made it; there, the case names its address",
		"use":     "the case names its address",
		"unused":  "it opened the session of ASIAEXAMPLEEXAMPLE02, and who used that made it",
		"nothing": "",
	} {
		if got := o.Why(event); got != want {
			t.Errorf("%s: %q, want %q", event, got, want)
		}
	}
	if got := From("saml_federation") + ", " + From("instance_profile"); got != "from the identity provider, issued by a service" {
		t.Error(got)
	}
}
