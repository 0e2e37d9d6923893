package lab

import (
	"bytes"
	"context"
	"fmt"
	"net"
	"net/netip"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/moby/ipvs"
	"golang.org/x/sys/unix"

	"kpadvisor/advisor"
	"kpadvisor/advisor/autopsy"
	nodereport "kpadvisor/advisor/node"
	"kpadvisor/probe/lab/rules"
	"kpadvisor/probe/lab/rules/rulestest"
)

// nodeScript runs the script of package node as root in the guest, which is the node.
func nodeScript(ctx context.Context) ([]byte, error) {
	cmd := exec.CommandContext(ctx, "sh", "-s")
	var errs bytes.Buffer
	cmd.Stdin, cmd.Stderr = strings.NewReader(nodereport.Script(false)), &errs
	out, err := cmd.Output()
	if err != nil || errs.Len() > 0 {
		return nil, fmt.Errorf("the script: %w, %s", err, &errs)
	}
	// Where the test has its files is nobody's business, and four fifths of the metrics are
	// those of any Go program.
	place := regexp.MustCompile(`"kubeconfig":"[^"]*"`)
	out = place.ReplaceAll(out, []byte(`"kubeconfig":"/var/lib/kube-proxy/kubeconfig"`))
	others := regexp.MustCompile(`(?m)^(# (HELP|TYPE) )?(apiserver_|disabled_|go_|hidden_|kubernetes_feature_|process_|registered_|rest_client_).*\n`)
	return others.ReplaceAll(out, nil), nil
}

// leave connects to a Service of one endpoint, which a pod serves, and has the pod
// terminate, so that kube-proxy gives it weight 0 and waits for the end of the connection.
// It returns when that is so, and the sync that did it has ended.
func leave(t *testing.T, api *rulestest.Replay, s rules.Service) {
	t.Helper()
	here, err := thisNamespace()
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(here.close)
	pod, err := newBackend(here, "leaving", []netip.Addr{s.Endpoints[0].Addr.Addr()})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(pod.close)
	d := net.Dialer{Timeout: time.Minute}
	client, err := d.DialContext(t.Context(), "tcp4", netip.AddrPortFrom(s.ClusterIP, s.Port).String())
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = client.Close() })
	api.Change(t, "/apis/discovery.k8s.io/v1/endpointslices", s.Namespace, s.Name, func(slice map[string]any) {
		for _, e := range slice["endpoints"].([]any) {
			e.(map[string]any)["conditions"] = map[string]bool{"ready": false, "serving": false, "terminating": true}
		}
	})
	until := awaitServers(t, func(vs *ipvs.Service, real []*ipvs.Destination) bool {
		return vs.Address.Equal(s.ClusterIP.AsSlice()) && len(real) == 1 && real[0].Weight == 0 && real[0].ActiveConnections == 1
	})
	awaitSync(t, "IPv4", until)
}

// awaitSync waits until kube-proxy has ended a sync after a time.
func awaitSync(t *testing.T, family string, after time.Time) {
	t.Helper()
	tick := time.NewTicker(time.Second) // in user-mode Linux the metrics themselves take half of that
	defer tick.Stop()
	for deadline := time.Now().Add(patience); !rulestest.LastSync(t.Context(), family).After(after); <-tick.C {
		if time.Now().After(deadline) {
			t.Fatal("kube-proxy does not end its sync of " + family)
		}
	}
}

// thisNamespace is the network namespace of this thread.
func thisNamespace() (*namespace, error) {
	f, err := os.Open("/proc/thread-self/ns/net")
	return &namespace{file: f}, err
}

// awaitServers waits for a virtual server that is as wanted, and returns until when none was.
func awaitServers(t *testing.T, wanted func(vs *ipvs.Service, real []*ipvs.Destination) bool) (until time.Time) {
	t.Helper()
	h, err := ipvs.New("")
	if err != nil {
		t.Fatal(err)
	}
	defer h.Close()
	tick := time.NewTicker(100 * time.Millisecond)
	defer tick.Stop()
	last := time.Now()
	for deadline := last.Add(patience); last.Before(deadline); <-tick.C {
		until, last = last, time.Now()
		services, err := h.GetServices()
		if err != nil {
			t.Fatal(err)
		}
		for _, vs := range services {
			if real, err := h.GetDestinations(vs); err == nil && wanted(vs, real) {
				return until
			}
		}
	}
	t.Fatal("no virtual server became what was waited for")
	return until
}

// patience with a guest on a machine that is busy.
const patience = 20 * time.Minute

// plant puts into IPVS what kube-proxy does not: a virtual server at an address that is
// no Service's, as a load balancer of its own has them, one by firewall mark, and a real
// server of weight 0 that nothing connects to. kube-proxy takes the first and the last
// away in its next sync. The one by mark it tries to, and fails to, for ever, with an error
// in its log each time: unmark takes it away.
func plant(t *testing.T, at rules.Service) (unmark func()) {
	t.Helper()
	h, err := ipvs.New("")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(h.Close)
	foreign := &ipvs.Service{
		AddressFamily: unix.AF_INET, Protocol: unix.IPPROTO_TCP, Address: net.IPv4(203, 0, 113, 10).To4(), Port: 443,
		SchedName: "wrr", Netmask: 0xffffffff,
	}
	mark := &ipvs.Service{AddressFamily: unix.AF_INET, FWMark: 7, SchedName: "wlc", Netmask: 0xffffffff}
	own := virtualServer(at.VirtualServers()[0])
	for _, vs := range []*ipvs.Service{foreign, mark} {
		if err := h.NewService(vs); err != nil {
			t.Fatal(err)
		}
	}
	for _, r := range []struct {
		vs     *ipvs.Service
		last   byte
		weight int
	}{{foreign, 1, 3}, {foreign, 2, 1}, {mark, 3, 1}, {own, 9, 0}} {
		d := realServer(rules.Endpoint{Addr: netip.AddrPortFrom(netip.AddrFrom4([4]byte{10, 130, 250, r.last}), 8443)})
		if d.Weight = r.weight; r.vs == mark {
			d.Port = 0
		}
		if err := h.NewDestination(r.vs, d); err != nil {
			t.Fatal(err)
		}
	}
	return func() {
		if err := h.DelService(mark); err != nil {
			t.Error(err)
		}
	}
}

// checkReports reads the reports that TestUserModeLinuxConformance made: the mode is
// proved by the process, the tables of IPVS are counted right, no rule differs from those
// that kube-proxy writes, and what was planted, what leaves and what one mode leaves beside
// the next is seen, and nothing else.
func checkReports(t *testing.T, dir string) {
	t.Helper()
	var servers []int
	for _, c := range []struct {
		name                    string
		mode                    advisor.Mode
		chains                  bool // of iptables mode, and so leftovers of IPVS
		foreign, draining, idle int
	}{{"ipvs", advisor.IPVS, false, 0, 0, 0}, {"ipvs-planted", advisor.IPVS, false, 2, 1, 1}, {"ipvs-leftovers", advisor.IPTables, true, 1, 1, 1}} {
		text, err := os.ReadFile(filepath.Join(dir, c.name+".txt"))
		if err != nil {
			t.Fatal(err)
		}
		all, err := autopsy.Parse(text)
		if err != nil || len(all) != 1 {
			t.Fatalf("%s: %d reports, %v", c.name, len(all), err)
		}
		r := all[0]
		if !r.Whole || !r.Root || r.Node != rulestest.NodeName || r.Mode.Value != c.mode || r.Version.Value != "v1.37.2" {
			t.Errorf("%s: whole %t, root %t, %s, %v, %v", c.name, r.Whole, r.Root, r.Node, r.Mode, r.Version)
		}
		if b := r.Backends; b.IPSets.Value != 2*len(rules.IPSets()) || (b.LegacyChains.Value > 50) != c.chains || b.NFTables.Value {
			t.Errorf("%s: %+v", c.name, b)
		}
		if r.Sysctls["net.ipv4.vs.conntrack"] != 1 || r.Sysctls["net.ipv4.vs.expire_nodest_conn"] != 1 {
			t.Errorf("%s: %v", c.name, r.Sysctls)
		}
		if a := r.Autopsy; a == nil || a.IPVS == nil || a.IPVS.Foreign.Or(-1) != c.foreign || a.IPVS.Draining != c.draining || a.IPVS.Idle != c.idle ||
			a.Rules.Compared.Value < 40 || len(a.Rules.Differ) > 0 || (len(a.Leftovers) > 0) != c.chains {
			t.Errorf("%s: %+v", c.name, a)
		}
		servers = append(servers, r.Backends.VirtualServers.Value)
	}
	ours := 0
	for _, s := range rulestest.WithKubernetes(rulestest.OfGuest()) {
		ours += len(s.VirtualServers())
	}
	// A NodePort is open on each address of the node: a pod's link is one more.
	if servers[0] != ours || servers[1] <= ours+2 || servers[2] < servers[1]-2 {
		t.Errorf("%d virtual servers, of which we know %d; with what was planted %d, left over %d", servers[0], ours, servers[1], servers[2])
	}
}
