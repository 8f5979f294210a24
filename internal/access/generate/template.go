package generate

import (
	"fmt"
	"net/url"
	"regexp"
	"strings"

	"github.com/trailhound/trailhound/internal/evidence"
)

// template is an ARN with places to be filled from a record:
// "arn:{partition}:s3:::{request.bucketName}/{request.key+}". A place that ends
// in + takes slashes and colons, any other does not. Filters follow a bar: last
// (what stands behind the last slash), before (what stands before the first
// colon), path (a URL path, unescaped).
//
// A place whose value is itself an ARN of the template's shape stands for the
// whole: AWS lets callers give a name or an ARN.
type template struct {
	parts []part
	shape *regexp.Regexp // what an ARN of this template looks like
}

type part struct {
	text    string   // literal, "*" and "?" in it are wildcards
	path    string   // or a place
	filters []string // applied in order
	greedy  bool
}

var place = regexp.MustCompile(`\{([^{}]+)\}`)

// parseTemplate compiles a template; it refuses a place that no record fills.
func parseTemplate(s string) (template, error) {
	var t template
	var shape strings.Builder
	shape.WriteString("^(?s:")
	literal := func(text string) {
		if text == "" {
			return
		}
		t.parts = append(t.parts, part{text: text})
		q := regexp.QuoteMeta(text)
		shape.WriteString(strings.NewReplacer(`\*`, `.*`, `\?`, `.`).Replace(q))
	}
	at := 0
	for _, m := range place.FindAllStringSubmatchIndex(s, -1) {
		literal(s[at:m[0]])
		at = m[1]
		inner := s[m[2]:m[3]]
		p := part{greedy: strings.HasSuffix(inner, "+")}
		f := strings.Split(strings.TrimSuffix(inner, "+"), "|")
		p.path, p.filters = f[0], f[1:]
		for _, f := range p.filters {
			if f != "last" && f != "before" && f != "path" {
				return t, fmt.Errorf("there is no filter %q", f)
			}
		}
		switch p.path {
		case "partition", "region", "account":
		default:
			if !strings.HasPrefix(p.path, "request.") && !strings.HasPrefix(p.path, "response.") {
				return t, fmt.Errorf("%q is neither of the request nor of the response", p.path)
			}
		}
		t.parts = append(t.parts, p)
		switch {
		case p.greedy && len(t.parts) == 1: // the whole ARN is given
			shape.WriteString(`arn:[^:]+:.+`)
		case p.greedy:
			shape.WriteString(`.+`)
		default:
			shape.WriteString(`[^:/]*`)
		}
	}
	literal(s[at:])
	shape.WriteString(")$")
	t.shape = regexp.MustCompile(shape.String())
	return t, nil
}

// resource is one resource that a permission is about.
type resource struct {
	pattern string // as a policy writes it, wildcards of the record's own escaped
	literal string // as a request names it; where the record does not tell, one of those the pattern stands for
	loose   string // why it is not exact; "" if it is as exact as the table wants it
}

// maxResources bounds what one record can name.
const maxResources = 200

// fill makes the resources that a record names. ok is false if a place of the
// template has no usable value.
func (t template) fill(f *filler) (out []resource, ok bool) {
	out = []resource{{}}
	for _, p := range t.parts {
		if p.path == "" {
			for i := range out {
				out[i].pattern += p.text
				out[i].literal += probe.Replace(p.text)
			}
			continue
		}
		values := f.values(p)
		if len(values) == 0 {
			return nil, false
		}
		// What was filled so far is dropped: the value is the whole ARN.
		if whole := t.wholes(p, values); len(whole) > 0 {
			return whole, true
		}
		next := make([]resource, 0, len(out)*len(values))
		for _, r := range out {
			for _, v := range values {
				// A name with a separator in it would make an ARN of another kind of resource.
				if v == "" || !p.greedy && strings.ContainsAny(v, ":/") || len(next) == maxResources {
					continue
				}
				if strings.HasSuffix(r.literal, "/") && !strings.Contains(r.literal, ":s3:") {
					v = strings.TrimPrefix(v, "/") // parameter names begin with a slash, their ARNs do not double it
				}
				next = append(next, resource{pattern: r.pattern + escape(v), literal: r.literal + v})
			}
		}
		if out = next; len(out) == 0 {
			return nil, false
		}
	}
	return out, true
}

// probe makes of a template's own wildcards something that they stand for, so
// that a permission can be asked for.
var probe = strings.NewReplacer("*", "x", "?", "x")

// wholes is the values themselves, if they are ARNs of this shape.
func (t template) wholes(p part, values []string) (out []resource) {
	if len(p.filters) > 0 || p.path == "partition" || p.path == "region" || p.path == "account" {
		return nil
	}
	for _, v := range values {
		if strings.HasPrefix(v, "arn:") && (t.shape.MatchString(v)) && len(out) < maxResources {
			out = append(out, resource{pattern: escape(v), literal: v})
		}
	}
	return out
}

// loosely fills what it can and puts a wildcard where it cannot, so that region
// and account still hold.
func (t template) loosely(f *filler, why string) resource {
	r := resource{loose: why}
	for _, p := range t.parts {
		pattern, literal := p.text, probe.Replace(p.text)
		if p.path != "" {
			pattern, literal = "*", "x"
			if v := f.values(p); len(v) == 1 && (p.greedy || !strings.ContainsAny(v[0], ":/")) {
				pattern, literal = escape(v[0]), v[0]
			}
		}
		r.pattern += pattern
		r.literal += literal
	}
	return r
}

// filler reads places from one event.
type filler struct {
	e   *evidence.Event
	rec evidence.Record
}

// values are what the record has for a place, filtered. Hidden values and those longer
// than an ARN may be are none.
func (f *filler) values(p part) []string {
	var values []string
	switch p.path {
	case "partition":
		return []string{partition(f.e)}
	case "region":
		values = []string{f.e.Region}
	case "account":
		values = []string{f.account()}
	default:
		path := strings.Replace(strings.Replace(p.path, "request.", "requestParameters.", 1), "response.", "responseElements.", 1)
		values = f.rec.Strs(path)
	}
	var out []string
	for _, v := range values {
		for _, filter := range p.filters {
			switch filter {
			case "last":
				v = v[strings.LastIndexByte(v, '/')+1:]
			case "before":
				v, _, _ = strings.Cut(v, ":")
			case "path":
				v, _, _ = strings.Cut(strings.TrimPrefix(v, "/"), "?")
				if plain, err := url.PathUnescape(v); err == nil {
					v = plain
				}
			}
		}
		if v != "" && v != hidden && len(v) <= 2048 {
			out = append(out, v)
		}
	}
	return out
}

// hidden is what CloudTrail writes in place of what it will not tell.
const hidden = "HIDDEN_DUE_TO_SECURITY_REASONS"

// account is the caller's, whose resources a name without an ARN means; the record's own
// where it does not say.
func (f *filler) account() string {
	if f.e.Identity.Account != "" {
		return f.e.Identity.Account
	}
	return f.e.Account
}

// partition is that of the caller's ARN; "aws" where it has none.
func partition(e *evidence.Event) string {
	for _, arn := range []string{e.Identity.ARN, e.Identity.IssuerARN} {
		if f := strings.SplitN(arn, ":", 3); len(f) == 3 && f[0] == "arn" {
			return f[1]
		}
	}
	return "aws"
}

// escape writes a text so that a policy reads every character as itself.
func escape(s string) string {
	if !strings.ContainsAny(s, "*?$") {
		return s
	}
	return strings.NewReplacer("*", "${*}", "?", "${?}", "$", "${$}").Replace(s)
}
