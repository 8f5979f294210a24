package policy

import "strings"

// Request is what a statement is held against. Action and Resource may be
// patterns: then Unknown means that the statement matches a part of them.
type Request struct {
	Caller  Caller
	Context Context

	action   Glob
	Action   string // as asked for
	resource resource
	Resource string
}

// NewRequest compiles a question. An empty resource, or "*", is one or several
// resources of which nothing is known.
func NewRequest(caller Caller, action, res string, ctx Context) *Request {
	if res == "" {
		res = "*"
	}
	return &Request{
		Caller: caller, Context: ctx,
		Action: action, action: NewGlob(strings.ToLower(action)),
		Resource: res, resource: newResource(NewGlob(res)),
	}
}

// Exactly returns the same request with its resource taken as it is: "*" and "?"
// are characters, as in the name of an object that somebody called "*".
func (r *Request) Exactly() *Request {
	out := *r
	out.resource = newResource(literal(r.Resource))
	return &out
}

// On returns the same request for another resource.
func (r *Request) On(res string) *Request {
	out := *r
	if res == "" {
		res = "*"
	}
	out.Resource, out.resource = res, newResource(NewGlob(res))
	return &out
}

// compile reads resource patterns without variables once.
func (s *Statement) compile() {
	list := s.Resources
	if s.NotResources != nil {
		list = s.NotResources
	}
	for _, text := range list {
		if s.variables && hasVariable(text) {
			s.resources = nil // read anew for each request
			return
		}
		s.resources = append(s.resources, newResource(NewGlob(text)))
	}
}

// Match says whether the statement matches the request, whatever its effect,
// leaving the principal element out: that of an identity policy's statement is
// who the policy is attached to.
func (s *Statement) Match(r *Request) Answer {
	a := s.matchAction(r)
	if a.Truth == No {
		return a
	}
	if a = a.And(s.matchResource(r)); a.Truth == No {
		return a
	}
	for i := range s.Conditions {
		if a = a.And(s.Conditions[i].holds(&r.Context, s.variables)); a.Truth == No {
			return a
		}
	}
	return a
}

// MatchFor says the same of a statement with a principal element, and how it
// names the caller. A statement without one names nobody.
func (s *Statement) MatchFor(r *Request) (Grant, Answer) {
	grant, who := ByNothing, no()
	switch {
	case s.Principals != nil:
		grant, who = s.Principals.match(&r.Caller)
	case s.NotPrincipals != nil:
		grant, who = ByEveryone, s.NotPrincipals.exempts(&r.Caller).Not()
	}
	if who.Truth == No {
		return ByNothing, who
	}
	return grant, who.And(s.Match(r))
}

func (s *Statement) matchAction(r *Request) Answer {
	if s.NotActions != nil {
		return matchActions(s.NotActions, r).Not()
	}
	return matchActions(s.Actions, r)
}

func matchActions(list []Glob, r *Request) Answer {
	truth := No
	for _, g := range list {
		switch g.Compare(r.action) {
		case Yes:
			return yes()
		case Unknown:
			truth = Unknown
		}
	}
	if truth == Unknown {
		return inPart("it covers a part of the actions only")
	}
	return no()
}

func (s *Statement) matchResource(r *Request) Answer {
	switch {
	case s.NotResources != nil:
		return s.anyResource(s.NotResources, r).Not()
	case s.Resources != nil:
		return s.anyResource(s.Resources, r)
	}
	return yes() // trust policies have no resource: they are about their role
}

func (s *Statement) anyResource(list []string, r *Request) Answer {
	answer := no()
	for i := range list {
		var pattern *resource
		known := yes()
		if s.resources != nil {
			pattern = &s.resources[i]
		} else {
			g := NewGlob(list[i])
			if s.variables && hasVariable(list[i]) {
				g, known = expand(list[i], &r.Context, true)
			}
			if known.Truth == No {
				continue // a variable without value: the pattern matches nothing
			}
			p := newResource(g)
			pattern = &p
		}
		switch pattern.compare(&r.resource) {
		case Yes:
			if known.Truth == Yes {
				return yes()
			}
			answer = answer.Or(known)
		case Unknown:
			answer = answer.Or(inPart("it covers a part of the resources only"))
		}
	}
	return answer
}

// Patterns are the resources that the statement is about, with the variables of
// its patterns filled in for a request; what is not known, or what NotResource
// leaves over, is "*".
func (s *Statement) Patterns(ctx *Context) (out []string) {
	if s.Resources == nil {
		return []string{"*"}
	}
	for _, text := range s.Resources {
		if !s.variables || !hasVariable(text) {
			out = append(out, text)
			continue
		}
		if g, a := expand(text, ctx, true); a.Truth != No {
			out = append(out, g.String())
		}
	}
	return out
}

// MatchesAction says whether the statement is about the request's action.
func (s *Statement) MatchesAction(r *Request) Truth { return s.matchAction(r).Truth }
