package advisor

import (
	"bytes"
	"encoding/json"
	"flag"
	"os"
	"path/filepath"
	"slices"
	"testing"
	"time"
)

var update = flag.Bool("update", false, "rewrite testdata/advice")

// scenario is a cluster an expert has an opinion on.
type scenario struct {
	name   string
	facts  Facts
	habits Habits
}

func scenarios() []scenario {
	var out []scenario
	// UK8S in 2019: kube-proxy 1.16, two rules per port, not visible in the API;
	// 20 endpoints per Service as in the test of its guide.
	for _, size := range []struct {
		name     string
		services int
	}{{"0100", 100}, {"0500", 500}, {"1000", 1_000}, {"2000", 2_000}, {"4000", 4_000}} {
		for _, pattern := range []string{"short", "long"} {
			out = append(out, scenario{"uk8s-2019-" + size.name + "-" + pattern, uk8s(size.services), habits("connections", pattern)})
		}
	}
	eks := fleet("v1.34.2-eks-a5ec690", 5_000, 40_000, EKS, linux(120, "6.1.141-155.222.amzn2023.x86_64", "Amazon Linux 2023.7", "v1.34.2-eks-a5ec690", IPTables))
	eks.Groups[0].Proxy.Defaulted = true
	exposed := fleet("v1.20.4", 800, 6_400, Kubeadm, linux(32, "5.4.0-96-generic", "Ubuntu 20.04.6 LTS", "v1.20.4", IPVS))
	safe := fleet("v1.36.2", 3_000, 24_000, Kubeadm, linux(60, "6.12.30", "Debian GNU/Linux 13 (trixie)", "v1.36.2", IPVS))
	rhel8 := fleet("v1.30.4", 1_500, 9_000, OpenShift,
		linux(40, "4.18.0-553.16.1.el8_10.x86_64", "Red Hat Enterprise Linux 8.10 (Ootpa)", "v1.30.4", IPVS),
		linux(8, "4.18.0-305.19.1.el8_4.x86_64", "Red Hat Enterprise Linux 8.4 (Ootpa)", "v1.30.4", IPVS))
	mixed := fleet("v1.33.4", 4_871, 38_640, Kubeadm,
		linux(180, "5.15.0-105-generic", "Ubuntu 22.04.4 LTS", "v1.33.4", IPTables),
		linux(32, "5.4.0-96-generic", "Ubuntu 20.04.6 LTS", "v1.33.4", IPVS))
	huge := fleet("v1.34.4", 5_001, 100_000, Kubeadm, linux(500, "5.15.0-105-generic", "Ubuntu 22.04.4 LTS", "v1.34.4", IPTables))
	small := fleet("v1.33.1", 200, 1_600, Kind, linux(12, "6.1.0-18-amd64", "Debian GNU/Linux 12 (bookworm)", "v1.33.1", IPTables))
	unknown := fleet("", 5_000, 40_000, "", linux(20, "6.1.0-18-amd64", "Debian GNU/Linux 12 (bookworm)", "", IPTables))
	unknown.Version = UnknownFor[string](TimedOut, "GET /version")
	unknown.Coverage.Missing = []Missing{{What: "version", Why: TimedOut, Hides: "which modes exist"}}
	return append(out,
		scenario{"eks-1.34-5000-short", eks, habits("connections", "short")},
		scenario{"eks-1.34-5000-keepalive", eks, habits("connections", "keepalive")},
		scenario{"ipvs-exposed", exposed, habits("connections", "short", "new-connections", "300", "rollouts-per-day", "14")},
		scenario{"ipvs-1.36-safe", safe, habits("connections", "mixed")},
		scenario{"rhel8-fleet", rhel8, Habits{}},
		scenario{"mixed-modes", mixed, Habits{}},
		scenario{"huge-before-1.36", huge, habits("connections", "short")},
		scenario{"small-healthy", small, habits("connections", "short", "draining", "all")},
		scenario{"growth", small, habits("connections", "short", "expected-services", "4000")},
		scenario{"cilium", fleet("v1.34.1", 5_000, 40_000, GKE, instead(50, Cilium)), Habits{}},
		scenario{"kube-router", fleet("v1.30.1", 700, 3_000, K3s, instead(9, KubeRouter)), habits("new-connections", "20", "behind-nat", "yes")},
		scenario{"unknown-version", unknown, Habits{}},
	)
}

func uk8s(services int) Facts {
	g := linux(30, "4.19.0-6", "CentOS Linux 7 (Core)", "v1.16.3", "")
	g.Proxy = Proxy{Implementation: UnknownFor[Implementation](Invisible, "systemd unit"), Mode: UnknownFor[Mode](Invisible, "systemd unit")}
	return fleet("v1.16.3", services, 20*services, UK8S, g)
}

func linux(nodes int, kernel, image, kubelet string, mode Mode) NodeGroup {
	g := NodeGroup{Nodes: nodes, OS: "linux", Arch: "amd64", OSImage: image, Kernel: kernel, Kubelet: kubelet}
	if mode != "" {
		g.Proxy = Proxy{Implementation: KnownFrom(KubeProxy, "DaemonSet kube-system/kube-proxy"), Mode: KnownFrom(mode, "ConfigMap kube-system/kube-proxy")}
	}
	return g
}

func instead(nodes int, impl Implementation) NodeGroup {
	g := linux(nodes, "5.10.50", "Flatcar Container Linux", "", "")
	g.Proxy.Implementation = KnownFrom(impl, "DaemonSet kube-system")
	return g
}

func fleet(version string, services, endpoints int, platform Platform, groups ...NodeGroup) Facts {
	f := Facts{Origin: FromCluster, Name: "golden", TakenAt: time.Date(2026, 11, 23, 12, 0, 0, 0, time.UTC), Groups: groups}
	if version != "" {
		f.Version = KnownFrom(version, "GET /version")
	}
	if platform != "" {
		f.Platform = KnownFrom(platform, "node labels")
	}
	f.Services = KnownFrom(ServiceCounts{Total: services + 20, Counted: services, Headless: 20, ClusterIP: services - 10, NodePort: 10, Ports: services, NodePorts: 10}, "Services")
	f.Endpoints = KnownFrom(EndpointCounts{Slices: services, Total: endpoints, IPv4: endpoints, Ready: endpoints, Serving: endpoints, Largest: 60}, "EndpointSlices")
	f.Load = KnownFrom(Load{Family: "IPv4", Ports: services, Endpoints: endpoints, NodePorts: 10, NodePortEndpoints: 80}, "Services, EndpointSlices")
	n := 0
	for _, g := range groups {
		n += g.Nodes
	}
	f.Nodes = KnownFrom(n, "Nodes")
	return f
}

// TestGolden compares whole pieces of advice. Review a change to a golden as if
// it were code: it is what users read.
func TestGolden(t *testing.T) {
	names := []string{}
	for _, sc := range scenarios() {
		t.Run(sc.name, func(t *testing.T) {
			var got bytes.Buffer
			enc := json.NewEncoder(&got)
			enc.SetEscapeHTML(false)
			enc.SetIndent("", "  ")
			if err := enc.Encode(Decide(sc.facts, sc.habits, Measured{})); err != nil {
				t.Fatal(err)
			}
			file := filepath.Join("testdata", "advice", sc.name+".json")
			if *update {
				if err := os.WriteFile(file, got.Bytes(), 0o644); err != nil {
					t.Fatal(err)
				}
			}
			want, err := os.ReadFile(file)
			if err != nil {
				t.Fatal(err)
			}
			if !bytes.Equal(got.Bytes(), want) {
				t.Errorf("%s differs; go test -update rewrites it\n%s", file, firstDifference(want, got.Bytes()))
			}
		})
		names = append(names, sc.name+".json")
	}
	files, err := os.ReadDir(filepath.Join("testdata", "advice"))
	if err != nil {
		t.Fatal(err)
	}
	for _, f := range files {
		if !slices.Contains(names, f.Name()) {
			t.Errorf("testdata/advice/%s belongs to no scenario", f.Name())
		}
	}
}

func firstDifference(want, got []byte) string {
	w, g := bytes.Split(want, []byte("\n")), bytes.Split(got, []byte("\n"))
	for i := range min(len(w), len(g)) {
		if !bytes.Equal(w[i], g[i]) {
			return "want " + string(w[i]) + "\ngot  " + string(g[i])
		}
	}
	return "one is longer"
}
