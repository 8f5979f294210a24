package model

import (
	"fmt"
	"math"
	"slices"
	"strconv"
	"strings"
	"time"
)

// Node is a tree in the shape of the API's JSON, which every reader makes of its
// own form. A nil node is absent; a node below an unknown one is unknown.
type Node struct {
	State  State
	At     Location
	Why    string           // of an unknown node
	Scalar any              // string, bool or float64
	Fields map[string]*Node // of an object
	Items  []*Node          // of a list
	List   bool             // it is a list, even when empty

	// Symbolic text holds references that only a deployment resolves. It serves to join
	// resources of one template; a pattern of that kind is unknown.
	Symbolic bool
}

// UnknownNode is a node whose value cannot be told.
func UnknownNode(at Location, why string) *Node { return &Node{State: Unknown, At: at, Why: why} }

// Get is the field of that name.
func (n *Node) Get(name string) *Node {
	if n == nil || n.State == Unknown {
		return n
	}
	return n.Fields[name]
}

// Path goes down several fields.
func (n *Node) Path(names ...string) *Node {
	for _, name := range names {
		n = n.Get(name)
	}
	return n
}

// Is says whether the node is known, thus neither nil nor unknown.
func (n *Node) Is() bool { return n != nil && n.State == Known }

// Values lists a list's nodes, none of them nil: a null in a list says nothing, and
// whoever goes through it need not look. A single object stands for a list of one,
// as Terraform writes blocks.
func (n *Node) Values() []*Node {
	if !n.Is() {
		return nil
	}
	switch {
	case !n.List:
		return []*Node{n}
	case !slices.Contains(n.Items, nil):
		return n.Items
	}
	return slices.DeleteFunc(slices.Clone(n.Items), func(item *Node) bool { return item == nil })
}

// read makes a value of a node with the conversion of its type.
func read[T any](n *Node, convert func(*Node) (T, bool)) Value[T] {
	switch {
	case n == nil || n.State == Absent:
		return Value[T]{}
	case n.State == Unknown:
		return Value[T]{State: Unknown, At: n.At, Why: n.Why}
	}
	v, ok := convert(n)
	if !ok {
		return Value[T]{State: Unknown, At: n.At, Why: "it is not of the type that the API gives it"}
	}
	return Value[T]{State: Known, V: v, At: n.At}
}

// Text reads a string; numbers and booleans, which YAML makes of unquoted text,
// are spelled out again.
func (n *Node) Text() Value[string] {
	return read(n, func(n *Node) (string, bool) {
		switch v := n.Scalar.(type) {
		case string:
			return v, true
		case bool:
			return strconv.FormatBool(v), true
		case float64:
			return number(v), true
		}
		return "", false
	})
}

func number(v float64) string {
	if v == math.Trunc(v) && math.Abs(v) < 1e15 {
		return strconv.FormatInt(int64(v), 10)
	}
	return strconv.FormatFloat(v, 'g', -1, 64)
}

// Hidden reads a string as a secret.
func (n *Node) Hidden() Value[Secret] {
	t := n.Text()
	return Value[Secret]{State: t.State, V: Hide(t.V), At: t.At, Why: t.Why}
}

// Literal reads a string that means what it says: symbolic text is unknown.
func (n *Node) Literal() Value[string] {
	v := n.Text()
	if v.Known() && n.Symbolic {
		return Value[string]{State: Unknown, At: v.At, Why: "it refers to what only a deployment knows"}
	}
	return v
}

// Flag reads a boolean, which CloudFormation also writes as text.
func (n *Node) Flag() Value[bool] {
	return read(n, func(n *Node) (bool, bool) {
		switch v := n.Scalar.(type) {
		case bool:
			return v, true
		case string:
			b, err := strconv.ParseBool(strings.ToLower(v))
			return b, err == nil
		}
		return false, false
	})
}

// Number reads a number.
func (n *Node) Number() Value[float64] {
	return read(n, func(n *Node) (float64, bool) {
		switch v := n.Scalar.(type) {
		case float64:
			return v, true
		case string:
			f, err := strconv.ParseFloat(v, 64)
			return f, err == nil && !math.IsNaN(f) && !math.IsInf(f, 0)
		}
		return 0, false
	})
}

// Strings reads a list of strings. One unknown element makes the list unknown.
func (n *Node) Strings() Value[[]string] {
	v := read(n, func(n *Node) ([]string, bool) {
		var out []string
		for _, item := range n.Values() {
			t := item.Text()
			if !t.Known() {
				return nil, false
			}
			out = append(out, t.V)
		}
		return out, true
	})
	for _, item := range n.Values() {
		if item != nil && item.State == Unknown {
			v.Why = item.Why
		}
	}
	return v
}

// Time reads seconds since the epoch, as the API and version 1 of the CLI write
// it, or RFC 3339.
func (n *Node) Time() Value[time.Time] {
	return read(n, func(n *Node) (time.Time, bool) {
		switch v := n.Scalar.(type) {
		case float64:
			if v < 0 || v > 1e11 {
				return time.Time{}, false
			}
			return time.UnixMilli(int64(v * 1000)).UTC(), true
		case string:
			t, err := time.Parse(time.RFC3339, v)
			return t.UTC(), err == nil
		}
		return time.Time{}, false
	})
}

// Each reads a list, one value per item.
func Each[T any](n *Node, item func(*Node) T) Value[[]T] {
	return read(n, func(n *Node) ([]T, bool) {
		if n.Scalar != nil {
			return nil, false
		}
		out := make([]T, 0, len(n.Values()))
		for _, i := range n.Values() {
			out = append(out, item(i))
		}
		return out, true
	})
}

// Plain is the tree as encoding/json would give it: unknown parts become nil.
// Policy documents are handed on in this form.
func (n *Node) Plain() any {
	switch {
	case !n.Is():
		return nil
	case n.List:
		out := make([]any, len(n.Items))
		for i, item := range n.Items {
			out[i] = item.Plain()
		}
		return out
	case n.Fields != nil:
		out := make(map[string]any, len(n.Fields))
		for k, f := range n.Fields {
			out[k] = f.Plain()
		}
		return out
	}
	return n.Scalar
}

// Holes lists the unknown parts below n, at most limit, as sorted reasons.
func (n *Node) Holes(limit int) []string {
	var out []string
	var walk func(*Node)
	walk = func(n *Node) {
		if n == nil || len(out) >= limit {
			return
		}
		if n.State == Unknown {
			out = append(out, fmt.Sprintf("%s: %s", n.At, n.Why))
		}
		for _, k := range sortedKeys(n.Fields) {
			walk(n.Fields[k])
		}
		for _, item := range n.Items {
			walk(item)
		}
	}
	walk(n)
	return out
}
