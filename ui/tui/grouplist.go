package tui

import (
	"strings"

	"kpadvisor/say"

	"charm.land/bubbles/v2/key"
	"charm.land/bubbles/v2/textinput"
	tea "charm.land/bubbletea/v2"

	"kpadvisor/advisor"
	"kpadvisor/ui/kit"
	"kpadvisor/ui/kit/form"
	"kpadvisor/ui/page"
	"kpadvisor/ui/tui/screen"
)

// groupList is the list of node groups: the pointer on it, what narrows it, and the group
// that is looked at.
type groupList struct {
	list     selection
	shown    []int // the groups that the list has
	filter   textinput.Model
	filterAt int                // its line
	opened   *advisor.NodeGroup // looked at
	inner    kit.Pager          // on that
	drawn    groupRows
}

// groupRows are all groups as rows, laid out once: what narrows the list only picks.
type groupRows struct {
	revision, width int
	lines           [][]kit.Line
	texts           []string // what the filter looks at
}

// adaptList enables the keys of the list and of what is open of it.
func (s *clusterScreen) adaptList(k *screen.KeyMap) {
	groups := len(s.session.facts().Groups)
	if s.filter.Focused() {
		k.Filtering()
		k.Choose.SetEnabled(len(s.list.rows) > 0)
		return
	}
	k.Filter.SetEnabled(groups > 1 && s.opened == nil)
	k.Choose.SetEnabled(s.opened == nil && len(s.list.rows) > 0)
	k.Choose.SetHelp("enter", s.palette.Voice.Text("evidence"))
	k.Ask.SetEnabled(s.asks.Offers() && (s.opened != nil || len(s.list.rows) > 0))
	k.Back.SetEnabled(s.opened != nil || s.filter.Value() != "" || k.Contexts.Enabled())
	k.Again.SetEnabled(k.Again.Enabled() && s.opened == nil)
}

// listKey acts on a key while facts are shown: what is open closes from the inside out.
func (s *clusterScreen) listKey(msg tea.KeyPressMsg, k screen.KeyMap) tea.Cmd {
	switch {
	case s.filter.Focused():
		s.filterKey(msg, k)
	case key.Matches(msg, k.Back) && s.opened != nil:
		s.opened = nil
	case key.Matches(msg, k.Back) && s.filter.Value() != "":
		s.filter.SetValue("")
	case key.Matches(msg, k.Back):
		return func() tea.Msg { return gotoMsg(startTab) }
	case key.Matches(msg, k.Ask):
		s.askGroup()
	case s.opened != nil:
		s.inner.Update(msg, k.PagerKeys)
	case key.Matches(msg, k.Filter) && len(s.session.facts().Groups) > 1:
		s.filter.Focus()
	case key.Matches(msg, k.Choose):
		s.openGroup()
	default:
		s.list.update(msg, k.PagerKeys, &s.pager)
	}
	return nil
}

// filterKey types into the filter. The list narrows with every key.
func (s *clusterScreen) filterKey(msg tea.KeyPressMsg, k screen.KeyMap) {
	switch {
	case key.Matches(msg, k.Back):
		s.filter.SetValue("")
		s.filter.Blur()
	case key.Matches(msg, k.Choose):
		s.filter.Blur()
	case key.Matches(msg, k.Up), key.Matches(msg, k.Down):
		s.list.update(msg, k.PagerKeys, &s.pager)
	default:
		s.filter, _ = s.filter.Update(msg)
		s.list.at = 0
	}
}

// openGroup shows what is known of the group that the pointer is on.
func (s *clusterScreen) openGroup() {
	if g := s.pointed(); g != nil {
		s.opened, s.inner = g, kit.Pager{}
	}
}

// askGroup goes to the page that asks nodes of the group that is open, or pointed at.
func (s *clusterScreen) askGroup() {
	g := s.opened
	if g == nil {
		g = s.pointed()
	}
	if g != nil {
		s.opened = nil
		s.asks.Show(*g)
	}
}

// pointed is the group that the pointer is on; nil if there is none.
func (s *clusterScreen) pointed() *advisor.NodeGroup {
	groups := s.session.facts().Groups
	if s.list.at < len(s.shown) && s.shown[s.list.at] < len(groups) {
		return &groups[s.shown[s.list.at]]
	}
	return nil
}

// listView is the facts with the pointer on the list, or the group that is looked at.
func (s *clusterScreen) listView(f screen.Frame) []kit.Line {
	p := s.palette
	if s.opened != nil {
		return s.inner.Show(s.openedLines(*s.opened, f.Body.W), f.Body.H, p)
	}
	of := laidOut{revision: s.session.revision, frame: f, filter: s.filter.Value(), page: s.filter.Position()}
	if !s.filter.Focused() {
		of.page = -1 // no cursor is drawn
	}
	lines := s.drawing.draw(of, func() []kit.Line { return s.lines(f) })
	if s.filter.Focused() { // it stays in sight, and what it finds
		s.pager.Show(lines, f.Body.H, p)
		s.pager.Reveal(s.filterAt, min(s.filterAt+f.Body.H/2, len(lines)-1))
	}
	return s.pager.Show(s.list.mark(lines, p), f.Body.H, p)
}

// The columns of the list of node groups.
const (
	nodesCells   = 7
	proxyCells   = 18
	kernelCells  = 22
	versionCells = 10
	barCells     = 10
	imageCells   = 20 // "Ubuntu 22.04.4 LTS"
	pointerCells = 2
)

// listCells is what all of them take, without the bar and the system.
const listCells = pointerCells + nodesCells + 2 + proxyCells + kernelCells + versionCells

// groupColumns are those that a width has room for.
type groupColumns struct{ bar, image bool }

func columnsIn(w int) groupColumns {
	return groupColumns{bar: w >= listCells+barCells+10, image: w >= listCells+barCells+imageCells+10}
}

// groups is the list of node groups, and says which lines can be chosen.
func (s *clusterScreen) groups(f advisor.Facts, w int) (lines []kit.Line, rows []int) {
	p, v, columns := s.palette, s.palette.Voice, columnsIn(w)
	head := kit.Line{p.Text("  "), p.Right(kit.Strong, v.Head("nodes"), nodesCells), p.Text("  ")}
	if columns.bar {
		head = append(head, p.Column(kit.Strong, "", barCells+1)...)
	}
	head = append(append(append(head, p.Column(kit.Strong, "kube-proxy", proxyCells)...), p.Column(kit.Strong, v.Head("kernel"), kernelCells)...), p.Column(kit.Strong, v.Head("version"), versionCells)...)
	if columns.image {
		head = append(head, p.Column(kit.Strong, v.Head("system"), imageCells)...)
	}
	lines = append(s.filterLine(w), append(head, p.Strong(v.Text("seen by"))).Cut(w, p.Ellipsis))
	if len(f.Groups) == 0 {
		why := page.UnknownWhy(v, f.Nodes)
		if s.session.busy() {
			why = v.Text("being read")
		}
		return append(lines, kit.Line{p.Text("  "), p.Right(kit.Muted, "-", nodesCells), p.Muted("  " + why)}), nil
	}
	s.layGroups(f, w)
	s.shown = nil
	for i, text := range s.drawn.texts {
		if matches(text, s.filter.Value()) {
			s.shown = append(s.shown, i)
			rows = append(rows, len(lines))
			lines = append(lines, s.drawn.lines[i]...)
		}
	}
	if len(rows) == 0 {
		lines = append(lines, kit.Line{p.Text("  "), p.Muted(v.Text("no node group has that in its mode, kernel, version, system or names"))})
	}
	return lines, rows
}

// layGroups lays every group out, unless that was done for this width.
func (s *clusterScreen) layGroups(f advisor.Facts, w int) {
	d := &s.drawn
	if d.revision == s.session.revision && d.width == w && len(d.lines) == len(f.Groups) {
		return
	}
	most := 0
	for _, g := range f.Groups {
		most = max(most, g.Nodes)
	}
	*d = groupRows{revision: s.session.revision, width: w}
	for _, g := range f.Groups {
		d.lines = append(d.lines, s.group(g, most, w, columnsIn(w)))
		d.texts = append(d.texts, searchable(s.palette.Voice, g))
	}
}

// filterLine is the filter, where it is typed or in force.
func (s *clusterScreen) filterLine(w int) []kit.Line {
	p := s.palette
	if !s.filter.Focused() && s.filter.Value() == "" {
		return nil
	}
	title := p.Strong(p.Voice.Text("Node groups with "))
	return []kit.Line{append(kit.Line{title}, form.InputLine(p, &s.filter, p.Voice.Text("part of a mode, kernel, version"), w-kit.Cells(title.Text)-1)...)}
}

// group is one row of the list, and under it what is wrong.
func (s *clusterScreen) group(g advisor.NodeGroup, most, w int, columns groupColumns) []kit.Line {
	p := s.palette
	row := kit.Line{p.Text("  "), p.Right(kit.Normal, page.Counted(g.Nodes), nodesCells), p.Text("  ")}
	if columns.bar {
		n := float64(g.Nodes)
		row = append(row, p.Bar(kit.Bar{Token: kit.Accent, Low: n, High: n, Known: true}, float64(most), barCells)...)
		row = row.Pad(pointerCells + nodesCells + 2 + barCells + 1)
	}
	cell := func(t kit.Token, text string, w int) {
		row = append(append(row, p.Column(t, text, w-1)...), p.Text(" "))
	}
	cell(kit.Strong, page.ProxyName(p.Voice, g.Proxy), proxyCells)
	cell(kit.Normal, orUnknown(p.Voice, g.Kernel), kernelCells)
	cell(kit.Normal, orUnknown(p.Voice, proxyVersion(g)), versionCells)
	if columns.image {
		cell(kit.Normal, g.OSImage, imageCells)
	}
	out := []kit.Line{append(row, p.Muted(page.Evidence(p.Voice, g.Proxy))).Cut(w, p.Ellipsis)}
	for _, text := range wrongWith(p.Voice, g) {
		l := kit.Line{p.Text("  "), p.Right(kit.Warn, "!", nodesCells), p.Text("  "), p.As(kit.Warn, text)}
		out = append(out, kit.Wrap(l, w, pointerCells+nodesCells+2)...)
	}
	return out
}

// proxyVersion is kube-proxy's, or the kubelet's where that is all there is.
func proxyVersion(g advisor.NodeGroup) string {
	if v, ok := g.Proxy.Version.Get(); ok {
		return v
	}
	return g.Kubelet
}

// wrongWith is what one has to know of a group before anything else.
func wrongWith(v say.Voice, g advisor.NodeGroup) []string {
	var out []string
	if text := page.Stale(v, g.Proxy); text != "" {
		out = append(out, text)
	}
	for _, text := range page.Conflicts(v, g.Proxy) {
		out = append(out, v.Sprintf("disagrees: %s", text))
	}
	return out
}

// searchable is what is known of a group, for a filter.
func searchable(v say.Voice, g advisor.NodeGroup) string {
	return strings.ToLower(strings.Join(append([]string{
		page.ProxyName(v, g.Proxy), g.Kernel, g.Kubelet, proxyVersion(g), g.OS, g.OSImage, g.Arch, g.Managed, g.Leaving, g.Spared,
	}, g.NodeNames...), "\n"))
}

// matches reports whether every word of a filter is in that.
func matches(text, filter string) bool {
	for _, word := range strings.Fields(strings.ToLower(filter)) {
		if !strings.Contains(text, word) {
			return false
		}
	}
	return true
}
