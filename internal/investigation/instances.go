package investigation

import (
	"bytes"
	"compress/gzip"
	"encoding/base64"
	"fmt"
	"io"
	"regexp"
	"slices"
	"strings"
	"time"

	"github.com/trailhound/trailhound/internal/evidence"
)

// instance is one that the case is about, and the sessions of its role.
// By its id: an instance that is named otherwise is none.
type instance struct {
	id   string
	keys []string // session keys that it used, or that somebody took from it
	made string   // reference of the event by which the intruder started it; "" if another did
}

// maxInstances bounds those that a report tells of.
const maxInstances = 20

// caseInstances are the instances that the intruder made or changed, and those
// whose role's sessions are in the case.
func (in *inquiry) caseInstances() []instance {
	found := map[string]*instance{}
	at := func(id string) *instance {
		if found[id] == nil {
			found[id] = &instance{id: id}
		}
		return found[id]
	}
	for _, r := range in.res.Resources {
		if r.Type != "AWS::EC2::Instance" || !strings.HasPrefix(r.ID, "i-") {
			continue
		}
		i := at(r.ID)
		if slices.Contains(r.Effect, "created") && len(r.ByEvent) > 0 {
			i.made = "event:" + strings.TrimPrefix(r.ByEvent[0], "event:")
		}
	}
	for _, c := range in.res.Credentials {
		// EC2 names the session of an instance's role after the instance (IAM User Guide, roles
		// for EC2).
		if name := c.Principal[strings.LastIndexByte(c.Principal, '/')+1:]; c.Kind == "session" && strings.HasPrefix(name, "i-") {
			i := at(name)
			i.keys = append(i.keys, c.ID)
		}
	}
	var out []instance
	for _, id := range keys(found) {
		if len(out) < maxInstances {
			out = append(out, *found[id])
		}
	}
	return out
}

// instanceClaims say of each instance of the case what the snapshots show of its
// profile, addresses and interfaces. Which session keys are the machine's, the
// calls say: see machines.
func (in *inquiry) instanceClaims() {
	for _, i := range in.caseInstances() {
		for _, part := range []struct{ path, says string }{
			{"IamInstanceProfile.Arn", "shows instance `%s` with instance profile `%s`"},
			{"PublicIpAddress", "shows instance `%s` with public address `%s`"},
			{"PrivateIpAddress", "shows instance `%s` with private address `%s`"},
			// Flow logs know machines by these alone.
			{"NetworkInterfaces.NetworkInterfaceId", "shows instance `%s` with network interface `%s`"},
		} {
			in.stateClaim(in.latest(i.id, time.Time{}, []string{"ec2_instance"}, func(_ *evidence.Observation, r evidence.Record) (string, string, string, string) {
				values := r.Strs(part.path)
				if len(values) == 0 {
					return "", "", "", ""
				}
				return "live", part.path, values[0], fmt.Sprintf(part.says, i.id, values[0])
			}))
		}
		in.attachedClaims(i.id)
	}
}

// tied are the other answers that tie something to an instance: where they name
// it, and where they say what.
var tied = []struct{ kind, instance, path, says string }{
	{"ec2_profile_association", "InstanceId", "IamInstanceProfile.Arn", "shows instance profile `%s` on instance `%s`"},
	{"ec2_address", "InstanceId", "PublicIp", "shows address `%s` on instance `%s`"},
	{"ec2_interface", "Attachment.InstanceId", "NetworkInterfaceId", "shows network interface `%s` on instance `%s`"},
}

// attachedClaims say what else the snapshots tie to an instance.
func (in *inquiry) attachedClaims(instance string) {
	things := keys(in.observed.things)
	for _, a := range tied {
		for _, id := range things {
			in.stateClaim(in.latest(id, time.Time{}, []string{a.kind}, func(_ *evidence.Observation, r evidence.Record) (string, string, string, string) {
				value := r.Str(a.path)
				if value == "" || r.Str(a.instance) != instance {
					return "", "", "", ""
				}
				return "live", a.path, value, fmt.Sprintf(a.says, value, instance)
			}))
		}
	}
}

// startText is what an instance runs at its start, by what it shows. A secret is
// never quoted: the sentence says of what sort it is.
var startText = []struct {
	level, class string
	what         *regexp.Regexp
	says         string
}{
	{"possible", "identity", regexp.MustCompile(`\b(?:AKIA|ASIA)[A-Z2-7]{16}\b`), "an access key id"},
	{"possible", "identity", regexp.MustCompile(`-----BEGIN [A-Z ]*PRIVATE KEY-----`), "a private key"},
	{"possible", "identity", regexp.MustCompile(`(?i)\b[a-z0-9_]*(?:secret_access_key|password|passwd|api_?key|secret|token)["']?\s*[=:]\s*["']?[^\s"'$<{]{8,}`), "what is named a password, key or token"},
	{"possible", "integrity", regexp.MustCompile(`(?i)\b(?:curl|wget)\b[^\n|;&]*(?:\||;|&&)[^\n]*\b(?:ba|z|da)?sh\b|\b(?:ba)?sh\s+<\(\s*(?:curl|wget)\b|\bchmod\s+\+x\b[^\n]*(?:;|&&)[^\n]*\./|(?i)\biex\b[^\n]*(?:DownloadString|iwr|Invoke-WebRequest)`), "commands that download a program and run it"},
}

// userData tells what the user data of the case's instances, and the launch
// templates that the intruder touched, would run or give away.
func (in *inquiry) userData() {
	if in.observed == nil {
		return
	}
	for _, i := range in.caseInstances() {
		for _, o := range in.observed.things[i.id] {
			if o.Kind == "ec2_user_data" {
				in.startFindings(o, "UserData.Value", "The user data of instance "+i.id, i.made)
			}
		}
	}
	things := keys(in.observed.things)
	for _, r := range in.res.Resources {
		if r.Type != "AWS::EC2::LaunchTemplate" || len(r.ByEvent) == 0 {
			continue
		}
		id := r.ID[strings.LastIndexByte(r.ID, '/')+1:]
		for _, name := range things {
			if template, _, ok := strings.Cut(name, ":"); !ok || template != id {
				continue
			}
			for _, o := range in.observed.things[name] {
				if o.Kind == "launch_template" {
					in.startFindings(o, "LaunchTemplateData.UserData", "Launch template version "+name, in.versionMade(bare(r.ByEvent), name))
				}
			}
		}
	}
}

// versionMade is the reference of the intruder's call that made one version of a launch template,
// "lt-…:3"; "" if another did. To make a version, or to choose one, changes none of the others: the
// owner's own script in version 1 is not the intruder's for that.
func (in *inquiry) versionMade(events []string, version string) string {
	_, n, _ := strings.Cut(version, ":")
	for _, id := range events {
		s := in.subject(id)
		if s == nil || s.Event.Outcome() != evidence.Success {
			continue
		}
		switch s.Event.Name {
		case "CreateLaunchTemplate": // its first version comes with it
			if n == "1" {
				return s.Event.CitedAs()
			}
		case "CreateLaunchTemplateVersion":
			if s.Record.Str("responseElements.CreateLaunchTemplateVersionResponse.launchTemplateVersion.versionNumber") == n {
				return s.Event.CitedAs()
			}
		}
	}
	return ""
}

// startFindings reads one text; made is the intruder's call behind it, if there is one.
func (in *inquiry) startFindings(o *evidence.Observation, path, what, made string) {
	r, err := o.Parse()
	if err != nil {
		return
	}
	text := plainText(r.Str(path))
	for _, s := range startText {
		if !s.what.MatchString(text) {
			continue
		}
		level, tail, cited := s.level, "whoever may read instance attributes, and every program on the machine, can read it", []string{o.CitedAs()}
		if s.class == "integrity" {
			tail = "what it downloads is not in the evidence"
			if made != "" {
				level, tail = "probable", "the intruder's call made it, and what it downloads is not in the evidence"
			}
		}
		if made != "" {
			cited = append(cited, made)
		}
		slices.Sort(cited)
		if i := slices.IndexFunc(in.res.Impact, func(x Impact) bool { return strings.HasPrefix(x.Text, what+" holds "+s.says+":") }); i >= 0 {
			continue // another snapshot says the same
		}
		in.res.Impact = append(in.res.Impact, Impact{Class: s.class, Level: level, Text: what + " holds " + s.says + ": " + tail + ".", Evidence: cited, Coverage: []string{}})
	}
}

// maxStartText bounds user data when it is unpacked: AWS allows 16 kB, and gzip, which
// cloud-init takes, can make a thousand times more of it.
const maxStartText = 1 << 20

// plainText is user data as it runs: AWS gives it in base64, and it may be gzip.
// What is neither is taken as it stands: snapshots are written by many tools.
func plainText(s string) string {
	b, err := base64.StdEncoding.DecodeString(s)
	if err != nil {
		return s
	}
	if z, err := gzip.NewReader(bytes.NewReader(b)); err == nil {
		if text, _ := io.ReadAll(io.LimitReader(z, maxStartText)); len(text) > 0 { // what can be unpacked of it
			return string(text)
		}
	}
	return string(b)
}
