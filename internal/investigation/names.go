package investigation

import (
	"regexp"
	"strings"

	"github.com/trailhound/trailhound/internal/evidence"
	"github.com/trailhound/trailhound/internal/intake"
)

// name feeds the lexicon: what people may call by its bare name.
// A bound on entries, met in order of time, so that it cuts the same off each time.
func (p *pass) name(e *evidence.Event) {
	if len(p.names) >= maxNames {
		return
	}
	id := e.Identity
	switch id.Type {
	case "IAMUser":
		if id.ARN != "" {
			p.entry(id.UserName, "principal", id.ARN)
		}
	case "": // an export that tells nothing but the name
		if id.ARN == "" && id.UserName != "" {
			p.entry(id.UserName, "principal", id.UserName)
		}
	case "AssumedRole":
		p.entry(id.IssuerName, "principal", id.IssuerARN)
		// Of Identity Center's roles the session is named after the person (IAM Identity
		// Center User Guide, "AWSReservedSSO"); of others it may be anything.
		s := id.SessionName()
		if len(s) > 3 && !strings.Contains(s, "@") && (id.FromConsole || e.Name == "ConsoleLogin") {
			p.entry(s, "session", id.PrincipalID) // a directory's person, who signed in
		}
		if strings.Contains(s, "@") || strings.HasPrefix(id.IssuerName, evidence.PermissionSetRole) {
			p.entry(s, "session", id.PrincipalID)
			// People write the name without the company's part. One without a mark in it,
			// "info" or "anna", is a word or anybody.
			if local, _, ok := strings.Cut(s, "@"); ok && strings.ContainsAny(local, "._-") {
				p.entry(local, "session", id.PrincipalID)
			}
		}
	}
	if e.Source == "iam.amazonaws.com" && (e.Name == "CreateUser" || e.Name == "CreateRole") && e.Outcome() == evidence.Success {
		p.made(e.Resources)
	}
	if e.Source == "s3.amazonaws.com" && len(p.buckets) < maxNames {
		p.bucket(e.Resources)
	}
}

// entry adds one. A letter is a name to nobody, and a text of hundreds no name at all.
func (p *pass) entry(name, kind, value string) {
	if len(name) >= 2 && len(name) <= 128 && value != "" {
		p.names[intake.Entry{Name: name, Kind: kind, Value: value}] = true
	}
}

// made names the users and roles that a call made: people speak of them before they act.
func (p *pass) made(resources []string) {
	for _, r := range resources {
		if parts := strings.SplitN(r, ":", 6); len(parts) == 6 && (strings.HasPrefix(parts[5], "user/") || strings.HasPrefix(parts[5], "role/")) {
			p.entry(lastPart(r), "principal", r)
		}
	}
}

// knowsARN says whether the evidence tells of a principal by its ARN: it acted, or was made.
func (p *pass) knowsARN(arn string) bool {
	for e := range p.names {
		if e.Kind == "principal" && e.Value == arn {
			return true
		}
	}
	return false
}

// bucketForm is that of a bucket's name (S3 User Guide, bucket naming rules);
// the id of a key, which may stand beside it, has it as well.
var (
	bucketForm = regexp.MustCompile(`^[a-z0-9][a-z0-9.-]{1,61}[a-z0-9]$`)
	uuidForm   = regexp.MustCompile(`^[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}$`)
)

// bucket finds the bucket that a call to S3 names: by ARN, else, as in records
// whose list of resources was left out, by the one value that can be its name.
func (p *pass) bucket(resources []string) {
	const arn = "arn:aws:s3:::"
	found, bare, candidates := false, "", 0
	for _, r := range resources {
		if b, ok := strings.CutPrefix(r, arn); ok {
			b, _, _ = strings.Cut(b, "/")
			if found = found || b != ""; b != "" {
				p.entry(b, "resource", arn+b)
				p.buckets[b] = true
			}
			continue
		}
		if bucketForm.MatchString(r) && !uuidForm.MatchString(r) {
			bare, candidates = r, candidates+1
		}
	}
	if !found && candidates == 1 {
		p.entry(bare, "resource", arn+bare)
		p.buckets[bare] = true
	}
}
