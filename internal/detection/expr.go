package detection

import (
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strings"
	"sync"

	"cel.dev/cel-go/cel"
	"cel.dev/cel-go/common/ast"
	"cel.dev/cel-go/common/operators"
	"cel.dev/cel-go/ext"
)

// costLimit bounds one evaluation, in CEL's units (roughly one a step, and one
// per ten characters compared). The dearest rule of the pack stays below a
// hundredth of it on real records; a hostile record cannot hold the run up.
const costLimit = 1_000_000

// condition is a compiled When.
// It is immutable once compiled, and shared by all runs.
type condition struct {
	program   cel.Program // nil: always true
	windows   []window    // in order of appearance
	facts     []string    // names, in order of appearance
	conjuncts int
}

// environment is built once: it is the same for every rule and immutable.
var environment = sync.OnceValues(newEnvironment)

// newEnvironment names what a condition can see of an event. Records are dynamic, so that a
// field is checked when it is read: what AWS leaves out makes no rule fail.
func newEnvironment() (*cel.Env, error) {
	opts := []cel.EnvOption{
		ext.Strings(),
		cel.Variable("event", cel.DynType),     // the record, nulls removed
		cel.Variable("params", cel.DynType),    // requestParameters, {} if absent
		cel.Variable("result", cel.DynType),    // responseElements, {} if absent
		cel.Variable("caller", cel.DynType),    // userIdentity, {} if absent
		cel.Variable("extra", cel.DynType),     // additionalEventData, {} if absent
		cel.Variable("name", cel.StringType),   // eventName without version suffix
		cel.Variable("source", cel.StringType), // eventSource
		cel.Variable("outcome", cel.StringType),
		cel.Variable("actor", cel.StringType),
		cel.Variable("account", cel.StringType),  // account the event was recorded in
		cel.Variable("attributed", cel.BoolType), // the actor is the intruder, certainly or likely
		cel.Variable("target_user", cel.DynType), // see targetUser
		cel.Variable("bucket", cel.StringType),   // see bucket
		cel.Variable(sceneVar, cel.DynType),
		cel.Macros(macros()...),
	}
	return cel.NewEnv(append(opts, functions()...)...)
}

// compile checks the expression, finds the windows and facts it speaks of, and
// prepares it.
func compile(expr string) (*condition, error) {
	c := &condition{}
	if strings.TrimSpace(expr) == "" {
		return c, nil
	}
	env, err := environment()
	if err != nil {
		return nil, fmt.Errorf("build environment: %w", err)
	}
	checked, iss := env.Compile(expr)
	if iss.Err() != nil {
		return nil, iss.Err()
	}
	if checked.OutputType() != cel.BoolType && checked.OutputType() != cel.DynType {
		return nil, fmt.Errorf("condition gives %s, not bool", checked.OutputType())
	}
	// The checked tree, after the macros: windows and facts are calls in it.
	root := checked.NativeRep().Expr()
	if err := c.collect(root); err != nil {
		return nil, err
	}
	if !onlyJoined(root) {
		return nil, errors.New("a window may only be joined by && and ||")
	}
	c.conjuncts = conjuncts(root)
	c.program, err = env.Program(checked, cel.EvalOptions(cel.OptOptimize), cel.CostLimit(costLimit))
	return c, err
}

// collect reads the windows and facts back out of the calls that the macros wrote.
func (c *condition) collect(root ast.Expr) error {
	var failed error
	ast.PostOrderVisit(root, ast.NewExprVisitor(func(e ast.Expr) {
		if e.Kind() != ast.CallKind {
			return
		}
		call := e.AsCall()
		switch call.FunctionName() {
		case windowCall:
			spec, _ := call.Args()[1].AsLiteral().Value().(string)
			w := window{spec: spec}
			if err := json.Unmarshal([]byte(spec), &w); err != nil {
				failed = fmt.Errorf("read window %s: %w", spec, err)
			}
			c.windows = append(c.windows, w)
		case factCall:
			name, _ := call.Args()[1].AsLiteral().Value().(string)
			c.facts = append(c.facts, name)
		}
	}))
	return failed
}

// isWindow says whether e is the call of a window.
func isWindow(e ast.Expr) bool {
	return e.Kind() == ast.CallKind && e.AsCall().FunctionName() == windowCall
}

// onlyJoined says whether windows stand only where answering true for them can
// make the whole true and never false: the first pass over the subjects, which
// gathers the candidates, rests on that.
func onlyJoined(e ast.Expr) bool {
	if isWindow(e) {
		return true
	}
	if e.Kind() == ast.CallKind {
		switch e.AsCall().FunctionName() {
		case operators.LogicalAnd, operators.LogicalOr:
			return !slices.ContainsFunc(e.AsCall().Args(), func(arg ast.Expr) bool { return !onlyJoined(arg) })
		}
	}
	found := false
	ast.PostOrderVisit(e, ast.NewExprVisitor(func(e ast.Expr) { found = found || isWindow(e) }))
	return !found
}

// refs are the ids of the rules that the condition's windows speak of.
func (c *condition) refs() []string {
	var ids []string
	for _, w := range c.windows {
		ids = append(ids, w.Rules...)
	}
	return ids
}

// conjuncts is how many things a condition asks for at its top, the measure of how special it
// is.
func conjuncts(e ast.Expr) int {
	if e.Kind() == ast.CallKind && e.AsCall().FunctionName() == operators.LogicalAnd {
		n := 0
		for _, arg := range e.AsCall().Args() {
			n += conjuncts(arg)
		}
		return n
	}
	return 1
}
