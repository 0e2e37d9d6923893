package cli

import (
	"encoding/base64"
	"encoding/json"
	"encoding/pem"
	"fmt"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"sync"
	"testing"
)

// fakeServer answers as an API server does, as far as reading goes: it wants
// its token, serves pages, and refuses what it does not know.
type fakeServer struct {
	*httptest.Server
	lists     map[string][]any // path -> objects
	forbidden map[string]bool  // paths
	hang      map[string]bool  // paths that never answer

	mu   sync.Mutex
	seen []string // "GET /version"
}

const token = "s3cret"

// tokenUser is the user that the fake server lets in.
const tokenUser = "{token: " + token + "}"

func newFakeServer(t *testing.T) *fakeServer {
	t.Helper()
	f := &fakeServer{lists: smallCluster(), forbidden: map[string]bool{}, hang: map[string]bool{}}
	f.Server = httptest.NewTLSServer(f) // no client sends a token in the clear
	t.Cleanup(f.Close)
	return f
}

// smallCluster is three nodes with kube-proxy in iptables mode and two Services.
func smallCluster() map[string][]any {
	type m = map[string]any
	meta := func(ns, name string) m { return m{"namespace": ns, "name": name, "uid": ns + name} }
	var nodes, pods, services, slices []any
	for _, n := range []string{"n1", "n2", "n3"} {
		nodes = append(nodes, m{"metadata": m{"name": n}, "status": m{"nodeInfo": m{
			"kernelVersion": "5.15.0-105-generic", "osImage": "Ubuntu 22.04.5 LTS", "kubeletVersion": "v1.33.4",
			"operatingSystem": "linux", "architecture": "amd64",
		}}})
		pods = append(pods, m{"metadata": m{
			"namespace": "kube-system", "name": "kube-proxy-" + n, "labels": m{"k8s-app": "kube-proxy"},
			"creationTimestamp": "2026-11-01T00:00:00Z",
		}, "spec": m{"nodeName": n, "containers": []m{{
			"name": "kube-proxy", "image": "registry.k8s.io/kube-proxy:v1.33.4",
			"command": []string{"/usr/local/bin/kube-proxy", "--config=/var/lib/kube-proxy/config.conf"},
		}}}, "status": m{"phase": "Running"}})
	}
	for i, s := range []string{"cart", "shop"} {
		services = append(services, m{"metadata": meta("shop", s), "spec": m{
			"type": "ClusterIP", "clusterIP": "10.0.0." + strconv.Itoa(i+1), "clusterIPs": []string{"10.0.0." + strconv.Itoa(i+1)},
			"ipFamilies": []string{"IPv4"}, "ports": []m{{"name": "http", "protocol": "TCP", "port": 80}},
		}})
		slice := meta("shop", s+"-1")
		slice["labels"] = m{"kubernetes.io/service-name": s}
		slices = append(slices, m{
			"metadata": slice, "addressType": "IPv4",
			"ports":     []m{{"name": "http", "protocol": "TCP", "port": 8080}},
			"endpoints": []m{{"addresses": []string{"10.1.0." + strconv.Itoa(i+1)}, "conditions": m{"ready": true}}},
		})
	}
	config := m{"metadata": meta("kube-system", "kube-proxy"), "data": m{
		"config.conf": "apiVersion: kubeproxy.config.k8s.io/v1alpha1\nkind: KubeProxyConfiguration\nmode: iptables\n",
	}}
	return map[string][]any{
		"/api/v1/nodes": nodes, "/api/v1/pods": pods, "/api/v1/services": services,
		"/api/v1/namespaces/kube-system/pods":               pods,
		"/api/v1/namespaces/kube-system/configmaps":         {config},
		"/apis/discovery.k8s.io/v1/endpointslices":          slices,
		"/apis/apps/v1/daemonsets":                          {},
		"/apis/apps/v1/deployments":                         {},
		"/apis/apps/v1/statefulsets":                        {},
		"/apis/apps/v1/replicasets":                         {},
		"/apis/apps/v1/controllerrevisions":                 {},
		"/api/v1/namespaces/default/events":                 {},
		"/api/v1/events":                                    {},
		"/apis/apps/v1/namespaces/kube-system/daemonsets":   {},
		"/apis/events.k8s.io/v1/events":                     {},
		"/apis/events.k8s.io/v1/namespaces/default/events":  {},
		"/api/v1/namespaces/kube-system/events":             {},
		"/apis/apps/v1/namespaces/kube-system/replicasets":  {},
		"/apis/apps/v1/namespaces/kube-system/statefulsets": {},
	}
}

func (f *fakeServer) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	f.mu.Lock()
	f.seen = append(f.seen, r.Method+" "+r.URL.Path)
	f.mu.Unlock()
	w.Header().Set("Content-Type", "application/json")
	objects, known := f.lists[r.URL.Path]
	dir, name := r.URL.Path[:strings.LastIndex(r.URL.Path, "/")], r.URL.Path[strings.LastIndex(r.URL.Path, "/")+1:]
	switch {
	case r.Header.Get("Authorization") != "Bearer "+token:
		status(w, http.StatusUnauthorized, "Unauthorized", "")
	case r.Method != http.MethodGet:
		status(w, http.StatusForbidden, "Forbidden", "") // reading is all that this program may do
	case f.hang[r.URL.Path]:
		<-r.Context().Done()
	case f.forbidden[r.URL.Path]:
		status(w, http.StatusForbidden, "Forbidden", "")
	case r.URL.Path == "/version":
		fmt.Fprint(w, `{"major":"1","minor":"33","gitVersion":"v1.33.4"}`)
	case known:
		chunk(w, r, objects)
	default:
		for _, o := range f.lists[dir] {
			if o.(map[string]any)["metadata"].(map[string]any)["name"] == name {
				_ = json.NewEncoder(w).Encode(o)
				return
			}
		}
		if _, ok := f.lists[dir]; !ok {
			name = ""
		}
		status(w, http.StatusNotFound, "NotFound", name)
	}
}

// chunk serves a part of a list as limit and continue ask for.
func chunk(w http.ResponseWriter, r *http.Request, objects []any) {
	from, _ := strconv.Atoi(r.URL.Query().Get("continue"))
	limit, _ := strconv.Atoi(r.URL.Query().Get("limit"))
	meta := map[string]any{"resourceVersion": "1"}
	rest := objects[from:]
	if limit > 0 && len(rest) > limit {
		meta["continue"], meta["remainingItemCount"] = strconv.Itoa(from+limit), len(rest)-limit
		rest = rest[:limit]
	}
	_ = json.NewEncoder(w).Encode(map[string]any{"kind": "List", "apiVersion": "v1", "metadata": meta, "items": rest})
}

func status(w http.ResponseWriter, code int, reason, name string) {
	w.WriteHeader(code)
	_ = json.NewEncoder(w).Encode(map[string]any{
		"kind": "Status", "apiVersion": "v1", "status": "Failure", "reason": reason, "code": code,
		"message": reason, "details": map[string]any{"name": name},
	})
}

// kubeconfig writes a kubeconfig for the server, with the user given as YAML.
func (f *fakeServer) kubeconfig(t *testing.T, user string) string {
	t.Helper()
	file := filepath.Join(t.TempDir(), "config")
	ca := pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: f.Certificate().Raw})
	text := fmt.Sprintf(`apiVersion: v1
kind: Config
current-context: test
clusters: [{name: c, cluster: {server: %q, certificate-authority-data: %s}}]
contexts: [{name: test, context: {cluster: c, user: u}}]
users: [{name: u, user: %s}]
`, f.URL, base64.StdEncoding.EncodeToString(ca), user)
	if err := os.WriteFile(file, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	return file
}

// execUser is a user of a kubeconfig who signs in with a command.
func execUser(command string) string {
	return "{exec: {apiVersion: client.authentication.k8s.io/v1, interactiveMode: Never, command: " + command + "}}"
}

// script is a shell script that can be run.
func script(t *testing.T, text string) string {
	t.Helper()
	file := filepath.Join(t.TempDir(), "plugin")
	if err := os.WriteFile(file, []byte("#!/bin/sh\n"+text+"\n"), 0o700); err != nil {
		t.Fatal(err)
	}
	return file
}
