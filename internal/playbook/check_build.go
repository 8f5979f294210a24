package playbook

import "fmt"

// buildReachKnown asks of each project in which the intruder's code ran whether it is known what
// its builds were given to read. That they were given it does not say that it was read.
func buildReachKnown(v *view, _ []string) answer {
	var open, refs []string
	given, read := 0, 0
	for _, b := range v.res.Builds {
		if !b.Known {
			open = append(open, b.Project)
		}
		refs = append(refs, events(b.Events)...)
		for _, g := range b.Given {
			given++
			if g.Read != "" {
				read++
			}
		}
	}
	switch {
	case len(v.res.Builds) == 0:
		return v.cannot("No build is seen in the intruder's hands, by its key or by who started it.")
	case len(open) > 0:
		return v.cannot(fmt.Sprintf("No call in the evidence says what builds of %s are given; their definitions do.", names(unique(open))), refs...)
	}
	return v.yes(fmt.Sprintf("%s in the definitions; of %d a read by a build in their hands is seen.", number(given, "variable"), read), refs...)
}
