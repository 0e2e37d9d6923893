package say_test

import (
	"go/ast"
	"go/parser"
	"go/token"
	"maps"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"

	"kpadvisor/say/zh"
)

// TestResultsAreKnown: whatever the files that write results and steps say in four words
// or more can be said again.
func TestResultsAreKnown(t *testing.T) {
	t.Parallel()
	known := strings.Join(slices.Sorted(maps.Keys(zh.Results())), "\n")
	for _, name := range []string{
		"probe/finding.go", "probe/udp.go", "probe/compare.go", "probe/selfcheck.go", "probe/budget.go", "probe/conntrack.go", "probe/breaker.go",
		"probe/incluster/gather.go", "probe/lab/drill/step.go", "probe/lab/pace.go", "probe/lab/conntrack_linux.go", "ui/evidence/shape.go",
	} {
		for _, text := range literals(t, filepath.Join("..", filepath.FromSlash(name))) {
			for _, words := range windows(text, 4) {
				if !strings.Contains(known, words) && !slices.Contains(apart(), words) {
					t.Errorf("%s: %q of %q is not in the catalogue", name, words, text)
				}
			}
		}
	}
}

// apart is what those files say for nobody to say again: on a development screen.
func apart() []string {
	return []string{"blocks could show one", "could show one of", "each used again after"}
}

// TestResultsAreWritten: nothing stands in that catalogue that nobody writes.
func TestResultsAreWritten(t *testing.T) {
	t.Parallel()
	var written strings.Builder
	for _, pattern := range []string{"probe/*.go", "probe/*/*.go", "probe/*/*/*.go", "advisor/*.go", "advisor/*/*.go", "advisor/*/*/*.go", "ui/evidence/*.go", "ui/cli/*.go", "ui/tui/*/*.go"} {
		names, err := filepath.Glob(filepath.Join("..", filepath.FromSlash(pattern)))
		if err != nil || len(names) == 0 {
			t.Fatalf("no files %s: %v", pattern, err)
		}
		for _, name := range names {
			written.WriteString(strings.Join(literals(t, name), "\n"))
		}
	}
	for key := range zh.Results() {
		all := windows(key, 3)
		if len(all) > 0 && !slices.ContainsFunc(all, func(w string) bool { return strings.Contains(written.String(), w) }) &&
			!slices.ContainsFunc(assembled(), func(begin string) bool { return strings.HasPrefix(key, begin) }) {
			t.Errorf("nobody writes %q", key)
		}
	}
}

// assembled is how what is put together of single words begins, or what the made-up
// clusters say in the words of no reading.
func assembled() []string {
	return []string{"%s and %s differ in ", "changed since kube-proxy started on "}
}

// literals are the strings that stand in a file, but those of errors, which are problems
// and no part of a result.
func literals(t *testing.T, name string) []string {
	t.Helper()
	if strings.HasSuffix(name, "_test.go") {
		return nil
	}
	f, err := parser.ParseFile(token.NewFileSet(), name, nil, parser.SkipObjectResolution)
	if err != nil {
		t.Fatal(err)
	}
	var all []string
	ast.Inspect(f, func(n ast.Node) bool {
		switch n := n.(type) {
		case *ast.CallExpr:
			if s, ok := n.Fun.(*ast.SelectorExpr); ok && slices.Contains([]string{"Errorf", "New", "Fail"}, s.Sel.Name) {
				return false
			}
		case *ast.BasicLit:
			if text, err := strconv.Unquote(n.Value); n.Kind == token.STRING && err == nil {
				all = append(all, text)
			}
		}
		return true
	})
	return all
}

// windows are all n words that follow one another in a text with a blank between.
func windows(text string, n int) []string {
	var all []string
	for _, run := range runs.FindAllString(verbs.ReplaceAllString(text, "\n"), -1) {
		words := strings.Split(run, " ")
		for i := 0; i+n <= len(words); i++ {
			all = append(all, strings.Join(words[i:i+n], " "))
		}
	}
	return all
}

// runs are words that follow one another, without what a format puts between.
var (
	runs  = regexp.MustCompile(`[A-Za-z'-]+(?: [A-Za-z'-]+)+`)
	verbs = regexp.MustCompile(`%[-+0-9.]*[a-z]`)
)
