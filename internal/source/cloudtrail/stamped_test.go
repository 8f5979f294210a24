package cloudtrail

import (
	"bufio"
	"io"
	"strings"
	"testing"
	"testing/iotest"
)

func TestStampLen(t *testing.T) {
	for line, want := range map[string]int{
		`2026-03-01T09:01:04.123Z {"eventVersion":"1.10"}`:                  25,
		`2026-03-01T09:01:04Z {"a":1}`:                                      21,
		`2026-03-01T09:01:04.123000+00:00 stream/of[x] {"a":1}`:             46,
		`2026-03-01T09:01:04.123Z{"a":1}`:                                   0, // nobody writes it so
		`2026-03-01T09:01:04.123Z 2 111122223333 eni-1 192.0.2.7 ACCEPT OK`: 0,
		`2026-03-01T09:01:04.123Z two words {"a":1}`:                        0,
		`2026-03-01T09:01:04.123Z,{"a":1}`:                                  0,
		`2026-03-01 {"a":1}`:                                                0,
		`{"a":"2026-03-01T09:01:04.123Z {"}`:                                0,
		``:                                                                  0,
	} {
		if got := stampLen([]byte(line)); got != want {
			t.Errorf("stampLen(%q) = %d, want %d", line, got, want)
		}
	}
}

// TestUnstampedKeepsOffsets: only stamps at the beginning of a line become blanks,
// however the bytes arrive.
func TestUnstampedKeepsOffsets(t *testing.T) {
	const stamp = "2026-03-01T09:01:04.123Z "
	in := stamp + "{\"a\":\"" + stamp + "{\"}\n\n" + stamp + "{\n \"b\":1}\r\n" + stamp + "no record"
	blank := strings.Repeat(" ", len(stamp))
	want := blank + "{\"a\":\"" + stamp + "{\"}\n\n" + blank + "{\n \"b\":1}\r\n" + stamp + "no record"
	for name, r := range map[string]io.Reader{"whole": strings.NewReader(in), "by byte": iotest.OneByteReader(strings.NewReader(in))} {
		for _, size := range []int{64, 700, 4096} {
			got, err := io.ReadAll(iotest.HalfReader(&unstamped{in: bufio.NewReaderSize(r, size)}))
			if err != nil || string(got) != want {
				t.Errorf("%s, %d: %v\n got %q\nwant %q", name, size, err, got, want)
			}
			r = strings.NewReader(in)
		}
	}
}
