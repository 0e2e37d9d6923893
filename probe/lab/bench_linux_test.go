package lab

import (
	"bytes"
	"context"
	"fmt"
	"maps"
	"math"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"
	"text/tabwriter"
	"time"

	"sigs.k8s.io/knftables"

	"kpadvisor/plain"
	"kpadvisor/probe/lab/rules"
)

// The benchmarks print tables for `make bench`. What a machine takes is no test; they
// fail where a ratio leaves its band. Run them once: -benchtime 1x.

// knownGood are figures of an independent rig on such a machine: connect, one in
// flight, p10 in us, the target in the middle of the rules (knownLast: last).
func knownGood() map[Mode]map[int]float64 {
	return map[Mode]map[int]float64{
		Direct:         {100: 18.0, 1000: 18.5, 4000: 17.9, 10_000: 17.9},
		IPTablesLegacy: {100: 24.9, 1000: 26.8, 4000: 34.9, 10_000: 54.2},
		IPTablesNFT:    {100: 26.3, 1000: 34.5, 4000: 59.6},
		NFTables:       {100: 23.8, 1000: 24.4, 4000: 23.6, 10_000: 23.8},
	}
}

func knownLast() map[int]float64 {
	return map[int]float64{100: 24.9, 1000: 29.3, 4000: 46.9, 10_000: 87.0}
}

// knownInUML are those of the same rig in a user-mode Linux 6.12.
func knownInUML() map[Mode]map[int]float64 {
	return map[Mode]map[int]float64{
		IPTablesLegacy: {100: 43.5, 1000: 46.0, 10_000: 76.0},
		NFTables:       {100: 43.5, 1000: 44.3, 10_000: 45.8},
		IPVS:           {100: 46.2, 1000: 46.3, 10_000: 48.6},
	}
}

// BenchmarkFidelity sweeps here and prints the known good figures beside.
func BenchmarkFidelity(b *testing.B) {
	for b.Loop() {
		r := sweepFor(b, Options{Shape: rules.Shape{Endpoints: 5, Seed: 1}, Sizes: []int{100, 1000, 4000, 10_000}, MaxProgram: 45 * time.Second})
		known := curves{knownGood(), knownLast()}
		measured := curvesOf(r)
		fmt.Printf("\nFidelity on this machine, kernel %s: connect p10 in us, in brackets the known good figure\n", r.Environment.Kernel)
		measured.print(known, []Mode{Direct, IPTablesLegacy, IPTablesNFT, NFTables})
		shape(b, "iptables-legacy, ns per rule, middle", slope(measured.middle[IPTablesLegacy], 2), slope(known.middle[IPTablesLegacy], 2))
		shape(b, "iptables-legacy, ns per rule, last", slope(measured.last, 1), slope(known.last, 1))
		shape(b, "iptables-nft, ns per rule, middle", slope(measured.middle[IPTablesNFT], 2), slope(at(known.middle[IPTablesNFT], measured.middle[IPTablesNFT]), 2))
		shape(b, "nftables, largest to smallest size", flatness(measured.middle[NFTables]), flatness(known.middle[NFTables]))
		for _, m := range []Mode{IPTablesLegacy, IPTablesNFT, NFTables} {
			for _, n := range []int{100, 1000, 10_000} {
				if measured.middle[m][n] > 0 && known.middle[m][n] > 0 {
					shape(b, fmt.Sprintf("%s to direct at %s", m, plain.Number(n)), measured.middle[m][n]/measured.middle[Direct][n], known.middle[m][n]/known.middle[Direct][n])
				}
			}
		}
		for _, e := range r.BreakEven {
			fmt.Println(" ", e)
		}
	}
}

// at keeps the sizes that were measured as well.
func at(known, measured map[int]float64) map[int]float64 {
	known = maps.Clone(known)
	maps.DeleteFunc(known, func(n int, _ float64) bool { return measured[n] == 0 })
	return known
}

// BenchmarkFidelityInUML does so in our own user-mode Linux, where IPVS is, and
// looks where iptables and IPVS break even: within 500 to 2,000 Services.
func BenchmarkFidelityInUML(b *testing.B) {
	o := umlKernels(b)["own"]
	o.Shape, o.Sizes = rules.Shape{Endpoints: 5, Seed: 1}, []int{100, 500, 1000, 2000, 4000, 10_000}
	o.Modes, o.Block = []Mode{Direct, IPTablesLegacy, NFTables, IPVS}, 200
	for b.Loop() {
		r := sweepFor(b, o)
		known, measured := curves{knownInUML(), nil}, curvesOf(r)
		fmt.Printf("\nFidelity in user-mode Linux, kernel %s: connect p10 in us, in brackets the known good figure\n", r.Environment.Kernel)
		measured.print(known, []Mode{IPTablesLegacy, NFTables, IPVS})
		shape(b, "iptables-legacy, ns per rule, middle", slope(measured.middle[IPTablesLegacy], 2), slope(known.middle[IPTablesLegacy], 2))
		shape(b, "nftables, largest to smallest size", flatness(measured.middle[NFTables]), flatness(known.middle[NFTables]))
		shape(b, "IPVS, largest to smallest size", flatness(measured.middle[IPVS]), flatness(known.middle[IPVS]))
		for _, e := range r.BreakEven {
			fmt.Println(" ", e)
		}
	}
}

func sweepFor(b *testing.B, o Options) Result {
	b.Helper()
	r, err := Sweep(context.Background(), o, nil)
	if err != nil {
		b.Fatal(err)
	}
	for _, m := range r.Missing {
		b.Logf("missing: %s: %s", m.Mode, m.Reason)
	}
	for _, k := range r.Skipped {
		b.Logf("skipped: %s at %d: %s", k.Mode, k.Services, k.Reason)
	}
	return r
}

// curves are p10s in us by number of Services.
type curves struct {
	middle map[Mode]map[int]float64
	last   map[int]float64 // of iptables-legacy
}

func curvesOf(r Result) curves {
	c := curves{make(map[Mode]map[int]float64), make(map[int]float64)}
	for _, p := range r.Points {
		us := float64(p.Connect.P10Ns) / 1000
		switch {
		case p.Position == rules.Middle || p.Position == NoPosition:
			if c.middle[p.Mode] == nil {
				c.middle[p.Mode] = make(map[int]float64)
			}
			c.middle[p.Mode][p.Services] = us
		case p.Position == rules.Last && p.Mode == IPTablesLegacy:
			c.last[p.Services] = us
		}
	}
	return c
}

func (c curves) print(known curves, modes []Mode) {
	w := tabwriter.NewWriter(os.Stdout, 0, 0, 2, ' ', tabwriter.AlignRight)
	defer w.Flush()
	head := "Services\t"
	for _, m := range modes {
		head += string(m) + "\t"
	}
	fmt.Fprintln(w, head+"legacy, last\t")
	for _, n := range slices.Sorted(maps.Keys(c.middle[IPTablesLegacy])) {
		row := plain.Number(n) + "\t"
		for _, m := range modes {
			row += beside(c.middle[m][n], known.middle[m][n])
		}
		fmt.Fprintln(w, row+beside(c.last[n], known.last[n]))
	}
}

func beside(us, known float64) string {
	cell := "-"
	if us > 0 {
		cell = fmt.Sprintf("%.1f", us)
	}
	if known > 0 {
		cell += fmt.Sprintf(" (%.1f)", known)
	}
	return cell + "\t"
}

// slope is what a rule costs in ns, from the smallest to the largest size; a
// share of the rules is passed: 1/2 in the middle.
func slope(us map[int]float64, share float64) float64 {
	sizes := slices.Sorted(maps.Keys(us))
	if len(sizes) < 2 {
		return math.NaN()
	}
	first, last := sizes[0], sizes[len(sizes)-1]
	return (us[last] - us[first]) * 1000 * share / float64(last-first)
}

// flatness is 1 where the largest size costs what the smallest does.
func flatness(us map[int]float64) float64 {
	sizes := slices.Sorted(maps.Keys(us))
	if len(sizes) < 2 {
		return math.NaN()
	}
	return us[sizes[len(sizes)-1]] / us[sizes[0]]
}

// shape holds a figure to that of the known rig: the machine may be another one, the
// shape of the curves is the same within a factor of 2.5.
func shape(b *testing.B, what string, now, known float64) {
	b.Helper()
	fmt.Printf("  %-38s %6.2f   known %6.2f\n", what, now, known)
	expect(b, "  ratio", now/known, band{0.4, 2.5})
}

// BenchmarkProgram programs Services of 5 endpoints as the lab does, and feeds
// the same input to the bare tools, in turn. Aim: at most 1.2.
func BenchmarkProgram(b *testing.B) {
	if os.Geteuid() != 0 {
		b.Skip("makes network namespaces without a user namespace")
	}
	for b.Loop() {
		fmt.Print("\nProgramming beside the bare tools, medians of 9 in ms; aim: a ratio of at most 1.2\n")
		programBeside(b, []Mode{IPTablesLegacy, IPTablesNFT, NFTables}, []int{100, 1000, 4000})
	}
}

// BenchmarkProgramInUML does so where IPVS is. It runs this binary again, as the
// first process of a user-mode Linux.
func BenchmarkProgramInUML(b *testing.B) {
	for b.Loop() {
		fmt.Print("\nThe same in user-mode Linux; IPVS beside ipset, ipvsadm, ip and iptables-restore\n")
		out := inGuest(b, "-test.run=^$", "-test.bench=^BenchmarkProgramAsGuest$", "-test.benchtime=1x")
		for l := range strings.Lines(out) {
			if strings.HasPrefix(l, "  ") {
				fmt.Print(l)
			}
		}
	}
}

func BenchmarkProgramAsGuest(b *testing.B) {
	if os.Getpid() != 1 {
		b.Skip("runs in user-mode Linux")
	}
	for b.Loop() {
		programBeside(b, []Mode{IPTablesLegacy, NFTables, IPVS}, []int{100, 1000})
	}
}

func programBeside(b *testing.B, modes []Mode, sizes []int) {
	b.Helper()
	if err := os.Setenv("PATH", os.Getenv("PATH")+":/usr/sbin:/sbin"); err != nil {
		b.Fatal(err)
	}
	for _, size := range sizes {
		for _, m := range modes {
			if m == IPTablesNFT && size > 1000 {
				continue // takes minutes, to say the same
			}
			services := rules.Shape{Services: size, Endpoints: 5}.List(0)
			bare := bareTools(b, m, services)
			var ours, theirs []time.Duration
			for round := range 9 {
				both := []func(){
					func() { ours = append(ours, programOnce(b, m, services)) },
					func() { theirs = append(theirs, bareOnce(b, m, bare)) },
				}
				both[round%2]()
				both[1-round%2]()
			}
			slices.Sort(ours)
			slices.Sort(theirs)
			mid := len(ours) / 2
			fmt.Printf("  %-16s %6s Services  lab %8.1f  bare %8.1f  ratio %.2f\n", m, plain.Number(size),
				ours[mid].Seconds()*1e3, theirs[mid].Seconds()*1e3, float64(ours[mid])/float64(theirs[mid]))
		}
	}
}

// programOnce is the lab's own way, timed as the lab times it.
func programOnce(b *testing.B, m Mode, services []rules.Service) (took time.Duration) {
	b.Helper()
	inFresh(b, func() error {
		p, err := newPlane(m, 1)
		if err != nil {
			return err
		}
		defer p.close()
		carryOut := p.plan(rules.Diff(nil, services))
		start := time.Now()
		err = carryOut(context.Background())
		took = time.Since(start)
		return err
	})
	return took
}

// command is a bare tool with its input in a file.
type command struct {
	args []string
	file string
}

// bareOnce runs the bare tools one after the other.
func bareOnce(b *testing.B, m Mode, tools []command) (took time.Duration) {
	b.Helper()
	inFresh(b, func() error {
		if m == IPVS { // what the lab's plane does before it is timed
			p, err := newPlane(m, 1)
			if err != nil {
				return err
			}
			defer p.close()
		}
		for _, c := range tools {
			input, err := os.Open(c.file)
			if err != nil {
				return err
			}
			cmd := exec.Command(c.args[0], c.args[1:]...)
			cmd.Stdin = input
			var stderr bytes.Buffer
			cmd.Stderr = &stderr
			start := time.Now()
			err = cmd.Run()
			took += time.Since(start)
			input.Close()
			if err != nil {
				return fmt.Errorf("%v: %w: %s", c.args, err, &stderr)
			}
		}
		return nil
	})
	return took
}

// inFresh runs fn in a network namespace of its own.
func inFresh(b *testing.B, fn func() error) {
	b.Helper()
	ns, err := newNamespace()
	if err != nil {
		b.Fatal(err)
	}
	defer ns.close()
	if err := ns.do(fn); err != nil {
		b.Fatal(err)
	}
}

// bareTools are the commands and the input these Services need.
func bareTools(b *testing.B, m Mode, services []rules.Service) []command {
	b.Helper()
	var all []command
	add := func(input string, args ...string) {
		file := filepath.Join(b.TempDir(), "input")
		if err := os.WriteFile(file, []byte(input), 0o600); err != nil {
			b.Fatal(err)
		}
		all = append(all, command{args, file})
	}
	first := rules.Diff(nil, services)
	restore, err := findRestore(m)
	switch m {
	case NFTables:
		for _, tx := range rules.NFTables(knftables.NewFake(knftables.IPv4Family, rules.NFTablesTable), first, 0) {
			add(tx.String(), "nft", "-f", "-")
		}
		return all
	case IPVS:
		if restore, err = findRestore(IPTablesLegacy); err != nil {
			b.Fatal(err)
		}
		var servers, addresses strings.Builder
		for _, s := range services {
			vip := s.ClusterIP.String() + ":" + strconv.Itoa(int(s.Port))
			fmt.Fprintf(&servers, "-A -t %s -s rr\n", vip)
			for _, e := range s.Endpoints {
				fmt.Fprintf(&servers, "-a -t %s -r %s -m -w 1\n", vip, e.Addr)
			}
			fmt.Fprintf(&addresses, "address add %s/32 dev %s\n", s.ClusterIP, dummyDevice)
		}
		add(string(rules.IPSetInput(first)), "ipset", "restore", "-exist")
		add(servers.String(), "ipvsadm", "--restore")
		add(addresses.String(), "ip", "-batch", "-")
		add(string(rules.IPVSRules(first)), restore...)
		return all
	}
	if err != nil {
		b.Fatal(err)
	}
	add(string(rules.IPTables(first, 1)), restore...)
	return all
}

// BenchmarkSweeps runs the commands as a user does and prints time and memory.
func BenchmarkSweeps(b *testing.B) {
	program := filepath.Join(b.TempDir(), "kpadvisor")
	build := exec.Command("go", "build", "-o", program, "kpadvisor")
	build.Env = append(os.Environ(), "CGO_ENABLED=0")
	if out, err := build.CombinedOutput(); err != nil {
		b.Fatalf("%v: %s", err, out)
	}
	own := umlKernels(b)["own"].UMLKernel
	for b.Loop() {
		fmt.Print("\nSweeps as a user runs them; aim: quick 60 s, full 5 min, parent and inner half together 150 MiB\n")
		for _, args := range [][]string{
			{"lab", "sweep", "--quick", "--modes", "iptables-legacy,iptables-nft,nftables"},
			{"lab", "sweep"},
			{"lab", "sweep", "--quick", "--uml-kernel", own},
		} {
			took, parent, inner := timeAndMemory(b, program, args...)
			name, within := strings.Join(args, " "), fmt.Sprintf("%3.0f MiB", inner)
			if strings.Contains(name, own) {
				name, within = "lab sweep --quick in user-mode Linux", "is a machine of 1 GiB"
			}
			fmt.Printf("  %-78s %6.1f s   parent %3.0f MiB, inner half %s\n", name, took.Seconds(), parent, within)
		}
	}
}

// timeAndMemory runs the program and samples the peak resident set of it and of
// its inner half, in MiB. The tools that the inner half runs are not in it.
func timeAndMemory(b *testing.B, program string, args ...string) (took time.Duration, parent, inner float64) {
	b.Helper()
	cmd := exec.Command(program, args...)
	var out bytes.Buffer
	cmd.Stdout, cmd.Stderr = &out, &out
	start := time.Now()
	if err := cmd.Start(); err != nil {
		b.Fatal(err)
	}
	done := make(chan error, 1)
	go func() { done <- cmd.Wait() }()
	tick := time.NewTicker(50 * time.Millisecond)
	defer tick.Stop()
	for {
		select {
		case err := <-done:
			if err != nil {
				b.Fatalf("%v: %s", err, &out)
			}
			return time.Since(start), parent, inner
		case <-tick.C:
			parent = max(parent, peakMiB(cmd.Process.Pid))
			for _, pid := range children(cmd.Process.Pid) {
				inner = max(inner, peakMiB(pid))
			}
		}
	}
}

// peakMiB is the peak resident set of a process, 0 if it has ended.
func peakMiB(pid int) float64 {
	status, err := os.ReadFile(fmt.Sprintf("/proc/%d/status", pid))
	if err != nil {
		return 0
	}
	for l := range strings.Lines(string(status)) {
		if rest, ok := strings.CutPrefix(l, "VmHWM:"); ok {
			kb, err := strconv.ParseFloat(strings.Fields(rest)[0], 64)
			if err == nil {
				return kb / 1024
			}
		}
	}
	return 0
}
