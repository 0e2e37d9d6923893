package measure

import (
	"math"
	"slices"
	"strings"

	"kpadvisor/probe"
	"kpadvisor/say"
	"kpadvisor/ui/kit"
	"kpadvisor/ui/page"
	"kpadvisor/ui/report"
	"kpadvisor/ui/tui/screen"
)

// The heights of the strip in cells, its clock among them.
const (
	leastStrip = 3
	mostStrip  = 12 // where nothing stands beside it
)

// The width of what stands beside the strip.
const (
	leastBeside = 54
	mostBeside  = 84
)

// leastPanel is the height of the strip beside the others, with its edges.
const leastPanel = 14

// mostTall is how many rows of cells a spread has at most.
const mostTall = 4

// pictures are the course of the times, how they are spread and the differences, in at
// most h rows if that can be: in panels side by side where the screen is wide, else one
// under the other.
func (s *runPane) pictures(f screen.Frame, h int) []kit.Line {
	w := &s.watch
	if len(w.series) == 0 {
		return nil
	}
	if f.Right.W > 0 {
		return s.panels(f, h)
	}
	under := append(s.spread(f.Body.W, 1, " p1..p99.9"), s.absent(f.Body.W)...)
	under = append(under, s.intervals(f.Body.W, true)...)
	legend := s.legend(f.Body.W)
	course := s.watch.course(s.palette.Voice)
	course.Of = page.PhaseName(s.watch.phase)
	if s.watch.scale.Fixed {
		course.Of = s.palette.Voice.Sprintf("%s, fixed", course.Of)
	}
	out := course.Draw(s.palette, f.Body.W, max(min(h-len(legend)-len(under), mostStrip), leastStrip, len(course.Rows)+1))
	return append(append(out, legend...), under...)
}

// panels are the strip and, beside it, the others, in as many rows as those take.
func (s *runPane) panels(f screen.Frame, h int) []kit.Line {
	p := s.palette
	right := max(leastBeside, min(f.Body.W*11/20, mostBeside))
	left, inside := f.Body.W-right-1, right-kit.PanelEdge
	absent, intervals := s.absent(inside), s.intervals(inside, false)
	rows := len(absent) + 1 + kit.PanelRows
	if len(intervals) > 0 {
		rows += len(intervals) + kit.PanelRows
	}
	tall := max(min((h*2/3-rows)/max(len(s.watch.targets), 1), mostTall), 1)
	spread := kit.Panel{Title: kit.Line{p.Strong(page.PhaseName(s.watch.phase)), p.Muted("   " + p.Voice.Text("p1 to p99.9"))}}.Draw(p, append(s.spread(inside, tall, ""), absent...), right, 0)
	if len(intervals) > 0 {
		spread = append(spread, kit.Panel{Title: kit.Line{p.Strong(p.Voice.Text("Difference")), p.Muted("   " + page.Differences(p.Voice, s.watch.versuses()).Of)}}.Draw(p, intervals, right, 0)...)
	}
	height := max(len(spread), min(leastPanel, h))
	legend := s.legend(left - kit.PanelEdge)
	lines := append(s.watch.course(s.palette.Voice).Draw(p, left-kit.PanelEdge, height-kit.PanelRows-len(legend)), legend...)
	strip := kit.Panel{Title: s.caption(left - 2*kit.PanelEdge)}.Draw(p, lines, left, height)
	return kit.SideBySide(strip, spread, left+1)
}

// caption says what the strip shows and on which scale.
func (s *runPane) caption(w int) kit.Line {
	p, r := s.palette, &s.watch
	out := kit.Line{p.Strong(page.PhaseName(r.phase))}
	switch {
	case r.whole():
		out = append(out, p.Muted("   "+p.Voice.Text("whole run, medians of blocks")))
	case r.over():
		out = append(out, p.Muted("   "+p.Voice.Text("last 30 s, medians of 100 ms")))
	default:
		out = append(out, p.Muted("   "+p.Voice.Text("medians of 100 ms")))
	}
	if r.scale.Fixed {
		out = append(out, p.Muted(p.Voice.Sprintf(", to %s", page.Scale(p.Voice, r.scale.Top))))
	}
	return out.Cut(w, p.Ellipsis)
}

// course is the strip of the run as it is looked at.
func (w *watch) course(v say.Voice) kit.Strip {
	u := w.unit(w.phase)
	out := kit.Strip{Unit: u.Name, Top: u.Of(w.scale.Top), Now: w.progress.Elapsed}
	out.From, out.To = w.shown()
	if !w.over() {
		out.NowName = v.Text("now")
	}
	for i := range w.targets {
		st := w.stats(i, w.phase)
		row := kit.StripRow{Name: w.label(i), Level: u.Of(float64(st.MedianNs)), Figure: figure(float64(st.MedianNs), st.N, u), Token: side(i), Points: w.points(i)}
		for n := range row.Points {
			row.Points[n].Value = u.Of(row.Points[n].Value)
		}
		out.Rows = append(out.Rows, row)
	}
	for i, all := range w.rollouts {
		for _, at := range all {
			name := v.Text("rollout")
			if len(w.targets) > 1 {
				name += " " + w.label(i)
			}
			out.Events = append(out.Events, kit.StripEvent{At: at, Name: name})
		}
	}
	return out
}

// legend explains the marks that are in the strip, and says which are no longer.
func (s *runPane) legend(w int) []kit.Line {
	p := s.palette
	var l kit.Line
	for _, m := range s.watch.course(p.Voice).Marks() {
		if len(l) > 0 {
			l = append(l, p.Text("   "))
		}
		l = append(l, p.As(m.Token(), kit.Spark{ASCII: p.ASCII}.Glyph(m)), p.Text(" "+markWords(p.Voice, m)).Whole(w))
	}
	if last, cut := s.watch.marked(); cut {
		if len(l) > 0 {
			l = append(l, p.Text("   "))
		}
		l = append(l, p.Muted(p.Voice.Sprintf("marks of the last %s, and of lost blocks before", page.Clock(last))).Whole(w))
	}
	if len(l) == 0 {
		return nil
	}
	return kit.Wrap(l, w, 0)
}

func markWords(v say.Voice, m kit.Mark) string {
	if m == kit.MarkOver {
		return v.Text("above the scale")
	}
	return page.InRun(v, map[kit.Mark]page.Seen{
		kit.MarkNoReply: page.Lost, kit.MarkStalled: page.Stalled, kit.MarkLate: page.Late, kit.MarkRollout: page.Changed,
	}[m])
}

// spread is how the times of the phase are distributed, with the median and the 99th
// percentile of each target, so many rows of cells each. What else is to be said stands
// beside the unit.
func (s *runPane) spread(w, tall int, beside string) []kit.Line {
	r := &s.watch
	names := make([]string, len(r.series))
	for i := range names {
		names[i] = r.label(i)
	}
	d := page.SpreadOf(r.series, names, r.phase)
	u := r.unit(r.phase)
	out := kit.Distributions{Unit: d.Unit + beside, Tall: tall, Figures: s.right("p50") + " " + s.right("p99") + " " + u.Name}
	for i := range r.series {
		st := r.stats(i, r.phase)
		row := kit.Spread{Name: names[i], Token: side(i), Figure: s.right(figure(float64(st.MedianNs), st.N, u)) + " " + s.right(figure(float64(st.P99Ns), st.N, u)) + strings.Repeat(" ", 1+kit.Cells(s.palette.Fit(u.Name)))}
		for _, one := range d.Rows {
			if one.Series == page.Series(i+1) {
				for _, q := range one.Quantiles {
					row.Quantiles = append(row.Quantiles, kit.Quantile(q))
				}
			}
		}
		out.Rows = append(out.Rows, row)
	}
	if lines := out.Draw(s.palette, w, tall*len(out.Rows)+1); len(lines) > 0 {
		return lines
	}
	return s.figures(out, w) // there is nothing to draw, or no room
}

// figures are the rows of a spread without its picture.
func (s *runPane) figures(d kit.Distributions, w int) []kit.Line {
	p, wide := s.palette, s.watch.labelCells()
	out := []kit.Line{}
	for _, r := range d.Rows {
		out = append(out, append(p.Column(r.Token, r.Name, wide), p.Text(" "+r.Figure)).Cut(w, p.Ellipsis))
	}
	return append(out, kit.Line{p.Muted(strings.Repeat(" ", wide+1) + d.Figures)})
}

// right is a figure in the cells that each has.
func (s *runPane) right(text string) string {
	return s.palette.Right(kit.Normal, text, numberWidth).Text
}

// versus is a comparison in words and on the axis.
func (w *watch) versus(v versus) page.Versus {
	out := page.Versus{A: w.label(v.a), B: w.label(v.b), Difference: v.comparison.Phases[w.phase], Ended: w.over()}
	out.InBuild, out.Stopped = w.lab != nil, w.stopped()
	return out
}

// sentence is the answer in words.
func (s *runPane) sentence(w int) []kit.Line {
	if s.watch.told == nil || len(s.watch.series) == 0 {
		return nil
	}
	text, tone := s.watch.versus(*s.watch.told).Sentence(s.palette.Voice)
	return kit.Wrap(kit.Line{s.palette.As(report.ToneToken(tone), text)}, w, 2)
}

// versuses are the comparisons, in words and on the axis.
func (w *watch) versuses() []page.Versus {
	all := make([]page.Versus, len(w.differences))
	for i, v := range w.differences {
		all[i] = w.versus(v)
	}
	return all
}

// intervals are the differences, and under them what they are from where nothing above
// says so; none where nothing is compared.
func (s *runPane) intervals(w int, titled bool) []kit.Line {
	p, r := s.palette, &s.watch
	block := page.Differences(p.Voice, r.versuses())
	if !titled {
		block.Of = ""
	}
	if !slices.ContainsFunc(block.Rows, func(i page.Interval) bool { return i.Bounded }) {
		if r.told != nil {
			return nil // the sentence says how many blocks it takes
		}
		return s.written(block, w)
	}
	out := kit.Intervals{Unit: block.Unit, Figures: block.Of}
	for i, row := range block.Rows {
		one := kit.Interval{Name: row.Name, Token: side(r.differences[i].a), Low: row.Low, Value: row.Value, High: row.High, Figure: block.Written(row)}
		if !row.Bounded {
			one.Low, one.Value, one.High = math.NaN(), math.NaN(), math.NaN()
		}
		out.Rows = append(out.Rows, one)
	}
	lines := out.Draw(p, w, len(out.Rows)+1)
	if r.direct != nil {
		control := page.Versus{A: "A", B: "B", Difference: r.direct.Phases[r.phase], Ended: true, Stopped: r.stopped()}
		text, _ := control.Sentence(p.Voice)
		lines = append(lines, kit.Wrap(kit.Line{p.Text(p.Voice.Text("control, their pods without the Service: ")), p.Text(text)}, w, 2)...)
	}
	return lines
}

// written are the differences in words, before there is an interval to draw.
func (s *runPane) written(block page.Intervals, w int) []kit.Line {
	p := s.palette
	var out []kit.Line
	for i, row := range block.Rows {
		l := p.Column(side(s.watch.differences[i].a), row.Name, s.watch.labelCells())
		out = append(out, append(l, p.Text(" "+block.Written(row)), p.Muted(" "+block.Of)).Cut(w, p.Ellipsis))
	}
	return out
}

// stats are the figures of target i, without any before the first look.
func (w *watch) stats(i int, p probe.Phase) probe.Stats {
	if i >= len(w.series) {
		return probe.Stats{}
	}
	return w.series[i].Phases[p]
}
