package cluster

import (
	"reflect"
	"strings"
	"unicode"
	"unicode/utf8"

	"kpadvisor/advisor"
)

// maxText bounds one string of a cluster, in bytes. No field that is kept is
// longer than 253 in a well-formed object; evidence quotes a little around it.
const maxText = 1024

// cleanText makes a string that came from a cluster or a file safe to print on
// one line of a terminal: control characters (C0, DEL, C1), line separators,
// invisible formatting characters such as bidirectional overrides, and invalid
// UTF-8 are removed, and the rest is cut at 1024 bytes.
func cleanText(s string) string {
	if !strings.ContainsFunc(s, unprintable) && len(s) <= maxText && utf8.ValidString(s) {
		return s
	}
	var b strings.Builder
	for i, r := range s {
		if unprintable(r) || r == utf8.RuneError && !strings.HasPrefix(s[i:], "\uFFFD") {
			continue
		}
		if b.Len()+utf8.RuneLen(r) > maxText {
			break
		}
		b.WriteRune(r)
	}
	return b.String()
}

// unprintable reports what can move the cursor, change colours or reorder text.
func unprintable(r rune) bool {
	return unicode.In(r, unicode.Cc, unicode.Cf, unicode.Zl, unicode.Zp, unicode.Co)
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
