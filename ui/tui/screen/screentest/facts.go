package screentest

import (
	"time"

	"kpadvisor/advisor"
)

// Facts is a cluster with two modes and something it did not let us read.
func Facts() advisor.Facts {
	from := "test"
	return advisor.Facts{
		Origin: advisor.FromCluster, Name: "prod-eu",
		TakenAt:  time.Date(2026, 11, 23, 16, 0, 0, 0, time.UTC),
		Version:  advisor.KnownFrom("v1.33.4", from),
		Platform: advisor.KnownFrom(advisor.Kubeadm, from),
		Services: advisor.KnownFrom(advisor.ServiceCounts{
			Total: 4312, Counted: 4088, Headless: 210, ExternalName: 14, ClusterIP: 3896, NodePort: 160,
			LoadBalancer: 32, Ports: 4871, NodePorts: 196, WithoutEndpoints: 41, SessionAffinity: 12,
		}, from),
		Endpoints: advisor.KnownFrom(advisor.EndpointCounts{
			Slices: 4530, Total: 38771, IPv4: 38771, Ready: 38640, Serving: 38700, Terminating: 131, Largest: 812, LargestName: "shop/cart",
		}, from),
		Nodes: advisor.KnownFrom(212, from),
		Groups: []advisor.NodeGroup{
			{
				Nodes: 180, OS: "linux", Arch: "amd64", OSImage: "Ubuntu 22.04.4 LTS", Kernel: "5.15.0-105-generic", Kubelet: "v1.33.4",
				Proxy: advisor.Proxy{
					Implementation: advisor.KnownFrom(advisor.KubeProxy, from), Mode: advisor.KnownFrom(advisor.IPTables, from),
					Version:  advisor.KnownFrom("v1.33.4", from),
					Evidence: []advisor.Evidence{{Source: "ConfigMap kube-system/kube-proxy, field mode", Says: "iptables"}},
				},
			},
			{
				Nodes: 32, OS: "linux", Arch: "arm64", OSImage: "Ubuntu 20.04.6 LTS", Kernel: "5.4.0-96-generic", Kubelet: "v1.33.4",
				Proxy: advisor.Proxy{
					Implementation: advisor.KnownFrom(advisor.KubeProxy, from), Mode: advisor.KnownFrom(advisor.IPVS, from),
					Version: advisor.KnownFrom("v1.33.4", from), Stale: 2,
					Evidence: []advisor.Evidence{
						{Source: "pod args", Says: "--proxy-mode=ipvs"},
						{Source: "ConfigMap kube-system/kube-proxy, field mode", Says: "iptables", Conflict: true},
					},
				},
			},
		},
		RolloutsPerDay: advisor.KnownFrom(14.0, "98 ReplicaSets of 41 Deployments in 7 days"),
		Workloads:      advisor.UnknownFor[advisor.Workloads](advisor.Forbidden, ""),
		Coverage: advisor.Coverage{Missing: []advisor.Missing{
			{What: "Deployments", Why: advisor.Forbidden, Hides: "preStop, readiness and strategy"},
		}},
	}
}
