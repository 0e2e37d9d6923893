package e2e

import (
	"errors"
	"fmt"
	"net"
	"net/http"
	"syscall"
	"testing"

	discoveryv1 "k8s.io/api/discovery/v1"
	rbacv1 "k8s.io/api/rbac/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"sigs.k8s.io/yaml"

	"kpadvisor/advisor/cluster"
)

// TestProbeMarks probes a NodePort on loopback from the screen while its backends
// change: the survey names the Service, the change is marked, and a user without
// the optional rule is told why there is no mark.
func TestProbeMarks(t *testing.T) {
	c := shared.Small(t)
	port := serveNodePort(t)
	c.SeedYAML(t, fmt.Sprintf(rolledService, port))
	target := fmt.Sprintf("127.0.0.1:%d", port)

	s := open(t, 120, 40, kubeconfigOf(t, c.Admin))
	s.wait("production", "? help")
	s.press("4")
	s.wait("largest: kubectl -n default get service", " rolled")
	measure(s, target)
	s.wait("measuring A")
	all := c.Client.DiscoveryV1().EndpointSlices("default")
	slice, err := all.Get(t.Context(), "rolled-a", metav1.GetOptions{})
	if err != nil {
		t.Fatal(err)
	}
	slice.Endpoints = append(slice.Endpoints, discoveryv1.Endpoint{Addresses: []string{"10.1.0.2"}})
	if _, err := all.Update(t.Context(), slice, metav1.UpdateOptions{}); err != nil {
		t.Fatal(err)
	}
	s.wait("backends changed")
	s.press("Enter")
	s.wait("stopped after")
	s.press("q")
	s.exit()

	var role rbacv1.ClusterRole
	if err := yaml.UnmarshalStrict([]byte(cluster.ClusterRole()), &role); err != nil {
		t.Fatal(err)
	}
	s = open(t, 120, 40, kubeconfigOf(t, c.UserWith(t, "no-marks", role.Rules)))
	s.wait("production", "? help")
	s.press("4")
	s.wait("Target A")
	measure(s, target)
	s.wait("measuring A", "rollout marks: endpointslices watch forbidden")
	s.press("C-c")
	s.exit()
}

// measure starts a run of half a minute on one target.
func measure(s *screen, target string) {
	s.t.Helper()
	s.press("Enter", target, "Enter", "Enter", "Enter", "C-u", "30s", "Enter", "Enter", "Enter", "Enter")
	s.wait("Source ports: enough", "enter start")
	s.press("Enter")
}

// serveNodePort starts an HTTP server on loopback, on a port that a NodePort may have.
func serveNodePort(t *testing.T) int {
	t.Helper()
	for port := 30000; port <= 32767; port++ {
		l, err := net.Listen("tcp", fmt.Sprintf("127.0.0.1:%d", port))
		if errors.Is(err, syscall.EADDRINUSE) {
			continue
		}
		if err != nil {
			t.Fatal(err)
		}
		server := &http.Server{Handler: http.HandlerFunc(func(http.ResponseWriter, *http.Request) {})}
		ended := make(chan error, 1)
		go func() { ended <- server.Serve(l) }()
		t.Cleanup(func() {
			if err := errors.Join(server.Close(), <-ended); !errors.Is(err, http.ErrServerClosed) {
				t.Error(err)
			}
		})
		return port
	}
	t.Fatal("no port is free")
	return 0
}

// rolledService is a Service with a NodePort, one backend, and a node on loopback.
const rolledService = `
apiVersion: v1
kind: Node
metadata: {name: here}
status:
  addresses: [{type: InternalIP, address: 127.0.0.1}]
---
apiVersion: v1
kind: Service
metadata: {name: rolled, namespace: default}
spec:
  type: NodePort
  ports: [{port: 80, nodePort: %d}]
---
apiVersion: discovery.k8s.io/v1
kind: EndpointSlice
metadata:
  name: rolled-a
  namespace: default
  labels: {kubernetes.io/service-name: rolled}
addressType: IPv4
ports: [{port: 80}]
endpoints: [{addresses: [10.1.0.1]}]
`
