package cluster

import (
	"cmp"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"slices"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	appsv1 "k8s.io/api/apps/v1"
	corev1 "k8s.io/api/core/v1"
	discoveryv1 "k8s.io/api/discovery/v1"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	"k8s.io/apimachinery/pkg/api/meta"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/fields"
	"k8s.io/apimachinery/pkg/labels"
	"k8s.io/apimachinery/pkg/runtime"
	"k8s.io/apimachinery/pkg/runtime/schema"
	"k8s.io/apimachinery/pkg/runtime/serializer/protobuf"
	"k8s.io/client-go/rest"

	"kpadvisor/apiserver/apiservertest"
)

// fakeAPI serves lists over TLS with the semantics of an API server, as far as
// this package depends on them: pages and their tokens, remainingItemCount that
// is missing from the last page and from filtered lists, expiry (410), refusals
// (401, 403, 404, 405, 406, 429) as Status objects, JSON or protobuf as asked.
//
// client-go's fake clientset ignores limit and continue, so it proves nothing here.
type fakeAPI struct {
	*httptest.Server
	t testing.TB

	mu       sync.Mutex
	objects  map[string][]runtime.Object // by path of the list
	refuse   map[string]int              // path -> status code
	stall    map[string]bool             // path -> never answer
	stalled  chan struct{}               // takes a word of the first request that is not answered
	cut      map[string]int              // path -> bytes of the body before the connection breaks
	busy     map[string]int              // path -> how often to answer 429 first
	expire   map[string]bool             // path -> the next token is too old, once
	jsonOnly bool                        // as a proxy that does not know protobuf
	noCount  bool                        // remainingItemCount is optional
	requests []string                    // "GET /api/v1/services?limit=1"
}

const fakeToken = "a-token"

func newFakeAPI(t testing.TB) *fakeAPI {
	f := &fakeAPI{
		t: t, objects: map[string][]runtime.Object{}, refuse: map[string]int{}, stall: map[string]bool{}, stalled: make(chan struct{}, 1),
		cut: map[string]int{}, busy: map[string]int{}, expire: map[string]bool{},
	}
	f.Server = httptest.NewUnstartedServer(f)
	f.EnableHTTP2 = true
	f.Config.ErrorLog = slog.NewLogLogger(slog.DiscardHandler, slog.LevelError)
	f.StartTLS()
	t.Cleanup(f.Close)
	return f
}

// config is a kubeconfig's worth of access to the server.
func (f *fakeAPI) config() *rest.Config {
	return &rest.Config{Host: f.URL, BearerToken: fakeToken, TLSClientConfig: rest.TLSClientConfig{CAData: certificateOf(f.Server)}}
}

func (f *fakeAPI) connect(o Options) *Client {
	f.t.Helper()
	c, err := Connect(f.config(), o)
	if err != nil {
		f.t.Fatal(err)
	}
	f.t.Cleanup(c.api.CloseIdle)
	return c
}

// kinds are the lists served, with their list types.
func kinds() map[string]runtime.Object {
	return map[string]runtime.Object{
		"/api/v1/services":                          &corev1.ServiceList{},
		"/api/v1/nodes":                             &corev1.NodeList{},
		"/api/v1/pods":                              &corev1.PodList{},
		"/api/v1/namespaces/kube-system/pods":       &corev1.PodList{},
		"/api/v1/namespaces/kube-system/configmaps": &corev1.ConfigMapList{},
		"/api/v1/namespaces/default/events":         &corev1.EventList{},
		"/apis/discovery.k8s.io/v1/endpointslices":  &discoveryv1.EndpointSliceList{},
		apiservertest.Slices:                        &discoveryv1.EndpointSliceList{},
		"/apis/apps/v1/deployments":                 &appsv1.DeploymentList{},
		"/apis/apps/v1/statefulsets":                &appsv1.StatefulSetList{},
		"/apis/apps/v1/daemonsets":                  &appsv1.DaemonSetList{},
		"/apis/apps/v1/replicasets":                 &appsv1.ReplicaSetList{},
		"/apis/apps/v1/controllerrevisions":         &appsv1.ControllerRevisionList{},
	}
}

// add stores objects in the order of their keys, as etcd does.
func (f *fakeAPI) add(path string, objects ...runtime.Object) {
	if _, ok := kinds()[path]; !ok {
		f.t.Fatalf("the fake serves no %s", path)
	}
	all := append(f.objects[path], objects...)
	slices.SortFunc(all, func(a, b runtime.Object) int { return cmp.Compare(keyOf(a), keyOf(b)) })
	f.objects[path] = all
}

func keyOf(o runtime.Object) string {
	a, err := meta.Accessor(o)
	if err != nil {
		panic(err)
	}
	return a.GetNamespace() + "/" + a.GetName()
}

func (f *fakeAPI) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	f.mu.Lock()
	defer f.mu.Unlock()
	path := r.URL.Path
	f.requests = append(f.requests, r.Method+" "+path+"?"+r.URL.RawQuery)
	switch {
	case r.Header.Get("Authorization") != "Bearer "+fakeToken:
		f.status(w, apierrors.NewUnauthorized("Unauthorized"))
	case r.Method != http.MethodGet:
		f.status(w, apierrors.NewMethodNotSupported(schema.GroupResource{}, r.Method))
	case f.stall[path]:
		f.mu.Unlock()
		select {
		case f.stalled <- struct{}{}:
		default:
		}
		<-r.Context().Done()
		f.mu.Lock()
	case f.busy[path] > 0:
		f.busy[path]--
		f.status(w, apierrors.NewTooManyRequests("too many requests, please try again later", 1))
	case f.refuse[path] == http.StatusForbidden:
		f.status(w, apierrors.NewForbidden(schema.GroupResource{Resource: path[strings.LastIndex(path, "/")+1:]}, "", fmt.Errorf("User \"u\" cannot list")))
	case f.refuse[path] == http.StatusNotFound:
		http.NotFound(w, r) // what an API server says of a group it does not serve
	case f.refuse[path] != 0:
		f.status(w, apierrors.NewGenericServerResponse(f.refuse[path], "get", schema.GroupResource{}, "", "no", 0, false))
	case path == "/version":
		fmt.Fprint(w, `{"major": "1", "minor": "37", "gitVersion": "v1.37.2"}`)
	case kinds()[path] != nil:
		f.list(w, r)
	default:
		f.one(w, r)
	}
}

// one serves a single object as JSON.
func (f *fakeAPI) one(w http.ResponseWriter, r *http.Request) {
	path, name := r.URL.Path[:strings.LastIndex(r.URL.Path, "/")], r.URL.Path[strings.LastIndex(r.URL.Path, "/")+1:]
	if kinds()[path] == nil {
		http.NotFound(w, r)
		return
	}
	for _, o := range f.objects[path] {
		if strings.HasSuffix(keyOf(o), "/"+name) {
			w.Header().Set("Content-Type", "application/json")
			_ = json.NewEncoder(w).Encode(o)
			return
		}
	}
	f.status(w, apierrors.NewNotFound(schema.GroupResource{Resource: path[strings.LastIndex(path, "/")+1:]}, name))
}

// list serves one page.
func (f *fakeAPI) list(w http.ResponseWriter, r *http.Request) {
	q := r.URL.Query()
	path := r.URL.Path
	filtered, objects, err := f.filter(path, q.Get("labelSelector"), q.Get("fieldSelector"))
	if err != nil {
		f.status(w, apierrors.NewBadRequest(err.Error()))
		return
	}
	from := 0
	if token := q.Get("continue"); token != "" {
		b, err := base64.RawURLEncoding.DecodeString(token)
		if err == nil {
			from, err = strconv.Atoi(strings.TrimPrefix(string(b), "inconsistent "))
		}
		if err != nil || q.Get("resourceVersion") != "" {
			f.status(w, apierrors.NewBadRequest("continue key is not valid"))
			return
		}
		if f.expire[path] {
			delete(f.expire, path)
			gone := apierrors.NewResourceExpired("The provided continue parameter is too old")
			gone.ErrStatus.Continue = base64.RawURLEncoding.EncodeToString([]byte("inconsistent " + strconv.Itoa(from)))
			f.status(w, gone)
			return
		}
	}
	limit, err := strconv.Atoi(cmp.Or(q.Get("limit"), "0"))
	if err != nil || limit < 0 {
		f.status(w, apierrors.NewBadRequest("limit is not valid"))
		return
	}
	to := len(objects)
	list := metav1.ListMeta{ResourceVersion: "42"}
	if limit > 0 && q.Get("resourceVersion") != "0" && from+limit < to { // resourceVersion=0 ignores the limit
		to = from + limit
		list.Continue = base64.RawURLEncoding.EncodeToString([]byte(strconv.Itoa(to)))
		if n := int64(len(objects) - to); !filtered && !f.noCount {
			list.RemainingItemCount = &n
		}
	}
	f.write(w, r, path, list, objects[from:to])
}

func (f *fakeAPI) filter(path, labelSelector, fieldSelector string) (filtered bool, objects []runtime.Object, err error) {
	objects = f.objects[path]
	if labelSelector == "" && fieldSelector == "" {
		return false, objects, nil
	}
	byLabel, err := labels.Parse(labelSelector)
	if err != nil {
		return true, nil, err
	}
	byField, err := fields.ParseSelector(fieldSelector)
	if err != nil {
		return true, nil, err
	}
	objects = slices.DeleteFunc(slices.Clone(objects), func(o runtime.Object) bool {
		a, _ := meta.Accessor(o)
		set := fields.Set{"metadata.name": a.GetName()}
		if e, ok := o.(*corev1.Event); ok {
			set["reason"] = e.Reason
		}
		return !byLabel.Matches(labels.Set(a.GetLabels())) || !byField.Matches(set)
	})
	return true, objects, nil
}

// write encodes a page as asked for.
func (f *fakeAPI) write(w http.ResponseWriter, r *http.Request, path string, list metav1.ListMeta, items []runtime.Object) {
	accept := r.Header.Get("Accept")
	page := kinds()[path].DeepCopyObject()
	if strings.Contains(accept, "as=PartialObjectMetadataList") {
		partial := &metav1.PartialObjectMetadataList{}
		for _, o := range items {
			a, _ := meta.Accessor(o)
			partial.Items = append(partial.Items, metav1.PartialObjectMetadata{ObjectMeta: *meta.AsPartialObjectMetadata(a).ObjectMeta.DeepCopy()})
		}
		page = partial
	} else if err := meta.SetList(page, items); err != nil {
		f.t.Error(err)
	}
	a, err := meta.ListAccessor(page)
	if err != nil {
		f.t.Error(err)
	}
	a.SetResourceVersion(list.ResourceVersion)
	a.SetContinue(list.Continue)
	a.SetRemainingItemCount(list.RemainingItemCount)

	body, contentType := encodeJSON(f.t, page), runtime.ContentTypeJSON
	switch {
	case strings.Contains(accept, runtime.ContentTypeProtobuf) && !f.jsonOnly:
		body, contentType = encodeProtobuf(f.t, page), runtime.ContentTypeProtobuf
	case !strings.Contains(accept, runtime.ContentTypeJSON):
		w.WriteHeader(http.StatusNotAcceptable)
		return
	}
	w.Header().Set("Content-Type", contentType)
	if n, ok := f.cut[path]; ok {
		w.Header().Set("Content-Length", strconv.Itoa(len(body)))
		_, _ = w.Write(body[:min(n, len(body))])
		w.(http.Flusher).Flush()
		panic(http.ErrAbortHandler)
	}
	_, _ = w.Write(body)
}

func testScheme(t testing.TB) *runtime.Scheme {
	s := runtime.NewScheme()
	for _, add := range []func(*runtime.Scheme) error{corev1.AddToScheme, discoveryv1.AddToScheme, appsv1.AddToScheme, metav1.AddMetaToScheme} {
		if err := add(s); err != nil {
			t.Fatal(err)
		}
	}
	return s
}

func encodeProtobuf(t testing.TB, o runtime.Object) []byte {
	t.Helper()
	s := testScheme(t)
	withKind(t, s, o)
	b, err := runtime.Encode(protobuf.NewSerializer(s, s), o)
	if err != nil {
		t.Fatal(err)
	}
	return b
}

func encodeJSON(t testing.TB, o runtime.Object) []byte {
	t.Helper()
	withKind(t, testScheme(t), o)
	b, err := json.Marshal(o)
	if err != nil {
		t.Fatal(err)
	}
	return b
}

func withKind(t testing.TB, s *runtime.Scheme, o runtime.Object) {
	t.Helper()
	gvk, _, err := s.ObjectKinds(o)
	if err != nil {
		t.Fatal(err)
	}
	o.GetObjectKind().SetGroupVersionKind(gvk[0])
}

// status refuses as an API server does.
func (f *fakeAPI) status(w http.ResponseWriter, err *apierrors.StatusError) {
	s := err.Status()
	s.Kind, s.APIVersion = "Status", "v1"
	w.Header().Set("Content-Type", "application/json")
	if s.Details != nil && s.Details.RetryAfterSeconds > 0 {
		w.Header().Set("Retry-After", strconv.Itoa(int(s.Details.RetryAfterSeconds)))
	}
	w.WriteHeader(int(s.Code))
	_ = json.NewEncoder(w).Encode(s)
}

var epoch = time.Date(2026, 11, 20, 9, 0, 0, 0, time.UTC)

func fixedNow() time.Time { return epoch }
