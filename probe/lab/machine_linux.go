package lab

import (
	"bufio"
	"cmp"
	"context"
	"os"
	"os/exec"
	"runtime"
	"strconv"
	"strings"
	"time"

	"golang.org/x/sys/unix"
)

// kernelMemory is the kernel memory rules live in, in bytes: Slab, VmallocUsed
// and Percpu of /proc/meminfo. It is the whole machine's.
func kernelMemory() int64 {
	f, err := os.Open("/proc/meminfo")
	if err != nil {
		return 0
	}
	defer f.Close()
	var sum int64
	for s := bufio.NewScanner(f); s.Scan(); {
		name, rest, _ := strings.Cut(s.Text(), ":")
		if name != "Slab" && name != "VmallocUsed" && name != "Percpu" {
			continue
		}
		kb, err := strconv.ParseInt(strings.Fields(rest)[0], 10, 64)
		if err == nil {
			sum += kb << 10
		}
	}
	return sum
}

// environment is what a reader needs to know of this machine.
func environment(o Options) Environment {
	e := Environment{
		Kernel: kernelRelease(), Where: OnThisMachine, CPUs: runtime.NumCPU(), Seed: o.Shape.Seed, RulesPerPort: o.Shape.RulesPerPort,
		Builds: o.Builds, Rounds: o.Rounds, Block: o.Block, Cold: o.Cold, Started: time.Now().UTC().Truncate(time.Second),
		IPTables: version("iptables"), NFT: version("nft"),
		Notes: []string{
			"One connection in flight; times are those of connect() in a client pod.",
			"A build is the observation: a new node, its rules in a new order. Kernel memory is the machine's growth while programming.",
			"nftables was programmed in transactions of at most 1,000 Services; kube-proxy uses one.",
			"A lab measures rule lookup on this kernel, not your cluster.",
		},
	}
	e.Notes = append(e.Notes, o.Notes...)
	if !mayRaiseBuffers() {
		e.Notes = append(e.Notes, "In a user namespace large nf_tables transactions do not fit a socket: iptables-nft and nftables were programmed in pieces; as root they are not.")
	}
	if o.In == UML {
		e.Where, e.UMLKernel = InUML, cmp.Or(o.UMLKernel, umlBinary)
	}
	return e
}

func kernelRelease() string {
	var u unix.Utsname
	if err := unix.Uname(&u); err != nil {
		return "unknown"
	}
	return unix.ByteSliceToString(u.Release[:])
}

// version is the first line of a tool's --version, empty if it is not there.
func version(tool string) string {
	out, err := exec.CommandContext(context.Background(), tool, "--version").Output()
	if err != nil {
		return ""
	}
	return firstLine(string(out))
}

// drillEnvironment is what a reader of a drill needs to know of this machine.
func drillEnvironment() DrillEnvironment {
	return DrillEnvironment{
		Kernel: kernelRelease(), Where: "this machine", CPUs: runtime.NumCPU(), Started: time.Now().UTC().Truncate(time.Second),
		IPTables: version("iptables"), NFT: version("nft"),
	}
}
