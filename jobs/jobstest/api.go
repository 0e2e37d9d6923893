// Package jobstest is an API server for tests of what runs pods.
package jobstest

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"maps"
	"net/http"
	"net/http/httptest"
	"slices"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	authorizationv1 "k8s.io/api/authorization/v1"
	batchv1 "k8s.io/api/batch/v1"
	corev1 "k8s.io/api/core/v1"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/runtime/schema"
	"k8s.io/apimachinery/pkg/types"
	"k8s.io/client-go/rest"

	"kpadvisor/apiserver"
	"kpadvisor/jobs"
)

// Token is what the API server lets in.
const Token = "s3cret"

// API is an API server with the controllers and kubelets behind it, as far as a run can
// tell. It refuses what the real one refuses: one table of requests runs against both
// (TestCreateAsTheRealOne of package incluster). Pods are made of Jobs; what runs in them
// is up to the test. Fields are set before the first request, or under Mu.
type API struct {
	*httptest.Server
	T   *testing.T
	Run func(p *Pod) // what runs in a pod that runs

	Admit    func(path string, body []byte) *apierrors.StatusError
	Answer   func(r *http.Request) *apierrors.StatusError // before anything else
	Logs     func(p *Pod, r *http.Request, from int) (to int, cut bool)
	Schedule func(p *corev1.Pod)    // may leave a pod pending or failed
	Lose     func(path string) bool // the answer to a creation that worked
	Events   []corev1.Event
	Denied   []string // "create pods": what a review says no to

	Mu       sync.Mutex
	Requests []string          // "POST /apis/batch/v1/..."
	Deleted  []string          // paths
	Longest  int               // page that was asked for
	Most     int               // logs that were read at once
	objects  map[string]stored // by path
	version  int
	changed  chan struct{}   // closed when something changes
	pods     map[string]*Pod // by name
	running  sync.WaitGroup
	streams  int // logs that are read now
}

// stored is an object with its kind.
type stored struct {
	kind   string
	object metav1.Object
}

// New starts an API server with the namespace default.
func New(t *testing.T, run func(p *Pod)) *API {
	t.Helper()
	f := &API{T: t, Run: run, objects: map[string]stored{}, changed: make(chan struct{}), pods: map[string]*Pod{}}
	f.Put("/api/v1/namespaces/default", "Namespace", &corev1.Namespace{ObjectMeta: metav1.ObjectMeta{Name: "default"}})
	f.Server = httptest.NewServer(f)
	t.Cleanup(func() {
		f.Mu.Lock()
		for _, p := range f.pods {
			p.Kill()
		}
		f.Mu.Unlock()
		f.CloseClientConnections()
		f.Close()
		f.running.Wait()
	})
	return f
}

// Client is a client of it.
func (f *API) Client(t *testing.T, o ...apiserver.Options) *jobs.Client {
	t.Helper()
	api, err := apiserver.Connect(&rest.Config{Host: f.URL, BearerToken: Token, Timeout: 5 * time.Second}, append(o, apiserver.Options{})[0])
	if err != nil {
		t.Fatal(err)
	}
	return &jobs.Client{API: api, Whole: time.Minute}
}

// Left are the paths of what is there, but for the namespace default and nodes.
func (f *API) Left() []string {
	f.Mu.Lock()
	defer f.Mu.Unlock()
	var out []string
	for path := range f.objects {
		if path != "/api/v1/namespaces/default" && !strings.HasPrefix(path, "/api/v1/nodes/") {
			out = append(out, path)
		}
	}
	return out
}

// Put stores an object. The lock is held, except at the beginning.
func (f *API) Put(path, kind string, o metav1.Object) {
	f.version++
	o.SetResourceVersion(strconv.Itoa(f.version))
	if o.GetUID() == "" {
		o.SetUID(types.UID(fmt.Sprintf("uid-%d", f.version)))
		o.SetCreationTimestamp(metav1.Now())
	}
	f.objects[path] = stored{kind, o}
	close(f.changed)
	f.changed = make(chan struct{})
}

// Remove deletes an object and what belongs to it.
func (f *API) Remove(path string) {
	o, ok := f.objects[path]
	if !ok {
		return
	}
	delete(f.objects, path)
	f.version++
	f.Deleted = append(f.Deleted, path)
	if p := f.pods[o.object.GetName()]; p != nil && o.kind == "Pod" {
		p.Kill()
	}
	for other, child := range f.objects {
		if slices.ContainsFunc(child.object.GetOwnerReferences(), func(r metav1.OwnerReference) bool { return r.UID == o.object.GetUID() }) {
			f.Remove(other)
		}
	}
	close(f.changed)
	f.changed = make(chan struct{})
}

func (f *API) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	body, err := io.ReadAll(r.Body)
	if err != nil {
		return
	}
	f.Mu.Lock()
	f.Requests = append(f.Requests, r.Method+" "+r.URL.Path)
	answer := f.Answer
	f.Mu.Unlock()
	if r.Header.Get("Authorization") != "Bearer "+Token {
		Refuse(w, apierrors.NewUnauthorized("Unauthorized"))
		return
	}
	if answer != nil {
		if err := answer(r); err != nil {
			Refuse(w, err)
			return
		}
	}
	switch pod, isLog := strings.CutSuffix(r.URL.Path, "/log"); {
	case isLog:
		f.serveLog(w, r, pod[strings.LastIndex(pod, "/")+1:])
	case r.Method == http.MethodPost:
		f.create(w, r.URL.Path, body, r.URL.Query().Get("dryRun") != "")
	case r.Method == http.MethodDelete:
		f.Mu.Lock()
		defer f.Mu.Unlock()
		o, ok := f.objects[r.URL.Path]
		if !ok {
			Refuse(w, NotFound(r.URL.Path))
			return
		}
		var options metav1.DeleteOptions
		switch err := json.Unmarshal(body, &options); {
		case err != nil || options.Preconditions == nil || options.Preconditions.UID == nil:
			f.T.Errorf("DELETE %s without a uid: %s", r.URL.Path, body)
		case *options.Preconditions.UID != o.object.GetUID():
			Refuse(w, apierrors.NewConflict(schema.GroupResource{}, o.object.GetName(), errors.New("the UID in the precondition is not that of the object")))
			return
		}
		f.Remove(r.URL.Path)
		AnswerJSON(w, http.StatusOK, metav1.Status{Status: metav1.StatusSuccess})
	case r.URL.Query().Get("watch") == "true":
		f.watch(w, r)
	default:
		f.read(w, r)
	}
}

// Refuse answers with an error as the API server writes it.
func Refuse(w http.ResponseWriter, err *apierrors.StatusError) {
	s := err.Status()
	s.Kind, s.APIVersion = "Status", "v1"
	AnswerJSON(w, int(s.Code), s)
}

// AnswerJSON writes an answer.
func AnswerJSON(w http.ResponseWriter, code int, v any) {
	w.Header().Set("Content-Type", "application/json")
	w.WriteHeader(code)
	_ = json.NewEncoder(w).Encode(v) // a client that is gone needs no answer
}

// NotFound is that there is nothing at a path.
func NotFound(path string) *apierrors.StatusError {
	parts := strings.Split(path, "/")
	return apierrors.NewNotFound(schema.GroupResource{Resource: parts[len(parts)-2]}, parts[len(parts)-1])
}

// create validates and stores what is posted, or only validates it.
func (f *API) create(w http.ResponseWriter, path string, body []byte, dry bool) {
	kind, o := "", metav1.Object(nil)
	switch {
	case strings.HasSuffix(path, "/jobs"):
		kind, o = "Job", &batchv1.Job{}
	case strings.HasSuffix(path, "/services"):
		kind, o = "Service", &corev1.Service{}
	case strings.HasSuffix(path, "/namespaces"):
		kind, o = "Namespace", &corev1.Namespace{}
	case strings.HasSuffix(path, "/pods") && dry: // Jobs make pods, and nobody else
		kind, o = "Pod", &corev1.Pod{}
	case strings.HasSuffix(path, "/selfsubjectaccessreviews"):
		f.review(w, body)
		return
	default:
		Refuse(w, NotFound(path))
		return
	}
	if err := json.Unmarshal(body, o); err != nil {
		Refuse(w, apierrors.NewBadRequest(err.Error()))
		return
	}
	f.Mu.Lock()
	defer f.Mu.Unlock()
	if err := f.check(path, kind, o); err != nil {
		Refuse(w, err)
		return
	}
	if f.Admit != nil {
		if err := f.Admit(path, body); err != nil {
			Refuse(w, err)
			return
		}
	}
	if dry {
		AnswerJSON(w, http.StatusCreated, o)
		return
	}
	if s, ok := o.(*corev1.Service); ok && s.Spec.ClusterIP == "" {
		services := 0
		for _, other := range f.objects {
			if other.kind == kind {
				services++
			}
		}
		s.Spec.ClusterIP = fmt.Sprintf("127.0.0.%d", services+1)
	}
	f.Put(path+"/"+o.GetName(), kind, o)
	if j, ok := o.(*batchv1.Job); ok {
		f.makePods(j)
	}
	if f.Lose != nil && f.Lose(path+"/"+o.GetName()) {
		panic(http.ErrAbortHandler)
	}
	AnswerJSON(w, http.StatusCreated, o)
}

// review says whether the user may do something: Denied is "create pods", say.
func (f *API) review(w http.ResponseWriter, body []byte) {
	var r authorizationv1.SelfSubjectAccessReview
	if err := json.Unmarshal(body, &r); err != nil || r.Spec.ResourceAttributes == nil {
		Refuse(w, apierrors.NewBadRequest("no review"))
		return
	}
	a := r.Spec.ResourceAttributes
	r.Status.Allowed = !slices.Contains(f.Denied, a.Verb+" "+a.Resource)
	AnswerJSON(w, http.StatusCreated, r)
}

// makePods is the Job controller, the scheduler and the kubelets.
func (f *API) makePods(j *batchv1.Job) {
	for index := range int(*j.Spec.Completions) {
		pod := &corev1.Pod{ObjectMeta: metav1.ObjectMeta{
			Namespace: j.Namespace, Name: fmt.Sprintf("%s-%d-x", j.Name, index), Labels: maps.Clone(j.Spec.Template.Labels),
			Annotations:     maps.Clone(j.Spec.Template.Annotations),
			OwnerReferences: []metav1.OwnerReference{{APIVersion: "batch/v1", Kind: "Job", Name: j.Name, UID: j.UID}},
		}, Spec: j.Spec.Template.Spec}
		pod.Annotations[batchv1.JobCompletionIndexAnnotation] = strconv.Itoa(index)
		terms := pod.Spec.Affinity.NodeAffinity.RequiredDuringSchedulingIgnoredDuringExecution.NodeSelectorTerms
		pod.Spec.NodeName = terms[index].MatchFields[0].Values[0]
		pod.Status.Phase = corev1.PodRunning
		pod.Status.ContainerStatuses = []corev1.ContainerStatus{{Name: "agent", State: corev1.ContainerState{Running: &corev1.ContainerStateRunning{}}}}
		if f.Schedule != nil {
			f.Schedule(pod)
		}
		if err := f.insecure(pod); err != nil {
			f.Events = append(f.Events, corev1.Event{
				InvolvedObject: corev1.ObjectReference{Kind: "Job", Name: j.Name}, Type: corev1.EventTypeWarning, Reason: "FailedCreate", Message: "Error creating: " + err.Error(),
			})
		} else if pod.Status.Reason != "NeverMade" {
			f.Put("/api/v1/namespaces/"+j.Namespace+"/pods/"+pod.Name, "Pod", pod)
			f.start(pod, index)
		}
	}
}

// SetPod changes a pod's status as a kubelet or a controller does.
func (f *API) SetPod(name string, change func(*corev1.PodStatus)) {
	f.Mu.Lock()
	defer f.Mu.Unlock()
	for path, o := range f.objects {
		if pod, ok := o.object.(*corev1.Pod); ok && pod.Name == name {
			pod = pod.DeepCopy()
			change(&pod.Status)
			f.Put(path, "Pod", pod)
		}
	}
}
