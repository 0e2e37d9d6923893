package plain

import (
	"fmt"
	"reflect"
	"strconv"
	"strings"
	"time"
)

// Bounds are what the numbers of a file may be, both ends included. Who reads the file
// adds and multiplies them, and must not run over.
type Bounds struct {
	Low, High int64
	Longest   time.Duration // of its times, from Low on
}

// Check says in one sentence which number that is reachable from v is out of bounds, in
// the words of the file as Decode has them, under the name of v if it has one; nil if none is.
// Numbers that only identify, which are unsigned, and maps are not looked at.
func (b Bounds) Check(v any, name string) error {
	return b.check(reflect.ValueOf(v), name)
}

func (b Bounds) check(v reflect.Value, path string) error {
	high := b.High
	switch v.Kind() {
	case reflect.Int, reflect.Int8, reflect.Int16, reflect.Int32, reflect.Int64:
		if v.Type() == reflect.TypeFor[time.Duration]() {
			high = int64(b.Longest)
		}
		if n := v.Int(); n < b.Low || n > high {
			return outside(path, strconv.FormatInt(n, 10), b.Low, high)
		}
	case reflect.Float32, reflect.Float64:
		if x := v.Float(); !(x >= float64(b.Low) && x <= float64(high)) { // nor is NaN within
			return outside(path, strconv.FormatFloat(x, 'g', 6, 64), b.Low, high)
		}
	case reflect.Pointer, reflect.Interface:
		if !v.IsNil() {
			return b.check(v.Elem(), path)
		}
	case reflect.Struct:
		return b.fields(v, path)
	case reflect.Slice, reflect.Array:
		for i := range v.Len() {
			if err := b.check(v.Index(i), path+"["+strconv.Itoa(i)+"]"); err != nil {
				return err
			}
		}
	}
	return nil
}

func (b Bounds) fields(v reflect.Value, path string) error {
	for i := range v.NumField() {
		f := v.Type().Field(i)
		name, _, _ := strings.Cut(f.Tag.Get("json"), ",")
		if !f.IsExported() || name == "-" {
			continue
		}
		under := path
		switch {
		case name != "":
			under = strings.TrimPrefix(path+"."+name, ".")
		case !f.Anonymous:
			under = strings.TrimPrefix(path+"."+f.Name, ".")
		}
		if err := b.check(v.Field(i), under); err != nil {
			return err
		}
	}
	return nil
}

func outside(path, is string, low, high int64) error {
	return fmt.Errorf("%s is %s, and a number from %s to %s belongs there", path, is, Number(int(low)), Number(int(high)))
}
