package rulestest

import (
	"testing"

	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/watch"
	"k8s.io/client-go/kubernetes"
	"k8s.io/client-go/tools/clientcmd"
)

// TestReplay: who lists or watches, as kube-proxy does, sees what was recorded, where that
// ends, and then what changes.
func TestReplay(t *testing.T) {
	service := map[string]any{"kind": "Service", "apiVersion": "v1", "metadata": map[string]any{"namespace": "a", "name": "b", "resourceVersion": "7"}}
	all := Recording{"/api/v1/services": {Kind: "ServiceList", Version: "v1", Objects: []map[string]any{service}}}
	api := Load(t, all.Save(t, t.TempDir())).Replay(t)
	config, err := clientcmd.BuildConfigFromFlags("", api.Kubeconfig)
	if err != nil {
		t.Fatal(err)
	}
	client, err := kubernetes.NewForConfig(config)
	if err != nil {
		t.Fatal(err)
	}
	list, err := client.CoreV1().Services("").List(t.Context(), metav1.ListOptions{})
	if err != nil || len(list.Items) != 1 || list.Items[0].Name != "b" || list.ResourceVersion == "" {
		t.Errorf("%+v, %v", list, err)
	}
	initial := true
	w, err := client.CoreV1().Services("").Watch(t.Context(), metav1.ListOptions{
		SendInitialEvents: &initial, AllowWatchBookmarks: true, ResourceVersionMatch: metav1.ResourceVersionMatchNotOlderThan,
	})
	if err != nil {
		t.Fatal(err)
	}
	defer w.Stop()
	next := func(kind watch.EventType) *corev1.Service {
		e := <-w.ResultChan()
		s, ok := e.Object.(*corev1.Service)
		if e.Type != kind || !ok {
			t.Fatalf("%s %+v", e.Type, e.Object)
		}
		return s
	}
	if s := next(watch.Added); s.Name != "b" {
		t.Errorf("%+v", s)
	}
	if s := next(watch.Bookmark); s.Annotations[metav1.InitialEventsAnnotationKey] != "true" {
		t.Errorf("%+v", s)
	}
	api.Change(t, "/api/v1/services", "a", "b", func(o map[string]any) { o["spec"] = map[string]any{"clusterIP": "10.96.0.7"} })
	if s := next(watch.Modified); s.Spec.ClusterIP != "10.96.0.7" || s.ResourceVersion <= list.ResourceVersion {
		t.Errorf("%+v", s)
	}
	if _, err := client.CoreV1().Pods("").List(t.Context(), metav1.ListOptions{}); err == nil {
		t.Error("what was not recorded is answered")
	}
}
