package intake

import (
	"fmt"
	"io/fs"
	"regexp"
	"slices"
	"strings"
	"sync"

	"github.com/trailhound/trailhound/content"
)

// Ask is a question of who did something to a thing that it names: "who added eve to
// group admins". It accuses nobody; it wants the call.
type Ask struct {
	Text  string   // the question, as it stands
	Calls []string // that answer it, as service:Name
	Words []string // what it may name: all of its words behind the verb
}

// ask is one entry of content/intake/asks.yml.
type ask struct {
	Verbs []string `yaml:"verbs"`
	Calls []string `yaml:"calls"`
}

// asking is content/intake/asks.yml.
type asking struct {
	Asks   []ask    `yaml:"asks"`
	Told   []string `yaml:"told"`   // before a name: then who it was is told, not asked
	Open   []string `yaml:"open"`   // no name
	Passed []string `yaml:"passed"` // may stand before the name
}

// builtinAsks is the embedded list, read once.
var builtinAsks = sync.OnceValues(func() (*asking, error) { return loadAsks(content.FS) })

// loadAsks reads and checks the list. A verb of two entries would make the answer depend on
// their order.
func loadAsks(fsys fs.FS) (*asking, error) {
	var file asking
	if err := load(fsys, "intake/asks.yml", "asks", &file); err != nil {
		return nil, err
	}
	met := map[string]bool{}
	for _, a := range file.Asks {
		for _, v := range a.Verbs {
			if met[v] {
				return nil, fmt.Errorf("read asks: %q stands twice", v)
			}
			met[v] = true
		}
		for _, c := range a.Calls {
			if service, name, ok := strings.Cut(c, ":"); !ok || service == "" || name == "" {
				return nil, fmt.Errorf("read asks: %q is not service:Name", c)
			}
		}
	}
	return &file, nil
}

// whoDid finds "who" with the word behind it, up to the end of the sentence. A stop inside a name ends none.
var whoDid = regexp.MustCompile(`(?i)\bwho(?:\s+(?:has|had|did|just|actually|originally))*\s+([a-z]+)\b((?:[^.?!;\n]|\.\S)*)`)

// answers says that the words up to a "who" tell who it was: "it was bob who deleted the table"
// asks nothing.
func (a *asking) answers(before string) bool {
	words := strings.Fields(strings.ToLower(before))
	n := len(words)
	if n < 3 || slices.Contains(a.Open, words[n-1]) {
		return false
	}
	i := n - 2
	for i > 1 && slices.Contains(a.Passed, words[i]) {
		i--
	}
	return slices.Contains(a.Told, words[i-1]+" "+words[i])
}

const (
	maxAsks = 4  // questions of one text that are looked up, each of which reads the evidence
	maxWho  = 64 // words "who" that are looked at: each is read to the end of its sentence
)

// asksOf reads the questions of a text.
func asksOf(g *gloss) (out []Ask) {
	all, err := builtinAsks()
	if err != nil { // cannot happen in a build whose tests pass; then nothing can be looked up
		return nil
	}
	from, next := 0, 0
	for n := 0; n < maxWho && len(out) < maxAsks; n, from = n+1, next {
		m := whoDid.FindStringSubmatchIndex(g.text[from:])
		if m == nil {
			break
		}
		for k := range m {
			m[k] += from
		}
		// Behind a "who" that asks nothing ("bob, who is on call, asks who did it") the search
		// goes on in the same sentence.
		next = m[3]
		verb := strings.ToLower(g.text[m[2]:m[3]])
		i := slices.IndexFunc(all.Asks, func(a ask) bool { return slices.Contains(a.Verbs, verb) })
		if i < 0 || all.answers(g.text[:m[0]]) {
			continue
		}
		a := Ask{Text: strings.TrimSpace(g.said(m[0], m[1])), Calls: all.Asks[i].Calls}
		for _, w := range strings.Fields(g.text[m[4]:m[5]]) {
			if w = strings.Trim(w, ".,:()[]<>\"'`“”‘’"); w != "" && !slices.Contains(a.Words, w) {
				a.Words = append(a.Words, w)
			}
		}
		out, next = append(out, a), m[1]
	}
	return out
}

// Where says which sources and names the answering calls have.
func (a Ask) Where() (sources, names []string) {
	for _, c := range a.Calls {
		service, name, _ := strings.Cut(c, ":")
		if s := service + ".amazonaws.com"; !slices.Contains(sources, s) {
			sources = append(sources, s)
		}
		names = append(names, name)
	}
	return sources, names
}
