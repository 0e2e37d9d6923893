package evidence

import (
	"encoding/json"
	"os"
	"path/filepath"
	"reflect"
	"strings"
	"testing"
	"time"

	"kpadvisor/advisor"
)

// TestConfigurations: every file is read as the real kube-proxy v1.37.2 reads it.
// expected.json is what "kube-proxy --config F --write-config-to O" makes of each:
// the mode, or that it refuses to start.
func TestConfigurations(t *testing.T) {
	var want map[string]string
	text, err := os.ReadFile("testdata/configurations/expected.json")
	if err != nil || json.Unmarshal(text, &want) != nil {
		t.Fatal("no expectations", err)
	}
	files, err := filepath.Glob("testdata/configurations/*.conf")
	if err != nil || len(files) != len(want) || len(want) < 99 {
		t.Fatalf("%d files for %d expectations: %v", len(files), len(want), err)
	}
	for _, f := range files {
		text, err := os.ReadFile(f)
		if err != nil {
			t.Fatal(err)
		}
		name := strings.TrimSuffix(filepath.Base(f), ".conf")
		if got, detail := verdict(string(text), "v1.37.2"); got != want[name] {
			t.Errorf("%s: %s (%s), the real one says %s", name, got, detail, want[name])
		}
	}
}

// verdict is the mode that a kube-proxy of a version runs with a configuration.
func verdict(text, version string) (mode, detail string) {
	d, err := parseConfiguration(text)
	if err != nil {
		return "refuses", err.Error()
	}
	c := modeClue(program{}, d.settings(), version, false)
	if c.blocked {
		return "refuses", c.detail
	}
	return string(c.mode), c.says
}

// TestConfigurationOfVersions: what starts depends on the version.
func TestConfigurationOfVersions(t *testing.T) {
	const head = "apiVersion: kubeproxy.config.k8s.io/v1alpha1\nkind: KubeProxyConfiguration\n"
	for _, c := range []struct{ body, version, want string }{
		{"mode: userspace", "v1.25.9", "userspace"},
		{"mode: userspace", "v1.26.0", "refuses"},
		{"mode: nftables", "v1.28.9", "refuses"},
		{"mode: nftables", "v1.30.1", "refuses"},
		{"mode: nftables\nfeatureGates: {NFTablesProxyMode: true}", "v1.30.1", "nftables"},
		{"mode: nftables\nfeatureGates: {AllAlpha: true}", "v1.29.1", "nftables"},
		{"mode: nftables", "v1.31.0", "nftables"},
		{"mode: nftables\nfeatureGates: {NFTablesProxyMode: false}", "v1.31.0", "refuses"},
		{"mode: nftables", "", "nftables"}, // nothing is known against it
		{"mode: ipvs\nfeatureGates: {SupportIPVSProxyMode: true}", "v1.14.8", "ipvs"},
		{"mode: ipvs\nfeatureGates: {SupportIPVSProxyMode: true}", "v1.20.4", "ipvs"},
		{"mode: ipvs\nfeatureGates: {SupportIPVSProxyMode: true}", "v1.21.0", "refuses"},
		{"mode: ipvs\nfeatureGates: {SupportIPVSProxyMode: true}", "", "ipvs"},
		{"mode: ipvs\nfeatureGates: {KubeProxyIPVS: false}", "v1.38.0", "refuses"},
		{"mode: ipvs", "v1.41.0", "ipvs"},
		{"mode: \"\"", "v1.40.0", "nftables"},
	} {
		if got, detail := verdict(head+c.body, c.version); got != c.want {
			t.Errorf("%s of %s: %s (%s), want %s", c.body, c.version, got, detail, c.want)
		}
	}
	if c := modeClue(program{}, settings{mode: "unidling+iptables"}, "v1.23.5", false); !c.blocked {
		t.Error("OpenShift's own mode is none of kube-proxy's")
	}
}

func TestProxyConfig(t *testing.T) {
	d, err := parseConfiguration(`apiVersion: kubeproxy.config.k8s.io/v1alpha1
kind: KubeProxyConfiguration
mode: ipvs
ipvs: {scheduler: lc, strictARP: true, minSyncPeriod: 5s, excludeCIDRs: [10.0.0.0/24]}
iptables: {minSyncPeriod: 0s}
nodePortAddresses: [10.0.0.0/8, primary]
metricsBindAddress: 0.0.0.0:10249
`)
	if err != nil {
		t.Fatal(err)
	}
	s := d.settings()
	c := s.proxyConfig(advisor.IPVS, "here")
	want := &advisor.ProxyConfig{
		MinSyncPeriod:     advisor.KnownFrom(5*time.Second, "here, field ipvs.minSyncPeriod"),
		Scheduler:         advisor.KnownFrom("lc", "here, field ipvs.scheduler"),
		NodePortAddresses: advisor.KnownFrom([]string{"10.0.0.0/8", "primary"}, "here, field nodePortAddresses"),
		TCPBeLiberal:      advisor.KnownFrom(false, "here, field conntrack.tcpBeLiberal"),
		StrictARP:         advisor.KnownFrom(true, "here, field ipvs.strictARP"),
		ExcludeCIDRs:      advisor.KnownFrom([]string{"10.0.0.0/24"}, "here, field ipvs.excludeCIDRs"),
		DetectLocalMode:   advisor.AbsentFrom[string]("here, field detectLocalMode"),
		MetricsOnAll:      advisor.KnownFrom(true, "here, field metricsBindAddress"),
	}
	if !reflect.DeepEqual(c, want) {
		t.Errorf("%+v\nwant %+v", c, want)
	}
	if f := s.proxyConfig(advisor.IPTables, "here"); f.MinSyncPeriod.State != advisor.Absent || f.ExcludeCIDRs.State != advisor.Unknown {
		t.Errorf("0s is the default, and the rest is of IPVS: %+v", f)
	}
	flags, _ := parseArguments([]string{
		"--ipvs-exclude-cidrs=10.0.0.0/24,x", "--iptables-min-sync-period=soon", "--conntrack-tcp-be-liberal=maybe",
	})
	c = flags.proxyConfig(advisor.NFTables, "here")
	if c.MinSyncPeriod.Why != advisor.Unreadable || c.TCPBeLiberal.Why != advisor.Unreadable {
		t.Errorf("%+v", c)
	}
	if c = flags.proxyConfig(advisor.IPVS, "here"); c.ExcludeCIDRs.Why != advisor.Unreadable {
		t.Errorf("%+v", c.ExcludeCIDRs)
	}
	for _, parse := range []func(string) error{
		func(s string) error { _, err := parseDocument(s); return err },
		func(s string) error { _, err := parseConfiguration(s); return err },
	} {
		if parse(strings.Repeat(" ", maxDocument+1)) == nil {
			t.Error("no bound")
		}
	}
}
