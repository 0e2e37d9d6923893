package jobs

import (
	"testing"
	"time"

	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
)

func TestStands(t *testing.T) {
	container := func(s corev1.ContainerState) []corev1.ContainerStatus { return []corev1.ContainerStatus{{State: s}} }
	waiting := func(reason, message string) corev1.PodStatus {
		return corev1.PodStatus{Phase: corev1.PodPending, ContainerStatuses: container(corev1.ContainerState{Waiting: &corev1.ContainerStateWaiting{Reason: reason, Message: message}})}
	}
	ended := func(code int32, reason string) []corev1.ContainerStatus {
		return container(corev1.ContainerState{Terminated: &corev1.ContainerStateTerminated{ExitCode: code, Reason: reason}})
	}
	disruption := []corev1.PodCondition{{Type: corev1.DisruptionTarget, Status: corev1.ConditionTrue, Reason: "PreemptionByScheduler", Message: "preempting to accommodate a higher priority pod."}}
	for _, c := range []struct {
		name   string
		status corev1.PodStatus
		want   Standing
	}{
		{"nothing yet", corev1.PodStatus{Phase: corev1.PodPending}, Standing{Why: "the pod is pending"}},
		{"no node", corev1.PodStatus{Phase: corev1.PodPending, Conditions: []corev1.PodCondition{{Type: corev1.PodScheduled, Status: corev1.ConditionFalse, Reason: "Unschedulable", Message: "0/2 nodes are available."}}}, Standing{Why: "Unschedulable: 0/2 nodes are available"}},
		{"pulling", waiting("ContainerCreating", ""), Standing{Why: "ContainerCreating"}},
		{"a pull that failed once", waiting("ErrImagePull", "not found"), Standing{Why: "ErrImagePull: not found"}},
		{"a pull that failed", waiting("ImagePullBackOff", "Back-off"), Standing{Why: "ImagePullBackOff: Back-off", Hopeless: true}},
		{"runs as root", waiting("CreateContainerConfigError", "container has runAsNonRoot and image will run as root"), Standing{Why: "CreateContainerConfigError: container has runAsNonRoot and image will run as root", Hopeless: true}},
		{"runs", corev1.PodStatus{Phase: corev1.PodRunning, ContainerStatuses: container(corev1.ContainerState{Running: &corev1.ContainerStateRunning{}})}, Standing{Started: true}},
		{"done", corev1.PodStatus{Phase: corev1.PodSucceeded, ContainerStatuses: ended(0, "Completed")}, Standing{Started: true, Ended: true}},
		{"out of memory", corev1.PodStatus{Phase: corev1.PodFailed, ContainerStatuses: ended(137, "OOMKilled")}, Standing{Started: true, Ended: true, Why: "OOMKilled: exit code 137", Hopeless: true}},
		{"evicted", corev1.PodStatus{Phase: corev1.PodFailed, Reason: "Evicted", Message: "The node was low on resource: memory. ", ContainerStatuses: ended(137, "Error")}, Standing{Started: true, Ended: true, Why: "Evicted: The node was low on resource: memory", Hopeless: true}},
		{"evicted before it started", corev1.PodStatus{Phase: corev1.PodFailed, Reason: "UnexpectedAdmissionError"}, Standing{Ended: true, Why: "UnexpectedAdmissionError", Hopeless: true}},
		{"preempted", corev1.PodStatus{Phase: corev1.PodRunning, Conditions: disruption, ContainerStatuses: container(corev1.ContainerState{Running: &corev1.ContainerStateRunning{}})}, Standing{Started: true, Why: "PreemptionByScheduler: preempting to accommodate a higher priority pod", Hopeless: true}},
	} {
		if got := Stands(c.status); got != c.want {
			t.Errorf("%s: %+v, want %+v", c.name, got, c.want)
		}
	}
}

func TestRefusal(t *testing.T) {
	at := func(s int) metav1.Time { return metav1.Time{Time: time.Unix(int64(s), 0)} }
	for want, events := range map[string][]corev1.Event{
		"": {{Type: "Normal", Reason: "SuccessfulCreate", Message: "Created pod"}, {Type: "Warning", Reason: "Other", Message: "x"}},
		"the last": {
			{Type: "Warning", Reason: "FailedCreate", Message: "Error creating: the last.", LastTimestamp: at(9)},
			{Type: "Warning", Reason: "FailedCreate", Message: "Error creating: the first", LastTimestamp: at(3)},
		},
	} {
		if got := refusal(events); got != want {
			t.Errorf("%q, want %q", got, want)
		}
	}
}
