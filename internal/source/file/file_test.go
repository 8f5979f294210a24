package file

import (
	"archive/tar"
	"archive/zip"
	"bytes"
	"compress/gzip"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"io"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/trailhound/trailhound/internal/evidence"
	"github.com/trailhound/trailhound/internal/source"
)

// visited is one artifact with what its content gave.
type visited struct {
	evidence.Artifact
	content string
	size    int64
	err     error
}

// collect visits everything at location. Contents over a megabyte are counted
// and not kept.
func collect(t testing.TB, c Collector, location string) []visited {
	t.Helper()
	var out []visited
	err := c.Collect(context.Background(), location, func(i source.Item) error {
		return i.Artifacts(context.Background(), func(f source.Found) error {
			out = append(out, see(t, f))
			return nil
		})
	})
	if err != nil {
		t.Fatal(err)
	}
	return out
}

func see(t testing.TB, f source.Found) visited {
	v := visited{Artifact: f.Artifact}
	if f.Artifact.Kind != "" {
		return v
	}
	r, err := f.Open()
	if err != nil {
		t.Errorf("%s: %v", f.Artifact.URI, err)
		return v
	}
	defer r.Close()
	var text bytes.Buffer
	v.size, v.err = io.CopyN(&text, r, 1<<20)
	v.content = text.String()
	if v.err == nil {
		n, err := io.Copy(io.Discard, r)
		v.size, v.err = v.size+n, err
	} else if v.err == io.EOF {
		v.err = nil
	}
	return v
}

func write(t testing.TB, name string, data []byte) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), name)
	if err := os.WriteFile(path, data, 0o600); err != nil {
		t.Fatal(err)
	}
	return path
}

func gz(data []byte) []byte {
	var out bytes.Buffer
	z := gzip.NewWriter(&out)
	z.Write(data)
	z.Close()
	return out.Bytes()
}

func sum(data []byte) string {
	s := sha256.Sum256(data)
	return hex.EncodeToString(s[:])
}

func TestArtifactsAreHashedAsCollected(t *testing.T) {
	packed := gz([]byte("hello"))
	path := write(t, "misleading.txt", packed)
	got := collect(t, Collector{}, path)
	if len(got) != 1 || got[0].ID != sum(packed) || got[0].Size != int64(len(packed)) || got[0].URI != path || got[0].content != "hello" {
		t.Errorf("%+v", got)
	}
}

func TestArchivesAreArtifactsToo(t *testing.T) {
	var archive bytes.Buffer
	z := zip.NewWriter(&archive)
	inner := gz([]byte("inner"))
	for name, data := range map[string][]byte{"dir/": nil, "x.gz": inner} {
		w, err := z.Create(name)
		if err != nil {
			t.Fatal(err)
		}
		w.Write(data)
	}
	z.Close()
	path := write(t, "a.zip", archive.Bytes())
	got := collect(t, Collector{}, path)
	if len(got) != 2 {
		t.Fatalf("%+v", got)
	}
	if m := got[0]; m.URI != path+"!x.gz" || m.ID != sum(inner) || m.content != "inner" {
		t.Errorf("member %+v", m)
	}
	if a := got[1]; a.URI != path || a.ID != sum(archive.Bytes()) || a.Kind != evidence.KindArchive || a.Reason != "an archive of 1 file" {
		t.Errorf("archive %+v", a)
	}
}

// Members too large for memory go through a temporary file, which must be gone
// afterwards; a cut one still gives what there is of it.
func TestLargeMembers(t *testing.T) {
	t.Setenv("TMPDIR", t.TempDir())
	big := bytes.Repeat([]byte("0123456789abcdef"), (inMemory+5<<20)/16)
	var archive bytes.Buffer
	w := tar.NewWriter(&archive)
	for _, name := range []string{"one", "two"} {
		if err := w.WriteHeader(&tar.Header{Name: name, Size: int64(len(big)), Typeflag: tar.TypeReg}); err != nil {
			t.Fatal(err)
		}
		w.Write(big)
	}
	w.Close()
	whole := collect(t, Collector{}, write(t, "whole.tar.gz", gz(archive.Bytes())))
	if len(whole) != 3 || whole[0].ID != sum(big) || whole[1].size != int64(len(big)) || whole[2].Kind != evidence.KindArchive {
		t.Errorf("whole: %d artifacts", len(whole))
	}
	cut := archive.Bytes()[:len(big)+inMemory+3<<20]
	got := collect(t, Collector{}, write(t, "cut.tar", cut))
	if len(got) != 3 || got[0].ID != sum(big) || got[1].size < inMemory+2<<20 || got[1].err == nil || got[2].Kind != evidence.KindUnreadable {
		t.Errorf("cut: %d artifacts, second gave %d bytes, %v", len(got), got[1].size, got[1].err)
	}
	if left, _ := os.ReadDir(os.Getenv("TMPDIR")); len(left) > 0 {
		t.Errorf("left behind: %v", left)
	}
}

// "A file" has had three names in tar; those of old archives are files too.
func TestOldKindsOfFileInTar(t *testing.T) {
	for _, kind := range []byte{tar.TypeReg, tar.TypeCont} {
		var archive bytes.Buffer
		w := tar.NewWriter(&archive)
		if err := w.WriteHeader(&tar.Header{Name: "events.json", Size: 2, Typeflag: kind, Format: tar.FormatUSTAR}); err != nil {
			t.Fatal(err)
		}
		w.Write([]byte("{}"))
		w.Close()
		if got := collect(t, Collector{}, write(t, "old.tar", archive.Bytes())); len(got) != 2 || got[0].ID != sum([]byte("{}")) {
			t.Errorf("%q: %d artifacts", kind, len(got))
		}
	}
}

func TestLargeFilesThatChangeAreCaught(t *testing.T) {
	path := write(t, "big", bytes.Repeat([]byte("x"), inMemory+1))
	var got visited
	err := Collector{}.Collect(context.Background(), path, func(i source.Item) error {
		return i.Artifacts(context.Background(), func(f source.Found) error {
			if err := os.Chtimes(path, time.Unix(1e9, 0), time.Unix(1e9, 0)); err != nil {
				t.Fatal(err)
			}
			got = see(t, f)
			return nil
		})
	})
	if err != nil || got.err == nil || !strings.Contains(got.err.Error(), "changed while it was read") {
		t.Errorf("%v, %v", err, got.err)
	}
}

// open runs an opener with a small allowance over bytes on disk.
func open(t *testing.T, data []byte, floor int64, earn bool) (got []visited) {
	t.Helper()
	a := &allowance{in: int64(len(data)), floor: floor}
	o := &opener{ctx: context.Background(), allowance: a, visit: func(f source.Found) error {
		if earn && f.Earned != nil && f.Artifact.Kind == "" {
			r, err := f.Open()
			if err != nil {
				t.Fatal(err)
			}
			defer r.Close()
			v := visited{Artifact: f.Artifact}
			for buf := make([]byte, 64<<10); v.err == nil; {
				var n int
				n, v.err = r.Read(buf)
				f.Earned(int64(n))
				v.size += int64(n)
			}
			got = append(got, v)
			return nil
		}
		got = append(got, see(t, f))
		return nil
	}}
	if err := o.open("bomb", memory(data), 0); err != nil {
		t.Fatal(err)
	}
	return got
}

func TestDecompressionBombs(t *testing.T) {
	zeros := gz(make([]byte, 64<<20))
	var archive bytes.Buffer
	z := zip.NewWriter(&archive)
	for _, name := range []string{"a", "b", "c", "d"} {
		w, err := z.Create(name)
		if err != nil {
			t.Fatal(err)
		}
		w.Write(make([]byte, 12<<20))
	}
	z.Close()
	for what, data := range map[string][]byte{"gzip": zeros, "gzip in gzip": gz(zeros), "zip of many": archive.Bytes()} {
		refused := false
		for _, v := range open(t, data, 32<<20, false) {
			refused = refused || strings.Contains(v.Reason, "bomb") || v.err != nil && strings.Contains(v.err.Error(), "bomb")
			if v.size > 33<<20 {
				t.Errorf("%s: %d MB were given", what, v.size>>20)
			}
		}
		if !refused {
			t.Errorf("%s was not refused", what)
		}
	}
	// The same expansion is fine as long as it is evidence.
	if got := open(t, zeros, 32<<20, true); len(got) != 1 || got[0].size != 64<<20 || got[0].err != io.EOF {
		t.Errorf("what earns its bytes was refused: %v", got)
	}
	// And what compresses as evidence does is no bomb, whatever its size.
	if got := open(t, gz(bytes.Repeat(sha256.New().Sum(nil), 1)), 1, false); len(got) != 1 || got[0].err != nil {
		t.Errorf("%v", got)
	}
}

func TestEncryptedMembersAreNamed(t *testing.T) {
	var archive bytes.Buffer
	z := zip.NewWriter(&archive)
	w, err := z.CreateHeader(&zip.FileHeader{Name: "secret.json", Flags: 1})
	if err != nil {
		t.Fatal(err)
	}
	w.Write([]byte("x"))
	z.Close()
	got := collect(t, Collector{}, write(t, "a.zip", archive.Bytes()))
	if len(got) != 2 || !strings.Contains(got[0].Reason, "encrypted") {
		t.Errorf("%+v", got)
	}
}

func TestNoStandardInput(t *testing.T) {
	got := collect(t, Collector{}, "-")
	if len(got) != 1 || got[0].Kind != evidence.KindUnreadable {
		t.Errorf("%+v", got)
	}
}

func FuzzCollect(f *testing.F) {
	var archive bytes.Buffer
	z := zip.NewWriter(&archive)
	w, _ := z.Create("x")
	w.Write(gz([]byte(`{"Records":[]}`)))
	z.Close()
	var tarball bytes.Buffer
	tw := tar.NewWriter(&tarball)
	tw.WriteHeader(&tar.Header{Name: "x", Size: 3, Typeflag: tar.TypeReg})
	tw.Write([]byte("abc"))
	tw.Close()
	for _, seed := range [][]byte{archive.Bytes(), tarball.Bytes(), gz(tarball.Bytes()), gz(gz([]byte("x"))), []byte("plain"), nil} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, in []byte) {
		var first []visited
		for run := range 2 {
			got := collect(t, Collector{Stdin: bytes.NewReader(in)}, "-")
			if len(got) == 0 {
				t.Fatal("nothing was said of it")
			}
			for i, v := range got {
				if v.ID == "" || v.Kind == evidence.KindUnreadable && v.Reason == "" {
					t.Fatalf("%+v", v)
				}
				if run == 1 && (v.ID != first[i].ID || v.Reason != first[i].Reason || v.content != first[i].content) {
					t.Fatalf("not the same twice: %+v and %+v", first[i], v)
				}
			}
			first = got
		}
	})
}
