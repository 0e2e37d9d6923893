package cluster

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"reflect"
	"runtime"
	"strings"
	"sync"
	"testing"
	"time"

	corev1 "k8s.io/api/core/v1"
	discoveryv1 "k8s.io/api/discovery/v1"
	"k8s.io/client-go/rest"

	"kpadvisor/advisor"
)

// smallCluster seeds 7 Services of every kind, 6 slices, 5 nodes and 2 workloads.
func smallCluster(t testing.TB) *fakeAPI {
	f := newFakeAPI(t)
	f.add("/api/v1/services",
		serviceNamed("cart"),
		serviceNamed("web", func(s *corev1.Service) {
			s.Spec.Type = corev1.ServiceTypeLoadBalancer
			s.Spec.Ports[0].NodePort = 30080
			s.Status.LoadBalancer.Ingress = []corev1.LoadBalancerIngress{{IP: "192.0.2.1"}}
			s.Spec.ExternalTrafficPolicy = corev1.ServiceExternalTrafficPolicyLocal
		}),
		serviceNamed("empty"),
		serviceNamed("leaving"),
		serviceNamed("db", func(s *corev1.Service) { s.Spec.ClusterIP = corev1.ClusterIPNone }),
		serviceNamed("away", func(s *corev1.Service) { s.Spec.Type = corev1.ServiceTypeExternalName; s.Spec.ClusterIP = "" }),
		serviceNamed("mesh", func(s *corev1.Service) {
			s.Labels = map[string]string{"service.kubernetes.io/service-proxy-name": "mesh"}
		}),
	)
	f.add("/apis/discovery.k8s.io/v1/endpointslices",
		sliceNamed("cart", "cart-1", 3),
		sliceNamed("cart", "cart-2", 2),
		sliceNamed("web", "web-1", 1, func(s *discoveryv1.EndpointSlice) {
			s.Endpoints = append(s.Endpoints, endpointAt("10.0.9.9", false, true, true), endpointAt("10.0.9.8", false, false, false))
		}),
		sliceNamed("leaving", "leaving-1", 0, func(s *discoveryv1.EndpointSlice) {
			s.Endpoints = append(s.Endpoints, endpointAt("10.0.9.7", false, true, true))
		}),
		sliceNamed("db", "db-1", 4, func(s *discoveryv1.EndpointSlice) { s.Labels[corev1.IsHeadlessService] = "" }),
		sliceNamed("mesh", "mesh-1", 4, func(s *discoveryv1.EndpointSlice) { s.Labels["service.kubernetes.io/service-proxy-name"] = "mesh" }),
	)
	for i := range 5 {
		f.add("/api/v1/nodes", nodeNamed(fmt.Sprintf("node-%d", i), "5.15.0-105-generic"))
	}
	f.add("/apis/apps/v1/deployments", deploymentNamed("cart", 90*24*time.Hour), deploymentNamed("web", time.Hour))
	f.add("/apis/apps/v1/replicasets",
		replicaSetOf("cart", "cart-1", 80*24*time.Hour), replicaSetOf("cart", "cart-2", 48*time.Hour), replicaSetOf("cart", "cart-3", time.Hour),
		replicaSetOf("web", "web-1", time.Hour))
	return f
}

func survey(t testing.TB, f *fakeAPI, o Options) advisor.Reading {
	t.Helper()
	o.Now = fixedNow
	r := f.connect(o).Start(t.Context()).Wait()
	if !r.Done || r.Stage != "" {
		t.Errorf("after Wait, Done is %v and Stage %q", r.Done, r.Stage)
	}
	return r
}

func wantSmall() (advisor.ServiceCounts, advisor.EndpointCounts, advisor.Load) {
	services := advisor.ServiceCounts{
		Total: 7, Counted: 4, Headless: 1, ExternalName: 1, OtherProxy: 1, ClusterIP: 3, LoadBalancer: 1,
		Ports: 4, NodePorts: 1, LoadBalancerIPs: 1, ExternalLocal: 1, WithoutEndpoints: 1,
	}
	endpoints := advisor.EndpointCounts{
		Slices: 4, Total: 9, IPv4: 9, Ready: 6, Serving: 8, Terminating: 2, Largest: 5, LargestName: "shop/cart",
	}
	load := advisor.Load{
		Family: "IPv4", Ports: 4, PortsWithoutEndpoints: 1, PortsWithOneEndpoint: 2, Endpoints: 7,
		NodePorts: 1, NodePortsLocal: 1, NodePortEndpoints: 1, LoadBalancerPorts: 1, ExternalEndpoints: 1,
	}
	return services, endpoints, load
}

// TestSurvey reads the same cluster in every way a server may answer: the facts
// do not depend on it.
func TestSurvey(t *testing.T) {
	services, endpoints, load := wantSmall()
	for _, tt := range []struct {
		name string
		o    Options
		set  func(*fakeAPI)
	}{
		{name: "protobuf, one page"},
		{name: "pages of one", o: Options{PageSize: 1}},
		{name: "pages of two", o: Options{PageSize: 2}},
		{name: "last page exactly full", o: Options{PageSize: 7}},
		{name: "JSON", o: Options{PageSize: 2}, set: func(f *fakeAPI) { f.jsonOnly = true }},
		{name: "no remainingItemCount", o: Options{PageSize: 2}, set: func(f *fakeAPI) { f.noCount = true }},
		{name: "expired token", o: Options{PageSize: 2}, set: func(f *fakeAPI) {
			f.expire["/api/v1/services"], f.expire["/apis/apps/v1/replicasets"] = true, true
		}},
		{name: "429", o: Options{}, set: func(f *fakeAPI) { f.busy["/api/v1/services"] = 1 }},
		{name: "as many pages as allowed", o: Options{PageSize: 2, MaxPages: 4}},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			f := smallCluster(t)
			if tt.set != nil {
				tt.set(f)
			}
			tt.o.WithNames = true
			r := survey(t, f, tt.o)
			if r.Err != nil {
				t.Fatal(r.Err)
			}
			for _, m := range r.Facts.Coverage.Missing {
				t.Errorf("missing %+v", m)
			}
			check(t, "services", r.Facts.Services, services)
			check(t, "endpoints", r.Facts.Endpoints, endpoints)
			check(t, "load", r.Facts.Load, load)
			check(t, "nodes", r.Facts.Nodes, 5)
			check(t, "version", r.Facts.Version, "v1.37.2")
			check(t, "rollouts a day", r.Facts.RolloutsPerDay, 2.0/7)
			if len(r.Facts.Groups) != 1 || r.Facts.Groups[0].Nodes != 5 || len(r.Facts.Groups[0].NodeNames) != maxExamples {
				t.Errorf("groups %+v, want one of 5 nodes with %d names", r.Facts.Groups, maxExamples)
			}
			if !r.Facts.TakenAt.Equal(epoch) {
				t.Errorf("taken at %v, want %v", r.Facts.TakenAt, epoch)
			}
		})
	}
}

func check[T comparable](t *testing.T, what string, f advisor.Fact[T], want T) {
	t.Helper()
	if got, ok := f.Get(); !ok || got != want {
		t.Errorf("%s: %v %s %s\n got %+v\nwant %+v", what, f.State, f.Why, f.Detail, got, want)
	}
}

// TestOnlyGets holds every request against the promise of getting and listing,
// from etcd's point of view: no watch, no resourceVersion, always a limit.
func TestOnlyGets(t *testing.T) {
	f := smallCluster(t)
	survey(t, f, Options{})
	for _, r := range f.requests {
		verb, query, _ := strings.Cut(r, "?")
		isList := kinds()[strings.TrimPrefix(verb, "GET ")] != nil
		switch {
		case !strings.HasPrefix(verb, "GET "), strings.Contains(query, "watch"), strings.Contains(query, "resourceVersion"):
			t.Errorf("asked %s", r)
		case isList && !strings.Contains(query, "limit="):
			t.Errorf("asked %s without a limit", r)
		}
	}
	for _, first := range []string{"/version", "/api/v1/services?limit=1", "/apis/discovery.k8s.io/v1/endpointslices?limit=1"} {
		if !strings.HasPrefix(f.requests[0], "GET "+first) {
			t.Errorf("asked %s, want %s", f.requests[0], first)
		}
		f.requests = f.requests[1:]
	}
}

// TestMissing makes each kind unreadable in each way: the coverage says which, the
// facts that need it are unknown for that reason, and the rest is still there.
func TestMissing(t *testing.T) {
	facts := func(f advisor.Facts) map[string]advisor.Why {
		unknown := map[string]advisor.Why{}
		for name, fact := range map[string]struct {
			advisor.State
			advisor.Why
		}{
			"Services": {f.Services.State, f.Services.Why}, "Endpoints": {f.Endpoints.State, f.Endpoints.Why},
			"Load": {f.Load.State, f.Load.Why}, "Nodes": {f.Nodes.State, f.Nodes.Why},
			"Workloads": {f.Workloads.State, f.Workloads.Why}, "RolloutsPerDay": {f.RolloutsPerDay.State, f.RolloutsPerDay.Why},
		} {
			if fact.State != advisor.Known {
				unknown[name] = fact.Why
			}
		}
		return unknown
	}
	ways := []struct {
		why advisor.Why
		set func(f *fakeAPI, path string)
	}{
		{advisor.Forbidden, func(f *fakeAPI, path string) { f.refuse[path] = http.StatusForbidden }},
		{advisor.NotServed, func(f *fakeAPI, path string) { f.refuse[path] = http.StatusNotFound }},
		{advisor.TimedOut, func(f *fakeAPI, path string) { f.stall[path] = true }},
		{advisor.TimedOut, func(f *fakeAPI, path string) { f.refuse[path] = http.StatusGatewayTimeout }},
		{advisor.Failed, func(f *fakeAPI, path string) { f.refuse[path] = http.StatusInternalServerError }},
		{advisor.Failed, func(f *fakeAPI, path string) { f.cut[path] = 60 }},
	}
	for _, kind := range []struct {
		path, what string
		unknown    []string
	}{
		{"/api/v1/services", "Services", []string{"Services", "Load"}},
		{"/apis/discovery.k8s.io/v1/endpointslices", "EndpointSlices", []string{"Endpoints", "Load"}},
		{"/api/v1/nodes", "Nodes", []string{"Nodes"}},
		{"/apis/apps/v1/deployments", "Deployments", []string{"Workloads"}},
		{"/apis/apps/v1/statefulsets", "StatefulSets", []string{"Workloads"}},
		{"/apis/apps/v1/daemonsets", "DaemonSets", []string{"Workloads"}},
		{"/apis/apps/v1/replicasets", "ReplicaSets", []string{"RolloutsPerDay"}},
		{"/apis/apps/v1/controllerrevisions", "ControllerRevisions", []string{"RolloutsPerDay"}},
	} {
		for i, way := range ways {
			t.Run(fmt.Sprintf("%s %d %s", kind.what, i, way.why), func(t *testing.T) {
				t.Parallel()
				f := smallCluster(t)
				way.set(f, kind.path)
				r := survey(t, f, Options{Timeout: 700 * time.Millisecond})
				if r.Err != nil {
					t.Fatal(r.Err)
				}
				want := map[string]advisor.Why{}
				for _, name := range kind.unknown {
					want[name] = way.why
				}
				if got := facts(r.Facts); !reflect.DeepEqual(got, want) {
					t.Errorf("unknown %v, want %v", got, want)
				}
				found := false
				for _, m := range r.Facts.Coverage.Missing {
					found = found || m.What == kind.what && m.Why == way.why && m.Hides != ""
				}
				if !found {
					t.Errorf("coverage %+v, want %s missing: %s", r.Facts.Coverage.Missing, kind.what, way.why)
				}
			})
		}
	}
}

// TestEndpointsWithoutServices: slices alone still say how many endpoints there
// are, by their labels, but not what Services multiply them into.
func TestEndpointsWithoutServices(t *testing.T) {
	f := smallCluster(t)
	f.refuse["/api/v1/services"] = http.StatusForbidden
	r := survey(t, f, Options{WithNames: true})
	_, want, _ := wantSmall()
	check(t, "endpoints", r.Facts.Endpoints, want)
	if !strings.Contains(r.Facts.Endpoints.Source, "Services were not read") {
		t.Errorf("the source %q does not say that Services were not read", r.Facts.Endpoints.Source)
	}
}

// TestBounded cuts every kind off after one page.
func TestBounded(t *testing.T) {
	f := smallCluster(t)
	r := survey(t, f, Options{PageSize: 2, MaxPages: 1})
	want := map[string][2]int{"Services": {2, 7}, "EndpointSlices": {2, 6}, "Nodes": {2, 5}, "ReplicaSets": {2, 4}}
	for _, m := range r.Facts.Coverage.Missing {
		if w, ok := want[m.What]; !ok || m.Why != advisor.Bounded || m.Read != w[0] || m.Total != w[1] {
			t.Errorf("missing %+v, want bounded and %v", m, w)
		}
		delete(want, m.What)
	}
	if len(want) > 0 {
		t.Errorf("the coverage does not have %v", want)
	}
	for name, known := range map[string]bool{
		"Services": r.Facts.Services.IsKnown(), "Endpoints": r.Facts.Endpoints.IsKnown(), "Load": r.Facts.Load.IsKnown(),
		"Nodes": r.Facts.Nodes.IsKnown(), "RolloutsPerDay": r.Facts.RolloutsPerDay.IsKnown(),
	} {
		if known {
			t.Errorf("%s is known from a partial read", name)
		}
	}
	if got := r.Facts.Totals.Services; got.Value != 7 || !got.IsKnown() {
		t.Errorf("the total of Services is %+v, want the server's 7", got)
	}
}

// TestEndlessLists: a server whose tokens are never good, or lead back to where
// they come from, does not hold the survey for ever.
func TestEndlessLists(t *testing.T) {
	for name, status := range map[string]int{"the same page again": http.StatusOK, "always too old": http.StatusGone} {
		t.Run(name, func(t *testing.T) {
			requests := 0
			s := serve(t, newAuthority(t).issue(t, time.Now().Add(time.Hour), "127.0.0.1"), func(w http.ResponseWriter, r *http.Request) {
				requests++
				w.Header().Set("Content-Type", "application/json")
				if r.URL.Query().Get("continue") != "" && status == http.StatusGone {
					w.WriteHeader(status)
					fmt.Fprintf(w, `{"kind": "Status", "apiVersion": "v1", "code": 410, "reason": "Expired", "metadata": {"continue": "token-%d"}}`, requests)
					return
				}
				fmt.Fprint(w, `{"kind": "ServiceList", "metadata": {"continue": "token"}, "items": [{}]}`)
			})
			c, err := Connect(&rest.Config{Host: s.URL, TLSClientConfig: rest.TLSClientConfig{Insecure: true}}, Options{})
			if err != nil {
				t.Fatal(err)
			}
			err = readAll(t.Context(), c, serviceList(), &progress{}, func(*corev1.Service) {})
			if err == nil || requests > 4 {
				t.Errorf("%d requests and error %v", requests, err)
			}
		})
	}
}

// TestNothingReadable: when nothing can be read there are no facts but a problem.
func TestNothingReadable(t *testing.T) {
	f := newFakeAPI(t)
	for path := range kinds() {
		f.refuse[path] = http.StatusForbidden
	}
	r := survey(t, f, Options{})
	if r.Err == nil || why(r.Err) != advisor.Forbidden {
		t.Errorf("error %v, want forbidden", r.Err)
	}
}

// TestTotalsFirst: both totals are there while the first list is still being read.
func TestTotalsFirst(t *testing.T) {
	f := smallCluster(t)
	f.stall["/api/v1/nodes"] = true // the first list
	ctx, cancel := context.WithCancel(t.Context())
	s := f.connect(Options{}).Start(ctx)
	<-f.stalled
	r := s.Reading()
	if r.Facts.Services.IsKnown() || r.Facts.Endpoints.IsKnown() || r.Facts.Totals.Services.Or(0) != 7 || r.Facts.Totals.EndpointSlices.Or(0) != 6 {
		t.Errorf("totals %+v: want 7 and 6, and the facts unknown", r.Facts.Totals)
	}
	cancel()
	r = s.Wait()
	if !errors.Is(r.Err, context.Canceled) || !r.Done {
		t.Errorf("after cancel: %v, done %v", r.Err, r.Done)
	}
}

// TestServerDies: a server that goes away costs two timeouts, not one for each kind.
func TestServerDies(t *testing.T) {
	f := smallCluster(t)
	for path := range kinds() {
		f.stall[path] = path != "/api/v1/services" && path != "/apis/discovery.k8s.io/v1/endpointslices" && path != "/api/v1/nodes"
	}
	start := time.Now()
	r := survey(t, f, Options{Timeout: 300 * time.Millisecond})
	if took := time.Since(start); took > 1500*time.Millisecond {
		t.Errorf("the survey took %v, want about two timeouts of 300 ms", took)
	}
	if r.Err != nil || !r.Facts.Load.IsKnown() || r.Facts.Workloads.Why != advisor.TimedOut || r.Facts.RolloutsPerDay.Why != advisor.TimedOut {
		t.Errorf("err %v, facts %+v", r.Err, r.Facts)
	}
}

// TestPanicIsAnError: a panic of the goroutine ends the survey, not the program.
func TestPanicIsAnError(t *testing.T) {
	f := smallCluster(t)
	calls := 0
	c := f.connect(Options{Now: func() time.Time {
		if calls++; calls == 1 {
			panic("the clock stopped")
		}
		return epoch
	}})
	r := c.Start(t.Context()).Wait()
	if r.Err == nil || !strings.Contains(r.Err.Error(), "the clock stopped") || !r.Done {
		t.Errorf("reading %+v, want the panic as its error", r)
	}
}

// TestReadingIsACopy pulls readings from several goroutines, and changes them,
// while the survey goes on; for the race detector.
func TestReadingIsACopy(t *testing.T) {
	f := smallCluster(t)
	f.refuse["/api/v1/pods"] = http.StatusForbidden
	s := f.connect(Options{PageSize: 1, Now: fixedNow}).Start(t.Context())
	var readers sync.WaitGroup
	for range 4 {
		readers.Go(func() {
			for {
				r := s.Reading()
				for i := range r.Facts.Groups {
					r.Facts.Groups[i].Nodes = -1
				}
				for i := range r.Facts.Coverage.Missing {
					r.Facts.Coverage.Missing[i].What = "changed"
				}
				if r.Done {
					return
				}
				runtime.Gosched()
			}
		})
	}
	readers.Wait()
	for _, g := range s.Wait().Facts.Groups {
		if g.Nodes < 0 {
			t.Error("changing a reading changed the survey")
		}
	}
	for _, m := range s.Wait().Facts.Coverage.Missing {
		if m.What == "changed" {
			t.Error("changing a reading changed the survey")
		}
	}
}

// TestNoGoroutineLeft: Wait joins what Start started.
func TestNoGoroutineLeft(t *testing.T) {
	f := smallCluster(t)
	before := runtime.NumGoroutine()
	for range 5 {
		c := f.connect(Options{})
		c.Start(t.Context()).Wait()
		c.api.CloseIdle()
	}
	f.CloseClientConnections()
	for range 3000 { // the ends of goroutines of the client are told to nobody
		if runtime.NumGoroutine() <= before {
			return
		}
		time.Sleep(10 * time.Millisecond)
	}
	t.Errorf("%d goroutines before, %d after", before, runtime.NumGoroutine())
}
