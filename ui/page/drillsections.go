package page

import (
	"slices"
	"strconv"
	"strings"
	"time"

	"kpadvisor/say"

	"kpadvisor/advisor/reuse"
	"kpadvisor/plain"
	"kpadvisor/probe"
	"kpadvisor/probe/lab"
	"kpadvisor/probe/lab/drill"
)

// shown are the phases the plan has.
func (d Drill) shown() []drill.Part {
	return slices.DeleteFunc(drill.Parts(), func(p drill.Part) bool {
		return p == drill.Draining && d.Result.Plan.Lost || p == drill.Unheard && !d.Result.Plan.Lost
	})
}

func phaseWords(v say.Voice, p drill.Part) string {
	switch p {
	case drill.Steady:
		return v.Head("steady")
	case drill.Draining:
		return v.Head("draining")
	case drill.Unheard:
		return v.Head("unheard of")
	case drill.PodGone:
		return v.Head("pod gone")
	case drill.Deleted:
		return v.Head("deleted")
	}
	return string(p)
}

// configHead and configCells are the first columns of every table of a drill.
func configHead(v say.Voice) Table {
	return Table{Head: []string{v.Head("mode"), "reuse", "expire", "ct"}, Right: []bool{false, true, true, true}, Tight: true}
}

func configCells(c drill.Config) []string {
	cells := []string{Lane(lab.Mode(c.Mode)), "-", "-", "-"}
	if c.Sysctls != nil {
		for i, s := range c.Sysctls.List() {
			cells[i+1] = strconv.Itoa(s.Value)
		}
	}
	return cells
}

// phases has a row per configuration and a column per phase.
func (d Drill) phases() draft {
	v := d.Voice
	s := draft{ID: "failed", Title: v.Text("Connections that failed, of all begun in the phase"), Table: configHead(d.Voice)}
	for _, p := range d.shown() {
		s.Table.column(phaseWords(d.Voice, p))
	}
	s.Table.column(v.Head("all"))
	for _, r := range d.Result.Rows {
		cells := configCells(r.Config)
		for _, p := range d.shown() {
			cell := "-"
			if c := r.Phases[p]; c.Total() > 0 {
				cell = plain.Number(c.Failed) + "/" + plain.Number(c.Total())
			}
			cells = append(cells, cell)
		}
		total := r.Total()
		s.row(append(cells, sharePercent(total.Failed, total.Total())))
	}
	if len(s.Table.Rows) > 0 {
		s.After = []string{v.Text("reuse, expire, ct: net.ipv4.vs.conn_reuse_mode, expire_nodest_conn, conntrack. deleted: from when kube-proxy deleted the real server; iptables and nftables have none.")}
	}
	return s
}

func sharePercent(n, of int) string {
	if of == 0 {
		return "-"
	}
	return inPercent(float64(n) / float64(of))
}

// oldPod shows what went to the old pod, and how what was lost was lost.
func (d Drill) oldPod() draft {
	v := d.Voice
	s := draft{ID: "old-pod", Title: v.Text("What went to the old pod, and what became of it after the pod's death"), Table: configHead(d.Voice)}
	s.Table.column(v.Head("before"))
	s.Table.column(v.Head("after"))
	classes := d.classes()
	for _, c := range classes {
		s.Table.column(className(v, c))
	}
	s.Table.column(v.Text("1 s"))
	s.Table.column(v.Head("left"))
	for _, r := range d.Result.Rows {
		after := r.AfterDeath()
		cells := append(configCells(r.Config), plain.Number(r.Phases[drill.Draining].ToOldPod+r.Phases[drill.Unheard].ToOldPod), plain.Number(after.ToOldPod))
		for _, c := range classes {
			cells = append(cells, plain.Number(after.ByClass[c]))
		}
		s.row(append(cells, plain.Number(r.Total().Late), leftWords(d.Voice, r)))
	}
	if len(s.Table.Rows) == 0 {
		return draft{}
	}
	s.After = []string{
		v.Sprintf("before: %s. after: begun after its death, and sent to it all the same. 1 s: connected, but only with a second SYN. left: connections IPVS still counts for the old real server, which keep kube-proxy from deleting it.", beforeWords(v, d.Result.Plan)),
	}
	if slices.ContainsFunc(d.Result.Rows, func(r drill.Row) bool { return r.AfterDeath().ByClass[probe.NoRoute] > 0 }) {
		s.After = append(s.After, v.Text("To an address that is gone the kernel answers \"no route\" about once a second (icmp_ratelimit); what comes between times out."))
	}
	return s
}

// classes are those a dead pod leads to, and what else occurred.
func (d Drill) classes() []probe.Class {
	return slices.DeleteFunc(probe.Classes(), func(c probe.Class) bool {
		usual := c == probe.Timeout || c == probe.NoRoute || c == probe.Refused
		return !usual && !slices.ContainsFunc(d.Result.Rows, func(r drill.Row) bool { return r.AfterDeath().ByClass[c] > 0 })
	})
}

func beforeWords(v say.Voice, p drill.Plan) string {
	if p.Lost {
		return v.Text("while it was dead and kube-proxy did not know (IPVS tells; the other modes do not)")
	}
	return v.Text("while it drained: they are answered, but should go elsewhere")
}

func leftWords(v say.Voice, r drill.Row) string {
	if r.Reached(drill.ServerDeleted) {
		return v.Text("none")
	}
	if n, ok := r.Left(); ok {
		return plain.Number(n)
	}
	return "-"
}

// verdicts sets what was seen beside the decision table.
func (d Drill) verdicts() draft {
	v := d.Voice
	s := draft{ID: "table", Title: v.Text("Beside the decision table of issue 81775"), Table: configHead(v)}
	s.Table.Head = append(s.Table.Head, v.Head("seen"), v.Head("the table says"), v.Head("agrees"), v.Head("row"))
	s.Table.Right = append(s.Table.Right, false, false, false, false)
	for i, verdict := range JudgeDrill(v, d.Result) {
		agrees := "-"
		switch {
		case verdict.Contradicts():
			agrees, s.Tone = v.Text("NO"), Bad
		case verdict.Agrees != nil:
			agrees = v.Text("yes")
		}
		if verdict.Row != "" && !slices.Contains(s.After, verdict.Row) {
			s.After = append(s.After, verdict.Row)
		}
		s.row(append(configCells(d.Result.Rows[i].Config), verdict.Seen.In(v), verdict.Expected.In(v), agrees, verdict.TableRow))
	}
	return s
}

// reasons says of the rows that fail what takes it away, of those that
// contradict the table both sides, and of those that cannot fail why.
func (d Drill) reasons() draft {
	v := d.Voice
	s := draft{ID: "why", Title: v.Text("Why, and what to do")}
	spared := false
	for i, verdict := range JudgeDrill(v, d.Result) {
		r := d.Result.Rows[i]
		it := d.reason(r, verdict)
		spared = spared || verdict.Seen == reuse.Safe && r.Sysctls != nil && r.Sysctls.ConnReuseMode == 0 && r.Sysctls.ExpireNodestConn == 1
		if it.Text != "" && verdict.Seen != reuse.UnknownReuse {
			it.Notes = append(it.Notes, nonEmpty(verdict.Why)...)
		}
		it.Notes = append(it.Notes, d.of(r)...)
		if it.Text != "" || len(it.Notes) > 0 {
			s.Items = append(s.Items, it)
		}
	}
	if kernel := d.Result.Environment.Kernel; spared && reuse.FixesWeightZero(kernel) {
		s.After = append(s.After, v.Sprintf("conn_reuse_mode=0 with expire_nodest_conn=1 loses nothing here, and that is right: kernel %s has commit c95c07836fa4 (5.16; 5.15.6, 5.10.83, 5.4.163, 4.19.219, 4.14.257), which sends a SYN away from a weight-0 real server in every conn_reuse_mode, if expire_nodest_conn is 1. To see what older kernels do: expire_nodest_conn=0.", kernel))
	}
	return s
}

// reason is what a row came to; without a text where there is nothing to say.
func (d Drill) reason(r drill.Row, verdict DrillVerdict) Item {
	v := d.Voice
	it := Item{Label: r.Config.String(), Tone: ExposureTone(verdict.Seen, true), Commands: verdict.Remedy}
	switch after := r.AfterDeath(); verdict.Seen {
	case reuse.StalePod:
		it.Text = v.Sprintf("%s of %s after the pod's death were sent to it.", plain.Number(after.ToOldPod), v.Count(after.Total(), "connection"))
		if after.ToOldPod == 1 {
			it.Text = v.Sprintf("1 of %s after the pod's death was sent to it.", v.Count(after.Total(), "connection"))
		}
		if n, ok := r.Left(); ok && !r.Reached(drill.ServerDeleted) {
			it.Notes = append(it.Notes, v.Sprintf("Each renews its entry, so kube-proxy counts %s on the dead real server and never deletes it: it goes on for as long as the client does.", v.Count(n, "connection")))
		}
	case reuse.SynDelay:
		it.Text = v.Sprintf("%s of %s waited 1 s for a second SYN.", plain.Number(r.Total().Late), v.Count(r.Total().Total(), "connection"))
	case reuse.UnknownReuse:
		it.Text = unclearWords(v, r)
	case reuse.Safe, reuse.IfSysctl0, reuse.CheckSysctl, reuse.NotIPVS:
	}
	if verdict.Contradicts() {
		it.Text = v.Sentences(nonEmpty(it.Text, v.Sprintf("The table expects %s, and the drill saw %s: on this kernel the drill counts.", verdict.Expected.In(v), verdict.Seen.In(v)))...)
	}
	return it
}

func (d Drill) of(r drill.Row) []string {
	var out []string
	for _, group := range d.Of[r.Config.String()] {
		out = append(out, d.Voice.Sprintf("as on: %s", group))
	}
	return out
}

func unclearWords(v say.Voice, r drill.Row) string {
	switch after, steady := r.AfterDeath(), r.Phases[drill.Steady]; {
	case r.Problem != "":
		return v.Sprintf("It ended early: %s.", v.Again(r.Problem))
	case !r.Reached(drill.ListenerDown) || !r.Reached(drill.Terminating):
		return v.Text("It ended before the old pod was dead and taken out.")
	case r.Busy():
		return v.Sprintf("%s of %s failed before anything changed: this machine is too busy, try fewer connections per second.", plain.Number(steady.Failed), v.Count(steady.Total(), "connection"))
	case after.Failed > 0:
		return v.Sprintf("%s of %s after the pod's death failed, none of which is known to have been sent to it: this machine may be too busy.", plain.Number(after.Failed), v.Count(after.Total(), "connection"))
	default:
		return v.Sprintf("Only %s came after the pod's death.", v.Count(after.Total(), "connection"))
	}
}

// timeline lists the steps as they were planned.
func (d Drill) timeline() draft {
	p, v := d.Result.Plan, d.Voice
	if p.Speed == 0 {
		return draft{}
	}
	ipvs := slices.ContainsFunc(d.Result.Rows, func(r drill.Row) bool { return r.Sysctls != nil })
	mode := drill.NFTables
	if ipvs {
		mode = drill.IPVS
	}
	s := draft{ID: "steps", Title: v.Text("The update, and when each step was due"), Table: Table{Head: []string{v.Head("s"), v.Head("at speed 1"), v.Head("mark"), v.Head("step")}, Right: []bool{true, true, false, false}}}
	for _, step := range p.Steps(ipvs) {
		real := time.Duration(float64(step.At) * p.Speed).Round(time.Second)
		letter, _ := drillEvent(v, step.Do)
		s.row([]string{secondsOf(step.At), secondsOf(real), letter, v.Again(step.Do.Says(mode))})
	}
	return s
}

func secondsOf(t time.Duration) string { return strconv.FormatFloat(t.Seconds(), 'f', 1, 64) }

// missing names what was not tried, and why.
func (d Drill) missing() draft {
	v := d.Voice
	s := draft{ID: "missing", Title: v.Text("Not tried"), Tone: Warn}
	for _, m := range d.Result.Missing {
		n := 0
		for _, c := range d.Result.Plan.Configs {
			if c.Mode == string(m.Mode) {
				n++
			}
		}
		it := untried(v, m)
		if n > 1 {
			it.Text = v.Sprintf("%s: %s", v.Count(n, "configuration"), it.Text)
		}
		s.Items = append(s.Items, it)
	}
	return s
}

// untried is a mode that could not be built here, why, and what helps.
func untried(v say.Voice, m lab.Missing) Item {
	return Item{Label: string(m.Mode), Text: v.Again(m.Reason), Notes: nonEmpty(Prefixed(v.Text("remedy: "), v.Again(m.Remedy)))}
}

// method says what was done.
func (d Drill) method() draft {
	p, e, v := d.Result.Plan, d.Result.Environment, d.Voice
	if e.Kernel == "" || len(d.Result.Rows) == 0 {
		return draft{}
	}
	s := draft{
		ID: "method", Title: v.Text("How it was done"),
		Intro: []string{
			v.Sprintf("Each configuration has a Service with %s; one is replaced, while one client opens %g connections/s to each Service, all Services at the same time, from %s in turn, each again after %v. The server closes first.",
				v.Count(p.Backends, "pod"), p.Rate, v.Count(p.Ports, "source port"), p.Round().Round(10*time.Millisecond)),
			v.Sprintf("IPVS keeps an entry 120 s, so %s of these connections meet one (rate x 120 s / ports = %s %%, at most 100). With the usual %s ports a client does that from %.0f connections/s to one Service on, and some of it from %.0f.",
				sharePercent(int(1e6*p.ReuseShare()), 1e6), plain.Number(int(100*p.Rate*drill.EntryLife.Seconds()/float64(p.Ports))), plain.Number(drill.DefaultPorts), drill.SameReuseRate(), drill.SameReuseRate()/2),
		},
		After: append(nonEmpty(strings.Join(nonEmpty(e.IPTables, e.NFT), ", ")), againAll(v, e.Notes)...),
	}
	skipped := 0
	for _, r := range d.Result.Rows {
		skipped += r.Skipped
	}
	if skipped > 0 {
		s.After = append(s.After, v.Plural(skipped, "connection was due and not begun, since earlier ones still held the source ports.", "connections were due and not begun, since earlier ones still held the source ports."))
	}
	s.After = append(s.After, v.Text(DrillScope))
	return s
}

// compression says what the speed changes.
func (d Drill) compression() draft {
	p, v := d.Result.Plan, d.Voice
	switch {
	case p.Speed == 0 || len(d.Result.Rows) == 0:
		return draft{}
	case p.Speed == 1:
		return draft{ID: "speed", Title: v.Text("Speed 1"), Intro: []string{v.Text("kubelet and kube-proxy took as long as they do.")}}
	}
	return draft{
		ID: "speed", Title: v.Sprintf("Speed %g: what that changes", p.Speed),
		Intro: []string{
			v.Sprintf("Compressed are the waits of kubelet and kube-proxy: %v of the update took %v, the check of each minute came every %v. Nothing in the kernel depends on these.",
				time.Duration(float64(p.Length())*p.Speed).Round(time.Second), p.Length().Round(100*time.Millisecond), time.Duration(float64(time.Minute)/p.Speed).Round(100*time.Millisecond)),
			v.Sprintf("Not compressed, being the kernel's own: IPVS keeps an entry 120 s after the connection and 60 s after a SYN without answer, and a SYN is sent again after 1 s; nor is the client's patience of %v. So every entry outlives this drill: what a client that stops would see once they expire is not shown, and a real server is deleted early only because all ports come round quickly. A client that goes on renews its entries at any speed.", p.Timeout),
			v.Text("A delay of 1 s or a timeout fills more of a phase than it would: compare configurations with one another, not these shares with an outage."),
		},
	}
}
