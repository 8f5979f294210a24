package attribution

import (
	"fmt"
	"strings"
)

// signalWords say what each scored signal means, as the end of "it speaks for
// the intruder (the owner) that …".
var signalWords = map[string]string{
	"network_new":        "the network is new for the principal",
	"network_new_thin":   "the network is new in what little history there is",
	"subject_new":        "the identity that took the role never took it before",
	"let_self_in":        "whoever opened the session had just changed the role's trust, and never took it before",
	"password_guessed":   "it signed in after wrong passwords from an address where the principal had never been",
	"root_recovered":     "root's password was recovered and used without a second factor where nobody of the account had been",
	"agent_new":          "the tool is new for the principal",
	"concurrent_network": "the same credential was at work from another network at the same time",
	"hostile_network":    "the intruder used the network on another identity",
	"sibling_session":    "another session of the same role was in the intruder's hands, and this one, too, was carried off from where its workload runs",
	"recon_opening":      "it asks who it is and then lists what there is",
	"service_new":        "the principal never used such a service",
	"region_new":         "the principal never used the region",
	"region_unused":      "it runs something, or brings data, in a region where nobody in the account ever made anything",
	"grave_series":       "within a short time it did several kinds of grave thing, none of which the principal did before",
	"session_grave":      "a session that it opened did a grave thing that its role never did before",
	"opens_to_intruder":  "it let in a network of the intruder's own, on which somebody else was robbed",
	"denied":             "many calls were refused",
	"odd_hour":           "the principal hardly ever works at that hour",
	"known_tool":         "the tool names itself as an offensive one",
	"credential_odd":     "the principal never used the console",
	"born_hostile":       "it was first seen during the intrusion, and only on the intruder's networks",
	"off_host":           "workload credentials were used away from the workload",
	"outside_statement":  "it is outside what the owner is stated to use",
	"named_stolen":       "the case suspects the credential",
	"usual_pair":         "network and tool were seen together on many days before",
	"mfa":                "it signed in with MFA, as the owner does",
	"corporate_network":  "the network is the organisation's own",
	"usual_action":       "it does what the principal did on earlier days",
	"usual_work":         "only place and hour are odd: every call is one that the principal makes anyway",
	"known_hand":         "only what it did is new, and the hour: place, tool and who held it are the principal's own",
	"known_owner":        "the repository is new to the role, but others of its owner take it, and little else is new",
	"known_guest":        "the party of another account that opened the session did so on many days before",
	"took_over":          "it does there what the same tool did at the old place, which fell silent just then: a job that moved looks like that",
	"away":               "only place, hour and tool are new, as they are of whoever travels or has a new device, which the case tells of",
	"key_rotated":        "the key replaced an older one in good order",
	"source_identity":    "it carries the owner's source identity",
}

var reasonWords = map[string]string{
	UnknownUser:                          "nobody is said to know the user, so that its own habits clear nothing",
	"case:ip":                            "the case names its address",
	"case:event":                         "the case names the event",
	"case:effect":                        "it brought about what the case tells of, from where its principal is not known to be",
	"case:region":                        "it changed something in a region where nobody is said to work",
	"case:after_termination":             "it lies after the stated end of employment",
	afterHome:                            "it lies after the stated end of employment, and came from a network where, of all the people of the evidence, only whoever left had been",
	"case:around_termination":            "it may lie before or after the stated end of employment, of which no time zone is told: usual place, tool and hour, and nothing new was done",
	"case:clockwork":                     "it runs like clockwork, which the evidence, since it begins after the stated end of employment, cannot show to be older: whoever knows the jobs must say whose it is",
	"case:last_days":                     "it is grave and new for who did it, and lies in the last days before the stated end of employment: whoever gave the work must say whether it was asked for",
	"case:before_termination":            "it lies before the stated end of employment",
	"assumption:stolen_without_baseline": "the case calls the credential stolen and nothing in its use is recognisable as its owner's",
	"series":                             "however usual it looks, it did several kinds of grave thing in one go",
	"hostile_network":                    "it came from a network that the intruder used on another day, where the principal was not at home before",
	"same_party":                         "it departs from what is said of whoever is vouched for, but who opened it, its name and its tool are theirs, and nothing in it is more than they come for: whoever vouches for them must ask where they sat",
	"bystander":                          "it departs from the habits, but of its principal the case knows no more than that it was once on a network that many use",
	"same_hand":                          "the intruder came with this credential and this tool, which its owner did not use before, from the same shared network",
	"same_subject":                       "the identity that took the role never did so before it took it for a session of the intruder's, within the same days",
	"proven_elsewhere":                   "by itself it is likely, and the very credential was certainly in the intruder's hands in the same days, from another place",
	"same_surely":                        "by itself it is likely, and the intruder was certainly there with the same principal's credentials, on a network that is nobody else's",
	"same_place":                         "the intruder used the same principal's credentials from the same network, where it had never been before",
	"moved":                              "no more than place, hour and tool are new, and what was taken up there; of somebody whom the case does not name",
	"early":                              "it departs from the habits, but weeks before the stated exposure",
	"habit:automation":                   "it carries on at the hours of an automation that ran before",
	"before_exposure":                    "it lies before the stated exposure",
	"habit":                              "the principal kept coming back to the network",
	"habit:rehearsed":                    "weeks before, the principal changed the same things in the same order from the same place",
	"habit:roaming":                      "the principal always comes from new places, and does the same from all of them",
	whyGuess:                             "it failed to sign in from an address of the intruder's own, around the time at which they were there",
	whyKeyless:                           "it asked for a session, without a key, from an address of the intruder's own, around the time at which they were there",
	"lineage:owner":                      "the owner obtained the session and used it where it was asked for",
	"lineage:create_user":                "the intruder had made the user",
	"lineage:one_sign_in":                "the intruder used another session that was asked for with the same sign-in to the portal, and nobody rightful any",
	"lineage:directory_user":             "the intruder had made the user of the directory",
	"lineage:permission_set":             "the intruder had made the permission set that its role is made of",
	"lineage:one_sitting":                "the intruder worked as the same person in another role from the same network in the same hours, and nothing there shows the person",
	"lineage:create_role":                "the intruder had made the role",
	"lineage:reverse:made_user":          "it made the user whose every act is the intruder's",
	"lineage:reverse:made_at_once":       "it made, in one go, a user whose every act is the intruder's",
	"lineage:foreign_hand":               "a principal of another account made it, which came in by a door that the intruder had opened",
	"lineage:reverse:let_self_in":        "it changed the trust of a role and then took it, from where and with what the intruder then used it: one hand",
	"lineage:reverse:let_stranger_in":    "at an hour at which the principal hardly ever works it opened a role to an account that nobody had seen, which came in by it within the day and was the intruder: inferred, with what was done in the same go",
	"lineage:reverse:turned_away":        "it was refused to the identity that opened a session of the intruder's from the same address shortly after",
	"lineage:reverse:let_in":             "it gave a principal of the intruder's its way in or its rights, from where or in a way that nothing shows to be its owner's: inferred",
	"lineage:reverse:bequest":            "whoever left gave away a credential, which was at work afterwards from where its user never is",
	"lineage:bequest:roles_anywhere":     "whoever left had made, during their notice, the trust anchor by which it came in, and it is at work from where nobody else is",
	"lineage:presigned_url":              "a link signed with the credential was fetched",
	"lineage:started_automation":         "the intruder had started the runbook",
	whyBuildTheft:                        "it was made in a build whose key the intruder used elsewhere, and does what no build of the role did before",
	whyBuildTime:                         "the intruder had started a build minutes before the session began, no other start explains it, and it does what the role's builds never did: inferred",
	"lineage:started_task":               "the intruder had started the container task",
	"lineage:host_entry:on_host":         "the intruder had entered the host",
	"lineage:host_entry:new_tool":        "the intruder had entered the host, and a tool that its workload never ran did there, right after, what the workload never did: inferred",
	"lineage:host_entry:opens":           "the intruder had entered the host, and it let in the intruder's own network from there",
	"lineage:off_host:on_host":           "a tool new to the host made it on the host, around the time at which the host's credentials were used elsewhere",
	"no direct call of its session":      "no direct call of its session is in the evidence",
}

// Words puts the reason of a row, a code made for programs, into a sentence
// without its stop. Signals that speak for the other side follow a "but".
func Words(because string) string {
	parts := strings.Split(because, "|")
	code := parts[0]
	if prefix, rest, ok := strings.Cut(code, ":"); ok && (prefix == "session" || prefix == "issued" && strings.HasPrefix(rest, "lineage")) {
		code = rest
	}
	var forIt, against []string
	for _, p := range parts[1:] {
		i := strings.LastIndexAny(p, "+-")
		if i <= 0 {
			continue
		}
		words, ok := signalWords[p[:i]]
		if !ok {
			continue
		}
		if text := words + " (" + p[i:] + ")"; p[i] == '+' {
			forIt = append(forIt, text)
		} else {
			against = append(against, text)
		}
	}
	out := reasonWords[code]
	kind, detail, _ := strings.Cut(code, ":")
	switch {
	case out != "":
	case kind == "score":
		out = "its calls together score " + detail
	case kind == "lineage" && strings.HasPrefix(detail, "bequest:"):
		out = "whoever left had given it away by " + strings.ReplaceAll(strings.TrimPrefix(detail, "bequest:"), "_", " ") + " during their notice, and it is at work from where its user never is"
	case kind == "lineage":
		out = "its credential came from the intruder's hands by " + strings.ReplaceAll(strings.TrimPrefix(detail, "reverse:"), "_", " ")
		if strings.HasPrefix(detail, "reverse:") {
			out = "it obtained a credential that the intruder then used from the same place"
		}
	case kind == "statement":
		out = "it fits what was stated (" + detail + ")"
	case kind == "issued":
		out = "it opened the session of " + detail + ", and who used that made it"
	case kind == "started":
		out = "it is a runbook that a call of the owner's had started"
	case kind == "principal_id":
		out = "it carries the principal id of a session that is judged"
	case kind == "noise":
		out = "it bears the marks of " + detail
	case kind == "shared_event":
		out = "it is another account's view of an act already judged"
	default:
		out = code
	}
	if len(forIt) > 0 {
		out += fmt.Sprintf(": %s", strings.Join(forIt, ", "))
	}
	if len(against) > 0 {
		out += fmt.Sprintf("; but %s", strings.Join(against, ", "))
	}
	return out
}
