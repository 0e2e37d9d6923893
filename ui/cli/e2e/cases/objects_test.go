package cases

import (
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"kpadvisor/advisor/cluster/clustertest"
)

// TestObjects runs the cases that need objects, on one real API server, one
// after the other: nodes belong to no namespace.
func TestObjects(t *testing.T) {
	c := shared.Small(t)
	kubeconfig := clustertest.Kubeconfig(t, "production", c.Admin)
	topics := tables(t, "objects")
	used := map[string]bool{}
	for _, name := range slices.Sorted(maps.Keys(topics)) {
		for _, k := range topics[name].Cases {
			used[k.manifestFile()] = true
			t.Run(name+"/"+k.ID, func(t *testing.T) {
				c.SeedYAML(t, k.manifest(t))
				if len(k.Rules) > 0 {
					c.UserWith(t, "dev", k.Rules)
				}
				given := topics[name].Flags.list(t, k.Flags, append(k.Args, "--kubeconfig="+kubeconfig))
				k.judge(t, audit(t, k.Sysctls, given...))
			})
		}
	}
	files, err := filepath.Glob("testdata/manifests/*.yaml")
	if err != nil {
		t.Fatal(err)
	}
	for _, file := range files {
		if !used[file] {
			t.Errorf("nothing is expected of %s", file)
		}
	}
}

func (c kase) manifestFile() string {
	name := c.ID
	if c.Like != "" {
		name = c.Like
	}
	return filepath.Join("testdata", "manifests", name+".yaml")
}

// manifest is the objects of a case as documents.
func (c kase) manifest(t *testing.T) string {
	t.Helper()
	b, err := os.ReadFile(c.manifestFile())
	if err != nil {
		t.Fatal(err)
	}
	text := string(b)
	for _, old := range slices.Sorted(maps.Keys(c.Replace)) {
		if !strings.Contains(text, old) {
			t.Fatalf("%s has no %q to replace", c.manifestFile(), old)
		}
		text = strings.ReplaceAll(text, old, c.Replace[old])
	}
	if c.Extra != "" {
		text += "---\n" + c.Extra
	}
	for i, l := range c.Load {
		text += l.manifest(t, i)
	}
	return text
}
