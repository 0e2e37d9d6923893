package cases

import (
	"fmt"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"

	rbacv1 "k8s.io/api/rbac/v1"
	"sigs.k8s.io/yaml"
)

// table is one topic.
type table struct {
	About string `json:"about"`
	Flags flags  `json:"flags"` // of every case that does not say otherwise
	Cases []kase `json:"cases"`
}

// kase is one case ("case" is a word of Go).
type kase struct {
	ID     string   `json:"id"`
	Why    string   `json:"why"`    // the right answer in words
	Source string   `json:"source"` // of the shape and of the answer
	Flags  flags    `json:"flags"`
	Args   []string `json:"args"` // more flags, word for word
	// Sysctls is the text given to --sysctls -.
	Sysctls string `json:"sysctls"`
	Want    want   `json:"want"`

	// Of objects alone: their manifest is testdata/manifests/ID.yaml, or that of
	// another case, with words replaced.
	Like    string            `json:"like"`
	Replace map[string]string `json:"replace"`
	Extra   string            `json:"extra"` // more documents
	Load    []load            `json:"load"`
	// Rules are what user "dev" may do, for cases with --as dev.
	Rules []rbacv1.PolicyRule `json:"rules"`
}

// flags are given as --name=value; true stands for the flag alone, and null
// takes away what the table gives to every case.
type flags map[string]any

// list puts the flags of the table and the case together, sorted.
func (of flags) list(t *testing.T, own flags, args []string) []string {
	t.Helper()
	all := maps.Clone(of)
	if all == nil {
		all = flags{}
	}
	maps.Copy(all, own)
	var out []string
	for _, name := range slices.Sorted(maps.Keys(all)) {
		switch v := all[name].(type) {
		case nil:
		case bool:
			out = append(out, fmt.Sprintf("--%s=%t", name, v))
		case string:
			out = append(out, "--"+name+"="+v)
		case float64:
			if name == "kubernetes-version" || name == "kernel" {
				t.Fatalf("--%s %v has to be quoted: YAML reads 1.30 as 1.3", name, v)
			}
			out = append(out, "--"+name+"="+strconv.FormatFloat(v, 'f', -1, 64))
		default:
			t.Fatalf("--%s %v is no value of a flag", name, v)
		}
	}
	return append(out, args...)
}

// tables reads the topics of a folder of testdata.
func tables(t *testing.T, folder string) map[string]table {
	t.Helper()
	files, err := filepath.Glob(filepath.Join("testdata", folder, "*.yaml"))
	if err != nil || len(files) == 0 {
		t.Fatalf("no cases in testdata/%s: %v", folder, err)
	}
	out, seen := map[string]table{}, map[string]string{}
	for _, file := range files {
		var topic table
		read(t, file, &topic)
		for _, c := range topic.Cases {
			if c.ID == "" || c.Why == "" || c.Source == "" || seen[c.ID] != "" {
				t.Errorf("%s: case %q lacks an answer in words or its source, or is also in %q", file, c.ID, seen[c.ID])
			}
			seen[c.ID] = file
		}
		out[strings.TrimSuffix(filepath.Base(file), ".yaml")] = topic
	}
	return out
}

func read(t *testing.T, file string, into any) {
	t.Helper()
	b, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	if err := yaml.UnmarshalStrict(b, into); err != nil {
		t.Fatalf("%s: %v", file, err)
	}
}
