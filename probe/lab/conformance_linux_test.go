package lab

import (
	"context"
	"fmt"
	"net/netip"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/moby/ipvs"
	"github.com/vishvananda/netlink"
	"golang.org/x/sys/unix"

	"kpadvisor/advisor/cluster/clustertest"
	"kpadvisor/probe/lab/rules"
	"kpadvisor/probe/lab/rules/rulestest"
)

// TestUserModeLinuxConformance compares what the lab programs in IPVS mode with
// what the real kube-proxy does for the same Services: virtual and real servers
// with flags, scheduler and weight, members of the sets, addresses of the dummy
// device, iptables rules, and IPVS's sysctls. kube-proxy runs in user-mode Linux for that
// and watches what a real API server said before, outside. In the guest the node's script
// is run too, beside kube-proxies of each mode, one after the other: see checkReports.
func TestUserModeLinuxConformance(t *testing.T) {
	besideOthers(t)
	c := clustertest.Start(t)
	rulestest.SeedNode(t, c)
	rulestest.Seed(t, c, rulestest.OfGuest())
	recording := rulestest.Record(t, c).Save(t, t.TempDir())
	dir, parameter := guestReports(t)
	all := ""
	if *updateReports {
		all = "yes"
	}
	out := inGuestWith(t, []string{parameter, allVariable + "=" + all, binariesVariable + "=" + string(c.Binaries), recordingVariable + "=" + recording},
		"-test.run=^TestIPVSConformanceAsGuest$", "-test.v")
	t.Logf("%s", out)
	if !strings.Contains(out, "lines compared") {
		t.Error("nothing was compared")
	}
	checkReports(t, dir)
}

// What the guest gets to know: the folder of kube-proxy, and the file of a Recording.
const (
	binariesVariable  = "KPADVISOR_GUEST_BINARIES"
	recordingVariable = "KPADVISOR_GUEST_RECORDING"
	allVariable       = "KPADVISOR_GUEST_ALL" // not empty: also reports that no test needs made afresh
)

func TestIPVSConformanceAsGuest(t *testing.T) {
	if os.Getpid() != 1 {
		t.Skip("is started by TestUserModeLinuxConformance in user-mode Linux")
	}
	dir := legacyTools(t)
	if os.Getenv(allVariable) == "" { // a report that is not kept needs no 5 s between its readings
		if err := os.Symlink("/bin/true", filepath.Join(dir, "sleep")); err != nil {
			t.Fatal(err)
		}
	}
	becomeNode(t)
	services := rulestest.OfGuest()
	api := rulestest.Load(t, os.Getenv(recordingVariable)).Replay(t)
	report := func() []byte {
		awaitSync(t, "IPv6", time.Time{}) // nothing changes while it is made
		return must(t, func() ([]byte, error) { return nodeScript(t.Context()) })
	}
	theirs := underKubeProxy(t, api, "ipvs", func() []string {
		dump := must(t, dumpIPVS)
		keepReport(t, "ipvs", report())
		leave(t, api, rulestest.Leaving())
		unmark := plant(t, services[0])
		keepReport(t, "ipvs-planted", report())
		unmark()
		return dump
	})
	ours := must(t, func() ([]string, error) { return programIPVS(t.Context(), rulestest.WithKubernetes(services)) })
	rulestest.Differ(t, theirs, ours)
	keepReport(t, "ipvs-leftovers", underKubeProxy(t, api, "iptables", report))
	if os.Getenv(allVariable) == "" {
		return
	}
	keepReport(t, "iptables-to-ipvs", underKubeProxy(t, api, "ipvs", report))
	// With what both modes left, kube-proxy fails to take either away.
	keepReport(t, "both-to-nftables", underKubeProxy(t, api, "nftables", report))
}

func underKubeProxy[T any](t *testing.T, api *rulestest.Replay, mode string, dump func() T) T {
	t.Helper()
	// A sync that nothing asked for would take away what is planted before it is read.
	return rulestest.Under(t, clustertest.Binaries(os.Getenv(binariesVariable)), api.Kubeconfig, mode, dump, "--ipvs-sync-period=1h")
}

// becomeNode gives the guest the name and the address of the node.
func becomeNode(t *testing.T) {
	t.Helper()
	if err := unix.Sethostname([]byte(rulestest.NodeName)); err != nil {
		t.Fatal(err)
	}
	if err := linkUp("lo"); err != nil {
		t.Fatal(err)
	}
	err := withLink("lo", func(h *netlink.Handle, lo netlink.Link) error {
		return h.AddrAdd(lo, &netlink.Addr{IPNet: ipNet(netip.PrefixFrom(rules.NodeIP(), 32))})
	})
	if err != nil {
		t.Fatal(err)
	}
}

func must[T any](t *testing.T, get func() (T, error)) T {
	t.Helper()
	v, err := get()
	if err != nil {
		t.Fatal(err)
	}
	return v
}

// legacyTools has kube-proxy take the iptables the lab takes, from a folder that comes first.
func legacyTools(t *testing.T) (dir string) {
	t.Helper()
	dir = toolDir(t)
	for _, f := range []string{"iptables", "ip6tables"} {
		for _, what := range []string{"", "-save", "-restore"} {
			path, err := exec.LookPath(f + "-legacy" + what)
			if err != nil {
				t.Fatal(err)
			}
			if err := os.Symlink(path, filepath.Join(dir, f+what)); err != nil {
				t.Fatal(err)
			}
		}
	}
	t.Setenv("PATH", dir+":"+os.Getenv("PATH"))
	return dir
}

// programIPVS programs a new node as the lab does and dumps it. It takes its virtual servers
// away itself: as long as a namespace has some, /proc/net/ip_vs of another leaves some of its
// own out where one read ends and the next begins. The kernel counts those of all up to
// there, and its own alone from there on (ip_vs_info_seq_next, ip_vs_info_array).
func programIPVS(ctx context.Context, services []rules.Service) (dump []string, err error) {
	ns, err := newNamespace()
	if err != nil {
		return nil, err
	}
	defer ns.close()
	err = ns.do(func() error {
		p, err := newIPVSPlane()
		if err != nil {
			return err
		}
		defer p.close()
		if err := p.plan(rules.Diff(nil, services))(ctx); err != nil {
			return err
		}
		if dump, err = dumpIPVS(); err != nil {
			return err
		}
		h, err := ipvs.New("")
		if err != nil {
			return err
		}
		defer h.Close()
		return h.Flush()
	})
	return dump, err
}

// dumpIPVS is all that IPVS mode programs in the calling thread's namespace, a
// line each.
func dumpIPVS() ([]string, error) {
	var lines []string
	for _, dump := range []func() ([]string, error){dumpIPTables, dumpSets, dumpServers, dumpDummy, dumpSysctls} {
		more, err := dump()
		if err != nil {
			return nil, err
		}
		lines = append(lines, more...)
	}
	return lines, nil
}

func dumpIPTables() ([]string, error) {
	out, err := exec.Command("iptables-legacy-save").Output()
	return rulestest.IPTablesLines(string(out)), err
}

// dumpSets leaves out the seed of each set's hash, which is random.
func dumpSets() ([]string, error) {
	out, err := exec.Command("ipset", "save").Output()
	seed := regexp.MustCompile(` initval 0x[0-9a-f]+`)
	lines := strings.Split(seed.ReplaceAllString(strings.TrimSpace(string(out)), ""), "\n")
	return slices.DeleteFunc(lines, func(l string) bool { return strings.Contains(l, " KUBE-6-") }), err // of IPv6
}

func dumpServers() ([]string, error) {
	h, err := ipvs.New("")
	if err != nil {
		return nil, err
	}
	defer h.Close()
	services, err := h.GetServices()
	if err != nil {
		return nil, err
	}
	var lines []string
	for _, s := range services {
		name := fmt.Sprintf("virtual server %d %v:%d", s.Protocol, s.Address, s.Port)
		lines = append(lines, fmt.Sprintf("%s %s flags %#x timeout %d netmask %#x mark %d persistence %q",
			name, s.SchedName, s.Flags, s.Timeout, s.Netmask, s.FWMark, s.PEName))
		real, err := h.GetDestinations(s)
		if err != nil {
			return nil, err
		}
		for _, d := range real {
			lines = append(lines, fmt.Sprintf("%s real server %v:%d weight %d flags %#x thresholds %d %d",
				name, d.Address, d.Port, d.Weight, d.ConnectionFlags, d.LowerThreshold, d.UpperThreshold))
		}
	}
	return lines, nil
}

func dumpDummy() (lines []string, err error) {
	err = withLink(dummyDevice, func(h *netlink.Handle, link netlink.Link) error {
		a := link.Attrs()
		lines = append(lines, fmt.Sprintf("%s type %s flags %v mtu %d", a.Name, link.Type(), a.Flags, a.MTU))
		addrs, err := h.AddrList(link, netlink.FAMILY_ALL)
		for _, addr := range addrs {
			lines = append(lines, fmt.Sprintf("%s %v scope %d flags %#x", a.Name, addr.IPNet, addr.Scope, addr.Flags))
		}
		return err
	})
	return lines, err
}

// dumpSysctls has those of IPVS and those of IPv4 that kube-proxy may set.
func dumpSysctls() ([]string, error) {
	paths, err := filepath.Glob("/proc/sys/net/ipv4/vs/*")
	if err != nil {
		return nil, err
	}
	for _, name := range []string{"ip_forward", "conf/all/route_localnet", "conf/all/arp_ignore", "conf/all/arp_announce"} {
		paths = append(paths, "/proc/sys/net/ipv4/"+name)
	}
	var lines []string
	for _, path := range paths {
		value, err := os.ReadFile(path)
		if err != nil {
			return nil, err
		}
		lines = append(lines, path+" = "+strings.TrimSpace(string(value)))
	}
	return lines, nil
}
