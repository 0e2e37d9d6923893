package incluster

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"net/http/httptest"
	"slices"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	discoveryv1 "k8s.io/api/discovery/v1"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/labels"
	"k8s.io/apimachinery/pkg/runtime"
	"k8s.io/apimachinery/pkg/runtime/schema"
	"k8s.io/apimachinery/pkg/watch"
	"k8s.io/client-go/rest"

	"kpadvisor/apiserver"
	"kpadvisor/apiserver/apiservertest"
	"kpadvisor/jobs"
	"kpadvisor/jobs/jobstest"
)

func shop(t *testing.T) *shopAPI {
	t.Helper()
	f := &shopAPI{objects: apiservertest.Shop(), refuse: map[string]bool{}}
	f.objects[apiservertest.Slices] = nil // a list without items
	f.Server = httptest.NewServer(f)
	t.Cleanup(f.Close)
	return f
}

// shopAPI is an API server with one Service, and watches that a test answers.
type shopAPI struct {
	*httptest.Server
	mu      sync.Mutex
	objects map[string][]runtime.Object // by path of the list
	refuse  map[string]bool             // path of the list; empty for watches
	// watch answers watches, by number from 0; nil sends nothing. It may block.
	watch func(n int, r *http.Request, send func(kind watch.EventType, o runtime.Object))
	heard int
}

func (f *shopAPI) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	f.mu.Lock()
	defer f.mu.Unlock()
	q, watched := r.URL.Query(), r.URL.Query().Get("watch") != ""
	switch all, known := f.objects[r.URL.Path]; {
	case f.refuse[r.URL.Path] && !watched, f.refuse[""] && watched:
		jobstest.Refuse(w, apierrors.NewForbidden(schema.GroupResource{Resource: "endpointslices"}, "", errors.New("User \"u\" cannot")))
	case !known:
		jobstest.Refuse(w, jobstest.NotFound(r.URL.Path))
	case watched && (q.Get("limit") != "" || q.Get("resourceVersion") == "" || q.Get("timeoutSeconds") == ""):
		jobstest.Refuse(w, apierrors.NewBadRequest("a watch needs a version and an end, and has no pages"))
	case watched:
		f.serveWatch(w, r)
	default:
		selector, err := labels.Parse(q.Get("labelSelector"))
		items := slices.DeleteFunc(slices.Clone(all), func(o runtime.Object) bool {
			m, ok := o.(metav1.Object)
			return !ok || err != nil || !selector.Matches(labels.Set(m.GetLabels()))
		})
		jobstest.AnswerJSON(w, http.StatusOK, map[string]any{"kind": "List", "metadata": map[string]string{"resourceVersion": "42"}, "items": items})
	}
}

func (f *shopAPI) serveWatch(w http.ResponseWriter, r *http.Request) {
	n, answer := f.heard, f.watch
	f.heard++
	w.Header().Set("Content-Type", "application/json")
	w.WriteHeader(http.StatusOK)
	w.(http.Flusher).Flush() //nolint:forcetypeassert // net/http's is one
	f.mu.Unlock()
	defer f.mu.Lock()
	answer(n, r, func(kind watch.EventType, o runtime.Object) {
		_ = json.NewEncoder(w).Encode(map[string]any{"type": kind, "object": o}) // a client that is gone ends the request
		w.(http.Flusher).Flush()                                                 //nolint:forcetypeassert // net/http's is one
	})
}

func (f *shopAPI) client(t *testing.T) *Client {
	t.Helper()
	api, err := apiserver.Connect(&rest.Config{Host: f.URL, Timeout: 5 * time.Second}, apiserver.Options{PageSize: 1})
	if err != nil {
		t.Fatal(err)
	}
	return &Client{&jobs.Client{API: api, Whole: time.Minute}}
}

func TestServiceAt(t *testing.T) {
	t.Parallel()
	c := shop(t).client(t)
	for address, found := range map[string]bool{
		"10.96.0.10:80": true, "10.96.0.10:9999": true, "[fd00::10]:80": true, "[::ffff:10.96.0.10]:80": true, "192.0.2.1:30080": true,
		"10.96.0.11:80": false, "192.0.2.1:80": false, "192.0.2.1:30053": false, "192.0.2.2:30080": false, "cart.shop:80": false, "192.0.2.1:0": false, "": false,
	} {
		got, err := c.serviceAt(t.Context(), address)
		if found && (err != nil || got != serviceName{"shop", "cart"}) || !found && !errors.Is(err, ErrNoService) {
			t.Errorf("%q: %v, %v", address, got, err)
		}
	}
}

// TestWatchEndpoints: changes are reported once each, also those that were missed
// between two watches and while the version was too old; what changes nothing
// that a connection would notice is not.
func TestWatchEndpoints(t *testing.T) {
	t.Parallel()
	f := shop(t)
	f.objects[apiservertest.Slices] = append(f.objects[apiservertest.Slices], apiservertest.Backends("40", "cart-a", "10.0.0.1", "10.0.0.2"), apiservertest.Backends("41", "cart-b", "10.0.0.9"))
	other := apiservertest.Backends("40", "other", "10.0.1.1")
	other.Labels[discoveryv1.LabelServiceName] = "other"
	f.objects[apiservertest.Slices] = append(f.objects[apiservertest.Slices], other)
	ctx, cancel := context.WithCancel(t.Context())
	defer cancel()
	var versions []string
	f.watch = func(n int, r *http.Request, send func(watch.EventType, runtime.Object)) {
		versions = append(versions, r.URL.Query().Get("resourceVersion"))
		if l := r.URL.Query().Get("labelSelector"); l != "kubernetes.io/service-name=cart" {
			t.Errorf("selects %q", l)
		}
		switch n {
		case 0:
			send(watch.Modified, apiservertest.Backends("43", "cart-a", "10.0.0.1!", "10.0.0.2", "10.0.0.3?"))
			send(watch.Modified, apiservertest.Backends("44", "cart-a", "10.0.0.1!", "10.0.0.2", "10.0.0.3?")) // nothing
			send(watch.Modified, apiservertest.Backends("45", "cart-a", "10.0.0.2", "10.0.0.3"))
			send(watch.Deleted, apiservertest.Backends("46", "cart-b", "10.0.0.9"))
			send(watch.Bookmark, apiservertest.Backends("50", ""))
		case 1: // the version is gone, and so is an endpoint
			f.mu.Lock()
			f.objects[apiservertest.Slices] = []runtime.Object{apiservertest.Backends("60", "cart-a", "10.0.0.2"), apiservertest.Backends("61", "cart-c", "10.0.0.4", "10.0.0.5!"), other}
			f.mu.Unlock()
			send(watch.Error, &metav1.Status{Code: http.StatusGone, Reason: metav1.StatusReasonExpired})
		default:
			send(watch.Added, apiservertest.Backends("70", "cart-d", "10.0.0.6"))
			<-r.Context().Done()
		}
	}
	c := f.client(t)
	var got []string
	err := c.WatchEndpoints(ctx, "10.96.0.10:80", func(at time.Time, what string) {
		if time.Since(at) > time.Minute {
			t.Errorf("seen at %v", at)
		}
		if got = append(got, what); len(got) == 5 {
			cancel()
		}
	})
	want := []string{"1 terminating", "1 added, 1 removed", "1 removed", "1 added, 1 terminating, 1 removed", "1 added"}
	if err != nil || !slices.Equal(got, want) {
		t.Errorf("%v, %q", err, got)
	}
	if fmt.Sprint(versions) != "[42 50 42]" {
		t.Errorf("watched from %v", versions)
	}
}

// TestWatchRefused: what does not pass ends it, in a few words.
func TestWatchRefused(t *testing.T) {
	t.Parallel()
	none := func(time.Time, string) { t.Error("a change") }
	for path, want := range map[string]string{
		"/api/v1/services": "services list forbidden", apiservertest.Slices: "endpointslices list forbidden", "": "endpointslices watch forbidden",
	} {
		f := shop(t)
		f.refuse[path] = true
		if err := f.client(t).WatchEndpoints(t.Context(), "10.96.0.10:80", none); err == nil || err.Error() != want {
			t.Errorf("%s: %v", want, err)
		}
	}
	f := shop(t)
	f.refuse["/api/v1/nodes"] = true
	c := f.client(t)
	if err := c.WatchEndpoints(t.Context(), "192.0.2.1:30080", none); err == nil || err.Error() != "nodes list forbidden" {
		t.Errorf("a NodePort: %v", err)
	}
	if err := c.WatchEndpoints(t.Context(), "10.96.0.99:80", none); !errors.Is(err, ErrNoService) {
		t.Errorf("an unknown address: %v", err)
	}
}

// TestWatchBacksOff: a watch that breaks, or ends, at once is not taken up again
// at once; it ends with its context all the same.
func TestWatchBacksOff(t *testing.T) {
	t.Parallel()
	for name, answer := range map[string]func(send func(watch.EventType, runtime.Object)){
		"ends":   func(func(watch.EventType, runtime.Object)) {},
		"breaks": func(func(watch.EventType, runtime.Object)) { panic(http.ErrAbortHandler) },
		"gone": func(send func(watch.EventType, runtime.Object)) {
			send(watch.Error, &metav1.Status{Code: http.StatusGone})
		},
		"errors": func(send func(watch.EventType, runtime.Object)) { send(watch.Error, &metav1.Status{Code: 500}) },
		"talks nonsense": func(send func(watch.EventType, runtime.Object)) {
			send(watch.Added, &metav1.Status{Code: 500})
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			f := shop(t)
			var watches atomic.Int64
			f.watch = func(_ int, _ *http.Request, send func(watch.EventType, runtime.Object)) {
				watches.Add(1)
				answer(send)
			}
			ctx, cancel := context.WithTimeout(t.Context(), firstPause+firstPause/2)
			defer cancel()
			err := f.client(t).WatchEndpoints(ctx, "10.96.0.10:80", func(time.Time, string) {})
			if n := watches.Load(); err != nil || n == 0 || n > 2 {
				t.Errorf("%v after %d watches", err, n)
			}
		})
	}
}
