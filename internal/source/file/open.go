package file

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"io"
	"os"
	"sync"

	"github.com/trailhound/trailhound/internal/evidence"
	"github.com/trailhound/trailhound/internal/source"
)

// inMemory is the size up to which bytes are read once, hashed and decoded from
// memory. What is larger is read twice: events must carry the hash of the whole.
const inMemory = 16 << 20

// buffers hold what is read into memory. An artifact is done with when its visit
// returns, so its memory serves the next.
var buffers = sync.Pool{New: func() any { return new(bytes.Buffer) }}

func release(b *bytes.Buffer) {
	b.Reset()
	buffers.Put(b)
}

// blob is bytes as they were collected.
type blob struct {
	io.ReaderAt
	data    []byte // all of it, if it is in memory
	size    int64
	changed func() bool // for files read twice: whether it is no longer what was hashed
	broken  error       // why there is no more of it than this
}

func (b blob) reader() io.Reader { return io.NewSectionReader(b, 0, b.size) }

func memory(data []byte) blob {
	return blob{ReaderAt: bytes.NewReader(data), data: data, size: int64(len(data))}
}

// opener opens one thing on disk and everything inside it.
type opener struct {
	ctx       context.Context
	visit     func(source.Found) error
	allowance *allowance
}

func (o *opener) file(uri string, f *os.File) error {
	info, err := f.Stat()
	if err != nil {
		return o.visit(source.Found{Artifact: unreadable(uri, 0, reason(err)).a})
	}
	o.allowance.in = info.Size()
	if info.Size() <= inMemory {
		buf := buffers.Get().(*bytes.Buffer)
		defer release(buf)
		buf.Grow(int(info.Size()))
		data := buf.AvailableBuffer()[:info.Size()]
		// A file that became shorter meanwhile is hashed as what was read of it.
		n, err := io.ReadFull(f, data)
		if err != nil && err != io.EOF && err != io.ErrUnexpectedEOF {
			return o.visit(source.Found{Artifact: unreadable(uri, info.Size(), reason(err)).a})
		}
		return o.open(uri, memory(data[:n]), 0)
	}
	changed := func() bool {
		now, err := f.Stat()
		return err != nil || now.Size() != info.Size() || !now.ModTime().Equal(info.ModTime())
	}
	return o.open(uri, blob{ReaderAt: f, size: info.Size(), changed: changed}, 0)
}

// once opens what can be read only once: into memory, or into a temporary file
// that is removed again.
func (o *opener) once(uri string, r io.Reader, layer int) error {
	r = &counting{ctx: o.ctx, r: r, a: o.allowance, disk: layer == 0}
	head := buffers.Get().(*bytes.Buffer)
	defer release(head)
	if _, err := io.CopyN(head, r, inMemory+1); err != nil {
		b := memory(head.Bytes())
		if err != io.EOF {
			b.broken = err
		}
		return o.part(uri, b, layer)
	}
	// In the system's folder for such files and never beside the evidence, which may
	// be write-protected on purpose. CreateTemp makes it readable to its owner only.
	tmp, err := os.CreateTemp("", "trailhound-member-*")
	if err != nil {
		return o.visit(source.Found{Artifact: unreadable(uri, 0, "no temporary copy of it could be made: "+err.Error()).a})
	}
	defer os.Remove(tmp.Name())
	defer tmp.Close()
	size, err := io.Copy(tmp, io.MultiReader(head, r))
	return o.part(uri, blob{ReaderAt: tmp, size: size, broken: err}, layer)
}

// part opens as much of a member as could be read: its records up to the damage
// are evidence too.
func (o *opener) part(uri string, b blob, layer int) error {
	if err := o.ctx.Err(); err != nil {
		return err
	}
	if b.size == 0 && b.broken != nil {
		return o.visit(source.Found{Artifact: unreadable(uri, 0, plainly(b.broken).Error()).a})
	}
	return o.open(uri, b, layer)
}

// counting is the input of once: bytes on disk for a stream of the user's, bytes
// decompressed for a member.
type counting struct {
	ctx  context.Context
	r    io.Reader
	a    *allowance
	disk bool
}

func (c *counting) Read(p []byte) (int, error) {
	if err := c.ctx.Err(); err != nil {
		return 0, err
	}
	n, err := c.r.Read(p)
	if c.disk {
		c.a.in += int64(n)
	}
	return n, err
}

// artifact hashes the bytes as they were collected.
func (o *opener) artifact(uri string, b blob) evidence.Artifact {
	h := sha256.New()
	a := evidence.Artifact{URI: uri, Size: b.size}
	if int64(len(b.data)) == b.size { // nothing to copy from
		h.Write(b.data)
		a.ID = hex.EncodeToString(h.Sum(nil))
		return a
	}
	n, err := io.Copy(h, &counting{ctx: o.ctx, r: b.reader(), a: o.allowance})
	if err == nil && n == b.size {
		a.ID = hex.EncodeToString(h.Sum(nil))
		return a
	}
	why := "it changed while it was read"
	if err != nil {
		why = plainly(err).Error()
	}
	return unreadable(uri, b.size, why).a
}

// open tells what the bytes are and visits the artifacts in them.
func (o *opener) open(uri string, b blob, layer int) error {
	if err := o.ctx.Err(); err != nil {
		return err
	}
	kind, stream, err := o.look(b)
	a := o.artifact(uri, b)
	if cerr := o.ctx.Err(); cerr != nil {
		stream.Close()
		return cerr
	}
	switch {
	case a.Kind != "":
	case err != nil:
		a.Kind, a.Reason = evidence.KindUnreadable, plainly(err).Error()
	case kind.refuse != "":
		a.Kind, a.Reason = evidence.KindUnreadable, kind.refuse
	case kind != isPlain && layer >= maxLayers:
		a.Kind, a.Reason = evidence.KindUnreadable, "archives are nested in it more than 4 deep: unpack it first"
	case kind == isZip:
		stream.Close()
		return o.zip(a, b, layer)
	case kind == isTar:
		defer stream.Close()
		return o.tar(a, stream, layer)
	case kind == isPackedZip:
		// A zip needs to be read from its end: unpack the compression around it.
		defer stream.Close()
		if err := o.once(member(uri, "zip"), stream, layer+1); err != nil {
			return err
		}
		return o.closeArchive(a, 1, nil)
	}
	if a.Kind != "" {
		stream.Close()
		return o.visit(source.Found{Artifact: a})
	}
	open := func() (io.ReadCloser, error) {
		if first := stream; first != nil {
			stream = nil
			return first, nil
		}
		_, again, err := o.look(b)
		return again, err
	}
	err = o.visit(source.Found{Artifact: a, Open: open, Earned: o.allowance.earn})
	if stream != nil {
		stream.Close()
	}
	return err
}
