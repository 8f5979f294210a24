package aws

import (
	"context"
	"errors"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"pgregory.net/rapid"

	"github.com/trailhound/trailhound/internal/posture/pipeline/ladder"
	"github.com/trailhound/trailhound/internal/posture/pipeline/model"
)

// account is one webhook in memory and what can go wrong with it.
type account struct {
	live    ladder.State
	managed string
	writes  int
	reads   int
	// update, if set, stands in for the service: it may store something else, fail before or after.
	update func(a *account, to ladder.State) error
	// edit, if set, is somebody else, asked before each read.
	edit func(a *account)
}

func (a *account) Webhook(context.Context, string, string) (Live, error) {
	a.reads++
	if a.edit != nil {
		a.edit(a)
	}
	return Live{State: a.live.Clone(), Managed: a.managed}, nil
}

func (a *account) UpdateWebhook(_ context.Context, _, _ string, _, to ladder.State) error {
	a.writes++
	if a.update != nil {
		return a.update(a, to)
	}
	a.live = to.Clone()
	return nil
}

var clock = func() time.Time { return time.Date(2026, 11, 2, 10, 0, 0, 0, time.UTC) }

func journal(t testing.TB, path string) *Journal {
	t.Helper()
	j, err := OpenJournal(path, clock)
	if err != nil {
		t.Fatal(err)
	}
	j.sync = func() error { return nil } // what a killed process wrote, the system still has
	return j
}

func openPulls() ladder.State {
	return ladder.State{FilterGroups: [][]ladder.Filter{{{Type: "EVENT", Pattern: "PULL_REQUEST_CREATED,PULL_REQUEST_UPDATED,PUSH"}}}}
}

func plan(t testing.TB, s ladder.State) *ladder.Plan {
	t.Helper()
	p := &model.Project{Form: model.API, Name: model.Of("web"), ARN: model.Of("arn:aws:codebuild:eu-west-1:111122223333:project/web"), Account: "111122223333", Region: "eu-west-1",
		Source: model.Source{Type: model.Of("GITHUB")}, Webhook: model.Of(s.Webhook(model.Webhook{}))}
	out := ladder.Make(p, ladder.Options{})
	if out.Refused != "" {
		t.Fatalf("no plan: %s", out.Refused)
	}
	return &out
}

func TestApplyThenRollbackIsIdentity(t *testing.T) {
	a := &account{live: openPulls()}
	e := &Engine{Account: a, Journal: journal(t, filepath.Join(t.TempDir(), "j")), Actor: "arn:aws:iam::111122223333:user/bob"}
	p := plan(t, a.live)
	c, err := e.Apply(t.Context(), p, p.ID)
	if err != nil || c.Step != Verified || !a.live.Equal(p.After) {
		t.Fatalf("%v, %s, %+v", err, c.Step, a.live)
	}
	if _, err := e.Rollback(t.Context(), c.Entry.Change, ""); !errors.Is(err, ErrNoConsent) || a.writes != 1 {
		t.Fatalf("a rollback without consent: %v, %d writes", err, a.writes)
	}
	c, err = e.Rollback(t.Context(), c.Entry.Change, c.Entry.Change)
	if err != nil || c.Step != RolledBack {
		t.Fatalf("%v, %s", err, c.Step)
	}
	// Exact: not only the same in effect, but to the letter.
	if want := openPulls(); len(a.live.FilterGroups) != 1 || !slices.Equal(a.live.FilterGroups[0], want.FilterGroups[0]) {
		t.Errorf("%+v", a.live)
	}
	if _, err := e.Rollback(t.Context(), c.Entry.Change, c.Entry.Change); !errors.Is(err, ErrRefused) {
		t.Errorf("a second rollback: %v", err)
	}
}

func TestNothingIsSentWithoutConsentOrOutOfTurn(t *testing.T) {
	good := plan(t, openPulls())
	edited := *good
	edited.After.FilterGroups = [][]ladder.Filter{{{Type: "EVENT", Pattern: "PUSH,PULL_REQUEST_CREATED"}}}
	rehashed := edited
	rehashed.AfterHash = edited.After.Hash()
	refused, owned := *good, *good
	refused.Refused, owned.Managed = "why", "a stack"
	for name, c := range map[string]struct {
		plan    ladder.Plan
		consent string
		account account
		want    error
	}{
		"no consent":              {*good, "", account{live: openPulls()}, ErrNoConsent},
		"consent to another plan": {*good, "0123456789abcdef", account{live: openPulls()}, ErrNoConsent},
		"edited plan":             {edited, good.ID, account{live: openPulls()}, ErrRefused},
		"edited and rehashed":     {rehashed, good.ID, account{live: openPulls()}, ErrRefused},
		"refused plan":            {refused, good.ID, account{live: openPulls()}, ErrRefused},
		"planned for a template":  {owned, good.ID, account{live: openPulls()}, ErrManaged},
		"owned by a stack now":    {*good, good.ID, account{live: openPulls(), managed: "a stack"}, ErrManaged},
	} {
		t.Run(name, func(t *testing.T) {
			a := c.account
			e := &Engine{Account: &a, Journal: journal(t, filepath.Join(t.TempDir(), "j"))}
			if _, err := e.Apply(t.Context(), &c.plan, c.consent); !errors.Is(err, c.want) {
				t.Errorf("%v, want %v", err, c.want)
			}
			if a.writes != 0 || len(e.Journal.Entries()) != 0 {
				t.Errorf("%d writes, %d entries", a.writes, len(e.Journal.Entries()))
			}
		})
	}
	other := ladder.State{FilterGroups: [][]ladder.Filter{{{Type: "EVENT", Pattern: "PUSH"}}}}
	a := &account{live: other}
	e := &Engine{Account: a, Journal: journal(t, filepath.Join(t.TempDir(), "j"))}
	_, err := e.Apply(t.Context(), good, good.ID)
	var moved *Moved
	if !errors.As(err, &moved) || !moved.Live.Equal(other) || a.writes != 0 {
		t.Errorf("a plan that is out of date: %v, %d writes", err, a.writes)
	}
}

func TestWhatTheServiceDoesWithAnEdit(t *testing.T) {
	mangled := ladder.State{FilterGroups: [][]ladder.Filter{{{Type: "EVENT", Pattern: "PUSH"}, {Type: "HEAD_REF", Pattern: "^x$"}}}}
	failure := errors.New("InternalError")
	calls := 0
	for name, c := range map[string]struct {
		update func(*account, ladder.State) error
		edit   func(*account)
		want   Step
		live   func(p *ladder.Plan) ladder.State
	}{
		"fails before it does anything": {update: func(*account, ladder.State) error { return failure }, want: NothingDone, live: func(p *ladder.Plan) ladder.State { return p.Before }},
		"fails after it did it":         {update: func(a *account, to ladder.State) error { a.live = to; return failure }, want: Verified, live: func(p *ladder.Plan) ladder.State { return p.After }},
		"ignores it":                    {update: func(*account, ladder.State) error { return nil }, want: NothingDone, live: func(p *ladder.Plan) ladder.State { return p.Before }},
		"stores something else once": {update: func(a *account, to ladder.State) error {
			if calls++; calls == 1 {
				a.live = mangled
			} else {
				a.live = to
			}
			return nil
		}, want: RolledBack, live: func(p *ladder.Plan) ladder.State { return p.Before }},
		"stores something else always":         {update: func(a *account, _ ladder.State) error { a.live = mangled; return nil }, want: Conflict, live: func(*ladder.Plan) ladder.State { return mangled }},
		"is refused while somebody else edits": {update: func(a *account, _ ladder.State) error { a.live = mangled; return failure }, want: Conflict, live: func(*ladder.Plan) ladder.State { return mangled }},
	} {
		t.Run(name, func(t *testing.T) {
			calls = 0
			a := &account{live: openPulls(), update: c.update, edit: c.edit}
			e := &Engine{Account: a, Journal: journal(t, filepath.Join(t.TempDir(), "j"))}
			p := plan(t, a.live)
			got, err := e.Apply(t.Context(), p, p.ID)
			if err != nil || got.Step != c.want || !a.live.Equal(c.live(p)) {
				t.Errorf("%v, %s want %s; live %+v", err, got.Step, c.want, a.live)
			}
			if got.Step == Conflict && (got.Live == nil || !got.Live.Equal(a.live)) {
				t.Errorf("a conflict that does not say what is live: %+v", got.Live)
			}
		})
	}
}

// lagging shows what was written only after so many reads.
type lagging struct {
	account
	shown ladder.State
	lag   int
}

func (l *lagging) Webhook(ctx context.Context, r, p string) (Live, error) {
	if l.lag--; l.lag <= 0 {
		l.shown = l.live
	}
	return Live{State: l.shown.Clone()}, nil
}

func TestReadsThatLagAreWaitedFor(t *testing.T) {
	l := &lagging{account: account{live: openPulls()}, shown: openPulls(), lag: 4}
	slept := 0
	e := &Engine{Account: l, Journal: journal(t, filepath.Join(t.TempDir(), "j")), Sleep: func(context.Context, time.Duration) error { slept++; return nil }}
	p := plan(t, openPulls())
	if c, err := e.Apply(t.Context(), p, p.ID); err != nil || c.Step != Verified || slept == 0 {
		t.Errorf("%v, %s, slept %d times", err, c.Step, slept)
	}
}

// TestKilledAnywhere kills the program at every point of an application and of a
// rollback, starts again, and wants the journal to say what is live.
func TestKilledAnywhere(t *testing.T) {
	mangled := ladder.State{FilterGroups: [][]ladder.Filter{{{Type: "EVENT", Pattern: "PUSH"}, {Type: "HEAD_REF", Pattern: "^x$"}}}}
	for _, mode := range []string{"apply", "rollback", "mangled"} {
		for point := 0; ; point++ {
			path := filepath.Join(t.TempDir(), "j")
			a := &account{live: openPulls()}
			if mode == "mangled" {
				first := true
				a.update = func(a *account, to ladder.State) error {
					if a.live = to; first {
						a.live, first = mangled, false
					}
					return nil
				}
			}
			p := plan(t, a.live)
			if mode == "rollback" {
				e := &Engine{Account: a, Journal: journal(t, path)}
				c, err := e.Apply(t.Context(), p, p.ID)
				if err != nil || c.Step != Verified {
					t.Fatal(err, c.Step)
				}
				e.Journal.Close()
			}
			e := &Engine{Account: a, Journal: journal(t, path)}
			killed, n := "", 0
			e.crash = func(at string) {
				if n++; n == point+1 {
					killed = at
					panic("killed")
				}
			}
			func() {
				defer func() { _ = recover() }()
				if mode == "rollback" {
					id := e.Journal.Changes()[0].Entry.Change
					_, _ = e.Rollback(t.Context(), id, id)
					return
				}
				_, _ = e.Apply(t.Context(), p, p.ID)
			}()
			e.Journal.Close()
			if killed == "" {
				if point < 6 {
					t.Fatalf("%s has only %d points to be killed at", mode, point)
				}
				break
			}
			again := &Engine{Account: a, Journal: journal(t, path)}
			if _, err := again.Settle(t.Context()); err != nil {
				t.Fatalf("%s killed %s: %v", mode, killed, err)
			}
			changes := again.Journal.Changes()
			if len(changes) == 0 {
				if !a.live.Equal(p.Before) {
					t.Errorf("%s killed %s: changed and not journalled", mode, killed)
				}
				continue
			}
			c := changes[0]
			want := map[Step]ladder.State{Verified: p.After, RolledBack: p.Before, NothingDone: p.Before, Conflict: a.live}[c.Step]
			if !c.Step.Final() || !a.live.Equal(want) {
				t.Errorf("%s killed %s: the journal says %s, live is %+v", mode, killed, c.Step, a.live)
			}
			if c.Step == Conflict && mode != "mangled" {
				t.Errorf("%s killed %s: a conflict with nobody", mode, killed)
			}
			// Settling again has nothing left to do.
			if more, err := again.Settle(t.Context()); err != nil || len(more) > 0 {
				t.Errorf("%s killed %s: settled again: %v, %v", mode, killed, more, err)
			}
			again.Journal.Close()
		}
	}
}

func TestJournalNoticesEdits(t *testing.T) {
	path := filepath.Join(t.TempDir(), "j")
	a := &account{live: openPulls()}
	e := &Engine{Account: a, Journal: journal(t, path)}
	p := plan(t, a.live)
	if _, err := e.Apply(t.Context(), p, p.ID); err != nil {
		t.Fatal(err)
	}
	if _, err := OpenJournal(path, clock); err == nil || !strings.Contains(err.Error(), "another process") {
		t.Errorf("two hold one journal: %v", err)
	}
	e.Journal.Close()
	whole, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	lines := strings.SplitAfter(strings.TrimSuffix(string(whole), "\n"), "\n")
	for name, text := range map[string]string{
		"a line taken out": lines[0] + strings.Join(lines[2:], ""),
		"a word changed":   strings.Replace(string(whole), "PULL_REQUEST_UPDATED", "PULL_REQUEST_CLOSED", 1),
		"lines exchanged":  lines[1] + lines[0],
		"another format":   strings.Replace(string(whole), "journal/1", "journal/2", 1),
	} {
		if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
		if _, err := OpenJournal(path, clock); err == nil {
			t.Errorf("%s: the journal was taken", name)
		}
	}
	// A line torn by a crash is set aside and stays.
	if err := os.WriteFile(path, append(whole, `{"format":"trailhound-pipe`...), 0o600); err != nil {
		t.Fatal(err)
	}
	j := journal(t, path)
	if j.Torn != 1 || len(j.Entries()) != len(lines) {
		t.Errorf("%d torn, %d entries", j.Torn, len(j.Entries()))
	}
	e = &Engine{Account: a, Journal: j}
	id := j.Changes()[0].Entry.Change
	if c, err := e.Rollback(t.Context(), id, id); err != nil || c.Step != RolledBack {
		t.Errorf("after a torn line: %v, %s", err, c.Step)
	}
	j.Close()
	if j = journal(t, path); j.Torn != 1 || j.Changes()[0].Step != RolledBack {
		t.Errorf("%d torn, %s", j.Torn, j.Changes()[0].Step)
	}
}

// TestInverseAfterApplyIsIdentity does so for webhooks of every shape.
func TestInverseAfterApplyIsIdentity(t *testing.T) {
	dir := t.TempDir()
	n := 0
	rapid.Check(t, func(rt *rapid.T) {
		n++
		s := randomState(rt)
		p := &model.Project{Form: model.API, Name: model.Of("web"), Region: "eu-west-1", Source: model.Source{Type: model.Of("GITHUB")}, Webhook: model.Of(s.Webhook(model.Webhook{}))}
		target := ladder.Target{Rung: ladder.Rung(rapid.IntRange(1, 3).Draw(rt, "rung")), Approval: true}
		pl := ladder.Make(p, ladder.Options{Target: target, Force: true})
		if pl.Refused != "" {
			return
		}
		a := &account{live: s}
		e := &Engine{Account: a, Journal: journal(t, filepath.Join(dir, "j"+time.Duration(n).String()))}
		defer e.Journal.Close()
		c, err := e.Apply(context.Background(), &pl, pl.ID)
		if err != nil || c.Step != Verified && !pl.Before.Equal(pl.After) {
			rt.Fatalf("%v %s", err, c.Step)
		}
		c, err = e.Rollback(context.Background(), c.Entry.Change, c.Entry.Change)
		if err != nil || c.Step != RolledBack || a.live.Hash() != s.Hash() {
			rt.Fatalf("%v %s: %+v is not %+v", err, c.Step, a.live, s)
		}
	})
}

// randomState draws a webhook.
func randomState(t *rapid.T) ladder.State {
	filter := rapid.Custom(func(t *rapid.T) ladder.Filter {
		kind := rapid.SampledFrom([]string{"HEAD_REF", "BASE_REF", "ACTOR_ACCOUNT_ID", "FILE_PATH", "COMMIT_MESSAGE"}).Draw(t, "type")
		return ladder.Filter{Type: kind, Pattern: rapid.SampledFrom([]string{"^refs/heads/main$", "main", "^(1|2)$", "12", "a|b", "^x"}).Draw(t, "pattern"), Exclude: rapid.Bool().Draw(t, "exclude")}
	})
	group := rapid.Custom(func(t *rapid.T) []ladder.Filter {
		events := rapid.SliceOfNDistinct(rapid.SampledFrom([]string{"PUSH", "PULL_REQUEST_CREATED", "PULL_REQUEST_UPDATED", "PULL_REQUEST_MERGED", "PULL_REQUEST_CLOSED", "RELEASED"}), 1, 4, rapid.ID).Draw(t, "events")
		return append([]ladder.Filter{{Type: "EVENT", Pattern: strings.Join(events, ", ")}}, rapid.SliceOfN(filter, 0, 3).Draw(t, "filters")...)
	})
	s := ladder.State{FilterGroups: rapid.SliceOfN(group, 0, 4).Draw(t, "groups")}
	if rapid.Bool().Draw(t, "policy") {
		s.Policy = &ladder.Policy{Requires: rapid.SampledFrom([]string{"DISABLED", "ALL_PULL_REQUESTS", "FORK_PULL_REQUESTS"}).Draw(t, "requires"), Roles: []string{"GITHUB_READ", "GITHUB_WRITE"}}
	}
	return s
}

// A disk that is full for a moment must not make the journal one that was edited: what
// could not be written ends the writing, and opening it again reads what there is.
func TestNothingFollowsAnEntryThatCouldNotBeWritten(t *testing.T) {
	path := filepath.Join(t.TempDir(), "j")
	a := &account{live: openPulls()}
	j := journal(t, path)
	e := &Engine{Account: a, Journal: j}
	p := plan(t, a.live)
	j.sync = func() error { return errors.New("no space left on device") }
	if _, err := e.Apply(t.Context(), p, p.ID); err == nil || a.writes > 0 {
		t.Fatalf("%v, %d edits sent", err, a.writes)
	}
	j.sync = func() error { return nil }
	if _, err := e.Apply(t.Context(), p, p.ID); err == nil || !strings.Contains(err.Error(), "open the journal again") || a.writes > 0 {
		t.Errorf("%v, %d edits sent", err, a.writes)
	}
	j.Close()
	e.Journal = journal(t, path)
	if c, err := e.Apply(t.Context(), p, p.ID); err != nil || c.Step != Verified {
		t.Errorf("%v, %v", c.Step, err)
	}
}
