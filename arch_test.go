package trailhound

import (
	"go/parser"
	"go/token"
	"io/fs"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"
)

// stages is the architecture, in one list. Evidence flows down it; imports
// point up it. A package may import only the stages listed above its own.
var stages = []string{
	"evidence",      // what was collected and what it says
	"source",        // collectors and decoders: artifacts in, events out
	"access",        // what a principal could do: policies, escalation paths
	"summary",       // what each principal did, in numbers, before any case
	"intake",        // the case text and the answers, read: anchors, times, statements
	"lineage",       // credentials, and where each one came from
	"posture",       // pipeline audit and scanner runs: what was weak
	"attribution",   // intruder or owner, event by event, with reasons
	"detection",     // rules over events
	"ledger",        // what was made, changed and removed, and its later life
	"claim",         // sentences with predicates, and the check of both against evidence
	"investigation", // a case run: findings, persistence, impact, limits
	"playbook",      // the flow of each kind of case: what closes it, and what else it could be
	"assist",        // the optional language model: proposes, never acts (planned)
	"casefile",      // cases, alerts, triage, custody log (planned)
	"response",      // the containment plan
	"report",        // a case, rendered and verified
	"simulator",     // incidents of our own making, with their truth
	"eval",          // reports held against truth
	"store",         // the evidence store on disk
	"server",        // the HTTP API (planned)
}

// leaves are wired only by cmd/trailhound: nothing else may depend on which database,
// model or web server we use.
var leaves = []string{"assist", "simulator", "eval", "store", "server"}

// TestImportsPointUpstream reads the files itself rather than running go list,
// so that the test cache notices when they change.
func TestImportsPointUpstream(t *testing.T) {
	const prefix = "github.com/trailhound/trailhound/internal/"
	err := filepath.WalkDir("internal", func(path string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() || !strings.HasSuffix(path, ".go") || strings.HasSuffix(path, "_test.go") {
			return err
		}
		from := strings.Split(filepath.ToSlash(path), "/")[1]
		if !slices.Contains(stages, from) {
			t.Errorf("%s: internal/%s is not in stages: say where it belongs, or put it under a stage", path, from)
		}
		f, err := parser.ParseFile(token.NewFileSet(), path, nil, parser.ImportsOnly)
		if err != nil {
			return err
		}
		for _, spec := range f.Imports {
			imp, _ := strconv.Unquote(spec.Path.Value)
			rest, ok := strings.CutPrefix(imp, prefix)
			to, _, _ := strings.Cut(rest, "/")
			switch {
			case !ok || to == from:
			case slices.Contains(leaves, to):
				t.Errorf("%s imports %s: only cmd/trailhound may", path, imp)
			case slices.Index(stages, to) > slices.Index(stages, from):
				t.Errorf("%s imports %s, which is downstream of it", path, imp)
			}
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
}
