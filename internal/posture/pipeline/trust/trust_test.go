package trust

import (
	"fmt"
	"regexp"
	"slices"
	"strings"
	"testing"

	"pgregory.net/rapid"

	"github.com/trailhound/trailhound/internal/posture/pipeline/model"
)

const prs = "PULL_REQUEST_CREATED,PULL_REQUEST_UPDATED,PULL_REQUEST_REOPENED"

// f writes a filter as TYPE=pattern, or TYPE!pattern for an excluded match.
func f(s string) model.Filter {
	i := strings.IndexAny(s, "=!")
	return model.Filter{Type: model.Of(s[:i]), Pattern: model.Of(s[i+1:]), Exclude: model.Of(s[i] == '!')}
}

func hook(groups ...[]string) model.Webhook {
	var w model.Webhook
	w.Groups = model.Of([]model.Group{})
	for _, g := range groups {
		var fs []model.Filter
		for _, s := range g {
			fs = append(fs, f(s))
		}
		w.Groups.V = append(w.Groups.V, model.Group{Filters: model.Of(fs)})
	}
	return w
}

func project(w model.Webhook) *model.Project {
	return &model.Project{Form: model.API, Name: model.Of("p"), Source: model.Source{Type: model.Of("GITHUB")}, Webhook: model.Of(w)}
}

func gated(w model.Webhook, requires string, roles ...string) model.Webhook {
	w.Policy = model.Of(model.Policy{Requires: model.Of(requires), Roles: model.Of(roles)})
	return w
}

var public = Repo{Visibility: "public", Forks: "allowed"}

// TestGolden is the set of cases with known truth: the hardening guide's own
// examples, the eclipsed allow-lists, and what other scanners get wrong.
func TestGolden(t *testing.T) {
	manual, legacy, org := hook(), hook(), hook([]string{"EVENT=" + prs})
	manual.Manual = model.Of(true)
	legacy.BranchFilter = model.Of("^main$")
	org.Scope = model.Of(model.Scope{Name: model.Of("acme"), Scope: model.Of("GITHUB_ORGANIZATION")})
	golden := []struct {
		id, says string
		hook     model.Webhook
		want     Verdict
		rung     string
		witness  string // an account that must get in, "" for none
	}{
		{"W01", "the guide: pull request events, no gate", hook([]string{"EVENT=" + prs}), Anyone, RungOpen, "1"},
		{"W02", "the guide: no filter groups", hook(), Anyone, RungOpen, "1"},
		{"W03", "the guide: pushes", hook([]string{"EVENT=PUSH"}), Writers, RungPush, ""},
		{"W04", "the guide: pushes to named branches", hook([]string{"EVENT=PUSH", "HEAD_REF=^refs/heads/(main|develop|release/.*)$"}), Writers, RungBranch, ""},
		{"W05", "the guide: listed contributors", hook([]string{"EVENT=" + prs, "ACTOR_ACCOUNT_ID=^(12345678|87654321|11223344)$"}), IDs, RungGate, ""},
		{"W06", "the eclipsed list", hook([]string{"EVENT=" + prs, "ACTOR_ACCOUNT_ID=12345678|87654321"}), Anyone, RungOpen, "112345678"},
		{"W07", "an empty alternative", hook([]string{"EVENT=" + prs, "ACTOR_ACCOUNT_ID=^123$|"}), Anyone, RungOpen, "1"},
		{"W08", "any text", hook([]string{"EVENT=" + prs, "ACTOR_ACCOUNT_ID=^.*$"}), Anyone, RungOpen, "1"},
		{"W09", "any number", hook([]string{"EVENT=" + prs, "ACTOR_ACCOUNT_ID=^[0-9]+$"}), Anyone, RungOpen, "1"},
		{"W10", "a list that goes on", hook([]string{"EVENT=" + prs, `ACTOR_ACCOUNT_ID=^12345678\d*$`}), Anyone, RungOpen, "12345678"},
		{"W11", "a deny-list", hook([]string{"EVENT=" + prs, "ACTOR_ACCOUNT_ID!^666$"}), Anyone, RungOpen, "1"},
		{"W12", "closing one's own pull request", hook([]string{"EVENT=PULL_REQUEST_CLOSED"}), Anyone, RungOpen, "1"},
		{"W13", "one open group among others", hook([]string{"EVENT=PUSH"}, []string{"EVENT=" + prs}), Anyone, RungOpen, "1"},
		{"W14", "all events but one", hook([]string{"EVENT!PUSH"}), Anyone, RungOpen, "1"},
		{"W15", "the author's branch", hook([]string{"EVENT=" + prs, "HEAD_REF=^refs/heads/main$"}), Anyone, RungOpen, "1"},
		{"W16", "the base says where it points", hook([]string{"EVENT=" + prs, "BASE_REF=^refs/heads/main$"}), Anyone, RungOpen, "1"},
		{"W17", "the author's message", hook([]string{"EVENT=" + prs, `COMMIT_MESSAGE=^\[build\]`}), Anyone, RungOpen, "1"},
		{"W18", "the author's files", hook([]string{"EVENT=" + prs, "FILE_PATH!^buildspec"}), Anyone, RungOpen, "1"},
		{"W19", "CDK joins with a blank", hook([]string{"EVENT=PUSH, PULL_REQUEST_CREATED"}), Anyone, RungOpen, "1"},
		{"W20", "CDK does not anchor", hook([]string{"EVENT=PUSH", "HEAD_REF=refs/heads/main"}), Writers, RungBranch, ""},
		{"W21", "approval by writers", gated(hook([]string{"EVENT=" + prs}), "ALL_PULL_REQUESTS", "GITHUB_WRITE", "GITHUB_MAINTAIN", "GITHUB_ADMIN"), Approved, RungGate, ""},
		{"W22", "approval by readers", gated(hook([]string{"EVENT=" + prs}), "ALL_PULL_REQUESTS", "GITHUB_READ"), Anyone, RungOpen, "1"},
		{"W23", "triage approves forks", gated(hook([]string{"EVENT=" + prs}), "FORK_PULL_REQUESTS", "GITHUB_WRITE", "GITHUB_TRIAGE"), Readers, RungOpen, ""},
		{"W24", "no approval, a list", gated(hook([]string{"EVENT=" + prs, "ACTOR_ACCOUNT_ID=^(1|2)$"}), "DISABLED"), IDs, RungGate, ""},
		{"W25", "manual, no filter", manual, Anyone, RungOpen, "1"},
		{"W26", "the old branch filter", legacy, Anyone, RungOpen, "1"},
		{"W27", "the guide's name of the actor filter", hook([]string{"EVENT=" + prs, "GITHUB_ACTOR_ACCOUNT_ID=^(1|2)$"}), IDs, RungGate, ""},
		{"W28", "two lists intersect", hook([]string{"EVENT=" + prs, "ACTOR_ACCOUNT_ID=1", "ACTOR_ACCOUNT_ID=^(1|21|3)$"}), IDs, RungGate, ""},
		{"W29", "an organisation's hook", org, Anyone, RungOpen, "1"},
		{"W30", "a lookahead", hook([]string{"EVENT=" + prs, `ACTOR_ACCOUNT_ID=^(?!123)\d+$`}), Unknown, "cannot be told", ""},
	}
	if len(golden) != 30 {
		t.Fatalf("%d rows, want 30", len(golden))
	}
	for i, c := range golden {
		if want := fmt.Sprintf("W%02d", i+1); c.id != want {
			t.Errorf("row %s stands where %s belongs", c.id, want)
		}
		r := Evaluate(project(c.hook), public)
		if r.Verdict != c.want || r.Rung != c.rung || r.Witness != c.witness {
			t.Errorf("%s, %s: %s by %q (%s, %s), want %s by %q (%s)", c.id, c.says, r.Verdict, r.Witness, r.Why, r.Rung, c.want, c.witness, c.rung)
		}
		if r.Verdict == Anyone {
			bruteForce(t, c.id, c.hook, r)
		}
	}
}

// bruteForce holds the witness against the filters with the regexp package.
func bruteForce(t *testing.T, name string, w model.Webhook, r Result) {
	t.Helper()
	way := r.Way()
	if r.Witness == "" {
		t.Errorf("%s: anyone, and no witness", name)
	}
	if way.Group < 0 {
		return
	}
	for _, f := range w.Groups.V[way.Group].Filters.V {
		if f.Kind().V != model.Actor {
			continue
		}
		if regexp.MustCompile(f.Pattern.V).MatchString(r.Witness) == f.Exclude.V {
			t.Errorf("%s: the witness %s does not pass %q", name, r.Witness, f.Pattern.V)
		}
		if regexp.MustCompile(`\A(?:`+f.Pattern.V+`)\z`).MatchString(r.Witness) && way.Actors.Spelled != nil {
			t.Errorf("%s: the witness %s is one of those listed", name, r.Witness)
		}
	}
}

func TestThreeTrustModels(t *testing.T) {
	p := project(hook([]string{"EVENT=" + prs}))
	for _, c := range []struct {
		repo Repo
		want Verdict
	}{
		{Repo{}, Anyone}, // nothing declared is not private
		{public, Anyone},
		{Repo{Visibility: "private"}, Readers},
		{Repo{Visibility: "private", Forks: "allowed"}, Readers},
		{Repo{Visibility: "private", Forks: "forbidden"}, Writers},
	} {
		if r := Evaluate(p, c.repo); r.Verdict != c.want || r.Witness != "" && c.want != Anyone {
			t.Errorf("%+v: %s with witness %q, want %s", c.repo, r.Verdict, r.Witness, c.want)
		}
	}
}

func TestUnknownIsNeverSafe(t *testing.T) {
	cannot := model.Cannot[string]("a parameter without default")
	policyUnknown := hook([]string{"EVENT=" + prs})
	policyUnknown.Policy = model.Cannot[model.Policy]("it is computed")
	actor := func(fs ...model.Filter) model.Webhook {
		w := hook([]string{"EVENT=" + prs})
		w.Groups.V[0].Filters.V = append(w.Groups.V[0].Filters.V, fs...)
		return w
	}
	for name, c := range map[string]struct {
		p    *model.Project
		want Verdict
	}{
		"webhook": {&model.Project{Webhook: model.Cannot[model.Webhook]("a condition")}, Unknown},
		"groups":  {project(model.Webhook{Groups: model.Cannot[[]model.Group]("a parameter")}), Unknown},
		"policy":  {project(policyUnknown), Unknown},
		"actor":   {project(actor(model.Filter{Type: model.Of(model.Actor), Pattern: cannot})), Unknown},
		"actor that a list bounds": {project(actor(f("ACTOR_ACCOUNT_ID=^(1|2)$"),
			model.Filter{Type: model.Of(model.Actor), Pattern: cannot})), IDs},
		"events":          {project(actorOnly(model.Filter{Type: model.Of(model.Event), Pattern: cannot})), Unknown},
		"strange event":   {project(hook([]string{"EVENT=PUSH,PULL_REQUEST_LABELED"})), Unknown},
		"type":            {project(actor(model.Filter{Type: cannot, Pattern: model.Of("x")})), Unknown},
		"anyone wins":     {project(withUnknownGroup(hook([]string{"EVENT=" + prs}))), Anyone},
		"a writers' hook": {project(withUnknownGroup(hook([]string{"EVENT=PUSH"}))), Unknown},
	} {
		if r := Evaluate(c.p, public); r.Verdict != c.want {
			t.Errorf("%s: %s (%s), want %s", name, r.Verdict, r.Why, c.want)
		}
	}
}

func actorOnly(fs ...model.Filter) model.Webhook {
	return model.Webhook{Groups: model.Of([]model.Group{{Filters: model.Of(fs)}})}
}

func withUnknownGroup(w model.Webhook) model.Webhook {
	w.Groups.V = append(w.Groups.V, model.Group{Filters: model.Cannot[[]model.Filter]("a list from elsewhere")})
	return w
}

func TestTemplatesTakeTheServiceDefault(t *testing.T) {
	p := project(hook([]string{"EVENT=" + prs}))
	p.Form = model.Terraform
	if r := Evaluate(p, public); r.Verdict != Approved || r.Ways[0].Policy != PolicyDefault {
		t.Errorf("%s, want APPROVED by the default", r.Verdict)
	}
	p.Webhook = model.Of(hook())
	if r := Evaluate(p, public); r.Verdict != Anyone {
		t.Errorf("no filter at all: %s, want ANYONE", r.Verdict)
	}
}

func TestRunner(t *testing.T) {
	p := project(hook([]string{"EVENT=WORKFLOW_JOB_QUEUED", "WORKFLOW_NAME=^ci$"}))
	for policy, want := range map[string]Verdict{"": Unknown, "all_external_contributors": Approved, "first_time_contributors": Readers} {
		if r := Evaluate(p, Repo{Visibility: "public", ForkRuns: policy}); r.Verdict != want {
			t.Errorf("fork policy %q: %s, want %s", policy, r.Verdict, want)
		}
	}
}

var filters = rapid.SampledFrom([]string{"EVENT=PUSH", "EVENT=" + prs, "EVENT!PUSH", "EVENT=PULL_REQUEST_CLOSED,PUSH", "ACTOR_ACCOUNT_ID=^(1|2)$",
	"ACTOR_ACCOUNT_ID=12", "ACTOR_ACCOUNT_ID!^7$", "ACTOR_ACCOUNT_ID=^0$", "HEAD_REF=^refs/heads/main$", "FILE_PATH=x", "BASE_REF=main", "ACTOR_ACCOUNT_ID=^[1-3]$"})

func TestAddingAFilterNeverWidens(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		g := rapid.SliceOfN(filters, 0, 4).Draw(t, "group")
		policy := rapid.SampledFrom([]string{"", "DISABLED", "ALL_PULL_REQUESTS"}).Draw(t, "policy")
		judge := func(g []string) Verdict {
			w := hook(g)
			if policy != "" {
				w = gated(w, policy)
			}
			return Evaluate(project(w), public).Verdict
		}
		more := append(slices.Clone(g), filters.Draw(t, "more"))
		if a, b := judge(more), judge(g); a > b {
			t.Fatalf("%v is %s, and %v is %s", g, b, more, a)
		}
	})
}

func TestAddingAGroupNeverNarrows(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		groups := rapid.SliceOfN(rapid.SliceOfN(filters, 1, 3), 1, 3).Draw(t, "groups")
		more := append(slices.Clone(groups), rapid.SliceOfN(filters, 1, 3).Draw(t, "more"))
		a, b := Evaluate(project(hook(more...)), public).Verdict, Evaluate(project(hook(groups...)), public).Verdict
		if a < b {
			t.Fatalf("%v is %s, and with one more %s", groups, b, a)
		}
	})
}
