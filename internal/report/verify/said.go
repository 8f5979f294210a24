package verify

import (
	"reflect"
	"regexp"
	"strings"
)

// said: a sentence about the evidence is a claim's sentence, word for word, or several
// of them in a row. The claim is run again elsewhere; what no claim says, nobody checked.
func (c *check) said(where, text string) {
	if !c.saidBy(text) {
		c.problem(where, "", "no claim of the report says this")
	}
}

// saidBy tries longest and shortest alike; a sentence ends where another begins, with one
// blank between.
func (c *check) saidBy(text string) bool {
	if c.sentences[text] {
		return true
	}
	// Where a sentence may begin: each place is tried once, for a report may have been
	// written so that the ways to cut it are more than one can count.
	open, tried := []int{0}, map[int]bool{}
	for len(open) > 0 {
		at := open[len(open)-1]
		open = open[:len(open)-1]
		if tried[at] {
			continue
		}
		tried[at] = true
		if c.sentences[text[at:]] {
			return true
		}
		for s := range c.sentences {
			if s != "" && strings.HasPrefix(text[at:], s+" ") {
				open = append(open, at+len(s)+1)
			}
		}
	}
	return false
}

// iamName is the ARN of something in IAM with the path that its name may have.
var iamName = regexp.MustCompile(`^(arn:[^:]+:iam::\d+:[a-z-]+/)(?:.*/)?([^/]+)$`)

// plainName leaves out the path: sessions do not show it.
func plainName(s string) string { return iamName.ReplaceAllString(s, "$1$2") }

// bucketOf is the bucket's ARN in that of an object.
var bucketOf = regexp.MustCompile(`^arn:[^:]+:s3:::[^/]+`)

// further is the target of a step that stands for more than one can list.
const further = "further targets"

// established says whether something that is held against evidence is about the
// target: a credential, a principal, a resource, an account, or what a claim names.
// The last part of such an id will do: an instance shows as the name of its session.
func (c *check) established(target string) bool {
	if c.about == nil {
		c.about = map[string]bool{further: true}
		r := c.r
		for _, part := range []any{r.Scope, r.Credentials, r.Principals, r.Findings, r.AffectedResources, r.Persistence, r.Attribution, r.Coverage, r.Benign} {
			eachText(reflect.ValueOf(part), c.aboutText)
		}
		for _, cl := range r.Claims {
			eachText(reflect.ValueOf(cl.Predicate), c.aboutText)
			for i, s := range strings.Split(cl.Text, "`") {
				// Between backquotes stand the names that a sentence is about; the
				// rest is prose.
				if i%2 == 1 {
					c.aboutText(s)
				}
			}
		}
	}
	if first, ok := strings.CutSuffix(target, " more"); ok { // a step for several: the first of them is named
		if i := strings.LastIndex(first, " and "); i >= 0 && strings.Trim(first[i+5:], "0123456789") == "" {
			target = first[:i]
		}
	}
	if target == "account" && len(c.r.Scope.Accounts) == 0 {
		return true // the account itself, which the evidence does not name
	}
	return c.about[plainName(target)]
}

// aboutText notes what one text is about: itself, its last part, and of an object in S3
// the bucket, since a step saves or locks the bucket of what was read.
func (c *check) aboutText(s string) {
	s = plainName(s)
	c.about[s] = true
	if m := bucketOf.FindString(s); m != "" {
		c.about[m] = true
	}
	if i := strings.LastIndexAny(s, "/:"); i >= 0 {
		c.about[s[i+1:]] = true
	}
}

// eachText yields every text inside a value.
func eachText(v reflect.Value, yield func(string)) {
	switch v.Kind() {
	case reflect.String:
		yield(v.String())
	case reflect.Pointer, reflect.Interface:
		if !v.IsNil() {
			eachText(v.Elem(), yield)
		}
	case reflect.Struct:
		for i := range v.NumField() {
			if v.Type().Field(i).IsExported() {
				eachText(v.Field(i), yield)
			}
		}
	case reflect.Slice, reflect.Array:
		for i := range v.Len() {
			eachText(v.Index(i), yield)
		}
	case reflect.Map:
		for it := v.MapRange(); it.Next(); {
			eachText(it.Value(), yield)
		}
	}
}
