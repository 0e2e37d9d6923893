// Package saytest finds what a program says, and compares it with a catalogue. It is for
// tests.
package saytest

import (
	"errors"
	"fmt"
	"go/ast"
	"go/constant"
	"go/parser"
	"go/token"
	"go/types"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// Phrase is a constant that is said by a voice.
type Phrase struct {
	Text   string
	Format bool // it has verbs
	Args   int  // that are given to it
	Where  token.Position
}

// spoken are the methods of a voice that look something up, and which argument is the key.
func spoken() map[string]int {
	return map[string]int{"Text": 0, "Sprintf": 0, "Count": 1, "Plural": 2, "Head": 0}
}

// Phrases are what the packages in some folders say. A phrase that is no constant fails
// the test: no catalogue can hold it.
func Phrases(t *testing.T, dirs ...string) []Phrase {
	t.Helper()
	var all []Phrase
	for _, dir := range dirs {
		found, bad, err := find(dir)
		if err != nil {
			t.Fatal(err)
		}
		for _, problem := range bad {
			t.Error(problem)
		}
		all = append(all, found...)
	}
	return all
}

// Constants are the strings that a package is made of: where the words of facts are from.
func Constants(t *testing.T, dir string) map[string]bool {
	t.Helper()
	_, files, info, err := read(dir)
	if err != nil {
		t.Fatal(err)
	}
	all := map[string]bool{}
	for _, f := range files {
		ast.Inspect(f, func(n ast.Node) bool {
			if e, ok := n.(ast.Expr); ok {
				if v := info.Types[e].Value; v != nil && v.Kind() == constant.String {
					all[constant.StringVal(v)] = true
				}
			}
			return true
		})
	}
	return all
}

// find reads one package; bad are calls that no catalogue can serve.
func find(dir string) (all []Phrase, bad []string, err error) {
	fset, files, info, err := read(dir)
	if err != nil {
		return nil, nil, err
	}
	for _, f := range files {
		ast.Inspect(f, func(n ast.Node) bool {
			call, ok := n.(*ast.CallExpr)
			if !ok {
				return true
			}
			p, is, err := phrase(info, call)
			p.Where = fset.Position(call.Pos())
			switch {
			case err != nil:
				bad = append(bad, fmt.Sprintf("%s: %v", p.Where, err))
			case is:
				all = append(all, p)
			}
			return true
		})
	}
	return all, bad, nil
}

// phrase reads a call of a voice; is is false where it is another call.
func phrase(info *types.Info, call *ast.CallExpr) (p Phrase, is bool, err error) {
	sel, ok := call.Fun.(*ast.SelectorExpr)
	if !ok {
		return p, false, nil
	}
	at, ok := spoken()[sel.Sel.Name]
	if !ok || len(call.Args) <= at || !byVoice(info, sel) {
		return p, false, nil
	}
	value := info.Types[call.Args[at]].Value
	if value == nil || value.Kind() != constant.String {
		return p, false, fmt.Errorf("%s says what is no constant", sel.Sel.Name)
	}
	p = Phrase{Text: constant.StringVal(value), Format: sel.Sel.Name == "Sprintf", Args: len(call.Args) - 1}
	switch sel.Sel.Name {
	case "Count":
		p.Text += "s" // as many are said
	case "Head":
		p.Text = "[" + p.Text + "]"
	}
	if call.Ellipsis.IsValid() {
		return p, true, errors.New("arguments cannot be counted")
	}
	return p, true, nil
}

// byVoice reports a method of a voice, however the type is called that has it.
func byVoice(info *types.Info, sel *ast.SelectorExpr) bool {
	s, ok := info.Selections[sel]
	if !ok {
		return false
	}
	f, ok := s.Obj().(*types.Func)
	return ok && f.Pkg() != nil && f.Pkg().Path() == "kpadvisor/say"
}

// read parses a package without its tests and finds its constants and types. Of what it
// imports only the packages of this program are read, so it is full of errors, and what
// concerns them is right all the same.
func read(dir string) (*token.FileSet, []*ast.File, *types.Info, error) {
	p := program{fset: token.NewFileSet(), known: map[string]*types.Package{}}
	info := &types.Info{Types: map[ast.Expr]types.TypeAndValue{}, Uses: map[*ast.Ident]types.Object{}, Selections: map[*ast.SelectorExpr]*types.Selection{}}
	var err error
	if p.root, err = root(dir); err != nil {
		return nil, nil, nil, err
	}
	files, _, err := p.check(dir, dir, info)
	return p.fset, files, info, err
}

// root is the folder of the module that a folder is in.
func root(dir string) (string, error) {
	dir, err := filepath.Abs(dir)
	for err == nil {
		if _, found := os.Stat(filepath.Join(dir, "go.mod")); found == nil {
			return dir, nil
		}
		if filepath.Dir(dir) == dir {
			return "", errors.New("there is no go.mod above it")
		}
		dir = filepath.Dir(dir)
	}
	return "", err
}

// program imports the packages of this program from their sources; others are empty.
type program struct {
	root  string
	fset  *token.FileSet
	known map[string]*types.Package
}

// module is the name of this program in imports.
const module = "kpadvisor/"

func (p program) check(path, dir string, info *types.Info) ([]*ast.File, *types.Package, error) {
	names, err := filepath.Glob(filepath.Join(dir, "*.go"))
	if err != nil || len(names) == 0 {
		return nil, nil, fmt.Errorf("no package in %s: %w", dir, err)
	}
	var files []*ast.File
	for _, name := range names {
		if strings.HasSuffix(name, "_test.go") {
			continue
		}
		f, err := parser.ParseFile(p.fset, name, nil, parser.SkipObjectResolution)
		if err != nil {
			return nil, nil, err
		}
		files = append(files, f)
	}
	conf := types.Config{Importer: p, Error: func(error) {}}
	pkg, _ := conf.Check(path, p.fset, files, info)
	return files, pkg, nil
}

// Import implements [types.Importer].
func (p program) Import(path string) (*types.Package, error) {
	if known := p.known[path]; known != nil {
		return known, nil
	}
	dir, own := strings.CutPrefix(path, module)
	pkg := types.NewPackage(path, path[strings.LastIndexByte(path, '/')+1:])
	if own {
		if _, read, err := p.check(path, filepath.Join(p.root, dir), nil); err == nil {
			pkg = read
		}
	}
	pkg.MarkComplete()
	p.known[path] = pkg
	return pkg, nil
}
