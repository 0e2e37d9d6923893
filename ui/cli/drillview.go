package cli

import (
	"fmt"
	"strings"
	"sync"

	"kpadvisor/plain"
	"kpadvisor/probe/lab"
	"kpadvisor/probe/lab/drill"
	"kpadvisor/say"
	"kpadvisor/ui/kit"
	"kpadvisor/ui/page"
	"kpadvisor/ui/report"
)

// drillView shows a drill while it goes on: a line for what happens, and one for
// each configuration with its sparkline and its counters.
type drillView struct {
	plan    drill.Plan
	voice   say.Voice
	width   int // of the terminal
	ascii   bool
	rewrite bool

	mu  sync.Mutex
	now lab.DrillState
}

func (v *drillView) follow(s lab.DrillState) {
	v.mu.Lock()
	defer v.mu.Unlock()
	v.now = s
}

// counters is the width of what stands behind a sparkline.
const counters = 28

// text is the whole view, its lines no wider than the terminal.
func (v *drillView) text() string {
	v.mu.Lock()
	defer v.mu.Unlock()
	s := v.now
	if len(s.Rows) == 0 {
		if s.Stage.What == "" {
			return v.voice.Text("starting the lab")
		}
		return plain.Text(v.voice.Sprintf("%s %s: %.0f %%", v.voice.Said(s.Stage.What), s.Stage.Mode, 100*s.Stage.Share))
	}
	columns := v.width - 1 - len(page.DrillLabel(s.Rows[0].Config)) - 1 - counters
	head := v.voice.Sprintf("%.0f of %.0f s, speed %g: %s", min(s.Elapsed, s.Length).Seconds(), s.Length.Seconds(), v.plan.Speed, page.DrillNow(v.voice, v.plan, s))
	if columns < 10 { // too narrow for more
		narrow, _ := kit.Split(head, v.width-1)
		return narrow
	}
	tracks := report.Tracks(v.voice, page.DrillStrip(v.voice, v.plan, s.Rows))
	style := kit.Spark{Width: columns, Top: tracks.Top, ASCII: v.ascii}
	blank := strings.Repeat(" ", len(page.DrillLabel(s.Rows[0].Config))+1)
	ruler := tracks.Ruler(columns)
	lines := []string{head, blank + ruler + strings.Repeat(" ", columns-len(ruler)) + v.heads()}
	for i, r := range s.Rows {
		done := tracks.Columns(tracks.Rows[i], columns)
		cells := style
		cells.Width = len(done)
		var b strings.Builder
		for _, run := range cells.Row(done) {
			b.WriteString(run.Text)
		}
		total := r.Total()
		lines = append(lines, page.DrillLabel(r.Config)+" "+b.String()+strings.Repeat(" ", columns-len(done))+
			fmt.Sprintf(" %7d%7d%13d", total.OK, total.Failed, r.AfterDeath().ToOldPod))
	}
	p := kit.NewPalette(kit.Style{ASCII: v.ascii, Voice: v.voice})
	legend := kit.Wrap(kit.Line{p.Text(tracks.Legend(p))}, v.width-1, 0)
	return strings.Join(append(lines, p.Paint(legend, v.width-1)), "\n")
}

// heads stand above the counters.
func (v *drillView) heads() string {
	heads := " "
	for _, h := range []struct {
		text  string
		width int
	}{{v.voice.Text("ok"), 7}, {v.voice.Text("lost"), 7}, {v.voice.Text("to dead pod"), 13}} {
		heads += strings.Repeat(" ", max(0, h.width-kit.Cells(h.text))) + h.text
	}
	return heads
}
