package lab

import (
	"encoding/csv"
	"encoding/json"
	"fmt"
	"io"
	"slices"
	"strconv"
	"strings"

	"kpadvisor/probe/lab/rules"
)

// WriteJSON writes the Result with its schema, indented.
func (r Result) WriteJSON(w io.Writer) error {
	enc := json.NewEncoder(w)
	enc.SetIndent("", "  ")
	return enc.Encode(r)
}

// WriteCSV writes one line per point, a header first. Times are nanoseconds,
// memory is bytes.
func (r Result) WriteCSV(w io.Writer) error {
	c := csv.NewWriter(w)
	if err := c.Write([]string{"mode", "services", "endpointsPerService", "position", "p10Ns", "p50Ns", "p99Ns", "connections", "failed",
		"cpuPerConnectionNs", "programNs", "updateNs", "rules", "kernelMemoryBytes"}); err != nil {
		return err
	}
	for _, p := range r.Points {
		line := []string{string(p.Mode), strconv.Itoa(p.Services), strconv.Itoa(p.Endpoints), string(p.Position)}
		for _, n := range []int64{p.Connect.P10Ns, p.Connect.P50Ns, p.Connect.P99Ns, int64(p.Connections), int64(p.Failed), p.CPUNs, p.ProgramNs, p.UpdateNs, int64(p.Rules), p.MemoryBytes} {
			line = append(line, strconv.FormatInt(n, 10))
		}
		if err := c.Write(line); err != nil {
			return err
		}
	}
	c.Flush()
	return c.Error()
}

// WriteMarkdown writes the tables a reader wants: connect times per size and
// mode with the guide's own beside them, costs of programming, break-even, and
// under what conditions.
func (r Result) WriteMarkdown(w io.Writer) error {
	var b strings.Builder
	r.connectTable(&b)
	r.programTable(&b)
	for _, e := range r.BreakEven {
		b.WriteString("- " + e.String() + "\n")
	}
	fmt.Fprintf(&b, "- the UK8S guide (2019) gives %d Services for iptables against IPVS\n", GuideBreakEven)
	for _, m := range r.Missing {
		fmt.Fprintf(&b, "- %s is missing: %s. Remedy: %s.\n", m.Mode, m.Reason, m.Remedy)
	}
	for _, s := range r.Skipped {
		fmt.Fprintf(&b, "- %s at %d Services was left out: %s.\n", s.Mode, s.Services, s.Reason)
	}
	e := r.Environment
	fmt.Fprintf(&b, "\nMeasured on %s, kernel %s, %d CPUs, %s, %s, seed %d, %d blocks of %d connections, %s.\n",
		e.Where, e.Kernel, e.CPUs, e.IPTables, e.NFT, e.Seed, e.Rounds, e.Block, e.Started.Format("2006-01-02 15:04 MST"))
	for _, n := range e.Notes {
		b.WriteString(n + "\n")
	}
	_, err := io.WriteString(w, b.String())
	return err
}

// connectTable has a row per size and a column per mode: p50 at the middle, and
// in brackets first to last where they differ.
func (r Result) connectTable(b *strings.Builder) {
	modes := r.modes()
	b.WriteString("New connection, microseconds: median with the target in the middle (p10 first - last)\n\n| Services |")
	for _, m := range modes {
		fmt.Fprintf(b, " %s |", m)
	}
	b.WriteString(" guide: iptables, ms | guide: IPVS, ms |\n|" + strings.Repeat(" --- |", len(modes)+3) + "\n")
	for _, n := range r.sizes() {
		fmt.Fprintf(b, "| %d |", n)
		for _, m := range modes {
			b.WriteString(" " + r.connectCell(m, n) + " |")
		}
		guide := slices.IndexFunc(Guide(), func(g GuideRow) bool { return g.Services == n })
		if guide < 0 {
			b.WriteString(" - | - |\n")
			continue
		}
		fmt.Fprintf(b, " %.1f | %.1f |\n", Guide()[guide].IPTablesConnect, Guide()[guide].IPVSConnect)
	}
	b.WriteString("\n")
}

func (r Result) connectCell(m Mode, services int) string {
	if p, ok := r.find(m, services, NoPosition); ok {
		return micros(p.Connect.P50Ns)
	}
	middle, ok := r.find(m, services, rules.Middle)
	first, okFirst := r.find(m, services, rules.First)
	last, okLast := r.find(m, services, rules.Last)
	if !ok || !okFirst || !okLast {
		return "-"
	}
	return fmt.Sprintf("%s (%s - %s)", micros(middle.Connect.P50Ns), micros(first.Connect.P10Ns), micros(last.Connect.P10Ns))
}

// programTable is what the rules cost besides connections.
func (r Result) programTable(b *strings.Builder) {
	b.WriteString("| mode | Services | rules | all rules, ms | one endpoint's change, ms | CPU per connection, us | kernel memory, MiB |\n|" + strings.Repeat(" --- |", 7) + "\n")
	for _, p := range r.Points {
		if p.Position == rules.Middle {
			memory := "-"
			if p.MemoryBytes > 0 {
				memory = fmt.Sprintf("%.1f", float64(p.MemoryBytes)/(1<<20))
			}
			fmt.Fprintf(b, "| %s | %d | %d | %.1f | %.1f | %s | %s |\n", p.Mode, p.Services, p.Rules,
				float64(p.ProgramNs)/1e6, float64(p.UpdateNs)/1e6, micros(p.CPUNs), memory)
		}
	}
	b.WriteString("\n")
}

// String says in a sentence from how many Services on a mode is dearer.
func (e BreakEven) String() string {
	switch e.Outcome {
	case Crosses:
		return fmt.Sprintf("%s becomes dearer than %s at %d Services (95 %% interval %d to %d)", e.A, e.B, e.Services, e.Low, e.High)
	case AlwaysA:
		return fmt.Sprintf("%s is cheaper than %s at every size measured", e.A, e.B)
	case AlwaysB:
		return fmt.Sprintf("%s is cheaper than %s at every size measured", e.B, e.A)
	case AtMost:
		return fmt.Sprintf("%s is dearer than %s from %d Services on at the latest; below that no difference was detected", e.A, e.B, e.High)
	case OneSize:
		return fmt.Sprintf("one size says nothing about where %s and %s change places", e.A, e.B)
	}
	return fmt.Sprintf("no break-even of %s and %s was detected within the noise", e.A, e.B)
}

// modes and sizes are those with points, in order.
func (r Result) modes() []Mode {
	return slices.DeleteFunc(Modes(), func(m Mode) bool {
		return !slices.ContainsFunc(r.Points, func(p Point) bool { return p.Mode == m })
	})
}

func (r Result) sizes() []int {
	var n []int
	for _, p := range r.Points {
		n = append(n, p.Services)
	}
	slices.Sort(n)
	return slices.Compact(n)
}

func (r Result) find(m Mode, services int, at rules.Position) (Point, bool) {
	for _, p := range r.Points {
		if p.Mode == m && p.Services == services && p.Position == at {
			return p, true
		}
	}
	return Point{}, false
}

func micros(ns int64) string { return strconv.FormatFloat(float64(ns)/1000, 'f', 1, 64) }
