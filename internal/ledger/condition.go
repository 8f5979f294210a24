package ledger

import (
	"errors"
	"fmt"
	"net/netip"
	"regexp"
	"slices"
	"strings"
)

// condition is one test of a call. Exactly one of its subjects is set. A value
// that is absent makes every test but "present: false" false: what the record
// does not say is never held against it.
type condition struct {
	Path sources  `yaml:"path"` // any value at any of these paths…
	Is   string   `yaml:"is"`
	In   []string `yaml:"in"`
	// Matches is a regular expression, not anchored.
	Matches string `yaml:"matches"`
	Present *bool  `yaml:"present"`
	Differs string `yaml:"differs"` // …is not among the values at this path

	Policy    sources  `yaml:"policy"`    // a policy document…
	Principal sources  `yaml:"principal"` // or principals by themselves…
	LetsIn    []string `yaml:"lets_in"`   // …lets in one of these classes
	Adds      bool     `yaml:"adds"`      // and the document before did not
	Allows    string   `yaml:"allows"`    // …allows: some | broad
	Managed   sources  `yaml:"managed"`   // a managed policy by ARN, with allows

	Open sources `yaml:"open"` // a rule or network that is not private
	Self sources `yaml:"self"` // names the caller, or nobody
	Has  string  `yaml:"has"`  // the field is there, whatever it holds: it may be withheld

	re *regexp.Regexp
}

func checkConditions(list []condition) error {
	for i := range list {
		c := &list[i]
		subjects := 0
		for _, s := range []sources{c.Path, c.Policy, c.Principal, c.Managed, c.Open, c.Self} {
			if len(s) > 0 {
				subjects++
			}
		}
		if c.Has != "" {
			subjects++
		}
		if subjects != 1 {
			return errors.New("condition without exactly one of path, policy, principal, managed, open, self, has")
		}
		if c.Matches != "" {
			re, err := regexp.Compile(c.Matches)
			if err != nil {
				return fmt.Errorf("condition: %w", err)
			}
			c.re = re
		}
		tests := c.Is != "" || len(c.In) > 0 || c.re != nil || c.Present != nil || c.Differs != ""
		switch {
		case len(c.Path) > 0 && !tests:
			return errors.New("condition on a path without a test")
		case (len(c.Policy) > 0) && len(c.LetsIn) == 0 && c.Allows == "",
			len(c.Principal) > 0 && len(c.LetsIn) == 0, len(c.Managed) > 0 && c.Allows == "":
			return errors.New("condition on a policy or principal without lets_in or allows")
		case c.Allows != "" && c.Allows != "some" && c.Allows != "broad":
			return fmt.Errorf("condition allows %q, not some or broad", c.Allows)
		}
		for _, class := range c.LetsIn {
			if !slices.Contains([]string{classPublic, classOutside, classIDP, classNamed, classAccount, classService}, class) {
				return fmt.Errorf("condition lets_in %q is no class of principal", class)
			}
		}
	}
	return nil
}

// before is what the evidence shows of earlier documents.
type before struct {
	docs   map[string]string // policies of things, by key of the thing
	policy map[string]string // documents of customer policies, by ARN
}

// hold says whether all conditions hold, and which principals are thereby let
// in: a later document closes the door when it admits none of them.
func (c *call) hold(list []condition, this id, value string, prior before) (admits []string, ok bool) {
	for i := range list {
		in, ok := c.holds(&list[i], this, value, prior)
		if !ok {
			return nil, false
		}
		admits = append(admits, in...)
	}
	return admits, true
}

func (c *call) any(list []condition, this id, value string, prior before) bool {
	return slices.ContainsFunc(list, func(k condition) bool {
		_, ok := c.holds(&k, this, value, prior)
		return ok
	})
}

func (c *call) holds(k *condition, this id, value string, prior before) (admits []string, ok bool) {
	read := func(paths []string) (out []string) {
		for _, p := range paths {
			if p == "@id" {
				out = append(out, value)
			} else {
				out = append(out, c.fill(p)...)
			}
		}
		return out
	}
	switch {
	case len(k.Policy) > 0 && len(k.LetsIn) > 0:
		for _, path := range k.Policy {
			in, _ := admitted(c.text(path), c.accounts)
			had := func(string) bool { return false }
			if k.Adds {
				had = alreadyIn(prior.docs[this.key], c.text(path), c.account())
			}
			for _, p := range in {
				if slices.Contains(k.LetsIn, p.class) && !had(p.name) {
					admits = append(admits, p.name)
				}
			}
		}
		return admits, len(admits) > 0
	case len(k.Policy) > 0:
		return nil, slices.ContainsFunc(k.Policy, func(p string) bool { return enough(grants(c.text(p)), k.Allows) })
	case len(k.Managed) > 0:
		return nil, slices.ContainsFunc(read(k.Managed), func(a string) bool { return enough(grantsManaged(a, prior.policy), k.Allows) })
	case len(k.Principal) > 0:
		for _, v := range read(k.Principal) {
			if slices.Contains(k.LetsIn, classify(v, c.accounts).class) {
				admits = append(admits, v)
			}
		}
		return admits, len(admits) > 0
	case k.Has != "":
		return nil, c.r.Get(expand(k.Has)) != nil
	case len(k.Open) > 0:
		return nil, slices.ContainsFunc(read(k.Open), open)
	case len(k.Self) > 0:
		named := read(k.Self)
		if len(named) == 0 && c.target != "" {
			named = []string{c.target[strings.LastIndexAny(c.target, "/ ")+1:]}
		}
		return nil, len(named) == 0 || slices.Contains(named, c.e.Identity.UserName)
	}
	return nil, k.test(read(k.Path), func() []string { return c.values(k.Differs) })
}

func enough(weight int, want string) bool {
	return want == "broad" && weight >= grantsBroad || want == "some" && weight >= grantsSome
}

func (k *condition) test(got []string, others func() []string) bool {
	switch {
	case k.Present != nil:
		return (len(got) > 0) == *k.Present
	case k.Differs != "":
		known := others()
		return slices.ContainsFunc(got, func(v string) bool { return !slices.Contains(known, v) })
	}
	return slices.ContainsFunc(got, func(v string) bool {
		return k.Is != "" && strings.EqualFold(v, k.Is) || slices.Contains(k.In, v) || k.re != nil && k.re.MatchString(v)
	})
}

// open says whether a rule "tcp/22/203.0.113.0/24", or a bare network, lets
// in somebody from outside: any network that is not private.
func open(rule string) bool {
	if f := strings.SplitN(rule, "/", 3); len(f) == 3 {
		rule = f[2]
	}
	p, err := netip.ParsePrefix(rule)
	if err != nil {
		return false
	}
	return !slices.ContainsFunc(inner, func(n netip.Prefix) bool { return n.Bits() <= p.Bits() && n.Contains(p.Addr()) })
}

// inner are the networks from which nobody outside can come: private ones, the shared
// address space of RFC 6598, loopback and link-local. A rule must lie in one as a whole:
// EC2 takes "10.0.0.0/1" for 0.0.0.0/1, while the record keeps what was asked for.
var inner = func() (list []netip.Prefix) {
	for _, n := range strings.Fields("10.0.0.0/8 172.16.0.0/12 192.168.0.0/16 100.64.0.0/10 127.0.0.0/8 169.254.0.0/16 fc00::/7 ::1/128 fe80::/10") {
		list = append(list, netip.MustParsePrefix(n))
	}
	return list
}()
