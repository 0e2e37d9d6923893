// Package plaintest is what tests say of everything that leaves the program: which
// characters none of it may hold, and strings that try to bring them in. What is
// hidden comes from the Unicode Character Database, not from package plain.
package plaintest

import (
	_ "embed"
	"fmt"
	"reflect"
	"regexp"
	"strings"
	"testing"
	"unicode/utf8"
)

//go:embed hidden.txt
var list string

// Hostile holds one of each kind of what a terminal obeys or hides, a formula, and
// what Markdown makes something of. Word is what is left of its first part.
const (
	Hostile = "=\x1b]0;owned\x07\x1b[2Jword\u009b31m\u202e\r\nb\tc\u2028d\U000e0041\ue000\ufe0f\u0085\u0378|<b>`*[x](http://evil.example)_y_ ~~z~~ @who #12\x00\x7f\u200f"
	Word    = "word"
)

// List is the code points of the list, as ranges.
func List(t testing.TB) [][2]rune {
	t.Helper()
	var out [][2]rune
	for line := range strings.Lines(list) {
		var first, last rune
		if strings.HasPrefix(line, "#") {
			continue
		}
		if _, err := fmt.Sscanf(line, "%X..%X", &first, &last); err != nil || first > last {
			t.Fatalf("hidden.txt: %q: %v", line, err)
		}
		out = append(out, [2]rune{first, last})
	}
	return out
}

// Checker reports what no output may hold.
type Checker struct{ hidden [0x110000]bool }

// NewChecker reads the list.
func NewChecker(t testing.TB) *Checker {
	t.Helper()
	c := &Checker{}
	for _, r := range List(t) {
		for x := r[0]; x <= r[1]; x++ {
			c.hidden[x] = true
		}
	}
	return c
}

// Hidden reports whether the list has r.
func (c *Checker) Hidden(r rune) bool { return c.hidden[r] }

var style = regexp.MustCompile("\x1b\\[[0-9;]*m")

// Unstyled is a text without the styles of this program.
func Unstyled(text string) string { return style.ReplaceAllString(text, "") }

// Check fails the test for each line of a text that holds anything of the list but
// the end of the line, or what is no UTF-8.
func (c *Checker) Check(t testing.TB, what, text string) {
	t.Helper()
	for line := range strings.Lines(text) {
		line = strings.TrimSuffix(line, "\n")
		if at := strings.IndexFunc(line, c.Hidden); at >= 0 {
			r, _ := utf8.DecodeRuneInString(line[at:])
			t.Errorf("%s holds %U: %.200q", what, r, line[max(0, at-60):])
		}
		if !utf8.ValidString(line) {
			t.Errorf("%s is no UTF-8: %.200q", what, line)
		}
	}
}

// Fill gives every string that can be reached from what v points at the text, one
// element to every list, one entry to every map, and a value to every pointer. A
// string of a type of its own with values that mean something is left alone if it
// has one.
func Fill(v any, text string) { fill(reflect.ValueOf(v).Elem(), text, 0) }

// deepest ends types that hold themselves.
const deepest = 12

func fill(v reflect.Value, text string, depth int) {
	if depth > deepest || !v.CanSet() {
		return
	}
	switch v.Kind() {
	case reflect.String:
		if v.Type().PkgPath() == "" || v.Len() == 0 {
			v.SetString(text)
		}
	case reflect.Bool:
		v.SetBool(true)
	case reflect.Pointer:
		if v.IsNil() {
			v.Set(reflect.New(v.Type().Elem()))
		}
		fill(v.Elem(), text, depth+1)
	case reflect.Struct:
		for i := range v.NumField() {
			fill(v.Field(i), text, depth+1)
		}
	case reflect.Array:
		for i := range v.Len() {
			fill(v.Index(i), text, depth+1)
		}
	case reflect.Slice:
		fillSlice(v, text, depth)
	case reflect.Map:
		fillMap(v, text, depth)
	}
}

func fillSlice(v reflect.Value, text string, depth int) {
	if v.Len() == 0 {
		v.Set(reflect.MakeSlice(v.Type(), 1, 1))
	} else {
		v.Set(reflect.AppendSlice(reflect.MakeSlice(v.Type(), 0, v.Len()), v))
	}
	for i := range v.Len() {
		fill(v.Index(i), text, depth+1)
	}
}

func fillMap(v reflect.Value, text string, depth int) {
	out := reflect.MakeMap(v.Type())
	set := func(key, value reflect.Value) {
		e := reflect.New(v.Type().Elem()).Elem()
		if value.IsValid() {
			e.Set(value)
		}
		fill(e, text, depth+1)
		out.SetMapIndex(key, e)
	}
	for it := v.MapRange(); it.Next(); {
		set(it.Key(), it.Value())
	}
	if v.Len() == 0 {
		k := reflect.New(v.Type().Key()).Elem()
		fill(k, text, depth+1)
		set(k, reflect.Value{})
	}
	v.Set(out)
}
