package fake

import (
	"encoding/json"
	"fmt"
	"maps"
	"net/http"
	"slices"
	"strings"
	"time"
)

func (s *Server) do(op, regionName string, in Object) (Object, error) {
	r := s.region(regionName)
	switch op {
	case "ListProjects":
		names, out, err := paged(slices.Sorted(maps.Keys(r.projects)), in)
		if err != nil {
			return nil, err
		}
		out["projects"] = names
		return out, nil
	case "BatchGetProjects":
		found, missing := []any{}, []any{}
		for _, n := range in["names"].([]any) {
			// BatchGetProjects takes names and ARNs alike.
			name := n.(string)
			if p := r.projects[name[strings.LastIndexByte(name, '/')+1:]]; p != nil {
				found = append(found, clone(p))
			} else {
				missing = append(missing, name)
			}
		}
		// The batch calls answer 200 with what is missing named inside: only a
		// reader that looks there notices.
		return Object{"projects": found, "projectsNotFound": missing}, nil
	case "ListSourceCredentials":
		return Object{"sourceCredentialsInfos": append([]Object{}, r.credentials...)}, nil
	case "ListBuildsForProject":
		if r.projects[in["projectName"].(string)] == nil {
			return nil, missing(in["projectName"])
		}
		var ids []string
		for id, b := range r.builds {
			if b["projectName"] == in["projectName"] {
				ids = append(ids, id)
			}
		}
		slices.Sort(ids)
		// The service lists the newest first when nothing is said.
		if in["sortOrder"] != "ASCENDING" {
			slices.Reverse(ids)
		}
		ids, out, err := paged(ids, in)
		if err != nil {
			return nil, err
		}
		out["ids"] = append([]string{}, ids...)
		return out, nil
	case "BatchGetBuilds":
		found, missing := []any{}, []any{}
		for _, id := range in["ids"].([]any) {
			if b := r.builds[id.(string)]; b != nil {
				found = append(found, clone(b))
			} else {
				missing = append(missing, id)
			}
		}
		return Object{"builds": found, "buildsNotFound": missing}, nil
	}
	return s.write(op, regionName, in)
}

func missing(name any) error {
	return &fault{400, "ResourceNotFoundException", fmt.Sprintf("Project cannot be found: %v", name)}
}

func (s *Server) write(op, regionName string, in Object) (Object, error) {
	r := s.region(regionName)
	if op == "CreateProject" || op == "UpdateProject" {
		name := in["name"].(string)
		p := r.projects[name]
		switch {
		case op == "CreateProject" && p != nil:
			return nil, &fault{400, "ResourceAlreadyExistsException", "Project already exists: " + name}
		case op == "UpdateProject" && p == nil:
			return nil, missing(name)
		case p == nil:
			p = Object{"arn": arn(regionName, name)}
			r.projects[name] = p
		}
		maps.Copy(p, clone(in)) // nested structures are replaced as a whole
		p["lastModified"] = float64(s.now.Unix())
		return Object{"project": clone(p)}, nil
	}
	name := in["projectName"].(string)
	p := r.projects[name]
	if p == nil {
		return nil, missing(name)
	}
	w, _ := p["webhook"].(Object)
	switch op {
	case "CreateWebhook":
		if w != nil {
			return nil, &fault{400, "ResourceAlreadyExistsException", "Webhook already exists"}
		}
		// A new webhook asks for comments on all pull requests unless the call says
		// otherwise. Source: CodeBuild API reference, PullRequestBuildPolicy.
		w = Object{"url": "https://api.github.com/repos/acme/" + name + "/hooks/1", "payloadUrl": "https://codebuild." + regionName + ".amazonaws.com/webhooks?t=fake",
			"pullRequestBuildPolicy": Object{"requiresCommentApproval": "ALL_PULL_REQUESTS", "approverRoles": []any{"GITHUB_WRITE", "GITHUB_MAINTAIN", "GITHUB_ADMIN"}}}
		p["webhook"] = w
	case "DeleteWebhook":
		delete(p, "webhook")
		return Object{}, nil
	}
	if w == nil {
		return nil, missing("webhook of " + name)
	}
	set := clone(in)
	// A member that is left out keeps its value, one that is given is replaced
	// whole.
	for _, member := range []string{"branchFilter", "filterGroups", "buildType", "manualCreation", "scopeConfiguration", "pullRequestBuildPolicy"} {
		if v, ok := set[member]; ok {
			w[member] = v
		}
	}
	if set["rotateSecret"] == true {
		w["lastModifiedSecret"] = float64(s.now.Unix())
	}
	return Object{"webhook": clone(w)}, nil
}

// record leaves behind what CloudTrail would.
func (s *Server) record(r *http.Request, op, key, regionName string, in, out Object, err error) {
	// Ids count up and times come from the fake's clock, so that two runs leave the
	// same trail.
	rec := Object{"eventVersion": "1.11", "eventID": fmt.Sprintf("00000000-0000-4000-8000-%012d", len(s.trail)+1), "eventTime": s.now.Format(time.RFC3339),
		"eventSource": "codebuild.amazonaws.com", "eventName": op, "awsRegion": regionName, "sourceIPAddress": "192.0.2.10", "userAgent": r.UserAgent(),
		"eventType": "AwsApiCall", "eventCategory": "Management", "readOnly": false, "managementEvent": true, "recipientAccountId": Account, "requestParameters": in, "responseElements": out,
		"userIdentity": Object{"type": "IAMUser", "principalId": "AIDAFAKEFAKEFAKEFAKE0", "arn": "arn:aws:iam::" + Account + ":user/fake", "accountId": Account, "userName": "fake", "accessKeyId": key}}
	if err != nil {
		code := "InvalidInputException" // as the answer says of what is no fault, see ServeHTTP
		if f, ok := err.(*fault); ok {
			code = f.code
		}
		rec["errorCode"], rec["responseElements"] = code, nil
	}
	if data, err := json.Marshal(rec); err == nil {
		s.trail = append(s.trail, data)
	}
}
