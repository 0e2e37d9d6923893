package jobs

import (
	"context"
	"fmt"
	"strings"

	batchv1 "k8s.io/api/batch/v1"
	corev1 "k8s.io/api/core/v1"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"kpadvisor/plain"
)

// LabelEnforce is the label of a namespace whose value is the level of the Pod Security
// Standards that its pods have to keep.
const LabelEnforce = "pod-security.kubernetes.io/enforce"

// The levels of the Pod Security Standards.
const (
	Restricted = "restricted"
	Baseline   = "baseline"
	Privileged = "privileged"
)

// AdmissionRights are what it takes to know beforehand whether a namespace admits pods.
// Without them nobody does.
func AdmissionRights(namespace string) []Right {
	return []Right{
		{Verb: "get", Resource: "namespaces", Namespace: namespace, Why: "which pods the namespace admits", Optional: true},
		{Verb: "create", Resource: "pods", Namespace: namespace, Why: "whether the pods are admitted, in a dry run that makes none", Optional: true},
	}
}

// Admission says beforehand why a namespace does not admit the pods of a Job, which need
// the level privileged; nil if it does, or nobody can tell. It reads the namespace's
// labels and, where the user may create pods, lets the API server try one in a dry run:
// what is enforced by default no label says.
func (c *Client) Admission(ctx context.Context, j *batchv1.Job, mayCreatePods bool) error {
	var ns corev1.Namespace
	err := c.Get(ctx, Collection("Namespace", ""), j.Namespace, &ns)
	switch {
	case apierrors.IsNotFound(err):
		return plain.Fail(fmt.Sprintf("There is no namespace %s.", j.Namespace), "Name another with --namespace; --temporary-namespace makes one.", nil)
	case err != nil && !apierrors.IsForbidden(err):
		return fmt.Errorf("reading the namespace: %w", err)
	case err == nil && (ns.Labels[LabelEnforce] == Baseline || ns.Labels[LabelEnforce] == Restricted):
		return NotAdmitted(j.Namespace, fmt.Sprintf("its label %s is %s", LabelEnforce, ns.Labels[LabelEnforce]))
	case !mayCreatePods:
		return nil
	}
	p := corev1.Pod{
		TypeMeta:   metav1.TypeMeta{APIVersion: "v1", Kind: "Pod"},
		ObjectMeta: *j.Spec.Template.ObjectMeta.DeepCopy(), Spec: j.Spec.Template.Spec,
	}
	p.Name, p.Namespace = j.Name, j.Namespace
	err = c.API.Try(ctx, Collection("Pod", j.Namespace), p)
	switch {
	case err == nil:
		return nil
	case Insecure(err.Error()):
		return NotAdmitted(j.Namespace, ErrorText(err))
	case apierrors.IsForbidden(err), apierrors.IsInvalid(err):
		return plain.Fail(fmt.Sprintf("Namespace %s does not admit the pods: %s.", j.Namespace, ErrorText(err)), "Ask whoever set that limit, or use another namespace with --namespace.", err)
	}
	return nil // a dry run that some webhook cannot do, for instance: it has to be tried
}

// Insecure reports whether a refusal of a pod is that of the Pod Security Standards.
func Insecure(refusal string) bool { return strings.Contains(refusal, "violates PodSecurity") }

// NotAdmitted is that a namespace does not admit pods that need the level privileged, and
// which label lets them in.
func NotAdmitted(namespace, why string) *plain.Error {
	return plain.Fail(
		fmt.Sprintf("Namespace %s does not admit pods on the network of their node: %s.", namespace, why),
		fmt.Sprintf("\"kubectl label --overwrite namespace %s %s=%s\" admits them; --temporary-namespace makes a namespace that does.", namespace, LabelEnforce, Privileged),
		nil)
}
