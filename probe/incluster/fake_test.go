package incluster

import (
	"bytes"
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

	batchv1 "k8s.io/api/batch/v1"
	corev1 "k8s.io/api/core/v1"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/labels"
	"k8s.io/apimachinery/pkg/runtime/schema"
	"k8s.io/apimachinery/pkg/types"
	"k8s.io/apimachinery/pkg/util/validation"
	"k8s.io/apimachinery/pkg/util/validation/field"
	"k8s.io/client-go/rest"

	"kpadvisor/apiserver"
)

// fakeToken is what the fake lets in.
const fakeToken = "s3cret"

// fakeAPI is an API server with the controllers and kubelets behind it, as far as
// a session can tell. It refuses what the real one refuses: one table of requests
// runs against both (TestCreateAsTheRealOne). Pods are made of Jobs, and each runs
// a scripted agent.
type fakeAPI struct {
	*httptest.Server
	t *testing.T

	mu       sync.Mutex
	objects  map[string]stored // by path
	version  int
	changed  chan struct{} // closed when something changes
	log      []string      // "POST /apis/batch/v1/..."
	deleted  []string
	agent    func(p *fakePod) // what runs in a pod; nil is a whole agent
	admit    func(path string, body []byte) *apierrors.StatusError
	answer   func(r *http.Request) *apierrors.StatusError // before anything else
	logs     func(p *fakePod, r *http.Request, from int) (to int, cut bool)
	schedule func(p *corev1.Pod) // may leave a pod pending or failed
	events   []corev1.Event
	lose     func(path string) bool // the answer to a creation that worked
	pods     map[string]*fakePod    // by name
	running  sync.WaitGroup
	longest  int           // page that was asked for
	silence  time.Duration // after which a run gives up a pod; 0 is long
	idle     time.Duration // the same, of a pod that talks and tells nothing
	streams  int           // logs that are read at once, now
	most     int           // and at any time
}

// stored is an object with its kind.
type stored struct {
	kind   string
	object metav1.Object
}

// fakePod is a pod that writes a log.
type fakePod struct {
	api    *fakeAPI
	name   string
	orders Orders
	index  int
	node   string

	mu     sync.Mutex
	lines  []fakeLine
	grown  chan struct{} // closed when a line arrives or the pod ends
	ended  bool
	killed chan struct{}
}

// fakeLine is a line of a log with the time stamp of the container runtime.
type fakeLine struct {
	at   time.Time
	text string
}

func newFakeAPI(t *testing.T) *fakeAPI {
	t.Helper()
	f := &fakeAPI{t: t, objects: map[string]stored{}, changed: make(chan struct{}), pods: map[string]*fakePod{}}
	f.put("/api/v1/namespaces/default", "Namespace", &corev1.Namespace{ObjectMeta: metav1.ObjectMeta{Name: "default"}})
	f.Server = httptest.NewServer(f)
	t.Cleanup(func() {
		f.mu.Lock()
		for _, p := range f.pods {
			p.kill()
		}
		f.mu.Unlock()
		f.CloseClientConnections()
		f.Close()
		f.running.Wait()
	})
	return f
}

func (f *fakeAPI) client(t *testing.T, o ...apiserver.Options) *Client {
	t.Helper()
	c, err := connect(&rest.Config{Host: f.URL, BearerToken: fakeToken, Timeout: 5 * time.Second}, append(o, apiserver.Options{})[0])
	if err != nil {
		t.Fatal(err)
	}
	return c
}

// put stores an object. The lock is held, except at the beginning.
func (f *fakeAPI) put(path, kind string, o metav1.Object) {
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

// remove deletes an object and what belongs to it.
func (f *fakeAPI) remove(path string) {
	o, ok := f.objects[path]
	if !ok {
		return
	}
	delete(f.objects, path)
	f.version++
	f.deleted = append(f.deleted, path)
	if p := f.pods[o.object.GetName()]; p != nil && o.kind == "Pod" {
		p.kill()
	}
	for other, child := range f.objects {
		if slices.ContainsFunc(child.object.GetOwnerReferences(), func(r metav1.OwnerReference) bool { return r.UID == o.object.GetUID() }) {
			f.remove(other)
		}
	}
	close(f.changed)
	f.changed = make(chan struct{})
}

func (f *fakeAPI) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	body, err := io.ReadAll(r.Body)
	if err != nil {
		return
	}
	f.mu.Lock()
	f.log = append(f.log, r.Method+" "+r.URL.Path)
	answer := f.answer
	f.mu.Unlock()
	if r.Header.Get("Authorization") != "Bearer "+fakeToken {
		refuse(w, apierrors.NewUnauthorized("Unauthorized"))
		return
	}
	if answer != nil {
		if err := answer(r); err != nil {
			refuse(w, err)
			return
		}
	}
	switch pod, isLog := strings.CutSuffix(r.URL.Path, "/log"); {
	case isLog:
		f.serveLog(w, r, pod[strings.LastIndex(pod, "/")+1:])
	case r.Method == http.MethodPost:
		f.create(w, r.URL.Path, body)
	case r.Method == http.MethodDelete:
		f.mu.Lock()
		defer f.mu.Unlock()
		o, ok := f.objects[r.URL.Path]
		if !ok {
			refuse(w, notFound(r.URL.Path))
			return
		}
		var options metav1.DeleteOptions
		switch err := json.Unmarshal(body, &options); {
		case err != nil || options.Preconditions == nil || options.Preconditions.UID == nil:
			f.t.Errorf("DELETE %s without a uid: %s", r.URL.Path, body)
		case *options.Preconditions.UID != o.object.GetUID():
			refuse(w, apierrors.NewConflict(schema.GroupResource{}, o.object.GetName(), errors.New("Precondition failed: UID in precondition")))
			return
		}
		f.remove(r.URL.Path)
		answerJSON(w, http.StatusOK, metav1.Status{Status: metav1.StatusSuccess})
	case r.URL.Query().Get("watch") == "true":
		f.watch(w, r)
	default:
		f.read(w, r)
	}
}

func refuse(w http.ResponseWriter, err *apierrors.StatusError) {
	s := err.Status()
	s.Kind, s.APIVersion = "Status", "v1"
	answerJSON(w, int(s.Code), s)
}

func answerJSON(w http.ResponseWriter, code int, v any) {
	w.Header().Set("Content-Type", "application/json")
	w.WriteHeader(code)
	_ = json.NewEncoder(w).Encode(v) // a client that is gone needs no answer
}

func notFound(path string) *apierrors.StatusError {
	parts := strings.Split(path, "/")
	return apierrors.NewNotFound(schema.GroupResource{Resource: parts[len(parts)-2]}, parts[len(parts)-1])
}

// create validates and stores what is posted.
func (f *fakeAPI) create(w http.ResponseWriter, path string, body []byte) {
	kind, o := "", metav1.Object(nil)
	switch {
	case strings.HasSuffix(path, "/jobs"):
		kind, o = "Job", &batchv1.Job{}
	case strings.HasSuffix(path, "/services"):
		kind, o = "Service", &corev1.Service{}
	case strings.HasSuffix(path, "/namespaces"):
		kind, o = "Namespace", &corev1.Namespace{}
	default:
		refuse(w, notFound(path))
		return
	}
	if err := json.Unmarshal(body, o); err != nil {
		refuse(w, apierrors.NewBadRequest(err.Error()))
		return
	}
	f.mu.Lock()
	defer f.mu.Unlock()
	if err := f.check(path, kind, o); err != nil {
		refuse(w, err)
		return
	}
	if f.admit != nil {
		if err := f.admit(path, body); err != nil {
			refuse(w, err)
			return
		}
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
	f.put(path+"/"+o.GetName(), kind, o)
	if j, ok := o.(*batchv1.Job); ok {
		f.makePods(j)
	}
	if f.lose != nil && f.lose(path+"/"+o.GetName()) {
		panic(http.ErrAbortHandler)
	}
	answerJSON(w, http.StatusCreated, o)
}

// check is what the real API server checks of what a session creates.
func (f *fakeAPI) check(path, kind string, o metav1.Object) *apierrors.StatusError {
	parts := strings.Split(path, "/")
	if kind != "Namespace" {
		ns := parts[len(parts)-2]
		if _, ok := f.objects["/api/v1/namespaces/"+ns]; !ok {
			return apierrors.NewNotFound(schema.GroupResource{Resource: "namespaces"}, ns)
		}
		if o.GetNamespace() != ns {
			return apierrors.NewBadRequest("the namespace of the provided object does not match the namespace sent on the request")
		}
	}
	if _, ok := f.objects[path+"/"+o.GetName()]; ok {
		return apierrors.NewAlreadyExists(schema.GroupResource{Resource: parts[len(parts)-1]}, o.GetName())
	}
	var wrong field.ErrorList
	nameChecks := validation.IsDNS1123Subdomain
	if kind != "Job" {
		nameChecks = validation.IsDNS1123Label
	}
	for _, text := range nameChecks(o.GetName()) {
		wrong = append(wrong, field.Invalid(field.NewPath("metadata", "name"), o.GetName(), text))
	}
	wrong = append(wrong, checkLabels(o.GetLabels())...)
	switch o := o.(type) {
	case *batchv1.Job:
		wrong = append(wrong, checkJob(o)...)
	case *corev1.Service:
		if len(o.Spec.Ports) == 0 {
			wrong = append(wrong, field.Required(field.NewPath("spec", "ports"), ""))
		}
		for _, p := range o.Spec.Ports {
			for _, text := range validation.IsValidPortNum(int(p.Port)) {
				wrong = append(wrong, field.Invalid(field.NewPath("spec", "ports"), p.Port, text))
			}
		}
	}
	if len(wrong) > 0 {
		return apierrors.NewInvalid(schema.GroupKind{Kind: kind}, o.GetName(), wrong)
	}
	return nil
}

func checkLabels(all map[string]string) (wrong field.ErrorList) {
	for name, value := range all {
		for _, text := range append(validation.IsQualifiedName(name), validation.IsValidLabelValue(value)...) {
			wrong = append(wrong, field.Invalid(field.NewPath("metadata", "labels"), value, text))
		}
	}
	return wrong
}

func checkJob(j *batchv1.Job) (wrong field.ErrorList) {
	spec := field.NewPath("spec")
	pod := j.Spec.Template.Spec
	if len(pod.Containers) == 0 {
		wrong = append(wrong, field.Required(spec.Child("template", "spec", "containers"), ""))
	}
	for _, c := range pod.Containers {
		if c.Image == "" {
			wrong = append(wrong, field.Required(spec.Child("image"), ""))
		}
		for name, limit := range c.Resources.Limits {
			if request, ok := c.Resources.Requests[name]; ok && request.Cmp(limit) > 0 {
				wrong = append(wrong, field.Invalid(spec.Child("requests"), request.String(), "must be less than or equal to limit"))
			}
		}
	}
	if pod.RestartPolicy != corev1.RestartPolicyNever && pod.RestartPolicy != corev1.RestartPolicyOnFailure {
		wrong = append(wrong, field.NotSupported(spec.Child("restartPolicy"), pod.RestartPolicy, []string{"Never", "OnFailure"}))
	}
	if d := j.Spec.ActiveDeadlineSeconds; d != nil && *d < 0 {
		wrong = append(wrong, field.Invalid(spec.Child("activeDeadlineSeconds"), *d, "must be greater than or equal to 0"))
	}
	if j.Spec.CompletionMode != nil && *j.Spec.CompletionMode == batchv1.IndexedCompletion && j.Spec.Completions == nil {
		wrong = append(wrong, field.Required(spec.Child("completions"), "when completion mode is Indexed"))
	}
	if j.Spec.BackoffLimitPerIndex != nil && (j.Spec.CompletionMode == nil || *j.Spec.CompletionMode != batchv1.IndexedCompletion) {
		wrong = append(wrong, field.Invalid(spec.Child("backoffLimitPerIndex"), *j.Spec.BackoffLimitPerIndex, "requires indexed completion mode"))
	}
	return append(wrong, checkLabels(j.Spec.Template.Labels)...)
}

// makePods is the Job controller, the scheduler and the kubelets.
func (f *fakeAPI) makePods(j *batchv1.Job) {
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
		if f.schedule != nil {
			f.schedule(pod)
		}
		if pod.Status.Reason != "NeverMade" {
			f.put("/api/v1/namespaces/"+j.Namespace+"/pods/"+pod.Name, "Pod", pod)
			f.startPod(pod, index)
		}
	}
}

func (f *fakeAPI) startPod(pod *corev1.Pod, index int) {
	args := pod.Spec.Containers[0].Args
	if pod.Status.Phase != corev1.PodRunning || args[1] != "--orders" {
		return
	}
	orders, err := ReadOrders(args[2])
	if err != nil {
		f.t.Errorf("a pod cannot read its orders: %v", err)
		return
	}
	p := &fakePod{api: f, name: pod.Name, orders: orders, index: orders.First + index, node: pod.Spec.NodeName, grown: make(chan struct{}), killed: make(chan struct{})}
	f.pods[pod.Name] = p
	run := f.agent
	if run == nil {
		run = func(p *fakePod) { p.measure(script{}) }
	}
	f.running.Go(func() {
		run(p)
		p.end()
	})
}

// setPod changes a pod's status as a kubelet or a controller does.
func (f *fakeAPI) setPod(name string, change func(*corev1.PodStatus)) {
	f.mu.Lock()
	defer f.mu.Unlock()
	for path, o := range f.objects {
		if pod, ok := o.object.(*corev1.Pod); ok && pod.Name == name {
			pod = pod.DeepCopy()
			change(&pod.Status)
			f.put(path, "Pod", pod)
		}
	}
}

// read is get and list.
func (f *fakeAPI) read(w http.ResponseWriter, r *http.Request) {
	f.mu.Lock()
	defer f.mu.Unlock()
	if o, ok := f.objects[r.URL.Path]; ok {
		answerJSON(w, http.StatusOK, o.object)
		return
	}
	if strings.HasSuffix(r.URL.Path, "/events") {
		answerJSON(w, http.StatusOK, corev1.EventList{TypeMeta: metav1.TypeMeta{Kind: "EventList", APIVersion: "v1"}, Items: f.events})
		return
	}
	items, ok := f.listed(r)
	if !ok {
		refuse(w, notFound(r.URL.Path))
		return
	}
	meta := metav1.ListMeta{ResourceVersion: strconv.Itoa(f.version)}
	from, _ := strconv.Atoi(r.URL.Query().Get("continue")) // none is 0
	most, _ := strconv.Atoi(r.URL.Query().Get("limit"))
	f.longest = max(f.longest, most)
	items = items[min(from, len(items)):]
	if most > 0 && len(items) > most {
		items, meta.Continue = items[:most], strconv.Itoa(from+most)
	}
	answerJSON(w, http.StatusOK, map[string]any{"kind": "List", "metadata": meta, "items": items})
}

// listed are the objects of a collection with the labels.
func (f *fakeAPI) listed(r *http.Request) ([]any, bool) {
	selector, err := labels.Parse(r.URL.Query().Get("labelSelector"))
	collections := []string{"/jobs", "/services", "/pods", "/namespaces", "/nodes"}
	if err != nil || !slices.ContainsFunc(collections, func(c string) bool { return strings.HasSuffix(r.URL.Path, c) }) {
		return nil, false
	}
	items := []any{}
	for _, path := range slices.Sorted(maps.Keys(f.objects)) {
		o := f.objects[path]
		inNamespace := strings.HasPrefix(path, r.URL.Path+"/")
		everywhere := !strings.Contains(r.URL.Path, "/namespaces/") && strings.HasSuffix(r.URL.Path, "/"+strings.ToLower(o.kind)+"s")
		if (inNamespace || everywhere) && strings.HasSuffix(r.URL.Path, "/"+strings.ToLower(o.kind)+"s") && selector.Matches(labels.Set(o.object.GetLabels())) {
			items = append(items, o.object)
		}
	}
	return items, true
}

// watch sends what changes until the client goes.
func (f *fakeAPI) watch(w http.ResponseWriter, r *http.Request) {
	selector, err := labels.Parse(r.URL.Query().Get("labelSelector"))
	if err != nil {
		return
	}
	w.Header().Set("Content-Type", "application/json")
	w.WriteHeader(http.StatusOK)
	w.(http.Flusher).Flush() //nolint:forcetypeassert // net/http's is one
	known := map[string]*corev1.Pod{}
	for {
		f.mu.Lock()
		changed, now := f.changed, map[string]*corev1.Pod{}
		for path, o := range f.objects {
			if pod, ok := o.object.(*corev1.Pod); ok && selector.Matches(labels.Set(pod.Labels)) {
				now[path] = pod
			}
		}
		f.mu.Unlock()
		send := func(kind string, pod *corev1.Pod) {
			_ = json.NewEncoder(w).Encode(map[string]any{"type": kind, "object": pod}) // a client that is gone ends the request
		}
		for path, pod := range now {
			if known[path] == nil || known[path].ResourceVersion != pod.ResourceVersion {
				send("MODIFIED", pod)
			}
		}
		for path, pod := range known {
			if now[path] == nil {
				send("DELETED", pod)
			}
		}
		known = now
		w.(http.Flusher).Flush() //nolint:forcetypeassert // net/http's is one
		select {
		case <-changed:
		case <-r.Context().Done():
			return
		}
	}
}

// serveLog follows a pod's log. The hook may cut it off anywhere.
func (f *fakeAPI) serveLog(w http.ResponseWriter, r *http.Request, name string) {
	f.mu.Lock()
	p, hook := f.pods[name], f.logs
	f.mu.Unlock()
	if p == nil {
		refuse(w, notFound("/pods/"+name))
		return
	}
	since := time.Time{}
	if text := r.URL.Query().Get("sinceTime"); text != "" {
		var err error
		if since, err = time.Parse(time.RFC3339, text); err != nil {
			refuse(w, apierrors.NewBadRequest(err.Error()))
			return
		}
	}
	f.mu.Lock()
	f.streams++
	f.most = max(f.most, f.streams)
	f.mu.Unlock()
	defer func() {
		f.mu.Lock()
		f.streams--
		f.mu.Unlock()
	}()
	w.WriteHeader(http.StatusOK)
	flush := w.(http.Flusher) //nolint:forcetypeassert // net/http's is one
	flush.Flush()
	for sent := 0; ; {
		p.mu.Lock()
		lines, grown, ended := slices.Clone(p.lines[sent:]), p.grown, p.ended
		p.mu.Unlock()
		var out bytes.Buffer
		for _, l := range lines {
			if !l.at.Before(since) {
				out.WriteString(l.text)
			}
		}
		to, cut := out.Len(), false
		if hook != nil {
			if to, cut = hook(p, r, out.Len()); !cut {
				to = out.Len() // a stream that goes on leaves nothing out
			}
		}
		_, _ = w.Write(out.Bytes()[:to]) // a client that is gone ends the request
		flush.Flush()
		sent += len(lines)
		if cut {
			panic(http.ErrAbortHandler)
		}
		if ended && len(lines) == 0 {
			return
		}
		if !ended {
			select {
			case <-grown:
			case <-r.Context().Done():
				return
			}
		}
	}
}

func (p *fakePod) kill() {
	p.mu.Lock()
	defer p.mu.Unlock()
	select {
	case <-p.killed:
	default:
		close(p.killed)
	}
}

func (p *fakePod) write(at time.Time, text string) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.lines = append(p.lines, fakeLine{at, text})
	close(p.grown)
	p.grown = make(chan struct{})
}

func (p *fakePod) end() {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.ended = true
	close(p.grown)
	p.grown = make(chan struct{})
}
