package read

import (
	"strings"

	"github.com/trailhound/trailhound/internal/posture/pipeline/model"
)

// prefixes are GitHub's published token prefixes.
var prefixes = []struct{ prefix, kind string }{
	{"github_pat_", "fine-grained"}, {"ghp_", "classic"}, {"gho_", "oauth"}, {"ghu_", "app user"}, {"ghs_", "app"}, {"ghr_", "refresh"},
}

// TokenKind is the kind of a GitHub token by its prefix, "" when it has none.
// Source: GitHub documentation, "GitHub's token formats".
func TokenKind(token string) string {
	for _, p := range prefixes {
		if strings.HasPrefix(token, p.prefix) {
			return p.kind
		}
	}
	return ""
}

// tokenOf notes the kind of a token in a secret's JSON, under whichever name.
func (r *reader) tokenOf(owner string, v *model.Node) {
	for _, name := range sorted(v.Fields) {
		r.token(owner, v.Fields[name])
	}
}

// token keeps the kind of a token and never the token.
func (r *reader) token(owner string, n *model.Node) {
	if kind := TokenKind(n.Text().V); kind != "" {
		r.inv.Tokens = append(r.inv.Tokens, &model.Token{At: n.At, For: owner, Kind: model.Value[string]{State: model.Known, V: kind, At: n.At}, Evidence: "prefix"})
	}
}
