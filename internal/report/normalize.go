package report

import "reflect"

// maxDepth bounds how far Normalize follows: a report is six deep, and the values inside a
// predicate come from outside.
const maxDepth = 64

// Normalize makes the document fit its contract: the schema is named and no list is null. It
// changes no order and no value, and doing it twice is doing it once.
func (r *Report) Normalize() {
	if r.Schema == "" {
		r.Schema = Schema
	}
	fillLists(reflect.ValueOf(r).Elem(), 0)
}

// fillLists replaces nil slices by empty ones, everywhere under v. It goes by reflection so
// that a list added to some section later cannot be forgotten here.
func fillLists(v reflect.Value, depth int) {
	if depth > maxDepth {
		return
	}
	switch v.Kind() {
	case reflect.Pointer:
		if !v.IsNil() {
			fillLists(v.Elem(), depth+1)
		}
	case reflect.Struct:
		for i := range v.NumField() {
			if v.Type().Field(i).IsExported() {
				fillLists(v.Field(i), depth+1)
			}
		}
	case reflect.Slice:
		if v.Type().Elem().Kind() == reflect.Uint8 {
			return // raw JSON, not a list
		}
		if v.IsNil() && v.CanSet() {
			v.Set(reflect.MakeSlice(v.Type(), 0, 0))
		}
		for i := range v.Len() {
			fillLists(v.Index(i), depth+1)
		}
	case reflect.Array:
		for i := range v.Len() {
			fillLists(v.Index(i), depth+1)
		}
	case reflect.Map:
		for _, k := range v.MapKeys() {
			if filled, ok := filledCopy(v.MapIndex(k), depth); ok {
				v.SetMapIndex(k, filled)
			}
		}
	case reflect.Interface:
		if filled, ok := filledCopy(v, depth); ok && v.CanSet() {
			v.Set(filled)
		}
	}
}

// filledCopy is for values that cannot be set in place: what a map holds, what an interface
// holds. Only lists and maps can need it.
func filledCopy(v reflect.Value, depth int) (reflect.Value, bool) {
	for v.Kind() == reflect.Interface && !v.IsNil() {
		v = v.Elem()
	}
	if v.Kind() != reflect.Slice && v.Kind() != reflect.Map {
		return v, false
	}
	c := reflect.New(v.Type()).Elem()
	c.Set(v)
	fillLists(c, depth+1)
	return c, true
}
