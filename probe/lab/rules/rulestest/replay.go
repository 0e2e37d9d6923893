package rulestest

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"sync"
	"testing"

	"k8s.io/client-go/rest"

	"kpadvisor/advisor/cluster/clustertest"
)

// Recording is what a real API server answered to what a kube-proxy asks of it: by path,
// the objects. Replay answers the same from it where a real one would be too slow, in
// user-mode Linux: there it takes a minute to start, and on a busy machine several.
type Recording map[string]*recorded

type recorded struct {
	Kind    string           `json:"kind"` // of the list
	Version string           `json:"apiVersion"`
	Objects []map[string]any `json:"items"`
}

// watched are the paths of what kube-proxy watches.
func watched() []string {
	return []string{"/api/v1/nodes", "/api/v1/services", "/apis/discovery.k8s.io/v1/endpointslices", "/apis/networking.k8s.io/v1/servicecidrs"}
}

// Record asks a real API server.
func Record(t *testing.T, c *clustertest.Cluster) Recording {
	t.Helper()
	r := Recording{}
	for _, path := range watched() {
		text, err := c.Client.Discovery().RESTClient().Get().AbsPath(path).DoRaw(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		var list recorded
		if err := json.Unmarshal(text, &list); err != nil {
			t.Fatal(err)
		}
		for _, o := range list.Objects { // a list says that once, an event each time
			o["kind"], o["apiVersion"] = strings.TrimSuffix(list.Kind, "List"), list.Version
		}
		r[path] = &list
	}
	return r
}

// Replay is an API server that knows no more than lists and watches of a Recording.
type Replay struct {
	Kubeconfig string

	mu       sync.Mutex
	version  int // of the last change
	of       Recording
	watchers map[chan event]string // and the path
}

type event struct {
	Type   string `json:"type"`
	Object any    `json:"object"`
}

// firstVersion is above those of the recorded objects.
const firstVersion = 1_000_000

// Replay serves a Recording on loopback until the test ends.
func (r Recording) Replay(t *testing.T) *Replay {
	t.Helper()
	p := &Replay{of: r, version: firstVersion, watchers: map[chan event]string{}}
	ctx, cancel := context.WithCancel(context.Background())
	l, err := new(net.ListenConfig).Listen(ctx, "tcp", "127.0.0.1:0")
	if err != nil {
		cancel()
		t.Fatal(err)
	}
	server := &http.Server{Handler: p, BaseContext: func(net.Listener) context.Context { return ctx }}
	served := make(chan error, 1)
	go func() { served <- server.Serve(l) }()
	t.Cleanup(func() {
		cancel() // watches never end by themselves
		_ = server.Close()
		if err := <-served; !errors.Is(err, http.ErrServerClosed) {
			t.Errorf("serve a recording: %v", err)
		}
	})
	p.Kubeconfig = clustertest.Kubeconfig(t, "replay", &rest.Config{Host: "http://" + l.Addr().String()})
	return p
}

// ServeHTTP answers lists, watches from the beginning on, and events of kube-proxy.
func (p *Replay) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	w.Header().Set("Content-Type", "application/json")
	list, known := p.of[r.URL.Path]
	switch {
	case r.Method == http.MethodPost:
		w.WriteHeader(http.StatusCreated)
		fmt.Fprint(w, `{"kind":"Event","apiVersion":"events.k8s.io/v1","metadata":{}}`)
	case !known || r.Method != http.MethodGet:
		w.WriteHeader(http.StatusNotFound)
		fmt.Fprint(w, `{"kind":"Status","apiVersion":"v1","status":"Failure","reason":"NotFound","code":404}`)
	case r.URL.Query().Get("watch") != "":
		p.watch(w, r)
	default:
		p.mu.Lock()
		defer p.mu.Unlock()
		_ = json.NewEncoder(w).Encode(map[string]any{
			"kind": list.Kind, "apiVersion": list.Version, "metadata": map[string]any{"resourceVersion": strconv.Itoa(p.version)}, "items": list.Objects,
		})
	}
}

// watch sends what is there, if that is asked for, and then changes.
func (p *Replay) watch(w http.ResponseWriter, r *http.Request) {
	p.mu.Lock()
	list := p.of[r.URL.Path]
	changes := make(chan event, 1_000)
	if r.URL.Query().Get("sendInitialEvents") == "true" {
		for _, o := range list.Objects {
			changes <- event{"ADDED", o}
		}
		changes <- event{"BOOKMARK", map[string]any{
			"kind": strings.TrimSuffix(list.Kind, "List"), "apiVersion": list.Version, "metadata": map[string]any{
				"resourceVersion": strconv.Itoa(p.version), "annotations": map[string]string{"k8s.io/initial-events-end": "true"},
			},
		}}
	}
	p.watchers[changes] = r.URL.Path
	p.mu.Unlock()
	defer func() {
		p.mu.Lock()
		defer p.mu.Unlock()
		delete(p.watchers, changes)
	}()
	flush := http.NewResponseController(w)
	if flush.Flush() != nil {
		return
	}
	for {
		select {
		case e := <-changes:
			p.mu.Lock()
			err := json.NewEncoder(w).Encode(e)
			p.mu.Unlock()
			if err != nil || flush.Flush() != nil {
				return
			}
		case <-r.Context().Done():
			return
		}
	}
}

// Change changes an object and tells those who watch.
func (p *Replay) Change(t *testing.T, path, namespace, name string, change func(object map[string]any)) {
	t.Helper()
	p.mu.Lock()
	defer p.mu.Unlock()
	for _, o := range p.of[path].Objects {
		meta, _ := o["metadata"].(map[string]any)
		if meta["namespace"] != namespace || meta["name"] != name {
			continue
		}
		change(o)
		p.version++
		meta["resourceVersion"] = strconv.Itoa(p.version)
		for to, watching := range p.watchers {
			if watching == path {
				to <- event{"MODIFIED", o}
			}
		}
		return
	}
	t.Fatalf("there is no %s/%s at %s", namespace, name, path)
}

// Save and Load keep a Recording in a file.
func (r Recording) Save(t *testing.T, dir string) (path string) {
	t.Helper()
	text, err := json.Marshal(r)
	if err != nil {
		t.Fatal(err)
	}
	path = filepath.Join(dir, "recording.json")
	if err := os.WriteFile(path, text, 0o600); err != nil {
		t.Fatal(err)
	}
	return path
}

// Load reads what Save wrote.
func Load(t *testing.T, path string) Recording {
	t.Helper()
	text, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	r := Recording{}
	if err := json.Unmarshal(text, &r); err != nil {
		t.Fatal(err)
	}
	return r
}
