package incluster

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"slices"
	"strings"
	"testing"
	"time"

	corev1 "k8s.io/api/core/v1"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/runtime/schema"

	"kpadvisor/apiserver"
	"kpadvisor/jobs"
	"kpadvisor/jobs/jobstest"
	"kpadvisor/plain"
	"kpadvisor/probe"
)

// pairOf is so many nodes on each side.
func pairOf(each int) Pair {
	p := Pair{A: Group{Name: "A", Mode: "iptables"}, B: Group{Name: "B", Mode: "nftables"}, Why: "Alike but for the mode."}
	for i := range each {
		p.A.Nodes = append(p.A.Nodes, jobs.Node{Name: fmt.Sprintf("a%d", i)})
		p.B.Nodes = append(p.B.Nodes, jobs.Node{Name: fmt.Sprintf("b%d", i)})
	}
	return p
}

// quickSpec is a run of six rounds of 0.24 s.
func quickSpec(each int) Spec {
	plan := DefaultPlan()
	plan.Blocks, plan.Duration, plan.WarmUp, plan.Rate = 6, 300*time.Millisecond, 0, 200
	return NewSpec(Spec{
		Pods: jobs.Pods{Run: "test", Namespace: "default", Image: "registry.example/kpadvisor:v1"}, Pair: pairOf(each), Plan: plan, Guard: 10 * time.Millisecond, Start: 3 * time.Minute,
		Service: &Service{Namespace: "shop", Name: "cart", Port: 80, Address: "127.0.0.1:80", Kind: probe.TCP, Backends: []string{"127.0.0.1:8080"}, All: 1},
	}, time.Now())
}

// impatience waits for little; for a line it waits as long as a busy machine may need
// (a test that is about silence says how long, see fakeAPI).
func impatience() patience {
	return patience{
		retry: jobs.Retry{First: 10 * time.Millisecond, Last: 50 * time.Millisecond}, quiet: 500 * time.Millisecond, silence: 30 * time.Second, idle: 30 * time.Second,
		outage: 5 * time.Second, refused: 300 * time.Millisecond, told: time.Second, remove: 10 * time.Second,
	}
}

// use makes a session work with another client and less patience.
func (s *Session) use(c *Client, p patience) {
	s.client, s.patience = c, p
	s.maker.Client, s.maker.Within = c.Client, p.remove
}

// run makes a session on the fake and runs it to its end.
func run(ctx context.Context, t *testing.T, f *fakeAPI, spec Spec) (*Session, probe.Result, error) {
	t.Helper()
	s, err := NewSession(f.client(t), spec)
	if err != nil {
		t.Fatal(err)
	}
	s.use(f.client(t, apiserver.Options{Timeout: 2 * time.Second}), impatience())
	if f.silence > 0 {
		s.patience.silence = f.silence
	}
	if f.idle > 0 {
		s.patience.idle = f.idle
	}
	result, err := s.Run(ctx)
	return s, result, err
}

// empty fails the test if anything of the run is left.
func (f *fakeAPI) empty() {
	f.T.Helper()
	for _, path := range f.Left() {
		f.T.Errorf("left: %s", path)
	}
}

// whole fails the test if a result has not all rounds, or other values than the
// script gives.
func whole(t *testing.T, r probe.Result, hits int64) {
	t.Helper()
	if r.Partial || len(r.Series) != 2 || len(r.Controls) != 2 {
		t.Fatalf("partial %v, %d series, %d controls", r.Partial, len(r.Series), len(r.Controls))
	}
	for i, s := range slices.Concat(r.Series, r.Controls) {
		want := int64(20_000 - 10_000*(i%2) - 5_000*(i/2))
		if n := len(s.Blocks); n != 6 || s.Requests != 6*hits || s.Phases[probe.Handshake].MinNs != want || s.Phases[probe.Handshake].MaxNs != want+2000 {
			t.Errorf("%s: %d blocks, %d hits, handshake %+v", s.Target.Name, n, s.Requests, s.Phases[probe.Handshake])
		}
	}
	direct, _ := r.Direct()
	if d := direct.Phases[probe.Handshake]; d.Blocks != 6 {
		t.Errorf("direct %v", d)
	}
}

func TestSession(t *testing.T) {
	t.Parallel()
	f := newFakeAPI(t)
	s, r, err := run(t.Context(), t, f, quickSpec(1))
	if err != nil || s.Trouble() != nil || len(s.Left()) > 0 {
		t.Fatalf("%v, %v, %v", err, s.Trouble(), s.Left())
	}
	whole(t, r, 10)
	f.empty()
	if r.Series[0].From != "a0" || r.Series[1].From != "b0" || r.Series[0].Conditions.Kernel != "6.1.0-test" || !r.SelfCheck.Usable {
		t.Errorf("from %q and %q, kernel %q, check %+v", r.Series[0].From, r.Series[1].From, r.Series[0].Conditions.Kernel, r.SelfCheck)
	}
	notes := strings.Join(r.Notes, "\n")
	for _, part := range []string{"the nodes' clocks are about", "its 1 pods in turn", "at most 200 new connections per second"} {
		if !strings.Contains(notes, part) {
			t.Errorf("%q is not in the notes:\n%s", part, notes)
		}
	}
	if snapshot := s.Snapshot(); snapshot.State != probe.Finished || snapshot.Turn != snapshot.Turns || len(snapshot.Series[0].Intervals) == 0 {
		t.Errorf("%+v", snapshot.Progress)
	}
}

// TestOwner: everything belongs to the first Job.
func TestOwner(t *testing.T) {
	t.Parallel()
	f := newFakeAPI(t)
	owners := map[string]string{}
	f.Admit = func(path string, body []byte) *apierrors.StatusError {
		var o metav1.PartialObjectMetadata
		if err := json.Unmarshal(body, &o); err != nil {
			t.Error(err)
		}
		for _, r := range o.OwnerReferences {
			owners[o.Name] = r.Kind + " " + r.Name
		}
		if o.Labels[jobs.LabelRun] != "test" || o.Labels[jobs.LabelManagedBy] != jobs.Program {
			t.Errorf("%s has the labels %v", path, o.Labels)
		}
		return nil
	}
	if _, _, err := run(t.Context(), t, f, quickSpec(1)); err != nil {
		t.Fatal(err)
	}
	if len(owners) != 1 || owners["kpadvisor-test-probe-b"] != "Job kpadvisor-test-probe-a" {
		t.Errorf("owners %v", owners)
	}
}

// TestLostAnswers: an object was created, and the answer got lost. It is not
// created again, and belongs to the run.
func TestLostAnswers(t *testing.T) {
	t.Parallel()
	f := newFakeAPI(t)
	lost := map[string]bool{}
	f.Lose = func(path string) bool {
		first := !lost[path]
		lost[path] = true
		return first
	}
	s, r, err := run(t.Context(), t, f, quickSpec(1))
	if err != nil || s.Trouble() != nil || len(s.Left()) > 0 || len(lost) != 2 {
		t.Fatalf("%v, %v, %v, lost %v", err, s.Trouble(), s.Left(), lost)
	}
	whole(t, r, 10)
	f.empty()
}

// TestManyNodes: of three identical nodes on each side one is evicted half-way. The
// run goes on without it and says so; nodes are compared, what the evicted one measured
// counts for one node, and no difference is detected.
func TestManyNodes(t *testing.T) {
	t.Parallel()
	f := newFakeAPI(t)
	f.agent = func(p *fakePod) {
		if p.Node == "b1" {
			p.measure(script{alike: true, rounds: 3, words: "OOM"})
			f.SetPod(p.Name, func(s *corev1.PodStatus) {
				s.Phase, s.Reason, s.Message = corev1.PodFailed, "Evicted", "The node was low on resource: memory."
				s.ContainerStatuses[0].State = corev1.ContainerState{Terminated: &corev1.ContainerStateTerminated{ExitCode: 137}}
			})
			return
		}
		p.measure(script{alike: true})
	}
	s, r, err := run(t.Context(), t, f, quickSpec(3))
	if err != nil || s.Trouble() != nil || r.Partial {
		t.Fatalf("%v, %v, partial %v", err, s.Trouble(), r.Partial)
	}
	if notes := strings.Join(r.Notes, "\n"); !strings.Contains(notes, "the pod on b1 is missing from some point on: Evicted: The node was low on resource: memory") || !strings.Contains(notes, "3 nodes on each side") {
		t.Errorf("notes:\n%s", notes)
	}
	rounds := map[string]int64{}
	for _, u := range r.Units {
		if u.Service != "127.0.0.1:80" || u.Series != strings.Index("ab", u.Node[:1]) {
			t.Errorf("unit %+v", u)
		}
		rounds[u.Node] = u.N[probe.Handshake]
	}
	if n := rounds["b1"]; len(rounds) != 6 || n < 1 || n >= 6 || rounds["b0"] != 6 || rounds["a1"] != 6 {
		t.Errorf("rounds %v", rounds)
	}
	if d := r.Compare(0, 1).Phases[probe.Handshake]; d.Over != probe.OverNodes || d.Units != [2]int{3, 3} || d.Detected || !d.Bounded {
		t.Errorf("%+v", d)
	}
	if r.Series[0].From != "a0, a1, a2" {
		t.Errorf("from %q", r.Series[0].From)
	}
	f.empty()
}

// TestTurns: more pods than logs may be read at once. They take turns, no line is lost,
// and lists come in pages.
func TestTurns(t *testing.T) {
	t.Parallel()
	f := newFakeAPI(t)
	spec := quickSpec(11)
	spec.Plan.Rate = 2000
	s, err := NewSession(f.client(t), spec)
	if err != nil {
		t.Fatal(err)
	}
	s.use(f.client(t, apiserver.Options{PageSize: 3}), impatience())
	s.reading = newReading(4, 22)
	s.reading.visit = 100 * time.Millisecond
	r, err := s.Run(t.Context())
	if err != nil || s.Trouble() != nil || len(s.Left()) > 0 {
		t.Fatalf("%v, %v, %v", err, s.Trouble(), s.Left())
	}
	whole(t, r, 110)
	if notes := strings.Join(r.Notes, "\n"); strings.Contains(notes, "never arrived") {
		t.Errorf("notes:\n%s", notes)
	}
	if f.Most > 8 || f.Longest > 3 { // a server notices a little later that a client has gone
		t.Errorf("%d logs were read at once, a page was of %d", f.Most, f.Longest)
	}
	made := 0
	for _, request := range f.Requests {
		if request == "POST /apis/batch/v1/namespaces/default/jobs" {
			made++
		}
	}
	if made != 4 { // ten nodes and one, on each side
		t.Errorf("%d Jobs", made)
	}
	f.empty()
}

// TestEchoServices: the Services of an echo server stand for the same servers, and
// the pods are told the addresses of all.
func TestEchoServices(t *testing.T) {
	t.Parallel()
	f := newFakeAPI(t)
	var told []probe.Target
	f.agent = func(p *fakePod) {
		p.orders.Targets = append(p.orders.Targets, probe.Target{Address: "127.0.0.1:8080"}) // as the echo server says
		f.Mu.Lock()
		told = append(told, p.orders.Targets[0])
		f.Mu.Unlock()
		p.measure(script{})
	}
	spec := quickSpec(1)
	spec.Service, spec.Services = nil, 3
	spec = NewSpec(spec, time.Now())
	_, r, err := run(t.Context(), t, f, spec)
	if err != nil {
		t.Fatal(err)
	}
	for _, target := range append(told, r.Series[0].Target, r.Series[1].Target) {
		if target.Address != "127.0.0.1:80" || target.Besides != "127.0.0.2:80,127.0.0.3:80" {
			t.Errorf("a target is %s and %s", target.Address, target.Besides)
		}
	}
	if len(told) != 2 || len(r.Units) != 2 || r.Units[0].Service != "127.0.0.1:80" || r.Units[1].Node != "b0" {
		t.Errorf("%d pods, units %+v", len(told), r.Units)
	}
	f.empty()
}

// TestStreams: logs that break anywhere and are told again, and logs in which
// something else stands.
func TestStreams(t *testing.T) {
	t.Parallel()
	for name, cut := range map[string]func(calls int, n int) (to int, cut bool){
		"cut within a line": func(calls, n int) (int, bool) { return n - n/3, calls%3 == 0 },
		"cut between lines": func(calls, n int) (int, bool) { return n, calls%4 == 0 },
		"garbage between":   nil,
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			f := newFakeAPI(t)
			// Of each pod by itself: a log that is told again must get beyond where it broke.
			calls := map[string]int{}
			if cut != nil {
				f.Logs = func(p *jobstest.Pod, _ *http.Request, n int) (int, bool) {
					f.Mu.Lock()
					defer f.Mu.Unlock()
					calls[p.Name]++
					return cut(calls[p.Name], n)
				}
			} else {
				f.agent = func(p *fakePod) {
					p.measure(script{change: func(*Line) {
						p.Write(time.Now(), "\x1b[31mwarning\xff\n\n{\"level\":\"info\"}\n{broken\n")
					}})
				}
			}
			s, r, err := run(t.Context(), t, f, quickSpec(1))
			if err != nil || s.Trouble() != nil {
				t.Fatalf("%v, %v", err, s.Trouble())
			}
			whole(t, r, 10)
		})
	}
}

// TestLostLines: a log that was rotated while nobody read it. A gap in the numbers
// is noticed, a line that is told again is not counted again.
func TestLostLines(t *testing.T) {
	t.Parallel()
	s, err := NewSession(newFakeAPI(t).client(t), quickSpec(1))
	if err != nil {
		t.Fatal(err)
	}
	src := s.roster.sources[0]
	for _, seq := range []int64{1, 2, 5, 5, 4, 9} {
		if err := s.take(src, mustLine(t, Line{Progress: &Stage{State: "x"}}, seq), time.Now()); err != nil {
			t.Fatal(err)
		}
	}
	if src.lost != 5 || src.lastSeq != 9 {
		t.Errorf("%d lines lost, last %d", src.lost, src.lastSeq)
	}
	if notes := strings.Join(s.mishaps(), "\n"); !strings.Contains(notes, "5 lines of the log of a pod never arrived") {
		t.Errorf("notes: %s", notes)
	}
}

// TestClocks: where clocks are further apart than the guard, the sides are not
// compared. What one side measured is as good as ever.
func TestClocks(t *testing.T) {
	t.Parallel()
	for ahead, want := range map[time.Duration]string{
		0:                       "within the guard of 10ms: the two sides never measured at the same time",
		800 * time.Millisecond:  "MORE THAN THE GUARD of 10ms",
		-800 * time.Millisecond: "MORE THAN THE GUARD of 10ms",
	} {
		t.Run(ahead.String(), func(t *testing.T) {
			t.Parallel()
			f := newFakeAPI(t)
			f.agent = func(p *fakePod) {
				if p.orders.Group == 1 {
					p.measure(script{ahead: ahead})
				} else {
					p.measure(script{})
				}
			}
			spec := quickSpec(1)
			if ahead == 0 {
				spec.Guard = 250 * time.Millisecond // this machine may be slow to read
				want = strings.ReplaceAll(want, "10ms", "250ms")
			}
			_, r, err := run(t.Context(), t, f, spec)
			if err != nil {
				t.Fatal(err)
			}
			whole(t, r, 10)
			notes := strings.Join(r.Notes, "\n")
			if !strings.Contains(notes, want) {
				t.Errorf("%q is not in the notes:\n%s", want, notes)
			}
			if ahead != 0 && !strings.Contains(notes, "about 7") && !strings.Contains(notes, "about 8") {
				t.Errorf("the clocks are 800ms apart:\n%s", notes)
			}
			direct, _ := r.Direct()
			for name, c := range map[string]probe.Comparison{"the sides": r.Compare(0, 1), "the controls": direct} {
				if d := c.Phases[probe.Handshake]; d.Usable != (ahead == 0) || !d.Usable && !strings.Contains(d.Why, "more than the guard") {
					t.Errorf("%s: usable %v, %s", name, d.Usable, d.Why)
				}
			}
			if cost, _ := r.Cost(0); !cost.Phases[probe.Handshake].Usable {
				t.Errorf("one side by itself: %s", cost.Phases[probe.Handshake].Why)
			}
			for _, series := range r.Series {
				for _, b := range series.Blocks { // whatever the clock says, by the session's own time
					if b.At < 0 || b.At > r.Elapsed+100*time.Millisecond {
						t.Errorf("a block at %v of %v", b.At, r.Elapsed)
					}
				}
			}
		})
	}
}

// TestTrouble: what ends a run early, in one sentence with the object's own
// reason; what was complete is kept, and nothing is left.
func TestTrouble(t *testing.T) {
	t.Parallel()
	pending := func(reason, message string) func(*corev1.Pod) {
		return func(p *corev1.Pod) {
			if strings.Contains(p.Name, "probe-b") {
				p.Spec.NodeName, p.Status = "", corev1.PodStatus{Phase: corev1.PodPending, Conditions: []corev1.PodCondition{
					{Type: corev1.PodScheduled, Status: corev1.ConditionFalse, Reason: reason, Message: message},
				}}
			}
		}
	}
	waiting := func(reason, message string) func(*corev1.Pod) {
		return func(p *corev1.Pod) {
			if strings.Contains(p.Name, "probe-b") {
				p.Status = corev1.PodStatus{Phase: corev1.PodPending, ContainerStatuses: []corev1.ContainerStatus{
					{Name: "agent", State: corev1.ContainerState{Waiting: &corev1.ContainerStateWaiting{Reason: reason, Message: message}}},
				}}
			}
		}
	}
	onB := func(s script) func(*fakePod) {
		return func(p *fakePod) {
			if p.orders.Group == 1 {
				p.measure(s)
			} else {
				p.measure(script{})
			}
		}
	}
	for name, c := range map[string]struct {
		arrange func(f *fakeAPI, s *Spec)
		want    string
		partial bool // something was complete
	}{
		"pending": {
			arrange: func(f *fakeAPI, s *Spec) {
				s.Start, f.Schedule = time.Second, pending("Unschedulable", "0/2 nodes are available: 1 Insufficient cpu.")
			},
			want: "The pods did not start: a pod: Unschedulable: 0/2 nodes are available: 1 Insufficient cpu: not started within 1s.",
		},
		"image": {
			arrange: func(f *fakeAPI, _ *Spec) {
				f.Schedule = waiting("ImagePullBackOff", "Back-off pulling image \"x\": ErrImagePull: not found")
			},
			want: "The pods did not start: the pod on b0: ImagePullBackOff: Back-off pulling image \"x\": ErrImagePull: not found.",
		},
		"no pod is made": {
			arrange: func(f *fakeAPI, _ *Spec) {
				f.Schedule = func(p *corev1.Pod) { p.Status.Reason = "NeverMade" }
				f.Events = []corev1.Event{{Type: "Warning", Reason: "FailedCreate", Message: "Error creating: pods \"x\" is forbidden: exceeded quota: q"}}
			},
			want: "Job kpadvisor-test-probe-a can make no pod: pods \"x\" is forbidden: exceeded quota: q.",
		},
		"the first pod cannot say hello": {
			arrange: func(f *fakeAPI, _ *Spec) {
				f.agent = func(p *fakePod) {
					p.Write(time.Now(), "exec format error\n")
					f.SetPod(p.Name, func(s *corev1.PodStatus) {
						s.Phase = corev1.PodFailed
						s.ContainerStatuses[0].State = corev1.ContainerState{Terminated: &corev1.ContainerStateTerminated{ExitCode: 1, Reason: "Error"}}
					})
				}
			},
			want: "Error: exit code 1: exec format error",
		},
		"its log comes after its end": {
			arrange: func(f *fakeAPI, _ *Spec) {
				f.agent = func(p *fakePod) {
					f.SetPod(p.Name, func(s *corev1.PodStatus) {
						s.Phase = corev1.PodFailed
						s.ContainerStatuses[0].State = corev1.ContainerState{Terminated: &corev1.ContainerStateTerminated{ExitCode: 1, Reason: "Error"}}
					})
					<-time.After(impatience().told / 4)
					p.Write(time.Now(), "exec format error\n")
				}
			},
			want: "Error: exit code 1: exec format error",
		},
		"another version": {
			arrange: func(f *fakeAPI, _ *Spec) {
				f.agent = func(p *fakePod) {
					p.Write(time.Now(), `{"v":7,"seq":1,"at":"2026-11-25T10:00:00Z","hello":{}}`+"\n")
					<-p.Killed
				}
			},
			want: "the agent in the image speaks version 7, this program version 1",
		},
		"another run": {
			arrange: func(f *fakeAPI, _ *Spec) { f.agent = onB(script{change: func(l *Line) { rename(l) }}) },
			want:    "What the pod on b0 says cannot be used: it is of another run.",
		},
		"silence": {
			arrange: func(f *fakeAPI, s *Spec) {
				s.Plan.Blocks, s.Plan.Duration, f.agent, f.silence = 100, 5*time.Second, onB(script{rounds: 3}), 6*time.Second
				f.Put("/api/v1/nodes/b0", "Node", &corev1.Node{ObjectMeta: metav1.ObjectMeta{Name: "b0"}, Status: corev1.NodeStatus{Conditions: []corev1.NodeCondition{
					{Type: corev1.NodeReady, Status: corev1.ConditionUnknown, Message: "Kubelet stopped posting node status."},
				}}})
			},
			want:    "A side cannot be measured any more: the pod on b0: no word for 6s: node b0 is NotReady: Kubelet stopped posting node status.",
			partial: true,
		},
		"only talk": {
			arrange: func(f *fakeAPI, s *Spec) {
				s.Plan.Blocks, s.Plan.Duration, f.agent, f.idle = 100, 5*time.Second, onB(script{rounds: 3, talks: true}), 6*time.Second
			},
			want:    "the pod on b0: it talks, and has told nothing that it measured for longer than its plan allows.",
			partial: true,
		},
		"evicted": {
			arrange: func(f *fakeAPI, s *Spec) {
				s.Plan.Blocks, s.Plan.Duration = 100, 5*time.Second
				f.agent = func(p *fakePod) {
					if p.orders.Group == 1 {
						time.AfterFunc(1500*time.Millisecond, p.Kill)
					}
					p.measure(script{})
					f.SetPod(p.Name, func(s *corev1.PodStatus) { // the kubelet tells the reason when the container has ended
						s.Phase, s.Reason, s.Message = corev1.PodFailed, "Evicted", "The node was low on resource: ephemeral-storage."
					})
				}
			},
			want:    "A side cannot be measured any more: the pod on b0: Evicted: The node was low on resource: ephemeral-storage.",
			partial: true,
		},
		"a crash": {
			arrange: func(f *fakeAPI, s *Spec) {
				s.Plan.Blocks, s.Plan.Duration = 100, 5*time.Second
				f.agent = func(p *fakePod) {
					if p.orders.Group == 0 {
						p.measure(script{})
						return
					}
					p.measure(script{rounds: 3, words: "fatal error: out of memory"})
					f.SetPod(p.Name, func(s *corev1.PodStatus) {
						s.Phase = corev1.PodFailed
						s.ContainerStatuses[0].State = corev1.ContainerState{Terminated: &corev1.ContainerStateTerminated{ExitCode: 2, Reason: "Error"}}
					})
				}
			},
			want:    "A side cannot be measured any more: the pod on b0: Error: exit code 2: fatal error: out of memory.",
			partial: true,
		},
		"an agent that fails": {
			arrange: func(f *fakeAPI, _ *Spec) {
				f.agent = func(p *fakePod) {
					out := &writer{to: lineWriter{p, time.Now}, now: time.Now}
					_ = out.write(Line{End: &End{Error: "not started: too few source ports"}})
					<-p.Killed
				}
			},
			want: "not started: too few source ports",
		},
		"they end too early": {
			arrange: func(f *fakeAPI, _ *Spec) {
				f.agent = func(p *fakePod) { p.orders.Rounds = 4; p.measure(script{}) }
			},
			want:    "The pods measured as long as they were told, and",
			partial: true,
		},
		"credentials expire": {
			arrange: func(f *fakeAPI, s *Spec) {
				s.Plan.Blocks, s.Plan.Duration = 100, 5*time.Second
				expire(f, 1500*time.Millisecond)
			},
			want:    "the API server does not accept the credentials any more (401 Unauthorized).",
			partial: true,
		},
		"logs are forbidden": {
			arrange: func(f *fakeAPI, _ *Spec) {
				f.Answer = func(r *http.Request) *apierrors.StatusError {
					if strings.HasSuffix(r.URL.Path, "/log") {
						return apierrors.NewForbidden(schema.GroupResource{Resource: "pods"}, "x", errors.New(`User "u" cannot get resource "pods/log"`))
					}
					return nil
				}
			},
			want: `The logs of the pods cannot be followed: pods "x" is forbidden: User "u" cannot get resource "pods/log".`,
		},
		"the API server stays away": {
			arrange: func(f *fakeAPI, s *Spec) {
				s.Plan.Blocks, s.Plan.Duration = 100, 5*time.Second
				away(f, 1500*time.Millisecond, time.Hour)
			},
			want:    "The API server has not answered for 5s:",
			partial: true,
		},
		"the second Job is refused": {
			arrange: func(f *fakeAPI, _ *Spec) {
				f.Admit = func(path string, body []byte) *apierrors.StatusError {
					if strings.Contains(string(body), "probe-b\"") {
						return apierrors.NewForbidden(schema.GroupResource{Group: "batch", Resource: "jobs"}, "kpadvisor-test-probe-b", errors.New("exceeded quota: q, requested: count/jobs.batch=1"))
					}
					return nil
				}
			},
			want: `Job kpadvisor-test-probe-b was not created: jobs.batch "kpadvisor-test-probe-b" is forbidden: exceeded quota: q, requested: count/jobs.batch=1.`,
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			f, spec := newFakeAPI(t), quickSpec(1)
			c.arrange(f, &spec)
			s, r, err := run(t.Context(), t, f, spec)
			trouble := s.Trouble()
			if trouble == nil || !strings.Contains(trouble.Sentence, c.want) || trouble.Remedy == "" {
				t.Fatalf("trouble %+v, want %q (%v)", trouble, c.want, err)
			}
			if c.partial {
				if err != nil || !r.Partial || len(r.Series[0].Blocks) == 0 || len(r.Series[0].Blocks) != len(r.Series[1].Blocks) {
					t.Errorf("%v, partial %v, %d and %d blocks", err, r.Partial, len(r.Series[0].Blocks), len(r.Series[1].Blocks))
				}
			} else if !errors.As(err, new(*plain.Error)) {
				t.Errorf("error %v", err)
			}
			if left := s.Left(); name == "credentials expire" || name == "the API server stays away" {
				if len(left) == 0 || !strings.Contains(left[0].Sentence, "could not be removed") || !strings.Contains(left[0].Remedy, "kpadvisor clean -n default") {
					t.Errorf("left %+v", left)
				}
			} else if len(left) > 0 {
				t.Errorf("left %+v", left)
			} else {
				f.empty()
			}
		})
	}
}

// rename makes a hello one of another run.
func rename(l *Line) {
	if l.Hello != nil {
		l.Hello.Run = "other"
	}
}

// expire ends all log streams after a while, and lets nobody in from then on.
func expire(f *fakeAPI, after time.Duration) {
	at := time.Now().Add(after)
	f.Logs = func(_ *jobstest.Pod, _ *http.Request, n int) (int, bool) { return n, time.Now().After(at) }
	f.Answer = func(*http.Request) *apierrors.StatusError {
		if time.Now().After(at) {
			return apierrors.NewUnauthorized("Unauthorized")
		}
		return nil
	}
}

// away ends all log streams after a while, and answers nothing for another while.
func away(f *fakeAPI, after, lasts time.Duration) {
	at := time.Now().Add(after)
	is := func() bool { return time.Now().After(at) && time.Now().Before(at.Add(lasts)) }
	f.Logs = func(_ *jobstest.Pod, _ *http.Request, n int) (int, bool) { return n, is() }
	f.Answer = func(*http.Request) *apierrors.StatusError {
		if is() {
			panic(http.ErrAbortHandler)
		}
		return nil
	}
}

// TestOutage: the API server is away for a while, also while things are removed.
func TestOutage(t *testing.T) {
	t.Parallel()
	for _, after := range []time.Duration{0, 300 * time.Millisecond, 900 * time.Millisecond, 1700 * time.Millisecond} {
		t.Run(after.String(), func(t *testing.T) {
			t.Parallel()
			f := newFakeAPI(t)
			away(f, after, 700*time.Millisecond)
			s, r, err := run(t.Context(), t, f, quickSpec(1))
			if err != nil || s.Trouble() != nil || len(s.Left()) > 0 {
				t.Fatalf("%v, %v, %v", err, s.Trouble(), s.Left())
			}
			whole(t, r, 10)
			f.empty()
		})
	}
}

// TestCancel: whenever it is cancelled, nothing is left and nothing is lost.
func TestCancel(t *testing.T) {
	t.Parallel()
	for i := range 12 {
		after := time.Duration(i*i) * 15 * time.Millisecond
		t.Run(after.String(), func(t *testing.T) {
			t.Parallel()
			f := newFakeAPI(t)
			ctx, cancel := context.WithTimeout(t.Context(), after)
			defer cancel()
			s, r, err := run(ctx, t, f, quickSpec(1))
			if s.Trouble() != nil || len(s.Left()) > 0 {
				t.Errorf("%v, %v", s.Trouble(), s.Left())
			}
			f.empty()
			switch {
			case err != nil:
				if !errors.Is(err, context.DeadlineExceeded) {
					t.Error(err)
				}
			case !r.Partial && len(r.Series[0].Blocks) != 6:
				t.Errorf("not partial and of %d blocks", len(r.Series[0].Blocks))
			case len(r.Series[0].Blocks) == 0 || len(r.Series[0].Blocks) != len(r.Series[1].Blocks):
				t.Errorf("%d and %d blocks", len(r.Series[0].Blocks), len(r.Series[1].Blocks))
			}
		})
	}
}

// TestPause: rounds that end while it is paused do not count; the run is as long
// as it was planned, and later.
func TestPause(t *testing.T) {
	t.Parallel()
	f := newFakeAPI(t)
	s, err := NewSession(f.client(t), quickSpec(1))
	if err != nil {
		t.Fatal(err)
	}
	s.use(s.client, impatience())
	s.Pause(true)
	time.AfterFunc(2*time.Second, func() {
		if p := s.Snapshot().Progress; p.State != probe.Paused || !strings.Contains(p.Why, "do not count") {
			t.Errorf("%+v", p)
		}
		s.Pause(false)
	})
	r, err := s.Run(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	whole(t, r, 10)
	if r.Elapsed < 2*time.Second {
		t.Errorf("it took %v", r.Elapsed)
	}
}

// TestNotRemoved: what the API server will not let go is told.
func TestNotRemoved(t *testing.T) {
	t.Parallel()
	f := newFakeAPI(t)
	f.Answer = func(r *http.Request) *apierrors.StatusError {
		if r.Method == http.MethodDelete && strings.HasSuffix(r.URL.Path, "probe-b") {
			return apierrors.NewForbidden(schema.GroupResource{Group: "batch", Resource: "jobs"}, "kpadvisor-test-probe-b", errors.New("a policy keeps it"))
		}
		return nil
	}
	s, r, err := run(t.Context(), t, f, quickSpec(1))
	if err != nil || r.Partial {
		t.Fatal(err)
	}
	left := s.Left()
	if len(left) != 1 || !strings.Contains(left[0].Sentence, "Job kpadvisor-test-probe-b could not be removed: ") || !strings.Contains(left[0].Sentence, "a policy keeps it") {
		t.Errorf("left %+v", left)
	}
	f.empty() // it belonged to the first Job, which is gone
}

func TestClean(t *testing.T) {
	t.Parallel()
	f := newFakeAPI(t)
	c := f.client(t)
	spec := quickSpec(2)
	spec.Service, spec.Services, spec.Make, spec.Namespace, spec.By = nil, 1, true, "kpadvisor-test", "me"
	for _, o := range spec.objects([]string{"127.0.0.1:80"}) {
		if err := c.API.Create(t.Context(), jobs.Collection(o.Kind, spec.Namespace), o.Object, nil); err != nil {
			t.Fatal(err)
		}
	}
	foreign := spec.echoService(0)
	foreign.Name, foreign.Namespace, foreign.Labels = "foreign", "default", map[string]string{jobs.LabelManagedBy: "Helm", jobs.LabelRun: "x", jobs.LabelName: jobs.Program}
	if err := c.API.Create(t.Context(), jobs.Collection("Service", "default"), foreign, nil); err != nil {
		t.Fatal(err)
	}
	here, err := c.Leftovers(t.Context(), "default")
	if err != nil || len(here) != 0 {
		t.Errorf("in default: %v, %v", here, err)
	}
	all, err := c.Leftovers(t.Context(), "")
	if err != nil || len(all) != 5 || all[4].Kind != "Namespace" || all[0].Run != "test" || all[0].String() != "Job kpadvisor-test/kpadvisor-test-echo" {
		t.Errorf("everywhere: %v, %v", all, err)
	}
	if l := all[0]; l.By != "me" || !l.Running("", time.Now()) || !l.Running("you", time.Now()) || l.Running("me", time.Now()) || l.Running("", l.Until) {
		t.Errorf("%+v", l)
	}
	var told []string
	if err := c.Remove(t.Context(), all, func(l jobs.Leftover) { told = append(told, l.String()) }); err != nil || len(told) != 5 {
		t.Errorf("%v, told %v", err, told)
	}
	if left := f.Left(); len(left) != 1 {
		t.Errorf("%q are there, want the foreign Service", left)
	}
}
