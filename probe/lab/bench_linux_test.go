package lab

import (
	"bytes"
	"context"
	"os"
	"strings"
	"testing"
	"time"

	"golang.org/x/sys/unix"
	"sigs.k8s.io/knftables"

	"kpadvisor/probe/lab/rules"
)

// sweepOnce runs a sweep and reports what it took; the tables go to the log.
func sweepOnce(b *testing.B, o Options) {
	for b.Loop() {
		start := time.Now()
		r, err := Sweep(context.Background(), o, nil)
		if err != nil {
			b.Fatal(err)
		}
		var out bytes.Buffer
		if err := r.WriteCSV(&out); err != nil {
			b.Fatal(err)
		}
		for _, e := range r.BreakEven {
			out.WriteString(e.String() + "\n")
		}
		b.Logf("%v\n%s", time.Since(start).Round(100*time.Millisecond), &out)
	}
	for who, name := range map[int]string{unix.RUSAGE_SELF: "outer-MiB", unix.RUSAGE_CHILDREN: "inner-MiB"} {
		var u unix.Rusage
		if err := unix.Getrusage(who, &u); err != nil {
			b.Fatal(err)
		}
		b.ReportMetric(float64(u.Maxrss)/1024, name)
	}
}

func BenchmarkQuickSweep(b *testing.B) {
	sweepOnce(b, Options{Shape: rules.Shape{Endpoints: 5, Seed: 1}, Sizes: QuickSizes(), MaxProgram: 8 * time.Second})
}

func BenchmarkFullSweep(b *testing.B) {
	sweepOnce(b, Options{Shape: rules.Shape{Endpoints: 5, Seed: 1}, Sizes: SweepSizes()})
}

func BenchmarkQuickSweepInUML(b *testing.B) {
	if err := umlProblem(); err != nil {
		b.Skip(err)
	}
	sweepOnce(b, Options{In: UML, Shape: rules.Shape{Endpoints: 5, Seed: 1}, Sizes: []int{100, 1000, 4000}, Modes: []Mode{Direct, IPTablesLegacy, IPVS}, MaxProgram: time.Minute})
}

// BenchmarkProgramAgainstBareTool programs 1,000 Services of 5 endpoints as the
// lab does, and feeds the same input to the bare tool.
func BenchmarkProgramAgainstBareTool(b *testing.B) {
	if os.Geteuid() != 0 {
		b.Skip("makes network namespaces without a user namespace")
	}
	if err := os.Setenv("PATH", os.Getenv("PATH")+":/usr/sbin:/sbin"); err != nil {
		b.Fatal(err)
	}
	shape := rules.Shape{Services: 1000, Endpoints: 5}
	for _, m := range []Mode{IPTablesLegacy, NFTables} {
		b.Run(string(m), func(b *testing.B) {
			ours, bare := time.Hour, time.Hour // the fastest of each: the rest is other work on this machine
			services := shape.List(0)
			tool, input := bareTool(b, m, services)
			for b.Loop() {
				var p plane
				ns := enter(b, func() (err error) { p, err = newPlane(m, 1); return err })
				ours = min(ours, timed(b, ns, func() error { return p.program(context.Background(), rules.Diff(nil, services)) }))
				p.close()
				bare = min(bare, timed(b, enter(b, nil), func() error { return runTool(context.Background(), input, tool...) }))
			}
			b.ReportMetric(float64(ours)/float64(bare), "ours/bare")
		})
	}
}

// enter makes a namespace that lives as long as the benchmark and runs fn in it.
func enter(b *testing.B, fn func() error) *namespace {
	ns, err := newNamespace()
	if err != nil {
		b.Fatal(err)
	}
	b.Cleanup(ns.close)
	if fn != nil {
		if err := ns.do(fn); err != nil {
			b.Fatal(err)
		}
	}
	return ns
}

// timed runs fn in a namespace.
func timed(b *testing.B, ns *namespace, fn func() error) time.Duration {
	start := time.Now()
	if err := ns.do(fn); err != nil {
		b.Fatal(err)
	}
	return time.Since(start)
}

// bareTool is a command and the input it needs for these Services.
func bareTool(b *testing.B, m Mode, services []rules.Service) ([]string, []byte) {
	if m == NFTables {
		var text strings.Builder
		for _, tx := range rules.NFTables(knftables.NewFake(knftables.IPv4Family, rules.NFTablesTable), rules.Diff(nil, services), 0) {
			text.WriteString(tx.String())
		}
		return []string{"nft", "-f", "-"}, []byte(text.String())
	}
	tool, err := findRestore(m)
	if err != nil {
		b.Fatal(err)
	}
	return tool, rules.IPTables(rules.Diff(nil, services), 1)
}
