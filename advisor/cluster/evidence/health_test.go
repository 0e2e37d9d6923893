package evidence

import (
	"strings"
	"testing"
	"time"

	appsv1 "k8s.io/api/apps/v1"
	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"kpadvisor/advisor"
)

// now is when the objects of these tests are read.
func now() time.Time { return time.Date(2026, 11, 29, 12, 0, 0, 0, time.UTC) }

func ago(d time.Duration) metav1.Time { return metav1.NewTime(now().Add(-d)) }

func nodeWith(change func(*corev1.Node)) *corev1.Node {
	n := &corev1.Node{
		ObjectMeta: metav1.ObjectMeta{Name: "n1", Labels: map[string]string{"kubernetes.io/os": "linux"}, Annotations: map[string]string{}},
		Status:     corev1.NodeStatus{NodeInfo: corev1.NodeSystemInfo{OperatingSystem: "linux", KubeletVersion: "v1.33.4"}},
	}
	if change != nil {
		change(n)
	}
	return n
}

// TestManaged: nodes that nobody can configure, as their platforms list them.
func TestManaged(t *testing.T) {
	label := func(k, v string) func(*corev1.Node) { return func(n *corev1.Node) { n.Labels[k] = v } }
	version := func(v string) func(*corev1.Node) {
		return func(n *corev1.Node) { n.Status.NodeInfo.KubeletVersion = v }
	}
	tainted := func(key string) func(*corev1.Node) {
		return func(n *corev1.Node) {
			n.Spec.Taints = []corev1.Taint{{Key: key, Value: "x", Effect: corev1.TaintEffectNoSchedule}}
		}
	}
	for _, tt := range []struct {
		name   string
		change func(*corev1.Node)
		want   string
	}{
		{"Fargate", label("eks.amazonaws.com/compute-type", "fargate"), "Fargate"},
		{"EKS Auto Mode", label("eks.amazonaws.com/compute-type", "auto"), "EKS Auto Mode"},
		{"EKS hybrid node", label("eks.amazonaws.com/compute-type", "hybrid"), ""},
		{"ECI", label("type", "virtual-kubelet"), "virtual-kubelet"},
		{"ACI by taint", tainted("virtual-kubelet.io/provider"), "virtual-kubelet"},
		{"ACI by version", version("v1.25.0-vk-azure-aci-1.6.2"), "virtual-kubelet"},
		{"a virtual-kubelet of one's own", version("vk-v1.11.0"), "virtual-kubelet"},
		{"TKE super node", label("node.kubernetes.io/instance-type", "eklet"), "TKE super node"},
		{"TKE super node by taint", tainted("eks.tke.cloud.tencent.com/eklet"), "TKE super node"},
		{"a super node that is a virtual-kubelet too", func(n *corev1.Node) {
			label("type", "virtual-kubelet")(n)
			label("node.kubernetes.io/instance-type", "eklet")(n)
		}, "TKE super node"},
		{"OKE", label("node-role.kubernetes.io/virtual-node", ""), "OKE virtual node"},
		{"Liqo", label("liqo.io/type", "virtual-node"), "Liqo virtual node"},
		{"vCluster", label("vcluster.loft.sh/fake-node", "true"), "vCluster placeholder"},
		{"KWOK", func(n *corev1.Node) { n.Annotations["kwok.x-k8s.io/node"] = "fake" }, "KWOK"},
		{"KWOK by version", version("kwok-v0.5.0"), "KWOK"},
		{"KubeEdge", version("v1.23.17-kubeedge-v1.13.4"), "KubeEdge edge node"},
		{"an ingress node called edge", label("node-role.kubernetes.io/edge", ""), ""},
		{"an ordinary node", nil, ""},
	} {
		t.Run(tt.name, func(t *testing.T) {
			n := ReduceNode(nodeWith(tt.change))
			if got := n.Standing(now()).Managed; got != tt.want {
				t.Errorf("managed by %q, want %q", got, tt.want)
			}
			if tt.want == "" {
				return
			}
			// Simulated nodes have simulated pods, which say nothing.
			o := proxyObjects(n, podWith(nil))
			p := Conclude(o).ByNode["n1"]
			if p.Mode.State != advisor.Unknown || p.Implementation.State != advisor.Unknown || !strings.Contains(p.Mode.Detail, tt.want) && tt.want != "EKS Auto Mode" {
				t.Errorf("concluded %+v", p)
			}
		})
	}
}

func TestLeaving(t *testing.T) {
	ready := func(status corev1.ConditionStatus, since metav1.Time) func(*corev1.Node) {
		return func(n *corev1.Node) {
			n.Status.Conditions = []corev1.NodeCondition{
				{Type: corev1.NodeMemoryPressure, Status: corev1.ConditionUnknown, LastTransitionTime: ago(999 * time.Hour)},
				{Type: corev1.NodeReady, Status: status, LastTransitionTime: since},
			}
		}
	}
	taint := func(key string) func(*corev1.Node) {
		return func(n *corev1.Node) {
			n.Spec.Taints = []corev1.Taint{{Key: key, Effect: corev1.TaintEffectNoSchedule}}
		}
	}
	for _, tt := range []struct {
		name   string
		change func(*corev1.Node)
		want   string
		since  time.Duration
	}{
		{"ready", ready(corev1.ConditionTrue, ago(99*time.Hour)), "", 0},
		{"no condition at all", nil, "", 0},
		{"lost in August", ready(corev1.ConditionUnknown, ago(2857*time.Hour)), "NotReady", 2857 * time.Hour},
		{"not ready for two hours", ready(corev1.ConditionFalse, ago(2*time.Hour)), "NotReady", 2 * time.Hour},
		{"rebooting", ready(corev1.ConditionFalse, ago(3*time.Minute)), "", 0},
		{"not ready, nobody says since when", ready(corev1.ConditionFalse, metav1.Time{}), "", 0},
		{"a clock ahead", ready(corev1.ConditionFalse, ago(-2*time.Hour)), "", 0},
		{"cordoned", func(n *corev1.Node) { n.Spec.Unschedulable = true }, "cordoned", 0},
		{"cordoned and lost", func(n *corev1.Node) {
			n.Spec.Unschedulable = true
			ready(corev1.ConditionUnknown, ago(50*time.Hour))(n)
		}, "NotReady", 50 * time.Hour},
		{"being deleted", func(n *corev1.Node) { at := ago(time.Minute); n.DeletionTimestamp = &at }, "being deleted", 0},
		{"chosen by the autoscaler", taint("ToBeDeletedByClusterAutoscaler"), "being removed by the autoscaler", 0},
		{"only a candidate of it", taint("DeletionCandidateOfClusterAutoscaler"), "", 0},
		{"disrupted by Karpenter", taint("karpenter.sh/disrupted"), "being removed by the autoscaler", 0},
	} {
		t.Run(tt.name, func(t *testing.T) {
			n := ReduceNode(nodeWith(tt.change))
			got := n.Standing(now())
			if got.Leaving != tt.want || tt.since == 0 != got.Since.IsZero() || tt.since > 0 && now().Sub(got.Since) != tt.since {
				t.Errorf("leaving %q since %v, want %q since %v", got.Leaving, got.Since, tt.want, tt.since)
			}
			if n.Standing(time.Time{}).Leaving == "NotReady" {
				t.Error("long, without a clock")
			}
		})
	}
}

// proxySpecOf is a kube-proxy in IPVS mode, with a helper beside it.
func proxySpecOf() corev1.PodSpec {
	return corev1.PodSpec{
		HostNetwork: true,
		Containers: []corev1.Container{
			{Name: "kube-proxy", Image: "registry.k8s.io/kube-proxy:v1.33.4", Command: []string{"kube-proxy", "--proxy-mode=ipvs"}},
			{Name: "kube-rbac-proxy", Image: "example.org/kube-rbac-proxy:v1"},
		},
	}
}

func podWith(change func(*corev1.Pod)) *corev1.Pod {
	spec := proxySpecOf()
	spec.NodeName = "n1"
	p := &corev1.Pod{
		ObjectMeta: metav1.ObjectMeta{Namespace: "kube-system", Name: "kube-proxy-x"}, Spec: spec,
		Status: corev1.PodStatus{
			Phase:      corev1.PodRunning,
			Conditions: []corev1.PodCondition{{Type: corev1.PodReady, Status: corev1.ConditionTrue}},
			ContainerStatuses: []corev1.ContainerStatus{
				{Name: "kube-rbac-proxy", Ready: true, State: running(time.Minute)},
				{Name: "kube-proxy", Ready: true, State: running(90 * time.Hour)},
			},
		},
	}
	if change != nil {
		change(p)
	}
	return p
}

func running(since time.Duration) corev1.ContainerState {
	return corev1.ContainerState{Running: &corev1.ContainerStateRunning{StartedAt: ago(since)}}
}

func waiting(reason string) corev1.ContainerState {
	return corev1.ContainerState{Waiting: &corev1.ContainerStateWaiting{Reason: reason}}
}

// proxyObjects is a cluster of one node with these pods, read in full.
func proxyObjects(n NodeSign, pods ...*corev1.Pod) Objects {
	o := Objects{Nodes: []NodeSign{n}, Asked: map[Want]Answer{}, Now: now()}
	for _, p := range pods {
		if s, ok := ReducePod(p); ok {
			o.Pods = append(o.Pods, s)
		}
	}
	for _, w := range Wants() {
		o.Asked[w] = Answer{}
	}
	return o
}

// TestFailing: a configured mode is in force only where kube-proxy runs.
func TestFailing(t *testing.T) {
	proxyIs := func(ready bool, state corev1.ContainerState) func(*corev1.Pod) {
		return func(p *corev1.Pod) {
			c := &p.Status.ContainerStatuses[1]
			c.Ready, c.State = ready, state
			if !ready {
				p.Status.Conditions[0].Status = corev1.ConditionFalse
			}
		}
	}
	restarted := func(count int32, ran, up time.Duration) func(*corev1.Pod) {
		return func(p *corev1.Pod) {
			c := &p.Status.ContainerStatuses[1]
			c.RestartCount, c.State = count, running(up)
			c.LastTerminationState.Terminated = &corev1.ContainerStateTerminated{StartedAt: ago(up + ran + time.Minute), FinishedAt: ago(up + time.Minute)}
		}
	}
	for _, tt := range []struct {
		name   string
		change func(*corev1.Pod)
		want   string
	}{
		{"runs", nil, ""},
		{"crashes", proxyIs(false, waiting("CrashLoopBackOff")), "CrashLoopBackOff"},
		{"has no image", proxyIs(false, waiting("ImagePullBackOff")), "ImagePullBackOff"},
		{"is created", proxyIs(false, waiting("ContainerCreating")), "ContainerCreating"},
		{"waits for no given reason", proxyIs(false, waiting("")), "not started"},
		{"waits for a reason that is none", proxyIs(false, waiting("acme says: <b>no</b>")), "not started"},
		{"ended", proxyIs(false, corev1.ContainerState{Terminated: &corev1.ContainerStateTerminated{Reason: "OOMKilled"}}), "OOMKilled"},
		{"is not ready", proxyIs(false, running(time.Hour)), "not ready"},
		{"has a helper that crashes", func(p *corev1.Pod) {
			p.Status.ContainerStatuses[0].Ready, p.Status.ContainerStatuses[0].State = false, waiting("CrashLoopBackOff")
			p.Status.Conditions[0].Status = corev1.ConditionFalse
		}, ""},
		{"has an init container that crashes", func(p *corev1.Pod) {
			proxyIs(false, waiting("PodInitializing"))(p)
			p.Status.InitContainerStatuses = []corev1.ContainerStatus{{Name: "init", State: waiting("CrashLoopBackOff")}}
		}, "CrashLoopBackOff"},
		{"is not started", func(p *corev1.Pod) { p.Status = corev1.PodStatus{Phase: corev1.PodPending} }, "not started"},
		{"has no status", func(p *corev1.Pod) { p.Status = corev1.PodStatus{} }, ""},
		{"runs for a moment between two crashes", restarted(217, time.Minute, 20*time.Second), "restarting"},
		{"outlived its last run", restarted(3, time.Minute, 3*time.Minute), ""},
		{"was restarted by its owner", restarted(1, 300*time.Hour, time.Minute), ""},
		{"crashed once, long ago", restarted(1, time.Second, 5*time.Hour), ""},
	} {
		t.Run(tt.name, func(t *testing.T) {
			p := Conclude(proxyObjects(ReduceNode(nodeWith(nil)), podWith(tt.change))).ByNode["n1"]
			if p.FailingWhy != tt.want || p.Failing != len(tt.want)/max(1, len(tt.want)) {
				t.Errorf("failing %d %q, want %q", p.Failing, p.FailingWhy, tt.want)
			}
			if p.Mode.Value != advisor.IPVS {
				t.Errorf("mode %+v, want what is configured", p.Mode)
			}
			down := nodeWith(func(n *corev1.Node) {
				n.Status.Conditions = []corev1.NodeCondition{{Type: corev1.NodeReady, Status: corev1.ConditionUnknown, LastTransitionTime: ago(time.Minute)}}
			})
			if p := Conclude(proxyObjects(ReduceNode(down), podWith(tt.change))).ByNode["n1"]; p.Failing != 0 {
				t.Errorf("on a node that is gone kube-proxy fails: %q", p.FailingWhy)
			}
		})
	}
}

// TestTheRunningPodCounts: of two pods on a node the one that works is in charge,
// whichever is listed first.
func TestTheRunningPodCounts(t *testing.T) {
	dying := podWith(func(p *corev1.Pod) {
		at := ago(time.Second)
		p.DeletionTimestamp = &at
		p.Spec.Containers[0].Command = []string{"kube-proxy", "--proxy-mode=iptables"}
	})
	crashing := podWith(func(p *corev1.Pod) {
		p.Spec.Containers[0].Command = []string{"kube-proxy", "--proxy-mode=nftables"}
		p.Status.Conditions[0].Status = corev1.ConditionFalse
		p.Status.ContainerStatuses[1].Ready, p.Status.ContainerStatuses[1].State = false, waiting("CrashLoopBackOff")
	})
	for name, pods := range map[string][]*corev1.Pod{
		"dying first": {dying, podWith(nil)}, "dying last": {podWith(nil), dying},
		"crashing first": {crashing, podWith(nil)}, "crashing last": {podWith(nil), crashing},
	} {
		p := Conclude(proxyObjects(ReduceNode(nodeWith(nil)), pods...)).ByNode["n1"]
		if p.Mode.Value != advisor.IPVS || p.Failing != 0 {
			t.Errorf("%s: mode %s, failing %q", name, p.Mode.Value, p.FailingWhy)
		}
	}
}

// TestSpared: a DaemonSet that puts no pod on a node says why.
func TestSpared(t *testing.T) {
	term := func(key string, op corev1.NodeSelectorOperator, values ...string) *corev1.Affinity {
		return &corev1.Affinity{NodeAffinity: &corev1.NodeAffinity{RequiredDuringSchedulingIgnoredDuringExecution: &corev1.NodeSelector{
			NodeSelectorTerms: []corev1.NodeSelectorTerm{{MatchExpressions: []corev1.NodeSelectorRequirement{{Key: key, Operator: op, Values: values}}}},
		}}}
	}
	tainted := func(taints ...corev1.Taint) func(*corev1.Node) {
		return func(n *corev1.Node) { n.Spec.Taints = taints }
	}
	storage := corev1.Taint{Key: "dedicated", Value: "storage", Effect: corev1.TaintEffectNoSchedule}
	for _, tt := range []struct {
		name string
		node func(*corev1.Node)
		spec func(*corev1.PodSpec)
		want string
	}{
		{"fits, the pod is on its way", nil, nil, ""},
		{"a taint", tainted(storage), nil, "its taint dedicated=storage:NoSchedule"},
		{"a taint without value", tainted(corev1.Taint{Key: "gpu", Effect: corev1.TaintEffectNoExecute}), nil, "its taint gpu:NoExecute"},
		{"a wish", tainted(corev1.Taint{Key: "gpu", Effect: corev1.TaintEffectPreferNoSchedule}), nil, ""},
		{"a taint that is tolerated", tainted(storage), func(s *corev1.PodSpec) {
			s.Tolerations = []corev1.Toleration{{Key: "dedicated", Value: "storage"}}
		}, ""},
		{"all taints are tolerated", tainted(storage), func(s *corev1.PodSpec) {
			s.Tolerations = []corev1.Toleration{{Operator: corev1.TolerationOpExists}}
		}, ""},
		{"another value is tolerated", tainted(storage), func(s *corev1.PodSpec) {
			s.Tolerations = []corev1.Toleration{{Key: "dedicated", Value: "db"}}
		}, "its taint dedicated=storage:NoSchedule"},
		{"taints that every DaemonSet tolerates", tainted(
			corev1.Taint{Key: corev1.TaintNodeUnreachable, Effect: corev1.TaintEffectNoExecute},
			corev1.Taint{Key: corev1.TaintNodeUnschedulable, Effect: corev1.TaintEffectNoSchedule}), nil, ""},
		{"a nodeSelector", nil, func(s *corev1.PodSpec) { s.NodeSelector = map[string]string{"pool": "a"} }, "the nodeSelector of kube-proxy's DaemonSet"},
		{"an affinity", nil, func(s *corev1.PodSpec) { s.Affinity = term("kubernetes.io/os", corev1.NodeSelectorOpNotIn, "linux") }, "the node affinity of kube-proxy's DaemonSet"},
		{"an affinity that fits", nil, func(s *corev1.PodSpec) { s.Affinity = term("kubernetes.io/os", corev1.NodeSelectorOpExists) }, ""},
	} {
		t.Run(tt.name, func(t *testing.T) {
			spec := proxySpecOf()
			if tt.spec != nil {
				tt.spec(&spec)
			}
			labels := map[string]string{"k8s-app": "kube-proxy"}
			d, ok := ReduceDaemonSet(&appsv1.DaemonSet{
				ObjectMeta: metav1.ObjectMeta{Namespace: "kube-system", Name: "kube-proxy"},
				Spec: appsv1.DaemonSetSpec{
					Selector: &metav1.LabelSelector{MatchLabels: labels},
					Template: corev1.PodTemplateSpec{ObjectMeta: metav1.ObjectMeta{Labels: labels}, Spec: spec},
				},
				Status: appsv1.DaemonSetStatus{DesiredNumberScheduled: 7},
			})
			if !ok {
				t.Fatal("no kube-proxy")
			}
			o := proxyObjects(ReduceNode(nodeWith(tt.node)))
			o.DaemonSets = []DaemonSetSign{d}
			c := Conclude(o)
			if got := c.Standing["n1"].Spared; got != tt.want {
				t.Errorf("spared by %q, want %q", got, tt.want)
			}
			if p := c.ByNode["n1"]; p.Implementation.State != advisor.Unknown {
				t.Errorf("concluded %+v from no pod", p.Implementation)
			}
			o.Asked[proxyPodWants()[0]] = Answer{Why: advisor.Forbidden}
			if got := Conclude(o).Standing["n1"].Spared; got != "" {
				t.Errorf("spared by %q, though the pods were not read", got)
			}
			o = proxyObjects(ReduceNode(nodeWith(tt.node)), podWith(nil))
			o.DaemonSets = []DaemonSetSign{d}
			if got := Conclude(o).Standing["n1"].Spared; got != "" {
				t.Errorf("spared by %q, though a pod runs there", got)
			}
		})
	}
}

// TestStaleWithoutManagedFields: where nobody says when the ConfigMap was changed,
// its creation is all there is.
func TestStaleWithoutManagedFields(t *testing.T) {
	for _, tt := range []struct {
		name             string
		created, managed time.Duration // before now; 0 for none
		stale            int
	}{
		{"made before the start", 200 * time.Hour, 0, 0},
		{"made again after it", time.Hour, 0, 1},
		{"changed after it", 200 * time.Hour, time.Hour, 1},
		{"changed before it", 200 * time.Hour, 100 * time.Hour, 0},
	} {
		pod := podWith(func(p *corev1.Pod) { // its helper was started again since
			p.Spec.Containers[0].Command = []string{"kube-proxy", "--config=/etc/kp/config.conf"}
			p.Spec.Containers[0].VolumeMounts = []corev1.VolumeMount{{Name: "c", MountPath: "/etc/kp"}}
			p.Spec.Volumes = []corev1.Volume{{Name: "c", VolumeSource: corev1.VolumeSource{ConfigMap: &corev1.ConfigMapVolumeSource{
				LocalObjectReference: corev1.LocalObjectReference{Name: "kube-proxy"},
			}}}}
		})
		m := &corev1.ConfigMap{
			ObjectMeta: metav1.ObjectMeta{Namespace: "kube-system", Name: "kube-proxy", CreationTimestamp: ago(tt.created)},
			Data:       map[string]string{"config.conf": "apiVersion: kubeproxy.config.k8s.io/v1alpha1\nkind: KubeProxyConfiguration\nmode: nftables\n"},
		}
		if tt.managed > 0 {
			at := ago(tt.managed)
			m.ManagedFields = []metav1.ManagedFieldsEntry{{Time: &at, FieldsV1: metav1.NewFieldsV1(`{"f:data":{"f:config.conf":{}}}`)}}
		}
		o := proxyObjects(ReduceNode(nodeWith(nil)), pod)
		s, _ := ReduceConfigMap(m)
		o.ConfigMaps = []ConfigMapSign{s}
		o.Asked[configMapWant(key{"kube-system", "kube-proxy"}, hidesProxy)] = Answer{}
		if p := Conclude(o).ByNode["n1"]; p.Stale != tt.stale || p.Mode.Value != advisor.NFTables {
			t.Errorf("%s: stale %d of %+v, want %d", tt.name, p.Stale, p.Mode, tt.stale)
		}
	}
}
