package policy

import (
	"slices"
	"strings"
)

// Context is what a request carries besides its action and resource: condition
// keys and their values. A key is present, absent, or unknown; unknown is what
// nothing was said of. The zero Context knows nothing.
//
// Keys are compared without regard to case, as IAM does.
type Context struct {
	values map[string][]string
	absent map[string]bool
	closed []string // prefixes under which every unnamed key is absent
}

// Set says that the key is present with these values.
func (c *Context) Set(key string, values ...string) {
	if c.values == nil {
		c.values = map[string][]string{}
	}
	c.values[strings.ToLower(key)] = values
}

// SetAbsent says that the request carries no such key.
func (c *Context) SetAbsent(key string) {
	if c.absent == nil {
		c.absent = map[string]bool{}
	}
	c.absent[strings.ToLower(key)] = true
}

// Close says that all keys that begin with the prefix were named: the others
// are absent. Close("") closes the whole context.
func (c *Context) Close(prefix string) { c.closed = append(c.closed, strings.ToLower(prefix)) }

// With returns a context that also knows what o says; what o says wins.
func (c Context) With(o Context) Context {
	// Neither c nor o is changed: contexts are shared between questions that differ
	// in a key or two.
	out := Context{closed: slices.Concat(c.closed, o.closed)}
	for _, from := range []Context{c, o} {
		for k := range from.absent {
			delete(out.values, k)
			out.SetAbsent(k)
		}
		for k, v := range from.values {
			delete(out.absent, k)
			out.Set(k, v...)
		}
	}
	return out
}

// Lookup returns the values of a key: Yes with values, No if it is absent,
// Unknown if the context does not say.
func (c *Context) Lookup(key string) ([]string, Truth) {
	key = strings.ToLower(key)
	if v, ok := c.values[key]; ok {
		return v, Yes
	}
	if c.absent[key] || slices.ContainsFunc(c.closed, func(p string) bool { return strings.HasPrefix(key, p) }) {
		return nil, No
	}
	return nil, Unknown
}
