package cluster

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"slices"

	appsv1 "k8s.io/api/apps/v1"
	corev1 "k8s.io/api/core/v1"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	utiljson "k8s.io/apimachinery/pkg/util/json"

	"kpadvisor/advisor"
	"kpadvisor/advisor/cluster/evidence"
	"kpadvisor/apiserver"
)

// daemonSets is what one read of all DaemonSets gave for the evidence.
type daemonSets struct {
	signs      []evidence.DaemonSetSign
	components []evidence.ComponentSign
	err        error
}

// daemonSets reads the DaemonSets once for both who asks: the evidence and the
// workloads.
func (s *Survey) daemonSets(ctx context.Context, w *workloads) daemonSets {
	var d daemonSets
	d.err = collect(ctx, s, resource("DaemonSets", "apps", "v1", "", "daemonsets"), 0, "the proxy of each node, and rolling updates",
		func(o *appsv1.DaemonSet) {
			w.daemonSet(o)
			d.components = append(d.components, evidence.ReduceComponentsOf(o)...)
			if sign, ok := evidence.ReduceDaemonSet(o); ok {
				d.signs = append(d.signs, sign)
			}
		})
	return d
}

// maxRounds bounds what objects found may refer to.
const maxRounds = 4

// proxies asks for what the evidence wants, concludes, and shows the groups with
// their proxies.
func (s *Survey) proxies(ctx context.Context, n *nodes, nodeErr error, d daemonSets) {
	o := evidence.Objects{
		Nodes: n.signs, DaemonSets: d.signs, Components: d.components, Asked: map[evidence.Want]evidence.Answer{}, Now: s.client.o.Now(),
	}
	wants := evidence.Wants()
	for range maxRounds {
		for _, w := range wants {
			if _, asked := o.Asked[w]; asked {
				continue
			}
			switch {
			case w.Resource == "nodes":
				o.Asked[w] = answer(nodeErr)
			case w.Resource == "daemonsets":
				o.Asked[w] = answer(d.err)
			default:
				o.Asked[w] = s.fetch(ctx, w, &o)
			}
		}
		if wants = evidence.More(o); len(wants) == 0 {
			break
		}
	}

	c := evidence.Conclude(o)
	names := n.names
	if nodeErr != nil { // those that only a pod names are better than none
		names = slices.Sorted(maps.Keys(c.ByNode))
	}
	groups := n.group(names, c, s.client.o.WithNames)
	wide := advisor.Facts{Platform: c.Platform, Components: c.Components}
	cleanFacts(&wide)
	s.publish(func(f *advisor.Facts) { f.Groups, f.Platform, f.Components = groups, wide.Platform, wide.Components })
}

// answer tells the evidence how a read ended.
func answer(err error) evidence.Answer {
	if err == nil {
		return evidence.Answer{}
	}
	return evidence.Answer{Why: why(err)}
}

// fetch reads what one Want names into o, and enters into the coverage what it
// did not get, unless that is normal.
func (s *Survey) fetch(ctx context.Context, w evidence.Want, o *evidence.Objects) evidence.Answer {
	s.stage(w.What, 0)
	var err error
	if w.Verb == evidence.Get {
		err = ask(ctx, s, func() error { return s.one(ctx, w, o) })
		if isAbsent(err, w.Name) {
			return evidence.Answer{Absent: true}
		}
	} else {
		err = ask(ctx, s, func() error { return s.many(ctx, w, o) })
	}
	a, what := answer(err), w.What
	if a.Why == advisor.Forbidden && w.Resource == "pods" {
		// Those of kube-system may be allowed (NamespacedRoles). They are evidence
		// of what is there; the answer stays forbidden, for what is not.
		near := w
		near.Namespace = systemNamespace
		if ask(ctx, s, func() error { return s.many(ctx, near, o) }) == nil {
			what += " outside " + systemNamespace
		}
	}
	if err != nil && !(w.Optional && a.Why == advisor.NotServed) {
		s.miss(what, err, w.Hides, int(s.progress.read.Load()), int(s.progress.total.Load()))
	}
	return a
}

// isAbsent tells an object that is not there from a resource that is not served:
// only the former's refusal names the object.
func isAbsent(err error, name string) bool {
	var status apierrors.APIStatus
	return apierrors.IsNotFound(err) && errors.As(err, &status) &&
		status.Status().Details != nil && status.Status().Details.Name == name
}

// listOf returns the list that w names or is in.
func listOf(w evidence.Want) list {
	l := resource(w.What, w.Group, w.Version, w.Namespace, w.Resource)
	l.Labels, l.Fields = w.LabelSelector, w.FieldSelector
	return l
}

// many lists what w names.
func (s *Survey) many(ctx context.Context, w evidence.Want, o *evidence.Objects) error {
	l := listOf(w)
	switch w.Group + "/" + w.Resource {
	case "/pods":
		return readAll(ctx, s.client, l, &s.progress, func(p *corev1.Pod) {
			o.Components = append(o.Components, evidence.ReduceComponents(p)...)
			if sign, ok := evidence.ReducePod(p); ok {
				o.Pods = append(o.Pods, sign)
			}
		})
	case "/configmaps":
		return readAll(ctx, s.client, l, &s.progress, func(c *corev1.ConfigMap) {
			if sign, ok := evidence.ReduceConfigMap(c); ok {
				o.ConfigMaps = append(o.ConfigMaps, sign)
			}
		})
	case "/events":
		return readAll(ctx, s.client, l, &s.progress, func(e *corev1.Event) {
			if sign, ok := evidence.ReduceEvent(e); ok {
				o.Events = append(o.Events, sign)
			}
		})
	}
	return readAll(ctx, s.client, l, &s.progress, func(c *custom) {
		if sign, ok := evidence.ReduceUnstructured(&unstructured.Unstructured{Object: c.object}); ok {
			o.Customs = append(o.Customs, sign)
		}
	})
}

// one gets what w names.
func (s *Survey) one(ctx context.Context, w evidence.Want, o *evidence.Objects) error {
	body, err := s.client.api.Get(ctx, listOf(w).Resource, w.Name)
	if err != nil {
		return fmt.Errorf("getting %s: %w", w.What, err)
	}
	if w.Group == "" && w.Resource == "configmaps" {
		var c corev1.ConfigMap
		if err := apiserver.Into(body, &c); err != nil {
			return fmt.Errorf("getting %s: %w", w.What, err)
		}
		if sign, ok := evidence.ReduceConfigMap(&c); ok {
			o.ConfigMaps = append(o.ConfigMaps, sign)
		}
		return nil
	}
	var c custom
	if err := apiserver.Into(body, &c); err != nil {
		return fmt.Errorf("getting %s: %w", w.What, err)
	}
	if sign, ok := evidence.ReduceUnstructured(&unstructured.Unstructured{Object: c.object}); ok {
		o.Customs = append(o.Customs, sign)
	}
	return nil
}

// custom is a custom resource: it has no Go type here, and no protobuf at all.
type custom struct{ object map[string]any }

// Unmarshal is for the interface: API servers send custom resources as JSON only.
func (c *custom) Unmarshal([]byte) error {
	return fmt.Errorf("%w: a custom resource as protobuf", apiserver.ErrMalformed)
}

// UnmarshalJSON keeps integers as int64, as unstructured.Unstructured expects.
func (c *custom) UnmarshalJSON(b []byte) error { return utiljson.Unmarshal(b, &c.object) }
