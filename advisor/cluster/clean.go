package cluster

import (
	"reflect"
	"strings"

	"kpadvisor/advisor"
	"kpadvisor/plain"
)

// maxText bounds one string of a cluster, in bytes. No field that is kept is
// longer than 253 in a well-formed object; evidence quotes a little around it.
const maxText = 1024

// cleanText makes a string that came from a cluster or a file safe to print on
// one line of a terminal (see plain.Text), and cuts it at 1024 bytes.
func cleanText(s string) string { return cut(plain.Text(cut(s))) }

// cut is a string of a cluster that is kept: 1024 bytes at most, and dots that say so
// where it was longer. It shares no memory with what it was decoded from.
func cut(s string) string {
	if len(s) <= maxText {
		return strings.Clone(s)
	}
	const dots = "..."
	return strings.ToValidUTF8(s[:maxText-len(dots)], "") + dots
}

// cleanFacts cleans every string in f, so that no later field can be forgotten.
func cleanFacts(f *advisor.Facts) {
	eachString(reflect.ValueOf(f).Elem(), cleanText)
}

// eachString replaces every string reachable from v, map keys included.
func eachString(v reflect.Value, change func(string) string) {
	switch v.Kind() {
	case reflect.String:
		v.SetString(change(v.String()))
	case reflect.Struct:
		for i := range v.NumField() {
			if v.Type().Field(i).IsExported() {
				eachString(v.Field(i), change)
			}
		}
	case reflect.Slice:
		for i := range v.Len() {
			eachString(v.Index(i), change)
		}
	case reflect.Map:
		if v.Type().Key().Kind() != reflect.String || v.Len() == 0 {
			return
		}
		m := reflect.MakeMap(v.Type())
		for it := v.MapRange(); it.Next(); {
			k := reflect.New(v.Type().Key()).Elem()
			k.SetString(change(it.Key().String()))
			e := reflect.New(v.Type().Elem()).Elem()
			e.Set(it.Value())
			eachString(e, change)
			m.SetMapIndex(k, e)
		}
		v.Set(m)
	}
}
