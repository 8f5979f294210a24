package access

import (
	"fmt"
	"slices"
	"strings"
	"time"
)

// Exposure is what a principal in hostile hands did, could do, and could have
// come to: four things that are never taken for one another.
type Exposure struct {
	Principal string     `json:"principal"`
	ID        string     `json:"id"`
	Session   string     `json:"session,omitempty"` // key or ARN of the session that is meant
	At        string     `json:"at"`
	Used      []string   `json:"used"`   // actions that events show it using, sorted
	Usable    []ClassCan `json:"usable"` // what it could do directly, by privilege class
	Reachable Reach      `json:"reachable"`
	// Residual are the classes that it could use, or as an administrator come
	// to, and of which no event shows a use.
	Residual []Residual `json:"residual"`
	// Limits say why the answer may not be all.
	Limits   []string `json:"limits"`
	Evidence []string `json:"evidence"`

	who    string // how sentences name it
	unread bool   // a policy could not be read
}

// Residual is a privilege class that was open and of which no use was seen.
type Residual struct {
	Class  string `json:"class"`
	Title  string `json:"title"`
	Effect string `json:"effect"` // allow or cannot tell
	Via    string `json:"via"`    // "" for directly, else the thing reached
}

// Sentence is one statement about an exposure, for impact and limits of a
// report. It says what was possible, and never that it was done.
type Sentence struct {
	About    string // usable, reachable, residual or limit
	Text     string
	Evidence []string
}

// Examiner makes exposures from one history.
type Examiner struct {
	History    *History
	Classes    []Class
	Primitives []Primitive
}

// Exposure examines a principal as it was at a moment: named by ARN, or a session
// by its key, if the history has read its making. used are the actions that
// events show it using with success. ok is false if the evidence does not tell
// of the principal at that moment.
// Its cost is that of WhatCan and of a Graph of the whole account; used may be in any
// order and hold repetitions.
func (x *Examiner) Exposure(name string, at time.Time, used []string) (e Exposure, ok bool) {
	w := x.History.At(at)
	p := w.Principal(name)
	if p == nil {
		return Exposure{}, false
	}
	can := w.WhatCan(p, x.Classes)
	e = Exposure{Principal: p.ARN, Session: p.session(), who: p.label(), ID: p.ID, At: stamp(at), Used: slices.Compact(slices.Sorted(slices.Values(used))), Usable: can.Classes,
		Reachable: NewGraph(w, x.Primitives).From(p), Residual: []Residual{}, Limits: []string{}, Evidence: []string{}}
	for _, ref := range p.cited() {
		if ref != "" {
			e.Evidence = append(e.Evidence, ref)
		}
	}
	for i := range p.Session {
		if d := &p.Session[i]; d.Doc == nil {
			e.unread = true
			e.Limits = append(e.Limits, d.title()+" of "+e.who+": "+d.Problem)
		}
	}
	// By class and not by action: whoever read one secret used the class of reading
	// secrets, and the rest of its actions are not news.
	seen := map[string]bool{}
	for _, c := range x.Classes {
		seen[c.ID] = slices.ContainsFunc(c.Actions, func(a string) bool {
			return slices.ContainsFunc(e.Used, func(u string) bool { return strings.EqualFold(u, a) })
		})
	}
	direct := map[string]bool{}
	for _, c := range e.Usable {
		// A class that it may only perhaps use directly is told once more by way of
		// administrator, if there is such a way.
		direct[c.Class] = c.Effect == string(Allow)
		if !seen[c.Class] {
			e.Residual = append(e.Residual, Residual{Class: c.Class, Title: c.Title, Effect: c.Effect})
		}
	}
	if e.Reachable.Administrator != string(Deny) {
		for _, c := range x.Classes {
			if !direct[c.ID] && !seen[c.ID] {
				e.Residual = append(e.Residual, Residual{c.ID, c.Title, e.Reachable.Administrator, administrator(p.Account).key})
			}
		}
	}
	e.unread = e.unread || len(can.Unreadable) > 0
	for _, r := range can.Unreadable {
		e.Limits = append(e.Limits, r.Text)
	}
	e.Limits = append(e.Limits, can.Assumed...)
	e.Limits = append(e.Limits, can.Notes...)
	return e, true
}

// Sentences are what a report says of an exposure.
// Their order is fixed: what was possible, the way on, what stayed open, limits.
func (e *Exposure) Sentences() (out []Sentence) {
	certain, maybe := titles(e.Usable)
	if len(certain) > 0 {
		out = append(out, Sentence{"usable", fmt.Sprintf("%s could by its policies %s.", e.who, strings.Join(certain, ", ")), e.cite(nil)})
	}
	if len(maybe) > 0 && !e.unread { // what could not be read is a limit of its own, and leaves all classes open
		out = append(out, Sentence{"limit", fmt.Sprintf("Whether %s could %s cannot be told from the policies in evidence.", e.who, strings.Join(maybe, ", ")), e.cite(nil)})
	}
	if s, ok := e.reached(); ok {
		out = append(out, s)
	}
	var open []string
	for _, r := range e.Residual {
		if r.Effect == string(Allow) && !slices.Contains(open, r.Title) {
			open = append(open, r.Title)
		}
	}
	if len(open) > 0 {
		out = append(out, Sentence{"residual", fmt.Sprintf("Open to %s, and no event shows it done: %s.", e.who, strings.Join(open, ", ")), e.cite(nil)})
	}
	for _, l := range e.Limits {
		out = append(out, Sentence{"limit", l, e.cite(nil)})
	}
	return out
}

// titles parts what is certain from what cannot be told.
func titles(list []ClassCan) (certain, maybe []string) {
	for _, c := range list {
		if c.Effect == string(Allow) {
			certain = append(certain, c.Title)
		} else {
			maybe = append(maybe, c.Title)
		}
	}
	return certain, maybe
}

// reached tells the way to administrator, hop by hop.
func (e *Exposure) reached() (Sentence, bool) {
	i := slices.IndexFunc(e.Reachable.Paths, func(p Path) bool { return p.Administers() && p.Effect == e.Reachable.Administrator })
	if i < 0 {
		return Sentence{}, false
	}
	path := e.Reachable.Paths[i]
	var steps []string
	for _, h := range path.Hops {
		step := h.Title
		if h.Target != "" {
			step += " (" + h.Target + ")"
		}
		steps = append(steps, step)
	}
	could := "could have come to do everything in its account"
	if path.Effect != string(Allow) {
		could = "may have been able to come to do everything in its account, which the evidence leaves open"
	}
	return Sentence{"reachable", fmt.Sprintf("%s %s. The way, which no event is claimed to show gone: %s.", e.who, could, strings.Join(steps, ", then ")), e.cite(&path)}, true
}

// cite lists the evidence of the principal, and of a path the policies that
// open it.
func (e *Exposure) cite(path *Path) []string {
	out := slices.Clone(e.Evidence)
	if path == nil {
		return out
	}
	for _, h := range path.Hops {
		for _, n := range h.Needs {
			for _, r := range n.Reasons {
				if r.Evidence != "" && !slices.Contains(out, r.Evidence) {
					out = append(out, r.Evidence)
				}
			}
		}
	}
	return out
}
