package cluster

import (
	"context"
	"math"
	"slices"
	"time"

	appsv1 "k8s.io/api/apps/v1"
	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"kpadvisor/advisor"
)

// workloads reduces Deployments, StatefulSets and DaemonSets to counters.
type workloads struct {
	advisor.Workloads
	grace    map[int64]int // workloads by terminationGracePeriodSeconds
	rollouts rollouts
}

func newWorkloads(now time.Time) *workloads {
	return &workloads{grace: map[int64]int{}, rollouts: newRollouts(now)}
}

func (w *workloads) deployment(o *appsv1.Deployment) {
	w.Deployments++
	w.add(&o.ObjectMeta, &o.Spec.Template.Spec, o.Spec.Strategy.Type != appsv1.RecreateDeploymentStrategyType)
}

func (w *workloads) statefulSet(o *appsv1.StatefulSet) {
	w.StatefulSets++
	w.add(&o.ObjectMeta, &o.Spec.Template.Spec, o.Spec.UpdateStrategy.Type != appsv1.OnDeleteStatefulSetStrategyType)
}

func (w *workloads) daemonSet(o *appsv1.DaemonSet) {
	w.DaemonSets++
	w.add(&o.ObjectMeta, &o.Spec.Template.Spec, o.Spec.UpdateStrategy.Type != appsv1.OnDeleteDaemonSetStrategyType)
}

func (w *workloads) add(o *metav1.ObjectMeta, pod *corev1.PodSpec, rolling bool) {
	w.Rolling += count(rolling)
	w.Recreate += count(!rolling)
	serving := servingContainers(pod)
	w.WithPreStop += count(all(serving, func(c *corev1.Container) bool { return c.Lifecycle != nil && c.Lifecycle.PreStop != nil }))
	w.WithReadiness += count(all(serving, func(c *corev1.Container) bool { return c.ReadinessProbe != nil }))
	grace := int64(corev1.DefaultTerminationGracePeriodSeconds)
	if pod.TerminationGracePeriodSeconds != nil {
		grace = *pod.TerminationGracePeriodSeconds
	}
	w.grace[min(max(grace, 0), math.MaxInt32)]++
	w.rollouts.owner(o.UID, o.CreationTimestamp.Time)
}

// servingContainers returns the containers that have a port, or all of them if
// none has: a port need not be declared to be served.
func servingContainers(pod *corev1.PodSpec) []*corev1.Container {
	var with, without []*corev1.Container
	for i := range pod.Containers {
		if c := &pod.Containers[i]; len(c.Ports) > 0 {
			with = append(with, c)
		} else {
			without = append(without, c)
		}
	}
	if len(with) > 0 {
		return with
	}
	return without
}

// all reports whether ok holds for each container, and there is one.
func all(cs []*corev1.Container, ok func(*corev1.Container) bool) bool {
	return len(cs) > 0 && !slices.ContainsFunc(cs, func(c *corev1.Container) bool { return !ok(c) })
}

// counts ends the read.
func (w *workloads) counts() advisor.Workloads {
	c := w.Workloads
	var seconds []int64
	for s := range w.grace {
		seconds = append(seconds, s)
	}
	slices.Sort(seconds)
	left := (c.Deployments + c.StatefulSets + c.DaemonSets + 1) / 2
	for _, s := range seconds {
		if left -= w.grace[s]; left <= 0 {
			c.GracePeriodMedian = time.Duration(s) * time.Second
			break
		}
	}
	return c
}

// workloads reads what the DaemonSets leave open and publishes the lot.
func (s *Survey) workloads(ctx context.Context, w *workloads, daemonSetErr error) {
	const hides = "how rolling updates replace pods"
	deploymentErr := collect(ctx, s, resource("Deployments", "apps", "v1", "", "deployments"), 0, hides, w.deployment)
	statefulSetErr := collect(ctx, s, resource("StatefulSets", "apps", "v1", "", "statefulsets"), 0, hides, w.statefulSet)

	replicaSets := resource("ReplicaSets", "apps", "v1", "", "replicasets")
	revisions := resource("ControllerRevisions", "apps", "v1", "", "controllerrevisions")
	replicaSets.Metadata, revisions.Metadata = true, true
	replicaSetErr := collect(ctx, s, replicaSets, 0, "rollout rate", w.rollouts.replicaSet)
	revisionErr := collect(ctx, s, revisions, 0, "rollout rate", w.rollouts.controllerRevision)

	specErr := firstError(deploymentErr, statefulSetErr, daemonSetErr)
	rate := w.rollouts.rate()
	counts := w.counts()
	counts.RevisionsInWindow, counts.Window = w.rollouts.made, rate.window
	s.publish(func(f *advisor.Facts) {
		f.Workloads = advisor.KnownFrom(counts, "Deployments, StatefulSets, DaemonSets")
		if specErr != nil {
			f.Workloads = partial[advisor.Workloads](specErr)
		}
		f.RolloutsPerDay = advisor.KnownFrom(rate.perDay(), rate.source())
		if err := firstError(replicaSetErr, revisionErr); err != nil {
			f.RolloutsPerDay = partial[float64](err)
		}
	})
}

// firstError returns the first error.
func firstError(errs ...error) error {
	for _, err := range errs {
		if err != nil {
			return err
		}
	}
	return nil
}
