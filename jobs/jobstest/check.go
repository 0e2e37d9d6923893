package jobstest

import (
	"fmt"
	"strings"

	batchv1 "k8s.io/api/batch/v1"
	corev1 "k8s.io/api/core/v1"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/runtime/schema"
	"k8s.io/apimachinery/pkg/util/validation"
	"k8s.io/apimachinery/pkg/util/validation/field"
)

// check is what the real API server checks of what a session creates.
func (f *API) check(path, kind string, o metav1.Object) *apierrors.StatusError {
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
	case *corev1.Pod:
		if err := f.insecure(o); err != nil {
			return err
		}
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

// insecure is the admission of the Pod Security Standards, as far as a run meets it.
func (f *API) insecure(p *corev1.Pod) *apierrors.StatusError {
	ns, ok := f.objects["/api/v1/namespaces/"+p.Namespace]
	if !ok {
		return nil
	}
	level := ns.object.GetLabels()["pod-security.kubernetes.io/enforce"]
	if !p.Spec.HostNetwork || level != "baseline" && level != "restricted" {
		return nil
	}
	return apierrors.NewForbidden(schema.GroupResource{Resource: "pods"}, p.Name, fmt.Errorf("violates PodSecurity %q: host namespaces (hostNetwork=true)", level+":latest"))
}
