package detection

import (
	"strconv"
	"strings"
	"time"

	"cel.dev/cel-go/cel"
	"cel.dev/cel-go/common/types"
	"cel.dev/cel-go/common/types/ref"
)

// functions are what rules can call besides CEL's own. An argument that is
// unknown (the parameters of a refused call) makes the answer unknown: CEL sees
// to that for every function here.
func functions() []cel.EnvOption {
	dyn, str, boolean, list := cel.DynType, cel.StringType, cel.BoolType, cel.ListType(cel.StringType)
	return []cel.EnvOption{
		one("policy_admin", dyn, boolean, func(v any) any { return policyAdmin(v) }),
		one("policy_public", dyn, boolean, func(v any) any { return policyPublic(v) }),
		one("policy_has_deny", dyn, boolean, func(v any) any { return policyHasDeny(v) }),
		one("any_public", dyn, boolean, func(v any) any { return anyPublic(v) }),
		one("strs", dyn, list, func(v any) any { return scalars(v) }),
		one("num", dyn, cel.DoubleType, number),
		two("at", dyn, str, list, func(v any, path string) any { return at(v, path) }),
		two("under", dyn, str, list, func(v any, key string) any { return under(v, key) }),
		cel.Function("mentions", cel.Overload("mentions_2", []*cel.Type{dyn, str}, boolean,
			cel.BinaryBinding(func(v, w ref.Val) ref.Val { return types.Bool(mentions(native(v), text(w), 0)) }))),
		cel.Function("says", cel.Overload("says_dyn_string_string", []*cel.Type{dyn, str, str}, boolean,
			cel.FunctionBinding(func(args ...ref.Val) ref.Val {
				return types.Bool(says(native(args[0]), text(args[1]), text(args[2])))
			}))),

		scened("__fact", []*cel.Type{str}, func(s *scene, args []ref.Val) ref.Val { return types.Bool(s.fact(text(args[0]))) }),
		scened("__window", []*cel.Type{str}, func(s *scene, args []ref.Val) ref.Val { return types.Bool(s.window(text(args[0]))) }),
		scened("__external_account", []*cel.Type{dyn, str}, func(s *scene, args []ref.Val) ref.Val {
			return types.Bool(externalAccount(native(args[0]), s.ours(text(args[1]))))
		}),
		scened("__policy_external", []*cel.Type{dyn, str}, func(s *scene, args []ref.Val) ref.Val {
			return types.Bool(policyExternal(native(args[0]), s.ours(text(args[1]))))
		}),
		scened("__policy_trusts", []*cel.Type{dyn, str}, func(s *scene, args []ref.Val) ref.Val {
			return types.Bool(policyTrusts(native(args[0]), s.ours(text(args[1]))))
		}),
		scened("__made_by_intruder", nil, func(s *scene, _ []ref.Val) ref.Val { return types.Bool(s.madeByIntruder()) }),
		scened("__intruder_network", nil, func(s *scene, _ []ref.Val) ref.Val { return types.Bool(s.intruderNetwork()) }),
		scened("__after_responder", []*cel.Type{str}, func(s *scene, args []ref.Val) ref.Val {
			d, err := time.ParseDuration(text(args[0]))
			if err != nil {
				return types.NewErr("after_responder: %s", err)
			}
			return types.Bool(s.afterResponder(d))
		}),
	}
}

// one declares a function of one argument.
func one(name string, arg, out *cel.Type, f func(any) any) cel.EnvOption {
	return cel.Function(name, cel.Overload(name+"_1", []*cel.Type{arg}, out,
		cel.UnaryBinding(func(v ref.Val) ref.Val { return value(f(native(v))) })))
}

// two declares a function of a value and a text.
func two(name string, a, b, out *cel.Type, f func(any, string) any) cel.EnvOption {
	return cel.Function(name, cel.Overload(name+"_2", []*cel.Type{a, b}, out,
		cel.BinaryBinding(func(v, w ref.Val) ref.Val { return value(f(native(v), text(w))) })))
}

// scened declares a function whose first argument is the hidden scene.
func scened(name string, args []*cel.Type, f func(*scene, []ref.Val) ref.Val) cel.EnvOption {
	return cel.Function(name, cel.Overload(name+"_scene", append([]*cel.Type{cel.DynType}, args...), cel.BoolType,
		cel.FunctionBinding(func(vals ...ref.Val) ref.Val {
			s, ok := vals[0].(*scene)
			if !ok {
				return types.NewErr("%s: no scene", name)
			}
			return f(s, vals[1:])
		})))
}

// value makes a CEL value of a Go one; what is one already, such as an error, stays.
func value(v any) ref.Val {
	if e, ok := v.(ref.Val); ok {
		return e
	}
	return types.DefaultTypeAdapter.NativeToValue(v)
}

// native is the Go value behind v. Lists that CEL or one of our functions made
// come as []any, like those of the record.
func native(v ref.Val) any {
	switch list := v.Value().(type) {
	case []string:
		out := make([]any, len(list))
		for i, s := range list {
			out[i] = s
		}
		return out
	case []ref.Val:
		out := make([]any, len(list))
		for i, el := range list {
			out[i] = native(el)
		}
		return out
	default:
		return list
	}
}

// text is a string value; "" of anything else.
func text(v ref.Val) string {
	s, _ := v.Value().(string)
	return s
}

// says asks whether any scalar at the path equals want, case and JSON type
// aside: AWS writes true, "true" and "True".
func says(v any, path, want string) bool {
	for _, s := range at(v, path) {
		if strings.EqualFold(s, want) {
			return true
		}
	}
	return false
}

// number reads a number that AWS may have written as text. What is no number
// counts as absent.
func number(v any) any {
	s, ok := scalar(v)
	if !ok {
		return types.NewErr("no such key: number")
	}
	f, err := strconv.ParseFloat(strings.TrimSpace(s), 64)
	if err != nil {
		return types.NewErr("no such key: number")
	}
	return f
}
