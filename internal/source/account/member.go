package account

import (
	"context"
	"errors"
	"slices"
	"time"

	"github.com/trailhound/trailhound/internal/source/awsapi"
)

// members are the other accounts of the organisation that are in use.
func (c *collection) members(own string) []string {
	e := c.index.find(own, global, listAccounts)
	// Without a whole list no member is entered. That there is none to enter is told
	// by the entry of ListAccounts.
	if e == nil || e.Status != Done {
		return nil
	}
	var out struct{ Accounts []struct{ Id, Status string } }
	if err := c.readBack(e, &out); err != nil {
		return nil
	}
	var ids []string
	for _, a := range out.Accounts {
		if a.Id != own && a.Status == "ACTIVE" {
			ids = append(ids, a.Id)
		}
	}
	slices.Sort(ids)
	return ids
}

// memberAction stands for getting into a member account.
const memberAction = "sts:AssumeRole"

// member gathers a member account. One that cannot be entered is noted.
func (c *collection) member(ctx context.Context, id string) error {
	cfg := c.o.Member(id)
	e, todo := c.begin(id, global, memberAction)
	if !todo && e.Status != Done {
		return ctx.Err()
	}
	// The account is asked for and not taken from the role's ARN: evidence must
	// never be filed under an account that it is not of.
	if who, err := c.identity(ctx, cfg); err != nil || who != id {
		if ctx.Err() != nil {
			return ctx.Err()
		}
		if err == nil {
			err = errors.New("the role led into account " + who)
		}
		c.end(e, err)
		if awsapi.TroubleOf(err) == awsapi.Refused {
			e.Reason = "the role in it may not be assumed (" + awsapi.Code(err) + ")"
		}
		return c.save()
	}
	c.end(e, nil)
	return c.account(ctx, id, cfg, false)
}

// wait pauses, unless there is no clock to wait by.
func (c *collection) wait(ctx context.Context, d time.Duration) error {
	t := time.NewTimer(d)
	defer t.Stop()
	select {
	case <-t.C:
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}
