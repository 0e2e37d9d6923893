// Package pagetest has documents that hold everything, to test the faces of page with.
package pagetest

import (
	"fmt"
	"reflect"
	"strings"
	"testing"
	"time"

	"kpadvisor/plain"
	"kpadvisor/ui/page"
)

// Blocks are one of each type, all empty.
func Blocks() []page.Block {
	return []page.Block{
		page.Text{},
		page.Card{},
		page.Figures{},
		page.List{},
		page.Steps{},
		page.Table{},
		page.Comparison{},
		page.Curve{},
		page.Strip{},
		page.Distribution{},
		page.Intervals{},
		page.Sources{},
	}
}

// Full is a document with a block of each type, everything in it filled: every string is
// a word of its own, every slice has two elements. Texts are those words by the path of
// their field; not among them is what a face need not show (identifiers, the letters of
// what has a name, and what rows open).
func Full() (doc page.Document, texts map[string]string) {
	f := &filler{texts: map[string]string{}}
	doc.Problem = &plain.Problem{}
	f.fill(reflect.ValueOf(&doc.Title).Elem(), "Title")
	f.fill(reflect.ValueOf(&doc.About).Elem(), "About")
	f.fill(reflect.ValueOf(&doc.Banner).Elem(), "Banner")
	f.fill(reflect.ValueOf(doc.Problem).Elem(), "Problem")
	for _, b := range Blocks() {
		kind := reflect.TypeOf(b)
		filled := reflect.New(kind).Elem()
		f.fill(filled, kind.Name())
		s := page.Section{ID: strings.ToLower(kind.Name()), Blocks: []page.Block{filled.Interface().(page.Block)}}
		f.fill(reflect.ValueOf(&s.Title).Elem(), "Section")
		doc.Sections = append(doc.Sections, s)
	}
	return doc, f.texts
}

// Drawn checks that a face, which drew [Full], left none of the texts out.
func Drawn(t testing.TB, face, drawn string) {
	t.Helper()
	_, texts := Full()
	if len(texts) < 60 {
		t.Fatalf("only %d texts are looked for", len(texts))
	}
	for path, text := range texts {
		if !strings.Contains(drawn, text) {
			t.Errorf("%s lacks %s", face, path)
		}
	}
}

type filler struct {
	texts map[string]string
	n     int
}

// fill gives each string a word, and each number one that is larger than all before it.
func (f *filler) fill(v reflect.Value, path string) {
	f.n++
	switch v.Interface().(type) {
	case page.Tone, page.Series, page.Seen:
		v.SetInt(1)
		return
	case time.Duration:
		v.SetInt(int64(f.n) * int64(time.Second))
		return
	}
	switch v.Kind() {
	case reflect.String:
		word := fmt.Sprintf("word%dx", f.n)
		if strings.HasSuffix(path, ".Letter") {
			v.SetString(string(rune('a' + f.n%26)))
			return
		}
		f.texts[fmt.Sprintf("%s %d", path, f.n)] = word
		v.SetString(word)
	case reflect.Bool:
		v.SetBool(true)
	case reflect.Int, reflect.Int64:
		v.SetInt(int64(f.n))
	case reflect.Float64:
		v.SetFloat(float64(f.n))
		if strings.HasSuffix(path, ".Share") || strings.HasSuffix(path, ".Level") {
			v.SetFloat(float64(f.n) / 1000)
		}
	case reflect.Slice:
		if strings.HasSuffix(path, ".Open") {
			return
		}
		v.Set(reflect.MakeSlice(v.Type(), 2, 2))
		for i := range 2 {
			f.fill(v.Index(i), path)
		}
	case reflect.Struct:
		for i := range v.NumField() {
			f.fill(v.Field(i), path+"."+v.Type().Field(i).Name)
		}
	}
}
