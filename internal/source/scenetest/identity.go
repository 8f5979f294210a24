package scenetest

import (
	"fmt"
	"strings"
	"time"
)

// home is the account of everything that names no other.
const home = "111122223333"

// identity is whose a key is, or who signs in without one.
type identity struct {
	kind    string // user, role, root, federated, service, oidc, saml, center, anonymous, far
	name    string // as in ARNs
	unique  string // what follows AIDA, AROA
	account string
	session string
	key     string
	created time.Time
	console bool
	issuer  *identity      // of a federated user
	of      *identity      // far: the caller
	over    map[string]any // laid over userIdentity
}

// named reads user/bob, role/ci@444455556666, root, user/bob#2. What names no
// account is of the given one.
func named(text, account string) (identity, error) {
	id := identity{account: account}
	text, at, other := strings.Cut(text, "@")
	if other && isAccount(at) {
		id.account = at
	} else if other {
		text += "@" + at // an e-mail address
	}
	if text == "root" || text == "anonymous" {
		id.kind = text
		return id, nil
	}
	kind, name, ok := strings.Cut(text, "/")
	if !ok || name == "" {
		return id, fmt.Errorf("%q: expected user/x, role/x, root, service/x, oidc/x, saml/x, center/x or a key", text)
	}
	switch kind {
	case "user", "role", "service", "oidc", "saml", "center", "federated":
		id.kind = kind
	default:
		return id, fmt.Errorf("%q is no kind of caller", kind)
	}
	name, later, _ := strings.Cut(name, "#")
	id.name = name
	// AIDA and AROA are four letters of a unique id's twenty-one.
	id.unique = padded(name+later, 17)
	if id.account != home { // one name in two accounts is two principals
		id.unique = padded(name[strings.LastIndexByte(name, '/')+1:]+later+id.account[:4], 17)
	}
	return id, nil
}

// padded makes a unique id of a name: capitals and digits, of fixed length.
func padded(name string, n int) string {
	name = name[strings.LastIndexByte(name, '/')+1:] // a path is no part of it
	up := strings.Map(func(r rune) rune {
		if r >= 'A' && r <= 'Z' || r >= '0' && r <= '9' {
			return r
		}
		return -1
	}, strings.ToUpper(name))
	if len(up) >= n {
		return up[:n]
	}
	return up + strings.Repeat("Q", n-len(up))
}

// given reads "KEY WHO [as SESSION] [since WHEN] [console] [{userIdentity}]".
func (s *Scene) given(text string) error {
	var over map[string]any
	if i := strings.Index(text, " {"); i >= 0 {
		var err error
		if over, err = yamlMap(text[i+1:]); err != nil {
			return err
		}
		text = text[:i]
	}
	words := strings.Fields(text)
	if len(words) < 2 {
		return fmt.Errorf("expected a key and whose it is")
	}
	id, err := named(words[1], home)
	if err != nil {
		return err
	}
	id.key, id.over = Key(words[0]), over
	for words = words[2:]; len(words) > 0; words = words[1:] {
		switch {
		case words[0] == "console":
			id.console = true
		case words[0] == "as" && len(words) > 1:
			id.session, words = words[1], words[1:]
		case words[0] == "since" && len(words) > 1:
			n := 2
			if dayForm.MatchString(words[1]) {
				n = 3
			}
			if len(words) < n {
				return fmt.Errorf("since when?")
			}
			if id.created, err = When(strings.Join(words[1:n], " ")); err != nil {
				return err
			}
			words = words[n-1:]
		default:
			return fmt.Errorf("%q: expected as, since or console", words[0])
		}
	}
	s.who[id.key] = id
	return nil
}

// caller finds who a line speaks of.
func (s *Scene) caller(text string) (identity, error) {
	if key, ok := strings.CutPrefix(text, "far/"); ok {
		of, err := s.caller(key)
		return identity{kind: "far", account: of.account, of: &of}, err
	}
	key, hands, other := strings.Cut(text, "~")
	if len(key) > 4 && (key[:4] == "AKIA" || key[:4] == "ASIA" || key[:4] == "ACCA") {
		if other {
			id, err := named(hands, home)
			id.key = Key(key)
			return id, err
		}
		id, ok := s.who[Key(key)]
		if !ok {
			return id, fmt.Errorf("%s: say under given whose it is, or issue it first", key)
		}
		return id, nil
	}
	return named(text, home)
}

func (id identity) arn() string {
	switch id.kind {
	case "role":
		if id.session == "" {
			return "arn:aws:iam::" + id.account + ":role/" + id.name
		}
		return "arn:aws:sts::" + id.account + ":assumed-role/" + id.name + "/" + id.session
	case "user":
		return "arn:aws:iam::" + id.account + ":user/" + id.name
	case "root":
		return "arn:aws:iam::" + id.account + ":root"
	case "federated":
		return "arn:aws:sts::" + id.account + ":federated-user/" + id.name
	}
	return ""
}

func (id identity) principal() string {
	switch id.kind {
	case "user":
		return "AIDA" + id.unique
	case "role":
		if id.session == "" {
			return "AROA" + id.unique
		}
		return "AROA" + id.unique + ":" + id.session
	case "root":
		return id.account
	case "federated":
		return id.account + ":" + id.name
	}
	return ""
}

func base(path string) string { return path[strings.LastIndexByte(path, '/')+1:] }

// record is userIdentity as CloudTrail writes it.
func (id identity) record() map[string]any {
	m := map[string]any{"accountId": id.account, "principalId": id.principal(), "arn": id.arn()}
	if strings.HasPrefix(id.key, "ACCA") {
		m["credentialId"] = id.key
	} else if id.key != "" {
		m["accessKeyId"] = id.key
	}
	attributes := map[string]any{"mfaAuthenticated": "false"}
	if !id.created.IsZero() {
		attributes["creationDate"] = id.created.Format(time.RFC3339)
	}
	switch id.kind {
	case "user":
		m["type"], m["userName"] = "IAMUser", base(id.name)
		if !id.created.IsZero() {
			m["sessionContext"] = map[string]any{"attributes": attributes}
		}
	case "root":
		m["type"] = "Root"
		if !id.created.IsZero() {
			m["sessionContext"] = map[string]any{"attributes": attributes}
		}
	case "role":
		role := id
		role.session = ""
		m["type"] = "AssumedRole"
		m["sessionContext"] = map[string]any{"attributes": attributes, "sessionIssuer": map[string]any{
			"type": "Role", "principalId": role.principal(), "arn": role.arn(), "accountId": id.account, "userName": base(id.name),
		}}
	case "federated":
		m["type"] = "FederatedUser"
		if id.issuer != nil {
			m["sessionContext"] = map[string]any{"attributes": attributes, "sessionIssuer": map[string]any{
				"type": "IAMUser", "principalId": id.issuer.principal(), "arn": id.issuer.arn(), "accountId": id.account, "userName": base(id.issuer.name),
			}}
		}
	case "service":
		m = map[string]any{"type": "AWSService", "invokedBy": id.name + ".amazonaws.com"}
	case "oidc":
		m = map[string]any{"type": "WebIdentityUser", "principalId": "idp.example:" + id.name, "userName": id.name, "identityProvider": "idp.example"}
	case "saml":
		m = map[string]any{"type": "SAMLUser", "principalId": "saml:" + id.name, "userName": id.name}
	case "center":
		m = map[string]any{"type": "IdentityCenterUser", "accountId": id.account, "onBehalfOf": map[string]any{"userId": id.name}, "credentialId": "cred-" + id.name}
	case "anonymous":
		m = map[string]any{"type": "AWSAccount", "principalId": "", "accountId": "anonymous"}
	case "far":
		m = map[string]any{"type": "AWSAccount", "accountId": id.of.account, "principalId": id.of.principal()}
	}
	return laid(m, id.over)
}

// laid puts over on top of m, map by map.
func laid(m, over map[string]any) map[string]any {
	if m == nil {
		m = map[string]any{}
	}
	for k, v := range over {
		sub, ok := v.(map[string]any)
		under, have := m[k].(map[string]any)
		if ok && have {
			m[k] = laid(under, sub)
		} else {
			m[k] = v
		}
	}
	return m
}
