package simulator

import (
	"bytes"
	"context"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync/atomic"
	"time"

	"github.com/klauspost/compress/gzip"
	"golang.org/x/sync/errgroup"
)

// post delivers records the way CloudTrail does: one file per account and
// region, closed when it is full and at the end of the day, now and then with a
// record that an earlier file already held.
type post struct {
	dir        string
	r          stream
	open       map[string]*parcel
	pool       *errgroup.Group
	ctx        context.Context
	files      int
	duplicates int
	raw        int64
	bytes      atomic.Int64
}

// parcel is a file being filled.
type parcel struct {
	account, region string
	day             string
	last            time.Time
	n               int
	body            []byte
	again           [][]byte // records that the next file will hold once more
}

// full is when a file is closed: about 1.5 to 2.5 MB once compressed.
const full = 14 << 20

func newPost(ctx context.Context, dir string, r stream) *post {
	pool, ctx := errgroup.WithContext(ctx)
	pool.SetLimit(2) // bounds memory: at most this many full files wait for gzip
	return &post{dir: dir, r: r, open: map[string]*parcel{}, pool: pool, ctx: ctx}
}

// deliver adds a record to its file. Days are those of the record: at midnight
// UTC every file is closed, because the day is part of the key.
// It is called in order of delivery from one goroutine; only compression runs beside it.
func (p *post) deliver(r Record) error {
	key := r.Account + "/" + r.Region
	f := p.open[key]
	if f == nil {
		f = &parcel{account: r.Account, region: r.Region}
		p.open[key] = f
	}
	if day := r.Time.Format("2006/01/02"); day != f.day {
		if err := p.send(f); err != nil {
			return err
		}
		f.day = day
	}
	f.add(r.Body)
	if r.Time.After(f.last) {
		f.last = r.Time
	}
	if p.r.chance(1.0 / 1500) { // at-least-once delivery
		f.again = append(f.again, r.Body)
	}
	if len(f.body) >= full {
		return p.send(f)
	}
	return nil
}

// add appends a record; the list is closed when the file is sent.
func (f *parcel) add(body []byte) {
	if f.n == 0 {
		f.body = append(f.body, `{"Records":[`...)
	} else {
		f.body = append(f.body, ',')
	}
	f.body = append(f.body, body...)
	f.n++
}

// send closes f, leaves it ready for its next file, and has it compressed.
// A cancelled context ends the run with its error.
func (p *post) send(f *parcel) error {
	if f.n == 0 {
		return p.ctx.Err()
	}
	at := f.last.UTC().Truncate(5 * time.Minute).Add(5 * time.Minute)
	name := fmt.Sprintf("%s_CloudTrail_%s_%s_%s.json.gz", f.account, f.region, at.Format("20060102T1504Z"),
		p.r.text("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789", 16))
	dir := filepath.Join(p.dir, "AWSLogs", f.account, "CloudTrail", f.region, filepath.FromSlash(f.day))
	body := append(f.body, `]}`...)
	p.files++
	p.raw += int64(len(body))
	again := f.again
	f.body, f.n, f.again = nil, 0, nil
	for _, b := range again {
		f.add(b)
		p.duplicates++
	}
	p.pool.Go(func() error { return p.write(dir, name, body) })
	return p.ctx.Err()
}

// write compresses one file. Level and time are fixed: equal options give equal bytes.
func (p *post) write(dir, name string, body []byte) error {
	if err := p.ctx.Err(); err != nil {
		return err
	}
	var z bytes.Buffer
	w, err := gzip.NewWriterLevel(&z, 6)
	if err != nil {
		return fmt.Errorf("compress %s: %w", name, err)
	}
	w.ModTime = time.Unix(0, 0) // "no time": equal content is equal bytes
	if _, err := w.Write(body); err != nil {
		return fmt.Errorf("compress %s: %w", name, err)
	}
	if err := w.Close(); err != nil {
		return fmt.Errorf("compress %s: %w", name, err)
	}
	if err := os.MkdirAll(dir, 0o755); err != nil {
		return fmt.Errorf("make the folder: %w", err)
	}
	p.bytes.Add(int64(z.Len()))
	if err := os.WriteFile(filepath.Join(dir, name), z.Bytes(), 0o644); err != nil {
		return fmt.Errorf("write the trail: %w", err)
	}
	return nil
}

// close sends what is left, in a fixed order: names of files are drawn by lot.
func (p *post) close() error {
	keys := make([]string, 0, len(p.open))
	for k := range p.open {
		keys = append(keys, k)
	}
	slices.SortFunc(keys, strings.Compare)
	for _, k := range keys {
		f := p.open[k]
		for range 2 { // the second file, if any, holds what is delivered again
			if err := p.send(f); err != nil {
				break
			}
		}
	}
	return p.pool.Wait()
}
