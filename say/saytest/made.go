package saytest

import (
	"go/ast"
	"go/constant"
	"go/token"
	"go/types"
	"slices"
	"strconv"
	"strings"
	"testing"
)

// maker is a function or a field that makes a sentence for the user, and which of its
// arguments do.
type maker struct {
	name string // "fmt.Errorf"; without a package it is a function or a method of any
	args []int
}

func makers() []maker {
	return []maker{
		{"fmt.Errorf", []int{0}},
		{"errors.New", []int{0}},
		{"plain.Fail", []int{0, 1}},
		{"Fail", []int{0, 1}},
		{"usagef", []int{1}},
		{"unread", []int{2, 4}},
	}
}

// fields of a plain.Problem, and of what else holds one.
func fields() []string { return []string{"Sentence", "Remedy"} }

// Made are the formats of the errors and the remedies that some packages make, for
// whoever says them again. What is put together of parts is one format, with %s for
// each part that is no constant.
func Made(t *testing.T, dirs ...string) []Phrase {
	t.Helper()
	var all []Phrase
	for _, dir := range dirs {
		fset, files, info, err := read(dir)
		if err != nil {
			t.Fatal(err)
		}
		m := forge{info}
		for _, f := range files {
			ast.Inspect(f, func(n ast.Node) bool {
				for _, e := range m.made(n) {
					if text, ok := m.format(e); ok && wordy(text) {
						all = append(all, Phrase{Text: text, Where: fset.Position(e.Pos())})
					}
				}
				return true
			})
		}
	}
	return all
}

// Formats are all strings that some packages are made of, put together as in [Made].
func Formats(t *testing.T, dirs ...string) map[string]bool {
	t.Helper()
	all := map[string]bool{}
	for _, dir := range dirs {
		_, files, info, err := read(dir)
		if err != nil {
			t.Fatal(err)
		}
		m := forge{info}
		for _, f := range files {
			ast.Inspect(f, func(n ast.Node) bool {
				switch n := n.(type) {
				case ast.Expr:
					if text, ok := m.format(n); ok {
						all[text] = true
					}
				case *ast.AssignStmt:
					if text, ok := m.format(n.Rhs[0]); ok && n.Tok == token.ADD_ASSIGN {
						all["%s"+text] = true
					}
				}
				return true
			})
		}
	}
	return all
}

// forge reads how sentences are made.
type forge struct{ info *types.Info }

// made are the expressions of n that become sentences.
func (m forge) made(n ast.Node) []ast.Expr {
	switch n := n.(type) {
	case *ast.CallExpr:
		name := called(n.Fun)
		for _, maker := range makers() {
			if maker.name != name && (strings.Contains(maker.name, ".") || !strings.HasSuffix(name, "."+maker.name)) {
				continue
			}
			var all []ast.Expr
			for _, at := range maker.args {
				if at < len(n.Args) {
					all = append(all, n.Args[at])
				}
			}
			return all
		}
	case *ast.KeyValueExpr:
		if id, ok := n.Key.(*ast.Ident); ok && slices.Contains(fields(), id.Name) {
			return []ast.Expr{n.Value}
		}
	case *ast.AssignStmt:
		if to, ok := n.Lhs[0].(*ast.SelectorExpr); ok && slices.Contains(fields(), to.Sel.Name) {
			return n.Rhs
		}
	case *ast.FuncDecl:
		if n.Name.Name == "Error" && n.Recv != nil {
			return returned(n.Body)
		}
	}
	return nil
}

// returned is what a function returns.
func returned(body *ast.BlockStmt) []ast.Expr {
	var all []ast.Expr
	ast.Inspect(body, func(n ast.Node) bool {
		if r, ok := n.(*ast.ReturnStmt); ok {
			all = append(all, r.Results...)
		}
		return true
	})
	return all
}

// called is "fmt.Errorf", ".refuse" or "usagef".
func called(fun ast.Expr) string {
	switch fun := fun.(type) {
	case *ast.Ident:
		return fun.Name
	case *ast.SelectorExpr:
		if id, ok := fun.X.(*ast.Ident); ok {
			return id.Name + "." + fun.Sel.Name
		}
		return "." + fun.Sel.Name
	}
	return ""
}

// format is the format that makes a string; false if nothing of it is known.
func (m forge) format(e ast.Expr) (string, bool) {
	if v := m.info.Types[e].Value; v != nil {
		if v.Kind() == constant.String {
			return constant.StringVal(v), true
		}
		return "", false
	}
	switch e := e.(type) {
	case *ast.BasicLit: // of a type that another package has
		if text, err := strconv.Unquote(e.Value); err == nil && e.Kind == token.STRING {
			return text, true
		}
	case *ast.ParenExpr:
		return m.format(e.X)
	case *ast.BinaryExpr:
		one, ok := m.part(e.X)
		two, also := m.part(e.Y)
		if e.Op != token.ADD || !ok && !also {
			return "", false
		}
		if !ok {
			one = "%s"
		}
		if !also {
			two = "%s"
		}
		return one + two, true
	case *ast.CallExpr:
		switch name := called(e.Fun); {
		case name == "fmt.Sprintf":
			return m.format(e.Args[0])
		case name == "strings.Join":
			between, ok := m.format(e.Args[1])
			return "%s" + between + "%s", ok
		case len(e.Args) == 1 && (name == "sentence" || name == "cleanText" || name == "plain.Text" || name == "plain.Upper"):
			return m.format(e.Args[0])
		}
	}
	return "", false
}

// part is the format of a part of a text: a list is one part.
func (m forge) part(e ast.Expr) (string, bool) {
	if call, ok := e.(*ast.CallExpr); ok && called(call.Fun) == "strings.Join" {
		return "", false
	}
	return m.format(e)
}

// wordy reports that a format has a word of its own.
func wordy(format string) bool {
	rest := verbForm().ReplaceAllString(format, "")
	return strings.ContainsFunc(rest, func(r rune) bool { return 'a' <= r && r <= 'z' || 'A' <= r && r <= 'Z' })
}
