package html

import (
	"html"
	"strings"

	"kpadvisor/plain"
	"kpadvisor/say"
	"kpadvisor/ui/page"
)

// markup is a page as it is written. Names of elements and attributes are constants of
// this package; what comes from elsewhere enters as a text or as the value of an
// attribute, and is cleaned and escaped there. Elements close in the order in which
// they opened, so that a page is always well formed.
type markup struct {
	b     strings.Builder
	open  []string
	title string    // of the document, which a card need not repeat
	voice say.Voice // of the document
}

// begin opens an element; attributes are pairs of a name and a value, and one with an
// empty value is left out.
func (m *markup) begin(name string, attributes ...string) {
	m.tag(name, attributes)
	m.b.WriteByte('>')
	m.open = append(m.open, name)
}

// end closes the element that was opened last.
func (m *markup) end() {
	last := len(m.open) - 1
	m.b.WriteString("</" + m.open[last] + ">")
	m.open = m.open[:last]
}

// meta is an element of the head, and has no end.
func (m *markup) meta(attributes ...string) {
	m.tag("meta", attributes)
	m.b.WriteByte('>')
}

// shape is an element of SVG without content.
func (m *markup) shape(name string, attributes ...string) {
	m.tag(name, attributes)
	m.b.WriteString("/>")
}

// leaf is an element that holds a text alone; without one it is left out.
func (m *markup) leaf(name, text string, attributes ...string) {
	if text == "" {
		return
	}
	m.begin(name, attributes...)
	m.text(text)
	m.end()
}

// prose is a leaf with its links.
func (m *markup) prose(name, text string, attributes ...string) {
	if text == "" {
		return
	}
	m.begin(name, attributes...)
	m.linked(text)
	m.end()
}

func (m *markup) tag(name string, attributes []string) {
	if !inline(name) {
		m.b.WriteByte('\n')
	}
	m.b.WriteString("<" + name)
	for i := 0; i+1 < len(attributes); i += 2 {
		if value := attributes[i+1]; value != "" {
			m.b.WriteString(" " + attributes[i] + `="` + html.EscapeString(plain.Line(value, 0)) + `"`)
		}
	}
}

// inline reports an element before which a new line would be seen.
func inline(name string) bool {
	switch name {
	case "a", "b", "strong", "span", "code", "pre", "text", "title", "desc":
		return true
	}
	return false
}

// text writes one line of text.
func (m *markup) text(s string) { m.b.WriteString(html.EscapeString(plain.Line(s, 0))) }

// linked is text in which the pages that it names can be followed.
func (m *markup) linked(s string) {
	for _, r := range page.References(plain.Line(s, 0)) {
		if r.URL == "" {
			m.words(r.Text)
		} else {
			m.leaf("a", r.Text, "href", r.URL, "rel", "noopener noreferrer")
		}
	}
}

// words writes a part of a line, with the spaces at its ends.
func (m *markup) words(s string) { m.b.WriteString(html.EscapeString(s)) }
