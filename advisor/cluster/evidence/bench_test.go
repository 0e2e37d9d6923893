package evidence

import (
	"fmt"
	"runtime"
	"testing"
	"time"

	appsv1 "k8s.io/api/apps/v1"
	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"kpadvisor/advisor"
)

// largeCluster is a cluster of n nodes with a kube-proxy and a Cilium pod each,
// as decoded objects that are made one by one and dropped.
func largeCluster(t testing.TB, n int) Objects {
	t.Helper()
	server := &fakeServer{objects: loadManifests(t, "testdata/forbidden-pods")}
	o := server.read(t)
	o.Nodes, o.Pods = nil, nil
	var template *appsv1.DaemonSet
	for _, u := range server.objects {
		if u.GetKind() == "DaemonSet" && u.GetName() == "kube-proxy" {
			template = &appsv1.DaemonSet{}
			convert(t, u, template)
		}
	}
	yes := true
	for i := range n {
		name := fmt.Sprintf("node-%05d.example.internal", i)
		labels := map[string]string{"kubernetes.io/hostname": name}
		for j := range 20 {
			labels[fmt.Sprintf("example.org/label-%d", j)] = fmt.Sprintf("value-%d", (i+j)%7)
		}
		o.Nodes = append(o.Nodes, ReduceNode(&corev1.Node{
			ObjectMeta: metav1.ObjectMeta{Name: name, Labels: labels},
			Status:     corev1.NodeStatus{NodeInfo: corev1.NodeSystemInfo{OperatingSystem: "linux", KubeletVersion: "v1.33.4"}},
		}))
		for _, owner := range []string{"kube-proxy", "kube-proxy-worker"} {
			p := &corev1.Pod{
				ObjectMeta: metav1.ObjectMeta{
					Namespace: "kube-system", Name: fmt.Sprintf("%s-%05d", owner, i),
					OwnerReferences: []metav1.OwnerReference{{Kind: "DaemonSet", Name: owner, Controller: &yes}},
				},
				Spec: *template.Spec.Template.Spec.DeepCopy(),
				Status: corev1.PodStatus{ContainerStatuses: []corev1.ContainerStatus{{
					State: corev1.ContainerState{Running: &corev1.ContainerStateRunning{StartedAt: metav1.Unix(1700000000+int64(i), 0)}},
				}}},
			}
			p.Spec.NodeName = name
			s, ok := ReducePod(p)
			if !ok {
				t.Fatal("not a proxy")
			}
			o.Pods = append(o.Pods, s)
		}
	}
	return o
}

// TestLargeClusterStaysSmall: 5,000 nodes with several pods each.
func TestLargeClusterStaysSmall(t *testing.T) {
	heap := func() uint64 {
		runtime.GC()
		var m runtime.MemStats
		runtime.ReadMemStats(&m)
		return m.HeapAlloc
	}
	before := heap()
	o := largeCluster(t, 5000)
	signs := heap() - before
	begin := time.Now()
	c := Conclude(o)
	took := time.Since(begin)
	whole := heap() - before
	t.Logf("signs %d KiB, with the conclusion %d KiB, concluded in %s", signs>>10, whole>>10, took)
	if len(c.ByNode) != 5000 || c.ByNode["node-00000.example.internal"].Mode.Value != advisor.IPVS {
		t.Errorf("%d nodes, %+v", len(c.ByNode), c.ByNode["node-00000.example.internal"])
	}
	if signs > 8<<20 || whole > 24<<20 {
		t.Errorf("signs take %d bytes, all %d", signs, whole)
	}
	if took > 10*time.Second {
		t.Errorf("took %s", took)
	}
	runtime.KeepAlive(o)
}

func BenchmarkConclude(b *testing.B) {
	o := largeCluster(b, 5000)
	b.ReportAllocs()
	for b.Loop() {
		Conclude(o)
	}
}
