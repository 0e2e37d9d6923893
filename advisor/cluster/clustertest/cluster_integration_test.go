package clustertest

import (
	"errors"
	"os"
	"testing"

	apierrors "k8s.io/apimachinery/pkg/api/errors"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/client-go/kubernetes"
)

// TestStart checks the cluster itself: it knows its users, refuses what they may
// not do, writes that down, and leaves nothing behind.
func TestStart(t *testing.T) {
	var c *Cluster
	t.Run("runs", func(t *testing.T) {
		c = Start(t)
		stranger, err := kubernetes.NewForConfig(c.User(t, "stranger"))
		if err != nil {
			t.Fatal(err)
		}
		if _, err := stranger.CoreV1().Services("").List(t.Context(), metav1.ListOptions{}); !apierrors.IsForbidden(err) {
			t.Errorf("a user without a role lists Services: %v", err)
		}
		want := Request{Verb: "list", URI: "/api/v1/services", Resource: "services", Code: 403}
		if got := c.Requests(t, "stranger"); len(got) != 1 || got[0] != want {
			t.Errorf("the audit log holds %+v, want %+v", got, want)
		}
	})
	if c == nil {
		t.Skip("no cluster was started")
	}
	for _, p := range []*process{c.api, c.etcd} {
		select {
		case <-p.ended:
		default:
			t.Errorf("%s is still running", p.name)
		}
	}
	if _, err := os.Stat(c.dir); !errors.Is(err, os.ErrNotExist) {
		t.Errorf("%s is still there", c.dir)
	}
}
