package incluster

import (
	"testing"

	batchv1 "k8s.io/api/batch/v1"
	corev1 "k8s.io/api/core/v1"
	schedulingv1 "k8s.io/api/scheduling/v1"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"kpadvisor/advisor/cluster/clustertest"
)

// TestNeverPreempts: what the real API server makes of the pods' priority. Only a
// PriorityClass can say that a pod never preempts; a pod that says so itself is refused.
func TestNeverPreempts(t *testing.T) {
	c := clustertest.Start(t)
	never := corev1.PreemptNever
	class := &schedulingv1.PriorityClass{ObjectMeta: metav1.ObjectMeta{Name: "polite"}, Value: 0, PreemptionPolicy: &never}
	if _, err := c.Client.SchedulingV1().PriorityClasses().Create(t.Context(), class, metav1.CreateOptions{}); err != nil {
		t.Fatal(err)
	}
	ns, err := c.Client.CoreV1().Namespaces().Create(t.Context(), &corev1.Namespace{ObjectMeta: metav1.ObjectMeta{GenerateName: "test-"}}, metav1.CreateOptions{})
	if err != nil {
		t.Fatal(err)
	}
	create := func(class string, policy *corev1.PreemptionPolicy) (*corev1.Pod, error) {
		spec := quickSpec(1)
		spec.PriorityClass = class
		j := spec.probeJob(0, 0, nil)
		p := &corev1.Pod{ObjectMeta: metav1.ObjectMeta{GenerateName: "test-"}, Spec: *j.Spec.Template.Spec.DeepCopy()}
		p.Annotations = map[string]string{batchv1.JobCompletionIndexAnnotation: "0"}
		p.Spec.PreemptionPolicy = policy
		return c.Client.CoreV1().Pods(ns.Name).Create(t.Context(), p, metav1.CreateOptions{})
	}
	if p, err := create("polite", nil); err != nil || p.Spec.PreemptionPolicy == nil || *p.Spec.PreemptionPolicy != never {
		t.Errorf("with the class: %v, %v", p.Spec.PreemptionPolicy, err)
	}
	if p, err := create("", nil); err != nil || *p.Spec.PreemptionPolicy != corev1.PreemptLowerPriority || *p.Spec.Priority != 0 {
		t.Errorf("without a class: %v, %v", p.Spec.PreemptionPolicy, err)
	}
	if _, err := create("", &never); !apierrors.IsForbidden(err) {
		t.Errorf("without a class, but with the policy: %v", err)
	}
}
