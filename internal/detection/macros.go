package detection

import (
	"encoding/json"
	"slices"
	"time"

	"cel.dev/cel-go/cel"
	"cel.dev/cel-go/common"
	"cel.dev/cel-go/common/ast"
	"cel.dev/cel-go/common/types"
)

// What a rule writes as fact("x") or burst(5, "10m") needs more than its
// arguments: the case, the other events. The macros put that in as a hidden
// first argument, and check the arguments where a mistake can be shown by line
// and column.
const (
	sceneVar   = "__scene"
	factCall   = "__fact"
	windowCall = "__window"
)

// macros are what rules call that needs more than its arguments.
func macros() []cel.Macro {
	all := []cel.Macro{
		cel.GlobalMacro("fact", 1, factMacro),
		cel.GlobalMacro("external_account", 2, withScene("__external_account")),
		cel.GlobalMacro("policy_external", 2, withScene("__policy_external")),
		cel.GlobalMacro("policy_trusts", 2, withScene("__policy_trusts")),
		cel.GlobalMacro("made_by_intruder", 0, withScene("__made_by_intruder")),
		cel.GlobalMacro("intruder_network", 0, withScene("__intruder_network")),
		cel.GlobalMacro("after_responder", 1, withScene("__after_responder")),
	}
	for _, k := range windowKinds {
		all = append(all, cel.GlobalVarArgMacro(k.name, windowMacro(k)))
	}
	return all
}

// withScene puts the scene before the arguments as they stand.
func withScene(function string) cel.MacroFactory {
	return func(eh cel.MacroExprFactory, _ ast.Expr, args []ast.Expr) (ast.Expr, *common.Error) {
		return eh.NewCall(function, append([]ast.Expr{eh.NewIdent(sceneVar)}, args...)...), nil
	}
}

// factMacro checks that the fact is known: a misspelt one would be unknown for ever, and the
// rule silent.
func factMacro(eh cel.MacroExprFactory, _ ast.Expr, args []ast.Expr) (ast.Expr, *common.Error) {
	name, ok := literal(args[0]).(string)
	if _, known := KnownFacts[name]; !ok || !known {
		return nil, eh.NewError(args[0].ID(), "unknown fact: see KnownFacts in internal/detection/facts.go")
	}
	return eh.NewCall(factCall, eh.NewIdent(sceneVar), args[0]), nil
}

// windowMacro turns distinct_ops(6, "5m") into one call whose argument is the
// window's description, so that run time need only look it up.
func windowMacro(k windowKind) cel.MacroFactory {
	return func(eh cel.MacroExprFactory, _ ast.Expr, args []ast.Expr) (ast.Expr, *common.Error) {
		w := window{Kind: k.name}
		if len(args) < k.least || len(args) > len(k.args) {
			return nil, eh.NewError(0, k.name+": wrong number of arguments, want "+k.usage)
		}
		for i, arg := range args {
			if !w.set(k.args[i], arg) {
				return nil, eh.NewError(arg.ID(), k.name+": arguments are literals, want "+k.usage)
			}
		}
		spec, err := json.Marshal(w)
		if err != nil {
			return nil, eh.NewError(0, err.Error())
		}
		return eh.NewCall(windowCall, eh.NewIdent(sceneVar), eh.NewLiteral(types.String(spec))), nil
	}
}

// set takes one literal argument of the named sort.
func (w *window) set(sort string, arg ast.Expr) bool {
	switch sort {
	case "n":
		n, ok := literal(arg).(int64)
		w.N = int(n)
		// One of a thing is no window, and no rule of the catalogue needs a thousand.
		return ok && n > 1 && n <= 1000
	case "within":
		text, _ := literal(arg).(string)
		d, err := time.ParseDuration(text)
		w.Within = d
		// A week bounds what has to be looked at around an event.
		return err == nil && d > 0 && d <= 7*24*time.Hour
	case "path":
		path, ok := literal(arg).(string)
		w.Path = path
		return ok && path != ""
	case "link":
		link, ok := literal(arg).(string)
		w.Link = link
		return ok && slices.Contains([]string{"any", "instance", "network"}, link)
	case "steps":
		w.Steps = literals(arg)
		return len(w.Steps) > 1 && len(w.Steps) <= 8
	case "rules":
		w.Rules = literals(arg)
		return len(w.Rules) > 0
	}
	return false
}

// literal is the value of a literal; nil of anything that is computed.
func literal(e ast.Expr) any {
	if e.Kind() != ast.LiteralKind {
		return nil
	}
	return e.AsLiteral().Value()
}

// literals reads a string, or a list of strings; anything else gives nil.
func literals(e ast.Expr) []string {
	if s, ok := literal(e).(string); ok {
		return []string{s}
	}
	if e.Kind() != ast.ListKind {
		return nil
	}
	var out []string
	for _, el := range e.AsList().Elements() {
		s, ok := literal(el).(string)
		if !ok {
			return nil
		}
		out = append(out, s)
	}
	return out
}
