package html

import (
	"strings"

	"kpadvisor/plain"
	"kpadvisor/ui/page"
)

func (m *markup) blocks(all []page.Block) {
	for len(all) > 0 {
		if tables := alike(all); len(tables) > 0 {
			m.tables(tables)
			all = all[len(tables):]
			continue
		}
		m.block(all[0])
		all = all[1:]
	}
}

func (m *markup) block(b page.Block) {
	switch b := b.(type) {
	case page.Text:
		for _, p := range b.Paragraphs {
			m.prose("p", p, "class", toneClass(b.Tone))
		}
	case page.Card:
		m.card(b)
	case page.Figures:
		m.figures(b)
	case page.List:
		m.list(b)
	case page.Steps:
		m.steps(b)
	case page.Sources:
		m.sources(b)
	case page.Comparison:
		m.comparison(b)
	case page.Curve:
		m.curve(b)
	case page.Strip:
		m.strip(b)
	case page.Distribution:
		m.distribution(b)
	case page.Intervals:
		m.intervals(b)
	}
}

func (m *markup) card(c page.Card) {
	m.begin("div", "class", classes("card", toneClass(c.Tone)))
	if c.Do != m.title { // which stands above it, and larger
		m.prose("p", c.Do, "class", "do")
	}
	if len(c.Lines) > 0 || c.Confidence+c.Rests != "" {
		m.begin("dl")
		for _, l := range c.Lines {
			m.labelled(l.Label, l.Text, toneClass(l.Tone))
		}
		if c.Confidence+c.Rests != "" {
			m.confidence(c)
		}
		m.end()
	}
	m.end()
}

func (m *markup) confidence(c page.Card) {
	m.begin("div")
	m.leaf("dt", m.voice.Text("Confidence"))
	m.begin("dd")
	m.leaf("span", c.Confidence)
	if c.Confidence != "" && c.Rests != "" {
		m.words(m.voice.Text(": "))
	}
	m.prose("span", c.Rests, "class", "note")
	m.end()
	m.end()
}

// labelled is a line of a list of descriptions.
func (m *markup) labelled(label, text, class string) {
	m.begin("div")
	m.begin("dt")
	m.text(label)
	m.end()
	m.begin("dd", "class", class)
	m.linked(text)
	m.end()
	m.end()
}

func (m *markup) figures(all page.Figures) {
	if len(all) == 0 {
		return
	}
	m.begin("dl", "class", "figures")
	for _, f := range all {
		m.begin("div")
		m.begin("dt")
		m.text(f.Label)
		m.end()
		m.begin("dd")
		m.leaf("span", f.Value, "class", "value")
		m.words(" ")
		m.leaf("span", f.Note, "class", "note")
		m.end()
		m.end()
	}
	m.end()
}

func (m *markup) list(all page.List) {
	if len(all) == 0 {
		return
	}
	m.begin("ul", "class", "list")
	for _, it := range all {
		m.begin("li")
		m.begin("p")
		if it.Mark != "-" { // which is a bullet, and the lines between entries say that
			m.leaf("span", it.Mark, "class", "mark")
			m.words(" ")
		}
		m.leaf("strong", it.Label, "class", toneClass(it.Tone))
		if it.Label != "" && it.Text != "" {
			m.words(m.voice.Text(": "))
		}
		m.linked(it.Text)
		m.end()
		m.notes(it.Notes)
		m.commands(it.Commands)
		m.end()
	}
	m.end()
}

func (m *markup) notes(notes []string) {
	if len(notes) == 0 {
		return
	}
	m.begin("ul", "class", "notes")
	for _, n := range notes {
		m.prose("li", n)
	}
	m.end()
}

func (m *markup) steps(all page.Steps) {
	if len(all) == 0 {
		return
	}
	m.begin("ol", "class", "steps")
	for _, s := range all {
		m.begin("li")
		m.leaf("p", s.Title, "class", "strong")
		m.prose("p", s.Text)
		m.commands(s.Commands)
		m.end()
	}
	m.end()
}

// commands are blocks of their own, each of which a click selects.
func (m *markup) commands(all []string) {
	for _, c := range all {
		m.words("\n")
		m.begin("pre")
		m.begin("code")
		m.words(strings.Join(plain.Lines(c), "\n"))
		m.end()
		m.end()
	}
}

func (m *markup) sources(all page.Sources) {
	if len(all) == 0 {
		return
	}
	m.begin("ul", "class", "sources")
	for _, s := range all {
		m.begin("li")
		m.leaf("span", s.Rule, "class", "mark")
		m.words(" ")
		m.linked(s.Text)
		m.end()
	}
	m.end()
}

// classes joins what is not empty.
func classes(all ...string) string { return strings.Join(strings.Fields(strings.Join(all, " ")), " ") }
