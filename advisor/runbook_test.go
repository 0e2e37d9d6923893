package advisor

import (
	"fmt"
	"strings"
	"testing"

	"kpadvisor/advisor/reuse"
)

func allText(steps []Step) string {
	var b strings.Builder
	for _, s := range steps {
		fmt.Fprintln(&b, s.Title, s.Text, strings.Join(s.Commands, "\n"))
	}
	return b.String()
}

// TestRunbookPerPlatform: each platform's own place for the mode, written
// explicitly, and no placeholder left over.
func TestRunbookPerPlatform(t *testing.T) {
	for platform, want := range map[Platform]string{
		Kubeadm: "edit configmap kube-proxy", Kind: "networking.kubeProxyMode: nftables", EKS: `'{"mode":"nftables"}'`, EKSAuto: "Ask AWS",
		AKS: `"mode": "NFTABLES"`, GKE: "Dataplane V2", K3s: "proxy-mode=nftables", RKE2: "/etc/rancher/rke2/config.yaml",
		OpenShift: `proxy-mode to ["nftables"]`, Kops: "spec.kubeProxy.proxyMode: nftables", Talos: "cluster.proxy.mode: nftables",
		UK8S: "ask UK8S support", ACK: "edit configmap kube-proxy-worker", TKE: "key config.", CCE: "new cluster", "": "--proxy-mode=nftables",
	} {
		f := typed(5_000, 40_000, "6.1.0", "v1.36.0", IPTables)
		if platform != "" {
			f.Platform = KnownFrom(platform, "test")
		}
		got := allText(Decide(f, Habits{}, Measured{}).Runbook)
		for _, part := range []string{want, "/proxyMode", "kubeproxy_sync_proxy_rules_duration_seconds", "nftables_sync_failures_total", "To go back", "nft --version"} {
			if !strings.Contains(got, part) {
				t.Errorf("%s: no %q in\n%s", platform, part, got)
			}
		}
		if strings.Contains(got, "MODE ") || strings.Contains(got, "MODE\"") || strings.Contains(got, "--cleanup") {
			t.Errorf("%s: placeholder left, or a clean-up that nftables needs not:\n%s", platform, got)
		}
	}
}

func TestRunbookCleansBetweenIPTablesAndIPVS(t *testing.T) {
	f := typed(200, 2_000, "5.4.100", "v1.28.0", IPVS) // exposed: to iptables
	f.Platform = KnownFrom(Kubeadm, "test")
	if got := allText(Decide(f, Habits{}, Measured{}).Runbook); !strings.Contains(got, "--cleanup") {
		t.Errorf("IPVS to iptables without a clean-up:\n%s", got)
	}
	f.Platform = KnownFrom(UK8S, "test")
	if got := allText(Decide(f, Habits{}, Measured{}).Runbook); strings.Contains(got, "--cleanup") || !strings.Contains(got, "Replace the nodes") {
		t.Errorf("UK8S replaces its nodes:\n%s", got)
	}
}

// TestRunbookClosesIssueFirst: what is assumed of the sysctls is to be read, and
// an exposed IPVS is made safe, before the change.
func TestRunbookClosesIssueFirst(t *testing.T) {
	f := typed(200, 2_000, "5.4.100", "v1.28.0", IPVS)
	got := Decide(f, Habits{}, Measured{}).Runbook
	if len(got) < 3 || !strings.Contains(allText(got[:1]), "--node-report") || !strings.Contains(allText(got[2:3]), "conn_reuse_mode=1") {
		t.Errorf("first and third step: %+v", got)
	}
	f.Groups[0].Proxy.Sysctls = map[string]int{reuse.SysctlReuse: 0}
	if got := allText(Decide(f, Habits{}, Measured{}).Runbook); strings.Contains(got, "node-script") {
		t.Errorf("what was read is to be read again:\n%s", got)
	}
}

func TestNoRunbookWithoutChange(t *testing.T) {
	for _, f := range []Facts{typed(200, 2_000, "6.1.0", "v1.34.0", NFTables), typed(200, 2_000, "6.1.0", "v1.33.0", IPTables), {}} {
		if got := Decide(f, Habits{}, Measured{}).Runbook; len(got) != 0 {
			t.Errorf("nothing to change, and a runbook: %+v", got)
		}
	}
}
