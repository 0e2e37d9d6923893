package inspect

import (
	"bytes"
	"context"
	"fmt"
	"net/http"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	corev1 "k8s.io/api/core/v1"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"kpadvisor/advisor/node"
	"kpadvisor/apiserver"
	"kpadvisor/jobs"
	"kpadvisor/jobs/jobstest"
)

// reportOf is what an agent on a node in iptables mode writes.
func reportOf(name string) string {
	var b bytes.Buffer
	w := node.NewWriter(&b)
	w.Section("hostname", []byte("host-of-"+name), nil)
	w.Section("kube-proxy.mode", []byte("iptables"), nil)
	_ = w.Close() // into memory
	return b.String()
}

// agents writes a report in each pod, and ends it as a kubelet does.
func agents(p *jobstest.Pod) {
	p.Write(time.Now(), reportOf(p.Node))
	done(p, 0)
}

// done is the end of a pod.
func done(p *jobstest.Pod, code int32) {
	p.API.SetPod(p.Name, func(s *corev1.PodStatus) {
		s.Phase = corev1.PodSucceeded
		if code != 0 {
			s.Phase = corev1.PodFailed
		}
		s.ContainerStatuses[0].State = corev1.ContainerState{
			Terminated: &corev1.ContainerStateTerminated{ExitCode: code, Reason: "Error"},
		}
	})
}

func specOf(nodes ...string) Spec {
	return NewSpec(Spec{
		Pods:  jobs.Pods{Run: "test", Namespace: "default", Image: "registry.example/kpadvisor:v1"},
		Nodes: nodes, Start: 20 * time.Second,
	}, time.Now())
}

func impatience() patience {
	return patience{
		retry:   jobs.Retry{First: 10 * time.Millisecond, Last: 50 * time.Millisecond},
		look:    10 * time.Millisecond,
		outage:  2 * time.Second,
		refused: 100 * time.Millisecond,
		told:    300 * time.Millisecond,
		slack:   20 * time.Second,
		remove:  5 * time.Second,
	}
}

func session(t *testing.T, f *jobstest.API, spec Spec) *Session {
	t.Helper()
	s, err := NewSession(f.Client(t, apiserver.Options{Timeout: 2 * time.Second}), spec)
	if err != nil {
		t.Fatal(err)
	}
	s.patience = impatience()
	return s
}

// clean fails the test if anything is left.
func clean(t *testing.T, f *jobstest.API, s *Session) {
	t.Helper()
	if left := f.Left(); len(left) > 0 || len(s.Left()) > 0 {
		t.Errorf("left: %q, %v", left, s.Left())
	}
}

func TestReads(t *testing.T) {
	t.Parallel()
	f := jobstest.New(t, agents)
	s := session(t, f, specOf("a", "b", "c"))
	kept := map[string]string{}
	s.Keep = func(node string, report []byte) { kept[node] = string(report) }
	r, err := s.Run(t.Context())
	if err != nil || len(r.Reports) != 3 || len(r.Missing)+len(r.Cut) > 0 {
		t.Fatalf("%+v, %v", r, err)
	}
	for i, name := range []string{"a", "b", "c"} {
		if got := r.Reports[i]; got.Node != name || got.Mode.Or("") != "iptables" || !got.Whole {
			t.Errorf("%s: %+v", name, got)
		}
		if !strings.Contains(kept[name], "host-of-"+name) {
			t.Errorf("kept of %s: %q", name, kept[name])
		}
	}
	if p := s.Progress(); p.State != Finished || p.Done != 3 || p.Nodes != 3 {
		t.Errorf("%+v", p)
	}
	if s.memory.taken != 0 || s.memory.max == 0 {
		t.Errorf("memory: %d taken, at most %d", s.memory.taken, s.memory.max)
	}
	clean(t, f, s)
	if _, err := s.Run(t.Context()); err == nil {
		t.Error("it ran twice")
	}
}

// TestOneIsMissing: whatever is wrong with one node costs that node alone, is said, and
// leaves nothing behind.
func TestOneIsMissing(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		spoil func(f *jobstest.API, spec *Spec, s *Session)
		of    func(p *jobstest.Pod) // what runs on node b
		want  string
		cut   bool
	}{
		"no report": {
			of:   func(p *jobstest.Pod) { p.Write(time.Now(), "exec \x1b[31mformat error\n"); done(p, 1) },
			want: "Error: exit code 1: it wrote no report, but: exec format error",
		},
		"nothing at all": {of: func(p *jobstest.Pod) { done(p, 0) }, want: "it wrote no report: is kpadvisor in the image?"},
		"half a report": {
			of: func(p *jobstest.Pod) {
				text := reportOf(p.Node)
				p.Write(time.Now(), text[:len(text)-40])
				done(p, 137)
			},
			want: "exit code 137", cut: true,
		},
		"a report that never ends": {
			spoil: func(_ *jobstest.API, _ *Spec, s *Session) {
				s.patience.slack = 500*time.Millisecond - s.spec.Lasts()
			},
			of: func(p *jobstest.Pod) {
				text := reportOf(p.Node)
				p.Write(time.Now(), text[:len(text)-40])
				<-p.Killed
			},
			want: "no whole report within", cut: true,
		},
		"a pod that is not made": {
			spoil: func(f *jobstest.API, _ *Spec, _ *Session) {
				f.Schedule = func(p *corev1.Pod) {
					if p.Spec.NodeName == "b" {
						p.Status.Reason = "NeverMade"
					}
				}
				f.Events = []corev1.Event{{InvolvedObject: corev1.ObjectReference{Kind: "Job", Name: "kpadvisor-test-inspect-2"}, Type: "Warning", Reason: "FailedCreate", Message: "Error creating: exceeded quota: q"}}
			},
			want: "exceeded quota: q",
		},
		"a pod that does not start": {
			spoil: func(f *jobstest.API, spec *Spec, _ *Session) {
				spec.Start = time.Second
				f.Schedule = func(p *corev1.Pod) {
					if p.Spec.NodeName == "b" {
						p.Spec.NodeName = ""
						p.Status = corev1.PodStatus{Phase: corev1.PodPending, Conditions: []corev1.PodCondition{{Type: corev1.PodScheduled, Status: corev1.ConditionFalse, Reason: "Unschedulable", Message: "0/3 nodes are available."}}}
					}
				}
			},
			want: "Unschedulable: 0/3 nodes are available: not started within 1s",
		},
		"an image that is not there": {
			spoil: func(f *jobstest.API, _ *Spec, _ *Session) {
				f.Schedule = func(p *corev1.Pod) {
					if p.Spec.NodeName == "b" {
						p.Status = corev1.PodStatus{Phase: corev1.PodPending, ContainerStatuses: []corev1.ContainerStatus{{State: corev1.ContainerState{Waiting: &corev1.ContainerStateWaiting{Reason: "ImagePullBackOff", Message: "not found"}}}}}
					}
				}
			},
			want: "ImagePullBackOff: not found",
		},
		"a pod on another node": {
			spoil: func(f *jobstest.API, _ *Spec, _ *Session) {
				f.Schedule = func(p *corev1.Pod) {
					if p.Spec.NodeName == "b" {
						p.Spec.NodeName = "z"
					}
				}
			},
			want: "its pod runs on node z",
		},
		"a Job that is refused": {
			spoil: func(f *jobstest.API, _ *Spec, _ *Session) {
				f.Admit = func(path string, body []byte) *apierrors.StatusError {
					if bytes.Contains(body, []byte(`"values":["b"]`)) {
						return apierrors.NewBadRequest("a policy says no")
					}
					return nil
				}
			},
			want: "Job kpadvisor-test-inspect-2 was not created: a policy says no",
		},
		"a log that is too long for all": {
			spoil: func(_ *jobstest.API, _ *Spec, s *Session) { s.memory.most = 100_000 },
			of: func(p *jobstest.Pod) {
				text := reportOf(p.Node)
				p.Write(time.Now(), text[:100]+strings.Repeat("x\n", 100_000))
				<-p.Killed
			},
			want: "the reports of all nodes together are longer than", cut: true,
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			f := jobstest.New(t, func(p *jobstest.Pod) {
				if p.Node == "b" && c.of != nil {
					c.of(p)
					return
				}
				agents(p)
			})
			spec := specOf("a", "b", "c")
			s := session(t, f, spec)
			if c.spoil != nil {
				c.spoil(f, &s.spec, s)
			}
			r, err := s.Run(t.Context())
			if err != nil {
				t.Fatal(err)
			}
			said, reports := r.Missing, 2
			if c.cut {
				said, reports = r.Cut, 3
			}
			if len(r.Reports) != reports || len(said) != 1 || said[0].Node != "b" || !strings.Contains(said[0].Why, c.want) {
				t.Errorf("%d reports, missing %+v, cut %+v, want %q", len(r.Reports), r.Missing, r.Cut, c.want)
			}
			clean(t, f, s)
		})
	}
}

// TestBrokenLogs: a connection that breaks anywhere costs nothing; a log that was rotated
// meanwhile does, and is told.
func TestBrokenLogs(t *testing.T) {
	t.Parallel()
	f := jobstest.New(t, agents)
	calls := 0
	f.Logs = func(_ *jobstest.Pod, _ *http.Request, n int) (int, bool) {
		f.Mu.Lock()
		defer f.Mu.Unlock()
		calls++
		return min(n, 37*calls), n > 37*calls
	}
	s := session(t, f, specOf("a"))
	r, err := s.Run(t.Context())
	if err != nil || len(r.Reports) != 1 || !r.Reports[0].Whole || calls < 4 {
		t.Errorf("%+v, %v, after %d streams", r, err, calls)
	}
	clean(t, f, s)
}

func TestJournal(t *testing.T) {
	m := &memory{most: 20}
	j := journal{}
	for _, part := range []string{"abc", "def"} {
		if err := j.add([]byte(part), m); err != nil {
			t.Fatal(err)
		}
	}
	j.at = 0
	if err := j.add([]byte("abcdefgh"), m); err != nil || string(j.text) != "abcdefgh" {
		t.Errorf("%q, %v", j.text, err)
	}
	j.at = 0
	if err := j.add([]byte("abX"), m); err == nil || !final(err) {
		t.Errorf("another beginning: %v", err)
	}
	if err := j.add(bytes.Repeat([]byte("x"), 40), m); err == nil {
		t.Error("no bound")
	}
	m.give(len(j.text))
	if m.taken != 0 {
		t.Errorf("%d bytes are still taken", m.taken)
	}
}

// TestWaves: more nodes than are read at a time. Nodes that nobody can reach end it after
// the first of them.
func TestWaves(t *testing.T) {
	t.Parallel()
	var nodes []string
	for i := range atOnce + 5 {
		nodes = append(nodes, fmt.Sprintf("n%02d", i))
	}
	t.Run("all", func(t *testing.T) {
		t.Parallel()
		f := jobstest.New(t, agents)
		s := session(t, f, specOf(nodes...))
		r, err := s.Run(t.Context())
		if err != nil || len(r.Reports) != len(nodes) || f.Most > atOnce {
			t.Errorf("%d reports, %v, %d logs at once", len(r.Reports), err, f.Most)
		}
		clean(t, f, s)
	})
	t.Run("none", func(t *testing.T) {
		t.Parallel()
		f := jobstest.New(t, func(p *jobstest.Pod) { done(p, 1) })
		s := session(t, f, specOf(nodes...))
		r, err := s.Run(t.Context())
		if err == nil || !strings.Contains(err.Error(), "No node could be read: n00: Error: exit code 1") ||
			len(r.Missing) != len(nodes) ||
			r.Missing[atOnce].Why != "no node before it could be read" {
			t.Errorf("%+v, %v", r.Missing[atOnce:], err)
		}
		clean(t, f, s)
	})
}

// TestEnds: however it ends, nothing is left, and it says why.
func TestEnds(t *testing.T) {
	t.Parallel()
	t.Run("told to", func(t *testing.T) {
		t.Parallel()
		ctx, cancel := context.WithCancel(t.Context())
		f := jobstest.New(t, func(p *jobstest.Pod) {
			if p.Node == "a" {
				agents(p)
				return
			}
			<-p.Killed // and has nothing to say
		})
		s := session(t, f, specOf("a", "b"))
		s.Keep = func(string, []byte) { cancel() }
		r, err := s.Run(ctx)
		if err != nil || len(r.Reports) != 1 || len(r.Missing) != 1 {
			t.Errorf("%+v, %v", r, err)
		}
		clean(t, f, s)
	})
	t.Run("before it began", func(t *testing.T) {
		t.Parallel()
		ctx, cancel := context.WithCancel(t.Context())
		cancel()
		f := jobstest.New(t, agents)
		s := session(t, f, specOf("a"))
		if _, err := s.Run(ctx); err == nil {
			t.Error("no error")
		}
		clean(t, f, s)
	})
	t.Run("the API server is gone", func(t *testing.T) {
		t.Parallel()
		f := jobstest.New(t, func(p *jobstest.Pod) { <-p.Killed })
		s := session(t, f, specOf("a"))
		s.patience.remove = 500 * time.Millisecond
		var gone atomic.Bool
		var ended sync.WaitGroup
		t.Cleanup(ended.Wait)
		f.Answer = func(*http.Request) *apierrors.StatusError {
			if gone.Load() {
				return apierrors.NewServiceUnavailable("down")
			}
			return nil
		}
		f.Logs = func(_ *jobstest.Pod, _ *http.Request, n int) (int, bool) { // it reads, and there is nothing yet
			if gone.CompareAndSwap(false, true) {
				ended.Go(f.CloseClientConnections)
			}
			return n, false
		}
		_, err := s.Run(t.Context())
		if err == nil || !strings.Contains(err.Error(), "The API server has not answered for 2s") {
			t.Errorf("%v", err)
		}
		if left := s.Left(); len(left) == 0 || !strings.Contains(left[0].Remedy, "kpadvisor clean -n default") {
			t.Errorf("left %+v", left)
		}
	})
	t.Run("logs may not be read", func(t *testing.T) {
		t.Parallel()
		f := jobstest.New(t, agents)
		f.Answer = func(r *http.Request) *apierrors.StatusError {
			if strings.HasSuffix(r.URL.Path, "/log") {
				return apierrors.NewForbidden(
					corev1.Resource("pods/log"),
					"x",
					fmt.Errorf(`User "u" cannot get resource "pods/log"`),
				)
			}
			return nil
		}
		s := session(t, f, specOf("a"))
		_, err := s.Run(t.Context())
		if err == nil || !strings.Contains(err.Error(), "The logs of the pods cannot be followed") {
			t.Errorf("%v", err)
		}
		clean(t, f, s)
	})
}

// TestAdmission: a namespace that refuses the pods says so beforehand where it can be
// asked, and afterwards where not.
func TestAdmission(t *testing.T) {
	t.Parallel()
	f := jobstest.New(t, agents)
	for _, level := range []string{"baseline", "privileged"} {
		f.Put(
			"/api/v1/namespaces/"+level,
			"Namespace",
			&corev1.Namespace{ObjectMeta: metav1.ObjectMeta{Name: level, Labels: map[string]string{jobs.LabelEnforce: level}}},
		)
	}
	f.Denied = []string{"get nodes"}
	ask := func(namespace string) error {
		spec := specOf("a")
		spec.Namespace = namespace
		c := f.Client(t)
		answers, err := c.Review(t.Context(), spec.Rights())
		if err != nil || len(jobs.Denied(answers)) > 0 {
			t.Fatalf("%+v, %v", jobs.Denied(answers), err)
		}
		return spec.Admission(t.Context(), c, answers)
	}
	for namespace, want := range map[string]string{
		"default": "", "privileged": "", "none": "There is no namespace none",
		"baseline": "Namespace baseline does not admit pods on the network of their node: its label pod-security.kubernetes.io/enforce is baseline",
	} {
		err := ask(namespace)
		if (err == nil) != (want == "") || err != nil && !strings.Contains(err.Error(), want) {
			t.Errorf("%s: %v, want %q", namespace, err, want)
		}
	}
	f.Answer = func(r *http.Request) *apierrors.StatusError { // who may not read the namespace
		if r.Method == http.MethodGet && strings.HasPrefix(r.URL.Path, "/api/v1/namespaces/") &&
			strings.Count(r.URL.Path, "/") == 4 {
			return apierrors.NewForbidden(corev1.Resource("namespaces"), "x", fmt.Errorf("no"))
		}
		return nil
	}
	if err := ask("baseline"); err == nil || !strings.Contains(err.Error(), `violates PodSecurity "baseline:latest"`) {
		t.Errorf("by a dry run: %v", err)
	}
	if left := f.Left(); len(left) != 2 {
		t.Errorf("asking made %q", left)
	}
	f.Denied = append(f.Denied, "create pods", "get namespaces")
	if err := ask("baseline"); err != nil {
		t.Errorf("nobody could know: %v", err)
	}
	spec := specOf("a")
	spec.Namespace = "baseline"
	_, err := session(t, f, spec).Run(t.Context())
	if err == nil || !strings.Contains(err.Error(), "does not admit pods on the network of their node") {
		t.Errorf("afterwards: %v", err)
	}
}
