package lab

import (
	"bytes"
	"context"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
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
	o := umlKernels(b)["own"]
	o.Shape, o.Sizes, o.MaxProgram = rules.Shape{Endpoints: 5, Seed: 1}, QuickSizes(), time.Minute
	sweepOnce(b, o)
}

// BenchmarkProgramAgainstBareTool programs Services of 5 endpoints as the lab
// does, and feeds the same input from a file to the bare tool, in turn.
func BenchmarkProgramAgainstBareTool(b *testing.B) {
	if os.Geteuid() != 0 {
		b.Skip("makes network namespaces without a user namespace")
	}
	if err := os.Setenv("PATH", os.Getenv("PATH")+":/usr/sbin:/sbin"); err != nil {
		b.Fatal(err)
	}
	for _, size := range []int{100, 1000, 5000} {
		for _, m := range []Mode{IPTablesLegacy, IPTablesNFT, NFTables} {
			if m == IPTablesNFT && size > 1000 {
				continue
			}
			services := rules.Shape{Services: size, Endpoints: 5}.List(0)
			tool, inputs := bareTool(b, m, services)
			var ours, bare, generate []float64
			for round := range 9 {
				var p plane
				ns := enter(b, func() (err error) { p, err = newPlane(m, 1); return err })
				start := time.Now()
				carryOut := p.plan(rules.Diff(nil, services))
				generate = append(generate, time.Since(start).Seconds())
				o := func() {
					ours = append(ours, timed(b, ns, func() error { return carryOut(context.Background()) }).Seconds())
				}
				n := func() {
					var took time.Duration
					ns := enter(b, nil)
					for _, file := range inputs {
						took += timed(b, ns, func() error { return bareRun(file, tool) })
					}
					bare = append(bare, took.Seconds())
				}
				if round%2 == 0 {
					o()
					n()
				} else {
					n()
					o()
				}
				p.close()
			}
			b.Logf("%s %d: ours %.1f bare %.1f ms median, ratio %.2f; min %.1f %.1f ratio %.2f; generate %.1f", m, size, 1e3*median(ours), 1e3*median(bare), median(ours)/median(bare), 1e3*slices.Min(ours), 1e3*slices.Min(bare), slices.Min(ours)/slices.Min(bare), 1e3*median(generate))
		}
	}
}

func median(x []float64) float64 {
	s := slices.Sorted(slices.Values(x))
	return s[len(s)/2]
}

func bareRun(file string, tool []string) error {
	f, err := os.Open(file)
	if err != nil {
		return err
	}
	defer f.Close()
	cmd := exec.Command(tool[0], tool[1:]...)
	cmd.Stdin = f
	if out, err := cmd.CombinedOutput(); err != nil {
		return fmt.Errorf("%w: %s", err, out)
	}
	return nil
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
func bareTool(b *testing.B, m Mode, services []rules.Service) ([]string, []string) {
	var files []string
	save := func(text []byte) {
		name := filepath.Join(b.TempDir(), "input")
		if err := os.WriteFile(name, text, 0o600); err != nil {
			b.Fatal(err)
		}
		files = append(files, name)
	}
	if m == NFTables {
		for _, tx := range rules.NFTables(knftables.NewFake(knftables.IPv4Family, rules.NFTablesTable), rules.Diff(nil, services), 0) {
			save([]byte(tx.String()))
		}
		return []string{"nft", "-f", "-"}, files
	}
	tool, err := findRestore(m)
	if err != nil {
		b.Fatal(err)
	}
	save(rules.IPTables(rules.Diff(nil, services), 1))
	return tool, files
}
