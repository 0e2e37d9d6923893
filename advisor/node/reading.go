package node

import (
	"cmp"
	"errors"
	"net"
	"net/netip"
	"strconv"
	"strings"
	"time"

	"kpadvisor/advisor"
	"kpadvisor/advisor/node/habit"
	"kpadvisor/advisor/release"
	"kpadvisor/advisor/reuse"
	"kpadvisor/plain"
)

// source is where facts of a report come from.
func source(what string) string { return advisor.NodeReportSource + ", " + what }

// read turns a report into facts. What is missing or makes no sense stays unknown.
func (r raw) read() advisor.NodeReport {
	out := advisor.NodeReport{Whole: r.whole, Root: r.root()}
	out.Kernel = r.kernel()
	m, whole := r.metrics()
	out.Mode = r.mode(m)
	if out.Mode.State != advisor.Known && out.Mode.Why != advisor.Unreadable {
		out.Inferred = m.infers(whole)
	}
	mode := cmp.Or(out.Mode.Value, out.Inferred.Value)
	out.Version = m.version()
	var override string
	out.Config, override = r.config(out.Mode.Value)
	for _, name := range []string{r.line(SectionNode), override, r.line("hostname")} {
		if out.Node = hostName(name); out.Node != "" {
			break
		}
	}
	out.OSImage = r.osImage()
	out.Backends = r.backends()
	r.sysctls(&out)
	out.Syncs = m.syncs(mode)
	var pending bool
	out.Waiting, pending = m.waiting(r.line("time"))
	out.Rules = m.rules(mode, pending)
	r.rate(&out)
	out.Habits = r.habits()
	r.keptRates(&out)
	if !r.ownNetwork(out) {
		notOwn(&out)
	}
	return out
}

// line is the only line of a section; empty if there is none.
func (r raw) line(name string) string {
	text, ok := r.sections[name].text()
	if text = strings.TrimSpace(text); !ok || len(text) > 1<<10 || strings.Contains(text, "\n") {
		return ""
	}
	return text
}

// why says why a section was not read.
func why[T any](s section, known bool, what string) advisor.Fact[T] {
	switch {
	case !known:
		return advisor.UnknownFor[T](advisor.NotAsked, "")
	case s.cut:
		return advisor.UnknownFor[T](advisor.Bounded, source(what))
	case s.skipped != "":
		return advisor.UnknownFor[T](advisor.Failed, s.skipped)
	case s.status != 0 && s.errs != "":
		return advisor.UnknownFor[T](advisor.Failed, s.errs)
	}
	return advisor.UnknownFor[T](advisor.Unreadable, source(what))
}

// hostName is a word that can be the name of a node; empty for any other.
func hostName(s string) string {
	s = strings.ToLower(s)
	if len(s) > 253 || strings.Trim(s, "abcdefghijklmnopqrstuvwxyz0123456789.-_") != "" {
		return ""
	}
	return s
}

// root reports that the report was read by root.
func (r raw) root() bool {
	text, _ := r.sections["self"].text()
	for line := range strings.Lines(text) {
		if ids, ok := strings.CutPrefix(line, "Uid:"); ok {
			fields := strings.Fields(ids)
			return len(fields) > 1 && fields[1] == "0"
		}
	}
	return false
}

// osImage is the name of the system whose programs the report was read with: the node's, or
// that of a container.
func (r raw) osImage() advisor.Fact[string] {
	s, known := r.sections["os.release"]
	text, ok := s.text()
	for line := range strings.Lines(text) {
		if name, is := strings.CutPrefix(strings.TrimSpace(line), "PRETTY_NAME="); is && ok {
			if name = plain.Line(strings.Trim(name, `"'`), 100); name != "" {
				return advisor.KnownFrom(name, source("/etc/os-release"))
			}
		}
	}
	return why[string](s, known, "/etc/os-release")
}

// kernel is the release, and the stable release where Ubuntu's signature or Debian's
// version tells it.
func (r raw) kernel() advisor.Fact[string] {
	s, known := r.sections["kernel.release"]
	name := r.line("kernel.release")
	k, err := release.ParseKernel(name, "")
	if err != nil || strings.ContainsAny(name, " \t") || !plain.ASCII(name) {
		return why[string](s, known, "/proc/sys/kernel/osrelease")
	}
	for _, line := range []string{r.line("kernel.signature"), "Linux node " + name + " " + r.line("kernel.version")} {
		if more, err := release.ParseKernel(line, ""); err == nil && more.Release == k.Release && more.Text() != k.Release {
			k = more
			break
		}
	}
	return advisor.KnownFrom(k.Text(), source("kernel"))
}

// mode is what kube-proxy answered. Its metrics must not say something else.
func (r raw) mode(m metrics) advisor.Fact[advisor.Mode] {
	s, known := r.sections["kube-proxy.mode"]
	switch mode := advisor.Mode(r.line("kube-proxy.mode")); mode {
	case advisor.IPTables, advisor.IPVS, advisor.NFTables, advisor.Userspace:
		if m.contradicts(mode) {
			return advisor.UnknownFor[advisor.Mode](advisor.Unreadable, "/proxyMode and the metrics contradict each other")
		}
		return advisor.KnownFrom(mode, source("/proxyMode of kube-proxy"))
	}
	return why[advisor.Mode](s, known, "/proxyMode")
}

// ownNetwork reports that what was read of the network is the node's own: a network
// namespace has its own ports, tables and sysctls, and the script may have been run in a
// pod's. It is where kube-proxy answered on a loopback address, where its rules are, where
// the kernel keeps settings that only its first network has (net_core_table), and where the
// name of the node was given, as it is to a pod of ours, which uses the network of its node.
func (r raw) ownNetwork(out advisor.NodeReport) bool {
	b := out.Backends
	settings, _ := r.sections["sysctls"].text()
	return r.line(SectionNode) != "" || out.Mode.IsKnown() && r.onLoopback() || strings.Contains("\n"+settings, "\nnet.core.dev_weight = ") ||
		b.VirtualServers.Value > 0 || b.LegacyChains.Value > 0 || b.NFTChains.Value > 0 || b.NFTables.Value
}

// onLoopback reports that kube-proxy was asked at an address of this network namespace
// alone, as the script does unless it is told otherwise.
func (r raw) onLoopback() bool {
	if _, said := r.sections["kube-proxy.address"]; !said {
		return true
	}
	host, _, err := net.SplitHostPort(r.line("kube-proxy.address"))
	if err != nil {
		return false
	}
	a, err := netip.ParseAddr(host)
	return host == "localhost" || err == nil && a.IsLoopback()
}

// notOwn takes out what may be of the network of a pod. That the kernel has no IPVS is true
// of every network.
func notOwn(out *advisor.NodeReport) {
	const said = "it may be of the network of a pod: no kube-proxy answered on loopback, and it has no rules there"
	if len(out.Sysctls) > 0 {
		out.Sysctls, out.SysctlDoubts = nil, []string{"net.ipv4.vs was read where no kube-proxy answered, which may be the network of a pod"}
	}
	b := &out.Backends
	for _, n := range []*advisor.Fact[int]{
		&out.Conntrack, &out.ConntrackMax, &out.PortLow, &out.PortHigh, &b.LegacyChains, &b.NFTChains, &b.IPSets, &b.VirtualServers,
	} {
		if n.IsKnown() {
			*n = advisor.UnknownFor[int](advisor.Unreadable, said)
		}
	}
	if b.NFTables.IsKnown() {
		b.NFTables = advisor.UnknownFor[bool](advisor.Unreadable, said)
	}
	if out.NewConnections.IsKnown() {
		out.NewConnections, out.AtLeast, out.Over = advisor.UnknownFor[float64](advisor.Unreadable, said), false, 0
	}
	for i, h := range out.Habits {
		if h.Method != advisor.ByProcesses { // which are of all networks
			out.Habits[i] = habit.Failed(h.Method, h.Over, errors.New(said))
		}
	}
}

// sysctls are those that matter.
func (r raw) sysctls(out *advisor.NodeReport) {
	text, ok := r.sections["sysctls"].text()
	if !ok {
		return
	}
	values := r.readSysctls()
	const most = 1_000_000_000
	out.Conntrack = number(values["net.netfilter.nf_conntrack_count"], most, "net.netfilter.nf_conntrack_count")
	out.ConntrackMax = number(values["net.netfilter.nf_conntrack_max"], most, "net.netfilter.nf_conntrack_max")
	if ports := strings.Fields(values["net.ipv4.ip_local_port_range"]); len(ports) == 2 {
		low, high := number(ports[0], 65_535, "net.ipv4.ip_local_port_range"), number(ports[1], 65_535, "net.ipv4.ip_local_port_range")
		if low.IsKnown() && high.IsKnown() && low.Value <= high.Value {
			out.PortLow, out.PortHigh = low, high
		}
	}
	readings, err := reuse.ParseSysctls(text, "")
	if err != nil || len(readings) == 0 {
		return
	}
	out.Sysctls, out.SysctlDoubts = readings[0].Values, readings[0].Doubts
	if len(out.Sysctls) == 0 {
		out.Sysctls = nil
	}
}

// readSysctls are the sysctls by name.
func (r raw) readSysctls() map[string]string {
	text, _ := r.sections["sysctls"].text()
	values := map[string]string{}
	for line := range strings.Lines(text) {
		if key, value, ok := strings.Cut(line, " = "); ok && len(line) < 1<<10 {
			values[key] = strings.TrimSpace(value)
		}
	}
	return values
}

// number is a whole number from 0 to most.
func number(text string, most int, what string) advisor.Fact[int] {
	if text == "" {
		return advisor.Fact[int]{}
	}
	n, err := strconv.Atoi(text)
	if err != nil || n < 0 || n > most {
		return advisor.UnknownFor[int](advisor.Unreadable, source(what))
	}
	return advisor.KnownFrom(n, source(what))
}

// rate is how many connections a second IPVS began between two readings of its counters.
// The rows of the CPUs are added up: the row of the total lags behind them. Where
// conn_reuse_mode is 0, connections on a 5-tuple that is known still are not counted.
func (r raw) rate(out *advisor.NodeReport) {
	s, known := r.sections["ipvs.stats.2"]
	if !known {
		return
	}
	from, until := seconds(r.line("uptime.1")), seconds(r.line("uptime.2"))
	a, readA := r.connections("ipvs.stats.1")
	b, readB := r.connections("ipvs.stats.2")
	took := until - from
	if !readA || !readB || from <= 0 || took < 1 || took > 3_600 || b < a || float64(b-a)/took > 1e8 {
		out.NewConnections = why[float64](s, known, "/proc/net/ip_vs_stats_percpu")
		return
	}
	mode, read := out.Sysctls[reuse.SysctlReuse]
	if out.AtLeast = !read || mode == 0; out.AtLeast && a == b {
		out.AtLeast = false
		out.NewConnections = advisor.UnknownFor[float64](advisor.Unreadable, "with conn_reuse_mode 0 connections on reused 5-tuples are not counted")
		return
	}
	out.NewConnections = advisor.KnownFrom(float64(b-a)/took, source("/proc/net/ip_vs_stats_percpu"))
	out.Over = time.Duration(took * float64(time.Second))
}

// seconds is the first number of /proc/uptime; 0 if there is none.
func seconds(uptime string) float64 {
	first, _, _ := strings.Cut(uptime, " ")
	x, err := strconv.ParseFloat(first, 64)
	if err != nil || !(x > 0 && x < 1e10) {
		return 0
	}
	return x
}

// connections adds up the counters of the CPUs.
func (r raw) connections(name string) (sum uint64, ok bool) {
	text, ok := r.sections[name].text()
	if !ok {
		return 0, false
	}
	return habit.Conns([]byte(text))
}
