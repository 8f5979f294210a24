package inert

import (
	"reflect"
	"slices"
	"time"
)

// maxDepth bounds nesting of what Copy follows: a report is six deep, and JSON inside a
// predicate may be hostile.
const maxDepth = 64

// Copy returns a deep copy of v in which every string, map key included, went through Text, or
// through Lines for the struct fields that lines names (as "Type.Field"). A rendering that
// starts from a copy cannot forget a field.
//
// Equal strings stay equal, so identifiers still join. Unexported fields are left zero, but
// for those of a time.Time, which holds no text of anybody's.
func Copy[T any](v *T, lines ...string) *T {
	out := new(T)
	c := copier{lines: lines}
	c.value(reflect.ValueOf(out).Elem(), reflect.ValueOf(v).Elem(), false, 0)
	return out
}

type copier struct{ lines []string }

// value fills dst, which is zero, from src. Beyond maxDepth dst stays zero: what is cut off is
// not shown, rather than shown as it is.
func (c copier) value(dst, src reflect.Value, multiline bool, depth int) {
	if depth > maxDepth {
		return
	}
	switch src.Kind() {
	case reflect.String:
		if multiline {
			dst.SetString(Lines(src.String()))
		} else {
			dst.SetString(Text(src.String()))
		}
	case reflect.Pointer:
		if !src.IsNil() {
			dst.Set(reflect.New(src.Type().Elem()))
			c.value(dst.Elem(), src.Elem(), multiline, depth+1)
		}
	case reflect.Interface:
		if !src.IsNil() {
			v := reflect.New(src.Elem().Type()).Elem()
			c.value(v, src.Elem(), multiline, depth+1)
			dst.Set(v)
		}
	case reflect.Struct:
		if src.Type() == reflect.TypeFor[time.Time]() {
			dst.Set(src)
			return
		}
		for i := range src.NumField() {
			if f := src.Type().Field(i); f.IsExported() {
				name := src.Type().Name() + "." + f.Name
				c.value(dst.Field(i), src.Field(i), slices.Contains(c.lines, name), depth+1)
			}
		}
	case reflect.Slice:
		if src.IsNil() {
			return
		}
		dst.Set(reflect.MakeSlice(src.Type(), src.Len(), src.Len()))
		for i := range src.Len() {
			c.value(dst.Index(i), src.Index(i), multiline, depth+1)
		}
	case reflect.Array:
		for i := range src.Len() {
			c.value(dst.Index(i), src.Index(i), multiline, depth+1)
		}
	case reflect.Map:
		if src.IsNil() {
			return
		}
		dst.Set(reflect.MakeMapWithSize(src.Type(), src.Len()))
		for _, k := range src.MapKeys() {
			key := reflect.New(k.Type()).Elem()
			c.value(key, k, false, depth+1)
			val := reflect.New(src.Type().Elem()).Elem()
			c.value(val, src.MapIndex(k), multiline, depth+1)
			dst.SetMapIndex(key, val)
		}
	default: // numbers and booleans carry nothing
		dst.Set(src)
	}
}
