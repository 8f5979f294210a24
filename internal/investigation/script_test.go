package investigation_test

import (
	"context"
	"fmt"
	"os"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/trailhound/trailhound/internal/access"
	"github.com/trailhound/trailhound/internal/attribution"
	"github.com/trailhound/trailhound/internal/detection"
	"github.com/trailhound/trailhound/internal/evidence"
	"github.com/trailhound/trailhound/internal/evidence/memory"
	"github.com/trailhound/trailhound/internal/intake"
	"github.com/trailhound/trailhound/internal/investigation"
	"github.com/trailhound/trailhound/internal/ledger"
	"github.com/trailhound/trailhound/internal/source"
	"github.com/trailhound/trailhound/internal/source/flow"
	"github.com/trailhound/trailhound/internal/source/scenetest"
)

// The scripts say:
//
//	case SENTENCE          what a person writes; indented lines are answers, "owner: Terraform only"
//	now WHEN               the clock; the end of the evidence without it
//	damaged                an input of the evidence could not be read
//	snapshot               what IAM says in the end; lines are KIND ARN JSON, with d8 for a day in the JSON
//	flows                  flow logs in the default format; lines are WHEN INTERFACE SOURCE DESTINATION BYTES
//	unanswered             what a live account was asked and did not answer; lines are ACTION REGION REASON
//
// and ask for sections of the report: verdict, actors, limits, limit KIND,
// questions, assumptions, findings, persistence, doubtful, later, impact, recovery, credentials, open,
// seeds, benign, claims, told TECHNIQUE (the claims
// of its finding), struck. What every report must keep to is checked for
// each of them, see holds_test.go.
func TestScripts(t *testing.T) {
	scenetest.Play(t, "testdata/*.txt", func(t *testing.T, s *scenetest.Scene) func(scenetest.Step) []string {
		o := investigation.Options{Content: content(t)}
		var artifacts []evidence.Artifact
		var seen []evidence.Observation
		var res *investigation.Result
		return func(step scenetest.Step) []string {
			switch step.Verb {
			case "case":
				o.Text, o.Answers, res = strings.ReplaceAll(s.Long(step.Args), `\n`, "\n"), map[string]intake.Answer{}, nil
				for _, line := range step.Body {
					id, text, _ := strings.Cut(line, ": ")
					o.Answers[id] = intake.Answer{ID: id, Text: s.Long(text)}
				}
			case "now":
				o.Now = moment(t, step.Args)
			case "damaged":
				artifacts = []evidence.Artifact{{ID: "a", URI: "a.json", Kind: evidence.KindUnreadable, Reason: "truncated"}, {ID: "b", URI: "b.json", Kind: evidence.KindCloudTrail, Records: 1, Rejected: 2}}
			case "snapshot":
				for _, line := range step.Body {
					seen = append(seen, observation(t, s, line))
					seen[len(seen)-1].Ref.Index = int64(len(seen)) // a bill's lines are cited by it
				}
			case "flows":
				for _, line := range step.Body {
					seen = append(seen, flows(t, line)...)
				}
			case "unanswered":
				for _, line := range step.Body {
					f := strings.SplitN(line, " ", 3)
					uri := evidence.CallURI("111122223333", f[1], f[0])
					artifacts = append(artifacts, evidence.Artifact{ID: "unread-" + uri, URI: uri, Kind: evidence.KindUnreadable, Reason: f[2]})
				}
			case "ask":
				if res == nil {
					q := memory.New(s.Events, artifacts...).Observe(seen...)
					res = run(t, q, o)
					holds(t, q, res, o)
				}
				return ask(t, res, step.Args)
			default:
				t.Fatalf("%s: expected case, now, damaged, snapshot, flows, unanswered or ask", step.Verb)
			}
			return nil
		}
	})
}

var loaded = sync.OnceValues(func() (investigation.Content, error) {
	var c investigation.Content
	var err error
	fsys := os.DirFS("../../content")
	if c.Rules, err = detection.Load(fsys); err != nil {
		return c, err
	}
	if c.Noise, err = detection.LoadNoise(fsys); err != nil {
		return c, err
	}
	if c.Ledger, err = ledger.Load(fsys); err != nil {
		return c, err
	}
	if c.Weights, err = attribution.LoadWeights(fsys); err != nil {
		return c, err
	}
	if c.Access, err = access.LoadContent(fsys); err != nil {
		return c, err
	}
	c.Questions, err = intake.LoadQuestions(fsys)
	return c, err
})

func content(t testing.TB) investigation.Content {
	t.Helper()
	c, err := loaded()
	if err != nil {
		t.Fatal(err)
	}
	return c
}

func run(t testing.TB, q evidence.Querier, o investigation.Options) *investigation.Result {
	t.Helper()
	res, err := investigation.Run(context.Background(), q, o)
	if err != nil {
		t.Fatal(err)
	}
	return res
}

func moment(t testing.TB, text string) time.Time {
	t.Helper()
	at, err := scenetest.When(text)
	if err != nil {
		t.Fatal(err)
	}
	return at
}

// observation reads a line of a snapshot. Dates within the JSON are written as in
// scenes, {"CreateDate": "d8 02:10"}.
func observation(t testing.TB, s *scenetest.Scene, line string) evidence.Observation {
	t.Helper()
	kind, rest, _ := strings.Cut(strings.TrimSpace(line), " ")
	id, body, _ := strings.Cut(rest, " ")
	body = sceneDate.ReplaceAllStringFunc(s.Long(body), func(d string) string {
		return `"` + moment(t, strings.Trim(d, `"`)).Format(time.RFC3339) + `"`
	})
	o := evidence.Observation{Kind: kind, ID: s.Long(id), Snapshot: strings.Repeat("5", 64), Account: "111122223333", Body: []byte(body)}
	if r, err := o.Parse(); err == nil && kind == "cost" {
		o.Time, o.Region = evidence.ParseTime(r.Str("line_item_usage_start_date")), r.Str("product_region_code")
	}
	o.Complete()
	return o
}

// flows reads a line of flow logs, "d1..d4 09:00 eni-1 10.0.0.5 203.0.113.9 1000": one flow on
// each of the days.
func flows(t testing.TB, line string) (out []evidence.Observation) {
	t.Helper()
	f := strings.Fields(line)
	if len(f) != 6 {
		t.Fatalf("%q is no WHEN INTERFACE SOURCE DESTINATION BYTES", line)
	}
	from, to, ranged := strings.Cut(strings.TrimPrefix(f[0], "d"), "..d")
	if !ranged {
		to = from
	}
	a, err1 := strconv.Atoi(from)
	b, err2 := strconv.Atoi(to)
	if err1 != nil || err2 != nil {
		t.Fatalf("%q is no day", f[0])
	}
	for d := a; d <= b; d++ {
		at := moment(t, fmt.Sprintf("d%d %s", d, f[1]))
		row := "version account-id interface-id srcaddr dstaddr srcport dstport protocol packets bytes start end action log-status\n" +
			fmt.Sprintf("2 111122223333 %s %s %s 49152 443 6 10 %s %d %d ACCEPT OK\n", f[2], f[3], f[4], f[5], at.Unix(), at.Unix()+60)
		_, err := flow.Decoder{}.Decode(context.Background(), strings.NewReader(row), source.Emit{Observation: func(o evidence.Observation) error {
			o.Complete()
			out = append(out, o)
			return nil
		}})
		if err != nil {
			t.Fatal(err)
		}
	}
	return out
}

var sceneDate = regexp.MustCompile(`"d\d+ \d\d:\d\d"`)

func ask(t testing.TB, r *investigation.Result, what string) (out []string) {
	t.Helper()
	add := func(format string, args ...any) {
		out = append(out, strings.TrimSpace(strings.ReplaceAll(fmt.Sprintf(format, args...), "arn:aws:iam::111122223333:", "")))
	}
	verb, arg, _ := strings.Cut(what, " ")
	switch verb {
	case "verdict":
		add("%s, %s, confidence %s: %s", r.Verdict.Status, r.Verdict.Severity, r.Verdict.Confidence, r.Verdict.Headline)
	case "kind":
		add("%s", r.Case.Kind)
	case "indicators":
		for _, x := range r.Indicators {
			also := ""
			if x.Shared {
				also = ", others' too"
			}
			add("%s %s: %d%s", x.Kind, x.Value, x.Calls, also)
		}
	case "unsettled":
		for _, c := range r.Claims {
			if c.Grade == "D" && slices.Contains(r.Verdict.Claims, c.ID) {
				add("%s", c.Text)
			}
		}
	case "actors":
		n := map[string]int{}
		for _, row := range r.Attribution {
			n[fmt.Sprintf("%s %s", row.Actor, row.Credential)]++
		}
		for k, v := range n {
			add("%s: %d", k, v)
		}
		slices.Sort(out)
	case "limits":
		for _, l := range r.Limits {
			out = append(out, l.Kind)
		}
		out = slices.Compact(out)
	case "limit":
		for _, l := range r.Limits {
			if l.Kind == arg {
				interval := ""
				if l.Interval != nil {
					interval = " [" + l.Interval.From + " " + l.Interval.To + "]"
				}
				add("%s%s %s", l.Text, interval, l.Effect)
			}
		}
	case "questions":
		for _, q := range r.Questions {
			add("%s %s: %s %s", q.ID, q.Status, q.Answer, strings.Join(q.ContradictedBy, " "))
		}
	case "assumptions":
		for _, a := range r.Scope.Assumptions {
			add("%s", a.Text)
		}
	case "findings":
		for _, f := range r.Findings {
			add("%s %s, %s, %s: %s", f.Technique, f.Outcome, f.Severity, f.Title, strings.Join(f.Evidence, " "))
		}
	case "persistence":
		for _, p := range r.Persistence {
			add("%s %s %s", p.Kind, p.ID, p.Status)
		}
	case "doubtful":
		for _, d := range r.Doubtful {
			add("%s %s %s, undone by %s: %s", d.Kind, d.ID, d.Status, d.Undo, d.Decides)
		}
	case "later":
		for _, p := range r.Persistence {
			for _, l := range p.Later {
				add("%s %s: %s by %s (%s) %d, %s: %s", p.Kind, p.ID, l.What, l.By, l.Actor, l.Calls, l.At, strings.Join(l.Events, " "))
			}
		}
	case "impact":
		for _, i := range r.Impact {
			add("%s %s: %s", i.Class, i.Level, i.Text)
		}
	case "recovery":
		said := map[string]string{}
		for _, c := range r.Claims {
			said[c.ID] = c.Text
		}
		for _, x := range r.Recovery {
			add("%s %s, %s (%d): %s", x.ID, strings.TrimSpace(x.Outcome+" "+x.Until), x.What, len(x.Events), x.Decides)
			for _, id := range x.Claims {
				add("%s: %s", x.Outcome, said[id])
			}
		}
	case "credentials":
		for _, c := range r.Credentials {
			from := "unexplained"
			if c.IssuedBy != nil {
				from = c.IssuedBy.Rule + " " + c.IssuedBy.Credential
			}
			add("%s %s, held by %s, %s, %s", c.ID, c.Kind, c.HeldBy, c.State, from)
		}
	case "principals":
		for _, p := range r.Principals {
			add("%s %s", p.ARN, p.RoleInCase)
		}
	case "seeds":
		for _, s := range r.Scope.Seeds {
			add("%s %s", s.Kind, s.Value)
		}
	case "benign":
		for _, b := range r.Benign {
			add("%s %s", b.Text, b.Because)
		}
	case "claims":
		for _, c := range r.Claims {
			add("%s", c.Text)
		}
	case "told":
		for _, f := range r.Findings {
			for _, c := range r.Claims {
				if f.Technique == arg && slices.Contains(f.Claims, c.ID) {
					add("%s", c.Text)
				}
			}
		}
	case "timeline":
		for _, e := range r.Timeline {
			add("%s %s %s %s", e.Event, e.Actor, e.Phase, e.Text)
		}
	case "open":
		for _, q := range r.Open {
			add("%s", q)
		}
	case "rollouts":
		for _, x := range r.RolledOut {
			add("%s made %s for %s: %d sessions, %d calls", x.By, x.Role, x.Subject, x.Sessions, len(x.Events))
		}
	default:
		t.Fatalf("ask %s: there is no such section", what)
	}
	return out
}
