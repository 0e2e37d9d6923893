package ask

import (
	"context"
	"slices"

	"charm.land/bubbles/v2/key"
	tea "charm.land/bubbletea/v2"

	"kpadvisor/advisor"
	"kpadvisor/ui/kit"
	"kpadvisor/ui/kit/form"
	"kpadvisor/ui/tui/screen"
)

// pane is what the page shows.
type pane int

const (
	ways     pane = iota // what there is to choose from
	typing               // the form of a way
	waiting              // for a plan, or for a file
	review               // what a plan takes
	outcomes             // the asking that goes on, or what came of the last one
)

// Page asks nodes of one cluster. It lives in the event loop; what it asks runs beside it,
// and goes on while something else is looked at.
type Page struct {
	ctx     context.Context // of the program
	palette kit.Palette
	session Session
	asker   Asker // nil: nobody can be asked

	group advisor.NodeGroup // of which a node is asked
	open  bool
	pane  pane
	at    int   // the row pointed at
	lines []int // the line that each row begins on, as last drawn
	pager kit.Pager

	forms   map[Way]*form.Form
	way     Way // whose form is open, or was last
	request Request
	plan    Plan
	sure    bool // somebody has said so once of a heavy plan
	number  int  // of what was asked of the asker last: what comes of an earlier one does not count
	run     *asking
	news    bool // it ended, and nobody has looked
}

// New makes the page; what it starts ends with ctx.
func New(ctx context.Context, p kit.Palette, s Session) *Page {
	return &Page{ctx: ctx, palette: p, session: s, forms: map[Way]*form.Form{}}
}

// Equip gives it whom it asks from now on; nil is nobody. What goes on goes on.
func (s *Page) Equip(a Asker) {
	if a != nil {
		s.asker = a
	}
}

// Offers reports whether nodes can be asked.
func (s *Page) Offers() bool { return s.asker != nil }

// Shown reports whether it is what is looked at.
func (s *Page) Shown() bool { return s.open }

// Show opens it for a group. Where an asking goes on, or has ended unseen, that is shown.
func (s *Page) Show(g advisor.NodeGroup) {
	s.open, s.group = true, g
	s.turn(ways)
	if s.Running() || s.news {
		s.turn(outcomes)
	}
}

// turn goes to another pane.
func (s *Page) turn(to pane) {
	s.pane, s.pager = to, kit.Pager{}
}

// row is one thing on the page that can be pointed at.
type row struct {
	way     Way
	command string // that can be copied; empty: enter opens something
	title   string
	open    func() tea.Cmd
}

// rows are those of the ways there are, and what was asked last.
func (s *Page) rows() []row {
	v := s.palette.Voice
	var out []row
	for _, w := range s.offered() {
		if w == Script {
			for _, c := range s.asker.Commands(s.node()) {
				out = append(out, row{way: w, command: c})
			}
			out = append(out, row{way: w, title: v.Text("read a report that came back"), open: func() tea.Cmd { return s.edit(w) }})
			continue
		}
		out = append(out, row{way: w, title: w.title(v), open: func() tea.Cmd { return s.edit(w) }})
	}
	if s.run != nil {
		title := v.Text("what came of the last one")
		if s.Running() {
			title = v.Text("the one that goes on")
		}
		out = append(out, row{way: s.run.way, title: title, open: func() tea.Cmd { s.turn(outcomes); return nil }})
	}
	return out
}

// offered are the ways there are, in order.
func (s *Page) offered() []Way {
	all := slices.Clone(s.asker.Ways())
	slices.Sort(all)
	return all
}

// node is one of the group, or what stands for its name.
func (s *Page) node() string {
	for _, names := range [][]string{s.group.Members, s.group.NodeNames} {
		if len(names) > 0 {
			return names[0]
		}
	}
	return "NODE"
}

// Takes is true while something is typed: every key is for that then.
func (s *Page) Takes() bool { return s.pane == typing }

// Adapt enables the bindings that do something now.
func (s *Page) Adapt(k *screen.KeyMap) {
	v := s.palette.Voice
	k.Filter.SetEnabled(false)
	k.Again.SetEnabled(false)
	k.Copy.SetEnabled(false)
	k.Choose.SetEnabled(false)
	k.Back.SetEnabled(true)
	switch s.pane {
	case typing:
		k.Typing(s.forms[s.way])
	case ways:
		r := s.rows()[s.at]
		k.Choose.SetEnabled(true)
		k.Take.SetEnabled(r.command != "")
		if k.Choose.SetHelp("enter", v.Text("open")); r.command != "" {
			k.Choose.SetHelp("enter", v.Text("copy command"))
		}
	case review:
		k.Create.SetEnabled(s.plan.Denied == "" && !s.Running())
		if k.Create.SetHelp("Y", v.Text("ask")); s.plan.Count > 0 {
			k.Create.SetHelp("Y", v.Sprintf("create %s", v.Count(s.plan.Count, "object")))
		}
	case outcomes:
		k.Choose.SetEnabled(s.Running() && !s.run.stopped)
		k.Choose.SetHelp("enter", v.Text("stop"))
	case waiting:
	}
}

// Key acts on a key; k are the bindings that are enabled here.
func (s *Page) Key(msg tea.KeyPressMsg, k screen.KeyMap) tea.Cmd {
	switch {
	case s.pane == typing:
		return s.formKey(msg)
	case key.Matches(msg, k.Back):
		s.back()
	case key.Matches(msg, k.Create):
		return s.begin()
	case s.pane == outcomes && key.Matches(msg, k.Choose):
		s.run.stop()
	case s.pane != ways:
		s.pager.Update(msg, k.PagerKeys)
	case key.Matches(msg, k.Take), key.Matches(msg, k.Choose):
		return s.choose()
	default:
		s.move(msg, k)
	}
	return nil
}

// back closes what is open, from the inside out.
func (s *Page) back() {
	s.number++ // what is waited for is of no interest any more
	switch s.pane {
	case ways:
		s.open = false
	case review, waiting:
		s.wake()
	case typing, outcomes:
		s.turn(ways)
	}
}

// choose copies or opens what the pointer is on.
func (s *Page) choose() tea.Cmd {
	r := s.rows()[s.at]
	if r.command != "" {
		return func() tea.Msg { return CopyMsg(r.command) }
	}
	return r.open()
}

// CopyMsg asks for a command to be put on the clipboard.
type CopyMsg string

func (s *Page) move(msg tea.KeyPressMsg, k screen.KeyMap) {
	last := len(s.rows()) - 1
	switch {
	case key.Matches(msg, k.Up):
		s.at--
	case key.Matches(msg, k.Down):
		s.at++
	case key.Matches(msg, k.PageUp):
		s.at -= max(s.pager.Height/2, 1)
	case key.Matches(msg, k.PageDown):
		s.at += max(s.pager.Height/2, 1)
	case key.Matches(msg, k.Top):
		s.at = 0
	case key.Matches(msg, k.Bottom):
		s.at = last
	}
	s.at = max(0, min(s.at, last))
}

// Click points at the row that was clicked, and reports whether it was pointed at already.
func (s *Page) Click(y int) (again bool) {
	if s.pane != ways || y >= s.pager.Height {
		return false
	}
	line := s.pager.Top + y
	for i := len(s.lines) - 1; i >= 0; i-- {
		if s.lines[i] == line {
			again, s.at = i == s.at, i
			return again
		}
	}
	return false
}

// Scroll moves the window, or the pointer where there is one.
func (s *Page) Scroll(by int) {
	if s.pane == ways {
		s.at = max(0, min(s.at+by, len(s.rows())-1))
		return
	}
	s.pager.Scroll(by)
}

// Paste types what is pasted.
func (s *Page) Paste(msg tea.PasteMsg) {
	if s.pane == typing {
		s.forms[s.way].Paste(msg)
	}
}
