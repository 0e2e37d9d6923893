package cluster

import (
	"reflect"
	"strings"
	"testing"

	"kpadvisor/advisor"
)

// group of a snapshot: n nodes in a mode, empty for one that was not seen.
func groupIn(n int, mode advisor.Mode, kernel string) advisor.NodeGroup {
	g := advisor.NodeGroup{Nodes: n, OS: "linux", Kernel: kernel, Kubelet: "v1.33.4"}
	if mode != "" {
		g.Proxy.Implementation = advisor.KnownFrom(advisor.KubeProxy, "seen")
		g.Proxy.Mode = advisor.KnownFrom(mode, "seen")
	}
	return g
}

// TestCompleteMode: what was seen is never overruled, and what contradicts it is
// kept and said.
func TestCompleteMode(t *testing.T) {
	cilium := advisor.NodeGroup{Nodes: 2, OS: "linux", Proxy: advisor.Proxy{
		Implementation: advisor.KnownFrom(advisor.Cilium, "seen"), Mode: advisor.AbsentFrom[advisor.Mode]("seen"),
	}}
	modeless := advisor.NodeGroup{Nodes: 2, OS: "linux", Proxy: advisor.Proxy{Implementation: advisor.KnownFrom(advisor.KubeProxy, "seen")}}
	windows := groupIn(1, "", "10.0.20348")
	windows.OS = "windows"
	fargate := groupIn(1, "", "5.10.2")
	fargate.Managed = "Fargate"
	spared := groupIn(1, "", "6.8")
	spared.Spared = "its taint a:NoSchedule"
	for _, tt := range []struct {
		name     string
		group    advisor.NodeGroup
		mode     advisor.Mode
		want     advisor.Fact[advisor.Mode]
		impl     advisor.State
		conflict bool
		said     string
	}{
		{"not seen", groupIn(3, "", "6.8"), advisor.IPVS, advisor.KnownFrom(advisor.IPVS, "--proxy-mode"), advisor.Known, false, ""},
		{"not seen, and none", groupIn(3, "", "6.8"), noProxy, advisor.AbsentFrom[advisor.Mode]("--proxy-mode"), advisor.Absent, false, ""},
		{"seen and the same", groupIn(3, advisor.IPVS, "6.8"), advisor.IPVS, advisor.KnownFrom(advisor.IPVS, "seen"), advisor.Known, false, ""},
		{"seen and another", groupIn(3, advisor.IPVS, "6.8"), advisor.NFTables, advisor.KnownFrom(advisor.IPVS, "seen"), advisor.Known, true, "--proxy-mode nftables is not used, because what was read shows another mode: ipvs (3 nodes)."},
		{"seen, and none", groupIn(1, advisor.IPVS, "6.8"), noProxy, advisor.KnownFrom(advisor.IPVS, "seen"), advisor.Known, true, "ipvs (1 node)"},
		{"seen without its mode", modeless, advisor.IPVS, advisor.KnownFrom(advisor.IPVS, "--proxy-mode"), advisor.Known, false, ""},
		{"seen without its mode, and none", modeless, noProxy, advisor.Fact[advisor.Mode]{}, advisor.Known, true, "kube-proxy (2 nodes)"},
		{"replaced", cilium, advisor.IPVS, cilium.Proxy.Mode, advisor.Known, true, "Cilium (2 nodes)"},
		{"replaced, and none", cilium, noProxy, cilium.Proxy.Mode, advisor.Known, false, ""},
		{"Windows", windows, advisor.IPVS, advisor.Fact[advisor.Mode]{}, advisor.Unknown, false, ""},
		{"Fargate", fargate, advisor.IPVS, advisor.Fact[advisor.Mode]{}, advisor.Unknown, false, ""},
		{"spared by the DaemonSet", spared, advisor.IPVS, advisor.KnownFrom(advisor.IPVS, "--proxy-mode"), advisor.Known, false, ""},
	} {
		for _, origin := range []advisor.Origin{advisor.FromCluster, advisor.FromSnapshot, advisor.FromDemo} {
			in := advisor.Facts{Origin: origin, Groups: []advisor.NodeGroup{tt.group}}
			f, said, err := Complete(in, TypedFacts{ProxyMode: string(tt.mode)})
			if err != nil {
				t.Fatal(err)
			}
			g := f.Groups[0]
			if g.Proxy.Mode != tt.want || g.Proxy.Implementation.State != tt.impl || f.Origin != origin {
				t.Errorf("%s: %+v, want %+v", tt.name, g.Proxy, tt.want)
			}
			conflict := len(g.Proxy.Evidence) > 0 && g.Proxy.Evidence[len(g.Proxy.Evidence)-1].Conflict
			if text := strings.Join(said, "\n"); conflict != tt.conflict || (tt.said == "") != (text == "") || !strings.Contains(text, tt.said) {
				t.Errorf("%s: conflict %v, said %q, want %q", tt.name, conflict, text, tt.said)
			}
			if g.Proxy.Mode.IsKnown() && g.Spared != "" {
				t.Errorf("%s: still spared: %+v", tt.name, g)
			}
			if len(in.Groups[0].Proxy.Evidence) != 0 || !reflect.DeepEqual(in.Groups[0], tt.group) {
				t.Errorf("%s: the facts given have changed", tt.name)
			}
			again, _, err := Complete(f, TypedFacts{ProxyMode: string(tt.mode)})
			if err != nil || !reflect.DeepEqual(again, f) {
				t.Errorf("%s: completed twice is something else", tt.name)
			}
		}
	}
}

// TestCompleteKernel fills in kernels that were not read, and takes the longer
// text of the same kernel for the better one.
func TestCompleteKernel(t *testing.T) {
	for _, tt := range []struct{ seen, given, want, said string }{
		{"", "5.15.0-105-generic", "5.15.0-105-generic", ""},
		{"5.15.0-105-generic", "5.15.0-105-generic", "5.15.0-105-generic", ""},
		{"5.15.0-105-generic", "5.15.0", "5.15.0-105-generic", ""},
		{"5.4.0-150-generic", "5.15.0", "5.4.0-150-generic", "--kernel 5.15.0 is not used, because what was read shows another kernel: 5.4.0-150-generic (2 nodes)."},
	} {
		f, said, err := Complete(advisor.Facts{Groups: []advisor.NodeGroup{groupIn(2, advisor.IPVS, tt.seen)}}, TypedFacts{Kernel: tt.given})
		if err != nil || f.Groups[0].Kernel != tt.want || strings.Join(said, "") != tt.said {
			t.Errorf("%q given %q: %q, %q, %v", tt.seen, tt.given, f.Groups[0].Kernel, said, err)
		}
	}
	for _, tt := range []struct {
		text, release string
		want          bool
	}{
		{"Ubuntu 5.4.0-96.109-generic 5.4.157", "5.4.0-96-generic", true},
		{"Ubuntu 5.4.0-96.109-generic 5.4.157", "5.4.0-97-generic", false},
		{"Linux n1 5.10.0-10-amd64 #1 SMP Debian 5.10.84-1 (2021-12-08) x86_64 GNU/Linux", "5.10.0-10-amd64", true},
		{"5.4.0-96-generic", "5.4.0-96-generic", false}, // says no more
	} {
		if got := namesKernel(tt.text, tt.release); got != tt.want {
			t.Errorf("%q names %q: %v", tt.text, tt.release, got)
		}
	}
}

func TestSameVersion(t *testing.T) {
	for _, tt := range []struct {
		a, b string
		want bool
	}{
		{"1.33", "v1.33.4", true},
		{"v1.33.4", "v1.33.4-eks-3abbec1", true},
		{"1.30+", "v1.30.7", true},
		{"1.3", "v1.33.4", false},
		{"1.33.4", "v1.33.41", false},
		{"1.34", "v1.33.4", false},
		{"", "v1.33.4", false},
	} {
		if sameVersion(tt.a, tt.b) != tt.want || sameVersion(tt.b, tt.a) != tt.want {
			t.Errorf("%q and %q: not %v", tt.a, tt.b, tt.want)
		}
	}
}

// TestComplete fills in what a read left open, of every kind.
func TestComplete(t *testing.T) {
	open := advisor.Facts{
		Origin:   advisor.FromSnapshot,
		Services: advisor.UnknownFor[advisor.ServiceCounts](advisor.Forbidden, ""),
		Coverage: advisor.Coverage{Missing: []advisor.Missing{{What: "Nodes", Why: advisor.Forbidden, Hides: "kernels"}}},
	}
	f, said, err := Complete(open, TypedFacts{
		Services: 10, Endpoints: 25, Nodes: 3, Kernel: "6.8.0", KubernetesVersion: "1.33.4", ProxyMode: "ipvs",
	})
	if err != nil || len(said) > 0 {
		t.Fatal(err, said)
	}
	check(t, "load", f.Load, advisor.Load{Family: "IPv4", Ports: 10, Endpoints: 25})
	check(t, "nodes", f.Nodes, 3)
	check(t, "version", f.Version, "v1.33.4")
	g := f.Groups[0]
	check(t, "kube-proxy's version", g.Proxy.Version, "v1.33.4")
	check(t, "mode", g.Proxy.Mode, advisor.IPVS)
	if g.Kernel != "6.8.0" || g.Kubelet != "" || f.Origin != advisor.FromSnapshot || f.Coverage.Complete() {
		t.Errorf("completed %+v", f)
	}
	if open.Coverage.Missing[0].What != "Nodes" || f.Coverage.Missing[0].What == "Nodes" {
		t.Errorf("coverage %+v of %+v", f.Coverage, open.Coverage)
	}

	read := advisor.Facts{
		Services: advisor.KnownFrom(advisor.ServiceCounts{Total: 4, Counted: 3, Ports: 6}, "Services"),
		Nodes:    advisor.KnownFrom(2, "Nodes"), Version: advisor.KnownFrom("v1.33.4", "GET /version"),
		Groups: []advisor.NodeGroup{groupIn(2, advisor.IPVS, "6.8.0")},
	}
	f, said, err = Complete(read, TypedFacts{Services: 10, Endpoints: 12, Nodes: 3, KubernetesVersion: "1.31"})
	if err != nil {
		t.Fatal(err)
	}
	check(t, "load of the ports that were read", f.Load, advisor.Load{Family: "IPv4", Ports: 6, Endpoints: 12})
	check(t, "version", f.Version, "v1.33.4")
	text := strings.Join(said, " ")
	for _, want := range []string{"--services 10 is not used, because 4 Services were read.", "--nodes 3 is not used", "--kubernetes-version 1.31 is not used", "v1.33.4 (2 nodes)"} {
		if !strings.Contains(text, want) {
			t.Errorf("%q does not say %q", text, want)
		}
	}
	if _, _, err := Complete(read, TypedFacts{Kernel: "Linux"}); err == nil {
		t.Error("a kernel that is none is taken")
	}
}
