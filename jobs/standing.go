package jobs

import (
	"cmp"
	"slices"
	"strconv"
	"strings"

	corev1 "k8s.io/api/core/v1"

	"kpadvisor/plain"
)

// Pod is as much of a pod as a run looks at: the rest is not kept, and mostly not
// decoded. The API server has no form of a pod with a status and without the rest.
type Pod struct {
	Metadata struct {
		Name        string            `json:"name"`
		Labels      map[string]string `json:"labels"`
		Annotations map[string]string `json:"annotations"`
	} `json:"metadata"`
	Spec struct {
		NodeName string `json:"nodeName"`
	} `json:"spec"`
	Status corev1.PodStatus `json:"status"`
}

// Standing is how a pod is doing.
type Standing struct {
	Started  bool   // its log can be read
	Ended    bool   // it runs no more
	Why      string // it does not start, or ended badly: in the words of the object
	Hopeless bool   // waiting longer will not help
}

// Stands reads a pod's status: what is said there of the reason, and no more.
func Stands(status corev1.PodStatus) Standing {
	s := Standing{Ended: status.Phase == corev1.PodSucceeded || status.Phase == corev1.PodFailed}
	for _, c := range status.Conditions {
		switch {
		case c.Type == corev1.DisruptionTarget && c.Status == corev1.ConditionTrue:
			s.Why, s.Hopeless = ReasonText(c.Reason, c.Message), true
		case c.Type == corev1.PodScheduled && c.Status == corev1.ConditionFalse:
			s.Why = ReasonText(c.Reason, c.Message)
		}
	}
	for _, c := range status.ContainerStatuses {
		s.container(c)
	}
	if status.Phase == corev1.PodFailed && status.Reason != "" { // Evicted, NodeLost, UnexpectedAdmissionError, ...
		s.Why, s.Hopeless = ReasonText(status.Reason, status.Message), true
	}
	if s.Why == "" && status.Phase == corev1.PodPending {
		s.Why = "the pod is pending"
	}
	return s
}

// container reads the status of a container.
func (s *Standing) container(c corev1.ContainerStatus) {
	switch {
	case c.State.Running != nil:
		s.Started = true
	case c.State.Terminated != nil:
		t := c.State.Terminated
		s.Started, s.Ended = true, true
		if t.ExitCode != 0 && s.Why == "" {
			s.Why, s.Hopeless = ReasonText(t.Reason, t.Message, "exit code "+strconv.Itoa(int(t.ExitCode))), true
		}
	case c.State.Waiting != nil:
		w := c.State.Waiting
		s.Why = ReasonText(w.Reason, w.Message)
		switch w.Reason {
		case "ImagePullBackOff", "InvalidImageName", "ErrImageNeverPull", "CreateContainerConfigError", "CreateContainerError", "RunContainerError", "CrashLoopBackOff":
			s.Hopeless = true
		}
	}
}

// ReasonText puts an object's reason and message into one clause.
func ReasonText(parts ...string) string {
	var out []string
	for _, p := range parts {
		if p = strings.TrimSuffix(plain.Line(p, MostText), "."); p != "" && !slices.Contains(out, p) {
			out = append(out, p)
		}
	}
	return strings.Join(out, ": ")
}

// refusal is why a Job's pods are not made, from its events; empty if nothing says so.
func refusal(events []corev1.Event) string {
	warnings := slices.DeleteFunc(slices.Clone(events), func(e corev1.Event) bool {
		return e.Type != corev1.EventTypeWarning || e.Reason != "FailedCreate"
	})
	if len(warnings) == 0 {
		return ""
	}
	slices.SortFunc(warnings, func(a, b corev1.Event) int {
		return cmp.Or(a.LastTimestamp.Compare(b.LastTimestamp.Time), a.EventTime.Compare(b.EventTime.Time), cmp.Compare(a.Name, b.Name))
	})
	return ReasonText(strings.TrimPrefix(warnings[len(warnings)-1].Message, "Error creating: "))
}
