package report

import (
	"bytes"
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"reflect"
	"slices"
	"strings"
	"testing"

	"kpadvisor/ui/page"

	"kpadvisor/advisor"
	"kpadvisor/advisor/habitstest"
)

// validator checks a document against the part of JSON Schema that the
// committed schema uses; a keyword it does not know is an error, so that the
// schema cannot promise what no test holds it to.
type validator struct{ defs map[string]any }

func (v validator) check(path string, schema, doc any) error {
	s, ok := schema.(map[string]any)
	if !ok {
		return fmt.Errorf("%s: schema is %T", path, schema)
	}
	for word, arg := range s {
		if err := v.keyword(path, word, arg, s, doc); err != nil {
			return err
		}
	}
	return nil
}

func (v validator) keyword(path, word string, arg any, s map[string]any, doc any) error {
	switch word {
	case "$schema", "$defs", "title", "description":
		return nil
	case "$ref":
		return v.check(path, v.defs[strings.TrimPrefix(arg.(string), "#/$defs/")], doc)
	case "const":
		if arg != doc {
			return fmt.Errorf("%s: %v is not %v", path, doc, arg)
		}
		return nil
	case "enum":
		if !slices.Contains(arg.([]any), doc) {
			return fmt.Errorf("%s: %v is none of %v", path, doc, arg)
		}
		return nil
	case "type":
		return hasType(path, arg.(string), doc)
	case "anyOf":
		var all []string
		for _, alt := range arg.([]any) {
			err := v.check(path, alt, doc)
			if err == nil {
				return nil
			}
			all = append(all, err.Error())
		}
		return fmt.Errorf("%s: no alternative fits: %s", path, strings.Join(all, "; "))
	case "not":
		if v.check(path, arg, doc) == nil {
			return fmt.Errorf("%s: fits what it must not", path)
		}
		return nil
	case "items":
		all, ok := doc.([]any)
		if !ok {
			return fmt.Errorf("%s: %T is no array", path, doc)
		}
		for i, e := range all {
			if err := v.check(fmt.Sprintf("%s[%d]", path, i), arg, e); err != nil {
				return err
			}
		}
		return nil
	}
	return v.fields(path, word, arg, s, doc)
}

func (v validator) fields(path, word string, arg any, s map[string]any, doc any) error {
	fields, ok := doc.(map[string]any)
	if !ok {
		return fmt.Errorf("%s: %T is no object", path, doc)
	}
	switch word {
	case "required":
		for _, name := range arg.([]any) {
			if _, ok := fields[name.(string)]; !ok {
				return fmt.Errorf("%s: %s is missing", path, name)
			}
		}
	case "properties":
		for name, sub := range arg.(map[string]any) {
			if f, ok := fields[name]; ok {
				if err := v.check(path+"."+name, sub, f); err != nil {
					return err
				}
			}
		}
	case "additionalProperties":
		for name, f := range fields {
			if err := v.check(path+"."+name, arg, f); err != nil {
				return err
			}
		}
	default:
		return fmt.Errorf("%s: the schema uses %q, which this test does not know", path, word)
	}
	return nil
}

func hasType(path, want string, doc any) error {
	got := ""
	switch d := doc.(type) {
	case nil:
		got = "null"
	case map[string]any:
		got = "object"
	case []any:
		got = "array"
	case string:
		got = "string"
	case bool:
		got = "boolean"
	case float64:
		got = "number"
		if d == float64(int64(d)) {
			got = "integer"
		}
	}
	if got != want && !(want == "number" && got == "integer") {
		return fmt.Errorf("%s: %v is not of type %s", path, doc, want)
	}
	return nil
}

func readJSON(t *testing.T, file string) map[string]any {
	t.Helper()
	b, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	var v map[string]any
	if err := json.Unmarshal(b, &v); err != nil {
		t.Fatalf("%s: %v", file, err)
	}
	return v
}

func committedSchema(t *testing.T) map[string]any {
	t.Helper()
	return readJSON(t, filepath.Join("schema", "audit-v1.schema.json"))
}

// fitsSchema checks documents against a committed schema, and that the schema
// knows every field they have.
func fitsSchema(t *testing.T, file string, docs map[string]any) {
	t.Helper()
	schema := readJSON(t, filepath.Join("schema", file))
	defs := schema["$defs"].(map[string]any)
	for name, doc := range docs {
		if err := (validator{defs}).check(name, schema, doc); err != nil {
			t.Error(err)
		}
		documented(t, name, schema, doc, defs)
	}
}

// schemaRefuses checks that a committed schema refuses a document once spoilt.
func schemaRefuses(t *testing.T, file, doc string, spoils map[string]func(map[string]any)) {
	t.Helper()
	schema := readJSON(t, filepath.Join("schema", file))
	for name, spoil := range spoils {
		d := readJSON(t, doc)
		spoil(d)
		if (validator{schema["$defs"].(map[string]any)}).check("doc", schema, d) == nil {
			t.Errorf("%s passes", name)
		}
	}
}

func TestGoldensFitTheSchema(t *testing.T) {
	schema := committedSchema(t)
	v := validator{schema["$defs"].(map[string]any)}
	for name := range cases(t) {
		if err := v.check(name, schema, readJSON(t, filepath.Join("testdata", name+".json"))); err != nil {
			t.Error(err)
		}
	}
}

func TestAdviceFitsTheSchema(t *testing.T) {
	schema := committedSchema(t)
	v := validator{schema["$defs"].(map[string]any)}
	nothing := page.Audit{Advice: advisor.Decide(advisor.Facts{Origin: advisor.FromTyped}, advisor.Habits{}, advisor.Measured{})}
	nothing.Facts.Origin = advisor.FromTyped
	measured := decided(t)
	measured.Facts = habitstest.On(measured.Facts)
	measured.Advice = advisor.Decide(measured.Facts, measured.Habits, advisor.Measured{})
	for name, doc := range map[string]page.Audit{"decided": decided(t), "nothing": nothing, "measured": measured} {
		var b bytes.Buffer
		if err := JSON(&b, doc); err != nil {
			t.Fatal(err)
		}
		var got map[string]any
		if err := json.Unmarshal(b.Bytes(), &got); err != nil {
			t.Fatal(err)
		}
		if err := v.check(name, schema, got); err != nil {
			t.Error(err)
		}
		if _, there := got["connections"]; there != (name == "measured") {
			t.Errorf("%s: connections %v", name, there)
		}
	}
}

func TestSchemaRefuses(t *testing.T) {
	schemaRefuses(t, "audit-v1.schema.json", filepath.Join("testdata", "large.json"), map[string]func(map[string]any){
		"another schema":       func(d map[string]any) { d["schema"] = "kpadvisor.audit/v2" },
		"a renamed field":      func(d map[string]any) { d["two_mode"] = d["twoMode"]; delete(d, "twoMode") },
		"an unknown action":    func(d map[string]any) { d["action"] = "panic" },
		"null for a list":      func(d map[string]any) { d["flips"] = nil },
		"coverage without why": func(d map[string]any) { delete(d["coverage"].(map[string]any), "complete") },
	})
}

// Every field the program writes at the top is documented, so that a field
// added to the advice is added to the schema as well.
func TestEveryTopFieldIsDocumented(t *testing.T) {
	schema := committedSchema(t)
	known := schema["properties"].(map[string]any)
	for name := range schema["anyOf"].([]any)[1].(map[string]any)["properties"].(map[string]any) {
		known[name] = nil
	}
	for _, f := range reflect.VisibleFields(reflect.TypeFor[audit]()) {
		name, _, _ := strings.Cut(f.Tag.Get("json"), ",")
		if _, ok := known[name]; name != "" && name != "-" && len(f.Index) <= 2 && !ok {
			t.Errorf("field %s is not in the schema", name)
		}
	}
}

func TestNoNull(t *testing.T) {
	var walk func(path string, v any)
	walk = func(path string, v any) {
		switch v := v.(type) {
		case nil:
			t.Errorf("%s is null", path)
		case map[string]any:
			for k, e := range v {
				walk(path+"."+k, e)
			}
		case []any:
			for _, e := range v {
				walk(path+"[]", e)
			}
		}
	}
	for name := range cases(t) {
		doc := readJSON(t, filepath.Join("testdata", name+".json"))
		delete(doc, "facts") // facts have their own shape, that of a snapshot
		walk(name, doc)
	}
}
