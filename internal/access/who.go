package access

import (
	"net/netip"
	"strconv"
	"strings"
	"time"

	"github.com/trailhound/trailhound/internal/access/policy"
	"github.com/trailhound/trailhound/internal/evidence"
)

// CallerOf is who made the call, as policies name callers. ok is false for
// identities that policies cannot be looked up for.
func CallerOf(e *evidence.Event) (c policy.Caller, ok bool) {
	id := e.Identity
	c = policy.Caller{ARN: id.ARN, Account: id.Account, UniqueID: id.UniqueID()}
	switch id.Type {
	case "Root":
		c.Kind = policy.Root
		return c, c.Account != "" && id.InvokedBy == ""
	case "IAMUser":
		c.Kind = policy.User
		return c, c.ARN != ""
	case "AssumedRole":
		// Policies hang on the role; resource policies may name the session.
		c.Kind, c.ARN, c.SessionARN = policy.Role, id.IssuerARN, id.ARN
		return c, c.ARN != ""
	case "FederatedUser":
		c.Kind, c.ARN, c.SessionARN = policy.FederatedUser, id.IssuerARN, id.ARN
		// A root user can call GetFederationToken too, and has no policies to look up.
		return c, c.ARN != "" && id.IssuerType == "IAMUser"
	case "AWSService":
		return policy.Caller{Kind: policy.Service, Service: id.InvokedBy}, id.InvokedBy != ""
	}
	return c, false
}

// ContextOf is what an event tells of its request's condition keys. Keys that
// CloudTrail does not record stay unknown.
// Source: IAM User Guide, "AWS global condition context keys".
func ContextOf(e *evidence.Event) policy.Context {
	var c policy.Context
	id := e.Identity
	c.Set("aws:CurrentTime", e.Time.UTC().Format(time.RFC3339))
	c.Set("aws:EpochTime", strconv.FormatInt(e.Time.Unix(), 10))
	set := func(key, value string) {
		if value != "" {
			c.Set(key, value)
		}
	}
	set("aws:PrincipalAccount", id.Account)
	set("aws:userid", id.PrincipalID)
	set("aws:UserAgent", e.UserAgent)
	set("aws:RequestedRegion", e.Region)
	set("aws:SourceVpce", e.VPCEndpoint)
	if _, err := netip.ParseAddr(e.SourceIP); err == nil {
		c.Set("aws:SourceIp", e.SourceIP)
	} else if e.SourceIP != "" {
		c.SetAbsent("aws:SourceIp") // a service called
	}
	// The call was made by a service with the caller's permissions (forward access).
	via := id.InvokedBy != "" && id.Type != "AWSService"
	c.Set("aws:ViaAWSService", strconv.FormatBool(via))
	c.Set("aws:PrincipalIsAWSService", strconv.FormatBool(id.Type == "AWSService"))
	identify(&c, e)
	return c
}

// identify sets the keys that follow from the sort of identity.
func identify(c *policy.Context, e *evidence.Event) {
	id := e.Identity
	switch id.Type {
	case "Root":
		c.Set("aws:PrincipalType", "Account")
		c.Set("aws:PrincipalArn", id.ARN)
	case "IAMUser":
		c.Set("aws:PrincipalType", "User")
		c.Set("aws:PrincipalArn", id.ARN)
		if id.UserName != "" {
			c.Set("aws:username", id.UserName)
		}
	case "AssumedRole":
		c.Set("aws:PrincipalType", "AssumedRole")
		c.Set("aws:PrincipalArn", id.IssuerARN)
		c.SetAbsent("aws:username")
	case "FederatedUser":
		c.Set("aws:PrincipalType", "FederatedUser")
		c.SetAbsent("aws:username")
	}
	switch {
	case id.SessionCreated.IsZero() && strings.HasPrefix(id.AccessKey, "AKIA"):
		// A long-term key carries neither.
		c.SetAbsent("aws:MultiFactorAuthPresent")
		c.SetAbsent("aws:MultiFactorAuthAge")
		c.SetAbsent("aws:TokenIssueTime")
	case !id.SessionCreated.IsZero():
		c.Set("aws:TokenIssueTime", id.SessionCreated.UTC().Format(time.RFC3339))
		if id.MFA != "" {
			c.Set("aws:MultiFactorAuthPresent", id.MFA)
		}
	}
	if id.SourceIdentity != "" {
		c.Set("aws:SourceIdentity", id.SourceIdentity)
	}
}
