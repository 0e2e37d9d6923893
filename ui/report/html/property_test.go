package html

import (
	"fmt"
	"math"
	"reflect"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"

	"golang.org/x/net/html"

	"kpadvisor/plain"
	"kpadvisor/plain/plaintest"
	"kpadvisor/ui/page"
)

// TestEveryText: what a document says, the page says as text.
func TestEveryText(t *testing.T) {
	var texts []string
	d := document(func(v any) { eachText(reflect.ValueOf(v).Elem(), &texts) })
	said := spoken(parsed(t, Page(d)))
	if len(texts) < 60 {
		t.Errorf("only %d texts were looked for", len(texts))
	}
	for _, s := range texts {
		if !strings.Contains(said, s) {
			t.Errorf("the page lacks %s", s)
		}
	}
}

// hostile are texts that try to become more than text.
func hostile() []string {
	return []string{
		plaintest.Hostile, "<script>alert(1)</script>", "</style><script>alert(1)</script>", "</title><img src=x onerror=alert(1)>", "]]><!--", "-->", "<svg onload=alert(1)>",
		`" onmouseover="alert(1)`, `' onmouseover='alert(1)`, "javascript:alert(1)", "&lt;script&gt;", "&#60;b&#62;", "&amp", "`x`", "\u2028", "</pre></code>", "{{.}}", "a:b;c{d}", "</text></svg><p>",
		strings.Repeat("x", 3000), "https://", "http://evil.example", "ftp://evil.example/x", "data:text/html,x", "#top", "//evil.example",
	}
}

// TestHostile: whatever the texts are, the page has the same elements.
func TestHostile(t *testing.T) {
	listed := plaintest.NewChecker(t)
	fill := func(text string) string { return Page(document(func(v any) { plaintest.Fill(v, text) })) }
	want := outline(parsed(t, fill("word")))
	for _, text := range hostile() {
		p := fill(text)
		listed.Check(t, text, p)
		doc := parsed(t, p)
		if got := outline(doc); got != want {
			t.Errorf("%.60q changed the elements:\n%s\n%s", text, got, want)
		}
		checkNodes(t, doc)
		if folded := plain.Line(text, 0); folded != "" && !strings.Contains(spoken(doc), folded) {
			t.Errorf("%.60q is not said", text)
		}
	}
}

// TestLinksInTexts: an address is the only thing that a text can add, and it leads where
// it says.
func TestLinksInTexts(t *testing.T) {
	p := Page(document(func(v any) {
		plaintest.Fill(v, `<i>See</i> (https://kubernetes.io/docs/?a=1&b="x") or https://user:pw@evil.example/.`)
	}))
	doc := parsed(t, p)
	checkNodes(t, doc)
	links := 0
	walk(doc, func(n *html.Node, _ int) {
		if href := attribute(n, "href"); strings.HasPrefix(href, "https") && !strings.HasPrefix(href, "https://github.com/kubernetes/") {
			links++
			if href != "https://kubernetes.io/docs/?a=1&b=" || n.FirstChild.Data != href || attribute(n, "rel") != "noopener noreferrer" {
				t.Errorf("a link to %q", href)
			}
		}
	})
	if links < 10 {
		t.Errorf("%d links", links)
	}
}

func TestLinked(t *testing.T) {
	m := &markup{}
	m.linked("a https://@x https://b.example/c, d https://e.example; KEP-3866")
	if got, want := m.b.String(), `a https://@x <a href="https://b.example/c" rel="noopener noreferrer">https://b.example/c</a>, d <a href="https://e.example" rel="noopener noreferrer">https://e.example</a>; <a href="https://github.com/kubernetes/enhancements/issues/3866" rel="noopener noreferrer">KEP-3866</a>`; got != want {
		t.Errorf("%s\nwant\n%s", got, want)
	}
}

// TestAnyNumber: no value leaves the picture or becomes what is no number.
func TestAnyNumber(t *testing.T) {
	for _, v := range []float64{0, 1, -1, 0.5, 1e-3, 12345, 1e9, -1e9, 1e16, 1e200, -1e200, 5e-324, math.MaxFloat64, math.Inf(1), math.Inf(-1), math.NaN()} {
		t.Run(fmt.Sprint(v), func(t *testing.T) {
			doc := parsed(t, Page(document(func(p any) { eachNumber(reflect.ValueOf(p).Elem(), v) })))
			checkNodes(t, doc)
		})
	}
}

func TestEmpty(t *testing.T) {
	if doc := parsed(t, Page(document(func(any) {}))); strings.Contains(outline(doc), "table") || strings.Contains(outline(doc), "figure") {
		t.Error("frames around nothing")
	}
	checkNodes(t, parsed(t, Page(page.Document{})))
}

func TestAnchors(t *testing.T) {
	got := anchors([]page.Section{{ID: "verdict"}, {ID: "Two Modes"}, {}, {ID: "verdict"}, {ID: "<b>\"x"}, {ID: "section-7"}, {ID: "section-7"}})
	if want := []string{"verdict", "two-modes", "section", "verdict-2", "b--x", "section-7", "section-7-2"}; !slices.Equal(got, want) {
		t.Errorf("%q, want %q", got, want)
	}
}

// allowed are the elements of a page and the attributes that they may have.
func allowed() map[string]string {
	return map[string]string{
		"html": "lang", "head": "", "footer": "", "meta": "charset http-equiv content name", "title": "", "style": "", "body": "", "header": "", "main": "", "nav": "aria-label", "section": "id",
		"h1": "class", "h2": "class", "p": "class role aria-hidden", "div": "class role tabindex aria-label aria-hidden", "span": "class", "strong": "class", "a": "href rel",
		"ul": "class", "ol": "class", "li": "class", "dl": "class", "dt": "", "dd": "class", "pre": "class", "code": "", "table": "class", "caption": "", "thead": "", "tbody": "", "tr": "class", "th": "scope class", "td": "class colspan",
		"details": "class", "summary": "", "figure": "", "figcaption": "", "svg": "role class width height x y viewBox preserveAspectRatio aria-hidden", "desc": "", "rect": "class x y width height",
		"line": "class x1 x2 y1 y2", "path": "class d", "text": "class x y dx text-anchor",
	}
}

var path = regexp.MustCompile(`^([MLhvlaz]|-?\d+(\.\d+)?|[ ])*$`)

// checkNodes checks each element: it is one of ours, what it points at is a page or in
// this one, what it places lies in the picture, and what is a picture has a name.
func checkNodes(t *testing.T, doc *html.Node) {
	t.Helper()
	ids, heading := map[string]bool{}, 0
	walk(doc, func(n *html.Node, _ int) {
		attributes, known := allowed()[n.Data]
		if !known {
			t.Errorf("an element <%s>", n.Data)
		}
		for _, a := range n.Attr {
			if !slices.Contains(strings.Fields(attributes), a.Key) {
				t.Errorf("<%s %s=%q>", n.Data, a.Key, a.Val)
			}
			switch a.Key {
			case "href":
				if !strings.HasPrefix(a.Val, "https://") && !strings.HasPrefix(a.Val, "#") {
					t.Errorf("a link to %q", a.Val)
				}
			case "x", "y", "x1", "x2", "y1", "y2", "width", "height", "dx":
				checkPlace(t, n.Data, a)
			case "d":
				if !path.MatchString(a.Val) {
					t.Errorf("a path %q", a.Val)
				}
			case "id":
				if ids[a.Val] {
					t.Errorf("two elements %q", a.Val)
				}
				ids[a.Val] = true
			}
		}
		switch n.Data {
		case "h1", "h2":
			level := int(n.Data[1] - '0')
			if level > heading+1 {
				t.Errorf("a heading of level %d after one of level %d", level, heading)
			}
			heading = level
		case "th":
			if attribute(n, "scope") == "" {
				t.Error("the head of nothing")
			}
		}
		if attribute(n, "role") == "img" && (n.FirstChild == nil || n.FirstChild.Data != "title") {
			t.Error("a picture without a name")
		}
	})
}

func checkPlace(t *testing.T, element string, a html.Attribute) {
	t.Helper()
	share, isShare := strings.CutSuffix(a.Val, "%")
	v, err := strconv.ParseFloat(share, 64)
	if err != nil || isShare && (v < 0 || v > 100) || v < -20 || v > 400 {
		t.Errorf("<%s %s=%q>", element, a.Key, a.Val)
	}
}

// parsed is the tree of a page, once its elements are known to close in the order in
// which they opened, and the tree to be as it was written.
func parsed(t testing.TB, p string) *html.Node {
	t.Helper()
	var open, written, read []string
	for z := html.NewTokenizer(strings.NewReader(p)); ; {
		kind := z.Next()
		if kind == html.ErrorToken {
			break
		}
		name := strings.ToLower(z.Token().Data)
		switch kind {
		case html.StartTagToken, html.SelfClosingTagToken:
			written = append(written, strings.Repeat(" ", len(open))+name)
			if kind == html.StartTagToken && name != "meta" {
				open = append(open, name)
			}
		case html.EndTagToken:
			if len(open) == 0 || open[len(open)-1] != name {
				t.Fatalf("</%s> closes %v", name, open)
			}
			open = open[:len(open)-1]
		case html.CommentToken:
			t.Errorf("a comment")
		}
	}
	doc, err := html.Parse(strings.NewReader(p))
	if err != nil || len(open) > 0 {
		t.Fatal(err, open)
	}
	walk(doc, func(n *html.Node, depth int) { read = append(read, strings.Repeat(" ", depth)+strings.ToLower(n.Data)) })
	if !slices.Equal(written, read) {
		t.Fatalf("a browser reads other elements than were written:\n%s\n%s", strings.Join(read, "\n"), strings.Join(written, "\n"))
	}
	return doc
}

// walk visits each element, with how many it lies in.
func walk(n *html.Node, visit func(*html.Node, int)) { walkFrom(n, 0, visit) }

func walkFrom(n *html.Node, depth int, visit func(*html.Node, int)) {
	if n.Type == html.ElementNode {
		visit(n, depth)
		depth++
	}
	for c := n.FirstChild; c != nil; c = c.NextSibling {
		walkFrom(c, depth, visit)
	}
}

// outline is the elements of a page in their order, without those of its style.
func outline(doc *html.Node) string {
	var b strings.Builder
	walk(doc, func(n *html.Node, depth int) { fmt.Fprintf(&b, "%d%s ", depth, n.Data) })
	return b.String()
}

// spoken is the text of a page, folded.
func spoken(n *html.Node) string {
	var b strings.Builder
	var visit func(*html.Node)
	visit = func(n *html.Node) {
		if n.Type == html.TextNode && n.Parent.Data != "style" {
			b.WriteString(n.Data)
		}
		for c := n.FirstChild; c != nil; c = c.NextSibling {
			visit(c)
		}
	}
	visit(n)
	return strings.Join(strings.Fields(b.String()), " ")
}

func attribute(n *html.Node, key string) string {
	for _, a := range n.Attr {
		if a.Key == key {
			return a.Val
		}
	}
	return ""
}
