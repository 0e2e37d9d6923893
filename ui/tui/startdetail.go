package tui

import (
	"strings"

	"kpadvisor/advisor"
	"kpadvisor/plain"
	"kpadvisor/say"
	"kpadvisor/ui/kit"
	"kpadvisor/ui/page"
)

// detail is what there is to say of the row pointed at, in at most h lines: what does not
// fit beside it.
func (s *startScreen) detail(w, h int) []kit.Line {
	p, at := s.palette, s.pointed()
	if at == nil {
		return kit.Wrap(kit.Line{p.Muted(p.Voice.Text("A demo is made up and says so on every screen."))}, w, 0)
	}
	c := at.session.context
	var out []kit.Line
	if at.failed() {
		sentence, remedy := explained(p.Voice, at)
		out = kit.Wrap(kit.Line{p.As(kit.Bad, "✖ "), p.Text(p.Voice.Sentences(sentence, remedy))}, w, 2)
	} else {
		out = kit.Wrap(kit.Line{p.Strong(plain.Line(c.Name, mostTitle)), p.Muted("  " + c.Address)}, w, 2)
		if c.Plugin != "" && at.idle() {
			asks := p.Voice.Sprintf("enter signs in with %s, which may ask questions", plain.Line(c.Plugin, mostPlugin))
			out = append(out, kit.Wrap(kit.Line{p.Muted(asks)}, w, 2)...)
		}
		if at.known() {
			out = append(out, s.findings(at, w)...)
		}
	}
	if len(out) > h {
		out = append(out[:h-1:h-1], append(out[h-1].Cut(w-2, ""), p.Text(" "+p.Ellipsis)).Cut(w, p.Ellipsis))
	}
	return out
}

// findings are the verdict on a cluster that has been read, and what waits for somebody.
func (s *startScreen) findings(at *place, w int) []kit.Line {
	p, a := s.palette, at.session.advice
	if at.session.empty() {
		return kit.Wrap(kit.Line{p.Muted(summary(p.Voice, at.session.facts()))}, w, 0)
	}
	out := kit.Wrap(kit.Line{p.As(token(page.ActionTone(a.Action)), page.Micro(a.Headline))}, w, 0)
	out = append(out, kit.Wrap(kit.Line{p.Muted(summary(p.Voice, at.session.facts()))}, w, 0)...)
	for _, f := range a.Findings {
		if f.Severity != advisor.Info {
			l := kit.Line{p.As(token(page.SeverityTone(f.Severity)), "! "), p.Text(page.Micro(f.Text))}
			out = append(out, kit.Wrap(l, w, 2)...)
		}
	}
	return out
}

// demoName is the name of a demo without the word demo, which stands before it anyway.
func demoName(f advisor.Facts) string { return strings.TrimPrefix(f.Name, "demo-") }

// summary is a set of facts in one line.
func summary(v say.Voice, f advisor.Facts) string {
	var out []string
	if c, ok := f.Services.Get(); ok {
		out = append(out, v.Count(c.Total, "Service"))
	}
	if n, ok := f.Nodes.Get(); ok {
		out = append(out, v.Count(n, "node"))
	}
	out = append(out, page.ProxyNames(v, f.Groups)...)
	if version, ok := f.Version.Get(); ok {
		out = append(out, version)
	}
	return v.List(out...)
}
