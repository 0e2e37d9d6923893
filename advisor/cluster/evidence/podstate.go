package evidence

import (
	"strings"
	"time"
	"unique"

	corev1 "k8s.io/api/core/v1"
)

// What a pod's trouble is called where the kubelet has no reason for it.
const (
	notReady   = "not ready"
	notStarted = "not started"
	restarting = "restarting"
	ended      = "ended"
)

// readState reads how the container of that name is. A pod without any status
// is taken for a running one: nobody has said otherwise.
func (s *PodSign) readState(p *corev1.Pod, container string) {
	unready := false
	for _, c := range p.Status.Conditions {
		if c.Type == corev1.PodReady {
			s.ready, unready = c.Status == corev1.ConditionTrue, c.Status == corev1.ConditionFalse
		}
	}
	for i := range p.Status.InitContainerStatuses {
		w := p.Status.InitContainerStatuses[i].State.Waiting
		if w != nil && w.Reason != "PodInitializing" {
			s.trouble = reasonText(w.Reason, notStarted)
		}
	}
	found := false
	for i := range p.Status.ContainerStatuses {
		c := &p.Status.ContainerStatuses[i]
		// Where no container has the name, the last start of all is the one that says
		// least about staleness, so it never makes a pod look older than it is.
		if c.Name == container || container == "" {
			found = true
			s.readContainer(c, unready)
		}
	}
	if !found && p.Status.Phase == corev1.PodPending && s.trouble == "" {
		s.trouble = notStarted
	}
}

func (s *PodSign) readContainer(c *corev1.ContainerStatus, unready bool) {
	if t := c.LastTerminationState.Terminated; t != nil && c.RestartCount > 0 {
		s.lastRun = max(t.FinishedAt.Sub(t.StartedAt.Time), time.Nanosecond)
	}
	switch {
	case c.State.Waiting != nil:
		if s.trouble == "" {
			s.trouble = reasonText(c.State.Waiting.Reason, notStarted)
		}
	case c.State.Terminated != nil:
		s.trouble = reasonText(c.State.Terminated.Reason, ended)
	case c.State.Running != nil:
		if at := c.State.Running.StartedAt.UTC(); at.After(s.started) {
			s.started = at
		}
		if !c.Ready && unready {
			s.trouble = notReady
		}
	}
}

// reasonText is a reason as the kubelet writes it, a word such as
// CrashLoopBackOff; anything else is replaced, since it goes into every file.
func reasonText(reason, otherwise string) string {
	letter := func(r rune) bool { return r >= 'a' && r <= 'z' || r >= 'A' && r <= 'Z' }
	if reason == "" || len(reason) > 40 || strings.ContainsFunc(reason, func(r rune) bool { return !letter(r) }) {
		return otherwise
	}
	return unique.Make(reason).Value()
}

// backOffReset is how long a container runs until the kubelet forgets that it
// crashed (kubernetes.io/docs, Pod Lifecycle: 10 minutes without any problem).
const backOffReset = 10 * time.Minute

// failing says why a pod does not prove that its mode is in force; empty if
// nothing speaks against it. Between two crashes kube-proxy runs for a moment and,
// having no readiness probe, is ready at once: until it has outlived its last run
// twice over it may end as it did then. A pod that the API server calls unready
// because its node is gone says nothing of kube-proxy.
func (s PodSign) failing(nodeDown bool, now time.Time) string {
	switch {
	case nodeDown:
		return ""
	case s.trouble != "":
		return s.trouble
	case s.lastRun > 0 && !s.started.IsZero() && !now.IsZero():
		if up := now.Sub(s.started); up >= 0 && up < min(2*s.lastRun, backOffReset) && s.lastRun < backOffReset {
			return restarting
		}
	}
	return ""
}
