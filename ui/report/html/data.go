package html

import (
	"html"
	"strings"

	"kpadvisor/plain"
)

// What a document was made from stands at its end, as a text that can be opened: no
// browser does anything with it, and programs find it again.
const (
	dataBegin = `<pre class="data">`
	dataEnd   = "</pre>"
)

// data keeps what the document was made from. Of a text that is plain, as all that the
// program writes, every character stays.
func (m *markup) data(text string) {
	if text == "" {
		return
	}
	m.begin("footer")
	m.begin("details")
	m.leaf("summary", m.voice.Text("The data that this document was made from"))
	m.begin("pre", "class", "data")
	m.words(Kept(text))
	m.end()
	m.end()
	m.end()
}

// Kept is a text as a page keeps it as data.
func Kept(text string) string {
	lines := strings.Split(text, "\n")
	for i, l := range lines {
		lines[i] = plain.Text(l)
	}
	return strings.Join(lines, "\n")
}

// Data is what a page was made from, and false where it holds nothing of that.
func Data(p string) (string, bool) {
	_, rest, begun := strings.Cut(p, dataBegin) // which no text can hold: it would be escaped
	text, _, ended := strings.Cut(rest, dataEnd)
	return html.UnescapeString(text), begun && ended
}

// Place is what a byte of a page is part of: the anchor of a section; empty before the
// first one and in the data.
func Place(p string, at int) string {
	const section = `<section id="`
	if at = min(at, len(p)); strings.Contains(p[:at], "</main>") {
		return ""
	}
	_, rest, ok := lastCut(p[:at], section)
	if !ok {
		return ""
	}
	begins := at - len(rest)
	name, _, _ := strings.Cut(p[begins:], `"`)
	return name
}

// lastCut is strings.Cut around the last place.
func lastCut(s, sep string) (before, after string, found bool) {
	i := strings.LastIndex(s, sep)
	if i < 0 {
		return s, "", false
	}
	return s[:i], s[i+len(sep):], true
}
