package html

import (
	"html"
	"net/url"
	"regexp"
	"strings"

	"kpadvisor/plain"
	"kpadvisor/say"
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

// address finds what may be the address of a page.
var address = regexp.MustCompile(`https://[!-~]+`)

// linked is text in which addresses of pages can be followed.
func (m *markup) linked(s string) {
	s = plain.Line(s, 0)
	for s != "" {
		at := address.FindStringIndex(s)
		if at == nil {
			break
		}
		link := followed(s[at[0]:at[1]])
		if link == "" { // no address after all
			m.words(s[:at[1]])
			s = s[at[1]:]
			continue
		}
		m.words(s[:at[0]])
		m.leaf("a", link, "href", link, "rel", "noopener noreferrer")
		s = s[at[0]+len(link):]
	}
	m.words(s)
}

// words writes a part of a line, with the spaces at its ends.
func (m *markup) words(s string) { m.b.WriteString(html.EscapeString(s)) }

// followed is the address that a word begins with: without what ends a sentence or a
// bracket, and only with a host and without a name and a password, which make an address
// look like another one. Empty if there is none.
func followed(word string) string {
	if end := strings.IndexAny(word, "<>\"'`|\\^{}"); end >= 0 {
		word = word[:end]
	}
	for word != "" {
		last := word[len(word)-1]
		closing := last == ')' && strings.Count(word, ")") > strings.Count(word, "(") || last == ']'
		if !closing && !strings.ContainsRune(".,;:!?*_~", rune(last)) {
			break
		}
		word = word[:len(word)-1]
	}
	u, err := url.Parse(word)
	if err != nil || u.Scheme != "https" || u.Hostname() == "" || u.User != nil {
		return ""
	}
	return word
}
