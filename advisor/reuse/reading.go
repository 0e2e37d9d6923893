package reuse

import (
	"bufio"
	"fmt"
	"slices"
	"strconv"
	"strings"

	"kpadvisor/plain"
)

// SysctlReading is what was read of net.ipv4.vs on one node.
type SysctlReading struct {
	Node   string         // as somebody named it; empty if nobody did
	Kernel string         // kernel.osrelease, which is uname -r; empty if it was not read
	Values map[string]int // by full name, those of Sysctls alone
	Doubts []string       // what the text contradicts itself in, a clause each
}

// Sysctls are the sysctls that are looked at; all others are ignored.
func Sysctls() []string {
	return []string{SysctlReuse, SysctlExpire, SysctlConntrack, SysctlOldConntrack}
}

// KernelSysctl is read beside them: it tells which nodes a text is of.
const KernelSysctl = "kernel.osrelease"

// What is more than any cluster has; 5,000 nodes with sysctl -a are 5 MiB of
// lines of net.ipv4.vs alone, and much else.
const (
	maxSysctlLine = 64 << 10
	maxSysctlText = 64 << 20
	maxReadings   = 100_000
)

// ParseSysctls reads the values of net.ipv4.vs out of a text as people have it:
// from sysctl, from grep or cat over /proc/sys, from a file of sysctl.d, from
// YAML, and from many nodes at once by way of pdsh, clush, ansible, "kubectl logs
// --prefix" or a line "# node NAME" before the values of each. node names what
// stands before the first name. Lines that are nothing of the kind are ignored:
// shells, kubectl and sysctl itself say things in between. Readings without any
// value are left out.
func ParseSysctls(text, node string) ([]SysctlReading, error) {
	if len(text) > maxSysctlText {
		return nil, fmt.Errorf("it is longer than %d MiB", maxSysctlText>>20)
	}
	p := readings{all: []SysctlReading{newReading(node)}, byPrefix: map[string]int{}}
	lines := bufio.NewScanner(strings.NewReader(text))
	lines.Buffer(nil, maxSysctlLine)
	for lines.Scan() {
		p.line(strings.TrimSpace(lines.Text()))
		if len(p.all) > maxReadings {
			return nil, fmt.Errorf("it names more than %s nodes", plain.Number(maxReadings))
		}
	}
	if err := lines.Err(); err != nil {
		return nil, fmt.Errorf("a line is longer than %d bytes", maxSysctlLine)
	}
	return slices.DeleteFunc(p.all, func(r SysctlReading) bool { return len(r.Values) == 0 && len(r.Doubts) == 0 }), nil
}

func newReading(node string) SysctlReading {
	return SysctlReading{Node: node, Values: map[string]int{}}
}

// readings is a text as far as it was read.
type readings struct {
	all      []SysctlReading
	current  int            // the reading that lines without a name are of
	byPrefix map[string]int // the readings that lines with a name are of
	ruled    bool           // the line before was a rule of dashes
}

// line takes in one line.
func (p *readings) line(line string) {
	ruled := p.ruled
	p.ruled = len(line) >= 5 && strings.Trim(line, "-") == ""
	name, ok := nodeLine(line)
	if !ok && ruled && !p.ruled { // dshbak: a rule, a name, a rule
		name, ok = nodeName(line)
	}
	if ok {
		p.all = append(p.all, newReading(name))
		p.current = len(p.all) - 1
		return
	}
	prefix, key, value, ok := splitSysctl(line)
	if !ok {
		return
	}
	at := p.current
	if prefix != "" {
		known := false
		if at, known = p.byPrefix[prefix]; !known {
			p.all = append(p.all, newReading(prefix))
			at = len(p.all) - 1
			p.byPrefix[prefix] = at
		}
	}
	p.all[at].value(key, value)
}

// nodeLine reads a line that names the node of those after it: "# node NAME",
// "# node/NAME" as `kubectl get nodes -o name` has it, ansible's "NAME | CHANGED
// | rc=0 >>", pssh's "[1] 10:00:00 [SUCCESS] NAME" and "==> NAME <==".
func nodeLine(line string) (name string, ok bool) {
	if rest, ok := strings.CutPrefix(line, "#"); ok {
		rest = strings.TrimSpace(rest)
		for _, lead := range []string{"node/", "node "} {
			if name, ok := strings.CutPrefix(rest, lead); ok {
				return nodeName(strings.TrimSpace(name))
			}
		}
		return "", false
	}
	if parts := strings.Split(line, " | "); len(parts) > 1 && strings.HasSuffix(line, ">>") {
		return nodeName(parts[0])
	}
	if _, name, ok := strings.Cut(line, " [SUCCESS] "); ok && strings.HasPrefix(line, "[") {
		return nodeName(name)
	}
	if name, ok := strings.CutPrefix(line, "==> "); ok && strings.HasSuffix(name, " <==") {
		return nodeName(strings.TrimSuffix(name, " <=="))
	}
	return "", false
}

// nodeName is a word that can be the name of a node.
func nodeName(s string) (string, bool) {
	s = plain.Text(s)
	return s, s != "" && len(s) <= 253 && !strings.ContainsAny(s, " \t/:=|")
}

// splitSysctl takes a line apart: "key = value", "key=value", "key: value", "key
// value" or "/proc/sys/key:value", the key with dots or slashes, with the name of
// a node before it where there is one. A comment behind the value is left out.
func splitSysctl(line string) (node, key, value string, ok bool) {
	start := -1
	for _, lead := range []string{"net.ipv4.vs.", "net/ipv4/vs/", "kernel.osrelease", "kernel/osrelease"} {
		if i := strings.Index(line, lead); i >= 0 && (start < 0 || i < start) {
			start = i
		}
	}
	if start < 0 {
		return "", "", "", false
	}
	node, ok = prefixNode(strings.TrimSuffix(line[:start], "/proc/sys/"))
	if !ok {
		return "", "", "", false
	}
	rest := line[start:]
	end := strings.IndexFunc(rest, func(r rune) bool { return !strings.ContainsRune("abcdefghijklmnopqrstuvwxyz0123456789_./", r) })
	if end < 0 {
		return "", "", "", false
	}
	key, value = strings.ReplaceAll(rest[:end], "/", "."), strings.TrimLeft(rest[end:], "\" \t")
	if key != KernelSysctl && !slices.Contains(Sysctls(), key) {
		return "", "", "", false
	}
	if value == "" {
		return "", "", "", false
	}
	if value[0] == '=' || value[0] == ':' {
		value = value[1:]
	}
	if i := strings.IndexAny(value, "#;"); i >= 0 {
		value = value[:i]
	}
	value = strings.Trim(value, "\"', \t")
	for _, refusal := range []string{"No such file", "ermission denied", "Input/output error"} {
		if strings.Contains(value, refusal) {
			return "", "", "", false
		}
	}
	return node, key, value, true
}

// prefixNode reads what stands before a key: nothing, a dash of YAML or diff,
// "NAME:" of pdsh, or "[pod/NAME/CONTAINER]" of kubectl. ok is false where it is
// something else, such as a comment, a command or a message.
func prefixNode(s string) (node string, ok bool) {
	s = strings.TrimSpace(s)
	if rest, is := strings.CutPrefix(s, "[pod/"); is {
		pod, after, closed := strings.Cut(rest, "]")
		if after = strings.TrimSpace(after); !closed || after != "" && after != "/proc/sys/" {
			return "", false
		}
		pod, _, _ = strings.Cut(pod, "/")
		if name, is := strings.CutPrefix(pod, "node-debugger-"); is && strings.Contains(name, "-") {
			pod = name[:strings.LastIndexByte(name, '-')] // kubectl debug node/NAME
		}
		return nodeName(pod)
	}
	if name, is := strings.CutSuffix(s, ":"); is {
		if slices.Contains([]string{"sysctl", "grep", "cat", "sh", "bash", "error"}, name) {
			return "", false
		}
		return nodeName(name)
	}
	return "", strings.Trim(s, "-+\"' ") == ""
}

// value takes in the value of one key.
func (r *SysctlReading) value(key, value string) {
	if key == KernelSysctl {
		r.kernel(plain.Text(value))
		return
	}
	n, err := strconv.Atoi(value)
	n, possible := Meant(key, n)
	if err != nil || !possible {
		r.doubt(noValue(key, value))
		return
	}
	if old, known := r.Values[key]; known && old != n {
		r.doubt(fmt.Sprintf("%s is both %d and %d", ShortName(key), min(old, n), max(old, n)))
		n = min(old, n) // 0 is the one that exposes
	}
	r.Values[key] = n
}

// Meant is what a kernel makes of a value of one of Sysctls; ok is false where it means
// nothing. conn_reuse_mode is a bitmap of two bits; the others are switches, of which
// "not 0" is on. All are integers of 32 bits (the kernel's ipvs-sysctl.rst, and
// proc_dointvec in its ip_vs_ctl.c).
func Meant(name string, value int) (meant int, ok bool) {
	switch {
	case value != int(int32(value)):
		return 0, false
	case name == SysctlReuse:
		return value, value >= 0 && value <= 3
	case value != 0:
		return 1, true
	}
	return 0, true
}

// noValue is the doubt about a value that means nothing.
func noValue(name, value string) string {
	return fmt.Sprintf("%s is %q, which is no value of it", ShortName(name), plain.Line(value, shownOfValue))
}

// DoubtImpossible takes the values that mean nothing out of live ones, as a file has
// them, and returns a clause for each. Names may be short; others are left alone.
func DoubtImpossible(live map[string]int) (doubts []string) {
	for _, name := range Sysctls() {
		for _, key := range []string{name, ShortName(name)} {
			value, is := live[key]
			if !is {
				continue
			}
			if meant, ok := Meant(name, value); ok {
				live[key] = meant
				continue
			}
			delete(live, key)
			doubts = append(doubts, noValue(name, strconv.Itoa(value)))
		}
	}
	return doubts
}

// shownOfValue is how much of a wrong value is shown.
const shownOfValue = 40

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

// ShortName writes a sysctl of net.ipv4.vs without its path.
func ShortName(name string) string { return strings.TrimPrefix(name, "net.ipv4.vs.") }
