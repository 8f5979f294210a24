package ledger

import (
	"regexp"
	"slices"
	"strings"
	"time"

	"github.com/trailhound/trailhound/internal/evidence"
)

// Effect is one thing that one call did, or tried to do.
type Effect struct {
	Type, ID string   // of the row in the report
	Effect   string   // created, modified, …; attempted if the call failed; "" for no row
	Plants   *Planted // what it leaves behind that would let its maker back in
	Ends     string   // id of what is no longer there or no longer open: "…user/eve#login_profile"

	entry   *entry
	thing   id // what is opened, ended or set
	row     id // what the row is about: thing, or what thing is a part of
	up      id // the parent, if there is one
	parents []string
	also    []string // keys under which the same thing is named elsewhere
	called  string   // the name that people know it by
	unique  string
	expires time.Time
	due     time.Time // of what is scheduled: when it goes
	told    bool      // the answer says so; else it is reckoned
	admits  []string  // who the plant lets in
	in      []string  // everybody the document admits, if there is one
	set     bool      // in was read
	doc     string
	was     string // the document before, as far as the evidence shows it
	unsure  bool   // the record does not say which one
	looked  bool   // attempted, and only to read or use it
}

// Planted is something left behind.
type Planted struct {
	Kind, ID, Means string
	Technique, Undo string

	variant     int
	conditional bool
	armed       bool // counts only once it is; see armed.go
}

// Effects says what the call of one event did to which things, by the table.
// accounts are the case's own; the account that recorded the event always
// counts as one. A trust that was widened is judged here without its former
// state; Build knows better.
func (t *Table) Effects(e *evidence.Event, r evidence.Record, accounts ...string) []Effect {
	out, _ := t.effects(newCall(e, r, accounts), before{})
	return out
}

func newCall(e *evidence.Event, r evidence.Record, accounts []string) *call {
	c := &call{e: e, r: r, accounts: accounts}
	if e.Account != "" && !slices.Contains(accounts, e.Account) {
		c.accounts = append(slices.Clone(accounts), e.Account)
	}
	if c.failed() && r["requestParameters"] == nil {
		// Denied calls often come without parameters: the refusal names the target.
		c.mute = true
		if d, ok := evidence.ParseDenial(e.ErrorMessage); ok && d.Resource != "*" {
			c.target = d.Resource
		}
	}
	return c
}

func (c *call) failed() bool { return c.e.Outcome() == evidence.Failure }

// effects is every effect of a call, and why there are none where the call
// changed something and the record does not say what.
func (t *Table) effects(c *call, prior before) (out []Effect, unresolved string) {
	action := c.e.Source + ":" + c.e.Name
	if t.ignore[action] {
		return nil, ""
	}
	entries, known := t.calls[action]
	if !known {
		return t.byVerb(c)
	}
	for _, e := range entries {
		if _, ok := c.hold(e.When, id{}, "", prior); !ok || c.any(e.Unless, id{}, "", prior) {
			continue
		}
		got, ok := t.apply(c, e, prior)
		if !ok && e.Does != doesTouch {
			unresolved = "the record does not name the " + strings.ReplaceAll(e.Thing, "_", " ")
		}
		for _, eff := range got {
			if eff.Plants == nil && e.Does == doesTouch && slices.ContainsFunc(out, func(o Effect) bool {
				return o.row.key == eff.row.key && o.Effect == eff.Effect
			}) {
				continue // another entry has said so: a call by name and a call on oneself
			}
			out = append(out, eff)
		}
	}
	if len(out) > 0 {
		unresolved = ""
	}
	return out, unresolved
}

func (t *Table) apply(c *call, e *entry, prior before) (out []Effect, ok bool) {
	var parent id
	up := t.things[e.thing.parentName]
	if up != nil && len(e.Of) > 0 {
		parent = c.identify(up, e.Of)
	}
	inside := e.thing.Within != ""
	if inside && parent.key == "" {
		return nil, false
	}
	values := c.ids(e)
	if len(values) == 0 && (len(e.ID)+len(e.Each) > 0) {
		switch {
		case len(e.Each) > 0 && inside: // none of several: nothing of this sort was asked for
			return nil, true
		case parent.key != "" && (e.Does == doesOpen || e.Does == doesSet):
			// It is known on what, and not which one.
			return []Effect{t.one(c, e, t.unnamed(e, parent), parent, "", prior, true)}, true
		default:
			return nil, false
		}
	}
	if inside && len(e.ID)+len(e.Each) == 0 {
		for _, p := range c.identifyAll(up, e.Of) { // the call may be about several, each with its part
			out = append(out, t.one(c, e, e.thing.inside(p, ""), p, "", prior, false))
		}
		for i := range out {
			out[i].also = c.also(e, out[i].thing, parent, i, len(out))
		}
		return out, len(out) > 0
	}
	for i, v := range values {
		this := e.thing.inside(parent, v)
		if !inside {
			if this, ok = e.thing.named(c, v); !ok {
				continue
			}
		}
		eff := t.one(c, e, this, parent, v, prior, false)
		eff.also = c.also(e, this, parent, i, len(values))
		out = append(out, eff)
	}
	return out, len(out) > 0
}

func (t *Table) unnamed(e *entry, parent id) id {
	return id{thing: e.thing, key: parent.key + "#" + e.thing.name + "?", show: parent.show, whole: parent.whole}
}

// one makes the effect of an entry on one thing.
func (t *Table) one(c *call, e *entry, this, parent id, value string, prior before, unsure bool) Effect {
	out := Effect{entry: e, thing: this, row: this, unsure: unsure, Effect: e.Effect}
	if e.thing.Within != "" {
		out.row = parent
	} else if unsure {
		out.Effect = "none" // a key that has no name has no row; its user's own entry speaks
	}
	if parent.key != "" {
		out.parents, out.up = []string{parent.key}, parent
	}
	for i := range e.Plants {
		p := &e.Plants[i]
		if e.Does == doesEnd {
			break
		}
		admits, ok := c.hold(p.When, this, value, prior)
		if !ok || len(p.Unless) > 0 && c.any(p.Unless, this, value, prior) {
			continue
		}
		out.Plants = &Planted{Kind: p.Kind, ID: this.show, Means: p.Means, Technique: p.Technique, Undo: p.Undo, variant: i, conditional: len(p.When)+len(p.Unless) > 0, armed: p.Armed}
		out.admits = admits
		if p.Effect != "" {
			out.Effect = p.Effect
		}
		break
	}
	for _, path := range e.Doc {
		if doc := c.text(path); doc != "" {
			in, _ := admitted(doc, c.accounts)
			for _, p := range in {
				out.in = append(out.in, p.name)
			}
			out.set, out.doc = true, doc
			break
		}
	}
	if e.Unique != "" {
		if v := c.values(e.Unique); len(v) > 0 {
			out.unique = v[0]
		}
	}
	if e.Expires != "" {
		if v := c.values(e.Expires); len(v) > 0 {
			out.expires = evidence.ParseTime(v[0])
		}
	}
	if e.Does == doesSchedule {
		out.due, out.told = c.due(e)
	}
	if e.Does == doesEnd || e.Does == doesSet && out.Plants == nil && len(e.Plants) > 0 {
		if out.Ends = this.show; out.Ends == parent.show {
			_, short, _ := strings.Cut(e.thing.name, ".")
			out.Ends += "#" + short
		}
	}
	if c.failed() {
		out.Ends = ""
		looked := out.Effect == Read || out.Effect == Used
		switch {
		case looked && absent.MatchString(c.e.ErrorCode):
			out.Effect = "none" // looked for what is not there: nothing was touched
		case out.Effect != "none":
			out.Effect, out.looked = Attempted, looked
		}
	}
	if out.Effect == "none" {
		out.Effect = ""
	}
	out.Type, out.ID = out.row.thing.Type, out.row.show
	out.called = c.called(e)
	return out
}

// called is the name that the call gives to what it makes; "" where it says none, or where CloudTrail
// hides it.
func (c *call) called(e *entry) string {
	for _, path := range e.Called {
		for _, name := range c.fill(path) {
			if name != "" && len(name) <= maxCalled && !strings.HasPrefix(name, "HIDDEN_DUE_TO") {
				return name
			}
		}
	}
	return ""
}

// maxCalled bounds such a name; AWS allows 128 characters or fewer.
const maxCalled = 256

// also are the other keys of a thing. Where a call makes several things and
// gives as many other names, they belong together in order.
func (c *call) also(e *entry, this, parent id, i, n int) (out []string) {
	for _, path := range e.Also {
		names := c.fill(path)
		if len(names) == n && n > 1 {
			names = names[i : i+1]
		}
		for _, v := range names {
			if e.thing.Within != "" {
				out = append(out, e.thing.inside(parent, v).key)
			} else if other, ok := e.thing.named(c, v); ok && other.key != this.key {
				out = append(out, other.key)
			}
		}
	}
	return out
}

// absent are the error codes that say that the thing is not there.
var absent = regexp.MustCompile(`NotFound|NoSuch|DoesNotExist|Malformed`)

// refused are those that say that the caller may not.
var refused = regexp.MustCompile(`(?i)denied|unauthori[sz]ed|forbidden|notauthori[sz]ed`)

// refusedOn is the thing of a kind that a refusal names: by its ARN, or in two
// words as IAM does, "user bob".
func (c *call) refusedOn(th *thing) (id, bool) {
	kind, name, words := strings.Cut(c.target, " ")
	switch {
	case c.target == "" || th.Within != "":
		return id{}, false
	case words && th.name == "iam."+kind:
		return th.named(c, name)
	case th.arn != nil && strings.HasPrefix(c.target, "arn:"):
		return th.named(c, c.target)
	}
	return id{}, false
}

// identify finds the one thing that any of the sources names.
func (c *call) identify(th *thing, from sources) id {
	if all := c.identifyAll(th, from); len(all) > 0 {
		return all[0]
	}
	return id{}
}

// identifyAll are the things that the first source names which names any.
func (c *call) identifyAll(th *thing, from sources) (out []id) {
	if n, ok := c.refusedOn(th); ok {
		return []id{n}
	}
	for _, values := range c.named(th, from) {
		for _, v := range values {
			if n, ok := th.named(c, v); ok {
				out = append(out, n)
			}
		}
		if len(out) > 0 {
			return out
		}
	}
	return nil
}

// named are the values that each source yields for a thing, in order. What the record
// lists by type stands before the caller, whom a call is about only if it names nobody.
func (c *call) named(th *thing, from sources) (out [][]string) {
	listed := c.listed(th)
	for _, s := range from {
		if strings.HasPrefix(s, "identity.") {
			out, listed = append(out, listed), nil
		}
		out = append(out, c.fill(s))
	}
	return append(out, listed)
}

// listed are the things of a kind that the record names by their type alone, as the
// console's event history does, which keeps neither what was asked nor what was
// answered. What has no type of its own it does not name.
func (c *call) listed(th *thing) []string {
	if th.Type == "" || !c.e.Lossy {
		return nil
	}
	names := c.r.Listed(th.Type)
	return names[:min(len(names), maxValues)]
}

// ids are the values that name the things of an entry: of the first source
// that names any, or of all sources where the entry says each.
func (c *call) ids(e *entry) (out []string) {
	keep := func(values []string) (got []string) {
		for _, v := range values {
			if e.thing.Within != "" {
				got = append(got, v)
			} else if _, ok := e.thing.named(c, v); ok {
				got = append(got, v)
			}
		}
		return got
	}
	if n, ok := c.refusedOn(e.thing); ok {
		return []string{n.show}
	}
	if len(e.ID) > 0 {
		for _, values := range c.named(e.thing, e.ID) {
			if out = keep(values); len(out) > 0 {
				break
			}
		}
	}
	for _, s := range e.Each {
		out = append(out, keep(c.fill(s))...)
	}
	if len(out) == 0 && len(e.Each) > 0 {
		out = keep(c.listed(e.thing))
	}
	return out[:min(len(out), maxValues)]
}
