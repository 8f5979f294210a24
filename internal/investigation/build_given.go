package investigation

import (
	"fmt"
	"regexp"
	"slices"
	"strings"

	"github.com/trailhound/trailhound/internal/claim"
	"github.com/trailhound/trailhound/internal/evidence"
)

// givenTo writes the row of one project: what its builds are given, by the call that says so,
// and which of it a build in the intruder's hands was seen to read. Where no call says, that is
// what the row says: the project is there, and its variables are.
func (in *inquiry) givenTo(b *Build, d definition, reads map[string]buildRead) {
	if d.e == nil {
		in.res.Impact = append(in.res.Impact, Impact{
			Class: "data", Level: "not_covered", Evidence: []string{}, Coverage: in.buildLimit(),
			Text: fmt.Sprintf("What builds of project `%s` were given to read, variables, secrets and parameters, is not in the evidence: no call before that made or changed the project is. "+
				"`aws codebuild batch-get-projects` tells; until then hold all of it to be taken.", b.Project),
		})
		return
	}
	b.Known = true
	var text []string
	refs := cite(d.e.ID)
	list := d.variables()
	for _, v := range list[:min(len(list), maxGiven)] {
		sentence, equals := in.given(b, d, &v)
		text = append(text, sentence)
		in.claims.add(sentence, claim.Predicate{Op: "event", Event: d.e.ID, Equals: equals}, cite(d.e.ID), "A")
		if read := reads[secretName(v.From)]; read.e != nil && v.Kind != fromPlain && claim.Quotable(read.name) {
			e := read.e
			v.Read = e.ID
			said := fmt.Sprintf("At %s a build of it, with key `%s`, called %s on `%s`; the call succeeded.", stamp(e.Time), e.Identity.AccessKey, e.Action(), read.name)
			in.claims.add(said, claim.Predicate{Op: "event", Event: e.ID, Equals: map[string]any{"action": e.Action(), "time": stamp(e.Time), "credential": e.Identity.AccessKey, "outcome": "success"}}, cite(e.ID), "A")
			text, refs = append(text, said), append(refs, e.CitedAs())
		}
		b.Given = append(b.Given, v)
	}
	if len(text) == 0 {
		sentence := fmt.Sprintf("At %s %s called %s on `%s`; the record names no variables that its builds are given.", stamp(d.e.Time), d.e.Identity.Called(), d.e.Action(), b.Project)
		in.claims.add(sentence, claim.Predicate{Op: "event", Event: d.e.ID, Equals: in.definedBy(b, d)}, cite(d.e.ID), "A")
		text = append(text, sentence)
	}
	in.res.Impact = append(in.res.Impact, Impact{Class: "data", Level: "possible", Text: strings.Join(text, " "), Evidence: refs, Coverage: in.buildLimit()})
}

// buildLimit is what no record tells of a build, said once.
func (in *inquiry) buildLimit() []string {
	const text = "What runs in a build reads the variables, secrets and parameters that the build is given without a call of its own, and may reach the token with which its source is fetched."
	i := slices.IndexFunc(in.res.Limits, func(l Limit) bool { return l.Text == text })
	if i < 0 {
		in.limit("other", text, nil, "What a build was given could be read; that it was is said only where a call shows it. The build's own log and the provider's log of the token would tell more.")
		i = len(in.res.Limits) - 1
	}
	return []string{in.res.Limits[i].ID}
}

// definedBy is what a claim about a definition is held to.
func (in *inquiry) definedBy(b *Build, d definition) map[string]any {
	name := "name"
	if strings.Contains(d.path, ".build") {
		name = "projectName"
	}
	return map[string]any{"action": d.e.Action(), "time": stamp(d.e.Time), "outcome": "success", "record." + d.path + "." + name: b.Project}
}

// given is the sentence about one variable. The value of a plain one is never told: it may be
// the secret itself.
func (in *inquiry) given(b *Build, d definition, v *Given) (string, map[string]any) {
	equals := in.definedBy(b, d)
	at := "record." + d.path + ".environment.environmentVariables."
	equals[at+"name"], equals[at+"type"] = v.Variable, v.Kind
	how := "in plain text"
	switch v.Kind {
	case fromSecret:
		how = fmt.Sprintf("from secret `%s`", asNamed(v.From))
		equals[at+"value"] = v.From
	case fromParameter:
		how = fmt.Sprintf("from parameter `%s`", v.From)
		equals[at+"value"] = v.From
	}
	return fmt.Sprintf("At %s %s called %s on `%s`, by which what runs in its builds can read `%s`, given %s.", stamp(d.e.Time), d.e.Identity.Called(), d.e.Action(), b.Project, v.Variable, how), equals
}

// variables are those of the environment, in the order of the record. One that cannot be quoted
// was written to be misread and is left out.
func (d definition) variables() (out []Given) {
	for _, x := range d.r.All(d.path + ".environment.environmentVariables") {
		m, _ := x.(map[string]any)
		r := evidence.Record(m)
		v := Given{Variable: r.Str("name"), Kind: r.Str("type"), From: r.Str("value")}
		if v.Kind == "" { // the API's own default
			v.Kind = fromPlain
		}
		if !claim.Quotable(v.Variable) || (v.Kind != fromPlain && !claim.Quotable(asNamed(v.From))) {
			continue
		}
		switch v.Kind {
		case fromSecret, fromParameter:
			out = append(out, v)
		case fromPlain:
			v.From = ""
			if r.Str("type") != "" {
				out = append(out, v)
			}
		}
	}
	return out
}

// secretSuffix are the six characters that Secrets Manager adds to an ARN.
var secretSuffix = regexp.MustCompile(`-[A-Za-z0-9]{6}$`)

// secretName is the name of a secret or parameter, however it is written: by ARN, or as builds
// name it, with the member and the version behind ("name:member:stage:version").
func secretName(s string) string {
	if strings.HasPrefix(s, "arn:") {
		f := strings.SplitN(s, ":", 8)
		switch {
		case len(f) >= 7 && f[5] == "secret":
			return secretSuffix.ReplaceAllString(f[6], "")
		case len(f) >= 6:
			return strings.TrimPrefix(f[5], "parameter")
		}
		return s
	}
	name, _, _ := strings.Cut(s, ":")
	return name
}

// asNamed is what of a reference names the secret, as the record writes it: without the member
// and the version behind it.
func asNamed(s string) string {
	if f := strings.SplitN(s, ":", 8); strings.HasPrefix(s, "arn:") && len(f) == 8 {
		return strings.Join(f[:7], ":")
	}
	if strings.HasPrefix(s, "arn:") {
		return s
	}
	name, _, _ := strings.Cut(s, ":")
	return name
}
