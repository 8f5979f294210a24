package lineage

import (
	"hash/maphash"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/trailhound/trailhound/internal/evidence"
)

// Outline is what of lineage only the whole evidence can tell: which person
// each credential belongs to, who shares one, and where a name leads. It grows
// with people, hosts and sessions, never with calls, and does not know how any
// credential came to be.
//
// Only direct calls count. Keys that services mint to act for a caller are as
// many as the calls, each is used once, and nothing ever refers to them but the
// call that caused them.
type Outline struct {
	users  map[string]userSeen // user ARN → the unique id seen last
	owner  map[string]holder   // credential → the person first seen with it
	others map[string][]string // credential → every other person seen with it
	hosts  map[string][]string // session name or instance of a workload → persons
	roles  map[string][]string // see roleKey: roles that are entered without being named → persons

	account func() string            // see Account; made anew with every credential
	named   func() map[string]string // account and name of a user → its ARN; made anew with every user
}

type userSeen struct {
	id string
	at time.Time
}

// holder is who was first seen with a credential, and a sum of what that call told of the role and
// the host: calls that tell the same, which nearly all do, need no second look.
type holder struct {
	person string
	told   uint64
}

// sums is the seed of holder.told, which is only ever compared within the process.
var sums = maphash.MakeSeed()

func toldBy(id *evidence.Identity) uint64 {
	return maphash.Comparable(sums, [4]string{id.ARN, id.PrincipalID, id.InScopeOf, id.RoleDelivery})
}

// NewOutline returns an empty Outline.
func NewOutline() *Outline {
	return &Outline{
		users: map[string]userSeen{}, owner: map[string]holder{}, others: map[string][]string{}, hosts: map[string][]string{}, roles: map[string][]string{},
	}
}

// Add takes note of one event; order does not matter.
func (o *Outline) Add(e *evidence.Event) {
	id := &e.Identity
	if id.Type == "IAMUser" && id.ARN != "" && id.PrincipalID != "" {
		o.user(id.ARN, userSeen{id.UniqueID(), e.Time})
	}
	if forwardedCall(e) {
		return
	}
	key := bareCredential(e)
	if key == "" {
		return
	}
	person := id.Person()
	var told uint64
	if id.Type == "AssumedRole" && person != "" {
		told = toldBy(id)
	}
	if o.holds(key, person) {
		if o.owner[key].told == told {
			return
		}
	} else {
		o.owns(strings.Clone(key), holder{strings.Clone(person), told})
	}
	// Also of a session that is known: another of its calls may tell of the role or the host what the
	// first did not, and which call came first must not matter.
	if id.Type == "AssumedRole" && person != "" {
		for _, host := range hostsOf(*id) {
			o.hosts[strings.Clone(host)] = include(o.hosts[host], strings.Clone(person))
		}
		if k := roleKey(*id); k != "" {
			o.roles[k] = include(o.roles[k], strings.Clone(person))
		}
	}
}

func (o *Outline) user(arn string, s userSeen) {
	old, ok := o.users[arn]
	if !ok {
		o.named = nil
	}
	// A user who is deleted and made again keeps the ARN and gets another id: the
	// last one seen is whom the ARN stands for.
	if !ok || s.at.After(old.at) || s.at.Equal(old.at) && s.id > old.id {
		// Cloned: the event's texts share memory with a whole batch, which the map
		// would keep alive.
		o.users[strings.Clone(arn)] = userSeen{strings.Clone(s.id), s.at}
	}
}

// userNamed is the ARN under which a user of that account and name made calls itself, ""
// if none did. IAM allows one of a name in an account; of several, which only a hostile
// record has, it is the first in order of text.
func (o *Outline) userNamed(account, name string) string {
	if o.named == nil {
		o.named = sync.OnceValue(func() map[string]string {
			by := map[string]string{}
			for arn := range o.users {
				f := strings.SplitN(arn, ":", 6)
				if len(f) != 6 || !strings.HasPrefix(f[5], "user/") {
					continue
				}
				k := f[4] + "/" + lastPart(f[5])
				if old, ok := by[k]; !ok || arn < old {
					by[k] = arn
				}
			}
			return by
		})
	}
	return o.named()[account+"/"+name]
}

func (o *Outline) holds(key, person string) bool {
	first, ok := o.owner[key]
	return ok && (first.person == person || slices.Contains(o.others[key], person))
}

func (o *Outline) owns(key string, h holder) {
	o.account = nil
	if _, ok := o.owner[key]; !ok {
		o.owner[key] = h
		return
	}
	o.others[key] = include(o.others[key], h.person)
}

// persons lists who was seen with a credential, sorted; "" among them if some
// call named nobody.
func (o *Outline) persons(key string) []string {
	first, ok := o.owner[key]
	if !ok {
		return nil
	}
	out := append([]string{first.person}, o.others[key]...)
	slices.Sort(out)
	return out
}

// collapsed lists the access key ids that several persons use, each with them.
func (o *Outline) collapsed() map[string][]string {
	out := map[string][]string{}
	for key := range o.others {
		persons := o.persons(key)
		named := len(persons)
		if slices.Contains(persons, "") {
			named--
		}
		// Ways in without a key (passwords, Git) are ARNs and belong to one user by
		// their name.
		if named > 1 && strings.HasPrefix(key, "A") {
			out[key] = persons
		}
	}
	return out
}

// Account is the account that most ids of keys carry in themselves, of those used by
// callers of whom the records tell no more than a name: exports that leave out the caller's
// ARN leave out the account as well. "" if no number has the half of them.
func (o *Outline) Account() string {
	if o.account == nil {
		o.account = sync.OnceValue(o.accountOfKeys)
	}
	return o.account()
}

func (o *Outline) accountOfKeys() string {
	of, keys := map[string]int{}, 0
	for key := range o.owner {
		// Whoever of several was seen first: a digest does not tell.
		nameOnly := slices.ContainsFunc(o.persons(key), func(p string) bool { return strings.HasPrefix(p, evidence.NamedOnly) })
		if a := evidence.AccountOfKey(key); a != "" && nameOnly {
			of[a]++
			keys++
		}
	}
	for a, n := range of {
		// More than half of them: at most one account can be that, so the order of
		// the map decides nothing.
		if 2*n > keys {
			return a
		}
	}
	return ""
}

// hostsOf are the names under which an entry to a host may speak of the host
// that a session's credentials were issued to.
func hostsOf(id evidence.Identity) []string {
	w, name := workload(id), id.SessionName()
	if w == "" && !strings.HasPrefix(name, "mi-") && !strings.HasPrefix(name, runbook) {
		return nil
	}
	n := Node{Workload: w}
	if host := n.InstanceOf(); host != "" && host != name {
		return []string{host, name}
	}
	return []string{name}
}

// roleKey names the roles into which calls lead that do not name them: those of
// Identity Center, and the administrator role of a new account. "" for the rest.
func roleKey(id evidence.Identity) string {
	switch _, role, _ := strings.Cut(id.ARN, ":assumed-role/"); {
	case strings.HasPrefix(role, evidence.PermissionSetRole), strings.HasPrefix(role, accountRole+"/"):
		role, _, _ = strings.Cut(role, "/")
		return id.Account + "/" + role
	}
	return ""
}

const accountRole = "OrganizationAccountAccessRole"
