package clustertest

import (
	"context"
	"embed"
	"errors"
	"fmt"
	"io"
	"path"
	"strings"
	"testing"
	"time"

	apierrors "k8s.io/apimachinery/pkg/api/errors"
	"k8s.io/apimachinery/pkg/api/meta"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"k8s.io/apimachinery/pkg/runtime/schema"
	"k8s.io/apimachinery/pkg/util/wait"
	"k8s.io/apimachinery/pkg/util/yaml"
	"k8s.io/client-go/discovery/cached/memory"
	"k8s.io/client-go/dynamic"
	"k8s.io/client-go/restmapper"
)

// manifests are the objects that each platform shows through the API.
//
//go:embed testdata/*.yaml
var manifests embed.FS

// Manifests returns the names Seed takes, sorted.
func Manifests() ([]string, error) {
	entries, err := manifests.ReadDir("testdata")
	if err != nil {
		return nil, err
	}
	var names []string
	for _, e := range entries {
		names = append(names, strings.TrimSuffix(e.Name(), ".yaml"))
	}
	return names, nil
}

// Seed creates the objects of testdata/NAME.yaml, status included, and deletes
// them when the test ends. Namespaces stay: nothing here could empty them.
func (c *Cluster) Seed(t testing.TB, names ...string) {
	t.Helper()
	for _, name := range names {
		text, err := manifests.ReadFile(path.Join("testdata", name+".yaml"))
		if err != nil {
			t.Fatal(err)
		}
		c.SeedYAML(t, string(text))
	}
}

// SeedYAML is Seed of the documents in text.
func (c *Cluster) SeedYAML(t testing.TB, text string) {
	t.Helper()
	s, err := newSeeder(c)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := s.remove(context.Background()); err != nil {
			t.Error(err)
		}
	})
	if err := s.createAll(t.Context(), text); err != nil {
		t.Fatal(err)
	}
}

// seeder creates objects of any kind and remembers how to take them away.
type seeder struct {
	client  dynamic.Interface
	mapper  *restmapper.DeferredDiscoveryRESTMapper
	served  map[schema.GroupKind]bool // kinds that have answered a list
	created []func(context.Context) error
}

func newSeeder(c *Cluster) (*seeder, error) {
	client, err := dynamic.NewForConfig(c.Admin)
	if err != nil {
		return nil, fmt.Errorf("could not make a client to seed with: %w", err)
	}
	discovery := memory.NewMemCacheClient(c.Client.Discovery())
	return &seeder{
		client: client, mapper: restmapper.NewDeferredDiscoveryRESTMapper(discovery), served: map[schema.GroupKind]bool{},
	}, nil
}

// createAll creates every document of text.
func (s *seeder) createAll(ctx context.Context, text string) error {
	documents := yaml.NewYAMLOrJSONDecoder(strings.NewReader(text), 4096)
	for {
		var o unstructured.Unstructured
		err := documents.Decode(&o)
		if errors.Is(err, io.EOF) {
			return nil
		}
		if err != nil {
			return fmt.Errorf("could not parse a manifest: %w", err)
		}
		if len(o.Object) == 0 {
			continue // only comments
		}
		if err := s.create(ctx, &o); err != nil {
			return err
		}
	}
}

func (s *seeder) create(ctx context.Context, o *unstructured.Unstructured) error {
	what := fmt.Sprintf("%s %s/%s", o.GetKind(), o.GetNamespace(), o.GetName())
	resource, err := s.resource(ctx, o)
	if err != nil {
		return fmt.Errorf("could not find the resource of %s: %w", what, err)
	}
	made, err := resource.Create(ctx, o, metav1.CreateOptions{})
	if o.GetKind() == "Namespace" && (err == nil || apierrors.IsAlreadyExists(err)) {
		return nil
	}
	if err != nil {
		return fmt.Errorf("could not create %s: %w", what, err)
	}
	s.created = append(s.created, func(ctx context.Context) error {
		now, background := int64(0), metav1.DeletePropagationBackground
		at := metav1.DeleteOptions{GracePeriodSeconds: &now, PropagationPolicy: &background}
		err := resource.Delete(ctx, o.GetName(), at)
		if err != nil || o.GetKind() != "CustomResourceDefinition" {
			return err
		}
		return gone(ctx, resource, o.GetName())
	})
	// What a client says about the status while it creates an object is mostly thrown away.
	if status, ok := o.Object["status"]; ok {
		made.Object["status"] = status
		if _, err := resource.UpdateStatus(ctx, made, metav1.UpdateOptions{}); err != nil {
			return fmt.Errorf("could not set the status of %s: %w", what, err)
		}
	}
	return nil
}

// resource waits for the kind to be served, in case its definition was created
// just before.
func (s *seeder) resource(ctx context.Context, o *unstructured.Unstructured) (r dynamic.ResourceInterface, err error) {
	kind := o.GroupVersionKind()
	failed := wait.PollUntilContextTimeout(ctx, 100*time.Millisecond, 20*time.Second, true, func(context.Context) (bool, error) {
		var m *meta.RESTMapping
		if m, err = s.mapper.RESTMapping(kind.GroupKind(), kind.Version); err != nil {
			s.mapper.Reset()
			return false, nil
		}
		all := s.client.Resource(m.Resource)
		if r = all; m.Scope.Name() == meta.RESTScopeNameNamespace {
			r = all.Namespace(o.GetNamespace())
		}
		if s.served[kind.GroupKind()] {
			return true, nil
		}
		// A definition is discovered shortly before it answers.
		_, err = r.List(ctx, metav1.ListOptions{Limit: 1})
		s.served[kind.GroupKind()] = err == nil
		return err == nil, nil
	})
	if failed != nil {
		return nil, errors.Join(failed, err)
	}
	return r, nil
}

// gone waits until an object is deleted that a finalizer holds for a moment: a
// definition, whose name the next test may need.
func gone(ctx context.Context, resource dynamic.ResourceInterface, name string) error {
	const tick, most = 20 * time.Millisecond, 20 * time.Second
	err := wait.PollUntilContextTimeout(ctx, tick, most, true, func(ctx context.Context) (bool, error) {
		_, err := resource.Get(ctx, name, metav1.GetOptions{})
		return apierrors.IsNotFound(err), nil
	})
	if err != nil {
		return fmt.Errorf("%s was not deleted in time: %w", name, err)
	}
	return nil
}

// remove deletes what was created, last first.
func (s *seeder) remove(ctx context.Context) error {
	var failed []error
	for i := len(s.created) - 1; i >= 0; i-- {
		failed = append(failed, s.created[i](ctx))
	}
	return errors.Join(failed...)
}
