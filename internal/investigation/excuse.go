package investigation

import (
	"fmt"
	"regexp"
	"slices"
	"strings"
	"time"

	"github.com/trailhound/trailhound/internal/attribution"
	"github.com/trailhound/trailhound/internal/intake"
)

// ofTheCase completes what a sentence of the case says of "this" by what the case names:
// whom, from which addresses, at which time. Each call is held to all of it, so that what
// does not fit stays open. Of what the case itself calls stolen nothing is completed: a
// test or an exercise does not make a thief's calls the owner's.
func (in *inquiry) ofTheCase(k *attribution.Known, st intake.Statement) {
	if st.From != intake.FromCase || st.Relation != intake.AuthorizedTest && st.Relation != intake.PlannedChange ||
		len(k.Networks)+len(k.Agents)+len(k.Guests) > 0 || !spoken().pointing.MatchString(st.English) || in.says(intake.Stolen, intake.Exposed) {
		return
	}
	whom := in.suspects()
	if len(whom) == 0 { // sessions that the case names are examined
		whom = in.input.Examine
	}
	if k.Principals = append(k.Principals, whom...); len(k.Principals) == 0 {
		return
	}
	for _, s := range in.reading.Seeds {
		if s.Kind == "ip" {
			k.Networks = append(k.Networks, s.Value)
		}
	}
	if k.From.IsZero() && len(st.When) == 0 {
		k.From, k.To = in.sitting()
	}
}

// guests are the accounts that a statement vouches for and that are not ours: those it
// names, and of an outside principal that it names by ARN the account.
func (in *inquiry) guests(k *attribution.Known, st intake.Statement) (out []string) {
	for _, s := range st.Seeds {
		account := ""
		switch f := strings.SplitN(s.Value, ":", 6); {
		case s.Kind == "account":
			account = s.Value
		case s.Kind == "principal" && len(f) == 6:
			account = f[4]
		}
		if account != "" && !slices.Contains(in.res.Accounts, account) && !slices.Contains(out, account) {
			out = append(out, account)
		}
	}
	if len(out) > 0 { // what is left names the roles that they take here
		k.Principals = slices.DeleteFunc(k.Principals, func(p string) bool {
			return slices.ContainsFunc(out, func(a string) bool { return strings.Contains(p, ":"+a+":") })
		})
	}
	return out
}

// unvouched tells what the word for an outside party did not clear, and why: once for each of its hands and roles.
func (in *inquiry) unvouched() {
	for _, u := range first(in.at.Unvouched, 5) {
		why := fmt.Sprintf("that role is taken by others as well, first in event %s: whose session is whose must be said", u.Event)
		if !u.Stranger {
			why = fmt.Sprintf("it went beyond what is said of it in event %s: ask the party whether that was agreed", u.Event)
		}
		in.res.Open = append(in.res.Open, fmt.Sprintf("Account %s is vouched for, and that clears nothing that its principal %s did in %s: %s.", u.Account, u.Caller, u.Role, why))
	}
}

// sameGuests holds all that is said of an outside party to the networks that any of it names:
// "our vendor", and elsewhere "they come from 192.0.2.0/24 only".
func sameGuests(all []attribution.Known) []attribution.Known {
	for i := range all {
		for _, o := range all {
			if len(all[i].Networks) == 0 && slices.ContainsFunc(o.Guests, func(a string) bool { return slices.Contains(all[i].Guests, a) }) {
				all[i].Networks = o.Networks
			}
		}
	}
	return all
}

// twoWays parts a statement by which an outside party comes in two ways, "with user x, and
// with role y from their account": a user of ours is taken by nobody.
func twoWays(k attribution.Known) []attribution.Known {
	user := func(p string) bool { return strings.Contains(p, ":user/") || strings.HasPrefix(p, "AIDA") }
	if len(k.Guests) == 0 || !slices.ContainsFunc(k.Principals, user) {
		return []attribution.Known{k}
	}
	own := k
	own.Guests = nil
	own.Principals = slices.DeleteFunc(slices.Clone(k.Principals), func(p string) bool { return !user(p) })
	k.Principals = slices.DeleteFunc(slices.Clone(k.Principals), user)
	return []attribution.Known{own, k}
}

// ending is where a sentence ends.
var ending = regexp.MustCompile(`[.?!](?:\s+|$)|\n`)

// troubled says whether the case tells that the party of an account was itself broken into, or
// names it as who told of the matter, which says nothing of whose the account is.
func (in *inquiry) troubled(account string) bool {
	about, heard := false, spoken()
	for _, sentence := range ending.Split(in.reading.English, -1) {
		plain := strings.NewReplacer("-", "", " ", "").Replace(sentence)
		named := strings.Contains(sentence, account) || strings.Contains(plain, account)
		if about = named || about && heard.theirs.MatchString(sentence); about && heard.trouble.MatchString(sentence) || named && heard.tidings.MatchString(sentence) {
			return true
		}
	}
	return false
}

// denied says whether the case tells that nobody of theirs did it.
func (in *inquiry) denied() bool {
	return in.anySays(func(st intake.Statement) bool {
		return st.Relation == intake.NotOurs && !spoken().where.MatchString(st.English) && !slices.ContainsFunc(st.Seeds, func(s intake.Seed) bool { return s.Kind == "ip" })
	})
}

// onWord says whether any call is somebody's own only by what the case says of it.
func (in *inquiry) onWord() bool {
	return slices.ContainsFunc(in.at.Rows, func(r attribution.Row) bool { return strings.HasPrefix(r.Because, "statement:"+intake.FromCase) })
}

// A minute that somebody remembers is that of a sign-in, or of what was seen first: what
// was done in that sitting belongs to it.
const (
	beforeSitting = time.Hour
	sittingLasts  = 12 * time.Hour
)

// sitting is the time that the case gives, and of one that is told by the hour what a
// sitting lasts.
func (in *inquiry) sitting() (from, to time.Time) {
	from, to = in.window()
	if !from.IsZero() && to.Sub(from) < sittingLasts {
		from, to = from.Add(-beforeSitting), from.Add(sittingLasts)
	}
	return from, to
}
