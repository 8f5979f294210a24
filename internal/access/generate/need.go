package generate

import (
	"fmt"
	"regexp"
	"slices"
	"strings"

	"github.com/trailhound/trailhound/internal/evidence"
)

// need is one permission that one event shows or implies.
type need struct {
	action  string
	res     resource
	with    map[string]string // conditions: key to value
	implied string            // why, if the event only implies it
	via     string            // the service that made the call for the principal
}

// needs is every permission of a kept event. An event that needs none gives none.
func (t *Table) needs(e *evidence.Event, rec evidence.Record) []need {
	f := &filler{e, rec}
	prefix := t.prefix(e.Source)
	// A name that cannot be an action is left out whole: it would break the document.
	if t.free[strings.ToLower(prefix+":"+e.Name)] || !actionWord.MatchString(e.Name) || prefix == "" {
		return nil
	}
	entries, known := t.calls[e.Source][strings.ToLower(e.Name)]
	var out []need
	if !known {
		n := need{action: prefix + ":" + e.Name, res: resource{pattern: "*", literal: "*"}}
		n.res.loose = "the table of calls does not know which resources this action takes"
		out = append(out, n)
	}
	for _, en := range entries {
		if en.holds(e, f) {
			out = append(out, en.needs(prefix, f)...)
		}
	}
	out = append(out, t.passed(e, rec)...)
	for i := range out {
		out[i].via = e.Identity.InvokedBy
		if strings.HasPrefix(out[i].action, "kms:") {
			// A key is used through a service nearly always; bound to it, the permission is
			// worth nothing to whoever steals the credentials.
			if via := viaService(e); via != "" {
				out[i].with = map[string]string{"kms:ViaService": via}
			}
		}
	}
	return out
}

// Actions are the IAM actions that a call of this name can need itself, without
// what it only implies; none for a call that needs no permission.
func (t *Table) Actions(source, name string) []string {
	prefix := t.prefix(source)
	if prefix == "" || t.free[strings.ToLower(prefix+":"+name)] {
		return nil
	}
	entries, known := t.calls[source][strings.ToLower(name)]
	if !known {
		return []string{prefix + ":" + name}
	}
	var out []string
	for _, en := range entries {
		if en.Because == "" {
			out = append(out, en.full(prefix))
		}
	}
	return out
}

// Global says whether the service of an action has no regions.
func (t *Table) Global(action string) bool {
	prefix, _, _ := strings.Cut(action, ":")
	return t.global[prefix]
}

// full is the action with its prefix.
func (en *entry) full(prefix string) string {
	if strings.Contains(en.Do, ":") {
		return en.Do
	}
	return prefix + ":" + en.Do
}

// holds says whether the entry is about this record. Paths are looked for, not values:
// that a tag list is there is what makes tagging needed.
func (en *entry) holds(e *evidence.Event, f *filler) bool {
	has := func(path string) bool {
		return f.rec.Get(strings.Replace(path, "request.", "requestParameters.", 1)) != nil
	}
	return (en.If == "" || has(en.If)) && (en.Unless == "" || !has(en.Unless)) && (en.Error == "" || en.Error == e.ErrorCode)
}

// needs is the entry's permission for each resource that the record names.
func (en *entry) needs(prefix string, f *filler) (out []need) {
	action := en.full(prefix)
	for _, r := range en.resources(f) {
		out = append(out, need{action: action, res: r, with: en.With, implied: en.Because})
	}
	return out
}

// resources is what the record says the call was about: the request first, then
// the record's list of resources (which may hold parents too, so the shape
// decides), and if neither tells, as narrow a pattern as there is, with the reason.
func (en *entry) resources(f *filler) []resource {
	if len(en.resource) == 0 {
		return []resource{{pattern: "*", literal: "*"}}
	}
	for _, t := range en.resource {
		if list, ok := t.fill(f); ok {
			for i := range list {
				list[i].loose = en.Loose
			}
			return list
		}
	}
	for _, t := range en.resource {
		var list []resource
		for _, arn := range f.e.Resources {
			if strings.HasPrefix(arn, "arn:") && t.shape.MatchString(arn) {
				list = append(list, resource{pattern: escape(arn), literal: arn, loose: en.Loose})
			}
		}
		if len(list) > 0 {
			return list
		}
	}
	return []resource{en.resource[len(en.resource)-1].loosely(f, f.why())}
}

// why says what keeps a record from naming its resource.
func (f *filler) why() string {
	params := f.rec.Get("requestParameters")
	switch {
	case params == nil:
		return "the record holds no request parameters"
	case f.rec.Str("requestParameters.omitted") == "true" || strings.Contains(f.rec.Str("requestParameters"), "too large") || strings.Contains(f.rec.Str("requestParameters.reason"), "too large"):
		return "CloudTrail cut the request parameters: too large"
	}
	if strings.Contains(string(f.e.Body), hidden) {
		return "CloudTrail hid the request parameters"
	}
	return "the record does not name the resource"
}

// roleARN is what a role that is passed looks like.
var roleARN = regexp.MustCompile(`^arn:aws[a-z-]*:iam::\d{12}:role/[\w+=,.@/-]{1,512}$`)

// passed is iam:PassRole for every role that a writing request hands to a
// service: no event ever shows that permission.
func (t *Table) passed(e *evidence.Event, rec evidence.Record) (out []need) {
	if e.ReadOnly || e.Source == "sts.amazonaws.com" || e.Source == "iam.amazonaws.com" {
		return nil
	}
	to, why := t.passes[e.Source], ""
	if to == "" {
		to, why = e.Source, "the table does not know to which service this call passes the role: taken to be the one called"
	}
	var roles []string
	var walk func(key string, v any, depth int)
	// A role's ARN stands under a key with "role" in it, at any depth: a text that merely
	// looks like one, in a description, is no handing over. The depth bounds hostile records.
	walk = func(key string, v any, depth int) {
		switch v := v.(type) {
		case map[string]any:
			for k, w := range v {
				if depth < 12 {
					walk(k, w, depth+1)
				}
			}
		case []any:
			for _, w := range v {
				if depth < 12 {
					walk(key, w, depth+1)
				}
			}
		case string:
			if strings.Contains(strings.ToLower(key), "role") && roleARN.MatchString(v) && !slices.Contains(roles, v) && len(roles) < maxResources {
				roles = append(roles, v)
			}
		}
	}
	walk("", rec.Get("requestParameters"), 0)
	slices.Sort(roles)
	for _, r := range roles {
		out = append(out, need{action: "iam:PassRole", res: resource{pattern: escape(r), literal: r, loose: why},
			with: map[string]string{"iam:PassedToService": to}, implied: fmt.Sprintf("%s hands a role to a service", e.Name)})
	}
	return out
}

// serviceHost is how a service names itself where it calls for somebody.
var serviceHost = regexp.MustCompile(`^([a-z0-9-]+)\.amazonaws\.com$`)

// viaService is the value of kms:ViaService for a call that a service made with
// the principal's permissions; "" if the principal called itself, or the record
// does not say who did.
func viaService(e *evidence.Event) string {
	m := serviceHost.FindStringSubmatch(e.Identity.InvokedBy)
	if m == nil || e.Region == "" {
		return ""
	}
	return m[1] + "." + e.Region + ".amazonaws.com"
}
