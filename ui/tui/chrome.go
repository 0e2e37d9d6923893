package tui

import (
	"cmp"
	"fmt"
	"strings"

	tea "charm.land/bubbletea/v2"

	"kpadvisor/advisor"
	"kpadvisor/plain"
	"kpadvisor/say"
	"kpadvisor/ui/kit"
	"kpadvisor/ui/tui/screen"
)

func tabNames(v say.Voice) [4]string {
	return [4]string{v.Head("Cluster"), v.Head("Habits"), v.Head("Advice"), v.Head("Probe")}
}

// tabsWidth is the cells that the tabs take: each has its number and its name, and two
// blanks between.
func tabsWidth(names [4]string) int {
	w := 2 * (len(names) - 1)
	for _, n := range names {
		w += len("1 ") + kit.Cells(n)
	}
	return w
}

// progressCells is the width of the progress bar.
const progressCells = 20

// View implements [tea.Model]. It is the only place that knows the terminal.
func (m *root) View() tea.View {
	v := tea.NewView(m.draw())
	v.AltScreen = true
	v.MouseMode = tea.MouseModeCellMotion // clicks and the wheel; the least that there is
	v.WindowTitle = m.title()
	v.ProgressBar = m.bar()
	return v
}

// title is that of the terminal's window.
func (m *root) title() string {
	out := "kpadvisor"
	for _, s := range m.cluster()[:min(len(m.cluster()), 2)] {
		out += " " + strings.TrimSpace(s.Text)
	}
	return plain.Line(out, mostTitle)
}

// mostTitle is how long a title may be, in bytes: the name of a cluster is what
// somebody's kubeconfig says.
const mostTitle = 100

// bar is how far what runs has come, for terminals that show it (OSC 9;4); nil where
// nothing runs.
func (m *root) bar() *tea.ProgressBar {
	share := func(n, of int) *tea.ProgressBar {
		if of <= 0 {
			return tea.NewProgressBar(tea.ProgressBarIndeterminate, 0)
		}
		return tea.NewProgressBar(tea.ProgressBarDefault, min(max(n, 0), of)*100/of)
	}
	switch r := m.session.reading; {
	case m.probe.Running():
		return share(m.probe.Progress())
	case m.asks.Running():
		return share(m.asks.Progress())
	case m.session.busy():
		return share(r.Read, r.Total)
	}
	return nil
}

// draw is the whole screen as text.
func (m *root) draw() string {
	if m.w == 0 {
		return ""
	}
	f := screen.Layout(m.w, m.h, tabsWidth(m.names))
	p := m.palette
	if f.Small {
		text := p.Text(p.Voice.Sprintf("kpadvisor needs %d columns and %d rows and has %d by %d: enlarge the terminal, or press q and run kpadvisor audit.",
			screen.MinWidth, screen.MinHeight, m.w, m.h))
		lines := kit.Wrap(kit.Line{text}, max(m.w, 2), 0)
		return p.Paint(lines[:min(len(lines), max(m.h, 1))], m.w)
	}
	body := ""
	if m.help != noHelp {
		body = p.Paint(m.manual.Show(m.manualLines(f.Body.W), f.Body.H, p), f.Body.W)
	} else {
		body = m.front().view(f)
	}
	var b strings.Builder
	b.WriteString(p.Paint(m.header(f), m.w))
	rows := strings.Split(body, "\n")
	b.WriteString(strings.Repeat("\n", f.Body.Y-f.Rule.Y-1))
	for i := range f.Body.H {
		b.WriteString("\n")
		if i < len(rows) && rows[i] != "" {
			b.WriteString(strings.Repeat(" ", f.Body.X) + rows[i])
		}
	}
	b.WriteString("\n " + p.Paint([]kit.Line{m.status()}, f.Status.W))
	b.WriteString("\n " + p.Paint([]kit.Line{p.Usage(m.keys().ShortHelp(), f.Usage.W)}, f.Usage.W))
	return b.String()
}

// header is the name of the cluster, the tabs, and the rule under both, heavy
// under the active tab so that it shows without colour.
func (m *root) header(f screen.Frame) []kit.Line {
	p := m.palette
	name := append(kit.Line{p.Text(" "), p.Strong("kpadvisor"), p.Text("  ")}, m.cluster()...)
	where := m.tabs(f)
	row := name.Cut(f.Name.W-1, p.Ellipsis)
	if f.Tabs.Y > 0 {
		row = nil
	}
	for i, n := range m.names {
		tok := kit.Normal
		if i == m.active {
			tok = kit.Accent
		}
		row = append(row.Pad(where[i].X), p.As(tok, fmt.Sprintf("%d %s", i+1, n)))
	}
	at := where[m.active]
	rule := kit.Line{
		p.Muted(strings.Repeat("─", at.X)), p.Accent(strings.Repeat("━", at.W)),
		p.Muted(strings.Repeat("─", max(f.Rule.W-at.X-at.W, 0))),
	}
	if f.Tabs.Y > 0 {
		return []kit.Line{name, row, rule}
	}
	return []kit.Line{row, rule}
}

// cluster names what the facts are of. Facts that are not a cluster's say so first.
func (m *root) cluster() kit.Line {
	p, facts := m.palette, m.session.facts()
	if m.session.lost() {
		if name := m.session.context.Name; name != "" {
			return kit.Line{p.Text(name), p.Text("  "), p.As(kit.Bad, p.Voice.Text("not read"))}
		}
		return kit.Line{p.Text(p.Voice.Text("no cluster"))}
	}
	var l kit.Line
	name := cmp.Or(facts.Name, m.session.context.Name)
	switch facts.Origin {
	case advisor.FromDemo:
		l, name = append(l, p.As(kit.Warn, p.Voice.Text("DEMO")+" ")), demoName(facts)
	case advisor.FromTyped:
		l = append(l, p.As(kit.Warn, p.Voice.Text("TYPED")+" "))
	case advisor.FromSnapshot:
		l = append(l, p.As(kit.Warn, p.Voice.Text("SNAPSHOT")+" "))
	}
	l = append(l, p.Text(name))
	if v, ok := facts.Version.Get(); ok {
		l = append(l, p.Text("  "), p.Muted(v))
	}
	return l
}

// status is the line above the keys: what just happened, else how far the
// survey is, else that it was not complete.
func (m *root) status() kit.Line {
	p, v, s := m.palette, m.palette.Voice, m.session
	missing := s.facts().Coverage.Missing
	switch {
	case m.notice != nil:
		return m.notice
	case m.probe.Running() && m.active != probeTab:
		return kit.Line{p.As(kit.Warn, v.Text("The probe is running: ")), p.Text(v.Text("4 Probe shows and stops it"))}
	case m.asks.News() != "":
		return kit.Line{p.As(kit.Good, v.Text("Nodes were asked: ")), p.Text(m.asks.News())}
	case m.asks.Running() && !(m.active == clusterTab && m.asks.Shown()):
		return kit.Line{p.As(kit.Warn, v.Text("Nodes are being asked: ")), p.Text(v.Text("1 Cluster, i shows and stops it"))}
	case s.lost():
		return nil
	case m.again.turn != 0:
		return append(kit.Line{p.Text(v.Text("again: "))}, readingLine(p, m.again.reading)...)
	case s.busy() && !m.starting():
		return m.progress()
	case len(missing) > 0 && m.active != clusterTab:
		l := kit.Line{p.As(kit.Warn, v.Text("Not read: ")), p.Text(v.Again(missing[0].What))}
		if more := len(missing) - 1; more > 0 {
			l = append(l, p.Text(v.Sprintf(" and %d more", more)))
		}
		where := p.Text(v.Text("; 1 Cluster says what that hides"))
		return append(l.Cut(m.w-2-kit.Cells(where.Text), p.Ellipsis), where)
	}
	return nil
}

// progress says what is being read, or who has not answered yet.
func (m *root) progress() kit.Line {
	if m.session.reading.Stage == "" {
		return connecting(m.palette, m.session)
	}
	return readingLine(m.palette, m.session.reading)
}

// readingLine says what is being read, with counts and, where the total is known, a bar.
func readingLine(p kit.Palette, r advisor.Reading) kit.Line {
	v := p.Voice
	switch {
	case r.Stage == "":
		return kit.Line{p.Text(v.Text("connecting…"))}
	case r.Total <= 0:
		return kit.Line{p.Text(v.Sprintf("reading %s", v.Again(r.Stage)) + "  " + plain.Number(r.Read))}
	}
	filled := min(max(r.Read, 0), r.Total) * progressCells / r.Total
	return kit.Line{
		p.Text(v.Sprintf("reading %s", v.Again(r.Stage)) + " "), p.Accent(strings.Repeat("█", filled)), p.Muted(strings.Repeat("░", progressCells-filled)),
		p.Text(" " + v.Sprintf("%s of %s", plain.Number(r.Read), plain.Number(r.Total))),
	}
}
