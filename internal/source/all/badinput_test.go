package all

import (
	"bytes"
	"context"
	"errors"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"syscall"
	"testing"

	"github.com/trailhound/trailhound/internal/evidence"
)

// Every kind of bad input in one folder: each gets one reason, and the two good
// files are read.
func TestBadInputIsSetAsideAndTheRestIsRead(t *testing.T) {
	dir := t.TempDir()
	good := framings[0]([]string{record(1), record(2)})
	put := func(name string, data []byte) string {
		path := filepath.Join(dir, name)
		if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(path, data, 0o600); err != nil {
			t.Fatal(err)
		}
		return path
	}
	put("a/good.json", good)
	put("z/good.json.gz", gz(framings[0]([]string{record(3)})))
	var many []string
	for i := range 3000 {
		many = append(many, record(100+i))
	}
	packed := gz(framings[0](many))
	put("cut.json.gz", packed[:len(packed)-len(packed)/4])
	put("cut-header.gz", packed[:6])
	corrupt := bytes.Clone(packed)
	corrupt[len(corrupt)-6] ^= 0xff // the checksum
	put("checksum.gz", corrupt)
	put("trailing.gz", append(bytes.Clone(gz(good)), "GARBAGE GARBAGE"...))
	put("broken.json", []byte(`{"Records":[`+record(5001)+`,{"eventVersion":"1.09,"eventTime":"x"},`+record(5002)+`]}`))
	put("junk.bin", []byte("\x00\x01\x02\xff\xfe junk"))
	put("empty.json", nil)
	put("notes.txt", []byte("nothing to see"))
	put("damaged.zip", []byte("PK\x03\x04 but no zip"))
	tarball := tarOf(map[string][]byte{"good.json": framings[0]([]string{record(7001)})})
	put("cut.tar", append(tarball[:len(tarball)-1024], bytes.Repeat([]byte("x"), 512)...))
	put("packed.bz2", []byte("BZh91AY&SY"))
	locked := put("locked.json", good)
	links := map[string]string{"loop": "loop", "up": "..", "aside": "a/good.json", "dangling": "nowhere"}
	for name, target := range links {
		if err := os.Symlink(target, filepath.Join(dir, name)); err != nil {
			t.Skipf("no symbolic links here: %v", err)
		}
	}
	wants := map[string]struct {
		kind    evidence.Kind
		reason  string // of the artifact, or of its first rejection
		records int
	}{
		"cut.json.gz":   {evidence.KindCloudTrail, "cut short", -1},
		"cut-header.gz": {evidence.KindUnreadable, "cut short", 0},
		"checksum.gz":   {evidence.KindCloudTrail, "checksum does not match", 3000},
		"trailing.gz":   {evidence.KindCloudTrail, "not gzip follows", -1},
		"broken.json":   {evidence.KindCloudTrail, "reading went on at byte", 2},
		"junk.bin":      {evidence.KindUnknown, "binary", 0},
		"empty.json":    {evidence.KindUnknown, "empty", 0},
		"notes.txt":     {evidence.KindUnknown, "neither JSON nor a table", 0},
		"damaged.zip":   {evidence.KindUnreadable, "damaged", 0},
		"cut.tar":       {evidence.KindUnreadable, "what came before it was read: 1 file", 0},
		"packed.bz2":    {evidence.KindUnreadable, "bzip2", 0},
		"/loop":         {evidence.KindUnreadable, "circle", 0},
		"/up":           {evidence.KindUnreadable, "not followed", 0},
		"/aside":        {evidence.KindUnreadable, "not followed", 0},
		"/dangling":     {evidence.KindUnreadable, "symbolic link", 0},
	}
	if runtime.GOOS != "windows" {
		if err := syscall.Mkfifo(filepath.Join(dir, "pipe"), 0o600); err != nil {
			t.Fatal(err)
		}
		wants["/pipe"] = struct {
			kind    evidence.Kind
			reason  string
			records int
		}{evidence.KindUnreadable, "named pipe", 0}
	}
	if os.Getuid() > 0 { // root reads everything
		if err := os.Chmod(locked, 0); err != nil {
			t.Fatal(err)
		}
		wants["locked.json"] = struct {
			kind    evidence.Kind
			reason  string
			records int
		}{evidence.KindUnreadable, "no permission", 0}
	}
	all := read(t, Options{}, dir, filepath.Join(dir, "missing"))
	for name, want := range wants {
		a := all.artifact(t, name)
		said := a.Reason
		if len(a.Rejections) > 0 {
			said = a.Rejections[0].Reason
		}
		if a.Kind != want.kind || !strings.Contains(said, want.reason) || want.records >= 0 && a.Records != want.records {
			t.Errorf("%s: %s, %d records, %q; want %s, %d, %q", name, a.Kind, a.Records, said, want.kind, want.records, want.reason)
		}
	}
	if a := all.artifact(t, "cut.json.gz"); a.Records < 1000 {
		t.Errorf("%d records before the damage, want most of 3000", a.Records)
	}
	if a := all.artifact(t, "/missing"); a.Kind != evidence.KindUnreadable || !strings.Contains(a.Reason, "no such file") {
		t.Errorf("missing: %+v", a)
	}
	prints := map[string]bool{}
	for _, e := range all.events {
		prints[e.ID] = true
	}
	for _, id := range []string{"id-1", "id-2", "id-3", "id-5001", "id-5002", "id-7001"} {
		if !prints[id] {
			t.Errorf("event %s was lost", id)
		}
	}
}

func TestALinkThatTheUserNamesIsFollowed(t *testing.T) {
	dir := t.TempDir()
	if err := os.Mkdir(filepath.Join(dir, "real"), 0o755); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(filepath.Join(dir, "real", "x.json"), framings[0]([]string{record(1)}), 0o600); err != nil {
		t.Fatal(err)
	}
	if err := os.Symlink("real", filepath.Join(dir, "link")); err != nil {
		t.Skipf("no symbolic links here: %v", err)
	}
	if all := read(t, Options{}, filepath.Join(dir, "link")); len(all.events) != 1 {
		t.Errorf("%d events behind the link, artifacts %v", len(all.events), all.artifacts)
	}
}

func TestNestingOfArchivesIsBounded(t *testing.T) {
	data := framings[0]([]string{record(1)})
	for range 8 {
		data = zipOf(map[string][]byte{"x": data})
	}
	all := read(t, Options{Stdin: bytes.NewReader(data)}, "-")
	deep := 0
	for _, a := range all.artifacts {
		if strings.Contains(a.Reason, "more than 4 deep") {
			deep++
		}
	}
	if len(all.events) != 0 || deep != 1 {
		t.Errorf("%d events, artifacts %v", len(all.events), all.artifacts)
	}
}

func TestErrorsEndTheReading(t *testing.T) {
	dir := t.TempDir()
	for _, name := range []string{"a", "b", "c", "d"} {
		if err := os.WriteFile(filepath.Join(dir, name), framings[0]([]string{record(len(name) + int(name[0]))}), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	full := errors.New("disk full")
	calls := 0
	err := Read(context.Background(), []string{dir}, Options{}, func(Batch) error { calls++; return full })
	if !errors.Is(err, full) || calls != 1 {
		t.Errorf("error %v after %d calls, want one call and its error", err, calls)
	}
	ctx, cancel := context.WithCancel(context.Background())
	err = Read(ctx, []string{dir}, Options{}, func(Batch) error { cancel(); return nil })
	if !errors.Is(err, context.Canceled) {
		t.Errorf("error %v, want context.Canceled", err)
	}
}
