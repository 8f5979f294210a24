package aws

import (
	"bufio"
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"slices"
	"time"

	"github.com/trailhound/trailhound/internal/posture/pipeline/ladder"
)

// Step is how far a change has come.
type Step string

// The steps. The last four end a change.
const (
	Planned     Step = "PLANNED"      // the webhook is what the plan saw; nothing was sent
	Applying    Step = "APPLYING"     // the edit may have been sent
	Applied     Step = "APPLIED"      // the service took the edit
	RollingBack Step = "ROLLING_BACK" // the inverse may have been sent
	Verified    Step = "VERIFIED"     // read back, and it is what was asked for
	RolledBack  Step = "ROLLED_BACK"  // read back, and it is what was there before
	NothingDone Step = "NOTHING_DONE" // read back, and it never changed
	Conflict    Step = "CONFLICT"     // read back, and it is neither: somebody else changed it; Live says to what
)

// next is which step may follow which. A verified change can be rolled back.
var next = map[Step][]Step{
	"":          {Planned},
	Planned:     {Applying, NothingDone, Conflict},
	Applying:    {Applied, NothingDone, Conflict, Verified, RollingBack},
	Applied:     {Verified, RollingBack, Conflict, NothingDone},
	RollingBack: {RolledBack, Verified, Conflict},
	Verified:    {RollingBack},
	NothingDone: nil,
	RolledBack:  nil,
	Conflict:    nil,
}

// Final says whether nothing of the change is open.
func (s Step) Final() bool {
	return s == Verified || s == RolledBack || s == NothingDone || s == Conflict
}

// Entry is one line of the journal; see docs/formats/pipeline-journal.md. It
// holds no secret: a webhook's state has none.
type Entry struct {
	Format string    `json:"format"`
	Seq    int       `json:"seq"` // from 1
	At     time.Time `json:"at"`
	Change string    `json:"change"`
	Step   Step      `json:"step"`
	Actor  string    `json:"actor,omitempty"` // ARN of who applied it, or what is known of them
	Note   string    `json:"note,omitempty"`

	Project string `json:"project"`
	Account string `json:"account,omitempty"`
	Region  string `json:"region,omitempty"`

	Before     *ladder.State `json:"before,omitempty"` // with PLANNED
	After      *ladder.State `json:"after,omitempty"`  // with PLANNED
	BeforeHash string        `json:"before_sha256"`
	AfterHash  string        `json:"after_sha256"`
	Live       *ladder.State `json:"live,omitempty"` // what was read back, where it is neither
	Prev       string        `json:"prev_sha256"`    // of the line before: a line cannot be taken out unseen
}

// JournalFormat is the value of Entry.Format.
const JournalFormat = "trailhound-pipeline-journal/1"

// maxJournal bounds a journal that is read.
const maxJournal = 64 << 20

// Journal is a file of entries that only grows. It is held by one process at a
// time.
type Journal struct {
	file    *os.File
	now     func() time.Time
	entries []Entry
	prev    string
	sync    func() error // until what was written is on the disk
	failed  error        // an entry may be in the file or not, whole or torn: see append
	// Torn counts lines that were cut off, by a crash while they were written. They stay in the file.
	Torn int
}

// OpenJournal opens or makes a journal and locks it. Entries that do not follow
// from one another are an error: the file was edited, and nothing can be told
// from it.
func OpenJournal(path string, now func() time.Time) (*Journal, error) {
	f, err := os.OpenFile(path, os.O_RDWR|os.O_CREATE|os.O_APPEND, 0o600)
	if err != nil {
		return nil, fmt.Errorf("open journal: %w", err)
	}
	j := &Journal{file: f, now: now, sync: f.Sync}
	if err := lock(f); err != nil {
		f.Close()
		return nil, fmt.Errorf("open journal %s: another process holds it: %w", path, err)
	}
	if err := j.read(); err != nil {
		f.Close()
		return nil, fmt.Errorf("read journal %s: %w", path, err)
	}
	return j, nil
}

// Close lets go of the file.
func (j *Journal) Close() error { return j.file.Close() }

// Entries is everything that was journalled, in order.
func (j *Journal) Entries() []Entry { return slices.Clone(j.entries) }

func (j *Journal) read() error {
	data, err := io.ReadAll(io.LimitReader(j.file, maxJournal+1))
	if err != nil {
		return err
	}
	if len(data) > maxJournal {
		return fmt.Errorf("larger than %d MB", maxJournal>>20)
	}
	steps := map[string]Step{}
	sc := bufio.NewScanner(bytes.NewReader(data))
	sc.Buffer(nil, maxJournal)
	for n := 1; sc.Scan(); n++ {
		line := sc.Bytes()
		if len(line) == 0 {
			continue
		}
		var e Entry
		dec := json.NewDecoder(bytes.NewReader(line))
		dec.DisallowUnknownFields()
		if dec.Decode(&e) != nil || dec.More() {
			j.Torn++
			continue
		}
		switch {
		case e.Format != JournalFormat:
			return fmt.Errorf("line %d: the format is %q, not %s", n, e.Format, JournalFormat)
		case e.Seq != len(j.entries)+1, e.Prev != j.prev:
			return fmt.Errorf("line %d does not follow from the one before: the journal was edited", n)
		case !slices.Contains(next[steps[e.Change]], e.Step):
			return fmt.Errorf("line %d: %s cannot follow %s", n, e.Step, steps[e.Change])
		}
		steps[e.Change] = e.Step
		j.entries = append(j.entries, e)
		j.prev = sum(line)
	}
	if err := sc.Err(); err != nil {
		return err
	}
	if len(data) > 0 && data[len(data)-1] != '\n' {
		// A torn line is ended, so that the next one stands by itself.
		if _, err := j.file.WriteString("\n"); err != nil {
			return err
		}
	}
	return nil
}

func sum(line []byte) string {
	h := sha256.Sum256(line)
	return hex.EncodeToString(h[:])
}

// append writes an entry and waits until it is on the disk. Where that fails nobody knows
// what the file holds now, so nothing more is written: a further entry would stand behind
// half a line or take the number of the one before, and make the whole journal one that
// was edited. Opening it again reads what there is, and goes on.
func (j *Journal) append(e Entry) (Entry, error) {
	if j.failed != nil {
		return e, fmt.Errorf("journal: an entry before could not be written, so this one is not: open the journal again: %w", j.failed)
	}
	if last := j.step(e.Change); !slices.Contains(next[last], e.Step) {
		return e, fmt.Errorf("journal: %s cannot follow %q of change %s", e.Step, last, e.Change)
	}
	e.Format, e.Seq, e.At, e.Prev = JournalFormat, len(j.entries)+1, j.now().UTC(), j.prev
	var b bytes.Buffer
	enc := json.NewEncoder(&b)
	enc.SetEscapeHTML(false)
	if err := enc.Encode(e); err != nil {
		return e, fmt.Errorf("journal: %w", err)
	}
	if _, err := j.file.Write(b.Bytes()); err != nil {
		j.failed = err
		return e, fmt.Errorf("journal: %w", err)
	}
	if err := j.sync(); err != nil {
		j.failed = err
		return e, fmt.Errorf("journal: %w", err)
	}
	j.entries = append(j.entries, e)
	j.prev = sum(bytes.TrimSuffix(b.Bytes(), []byte("\n")))
	return e, nil
}

func (j *Journal) step(change string) Step {
	for _, e := range slices.Backward(j.entries) {
		if e.Change == change {
			return e.Step
		}
	}
	return ""
}

// Change is one change as the journal tells it.
type Change struct {
	Entry         // the last entry, with the states of the first
	Planned Entry // the first
}

// ErrNoChange is an id that the journal does not hold.
var ErrNoChange = errors.New("the journal holds no such change")

// Change is the change of an id.
func (j *Journal) Change(id string) (Change, error) {
	for _, c := range j.Changes() {
		if c.Entry.Change == id {
			return c, nil
		}
	}
	return Change{}, fmt.Errorf("%s: %w", id, ErrNoChange)
}

// Changes lists all changes, oldest first.
func (j *Journal) Changes() (out []Change) {
	at := map[string]int{}
	for _, e := range j.entries {
		i, seen := at[e.Change]
		if !seen {
			at[e.Change] = len(out)
			out = append(out, Change{Entry: e, Planned: e})
			continue
		}
		c := &out[i]
		c.Entry = e
		c.Before, c.After = c.Planned.Before, c.Planned.After
	}
	return out
}
