package cluster

import (
	"fmt"
	"testing"
	"time"

	appsv1 "k8s.io/api/apps/v1"
	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/types"

	"kpadvisor/advisor"
)

func TestWorkloads(t *testing.T) {
	probe, hook := &corev1.Probe{}, &corev1.Lifecycle{PreStop: &corev1.LifecycleHandler{}}
	port := []corev1.ContainerPort{{ContainerPort: 80}}
	for _, tt := range []struct {
		name       string
		containers []corev1.Container
		hooks      int
		ready      int
	}{
		{"nothing", []corev1.Container{{}}, 0, 0},
		{"both", []corev1.Container{{ReadinessProbe: probe, Lifecycle: hook}}, 1, 1},
		{"a hook after start only", []corev1.Container{{Lifecycle: &corev1.Lifecycle{PostStart: &corev1.LifecycleHandler{}}}}, 0, 0},
		{"on the serving container, not on its helper", []corev1.Container{{Ports: port, ReadinessProbe: probe, Lifecycle: hook}, {}}, 1, 1},
		{"on the helper, not on the serving container", []corev1.Container{{Ports: port}, {ReadinessProbe: probe, Lifecycle: hook}}, 0, 0},
		{"on one of two that serve", []corev1.Container{{Ports: port, ReadinessProbe: probe}, {Ports: port}}, 0, 0},
		{"on one of two without ports", []corev1.Container{{Lifecycle: hook}, {}}, 0, 0},
		{"no containers", nil, 0, 0},
	} {
		d := deploymentNamed("a", time.Hour)
		d.Spec.Template.Spec.Containers = tt.containers
		w := newWorkloads(epoch)
		w.deployment(d)
		if got := w.counts(); got.WithPreStop != tt.hooks || got.WithReadiness != tt.ready {
			t.Errorf("%s: preStop %d, readiness %d, want %d and %d", tt.name, got.WithPreStop, got.WithReadiness, tt.hooks, tt.ready)
		}
	}

	w := newWorkloads(epoch)
	recreate := deploymentNamed("b", time.Hour)
	recreate.Spec.Strategy.Type = appsv1.RecreateDeploymentStrategyType
	recreate.Spec.Template.Spec.TerminationGracePeriodSeconds = ptr(int64(300))
	w.deployment(deploymentNamed("a", time.Hour))
	w.deployment(recreate)
	w.statefulSet(&appsv1.StatefulSet{Spec: appsv1.StatefulSetSpec{UpdateStrategy: appsv1.StatefulSetUpdateStrategy{Type: appsv1.OnDeleteStatefulSetStrategyType}}})
	w.daemonSet(&appsv1.DaemonSet{})
	w.daemonSet(&appsv1.DaemonSet{Spec: appsv1.DaemonSetSpec{UpdateStrategy: appsv1.DaemonSetUpdateStrategy{Type: appsv1.OnDeleteDaemonSetStrategyType}}})
	want := advisor.Workloads{Deployments: 2, StatefulSets: 1, DaemonSets: 2, Rolling: 2, Recreate: 3, GracePeriodMedian: 30 * time.Second}
	if got := w.counts(); got != want {
		t.Errorf("\n got %+v\nwant %+v", got, want)
	}
	if got := newWorkloads(epoch).counts(); got != (advisor.Workloads{}) {
		t.Errorf("no workloads: %+v", got)
	}
}

func TestGracePeriodMedian(t *testing.T) {
	for _, tt := range []struct {
		seconds []int64
		want    int64
	}{{[]int64{5}, 5}, {[]int64{60, 5}, 5}, {[]int64{60, 5, 10}, 10}, {[]int64{0, 0, 0, 600}, 0}, {[]int64{-1 << 63}, 0}, {[]int64{1<<63 - 1}, 1<<31 - 1}} {
		w := newWorkloads(epoch)
		for _, s := range tt.seconds {
			d := deploymentNamed("a", time.Hour)
			d.Spec.Template.Spec.TerminationGracePeriodSeconds = &s
			w.deployment(d)
		}
		if got := w.counts().GracePeriodMedian; got != time.Duration(tt.want)*time.Second {
			t.Errorf("median of %v is %v, want %ds", tt.seconds, got, tt.want)
		}
	}
}

const day = 24 * time.Hour

func TestRollouts(t *testing.T) {
	// revision is a revision of a workload, each at an age.
	type revision struct {
		workload string
		age      time.Duration
	}
	for _, tt := range []struct {
		name      string
		workloads map[string]time.Duration // ages; those that were read
		replicas  []revision
		revisions []revision // ControllerRevisions
		perDay    float64
		source    string
	}{
		{
			"nothing",
			map[string]time.Duration{"a": 30 * day},
			nil, nil, 0,
			"no new ReplicaSet or ControllerRevision in 7 days",
		},
		{
			"installed long ago, rolled out twice",
			map[string]time.Duration{"a": 30 * day},
			[]revision{{"a", 30 * day}, {"a", 6 * day}, {"a", day}},
			nil, 2.0 / 7,
			"2 ReplicaSets of 1 Deployment in 7 days",
		},
		{
			"installed now, beside an old one",
			map[string]time.Duration{"a": time.Hour, "old": 30 * day},
			[]revision{{"a", time.Hour}, {"old", 30 * day}},
			nil, 0,
			"no new ReplicaSet or ControllerRevision in 7 days",
		},
		{
			"installed now and rolled out once",
			map[string]time.Duration{"a": time.Hour, "old": 30 * day},
			[]revision{{"a", time.Hour - 2*time.Second}, {"a", time.Minute}},
			nil, 1.0 / 7,
			"1 ReplicaSet of 1 Deployment in 7 days",
		},
		{
			"history limit dropped the first ones",
			map[string]time.Duration{"a": 300 * day},
			[]revision{{"a", 3 * time.Hour}, {"a", 2 * time.Hour}, {"a", time.Hour}},
			nil, 3.0 / 7,
			"3 ReplicaSets of 1 Deployment in 7 days; at least, since 1 workload keeps no older ones",
		},
		{
			"Deployments not readable: the oldest counts as the first", nil,
			[]revision{{"a", 3 * time.Hour}, {"a", 2 * time.Hour}, {"b", 30 * day}},
			nil, 1.0 / 7,
			"1 ReplicaSet of 1 Deployment in 7 days",
		},
		{
			"a cluster of two days",
			map[string]time.Duration{"a": 2 * day},
			[]revision{{"a", 2 * day}, {"a", day}, {"a", time.Hour}},
			nil, 1,
			"2 ReplicaSets of 1 Deployment in 2 days",
		},
		{
			"a cluster of an hour",
			map[string]time.Duration{"a": time.Hour},
			[]revision{{"a", time.Hour}, {"a", time.Minute}},
			nil, 1,
			"1 ReplicaSet of 1 Deployment in 1 day",
		},
		{
			"of nobody",
			map[string]time.Duration{"a": 30 * day},
			[]revision{{"", time.Hour}},
			nil, 0,
			"no new ReplicaSet or ControllerRevision in 7 days",
		},
		{
			"both kinds",
			map[string]time.Duration{"a": 30 * day, "b": 30 * day, "s": 30 * day},
			[]revision{{"a", 30 * day}, {"a", day}, {"b", 30 * day}, {"b", day}},
			[]revision{{"s", 30 * day}, {"s", day}, {"s", time.Hour}},
			4.0 / 7,
			"2 ReplicaSets of 2 Deployments and 2 ControllerRevisions of 1 StatefulSet or DaemonSet in 7 days",
		},
		{
			"at the edge of the window",
			map[string]time.Duration{"a": 30 * day},
			[]revision{{"a", 30 * day}, {"a", 7 * day}, {"a", 7*day + time.Second}},
			nil, 1.0 / 7,
			"1 ReplicaSet of 1 Deployment in 7 days",
		},
	} {
		t.Run(tt.name, func(t *testing.T) {
			r := newRollouts(epoch)
			for name, age := range tt.workloads {
				r.owner(types.UID(name), epoch.Add(-age))
			}
			object := func(v revision) *metav1.PartialObjectMetadata {
				o := &metav1.PartialObjectMetadata{ObjectMeta: metav1.ObjectMeta{CreationTimestamp: metav1.NewTime(epoch.Add(-v.age))}}
				if v.workload != "" {
					o.OwnerReferences = []metav1.OwnerReference{{UID: "node"}, {UID: types.UID(v.workload), Controller: ptr(true)}}
				}
				return o
			}
			for _, v := range tt.replicas {
				r.replicaSet(object(v))
			}
			for _, v := range tt.revisions {
				r.controllerRevision(object(v))
			}
			rate := r.rate()
			if got := rate.perDay(); got < tt.perDay-1e-9 || got > tt.perDay+1e-9 {
				t.Errorf("%v a day, want %v", got, tt.perDay)
			}
			if got := rate.source(); got != tt.source {
				t.Errorf("source %q, want %q", got, tt.source)
			}
		})
	}
}

// TestRolloutMemory: 200,000 ReplicaSets of 20,000 Deployments take what the
// Deployments take.
func TestRolloutMemory(t *testing.T) {
	before := heap()
	r := newRollouts(epoch)
	o := &metav1.PartialObjectMetadata{}
	for i := range 200_000 {
		o.OwnerReferences = []metav1.OwnerReference{{UID: types.UID(fmt.Sprintf("uid-%d", i%20_000)), Controller: ptr(true)}}
		o.CreationTimestamp = metav1.NewTime(epoch.Add(-time.Duration(i) * time.Minute))
		r.replicaSet(o)
	}
	if took := heap() - before; took > 3<<20 {
		t.Errorf("they take %d bytes, want less than 3 MiB", took)
	}
	if r.rate().total() == 0 {
		t.Error("no rollout was counted")
	}
}
