package account

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"time"
)

// indexName is the file that says what a folder of a collection holds.
const indexName = "collection.json"

// Format names the index; docs/howto/collect-from-aws.md describes it.
const Format = "trailhound.collection/v1"

// maxIndex bounds an index that somebody hands over.
const maxIndex = 64 << 20

// Index is what was gathered, and what was not.
type Index struct {
	Format  string    `json:"format"`
	Started time.Time `json:"started"`
	Since   time.Time `json:"since"`
	Until   time.Time `json:"until"`
	Entries []*Entry  `json:"entries"`
}

// Status says how a step ended.
type Status string

// A step is done, or says why it is not.
const (
	Done     Status = "done"
	NotInUse Status = "not_in_use" // the service is turned off: there is nothing to gather
	Refused  Status = "refused"    // by a policy
	Failed   Status = "failed"     // in any other way; Reason says how
	Partial  Status = "partial"    // interrupted: the next run goes on
)

// global is the region of what is of no region.
const global = "global"

// Entry is one step in one account and region.
type Entry struct {
	Account string `json:"account"`
	Region  string `json:"region"` // "global" for what is not of a region
	Action  string `json:"action"` // as IAM names it: "ec2:DescribeInstances"
	Status  Status `json:"status"`
	Reason  string `json:"reason,omitempty"`
	Files   []File `json:"files,omitempty"`
	// Oldest is the time of the oldest event that LookupEvents has given, from
	// which an interrupted run goes on: it gives the newest first.
	Oldest time.Time `json:"oldest,omitzero"`
}

// File is one artifact.
type File struct {
	Name   string `json:"name"` // slash-separated, inside the folder
	SHA256 string `json:"sha256"`
	Size   int64  `json:"size"`
	Calls  []Made `json:"calls"` // whose answers it holds, in order
}

// Made is one call that was answered.
type Made struct {
	Operation string    `json:"operation"`
	RequestID string    `json:"request_id"`
	Time      time.Time `json:"time"`             // when AWS says it answered
	SHA256    string    `json:"sha256,omitempty"` // of the answer's bytes on the wire, where the file is not these
	Attempts  int       `json:"attempts,omitempty"`
}

// find is the entry of a step.
func (x *Index) find(account, region, action string) *Entry {
	for _, e := range x.Entries {
		if e.Account == account && e.Region == region && e.Action == action {
			return e
		}
	}
	return nil
}

// ErrNotCollection is a folder that no collection was made in.
var ErrNotCollection = errors.New("not a collection")

// readIndex reads the index of a folder; ErrNotCollection where there is none.
func readIndex(dir string) (*Index, error) {
	name := filepath.Join(dir, indexName)
	info, err := os.Stat(name)
	switch {
	case errors.Is(err, fs.ErrNotExist):
		return nil, ErrNotCollection
	case err != nil:
		return nil, fmt.Errorf("read collection: %w", err)
	case info.Size() > maxIndex:
		return nil, fmt.Errorf("read collection: %s has %d bytes: not an index of ours", name, info.Size())
	}
	data, err := os.ReadFile(name)
	if err != nil {
		return nil, fmt.Errorf("read collection: %w", err)
	}
	var x Index
	if err := json.Unmarshal(data, &x); err != nil || x.Format != Format {
		return nil, fmt.Errorf("%w: %s is no index of the format %s", ErrNotCollection, name, Format)
	}
	for _, e := range x.Entries {
		if e == nil {
			return nil, fmt.Errorf("%w: %s has an empty entry", ErrNotCollection, name)
		}
	}
	return &x, nil
}

// save replaces the index in one step.
func (x *Index) save(dir string) error {
	data, err := json.MarshalIndent(x, "", " ")
	if err != nil {
		return fmt.Errorf("write collection: %w", err)
	}
	return writeWhole(filepath.Join(dir, indexName), append(data, '\n'))
}

// writeWhole writes a file that appears whole or not at all.
func writeWhole(name string, data []byte) error {
	if err := os.MkdirAll(filepath.Dir(name), 0o700); err != nil {
		return fmt.Errorf("write collection: %w", err)
	}
	// The rename is within one folder, where it replaces in one step. A crash leaves
	// the old index and a .part.
	tmp := name + ".part"
	if err := os.WriteFile(tmp, data, 0o600); err != nil {
		return fmt.Errorf("write collection: %w", err)
	}
	if err := os.Rename(tmp, name); err != nil {
		return fmt.Errorf("write collection: %w", err)
	}
	return nil
}

// compact puts an answer on one line; what is no JSON stays as it is.
func compact(body []byte) []byte {
	var b bytes.Buffer
	if json.Compact(&b, body) != nil {
		return body
	}
	return b.Bytes()
}
