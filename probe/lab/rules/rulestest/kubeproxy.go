package rulestest

import (
	"bytes"
	"context"
	"io"
	"net/http"
	"os/exec"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"kpadvisor/advisor/cluster/clustertest"
	"kpadvisor/probe/lab/rules"
)

// UnderKubeProxy runs kube-proxy in a mode until it has synced, then dumps. What
// it programmed stays.
func UnderKubeProxy[T any](t *testing.T, c *clustertest.Cluster, mode string, dump func() T) T {
	t.Helper()
	return Under(t, c.Binaries, clustertest.Kubeconfig(t, "c", c.Admin), mode, dump)
}

// Under is UnderKubeProxy with the API server of a kubeconfig, and with more flags.
func Under[T any](t *testing.T, b clustertest.Binaries, kubeconfig, mode string, dump func() T, flags ...string) T {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), 15*time.Minute) // user-mode Linux on a busy machine
	defer cancel()
	var log bytes.Buffer
	// By flags: to watch a configuration file takes inotify, which a small kernel has not.
	flags = append(flags, "--proxy-mode="+mode, "--hostname-override="+NodeName,
		"--cluster-cidr="+rules.PodCIDR().String(), "--kubeconfig="+kubeconfig,
		"--healthz-bind-address=127.0.0.1:10256", "--metrics-bind-address="+metricsAddress,
		"--conntrack-max-per-core=0", "--conntrack-min=0",
		"--conntrack-tcp-timeout-established=0", "--conntrack-tcp-timeout-close-wait=0")
	cmd := exec.CommandContext(ctx, b.Path("kube-proxy"), flags...)
	cmd.Stdout, cmd.Stderr = &log, &log
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	ended := make(chan struct{})
	go func() {
		_ = cmd.Wait() // killed, as it should be
		close(ended)
	}()
	tick := time.NewTicker(time.Second) // in user-mode Linux the page itself takes half of that
	defer tick.Stop()
	for !synced(ctx) {
		select {
		case <-tick.C:
		case <-ended: // by itself, or with ctx
			t.Fatalf("kube-proxy did not sync:\n%s", &log)
		}
	}
	out := dump()
	_ = cmd.Process.Kill()
	<-ended
	for l := range strings.Lines(log.String()) {
		if strings.HasPrefix(l, "E") && !slices.ContainsFunc(harmless(), func(of string) bool { return strings.Contains(l, of) }) {
			t.Errorf("kube-proxy complained in %s mode: %s", mode, l)
		}
	}
	return out
}

// harmless are the complaints of a kube-proxy that does what it should.
func harmless() []string {
	return []string{
		"may be incomplete or incorrect",             // that NodePorts are open on all addresses
		"has been deprecated",                        // IPVS mode
		"failed to collect nfacct counter",           // who asks for metrics before the first sync
		"Failed to execute iptables-restore\" err=<", // of a cleanup, with the rules of two modes left
		"Failed to list existing sets",               // of its table, before it is there
	}
}

const metricsAddress = "127.0.0.1:10249"

// synced reports whether kube-proxy has ended its first sync. Its /healthz says healthy
// before that.
func synced(ctx context.Context) bool { return !LastSync(ctx, "IPv4").IsZero() }

// LastSync is when the kube-proxy that runs ended its last sync of a family, IPv4 or IPv6,
// that went well; zero if it has not.
func LastSync(ctx context.Context, family string) time.Time {
	request, err := http.NewRequestWithContext(ctx, http.MethodGet, "http://"+metricsAddress+"/metrics", nil)
	if err != nil {
		return time.Time{}
	}
	answer, err := http.DefaultClient.Do(request)
	if err != nil {
		return time.Time{}
	}
	defer answer.Body.Close()
	body, err := io.ReadAll(answer.Body)
	if err != nil {
		return time.Time{}
	}
	for l := range strings.Lines(string(body)) {
		name, value, _ := strings.Cut(strings.TrimSpace(l), " ")
		if !strings.HasPrefix(name, "kubeproxy_sync_proxy_rules_last_timestamp_seconds") || !strings.Contains(name, family) {
			continue
		}
		if seconds, err := strconv.ParseFloat(value, 64); err == nil && seconds > 0 {
			return time.UnixMicro(int64(seconds * 1e6))
		}
	}
	return time.Time{}
}
