package licenses

import (
	"cmp"
	"encoding/json"
	"errors"
	"flag"
	"fmt"
	"io"
	"maps"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
)

var update = flag.Bool("update", false, "write licenses.txt anew")

// TestText collects the texts of what is linked now and compares.
func TestText(t *testing.T) {
	const file = "licenses.txt"
	want, err := collect(t)
	if err != nil {
		t.Fatal(err)
	}
	if *update {
		if err := os.WriteFile(file, []byte(want), 0o644); err != nil {
			t.Fatal(err)
		}
	} else if Text() != want {
		t.Errorf("%s is not what is linked now: run go test ./licenses -update and read the diff", file)
	}
	for _, name := range []string{"Go standard library go", "k8s.io/client-go v", "github.com/spf13/cobra v", "github.com/moby/ipvs v"} {
		if !strings.Contains(want, "\n  "+name) {
			t.Errorf("%s is not named", name)
		}
	}
}

// linked is a package that some build links in, as go list prints it.
type linked struct {
	Dir      string
	Standard bool
	Module   *struct {
		Path, Version, Dir string
		Main               bool
	}
}

// platforms are those of the Makefile.
func platforms(t *testing.T) []string {
	makefile, err := os.ReadFile("../Makefile")
	if err != nil {
		t.Fatal(err)
	}
	found := regexp.MustCompile(`(?m)^PLATFORMS := (.*)$`).FindSubmatch(makefile)
	if found == nil {
		t.Fatal("the Makefile names no platforms")
	}
	return strings.Fields(string(found[1]))
}

// collect writes the texts of every package that is linked on some platform.
func collect(t *testing.T) (string, error) {
	owners := map[string]map[string]bool{} // of each text
	add := func(owner string, files []string) error {
		if len(files) == 0 {
			return fmt.Errorf("%s has no license text", owner)
		}
		for _, f := range files {
			b, err := os.ReadFile(f)
			if err != nil {
				return err
			}
			text := strings.TrimSpace(strings.ReplaceAll(string(b), "\r\n", "\n"))
			if owners[text] == nil {
				owners[text] = map[string]bool{}
			}
			owners[text][owner] = true
		}
		return nil
	}
	for _, platform := range platforms(t) {
		goos, arch, _ := strings.Cut(platform, "/")
		list := exec.CommandContext(t.Context(), "go", "list", "-deps", "-json=Dir,Standard,Module", "kpadvisor")
		list.Env = append(os.Environ(), "GOOS="+goos, "GOARCH="+arch, "CGO_ENABLED=0")
		out, err := list.Output()
		if err != nil {
			return "", fmt.Errorf("listing what %s links: %w", platform, err)
		}
		for d := json.NewDecoder(strings.NewReader(string(out))); ; {
			var p linked
			if err := d.Decode(&p); errors.Is(err, io.EOF) {
				break
			} else if err != nil {
				return "", err
			}
			switch {
			case p.Standard, p.Module.Main:
			default:
				if err := add(p.Module.Path+" "+p.Module.Version, textsAbove(p.Dir, p.Module.Dir)); err != nil {
					return "", err
				}
			}
		}
	}
	version, root, err := goRoot(t)
	if err != nil {
		return "", err
	}
	if err := add("Go standard library "+version, textsIn(root)); err != nil {
		return "", err
	}
	return document(owners), nil
}

// goRoot is the version of Go that go.mod names, and where the Go that runs is.
func goRoot(t *testing.T) (version, root string, err error) {
	out, err := exec.CommandContext(t.Context(), "go", "list", "-m", "-f", "go{{.GoVersion}}", "kpadvisor").Output()
	if err != nil {
		return "", "", err
	}
	version = strings.TrimSpace(string(out))
	out, err = exec.CommandContext(t.Context(), "go", "env", "GOROOT").Output()
	return version, strings.TrimSpace(string(out)), err
}

// textsAbove are the texts in a package's folder and in those above it, up to the module's.
func textsAbove(dir, top string) []string {
	var all []string
	for ; ; dir = filepath.Dir(dir) {
		all = append(all, textsIn(dir)...)
		if dir == top || len(dir) <= len(top) {
			return all
		}
	}
}

// isText knows the names that such files go by.
var isText = regexp.MustCompile(`(?i)^(licen[cs]e|copying|notice|patents)([.-].*)?$`)

func textsIn(dir string) []string {
	entries, _ := os.ReadDir(dir) // one that cannot be read has none, which is an error later
	var all []string
	for _, e := range entries {
		if e.Type().IsRegular() && isText.MatchString(e.Name()) && filepath.Ext(e.Name()) != ".go" {
			all = append(all, filepath.Join(dir, e.Name()))
		}
	}
	return all
}

// document puts each text once below those that come with it.
func document(owners map[string]map[string]bool) string {
	type section struct {
		names []string
		text  string
	}
	var all []section
	for text, names := range owners {
		all = append(all, section{slices.Sorted(maps.Keys(names)), text})
	}
	slices.SortFunc(all, func(a, b section) int {
		return cmp.Or(slices.Compare(a.names, b.names), strings.Compare(a.text, b.text))
	})
	var b strings.Builder
	b.WriteString("kpadvisor holds work of others, under these terms.\n")
	for _, s := range all {
		fmt.Fprintf(&b, "\n%s\n\n  %s\n\n%s\n", strings.Repeat("=", 80), strings.Join(s.names, "\n  "), s.text)
	}
	return b.String()
}
