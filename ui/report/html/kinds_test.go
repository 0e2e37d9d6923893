package html

import (
	"go/ast"
	"go/parser"
	"go/token"
	"math"
	"path/filepath"
	"reflect"
	"slices"
	"strconv"
	"testing"
	"time"

	"kpadvisor/plain"
	"kpadvisor/ui/page"
)

// kinds are a block of each type, with one of everything in it.
func kinds(fill func(v any)) []page.Block {
	var (
		text      page.Text
		card      page.Card
		figures   page.Figures
		list      page.List
		steps     page.Steps
		table     page.Table
		compared  page.Comparison
		curve     page.Curve
		strip     page.Strip
		spread    page.Distribution
		intervals page.Intervals
		sources   page.Sources
	)
	for _, v := range []any{&text, &card, &figures, &list, &steps, &table, &compared, &curve, &strip, &spread, &intervals, &sources} {
		fill(v)
	}
	inner := page.Text{}
	fill(&inner)
	if len(table.Rows) > 0 {
		table.Rows[0].Open = []page.Block{inner}
	}
	return []page.Block{text, card, figures, list, steps, table, compared, curve, strip, spread, intervals, sources}
}

// document has each kind of block, filled.
func document(fill func(v any)) page.Document {
	d := page.Document{Problem: &plain.Problem{}}
	fill(&d.Title)
	fill(&d.About)
	fill(&d.Banner)
	fill(d.Problem)
	fill(&d.Data)
	for i, b := range kinds(fill) {
		s := page.Section{Tone: page.Tone(i % 6), Blocks: []page.Block{b}}
		fill(&s.Title)
		d.Sections = append(d.Sections, s)
	}
	return d
}

func TestKindsAreAll(t *testing.T) {
	files, err := filepath.Glob("../../page/*.go")
	if err != nil || len(files) == 0 {
		t.Fatal(files, err)
	}
	var want, got []string
	for _, file := range files {
		f, err := parser.ParseFile(token.NewFileSet(), file, nil, 0)
		if err != nil {
			t.Fatal(err)
		}
		for _, d := range f.Decls {
			if fn, ok := d.(*ast.FuncDecl); ok && fn.Recv != nil && fn.Name.Name == "block" {
				want = append(want, fn.Recv.List[0].Type.(*ast.Ident).Name)
			}
		}
	}
	for _, b := range kinds(func(any) {}) {
		got = append(got, reflect.TypeOf(b).Name())
	}
	slices.Sort(want)
	slices.Sort(got)
	if !slices.Equal(got, want) {
		t.Errorf("the tests know %v, the page has %v", got, want)
	}
}

// eachText fills v with texts that are told apart, and collects them.
func eachText(v reflect.Value, texts *[]string) {
	switch v.Kind() {
	case reflect.String:
		s := "text" + strconv.Itoa(len(*texts)) + "of"
		*texts = append(*texts, s)
		v.SetString(s)
	case reflect.Slice:
		if v.Type().Elem().Kind() != reflect.Interface {
			v.Set(reflect.MakeSlice(v.Type(), 2, 2))
			eachText(v.Index(0), texts)
			eachText(v.Index(1), texts)
		}
	case reflect.Struct:
		for i := range v.NumField() {
			if v.Type().Field(i).Name != "Letter" || v.Type() != reflect.TypeFor[page.Line]() { // that is for text; here are signs
				eachText(v.Field(i), texts)
			}
		}
	}
}

// eachNumber fills v with lists of two, and gives every number the value. Where something
// lies along the x axis is counted, and always a number.
func eachNumber(v reflect.Value, value float64) {
	switch v.Kind() {
	case reflect.String:
		v.SetString("x")
	case reflect.Float64:
		v.SetFloat(value)
	case reflect.Int64:
		v.SetInt(clamped(value))
	case reflect.Bool:
		v.SetBool(true)
	case reflect.Slice:
		if v.Type().Elem().Kind() != reflect.Interface {
			v.Set(reflect.MakeSlice(v.Type(), 2, 2))
			eachNumber(v.Index(0), value)
			eachNumber(v.Index(1), 1)
		}
	case reflect.Struct:
		for i := range v.NumField() {
			of := value
			if math.IsNaN(value) && slices.Contains([]string{"X", "From", "To"}, v.Type().Field(i).Name) {
				of = 0
			}
			eachNumber(v.Field(i), of)
		}
	}
}

// clamped is a number as a time or a count.
func clamped(v float64) int64 {
	switch {
	case v != v:
		return 0
	case v > float64(time.Hour):
		return 1<<63 - 1
	case v < -float64(time.Hour):
		return -1 << 63
	}
	return int64(v)
}
