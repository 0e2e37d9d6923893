package incluster

import (
	"encoding/json"
	"net/http"
	"sync/atomic"
	"testing"
	"time"

	batchv1 "k8s.io/api/batch/v1"
	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/client-go/rest"

	"kpadvisor/advisor/cluster/clustertest"
	"kpadvisor/jobs"
)

// sent counts the bytes of the bodies that are sent.
type sent struct {
	http.RoundTripper
	bytes *atomic.Int64
}

func (s sent) RoundTrip(r *http.Request) (*http.Response, error) {
	s.bytes.Add(max(0, r.ContentLength))
	return s.RoundTripper.RoundTrip(r)
}

// TestWritesGrowWithNodes: what a run writes to the API server, and what the Job
// controller writes for it, grows with the number of nodes and not with its square.
// The pods are made as that controller makes them, one of each Job, for those of a
// Job are alike; what the real API server answers is what it keeps.
func TestWritesGrowWithNodes(t *testing.T) {
	// Not parallel: a real API server would slow down those that are about time.
	c := clustertest.Start(t)
	perNode := map[int]float64{}
	for _, nodes := range []int{10, 100, 1000} {
		var bodies atomic.Int64
		config := rest.CopyConfig(c.Admin)
		config.Wrap(func(to http.RoundTripper) http.RoundTripper { return sent{to, &bodies} })
		client, err := Connect(config)
		if err != nil {
			t.Fatal(err)
		}
		ns, err := c.Client.CoreV1().Namespaces().Create(t.Context(), &corev1.Namespace{ObjectMeta: metav1.ObjectMeta{GenerateName: "test-"}}, metav1.CreateOptions{})
		if err != nil {
			t.Fatal(err)
		}
		spec := quickSpec(nodes / 2)
		spec.Service, spec.Namespace, spec.Plan.Rate = nil, ns.Name, 0
		session, err := NewSession(client, NewSpec(spec, time.Now()))
		if err != nil {
			t.Fatal(err)
		}
		if err := session.createAll(t.Context()); err != nil {
			t.Fatal(err)
		}
		jobs, _, err := jobs.List[batchv1.Job](t.Context(), client.Client, jobs.Collection("Job", ns.Name), spec.Selector())
		if err != nil {
			t.Fatal(err)
		}
		pods, bytes, largest := 0, 0, 0
		for _, j := range jobs {
			size := podSize(t, c, &j)
			pods += int(*j.Spec.Completions)
			bytes += size * int(*j.Spec.Completions)
			largest = max(largest, size)
		}
		total := float64(bodies.Load() + int64(bytes))
		perNode[nodes] = total / float64(nodes)
		t.Logf("%d nodes: %d requests' bodies %.2f MB, %d Jobs, %d pods %.2f MB (at most %d bytes each), %.2f MB in all, %.1f KB a node",
			nodes, session.maker.Made(), float64(bodies.Load())/1e6, len(jobs), pods, float64(bytes)/1e6, largest, total/1e6, perNode[nodes]/1e3)
		if pods != 2*nodes || largest > 12_000 {
			t.Errorf("%d nodes: %d pods of up to %d bytes", nodes, pods, largest)
		}
	}
	if perNode[1000] > 1.2*perNode[100] || perNode[1000] > 30_000 {
		t.Errorf("bytes a node: %v", perNode)
	}
}

// podSize makes a pod of a Job on the API server and says how large it is there, in
// bytes of JSON.
func podSize(t *testing.T, c *clustertest.Cluster, j *batchv1.Job) int {
	t.Helper()
	p := &corev1.Pod{ObjectMeta: *j.Spec.Template.ObjectMeta.DeepCopy(), Spec: *j.Spec.Template.Spec.DeepCopy()}
	p.GenerateName, p.OwnerReferences = j.Name+"-0-", []metav1.OwnerReference{*metav1.NewControllerRef(j, batchv1.SchemeGroupVersion.WithKind("Job"))}
	p.Annotations[batchv1.JobCompletionIndexAnnotation] = "0"
	made, err := c.Client.CoreV1().Pods(j.Namespace).Create(t.Context(), p, metav1.CreateOptions{})
	if err != nil {
		t.Fatal(err)
	}
	text, err := json.Marshal(made)
	if err != nil {
		t.Fatal(err)
	}
	return len(text)
}
