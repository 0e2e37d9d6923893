package plain

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"reflect"
	"strings"
	"time"
)

// Decode is json.Unmarshal with an error for the user: which field holds what, in the
// words of the file, and nothing of Go's. It wraps nothing, for what is behind it
// would say it in Go's words after all, at any length.
func Decode(data []byte, into any) error {
	err := json.Unmarshal(data, into)
	if err == nil {
		return nil
	}
	var (
		syntax *json.SyntaxError
		kind   *json.UnmarshalTypeError
		moment *time.ParseError
	)
	switch {
	case errors.As(err, &syntax) && syntax.Offset >= int64(len(data)):
		return errors.New("its JSON ends too early")
	case errors.As(err, &syntax):
		return fmt.Errorf("it is no JSON from byte %s on", Number(int(syntax.Offset)))
	case errors.As(err, &kind):
		return wrongKind(kind)
	case errors.As(err, &moment):
		return fmt.Errorf("%q is no time such as 2026-11-30T10:00:00Z", Line(moment.Value, shownOfValue))
	case strings.HasPrefix(err.Error(), "Time."): // package time says which of its functions
		return errors.New("a time in it is none such as 2026-11-30T10:00:00Z")
	}
	return errors.New("a value in it is none that belongs there: " + Line(err.Error(), 2*shownOfValue))
}

// DecodeStrict is Decode that refuses a field which into does not have.
func DecodeStrict(data []byte, into any) error {
	if err := Decode(data, into); err != nil {
		return err
	}
	d := json.NewDecoder(bytes.NewReader(data))
	d.DisallowUnknownFields()
	err := d.Decode(into)
	if err == nil {
		return nil
	}
	name, _ := strings.CutPrefix(err.Error(), "json: unknown field ")
	return fmt.Errorf("nobody knows its field %s", Line(name, shownOfValue))
}

// shownOfValue is how many characters of a wrong value are shown: enough to find it.
const shownOfValue = 60

// wrongKind says which field holds what, and what belongs there.
func wrongKind(e *json.UnmarshalTypeError) error {
	field := "the whole file"
	if e.Field != "" {
		field = Line(e.Field, 2*shownOfValue)
	}
	number, isNumber := strings.CutPrefix(e.Value, "number ")
	if isNumber {
		return fmt.Errorf("%s is %s, and %s belongs there", field, Line(number, shownOfValue), belongs(e.Type))
	}
	return fmt.Errorf("%s holds %s, and %s belongs there", field, held(e.Value), belongs(e.Type))
}

// held is a value of JSON with its article.
func held(value string) string {
	switch value {
	case "array":
		return "a list"
	case "object":
		return "an object"
	case "bool":
		return "true or false"
	}
	return "a " + Line(value, shownOfValue)
}

// belongs says what a field of that type takes.
func belongs(t reflect.Type) string {
	switch t.Kind() {
	case reflect.Int, reflect.Int8, reflect.Int16, reflect.Int32, reflect.Int64:
		return fmt.Sprintf("a whole number below 2^%d", t.Bits()-1)
	case reflect.Uint, reflect.Uint8, reflect.Uint16, reflect.Uint32, reflect.Uint64:
		return fmt.Sprintf("a whole number from 0 to below 2^%d", t.Bits())
	case reflect.Float32, reflect.Float64:
		return "a number"
	case reflect.Bool:
		return "true or false"
	case reflect.String:
		return "a string"
	case reflect.Slice, reflect.Array:
		return "a list"
	default:
		return "an object"
	}
}
