package markdown

import (
	"bytes"
	"flag"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"unicode/utf8"

	"pgregory.net/rapid"

	"github.com/trailhound/trailhound/internal/report"
	"github.com/trailhound/trailhound/internal/report/inert"
	"github.com/trailhound/trailhound/internal/report/reporttest"
)

var update = flag.Bool("update", false, "rewrite golden files")

func write(t interface{ Fatal(...any) }, r *report.Report) string {
	var buf bytes.Buffer
	if err := Write(&buf, r); err != nil {
		t.Fatal(err)
	}
	return buf.String()
}

func TestGolden(t *testing.T) {
	for _, name := range reporttest.Names {
		t.Run(name, func(t *testing.T) {
			got := write(t, reporttest.Sample(t, name))
			file := filepath.Join("testdata", name+".golden.md")
			if *update {
				if err := os.WriteFile(file, []byte(got), 0o644); err != nil {
					t.Fatal(err)
				}
			}
			want, err := os.ReadFile(file)
			if err != nil {
				t.Fatal(err)
			}
			if got != string(want) {
				t.Errorf("differs from %s; run with -update and read the diff", file)
			}
		})
	}
}

// checkInert reads the document as a Markdown program does, as far as breaking out goes: lines
// first, then fenced blocks, then code spans; what is left must hold no markup but ours.
func checkInert(t interface{ Fatalf(string, ...any) }, out string) {
	if !utf8.ValidString(out) {
		t.Fatalf("not UTF-8")
	}
	for i, r := range out {
		if r != '\n' && r != '\t' && inert.Unsafe(r) {
			t.Fatalf("%U at %d: …%q…", r, i, out[max(0, i-40):i+8])
		}
	}
	fence, cells, titles := "", 0, 0
	for n, line := range strings.Split(out, "\n") {
		if fence != "" {
			if strings.TrimRight(line, " ") == fence {
				fence = ""
			}
			continue
		}
		// A fence has no backtick after it on its line; otherwise it is a code span.
		if strings.HasPrefix(line, "```") && !strings.Contains(strings.TrimLeft(line, "`"), "`") {
			fence = line[:len(line)-len(strings.TrimLeft(line, "`"))]
			continue
		}
		left := stripCode(t, line)
		if strings.HasPrefix(line, "# ") {
			titles++ // the payload holds one, too
		}
		for _, bad := range []string{"<", "[", "](", "![", "://", "www.", "`", "~~~"} {
			if strings.Contains(left, bad) {
				t.Fatalf("line %d holds %q: %s", n+1, bad, line)
			}
		}
		// No evidence holds a pipe any more, so all lines of one table have as many.
		pipes := strings.Count(line, "|")
		if !strings.HasPrefix(line, "|") && pipes > 0 {
			t.Fatalf("line %d: a pipe outside a table: %s", n+1, line)
		}
		if strings.HasPrefix(line, "|") && cells > 0 && pipes != cells {
			t.Fatalf("line %d has %d pipes, its table %d: %s", n+1, pipes, cells, line)
		}
		cells = pipes
	}
	if fence != "" || titles != 1 {
		t.Fatalf("open fence %q, %d titles", fence, titles)
	}
}

// stripCode removes code spans as CommonMark finds them: a run of backticks up to the next run
// of the same length. An escaped character opens nothing and is shown here as a dot.
func stripCode(t interface{ Fatalf(string, ...any) }, line string) string {
	var b strings.Builder
	for i := 0; i < len(line); {
		switch {
		case line[i] == '\\' && i+1 < len(line):
			b.WriteByte('.')
			i += 2
		case line[i] == '`':
			n := 0
			for i+n < len(line) && line[i+n] == '`' {
				n++
			}
			end := closing(line[i+n:], n)
			if end < 0 {
				t.Fatalf("a code span never ends: %s", line)
			}
			i += n + end + n
		default:
			b.WriteByte(line[i])
			i++
		}
	}
	return b.String()
}

func closing(s string, n int) int {
	for i := 0; i < len(s); {
		run := 0
		for i+run < len(s) && s[i+run] == '`' {
			run++
		}
		if run == n {
			return i
		}
		i += max(run, 1)
	}
	return -1
}

func TestHostile(t *testing.T) {
	for _, keep := range []bool{false, true} {
		out := write(t, reporttest.Hostile(t, keep))
		checkInert(t, out)
		if strings.Contains(out, "| =cmd") || strings.Contains(out, "`=cmd") {
			t.Error("a cell starts like a formula")
		}
	}
}

func TestRandomReports(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		r := reporttest.Draw(t)
		out := write(t, r)
		checkInert(t, out)
		if write(t, r) != out {
			t.Fatal("two writings differ")
		}
	})
}

func TestNothingIsLeftOut(t *testing.T) {
	r := reporttest.Sample(t, "leaked-ci-key")
	out := write(t, r)
	for _, e := range r.Timeline {
		if !strings.Contains(out, "`"+e.Event+"`") {
			t.Errorf("no event %s", e.Event)
		}
	}
	for _, a := range r.Attribution {
		if !strings.Contains(out, "| `"+a.Event+"` | ") {
			t.Errorf("no attribution of %s", a.Event)
		}
	}
	for _, st := range r.Containment {
		if !strings.Contains(out, "\n"+st.Command+"\n") {
			t.Errorf("no command of step %d", st.Step)
		}
	}
}

func TestEscapes(t *testing.T) {
	for _, tc := range []struct{ got, want string }{
		{esc("a|b"), "a&#124;b"},
		{esc("<b>&"), "&lt;b&gt;&amp;"},
		{esc("1. x"), `1\. x`},
		{esc("# x"), `\# x`},
		{esc("    x"), "x"},
		{esc(" # x"), `\# x`},
		{esc("\n- x"), `\- x`},
		{esc("  1) x"), `1\) x`},
		{esc("http://x www.y"), "http:&#47;/x www&#46;y"},
		{code("a`b"), "``a`b``"},
		{code("`"), "`` ` ``"},
		{code("a|b"), "`a\\x7cb`"},
		{code(" "), ""},
		{block("sh", "x\n```\ny"), "````sh\nx\n```\ny\n````\n"},
	} {
		if tc.got != tc.want {
			t.Errorf("got %q, want %q", tc.got, tc.want)
		}
	}
}
