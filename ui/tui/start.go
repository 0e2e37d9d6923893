package tui

import (
	"strings"

	"charm.land/bubbles/v2/key"
	"charm.land/bubbles/v2/textinput"
	tea "charm.land/bubbletea/v2"

	"kpadvisor/ui/kit"
	"kpadvisor/ui/kit/form"
	"kpadvisor/ui/tui/screen"
)

// openedMsg brings a snapshot file.
type openedMsg struct {
	source Source
	err    error
}

// startScreen is what one can look at: the contexts of the kubeconfig as far as they have
// been read, and below them what there is without a cluster. It stands where the Cluster
// screen has nothing to show yet, or somebody goes back from that.
type startScreen struct {
	on      *root
	palette kit.Palette
	pager   kit.Pager
	list    kit.Pager // on the contexts alone, where they have a panel of their own
	at      int       // the row pointed at
	filter  textinput.Model
	shown   []*place // that the filter lets through
	stand   []choice
	form    *form.Form // that is open
	counts  *form.Form // typed counts, also while it is closed
	path    *form.Form // the name of a file, the same
	rows    []int      // the line of the body that each row stands on, or -1, as last drawn
	beside  int        // the column from which on there is something else beside the lower rows
}

// choice is one thing to look at without a cluster.
type choice struct {
	title, about string
	place        *place // nil: a form asks for more
	ask          func()
}

func newStart(on *root) *startScreen {
	p := on.palette
	s := &startScreen{on: on, palette: p, filter: form.NewInput(), shown: on.places}
	v := p.Voice
	s.counts = form.New(p, v.Text("Type the counts"), []form.Field{
		{Label: v.Head("Services"), Example: "4300"},
		{Label: v.Head("Endpoints"), Example: "38000"},
		{Label: v.Head("Nodes"), Example: "200"},
		{Label: v.Head("Kernel"), Example: v.Text("5.15.0-105-generic, from uname -r")},
		{Label: v.Text("Kubernetes version"), Example: "v1.33.4"},
		{Label: v.Text("Proxy mode"), Choices: []string{v.Text("not known"), "iptables", "ipvs", "nftables", "none"}, Example: v.Text("none: no kube-proxy")},
	})
	s.counts.Hint = v.Text("What is left empty counts as unknown. ctrl+s goes on with what is there.")
	s.path = form.New(p, v.Text("Open a snapshot file"), []form.Field{{Label: v.Head("File"), Example: "facts.json"}})
	s.path.Hint = v.Text("kpadvisor snapshot -o FILE writes one.")
	if on.opts.Offline == nil {
		return s
	}
	for _, d := range on.opts.Offline.Demos() {
		stand := newPlace(on.opts, Context{}, d)
		facts := stand.session.facts()
		s.stand = append(s.stand, choice{title: v.Sprintf("demo %s", demoName(facts)), about: summary(p.Voice, facts), place: stand})
	}
	s.stand = append(s.stand,
		choice{title: v.Text("type the counts"), about: v.Text("Services, endpoints, nodes, kernel, version, mode"), ask: func() { s.form = s.counts }},
		choice{title: v.Text("open a snapshot file"), about: v.Text("written by kpadvisor snapshot"), ask: func() { s.form = s.path }},
	)
	return s
}

// point puts the pointer on a place, if it is in sight.
func (s *startScreen) point(p *place) {
	for i, shown := range s.shown {
		if shown == p {
			s.at = i
		}
	}
}

// length is the number of rows.
func (s *startScreen) length() int { return len(s.shown) + len(s.stand) }

// pointed is the place that the pointer is on, nil where it is on none of the kubeconfig.
func (s *startScreen) pointed() *place {
	if s.at < len(s.shown) {
		return s.shown[s.at]
	}
	return nil
}

// closes reports whether esc leads back to what was looked at before.
func (s *startScreen) closes() bool { return s.on.choosing && !s.on.session.lost() }

func (s *startScreen) adapt(k *screen.KeyMap) {
	switch {
	case s.form != nil:
		k.Typing(s.form)
		return
	case s.filter.Focused():
		k.Filtering()
		k.Choose.SetEnabled(len(s.shown) > 0)
		return
	}
	p := s.pointed()
	k.Save.SetEnabled(false)
	k.Copy.SetEnabled(false)
	k.Choose.SetEnabled(s.length() > 0)
	k.Choose.SetHelp("enter", s.palette.Voice.Text("open"))
	k.Filter.SetEnabled(len(s.on.places) > 1)
	k.Back.SetEnabled(s.filter.Value() != "" || s.closes())
	if s.filter.Value() != "" {
		k.Back.SetHelp("esc", s.palette.Voice.Text("all"))
	}
	k.Again.SetEnabled(p != nil && s.on.renewable(p) && (p.failed() || p.known() && p.again.turn == 0))
	if p != nil && p.failed() {
		k.Again.SetHelp("R", s.palette.Voice.Text("retry"))
	}
	for _, other := range s.on.places {
		if other.idle() {
			k.All.SetEnabled(true)
		}
	}
}

// takes is true while a form or the filter is open: every key is for it then.
func (s *startScreen) takes(tea.KeyPressMsg) bool { return s.form != nil || s.filter.Focused() }

func (s *startScreen) update(msg tea.Msg) tea.Cmd {
	switch msg := msg.(type) {
	case openedMsg:
		return s.arrived(msg)
	case tea.PasteMsg:
		switch {
		case s.form != nil:
			s.form.Paste(msg)
		case s.filter.Focused():
			s.filter, _ = s.filter.Update(msg)
			s.narrow()
		}
	}
	return nil
}

func (s *startScreen) key(msg tea.KeyPressMsg, k screen.KeyMap) tea.Cmd {
	switch {
	case s.form != nil:
		return s.formKey(msg)
	case s.filter.Focused():
		s.filterKey(msg, k)
	case key.Matches(msg, k.Up):
		s.move(-1)
	case key.Matches(msg, k.Down):
		s.move(1)
	case key.Matches(msg, k.PageUp):
		s.move(-s.window().Height)
	case key.Matches(msg, k.PageDown):
		s.move(s.window().Height)
	case key.Matches(msg, k.Top):
		s.at = 0
	case key.Matches(msg, k.Bottom):
		s.at = max(s.length()-1, 0)
	case key.Matches(msg, k.Filter):
		s.filter.Focus()
	case key.Matches(msg, k.Back) && s.filter.Value() != "":
		s.filter.SetValue("")
		s.narrow()
	case key.Matches(msg, k.Back):
		s.on.choosing = false
	case key.Matches(msg, k.All):
		return s.on.connectAll()
	case key.Matches(msg, k.Again):
		return s.again()
	case key.Matches(msg, k.Choose):
		return s.choose()
	}
	return nil
}

// window is the pager that the list is seen through.
func (s *startScreen) window() *kit.Pager {
	if s.list.Height > 0 {
		return &s.list
	}
	return &s.pager
}

func (s *startScreen) move(by int) { s.at = max(0, min(s.at+by, s.length()-1)) }

// again retries what has failed, and reads again what is known.
func (s *startScreen) again() tea.Cmd {
	p := s.pointed()
	if p.failed() {
		return s.on.connect(p)
	}
	return s.on.renew(p)
}

// choose opens what the pointer is on.
func (s *startScreen) choose() tea.Cmd {
	if p := s.pointed(); p != nil {
		return s.on.open(p)
	}
	i := s.at - len(s.shown)
	if i >= len(s.stand) {
		return nil
	}
	c := s.stand[i]
	if c.place != nil {
		return s.on.open(c.place)
	}
	c.ask()
	s.form.Wake()
	return nil
}

// filterKey types into the filter. The list narrows with every key.
func (s *startScreen) filterKey(msg tea.KeyPressMsg, k screen.KeyMap) {
	switch {
	case key.Matches(msg, k.Back):
		s.filter.SetValue("")
		s.filter.Blur()
		s.narrow()
	case key.Matches(msg, k.Choose):
		s.filter.Blur()
	case key.Matches(msg, k.Up):
		s.move(-1)
	case key.Matches(msg, k.Down):
		s.move(1)
	default:
		s.filter, _ = s.filter.Update(msg)
		s.narrow()
		s.at = 0
	}
}

// narrow finds the places that the filter lets through.
func (s *startScreen) narrow() {
	s.shown = nil
	for _, p := range s.on.places {
		c := p.session.context
		if matches(strings.ToLower(c.Name+"\n"+c.Address), s.filter.Value()) {
			s.shown = append(s.shown, p)
		}
	}
	s.at = min(s.at, max(s.length()-1, 0))
}

func (s *startScreen) formKey(msg tea.KeyPressMsg) tea.Cmd {
	switch s.form.Update(msg) {
	case form.Closed:
		s.form = nil
	case form.Sent:
		v := s.form.Values()
		if s.form == s.path {
			return s.load(v[0])
		}
		if v[5] == s.palette.Voice.Text("not known") { // the choice of who does not know
			v[5] = ""
		}
		source, err := s.on.opts.Offline.Typed(v[0], v[1], v[2], v[3], v[4], v[5])
		if err != nil {
			s.form.Refuse(err)
			return nil
		}
		return s.take(source)
	}
	return nil
}

// load reads the file away from the event loop.
func (s *startScreen) load(path string) tea.Cmd {
	ctx, offline := s.on.ctx, s.on.opts.Offline
	return screen.Safely(func() tea.Msg {
		source, err := offline.Open(ctx, path)
		return openedMsg{source, err}
	})
}

func (s *startScreen) arrived(msg openedMsg) tea.Cmd {
	switch {
	case s.form == nil || s.form != s.path: // closed meanwhile
		return nil
	case msg.err != nil:
		s.form.Refuse(form.FieldError{Err: msg.err})
		return nil
	}
	return s.take(msg.source)
}

// take goes on with a source in the place of a cluster.
func (s *startScreen) take(source Source) tea.Cmd {
	s.form = nil
	return s.on.open(newPlace(s.on.opts, Context{}, source))
}
