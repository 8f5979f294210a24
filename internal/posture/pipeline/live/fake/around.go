package fake

import (
	"encoding/json"
	"fmt"
	"net/http"
	"net/url"
	"slices"
	"strings"
)

// Around is what surrounds the projects of the fake's account, in every region the
// same. Lists are given out in small pages, so that whoever reads one page only is
// found out.
type Around struct {
	Groups, Subnets, Tables, Endpoints []string // items of EC2's answers, in its XML
	Secrets                            []Object // as DescribeSecret tells them; ResourcePolicy goes to GetResourcePolicy
	Parameters                         []Object // as DescribeParameters lists them
	Pipelines                          []Object // as GetPipeline tells them, without the envelope
	Roles                              []string // members of RoleDetailList, in IAM's XML
	Policies                           []string // members of Policies, in IAM's XML; on the last page
}

// few is how many things one page of a listing holds.
// Two and not a hundred: a scene of three things must already need a second page.
const few = 2

// surroundings answers the services beside CodeBuild. It returns the answer in the
// wire format of the service.
func (s *Server) surroundings(r *http.Request, service, op string, body []byte) (string, error) {
	switch service {
	case "ec2", "iam":
		form, err := url.ParseQuery(string(body))
		if err != nil {
			return "", err
		}
		if service == "iam" {
			return s.identities(form)
		}
		return s.network(form)
	}
	var in Object
	if err := json.Unmarshal(body, &in); err != nil {
		return "", &fault{400, "SerializationException", err.Error()}
	}
	out, err := s.described(op, in)
	if err != nil {
		return "", err
	}
	data, err := json.Marshal(out)
	return string(data), err
}

// members are the requests of the services that speak JSON. Source: their API
// references, by hand.
var aroundRequests = map[string]members{
	"DescribeParameters": {"ParameterFilters": list(members{"Key!": oneOf("Name", "Type", "KeyId", "Path"), "Option": oneOf("Equals", "BeginsWith", "Contains"), "Values": list(text, 1, 50)}.check, 0, 5),
		"MaxResults": number, "NextToken": text},
	"DescribeSecret":    {"SecretId!": text},
	"GetResourcePolicy": {"SecretId!": text},
	"ListPipelines":     {"nextToken": text, "maxResults": number},
	"GetPipeline":       {"name!": text, "version": number},
}

func (s *Server) described(op string, in Object) (Object, error) {
	shape, ok := aroundRequests[op]
	if !ok {
		// What the fake does not know it refuses. An empty answer would let a call
		// that the product should not make pass unseen.
		return nil, &fault{400, "UnknownOperationException", "the fake has no " + op}
	}
	if err := shape.check(op, in); err != nil {
		return nil, err
	}
	switch op {
	case "DescribeParameters":
		found := slices.DeleteFunc(slices.Clone(s.Around.Parameters), func(p Object) bool {
			for _, f := range orEmpty(in["ParameterFilters"]) {
				if f := f.(Object); f["Key"] == "Name" && !slices.Contains(orEmpty(f["Values"]), p["Name"]) {
					return true
				}
			}
			return false
		})
		page, next := part(found, fmt.Sprint(in["NextToken"]))
		out := Object{"Parameters": page}
		if next != "" {
			out["NextToken"] = next
		}
		return out, nil
	case "ListPipelines":
		page, next := part(s.Around.Pipelines, fmt.Sprint(in["nextToken"]))
		names := []Object{}
		for _, p := range page {
			// A listing has names only, as at the service: whoever wants stages has
			// to ask for each pipeline.
			names = append(names, Object{"name": p["name"], "version": 1})
		}
		out := Object{"pipelines": names}
		if next != "" {
			out["nextToken"] = next
		}
		return out, nil
	case "GetPipeline":
		for _, p := range s.Around.Pipelines {
			if p["name"] == in["name"] {
				return Object{"pipeline": p, "metadata": Object{"pipelineArn": "arn:aws:codepipeline:eu-west-1:" + Account + ":" + fmt.Sprint(p["name"])}}, nil
			}
		}
		return nil, &fault{400, "PipelineNotFoundException", "there is none"}
	}
	// What is left are the two operations on one secret, which take its name or its
	// ARN.
	for _, secret := range s.Around.Secrets {
		if secret["Name"] != in["SecretId"] && secret["ARN"] != in["SecretId"] {
			continue
		}
		if op == "GetResourcePolicy" {
			return Object{"ARN": secret["ARN"], "Name": secret["Name"], "ResourcePolicy": secret["ResourcePolicy"]}, nil
		}
		out := clone(secret)
		delete(out, "ResourcePolicy")
		return out, nil
	}
	return nil, &fault{400, "ResourceNotFoundException", "Secrets Manager can't find the specified secret."}
}

func orEmpty(v any) []any {
	list, _ := v.([]any)
	return list
}

// part cuts a page, whose token is the number of the first thing on it.
// Anything that is no number is the first page; the listings of these services begin
// without a token.
func part[T any](all []T, token string) (page []T, next string) {
	from := 0
	_, _ = fmt.Sscanf(token, "%d", &from)
	to := min(from+few, len(all))
	if to < len(all) {
		next = fmt.Sprint(to)
	}
	return append([]T{}, all[min(from, to):to]...), next
}

// network answers EC2. Every question must be narrowed by a filter that the API has.
func (s *Server) network(in url.Values) (string, error) {
	op := in.Get("Action")
	of, ok := map[string]struct {
		set    string
		filter string
		items  []string
	}{
		"DescribeSecurityGroups": {"securityGroupInfo", "group-id", s.Around.Groups},
		"DescribeSubnets":        {"subnetSet", "subnet-id", s.Around.Subnets},
		"DescribeRouteTables":    {"routeTableSet", "vpc-id", s.Around.Tables},
		"DescribeVpcEndpoints":   {"vpcEndpointSet", "vpc-id", s.Around.Endpoints},
	}[op]
	// Without a filter EC2 would list the whole account, which a reader of projects
	// has no business to see.
	if !ok || in.Get("Filter.1.Name") != of.filter || in.Get("Filter.1.Value.1") == "" {
		return "", &fault{400, "InvalidParameterValue", op + " with " + in.Encode()}
	}
	page, next := part(of.items, in.Get("NextToken"))
	if next != "" {
		next = "<nextToken>" + next + "</nextToken>"
	}
	return fmt.Sprintf(`<%[1]sResponse xmlns="http://ec2.amazonaws.com/doc/2016-11-15/"><requestId>fake</requestId><%[2]s>%[3]s</%[2]s>%[4]s</%[1]sResponse>`, op, of.set, strings.Join(page, ""), next), nil
}

// identities answers IAM: roles page by page, policies on the last.
func (s *Server) identities(in url.Values) (string, error) {
	if op := in.Get("Action"); op != "GetAccountAuthorizationDetails" {
		return "", &fault{400, "InvalidAction", op}
	}
	page, next := part(s.Around.Roles, in.Get("Marker"))
	rest := "<IsTruncated>false</IsTruncated><Policies>" + strings.Join(s.Around.Policies, "") + "</Policies>"
	if next != "" {
		rest = "<IsTruncated>true</IsTruncated><Marker>" + next + "</Marker>"
	}
	return `<GetAccountAuthorizationDetailsResponse xmlns="https://iam.amazonaws.com/doc/2010-05-08/"><GetAccountAuthorizationDetailsResult>` + rest +
		`<RoleDetailList>` + strings.Join(page, "") + `</RoleDetailList></GetAccountAuthorizationDetailsResult></GetAccountAuthorizationDetailsResponse>`, nil
}

// refuse writes an error in the service's way.
// The SDK finds the code in another place for each protocol, and answers of the
// wrong one are taken for broken connections and tried again.
func refuse(w http.ResponseWriter, service string, f *fault) {
	switch service {
	case "iam":
		w.WriteHeader(f.status)
		fmt.Fprintf(w, `<ErrorResponse><Error><Type>Sender</Type><Code>%s</Code><Message>%s</Message></Error><RequestId>fake</RequestId></ErrorResponse>`, f.code, f.message)
	case "ec2":
		w.WriteHeader(f.status)
		fmt.Fprintf(w, `<Response><Errors><Error><Code>%s</Code><Message>%s</Message></Error></Errors><RequestID>fake</RequestID></Response>`, f.code, f.message)
	default:
		w.WriteHeader(f.status)
		_ = json.NewEncoder(w).Encode(Object{"__type": f.code, "message": f.message})
	}
}
