package check

import (
	"errors"
	"fmt"
	"regexp"
	"sync"

	"cel.dev/cel-go/cel"
	"cel.dev/cel-go/common/types"
	"cel.dev/cel-go/common/types/ref"
	"cel.dev/cel-go/ext"

	"github.com/trailhound/trailhound/internal/posture/pipeline/model"
)

// loops are the macros that go over a list.
// A text that merely looks like one costs the counting of work and nothing else.
var loops = regexp.MustCompile(`\.(?:all|exists|exists_one|filter|map)\(`)

// costLimit bounds one evaluation; views are small and bounded themselves.
// A user may overlay checks of his own; without the limit two nested loops over a
// long list would hold the audit up.
const costLimit = 200_000

// There is one environment for all checks; programs are safe for use by several
// goroutines.
var environment = sync.OnceValues(func() (*cel.Env, error) {
	return cel.NewEnv(ext.Strings(),
		cel.Variable("it", cel.DynType),      // the subject
		cel.Variable("project", cel.DynType), // the project it belongs to, null when it belongs to none
		cel.Variable("exposed", cel.DynType), // people without write access can open pull requests
		cel.Variable("open", cel.DynType),    // people without write access can make it run code
	)
})

// program compiles a condition. One of a type that cannot be a truth value is refused here,
// and not when it first meets a subject.
func program(expr string) (cel.Program, error) {
	env, err := environment()
	if err != nil {
		return nil, fmt.Errorf("build environment: %w", err)
	}
	checked, iss := env.Compile(expr)
	if iss.Err() != nil {
		return nil, iss.Err()
	}
	if t := checked.OutputType(); t != cel.BoolType && t != cel.DynType {
		return nil, fmt.Errorf("it gives %s, not bool", t)
	}
	opts := []cel.ProgramOption{cel.EvalOptions(cel.OptOptimize)}
	if loops.MatchString(expr) { // without one the work is bounded by the text, and counting it costs a third of it
		opts = append(opts, cel.CostLimit(costLimit))
	}
	return env.Program(checked, opts...)
}

// view is what a condition sees of a subject: plain values, null for absent,
// CEL's unknown for unknown. Unknowns carry numbers by which their reasons are
// found again after CEL has carried them through the condition.
type view map[string]any

// reasons are why values are unknown, by number from 1.
type reasons struct {
	mu   sync.Mutex
	why  []string
	vals map[string]ref.Val
}

// unknown gives each reason one value, so that a reason has one number however often
// it comes up.
func (r *reasons) unknown(why string) ref.Val {
	if why == "" {
		why = "a value it rests on is not known"
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	if v := r.vals[why]; v != nil {
		return v
	}
	if r.vals == nil {
		r.vals = map[string]ref.Val{}
	}
	r.why = append(r.why, why)
	v := types.NewUnknown(int64(len(r.why)), nil)
	r.vals[why] = v
	return v
}

// of is the first reason that a result carries: CEL joins the numbers of all that it
// rested on.
func (r *reasons) of(u *types.Unknown) string {
	r.mu.Lock()
	defer r.mu.Unlock()
	for _, id := range u.IDs() {
		if id > 0 && int(id) <= len(r.why) {
			return r.why[id-1]
		}
	}
	return "a value it rests on is not known"
}

// put gives a value to CEL.
func put[T any](r *reasons, v model.Value[T]) any {
	switch v.State {
	case model.Known:
		return v.V
	case model.Unknown:
		return r.unknown(v.Why)
	}
	return nil
}

// or gives a value with the service's default for an absent one.
func or[T any](r *reasons, v model.Value[T], d T) any { return put(r, v.Default(d)) }

var errNoBool = errors.New("the condition gave no truth value")

// eval is 1, 0 or -1 for unknown, with the reason.
func eval(p cel.Program, vars map[string]any, r *reasons) (int, string, error) {
	// CEL decides "unknown && false" and "unknown || true" by itself, so a condition that
	// holds or fails whatever the unknown part is comes out decided.
	out, _, err := p.Eval(vars)
	if u, ok := out.(*types.Unknown); ok {
		return -1, r.of(u), nil
	}
	if err != nil {
		return 0, "", err
	}
	if b, ok := out.Value().(bool); ok {
		if b {
			return 1, "", nil
		}
		return 0, "", nil
	}
	return 0, "", errNoBool
}
