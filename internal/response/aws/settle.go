package aws

import (
	"context"
	"fmt"
)

// Settle ends every change that the journal left open, by reading what is live:
// the program was killed, or could not read back. It changes nothing but a
// half-way rollback, which it finishes. The changes that it ended are returned.
func (e *Engine) Settle(ctx context.Context) ([]Change, error) {
	var out []Change
	for _, c := range e.Journal.Changes() {
		if c.Step.Final() {
			continue
		}
		live, err := e.Account.Webhook(ctx, c.Region, c.Project)
		if err != nil {
			return out, fmt.Errorf("settle the change %s of %s: %w", c.Entry.Change, c.Project, err)
		}
		bare := c.Entry
		bare.Before, bare.After, bare.Live = nil, nil, nil
		bare.Actor = e.Actor
		ended, err := e.settle(ctx, bare, c, live)
		if err != nil {
			return out, err
		}
		out = append(out, ended)
	}
	return out, nil
}

func (e *Engine) settle(ctx context.Context, bare Entry, c Change, live Live) (Change, error) {
	const note = "settled after an interruption"
	hash := live.State.Hash()
	switch {
	case c.Step == RollingBack && hash == c.BeforeHash:
		return e.end(bare, RolledBack, note, nil)
	case c.Step == RollingBack && live.Managed == "" && (hash == c.AfterHash || c.Live != nil && hash == c.Live.Hash()):
		// The rollback had been decided, by somebody or because the step could not be verified; it had not been sent.
		sent := e.Account.UpdateWebhook(ctx, c.Region, c.Project, live.State, *c.Before)
		now, err := e.readBack(ctx, bare, *c.Before)
		switch {
		case err != nil:
			return Change{}, err
		case now.Hash() == c.BeforeHash:
			return e.end(bare, RolledBack, note, nil)
		case now.Hash() == c.AfterHash:
			why := note + "; it could not be rolled back and stands"
			if sent != nil { // refused; else the service took it and changed nothing
				why += ": " + sent.Error()
			}
			return e.end(bare, Verified, why, nil)
		}
		return e.end(bare, Conflict, note, &now)
	case c.Step == Planned:
		return e.end(bare, NothingDone, note, nil)
	case hash == c.AfterHash:
		return e.end(bare, Verified, note, nil)
	case hash == c.BeforeHash:
		return e.end(bare, NothingDone, note, nil)
	}
	return e.end(bare, Conflict, note, &live.State)
}
