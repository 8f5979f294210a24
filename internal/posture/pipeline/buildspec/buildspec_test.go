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
		`a &>f & b`:                   "[a &>f]; [b]",
		`a >| f | b`:                  "[a >| f]| [b]",
		"é \"ü\" '\u20ac' \\ß\xff":    "[é ü \u20ac ß\xff]",
		`"a\.b" "\$c" a\.b "\\"`:      `[a\.b $c a.b \]`,
		"a#b #c\nd # e":               "[a#b]; [d]",
		"${a ${b c":                   "[${a ${b c]",
		`"" ''`:                       "[ ]",
		"(a; b) && c":                 "[a]; [b]&& [c]",
		"":                            "", " \n;;": "", "'open": "[open]", `"open`: "[open]", "`open": "[open] [$()]", "$(open": "[open] [$()]", "a\\": `[a\]`,
		strings.Repeat("$(", 23) + "x": "[$ $ $ x]" + strings.Repeat(" [$()]", 20),
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

// TestName: the program that a command runs, behind assignments and wrappers.
func TestName(t *testing.T) {
	for text, want := range map[string]string{
		"make": "make", "./gradlew build": "gradlew", "/usr/bin/make": "make", "A=1 B=$C make": "make", "A=1": "", "": "",
		"sudo bash": "bash", "sudo -E bash -": "bash", "sudo -u root -H bash": "bash", "sudo -uroot bash": "bash", "sudo": "", "sudo -E": "", "sudo -u": "",
		"nohup time -p make": "make", "time -f %e make": "make", "exec -a x node y": "node", "sudo A=1 make": "make",
		"command make": "make", "command -p make": "make", "command -v make": "command", "command -V make": "command",
		"--a=b make": "--a=b", "a-b=c make": "a-b=c", "1a=b make": "1a=b", "./x=y": "x=y",
	} {
		got := ""
		if steps := Shell(text); len(steps) > 0 {
			got = steps[0].Name()
		}
		if got != want {
			t.Errorf("%q: %q, want %q", text, got, want)
		}
	}
}

func TestStepQuestions(t *testing.T) {
	step := func(text string) Step { return Shell(text)[0] }
	for text, want := range map[string]bool{
		"echo x > f": true, "echo x >f": true, "echo x>f": true, "echo x >> f": true, "echo x 1>f": true, "echo x &> f": true, "echo x >| f": true, "echo x >&3": true,
		"echo x": false, "echo x 2>f": false, "echo x 2> f": false, "echo x >&2": false, "echo x > /dev/stderr": false, "echo x >/dev/stdout": false,
		`echo "x > f"`: false, `echo 'x >' f`: false, `echo x \> f`: false, "echo x >": false, "echo 2>&1 x": false,
	} {
		if step(text).ToFile() != want {
			t.Errorf("%q goes into a file: %v", text, !want)
		}
	}
	for text, want := range map[string]bool{
		"set -x": true, "set -euxo pipefail": true, "set -o pipefail -x": true, "set -e -x": true, "bash -ex a.sh": true, "A=1 sudo -E bash -x a": true,
		"set +x": false, "set -e": false, "set --xtrace": false, "set -- -x": false, "bash a.sh -x": false, "sh - -x": false, "set": false, "set -o x": false, "bash -e - x": false,
	} {
		if step(text).Flag('x') != want {
			t.Errorf("%q has -x: %v", text, !want)
		}
	}
	for text, want := range map[string]string{
		"A=$x B=2 make C=$y": "[true true false false]", "export A=$x": "[false true]", "git clone --b=$x a=$y": "[false false false false]", "local 1=$x": "[false false]", "A=1": "[true]",
	} {
		s := step(text)
		var got []bool
		for i := range s.Words {
			got = append(got, s.Assigns(i))
		}
		if fmt.Sprint(got) != want {
			t.Errorf("%q: %v, want %s", text, got, want)
		}
	}
	if args := step("A=1 sudo -E bash -c x").Args(); len(args) != 2 || args[0].Text != "-c" {
		t.Errorf("args %v", args)
	}
	if args := step("A=1").Args(); len(args) != 0 {
		t.Errorf("args of nothing %v", args)
	}
}

// TestAliases: what stands behind YAML's aliases and merge keys is read like what
// is written out, an own member before a merged one.
func TestAliases(t *testing.T) {
	commands := func(text string) string {
		s, err := Parse(text)
		if err != nil {
			return err.Error()
		}
		var out []string
		for _, c := range s.Commands {
			out = append(out, fmt.Sprintf("%s:%d:%s", c.Phase, c.Line, c.Text))
		}
		return strings.Join(out, " ")
	}
	for text, want := range map[string]string{
		"x: &c [a, b]\nphases: {build: {commands: *c}}":                                         "build:1:a build:1:b",
		"x: &c a\nphases: {build: {commands: [*c, b, *c]}}":                                     "build:1:a build:2:b build:1:a",
		"x: &p {commands: [a]}\nphases: {build: *p, install: *p}":                               "install:1:a build:1:a",
		"x: &p {commands: [a], finally: [z]}\nphases:\n build:\n  <<: *p\n  commands: [b]\n":    "build:5:b build:1:z",
		"x: &p {commands: [a]}\ny: &q {commands: [b]}\nphases: {build: {<<: [*q, *p]}}":         "build:2:b",
		"x: &p {commands: [a]}\ny: &q {<<: *p}\nphases: {build: {<<: *q}}":                      "build:1:a",
		"k: &k commands\nphases: {build: {*k : [a]}}":                                           "build:2:a",
		"phases: &p {<<: *p, build: {commands: [a]}}":                                           "build:1:a",
		"phases: [{build: {commands: [a]}}]":                                                    "",
		"phases: {build: {commands: {a: b}}, other: {commands: [c]}, post_build: {finally: d}}": "post_build:1:d",
	} {
		if got := commands(text); got != want {
			t.Errorf("%s:\n got %s\nwant %s", text, got, want)
		}
	}
	// Thirty mappings that each merge the one before nine times.
	laughs := "a0: &a0 {commands: [x]}\n"
	for i := range 30 {
		laughs += fmt.Sprintf("a%d: &a%d {<<: [%s]}\n", i+1, i+1, strings.TrimSuffix(strings.Repeat(fmt.Sprintf("*a%d,", i), 9), ","))
	}
	if got := commands(laughs + "phases: {build: *a30}"); got != "build:1:x" {
		t.Errorf("merges of merges: %s", got)
	}
	s, err := Parse("x: &v {A: '1', B: '2'}\nenv:\n  variables: {<<: *v, A: '3'}\n  secrets-manager: &s {K: k}\n  parameter-store: *s\n  exported-variables: [&e A, *e]\n")
	if err != nil || fmt.Sprint(s.Variables) != "map[A:3 B:2]" || fmt.Sprint(s.Secret, s.Refs, s.Exported) != "[K K] [{SECRETS_MANAGER k} {PARAMETER_STORE k}] [A A]" {
		t.Errorf("%+v, %v", s, err)
	}
}

// TestTooMuch: a buildspec that is not wholly read is not read.
func TestTooMuch(t *testing.T) {
	many := func(n int) string { return "phases: {build: {commands: [" + strings.Repeat("a,", n) + "]}}" }
	if s, err := Parse(many(maxCommands)); err != nil || len(s.Commands) != maxCommands {
		t.Errorf("as many as may be: %v", err)
	}
	if _, err := Parse(many(maxCommands + 1)); err == nil || err.Error() != "the buildspec has more than 5000 commands" {
		t.Errorf("one too many: %v", err)
	}
	for _, long := range []string{strings.Repeat("a", maxSize), strings.Repeat("${", maxSize/2), strings.Repeat("`a", maxSize/2), `"` + strings.Repeat("é", maxSize/2)} {
		if steps := Shell(long); len(steps) == 0 || len(steps[len(steps)-1].String()) == 0 {
			t.Errorf("%.4q… gives nothing", long) // in a moment: a word once took time by its square
		}
	}
}

// TestOrder: phases run in CodeBuild's order, whatever the file's, each with its
// finally block behind; variables of a batch's builds give way to the project's.
func TestOrder(t *testing.T) {
	s, err := Parse(`
batch: {build-list: [{env: {variables: {A: batch, B: batch}}}], build-graph: [{env: {variables: {C: graph}}}]}
env: {variables: {A: own}}
phases:
  post_build: {commands: [d]}
  build: {finally: [c2], on-failure: continue, commands: [c1]}
  pre_build: {commands: [b], on-failure: ABORT}
  install: {commands: a, on-failure: CONTINUE}
`)
	if err != nil {
		t.Fatal(err)
	}
	var got []string
	for _, c := range s.Commands {
		got = append(got, c.Text)
	}
	if strings.Join(got, " ") != "a b c1 c2 d" || fmt.Sprint(s.Continue) != "[{install 8} {build 6}]" || fmt.Sprint(s.Variables) != "map[A:own B:batch C:graph]" {
		t.Errorf("%s, %v, %v", got, s.Continue, s.Variables)
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
	f.Add("a: &a {<<: *a}\nphases: &p {build: {commands: [*a, x]}, <<: [*p, *a]}")
	f.Add("sudo -u >")
	f.Fuzz(func(t *testing.T, s string) {
		if len(s) > 1<<12 {
			t.Skip()
		}
		for _, step := range Shell(s) {
			if len(step.Words) == 0 {
				t.Error("a step of no word")
			}
			step.Name()
			step.ToFile()
			step.Flag('x')
			for i := range step.Words {
				step.Assigns(i)
			}
		}
		if spec, err := Parse(s); (spec == nil) == (err == nil) {
			t.Error("a buildspec or an error, and not both")
		}
	})
}
