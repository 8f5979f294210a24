package investigation

import (
	"cmp"
	"context"
	"fmt"
	"regexp"
	"slices"
	"strings"
	"time"

	"github.com/trailhound/trailhound/internal/attribution"
	"github.com/trailhound/trailhound/internal/intake"
)

// candidate is a principal that a case without an anchor may be about.
type candidate = attribution.Candidate

var instanceID = regexp.MustCompile(`^i-[0-9a-f]{8,17}$`)

// scope reads the case and the answers, finds in the evidence what they name,
// and attributes from there.
// The order matters, and each step reads what the ones before it put into the input: what is
// named by id first, then what follows from statements, and only where all of that leads to
// nobody those who stand out by themselves. doers and buyers come after the sweep, which must
// not be held back by whom they find. Attribution runs last, and again for whoever elsewhere
// and another bring up.
func (in *inquiry) scope(ctx context.Context) error {
	clock := in.clock()
	lex := in.pass.lexicon()
	in.reading = intake.Read(in.o.Text, intake.FromCase, clock, lex)
	in.answers = map[string]intake.Reading{}
	for _, id := range keys(in.o.Answers) {
		in.answers[id] = intake.Read(in.o.Answers[id].Text, intake.FromAnswer(id), clock, lex)
	}
	in.begin()
	in.res.Accounts = in.pass.ownAccounts()
	in.accountOfKeys()
	// anchor begins the input anew; everything below adds to it.
	in.anchor()
	in.leaverNames(clock, lex)
	var err error
	if in.input.Terminated, in.input.TerminatedBy, err = in.ended(ctx); err != nil {
		return err
	}
	if in.input.Exposed = in.exposed(); !in.input.Terminated.IsZero() {
		in.input.Exposed = in.input.Terminated // what came before was the job
	}
	in.input.Leavers = in.leavers()
	in.alertAnchors()
	in.input.Addresses = in.addressesShown()
	in.input.Known = in.known()
	if in.input.Ours, err = in.ownAccounts(ctx); err != nil {
		return err
	}
	in.input.Regions, in.input.Abroad = in.strangeRegions(), in.reading.Abroad
	in.input.Stated = in.stated()
	// Of a text that is not understood nothing can be taken for a suspicion.
	in.input.Doubted = !in.input.Stated && (in.doubted() || !in.reading.Understood)
	in.input.Denied, in.input.Robbed = in.denied(), in.says(intake.Stolen, intake.Exposed, intake.Terminated)
	in.input.Assume = in.input.Stated || in.input.Denied || slices.ContainsFunc(in.seeds, func(s intake.Seed) bool { return s.Kind == "access_key" })
	in.input.Away = in.says(intake.Away) && !in.input.Denied && !in.says(intake.Stolen, intake.Exposed)
	if err = in.acknowledged(ctx); err != nil {
		return err
	}
	if err = in.newcomers(ctx); err != nil {
		return err
	}
	in.input.Strangers = in.strangers()
	in.keyMakers()
	in.examineVouched()
	if !in.anchored() && (in.onlyGuessed() || in.vouchedFor) && !in.namesMissing() {
		if err = in.sweep(ctx); err != nil {
			return err
		}
	}
	if err = in.doers(ctx); err != nil {
		return err
	}
	if err = in.firstNames(ctx); err != nil { // last: who is only mentioned must not keep anybody from looking further
		return err
	}
	if err := in.asks(ctx); err != nil {
		return err
	}
	if err := in.buyers(ctx); err != nil {
		return err
	}
	if err := in.attribute(ctx); err != nil {
		return err
	}
	if err := in.elsewhere(ctx); err != nil {
		return err
	}
	if err := in.another(ctx); err != nil {
		return err
	}
	in.note("calls of every principal that the case touches", len(in.at.Rows))
	in.note("credentials followed to the calls that issued them, whole records", len(in.g.IDs()))
	return nil
}

// begin forgets what an earlier reading of the scope gathered: it is read twice where somebody
// answered a question, and what is appended to would double.
func (in *inquiry) begin() {
	in.assumed, in.taken, in.brought, in.owned, in.leads, in.cands, in.short, in.swept, in.vouchedFor = nil, nil, nil, nil, nil, nil, time.Time{}, false, false
}

// attribute judges what the case leads to.
func (in *inquiry) attribute(ctx context.Context) (err error) {
	in.at, err = attribution.Run(ctx, in.q, in.g, in.pass.survey, in.input, in.o.Content.Weights)
	in.judged = judged{}
	return err
}

// clock is what times in sentences are counted from. An answer about the time
// zone holds for all of them.
func (in *inquiry) clock() intake.Clock {
	c := intake.Clock{Now: cmp.Or(in.o.Now, in.o.Opened), EvidenceFrom: in.pass.survey.First, EvidenceTo: in.pass.survey.Last}
	if a, ok := in.o.Answers["time_zone"]; ok {
		c.Zone = intake.Read(a.Text, intake.FromAnswer("time_zone"), c, intake.Lexicon{}).Zone
	}
	return c
}

// readings are the case text and every answer, in fixed order.
func (in *inquiry) readings() []intake.Reading {
	out := []intake.Reading{in.reading}
	for _, id := range keys(in.answers) {
		out = append(out, in.answers[id])
	}
	return append(out, in.listed())
}

// anchor resolves what the case names to what the evidence holds.
func (in *inquiry) anchor() {
	in.seeds = slices.Clone(in.reading.Seeds)
	// Answers to who is meant are anchors as much as the case's own words; those to other
	// questions, such as who the owner is, are not.
	for _, id := range []string{"principal", "identities"} {
		if r, ok := in.answers[id]; ok {
			in.seeds = append(in.seeds, r.Seeds...)
		}
	}
	in.input = attribution.Input{}
	var principals []string
	for _, s := range in.seeds {
		if s.Guess {
			continue
		}
		switch s.Kind {
		case "access_key":
			in.input.Credentials = append(in.input.Credentials, in.g.Resolve(s.Value)...)
		case "principal":
			principals = append(principals, in.unique(s.Value)...)
		case "session":
			// A person's bare name stands for all of their sessions. To name the person
			// singles none of them out: they are examined, and nothing is held against them.
			// Of a directory's person that holds as long as no theft is told of: that they say
			// they did not do a thing calls nothing of theirs stolen.
			_, name, _ := strings.Cut(s.Value, ":")
			told := strings.Contains(name, "@") && (strings.Contains(strings.ToLower(in.o.Text), strings.ToLower(name)) || in.says(intake.Stolen, intake.Exposed))
			if s.From == intake.FromCase && !told && !strings.Contains(in.o.Text, s.Value) {
				in.examineSession(s.Value)
				continue
			}
			in.input.Credentials = append(in.input.Credentials, in.g.OfSession(s.Value)...)
		case "ip":
			in.input.IPs = append(in.input.IPs, s.Value)
		case "event":
			in.input.Events = append(in.input.Events, s.Value)
		case "resource":
			switch {
			case instanceID.MatchString(s.Value):
				in.input.Workloads = append(in.input.Workloads, s.Value)
			case strings.Contains(s.Value, ":role/") || strings.Contains(s.Value, ":user/"):
				principals = append(principals, in.unique(s.Value)...)
			}
		}
	}
	in.guess()
	// A principal named beside its own key says whose key it is; the key is what
	// the case suspects, and the principal's other credentials stay open.
	for _, u := range principals {
		if !slices.ContainsFunc(in.input.Credentials, func(c string) bool { n := in.g.Node(c); return n != nil && n.Person == u }) {
			in.input.Principals = append(in.input.Principals, u)
		}
	}
	in.sparesOthers()
	for _, list := range []*[]string{&in.input.Credentials, &in.input.Principals, &in.input.IPs, &in.input.Events, &in.input.Examine, &in.input.Mentioned, &in.input.Workloads} {
		slices.Sort(*list)
		*list = slices.Compact(*list)
	}
}

// anchored says whether the case leads to anything by itself. Addresses and events count as
// soon as they are named: whether they occur attribution finds out, and a sweep beside a named
// address would answer another question.
func (in *inquiry) anchored() bool {
	i := in.input
	return len(i.Credentials)+len(i.Principals)+len(i.Workloads) > 0 || len(i.IPs)+len(i.Events) > 0 && in.occurs()
}

// missing lists what the case names by its exact id and the evidence does not hold.
func (in *inquiry) missing() (out []intake.Seed) {
	for _, s := range in.seeds {
		gone := false
		switch s.Kind {
		case "access_key":
			gone = len(in.g.Resolve(s.Value)) == 0
		case "session":
			gone = len(in.g.OfSession(s.Value)) == 0
		case "principal":
			gone = len(in.unique(s.Value)) == 0
		case "resource":
			gone = instanceID.MatchString(s.Value) && !in.knowsWorkload(s.Value)
		}
		if gone {
			out = append(out, s)
		}
	}
	return out
}

// namesMissing says whether an exact id was named that is not here. A sweep
// would then answer a question that nobody asked; a bare name may be misspelt.
func (in *inquiry) namesMissing() bool {
	return slices.ContainsFunc(in.missing(), func(s intake.Seed) bool {
		return s.Kind == "access_key" || s.Kind == "session" || strings.HasPrefix(s.Value, "arn:") || s.Kind == "resource"
	})
}

// knowsWorkload says whether any credential was issued to the machine.
func (in *inquiry) knowsWorkload(id string) bool {
	return len(in.g.OnHost(id)) > 0
}

// occurs says whether any named address or event is in the evidence at all;
// attribution itself finds out, so here it is enough that one was named.
func (in *inquiry) occurs() bool { return true }

// unique finds the persons behind a name of a principal: an ARN, a unique id, a
// bare name, or "root", which means the root users of the accounts named, or of
// all accounts here.
func (in *inquiry) unique(value string) []string {
	// A role session's id is the role's, a colon and the session's name.
	session, _, _ := strings.Cut(value, ":")
	var out []string
	for _, p := range in.pass.everybody() {
		id := p.Identity
		switch {
		case id.Type == "Root":
			if strings.EqualFold(value, "root") && in.accountNamed(id.Account) || value == id.ARN || value == "arn:aws:iam::"+id.Account+":root" {
				out = append(out, p.Person)
			}
		case value == p.Person, value == id.UniqueID(), strings.HasPrefix(value, "AROA") && session == id.UniqueID() && value == id.PrincipalID:
			out = append(out, p.Person)
		case value == id.ARN, value == id.IssuerARN, value == id.UserName && id.UserName != "", value == id.IssuerName && id.IssuerName != "":
			out = append(out, p.Person)
		}
	}
	return out
}

// accountNamed says whether the case names the account, or none at all.
func (in *inquiry) accountNamed(account string) bool {
	any := false
	for _, s := range in.seeds {
		if s.Kind == "account" {
			if s.Value == account {
				return true
			}
			any = true
		}
	}
	return !any
}

// exposed is the earliest moment at which somebody else could have had the
// credential, as far as people said; zero if nobody did.
func (in *inquiry) exposed() time.Time {
	var times []time.Time
	derived := false
	if r, ok := in.answers["exposed_at"]; ok {
		// An answer to the very question: all its times are of the exposure.
		times = append(times, beginnings(r.Times)...)
		for _, st := range r.Statements {
			times = append(times, beginnings(st.When)...)
		}
	}
	for _, r := range in.readings() {
		for _, st := range r.Statements {
			if (st.Relation == intake.Exposed || st.Relation == intake.Stolen) && !st.Negated {
				times = append(times, beginnings(st.When)...)
			}
		}
	}
	// A user that is nobody's was never anything but its maker's: no day parts its habits.
	if derived = len(times) == 0; derived && !in.onlyStrangers() {
		for _, s := range in.reading.Times {
			if s.Grain == "until" || in.responded(s) || holdsFiner(in.reading.Times, s) {
				continue
			}
			if !in.says(intake.NotOurs) || in.says(intake.Stolen, intake.Exposed) || !in.onlyNoticed(s) {
				times = append(times, s.From)
			}
		}
	}
	if len(times) == 0 {
		return time.Time{}
	}
	// The earliest: what was done between two stated times may be the thief's already.
	first := slices.MinFunc(times, time.Time.Compare)
	if in.reading.ZoneAssumed {
		first = first.AddDate(0, 0, -1) // said in local time somewhere on Earth
	}
	// Nobody says of such a time that anything was exposed then: where it leaves no history,
	// everybody would be without habits for the sake of a word.
	if derived && first.Before(in.pass.survey.First.AddDate(0, 0, in.o.Content.Weights.Baseline.MinDays)) {
		in.short = first
		return time.Time{}
	}
	return first
}

// onlyStrangers says whether all that the case suspects are users or roles that are said to
// be nobody's.
func (in *inquiry) onlyStrangers() bool {
	n := 0
	for _, s := range in.seeds {
		if s.Kind == "principal" || s.Kind == "access_key" || s.Kind == "session" {
			if n++; !in.stranger(s) {
				return false
			}
		}
	}
	return n > 0
}

// beginnings are when the times begin. Of "until yesterday" that is nowhere said: to take all
// of the evidence for it would leave nobody any habits.
func beginnings(spans []intake.Span) (out []time.Time) {
	for _, s := range spans {
		if s.Grain != "until" {
			out = append(out, s.From)
		}
	}
	return out
}

// holdsFiner says whether another of the times lies inside this one and is less than half of it: beside "since
// the 12th", "this month" tells nothing of when it began.
func holdsFiner(times []intake.Span, s intake.Span) bool {
	return slices.ContainsFunc(times, func(o intake.Span) bool {
		return !o.From.Before(s.From) && !o.To.After(s.To) && 2*o.To.Sub(o.From) < s.To.Sub(s.From)
	})
}

// noticing are the words right before the time at which something was found.
var noticing = regexp.MustCompile(`(?i)\b(?:found|noticed|detected|discovered|spotted|flagged|reported|raised)\s+$`)

// says tells whether any reading states one of the relations outright.
func (in *inquiry) says(which ...intake.Relation) bool {
	return in.anySays(func(st intake.Statement) bool { return slices.Contains(which, st.Relation) })
}

// anySays tells whether any reading states outright what is asked for.
func (in *inquiry) anySays(what func(intake.Statement) bool) bool {
	return slices.ContainsFunc(in.readings(), func(r intake.Reading) bool {
		return slices.ContainsFunc(r.Statements, func(st intake.Statement) bool { return !st.Negated && what(st) })
	})
}

// onlyNoticed says whether a time of the case text is when something was found. A
// thing of strangers was there before that. Where a theft is told of, or nothing
// that is a stranger's, the time of the finding is the best there is.
func (in *inquiry) onlyNoticed(s intake.Span) bool {
	return s.Found || noticing.MatchString(in.reading.Before(s))
}

// responded says whether a time of the case text is when somebody acted against
// the intruder ("we deleted the key at 18:07"): what it ended began before.
func (in *inquiry) responded(s intake.Span) bool {
	return slices.ContainsFunc(in.reading.Statements, func(st intake.Statement) bool {
		return (st.Relation == intake.Rotated || st.Relation == intake.Disabled || st.Relation == intake.Contained) && !st.Negated &&
			strings.Contains(st.Text, s.Text)
	})
}

// stated says whether somebody says outright that something was stolen or
// exposed, that a thing or act is none of theirs, or that its user has left. That
// those who were asked know nothing of it is no such word where the case goes on
// to ask what it was.
func (in *inquiry) stated() bool {
	outright := []intake.Relation{intake.Stolen, intake.Exposed, intake.Terminated}
	if !asksWhat(in.withSubjects()) {
		outright = append(outright, intake.NotOurs)
	}
	return in.says(outright...)
}

// asksWhat says whether a sentence asks if it was an intruder at all, or weighs that it was none.
// What is asked for beside that ("please look at the whole week") makes no statement of it.
func asksWhat(text string) bool {
	return spoken().leftOpen.MatchString(text) || slices.ContainsFunc(strings.FieldsFunc(text, func(c rune) bool { return strings.ContainsRune(".?!\n", c) }), func(s string) bool {
		first, _, _ := strings.Cut(strings.ToLower(strings.TrimSpace(s)), " ")
		return slices.Contains([]string{"is", "are", "was", "were", "has", "have", "could", "can", "might"}, first) && spoken().natures.MatchString(s) && !spoken().granted.MatchString(s)
	})
}

// doubted says whether a case that states no theft asks whether there was one,
// or whether anything is wrong at all. Without a word either way, what a case
// names is what it suspects.
func (in *inquiry) doubted() bool {
	asked := bareQuestion(in.reading.English) || endsAsking(in.withSubjects()) || pleaseCheck.MatchString(in.reading.English) ||
		spoken().leftOpen.MatchString(in.reading.English) || spoken().lookedAt.MatchString(in.reading.English)
	for _, r := range in.readings() {
		asked = asked || slices.ContainsFunc(r.Doubts, yesOrNo)
	}
	return asked
}

// pleaseCheck is how a question looks that is put as a request.
var pleaseCheck = regexp.MustCompile(`(?i)\b(?:please|pls) (?:just |quickly )?(?:double-?check|check|verify|confirm)\b`)

// bareQuestion says whether the text is one question, to be answered yes or no,
// and nothing else: it then reports nothing that could be held against anybody.
// "What did it do?" takes for granted that something was done.
func bareQuestion(text string) bool {
	t := strings.TrimSpace(text)
	return strings.HasSuffix(t, "?") && !strings.ContainsAny(strings.TrimSuffix(t, "?"), "?;:!\n") && !strings.Contains(t, ". ") && yesOrNo(t)
}

// endsAsking says whether the last sentence asks, with or without its mark: who
// types at night leaves marks out.
func endsAsking(text string) bool {
	t := strings.TrimRight(strings.TrimSpace(text), "?!. ")
	if i := strings.LastIndexAny(t, ".?!\n"); i >= 0 {
		return yesOrNo(strings.TrimSpace(t[i+1:]))
	}
	return false
}

// yesOrNo says whether a question begins as one that leaves it open.
func yesOrNo(question string) bool {
	first, _, _ := strings.Cut(strings.ToLower(strings.TrimSpace(question)), " ")
	return slices.Contains([]string{"is", "are", "was", "were", "has", "have", "had", "did", "does", "do", "can", "could", "should", "might", "any", "anything"}, first)
}

// suspects are the unique ids behind everything the case names: what "it is
// only used from …" speaks of when it does not say of what.
func (in *inquiry) suspects() []string {
	out := slices.Clone(in.input.Principals)
	for _, c := range in.input.Credentials {
		if n := in.g.Node(c); n != nil && n.Person != "" {
			out = append(out, n.Person)
		}
	}
	slices.Sort(out)
	return slices.Compact(out)
}

// suspected says whether the case itself names the principal or credential as what it is
// about.
func (in *inquiry) suspected(p string) bool {
	return slices.Contains(in.suspects(), p) || slices.Contains(in.input.Credentials, p)
}

// window is the interval that the case speaks of; zero times where it does not.
func (in *inquiry) window() (from, to time.Time) {
	for _, s := range in.reading.Times {
		if from.IsZero() || s.From.Before(from) {
			from = s.From
		}
		if s.To.After(to) {
			to = s.To
		}
	}
	if in.reading.ZoneAssumed {
		from, to = anywhere(from, to)
	}
	return from, to
}

// anywhere widens a local interval to what it may be on Earth, from UTC+14 to
// UTC-12; an open end stays open.
func anywhere(from, to time.Time) (time.Time, time.Time) {
	if !from.IsZero() {
		from = from.Add(-14 * time.Hour)
	}
	if !to.IsZero() {
		to = to.Add(12 * time.Hour)
	}
	return from, to
}

// strangeRegions are the regions in which, by what the case says or by what was said of the
// expected ones, nobody of theirs works.
func (in *inquiry) strangeRegions() []string {
	var out []string
	for _, st := range in.reading.Statements {
		for _, s := range st.Seeds {
			if st.Relation == intake.NotOurs && !st.Negated && s.Kind == "region" && !slices.Contains(out, s.Value) {
				out = append(out, s.Value)
			}
		}
	}
	expected, ok := in.answers["expected_regions"]
	if !ok {
		return out
	}
	ours := func(region string) bool {
		return slices.ContainsFunc(expected.Seeds, func(s intake.Seed) bool { return s.Kind == "region" && s.Value == region })
	}
	for _, s := range in.reading.Seeds {
		if s.Kind == "region" && !ours(s.Value) && !slices.Contains(out, s.Value) {
			out = append(out, s.Value)
		}
	}
	return out
}

// assume writes down what is taken for granted, and the question whose answer would replace
// it; "" where no question would.
func (in *inquiry) assume(question, text string) {
	in.assumed = append(in.assumed, intake.Assumption{ID: fmt.Sprintf("A%d", len(in.assumed)+1), Text: text, BecauseUnanswered: question})
}
