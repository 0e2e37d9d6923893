package measure

import (
	"strings"
	"time"

	"charm.land/bubbles/v2/key"
	tea "charm.land/bubbletea/v2"

	"kpadvisor/ui/kit"
	"kpadvisor/ui/tui/measure/tools"
	"kpadvisor/ui/tui/screen"
)

// reviewPane is everything that a run in the cluster would create, and the rights that
// takes. It is created when the user says so here.
type reviewPane struct {
	still
	on    *Screen
	nodes *nodes
	plan  *tools.NodesPlan
	pager kit.Pager
}

func (s *reviewPane) adapt(k *screen.KeyMap) {
	v := s.on.palette.Voice
	k.Create.SetEnabled(!s.on.Running())
	k.Create.SetHelp("Y", v.Sprintf("create %s", v.Count(s.plan.Count, "object")))
	k.Back.SetEnabled(true)
}

func (s *reviewPane) key(msg tea.KeyPressMsg, k screen.KeyMap) tea.Cmd {
	switch {
	case key.Matches(msg, k.Back):
		s.on.plan(s.nodes)
	case key.Matches(msg, k.Create):
		return s.nodes.create(s.on, *s.plan)
	default:
		s.pager.Update(msg, k.PagerKeys)
	}
	return nil
}

func (s *reviewPane) lines(f screen.Frame) []kit.Line {
	return s.pager.Show(s.all(f.Body.W), f.Body.H, s.on.palette)
}

// all is the whole text, of which lines are a window.
func (s *reviewPane) all(w int) []kit.Line {
	p, v, plan := s.on.palette, s.on.palette.Voice, s.plan
	out := kit.Wrap(kit.Line{p.As(kit.Warn, v.Text("Nothing of this exists yet. ")), p.Strong(v.Text("Y creates it")), p.Text(v.Text(", esc leaves it."))}, w, 0)
	out = append(out, nil)
	for _, o := range plan.Objects {
		out = append(out, kit.Line{p.Text("  " + v.Said(o))})
	}
	out = append(out, kit.Wrap(kit.Line{p.Muted("  " + v.Sprintf("Without this program they end after %s at the latest.", plan.Deadline.Round(time.Second).String()))}, w, 2)...)
	for _, cost := range plan.Costs {
		out = append(out, kit.Wrap(kit.Line{p.Text("  "), p.Text(v.Said(cost))}, w, 2)...)
	}
	out = append(out, nil, kit.Line{p.Strong(v.Text("Rights that are used"))})
	for _, r := range plan.Rights {
		l := kit.Line{p.Text("  " + r.Text)}
		if !r.Allowed {
			l = append(l, p.As(kit.Warn, "  "+v.Text("denied: the run does without, and says less")))
		}
		out = append(out, kit.Wrap(append(l, p.Muted("  "+v.Said(r.Why))), w, 4)...)
	}
	out = append(out, nil, kit.Line{p.Strong(v.Text("Manifests"))})
	for _, text := range strings.Split(strings.TrimRight(plan.Manifests, "\n"), "\n") {
		out = append(out, kit.Line{p.Text("  " + text)}.Cut(w, p.Ellipsis))
	}
	return out
}
