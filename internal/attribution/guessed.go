package attribution

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/trailhound/trailhound/internal/evidence"
)

// A password is held to have been guessed after so many wrong ones in so short a time.
const (
	wrongPasswords = 3
	guessWindow    = time.Hour
	guessLook      = 1000 // events back, at most: a flood must not cost its square
)

// guesses finds the sign-ins to the console that followed wrong passwords from the very
// address, without a second factor. The record alone tells of the factor, so it is read for
// those few.
func (r *run) guesses(ctx context.Context, p *person) error {
	var after []string
	for i := range p.events {
		if in := &p.events[i]; signsIn(in) && p.wrongBefore(i) >= wrongPasswords {
			after = append(after, in.ID)
		}
	}
	if len(after) == 0 {
		return nil
	}
	for e, err := range r.q.Events(ctx, evidence.Query{IDs: after, Body: true}) {
		if err != nil {
			return fmt.Errorf("read sign-ins after wrong passwords: %w", err)
		}
		if rec, err := e.Parse(); err == nil && signsIn(&e) && !secondFactor(rec) {
			p.guesses = append(p.guesses, e.ID)
		}
	}
	return nil
}

func signsIn(e *evidence.Event) bool {
	return e.Name == "ConsoleLogin" && e.Outcome() == evidence.Success
}

// secondFactor says whether a sign-in to the console says that it brought one.
func secondFactor(r evidence.Record) bool {
	return strings.EqualFold(r.Str("additionalEventData.MFAUsed"), "Yes")
}

// wrongBefore counts the wrong passwords from the address of event i in the time before it.
func (p *person) wrongBefore(i int) (n int) {
	in := &p.events[i]
	for k := i - 1; k >= max(0, i-guessLook) && in.Time.Sub(p.events[k].Time) <= guessWindow; k-- {
		if e := &p.events[k]; e.Name == "ConsoleLogin" && e.SourceIP == in.SourceIP && e.Outcome() == evidence.Failure {
			n++
		}
	}
	return n
}

// guessed says whether a cluster signed in with a password that was guessed where the
// principal never was before. Owners mistype too, but at home, or bring a second factor.
func (p *person) guessed(c *Cluster) bool {
	return p.baseline.networks[c.Network] == 0 && slices.ContainsFunc(c.events, func(i int) bool { return slices.Contains(p.guesses, p.events[i].ID) })
}
