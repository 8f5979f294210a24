package notice

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"time"
)

// Told is the memory of what was sent, one JSON object a line, which is only ever
// appended to. Without it every run would tell everything again.
type Told struct {
	path string
	keys map[string]bool // receiver and key
	torn bool            // the last line was not finished
}

// line is one notice that a receiver took.
type line struct {
	Key string    `json:"key"`
	To  string    `json:"to"` // Sender.ID
	At  time.Time `json:"at"`
}

// OpenTold reads the memory at a path; there may be none yet. Lines that are none,
// as a crash leaves them, are passed over: at worst something is told twice.
func OpenTold(path string) (*Told, error) {
	t := &Told{path: path, keys: map[string]bool{}}
	data, err := os.ReadFile(path)
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		return nil, fmt.Errorf("read what was told: %w", err)
	}
	for raw := range bytes.Lines(data) {
		var l line
		if json.Unmarshal(raw, &l) == nil {
			t.keys[l.To+" "+l.Key] = true
		}
		t.torn = raw[len(raw)-1] != '\n'
	}
	return t, nil
}

// Knows says whether a receiver was told.
func (t *Told) Knows(to, key string) bool { return t.keys[to+" "+key] }

// Add remembers that a receiver was told, on the disk before it returns.
func (t *Told) Add(to, key string, at time.Time) (err error) {
	data, err := json.Marshal(line{key, to, at.UTC()})
	if err != nil {
		return fmt.Errorf("remember what was told: %w", err)
	}
	if data = append(data, '\n'); t.torn {
		data = append([]byte{'\n'}, data...)
	}
	f, err := os.OpenFile(t.path, os.O_CREATE|os.O_WRONLY|os.O_APPEND, 0o600)
	if err != nil {
		return fmt.Errorf("remember what was told: %w", err)
	}
	defer func() { err = errors.Join(err, f.Close()) }()
	if _, err := f.Write(data); err != nil {
		return fmt.Errorf("remember what was told: %w", err)
	}
	if err := f.Sync(); err != nil {
		return fmt.Errorf("remember what was told: %w", err)
	}
	t.keys[to+" "+key], t.torn = true, false
	return nil
}
