package buildspec

import (
	"fmt"
	"slices"
	"strings"
	"testing"
)

func TestShell(t *testing.T) {
	for text, want := range map[string]string{
		`a b && c || d; e | f`:        "[a b]&& [c]|| [d]; [e]| [f]",
		`echo "a && b" 'c | d' # e`:   "[echo a && b c | d]",
		"a \\\n b\nc":                 "[a b]; [c]",
		`bash <(curl -s https://x/y)`: "[curl -s https://x/y] [bash $()]",
		"x=$(cat y | z) w":            "[cat y]| [z] [x=$() w]",
		"echo `id`":                   "[id] [echo $()]",
		`a 2>&1`:                      "[a 2>&1]",
	} {
		var got []string
		for _, s := range Shell(text) {
			got = append(got, fmt.Sprintf("[%s]%s", s, s.Then))
		}
		if strings.Join(got, " ") != want {
			t.Errorf("%q: %s, want %s", text, strings.Join(got, " "), want)
		}
	}
}

func TestVariables(t *testing.T) {
	steps := Shell(`git checkout $REF "$SAFE" '$NOT' ${BRACED:-x}`)
	var got []string
	for _, w := range steps[0].Words {
		for _, v := range w.Vars {
			got = append(got, fmt.Sprint(v.Name, v.Quoted))
		}
	}
	if !slices.Equal(got, []string{"REFfalse", "SAFEtrue", "BRACEDfalse"}) {
		t.Errorf("got %v", got)
	}
	if n := Shell("A=1 sudo /usr/bin/make x")[0].Name(); n != "make" {
		t.Errorf("name %q, want make", n)
	}
}

func TestParse(t *testing.T) {
	s, err := Parse("version: 0.2\nenv:\n  secrets-manager: {B: x, A: y}\n  exported-variables: [A]\nphases:\n  build:\n    on-failure: CONTINUE\n    commands: [make]\n  install:\n    commands:\n      - npm ci\n")
	if err != nil || len(s.Commands) != 2 || s.Commands[0].Text != "npm ci" || s.Commands[0].Line != 11 || len(s.Continue) != 1 || !slices.Equal(s.Secret, []string{"A", "B"}) {
		t.Errorf("%+v, %v", s, err)
	}
	for _, bad := range []string{"", "- a", "a: [", strings.Repeat("a", 2<<20)} {
		if _, err := Parse(bad); err == nil {
			t.Errorf("%.10q was read", bad)
		}
	}
}

func FuzzShell(f *testing.F) {
	f.Add("a $(b `c` \"$d\") && e")
	f.Fuzz(func(t *testing.T, s string) {
		if len(s) > 1<<12 {
			t.Skip()
		}
		Shell(s)
		Parse(s)
	})
}
