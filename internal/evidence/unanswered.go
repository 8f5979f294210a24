package evidence

import "strings"

// callScheme begins the name of what a live account was asked for.
const callScheme = "aws://"

// CallURI names a question to a live account that brought no answer: the account,
// the region or "global", and the permission that it needs, as IAM names it
// ("ec2:DescribeInstances").
func CallURI(account, region, action string) string {
	return callScheme + account + "/" + region + "/" + action
}

// Unanswered is the question to a live account that an unreadable artifact stands
// for; ok is false where the artifact is anything else. Files of a collection have
// names of more parts, and no colon in the third.
func (a Artifact) Unanswered() (account, region, action string, ok bool) {
	rest, found := strings.CutPrefix(a.URI, callScheme)
	parts := strings.Split(rest, "/")
	if !found || a.Kind != KindUnreadable || len(parts) != 3 || !strings.Contains(parts[2], ":") {
		return "", "", "", false
	}
	return parts[0], parts[1], parts[2], true
}
