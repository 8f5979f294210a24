package ledger

import (
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"testing/fstest"

	"github.com/rogpeppe/go-internal/txtar"
)

// TestRecoverySamples reads each sample call beside the losses: what it takes away, and what it
// says of the ways. Every loss and every way that a call tells must be shown by one.
func TestRecoverySamples(t *testing.T) {
	table := load(t)
	shownLoss, shownWay := map[*Loss]bool{}, map[*Way]bool{}
	for _, name := range glob(t, "recovery/*.txtar") {
		ar, err := txtar.ParseFile(name)
		if err != nil {
			t.Fatal(err)
		}
		changed := false
		for i, f := range ar.Files {
			var out []string
			n := 0
			for line := range strings.Lines(string(f.Data)) {
				if line = strings.TrimRight(line, "\n"); strings.HasPrefix(line, "  ") {
					continue
				}
				out = append(out, line)
				if line == "" || strings.HasPrefix(line, "#") {
					continue
				}
				n++
				out = append(out, recovered(table, say(t, line, "", n), shownLoss, shownWay)...)
			}
			if got := strings.Join(out, "\n") + "\n"; got != string(f.Data) {
				if *update {
					ar.Files[i].Data, changed = []byte(got), true
					continue
				}
				t.Errorf("%s: %s: run with -update and read the diff; got:\n%s", name, f.Name, got)
			}
		}
		if changed {
			if err := os.WriteFile(name, txtar.Format(ar), 0o644); err != nil {
				t.Fatal(err)
			}
		}
	}
	for _, l := range table.losses {
		if !shownLoss[l] {
			t.Errorf("%s: %s: no sample takes it away", l.Thing, l.What)
		}
		for i, w := range l.Ways {
			if w.From != FromListing && !shownWay[w] {
				t.Errorf("%s: %s: no sample shows way %d", l.Thing, l.What, i+1)
			}
		}
		// What the ledger does not know as an act on the thing would have no row to stand by.
		for _, call := range l.Calls {
			if _, ok := table.calls[l.Source+":"+call]; !ok {
				t.Errorf("%s: %s: the ledger does not know %s", l.Thing, l.What, call)
			}
		}
	}
}

// recovered is what the losses make of one call.
func recovered(table *Table, s said, losses map[*Loss]bool, ways map[*Way]bool) (out []string) {
	for _, x := range table.Lost(&s.event, s.record) {
		losses[x.Loss] = true
		out = append(out, fmt.Sprintf("  lost %s %s: %s", x.Type, x.ID, x.Loss.What))
		for _, w := range x.Loss.Ways {
			if w.From != FromCall {
				continue
			}
			if told, ok := x.Loss.Told(w, x.Key, &s.event, s.record); ok {
				ways[w] = true
				out = append(out, fmt.Sprintf("    %s: %s", w.Is, told.Text))
			}
		}
	}
	for _, l := range table.losses {
		for _, w := range l.Ways {
			if end := w.EndedBy(&s.event, s.record); end != "" {
				out = append(out, "  ends "+end)
			}
			if w.From == FromCall || w.From == FromListing || w.Source != s.event.Source || !slices.Contains(w.Calls, s.event.Name) {
				continue
			}
			for _, n := range newCall(&s.event, s.record, nil).identifyAll(l.thing, w.Of) {
				if told, ok := l.Told(w, n.key, &s.event, s.record); ok {
					ways[w] = true
					out = append(out, strings.TrimRight(fmt.Sprintf("  %s %s %s: %s%s", w.From, w.Is, n.show, told.Text, told.Copy), " "))
				}
			}
		}
	}
	return unique(out) // losses share ways
}

// unique keeps the first of equal lines.
func unique(lines []string) (out []string) {
	for _, l := range lines {
		if !slices.Contains(out, l) {
			out = append(out, l)
		}
	}
	return out
}

// TestRecoveryRefuses holds that a mistake is named with its file and its thing.
func TestRecoveryRefuses(t *testing.T) {
	ok := "losses: [{source: iam.amazonaws.com, calls: [DeleteUser], thing: iam.user, id: request.userName, what: w, decides: d, ways: ["
	for name, tt := range map[string]struct{ text, want string }{
		"unknown thing":   {"losses: [{source: s, calls: [C], thing: iam.usr, id: i, what: w, decides: d}]", `no thing "iam.usr"`},
		"a part":          {"losses: [{source: s, calls: [C], thing: iam.password, id: i, what: w, decides: d}]", `no thing "iam.password"`},
		"undecided":       {"losses: [{source: s, calls: [C], thing: iam.user, id: i, what: w}]", "needs source"},
		"unknown field":   {"losses: [{colour: red}]", "colour"},
		"unknown from":    {ok + "{from: hope, says: s}]}]", `from "hope"`},
		"unknown is":      {ok + "{from: call, is: well, says: s}]}]", `is "well"`},
		"says nothing":    {ok + "{from: call}]}]", "says nothing"},
		"setting of what": {ok + "{from: setting, calls: [C], says: s}]}]", "calls and of"},
		"nameless copy":   {ok + "{from: copy, calls: [C], of: request.a}]}]", "without its name"},
		"unclaimable":     {ok + "{from: call, says: s, when: [{path: identity.userName, is: x}]}]}]", "neither of request"},
		"bare listing":    {ok + "{from: listing, copy: A}]}]", "needs kind"},
		"copies of what":  {"copies: [{things: [iam.usr], from: copy, source: s, calls: [C], of: request.a, copy: request.b}]", `no thing "iam.usr"`},
	} {
		t.Run(name, func(t *testing.T) {
			_, err := Load(fstest.MapFS{"ledger/iam.yml": {Data: []byte(sound)}, "recovery/iam.yml": {Data: []byte(tt.text)}})
			if err == nil || !strings.Contains(err.Error(), tt.want) || !strings.HasPrefix(err.Error(), filepath.ToSlash("recovery/iam.yml: ")) {
				t.Errorf("got %v, want it to say %q", err, tt.want)
			}
		})
	}
}
