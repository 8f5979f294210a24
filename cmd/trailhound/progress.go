package main

import (
	"fmt"
	"io/fs"
	"path/filepath"
	"time"

	"github.com/trailhound/trailhound/internal/store"
)

// bar is one line on stderr that says what is going on. It shows only on a
// terminal, at most ten times a second, and wipes itself.
type bar struct {
	a     *app
	what  string    // the word that lines of an import begin with
	start time.Time // since when the speed is counted
	last  time.Time // when the line was written last: ten times a second are enough
	total int64     // bytes to read, 0 if not known
	shown bool      // something is on the line, which end has to wipe
}

// bar begins a line, which shows with the first thing said; what is the word that import lines begin with.
func (a *app) bar(what string) *bar {
	now := a.now()
	return &bar{a: a, what: what, start: now}
}

// say shows a text in place of the last one. Texts are the program's own and hold nothing
// of the evidence.
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

// measure finds out how much there is to read, so that the line can say how long
// it will take. What is not on disk stays unknown, and nothing is said then.
func (b *bar) measure(paths []string) {
	if !b.a.progress {
		return
	}
	// An error (a bucket, standard input, no permission) makes the total unknown: half of one would
	// promise an end that does not come.
	for _, p := range paths {
		err := filepath.WalkDir(p, func(_ string, d fs.DirEntry, err error) error {
			if err != nil || !d.Type().IsRegular() {
				return err
			}
			info, err := d.Info()
			if err == nil {
				b.total += info.Size()
			}
			return err
		})
		if err != nil {
			b.total = 0
			return
		}
	}
}

// importing is called while evidence is read, and again while it is put in order.
func (b *bar) importing(p store.Progress) {
	if p.Settling {
		b.say(fmt.Sprintf("putting %d events in order", p.Records))
		return
	}
	b.say(importLine(b.what, p, b.total, b.a.now().Sub(b.start)))
}

// importLine says how far reading has come, how fast it goes, and, where the
// total is known, how long it will take. total is bytes, 0 if unknown.
func importLine(what string, p store.Progress, total int64, spent time.Duration) string {
	seconds := max(spent.Seconds(), 0.001)
	line := fmt.Sprintf("%s: %d files, %d events, %.1f MB", what, p.Artifacts, p.Records, float64(p.Bytes)/1e6)
	if total > 0 {
		line += fmt.Sprintf(" of %.1f", float64(total)/1e6)
	}
	line += fmt.Sprintf(", %.0f events/s", float64(p.Records)/seconds)
	if p.Rejected > 0 {
		line += fmt.Sprintf(", %d set aside", p.Rejected)
	}
	// The first seconds tell nothing yet; archives count their members too, and
	// may pass the total.
	if left := total - p.Bytes; p.Bytes > 0 && left > 0 && seconds >= 2 {
		line += fmt.Sprintf(", %s left", (time.Duration(seconds * float64(left) / float64(p.Bytes) * float64(time.Second))).Round(time.Second))
	}
	return line
}

// step shows what is being done now.
func (b *bar) step(what string) { b.say(what) }

// end wipes the line; it may be called again and again.
func (b *bar) end() {
	if b.shown {
		fmt.Fprint(b.a.stderr, "\r\x1b[K")
		b.shown = false
	}
}
