package gunzip

import (
	"bytes"
	"compress/gzip"
	"errors"
	"fmt"
	"io"
	"math/rand/v2"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"pgregory.net/rapid"

	kgzip "github.com/klauspost/compress/gzip"
)

// unpack reads all, in pieces of at most n bytes.
func unpack(z *Reader, data []byte, n int) ([]byte, error) {
	if err := z.Reset(data); err != nil {
		return nil, err
	}
	var out bytes.Buffer
	p := make([]byte, n)
	for {
		k, err := z.Read(p)
		out.Write(p[:k])
		if err == io.EOF {
			return out.Bytes(), nil
		}
		if err != nil {
			return out.Bytes(), err
		}
	}
}

// unpackOn is unpack by ReadOn into a memory of some size, which begins anew with History
// bytes when it is nearly full; begin bytes are read by Read.
func unpackOn(z *Reader, data []byte, size, begin int) ([]byte, error) {
	if err := z.Reset(data); err != nil {
		return nil, err
	}
	var out bytes.Buffer
	text, n := make([]byte, size), 0
	for {
		if len(text)-n < leastRoom {
			n = copy(text, text[n-History:n])
		}
		var k int
		var err error
		if out.Len() < begin {
			k, err = z.Read(text[n:min(len(text), n+begin-out.Len())])
		} else {
			k, err = z.ReadOn(text, n)
		}
		out.Write(text[n : n+k])
		n += k
		if err == io.EOF {
			return out.Bytes(), nil
		}
		if err != nil {
			return out.Bytes(), err
		}
	}
}

// judgement is what the judge alone says.
func judgement(data []byte) ([]byte, error) {
	z, err := kgzip.NewReader(bytes.NewReader(data))
	if err != nil {
		return nil, err
	}
	out, err := io.ReadAll(struct{ io.Reader }{z})
	return out, err
}

// agree holds a Reader to the judge, on the bytes and on the error, with and without assembly.
func agree(t interface {
	Helper()
	Fatalf(string, ...any)
}, z *Reader, data []byte, n int) {
	t.Helper()
	want, werr := judgement(data)
	eachWay(func() { agreed(t, z, data, n, want, werr) })
}

func agreed(t interface {
	Helper()
	Fatalf(string, ...any)
}, z *Reader, data []byte, n int, want []byte, werr error) {
	t.Helper()
	got, gerr := unpack(z, data, n)
	if !bytes.Equal(want, got) {
		t.Fatalf("%d bytes unpacked, want %d; they differ (%v, want %v)", len(got), len(want), gerr, werr)
	}
	if fmt.Sprint(werr) != fmt.Sprint(gerr) {
		t.Fatalf("%v, want %v", gerr, werr)
	}
	for _, begin := range []int{0, 1000, 64 << 10} {
		got, gerr := unpackOn(z, data, 100<<10, begin)
		if !bytes.Equal(want, got) || fmt.Sprint(werr) != fmt.Sprint(gerr) {
			t.Fatalf("%d bytes unpacked in place, %d read before, want %d: %v, want %v", len(got), begin, len(want), gerr, werr)
		}
	}
}

// headLen is how much pack puts in front of the stream.
const headLen = 10 + 4 + len("a.json\x00c\x00")

func pack(t testing.TB, text []byte, level int) []byte {
	t.Helper()
	var b bytes.Buffer
	w, err := gzip.NewWriterLevel(&b, level)
	if err != nil {
		t.Fatal(err)
	}
	w.Name, w.Comment, w.Extra = "a.json", "c", []byte("xy")
	if _, err := w.Write(text); err != nil {
		t.Fatal(err)
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

// texts are inputs that lead through every kind of block and copy.
func texts() map[string][]byte {
	r := rand.New(rand.NewPCG(1, 2))
	noise := make([]byte, 300<<10)
	for i := range noise {
		noise[i] = byte(r.Uint32())
	}
	skewed := make([]byte, 400<<10) // letters of very unequal frequency make long codes
	for i := range skewed {
		skewed[i] = byte(r.ExpFloat64() * 9)
	}
	var records bytes.Buffer
	for i := range 3000 {
		fmt.Fprintf(&records, `{"eventVersion":"1.11","eventID":"%016x","sourceIPAddress":"198.51.100.%d"},`, r.Uint64(), i%256)
	}
	var lines []byte // long matches far away, and between them what spreads distances over all codes
	for range 3000 {
		n := r.IntN(100) * r.IntN(100)
		lines = append(lines, noise[n*r.IntN(20):][:3+n/8]...)
	}
	return map[string][]byte{
		"lines": lines, "empty": nil, "one": []byte("x"), "noise": noise, "skewed": skewed, "records": records.Bytes(),
		"run": bytes.Repeat([]byte("a"), 700<<10), "pairs": bytes.Repeat([]byte("ab"), 200<<10), "thirties": bytes.Repeat([]byte("abcdefghijklmnopqrstuvwxyz0123"), 10<<10), "sevens": bytes.Repeat([]byte("abcdefg"), 50<<10),
		"far": append(append(bytes.Clone(noise[:32<<10]), noise[:32<<10]...), noise[:32<<10]...),
	}
}

func TestReaderUnpacksWhatOthersPack(t *testing.T) {
	eachWay(func() { unpacks(t) })
}

func unpacks(t *testing.T) {
	t.Helper()
	z := &Reader{}
	for name, text := range texts() {
		for _, level := range []int{gzip.NoCompression, gzip.BestSpeed, gzip.DefaultCompression, gzip.BestCompression, gzip.HuffmanOnly} {
			data := pack(t, text, level)
			for _, n := range []int{1 << 20, 4096, 7} {
				if n == 7 && len(text) > 64<<10 {
					continue
				}
				got, err := unpack(z, data, n)
				if err != nil || !bytes.Equal(got, text) {
					t.Fatalf("%s at level %d, by %d: %d bytes, want %d: %v", name, level, n, len(got), len(text), err)
				}
				if z.judged {
					t.Errorf("%s at level %d went to the judge", name, level)
				}
				got, err = unpackOn(z, data, History+10*n, n)
				if n > leastRoom/10 && (err != nil || !bytes.Equal(got, text) || z.judged) {
					t.Fatalf("%s at level %d, in place by %d: %d bytes, want %d: %v (judged %v)", name, level, n, len(got), len(text), err, z.judged)
				}
			}
		}
	}
}

// TestReaderTakesMembers: a file may be several files behind one another.
func TestReaderTakesMembers(t *testing.T) {
	all := texts()
	var data, want []byte
	for _, name := range []string{"records", "empty", "run", "far"} {
		data, want = append(data, pack(t, all[name], 6)...), append(want, all[name]...)
	}
	z := &Reader{}
	got, err := unpack(z, data, 1<<16)
	if err != nil || !bytes.Equal(got, want) || z.judged {
		t.Fatalf("%d bytes, want %d: %v (judged %v)", len(got), len(want), err, z.judged)
	}
	if got, err = unpackOn(z, data, 200<<10, 1000); err != nil || !bytes.Equal(got, want) || z.judged {
		t.Fatalf("in place %d bytes, want %d: %v (judged %v)", len(got), len(want), err, z.judged)
	}
	// A distance that reaches into the member before is no distance.
	agree(t, z, append(bytes.Clone(data), "not gzip"...), 1<<16)
}

// TestReaderLeavesTheUnusualToTheJudge: damage of every kind gives what the judge
// gives, byte for byte and word for word.
func TestReaderLeavesTheUnusualToTheJudge(t *testing.T) {
	good := pack(t, texts()["records"], 6)
	z := &Reader{}
	for name, data := range map[string][]byte{
		"nothing": nil, "no gzip": []byte("hello, this is no gzip at all"), "header alone": good[:10], "cut": good[:len(good)/2],
		"trailer cut": good[:len(good)-3], "checksum": append(bytes.Clone(good[:len(good)-8]), "\x00\x00\x00\x00\x00\x00\x00\x00"...),
		"junk behind": append(bytes.Clone(good), "junk"...), "zeros behind": append(bytes.Clone(good), make([]byte, 64)...),
		"reserved flag": append([]byte{0x1f, 0x8b, 8, 0x80}, good[4:]...), "block of type 3": append(bytes.Clone(good[:len("\x1f\x8b\x08")+7]), 7),
		"long name": append(append([]byte{0x1f, 0x8b, 8, 8, 0, 0, 0, 0, 0, 3}, strings.Repeat("n", 2000)...), 0),
	} {
		t.Run(name, func(t *testing.T) { agree(t, z, data, 1<<15) })
	}
}

// TestReaderOnDamage damages files as storage and intruders do.
func TestReaderOnDamage(t *testing.T) {
	all := texts()
	var packed [][]byte
	for _, name := range []string{"records", "skewed", "sevens", "noise", "one"} {
		for _, level := range []int{1, 6, gzip.HuffmanOnly} {
			packed = append(packed, pack(t, all[name][:min(len(all[name]), 60<<10)], level))
		}
	}
	z := &Reader{}
	rapid.Check(t, func(t *rapid.T) {
		data := damage(t, rapid.SampledFrom(packed).Draw(t, "file"))
		agree(t, z, data, 1<<16)
	})
}

// damage flips, cuts and inserts.
func damage(t *rapid.T, data []byte) []byte {
	data = bytes.Clone(data)
	for range rapid.IntRange(1, 4).Draw(t, "times") {
		at := rapid.IntRange(0, len(data)-1).Draw(t, "at")
		switch rapid.IntRange(0, 2).Draw(t, "how") {
		case 0:
			data[at] ^= 1 << rapid.IntRange(0, 7).Draw(t, "bit")
		case 1:
			data = data[:at+1]
		case 2:
			data = append(data[:at], append([]byte{rapid.Byte().Draw(t, "byte")}, data[at:]...)...)
		}
	}
	return data
}

func FuzzReader(f *testing.F) {
	for _, text := range texts() {
		f.Add(pack(f, text[:min(len(text), 2000)], 6))
		f.Add(pack(f, text[:min(len(text), 300)], gzip.HuffmanOnly))
	}
	f.Add([]byte{0x1f, 0x8b, 8, 0, 0, 0, 0, 0, 0, 3, 3, 0, 0, 0, 0, 0, 0, 0, 0, 0})
	f.Fuzz(func(t *testing.T, data []byte) { agree(t, &Reader{}, data, 1<<16) })
}

// BenchmarkReader unpacks records, or the files of the folder that GUNZIP_CORPUS names.
func BenchmarkReader(b *testing.B) {
	var files [][]byte
	var size int64
	if dir := os.Getenv("GUNZIP_CORPUS"); dir != "" {
		err := filepath.WalkDir(dir, func(path string, d os.DirEntry, err error) error {
			if err != nil || !strings.HasSuffix(path, ".gz") {
				return err
			}
			data, err := os.ReadFile(path)
			files = append(files, data)
			return err
		})
		if err != nil {
			b.Fatal(err)
		}
	} else {
		files = [][]byte{pack(b, texts()["records"], 6)}
	}
	for _, data := range files {
		text, err := judgement(data)
		if err != nil {
			b.Fatal(err)
		}
		size += int64(len(text))
	}
	p := make([]byte, 64<<10)
	each := func(b *testing.B, r interface{ Read([]byte) (int, error) }, reset func([]byte) error) {
		b.SetBytes(size)
		b.ReportAllocs()
		for b.Loop() {
			for _, data := range files {
				if err := reset(data); err != nil {
					b.Fatal(err)
				}
				for {
					if _, err := r.Read(p); errors.Is(err, io.EOF) {
						break
					} else if err != nil {
						b.Fatal(err)
					}
				}
			}
		}
	}
	b.Run("ours", func(b *testing.B) {
		z := &Reader{}
		each(b, z, z.Reset)
	})
	b.Run("judge", func(b *testing.B) {
		z := new(kgzip.Reader)
		each(b, z, func(data []byte) error { return z.Reset(bytes.NewReader(data)) })
	})
}
