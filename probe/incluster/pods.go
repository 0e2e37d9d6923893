package incluster

import (
	"cmp"
	"slices"
	"strconv"
	"strings"

	batchv1 "k8s.io/api/batch/v1"
	corev1 "k8s.io/api/core/v1"
)

// standing is how a pod is doing.
type standing struct {
	started  bool   // its log can be read
	ended    bool   // it runs no more
	why      string // it does not start, or ended badly: in the words of the object
	hopeless bool   // waiting longer will not help
}

// stands reads a pod's status: what is said there of the reason, and no more.
func stands(pod *corev1.Pod) standing {
	s := standing{ended: pod.Status.Phase == corev1.PodSucceeded || pod.Status.Phase == corev1.PodFailed}
	for _, c := range pod.Status.Conditions {
		switch {
		case c.Type == corev1.DisruptionTarget && c.Status == corev1.ConditionTrue:
			s.why, s.hopeless = reasonText(c.Reason, c.Message), true
		case c.Type == corev1.PodScheduled && c.Status == corev1.ConditionFalse:
			s.why = reasonText(c.Reason, c.Message)
		}
	}
	for _, c := range pod.Status.ContainerStatuses {
		s.container(c)
	}
	if pod.Status.Phase == corev1.PodFailed && pod.Status.Reason != "" { // Evicted, NodeLost, UnexpectedAdmissionError, ...
		s.why, s.hopeless = reasonText(pod.Status.Reason, pod.Status.Message), true
	}
	if s.why == "" && pod.Status.Phase == corev1.PodPending {
		s.why = "the pod is pending"
	}
	return s
}

// container reads the status of a container.
func (s *standing) container(c corev1.ContainerStatus) {
	switch {
	case c.State.Running != nil:
		s.started = true
	case c.State.Terminated != nil:
		t := c.State.Terminated
		s.started, s.ended = true, true
		if t.ExitCode != 0 && s.why == "" {
			s.why, s.hopeless = reasonText(t.Reason, t.Message, "exit code "+strconv.Itoa(int(t.ExitCode))), true
		}
	case c.State.Waiting != nil:
		w := c.State.Waiting
		s.why = reasonText(w.Reason, w.Message)
		switch w.Reason {
		case "ImagePullBackOff", "InvalidImageName", "ErrImageNeverPull", "CreateContainerConfigError", "CreateContainerError", "RunContainerError", "CrashLoopBackOff":
			s.hopeless = true
		}
	}
}

// reasonText puts an object's reason and message into one clause.
func reasonText(parts ...string) string {
	var out []string
	for _, p := range parts {
		if p = strings.TrimSuffix(plain(p), "."); p != "" && !slices.Contains(out, p) {
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
	return reasonText(strings.TrimPrefix(warnings[len(warnings)-1].Message, "Error creating: "))
}

// podPlace is which group and index a pod of the run has; false for a pod of the echo server.
func (s Spec) podPlace(pod *corev1.Pod) (group, index int, ok bool) {
	part, isProbe := strings.CutPrefix(pod.Labels[labelPart], partProbe)
	if !isProbe {
		return 0, 0, false
	}
	for g, of := range s.Pair.Groups() {
		if strings.ToLower(of.Name) == part {
			index, err := strconv.Atoi(pod.Annotations[completionIndex])
			return g, index, err == nil && index >= 0 && index < s.each()
		}
	}
	return 0, 0, false
}

const completionIndex = batchv1.JobCompletionIndexAnnotation
