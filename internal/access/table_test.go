package access

import (
	"encoding/json"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"go.yaml.in/yaml/v4"

	"github.com/trailhound/trailhound/internal/access/policy"
)

// A table file is a list of rules that AWS documents, each with its page and
// the cases that hold us to it.
type tableFile struct {
	Rules []struct {
		Rule  string      `yaml:"rule"`
		Page  string      `yaml:"page"`
		Cases []tableCase `yaml:"cases"`
	} `yaml:"rules"`
}

type tableCase struct {
	Name    string               `yaml:"name"`
	Who     string               `yaml:"who"` // see caller; default "user alice"
	Do      string               `yaml:"do"`
	On      string               `yaml:"on"`
	Owner   string               `yaml:"owner"`   // account of the resource
	Context map[string]any       `yaml:"context"` // condition keys: text or list; null is absent
	Unknown bool                 `yaml:"unknown"` // keys not named are unknown; else absent
	Parts   map[string]yaml.Node `yaml:",inline"` // identity, boundary, session, scp, rcp, resource
	Exact   bool                 `yaml:"exact"`
	Want    string               `yaml:"want"`
	Because string               `yaml:"because"` // must occur in the first reason
}

const docsRoot = "https://docs.aws.amazon.com/"

// TestDocumentedRules is what AWS documents, case by case.
func TestDocumentedRules(t *testing.T) {
	names, err := filepath.Glob("testdata/rules/*.yml")
	if err != nil || len(names) == 0 {
		t.Fatal("no table", err)
	}
	cases := 0
	for _, name := range names {
		raw, err := os.ReadFile(name)
		if err != nil {
			t.Fatal(err)
		}
		var f tableFile
		if err := yaml.Load(raw, &f, yaml.WithKnownFields()); err != nil {
			t.Fatalf("%s: %v", name, err)
		}
		for _, r := range f.Rules {
			if r.Rule == "" || !strings.HasPrefix(r.Page, docsRoot) || len(r.Cases) == 0 {
				t.Errorf("%s: %q: a rule has its words, its page and cases", name, r.Rule)
			}
			for _, c := range r.Cases {
				cases++
				t.Run(strings.TrimSuffix(filepath.Base(name), ".yml")+"/"+c.Name, func(t *testing.T) { c.run(t, r.Rule) })
			}
		}
	}
	t.Logf("%d cases", cases)
	if cases < 150 {
		t.Errorf("%d cases, fewer than 150", cases)
	}
}

func (c *tableCase) run(t *testing.T, rule string) {
	req, ps := c.request(t), c.policies(t)
	d := Evaluate(req, ps)
	if string(d.Effect) != c.Want {
		t.Errorf("%s\ngot %s, want %s: %+v", rule, d.Effect, c.Want, d.Reasons)
	}
	if len(d.Reasons) == 0 {
		t.Error("a decision without any reason")
	}
	if c.Because != "" && !slices.ContainsFunc(d.Reasons, func(r Reason) bool { return strings.Contains(r.Text, c.Because) }) {
		t.Errorf("no reason says %q: %+v", c.Because, d.Reasons)
	}
}

func (c *tableCase) request(t testing.TB) Request {
	t.Helper()
	who := c.Who
	if who == "" {
		who = "user alice"
	}
	req := Request{Caller: caller(t, who), Action: c.Do, Resource: c.On, ResourceAccount: c.Owner, Exact: c.Exact}
	for key, v := range c.Context {
		switch v := v.(type) {
		case nil:
			req.Context.SetAbsent(key)
		case []any:
			var list []string
			for _, e := range v {
				list = append(list, e.(string))
			}
			req.Context.Set(key, list...)
		case string:
			req.Context.Set(key, v)
		default:
			t.Fatalf("context %s: %T", key, v)
		}
	}
	if !c.Unknown {
		req.Context.Close("")
	}
	return req
}

const home = "111122223333"

// caller reads "user NAME", "role NAME[/SESSION]", "root", "federated NAME",
// "service NAME", "provider NAME", "anonymous"; " of ACCOUNT" at the end.
func caller(t testing.TB, who string) policy.Caller {
	t.Helper()
	account := home
	if rest, of, ok := strings.Cut(who, " of "); ok {
		who, account = rest, of
	}
	kind, name, _ := strings.Cut(who, " ")
	iam := "arn:aws:iam::" + account + ":"
	switch kind {
	case "user":
		return policy.Caller{Kind: policy.User, ARN: iam + "user/" + name, Account: account}
	case "role":
		role, session, ok := strings.Cut(name, "/")
		c := policy.Caller{Kind: policy.Role, ARN: iam + "role/" + role, Account: account}
		if ok {
			c.SessionARN = "arn:aws:sts::" + account + ":assumed-role/" + role + "/" + session
		}
		return c
	case "root":
		return policy.Caller{Kind: policy.Root, ARN: iam + "root", Account: account}
	case "federated":
		return policy.Caller{Kind: policy.FederatedUser, ARN: iam + "user/broker", SessionARN: "arn:aws:sts::" + account + ":federated-user/" + name, Account: account}
	case "service":
		return policy.Caller{Kind: policy.Service, Service: name}
	case "provider":
		return policy.Caller{Kind: policy.Federated, ARN: name}
	case "anonymous":
		return policy.Caller{Kind: policy.Anonymous}
	}
	t.Fatalf("caller %q", who)
	return policy.Caller{}
}

func (c *tableCase) policies(t testing.TB) Policies {
	t.Helper()
	ps := Policies{SCPsKnown: true, RCPsKnown: true, ResourceKnown: true}
	for part, node := range c.Parts {
		switch part {
		case "identity":
			ps.Identity = documents(t, Identity, node)
		case "boundary":
			ps.Boundary = documents(t, Boundary, node)
		case "session":
			ps.Session = documents(t, Session, node)
		case "resource":
			ps.Resource = documents(t, Resource, node)
		case "scp":
			ps.SCPs = levels(t, SCP, node)
		case "rcp":
			ps.RCPs = levels(t, RCP, node)
		case "missing": // what the evidence does not hold
			var list []string
			must(t, node.Decode(&list))
			ps.SCPsKnown, ps.RCPsKnown = !slices.Contains(list, "scp"), !slices.Contains(list, "rcp")
			ps.ResourceKnown = !slices.Contains(list, "resource")
		default:
			t.Fatalf("%s: no such part", part)
		}
	}
	return ps
}

func levels(t testing.TB, kind Kind, node yaml.Node) (out []Level) {
	t.Helper()
	var list []yaml.Node
	must(t, node.Decode(&list))
	for _, n := range list {
		out = append(out, Level{Name: "level", Policies: documents(t, kind, n)})
	}
	return out
}

// documents reads a list of policies: a line, lines of one policy, or a whole
// document as text in braces.
func documents(t testing.TB, kind Kind, node yaml.Node) []Policy {
	t.Helper()
	out := []Policy{}
	var list []yaml.Node
	must(t, node.Decode(&list))
	for _, n := range list {
		var lines []string
		if n.Kind == yaml.ScalarNode {
			lines = []string{n.Value}
		} else {
			must(t, n.Decode(&lines))
		}
		doc := json.RawMessage(lines[0])
		if !strings.HasPrefix(lines[0], "{") {
			var err error
			doc, err = documentJSON(lines...)
			must(t, err)
		}
		out = append(out, ParsePolicy(kind, "p", doc))
	}
	return out
}

func must(t testing.TB, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}
