package main

import (
	"fmt"
	"time"

	"github.com/trailhound/trailhound/internal/store"
)

// bar is one line on stderr that says what is going on. It shows only on a
// terminal, at most ten times a second, and wipes itself.
type bar struct {
	a     *app
	what  string
	start time.Time
	last  time.Time
	shown bool
}

func (a *app) bar(what string) *bar {
	now := a.now()
	return &bar{a: a, what: what, start: now}
}

func (b *bar) say(text string) {
	if !b.a.progress {
		return
	}
	now := b.a.now()
	if b.shown && now.Sub(b.last) < 100*time.Millisecond {
		return
	}
	b.last, b.shown = now, true
	fmt.Fprintf(b.a.stderr, "\r\x1b[K%s", text)
}

func (b *bar) importing(p store.Progress) {
	seconds := b.a.now().Sub(b.start).Seconds()
	if p.Settling {
		b.say(fmt.Sprintf("putting %d events in order", p.Records))
		return
	}
	rate := float64(p.Records) / max(seconds, 0.001)
	b.say(fmt.Sprintf("%s: %d files, %d events, %.1f MB, %.0f events/s", b.what, p.Artifacts, p.Records, float64(p.Bytes)/1e6, rate))
}

func (b *bar) step(what string) { b.say(what) }

func (b *bar) end() {
	if b.shown {
		fmt.Fprint(b.a.stderr, "\r\x1b[K")
		b.shown = false
	}
}
