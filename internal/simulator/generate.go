package simulator

import (
	"context"
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
)

// Generate writes an incident to o.Out: the trail under AWSLogs, in the layout
// of an S3 bucket that CloudTrail delivers to, and truth.json beside it.
// A failed run leaves what it wrote: the folder is the caller's to remove.
func Generate(ctx context.Context, name string, o Options) (Result, error) {
	if _, err := find(name); err != nil {
		return Result{}, err
	}
	if o.Out == "" {
		return Result{}, fmt.Errorf("simulate %s: no folder to write to", name)
	}
	// Files left over from another run would mix two truths into one corpus.
	if left, err := os.ReadDir(filepath.Join(o.Out, "AWSLogs")); err == nil && len(left) > 0 {
		return Result{}, fmt.Errorf("simulate %s: %s already holds a trail: choose an empty folder", name, o.Out)
	}
	if err := os.MkdirAll(o.Out, 0o755); err != nil {
		return Result{}, fmt.Errorf("make the folder: %w", err)
	}
	// A stream of its own, so that how files are cut does not change what is in
	// them.
	post := newPost(ctx, o.Out, newStream(o.Seed, name, "files"))
	truth, err := Write(ctx, name, o, post.deliver)
	if closing := post.close(); err == nil {
		err = closing
	}
	if err != nil {
		return Result{}, err
	}
	truth.Counts.Duplicates, truth.Counts.Files = post.duplicates, post.files
	path := filepath.Join(o.Out, "truth.json")
	b, err := json.MarshalIndent(truth, "", "  ")
	if err != nil {
		return Result{}, fmt.Errorf("encode the truth: %w", err)
	}
	if err := os.WriteFile(path, append(b, '\n'), 0o644); err != nil {
		return Result{}, fmt.Errorf("write the truth: %w", err)
	}
	return Result{Truth: truth, Path: path, Bytes: post.bytes.Load(), Raw: post.raw}, nil
}
