package jobstest

import (
	"encoding/json"
	"maps"
	"net/http"
	"slices"
	"strconv"
	"strings"

	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/labels"
)

// read is get and list.
func (f *API) read(w http.ResponseWriter, r *http.Request) {
	f.Mu.Lock()
	defer f.Mu.Unlock()
	if o, ok := f.objects[r.URL.Path]; ok {
		AnswerJSON(w, http.StatusOK, o.object)
		return
	}
	if strings.HasSuffix(r.URL.Path, "/events") {
		items := slices.DeleteFunc(slices.Clone(f.Events), func(e corev1.Event) bool {
			of := e.InvolvedObject.Name // a test that names none means all
			return of != "" && !strings.Contains(r.URL.Query().Get("fieldSelector"), "involvedObject.name="+of)
		})
		AnswerJSON(w, http.StatusOK, corev1.EventList{TypeMeta: metav1.TypeMeta{Kind: "EventList", APIVersion: "v1"}, Items: items})
		return
	}
	items, ok := f.listed(r)
	if !ok {
		Refuse(w, NotFound(r.URL.Path))
		return
	}
	meta := metav1.ListMeta{ResourceVersion: strconv.Itoa(f.version)}
	from, _ := strconv.Atoi(r.URL.Query().Get("continue")) // none is 0
	most, _ := strconv.Atoi(r.URL.Query().Get("limit"))
	f.Longest = max(f.Longest, most)
	items = items[min(from, len(items)):]
	if most > 0 && len(items) > most {
		items, meta.Continue = items[:most], strconv.Itoa(from+most)
	}
	AnswerJSON(w, http.StatusOK, map[string]any{"kind": "List", "metadata": meta, "items": items})
}

// listed are the objects of a collection with the labels.
func (f *API) listed(r *http.Request) ([]any, bool) {
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
func (f *API) watch(w http.ResponseWriter, r *http.Request) {
	selector, err := labels.Parse(r.URL.Query().Get("labelSelector"))
	if err != nil {
		return
	}
	w.Header().Set("Content-Type", "application/json")
	w.WriteHeader(http.StatusOK)
	w.(http.Flusher).Flush() //nolint:forcetypeassert // net/http's is one
	known := map[string]*corev1.Pod{}
	for {
		f.Mu.Lock()
		changed, now := f.changed, map[string]*corev1.Pod{}
		for path, o := range f.objects {
			if pod, ok := o.object.(*corev1.Pod); ok && selector.Matches(labels.Set(pod.Labels)) {
				now[path] = pod
			}
		}
		f.Mu.Unlock()
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
