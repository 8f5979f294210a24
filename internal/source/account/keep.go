package account

import (
	"bytes"
	"crypto/sha256"
	"encoding/base64"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"net/url"
	"os"
	"reflect"
	"slices"
	"strings"
	"time"

	awsmiddleware "github.com/aws/aws-sdk-go-v2/aws/middleware"
	"github.com/aws/smithy-go/middleware"

	"github.com/trailhound/trailhound/internal/source/awsapi"
)

// keep writes an answer of the SDK as the AWS CLI prints it, with a note of how it
// was obtained.
func (g *gatherer) keep(e *Entry, name string, out any, calls ...Made) error {
	return g.keepAbout(e, name, "", out, calls...)
}

// keepAbout does the same for an answer that does not say what was asked about.
func (g *gatherer) keepAbout(e *Entry, name, target string, out any, calls ...Made) error {
	data, err := printed(out)
	if err != nil {
		return &ownError{err}
	}
	return g.write(e, name+".json", g.noted(e, data, calls[0], target), calls...)
}

// keepAnswer writes an answer of the thin client: its bytes as they came, but for
// the note at their beginning. target is what was asked about, where the answer
// does not say.
func (g *gatherer) keepAnswer(e *Entry, name, operation, target string, a awsapi.Answer) error {
	m := answered(operation, a)
	return g.write(e, name+".json", g.noted(e, a.Body, m, target), m)
}

// answered describes a call of the thin client.
func answered(operation string, a awsapi.Answer) Made {
	return Made{Operation: operation, RequestID: a.RequestID, Time: a.Time, SHA256: a.SHA256, Attempts: a.Attempts}
}

// note is the member Collected, which docs/formats/inputs.md describes.
type note struct {
	By, Call, Target, Account, Region string
	At                                time.Time
	RequestID                         string
}

// noted puts a note before the first member of a JSON object. Nothing else is
// changed, so that the answer can be had back, and its hash.
func (g *gatherer) noted(e *Entry, data []byte, m Made, target string) []byte {
	service, _, _ := strings.Cut(e.Action, ":")
	n := note{By: "trailhound", Call: service + ":" + m.Operation, Target: target, Account: e.Account, At: m.Time, RequestID: m.RequestID}
	if n.Region = e.Region; e.Region == global {
		n.Region = ""
	}
	text, err := json.Marshal(n)
	body, ok := bytes.CutPrefix(bytes.TrimLeft(data, " \t\r\n"), []byte("{"))
	if err != nil || !ok {
		return data
	}
	sep := ","
	if bytes.HasPrefix(bytes.TrimLeft(body, " \t\r\n"), []byte("}")) {
		sep = ""
	}
	return slices.Concat([]byte(`{"Collected":`), text, []byte(sep), body)
}

func (g *gatherer) write(e *Entry, name string, data []byte, calls ...Made) error {
	path := e.path(name)
	if err := writeWhole(g.c.abs(path), data); err != nil {
		return &ownError{err}
	}
	sum := sha(data)
	g.c.mu.Lock()
	defer g.c.mu.Unlock()
	e.Files = append(e.Files, File{Name: path, SHA256: sum, Size: int64(len(data)), Calls: calls})
	return nil
}

// made describes a call of the SDK.
func made(operation string, m middleware.Metadata) Made {
	id, _ := awsmiddleware.GetRequestIDMetadata(m)
	at, ok := awsmiddleware.GetServerTime(m)
	if !ok {
		// AWS's clock if it sent one, for events are compared with it; else ours.
		at, _ = awsmiddleware.GetResponseAt(m)
	}
	return Made{Operation: operation, RequestID: id, Time: at.UTC().Truncate(time.Second)}
}

// readBack reads a file that an earlier step wrote.
func (c *collection) readBack(e *Entry, into any) error {
	for _, f := range e.Files {
		data, err := os.ReadFile(c.abs(f.Name))
		if err == nil {
			err = json.Unmarshal(data, into)
		}
		if err != nil {
			return &ownError{fmt.Errorf("read back %s: %w", f.Name, err)}
		}
	}
	return nil
}

func (c *collection) readRegions(e *Entry) (names []string, err error) {
	var out struct{ Regions []struct{ RegionName string } }
	err = c.readBack(e, &out)
	for _, r := range out.Regions {
		names = append(names, r.RegionName)
	}
	return names, err
}

// printed is a value of the SDK in the JSON of the AWS CLI: members that AWS did
// not send are left out, times are ISO 8601, bytes are base64, and policies are
// objects instead of URL-encoded text.
func printed(out any) ([]byte, error) {
	v, _ := plain(reflect.ValueOf(out), "")
	var b bytes.Buffer
	enc := json.NewEncoder(&b)
	enc.SetEscapeHTML(false)
	enc.SetIndent("", "    ")
	if err := enc.Encode(v); err != nil {
		return nil, fmt.Errorf("encode the answer: %w", err)
	}
	return b.Bytes(), nil
}

// plain reduces a value to maps, lists and scalars; false is a member that was
// not sent.
func plain(v reflect.Value, member string) (any, bool) {
	switch v.Kind() {
	case reflect.Pointer, reflect.Interface:
		if v.IsNil() {
			return nil, false
		}
		if v.Elem().Kind() == reflect.String {
			return text(v.Elem().String(), member), true // sent, and empty
		}
		return plain(v.Elem(), member)
	case reflect.Struct:
		if t, ok := v.Interface().(time.Time); ok {
			return t.UTC().Format("2006-01-02T15:04:05.999999-07:00"), true
		}
		m := map[string]any{}
		for i := range v.NumField() {
			f := v.Type().Field(i)
			if !f.IsExported() || f.Name == "ResultMetadata" || f.Name == "IsTruncated" { // all pages are here
				continue
			}
			if x, ok := plain(v.Field(i), f.Name); ok {
				m[f.Name] = x
			}
		}
		return m, true
	case reflect.Slice:
		if v.IsNil() {
			return nil, false
		}
		if v.Type().Elem().Kind() == reflect.Uint8 {
			return base64.StdEncoding.EncodeToString(v.Bytes()), true
		}
		list := make([]any, 0, v.Len())
		for i := range v.Len() {
			x, _ := plain(v.Index(i), "")
			list = append(list, x)
		}
		return list, true
	case reflect.Map:
		if v.IsNil() {
			return nil, false
		}
		m := map[string]any{}
		for _, k := range v.MapKeys() {
			m[k.String()], _ = plain(v.MapIndex(k), "")
		}
		return m, true
	case reflect.String:
		return text(v.String(), member), v.Len() > 0
	default:
		return v.Interface(), true
	}
}

// policies are the members that hold a policy as URL-encoded JSON.
var policies = map[string]bool{"AssumeRolePolicyDocument": true, "PolicyDocument": true, "Document": true}

func text(s, member string) any {
	if !policies[member] {
		return s
	}
	doc, err := url.QueryUnescape(s)
	if err != nil || !json.Valid([]byte(doc)) {
		return s
	}
	return json.RawMessage(doc)
}

func sha(data []byte) string {
	sum := sha256.Sum256(data)
	return hex.EncodeToString(sum[:])
}
