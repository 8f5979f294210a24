package aws

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/trailhound/trailhound/internal/posture/pipeline/ladder"
)

// Live is a project's webhook as it is now.
type Live struct {
	State   ladder.State
	Managed string // which infrastructure-as-code owns it, "" for none
}

// Account is where changes are made. Client is the real one.
type Account interface {
	// Webhook reads the webhook of a project.
	Webhook(ctx context.Context, region, project string) (Live, error)
	// UpdateWebhook makes the webhook of a project what to says. from is what it is taken to be.
	UpdateWebhook(ctx context.Context, region, project string, from, to ladder.State) error
}

// Engine makes changes.
type Engine struct {
	Account  Account
	Journal  *Journal
	Actor    string        // who is doing this, for the journal
	Patience time.Duration // how long the service may take to show what it took; 0 for a minute
	Sleep    func(context.Context, time.Duration) error

	crash func(string) // tests: called before and after every step
}

// Errors of what is refused before anything was sent.
var (
	ErrNoConsent = errors.New("nobody consented to this plan")
	ErrRefused   = errors.New("the plan takes no step")
	ErrManaged   = errors.New("infrastructure-as-code owns the project")
)

// Moved is a webhook that is no longer what the plan, or the change to be rolled
// back, left it as.
type Moved struct {
	Project string
	Want    ladder.State // what it should be for this to go on
	Live    ladder.State
}

// Error says which project it is.
func (m *Moved) Error() string {
	return fmt.Sprintf("the webhook of %s is no longer what it was: somebody changed it", m.Project)
}

// Apply makes one planned change. consent is the plan's id, given by whoever has
// seen the plan. The change that is returned is final unless the error says that
// the journal could not be written.
func (e *Engine) Apply(ctx context.Context, p *ladder.Plan, consent string) (Change, error) {
	if err := sound(p); err != nil {
		return Change{}, err
	}
	if consent == "" || consent != p.ID {
		return Change{}, ErrNoConsent
	}
	if _, err := e.Settle(ctx); err != nil {
		return Change{}, err
	}
	live, err := e.Account.Webhook(ctx, p.Region, p.Project)
	switch {
	case err != nil:
		return Change{}, err
	case live.Managed != "":
		return Change{}, fmt.Errorf("%w: %s", ErrManaged, live.Managed)
	case live.State.Hash() != p.BeforeHash:
		return Change{}, &Moved{p.Project, p.Before, live.State}
	}
	c := Entry{Change: fmt.Sprintf("%s-%d", p.ID, len(e.Journal.entries)+1), Actor: e.Actor, Project: p.Project, Account: p.Account, Region: p.Region,
		BeforeHash: p.BeforeHash, AfterHash: p.AfterHash}
	first := c
	// What is restored is what was read, to the letter: order and all.
	before, after := live.State, p.After
	first.Before, first.After = &before, &after
	if err := e.note(first, Planned, "", nil); err != nil {
		return Change{}, err
	}
	// From here on an interrupt no longer ends the program in the middle.
	ctx, cancel := e.patient(ctx)
	defer cancel()
	if err := e.note(c, Applying, "", nil); err != nil {
		return Change{}, err
	}
	e.at("before the call")
	sent := e.Account.UpdateWebhook(ctx, p.Region, p.Project, before, after)
	e.at("after the call")
	if sent == nil {
		if err := e.note(c, Applied, "", nil); err != nil {
			return Change{}, err
		}
	}
	return e.verify(ctx, c, before, after, sent)
}

// sound refuses a plan that is none, or that does not hang together.
func sound(p *ladder.Plan) error {
	switch {
	case p.Refused != "":
		return fmt.Errorf("%w: %s", ErrRefused, p.Refused)
	case p.Managed != "":
		return fmt.Errorf("%w: %s", ErrManaged, p.Managed)
	case p.Project == "" || p.Region == "":
		return fmt.Errorf("%w: it names no project and region", ErrRefused)
	case p.Before.Hash() != p.BeforeHash || p.After.Hash() != p.AfterHash || p.BeforeHash == p.AfterHash || !p.Genuine():
		return fmt.Errorf("%w: it was edited after it was made", ErrRefused)
	}
	return nil
}

// verify reads back and ends the change.
func (e *Engine) verify(ctx context.Context, c Entry, before, after ladder.State, sent error) (Change, error) {
	note := ""
	if sent != nil {
		note = "the call failed: " + sent.Error()
	}
	live, err := e.readBack(ctx, c, after)
	if err != nil {
		// Nothing is known, so nothing is claimed: the change stays open and settling goes on from here.
		return Change{}, fmt.Errorf("the change %s is sent but could not be read back: %w", c.Change, err)
	}
	switch {
	case live.Equal(after):
		return e.end(c, Verified, note, nil)
	case live.Equal(before):
		return e.end(c, NothingDone, note, nil)
	case sent != nil:
		// We were refused, and it is neither what it was nor what we asked for: that was somebody else.
		return e.end(c, Conflict, note, &live)
	}
	return e.takeBack(ctx, c, live, before, "what was read back is not what was asked for")
}

// takeBack makes the webhook again what it was.
func (e *Engine) takeBack(ctx context.Context, c Entry, live, before ladder.State, why string) (Change, error) {
	if err := e.note(c, RollingBack, why, &live); err != nil {
		return Change{}, err
	}
	e.at("before the inverse")
	sent := e.Account.UpdateWebhook(ctx, c.Region, c.Project, live, before)
	e.at("after the inverse")
	if sent != nil {
		why += "; the call failed: " + sent.Error()
	}
	now, err := e.readBack(ctx, c, before)
	switch {
	case err != nil:
		return Change{}, fmt.Errorf("the change %s is being rolled back but could not be read back: %w", c.Change, err)
	case now.Equal(before):
		return e.end(c, RolledBack, why, nil)
	case now.Hash() == c.AfterHash:
		return e.end(c, Verified, why+"; it could not be rolled back and stands", nil)
	}
	return e.end(c, Conflict, why, &now)
}

// readBack reads until the webhook is what is wanted, or patience ends: reads of
// the service may lag behind its writes.
func (e *Engine) readBack(ctx context.Context, c Entry, want ladder.State) (ladder.State, error) {
	var last ladder.State
	for try := range 5 {
		if try > 0 && e.Sleep != nil {
			if err := e.Sleep(ctx, time.Duration(try)*time.Second); err != nil {
				return last, err
			}
		}
		live, err := e.Account.Webhook(ctx, c.Region, c.Project)
		if err != nil {
			return last, err
		}
		if last = live.State; last.Equal(want) {
			break
		}
	}
	return last, nil
}

// Rollback takes a verified change back, if the webhook still is what the change
// made it. consent is the change's id.
func (e *Engine) Rollback(ctx context.Context, id, consent string) (Change, error) {
	if _, err := e.Settle(ctx); err != nil {
		return Change{}, err
	}
	c, err := e.Journal.Change(id)
	switch {
	case err != nil:
		return Change{}, err
	case consent != id:
		return Change{}, ErrNoConsent
	case c.Step != Verified:
		return Change{}, fmt.Errorf("%w: the change ended as %s, so there is nothing to take back", ErrRefused, c.Step)
	}
	live, err := e.Account.Webhook(ctx, c.Region, c.Project)
	switch {
	case err != nil:
		return Change{}, err
	case live.Managed != "":
		return Change{}, fmt.Errorf("%w: %s", ErrManaged, live.Managed)
	case live.State.Hash() != c.AfterHash:
		return Change{}, &Moved{c.Project, *c.After, live.State}
	}
	ctx, cancel := e.patient(ctx)
	defer cancel()
	bare := c.Entry
	bare.Before, bare.After, bare.Live, bare.Note, bare.Actor = nil, nil, nil, "", e.Actor
	return e.takeBack(ctx, bare, live.State, *c.Before, "asked for")
}

func (e *Engine) patient(ctx context.Context) (context.Context, context.CancelFunc) {
	d := e.Patience
	if d == 0 {
		d = time.Minute
	}
	return context.WithTimeout(context.WithoutCancel(ctx), d)
}

func (e *Engine) end(c Entry, s Step, note string, live *ladder.State) (Change, error) {
	if err := e.note(c, s, note, live); err != nil {
		return Change{}, err
	}
	return e.Journal.Change(c.Change)
}

func (e *Engine) note(c Entry, s Step, note string, live *ladder.State) error {
	e.at("before " + string(s))
	c.Step, c.Note, c.Live = s, note, live
	_, err := e.Journal.append(c)
	e.at("after " + string(s))
	return err
}

func (e *Engine) at(point string) {
	if e.crash != nil {
		e.crash(point)
	}
}
