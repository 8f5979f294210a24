package simulator

import (
	"strings"
	"time"
)

// call is one API call or event, as far as it differs from any other.
// The zero value of each member is what most calls have; do fills in the rest by the client.
type call struct {
	service, name string // "iam", "CreateUser"; name as CloudTrail writes it, version suffix and all
	region        string // "" is the client's own; global services always stand in us-east-1

	req, resp, extra obj // requestParameters, responseElements, additionalEventData; nil is null (extra: absent)
	errCode, errMsg  string
	write, read      bool // overrides of readOnly, which is else told from the name
	resources        []resource
	data             bool   // a data event
	shared           string // sharedEventID
	kind             string // eventType; "" is AwsApiCall
	detail           obj    // serviceEventDetails
	recipient        *account
	host             string // clientProvidedHostHeader, where it is not <service>.<region>
	invokedBy        string // a service that makes the call for the client
	vpce             string
	request          string // requestID, where two views of one call share it

	technique string // for the truth: which technique of the catalogue the call shows
}

type resource struct{ kind, arn, account string }

// global services report us-east-1, wherever the client is.
// Source: CloudTrail User Guide, "Global service events".
var global = map[string]bool{"iam": true, "organizations": true, "route53": true, "cloudfront": true, "account": true, "support": true}

// versions are what the services write today; AWS raises them one service at a time.
var versions = map[string]string{
	"sts": "1.08", "ssm": "1.08", "logs": "1.11", "signin": "1.08", "monitoring": "1.11", "config": "1.08",
	"autoscaling": "1.08", "ecs": "1.08", "ecr": "1.08", "ec2": "1.10", "secretsmanager": "1.11", "sso": "1.08",
}

// readOnly is AWS's own reading of the name, with its exceptions (STS issues
// credentials "read-only", but for session and federation tokens).
func (c *call) readOnly() bool {
	switch {
	case c.write:
		return false
	case c.read:
		return true
	case c.service == "sts":
		return strings.HasPrefix(c.name, "AssumeRole") && c.name != "AssumeRoot" || c.name == "GetCallerIdentity"
	case c.service == "kms" && (c.name == "Decrypt" || c.name == "GenerateDataKey"):
		return true
	}
	for _, p := range [...]string{"Get", "List", "Describe", "Head", "Lookup", "BatchGet", "Simulate", "Scan", "Query", "Select"} {
		if strings.HasPrefix(c.name, p) {
			return true
		}
	}
	return false
}

// hostHeader is the endpoint that the client spoke to, which services spell in their
// own ways.
func (c *call) hostHeader(region string) string {
	switch {
	case c.host != "":
		return c.host
	case c.service == "iam", c.service == "organizations", c.service == "support":
		return c.service + ".amazonaws.com"
	case c.service == "ecr":
		return "api.ecr." + region + ".amazonaws.com"
	}
	return c.service + "." + region + ".amazonaws.com"
}

// encode writes the record the way CloudTrail orders it. by is who calls, ip
// and ua are already what the record shall show.
func (c *call) encode(r stream, by *cred, at time.Time, region, ip, ua, tls string) (id string, body []byte) {
	// By hand and not by encoding/json: the order of members is CloudTrail's, and a
	// corpus has millions of records.
	b := make([]byte, 0, 2048)
	version := versions[c.service]
	if version == "" {
		version = "1.11"
	}
	b = append(b, `{"eventVersion":"`...)
	b = append(b, version...)
	b = append(b, `","userIdentity":`...)
	b = append(b, by.identity...)
	if c.invokedBy != "" {
		b = append(b, `,"invokedBy":`...)
		b = appendString(b, c.invokedBy)
	}
	b = append(b, `},"eventTime":`...)
	b = appendTime(b, at)
	str := func(name, v string) {
		b = append(b, ',', '"')
		b = append(b, name...)
		b = append(b, '"', ':')
		b = appendString(b, v)
	}
	str("eventSource", c.service+".amazonaws.com")
	str("eventName", c.name)
	str("awsRegion", region)
	str("sourceIPAddress", ip)
	str("userAgent", ua)
	if c.errCode != "" {
		str("errorCode", c.errCode)
	}
	if c.errMsg != "" {
		str("errorMessage", c.errMsg)
	}
	// Null is written out, as CloudTrail does where a call has no parameters or no answer.
	if c.kind != "AwsServiceEvent" || c.req != nil {
		b = append(b, `,"requestParameters":`...)
		b = appendValue(b, c.req)
		b = append(b, `,"responseElements":`...)
		b = appendValue(b, c.resp)
	}
	if c.extra != nil {
		b = append(b, `,"additionalEventData":`...)
		b = appendValue(b, c.extra)
	}
	switch {
	case c.service == "s3":
		str("requestID", r.s3RequestID())
	// Sign-ins and service events have no request id.
	case c.service != "signin" && c.kind != "AwsServiceEvent":
		request := c.request
		if request == "" {
			request = r.uuid()
		}
		str("requestID", request)
	}
	id = r.uuid()
	str("eventID", id)
	b = append(b, `,"readOnly":`...)
	b = appendValue(b, c.readOnly())
	if len(c.resources) > 0 {
		b = append(b, `,"resources":[`...)
		for i, res := range c.resources {
			if i > 0 {
				b = append(b, ',')
			}
			b = appendValue(b, o("accountId", res.account, "type", res.kind, "ARN", res.arn))
		}
		b = append(b, ']')
	}
	kind := c.kind
	if kind == "" {
		kind = "AwsApiCall"
	}
	str("eventType", kind)
	b = append(b, `,"managementEvent":`...)
	b = appendValue(b, !c.data)
	recipient := by.acct
	if c.recipient != nil {
		recipient = c.recipient
	}
	str("recipientAccountId", recipient.id)
	if c.shared != "" {
		str("sharedEventID", c.shared)
	}
	if c.detail != nil {
		b = append(b, `,"serviceEventDetails":`...)
		b = appendValue(b, c.detail)
	}
	if c.vpce != "" {
		str("vpcEndpointId", c.vpce)
		str("vpcEndpointAccountId", recipient.id)
	}
	if c.data {
		str("eventCategory", "Data")
	} else {
		str("eventCategory", "Management")
	}
	// A service's own connection is not shown.
	if tls != "" && c.invokedBy == "" {
		version := "TLSv1.3"
		if tls == tls12 {
			version = "TLSv1.2"
		}
		b = append(b, `,"tlsDetails":`...)
		b = appendValue(b, o("tlsVersion", version, "cipherSuite", tls, "clientProvidedHostHeader", c.hostHeader(region)))
	}
	if by.console {
		str("sessionCredentialFromConsole", "true")
	}
	return id, append(b, '}')
}
