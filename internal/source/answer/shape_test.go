package answer

import (
	"slices"
	"strings"
	"testing"
)

func TestShape(t *testing.T) {
	for _, c := range []struct{ in, want string }{
		{`{"A":[{"B":1,"C":{"D":{"E":2}}}],"F":"G"}`, "A A.B A.C A.C.D F"},
		{"\xef\xbb\xbf [{\"A\": \"x\", \"B\": [\"A\", \"C\"]}", "A B"},
		{`{"A":{"B":"\"C\":{"},"D":1`, "A A.B D"},
		{`{"A":"never closed`, "A"},
		{"user,arn", ""},
		{`{"Users":[{"UserId":"x"`, "Users Users.UserId"},
	} {
		var got []string
		for p := range Shape([]byte(c.in)) {
			got = append(got, p)
		}
		slices.Sort(got)
		if strings.Join(got, " ") != c.want {
			t.Errorf("%s: %v, want %s", c.in, got, c.want)
		}
	}
	deep := Shape([]byte(strings.Repeat(`{"a":`, 100_000)))
	if len(deep) > 3 {
		t.Errorf("%d paths of one name inside itself", len(deep))
	}
}

// A long name is not copied into the path of everything below it.
func TestShapeOfALongName(t *testing.T) {
	size := 0
	for path := range Shape([]byte(`{"` + strings.Repeat("x", 1<<15) + `":{` + strings.Repeat(`"a":{},"b":{},`, 2000))) {
		size += len(path)
	}
	if size > 4*maxKey {
		t.Errorf("%d bytes of paths", size)
	}
}

func FuzzShape(f *testing.F) {
	f.Add([]byte(`{"A":[{"B":{"C":"\""}}]}`))
	f.Fuzz(func(t *testing.T, in []byte) {
		if p := Shape(in); len(p) > maxPaths {
			t.Errorf("%d paths", len(p))
		}
	})
}
