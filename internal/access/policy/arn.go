package policy

import "strings"

// arnParts is the number of parts of an ARN; colons after the fifth belong to
// the last part.
const arnParts = 6

// resource is a Resource pattern. An ARN is matched part by part: a wildcard
// does not reach over a colon, and what is missing at the end stands for
// anything ("arn:aws:sqs" is completed with wildcards).
type resource struct {
	text  string
	any   bool // "*"
	parts [arnParts]Glob
	whole Glob // of a text that is no ARN
	arn   bool
}

// newResource compiles a pattern that was split into literal parts and patterns
// by its variables; see expand.
func newResource(g Glob) resource {
	r := resource{text: g.String(), whole: g}
	if len(g.toks) == 1 && g.toks[0] == many {
		r.any = true
		return r
	}
	if len(g.toks) < 4 || string(g.toks[:4]) != "arn:" {
		return r
	}
	r.arn = true
	n, from := 0, 0
	for i, t := range g.toks {
		// Split before wildcards are looked at: in an ARN a "*" does not stand for a
		// colon. Source: IAM User Guide, "IAM JSON policy elements: Resource".
		if t == ':' && n < arnParts-1 {
			r.parts[n] = sub(g.toks[from:i])
			n, from = n+1, i+1
		}
	}
	r.parts[n] = sub(g.toks[from:])
	for n++; n < arnParts; n++ {
		r.parts[n] = NewGlob("*")
	}
	return r
}

func sub(toks []rune) Glob { return (&globBuilder{toks}).glob() }

// compare says whether a statement's pattern matches a request's resource,
// which may be a pattern too.
func (r *resource) compare(request *resource) Truth {
	switch {
	case r.any:
		return Yes
	case request.any:
		return Unknown // some of all resources
	case r.arn && request.arn:
		truth := Yes
		for i := range r.parts {
			switch r.parts[i].Compare(request.parts[i]) {
			case No:
				return No
			case Unknown:
				truth = Unknown
			}
		}
		return truth
	}
	return r.whole.Compare(request.whole)
}

// ARN is an Amazon Resource Name, split. Resource keeps its colons.
type ARN struct{ Partition, Service, Region, Account, Resource string }

// ParseARN splits an ARN. ok is false for anything else.
func ParseARN(s string) (a ARN, ok bool) {
	f := strings.SplitN(s, ":", arnParts)
	if len(f) < arnParts || f[0] != "arn" {
		return ARN{}, false
	}
	return ARN{f[1], f[2], f[3], f[4], f[5]}, true
}

// Type is what stands before the first "/" or ":" of the resource: "user",
// "role", "log-group"; the whole if neither occurs.
func (a ARN) Type() string {
	if i := strings.IndexAny(a.Resource, "/:"); i >= 0 {
		return a.Resource[:i]
	}
	return a.Resource
}

// Name is what stands after the last "/" of the resource.
func (a ARN) Name() string { return a.Resource[strings.LastIndexByte(a.Resource, '/')+1:] }
