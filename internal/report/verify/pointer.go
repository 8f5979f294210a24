package verify

import (
	"fmt"
	"reflect"
	"sort"
	"strconv"
	"strings"

	"github.com/trailhound/trailhound/internal/report"
)

// sortProblems puts them in the order of the document: sections as the format
// lists them, elements by number (so 2 comes before 10), and two problems of one
// place by what they say.
func sortProblems(ps []Problem) {
	key := func(p Problem) string {
		var b strings.Builder
		for i, part := range strings.Split(strings.TrimPrefix(p.Where, "/"), "/") {
			if i == 0 {
				fmt.Fprintf(&b, "%02d", sectionRank[part])
			}
			if n, err := strconv.Atoi(part); err == nil {
				part = fmt.Sprintf("%09d", n)
			}
			b.WriteString("/" + part)
		}
		return b.String() + "\x00" + p.What + "\x00" + p.Ref
	}
	sort.SliceStable(ps, func(i, j int) bool { return key(ps[i]) < key(ps[j]) })
}

// sectionRank is the place of each member of a report. It is read from the type, so
// that a section added later has its place without a second list to keep.
var sectionRank = func() map[string]int {
	m := map[string]int{}
	typ := reflect.TypeFor[report.Report]()
	for i := range typ.NumField() {
		name, _, _ := strings.Cut(typ.Field(i).Tag.Get("json"), ",")
		m[name] = i
	}
	return m
}()

// at makes a JSON pointer (RFC 6901), or what goes on from one: where+at(3). The
// members of the format hold no "/" or "~", so nothing has to be escaped.
func at(parts ...any) string {
	var b strings.Builder
	for _, p := range parts {
		fmt.Fprintf(&b, "/%v", p)
	}
	return b.String()
}
