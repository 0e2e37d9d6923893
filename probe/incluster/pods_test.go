package incluster

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
		want   standing
	}{
		{"nothing yet", corev1.PodStatus{Phase: corev1.PodPending}, standing{why: "the pod is pending"}},
		{"no node", corev1.PodStatus{Phase: corev1.PodPending, Conditions: []corev1.PodCondition{{Type: corev1.PodScheduled, Status: corev1.ConditionFalse, Reason: "Unschedulable", Message: "0/2 nodes are available."}}}, standing{why: "Unschedulable: 0/2 nodes are available"}},
		{"pulling", waiting("ContainerCreating", ""), standing{why: "ContainerCreating"}},
		{"a pull that failed once", waiting("ErrImagePull", "not found"), standing{why: "ErrImagePull: not found"}},
		{"a pull that failed", waiting("ImagePullBackOff", "Back-off"), standing{why: "ImagePullBackOff: Back-off", hopeless: true}},
		{"runs as root", waiting("CreateContainerConfigError", "container has runAsNonRoot and image will run as root"), standing{why: "CreateContainerConfigError: container has runAsNonRoot and image will run as root", hopeless: true}},
		{"runs", corev1.PodStatus{Phase: corev1.PodRunning, ContainerStatuses: container(corev1.ContainerState{Running: &corev1.ContainerStateRunning{}})}, standing{started: true}},
		{"done", corev1.PodStatus{Phase: corev1.PodSucceeded, ContainerStatuses: ended(0, "Completed")}, standing{started: true, ended: true}},
		{"out of memory", corev1.PodStatus{Phase: corev1.PodFailed, ContainerStatuses: ended(137, "OOMKilled")}, standing{started: true, ended: true, why: "OOMKilled: exit code 137", hopeless: true}},
		{"evicted", corev1.PodStatus{Phase: corev1.PodFailed, Reason: "Evicted", Message: "The node was low on resource: memory. ", ContainerStatuses: ended(137, "Error")}, standing{started: true, ended: true, why: "Evicted: The node was low on resource: memory", hopeless: true}},
		{"evicted before it started", corev1.PodStatus{Phase: corev1.PodFailed, Reason: "UnexpectedAdmissionError"}, standing{ended: true, why: "UnexpectedAdmissionError", hopeless: true}},
		{"preempted", corev1.PodStatus{Phase: corev1.PodRunning, Conditions: disruption, ContainerStatuses: container(corev1.ContainerState{Running: &corev1.ContainerStateRunning{}})}, standing{started: true, why: "PreemptionByScheduler: preempting to accommodate a higher priority pod", hopeless: true}},
	} {
		if got := stands(c.status); got != c.want {
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
