package check

import (
	"regexp"
	"slices"
	"strings"
)

var (
	digest  = regexp.MustCompile(`@sha256:[0-9a-f]{64}$`)
	curated = regexp.MustCompile(`^aws/codebuild/([a-z0-9_-]+):([a-z0-9.-]+)$`)
)

// retired are curated images that AWS no longer updates, as its list of images
// has it.
// Source: CodeBuild User Guide, "Docker images provided by CodeBuild". The list only
// grows; an image that is missing here is not reported, never the other way round.
var retired = []string{"standard:1.0", "standard:2.0", "standard:3.0", "standard:4.0", "amazonlinux2-x86_64-standard:1.0", "amazonlinux2-x86_64-standard:2.0",
	"amazonlinux2-x86_64-standard:3.0", "amazonlinux2-x86_64-standard:4.0", "amazonlinux2-aarch64-standard:1.0", "amazonlinux2-aarch64-standard:2.0"}

// imageMutable finds images that can become others: AWS's retired ones, and those
// of others named by a tag.
func imageMutable(s *Subject) []Hit {
	image := s.owner.Project.Env.Image
	switch {
	case image.Unknown():
		return []Hit{{Unknown: "the image is not known: " + image.Why}}
	// A symbol stands for an image that the template makes or is given: how it is named is not told here.
	case image.Absent() || strings.Contains(image.V, "${"):
		return nil
	}
	hit := func(what, stale string) []Hit {
		return []Hit{{At: image.At, Words: map[string]string{"image": image.V, "what": what, "stale": stale}}}
	}
	if m := curated.FindStringSubmatch(image.V); m != nil {
		if slices.Contains(retired, m[1]+":"+m[2]) {
			return hit("is no longer updated by AWS", "yes")
		}
		return nil
	}
	// A curated image of another form is AWS's own all the same.
	if strings.HasPrefix(image.V, "aws/codebuild/") || digest.MatchString(image.V) {
		return nil
	}
	return hit("is named by a tag, which can point to another image tomorrow", "")
}
