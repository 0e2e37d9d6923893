package incluster

import (
	"context"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	corev1 "k8s.io/api/core/v1"
	discoveryv1 "k8s.io/api/discovery/v1"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/types"

	"kpadvisor/jobs"
	"kpadvisor/probe"
	"kpadvisor/probe/incluster"
)

// TestProbe: iptables beside nftables, on two real nodes, in a namespace that
// enforces the restricted Pod Security Standard; the result is whole, evidence for
// an audit, and nothing is left.
func TestProbe(t *testing.T) {
	t.Parallel()
	ns := namespace(t, "pod-security.kubernetes.io/enforce", "restricted")
	saved := filepath.Join(t.TempDir(), "run.json")
	p := complete(t, adminConfig(t), short(ns, "-o", "json", "--save", saved)...)
	gone(t, ns)
	d := p.document()
	if d.Partial || len(d.Targets) != 2 || len(d.Controls) != 2 {
		t.Fatalf("partial %v, %d targets, %d controls", d.Partial, len(d.Targets), len(d.Controls))
	}
	if d.Labels["modeA"] != "iptables" || d.Labels["modeB"] != "nftables" || d.Labels["modesFrom"] != "cluster" {
		t.Errorf("labels %v", d.Labels)
	}
	for i, from := range []string{"node-a", "node-b"} {
		target := d.Targets[i]
		if target.From != from || target.Kernel == "" || len(target.Errors) > 0 || len(target.Blocks) != 6 {
			t.Errorf("%s: from %q, kernel %q, errors %v, %d blocks", target.Name, target.From, target.Kernel, target.Errors, len(target.Blocks))
		}
		if n := target.Phases["handshake"].N; !d.planned(target.Requests, 6) || n < target.Requests-10 || target.Phases["total"].N != target.Requests {
			t.Errorf("%s: %d hits, %d handshakes, %d totals", target.Name, target.Requests, n, target.Phases["total"].N)
		}
		if control := d.Controls[i]; !d.planned(control.Requests, 6) || len(control.Errors) > 0 || !strings.HasPrefix(control.Address, "10.244.") {
			t.Errorf("control of %s: %+v", target.Name, control)
		}
	}
	if d.Controls[0].Address == d.Controls[1].Address || d.Targets[0].Address != d.Targets[1].Address {
		t.Errorf("targets %s and %s, controls %s and %s", d.Targets[0].Address, d.Targets[1].Address, d.Controls[0].Address, d.Controls[1].Address)
	}
	if c := d.Comparison["handshake"]; c.Over != "Services" || c.Units != [2]int{16, 16} || d.Direct["handshake"].Blocks != 6 {
		t.Errorf("compared %+v, %d blocks directly", c, d.Direct["handshake"].Blocks)
	}
	if len(d.Units) != 32 {
		t.Errorf("%d units of two nodes with 16 Services each", len(d.Units))
	}
	for _, u := range d.Units {
		if u.Node != "node-a" && u.Node != "node-b" || !strings.HasPrefix(u.Service, "10.") || u.N["handshake"] < 1 || u.N["handshake"] > 6 {
			t.Errorf("unit %+v", u)
		}
	}
	if !d.SelfCheck.Steal.Known { // whether it is usable is for this machine to say, which may be busy
		t.Errorf("self-check %+v", d.SelfCheck)
	}
	neverAtOnce(t, d)
	contains(t, "the notes", strings.Join(d.Notes, "\n"), "16 Services stand for that server", "at most 100 new connections per second", "internalTrafficPolicy Local")
	contains(t, "stderr", p.stderr.String(), "A: node-a, kube-proxy mode iptables", "B: node-b, kube-proxy mode nftables", "Load: at most 100", "Creating Job")

	shown := launch(t, "", "probe", "--from", saved).wait(0)
	contains(t, "the report", shown.stdout.String(), "A (iptables)", "B (nftables)", "from node-a", "Nodes and Services", "Control: the same pods without the Service")
	audit := launch(t, "", "audit", "--measured", saved, "--services", "100", "--kernel", d.Targets[0].Kernel, "--kubernetes-version", "1.37", "--proxy-mode", "iptables")
	<-audit.ended
	if d.SelfCheck.Usable && d.Overlap == "" {
		contains(t, "the report", shown.stdout.String(), "node-a against node-b")
		contains(t, "the audit", audit.stdout.String(), "from node-a", "from node-b")
	} else { // this machine was too busy, and that is no evidence
		contains(t, "the audit", audit.stderr.String(), "is no evidence: the run supports no conclusion")
	}
}

// neverAtOnce looks at the times of all blocks. On a busy machine a block may end late;
// then the result says so and is no evidence.
func neverAtOnce(t *testing.T, d measured) {
	t.Helper()
	type span struct{ from, to int64 }
	var all []span
	for _, target := range d.Targets {
		for _, b := range target.Blocks {
			all = append(all, span{b.AtNs, b.AtNs + b.LengthNs})
		}
	}
	slices.SortFunc(all, func(a, b span) int { return int(a.from - b.from) })
	for i := range all[1:] {
		if all[i].to > all[i+1].from && !d.busy() {
			t.Errorf("a block ends at %v, the next begins at %v", time.Duration(all[i].to), time.Duration(all[i+1].from))
		}
	}
}

// TestSlowNode: one node has a long list of rules that only the first packet of a
// connection passes, as a mode's list is passed. The difference has the sign and the
// size of it. (A delay would do, but not every kernel has netem.)
func TestSlowNode(t *testing.T) {
	c := cluster(t)
	ns := namespace(t)
	const (
		rules = 40_000
		// What one rule costs, with everything in the CPU's caches and with nothing.
		leastNs, mostNs = 2, 60
	)
	var list strings.Builder
	list.WriteString("table ip kpadvisor-slow { chain c { type nat hook prerouting priority -110;\n")
	for i := range rules {
		fmt.Fprintf(&list, "ip daddr 203.0.113.%d tcp dport %d accept\n", i%256, 1+i/256)
	}
	list.WriteString("}\n}\n")
	file := filepath.Join(t.TempDir(), "rules.nft")
	if err := os.WriteFile(file, []byte(list.String()), 0o600); err != nil {
		t.Fatal(err)
	}
	slow := c.Nodes[1]
	if err := slow.Run(t.Context(), "nft", "-f", file); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := slow.Run(context.Background(), "nft", "delete", "table", "ip", "kpadvisor-slow"); err != nil {
			t.Error(err)
		}
	})
	d := complete(t, adminConfig(t), short(ns, "-o", "json")...).document()
	got := d.Comparison["handshake"]
	t.Logf("node-a minus node-b: %d ns [%d, %d]", got.MedianDiffNs, got.LowNs, got.HighNs)
	if !got.Detected || got.MedianDiffNs > -rules*leastNs || got.MedianDiffNs < -rules*mostNs {
		t.Errorf("node-b has %d rules more, and node-a minus node-b is %+v", rules, got)
	}
}

// TestLive: while it runs, a session shows both sides as a local run does.
func TestLive(t *testing.T) {
	t.Parallel()
	c := cluster(t)
	ns := namespace(t)
	client, err := incluster.Connect(c.Admin)
	if err != nil {
		t.Fatal(err)
	}
	found, err := client.Nodes(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	for i := range found {
		found[i].Mode = c.Nodes[i].Mode
	}
	pair, err := incluster.Pick(found, incluster.Want{})
	if err != nil {
		t.Fatal(err)
	}
	plan := incluster.DefaultPlan()
	plan.Blocks, plan.Duration = 8, 2400*time.Millisecond
	spec := incluster.Spec{
		Pods: jobs.Pods{Namespace: ns, Image: testImage, PullPolicy: "Never"}, Pair: pair, Plan: plan, Guard: 250 * time.Millisecond,
	}
	var session *incluster.Session
	var seen watched
	for tries := range 3 { // a busy machine may come too late for too many rounds, as for complete
		if session, err = incluster.NewSession(client, incluster.NewSpec(spec, time.Now())); err != nil {
			t.Fatal(err)
		}
		seen = watch(t, session)
		if tries == 2 || session.Trouble() == nil || !strings.Contains(session.Trouble().Error(), tooLate) {
			break
		}
		t.Log("this machine was too busy: it is run again")
	}
	if seen.err != nil || seen.result.Partial || session.Trouble() != nil || len(session.Left()) > 0 {
		t.Fatalf("%v, partial %v, %v, left %v", seen.err, seen.result.Partial, session.Trouble(), session.Left())
	}
	for _, state := range []probe.State{incluster.Starting, probe.Measuring, incluster.Removing} {
		if !seen.states[state] {
			t.Errorf("state %q was never shown, only %v", state, seen.states)
		}
	}
	if seen.intervals[0] < 8 || seen.intervals[1] < 8 || len(seen.turns) != 2 {
		t.Errorf("%v intervals were seen, turns of %v", seen.intervals, seen.turns)
	}
	if _, err := session.Run(t.Context()); err == nil {
		t.Error("a session runs twice")
	}
}

// watched is what a session came to, and what it showed until then.
type watched struct {
	result    probe.Result
	err       error
	states    map[probe.State]bool
	turns     map[int]bool // of the sides, while they were measured
	intervals [2]int
}

// watch runs a session to its end and looks at it all the time.
func watch(t *testing.T, session *incluster.Session) watched {
	t.Helper()
	seen := watched{states: map[probe.State]bool{}, turns: map[int]bool{}}
	done := make(chan struct{})
	go func() {
		defer close(done)
		seen.result, seen.err = session.Run(t.Context())
	}()
	for {
		select {
		case <-done:
			return seen
		case <-time.After(50 * time.Millisecond):
			s := session.Snapshot()
			seen.states[s.State] = true
			for i := range seen.intervals {
				seen.intervals[i] = max(seen.intervals[i], len(s.Series[i].Intervals))
			}
			if s.State == probe.Measuring {
				seen.turns[s.Target] = true
			}
		}
	}
}

// web is a user's Service with two pods, one on each node.
const web = `
apiVersion: apps/v1
kind: Deployment
metadata: {name: web}
spec:
  replicas: 2
  selector: {matchLabels: {app: web}}
  template:
    metadata: {labels: {app: web}}
    spec:
      terminationGracePeriodSeconds: 1
      topologySpreadConstraints:
      - {maxSkew: 1, topologyKey: kubernetes.io/hostname, whenUnsatisfiable: DoNotSchedule, labelSelector: {matchLabels: {app: web}}}
      containers:
      - name: web
        image: ` + testImage + `
        imagePullPolicy: Never
        args: [agent, echo]
        readinessProbe: {tcpSocket: {port: 8080}, periodSeconds: 1}
---
apiVersion: v1
kind: Service
metadata: {name: web}
spec: {selector: {app: web}, ports: [{name: http, port: 80, targetPort: 8080}]}
`

// kubectl runs kubectl as the admin.
func kubectl(t *testing.T, stdin string, args ...string) string {
	t.Helper()
	cmd := exec.Command(nodes.Binaries.Path("kubectl"), args...)
	cmd.Env, cmd.Stdin = append(os.Environ(), "KUBECONFIG="+adminConfig(t)), strings.NewReader(stdin)
	out, err := cmd.CombinedOutput()
	if err != nil {
		t.Fatalf("kubectl %v: %v: %s", args, err, out)
	}
	return string(out)
}

// deployWeb makes the Service and waits until it has both of its pods: what kubectl
// calls rolled out may not be in its EndpointSlices yet.
func deployWeb(t *testing.T, ns string) {
	t.Helper()
	kubectl(t, web, "-n", ns, "apply", "-f", "-")
	kubectl(t, "", "-n", ns, "rollout", "status", "deployment/web", "--timeout=120s")
	await(t, "the endpoints of web", func() bool {
		list, err := nodes.Client.DiscoveryV1().EndpointSlices(ns).List(t.Context(), metav1.ListOptions{LabelSelector: discoveryv1.LabelServiceName + "=web"})
		if err != nil && !apierrors.IsServiceUnavailable(err) {
			t.Fatal(err)
		}
		ready := 0
		for _, slice := range list.Items {
			for _, e := range slice.Endpoints {
				if e.Conditions.Ready != nil && *e.Conditions.Ready {
					ready++
				}
			}
		}
		return ready == 2
	})
}

// TestRollout: a Service of the user's with its pods as the control, rolled out
// while it is measured.
func TestRollout(t *testing.T) {
	t.Parallel()
	c := cluster(t)
	ns := namespace(t)
	deployWeb(t, ns)
	p := launch(t, adminConfig(t), short(ns, "-o", "json", "--blocks", "20", "--duration", "6s", "--watch-rollout", "http://web:80/x")...)
	probing(t, ns)
	patch := fmt.Sprintf(`{"spec":{"template":{"metadata":{"annotations":{"rolled":%q}}}}}`, time.Now())
	if _, err := c.Client.AppsV1().Deployments(ns).Patch(t.Context(), "web", types.StrategicMergePatchType, []byte(patch), metav1.PatchOptions{}); err != nil {
		t.Fatal(err)
	}
	d := p.wait(0).document()
	if len(d.Windows) == 0 || len(d.Windows[0].Changes) < 2 || d.Windows[0].Targets[0].Requests == 0 || d.Windows[0].Targets[1].Requests == 0 {
		t.Errorf("windows %+v", d.Windows)
	}
	var what []string
	for _, w := range d.Windows {
		for _, change := range w.Changes {
			what = append(what, change.What)
		}
	}
	contains(t, "the changes", strings.Join(what, "\n"), "added", "removed")
	if len(d.Controls) != 0 || len(d.Targets[0].Blocks) != 20 || len(d.Targets[1].Blocks) != 20 {
		t.Errorf("%d controls, %d and %d blocks", len(d.Controls), len(d.Targets[0].Blocks), len(d.Targets[1].Blocks))
	}
}

// TestService: a Service of the user's, with its pods as the control.
func TestService(t *testing.T) {
	t.Parallel()
	cluster(t)
	ns := namespace(t)
	deployWeb(t, ns)
	d := complete(t, adminConfig(t), short(ns, "-o", "json", ns+"/web:http")...).document()
	for i, target := range d.Targets {
		n := target.Requests
		if !d.planned(n, 6) || len(target.Errors) > 0 || target.Phases["connect"].N != n || target.Phases["total"].N != n || !d.planned(d.Controls[i].Requests, 6) || len(d.Controls[i].Errors) > 0 {
			t.Errorf("%+v, control %+v", target, d.Controls[i])
		}
	}
	if d.Direct["handshake"].Blocks != 6 || d.Controls[0].Address != d.Controls[1].Address {
		t.Errorf("%d rounds compared directly, controls %+v", d.Direct["handshake"].Blocks, d.Controls)
	}
	contains(t, "the notes", strings.Join(d.Notes, "\n"), "the control connects to its 2 pods")
}

// TestTemporaryNamespace: the run makes its namespace and removes it.
func TestTemporaryNamespace(t *testing.T) {
	t.Parallel()
	c := cluster(t)
	args := slices.DeleteFunc(short("X", "--temporary-namespace"), func(s string) bool { return s == "--namespace" || s == "X" })
	p := launch(t, adminConfig(t), args...)
	var made string
	await(t, "the namespace", func() bool {
		list, err := c.Client.CoreV1().Namespaces().List(t.Context(), metav1.ListOptions{LabelSelector: managed})
		if err != nil {
			t.Fatal(err)
		}
		for _, n := range list.Items {
			made = n.Name
		}
		return made != ""
	})
	p.wait(0)
	await(t, "the end of the namespace", func() bool { return !exists(t, made) })
}

func exists(t *testing.T, ns string) bool {
	t.Helper()
	list, err := nodes.Client.CoreV1().Namespaces().List(t.Context(), metav1.ListOptions{})
	if err != nil {
		t.Fatal(err)
	}
	return slices.ContainsFunc(list.Items, func(n corev1.Namespace) bool { return n.Name == ns })
}

// TestDryRun: what is printed is what the API server would take, and nothing is
// created.
func TestDryRun(t *testing.T) {
	t.Parallel()
	cluster(t)
	ns := namespace(t, "pod-security.kubernetes.io/enforce", "restricted")
	args := slices.DeleteFunc(short(ns, "--dry-run=client", "-o", "yaml"), func(s string) bool { return s == "--yes" })
	p := launch(t, adminConfig(t), args...).wait(0)
	gone(t, ns)
	out := kubectl(t, p.stdout.String(), "-n", ns, "apply", "--dry-run=server", "--validate=strict", "-f", "-")
	if n := strings.Count(out, "created (server dry run)"); n != 3+incluster.DefaultServices || strings.Contains(out, "would violate") {
		t.Errorf("kubectl says:\n%s", out)
	}
	p = launch(t, adminConfig(t), "probe", "--in-cluster", "--image", testImage, "--namespace", ns).wait(2)
	contains(t, "stderr", p.stderr.String(), "Nobody can be asked", "--dry-run=client")
	gone(t, ns)
}
