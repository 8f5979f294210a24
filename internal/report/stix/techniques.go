package stix

import (
	"fmt"
	"slices"
	"strings"

	"github.com/trailhound/trailhound/internal/report/exchange"
)

// techniques writes each ATT&CK technique, and one sighting of it for each finding: the sighting
// says whether it succeeded.
func (b *builder) techniques() {
	for i, f := range b.Findings {
		var s span
		var refs []string
		for _, id := range exchange.Events(f.Evidence) {
			if at, ok := b.At(id); ok {
				s.add(at)
			}
			if data := b.data[b.Row(id).Credential]; data != "" {
				refs = append(refs, data)
			}
		}
		slices.Sort(refs)
		refs = slices.Compact(refs)
		for _, a := range f.Attack {
			if !exchange.IsTechnique(a.Technique) {
				continue
			}
			o := object{
				Type: "sighting", SightingOf: b.pattern(a.Technique), Confidence: confidence(f.Confidence),
				Description:  strings.TrimSpace(fmt.Sprintf("%s %s: %s (%s, severity %s)", f.ID, f.Outcome, f.Title, f.Technique, f.Severity)),
				ObservedRefs: refs, WhereSighted: []string{b.identity},
			}
			if f.Outcome != "" {
				o.Labels = []string{f.Outcome}
			}
			if s.n > 0 {
				o.FirstSeen, o.LastSeen, o.Count = stamp(s.first), stamp(s.last), s.n
			}
			// The position is part of the key: ids of findings may repeat, and sightings may be alike.
			b.add(o, fmt.Sprint(i), f.ID, a.Technique)
		}
	}
}

// pattern adds a technique. It is the same object in every report of one version of ATT&CK.
func (b *builder) pattern(id string) string {
	o := object{
		Type: "attack-pattern", Name: b.Attack.Name(id),
		External: []external{{SourceName: "mitre-attack", ExternalID: id, URL: exchange.URL(id)}},
	}
	for _, tactic := range b.Attack.Techniques[id].Tactics {
		o.KillChain = append(o.KillChain, phase{"mitre-attack", tactic})
	}
	return b.fixed(o, "attack-pattern:"+b.Attack.Version+":"+id)
}

// actions writes the plan as courses of action, each related to the techniques whose findings
// rest on the claims that the step is taken for.
func (b *builder) actions() {
	for i, st := range b.Containment {
		text := []string{st.Command}
		for _, p := range [][2]string{{"Side effects: ", st.SideEffects}, {"Check: ", st.Verify}, {"Undo: ", st.Undo}} {
			if p[1] != "" {
				text = append(text, p[0]+p[1])
			}
		}
		if st.Irreversible {
			text = append(text, "Cannot be undone.")
		}
		id := b.add(object{
			Type: "course-of-action", Name: fmt.Sprintf("%d. %s: %s %s", st.Step, st.Phase, st.Action, st.Target),
			Description: strings.TrimSpace(strings.Join(text, "\n")),
		}, fmt.Sprint(i))
		for _, f := range b.Findings {
			if !slices.ContainsFunc(f.Claims, func(c string) bool { return slices.Contains(st.Why, c) }) {
				continue
			}
			for _, a := range f.Attack {
				if exchange.IsTechnique(a.Technique) {
					b.relate(id, "mitigates", b.pattern(a.Technique))
				}
			}
		}
	}
}
