package tui

import (
	"path/filepath"
	"strings"

	tea "charm.land/bubbletea/v2"

	"kpadvisor/advisor"
	"kpadvisor/plain"
	"kpadvisor/ui/kit"
	"kpadvisor/ui/report"
	"kpadvisor/ui/tui/screen"
)

// save writes the report, or the run of the probe, to a file, away from the event loop.
func (m *root) save() tea.Cmd {
	if m.active == probeTab {
		return m.probe.Save()
	}
	doc, name := m.session.document(m.opts.Version), fileName(m.session.facts())
	store := m.opts.Store
	return screen.Safely(func() tea.Msg {
		path, err := store.SaveReport(doc, name)
		return screen.SavedMsg{Path: path, Err: err}
	})
}

// saved is the notice about a save.
func (m *root) saved(msg screen.SavedMsg) kit.Line {
	p := m.palette
	if msg.Err != nil {
		return kit.Line{p.As(kit.Bad, p.Voice.Text("Not saved: ")), p.Text(p.Voice.Said(msg.Err.Error()))}
	}
	l := kit.Line{p.As(kit.Good, p.Voice.Text("Saved: ")), p.Text(msg.Path)}
	if l.Width() > m.w-2 { // then without the folder, which is the one that we are in
		l[1] = p.Text(filepath.Base(msg.Path))
	}
	return l
}

// fileName is where a report of these facts goes, without what tells its faces apart:
// letters, digits and dashes of the name of the cluster, and the day of the reading.
func fileName(f advisor.Facts) string {
	name := strings.Map(func(r rune) rune {
		switch {
		case r >= 'a' && r <= 'z', r >= 'A' && r <= 'Z', r >= '0' && r <= '9':
			return r
		}
		return '-'
	}, plain.Text(f.Name))
	parts := []string{"kpadvisor"}
	if name = strings.Trim(name[:min(len(name), 40)], "-"); name != "" {
		parts = append(parts, name)
	}
	if !f.TakenAt.IsZero() {
		parts = append(parts, f.TakenAt.UTC().Format("20060102-1504"))
	}
	return strings.Join(parts, "-")
}

// clipboardLimit is what terminals accept in one OSC 52 sequence, before base64.
const clipboardLimit = 74994 / 4 * 3

// copy makes the report for the terminal's clipboard, away from the event loop. On the
// Habits screen it is the command that gives the same answers.
func (m *root) copy() tea.Cmd {
	if m.active == habitsTab {
		line := m.session.commandLine(m.source.Command)
		return m.copied(copiedMsg{text: line, what: line})
	}
	doc, v := m.session.document(m.opts.Version), m.palette.Voice
	return screen.Safely(func() tea.Msg {
		var b strings.Builder
		err := report.Markdown(&b, doc(v).Page())
		return copiedMsg{text: b.String(), err: err}
	})
}

// copied sends the report to the terminal's clipboard. Nobody can tell whether
// the terminal took it, so the notice names the way that always works.
func (m *root) copied(msg copiedMsg) tea.Cmd {
	p, v := m.palette, m.palette.Voice
	switch {
	case msg.err != nil:
		m.notice = kit.Line{p.As(kit.Bad, v.Text("Not copied: ")), p.Text(v.Said(msg.err.Error()))}
		return nil
	case len(msg.text) > clipboardLimit:
		m.notice = kit.Line{p.As(kit.Warn, v.Text("Too long for a clipboard: ")), p.Text(v.Sprintf("%s bytes; s saves a file", plain.Number(len(msg.text))))}
		return nil
	}
	m.notice = kit.Line{p.Strong(v.Text("Sent to the terminal's clipboard")), p.Text(v.Text(" (OSC 52). If nothing arrived: s saves a file"))}
	if msg.what != "" {
		first, _, _ := strings.Cut(msg.what, "\n")
		m.notice = kit.Line{p.Strong(v.Text("To the terminal's clipboard (OSC 52): ")), p.Text(first)}
	}
	return tea.SetClipboard(msg.text)
}
