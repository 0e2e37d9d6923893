package tui

import (
	tea "charm.land/bubbletea/v2"

	"kpadvisor/ui/kit"
	"kpadvisor/ui/kit/form"
	"kpadvisor/ui/tui/ask"
	"kpadvisor/ui/tui/screen"
)

// clusterScreen shows what was read.
type clusterScreen struct {
	opts    Options
	palette kit.Palette
	session *session
	pager   kit.Pager
	drawing drawing
	asks    *ask.Page // in front where it is shown
	groupList
}

func newCluster(o Options, p kit.Palette, s *session, asks *ask.Page) *clusterScreen {
	return &clusterScreen{opts: o, palette: p, session: s, asks: asks, groupList: groupList{filter: form.NewInput()}}
}

func (s *clusterScreen) adapt(k *screen.KeyMap) {
	if s.asks.Shown() {
		s.asks.Adapt(k)
		return
	}
	s.adaptList(k)
}

// takes is true while the filter or a form is open: every key is for it then.
func (s *clusterScreen) takes(tea.KeyPressMsg) bool {
	if s.asks.Shown() {
		return s.asks.Takes()
	}
	return s.filter.Focused()
}

func (s *clusterScreen) update(msg tea.Msg) tea.Cmd {
	if paste, ok := msg.(tea.PasteMsg); ok && s.asks.Shown() {
		s.asks.Paste(paste)
		return nil
	}
	if paste, ok := msg.(tea.PasteMsg); ok && s.filter.Focused() {
		s.filter, _ = s.filter.Update(paste)
	}
	return nil
}

func (s *clusterScreen) key(msg tea.KeyPressMsg, k screen.KeyMap) tea.Cmd {
	if s.asks.Shown() {
		return s.asks.Key(msg, k)
	}
	return s.listKey(msg, k)
}

func (s *clusterScreen) view(f screen.Frame) string {
	if s.asks.Shown() {
		return s.palette.Paint(s.asks.View(f), f.Body.W)
	}
	return s.palette.Paint(s.listView(f), f.Body.W)
}
