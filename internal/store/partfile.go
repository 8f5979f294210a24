package store

import (
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"os"
	"sync"

	"github.com/parquet-go/parquet-go"
)

// partFiles remembers the footers of files that were read, since an
// investigation asks hundreds of questions of the same files and reading a
// footer costs more than most answers. It keeps no file open.
type partFiles struct {
	mu    sync.Mutex
	files map[string]*partFile
	bytes int64 // of the tails kept
}

// keepTails bounds the tails that are kept. In memory a footer takes about ten
// times its length.
const keepTails = 8 << 20

// maxTail bounds what is read at once of a file that claims a long tail.
const maxTail = 256 << 20

// partFile is a Parquet file of ours. It is open while somebody has acquired
// it, and its end, with the footer and the page indexes, is in memory.
type partFile struct {
	name string
	pf   *parquet.File
	cols *columns
	from int64 // where tail starts
	tail []byte

	mu    sync.Mutex
	users int
	f     *os.File // while users > 0; changes only when there are none
}

// acquire opens a file. It must be released.
func (c *partFiles) acquire(name string, e fileEntry) (*partFile, error) {
	c.mu.Lock()
	p := c.files[name]
	c.mu.Unlock()
	if p != nil {
		return p, p.open()
	}
	p = &partFile{name: name}
	if err := p.open(); err != nil {
		return nil, err
	}
	if err := p.load(e); err != nil {
		p.release()
		return nil, err
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.bytes += e.Tail; c.bytes > keepTails || c.files == nil {
		c.files, c.bytes = map[string]*partFile{}, e.Tail // those in use live on with their users
	}
	c.files[name] = p
	return p, nil
}

// forget drops what is remembered, when the state has changed: names follow
// content, but memory should follow the state.
func (c *partFiles) forget() {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.files, c.bytes = nil, 0
}

func (p *partFile) open() error {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.users == 0 {
		f, err := os.Open(p.name)
		if err != nil {
			return fmt.Errorf("read evidence store: %w", err)
		}
		p.f = f
	}
	p.users++
	return nil
}

func (p *partFile) release() {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.users--; p.users == 0 {
		p.f.Close()
		p.f = nil
	}
}

// load reads the footer and holds it to the manifest.
func (p *partFile) load(e fileEntry) (err error) {
	defer func() {
		if r := recover(); r != nil { // a library that panics over a damaged footer
			err = p.damaged(fmt.Errorf("%v", r))
		}
	}()
	info, err := p.f.Stat()
	if err != nil {
		return fmt.Errorf("read evidence store: %w", err)
	}
	if e.Bytes != 0 && info.Size() != e.Bytes {
		return p.damaged(fmt.Errorf("it is %d bytes long, the manifest says %d", info.Size(), e.Bytes))
	}
	p.from = info.Size()
	if e.Tail != 0 {
		if err := p.loadTail(e); err != nil {
			return p.damaged(err)
		}
	}
	p.pf, err = parquet.OpenFile(p, info.Size(), parquet.SkipPageIndex(true), parquet.SkipBloomFilters(true), parquet.ReadBufferSize(16<<10))
	if err != nil {
		return p.damaged(err)
	}
	if p.cols, err = findColumns(p.pf); err != nil {
		return p.damaged(err)
	}
	return nil
}

func (p *partFile) loadTail(e fileEntry) error {
	if e.Tail < 0 || e.Tail > e.Bytes || e.Tail > maxTail {
		return fmt.Errorf("the manifest says its footer has %d bytes", e.Tail)
	}
	tail := make([]byte, e.Tail)
	if _, err := p.f.ReadAt(tail, e.Bytes-e.Tail); err != nil {
		return err
	}
	if sum := sha256.Sum256(tail); hex.EncodeToString(sum[:]) != e.TailSHA256 {
		return errors.New("its footer is not the one that was written")
	}
	p.from, p.tail = e.Bytes-e.Tail, tail
	return nil
}

// damaged names the file. Losing one file must not hide which one it was.
func (p *partFile) damaged(err error) error {
	return fmt.Errorf("read evidence store: %s is damaged: %w (remove the store and import the evidence again)", p.name, err)
}

// ReadAt implements io.ReaderAt, for whoever has acquired the file.
func (p *partFile) ReadAt(b []byte, off int64) (int, error) {
	if off < p.from {
		return p.f.ReadAt(b, off)
	}
	n := 0
	if at := off - p.from; at < int64(len(p.tail)) {
		n = copy(b, p.tail[at:])
	}
	if n < len(b) {
		return n, io.EOF
	}
	return n, nil
}
