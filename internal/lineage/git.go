package lineage

import (
	"strings"
	"time"

	"github.com/trailhound/trailhound/internal/evidence"
)

// Git speaks to CodeCommit with credentials of its own: SSH keys, or a name and password that IAM
// makes for the one service. A call made with one names the user and no key at all. So a user's
// way in by Git goes by the user's ARN and the protocol; which of several keys was used is in no record.
const (
	codeCommit = "codecommit.amazonaws.com"
	gitSSH     = "#git-ssh"
	gitHTTPS   = "#git-https"
)

// keylessSources are where a user comes in without an access key.
var keylessSources = []string{"signin.amazonaws.com", codeCommit}

// gitID is the native id of a call by Git without an access key, "" of any other.
func gitID(e *evidence.Event) string {
	id := &e.Identity
	user := loginID(*id)
	if e.Source != codeCommit || e.Name != "GitPull" && e.Name != "GitPush" || id.Type != "IAMUser" || id.CredentialID != "" || user == "" {
		return ""
	}
	if strings.HasPrefix(e.UserAgent, "SSH-") { // the banner of the protocol (RFC 4253), where HTTP has an agent
		return user + gitSSH
	}
	return user + gitHTTPS
}

// byGit says whether a credential is a user's way in by Git.
func byGit(node string) bool {
	return strings.HasSuffix(node, gitSSH) || strings.HasSuffix(node, gitHTTPS)
}

// gitKey reads a call that gives a user a credential which Git takes: beside the credential itself, of
// which no use is ever recorded, it leads to the user's way in by Git.
func (l *linker) gitKey(i issue, way string) issue {
	i.rule, i.key, i.holder = "git_key", i.user+way, ""
	return i
}

// gits adds the edges from keys for Git to the calls that followed. It is structural where the user
// never came in that way before.
func (l *linker) gits() {
	for _, i := range l.issues {
		if i.rule != "git_key" {
			continue
		}
		n := l.g.nodes[i.key]
		if n == nil || n.Uses == 0 || n.Last.Before(i.e.Time) || n.ID == i.parent {
			continue
		}
		tier := 4
		if n.First.Before(i.e.Time.Add(-time.Second)) {
			tier = 3
		}
		l.edge(i, n, i.rule, tier)
	}
}
