package cloudtrail

import "strings"

// paths are CloudTrail's own names, which tables flatten and lower-case. A column
// is known by its letters and digits alone: "userIdentity.accessKeyId",
// useridentity_accesskeyid and "User Identity Access Key Id" are one.
var paths = strings.Fields(`
eventVersion userIdentity eventTime eventSource eventName awsRegion sourceIPAddress userAgent errorCode errorMessage
requestParameters responseElements additionalEventData requestID eventID readOnly resources eventType apiVersion managementEvent
recipientAccountId serviceEventDetails sharedEventID annotation vpcEndpointId vpcEndpointAccountId eventCategory addendum
sessionCredentialFromConsole edgeDeviceDetails insightDetails tlsDetails
userIdentity.type userIdentity.principalId userIdentity.arn userIdentity.accountId userIdentity.accessKeyId userIdentity.userName
userIdentity.invokedBy userIdentity.credentialId userIdentity.onBehalfOf.userId userIdentity.onBehalfOf.identityStoreArn
userIdentity.inScopeOf.credentialsIssuedTo userIdentity.inScopeOf.issuerType userIdentity.identityProvider
userIdentity.sessionContext.attributes.creationDate userIdentity.sessionContext.attributes.mfaAuthenticated
userIdentity.sessionContext.sessionIssuer.type userIdentity.sessionContext.sessionIssuer.principalId
userIdentity.sessionContext.sessionIssuer.arn userIdentity.sessionContext.sessionIssuer.accountId
userIdentity.sessionContext.sessionIssuer.userName userIdentity.sessionContext.ec2RoleDelivery
userIdentity.sessionContext.sourceIdentity userIdentity.sessionContext.webIdFederationData.federatedProvider
tlsDetails.tlsVersion tlsDetails.cipherSuite tlsDetails.clientProvidedHostHeader
`)

// columns maps what is left of a column's name to the path it stands for.
var columns = func() map[string]string {
	m := map[string]string{
		// Event history of the console, and LookupEvents without the record.
		"username": "userIdentity.userName", "awsaccesskey": "userIdentity.accessKeyId", "accesskeyid": "userIdentity.accessKeyId",
		"accesskey": "userIdentity.accessKeyId", "sourceip": "sourceIPAddress",
		// Microsoft Sentinel, table AWSCloudTrail.
		"awseventid": "eventID", "awsrequestid": "requestID", "eventtypename": "eventType", "timegenerated": "eventTime",
		"sessionmfaauthenticated":  "userIdentity.sessionContext.attributes.mfaAuthenticated",
		"sessioncreationdate":      "userIdentity.sessionContext.attributes.creationDate",
		"sessionissuertype":        "userIdentity.sessionContext.sessionIssuer.type",
		"sessionissuerprincipalid": "userIdentity.sessionContext.sessionIssuer.principalId",
		"sessionissuerarn":         "userIdentity.sessionContext.sessionIssuer.arn",
		"sessionissueraccountid":   "userIdentity.sessionContext.sessionIssuer.accountId",
		"sessionissuerusername":    "userIdentity.sessionContext.sessionIssuer.userName",
		"ec2roledelivery":          "userIdentity.sessionContext.ec2RoleDelivery",
		"useridentityuserid":       "userIdentity.onBehalfOf.userId", "useridentitystorearn": "userIdentity.onBehalfOf.identityStoreArn",
		"tlsversion": "tlsDetails.tlsVersion", "ciphersuite": "tlsDetails.cipherSuite", "clientprovidedhostheader": "tlsDetails.clientProvidedHostHeader",
		// Logstash.
		"timestamp": "eventTime",
	}
	for _, p := range paths {
		m[columnKey(p)] = p
	}
	return m
}()

// columnKey reduces a column's name to lower-case letters and digits, without
// the unit that portals append in brackets.
// Two of AWS's names never fall together by this, which a new path must keep.
func columnKey(name string) string {
	name, _, _ = strings.Cut(name, "[")
	return strings.Map(func(r rune) rune {
		switch {
		case r >= 'A' && r <= 'Z':
			return r + 'a' - 'A'
		case r >= 'a' && r <= 'z', r >= '0' && r <= '9':
			return r
		}
		return -1
	}, name)
}

// spelling restores the names inside nested columns that Athena lower-cases.
var spelling = func() map[string]string {
	m := map[string]string{"arnprefix": "ARNPrefix"}
	for _, p := range paths {
		for _, step := range strings.Split(p, ".") {
			m[strings.ToLower(step)] = step
		}
	}
	return m
}()

// respell gives CloudTrail's spelling of a name inside the nested column path.
func respell(path, name string) string {
	// In resources CloudTrail writes ARN, in userIdentity arn.
	if path == "resources" && strings.EqualFold(name, "arn") {
		return "ARN"
	}
	if s, ok := spelling[strings.ToLower(name)]; ok {
		return s
	}
	return name
}

// structured are the columns that hold structures at all. A user agent in
// brackets is a text.
var structured = map[string]bool{
	"userIdentity": true, "requestParameters": true, "responseElements": true, "additionalEventData": true, "resources": true,
	"serviceEventDetails": true, "addendum": true, "tlsDetails": true, "insightDetails": true, "edgeDeviceDetails": true,
}

// nested are the columns that hold structures of AWS's own, whose names are
// known; the names in requestParameters and the like are left as they are.
var nested = map[string]bool{"userIdentity": true, "resources": true, "tlsDetails": true, "addendum": true}
