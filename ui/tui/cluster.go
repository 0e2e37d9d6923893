package tui

import (
	"context"
	"errors"
	"strings"

	"kpadvisor/say"

	"charm.land/bubbles/v2/key"
	tea "charm.land/bubbletea/v2"

	"kpadvisor/advisor"
	"kpadvisor/plain"
	"kpadvisor/ui/kit"
	"kpadvisor/ui/kit/form"
	"kpadvisor/ui/page"
)

// errNoCluster stands where nobody gave a survey.
var errNoCluster = errors.New("no cluster to read")

// openedMsg brings the facts of a snapshot file.
type openedMsg struct {
	facts advisor.Facts
	err   error
}

// clusterScreen shows what was read, and where there is no cluster, what can be
// taken instead.
type clusterScreen struct {
	ctx     context.Context // of the program
	opts    Options
	palette kit.Palette
	session *session
	pager   kit.Pager
	drawing drawing
	cursor  int        // in the list of choices
	form    *form.Form // open for typed counts or a path
	path    bool       // the form asks for a path
	groupList
}

func newCluster(ctx context.Context, o Options, p kit.Palette, s *session) *clusterScreen {
	return &clusterScreen{ctx: ctx, opts: o, palette: p, session: s, groupList: groupList{filter: form.NewInput()}}
}

// choice is one thing to go on with where there is no cluster.
type choice struct {
	title, about string
	pick         func() tea.Cmd
}

func (s *clusterScreen) choices() []choice {
	if s.opts.Offline == nil {
		return nil
	}
	var out []choice
	for _, d := range s.opts.Offline.Demos() {
		out = append(out, choice{"demo " + demoName(d), summary(s.palette.Voice, d), func() tea.Cmd { return s.take(d) }})
	}
	return append(out,
		choice{"type the counts", "Services, endpoints, nodes, kernel, version, mode", s.askCounts},
		choice{"open a snapshot file", "written by kpadvisor snapshot", s.askPath},
	)
}

func (s *clusterScreen) adapt(k *keyMap) {
	k.Choose.SetEnabled(s.session.lost() && len(s.choices()) > 0)
	k.Back.SetEnabled(s.session.chosen != nil)
	if !s.session.lost() {
		s.adaptList(k)
	}
	if s.form != nil {
		k.Typing(s.form)
	}
}

// takes is true while a form or the filter is open: every key is for it then.
func (s *clusterScreen) takes(tea.KeyPressMsg) bool { return s.form != nil || s.filter.Focused() }

func (s *clusterScreen) update(msg tea.Msg) tea.Cmd {
	switch msg := msg.(type) {
	case openedMsg:
		return s.arrived(msg)
	case tea.PasteMsg:
		switch {
		case s.form != nil:
			s.form.Paste(msg)
		case s.filter.Focused():
			s.filter, _ = s.filter.Update(msg)
		}
	}
	return nil
}

func (s *clusterScreen) key(msg tea.KeyPressMsg, k keyMap) tea.Cmd {
	switch {
	case s.form != nil:
		return s.formKey(msg)
	case s.session.lost():
		return s.choiceKey(msg, k)
	}
	s.listKey(msg, k)
	return nil
}

func (s *clusterScreen) choiceKey(msg tea.KeyPressMsg, k keyMap) tea.Cmd {
	all := s.choices()
	switch {
	case len(all) == 0:
	case key.Matches(msg, k.Up):
		s.cursor = max(s.cursor-1, 0)
	case key.Matches(msg, k.Down):
		s.cursor = min(s.cursor+1, len(all)-1)
	case key.Matches(msg, k.Top):
		s.cursor = 0
	case key.Matches(msg, k.Bottom):
		s.cursor = len(all) - 1
	case key.Matches(msg, k.Choose):
		return all[s.cursor].pick()
	}
	return nil
}

// take goes on with these facts in the place of a cluster's.
func (s *clusterScreen) take(f advisor.Facts) tea.Cmd {
	s.session.choose(&f)
	s.groupList = groupList{filter: form.NewInput()}
	s.form, s.pager = nil, kit.Pager{}
	return nil
}

func (s *clusterScreen) askCounts() tea.Cmd {
	s.path = false
	s.form = form.New(s.palette, "Type the counts", []form.Field{
		{Label: "Services", Example: "4300"},
		{Label: "Endpoints", Example: "38000"},
		{Label: "Nodes", Example: "200"},
		{Label: "Kernel", Example: "5.15.0-105-generic, from uname -r"},
		{Label: "Kubernetes version", Example: "v1.33.4"},
		{Label: "Proxy mode", Example: "iptables, ipvs, nftables or none"},
	})
	return nil
}

func (s *clusterScreen) askPath() tea.Cmd {
	s.path = true
	s.form = form.New(s.palette, "Open a snapshot file", []form.Field{{Label: "File", Example: "facts.json"}})
	return nil
}

func (s *clusterScreen) formKey(msg tea.KeyPressMsg) tea.Cmd {
	switch s.form.Update(msg) {
	case form.Closed:
		s.form = nil
	case form.Sent:
		v := s.form.Values()
		if s.path {
			return s.open(v[0])
		}
		f, err := s.opts.Offline.Typed(v[0], v[1], v[2], v[3], v[4], v[5])
		if err != nil {
			s.form.Err = err.Error()
			return nil
		}
		return s.take(f)
	}
	return nil
}

// open reads the file away from the event loop.
func (s *clusterScreen) open(path string) tea.Cmd {
	return safely(func() tea.Msg {
		f, err := s.opts.Offline.Open(s.ctx, path)
		return openedMsg{f, err}
	})
}

func (s *clusterScreen) arrived(msg openedMsg) tea.Cmd {
	switch {
	case s.form == nil || !s.path: // closed meanwhile
		return nil
	case msg.err != nil:
		s.form.Err = msg.err.Error()
		return nil
	}
	return s.take(msg.facts)
}

func (s *clusterScreen) view(f frame) string {
	p := s.palette
	switch {
	case s.form != nil:
		lines, focus := s.form.Lines(f.Body.W)
		return p.Paint(s.pager.Follow(lines, focus, f.Body.H, p), f.Body.W)
	case s.session.lost():
		lines, focus := s.choiceLines(f.Body.W)
		return p.Paint(s.pager.Follow(lines, focus, f.Body.H, p), f.Body.W)
	}
	return p.Paint(s.listView(f), f.Body.W)
}

// choiceLines says what is wrong and what can be done, and which line the cursor is on.
func (s *clusterScreen) choiceLines(w int) ([]kit.Line, int) {
	p, err := s.palette, s.session.reading.Err
	sentence, remedy := err.Error(), ""
	if s.opts.Survey != nil {
		sentence, remedy = s.opts.Survey.Explain(err)
	}
	out := kit.Wrap(kit.Line{p.As(kit.Bad, "No cluster. "), p.Text(sentence)}, w, 0)
	if remedy != "" {
		out = append(out, kit.Wrap(kit.Line{p.Text(remedy)}, w, 0)...)
	}
	all := s.choices()
	if len(all) == 0 {
		return out, 0
	}
	out = append(out, nil, kit.Line{p.Strong("Go on without it")}, nil)
	focus := 0
	for i, c := range all {
		mark, tok := "  ", kit.Normal
		if i == s.cursor {
			mark, tok, focus = "▸ ", kit.Accent, len(out)
		}
		out = append(out, kit.Line{p.Text(" "), p.As(kit.Accent, mark), p.As(tok, c.title)})
		out = append(out, kit.Wrap(kit.Line{p.Text("     "), p.Muted(c.about)}, w, 5)...)
	}
	return append(out, nil, kit.Line{p.Muted("A demo is made up and says so on every screen.")}), focus
}

// demoName is the name of a demo without the word demo, which stands before it anyway.
func demoName(f advisor.Facts) string { return strings.TrimPrefix(f.Name, "demo-") }

// summary is a set of facts in one line.
func summary(v say.Voice, f advisor.Facts) string {
	out := ""
	add := func(s string) {
		if out != "" {
			out += ", "
		}
		out += s
	}
	if n, ok := f.Services.Get(); ok {
		add(plain.Count(n.Total, "Service"))
	}
	if n, ok := f.Nodes.Get(); ok {
		add(plain.Count(n, "node"))
	}
	for _, m := range page.ProxyNames(v, f.Groups) {
		add(m)
	}
	if version, ok := f.Version.Get(); ok {
		add(version)
	}
	return out
}
