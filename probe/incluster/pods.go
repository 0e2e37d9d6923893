package incluster

import (
	"cmp"
	"slices"
	"strconv"
	"strings"

	batchv1 "k8s.io/api/batch/v1"
	corev1 "k8s.io/api/core/v1"

	"kpadvisor/plain"
)

// pod is as much of a pod as a session looks at: the rest is not kept, and mostly not
// decoded. The API server has no form of a pod with a status and without the rest.
type pod struct {
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

// standing is how a pod is doing.
type standing struct {
	started  bool   // its log can be read
	ended    bool   // it runs no more
	why      string // it does not start, or ended badly: in the words of the object
	hopeless bool   // waiting longer will not help
}

// stands reads a pod's status: what is said there of the reason, and no more.
func stands(status corev1.PodStatus) standing {
	s := standing{ended: status.Phase == corev1.PodSucceeded || status.Phase == corev1.PodFailed}
	for _, c := range status.Conditions {
		switch {
		case c.Type == corev1.DisruptionTarget && c.Status == corev1.ConditionTrue:
			s.why, s.hopeless = reasonText(c.Reason, c.Message), true
		case c.Type == corev1.PodScheduled && c.Status == corev1.ConditionFalse:
			s.why = reasonText(c.Reason, c.Message)
		}
	}
	for _, c := range status.ContainerStatuses {
		s.container(c)
	}
	if status.Phase == corev1.PodFailed && status.Reason != "" { // Evicted, NodeLost, UnexpectedAdmissionError, ...
		s.why, s.hopeless = reasonText(status.Reason, status.Message), true
	}
	if s.why == "" && status.Phase == corev1.PodPending {
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
		if p = strings.TrimSuffix(plain.Line(p, mostText), "."); p != "" && !slices.Contains(out, p) {
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
func (s Spec) podPlace(p *pod) (group, index int, ok bool) {
	part, isProbe := strings.CutPrefix(p.Metadata.Labels[labelPart], partProbe)
	if !isProbe {
		return 0, 0, false
	}
	for g, of := range s.Pair.Groups() {
		if strings.ToLower(of.Name) == part {
			index, err := strconv.Atoi(p.Metadata.Annotations[completionIndex])
			first, wrong := strconv.Atoi(p.Metadata.Annotations[noteFirst])
			index += first
			return g, index, err == nil && wrong == nil && index >= 0 && index < s.each()
		}
	}
	return 0, 0, false
}

const completionIndex = batchv1.JobCompletionIndexAnnotation
