package response

import (
	"fmt"
	"slices"
	"strings"

	"github.com/trailhound/trailhound/internal/evidence"
	"github.com/trailhound/trailhound/internal/lineage"
)

// maxDenied bounds the principals of IfDenied. Each is a question to a person.
const maxDenied = 8

// IfDenied says how whoever made calls that nobody is held to account for could be
// cut off, should the principal's owner deny them: one sentence a principal, in the
// order in which the credentials are given. Nothing is held against them, so nothing
// of this stands in the plan. Only what can be undone is named.
func IfDenied(actions map[string]Action, in Input, credentials []string) []string {
	var order []string
	of := map[string][]lineage.Credential{} // by principal
	for _, id := range credentials {
		at := slices.IndexFunc(in.Credentials, func(c lineage.Credential) bool { return c.ID == id })
		if at < 0 {
			continue
		}
		c := in.Credentials[at]
		// Supposed here, on a copy, and nowhere else: it lets Plan say what it would
		// do. The conclusions of the case stay as they are.
		c.HeldBy = "intruder"
		who := roleOf(c.Principal)
		if of[who] == nil {
			order = append(order, who)
		}
		of[who] = append(of[who], c)
	}
	var out []string
	for _, principal := range order {
		// No findings, resources or rules go in: what is asked about is these
		// credentials, and only they may be cut off.
		supposed := Input{Credentials: slices.Concat(of[principal], askedWith(in.Credentials, of[principal])), Account: in.Account, Region: in.Region, RegionOf: in.RegionOf}
		var ids, how []string
		for _, c := range of[principal] {
			ids = append(ids, c.ID)
		}
		for _, s := range Plan(actions, supposed) {
			if s.Phase == "contain" && s.Disruption != "none" && !s.Irreversible {
				how = append(how, fmt.Sprintf("%s (%s)%s", lowerFirst(actions[s.Action].Title), s.Action, single(s.Command)))
			}
		}
		if len(how) > 0 && len(out) < maxDenied {
			out = append(out, fmt.Sprintf("Does whoever works as %s know of the open calls with %s? If not, this cuts them off and can be undone: %s.",
				principal, some(ids, 4), strings.Join(how, "; then ")))
		}
	}
	return out
}

// roleOf is whom a session's question goes to: of a role that a workload takes under names that change
// from one session to the next, the role; of a role that people share, the session is somebody.
func roleOf(principal string) string {
	role, _, ok := strings.Cut(principal, ":assumed-role/")
	if !ok {
		return principal
	}
	name, session, _ := strings.Cut(principal[len(role)+len(":assumed-role/"):], "/")
	if strings.HasPrefix(name, evidence.PermissionSetRole) || strings.Contains(session, "@") {
		return principal
	}
	return role + ":assumed-role/" + name
}

// some names the first n of a list and says how many more there are.
func some(list []string, n int) string {
	if len(list) <= n {
		return strings.Join(list, ", ")
	}
	return fmt.Sprintf("%s and %d more", strings.Join(list[:n], ", "), len(list)-n)
}

// askedWith are the credentials that federation sessions were asked for with, and those behind
// them, as nobody's: they are to tell whose sessions these are, and not to be cut off with them.
func askedWith(all, of []lineage.Credential) (out []lineage.Credential) {
	for at := 0; at < len(of)+len(out) && at < maxIssues*len(of); at++ {
		// out grows while it is walked, by the parents of federation sessions, which
		// may be such sessions themselves.
		c := append(slices.Clone(of), out...)[at]
		if !federated(c.Principal) || c.IssuedBy == nil {
			continue
		}
		known := func(x lineage.Credential) bool { return x.ID == c.IssuedBy.Credential }
		if i := slices.IndexFunc(all, known); i >= 0 && !slices.ContainsFunc(of, known) && !slices.ContainsFunc(out, known) {
			parent := all[i]
			parent.HeldBy = ""
			out = append(out, parent)
		}
	}
	return out
}

// single is a command that fits into a sentence, "" for longer ones.
func single(command string) string {
	if command == "" || strings.Contains(command, "\n") || strings.HasPrefix(command, "#") {
		return ""
	}
	return ": " + command
}

func lowerFirst(s string) string {
	if s == "" {
		return s
	}
	return strings.ToLower(s[:1]) + s[1:]
}
