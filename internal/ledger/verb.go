package ledger

import (
	"regexp"
	"slices"
	"strings"
)

// Calls that the table does not name are read by their verb and by the ARNs
// the record itself declares, so that nothing the intruder touched is missing.
// List and Describe name no thing of their own: a sweep is not an effect.
var verbs = []struct{ prefix, effect, does string }{
	{"Describe", "", ""}, {"List", "", ""}, {"Search", "", ""}, {"Lookup", "", ""}, {"BatchGet", Read, doesTouch},
	{"Get", Read, doesTouch}, {"Head", Read, doesTouch}, {"Query", Read, doesTouch}, {"Scan", Read, doesTouch},
	{"Select", Read, doesTouch}, {"Download", Read, doesTouch},
	{"Create", Created, doesOpen}, {"Import", Created, doesOpen}, {"Register", Created, doesOpen}, {"Allocate", Created, doesOpen},
	{"Delete", Deleted, doesEnd}, {"Terminate", Deleted, doesEnd}, {"Deregister", Deleted, doesEnd}, {"Release", Deleted, doesEnd},
	{"Put", Modified, doesTouch}, {"Update", Modified, doesTouch}, {"Modify", Modified, doesTouch}, {"Set", Modified, doesTouch},
	{"Attach", Modified, doesTouch}, {"Detach", Modified, doesTouch}, {"Add", Modified, doesTouch}, {"Remove", Modified, doesTouch},
	{"Associate", Modified, doesTouch}, {"Disassociate", Modified, doesTouch}, {"Enable", Modified, doesTouch},
	{"Disable", Modified, doesTouch}, {"Tag", Modified, doesTouch}, {"Untag", Modified, doesTouch}, {"Replace", Modified, doesTouch},
	{"Reset", Modified, doesTouch}, {"Restore", Modified, doesTouch}, {"Change", Modified, doesTouch}, {"Stop", Modified, doesTouch},
	{"Cancel", Modified, doesTouch}, {"Copy", Created, doesOpen},
}

// maxFallback bounds what one unlisted call may name: more is a sweep.
const maxFallback = 20

// verbEntry stands in for the entry that the table does not have.
var verbEntry = map[string]*entry{doesOpen: {Does: doesOpen}, doesEnd: {Does: doesEnd}, doesTouch: {Does: doesTouch}}

func (t *Table) byVerb(c *call) (out []Effect, unresolved string) {
	effect, does := Used, doesTouch
	for _, v := range verbs {
		if strings.HasPrefix(c.e.Name, v.prefix) {
			effect, does = v.effect, v.does
			break
		}
	}
	if effect == "" || c.e.ReadOnlySaid && c.e.ReadOnly && effect != Read && effect != Used {
		return nil, ""
	}
	arns := c.declared()
	if len(arns) == 0 && effect != Read {
		arns = c.mentioned(effect == Created)
	}
	if len(arns) == 0 || len(arns) > maxFallback {
		if writes := effect != Read && effect != Used; writes && len(arns) == 0 {
			unresolved = "the call is not in the table and the record names no resource"
		}
		return nil, unresolved
	}
	for _, arn := range arns {
		this := t.identify(c, arn)
		e := Effect{Type: this.thing.Type, ID: this.show, Effect: effect, entry: verbEntry[does], thing: this, row: this}
		if c.failed() {
			// As of a call that the table names: what is not there was not touched, and
			// what was only looked for in vain is not told by the dozen.
			looked := effect == Read || effect == Used
			if looked && absent.MatchString(c.e.ErrorCode) {
				continue
			}
			e.Effect, e.looked = Attempted, looked
		} else if does == doesEnd {
			e.Ends = this.show
		}
		out = append(out, e)
	}
	return out, ""
}

// declared are the ARNs of the record's own resources[], or the target that a
// refusal names.
func (c *call) declared() []string {
	var out []string
	for _, path := range []string{"resources.ARN", "resources.arn"} {
		out = append(out, c.values(path)...)
	}
	if c.target != "" {
		out = append(out, c.target)
	}
	out = slices.DeleteFunc(out, func(s string) bool { return !strings.HasPrefix(s, "arn:") })
	slices.Sort(out)
	return slices.Compact(out)
}

// mentioned are the ARNs of the called service anywhere in the record; of a
// creation those of its answer, since the request names what it is made from.
func (c *call) mentioned(creates bool) (out []string) {
	service, _, _ := strings.Cut(c.e.Source, ".")
	var walk func(v any, depth int)
	walk = func(v any, depth int) {
		if depth < 0 || len(out) > maxFallback {
			return
		}
		switch v := v.(type) {
		case string:
			if f := strings.SplitN(v, ":", 4); len(f) == 4 && f[0] == "arn" && f[2] == service && len(v) <= maxID {
				out = append(out, v)
			}
		case map[string]any:
			for _, k := range sortedKeys(v) {
				walk(v[k], depth-1)
			}
		case []any:
			for _, el := range v {
				walk(el, depth-1)
			}
		}
	}
	if creates {
		walk(c.r["responseElements"], 4)
	}
	if len(out) == 0 {
		for _, s := range c.e.Resources { // what the decoder found, at any depth
			walk(s, 0)
		}
	}
	slices.Sort(out)
	return slices.Compact(out)
}

// identify says which kind of thing an ARN names. Things whose names may hold
// anything come last: an S3 object's pattern fits its bucket too.
func (t *Table) identify(c *call, arn string) id {
	for _, loose := range []bool{false, true} {
		for _, th := range t.order {
			if th.arn == nil || strings.Contains(th.ARN, "{name*}") != loose {
				continue
			}
			if n, ok := th.named(c, arn); ok {
				return n
			}
		}
	}
	th := &thing{Type: typeOf(arn), name: "arn"}
	return id{th, "arn|" + arn, arn, true}
}

var word = regexp.MustCompile(`[A-Za-z0-9]+`)

// typeOf guesses a type name in CloudFormation's manner from an ARN:
// "arn:aws:glue:…:job/x" gives "AWS::Glue::Job".
func typeOf(arn string) string {
	f := strings.SplitN(arn, ":", 6)
	if len(f) < 6 {
		return "AWS::Resource"
	}
	kind := "Resource"
	if i := strings.IndexAny(f[5], "/:"); i > 0 {
		kind = ""
		for _, w := range word.FindAllString(f[5][:i], -1) {
			kind += strings.ToUpper(w[:1]) + w[1:]
		}
	}
	service := f[2]
	if service == "" || kind == "" {
		return "AWS::Resource"
	}
	if len(service) <= 3 {
		return "AWS::" + strings.ToUpper(service) + "::" + kind
	}
	return "AWS::" + strings.ToUpper(service[:1]) + service[1:] + "::" + kind
}
