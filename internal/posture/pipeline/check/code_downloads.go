package check

import (
	"regexp"
	"slices"
	"strings"

	"github.com/trailhound/trailhound/internal/posture/pipeline/buildspec"
)

var (
	posix   = []string{"sh", "bash", "zsh", "dash"}
	shells  = append(slices.Clip(posix), "python", "python3", "node", "perl", "ruby") // whatever runs text it is handed
	commit  = regexp.MustCompile(`@[0-9a-f]{40}\b`)
	atWords = regexp.MustCompile(`(?i)^git\+(?:https?|ssh)://`)
)

// unpinnedDownload finds what is fetched and run without saying what it must be.
// It reads the simple commands of a line and what joins them: a download into a file that
// another line runs is not followed.
func unpinnedDownload(s *Subject) []Hit {
	return s.perStep(func(_ *buildspec.Spec, c buildspec.Command, i int, hit func(string)) {
		step := c.Steps[i]
		name := step.Name()
		if (name == "curl" || name == "wget") && i+1 < len(c.Steps) {
			// The second form is sh -c "$(curl …)": the parser puts the inner
			// command before the outer one and leaves $() in its place.
			if next := c.Steps[i+1]; step.Then == "|" && slices.Contains(shells, next.Name()) {
				hit(name + " is piped into " + next.Name())
			} else if step.Then == "" && slices.Contains(shells, next.Name()) && strings.Contains(next.String(), "$()") {
				hit(next.Name() + " runs what " + name + " fetches")
			}
		}
		if (name == "pip" || name == "pip3" || name == "uv" || name == "pipx") && step.Has("install") {
			for _, w := range step.Words {
				// A tag or branch can be moved by whoever writes to that repository;
				// only a commit's full id cannot.
				if atWords.MatchString(w.Text) && !commit.MatchString(w.Text) {
					hit(name + " installs from git without a commit")
				}
				if strings.HasPrefix(w.Text, "http://") {
					hit(name + " installs over plain http")
				}
			}
		}
		if name == "npx" && slices.ContainsFunc(step.Words, func(w buildspec.Word) bool { return strings.HasSuffix(w.Text, "@latest") }) {
			hit("npx runs whatever is the latest version")
		}
	})
}
