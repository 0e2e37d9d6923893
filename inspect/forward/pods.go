package forward

import (
	"cmp"
	"context"
	"slices"
	"strings"

	corev1 "k8s.io/api/core/v1"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"kpadvisor/apiserver"
)

// pod is as much of a pod as tells whether it is a way to its node.
type pod struct {
	Metadata struct {
		Name              string       `json:"name"`
		Namespace         string       `json:"namespace"`
		DeletionTimestamp *metav1.Time `json:"deletionTimestamp"`
	} `json:"metadata"`
	Spec struct {
		NodeName    string `json:"nodeName"`
		HostNetwork bool   `json:"hostNetwork"`
	} `json:"spec"`
	Status struct {
		Phase corev1.PodPhase `json:"phase"`
	} `json:"status"`
}

// way is a pod by which a node is reached.
type way struct{ namespace, name string }

const (
	systemNamespace = "kube-system"
	// mostPods is how many pods of a node are looked at. Kubernetes is made for 110.
	mostPods = 1_000
	// mostWays is how many pods of a node are tried.
	mostWays = 3
)

// ways are the pods of a node that use its network, kube-proxy's own first: it is what is
// asked for. Who may not list pods everywhere may in kube-system, where most of these are.
func (c *Client) ways(ctx context.Context, node string) ([]way, error) {
	found, err := c.podsOf(ctx, "", node)
	if apierrors.IsForbidden(err) {
		found, err = c.podsOf(ctx, systemNamespace, node)
	}
	if err != nil {
		return nil, err
	}
	slices.SortFunc(found, func(a, b pod) int {
		return cmp.Or(
			isProxy(b)-isProxy(a), rank(a.Metadata.Namespace)-rank(b.Metadata.Namespace),
			cmp.Compare(a.Metadata.Namespace, b.Metadata.Namespace), cmp.Compare(a.Metadata.Name, b.Metadata.Name))
	})
	var out []way
	for _, p := range found {
		out = append(out, way{p.Metadata.Namespace, p.Metadata.Name})
	}
	return out, nil
}

func (c *Client) podsOf(ctx context.Context, namespace, node string) (found []pod, err error) {
	l := apiserver.List{
		Resource: apiserver.Resource{Version: "v1", Namespace: namespace, Kind: "pods"},
		Fields: apiserver.FieldIs(
			"spec.nodeName",
			node,
		) + "," + apiserver.FieldIs(
			"status.phase",
			string(corev1.PodRunning),
		),
		Most: mostPods,
	}
	_, err = apiserver.Walk(ctx, c.api, l, func(p *pod) {
		if p.Spec.HostNetwork && p.Spec.NodeName == node && p.Metadata.DeletionTimestamp == nil &&
			p.Status.Phase == corev1.PodRunning {
			found = append(found, *p)
		}
	}, func(int64) {})
	return found, err
}

func isProxy(p pod) int {
	if strings.Contains(p.Metadata.Name, "kube-proxy") {
		return 1
	}
	return 0
}

// rank puts kube-system first.
func rank(namespace string) int {
	if namespace == systemNamespace {
		return 0
	}
	return 1
}
