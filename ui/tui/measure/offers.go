package measure

import (
	"strings"

	"charm.land/bubbles/v2/key"
	"charm.land/bubbles/v2/textinput"
	tea "charm.land/bubbletea/v2"

	"kpadvisor/ui/kit"
	"kpadvisor/ui/kit/form"
	"kpadvisor/ui/tui/measure/tools"
	"kpadvisor/ui/tui/screen"
)

// catalogue is the pane with the list of offers, of which one is picked for the form
// that it was opened from.
type catalogue struct {
	from    *planPane
	pair    *pair
	asked   questions
	palette kit.Palette
	filter  textinput.Model
	all     []tools.Offer
	fits    []int // of all, those that the filter lets through
	cursor  int   // among them
	err     string
	waiting string // for what; empty for nothing
	pager   kit.Pager
}

func newCatalogue(of *pair, from *planPane) *catalogue {
	c := &catalogue{from: from, pair: of, palette: of.palette, filter: form.NewInput(), waiting: of.palette.Voice.Text("reading Services…"), pager: kit.Pager{Keys: "up/down"}}
	c.filter.Focus()
	return c
}

// read asks the cluster what it has.
func (c *catalogue) read() tea.Cmd {
	return ask(&c.asked, func() ([]tools.Offer, error) {
		return c.pair.tools.Cluster.Offers(c.pair.ctx)
	}, func(all []tools.Offer, err error) tea.Cmd {
		c.fill(all, err)
		return nil
	})
}

// look looks up the ends of an offer, which go into the form.
func (c *catalogue) look(o tools.Offer) tea.Cmd {
	c.waiting = c.palette.Voice.Sprintf("looking up the addresses of %s…", o.Name)
	return ask(&c.asked, func() (tools.Ends, error) {
		return o.Ends(c.pair.ctx)
	}, func(e tools.Ends, err error) tea.Cmd {
		if err != nil {
			c.waiting, c.err = "", c.palette.Voice.Said(err.Error())
			return nil
		}
		c.close()
		return c.pair.take(e)
	})
}

// close goes back to the form. What was asked does not matter any more.
func (c *catalogue) close() {
	c.asked.drop()
	c.from.on.show(c.from)
}

// fill takes what was found.
func (c *catalogue) fill(all []tools.Offer, err error) {
	c.all, c.waiting, c.err = all, "", ""
	if err != nil {
		c.err = c.palette.Voice.Said(err.Error())
	}
	c.narrow()
}

// narrow finds what the filter lets through: every word of it must occur.
func (c *catalogue) narrow() {
	c.fits, c.cursor = nil, 0
	words := strings.Fields(strings.ToLower(c.filter.Value()))
	for i, o := range c.all {
		text, ok := strings.ToLower(o.Name+" "+o.What), true
		for _, w := range words {
			ok = ok && strings.Contains(text, w)
		}
		if ok {
			c.fits = append(c.fits, i)
		}
	}
}

func (c *catalogue) types() bool { return true }

func (c *catalogue) paste(msg tea.PasteMsg) {
	c.filter, _ = c.filter.Update(msg)
	c.narrow()
}

// adapt leaves the keys of the catalogue; all others are typed into the filter.
func (c *catalogue) adapt(k *screen.KeyMap) {
	bind := func(help, does string, keys ...string) key.Binding {
		return key.NewBinding(key.WithKeys(keys...), key.WithHelp(help, does))
	}
	v := c.palette.Voice
	*k = screen.KeyMap{
		PagerKeys: kit.PagerKeys{
			Up: bind("up", v.Text("up"), "up"), Down: bind("down", v.Text("down"), "down"),
			PageUp: bind("pgup", v.Text("page up"), "pgup"), PageDown: bind("pgdn", v.Text("page down"), "pgdown"),
		},
		Choose: bind("enter", v.Text("measure this"), "enter"), Back: bind("esc", v.Text("back"), "esc"), Quit: bind("ctrl+c", v.Text("quit"), "ctrl+c"),
	}
	k.Choose.SetEnabled(c.waiting == "" && len(c.fits) > 0)
}

func (c *catalogue) key(msg tea.KeyPressMsg, k screen.KeyMap) tea.Cmd {
	switch {
	case key.Matches(msg, k.Back):
		c.close()
	case key.Matches(msg, k.Up):
		c.move(-1)
	case key.Matches(msg, k.Down):
		c.move(1)
	case key.Matches(msg, k.PageUp):
		c.move(-c.pager.Height)
	case key.Matches(msg, k.PageDown):
		c.move(c.pager.Height)
	case key.Matches(msg, k.Choose):
		return c.look(c.all[c.fits[c.cursor]])
	default:
		c.filter, _ = c.filter.Update(msg)
		c.narrow()
	}
	return nil
}

func (c *catalogue) move(by int) { c.cursor = max(0, min(c.cursor+by, len(c.fits)-1)) }

func (c *catalogue) lines(f screen.Frame) []kit.Line {
	lines, focus := c.list(f.Body.W)
	return c.pager.Follow(lines, focus, f.Body.H, c.palette)
}

// list says which line the cursor is on.
func (c *catalogue) list(w int) ([]kit.Line, int) {
	p, v := c.palette, c.palette.Voice
	out := []kit.Line{append(p.Column(kit.Strong, v.Text("Services of the cluster"), form.LabelWidth+6), form.InputLine(p, &c.filter, v.Text("type to narrow the list"), w-form.LabelWidth-6)...), nil}
	switch {
	case c.err != "":
		return append(out, kit.Wrap(kit.Line{p.As(kit.Bad, v.Text("Not possible: ")), p.Text(c.err)}, w, 2)...), 0
	case c.waiting != "":
		return append(out, kit.Line{p.Muted(c.waiting)}), 0
	case len(c.fits) == 0:
		return append(out, kit.Line{p.Text(v.Text("No TCP port of a Service fits."))}), 0
	}
	focus := 0
	for i, n := range c.fits {
		mark, tok := "  ", kit.Normal
		if i == c.cursor {
			mark, tok, focus = "▸ ", kit.Accent, len(out)
		}
		l := append(kit.Line{p.As(kit.Accent, mark)}, p.Column(tok, c.all[n].Name, max(w/2-4, 20))...)
		out = append(out, append(l, p.Text(" "), p.Muted(v.Said(c.all[n].What))).Cut(w, p.Ellipsis))
	}
	return out, focus
}
