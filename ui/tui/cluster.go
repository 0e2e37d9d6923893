package tui

import (
	tea "charm.land/bubbletea/v2"

	"kpadvisor/ui/kit"
	"kpadvisor/ui/kit/form"
	"kpadvisor/ui/tui/screen"
)

// clusterScreen shows what was read.
type clusterScreen struct {
	opts    Options
	palette kit.Palette
	session *session
	pager   kit.Pager
	drawing drawing
	groupList
}

func newCluster(o Options, p kit.Palette, s *session) *clusterScreen {
	return &clusterScreen{opts: o, palette: p, session: s, groupList: groupList{filter: form.NewInput()}}
}

func (s *clusterScreen) adapt(k *screen.KeyMap) { s.adaptList(k) }

// takes is true while the filter is open: every key is for it then.
func (s *clusterScreen) takes(tea.KeyPressMsg) bool { return s.filter.Focused() }

func (s *clusterScreen) update(msg tea.Msg) tea.Cmd {
	if paste, ok := msg.(tea.PasteMsg); ok && s.filter.Focused() {
		s.filter, _ = s.filter.Update(paste)
	}
	return nil
}

func (s *clusterScreen) key(msg tea.KeyPressMsg, k screen.KeyMap) tea.Cmd { return s.listKey(msg, k) }

func (s *clusterScreen) view(f screen.Frame) string { return s.palette.Paint(s.listView(f), f.Body.W) }
