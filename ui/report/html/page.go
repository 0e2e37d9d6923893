// Package html is the face of a document that one shows to a meeting: one file of HTML
// that needs no network and runs no script, for light, dark and paper. It draws the
// blocks of package page and says nothing of its own but what its signs mean.
package html

import (
	_ "embed"
	"strconv"
	"strings"

	"kpadvisor/plain"
	"kpadvisor/say"
	"kpadvisor/ui/page"
)

//go:embed style.css
var style string

// policy lets the page load nothing, send nothing and run nothing.
const policy = "default-src 'none'; style-src 'unsafe-inline'; base-uri 'none'; form-action 'none'"

// Page is the document as a file of HTML.
func Page(d page.Document) string {
	m := &markup{title: d.Title, voice: d.Voice}
	m.b.WriteString("<!DOCTYPE html>")
	m.begin("html", "lang", locale(d.Voice))
	m.head(d.Title)
	m.begin("body")
	m.header(d)
	ids := anchors(d.Sections)
	m.contents(d.Sections, ids)
	m.begin("main")
	for i, s := range d.Sections {
		m.section(s, ids[i])
	}
	m.end()
	m.data(d.Data)
	m.end()
	m.end()
	m.b.WriteByte('\n')
	return m.b.String()
}

// locale is the language as HTML names it: of Chinese the characters belong to it.
func locale(v say.Voice) string {
	if v.Language() == say.Chinese {
		return "zh-Hans"
	}
	return string(v.Language())
}

func (m *markup) head(title string) {
	m.begin("head")
	m.meta("charset", "utf-8")
	m.meta("http-equiv", "Content-Security-Policy", "content", policy)
	m.meta("name", "viewport", "content", "width=device-width, initial-scale=1")
	m.meta("name", "color-scheme", "content", "light dark")
	m.meta("name", "referrer", "content", "no-referrer")
	m.leaf("title", title)
	m.begin("style")
	m.b.WriteString("\n" + style)
	m.end()
	m.end()
}

// header says what the report comes to, what it is about, and what it lacks.
func (m *markup) header(d page.Document) {
	m.begin("header")
	m.begin("p", "class", "about")
	for _, s := range d.About {
		m.leaf("span", s)
		m.words(" ")
	}
	m.end()
	m.leaf("h1", d.Title, "class", toneClass(d.Tone))
	m.prose("p", d.Banner, "class", "banner", "role", "note")
	if p := d.Problem; p != nil {
		m.problem(*p)
	}
	m.end()
}

func (m *markup) problem(p plain.Problem) {
	m.begin("div", "class", "problem", "role", "note")
	m.prose("p", p.Sentence, "class", "strong")
	if p.Remedy != "" {
		m.begin("p")
		m.leaf("span", m.voice.Text("Remedy:"), "class", "label")
		m.words(" ")
		m.linked(p.Remedy)
		m.end()
	}
	m.end()
}

// contents are links to the sections, where there are several.
func (m *markup) contents(sections []page.Section, ids []string) {
	if len(sections) < leastContents {
		return
	}
	contents := m.voice.Text("Contents")
	m.begin("nav", "aria-label", contents)
	defer m.end()
	if len(sections) > mostContents {
		m.begin("details")
		m.leaf("summary", contents)
		defer m.end()
	}
	m.begin("ul")
	for i, s := range sections {
		if s.Title == "" {
			continue
		}
		m.begin("li")
		m.leaf("a", s.Title, "href", "#"+ids[i])
		m.end()
	}
	m.end()
}

// leastContents is how many sections are worth a list of them, and mostContents how many
// of it are shown unasked: the verdict is to stand on the first screen.
const leastContents, mostContents = 4, 8

func (m *markup) section(s page.Section, id string) {
	m.begin("section", "id", id)
	m.leaf("h2", s.Title, "class", toneClass(s.Tone))
	m.blocks(s.Blocks)
	m.end()
}

// anchors are the names of the sections in addresses: each of them once, and nothing but
// small letters, digits and dashes.
func anchors(sections []page.Section) []string {
	taken := map[string]bool{}
	out := make([]string, len(sections))
	for i, s := range sections {
		name := strings.Trim(strings.Map(anchorRune, s.ID), "-")
		if name == "" {
			name = "section"
		}
		id := name
		for n := 2; taken[id]; n++ {
			id = name + "-" + strconv.Itoa(n)
		}
		taken[id], out[i] = true, id
	}
	return out
}

func anchorRune(r rune) rune {
	switch {
	case r >= 'a' && r <= 'z', r >= '0' && r <= '9', r == '-':
		return r
	case r >= 'A' && r <= 'Z':
		return r + 'a' - 'A'
	}
	return '-'
}

// toneClass is the class of a tone; none for the normal one.
func toneClass(t page.Tone) string {
	switch t {
	case page.Strong:
		return "strong"
	case page.Good:
		return "good"
	case page.Warn:
		return "warn"
	case page.Bad:
		return "bad"
	case page.Muted:
		return "muted"
	case page.Normal:
	}
	return ""
}
