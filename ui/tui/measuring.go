package tui

import (
	"slices"

	tea "charm.land/bubbletea/v2"

	"kpadvisor/advisor"
	"kpadvisor/ui/tui/measure"
	"kpadvisor/ui/tui/screen"
)

// measuring is the Probe screen as one of the tabs.
type measuring struct{ *measure.Screen }

func (m measuring) update(msg tea.Msg) tea.Cmd                       { return m.Update(msg) }
func (m measuring) key(msg tea.KeyPressMsg, k screen.KeyMap) tea.Cmd { return m.Key(msg, k) }
func (m measuring) view(f screen.Frame) string                       { return m.View(f) }
func (m measuring) adapt(k *screen.KeyMap)                           { m.Adapt(k) }
func (m measuring) takes(tea.KeyPressMsg) bool                       { return m.Takes() }

// weighing is the session as the Probe screen sees it: the facts, and advice that takes
// in what was measured.
type weighing struct{ *session }

// Facts implements [measure.Session].
func (s weighing) Facts() advisor.Facts { return s.facts() }

// WeighDrill adds a drill to what the advice rests on, and says in one sentence
// what that means for this cluster.
func (s weighing) WeighDrill(d advisor.Drill) string {
	s.measured.Drills = append([]advisor.Drill{d}, s.measured.Drills...)
	s.refresh()
	return s.takenIn(d.Kernel)
}

// Weigh adds comparisons to what the advice rests on, the newest first, and says
// in one sentence what that means for this cluster.
func (s weighing) Weigh(found []advisor.Comparison) string {
	if len(found) == 0 {
		return ""
	}
	s.measured.Comparisons = append(slices.Clone(found), s.measured.Comparisons...)
	s.refresh()
	v := s.voice
	if why := found[0].NotWeighedIn(v); why != "" {
		return v.Sprintf("3 Advice shows this and does not weigh it: %s.", why)
	}
	return s.takenIn(found[0].Kernel)
}

// takenIn says for how many nodes a measurement on a kernel counts.
func (s weighing) takenIn(kernel string) string {
	v := s.voice
	if kernel == "" {
		return v.Text("3 Advice shows this and does not weigh it: the kernel that it was measured on is not known.")
	}
	nodes := 0
	for _, g := range s.facts().Groups {
		if g.Kernel == kernel {
			nodes += g.Nodes
		}
	}
	if nodes == 0 {
		return v.Sprintf("3 Advice shows this and does not weigh it: no node has kernel %s.", kernel)
	}
	return v.Sprintf("3 Advice takes this in: %s with kernel %s.", v.Count(nodes, "node"), kernel)
}
