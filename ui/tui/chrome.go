package tui

import (
	"fmt"
	"strings"

	tea "charm.land/bubbletea/v2"

	"kpadvisor/advisor"
	"kpadvisor/plain"
)

// The tabs, and the cells they take: each has its number, its name and two blanks.
func tabNames() [4]string { return [4]string{"Cluster", "Habits", "Advice", "Probe"} }

const tabsWidth = 4*2 + len("ClusterHabitsAdviceProbe") + 3*2

// progressCells is the width of the progress bar.
const progressCells = 20

// View implements [tea.Model]. It is the only place that knows the terminal.
func (m *root) View() tea.View {
	v := tea.NewView(m.draw())
	v.AltScreen = true
	return v
}

// draw is the whole screen as text.
func (m *root) draw() string {
	if m.w == 0 {
		return ""
	}
	f := layout(m.w, m.h)
	p := m.palette
	if f.Small {
		text := p.text(fmt.Sprintf("kpadvisor needs %d columns and %d rows and has %d by %d: enlarge the terminal, or press q and run kpadvisor audit.",
			minWidth, minHeight, m.w, m.h))
		lines := wrap(line{text}, max(m.w, 2), 0)
		return p.paint(lines[:min(len(lines), max(m.h, 1))], m.w)
	}
	body := ""
	if m.help {
		body = p.paint(m.manual.show(m.manualLines(f.Body.W), f.Body.H, p), f.Body.W)
	} else {
		body = m.screens[m.active].view(f)
	}
	var b strings.Builder
	b.WriteString(p.paint(m.header(f), m.w))
	rows := strings.Split(body, "\n")
	b.WriteString(strings.Repeat("\n", f.Body.Y-f.Rule.Y-1))
	for i := range f.Body.H {
		b.WriteString("\n")
		if i < len(rows) && rows[i] != "" {
			b.WriteString(strings.Repeat(" ", f.Body.X) + rows[i])
		}
	}
	b.WriteString("\n " + p.paint([]line{m.status()}, f.Status.W))
	b.WriteString("\n " + p.paint([]line{p.usage(m.keys().ShortHelp(), f.Usage.W)}, f.Usage.W))
	return b.String()
}

// header is the name of the cluster, the tabs, and the rule under both, heavy
// under the active tab so that it shows without colour.
func (m *root) header(f frame) []line {
	p := m.palette
	name := append(line{p.text(" "), p.strong("kpadvisor"), p.text("  ")}, m.cluster()...)
	tabs := line{}
	start, width, x := 0, 0, f.Tabs.X
	if f.Tabs.Y > 0 {
		tabs, x = line{p.text(" ")}, 1
	}
	for i, n := range m.names {
		if i > 0 {
			tabs, x = append(tabs, p.text("  ")), x+2
		}
		label := fmt.Sprintf("%d %s", i+1, n)
		if i == m.active {
			tabs, start, width = append(tabs, p.accent(label)), x, len(label)
		} else {
			tabs = append(tabs, p.text(label))
		}
		x += len(label)
	}
	rule := line{
		p.muted(strings.Repeat("─", start)), p.accent(strings.Repeat("━", width)),
		p.muted(strings.Repeat("─", max(f.Rule.W-start-width, 0))),
	}
	if f.Tabs.Y > 0 {
		return []line{name, tabs, rule}
	}
	first := append(name.cut(f.Name.W-1, p.ellipsis).pad(f.Name.W), tabs...)
	return []line{first, rule}
}

// cluster names what the facts are of. Facts that are not a cluster's say so first.
func (m *root) cluster() line {
	p, facts := m.palette, m.session.facts()
	if m.session.lost() {
		return line{p.text("no cluster")}
	}
	var l line
	name := facts.Name
	switch facts.Origin {
	case advisor.FromDemo:
		l, name = append(l, p.as(warn, "DEMO ")), demoName(facts)
	case advisor.FromTyped:
		l = append(l, p.as(warn, "TYPED "))
	case advisor.FromSnapshot:
		l = append(l, p.as(warn, "SNAPSHOT "))
	}
	l = append(l, p.text(name))
	if v, ok := facts.Version.Get(); ok {
		l = append(l, p.text("  "), p.muted(v))
	}
	return l
}

// status is the line above the keys: what just happened, else how far the
// survey is, else that it was not complete.
func (m *root) status() line {
	p, s := m.palette, m.session
	missing := s.facts().Coverage.Missing
	switch {
	case m.notice != nil:
		return m.notice
	case m.probe.running() && m.active != probeTab:
		return line{p.as(warn, "The probe is running: "), p.text("4 Probe shows and stops it")}
	case s.lost():
		return nil
	case s.busy():
		return m.progress()
	case len(missing) > 0 && m.active != clusterTab:
		l := line{p.as(warn, "Not read: "), p.text(missing[0].What)}
		if more := len(missing) - 1; more > 0 {
			l = append(l, p.text(fmt.Sprintf(" and %d more", more)))
		}
		const where = "; 1 Cluster says what that hides"
		return append(l.cut(m.w-2-len(where), p.ellipsis), p.text(where))
	}
	return nil
}

// progress says what is being read, with counts and, where the total is known, a bar.
func (m *root) progress() line {
	p, r := m.palette, m.session.reading
	switch {
	case r.Stage == "":
		return line{p.text("connecting…")}
	case r.Total <= 0:
		return line{p.text("reading " + r.Stage + "  " + plain.Number(r.Read))}
	}
	filled := min(max(r.Read, 0), r.Total) * progressCells / r.Total
	return line{
		p.text("reading " + r.Stage + " "), p.accent(strings.Repeat("█", filled)), p.muted(strings.Repeat("░", progressCells-filled)),
		p.text(" " + plain.Number(r.Read) + " of " + plain.Number(r.Total)),
	}
}

// manualLines is the help: every key, and what the words on the screens mean.
func (m *root) manualLines(w int) []line {
	p := m.palette
	var block [2][]line
	for i, group := range newKeyMap().FullHelp() {
		side := min(i/3, 1)
		for _, b := range group {
			l := append(line{p.text("  ")}, p.column(accent, b.Help().Key, 11)...)
			block[side] = append(block[side], append(l, p.text(b.Help().Desc)))
		}
	}
	out := []line{{p.strong("Keys"), p.muted("  (any other key closes this help)")}}
	half := w / 2
	f := frame{Left: rect{W: half - columnGap}, Right: rect{W: w - half}}
	out = append(out, f.columns(block[0], block[1])...)
	out = append(out, nil, line{p.strong("Words")})
	for _, s := range [][2]string{
		{"estimate", "computed from counts by a formula with a source; never measured"},
		{"unknown", "could not be read, or was not answered; never taken for zero"},
		{"KPA###", "the rule that says so; e on Advice explains each"},
	} {
		l := append(line{p.text("  ")}, p.column(normal, s[0], 11)...)
		out = append(out, wrap(append(l, p.text(s[1])), w, 13)...)
	}
	return append(out, wrap(line{p.text("  Answer while the cluster is being read: no screen waits for another.")}, w, 2)...)
}
