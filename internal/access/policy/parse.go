package policy

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"net/url"
	"slices"
	"strings"
)

// MaxDocument bounds a policy document, in bytes. IAM allows 10,240 characters
// of inline policies, S3 20 KB for a bucket's, KMS 32 KB for a key's.
const MaxDocument = 256 << 10

// Effect is what a statement does with the requests it matches.
type Effect string

// The two effects of a statement.
const (
	Allow Effect = "Allow"
	Deny  Effect = "Deny"
)

// Document is a policy document, read and compiled. It never changes and can be
// used from several goroutines.
type Document struct {
	Version    string
	ID         string
	Statements []Statement
}

// Statement is one statement. Of each pair X and NotX at most one is set.
type Statement struct {
	Sid           string
	Effect        Effect
	ActionTexts   []string // of Action or NotAction, as written
	Actions       []Glob   // lower-case
	NotActions    []Glob   // lower-case
	Resources     []string
	NotResources  []string
	Principals    *Principals
	NotPrincipals *Principals
	Conditions    []Condition

	variables bool       // whether ${…} is a variable in this document
	resources []resource // compiled from Resources or NotResources; see compile
}

// Parse reads a document, plain or URL-encoded as IAM's API gives it. The error
// says in one sentence why the text is no policy.
func Parse(text []byte) (*Document, error) {
	if len(text) > MaxDocument {
		return nil, fmt.Errorf("the document is larger than %d bytes", MaxDocument)
	}
	text = bytes.TrimSpace(text)
	if bytes.HasPrefix(text, []byte("%")) {
		plain, err := url.QueryUnescape(string(text))
		if err != nil {
			return nil, errors.New("the document is URL-encoded, and broken or cut off")
		}
		text = []byte(strings.TrimSpace(plain))
	}
	if len(text) == 0 {
		return nil, errors.New("the document is empty")
	}
	if bytes.HasPrefix(text, []byte(`"`)) { // a document kept as a JSON string
		var inner string
		if err := json.Unmarshal(text, &inner); err != nil {
			return nil, errors.New("the document is no JSON, perhaps cut off")
		}
		if strings.HasPrefix(strings.TrimSpace(inner), `"`) {
			return nil, errors.New("the document is a text and no object")
		}
		return Parse([]byte(inner))
	}
	var raw struct {
		Version   string
		ID        string `json:"Id"`
		Statement json.RawMessage
	}
	if err := json.Unmarshal(text, &raw); err != nil {
		if !json.Valid(text) {
			return nil, errors.New("the document is no JSON, perhaps cut off")
		}
		return nil, fmt.Errorf("the document is no policy: %w", err)
	}
	if len(raw.Statement) == 0 {
		return nil, errors.New("the document has no Statement")
	}
	list := []json.RawMessage{raw.Statement}
	if raw.Statement[0] == '[' {
		if err := json.Unmarshal(raw.Statement, &list); err != nil {
			return nil, fmt.Errorf("read Statement: %w", err)
		}
	}
	d := &Document{Version: raw.Version, ID: raw.ID}
	for i, s := range list {
		st, err := parseStatement(s)
		if err != nil {
			return nil, fmt.Errorf("statement %d: %w", i+1, err)
		}
		// Variables came with the language of 2012; before, "${" is text.
		st.variables = raw.Version == "2012-10-17"
		st.compile()
		d.Statements = append(d.Statements, st)
	}
	return d, nil
}

func parseStatement(text []byte) (Statement, error) {
	var raw struct {
		Sid                     string
		Effect                  Effect
		Action, NotAction       texts
		Resource, NotResource   texts
		Principal, NotPrincipal *Principals
		Condition               map[string]map[string]texts
	}
	if err := json.Unmarshal(text, &raw); err != nil {
		return Statement{}, err
	}
	s := Statement{
		Sid: raw.Sid, Effect: raw.Effect, Resources: raw.Resource, NotResources: raw.NotResource,
		Principals: raw.Principal, NotPrincipals: raw.NotPrincipal,
	}
	if s.Effect != Allow && s.Effect != Deny {
		return s, fmt.Errorf("the effect %q is neither Allow nor Deny", raw.Effect)
	}
	if raw.Action != nil && raw.NotAction != nil {
		return s, errors.New("both Action and NotAction")
	}
	if raw.Resource != nil && raw.NotResource != nil {
		return s, errors.New("both Resource and NotResource")
	}
	if raw.Principal != nil && raw.NotPrincipal != nil {
		return s, errors.New("both Principal and NotPrincipal")
	}
	if len(raw.Action)+len(raw.NotAction) == 0 {
		return s, errors.New("neither Action nor NotAction")
	}
	s.ActionTexts = append(raw.Action, raw.NotAction...)
	s.Actions, s.NotActions = actions(raw.Action), actions(raw.NotAction)
	for op, keys := range raw.Condition {
		for key, values := range keys {
			s.Conditions = append(s.Conditions, newCondition(op, key, values))
		}
	}
	slices.SortFunc(s.Conditions, func(a, b Condition) int {
		return strings.Compare(a.Operator+"\x00"+a.Key, b.Operator+"\x00"+b.Key)
	})
	return s, nil
}

func actions(list texts) (out []Glob) {
	for _, a := range list {
		out = append(out, NewGlob(strings.ToLower(a)))
	}
	return out
}

// texts is a value that may be one or a list, and of conditions also a number
// or a boolean.
type texts []string

// UnmarshalJSON reads a scalar or a list of scalars.
func (t *texts) UnmarshalJSON(b []byte) error {
	dec := json.NewDecoder(bytes.NewReader(b))
	dec.UseNumber()
	var v any
	if err := dec.Decode(&v); err != nil {
		return err
	}
	list, ok := v.([]any)
	if !ok {
		list = []any{v}
	}
	*t = texts{}
	for _, e := range list {
		switch e := e.(type) {
		case string:
			*t = append(*t, e)
		case bool:
			*t = append(*t, fmt.Sprint(e))
		case json.Number:
			*t = append(*t, e.String())
		default:
			return errors.New("a value is neither text, number nor boolean")
		}
	}
	return nil
}
