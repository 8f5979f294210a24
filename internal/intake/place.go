package intake

import (
	"fmt"
	"io/fs"
	"maps"
	"regexp"
	"slices"
	"strings"
	"sync"

	"github.com/trailhound/trailhound/content"
)

// regionNames is content/intake/regions.yml, turned about: the regions of each name.
type regionNames struct {
	regions                      map[string][]string
	form                         *regexp.Regexp
	things, before, near, behind map[string]bool
	uses, nobody                 map[string]bool
}

// builtinRegions is the embedded list, read once.
var builtinRegions = sync.OnceValues(func() (*regionNames, error) { return loadRegions(content.FS) })

// loadRegions turns the list about, from regions to names. A name may stand for several regions
// ("india", "japan"); then all of them are meant.
func loadRegions(fsys fs.FS) (*regionNames, error) {
	var file struct {
		Regions map[string]string `yaml:"regions"`
		Things  string            `yaml:"things"`
		Before  string            `yaml:"before"`
		Uses    string            `yaml:"uses"`
		Nobody  string            `yaml:"nobody"`
		Near    string            `yaml:"near"`
		Behind  string            `yaml:"behind"`
	}
	if err := load(fsys, "intake/regions.yml", "names of regions", &file); err != nil {
		return nil, err
	}
	n := &regionNames{regions: map[string][]string{}, things: set(file.Things), before: set(file.Before), uses: set(file.Uses), nobody: set(file.Nobody), near: set(file.Near), behind: set(file.Behind)}
	plain := map[string]string{}
	for _, region := range slices.Sorted(maps.Keys(file.Regions)) {
		for _, name := range strings.Split(file.Regions[region], ",") {
			name = strings.TrimSpace(name)
			if name == "" || name != strings.ToLower(name) {
				return nil, fmt.Errorf("read names of regions: %q of %s is no name in small letters", name, region)
			}
			n.regions[name] = append(n.regions[name], region)
			plain[name] = region
		}
	}
	if len(plain) == 0 {
		return nil, fmt.Errorf("read names of regions: there are none")
	}
	var err error
	n.form, err = regexp.Compile(`(?:` + strings.Join(longestFirst(plain), "|") + `)`)
	return n, err
}

// regions claims the places by which the text names a region: "something runs in Sydney",
// "Frankfurt EC2". Where somebody is, or signs in from, is none, nor is whose clock is meant.
func (s *scan) regions() {
	names, err := builtinRegions()
	if err != nil {
		s.notes = append(s.notes, "the names of regions could not be read, so that only their codes were: "+err.Error())
		return
	}
	for _, loc := range names.form.FindAllStringIndex(s.low, 64) {
		if s.free(loc[0], loc[1]) && edges(s.low, loc[0], loc[1], "_-@/.") && names.meant(s.low, loc[0], loc[1]) {
			values := names.regions[s.low[loc[0]:loc[1]]]
			s.notes = append(s.notes, s.gloss.said(loc[0], loc[1])+" was read as the region "+strings.Join(values, " or "))
			s.add(mention{start: loc[0], end: loc[1], kind: "region", values: values})
		}
	}
}

// abroad are the regions of places that stand beside an absence: "at a customer in Dubai", "in São
// Paulo for the conference". They name no region of the case, but whoever works there works near them.
func (r *reader) abroad() (out []string) {
	names, err := builtinRegions()
	if err != nil {
		return nil // regions has told it
	}
	for i, s := range r.segs {
		if len(s.words) == 0 || !slices.ContainsFunc(r.found[i], func(c cue) bool { return c.relation == Away && !c.negated }) {
			continue
		}
		from, to := r.words[s.words[0]].start, r.words[s.words[len(s.words)-1]].end
		for _, loc := range names.form.FindAllStringIndex(r.low[from:to], 16) {
			if !edges(r.low, from+loc[0], from+loc[1], "_-@/.") {
				continue
			}
			for _, region := range names.regions[r.low[from+loc[0]:from+loc[1]]] {
				if !slices.Contains(out, region) {
					out = append(out, region)
				}
			}
		}
	}
	return out
}

// placeEnd is what the words around a place do not reach over.
var placeEnd = regexp.MustCompile(`[.!?;]+(?:\s|$)|\n`)

// wordsIn splits a piece of text, signs that join places ("+") included.
var wordsIn = regexp.MustCompile(`[\pL\pN'’]+|[+/&]`)

// meant says that the words around a place make it a region.
func (n *regionNames) meant(low string, start, end int) bool {
	from, to := 0, len(low)
	for _, loc := range placeEnd.FindAllStringIndex(low[:start], -1) {
		from = loc[1]
	}
	if loc := placeEnd.FindStringIndex(low[end:]); loc != nil {
		to = end + loc[0]
	}
	before, behind := wordsIn.FindAllString(low[from:start], -1), wordsIn.FindAllString(low[end:to], -1)
	if len(behind) > 0 && n.behind[behind[0]] {
		return false
	}
	if k := len(before) - 1; k > 0 && n.uses[before[k]] && slices.ContainsFunc(before[:k], func(w string) bool { return n.nobody[w] }) {
		return true
	}
	near := before[max(0, len(before)-5):]
	if slices.ContainsFunc(near, func(w string) bool { return n.near[w] }) {
		return false
	}
	if k := len(before); k > 1 && before[k-1] == "in" && slices.Contains([]string{"is", "was", "are", "were", "am", "been"}, before[k-2]) && (k < 3 || !n.things[before[k-3]]) {
		return false // "carla is in Milan", not "instances are in Milan"
	}
	thing := func(w string) bool { return n.things[w] }
	switch {
	case len(behind) > 0 && n.things[behind[0]]:
		return true
	case len(before) > 0 && n.before[before[len(before)-1]]:
		return slices.ContainsFunc(before, thing) || slices.ContainsFunc(behind, thing)
	}
	return false
}
