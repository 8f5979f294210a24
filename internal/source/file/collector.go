package file

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"syscall"

	"github.com/trailhound/trailhound/internal/evidence"
	"github.com/trailhound/trailhound/internal/source"
)

// Collector collects from the file system, and from Stdin for the location "-".
type Collector struct {
	Stdin io.Reader
}

var _ source.Collector = Collector{}

// Name implements source.Collector.
func (Collector) Name() string { return "file" }

// Collect implements source.Collector. A location that the user named may be a
// link or a pipe; inside a folder neither is opened: a link can lead anywhere,
// and a pipe may never answer.
func (c Collector) Collect(ctx context.Context, location string, found func(source.Item) error) error {
	if location == "-" {
		return found(stream{name: "standard input", r: c.Stdin})
	}
	info, err := os.Stat(location)
	switch {
	case err != nil:
		return found(unreadable(location, 0, reason(err)))
	case info.IsDir():
		return c.folder(ctx, location, found)
	case info.Mode()&fs.ModeNamedPipe != 0:
		return found(pipe(location))
	case !info.Mode().IsRegular():
		return found(unreadable(location, 0, special(info.Mode())))
	}
	return found(regular{location, info})
}

func (c Collector) folder(ctx context.Context, root string, found func(source.Item) error) error {
	var passed error
	pass := func(i source.Item) error {
		// WalkDir takes fs.SkipDir and fs.SkipAll for orders. An error of the
		// caller's that happens to be one must end the walk, not steer it.
		passed = found(i)
		return passed
	}
	err := filepath.WalkDir(withSlash(root), func(path string, d fs.DirEntry, err error) error {
		if cerr := ctx.Err(); cerr != nil {
			return cerr
		}
		if err != nil {
			if perr := pass(unreadable(path, 0, reason(err))); perr != nil {
				return perr
			}
			if d != nil && d.IsDir() {
				return fs.SkipDir
			}
			return nil
		}
		if d.IsDir() {
			return nil
		}
		return pass(met(path))
	})
	if passed != nil {
		return passed
	}
	return err
}

// Met collects what somebody met inside a folder, as Collect does with what it meets
// there itself: nobody named it, so no link is followed and no pipe opened.
func (c Collector) Met(ctx context.Context, path string, found func(source.Item) error) error {
	if info, err := os.Lstat(path); err == nil && info.IsDir() {
		return c.folder(ctx, path, found)
	}
	return found(met(path))
}

// met is the item for what lies at path inside a folder and is no folder.
func met(path string) source.Item {
	info, err := os.Lstat(path)
	switch {
	case err != nil:
		return unreadable(path, 0, reason(err))
	case info.Mode().IsRegular():
		return regular{path, info}
	case info.Mode()&fs.ModeSymlink != 0:
		return unreadable(path, 0, link(path))
	}
	return unreadable(path, 0, special(info.Mode()))
}

// withSlash makes WalkDir enter a folder that the user named by a link.
func withSlash(root string) string {
	if info, err := os.Lstat(root); err == nil && info.Mode()&fs.ModeSymlink != 0 {
		return root + string(filepath.Separator)
	}
	return root
}

// link says what is wrong with a link.
func link(path string) string {
	if _, err := os.Stat(path); errors.Is(err, syscall.ELOOP) {
		return "a symbolic link that leads in a circle"
	}
	return "a symbolic link, which is not followed: name its target as evidence if it is evidence"
}

func special(m fs.FileMode) string {
	switch {
	case m&fs.ModeNamedPipe != 0:
		return "a named pipe, which is not opened inside a folder: name it by itself to read it"
	case m&fs.ModeSocket != 0:
		return "a socket, not a file"
	case m&fs.ModeDevice != 0:
		return "a device, not a file"
	}
	return "not a regular file"
}

// reason is an error of the file system in plain words, without the path, which
// stands beside it.
func reason(err error) string {
	switch {
	case errors.Is(err, fs.ErrNotExist):
		return "there is no such file or folder"
	case errors.Is(err, fs.ErrPermission):
		return "no permission to read it: check its owner and mode, or copy it"
	case errors.Is(err, syscall.ELOOP):
		return "a symbolic link that leads in a circle"
	}
	var pe *fs.PathError
	if errors.As(err, &pe) {
		err = pe.Err
	}
	return fmt.Sprintf("it could not be read: %v", err)
}

// Opened visits the artifacts in bytes that somebody else fetched, as Collect
// would if they were a file at uri. The error is visit's own, or that of ctx.
func Opened(ctx context.Context, uri string, r io.ReaderAt, size int64, visit func(source.Found) error) error {
	o := &opener{ctx: ctx, visit: visit, allowance: &allowance{in: size}}
	return o.open(uri, blob{ReaderAt: r, size: size}, 0)
}

// missing is an item that tells only why it cannot be read.
type missing struct{ a evidence.Artifact }

// unreadable describes what could not be read. Its ID is no hash of content,
// since there is none, and says so.
func unreadable(uri string, size int64, why string) missing {
	sum := sha256.Sum256([]byte(uri))
	return missing{evidence.Artifact{
		ID: "unread-" + hex.EncodeToString(sum[:]), URI: uri, Size: size,
		Kind: evidence.KindUnreadable, Reason: why,
	}}
}

// Artifacts implements source.Item.
func (m missing) Artifacts(_ context.Context, visit func(source.Found) error) error {
	return visit(source.Found{Artifact: m.a})
}

// stream is an item that can be read once.
type stream struct {
	name string
	r    io.Reader
}

// Artifacts implements source.Item.
func (s stream) Artifacts(ctx context.Context, visit func(source.Found) error) error {
	if s.r == nil {
		return unreadable(s.name, 0, "there is no standard input").Artifacts(ctx, visit)
	}
	o := &opener{ctx: ctx, visit: visit, allowance: &allowance{}}
	return o.once(s.name, s.r, 0)
}

// pipe is a named pipe that the user named; it is opened when it is read.
type pipe string

// Artifacts implements source.Item.
func (p pipe) Artifacts(ctx context.Context, visit func(source.Found) error) error {
	f, err := os.Open(string(p))
	if err != nil {
		return unreadable(string(p), 0, reason(err)).Artifacts(ctx, visit)
	}
	defer f.Close()
	return stream{string(p), f}.Artifacts(ctx, visit)
}

// regular is a regular file.
type regular struct {
	path string
	info fs.FileInfo
}

// Artifacts implements source.Item.
func (r regular) Artifacts(ctx context.Context, visit func(source.Found) error) error {
	f, err := os.Open(r.path)
	if err != nil {
		return unreadable(r.path, r.info.Size(), reason(err)).Artifacts(ctx, visit)
	}
	defer f.Close()
	// Between the walk and now it may have become something else.
	if info, err := f.Stat(); err != nil || !info.Mode().IsRegular() {
		return unreadable(r.path, 0, "it changed while it was read").Artifacts(ctx, visit)
	}
	o := &opener{ctx: ctx, visit: visit, allowance: &allowance{}}
	return o.file(r.path, f)
}
