package inert

import (
	"strings"
	"testing"
	"time"
	"unicode/utf8"

	"pgregory.net/rapid"
)

func TestText(t *testing.T) {
	for _, tc := range []struct{ name, in, want string }{
		{"plain", "arn:aws:iam::111111111111:user/deploy-bot", "arn:aws:iam::111111111111:user/deploy-bot"},
		{"terminal escape", "\x1b[2Jaws-cli", `\x1b[2Jaws-cli`},
		{"8-bit escape", "\u009b2J", `\x9b2J`},
		{"title change", "\x1b]0;x\a", `\x1b]0;x\x07`},
		{"bidi", "user\u202egnp.exe", `user\u202egnp.exe`},
		{"isolate", "a\u2066b\u2069", `a\u2066b\u2069`},
		{"zero width", "de\u200bploy", `de\u200bploy`},
		{"tag characters", "a\U000e0041", `a\U000e0041`},
		{"filler", "a\u3164", `a\u3164`},
		{"variation selector", "a\ufe0f", `a\ufe0f`},
		{"narrow space of dates", "8:43\u202fPM", `8:43\u202fPM`},
		{"line separators", "a\u2028b\u2029c\nd\re\tf", `a\u2028b\u2029c\nd\re\tf`},
		{"not UTF-8", "a\xff\xfeb", `a\xff\xfeb`},
		{"formula", "=cmd|'/C calc'!A0", "'=cmd|'/C calc'!A0"},
		{"formula after blanks", "  @SUM(A1)", "'  @SUM(A1)"},
		{"full-width formula", "＝1+1", "'＝1+1"},
		{"quoted formula", `"=1+1"`, `'"=1+1"`},
		{"letters of other scripts stay", "Zoë 監査 Ключ مفتاح", "Zoë 監査 Ключ مفتاح"},
		{"accents stay", "e\u0301", "e\u0301"},
		{"pile of marks", "e\u0301\u0301\u0301\u0301", "e\u0301\u0301\u0301" + `\u0301`},
		{"leading mark", "\u0301e", `\u0301e`},
		{"backslash stays", `C:\x1b`, `C:\x1b`},
		{"empty", "", ""},
	} {
		t.Run(tc.name, func(t *testing.T) {
			if got := Text(tc.in); got != tc.want {
				t.Errorf("Text(%q) = %q, want %q", tc.in, got, tc.want)
			}
		})
	}
}

func TestLines(t *testing.T) {
	for _, tc := range []struct{ name, in, want string }{
		{"continued command", "aws iam delete-user \\\n  --user-name x\r\n--y", "aws iam delete-user \\\n  --user-name x\n--y"},
		{"formula on a later line", "x\n=1+1", "x\n'=1+1"},
		{"carriage return hides a line", "rm -rf /\raws iam", `rm -rf /\raws iam`},
		{"escape", "aws\x1b[8m; rm", `aws\x1b[8m; rm`},
	} {
		t.Run(tc.name, func(t *testing.T) {
			if got := Lines(tc.in); got != tc.want {
				t.Errorf("Lines(%q) = %q, want %q", tc.in, got, tc.want)
			}
		})
	}
	long := strings.Repeat("a", 3*MaxText)
	if Lines(long) != long {
		t.Error("Lines cut a long command")
	}
}

func TestTextIsBoundedIdempotentAndSafe(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		s := rapid.OneOf(rapid.String(), rapid.Map(rapid.SliceOf(rapid.Byte()), func(b []byte) string { return string(b) })).Draw(t, "s")
		if rapid.Bool().Draw(t, "long") {
			s = strings.Repeat(s, 1+5000/(1+len(s)))
		}
		got := Text(s)
		if again := Text(got); again != got {
			t.Fatalf("Text is not idempotent: %q then %q", got, again)
		}
		if !utf8.ValidString(got) || utf8.RuneCountInString(got) > MaxText {
			t.Fatalf("invalid or unbounded: %q", got)
		}
		for _, r := range got {
			if Unsafe(r) {
				t.Fatalf("%U is still there in %q", r, got)
			}
		}
		if strings.ContainsAny(firstRune(got), formulaStart) {
			t.Fatalf("formula: %q", got)
		}
	})
}

func TestCopyReachesEveryString(t *testing.T) {
	type inner struct{ Command, Name string }
	type outer struct {
		List  []string
		Ptr   *inner
		Any   any
		Map   map[string]any
		Array [2]string
		N     int
		At    time.Time
	}
	now := time.Date(2026, 11, 2, 10, 0, 0, 0, time.UTC)
	in := &outer{At: now,
		List: []string{"\x1b"}, Ptr: &inner{Command: "a\nb", Name: "a\nb"},
		Any: []any{"\x1b", 3.0, map[string]any{"\x1b": "\u202e"}},
		Map: map[string]any{"k\n": []any{"\x1b"}}, Array: [2]string{"\x1b", ""}, N: 7,
	}
	got := Copy(in, "inner.Command")
	if got.List[0] != `\x1b` || got.Ptr.Command != "a\nb" || got.Ptr.Name != `a\nb` || got.Array[0] != `\x1b` || got.N != 7 || !got.At.Equal(now) {
		t.Errorf("got %+v, %+v", got, got.Ptr)
	}
	list := got.Any.([]any)
	if list[0] != `\x1b` || list[1] != 3.0 || list[2].(map[string]any)[`\x1b`] != `\u202e` {
		t.Errorf("interface values: %v", list)
	}
	if got.Map[`k\n`].([]any)[0] != `\x1b` {
		t.Errorf("map: %v", got.Map)
	}
	if in.List[0] != "\x1b" || in.Ptr.Name != "a\nb" {
		t.Error("the original changed")
	}
}

func FuzzText(f *testing.F) {
	f.Add("\x1b[31m\u202e=")
	f.Fuzz(func(t *testing.T, s string) {
		if got := Text(s); Text(got) != got {
			t.Errorf("not idempotent: %q", got)
		}
		Lines(s)
	})
}
