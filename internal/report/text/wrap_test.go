package text

import (
	"strings"
	"testing"

	"pgregory.net/rapid"
)

// spans draws what para is given: words of all widths in a few styles.
func spans(t *rapid.T) []span {
	return rapid.SliceOfN(rapid.Custom(func(t *rapid.T) span {
		return span{rapid.StringOfN(rapid.SampledFrom([]rune("ab监́ -")), 0, 30, -1).Draw(t, "text"), rapid.SampledFrom([]style{plain, bold, red}).Draw(t, "style")}
	}), 0, 6).Draw(t, "spans")
}

func plainText(list []span) string {
	var b strings.Builder
	for _, sp := range list {
		b.WriteString(sp.text)
	}
	return b.String()
}

// TestWrapKeepsWordsAndWidth: the words come out as they went in, in their order; a line
// is too wide only where a single word is, and no word is broken that may stay whole.
func TestWrapKeepsWordsAndWidth(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		in := spans(t)
		width, longest := rapid.IntRange(8, 40).Draw(t, "width"), rapid.IntRange(8, 60).Draw(t, "longest")
		lines := wrap(in, width, width, longest)
		var got []string
		for _, l := range lines {
			text := plainText(l)
			got = append(got, strings.Fields(text)...)
			if columns(text) > width && len(strings.Fields(text)) > 1 {
				t.Fatalf("%d columns of %d: %q", columns(text), width, text)
			}
		}
		want := strings.Fields(plainText(in))
		for _, w := range want {
			if columns(w) > longest && columns(w) > width {
				// It is broken: only the letters can be compared.
				if strings.Join(got, "") != strings.Join(want, "") {
					t.Fatalf("%q became %q", want, got)
				}
				return
			}
		}
		if strings.Join(got, " ") != strings.Join(want, " ") {
			t.Fatalf("%q became %q", want, got)
		}
	})
}

// TestWrapKeepsStyles: a letter is in the style it came in, whatever was merged.
func TestWrapKeepsStyles(t *testing.T) {
	byStyle := func(list []span) map[style]string {
		out := map[style]string{}
		for _, sp := range list {
			out[sp.style] += strings.ReplaceAll(sp.text, " ", "")
		}
		return out
	}
	rapid.Check(t, func(t *rapid.T) {
		in := spans(t)
		var flat []span
		for _, l := range wrap(in, 20, 20, 12) {
			flat = append(flat, l...)
		}
		want := byStyle(in)
		for st, text := range byStyle(flat) {
			if text != want[st] {
				t.Fatalf("style %q: %q became %q", st, want[st], text)
			}
		}
	})
}

// TestBoxIsClosed: every line of the frame is as wide as the page, whatever is in it.
func TestBoxIsClosed(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		p := page{width: rapid.IntRange(60, 120).Draw(t, "width")}
		p.box(plain, [][]span{append([]span{label("When")}, spans(t)...), nil, spans(t)})
		for _, line := range strings.Split(strings.TrimSuffix(p.String(), "\n"), "\n") {
			if n := columns(line); n != p.width {
				t.Fatalf("%d columns of %d: %q", n, p.width, line)
			}
		}
	})
}

func TestColumns(t *testing.T) {
	for s, want := range map[string]int{"": 0, "abc": 3, "監査": 4, "e\u0301": 1, "한글": 4, "Ключ": 4, "😀": 2, "│": 1} {
		if got := columns(s); got != want {
			t.Errorf("%q takes %d columns, want %d", s, got, want)
		}
	}
	if pad("监", 4) != "监\u00a0\u00a0" || pad("abcdef", 4) != "abcdef\u00a0" {
		t.Error("pad")
	}
}
