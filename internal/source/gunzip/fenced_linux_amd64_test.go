package gunzip

import (
	"bytes"
	"compress/flate"
	"compress/gzip"
	"syscall"
	"testing"

	"pgregory.net/rapid"
)

// fenced is n whole pages of memory between two that nobody may touch.
func fenced(t *testing.T, pages int) []byte {
	t.Helper()
	size := syscall.Getpagesize()
	all, err := syscall.Mmap(-1, 0, (pages+2)*size, syscall.PROT_READ|syscall.PROT_WRITE, syscall.MAP_ANON|syscall.MAP_PRIVATE)
	if err != nil {
		t.Skip(err)
	}
	t.Cleanup(func() { _ = syscall.Munmap(all) })
	for _, fence := range [][]byte{all[:size], all[len(all)-size:]} {
		if err := syscall.Mprotect(fence, syscall.PROT_NONE); err != nil {
			t.Skip(err)
		}
	}
	return all[size : len(all)-size]
}

// TestCodedStaysInside: whatever the bytes are, nothing is touched in front of or behind the
// input and the window, which lie against fences; and both ways unpack the same.
func TestCodedStaysInside(t *testing.T) {
	var packed [][]byte
	for _, text := range texts() {
		for _, level := range []int{1, 6, gzip.HuffmanOnly} {
			data := pack(t, text[:min(len(text), 90<<10)], level)
			packed = append(packed, data[:len(data)-8]) // the stream is to end at the fence
		}
	}
	// Streams that look back farther than they began.
	for _, dict := range [][]byte{texts()["noise"][:32<<10], []byte("a few bytes that come before")} {
		var b bytes.Buffer
		w, err := flate.NewWriterDict(&b, 6, dict)
		if err != nil {
			t.Fatal(err)
		}
		for range 10 {
			_, _ = w.Write(dict)
		}
		_ = w.Close()
		packed = append(packed, append(make([]byte, headLen), b.Bytes()...))
	}
	in, win := fenced(t, 64), fenced(t, 12)
	unpack := func(data []byte, from int) (out []byte, failed bool) {
		z := &inflater{src: in[len(in)-len(data):], win: win, pos: min(len(data), headLen), out: from}
		copy(z.src, data)
		z.begin()
		for z.block != ended {
			if err := z.run(); err != nil {
				return nil, true
			}
			if z.block == ended || z.out > history {
				keep := min(z.out-from, history)
				out = append(out, win[from:z.out]...)
				if z.block != ended {
					out = out[:len(out)-keep]
				}
				copy(win, win[z.out-keep:z.out])
				z.out, z.from, from = keep, 0, 0
			}
		}
		return out, false
	}
	rapid.Check(t, func(rt *rapid.T) {
		data := rapid.SampledFrom(packed).Draw(rt, "file")
		if rapid.Bool().Draw(rt, "damaged") {
			data = damage(rt, data)
		}
		if len(data) > len(in) {
			rt.Skip("too large")
		}
		from := rapid.IntRange(0, 1000).Draw(rt, "from")
		var first []byte
		var refused, again bool
		eachWay(func() {
			out, failed := unpack(data, from)
			if again && (failed != refused || !bytes.Equal(out, first)) {
				rt.Fatalf("%d bytes, refused %v; %d bytes, refused %v, in assembly", len(out), failed, len(first), refused)
			}
			first, refused, again = out, failed, true
		})
	})
}
