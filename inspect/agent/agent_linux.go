package agent

import (
	"context"
	"errors"
	"io"
	"io/fs"
	"net/http"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"time"

	"kpadvisor/advisor/node"
)

// Where kube-proxy answers on its node.
const (
	metricsAddress = "127.0.0.1:10249"
	healthAddress  = "127.0.0.1:10256"
)

// Bounds of what is read.
const (
	mostBytes    = 4 << 20 // of a section
	mostSettings = 200     // of one folder
	askFor       = 10 * time.Second
	ratesFor     = 5 * time.Second // between two readings of counters, where nothing else is measured
)

// Write reads the node and writes one report to to. What cannot be read is told in the
// report; the error is of writing it. If ctx ends, what was counted until then is written.
func Write(ctx context.Context, to io.Writer, o Options) error {
	if err := o.Validate(); err != nil {
		return err
	}
	return newAgent(to, o).write(ctx)
}

// agent is one run of Write.
type agent struct {
	Options
	w       *node.Writer
	root    string // of the file system
	metrics string // addresses of kube-proxy
	health  string
	client  *http.Client
	started time.Time
}

func newAgent(to io.Writer, o Options) *agent {
	return &agent{
		Options: o, w: node.NewWriter(to), root: "/", started: time.Now(),
		metrics: metricsAddress, health: healthAddress,
		client: &http.Client{
			Timeout: askFor,
			// No Proxy: none is asked for the node's own loopback.
			Transport:     &http.Transport{DisableKeepAlives: true, MaxResponseHeaderBytes: 64 << 10},
			CheckRedirect: func(*http.Request, []*http.Request) error { return errors.New("it redirects to somewhere else") },
		},
	}
}

// now is the time on the agent's own clock, which nobody sets.
func (a *agent) now() time.Duration { return time.Since(a.started) }

func (a *agent) write(ctx context.Context) error {
	a.itself()
	a.proxy(ctx)
	a.w.Section("sysctls", a.settings(sysctls()), nil)
	a.modules()
	a.file("iptables.legacy.tables", "/proc/net/ip_tables_names")
	a.file("ip6tables.legacy.tables", "/proc/net/ip6_tables_names")
	a.file("links", "/proc/net/dev")
	a.file("ipvs.services", "/proc/net/ip_vs")
	a.addresses()
	a.rates(ctx)
	a.file("ipvs.services.2", "/proc/net/ip_vs")
	if a.Deep {
		a.inventory()
	}
	return a.w.Close()
}

// itself is what the node is.
func (a *agent) itself() {
	if a.Node != "" {
		a.w.Section(node.SectionNode, []byte(a.Node), nil)
	}
	a.file("hostname", "/proc/sys/kernel/hostname")
	a.file("kernel.release", "/proc/sys/kernel/osrelease")
	a.file("kernel.version", "/proc/sys/kernel/version")
	a.file("kernel.signature", "/proc/version_signature")
	a.file("self", "/proc/self/status")
}

// proxy is what kube-proxy says.
func (a *agent) proxy(ctx context.Context) {
	a.w.Section("kube-proxy.address", []byte(a.metrics), nil)
	a.page(ctx, "kube-proxy.mode", a.metrics, "/proxyMode")
	a.page(ctx, "kube-proxy.config", a.metrics, "/configz")
	a.page(ctx, "kube-proxy.metrics", a.metrics, "/metrics")
	a.w.Section("time", strconv.AppendInt(nil, time.Now().Unix(), 10), nil) // of the metrics
	a.page(ctx, "kube-proxy.healthz", a.health, "/healthz")
}

func (a *agent) page(ctx context.Context, name, address, path string) {
	text, err := a.fetch(ctx, "http://"+address+path)
	a.w.Section(name, text, err)
}

func (a *agent) fetch(ctx context.Context, url string) ([]byte, error) {
	request, err := http.NewRequestWithContext(ctx, http.MethodGet, url, nil)
	if err != nil {
		return nil, err
	}
	answer, err := a.client.Do(request)
	if err != nil {
		return nil, err
	}
	defer func() { _ = answer.Body.Close() }()
	text, err := bounded(answer.Body, mostBytes)
	if err == nil && answer.StatusCode != http.StatusOK {
		err = errors.New("it answers " + answer.Status)
	}
	return text, err
}

// file is a section of a file, if there is one.
func (a *agent) file(name, path string) {
	text, err := a.read(path, mostBytes)
	switch {
	case errors.Is(err, fs.ErrNotExist):
	case errors.Is(err, fs.ErrPermission):
		a.w.Skipped(name, "not readable by this user")
	default:
		a.w.Section(name, text, err)
	}
}

// read reads so many bytes of a file at most. Of a longer one it returns these, and errLong.
func (a *agent) read(path string, most int64) ([]byte, error) {
	f, err := os.Open(filepath.Join(a.root, path))
	if err != nil {
		return nil, err
	}
	defer func() { _ = f.Close() }()
	return bounded(f, most)
}

// errLong is of what is longer than what is read of it.
var errLong = errors.New("it is longer than what is read of one thing")

// bounded reads so many bytes, and tells if there are more.
func bounded(r io.Reader, most int64) ([]byte, error) {
	text, err := io.ReadAll(io.LimitReader(r, most+1))
	if err == nil && int64(len(text)) > most {
		text, err = text[:most], errLong
	}
	return text, err
}

// sysctls are those that are read: as many as the script of package node reads.
func sysctls() []string {
	return []string{
		"net/ipv4/vs/*", "net/ipv4/ip_forward", "net/ipv4/ip_local_port_range", "net/ipv4/ip_local_reserved_ports",
		"net/ipv4/tcp_tw_reuse", "net/ipv4/tcp_fin_timeout", "net/ipv4/conf/all/route_localnet",
		"net/netfilter/nf_conntrack_*", "net/core/dev_weight",
	}
}

// settings prints files of /proc/sys as sysctl does. What cannot be read is left out.
func (a *agent) settings(patterns []string) []byte {
	var out []byte
	base := filepath.Join(a.root, "/proc/sys")
	for _, pattern := range patterns {
		names, err := filepath.Glob(filepath.Join(base, pattern))
		if err != nil {
			continue
		}
		for _, name := range names[:min(len(names), mostSettings)] {
			key, _ := filepath.Rel(base, name)
			if value, err := a.read(filepath.Join("/proc/sys", key), 4<<10); err == nil {
				out = append(out, strings.ReplaceAll(key, "/", ".")+" = "+strings.TrimSpace(string(value))+"\n"...)
			}
		}
	}
	return out
}

// setting is a number of /proc/sys, and -1 if there is none.
func (a *agent) setting(name string) int {
	text, err := a.read(filepath.Join("/proc/sys", name), 4<<10)
	if err != nil {
		return -1
	}
	n, err := strconv.Atoi(strings.TrimSpace(string(text)))
	if err != nil || n < 0 {
		return -1
	}
	return n
}

// modules are those that are loaded, or at least the names that /sys has.
func (a *agent) modules() {
	text, err := a.read("/proc/modules", mostBytes)
	if err == nil {
		a.w.Section("modules", text, nil)
		return
	}
	entries, err := os.ReadDir(filepath.Join(a.root, "/sys/module"))
	var names strings.Builder
	for _, e := range entries[:min(len(entries), 10_000)] {
		names.WriteString(e.Name() + "\n")
	}
	a.w.Section("modules", []byte(names.String()), err)
}

// rates reads the counters of IPVS twice, and between them counts connections in all
// ways that were asked for.
func (a *agent) rates(ctx context.Context) {
	const percpu = "/proc/net/ip_vs_stats_percpu"
	_, err := os.Stat(filepath.Join(a.root, percpu))
	ipvs := err == nil
	if ipvs {
		a.file("uptime.1", "/proc/uptime")
		a.file("ipvs.stats.1", percpu)
	}
	switch {
	case a.measures():
		a.measure(ctx)
	case ipvs:
		pause(ctx, ratesFor)
	}
	if ipvs {
		a.file("uptime.2", "/proc/uptime")
		a.file("ipvs.stats.2", percpu)
	}
}

// pause waits, and reports that the time is over and ctx is not.
func pause(ctx context.Context, d time.Duration) bool {
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-timer.C:
		return true
	case <-ctx.Done():
		return false
	}
}
