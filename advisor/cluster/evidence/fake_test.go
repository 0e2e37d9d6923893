package evidence

import (
	"bytes"
	"errors"
	"io"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	appsv1 "k8s.io/api/apps/v1"
	corev1 "k8s.io/api/core/v1"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"k8s.io/apimachinery/pkg/labels"
	"k8s.io/apimachinery/pkg/runtime"
	utilyaml "k8s.io/apimachinery/pkg/util/yaml"

	"kpadvisor/advisor"
)

// fakeServer answers Wants from manifests, and refuses what an API server
// refuses: a get without a name, a list with one, a selector it cannot parse.
type fakeServer struct {
	objects []*unstructured.Unstructured
	// denied maps "resource" or "resource/name" to why it is not answered.
	denied map[string]advisor.Why
	asked  []Want
}

func loadManifests(t testing.TB, dir string) []*unstructured.Unstructured {
	t.Helper()
	files, err := filepath.Glob(filepath.Join(dir, "*.yaml"))
	if err != nil || len(files) == 0 {
		t.Fatalf("no manifests in %s: %v", dir, err)
	}
	var all []*unstructured.Unstructured
	for _, f := range files {
		text, err := os.ReadFile(f)
		if err != nil {
			t.Fatal(err)
		}
		d := utilyaml.NewYAMLOrJSONDecoder(bytes.NewReader(text), 4096)
		for {
			u := &unstructured.Unstructured{}
			if err := d.Decode(&u.Object); errors.Is(err, io.EOF) {
				break
			} else if err != nil {
				t.Fatalf("%s: %v", f, err)
			}
			all = append(all, u)
		}
	}
	return all
}

// resourceOf is the resource of a kind; the rules of English suffice here.
func resourceOf(u *unstructured.Unstructured) string { return strings.ToLower(u.GetKind()) + "s" }

// read asks everything there is to ask, as the reader of a real API does.
func (f *fakeServer) read(t testing.TB) Objects {
	t.Helper()
	o := Objects{Asked: map[Want]Answer{}}
	for round, wants := 0, Wants(); len(wants) > 0; round, wants = round+1, More(o) {
		if round > 3 {
			t.Fatalf("More does not end: %+v", wants)
		}
		for _, w := range wants {
			if _, again := o.Asked[w]; again {
				t.Fatalf("asked twice: %+v", w)
			}
			o.Asked[w] = f.answer(t, w, &o)
		}
	}
	return o
}

func (f *fakeServer) answer(t testing.TB, w Want, o *Objects) Answer {
	t.Helper()
	f.asked = append(f.asked, w)
	if w.What == "" || w.Hides == "" || w.Version == "" || w.Resource == "" {
		t.Fatalf("incomplete want: %+v", w)
	}
	if (w.Verb == Get) != (w.Name != "") || w.Verb != Get && w.Verb != List {
		t.Fatalf("no server takes this: %+v", w)
	}
	for _, name := range []string{w.Resource, w.Resource + "/" + w.Name} {
		if why, ok := f.denied[name]; ok {
			return Answer{Why: why}
		}
	}
	selector, err := labels.Parse(w.LabelSelector)
	if err != nil {
		t.Fatalf("%+v: %v", w, err)
	}
	found, served := 0, w.Group == "" || w.Group == "apps"
	for _, u := range f.objects {
		gvk := u.GroupVersionKind()
		if gvk.Group != w.Group || gvk.Version != w.Version || resourceOf(u) != w.Resource {
			continue
		}
		served = true
		reason, _, _ := unstructured.NestedString(u.Object, "reason")
		if w.Namespace != "" && u.GetNamespace() != w.Namespace || w.Name != "" && u.GetName() != w.Name ||
			!selector.Matches(labels.Set(u.GetLabels())) || w.FieldSelector != "" && w.FieldSelector != "reason="+reason {
			continue
		}
		found++
		reduceInto(t, o, u)
	}
	switch {
	case !served:
		return Answer{Why: advisor.NotServed}
	case w.Verb == Get && found == 0:
		return Answer{Absent: true}
	}
	return Answer{}
}

// reduceInto decodes an object as client-go does and keeps its sign.
func reduceInto(t testing.TB, o *Objects, u *unstructured.Unstructured) {
	t.Helper()
	switch u.GetKind() {
	case "Node":
		var n corev1.Node
		convert(t, u, &n)
		o.Nodes = append(o.Nodes, ReduceNode(&n))
	case "Pod":
		var p corev1.Pod
		convert(t, u, &p)
		o.Components = append(o.Components, ReduceComponents(&p)...)
		if s, ok := ReducePod(&p); ok {
			o.Pods = append(o.Pods, s)
		}
	case "DaemonSet":
		var d appsv1.DaemonSet
		convert(t, u, &d)
		o.Components = append(o.Components, ReduceComponentsOf(&d)...)
		if s, ok := ReduceDaemonSet(&d); ok {
			o.DaemonSets = append(o.DaemonSets, s)
		}
	case "ConfigMap":
		var c corev1.ConfigMap
		convert(t, u, &c)
		if s, ok := ReduceConfigMap(&c); ok {
			o.ConfigMaps = append(o.ConfigMaps, s)
		}
	case "Event":
		var e corev1.Event
		convert(t, u, &e)
		if s, ok := ReduceEvent(&e); ok {
			o.Events = append(o.Events, s)
		}
	default:
		if s, ok := ReduceUnstructured(u); ok {
			o.Customs = append(o.Customs, s)
		}
	}
}

// convert decodes an object into its type.
func convert(t testing.TB, u *unstructured.Unstructured, into any) {
	t.Helper()
	if err := runtime.DefaultUnstructuredConverter.FromUnstructured(u.Object, into); err != nil {
		t.Fatalf("%s %s: %v", u.GetKind(), u.GetName(), err)
	}
}

// allowed reports whether a role made from Possible would allow a want, apart
// from ConfigMaps of another name.
func allowed(w Want) bool {
	return slices.ContainsFunc(Possible(), func(p Want) bool {
		return p.Verb == w.Verb && p.Group == w.Group && p.Resource == w.Resource && (p.Name == "" || p.Name == w.Name)
	})
}
