package ocsf

import (
	"strings"

	"github.com/trailhound/trailhound/internal/investigation"
	"github.com/trailhound/trailhound/internal/report/exchange"
)

// finding describes a finding by its verified claims only: a description is read without
// the marks that tell a sentence which does not hold.
func finding(c *exchange.Case, f investigation.Finding) findingInfo {
	info := findingInfo{
		UID: f.ID, Title: f.Title, FirstSeen: millis(f.First), LastSeen: millis(f.Last),
		Tags: []tag{{"outcome", f.Outcome}, {"severity", f.Severity}, {"confidence", f.Confidence}},
	}
	if info.UID == "" {
		info.UID = "unnamed"
	}
	if f.Technique != "" {
		info.Analytic = &analytic{UID: f.Technique, Name: f.Title, TypeID: 1, Type: "Rule"}
	}
	var claims []string
	for _, id := range f.Claims {
		if cl := c.Claim(id); cl != nil && cl.Verified {
			claims = append(claims, cl.Text)
		}
	}
	info.Desc = strings.Join(claims, " ")
	for _, a := range f.Attack {
		if exchange.IsTechnique(a.Technique) {
			info.Attacks = append(info.Attacks, technique(c.Attack, a))
		}
	}
	for _, id := range exchange.Events(f.Evidence) {
		ev := relatedEvent{UID: id, Type: "AWS CloudTrail"}
		if at, ok := c.At(id); ok {
			ev.CreatedTime = at.UnixMilli()
		}
		info.Events = append(info.Events, ev)
	}
	info.RelatedEvents = len(info.Events)
	return info
}

// technique names what the pinned version knows; a sub-technique stands beside its parent.
func technique(ref *exchange.Attack, a investigation.Attack) attack {
	parent, sub := exchange.Parent(a.Technique)
	out := attack{Version: ref.Version, Technique: entity{UID: parent, Name: ref.Name(parent)}}
	if sub {
		out.SubTechnique = &entity{UID: a.Technique, Name: ref.Name(a.Technique)}
	}
	if t, ok := ref.Tactics[a.Tactic]; ok {
		out.Tactic = &entity{UID: t.ID, Name: t.Name}
	}
	return out
}

// key tells techniques apart by tactic, too: one may serve several.
func (a attack) key() string {
	k := a.Technique.UID
	if a.SubTechnique != nil {
		k = a.SubTechnique.UID
	}
	if a.Tactic != nil {
		k += " " + a.Tactic.UID
	}
	return k
}
