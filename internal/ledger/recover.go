package ledger

import (
	"errors"
	"fmt"
	"io/fs"
	"slices"
	"strings"

	"go.yaml.in/yaml/v4"

	"github.com/trailhound/trailhound/internal/evidence"
)

// Loss says how a thing is lost by calls, and by what it might be had back. It is
// data, content/recovery; see docs/formats/recovery.md.
type Loss struct {
	Source string   `yaml:"source"`
	Calls  []string `yaml:"calls"`
	Thing  string   `yaml:"thing"` // of the ledger, "rds.instance"
	ID     sources  `yaml:"id"`    // where the calls name it
	What   string   `yaml:"what"`  // what is lost, in words: "database deleted"
	// Apart: the ledger's state of the thing is not that of what was lost. A bucket is
	// there when its objects are gone.
	Apart  bool        `yaml:"apart"`
	When   []condition `yaml:"when"`
	Unless []condition `yaml:"unless"`
	Ways   []*Way      `yaml:"ways"`
	// Decides says what would tell where the evidence does not; "{id}" is the thing's name.
	Decides string `yaml:"decides"`

	thing *thing
}

// Way is one thing that a call, or a listing, says of whether what was lost can be had back.
type Way struct {
	From string `yaml:"from"` // call | setting | copy | listing
	// Is what follows: kept (the thing itself keeps it), copy (something else holds it), partly,
	// gone; "" where it bounds the others and decides nothing.
	Is     string      `yaml:"is"`
	Says   string      `yaml:"says"`   // the end of its sentence, with paths in braces
	Source string      `yaml:"source"` // of Calls; the loss's own where it is not given
	Calls  []string    `yaml:"calls"`  // of a setting or a copy
	Of     sources     `yaml:"of"`     // where they name the thing
	Copy   sources     `yaml:"copy"`   // where the name of the copy stands
	When   []condition `yaml:"when"`
	Unless []condition `yaml:"unless"`
	// Lasts: what a setting kept is there when it is set otherwise: partly, then.
	Lasts bool `yaml:"lasts"`
	// Ends are the calls that take the copy away, and where they name it.
	Ends map[string]string `yaml:"ends"`
	Kind string            `yaml:"kind"` // of a listing: the kind of observation, whose fields are Of and Copy
}

// What a way can come from.
const (
	FromCall    = "call"    // the call that took it away says so
	FromSetting = "setting" // the last call before it that set something
	FromCopy    = "copy"    // a call before it that made a copy
	FromListing = "listing" // a snapshot that lists a copy
)

// The outcomes of a way and, with Pending, Restored and Unknown, of a row.
const (
	Kept    = "kept"
	HasCopy = "copy"
	Partly  = "partly"
	Gone    = "gone"
	Pending = "pending"
)

type recoveryFile struct {
	Losses []*Loss `yaml:"losses"`
	// Copies are ways of several things: what AWS Backup keeps.
	Copies []struct {
		Things []string `yaml:"things"`
		Way    `yaml:",inline"`
	} `yaml:"copies"`
}

// loadRecovery reads recovery/*.yml, which may be missing where only the ledger is wanted.
func (t *Table) loadRecovery(fsys fs.FS) error {
	names, err := fs.Glob(fsys, "recovery/*.yml")
	if err != nil {
		return fmt.Errorf("list recovery: %w", err)
	}
	var shared []*recoveryFile
	for _, name := range names {
		raw, err := fs.ReadFile(fsys, name)
		if err != nil {
			return fmt.Errorf("%s: read: %w", name, err)
		}
		f := &recoveryFile{}
		if err := yaml.Load(raw, f, yaml.WithKnownFields()); err != nil {
			return fmt.Errorf("%s: parse: %w", name, err)
		}
		for _, l := range f.Losses {
			if err := t.checkLoss(l); err != nil {
				return fmt.Errorf("%s: %s: %w", name, l.Thing, err)
			}
		}
		t.losses, shared = append(t.losses, f.Losses...), append(shared, f)
	}
	for i, f := range shared {
		for k := range f.Copies {
			c := &f.Copies[k]
			if err := checkWay(&c.Way); err != nil {
				return fmt.Errorf("%s: copies: %w", names[i], err)
			}
			for _, th := range c.Things {
				if t.things[th] == nil {
					return fmt.Errorf("%s: copies: no thing %q", names[i], th)
				}
			}
			for _, l := range t.losses {
				if slices.Contains(c.Things, l.Thing) {
					l.Ways = append(l.Ways, &c.Way)
				}
			}
		}
	}
	return nil
}

func (t *Table) checkLoss(l *Loss) error {
	if l.thing = t.things[l.Thing]; l.thing == nil || l.thing.Type == "" {
		return fmt.Errorf("no thing %q with a type", l.Thing)
	}
	if l.Source == "" || len(l.Calls) == 0 || len(l.ID) == 0 || l.What == "" || l.Decides == "" {
		return errors.New("a loss needs source, calls, id, what and decides")
	}
	if err := errors.Join(checkConditions(l.When), checkConditions(l.Unless)); err != nil {
		return err
	}
	for i, w := range l.Ways {
		if w.Source == "" {
			w.Source = l.Source
		}
		if err := checkWay(w); err != nil {
			return fmt.Errorf("way %d: %w", i+1, err)
		}
	}
	return nil
}

func checkWay(w *Way) error {
	if !slices.Contains([]string{"", Kept, HasCopy, Partly, Gone}, w.Is) {
		return fmt.Errorf("is %q, none of kept, copy, partly, gone", w.Is)
	}
	switch w.From {
	case FromCall:
		if len(w.Calls)+len(w.Of) > 0 {
			return errors.New("what the call itself says needs neither calls nor of")
		}
	case FromSetting, FromCopy:
		if w.Source == "" || len(w.Calls) == 0 || len(w.Of) == 0 {
			return errors.New("a setting or copy needs source, calls and of")
		}
	case FromListing:
		if w.Kind == "" || len(w.Of) != 1 || len(w.Copy) != 1 {
			return errors.New("a listing needs kind, of and copy")
		}
	default:
		return fmt.Errorf("from %q, none of call, setting, copy, listing", w.From)
	}
	if (w.From == FromCopy || w.From == FromListing || len(w.Ends) > 0) && len(w.Copy) == 0 {
		return errors.New("a copy without its name")
	}
	if w.Says == "" && w.From != FromListing && w.From != FromCopy {
		return errors.New("says nothing")
	}
	// What a sentence quotes is held against the record by these paths, so that they must be
	// ones that claims know.
	for _, c := range slices.Concat(w.When, w.Unless) {
		for _, p := range c.Path {
			if !strings.HasPrefix(p, "request.") && !strings.HasPrefix(p, "response.") {
				return fmt.Errorf("path %q is neither of request nor of response", p)
			}
		}
	}
	return errors.Join(checkConditions(w.When), checkConditions(w.Unless))
}

// Lost is a thing that a call took away from its owner.
type Lost struct {
	ID, Type string
	Key      string // one thing, however calls name it
	Loss     *Loss
}

// Lost says what a call took away, by the losses of the table.
func (t *Table) Lost(e *evidence.Event, r evidence.Record, accounts ...string) (out []Lost) {
	c := newCall(e, r, accounts)
	for _, l := range t.losses {
		if l.Source != e.Source || !slices.Contains(l.Calls, e.Name) {
			continue
		}
		if _, ok := c.hold(l.When, id{}, "", before{}); !ok || c.any(l.Unless, id{}, "", before{}) {
			continue
		}
		for _, n := range c.identifyAll(l.thing, l.ID) {
			out = append(out, Lost{n.show, l.thing.Type, n.key, l})
		}
	}
	return out
}

// Said is what one call says of a way.
type Said struct {
	Text   string            // the way's words, filled in
	Equals map[string]string // what of the record they rest on, by paths as claims write them
	Copy   string            // the name of the copy
}

// Told says what a call says of a way of a loss; of a setting or a copy only where it is
// about the thing of that key.
func (l *Loss) Told(w *Way, key string, e *evidence.Event, r evidence.Record, accounts ...string) (Said, bool) {
	c := newCall(e, r, accounts)
	if _, ok := c.hold(w.When, id{}, "", before{}); !ok || c.any(w.Unless, id{}, "", before{}) {
		return Said{}, false
	}
	if w.From != FromCall && !l.About(w, key, e, r, accounts...) {
		return Said{}, false
	}
	s := Said{Equals: map[string]string{}}
	for _, k := range w.When {
		for _, p := range k.Path {
			if v := c.values(p); len(v) > 0 {
				s.Equals[p] = v[0]
				break
			}
		}
	}
	whole := true
	s.Text = placeholder.ReplaceAllStringFunc(w.Says, func(m string) string {
		for _, p := range strings.Split(m[1:len(m)-1], "|") {
			if v := c.values(p); len(v) > 0 {
				s.Equals[p] = v[0]
				return v[0]
			}
		}
		whole = false
		return ""
	})
	for _, p := range w.Copy {
		if v := c.fill(p); len(v) > 0 && s.Copy == "" {
			s.Copy = v[0]
			s.Equals[p] = v[0]
		}
	}
	return s, whole && (w.From != FromCopy || s.Copy != "")
}

// About says whether a call of a way is about the thing of that key, whatever it says of it.
func (l *Loss) About(w *Way, key string, e *evidence.Event, r evidence.Record, accounts ...string) bool {
	return slices.ContainsFunc(newCall(e, r, accounts).identifyAll(l.thing, w.Of), func(n id) bool { return n.key == key })
}

// EndedBy is the copy that a call takes away by one of the ends of a way; "" for none.
func (w *Way) EndedBy(e *evidence.Event, r evidence.Record, accounts ...string) string {
	path := w.Ends[e.Name]
	if path == "" || e.Source != w.Source {
		return ""
	}
	if v := newCall(e, r, accounts).values(path); len(v) > 0 {
		return v[0]
	}
	return ""
}
