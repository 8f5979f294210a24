package investigation

import (
	"context"
	"fmt"
	"regexp"
	"slices"
	"strings"

	"github.com/trailhound/trailhound/internal/evidence"
	"github.com/trailhound/trailhound/internal/intake"
)

// namedOnly says of each region, address and resource that the case names and
// that the evidence holds nothing of, that it does not. A reader would else take
// the silence of a report for an answer.
func (in *inquiry) namedOnly(ctx context.Context) error {
	s := in.pass.survey
	for _, m := range in.reading.Seeds {
		// Bare: whether there is any such event is all that is asked.
		q, what, effect := evidence.Query{Bare: true}, "", ""
		switch {
		case s.Events == 0:
			return nil
		case m.Kind == "region" && slices.ContainsFunc(in.reading.Seeds, func(o intake.Seed) bool { // of a country that has several, one
			same := o.Value == m.Value || o.Span == m.Span && o.Span != [2]int{}
			return o.Kind == m.Kind && same && slices.Contains(in.pass.regions(), o.Value)
		}):
		case m.Kind == "region":
			in.limit("region_missing", fmt.Sprintf("The case names region %s, of which the evidence holds no event.", m.Value), nil, "What was done there cannot be told: that nothing is found there says nothing.")
			continue
		case m.Kind == "ip" && !strings.Contains(m.Value, "/"):
			q.IPs, what, effect = []string{m.Value}, "address "+m.Value+", from which there is no call", "What came from it cannot be told: it may be written otherwise, or the calls lie outside this evidence."
		case m.Kind == "resource" && strings.HasPrefix(m.Value, "arn:aws:s3:::"):
			name := strings.TrimPrefix(m.Value, "arn:aws:s3:::")
			q.Resources, what, effect = []string{m.Value, name}, "bucket "+name+", which does not occur", "Whether its objects were read cannot be told: check its name and account, and whether data events were recorded for it."
		case m.Kind == "resource" && strings.HasPrefix(m.Value, "arn:") && !strings.Contains(m.Value, ":role/") && !strings.Contains(m.Value, ":user/"):
			q.Resources, what, effect = []string{m.Value, lastPart(m.Value)}, m.Value+", which does not occur", "What was done with it cannot be told: check its name, account and region."
		default:
			continue
		}
		here, err := in.any(ctx, q)
		if err != nil {
			return err
		}
		if !here {
			in.limit("other", fmt.Sprintf("The case names %s in the evidence (%d events, %s to %s).", what, s.Events, stamp(s.First), stamp(s.Last)), nil, effect)
		}
	}
	return nil
}

// any says whether the evidence holds an event that the query selects.
func (in *inquiry) any(ctx context.Context, q evidence.Query) (bool, error) {
	for _, err := range in.q.Events(ctx, q) {
		if err != nil {
			return false, fmt.Errorf("look for what the case names: %w", err)
		}
		return true, nil
	}
	return false, nil
}

// keyWord finds access key ids in a sentence.
var keyWord = regexp.MustCompile(`\b(?:AKIA|ASIA)[A-Z0-9]{12,124}\b`)

// elsewhereOwned holds "key K of user U" and "key K in account A" against whose
// key the evidence shows it to be.
func (in *inquiry) elsewhereOwned(t told) {
	for _, key := range keyWord.FindAllString(t.English, -1) {
		for _, id := range in.g.Resolve(key) {
			n := in.g.Node(id)
			if n == nil || n.Principal == "" || n.LastOK == "" {
				continue
			}
			says := func(format, real string) {
				in.contradictedBy(t, []string{n.LastOK})
				in.res.Open = append(in.res.Open, fmt.Sprintf("It was stated: %q. In the evidence, "+format+" (event %s). Which one is meant?", t.Text, key, real, n.LastOK))
			}
			if u := in.otherUser(t, key, lastPart(n.Principal)); u != "" && n.Type == "IAMUser" {
				says("key %s is that of %s", n.Principal)
			}
			if a := in.otherAccount(t, key); a != "" && n.Account != "" && n.Account != a {
				says("key %s is one of account %s", n.Account)
			}
		}
	}
}

// otherUser is the user whose the sentence says the key is, "" if it says of
// nobody, or of the one whose it is.
func (in *inquiry) otherUser(t told, key, real string) string {
	for _, s := range in.reading.Seeds {
		name := lastPart(s.Value)
		if s.Kind != "principal" || !strings.Contains(s.Value, ":user/") || name == real {
			continue
		}
		// A key holds letters and digits alone, so that it needs no quoting; the name does.
		of := regexp.MustCompile(`(?i)` + key + `\)?\s+(?:of|belongs to|belonging to)\s+(?:the\s+)?(?:iam\s+)?(?:user\s+)?` + regexp.QuoteMeta(name) + `\b|` +
			regexp.QuoteMeta(name) + `['’]s\s+(?:iam\s+)?(?:access\s+)?(?:key|credentials?)\s+\(?` + key)
		if of.MatchString(t.English) {
			return name
		}
	}
	return ""
}

// otherAccount is the account that the sentence says the key is of, or in; "" if
// it says of none. Where it was used against is another thing.
func (in *inquiry) otherAccount(t told, key string) string {
	for _, s := range in.reading.Seeds {
		of := regexp.MustCompile(`(?i)` + key + `\)?\s+(?:of|in|from|belongs to|belonging to)\s+(?:[\w-]+\s+){0,2}account\s+` + regexp.QuoteMeta(s.Value) + `\b`)
		if s.Kind == "account" && of.MatchString(t.English) {
			return s.Value
		}
	}
	return ""
}
