package verify

import (
	"maps"
	"reflect"
	"regexp"
	"slices"
	"sort"
	"strings"
)

// said: a sentence about the evidence is a claim's sentence, word for word, or several
// of them in a row. The claim is run again elsewhere; what no claim says, nobody checked.
func (c *check) said(where, text string) {
	if !c.saidBy(text) {
		c.problem(where, "", "no claim of the report says this")
	}
}

// maxCompared bounds how many bytes of sentences are compared with the texts of one
// report. Ten thousand claims in a row stay below a quarter of it; a report that was
// written to take longer has texts that count as said by nobody.
const maxCompared = 1 << 28

// sentences finds those that a text begins with. All that one text begins with begin
// with each other, so they are the last one that is not behind the text, and what that
// one begins with.
type sentences struct {
	sorted []string
	within []int // the longest other sentence that each begins with, -1 for none
	work   int   // bytes compared so far
}

func newSentences(set map[string]bool) *sentences {
	s := &sentences{sorted: slices.Sorted(maps.Keys(set))}
	var open []int // each begins with the one before it
	for i, text := range s.sorted {
		for len(open) > 0 && !strings.HasPrefix(text, s.sorted[open[len(open)-1]]) {
			open = open[:len(open)-1]
		}
		s.within = append(s.within, -1)
		if len(open) > 0 {
			s.within[i] = open[len(open)-1]
		}
		open = append(open, i)
	}
	return s
}

// begin yields the length of each sentence that the text begins with, the longest first.
func (s *sentences) begin(text string, yield func(length int)) {
	i := sort.Search(len(s.sorted), func(i int) bool {
		s.work += min(len(s.sorted[i]), len(text))
		return s.sorted[i] > text
	}) - 1
	found := false
	for ; i >= 0; i = s.within[i] {
		if sentence := s.sorted[i]; !found { // what is within one that was found need not be compared
			s.work += min(len(sentence), len(text))
			found = strings.HasPrefix(text, sentence)
		}
		s.work++
		if found {
			yield(len(s.sorted[i]))
		}
	}
}

// saidBy tries longest and shortest alike; a sentence ends where another begins, with one
// blank between.
func (c *check) saidBy(text string) bool {
	if c.sentences[text] {
		return true
	}
	if c.starts == nil {
		c.starts = newSentences(c.sentences)
	}
	// Where a sentence may begin: each place is tried once, for a report may have been
	// written so that the ways to cut it are more than one can count.
	open, tried := []int{0}, map[int]bool{}
	for len(open) > 0 && c.starts.work < maxCompared {
		at := open[len(open)-1]
		open = open[:len(open)-1]
		if tried[at] {
			continue
		}
		tried[at] = true
		rest, whole := text[at:], false
		c.starts.begin(rest, func(n int) {
			switch {
			case n == len(rest):
				whole = true
			case n > 0 && rest[n] == ' ' && !tried[at+n+1]:
				open = append(open, at+n+1)
			}
		})
		if whole {
			return true
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
