package generate

import (
	"regexp"
	"slices"
	"strings"
)

// From how many distinct names on one pattern stands for them.
const (
	minNumbered = 3  // names that differ only in numbers, hashes, UUIDs
	minSiblings = 10 // names in one folder
)

// noise is the part of a name that a machine makes up anew each time.
var noise = regexp.MustCompile(`[0-9a-fA-F]{8}-[0-9a-fA-F]{4}-[0-9a-fA-F]{4}-[0-9a-fA-F]{4}-[0-9a-fA-F]{12}|[0-9a-fA-F]{6,}|[0-9]+`)

// widen gives for each ARN the pattern that stands for it: itself, or one that
// it shares with others. A pattern never reaches across a bucket, an account, a
// region or a kind of resource. clear says whether a pattern may be used; one
// that would let in what was refused may not.
// First names that differ only in what machines make up; then folders of many names;
// then whatever one of these patterns stands for anyhow. The order of arns is of no
// matter.
func widen(arns []string, clear func(pattern string) bool) map[string]string {
	out := map[string]string{}
	numbered, siblings := map[string][]string{}, map[string][]string{}
	for _, arn := range arns {
		out[arn] = escape(arn)
		head, rest := headOf(arn)
		if rest == "" {
			continue
		}
		shape := shapeOf(rest)
		numbered[escape(head)+shape] = append(numbered[escape(head)+shape], arn)
	}
	// Groups do not overlap within one pass, so their order is of no matter.
	use := func(groups map[string][]string, least func(pattern string) int) {
		for pattern, list := range groups {
			if slices.Sort(list); len(slices.Compact(list)) >= least(pattern) && clear(pattern) {
				for _, arn := range list {
					out[arn] = pattern
				}
			}
		}
	}
	use(numbered, func(pattern string) int {
		if head, rest := headOf(pattern); head != "" && strings.Trim(rest, "*/-_.") == "" {
			return minSiblings // nothing of the name is left: as wide as the whole bucket
		}
		return minNumbered
	})
	for _, arn := range arns {
		head, rest := headOf(arn)
		if i := strings.LastIndexByte(rest, '/'); i >= 0 && out[arn] == escape(arn) {
			dir := escape(head+rest[:i+1]) + "*"
			siblings[dir] = append(siblings[dir], arn)
		}
	}
	use(siblings, func(string) int { return minSiblings })
	var wide []string // what others made wide takes the rest along
	for arn, pattern := range out {
		if pattern != escape(arn) && !slices.Contains(wide, pattern) {
			wide = append(wide, pattern)
		}
	}
	slices.Sort(wide)
	for _, pattern := range wide {
		stands := compile(pattern)
		for _, arn := range arns {
			// A star also matches a slash, so that a pattern can stand for what is of another kind.
			if head, _ := headOf(arn); out[arn] == escape(arn) && strings.HasPrefix(pattern, escape(head)) && stands(arn) {
				out[arn] = pattern
			}
		}
	}
	return out
}

// headOf divides an ARN into what a pattern may not touch and the name: of S3
// behind the bucket, of others behind the kind of resource.
func headOf(arn string) (head, rest string) {
	f := strings.SplitN(arn, ":", 6)
	if len(f) < 6 {
		return arn, ""
	}
	i := strings.IndexAny(f[5], "/:")
	if i < 0 {
		if f[2] == "s3" {
			return arn, "" // a bucket
		}
		i = -1
	}
	at := len(arn) - len(f[5]) + i + 1
	return arn[:at], arn[at:]
}

// folder widens a pattern to everything beside the name that it ends in: never
// beyond what headOf keeps, so a queue becomes its account's queues of the region
// and a bucket stays what it is.
func folder(pattern string) string {
	head, rest := headOf(pattern)
	if rest == "" {
		return pattern
	}
	return head + rest[:strings.LastIndexAny(rest, "/:")+1] + "*"
}

// shapeOf puts a wildcard in place of what a machine made up. Letters alone are
// no number, however hexadecimal they look.
func shapeOf(name string) string {
	var b strings.Builder
	at := 0
	for _, m := range noise.FindAllStringIndex(name, -1) {
		if !strings.ContainsAny(name[m[0]:m[1]], "0123456789") {
			continue
		}
		b.WriteString(escape(name[at:m[0]]))
		b.WriteByte('*')
		at = m[1]
	}
	b.WriteString(escape(name[at:]))
	return b.String()
}
