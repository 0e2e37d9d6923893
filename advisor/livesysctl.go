package advisor

import (
	"bufio"
	"fmt"
	"slices"
	"strconv"
	"strings"
)

// SysctlReading is what was read of net.ipv4.vs on one node.
type SysctlReading struct {
	Node   string         // as somebody named it; empty if nobody did
	Kernel string         // kernel.osrelease, which is uname -r; empty if it was not read
	Values map[string]int // by full name, those of readSysctls alone
	Doubts []string       // what the text contradicts itself in, a clause each
}

// readSysctls are the sysctls that are looked at; all others are ignored.
func readSysctls() []string { return []string{sysctlReuse, sysctlExpire, sysctlConntrack} }

const (
	kernelSysctl  = "kernel.osrelease"
	maxSysctlLine = 64 << 10
)

// ParseSysctls reads the output of `sysctl net.ipv4.vs`, of `grep . PATH` over
// /proc/sys, or of several of them one after the other, each under a line
// "# node NAME" or "# node/NAME". node names what stands before the first such
// line. Lines that are nothing of the kind are ignored: shells, kubectl and
// sysctl itself say things in between. Readings without any value are left out.
func ParseSysctls(text, node string) ([]SysctlReading, error) {
	all := []SysctlReading{newReading(node)}
	lines := bufio.NewScanner(strings.NewReader(text))
	lines.Buffer(nil, maxSysctlLine)
	for lines.Scan() {
		line := strings.TrimSpace(lines.Text())
		if name, ok := nodeLine(line); ok {
			all = append(all, newReading(name))
			continue
		}
		all[len(all)-1].line(line)
	}
	if err := lines.Err(); err != nil {
		return nil, fmt.Errorf("a line is longer than %d bytes", maxSysctlLine)
	}
	return slices.DeleteFunc(all, func(r SysctlReading) bool { return len(r.Values) == 0 && len(r.Doubts) == 0 }), nil
}

func newReading(node string) SysctlReading {
	return SysctlReading{Node: node, Values: map[string]int{}}
}

// nodeLine reads "# node NAME" and "# node/NAME", as `kubectl get nodes -o name`
// has it.
func nodeLine(line string) (name string, ok bool) {
	rest, ok := strings.CutPrefix(line, "#")
	if !ok {
		return "", false
	}
	rest = strings.TrimSpace(rest)
	for _, lead := range []string{"node/", "node "} {
		if name, ok := strings.CutPrefix(rest, lead); ok {
			name = printable(strings.TrimSpace(name))
			return name, name != "" && !strings.ContainsAny(name, " \t")
		}
	}
	return "", false
}

// line takes in one line: "key = value", "key=value" or "/proc/sys/key:value",
// the key with dots or slashes.
func (r *SysctlReading) line(line string) {
	path, ok := strings.CutPrefix(line, "/proc/sys/")
	key, value, split := strings.Cut(line, "=")
	if ok {
		key, value, split = strings.Cut(path, ":")
		if !split {
			key, value, split = strings.Cut(path, "=")
		}
	}
	if !split {
		return
	}
	key, value = strings.ReplaceAll(strings.TrimSpace(key), "/", "."), strings.TrimSpace(value)
	if key == kernelSysctl {
		r.kernel(printable(value))
		return
	}
	if !slices.Contains(readSysctls(), key) {
		return
	}
	n, err := strconv.Atoi(value)
	if err != nil || n < 0 {
		r.doubt(fmt.Sprintf("%s is %q, which is no value of it", shortSysctl(key), printable(value)))
		return
	}
	if old, known := r.Values[key]; known && old != n {
		r.doubt(fmt.Sprintf("%s is both %d and %d", shortSysctl(key), min(old, n), max(old, n)))
		n = min(old, n) // 0 is the one that exposes
	}
	r.Values[key] = n
}

func (r *SysctlReading) kernel(release string) {
	if r.Kernel != "" && r.Kernel != release {
		r.doubt(fmt.Sprintf("the kernel is both %s and %s", r.Kernel, release))
		return
	}
	r.Kernel = release
}

func (r *SysctlReading) doubt(clause string) {
	if !slices.Contains(r.Doubts, clause) {
		r.Doubts = append(r.Doubts, clause)
	}
}

func shortSysctl(name string) string { return strings.TrimPrefix(name, "net.ipv4.vs.") }
