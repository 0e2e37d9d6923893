package report

import (
	"testing"
	"time"

	"kpadvisor/ui/page"

	"kpadvisor/advisor"
	"kpadvisor/advisor/release"
	"kpadvisor/advisor/reuse"
	"kpadvisor/plain"
)

// large is a mixed cluster with everything a report can hold.
func large(t *testing.T) page.Audit {
	t.Helper()
	return page.Audit{Version: "v0.1.0", Facts: largeFacts(), Habits: largeHabits(t), Advice: largeAdvice()}
}

func largeFacts() advisor.Facts {
	group := func(nodes int, os, kernel string, mode advisor.Mode, source string) advisor.NodeGroup {
		return advisor.NodeGroup{
			Nodes: nodes, OS: "linux", Arch: "amd64", OSImage: os, Kernel: kernel, Kubelet: "v1.33.4",
			Proxy: advisor.Proxy{
				Implementation: advisor.KnownFrom(advisor.KubeProxy, source),
				Mode:           advisor.KnownFrom(mode, source),
				Version:        advisor.KnownFrom("v1.33.4", "image of the kube-proxy pods"),
				Evidence:       []advisor.Evidence{{Source: source, Says: string(mode)}},
			},
		}
	}
	ipvs := group(32, "Ubuntu 20.04.6 LTS", "5.4.0-96-generic", advisor.IPVS, "pod argument --proxy-mode")
	ipvs.Proxy.Stale = 2
	ipvs.Proxy.Evidence = append(ipvs.Proxy.Evidence,
		advisor.Evidence{Source: "ConfigMap kube-system/kube-proxy, field mode", Says: "unset", Conflict: true})
	return advisor.Facts{
		Origin: advisor.FromCluster, Name: "prod-eu", TakenAt: time.Date(2026, 11, 23, 16, 4, 0, 0, time.UTC),
		Version:  advisor.KnownFrom("v1.33.4", "/version"),
		Platform: advisor.KnownFrom(advisor.Kubeadm, "ConfigMap kube-system/kubeadm-config"),
		Services: advisor.KnownFrom(advisor.ServiceCounts{
			Total: 4312, Counted: 4088, Headless: 210, ExternalName: 14, ClusterIP: 3896, NodePort: 160,
			LoadBalancer: 32, Ports: 4871, NodePorts: 201, WithoutEndpoints: 77,
		}, "Services"),
		Endpoints: advisor.KnownFrom(advisor.EndpointCounts{
			Slices: 4530, Total: 38771, IPv4: 38771, Ready: 38640, Serving: 38702, Terminating: 131,
			Largest: 812, LargestName: "shop/cart",
		}, "EndpointSlices"),
		Load:  advisor.KnownFrom(advisor.Load{Family: "IPv4", Ports: 4871, PortsWithoutEndpoints: 54, PortsWithOneEndpoint: 1600, Endpoints: 38771}, "EndpointSlices"),
		Nodes: advisor.KnownFrom(212, "Nodes"),
		Groups: []advisor.NodeGroup{
			group(180, "Ubuntu 22.04.5 LTS", "5.15.0-105-generic", advisor.IPTables, "ConfigMap kube-system/kube-proxy, field mode"),
			ipvs,
		},
		Workloads: advisor.UnknownFor[advisor.Workloads](advisor.Forbidden, "deployments.apps"),
		Coverage: advisor.Coverage{Missing: []advisor.Missing{
			{What: "Deployments", Why: advisor.Forbidden, Hides: "how rolling updates replace pods"},
			{What: "EndpointSlices", Why: advisor.Bounded, Hides: "the largest Service", Read: 3000, Total: 4530},
		}},
	}
}

func largeHabits(t *testing.T) advisor.Habits {
	t.Helper()
	h, err := advisor.Habits{}.Set(advisor.HabitConnections, "short", "--connections")
	if err != nil {
		t.Fatal(err)
	}
	if h, err = h.Set(advisor.HabitNewConnections, "300", "answered"); err != nil {
		t.Fatal(err)
	}
	return h
}

func largeAdvice() advisor.Advice {
	reason := func(rule advisor.RuleID, text, source string) advisor.Reason {
		return advisor.Reason{Rule: rule, Text: text, Source: source}
	}
	return advisor.Advice{
		Headline: "nftables on the 180 nodes with kernel 5.15; fix 81775 on the 32 IPVS nodes first",
		Current: []advisor.ModeCount{
			{Mode: advisor.IPTables, Implementation: advisor.KubeProxy, Nodes: 180},
			{Mode: advisor.IPVS, Implementation: advisor.KubeProxy, Nodes: 32},
		},
		Recommended: advisor.NFTables, Action: advisor.Change, Confidence: advisor.Medium,
		ConfidenceBecause: []string{"not everything was read.", "how clients connect is not known (--connections); another answer changes the verdict."},
		First:             []advisor.Reason{reason(advisor.KPA014, "A node image with kernel 5.13 or later on 32 nodes comes before nftables.", "KEP-3866")},
		Groups: []advisor.GroupAdvice{
			{
				Group: "iptables, 5.15.0-105-generic, kube-proxy v1.33.4", Nodes: 180, Mode: advisor.IPTables, To: advisor.NFTables, Weighs: true,
				Can:    map[advisor.Mode]release.Can{advisor.IPTables: release.CanYes, advisor.IPVS: release.CanUnknown, advisor.NFTables: release.CanYes},
				Advice: "May move to nftables now.", Blockers: []string{},
			},
			{
				Group: "IPVS, 5.4.0-96-generic, kube-proxy v1.33.4", Nodes: 32, Mode: advisor.IPVS, To: advisor.NFTables, Weighs: true,
				Can:      map[advisor.Mode]release.Can{advisor.IPTables: release.CanYes, advisor.IPVS: release.CanYes, advisor.NFTables: release.CanNo},
				Advice:   "Stays on IPVS until that is settled: kernel 5.4.0-96-generic is before 5.13: renew the node image.",
				Blockers: []string{"kernel 5.4.0-96-generic is before 5.13: renew the node image"},
			},
		},
		Because: []advisor.Reason{reason(advisor.KPA011, "4,871 ports are above the break-even band of about 2,000 Services", "UK8S guide; kube-proxy 1.22 writes one rule for a port")},
		Ranking: []advisor.Ranked{
			{Mode: advisor.NFTables, Can: release.CanNo, Reasons: []advisor.Reason{
				reason(advisor.KPA011, "flat cost at 4,871 ports", "Kubernetes blog, nftables kube-proxy"),
				reason(advisor.KPA014, "stable since 1.33, the default in 1.40", "KEP-5343"),
			}},
			{Mode: advisor.IPTables, Possible: true, Can: release.CanYes, Reasons: []advisor.Reason{reason(advisor.KPA021, "adds 49 us to each new connection here (estimate)", "KEP-3866 measurements")}},
			{Mode: advisor.IPVS, Can: release.CanUnknown, Reasons: []advisor.Reason{reason(advisor.KPA031, "deprecated in 1.35, refuses to start by default from 1.40", "KEP-5495")}},
		},
		TwoMode: advisor.TwoIPVS, TwoModeWhy: "4,871 ports are above the band near 2,000; were it not for 81775, IPVS.",
		Caveat: "IPVS may send a new connection that reuses a source port within 120 s to a pod that a rollout has destroyed (Kubernetes issue 81775).",
		Reuse: []advisor.Reuse{{
			Group: "IPVS, 5.4.0-96-generic, kube-proxy v1.33.4", Nodes: 32, Mode: advisor.IPVS, Kernel: "5.4.0-96-generic",
			Kubernetes: "v1.33.4", Exposure: reuse.StalePod, Likelihood: reuse.Certain, IfIPVS: reuse.StalePod,
			Why:    "kernel 5.4.0-96 < 5.4.163, and kube-proxy sets conn_reuse_mode 0 below 5.9.",
			Row:    "5.4.59 to 5.4.162, conn_reuse_mode 0 (kernel commit c95c07836fa4)",
			Remedy: []string{"sysctl -w net.ipv4.vs.conn_reuse_mode=1", "run a kernel >= 5.4.163 or >= 5.15.6"},
			Load:   "at 300 new connections per second one client reuses every port inside 120 s",
		}, {
			Group: "iptables, 5.15.0-105-generic, kube-proxy v1.33.4", Nodes: 180, Mode: advisor.IPTables,
			Kernel: "5.15.0-105-generic", Kubernetes: "v1.33.4", Exposure: reuse.NotIPVS, IfIPVS: reuse.Safe,
			Why: "iptables keeps no connection table of its own.",
		}},
		Estimates: []advisor.Estimate{
			{
				Mode: advisor.IPTables, Known: true, Rules: 116313, Chains: 43582, NewConnectionP50Ns: 49000, NewConnectionP99Ns: 96000,
				OneEndpointChange: "one service chain and one endpoint chain", FullSync: "about 2 s", Formula: "rules = 3S + 2E", Source: "kube-proxy v1.33.4, iptables/proxier.go",
			},
			{
				Mode: advisor.IPVS, Known: true, Rules: 22, Chains: 10, Elements: 4871, VirtualServers: 4871, RealServers: 38771,
				OneEndpointChange: "every virtual server is compared", Formula: "real = sum of k", Source: "kube-proxy v1.33.4, ipvs/proxier.go",
			},
			{Mode: advisor.NFTables, Formula: "chains = 15 + S", Source: "kube-proxy v1.37.2, nftables/proxier.go"},
		},
		Curve: advisor.Curve{Known: true, Mode: advisor.IPTables, Here: 4871, Expected: 5111, BandLow: 1400, BandHigh: 3000, RulesPerPort: 1, Lines: []advisor.CurveLine{
			{Mode: advisor.IPTables, Points: []advisor.CurvePoint{{Ports: 100, LowNs: 700, Ns: 1000, HighNs: 1400}, {Ports: 1000, LowNs: 7000, Ns: 10_000, HighNs: 14_000}, {Ports: 4871, LowNs: 35_000, Ns: 49_000, HighNs: 68_000}, {Ports: 10_222, LowNs: 72_000, Ns: 103_000, HighNs: 140_000}}},
			{Mode: advisor.IPVS, Points: []advisor.CurvePoint{{Ports: 100, LowNs: 18_000, Ns: 18_000, HighNs: 18_000}, {Ports: 10_222, LowNs: 18_000, Ns: 18_000, HighNs: 18_000}}},
			{Mode: advisor.NFTables, Points: []advisor.CurvePoint{{Ports: 100, LowNs: 0, Ns: 0, HighNs: 0}, {Ports: 10_222, LowNs: 0, Ns: 0, HighNs: 0}}},
		}},
		Lifecycle: []advisor.Reason{reason(advisor.KPA031, "IPVS is deprecated from 1.35 and removed in 1.43", "KEP-5495")},
		Findings: []advisor.Finding{
			{Rule: advisor.KPA041, Severity: advisor.Critical, Text: "32 IPVS nodes are exposed to 81775", Remedy: "see the remedies above", Source: "kernel commit c95c07836fa4"},
			{Rule: advisor.KPA052, Severity: advisor.Warning, Text: "mode was left unset in the ConfigMap: it flips to nftables at 1.40", Source: "KEP-5343"},
		},
		Growth:     []advisor.Reason{reason(0, "at 20 Services a month the cluster reaches 5,000 in 8 months", "--expected-services")},
		Flips:      []advisor.Flip{{If: "a Linux node with kernel < 5.13", Then: "iptables", To: advisor.IPTables, Act: advisor.Keep}},
		Runbook:    []advisor.Step{{Title: "Write the mode", Text: "Set mode explicitly.", Commands: []string{"kubectl -n kube-system get configmap kube-proxy -o yaml > kube-proxy-before-the-change-of-mode.yaml"}}, {Title: "Replace the nodes one by one"}},
		Unanswered: []advisor.Unanswered{{Habit: advisor.HabitBehindNAT, Changes: "whether 81775 is reached at lower rates"}},
		Unseen:     []advisor.Reason{reason(advisor.KPA061, "live sysctls are not in the API", "facts of the Node object")},
		RulesDate:  "2026-11-23",
	}
}

// bare is a cluster of which hardly anything could be read.
func bare() page.Audit {
	return page.Audit{
		Version: "v0.1.0",
		Facts: advisor.Facts{
			Origin:   advisor.FromDemo,
			Name:     "short",
			Services: advisor.UnknownFor[advisor.ServiceCounts](advisor.TimedOut, "after 30 s"),
			Coverage: advisor.Coverage{Missing: []advisor.Missing{{What: "Services", Why: advisor.TimedOut, Hides: "the size of the cluster"}}},
		},
		Advice: advisor.Advice{
			Headline: "Cannot tell: the Services were not read", Action: advisor.CannotTell,
			TwoMode: advisor.TwoUnknown, TwoModeWhy: "The number of Services is not known.",
			Caveat: "IPVS has issue 81775.",
		},
	}
}

// moving is bare with a move that was asked for.
func moving() page.Audit {
	doc := bare()
	doc.Move = &advisor.Move{
		To: advisor.IPVS, Can: release.CanUnknown,
		Differs: []advisor.Reason{
			{Text: "The advice is another: cannot tell.", Source: "this rule table"},
			{Text: "Whether IPVS can run on every node is not known.", Source: "ranking"},
		},
		Runbook: []advisor.Step{
			{Title: "Before: check, and save what is there", Text: "On each kind of node.", Commands: []string{"modprobe -a ip_vs ip_vs_rr nf_conntrack    # on a node"}},
			{Title: "To go back"},
		},
	}
	return doc
}

func failed() page.Audit {
	return page.Audit{Version: "v0.1.0", Problem: &plain.Problem{
		Sentence: "The API server at https://10.0.0.1:6443 did not answer within 10 s.",
		Remedy:   "check that the VPN is up, or pass --kubeconfig",
	}}
}

// decided is what the rules really say, which no fixture foresees. It is no
// golden: a new rule must not break a test of the layout.
func decided(t *testing.T) page.Audit {
	t.Helper()
	doc := large(t)
	doc.Habits = advisor.Prefill(doc.Facts, doc.Habits)
	doc.Advice = advisor.Decide(doc.Facts, doc.Habits, advisor.Measured{})
	return doc
}
