package investigation

import (
	"slices"

	"github.com/trailhound/trailhound/internal/intake"
)

// keyMakers examines who made a key that the case names, where it tells that the key was made: that is half of
// what alarms whoever writes it. Nothing is held against them for it: place, hour and tool alone make nobody of
// them an intruder. The session of the making is told of, whatever comes out.
func (in *inquiry) keyMakers() {
	for _, c := range in.input.Credentials {
		n := in.g.Node(c)
		if n == nil || n.Kind != "access_key" || !slices.ContainsFunc(in.reading.Effects, func(e intake.Effect) bool {
			return e.Kind == "created" && slices.ContainsFunc(e.Names, func(name string) bool { return slices.Contains(in.g.Resolve(name), c) })
		}) {
			continue
		}
		for i := range n.In {
			by := in.g.Caller(&n.In[i])
			if by == "" || by == n.Person || slices.Contains(in.input.Principals, by) || slices.Contains(in.input.Examine, by) {
				continue
			}
			in.input.Examine, in.input.Swept = append(in.input.Examine, by), append(in.input.Swept, by)
			in.input.Look = append(in.input.Look, n.In[i].Event)
		}
	}
	slices.Sort(in.input.Examine)
}
